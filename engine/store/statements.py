"""SQL text for the hot path, written once per table and column set from the models.

Building a peewee query costs more than running it; these are plain strings with `?` marks for `Store.sql`. Owns no
connection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from peewee import AutoField, Model

MAX_VALUES = 30_000  # bound values in one statement: SQLite stops at 32,766, PostgreSQL at 65,535


@lru_cache(maxsize=1024)
def _columns(model: type[Model]) -> tuple[str, ...]:
    """Column names in order, without an id the database draws itself."""
    fields = model._meta.sorted_fields
    return tuple(f.column_name for f in fields if not isinstance(f, AutoField))


@lru_cache(maxsize=1024)
def _defaults(model: type[Model]) -> dict[str, Any]:
    return {f.column_name: f.default for f in model._meta.sorted_fields if not isinstance(f, AutoField)}


@lru_cache(maxsize=1024)
def _in_order(model: type[Model]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    return itemgetter(*_columns(model))  # every table has several columns


@lru_cache(maxsize=4096)
def _insert_sql(model: type[Model], count: int) -> str:
    names = _columns(model)
    marks = "(" + ", ".join("?" * len(names)) + ")"
    quoted = ", ".join(f'"{n}"' for n in names)
    return f'insert into "{model._meta.table_name}" ({quoted}) values ' + ", ".join([marks] * count)


def inserts(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> Iterable[tuple[str, list[Any]]]:
    """Statements with their values that insert all rows; missing columns take the model's default."""
    in_order, defaults = _in_order(model), _defaults(model)
    step = max(1, MAX_VALUES // len(defaults))
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        whole = (row if defaults.keys() <= row.keys() else {**defaults, **row} for row in part)
        yield _insert_sql(model, len(part)), [value for row in whole for value in in_order(row)]


Shape = tuple[tuple[str, int | None], ...]  # a condition's column, and how many values it lists (None: one, with =)


@lru_cache(maxsize=4096)
def _update_sql(model: type[Model], names: tuple[str, ...], where: Shape) -> str:
    changed = ", ".join(f'"{n}" = ?' for n in names)
    return f'update "{model._meta.table_name}" set {changed} where ' + _conditions(where)


@lru_cache(maxsize=4096)
def _delete_sql(model: type[Model], where: Shape) -> str:
    return f'delete from "{model._meta.table_name}" where ' + _conditions(where)


def _conditions(where: Shape) -> str:
    return " and ".join(
        f'"{name}" = ?' if count is None else f'"{name}" in ({", ".join("?" * count)})' for name, count in where
    )


def _shape(where: Mapping[str, Any]) -> Shape:
    return tuple((name, len(value) if isinstance(value, list) else None) for name, value in where.items())


def _bound(where: Mapping[str, Any]) -> list[Any]:
    bound: list[Any] = []
    for value in where.values():
        bound += value if isinstance(value, list) else [value]
    return bound


def update(model: type[Model], values: Mapping[str, Any], where: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """An update of the rows whose columns equal `where`, or are in it where it has a (non-empty) list."""
    return _update_sql(model, tuple(values), _shape(where)), [*values.values(), *_bound(where)]


def delete(model: type[Model], where: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """A delete of the rows whose columns equal `where`, or are in it where it has a (non-empty) list."""
    return _delete_sql(model, _shape(where)), _bound(where)


NOT_ALL = "22012"  # SQLSTATE of the division by zero with which `as_one` takes everything back


@lru_cache(maxsize=1024)
def as_one(parts: tuple[tuple[str, bool], ...]) -> str:
    """One PostgreSQL statement of several; each that must change a row is counted, and none of them happened when one
    changed nothing. Their order is the server's, so they must be of different rows."""
    listed = ", ".join(
        f"landed{n} as ({statement}{' returning 1' if needed else ''})" for n, (statement, needed) in enumerate(parts)
    )
    counted = [f"exists (select from landed{n})" for n, (_, needed) in enumerate(parts) if needed]
    return f"with {listed} select 1 / case when {' and '.join(counted) or 'true'} then 1 else 0 end"
