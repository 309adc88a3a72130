"""A form's data, checked: the one interpreter of forms, used by pages, the API and the engine alike.

Three walks over the fields. First every value is typed by itself; then conditions decide, in the form's order, what
is shown, and what is hidden goes; then rules are applied and expressions computed. Read-only fields get back what the
case holds, undeclared keys never enter. `evaluate(expression, variables)` is FEEL with the command's now and zone.
Nothing posted is trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import InvalidForm
from engine.forms import places
from engine.forms.kinds import LIST, Wrong, cast
from engine.forms.model import INPUTS, SEVERAL, Field, Form
from engine.forms.options import Evaluate
from engine.forms.problems import Problem
from engine.forms.rules import satisfied

Data = dict[str, Any]
_MISSING = object()


def check(form: Form, data: Mapping[str, Any], *, context: Mapping[str, Any], evaluate: Evaluate) -> Data:
    """The declared, shown fields' values, typed. Raises InvalidForm with {dotted path: Problem}; ExpressionFailed.

    `context`: what the case holds; a field that `data` does not name keeps that, or takes its default. A group with a
    path keeps the other entries of the case's value.
    """
    run = _Run(form, data, context, evaluate)
    run.show()
    result = run.judge()
    if run.problems:
        raise InvalidForm(run.problems)
    return result


def visible(form: Form, data: Mapping[str, Any], context: Mapping[str, Any], evaluate: Evaluate) -> set[str]:
    """The dotted paths (ids for parts without a key) of all that is shown, `rows.0.name` by row. ExpressionFailed."""
    run = _Run(form, data, context, evaluate)
    run.show()
    return run.shown


def settled(
    form: Form, data: Mapping[str, Any], context: Mapping[str, Any], evaluate: Evaluate
) -> tuple[set[str], Data]:
    """What is shown (as `visible`) and the values as they stand: typed, expressions computed, None for what is wrong.
    For redrawing a form while it is being filled in. ExpressionFailed."""
    run = _Run(form, data, context, evaluate)
    run.show()
    return run.shown, run.typed


@dataclass(slots=True)
class _Level:
    """The form itself, a group with a path, or one row of a list."""

    prefix: str  # '' or ending with a dot
    raw: Any  # what was posted here
    held: Any  # what the case holds here
    values: Data  # typed
    row: Data | None = None  # of the nearest list around
    number: int = 0


class _Run:
    """One form over one set of data."""

    def __init__(self, form: Form, data: Mapping[str, Any], context: Mapping[str, Any], evaluate: Evaluate) -> None:
        self.form, self.context, self.evaluate = form, dict(context), evaluate
        self.untyped: dict[str, Problem] = {}  # found while typing; counts only where the field is shown
        self.problems: dict[str, Problem] = {}
        self.shown: set[str] = set()
        self.levels: dict[str, _Level] = {}
        self.typed = self._enter(_Level("", data, self.context, {}), form.fields)

    # first walk: types

    def _enter(self, level: _Level, fields: tuple[Field, ...]) -> Data:
        """Type everything of a level."""
        self.levels[level.prefix] = level
        self._types(fields, level)
        return level.values

    def _types(self, fields: tuple[Field, ...], level: _Level) -> None:
        for field in fields:
            if field.type == "group" and not field.key:
                self._types(field.children, level)
            elif field.key and field.type == "group":
                places.put(level.values, field.key, self._group(field, level))
            elif field.key and field.type == "dynamiclist":
                places.put(level.values, field.key, self._rows(field, level))
            elif field.key and field.type in INPUTS:
                places.put(level.values, field.key, self._value(field, level))

    def _group(self, field: Field, level: _Level) -> Data:
        path, raw = field.path(level.prefix), places.get(level.raw, field.key)
        if raw is not None and not isinstance(raw, Mapping):
            self.untyped[path] = Problem("group")
        held = places.get(level.held, field.key)
        return self._enter(_Level(f"{path}.", raw, held, {}, level.row, level.number), field.children)

    def _rows(self, field: Field, level: _Level) -> list[Data]:
        path, rows = field.path(level.prefix), self._given(field, level)
        rows = [] if rows is None else rows
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows) or len(rows) > LIST:
            long = isinstance(rows, list) and len(rows) > LIST
            self.untyped[path] = Problem("too_many", {"limit": LIST}) if long else Problem("rows")
            return []
        return [self._row(field, level, row, number) for number, row in enumerate(rows)]

    def _row(self, field: Field, level: _Level, raw: Any, number: int) -> Data:
        values: Data = {}
        held = _held_row(field, places.get(level.held, field.key), raw, number)
        prefix = f"{field.path(level.prefix)}.{number}."
        return self._enter(_Level(prefix, raw, held, values, values, number), field.children)

    def _value(self, field: Field, level: _Level) -> Any:
        given = self._given(field, level)
        if field.read_only:
            return given
        try:
            return cast(field, given, self.evaluate)
        except Wrong as wrong:
            self.untyped[field.path(level.prefix)] = wrong.problem
            return [] if field.type in SEVERAL else None

    def _given(self, field: Field, level: _Level) -> Any:
        """What was posted; what the case holds when the field is read-only or nothing was posted; else the default."""
        posted = _MISSING if field.read_only else places.get(level.raw, field.key, _MISSING)
        return _held(field, level) if posted is _MISSING else posted

    # second walk: what is shown

    def show(self) -> None:
        """Settle what is shown; hidden values go, so that later conditions do not see them."""
        self._show(self.form.fields, self.levels[""])

    def _show(self, fields: tuple[Field, ...], level: _Level) -> None:
        for field in fields:
            path = field.path(level.prefix)
            if field.hide and self._true(field.hide, level):
                _forget(field, level.values)
                continue
            self.shown.add(path)
            if field.type == "group":
                self._show(field.children, self.levels[f"{path}."] if field.key else level)
            elif field.key and field.type == "dynamiclist":
                for number in range(len(places.get(level.values, field.key))):
                    self._show(field.children, self.levels[f"{path}.{number}."])
            elif field.key:
                self._settle(field, level, path)

    def _settle(self, field: Field, level: _Level, path: str) -> None:
        """Values that are not the person's own: computed ones, and those of a field that is read-only just now."""
        if field.type == "expression":
            places.put(level.values, field.key, self.evaluate(field.expression, self._scope(level)))
        elif field.read_only_when and self._true(field.read_only_when, level):
            places.put(level.values, field.key, _held(field, level))
            self.untyped.pop(path, None)

    def _true(self, expression: str, level: _Level) -> bool:
        return self.evaluate(expression, self._scope(level)) is True

    def _scope(self, level: _Level) -> Data:
        """What FEEL sees: the case, over it the form, over it the row."""
        row = level.row
        local = {} if row is None else {**row, "this": row, "i": level.number + 1}
        return {**self.context, **self.typed, **local}

    # third walk: rules

    def judge(self) -> Data:
        """The values that count, `problems` filled on the way."""
        found: Data = {}
        self._judge(self.form.fields, self.levels[""], found)
        return found

    def _judge(self, fields: tuple[Field, ...], level: _Level, found: Data) -> None:
        for field in fields:
            path = field.path(level.prefix)
            if path not in self.shown:
                continue
            if path in self.untyped:
                self.problems[path] = self.untyped[path]
            elif field.type == "group" and not field.key:
                self._judge(field.children, level, found)
            elif field.key:
                self._judge_keyed(field, level, path, found)

    def _judge_keyed(self, field: Field, level: _Level, path: str, found: Data) -> None:
        if field.type == "group":
            held = places.get(level.held, field.key)
            inner: Data = dict(held) if isinstance(held, Mapping) else {}
            self._judge(field.children, self.levels[f"{path}."], inner)
            places.put(found, field.key, inner)
        elif field.type == "dynamiclist":
            places.put(found, field.key, self._judged_rows(field, level, path))
        elif field.type == "expression":
            places.put(found, field.key, self.evaluate(field.expression, self._scope(level)))
        elif field.type in INPUTS:
            places.put(found, field.key, self._judged(field, level, path))

    def _judged_rows(self, field: Field, level: _Level, path: str) -> list[Data]:
        rows: list[Data] = [{} for _ in places.get(level.values, field.key)]
        if not rows and field.required:
            self.problems[path] = Problem("required")
        for number, row in enumerate(rows):
            self._judge(field.children, self.levels[f"{path}.{number}."], row)
        return rows

    def _judged(self, field: Field, level: _Level, path: str) -> Any:
        value = places.get(level.values, field.key)
        if field.read_only or (field.read_only_when and self._true(field.read_only_when, level)):
            return value
        try:
            return satisfied(field, value, self._scope(level), self.evaluate)
        except Wrong as wrong:
            self.problems[path] = wrong.problem
            return value


def _held(field: Field, level: _Level) -> Any:
    kept = places.get(level.held, field.key)
    return field.default if kept is None else kept


def _held_row(field: Field, held: Any, raw: Any, number: int) -> Any:
    """The row of the case that a posted row is about, for its read-only values: the one in its place where rows stay,
    else the one with the same read-only values (a person may have removed rows before it)."""
    rows = held if isinstance(held, list) else []
    if field.rules.get("add_remove") is False:
        return rows[number] if number < len(rows) else None
    fixed = [child.key for child in field.children if child.read_only and child.key]
    same = (row for row in rows if all(str(places.get(row, key)) == str(places.get(raw, key)) for key in fixed))
    return next(same, None) if fixed else None


def _forget(field: Field, values: Data) -> None:
    if field.key:
        places.drop(values, field.key)
    for child in () if field.key else field.children:
        _forget(child, values)
