"""A row's values: checked against the schema, and turned into what is indexed.

Owns the meaning of the field types. Reads no database; whether a person or unit exists is asked of the caller.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from engine.errors import InvalidForm, InvalidValue, Said
from engine.expressions import values
from engine.registers.schema import Field, RegisterSchema

INDEXED_CHARS = 600  # of a text: PostgreSQL refuses index rows above 2.7 KB
THOUSANDTHS = 1000  # an indexed number is kept in thousandths
_UTC = ZoneInfo("UTC")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(.*)", re.S)

_TEXTS = {
    "required": ("请填写", "Please fill this in"),
    "text": ("应为文本", "This must be text"),
    "number": ("应为数字", "This must be a number"),
    "whole": ("应为整数", "This must be a whole number"),
    "min": ("不能小于 {limit}", "This must be at least {limit}"),
    "max": ("不能大于 {limit}", "This must be at most {limit}"),
    "date": ("应为日期，如 2026-11-21", "This must be a date such as 2026-11-21"),
    "datetime": ("应为日期和时间，如 2026-11-21 09:00", "This must be a date and time such as 2026-11-21 09:00"),
    "boolean": ("应为是或否", "This must be yes or no"),
    "choice": ("“{value}”不是可选项", "“{value}” is not one of the options"),
    "pattern": ("格式不对", "This does not have the right form"),
    "list": ("应为列表", "This must be a list"),
    "file": ("应为附件编号", "This must be the id of an attachment"),
    "json": ("无法保存：{reason}", "This cannot be kept: {reason}"),
    "unknown": ("台账没有这个字段", "The register has no such field"),
    "person": ("没有登录名为“{value}”的人员", "Nobody with the sign-in name “{value}” is registered"),
    "unit": ("没有编码为“{value}”的单位", "There is no unit with the code “{value}”"),
    "quota": ("不能少于已占用的 {limit}", "This must be at least the {limit} already taken"),
    "key": ("主键已被使用", "This key is already in use"),
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why one field of a row is refused."""

    code: str
    params: tuple[tuple[str, Any], ...] = ()

    def text(self, locale: str = "zh") -> str:
        """The sentence in the reader's language."""
        zh, en = _TEXTS[self.code]
        return (zh if locale.startswith("zh") else en).format(**dict(self.params))

    def __str__(self) -> str:
        return self.text("en")


class _Refused(Exception):
    """One value is wrong (never leaves this module)."""

    def __init__(self, code: str, **params: Any) -> None:
        self.wrong = Wrong(code, tuple(params.items()))


@dataclass(frozen=True, slots=True)
class Known:
    """What the caller knows of the outside: whether a login or a unit code exists; the zone of times without one."""

    person: Callable[[str], bool] = lambda login: True
    unit: Callable[[str], bool] = lambda code: True
    zone: ZoneInfo = _UTC


def clean(
    schema: RegisterSchema, given: Mapping[str, Any], before: Mapping[str, Any] | None = None, known: Known = Known()
) -> dict[str, Any]:
    """The whole row after `given` is laid over `before` (None: a new row, with the defaults).

    Every declared field is in the result. Raises InvalidForm with each field that is wrong, undeclared ones among them.
    """
    errors: dict[str, Any] = {key: Wrong("unknown") for key in given if key not in schema.by_key}
    row: dict[str, Any] = {}
    for field in schema.fields:
        value = given[field.key] if field.key in given else before.get(field.key) if before else field.default
        try:
            row[field.key] = _checked(field, value, known)
        except _Refused as refusal:
            errors[field.key] = refusal.wrong
    if errors:
        raise InvalidForm(errors)
    return row


def _checked(field: Field, value: Any, known: Known) -> Any:
    if is_empty(value):
        if field.required:
            raise _Refused("required")
        return nothing(field)
    return _READ[field.type](field, value, known)


def nothing(field: Field) -> Any:
    """What an empty field holds: lists are empty lists, so that a diagram may loop over them."""
    return [] if field.type in ("list", "file") else None


def read(field: Field, value: Any, known: Known = Known()) -> tuple[Any, Wrong | None]:
    """One value as it would be kept, and what is wrong with it."""
    try:
        return _checked(field, value, known), None
    except _Refused as refusal:
        return None, refusal.wrong


