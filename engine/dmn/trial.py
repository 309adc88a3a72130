"""What somebody typed for a decision's inputs, as the values that it takes.

Owns reading each text as its input's type. Without a type a text that is FEEL for a value (`12`, `"a"`, `[1, 2]`,
`date("2026-11-22")`) is that value; an input that the rules compare with texts takes it as text. Empty is null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.dmn.asking import Asked
from engine.errors import ExpressionFailed, InvalidValue, Said
from engine.expressions import feel, values

LONGEST = 10_000  # characters of one input

_CALLS = {
    "date": "date",
    "time": "time",
    "dateTime": "date and time",
    "dayTimeDuration": "duration",
    "yearMonthDuration": "duration",
}
_WRONG = {
    "number": Said("不是数字", "not a number"),
    "boolean": Said("请选“是”或“否”", "choose yes or no"),
    "date": Said("不是日期", "not a date"),
    "time": Said("不是时间", "not a time"),
    "dateTime": Said("不是日期时间", "not a date and time"),
    "dayTimeDuration": Said("不是时长，例如 P2DT3H", "not a duration such as P2DT3H"),
    "yearMonthDuration": Said("不是时长，例如 P1Y2M", "not a duration such as P1Y2M"),
    "": Said("不是 FEEL 的值；文字要加引号", "not a value in FEEL; text takes quotes"),
}

Problems = dict[str, Said]
Ask = Callable[[str, dict[str, Any]], Any]


def given(
    asked: Iterable[Asked], typed: Mapping[str, str], *, now: datetime, zone: ZoneInfo
) -> tuple[dict[str, Any], Problems]:
    """(variables, what is wrong by input). A path (`person.age`) becomes a context with that entry."""

    def ask(expression: str, variables: dict[str, Any]) -> Any:
        return feel.evaluate(expression, variables, now=now, zone=zone)

    found: dict[str, Any] = {}
    problems: Problems = {}
    for one in asked:
        text = typed.get(one.name, "").strip()
        value = _value(one, text, ask) if text else None
        if text and value is None:
            problems[one.name] = _WRONG[one.type]
        _put(found, one.name.split("."), value)
    return found, problems


def _value(one: Asked, text: str, ask: Ask) -> Any:
    """The value of a text; None when it is none of this type."""
    if len(text) > LONGEST:
        return None
    try:
        value = _read(one, text, ask)
        values.check(value)
    except (ExpressionFailed, InvalidValue):
        return None
    return value


def _read(one: Asked, text: str, ask: Ask) -> Any:
    if one.type == "string" or (not one.type and one.choices and not text.startswith('"')):
        return text
    if one.type == "boolean":
        return {"true": True, "false": False}.get(text)
    if one.type == "number":
        return ask("number(text)", {"text": text})
    if one.type in _CALLS:
        whole = f"{text}:00" if one.type in ("time", "dateTime") and text.count(":") == 1 else text  # a browser's
        return ask(f"{_CALLS[one.type]}(text)", {"text": whole})
    return ask(text, {})


def _put(found: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        inner = found.setdefault(name, {})
        if not isinstance(inner, dict):
            inner = found[name] = {}
        found = inner
    found.setdefault(path[-1], value)
