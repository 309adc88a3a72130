"""Strings posted by a page to nested data: `rows.0.name=...` becomes `{"rows": [{"name": "..."}]}`.

Only declared fields are looked for. A page posts nothing for an empty checkbox or list, so every input gets a value
here: False, [] or None. What the strings mean is left to `answers.check`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from engine.forms import places
from engine.forms.model import INPUTS, SEVERAL, Field, Form

ROWS = 1_000


class Posted(Protocol):
    """A multi-dict, such as werkzeug's."""

    def getlist(self, key: str) -> list[Any]: ...
    def keys(self) -> Iterable[str]: ...


def decode(form: Form, posted: Posted) -> dict[str, Any]:
    """The declared fields' posted values, nested by their dotted names; lists of rows in the order of their numbers."""
    found: dict[str, Any] = {}
    _level(form.fields, posted, "", frozenset(posted.keys()), found)
    return found


def _level(
    fields: tuple[Field, ...], posted: Posted, prefix: str, names: frozenset[str], found: dict[str, Any]
) -> None:
    for field in fields:
        path = f"{prefix}{field.key}"
        if field.type == "group" and not field.key:
            _level(field.children, posted, prefix, names, found)
        elif not field.key:
            continue
        elif field.type == "group":
            inner: dict[str, Any] = {}
            places.put(found, field.key, inner)
            _level(field.children, posted, f"{path}.", names, inner)
        elif field.type == "dynamiclist":
            rows: list[dict[str, Any]] = []
            places.put(found, field.key, rows)
            for number in _numbers(path, names):
                rows.append({})
                _level(field.children, posted, f"{path}.{number}.", names, rows[-1])
        elif field.type in INPUTS:
            places.put(found, field.key, _value(field, [_typed(value) for value in posted.getlist(path)]))


def _numbers(path: str, names: frozenset[str]) -> list[int]:
    """The row numbers that occur below a list, one more than allowed at most: `check` refuses it."""
    starts = (name[len(path) + 1 :].partition(".")[0] for name in names if name.startswith(f"{path}."))
    numbers = {int(start) for start in starts if start.isdecimal() and len(start) <= 6}
    return sorted(numbers)[: ROWS + 1]


def _typed(value: Any) -> str:
    """Without NUL, which no keyboard types and no database keeps."""
    return str(value).replace("\0", "")


def _value(field: Field, values: list[str]) -> Any:
    if field.type in SEVERAL or (field.files and field.rules.get("multiple")):
        return [value for value in values if value != ""]
    if field.type == "checkbox":
        return values[-1] if values else False
    return values[-1] if values else None
