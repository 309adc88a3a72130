"""The lint: what in a diagram cannot be honoured, and what a designer should look at (design promise 5).

Owns the order of the checks over a set of files; each module here owns one matter and reports through `Document`. A
finding has a stable code, the line, the element's id, and says what to do instead, in Chinese and English. An error
refuses deployment. Nothing is run.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.lint import activities, elements, events, expressions, flows, names, operations, references
from engine.bpmn.lint.document import Document
from engine.bpmn.model import Catalogue
from engine.bpmn.xml import parse
from engine.errors import InvalidFile
from engine.records import Finding

CHECKS = (elements, references, flows, events, activities, operations, expressions)


def lint(files: Mapping[str, bytes], catalogue: Catalogue | None = None) -> list[Finding]:
    """Findings of all BPMN files together, errors first in each file's order of lines."""
    findings: list[Finding] = []
    documents: list[Document] = []
    for name, content in files.items():
        try:
            documents.append(Document(name, parse(content, name)))
        except InvalidFile as problem:
            zh, en = problem.text("zh"), problem.text("en")
            findings.append(Finding(name, 1, "", "error", "unreadable", zh, en))
    for document in documents:
        for check in CHECKS:
            check.check(document)
    names.check(documents, catalogue or Catalogue())
    for document in documents:
        findings += sorted(document.findings, key=lambda f: (f.severity != "error", f.line))
    return findings
