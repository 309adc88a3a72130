"""Reads of register rows: filters, search, order and scope are SQL on indexed values; rows come back as plain dicts.

A row is a dict of its fields, and `id` (text: longer than a FEEL number), `revision`, `created_at`, `updated_at`
(aware), `created_by`, `updated_by`, `instance`. Owns no rule about who may see what: callers hand in conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache
from typing import Any

from peewee import Expression, fn

from engine.expressions import values
from engine.registers import changes, filters
from engine.registers.cells import THOUSANDTHS, Known, index_text, nothing
from engine.registers.schema import RegisterSchema
from engine.store.database import Store
from engine.store.models import RegisterRow, RegisterValue
from engine.store.paging import counted

Row = dict[str, Any]
CHUNK = 500  # rows of a long read per statement


@dataclass(frozen=True, slots=True)
class Source:
    """What a batch reads from."""

    reader: Reader
    schema: Callable[[str], RegisterSchema]
    known: Known
    new_id: Callable[[], int]


def remembering(known: Known) -> Known:
    """The same knowledge, asked of the database once for each login and code."""
    return Known(lru_cache(None)(known.person), lru_cache(None)(known.unit), known.zone)


def named(key: Any) -> str:
    """A key as stored: the parts of a composite key may come as a list."""
    if isinstance(key, list | tuple):
        return "\x1f".join(str(index_text(part) or "") for part in key)
    return str(index_text(key) or "")


class Reader:
    """Reads rows of any register. `also`: more conditions on RegisterRow (who may see it)."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(
        self,
        schema: RegisterSchema,
        where: filters.Where,
        order: str = "",
        limit: int | None = None,
        offset: int = 0,
        text: str = "",
        also: Sequence[Expression] = (),
    ) -> list[Row]:
        """Rows in order (newest first when none is given)."""
        query = self._query(schema, where, text, also).order_by(*filters.ordering(schema, order or "-id"))
        if limit is not None:
            query = query.limit(limit).offset(offset)
        return self._full(schema, self._store.rows(query))

    def each(
        self, schema: RegisterSchema, where: filters.Where, text: str = "", also: Sequence[Expression] = ()
    ) -> Iterator[Row]:
        """All rows, oldest first, read in chunks: an export does not hold 100,000 rows in memory."""
        last = 0
        while True:
            query = self._query(schema, where, text, also).where(RegisterRow.id > last).order_by(RegisterRow.id)
            chunk = self._full(schema, self._store.rows(query.limit(CHUNK)))
            yield from chunk
            if len(chunk) < CHUNK:
                return
            last = int(chunk[-1]["id"])

    def count(
        self,
        schema: RegisterSchema,
        where: filters.Where,
        text: str = "",
        also: Sequence[Expression] = (),
        most: int | None = None,
    ) -> int:
        """How many rows match; `most`: it stops counting there."""
        matching = self._query(schema, where, text, also).with_only(RegisterRow.id)
        return int(self._store.value(counted(matching, most)))

    def groups(
        self, schema: RegisterSchema, field: str, where: filters.Where, text: str = "", also: Sequence[Expression] = ()
    ) -> dict[str, int]:
        """Number of matching rows by value of an indexed field (a row of a list field counts once for each item)."""
        matching = self._query(schema, where, text, also).with_only(RegisterRow.id)
        query = (
            RegisterValue.select(RegisterValue.text, fn.COUNT(RegisterValue.id).alias("n"))
            .where(RegisterValue.register == schema.name, RegisterValue.field == field, RegisterValue.row.in_(matching))
            .group_by(RegisterValue.text)
        )
        return {str(row["text"]): int(row["n"]) for row in self._store.rows(query)}

    def total(
        self, schema: RegisterSchema, field: str, where: filters.Where, text: str = "", also: Sequence[Expression] = ()
    ) -> float:
        """Sum of an indexed number over the matching rows."""
        matching = self._query(schema, where, text, also).with_only(RegisterRow.id)
        query = RegisterValue.select(fn.COALESCE(fn.SUM(RegisterValue.number), 0)).where(
            RegisterValue.register == schema.name, RegisterValue.field == field, RegisterValue.row.in_(matching)
        )
        return float(self._store.value(query)) / THOUSANDTHS

    def get(self, schema: RegisterSchema, key: Any, also: Sequence[Expression] = ()) -> Row | None:
        """The row of a key or, when no row has that key, of an id."""
        text = named(key)
        by_key = self._one(schema, [RegisterRow.key == text, *also]) if schema.key and text else None
        return by_key or self.row(schema, text, also)

    def row(self, schema: RegisterSchema, row_id: Any, also: Sequence[Expression] = ()) -> Row | None:
        """The row of an id, or None (also for text that is no id)."""
        number = filters.row_id(row_id)
        return self._one(schema, [RegisterRow.id == number, *also]) if number else None

    def version(self, schema: RegisterSchema, part: str | None) -> int:
        """See `changes.version`."""
        return changes.version(self._store, schema.name, part)

    def _one(self, schema: RegisterSchema, conditions: Sequence[Expression]) -> Row | None:
        query = RegisterRow.select().where(RegisterRow.register == schema.name, *conditions)
        found = self._full(schema, self._store.rows(query.limit(1)))
        return found[0] if found else None

    def _query(self, schema: RegisterSchema, where: filters.Where, text: str, also: Sequence[Expression]) -> _Select:
        conditions = [*filters.conditions(schema, where), *also]
        if text.strip():
            conditions.append(filters.searched(schema, text.strip()))
        return _Select(conditions)

    def _full(self, schema: RegisterSchema, found: list[Row]) -> list[Row]:
        rows = [_row(schema, one) for one in found]
        if schema.quota and rows:
            self._add_counters(schema.quota.taken, rows)
        return rows

    def _add_counters(self, field: str, rows: list[Row]) -> None:
        """A quota's count lives in its index line alone: reservations move it without touching the row."""
        ids = [int(row["id"]) for row in rows]
        counts: dict[int, int | None] = {}
        for start in range(0, len(ids), CHUNK):
            here = RegisterValue.row.in_(ids[start : start + CHUNK]) & (RegisterValue.field == field)
            query = RegisterValue.select(RegisterValue.row, RegisterValue.number).where(here)
            counts |= {one["row"]: one["number"] for one in self._store.rows(query)}
        for row in rows:
            row[field] = (counts.get(int(row["id"])) or 0) // THOUSANDTHS


class _Select:
    """The conditions of one read, put on whichever columns are wanted."""

    def __init__(self, conditions: Sequence[Expression]) -> None:
        self._conditions = conditions

    def with_only(self, *columns: Any) -> Any:
        return RegisterRow.select(*columns).where(*self._conditions)

    def order_by(self, *order: Any) -> Any:
        return self.with_only().order_by(*order)

    def where(self, *more: Expression) -> Any:
        return self.with_only().where(*more)


def _row(schema: RegisterSchema, found: Row) -> Row:
    data = values.loads(found["data"])
    row = {f.key: data[f.key] if f.key in data else nothing(f) for f in schema.fields}
    row |= {"id": str(found["id"]), "revision": found["revision"]}
    row |= {"instance": str(found["instance"]) if found["instance"] else None}
    row |= {"created_by": found["created_by"], "updated_by": found["updated_by"]}
    row |= {
        "created_at": found["created_at"].replace(tzinfo=UTC),
        "updated_at": found["updated_at"].replace(tzinfo=UTC),
    }
    return row
