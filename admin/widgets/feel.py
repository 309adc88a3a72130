"""FEEL for screens: one instant and one zone per request, over plain variables.

Owns the evaluator handed to `engine.forms`, so that a form's conditions and sums mean the same on every page.
Rules of a form stay the engine's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g

from admin.widgets import current
from engine.expressions import feel


def evaluate(expression: str, variables: Mapping[str, Any]) -> Any:
    """The value of an expression. ExpressionFailed."""
    return feel.evaluate(expression, dict(variables), now=_now(), zone=current.zone())


def _now() -> Any:
    if "linli_now" not in g:
        g.linli_now = current.now()
    return g.linli_now
