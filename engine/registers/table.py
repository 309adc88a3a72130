"""One register as it is used: reads scoped and masked for who asks, writes that are commands of their own.

Owns row scope (unit subtree or own rows, in the query itself); which columns are shown is `sight`'s. A write is planned
in a Batch, landed in one short transaction, and planned afresh when somebody else came first.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, Protocol, TypeVar

from peewee import Expression

from engine.clock import Clock
from engine.errors import Conflict, Forbidden, InvalidValue, NotFound, Said
from engine.records import Page
from engine.registers import cells, filters
from engine.registers.batch import Batch
from engine.registers.reading import Row, Source
from engine.registers.schema import RegisterSchema
from engine.registers.sight import Sight
from engine.store import attachments
from engine.store.database import Store
from engine.store.models import RegisterRow
from engine.store.paging import reach, sliced
from engine.store.writer import Moved

ATTEMPTS = 12
PAUSE_SECONDS = 0.004  # doubled at each attempt, with jitter
T = TypeVar("T")


def held(read: Callable[..., T]) -> Callable[..., T]:
    """Hold this thread's connection for a read, so that a pool gets it back."""

    @wraps(read)
    def connected(self: Register, *args: Any, **kwargs: Any) -> T:
        with self._store.connected():
            return read(self, *args, **kwargs)

    return connected


class Scope(Protocol):
    """Units whose rows are open (people.Scope)."""

    def where(self, column: Any) -> Expression | None:
        """SQL test of a column with unit codes; None = everything."""
        ...


class Access(Protocol):
    """What registers ask of people."""

    def visible_units(self, login: str, permission: str) -> Any:
        """The Scope in which a permission is held."""
        ...

    def rights(self, login: str) -> Any:
        """The Rights of a person, with `.may(permission, unit)`."""
        ...


