"""How rows become cases: a TOML file that says which column is which variable.

Owns the format of such files (docs/operator/import.md), the conversion of texts to typed values and the reasons a row
is rejected. Unknown columns are refused, not ignored: an export that changed its columns must be looked at.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine import parsers
from engine.errors import InvalidFile, LinliError, Said
from engine.imports.table import Line, Table

DATES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d")
REPORT = ("linli_line", "linli_reason")  # columns of a file of rejected rows, so that it can be mended and imported
SHANGHAI = ZoneInfo("Asia/Shanghai")
TYPES = ("text", "number", "integer", "boolean", "date", "datetime", "list")
LONGEST_ID = 200
_TRUE, _FALSE = ("1", "true", "yes", "y", "是", "有"), ("0", "false", "no", "n", "否", "无", "")


class Rejected(LinliError):
    """{column}: {reason}"""

    zh = "{column}:{reason_zh}"

    def __init__(self, column: str, reason: str, reason_zh: str) -> None:
        super().__init__(column=column, reason=reason, reason_zh=reason_zh)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.details["column"], self.details["reason"], self.details["reason_zh"])


@dataclass(frozen=True, slots=True)
class Source:
    """Where a variable comes from: a column, or a value that is the same for every row."""

    column: str = ""
    type: str = "text"
    value: Any = None
    values: dict[str, Any] = field(default_factory=dict)  # text in the column -> value
    otherwise: Any = None  # for a text that `values` does not name; None = reject the row
    required: bool = False
    separator: str = ";"


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping file. `open`, `target` and `close` name the columns a replay follows; `timer` the boundary event that
    stands for the target and `task` its task, which ends when the case is closed; `close_message` tells the case that
    it was closed outside (its key is the source id)."""

    id: str
    variables: dict[str, Source]
    process: str = ""
    zone: ZoneInfo = SHANGHAI
    dates: tuple[str, ...] = DATES
    ignore: tuple[str, ...] = ()
    open: str = ""
    target: str = ""
    close: str = ""
    timer: str = ""
    task: str = ""
    close_message: str = ""

    def columns(self) -> set[str]:
        """Every column it knows."""
        times = {self.open, self.target, self.close} - {""}
        return {self.id, *times, *self.ignore, *(s.column for s in self.variables.values() if s.column)}

    def check(self, table: Table) -> None:
        """Raise InvalidFile unless the table has the columns that the mapping uses, and no others."""
        absent = sorted(self.columns() - set(self.ignore) - set(table.columns))
        unknown = [name for name in table.columns if name not in self.columns() and name not in REPORT]
        if absent:
            reason = Said(f"缺少这些列：{'、'.join(absent)}", f"these columns are missing: {', '.join(absent)}")
            raise InvalidFile(name=table.path.name, reason=reason)
        if unknown:
            zh = f"不认识的列：{'、'.join(unknown)}。请在映射中写明，或列入 ignore"
            en = f"unknown columns: {', '.join(unknown)} (name them in the mapping, or under ignore)"
            raise InvalidFile(name=table.path.name, reason=Said(zh, en))

    def record(self, line: Line) -> Record:
        """The case a row describes; Rejected."""
        if line.trouble:
            raise Rejected("", line.trouble, f"列数不符（{line.trouble}）")
        return Record(
            line=line.number,
            id=self._id(line),
            variables={name: self._value(source, line) for name, source in self.variables.items()},
            opened=self._instant(self.open, line),
            target=self._instant(self.target, line),
            closed=self._instant(self.close, line),
        )

    def _id(self, line: Line) -> str:
        text = _text(line.cells.get(self.id), self.id)
        if not text:
            raise Rejected(self.id, "there is no source id", "缺少来源编号")
        if len(text) > LONGEST_ID:
            raise Rejected(self.id, "the source id is too long", "来源编号过长")
        return text

    def _value(self, source: Source, line: Line) -> Any:
        if not source.column:
            return source.value
        cell = line.cells.get(source.column)
        if cell in (None, ""):
            if source.required:
                raise Rejected(source.column, "it is empty", "不能为空")
            return None
        if source.values:
            return _translated(source, _text(cell, source.column))
        return _CONVERT[source.type](cell, source, self)

    def _instant(self, column: str, line: Line) -> datetime | None:
        """Naive UTC of a column's local time."""
        cell = line.cells.get(column) if column else None
        if cell in (None, ""):
            return None
        return _moment(cell, Source(column), self).astimezone(UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Record:
    """One case to be. Instants are naive UTC."""

    line: int
    id: str
    variables: dict[str, Any]
    opened: datetime | None = None
    target: datetime | None = None
    closed: datetime | None = None


# ---- reading the mapping -------------------------------------------------------------------------------------------


def read_mapping(path: str | Path) -> Mapping:
    """Read a mapping file. InvalidFile names what is wrong in it."""
    path = Path(path)
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise InvalidFile(name=str(path), reason=parsers.said(problem)) from problem
    try:
        return _mapping(raw)
    except (KeyError, TypeError, ValueError, ZoneInfoNotFoundError) as problem:
        raise InvalidFile(name=path.name, reason=f"{type(problem).__name__}: {problem}") from problem


def _mapping(raw: dict[str, Any]) -> Mapping:
    variables = {name: _source(name, given) for name, given in raw.pop("variables").items()}
    close_message = raw.pop("close_message", "")
    zone = ZoneInfo(raw.pop("zone", "Asia/Shanghai"))
    dates, ignore = tuple(raw.pop("dates", DATES)), tuple(raw.pop("ignore", ()))
    return Mapping(variables=variables, close_message=close_message, zone=zone, dates=dates, ignore=ignore, **raw)


def _source(name: str, given: Any) -> Source:
    source = Source(column=given) if isinstance(given, str) else Source(**given)
    if source.type not in TYPES:
        raise ValueError(f"{name}: the type {source.type!r} is none of {', '.join(TYPES)}")
    if not source.column and source.value is None:
        raise ValueError(f"{name}: neither a column nor a value")
    return source


# ---- values --------------------------------------------------------------------------------------------------------


def _text(cell: Any, column: str) -> str:
    text = "" if cell is None else str(cell).strip()
    if "\x00" in text:
        raise Rejected(column, "it contains a NUL character", "含有 NUL 字符")
    return text


def _translated(source: Source, text: str) -> Any:
    if text in source.values:
        return source.values[text]
    if source.otherwise is None:
        zh, en = (mark.join(source.values) for mark in ("、", ", "))
        raise Rejected(source.column, f"{text!r} is none of {en}", f"“{text}”不在可选值中（{zh}）")
    return source.otherwise


def _number(cell: Any, source: Source, mapping: Mapping) -> int | Decimal:
    text = _text(cell, source.column).replace(",", "")
    try:
        number = Decimal(text)
    except InvalidOperation as problem:
        raise Rejected(source.column, f"{text!r} is not a number", f"“{text}”不是数字") from problem
    if not number.is_finite() or abs(number) > 2**53:
        raise Rejected(source.column, f"{text} is too large for a number", f"数字 {text} 过大")
    return int(number) if number == number.to_integral_value() else number


def _integer(cell: Any, source: Source, mapping: Mapping) -> int:
    number = _number(cell, source, mapping)
    if not isinstance(number, int):
        raise Rejected(source.column, f"{number} is not a whole number", f"{number} 不是整数")
    return number


def _boolean(cell: Any, source: Source, mapping: Mapping) -> bool:
    text = str(cell).strip().lower()
    if text not in _TRUE and text not in _FALSE:
        raise Rejected(source.column, f"{text!r} is neither yes nor no", f"“{text}”不是“是”或“否”")
    return text in _TRUE


def _moment(cell: Any, source: Source, mapping: Mapping) -> datetime:
    """An aware instant. A local time that the clocks skipped does not exist; one they repeated means the first."""
    local = cell if isinstance(cell, datetime) else _parsed(_text(cell, source.column), source.column, mapping.dates)
    moment = local if local.tzinfo else local.replace(tzinfo=mapping.zone)
    if moment.astimezone(UTC).astimezone(moment.tzinfo).replace(tzinfo=None) != moment.replace(tzinfo=None):
        zh = f"{local} 在时区 {mapping.zone} 中不存在"
        raise Rejected(source.column, f"{local} does not exist in the zone {mapping.zone}", zh)
    return moment


def _parsed(text: str, column: str, formats: tuple[str, ...]) -> datetime:
    for one in formats:
        try:
            return datetime.strptime(text, one)
        except ValueError:
            continue  # perhaps the next format; when none fits, the row is rejected below
    raise Rejected(column, f"{text!r} is not a date and time", f"“{text}”不是有效的日期时间")


def _day(cell: Any, source: Source, mapping: Mapping) -> date:
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return cell
    return _moment(cell, source, mapping).date()


def _list(cell: Any, source: Source, mapping: Mapping) -> list[str]:
    parts = _text(cell, source.column).split(source.separator)
    return [part.strip() for part in parts if part.strip()]


_CONVERT: dict[str, Callable[[Any, Source, Mapping], Any]] = {
    "text": lambda cell, source, mapping: _text(cell, source.column),
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "date": _day,
    "datetime": _moment,
    "list": _list,
}
