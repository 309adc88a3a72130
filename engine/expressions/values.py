"""The values that a case may hold, and their one tagged JSON form.

Owns the codec for variables, form data, payloads and register rows: None, bool, int up to 2^53, finite float,
Decimal, str, list (tuples become lists), dict with text keys, date, time, aware datetime, timedelta, Months. Plain
data goes through orjson untouched (a copy in Python made a 100 KB document slower than the engine); typed values
become `{"$date": "2026-11-21"}`. `check` is for values that come from outside: it also refuses the few types that
orjson would turn into text without asking (UUID, Enum).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from engine.calendars import iso
from engine.calendars.iso import Months
from engine.errors import InvalidValue, Said

__all__ = ["DEPTH", "LARGEST", "Months", "check", "dumps", "loads", "plain", "typed", "variables"]

LARGEST = 2**53  # beyond it a JSON reader, FEEL among them, rounds: such numbers are text (ID cards, for one)
_MONTHS = 9_999_999_999
DEPTH = 200  # nested lists and dicts; orjson stops at 254
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS
_STRICT = _OPTIONS | orjson.OPT_STRICT_INTEGER
_ESCAPE = "$plain"  # wraps a plain dict that would read as a tag
_TAG = b'{"$'
_NUL_WRITTEN = b"\\u0000"


def dumps(value: Any) -> bytes:
    """The tagged JSON of a value. Raises InvalidValue, which names the place."""
    tags = 0

    def tagged(item: Any) -> Any:
        nonlocal tags
        tags += 1
        return _tag(item)

    try:
        raw = orjson.dumps(value, tagged, _STRICT)
    except orjson.JSONEncodeError:
        check(value)  # says what and where; all that it lets pass is 2^53 itself, which orjson calls too large
        tags = 0
        raw = orjson.dumps(value, tagged, _OPTIONS)
    if _NUL_WRITTEN in raw:  # PostgreSQL keeps no NUL in text, and titles, keys and codes become text
        check(value)
    if b"null" in raw and not _finite(value):  # orjson writes nan and infinity as null
        check(value)
    if raw.count(_TAG) != tags:  # inside JSON text these three bytes only ever open a dict
        raw = orjson.dumps(_escaped(value), _tag, _OPTIONS)
    return raw


def loads(raw: bytes | str) -> Any:
    """The value of tagged JSON. Raises InvalidValue on text that is not JSON, or a tag that is not ours."""
    raw = raw.encode() if isinstance(raw, str) else raw
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as problem:
        raise InvalidValue(reason=str(problem)) from problem
    return _untagged(value) if _TAG in raw else value


def typed(text: str) -> Any:
    """The value of tagged JSON that a person typed. Unlike `loads` (whose text is our own) it takes no number that
    would be rounded on the way. Raises InvalidValue."""
    try:
        value = _untagged(json.loads(text, parse_constant=_no_json))
    except (ValueError, RecursionError) as problem:
        raise InvalidValue(reason=str(problem)) from problem
    check(value)
    return value


def _no_json(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def check(value: Any) -> None:
    """Raise InvalidValue, naming the place, unless the value is one that a case may hold."""
    waiting: list[tuple[Any, tuple[Any, ...]]] = [(value, ())]
    while waiting:
        item, path = waiting.pop()
        kind = type(item)
        if kind is dict:
            for key in item:
                if type(key) is not str:
                    raise _refusal(Said(f"键 {key!r:.80} 不是文字", f"the key {key!r:.80} is not text"), path)
                if reason := _leaf_trouble(key):
                    raise _refusal(reason, path)
            inside: Any = item.items()
        elif kind is list or kind is tuple:
            inside = enumerate(item)
        else:
            if reason := _leaf_trouble(item):
                raise _refusal(reason, path)
            continue
        if len(path) >= DEPTH:
            raise InvalidValue(reason=Said(f"嵌套超过 {DEPTH} 层", f"nested deeper than {DEPTH}"))
        waiting.extend((part, (*path, key)) for key, part in inside)


def variables(given: Any) -> dict[str, Any]:
    """A copy of what a caller gives as variables. Raises InvalidValue when it is no mapping, or holds what a case
    cannot."""
    if not isinstance(given, Mapping):
        reason = Said(
            f"变量应为名称到值的映射，而不是 {given!r:.80}",
            f"variables are a mapping of names to values, not {given!r:.80}",
        )
        raise InvalidValue(reason=reason)
    found = dict(given)
    check(found)
    return found


def plain(value: Any) -> Any:
    """Untagged JSON data for screens and exports: dates as ISO text, decimals as text that keeps every digit."""
    kind = type(value)
    if kind is dict:
        return {key: plain(part) for key, part in value.items()}
    if kind is list or kind is tuple:
        return [plain(part) for part in value]
    if kind in _WRITERS:
        return _WRITERS[kind](value)[1]
    return value


def _refusal(reason: Said, path: tuple[Any, ...]) -> InvalidValue:
    where = ".".join(map(str, path))
    return InvalidValue(reason=Said(f"{where}：{reason.zh}", f"{where}: {reason.en}") if path else reason)


_NOT_UNICODE = Said("不是 Unicode 文字", "text that is not Unicode")
_NUL = Said("含有空字符（NUL）", "it holds a NUL character")
_TOO_LARGE = Said("整数超过 2^53，请按文字保存", "a whole number beyond 2^53; keep it as text")
_TOO_LONG = Said("时长超过 8 亿年", "a duration of more than 800 million years")
_NO_ZONE = Said("日期时间没有时区", "a date and time without a zone")


def _leaf_trouble(item: Any) -> Said | None:
    """Why one value that is neither list nor dict cannot be kept; None when it can."""
    kind = type(item)
    if item is None or kind is bool or kind is date or kind is timedelta or kind is time:
        return None
    if kind is str:
        if "\0" in item:
            return _NUL
        return None if item.isascii() or _encodes(item) else _NOT_UNICODE
    if kind is int:
        return None if -LARGEST <= item <= LARGEST else _TOO_LARGE
    if kind is Months:
        return None if abs(item.months) <= _MONTHS else _TOO_LONG
    if kind is float or kind is Decimal:
        return None if math.isfinite(item) else Said(f"{item} 不是数", f"{item} is not a number")
    if kind is datetime:
        return None if item.utcoffset() is not None else _NO_ZONE
    name = f"{kind.__module__}.{kind.__qualname__}"
    return Said(f"{name} 不能作为值", f"a {name} is not a value")


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _finite(value: Any) -> bool:
    """Whether no float in plain data is nan or infinite; a tight loop: it runs on every document with a null."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        kind = type(item)
        if kind is dict:
            waiting.extend(item.values())
        elif kind is list or kind is tuple:
            waiting.extend(item)
        elif kind is float and not math.isfinite(item):
            return False
    return True


