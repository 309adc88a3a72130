"""What a command is going to do to registers, as plain data, and how it lands inside the command's commit.

Owns the order of locks: partitions first, ascending (the register's own '' before its parts), then rows. Every row
lives in a partition that its writer holds, so two commits that touch the same rows meet at the partition and cannot
deadlock. Raises `Moved` whenever something that was read has changed; the caller's transaction rolls all of it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from peewee import IntegrityError, fn

from engine.store import attachments
from engine.store.database import Store
from engine.store.models import Definition, RegisterPartition, RegisterRow, RegisterValue
from engine.store.points import Point, pass_through
from engine.store.statements import inserts
from engine.store.writer import Moved

Entries = tuple[tuple[str, str | None, int | None], ...]  # (field, text, number) lines of register_value
Part = tuple[str, str]  # (register, part)


@dataclass(frozen=True, slots=True)
class Insert:
    """A new row."""

    register: str
    id: int
    key: str | None
    unit: str
    part: str
    data: str
    entries: Entries
    at: datetime
    by: str
    instance: int | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        return (self.part,)


@dataclass(frozen=True, slots=True)
class Update:
    """A changed row: lands only on the revision that was read. `entries` None: nothing indexed changed."""

    register: str
    id: int
    revision: int
    key: str | None
    unit: str
    parts: tuple[str, ...]  # where it was, and where it is going
    data: str
    entries: Entries | None
    quota: tuple[str, ...]  # (counter, limit) fields: their index lines are never rewritten, Reserve relies on them
    limit: int | None  # the quota's limit in thousandths, None = no limit
    relimit: bool  # the limit changed: it must not fall below what is taken
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Delete:
    """A row taken out."""

    register: str
    id: int
    revision: int
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reserve:
    """Take places, as long as there are so many: a conditional update, never a count that was read."""

    register: str
    id: int
    taken: str
    limit: str
    count: int  # places, negative to give back
    parts: tuple[str, ...] = ()  # commutes with every other change but a lower limit: no partition is held


Change = Insert | Update | Delete | Reserve


@dataclass(slots=True)
class Reads:
    """What a command relied on. `schemas`: ids of the definitions it planned with; `parts`: version of (register, part)
    or, with part None, of the whole register; `rows`: (register, part, revision) of a row."""

    parts: dict[tuple[str, str | None], int] = field(default_factory=dict)
    schemas: dict[str, int] = field(default_factory=dict)
    rows: dict[int, tuple[str, str, int]] = field(default_factory=dict)


def version(store: Store, register: str, part: str | None) -> int:
    """The present version of a part, or (None) the sum over all of them: any write anywhere moves it."""
    query = RegisterPartition.select(fn.COALESCE(fn.SUM(RegisterPartition.version), 0))
    query = query.where(RegisterPartition.register == register)
    return int(store.value(query if part is None else query.where(RegisterPartition.part == part)))


def apply(store: Store, changes: Sequence[Change], reads: Reads) -> None:
    """Land the changes in the transaction that is open, or raise Moved."""
    try:
        _hold(store, {(c.register, part) for c in changes for part in c.parts}, reads)
        _same_schemas(store, {change.register for change in changes}, reads)
        _unchanged(store, changes, reads)
        pass_through(Point.REGISTER_HELD)
        _keep_files(store, changes)
        for kind, same in groupby(sorted(changes, key=_late), key=type):
            if kind is Insert:
                _insert_all(store, list(same))  # type: ignore[arg-type]
                pass_through(Point.REGISTER_CHANGED)
                continue
            for change in same:
                _LAND[kind](store, change)
                pass_through(Point.REGISTER_CHANGED)
    except IntegrityError as problem:  # a key that somebody else took since we looked
        raise Moved from problem


def _keep_files(store: Store, changes: Sequence[Change]) -> None:
    """Uploads that a row names are no orphans any more."""
    written = (change.data for change in changes if isinstance(change, Insert | Update))
    names = {name for data in written for name in attachments.named_in(data)}
    if names:
        attachments.keep(store, names)


def _late(change: Change) -> tuple[bool, int]:
    """Everything as planned, then the reservations by row: they alone lock rows without a partition."""
    return (True, change.id) if isinstance(change, Reserve) else (False, 0)


def _hold(store: Store, written: set[Part], reads: Reads) -> None:
    written = written | _roots(store, written)
    whole = {register for register, part in reads.parts if part is None}
    for register in sorted(whole):
        _lock_all(store, register)
        _expect(store, register, None, reads.parts[register, None])
    single = {(register, part) for register, part in reads.parts if part is not None}
    under = {(register, part) for register, part, _ in reads.rows.values()}
    for register, part in sorted(written | single | under):
        asked = reads.parts.get((register, part))
        if (register, part) in written:
            _bump(store, register, part, None if register in whole else asked)
            continue
        _lock(store, register, part)
        if asked is not None:
            _expect(store, register, part, asked)


def _roots(store: Store, written: set[Part]) -> set[Part]:
    """The '' part of every register that gets a new part: who relies on a whole register locks it, and so notices."""
    found: set[Part] = set()
    for register in {register for register, part in written if part}:
        parts = [part for name, part in written if name == register]
        known = RegisterPartition.select(fn.COUNT(RegisterPartition.id)).where(
            RegisterPartition.register == register, RegisterPartition.part.in_(parts)
        )
        if store.value(known) < len(parts):
            found.add((register, ""))
    return found


def _bump(store: Store, register: str, part: str, asked: int | None) -> None:
    here = (RegisterPartition.register == register) & (RegisterPartition.part == part)
    higher = RegisterPartition.update(version=RegisterPartition.version + 1)
    held = higher.where(here if asked is None else here & (RegisterPartition.version == asked))
    if store.run(held):
        return
    if asked:
        raise Moved
    fresh = RegisterPartition.insert(register=register, part=part, version=0)
    store.run(fresh.on_conflict_ignore())
    if not store.run(held):
        raise Moved


def hold_all(store: Store, register: str) -> None:
    """Hold a whole register against every other writer until the transaction ends; whoever planned on what they read
    of it plans again."""
    _lock_all(store, register)
    here = RegisterPartition.register == register
    store.run(RegisterPartition.update(version=RegisterPartition.version + 1).where(here))


def _lock(store: Store, register: str, part: str) -> None:
    if store.postgres:
        here = (RegisterPartition.register == register) & (RegisterPartition.part == part)
        store.rows(RegisterPartition.select(RegisterPartition.id).where(here).for_update("FOR SHARE"))  # type: ignore[arg-type]


def _lock_all(store: Store, register: str) -> None:
    store.run(RegisterPartition.insert(register=register, part="", version=0).on_conflict_ignore())
    if store.postgres:
        parts = RegisterPartition.select(RegisterPartition.id).where(RegisterPartition.register == register)
        store.rows(parts.order_by(RegisterPartition.part).for_update())


def _expect(store: Store, register: str, part: str | None, asked: int) -> None:
    if version(store, register, part) != asked:
        raise Moved


def _same_schemas(store: Store, registers: set[str], reads: Reads) -> None:
    """Rows planned for an older schema must not land behind the migration of the others: whoever publishes a schema
    holds the whole register, so under our partition this read is up to date."""
    planned = {name: reads.schemas[name] for name in registers if name in reads.schemas}
    if planned:
        columns = Definition.select(Definition.key, Definition.id)
        here = (Definition.kind == "register") & Definition.latest & Definition.key.in_(list(planned))
        if {row["key"]: row["id"] for row in store.rows(columns.where(here))} != planned:
            raise Moved


def _unchanged(store: Store, changes: Iterable[Change], reads: Reads) -> None:
    """Rows that were read and are not changed here still have their revision (a change checks its own)."""
    changed = {c.id for c in changes if not isinstance(c, Reserve)}
    asked = {row: revision for row, (_, _, revision) in reads.rows.items() if row not in changed}
    if asked:
        query = RegisterRow.select(RegisterRow.id, RegisterRow.revision).where(RegisterRow.id.in_(list(asked)))
        if {row["id"]: row["revision"] for row in store.rows(query)} != asked:
            raise Moved


def _insert_all(store: Store, changes: Sequence[Insert]) -> None:
    """New rows and their index lines, a few statements however many."""
    lines = [line for change in changes for line in _lines(change.register, change.id, change.entries)]
    for model, rows in ((RegisterRow, [_columns(change) for change in changes]), (RegisterValue, lines)):
        for statement, bound in inserts(model, rows) if rows else ():
            store.sql(statement, bound)


def _columns(change: Insert) -> dict[str, Any]:
    return {
        "id": change.id,
        "register": change.register,
        "key": change.key,
        "unit": change.unit,
        "data": change.data,
        "created_at": change.at,
        "created_by": change.by,
        "updated_at": change.at,
        "updated_by": change.by,
        "instance": change.instance,
    }


def write_entries(store: Store, register: str, row: int, entries: Entries) -> None:
    """Add index lines of a row."""
    if lines := _lines(register, row, entries):
        store.run(RegisterValue.insert_many(lines))


def _lines(register: str, row: int, entries: Entries) -> list[dict[str, Any]]:
    return [{"row": row, "register": register, "field": f, "text": t, "number": n} for f, t, n in entries]


def _update(store: Store, change: Update) -> None:
    columns = {
        "key": change.key,
        "unit": change.unit,
        "data": change.data,
        "revision": RegisterRow.revision + 1,
        "updated_at": change.at,
        "updated_by": change.by,
    }
    here = (RegisterRow.id == change.id) & (RegisterRow.revision == change.revision)
    if store.run(RegisterRow.update(columns).where(here)) != 1:
        raise Moved
    if change.relimit:
        _new_limit(store, change)
    if change.entries is not None:
        old = (RegisterValue.row == change.id) & RegisterValue.field.not_in(change.quota)
        store.run(RegisterValue.delete().where(old))
        write_entries(store, change.register, change.id, tuple(e for e in change.entries if e[0] not in change.quota))


def _new_limit(store: Store, change: Update) -> None:
    """Change a quota's limit under the lock that every Reserve shares, then look again at what is taken."""
    counter, limit = change.quota
    here = (RegisterValue.row == change.id) & (RegisterValue.field == limit)
    store.run(RegisterValue.update(number=change.limit).where(here))
    held = (RegisterValue.row == change.id) & (RegisterValue.field == counter)
    taken = store.value(RegisterValue.select(RegisterValue.number).where(held)) or 0
    if change.limit is not None and taken > change.limit:
        raise Moved  # the next plan sees the count and refuses by name


def _delete(store: Store, change: Delete) -> None:
    here = (RegisterRow.id == change.id) & (RegisterRow.revision == change.revision)
    if store.run(RegisterRow.delete().where(here)) != 1:
        raise Moved
    store.run(RegisterValue.delete().where(RegisterValue.row == change.id))


def _reserve(store: Store, change: Reserve) -> None:
    """Lock the limit (shared: reservations don't wait for each other here), then move the counter if there is room."""
    limit = RegisterValue.select(RegisterValue.number)
    limit = limit.where(RegisterValue.row == change.id, RegisterValue.field == change.limit)
    most = store.value(limit.for_update("FOR SHARE") if store.postgres else limit)  # type: ignore[arg-type]
    after = RegisterValue.number + change.count
    room = after >= 0
    if most is not None and change.count > 0:
        room = room & (after <= most)
    here = (RegisterValue.row == change.id) & (RegisterValue.field == change.taken)
    if store.run(RegisterValue.update(number=after).where(here & room)) != 1:
        raise Moved


_LAND: dict[type, Callable[[Store, Any], None]] = {Update: _update, Delete: _delete, Reserve: _reserve}
