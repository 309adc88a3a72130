"""A live register gets another schema: what that does to its rows, told before and done in the publishing commit.

Owns the report (which rows, how many, why not) and the rewriting of rows and their index lines. How one value turns
into another is `turning`'s. A dry run and the real thing go the same way; only the writing is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from peewee import fn

from engine.expressions import values
from engine.records import Finding
from engine.registers import cells, changes
from engine.registers.cells import THOUSANDTHS, Known
from engine.registers.effects import Effect, Tally
from engine.registers.reading import CHUNK, Row
from engine.registers.schema import Field, RegisterSchema
from engine.registers.turning import Turning, turned
from engine.store.database import Store
from engine.store.models import RegisterRow, RegisterValue


@dataclass(frozen=True, slots=True)
class RowReport:
    """What a schema does to a register's rows. `changed`: rows that are rewritten."""

    register: str
    title: str
    title_en: str
    rows: int
    changed: int
    effects: tuple[Effect, ...] = ()

    @property
    def possible(self) -> bool:
        """Whether it can be done."""
        return not any(effect.severity == "error" for effect in self.effects)

    def findings(self, file: str) -> list[Finding]:
        """What forbids it, and what a designer should know of, as findings of the schema's file."""
        told = [effect for effect in self.effects if effect.severity != "note"]
        return [
            Finding(file, 1, e.field, e.severity, f"rows-{e.code}", e.message, message_en=e.message_en) for e in told
        ]


@dataclass(slots=True)
class _Stored:
    """A row as the old schema left it. `data` may hold more than the schema declares."""

    id: int
    key: str | None
    unit: str
    data: Row
    fresh: Row = field(default_factory=dict)


def migrate(store: Store, old: RegisterSchema, new: RegisterSchema, known: Known, dry_run: bool = False) -> RowReport:
    """Turn every row of a register from one schema to the next, inside the caller's transaction (which must not commit
    when the report is not `possible`); `dry_run`: only say what it would do."""
    return _Migration(store, Turning(old, new), known, dry_run).run()


