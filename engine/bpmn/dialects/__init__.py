"""Dialects: how each tool writes what an element is to do. One small module each.

Owns `translate`: a file's tree made native (`zeebe`), whatever tool drew it, with what was translated and what not.
The upload itself is never changed: the tree is parsed anew at each reading. Nothing above this package knows any
other dialect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from engine.bpmn.dialects import camunda, flowable, spiff
from engine.bpmn.dialects.draft import Draft
from engine.bpmn.xml import Element
from engine.records import Finding

__all__ = ["Reading", "translate"]

_DIALECTS: tuple[tuple[dict[str, str], Callable[[Draft], None]], ...] = (
    (camunda.TOOLS, camunda.translate),
    (flowable.TOOLS, flowable.translate),
    (spiff.TOOLS, spiff.translate),
)


@dataclass(frozen=True)
class Reading:
    """A file as the engine sees it."""

    root: Element
    tool: str = ""  # whose dialect it was, '' for the native one
    findings: tuple[Finding, ...] = ()  # of the translation: what became what, and what did not
    forms: dict[str, dict[str, Any]] = field(default_factory=dict)  # made of form fields: form-js JSON by id
    jobs: frozenset[str] = frozenset()  # elements whose job type may be provided later


def translate(root: Element, name: str = "") -> Reading:
    """Rewrite a parsed file in place."""
    written = etree.tostring(root)
    drafts = []
    for tools, rewrite in _DIALECTS:
        found = [tool for space, tool in tools.items() if f'"{space}"'.encode() in written]
        if found:
            draft = Draft(root, name, tuple(tools), found[0])
            rewrite(draft)
            drafts.append(draft)
    if not drafts:
        return Reading(root)
    findings = tuple(finding for draft in drafts for finding in draft.told())
    forms = {key: form for draft in drafts for key, form in draft.forms.items()}
    jobs = frozenset(job for draft in drafts for job in draft.jobs)
    return Reading(root, drafts[0].tool, findings, forms, jobs)