def is_empty(value: Any) -> bool:
    """Whether a field holds nothing: null, no items, blank text."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _text(field: Field, value: Any, known: Known) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise _Refused("text")
    text = str(value).strip()
    if field.pattern and not re.search(field.pattern, text):
        raise _Refused("pattern")
    _keepable(text)
    return text


def _number(field: Field, value: Any, known: Known) -> int | float | Decimal:
    number: Any = value if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else _parsed(value)
    if not math.isfinite(number):
        raise _Refused("number")
    if field.whole and number != int(number):
        raise _Refused("whole")
    if field.min is not None and number < field.min:
        raise _Refused("min", limit=f"{field.min:g}")
    if field.max is not None and number > field.max:
        raise _Refused("max", limit=f"{field.max:g}")
    if number == int(number) and not isinstance(number, int):
        number = int(number)
    if abs(number) > values.LARGEST / THOUSANDTHS:
        raise _Refused("max", limit=f"{values.LARGEST // THOUSANDTHS}")
    return number


def _parsed(value: Any) -> Decimal:
    if not isinstance(value, str):
        raise _Refused("number")
    try:
        return Decimal(value.strip().replace(",", ""))
    except InvalidOperation as problem:
        raise _Refused("number") from problem


def _date(field: Field, value: Any, known: Known) -> date:
    if isinstance(value, datetime):
        return value.astimezone(known.zone).date() if value.tzinfo else value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(_padded(value)[:10])
    except ValueError as problem:
        raise _Refused("date") from problem


def _padded(value: Any) -> str:
    """2026/1/2, 2026.1.2 and 2026年1月2日 as ISO, what follows kept; anything else as it is."""
    text = str(value).strip()
    if match := _DAY.match(text):
        year, month, day, rest = match.groups()
        return f"{year}-{int(month):02d}-{int(day):02d}{rest}"
    return text


def _datetime(field: Field, value: Any, known: Known) -> datetime:
    if not isinstance(value, datetime):
        try:
            value = datetime.fromisoformat(_padded(value))
        except ValueError as problem:
            raise _Refused("datetime") from problem
    return value if value.tzinfo else value.replace(tzinfo=known.zone)


def _boolean(field: Field, value: Any, known: Known) -> bool:
    if isinstance(value, bool):
        return value
    found = _BOOLEANS.get(str(value).strip().lower())
    if found is None:
        raise _Refused("boolean")
    return found


_BOOLEANS = {"true": True, "yes": True, "1": True, "是": True, "false": False, "no": False, "0": False, "否": False}


def _choice(field: Field, value: Any, known: Known) -> str:
    if any(o.value == value for o in field.options):
        return str(value)
    raise _Refused("choice", value=str(value)[:60])


def _person(field: Field, value: Any, known: Known) -> str:
    login = _text(field, value, known)
    if not known.person(login):
        raise _Refused("person", value=login[:60])
    return login


def _unit(field: Field, value: Any, known: Known) -> str:
    code = _text(field, value, known)
    if not known.unit(code):
        raise _Refused("unit", value=code[:60])
    return code


def _list(field: Field, value: Any, known: Known) -> list[str]:
    if not isinstance(value, list | tuple) or any(isinstance(v, dict | list | tuple | bool) for v in value):
        raise _Refused("list")
    items = [str(v).strip() for v in value if not is_empty(v)]
    for item in items:
        _keepable(item)
    return items


def _file(field: Field, value: Any, known: Known) -> list[str]:
    ids = [value] if isinstance(value, str) else value
    if not isinstance(ids, list | tuple) or not all(isinstance(i, str) and len(i) <= 80 for i in ids):
        raise _Refused("file")
    return list(ids)


def _json(field: Field, value: Any, known: Known) -> Any:
    _keepable(value)
    return value


def _keepable(value: Any) -> None:
    try:
        values.check(value)
    except InvalidValue as problem:
        raise _Refused("json", reason=problem.details["reason"]) from problem
    if isinstance(value, str) and "\0" in value:
        raise _Refused("json", reason="NUL")  # PostgreSQL has no such character


_READ: dict[str, Callable[[Field, Any, Known], Any]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "datetime": _datetime,
    "boolean": _boolean,
    "choice": _choice,
    "person": _person,
    "unit": _unit,
    "list": _list,
    "file": _file,
    "json": _json,
}


# ---- keys and indexes ----------------------------------------------------------------------------------------------


def key_of(schema: RegisterSchema, row: Mapping[str, Any]) -> str | None:
    """The declared key's values as one text, None when the register declares none. Every part must have a value."""
    if not schema.key:
        return None
    parts = [index_text(row.get(key)) for key in schema.key]
    missing = [key for key, part in zip(schema.key, parts, strict=True) if part is None]
    if missing:
        raise InvalidForm({key: Wrong("required") for key in missing})
    return "\x1f".join(str(part) for part in parts)


def part_of(schema: RegisterSchema, row: Mapping[str, Any]) -> str:
    """The partition that a row belongs to."""
    return (index_text(row.get(schema.part)) or "") if schema.part else ""


def index_text(value: Any) -> str | None:
    """A value as the text that is stored, compared and sorted by; None for nothing."""
    if is_empty(value):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return moment.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)[:INDEXED_CHARS]


def index_number(value: Any) -> int:
    """A number in thousandths. Raises InvalidValue when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not math.isfinite(value):
        raise InvalidValue(reason=Said(f"{value!r:.40} 不是数", f"{value!r:.40} is not a number"))
    return round(value * THOUSANDTHS)


def entries(schema: RegisterSchema, row: Mapping[str, Any]) -> list[tuple[str, str | None, int | None]]:
    """What a row contributes to register_value: (field, text, number), one line for each item of a list."""
    found: list[tuple[str, str | None, int | None]] = []
    for key in sorted(schema.indexed | set(schema.search)):
        field, value = schema.by_key[key], row.get(key)
        if schema.quota and key in (schema.quota.taken, schema.quota.limit):
            empty = 0 if key == schema.quota.taken else None  # both lines always exist: a reservation locks them
            found.append((key, None, empty if is_empty(value) else index_number(value)))
            continue
        if is_empty(value):
            continue
        if field.type == "number":
            found.append((key, None, index_number(value)))
        elif field.type == "list":
            found.extend((key, index_text(item), None) for item in dict.fromkeys(value or ()))
        else:
            found.append((key, index_text(value), None))
    return found