class Register:
    """Rows of one low-code table. `by`: the login who asks (None: the system, which sees everything)."""

    def __init__(self, schema: RegisterSchema, store: Store, clock: Clock, access: Access, source: Source) -> None:
        self.schema = schema
        self._store = store
        self._clock = clock
        self._access = access
        self._source = source

    # ---- reads

    @held
    def rows(
        self,
        where: filters.Where | None = None,
        by: str | None = None,
        order: str = "",
        limit: int | None = None,
        offset: int = 0,
        text: str = "",
        scope: Scope | None = None,
        action: str = "read",
    ) -> list[Row]:
        """Rows in order (`key`, `-key`; newest first when none is given).

        `by`: only rows that this person may `action` (permission `register:NAME:<action>` at the row's unit, or the row
        is their own), as `sight` shows them. `scope` instead: the units that a page opens to them, own rows or not.
        """
        also = self._seen(by, action, scope)
        return self._shown(self._source.reader.find(self.schema, where or {}, order, limit, offset, text, also), by)

    def each(
        self, where: filters.Where | None = None, by: str | None = None, text: str = "", scope: Scope | None = None
    ) -> Iterator[Row]:
        """All such rows, oldest first, a chunk at a time."""
        with self._store.connected():
            show = self.sight(by)
            for row in self._source.reader.each(self.schema, where or {}, text, self._seen(by, "read", scope)):
                yield show(row)

    @held
    def count(
        self,
        where: filters.Where | None = None,
        by: str | None = None,
        text: str = "",
        scope: Scope | None = None,
        action: str = "read",
        most: int | None = None,
    ) -> int:
        """How many such rows there are; `most`: it stops counting there."""
        return self._source.reader.count(self.schema, where or {}, text, self._seen(by, action, scope), most)

    @held
    def page(
        self,
        where: filters.Where | None = None,
        by: str | None = None,
        order: str = "",
        limit: int = 50,
        offset: int = 0,
        text: str = "",
        scope: Scope | None = None,
    ) -> Page[Row]:
        """A slice of `rows`, with how many there are as far as `paging.reach`."""
        rows = self.rows(where, by, order, limit, offset, text, scope)
        return sliced(rows, self.count(where, by, text, scope, most=reach(limit, offset) + 1), limit, offset)

    @held
    def groups(
        self,
        field: str,
        where: filters.Where | None = None,
        by: str | None = None,
        scope: Scope | None = None,
        text: str = "",
    ) -> dict[str, int]:
        """Number of such rows by value of an indexed field. Forbidden for a field that is hidden from the person."""
        self.refuse_hidden(by, [field])
        return self._source.reader.groups(self.schema, field, where or {}, text, self._seen(by, "read", scope))

    @held
    def total(
        self, field: str, where: filters.Where | None = None, by: str | None = None, scope: Scope | None = None
    ) -> float:
        """Sum of an indexed number over such rows."""
        return self._source.reader.total(self.schema, field, where or {}, "", self._seen(by, "read", scope))

    @held
    def get(self, key: Any, by: str | None = None, scope: Scope | None = None, action: str = "read") -> Row | None:
        """The row of a key (or id), None when there is none or the person may not see it."""
        row = self._source.reader.get(self.schema, key, self._seen(by, action, scope))
        return self.sight(by)(row) if row else None

    def must(self, key: Any, by: str | None = None, scope: Scope | None = None, action: str = "read") -> Row:
        """As `get`, but NotFound instead of None."""
        row = self.get(key, by, scope, action)
        if row is None:
            raise NotFound(what=Said(self.schema.title.zh, self.schema.title.en), id=key)
        return row

    def may_see_private(self, by: str | None, row: Row) -> bool:
        """Whether private fields of a row are shown to somebody."""
        return self.sight(by).full(row)

    def sight(self, by: str | None) -> Sight:
        """What somebody sees of rows (None: the system)."""
        return Sight(self.schema, by or "", None if by is None else self._access.rights(by))

    def checked(self, row: Mapping[str, Any]) -> Row:
        """A new row as it would be kept, without keeping it. Raises InvalidForm."""
        data = cells.clean(self.schema, row, None, self._source.known)
        cells.key_of(self.schema, data)
        return data

    # ---- writes: each a command of its own; with `by` it takes `register:NAME:write` at the row's unit, and the right
    # to each column that changes (Forbidden); the row given back is what the person sees

    def insert(self, row: Mapping[str, Any], by: str = "") -> Row:
        """Add a row. Raises InvalidForm, DuplicateKey."""
        self._own_files(by, row, {})
        return self.change(lambda batch: self.permitted(by, {}, batch.insert(self.schema.name, row)), by)

    def insert_many(self, rows: Iterable[Mapping[str, Any]], by: str = "") -> int:
        """Add many rows in one transaction, all or none; how many."""
        wanted = list(rows)

        def plan(batch: Batch) -> int:
            for row in wanted:
                self._own_files(by, row, {})
                self.permitted(by, {}, batch.insert(self.schema.name, row))
            return len(wanted)

        return self.change(plan, by)

    def update(self, key: Any, values: Mapping[str, Any], by: str = "", revision: int | None = None) -> Row:
        """Change a row. With `revision`, Conflict unless it is still the row's. NotFound, InvalidForm, AppendOnly."""

        def plan(batch: Batch) -> Row:
            before = self._touched(by, key)
            self._own_files(by, values, before)
            return self.permitted(by, before, batch.update(self.schema.name, key, values, revision))

        return self.change(plan, by)

    def upsert(self, row: Mapping[str, Any], by: str = "") -> Row:
        """Change the row with this key, or add it."""

        def plan(batch: Batch) -> Row:
            before = self._touched(by, [row.get(part) for part in self.schema.key])
            self._own_files(by, row, before)
            return self.permitted(by, before, batch.upsert(self.schema.name, row))

        return self.change(plan, by)

    def delete(self, key: Any, by: str = "") -> None:
        """Take a row out. NotFound, AppendOnly."""

        def plan(batch: Batch) -> None:
            self._touched(by, key)
            batch.delete(self.schema.name, key)

        self.change(plan, by)

    def reserve(self, key: Any, by: str = "", count: int = 1) -> Row:
        """Take places of a row's quota. QuotaFull when there are not so many."""

        def plan(batch: Batch) -> Row:
            self._touched(by, key)
            return self._open(by, batch.reserve(self.schema.name, key, count))

        return self.change(plan, by)

    def release(self, key: Any, by: str = "", count: int = 1) -> Row:
        """Give places back."""

        def plan(batch: Batch) -> Row:
            self._touched(by, key)
            return self._open(by, batch.release(self.schema.name, key, count))

        return self.change(plan, by)

    def _touched(self, by: str, key: Any) -> Row:
        """The row that is there ({} when none is); Forbidden when somebody may not write it."""
        if not by or (row := self._source.reader.get(self.schema, key)) is None:
            return {}
        return self._allowed(by, row)

    def _own_files(self, by: str, values: Mapping[str, Any], before: Row) -> None:
        """InvalidValue when somebody names a file that is neither theirs nor in the row already: whoever may see the
        row may open its files."""
        if by and (names := attachments.named(dict(values)) - attachments.named(before)):
            with self._store.connected():
                for key, _of in attachments.foreign(self._store, names, by):
                    raise InvalidValue(
                        reason=Said(f"文件 {key[:6]}… 不是您上传的", f"the file {key[:6]}… is not yours")
                    )

    def permitted(self, by: str, before: Row, after: Row) -> Row:
        """A row as a plan makes it ({} before: new), without what is hidden from who changes it. Forbidden where they
        may not write, for the row or for a column that changes."""
        self._allowed(by, after)
        if not by or not self.schema.guarded:
            return after
        self.sight(by).refuse(before, after)
        return self._open(by, after)

    def _open(self, by: str, row: Row) -> Row:
        """A row without what is hidden from somebody."""
        hidden = self.sight(by).hidden(row.get("unit")) if by else frozenset[str]()
        return {key: value for key, value in row.items() if key not in hidden}

    def _allowed(self, by: str, row: Row) -> Row:
        """The row, when somebody (not the system, '') may write where it stands. Forbidden."""
        if by and not self._access.rights(by).may(self._permission("write"), row.get("unit")):
            raise Forbidden(who=by, action=self._permission("write"))
        return row

    def change(self, plan: Callable[[Batch], T], by: str = "") -> T:
        """Plan with a fresh batch and land it; start over, a bounded number of times, when something moved."""
        self._store.refuse_inside()
        for attempt in range(ATTEMPTS):
            batch = Batch(self._source, self._clock.now(), by)
            with self._store.connected():
                answer = plan(batch)
            try:
                with self._store.transaction():
                    batch.land(self._store)
                return answer
            except Moved:
                pause = PAUSE_SECONDS * 2 ** min(attempt, 6) * random.random()
                threading.Event().wait(pause)
        raise Conflict(attempts=ATTEMPTS)

    # ---- who sees what

    def _permission(self, action: str) -> str:
        return f"register:{self.schema.name}:{action}"

    def _seen(self, by: str | None, action: str, scope: Scope | None) -> list[Expression]:
        if scope is not None:
            test = scope.where(RegisterRow.unit)
            return [] if test is None else [test]
        if by is None:
            return []
        held = self._access.visible_units(by, self._permission(action))
        test = None if self.schema.scope == "all" and held else held.where(RegisterRow.unit)
        if test is None:
            return []
        return [test | own] if (own := self._own(by, action)) is not None else [test]

    def _own(self, by: str, action: str) -> Expression | None:
        """Rows that are the person's own: read, not written, without any permission."""
        whole = None
        for field in self.schema.own if action == "read" else ():
            test = filters.conditions(self.schema, {field: by})[1]
            whole = test if whole is None else whole | test
        return whole

    def _shown(self, rows: list[Row], by: str | None) -> list[Row]:
        show = self.sight(by)
        return [show(row) for row in rows]

    def refuse_hidden(self, by: str | None, keys: Iterable[str]) -> None:
        """Forbidden when somebody would ask by a field that they see nowhere."""
        if hidden := sorted(self.sight(by).hidden().intersection(keys)):
            raise Forbidden(who=by or "", action=f"{self._permission('read')} ({hidden[0]})")

    def refuse_private(self, by: str | None, keys: Iterable[str]) -> None:
        """Forbidden when somebody would filter or sort by a field that is masked for them, or hidden: order tells
        values."""
        keys = list(keys)
        self.refuse_hidden(by, keys)
        hidden = sorted(self.schema.private.intersection(keys))
        if by is not None and hidden and not self._access.rights(by).may(self._permission("private")):
            raise Forbidden(who=by, action=f"{self._permission('private')} ({hidden[0]})")
