"""The lint: what in a diagram cannot be honoured, and what a designer should look at (design promise 5).

Owns the order of the checks over a set of files; each module here owns one matter and reports through `Document`. A
finding has a stable code, the line, the element's id, and says what to do instead, in Chinese and English. An error
refuses deployment. Nothing is run.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.lint import (
    activities,
    choices,
    data,
    elements,
    events,
    expressions,
    flows,
    names,
    operations,
    pools,
    references,
    spelling,
    ways,
)
from engine.bpmn.lint.document import Document
from engine.bpmn.model import Catalogue
from engine.bpmn.reading import read
from engine.errors import InvalidFile
from engine.records import Finding

RANKS = ("error", "warning", "info")
CHECKS = (elements, references, flows, events, activities, operations, expressions, data, pools, ways, spelling)


def lint(files: Mapping[str, bytes], catalogue: Catalogue | None = None) -> list[Finding]:
    """Findings of all BPMN files together, errors first in each file's order of lines."""
    findings: list[Finding] = []
    documents: list[Document] = []
    for name, content in files.items():
        try:
            reading = read(content, name)
            documents.append(Document(name, reading.root, reading.jobs, reading.findings))
        except InvalidFile as problem:
            zh, en = problem.text("zh"), problem.text("en")
            findings.append(Finding(name, 1, "", "error", "unreadable", zh, en))
    for document in documents:
        for check in CHECKS:
            check.check(document)
    known = catalogue or Catalogue()
    for document in documents:
        choices.check(document, known)
    names.check(documents, known)
    for document in documents:
        findings += sorted(document.findings, key=lambda f: (RANKS.index(f.severity), f.line))
    return findings