class _Migration:
    """One pass over the rows of a register."""

    def __init__(self, store: Store, turning: Turning, known: Known, dry_run: bool) -> None:
        self.store, self.turning, self.known, self.dry_run = store, turning, known, dry_run
        self.old, self.new = turning.old, turning.new
        self.tally = Tally(turning)
        self.keys: set[str] = set()
        self.changed = 0

    def run(self) -> RowReport:
        title, rows = self.new.title, 0
        if not self.turning.touches:
            here = RegisterRow.select(fn.COUNT(RegisterRow.id)).where(RegisterRow.register == self.old.name)
            return RowReport(self.new.name, title.zh, title.en, int(self.store.value(here)), 0)
        if not self.dry_run:
            self._hold()
        for row in self._rows():
            rows += 1
            self._turn(row)
            differs = self._differs(row)
            self.changed += differs
            if not self.dry_run and self.tally.possible:  # else the caller takes everything back
                self._write(row, differs)
        return RowReport(self.new.name, title.zh, title.en, rows, self.changed, self.tally.effects())

    def _hold(self) -> None:
        """Nobody else writes this register, or counts its places, until the transaction ends."""
        changes.hold_all(self.store, self.old.name)
        if self.old.quota and self.store.postgres:
            counted = RegisterValue.field.in_([self.old.quota.taken, self.old.quota.limit])
            lines = RegisterValue.select(RegisterValue.id).where(RegisterValue.register == self.old.name, counted)
            self.store.rows(lines.order_by(RegisterValue.id).for_update())
        if self.turning.rekeyed:  # two rows may exchange their keys: none is unique in between
            self.store.run(RegisterRow.update(key=None).where(RegisterRow.register == self.old.name))

    # ---- reading

    def _rows(self) -> Iterator[_Stored]:
        """All rows, oldest first, in chunks."""
        columns = (RegisterRow.id, RegisterRow.key, RegisterRow.unit, RegisterRow.data)
        last = 0
        while True:
            here = (RegisterRow.register == self.old.name) & (RegisterRow.id > last)
            query = RegisterRow.select(*columns).where(here).order_by(RegisterRow.id).limit(CHUNK)
            chunk = [_Stored(r["id"], r["key"], r["unit"], values.loads(r["data"])) for r in self.store.rows(query)]
            self._count(chunk)
            yield from chunk
            if len(chunk) < CHUNK:
                return
            last = chunk[-1].id

    def _count(self, chunk: list[_Stored]) -> None:
        """A quota's count lives in its index line alone."""
        if self.old.quota is None or not chunk:
            return
        here = RegisterValue.row.in_([row.id for row in chunk]) & (RegisterValue.field == self.old.quota.taken)
        query = RegisterValue.select(RegisterValue.row, RegisterValue.number).where(here)
        counts = {one["row"]: one["number"] for one in self.store.rows(query)}
        for row in chunk:
            row.data[self.old.quota.taken] = (counts.get(row.id) or 0) // THOUSANDTHS

    # ---- one row

    def _turn(self, row: _Stored) -> None:
        name = self._name(row)
        moved = {old.key for old in self.turning.renamed.values()}
        row.fresh = {key: value for key, value in row.data.items() if key not in moved}
        for one in self.new.fields:
            row.fresh[one.key] = self._value(one, row.data, name)
        for gone in self.turning.gone:
            if not cells.is_empty(row.data.get(gone.key)):
                self.tally.note("removed", gone.key, name)
        self._check_key(row.fresh, name)
        self._check_places(row.fresh, name)
        if self.new.scope == "unit" and self.old.scope != "unit" and cells.is_empty(row.fresh.get("unit")):
            self.tally.note("no-unit", "unit", name)

    def _name(self, row: _Stored) -> str:
        """What a row is called in the report; not by a column that not everybody sees."""
        title = self.old.by_key.get(self.old.row_title)
        open_title = title is not None and not title.private and not title.readers
        return self.old.title_of({**row.data, "id": row.id}) if open_title else f"#{row.id}"

    def _value(self, one: Field, stored: Mapping[str, Any], name: str) -> Any:
        turning, old = self.turning, self.turning.source.get(one.key)
        value = stored.get(old.key) if old else turning.fresh(one, stored)
        if cells.is_empty(value) and one.key in turning.demanded:
            value = turning.default(one)
            self.tally.note("required" if cells.is_empty(value) else "filled", one.key, name)
        elif cells.is_empty(value):
            pass
        elif old is None:
            if value == turning.default(one):
                self.tally.note("filled", one.key, name)
        elif one.key in turning.retyped:
            return self._retyped(old, one, value, name)
        else:
            if one.key in turning.renamed:
                self.tally.note("renamed", one.key, name)
            if one.key in turning.stricter and cells.read(one, value, self.known)[1]:
                self.tally.note("stricter", one.key, name, value)
        return cells.nothing(one) if cells.is_empty(value) else value

    def _retyped(self, old: Field, one: Field, value: Any, name: str) -> Any:
        found, wrong = turned(old, one, value, self.known)
        self.tally.note("unreadable" if wrong else "converted", one.key, name, value)
        return cells.nothing(one) if wrong else found

    def _check_key(self, fresh: Row, name: str) -> None:
        if not self.turning.rekeyed or not self.new.key:
            return
        parts = [cells.index_text(fresh.get(key)) for key in self.new.key]
        if None in parts:
            self.tally.note("no-key", self.new.key[0], name)
            return
        key = "\x1f".join(str(part) for part in parts)
        if key in self.keys:
            self.tally.note("same-key", self.new.key[0], name)
        self.keys.add(key)

    def _check_places(self, fresh: Row, name: str) -> None:
        if self.new.quota is None or self.new.quota == self.old.quota:
            return
        taken, limit = fresh.get(self.new.quota.taken) or 0, fresh.get(self.new.quota.limit)
        if limit is not None and taken > limit:
            self.tally.note("too-many", self.new.quota.taken, name)

    # ---- writing

    def _differs(self, row: _Stored) -> bool:
        return row.fresh != {**row.data, **{f.key: cells.nothing(f) for f in self.new.fields if f.key not in row.data}}

    def _write(self, row: _Stored, differs: bool) -> None:
        changed: dict[str, Any] = {}
        if differs:
            unit = str(row.fresh.get("unit") or "") if "unit" in self.new.by_key else row.unit
            changed |= {"data": values.dumps(row.fresh).decode(), "unit": unit, "revision": RegisterRow.revision + 1}
        if self.turning.rekeyed:
            changed["key"] = cells.key_of(self.new, row.fresh)
        if changed:
            self.store.run(RegisterRow.update(changed).where(RegisterRow.id == row.id))
        lines = cells.entries(self.new, row.fresh)
        if lines != self._lines(row):
            self.store.run(RegisterValue.delete().where(RegisterValue.row == row.id))
            changes.write_entries(self.store, self.new.name, row.id, tuple(lines))

    def _lines(self, row: _Stored) -> list[tuple[str, str | None, int | None]]:
        return cells.entries(self.old, {**{f.key: cells.nothing(f) for f in self.old.fields}, **row.data})
