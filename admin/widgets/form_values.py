"""What a form shows before and while it is filled in: what was typed, else what the case holds, else the default.

Owns that order for every field, lists of rows included; the same order `engine.forms.check` uses for what is
not posted. Says nothing about right or wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.forms import Field, Form
from engine.forms.model import INPUTS
from engine.forms.places import get, put

ROWS = 20  # empty rows a form may ask for at first
_MISSING = object()


def filled(spec: Form, data: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """Every declared value, nested; strings stay as typed."""
    return _level(spec.fields, dict(data), dict(context))


def _level(fields: Iterable[Field], data: Any, held: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in fields:
        if one.type == "group" and not one.key:
            found |= _level(one.children, data, held)
        elif one.type == "group":
            put(found, one.key, _level(one.children, get(data, one.key), get(held, one.key)))
        elif one.type == "dynamiclist" and one.key:
            put(found, one.key, _rows(one, _given(one, data, held)))
        elif one.type in INPUTS and one.key:
            put(found, one.key, _given(one, data, held))
    return found


def _given(one: Field, data: Any, held: Any) -> Any:
    typed = _MISSING if one.read_only else get(data, one.key, _MISSING)
    if typed is not _MISSING:
        return typed
    kept = get(held, one.key)
    return one.default if kept is None else kept


def _rows(one: Field, rows: Any) -> list[dict[str, Any]]:
    if rows is None:
        wanted = one.rules.get("repetitions")
        rows = [{} for _ in range(min(wanted, ROWS))] if type(wanted) is int else []
    return [_level(one.children, row, {}) for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
