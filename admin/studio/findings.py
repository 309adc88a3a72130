"""Findings of the lint as the editors' JSON, the gravest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from admin import i18n
from engine.records import Finding

RANKS = ("error", "warning", "info")


def told(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """{file, line, element, severity, code, text} in the reader's language."""
    rows = sorted(findings, key=lambda f: (RANKS.index(f.severity), f.file, f.line))
    return [
        {
            "file": f.file,
            "line": f.line,
            "element": f.element,
            "severity": f.severity,
            "code": f.code,
            "text": f.text(i18n.locale()),
        }
        for f in rows
    ]
