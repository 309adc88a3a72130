"""Queries of screens that are asked often: written with peewee, turned into SQL once, run with other values ever after.

Building and rendering a peewee query costs ten times what running it costs. Owns that, and the typing of rows (SQLite
gives text for instants and days, numbers for flags). Knows no table.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from peewee import Alias, BooleanField, ColumnBase, DateField, DateTimeField, Query

from engine.store.database import Store


class Mark(ColumnBase):
    """Where a value goes that is known when the query runs; it stands for `given[name]`, as the driver takes it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __sql__(self, ctx: Any) -> Any:
        ctx._values.append(self)
        return ctx.literal(ctx.state.param or "?")


class Prepared:
    """A query rendered for one database."""

    def __init__(self, store: Store, query: Query) -> None:
        self._store = store
        self._sql, self._values = store.db.get_sql_context().sql(query).query()
        selected = [_unaliased(column) for column in getattr(query, "_returning", None) or ()]
        self._names = [name for name, _ in selected]
        typed = ((at, _typing(field)) for at, (_, field) in enumerate(selected))
        self._typings = [] if store.postgres else [(at, typing) for at, typing in typed if typing is not None]

    def rows(self, **given: Any) -> list[dict[str, Any]]:
        """All rows, as plain dicts."""
        return [self._named(row) for row in self._run(given).fetchall()]

    def value(self, **given: Any) -> Any:
        """The first column of the first row, or None."""
        row = self._run(given).fetchone()
        return row[0] if row else None

    def run(self, **given: Any) -> int:
        """Write; how many rows."""
        return int(self._run(given).rowcount)

    def _run(self, given: dict[str, Any]) -> Any:
        values = [given[value.name] if isinstance(value, Mark) else value for value in self._values]
        return self._store.db.execute_sql(self._sql, values)

    def _named(self, row: Any) -> dict[str, Any]:
        named = dict(zip(self._names, row, strict=True))
        for at, typing in self._typings:
            if row[at] is not None:
                named[self._names[at]] = typing(row[at])
        return named


def _unaliased(column: Any) -> tuple[str, Any]:
    """(name in the row, field behind it)."""
    if isinstance(column, Alias):
        return column._alias, column.node  # type: ignore[attr-defined]
    return getattr(column, "name", ""), column


def _typing(field: Any) -> Callable[[Any], Any] | None:
    for kind, typing in _TYPINGS:
        if isinstance(field, kind):
            return typing
    return None


_TYPINGS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (DateTimeField, datetime.fromisoformat),
    (DateField, date.fromisoformat),
    (BooleanField, bool),
)