def _tag(item: Any) -> dict[str, Any]:
    if reason := _leaf_trouble(item):
        raise InvalidValue(reason=reason)
    name, content = _WRITERS[type(item)](item)
    return {name: content}


_WRITERS: dict[type, Callable[[Any], tuple[str, Any]]] = {
    date: lambda v: ("$date", v.isoformat()),
    datetime: lambda v: ("$datetime", v.isoformat()),
    time: lambda v: ("$time", v.isoformat()),
    timedelta: lambda v: ("$duration", iso.text_of(v)),
    Months: lambda v: ("$months", str(v)),
    Decimal: lambda v: ("$decimal", str(v)),
}
_READERS: dict[str, Callable[[str], Any]] = {
    "$date": date.fromisoformat,
    "$datetime": datetime.fromisoformat,
    "$time": time.fromisoformat,
    "$duration": lambda text: iso.period(text).delta,
    "$months": lambda text: _months(iso.period(text)),
    "$decimal": Decimal,
}


def _months(length: iso.Period) -> Months:
    return Months(-length.months if length.negative else length.months)


def _escaped(value: Any) -> Any:
    """A copy in which every plain dict that would read as a tag is wrapped."""
    kind = type(value)
    if kind is dict:
        copy = {key: _escaped(part) for key, part in value.items()}
        return {_ESCAPE: copy} if len(copy) == 1 and next(iter(copy)).startswith("$") else copy
    if kind is list or kind is tuple:
        return [_escaped(part) for part in value]
    return value


def _untagged(value: Any) -> Any:
    kind = type(value)
    if kind is list:
        return [_untagged(part) for part in value]
    if kind is not dict:
        return value
    if len(value) == 1:
        ((name, content),) = value.items()
        if name.startswith("$"):
            return _read(name, content)
    return {key: _untagged(part) for key, part in value.items()}


def _read(name: str, content: Any) -> Any:
    if name == _ESCAPE and type(content) is dict:
        return {key: _untagged(part) for key, part in content.items()}
    try:
        return _READERS[name](content)
    except (KeyError, TypeError, ValueError, InvalidOperation) as problem:
        raise InvalidValue(reason=f"{name}: {content!r:.80} cannot be read") from problem
