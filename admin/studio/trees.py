"""A JSON document as a designer's form changes it: one value, one line more, one less, one up.

Owns paths (`sections.0.columns.2`) and what every such form can do to lists. What a document means is
`register_design`'s and `page_design`'s; the browser's half is frontend/src/designer.js.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import InvalidValue

Document = dict[str, Any]
Act = Callable[..., None]


def at(document: Any, path: str) -> Any:
    """What stands at a path; None where nothing does."""
    here = document
    for part in path.split(".") if path else ():
        if isinstance(here, list):
            here = here[int(part)] if part.isdecimal() and int(part) < len(here) else None
        else:
            here = here.get(part) if isinstance(here, dict) else None
    return here


def put(document: Document, path: str, value: Any) -> None:
    """Set a value; what is missing on the way is made, '' and None take the setting away."""
    *way, last = path.split(".")
    here: Any = document
    for part in way:
        here = _step(here, part)
    if isinstance(here, list):
        _within(here, last)
        here[int(last)] = value
    elif value in ("", None):
        here.pop(last, None)
    else:
        here[last] = value


def add(document: Document, path: str, value: Any) -> None:
    """One line more at the end of a list."""
    found = at(document, path)
    if not isinstance(found, list):
        put(document, path, found := [])
        found = at(document, path)
    found.append(value)


def drop(document: Document, path: str) -> None:
    """Take a line, or a setting, away."""
    way, _dot, last = path.rpartition(".")
    here = at(document, way)
    if isinstance(here, list):
        _within(here, last)
        del here[int(last)]
    elif isinstance(here, dict):
        here.pop(last, None)


def move(document: Document, path: str, by: int) -> None:
    """One line up (-1) or down (1), as far as the list goes."""
    way, _dot, last = path.rpartition(".")
    here = at(document, way)
    if isinstance(here, list):
        _within(here, last)
        line = here.pop(int(last))
        here.insert(max(0, int(last) + by), line)


def rename(document: Document, path: str, key: str) -> None:
    """Another name for a setting of a dict, in its place."""
    way, _dot, last = path.rpartition(".")
    here = at(document, way)
    if isinstance(here, dict) and last in here and key and key not in here:
        renamed = {key if name == last else name: value for name, value in here.items()}
        here.clear()
        here.update(renamed)


COMMON: Mapping[str, Act] = {"put": put, "add": add, "drop": drop, "move": move, "rename": rename}


def apply(document: Document, acts: Mapping[str, Act], act: str, args: list[Any]) -> None:
    """Do one of the acts ('' = none). InvalidValue for what no form asks."""
    if not act:
        return
    try:
        (acts | dict(COMMON))[act](document, *args)  # type: ignore[operator]
    except (KeyError, TypeError, ValueError, IndexError) as problem:
        raise InvalidValue(reason=f"{act} {json.dumps(args, ensure_ascii=False)[:200]}") from problem


def _step(here: Any, part: str) -> Any:
    if isinstance(here, list):
        _within(here, part)
        return here[int(part)]
    if not isinstance(here.get(part), dict | list):
        here[part] = {}
    return here[part]


def _within(here: list[Any], part: str) -> None:
    if not part.isdecimal() or int(part) >= len(here):
        raise ValueError(part)


def loosely(value: Any) -> str:
    """A value of any kind as one line that `frontend/src/designer.js` reads back: text as it is, all else as JSON."""
    if value is None:
        return ""
    if isinstance(value, str) and not _is_json(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
