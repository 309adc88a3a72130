"""Pages: low-code screens that a pack declares in JSON, so that the web face needs none of its own for a town's work.

Owns the shape of pages/NAME.json and its lint. A page is a list of sections (a register or query shown as a table,
cards, board, calendar, figures, league table or paste box) with actions. Draws nothing, reads no row: what a page may
read is asked of registers and people by whoever draws it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import DeploymentRefused
from engine.jsonfile import JsonFile
from engine.pages.lint import Lint
from engine.pages.model import Action, Card, Column, Details, Group, Measure, Page, Paste, Section, Source
from engine.pages.reading import page_of
from engine.records import Finding

__all__ = [
    "Action",
    "Card",
    "Column",
    "Details",
    "Group",
    "Measure",
    "Page",
    "Paste",
    "Section",
    "Source",
    "lint",
    "parse",
]


def parse(content: bytes, file: str = "page.json") -> Page:
    """The page in a file. Raises DeploymentRefused with what the lint found wrong."""
    source = JsonFile(content, file)
    Lint(source, None).page()
    if not source.sound:
        raise DeploymentRefused(source.findings)
    return page_of(source.data)


def lint(content: bytes, file: str, registers: Mapping[str, Any] | None = None) -> list[Finding]:
    """What is wrong in a page file. `registers`: schemas by name, None = field names are not checked."""
    source = JsonFile(content, file)
    Lint(source, registers).page()
    return source.findings
