"""Rows from a spreadsheet into a register: headings to fields, words to values, every bad line named.

Owns the reading of a line. Writing is one command for all lines (all or none); a line whose key is there already
changes that row, so the same file twice changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from admin.pages import asking
from admin.pages.asking import Row
from admin.pages.row_forms import shown
from admin.widgets import current, sheets
from engine.errors import InvalidForm, InvalidValue, LinliError
from engine.registers import Batch, Field, Register, RegisterSchema

_SPLIT = re.compile(r"[、,\uff0c;\uff1b\n]+")


@dataclass(slots=True)
class Line:
    """A line of the file: its number as a spreadsheet counts, its values, and why it is refused."""

    number: int
    values: Row
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Sheet:
    """A file as understood: the fields of its columns, headings that mean nothing here, and its lines."""

    fields: list[Field | None]
    unknown: list[str]
    lines: list[Line]

    @property
    def good(self) -> list[Line]:
        """Lines that can be written."""
        return [line for line in self.lines if not line.problems]

    @property
    def bad(self) -> list[Line]:
        """Lines that are refused."""
        return [line for line in self.lines if line.problems]


def read(register: Register, name: str, content: bytes) -> Sheet:
    """Understand a file; nothing is written. InvalidFile."""
    headings, rows = sheets.read(name, content)
    known = _headings(register)
    fields = [known.get(heading.strip().casefold()) for heading in headings]
    unknown = [h for h, found in zip(headings, fields, strict=True) if h and found is None]
    reader = _Reader(register)
    lines = [reader.line(number, fields, row) for number, row in enumerate(rows, 2)]
    return Sheet(fields, unknown, lines)


def write(register: Register, lines: Sequence[Line]) -> int:
    """Write the lines in one command, all or none; how many. Raises InvalidValue that names the line."""

    def plan(batch: Batch) -> int:
        name = register.schema.name
        for line in lines:
            try:
                before = _before(register, batch, line) if register.schema.key else {}
                row = batch.upsert(name, line.values) if register.schema.key else batch.insert(name, line.values)
                register.permitted(current.me().login, before, row)
            except LinliError as problem:
                where = _("第 %(n)d 行：%(why)s", n=line.number, why=explained(register.schema, problem))
                raise InvalidValue(reason=where) from problem
        return len(lines)

    return register.change(plan, current.me().login)


def _before(register: Register, batch: Batch, line: Line) -> Row:
    """The row with this key, {} when there is none; Forbidden when it belongs to a unit where the person may not
    write."""
    there = batch.get(register.schema.name, [line.values[key] for key in register.schema.key])
    if there is not None:
        current.demand(f"register:{register.schema.name}:write", there.get("unit"))
    return there or {}


def explained(schema: RegisterSchema, problem: LinliError) -> str:
    """A refusal with the fields' names in the reader's language."""
    locale = current.me().locale
    if not isinstance(problem, InvalidForm):
        return problem.text(locale)
    parts = [
        _(
            "%(what)s：%(said)s",
            what=asking.said(schema.by_key[k].label) if k in schema.by_key else k,
            said=wrong.text(locale),
        )
        for k, wrong in problem.errors.items()
    ]
    return _("；").join(parts)


def _headings(register: Register) -> dict[str, Field]:
    """Fields that the reader may fill in, by every heading they may have: key, Chinese, English."""
    found: dict[str, Field] = {}
    for one in shown(register.schema, True, register.sight(current.me().login).locked()):
        for name in (one.key, one.label.zh, one.label.en):
            found.setdefault(name.casefold(), one)
    return found


class _Reader:
    """Turns lines into rows; units are looked up by name once."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.units = {u.name: u.code for u in current.engine().people.tree()}
        self.permission = f"register:{register.schema.name}:write"

    def line(self, number: int, fields: Sequence[Field | None], cells: Sequence[str]) -> Line:
        """One line, with what is wrong in it."""
        values = {f.key: self._value(f, c) for f, c in zip(fields, cells, strict=True) if f and c.strip()}
        line = Line(number, values)
        try:
            checked = self.register.checked(values)
        except InvalidForm as problem:
            line.problems.append(explained(self.register.schema, problem))
            return line
        if not current.may(self.permission, checked.get("unit") if "unit" in self.register.schema.by_key else None):
            line.problems.append(_("您不能在这个单位登记。"))
        return line

    def _value(self, one: Field, cell: str) -> Any:
        text = cell.strip()
        if one.type == "choice":
            names: Mapping[str, str] = {n: o.value for o in one.options for n in (o.label.zh, o.label.en)}
            return names.get(text, text)
        if one.type == "unit":
            return self.units.get(text, text)
        if one.type == "person":
            found = current.engine().people.find(text)
            return found.login if found else text
        if one.type == "list":
            return [part.strip() for part in _SPLIT.split(text) if part.strip()]
        return text
