"""One command's dealings with registers: it reads, plans changes, sees its own changes, and lands them all at once.

Owns planning: checks a row, finds what is there, records what it relied on. `batch.call("register.find", inputs)` is
the inline service of a diagram; `batch.land` runs inside the command's commit. Nothing is written before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from engine.errors import AppendOnly, Conflict, DuplicateKey, InvalidForm, InvalidValue, NotFound, QuotaFull, Said
from engine.expressions import values
from engine.registers import cells, changes, filters
from engine.registers.reading import Reader, Row, Source, named, remembering
from engine.registers.schema import RegisterSchema
from engine.store.database import Store

FOUND = 1000  # rows that a diagram's register.find gives at most, unless it says a smaller limit


class Batch:
    """Changes gathered by one command at one instant (`now`: naive UTC) in the name of `by`."""

    def __init__(self, source: Source, now: datetime, by: str = "", instance: int | None = None) -> None:
        self._source = source
        self._reader: Reader = source.reader
        self._now = now
        self._by = by
        self._instance = instance
        self._schemas: dict[str, RegisterSchema] = {}  # one version of a register for the whole command
        self._known = remembering(source.known)
        self._read: dict[tuple[str, str], Row] = {}  # rows as first read: a second look must not see a later revision
        self._mine: dict[int, Row | None] = {}  # rows as they will be; None = deleted
        self._register: dict[int, str] = {}
        self._named: dict[tuple[str, str], int] = {}  # own rows by id and by their present key
        self.changes: list[changes.Change] = []
        self.reads = changes.Reads()

    def land(self, store: Store) -> None:
        """Write everything in the open transaction. Raises writer.Moved when something read has changed."""
        if not self.idle:
            changes.apply(store, self.changes, self.reads)

    @property
    def idle(self) -> bool:
        """Whether `land` has nothing to do: nothing to write, and nothing was read that must still hold."""
        return not (self.changes or self.reads.parts or self.reads.rows)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not self.changes

    def _schema(self, name: str) -> RegisterSchema:
        if name not in self._schemas:
            schema = self._schemas[name] = self._source.schema(name)
            self.reads.schemas[name] = schema.definition
        return self._schemas[name]

    # ---- reads that are relied on

    def get(self, name: str, key: Any) -> Row | None:
        """The row of a key or id, or None."""
        schema = self._schema(name)
        row = self._get(schema, key)
        return dict(row) if row else None

    def find(
        self, name: str, where: filters.Where | None = None, order: str = "", limit: int | None = None
    ) -> list[Row]:
        """Rows that match, this batch's own changes among them."""
        schema, where = self._schema(name), where or {}
        self._rely(schema, where)
        mine = {row for row, register in self._register.items() if register == name}
        most = min(limit or FOUND, FOUND)
        found = [r for r in self._reader.find(schema, where, order, most + len(mine)) if int(r["id"]) not in mine]
        changed = [row for i in mine if (row := self._mine[i]) is not None and filters.matches(schema, where, row)]
        if changed:
            found = _sorted([*found, *changed], order)
        return [dict(row) for row in found[:most]]

    def count(self, name: str, where: filters.Where | None = None) -> int:
        """How many rows match, this batch's own changes counted."""
        schema, where = self._schema(name), where or {}
        self._rely(schema, where)
        total = self._reader.count(schema, where)
        for row_id in (row for row, register in self._register.items() if register == name):
            before, after = self._reader.row(schema, row_id), self._mine[row_id]
            total -= bool(before) and filters.matches(schema, where, before or {})
            total += after is not None and filters.matches(schema, where, after)
        return total

    def _rely(self, schema: RegisterSchema, where: filters.Where) -> None:
        part = filters.part_asked(schema, where)
        if (schema.name, part) not in self.reads.parts:
            self.reads.parts[schema.name, part] = self._reader.version(schema, part)

    def _get(self, schema: RegisterSchema, key: Any, rely: bool = True) -> Row | None:
        own = self._mine.get(self._named.get((schema.name, named(key)), 0))
        if own is not None:
            return own
        row = self._first_read(schema, named(key))
        if row is None:
            if rely:
                self._rely(schema, {})
            return None
        row_id = int(row["id"])
        if row_id in self._mine:  # changed or deleted here, under another key
            return None
        self.reads.rows.setdefault(row_id, (schema.name, cells.part_of(schema, row), row["revision"]))
        return row

    def _first_read(self, schema: RegisterSchema, key: str) -> Row | None:
        row = self._read.get((schema.name, key)) or self._reader.get(schema, key)
        if row is None:
            return None
        names = (key, row["id"], cells.key_of(schema, row) or key)
        first = next((self._read[schema.name, n] for n in names if (schema.name, n) in self._read), row)
        self._read |= {(schema.name, name): first for name in names}
        return first

    def _must(self, schema: RegisterSchema, key: Any) -> Row:
        row = self._get(schema, key)
        if row is None:
            raise NotFound(what=Said(schema.title.zh, schema.title.en), id=key)
        return row

    # ---- changes

    def insert(self, name: str, row: Mapping[str, Any]) -> Row:
        """Plan a new row; the row as it will be. Raises InvalidForm, DuplicateKey."""
        schema = self._schema(name)
        return self._insert(schema, cells.clean(schema, row, None, self._known))

    def _insert(self, schema: RegisterSchema, data: Row) -> Row:
        key = cells.key_of(schema, data)
        if key is not None:
            self._free(schema, key)
        change = changes.Insert(
            register=schema.name,
            id=self._source.new_id(),
            key=key,
            unit=_unit(data),
            part=cells.part_of(schema, data),
            data=values.dumps(data).decode(),
            entries=tuple(cells.entries(schema, data)),
            at=self._now,
            by=self._by,
            instance=self._instance,
        )
        self.changes.append(change)
        row = {**data, "id": str(change.id), "revision": 1, "instance": _text(self._instance)}
        row |= {"created_at": _aware(self._now), "created_by": self._by}
        return self._keep(schema, row)

    def update(self, name: str, key: Any, given: Mapping[str, Any], revision: int | None = None) -> Row:
        """Plan new values of a row. Raises NotFound, InvalidForm, AppendOnly, Conflict, DuplicateKey, and Conflict when
        `revision` is given and is not the row's any more."""
        schema = self._schema(name)
        _changeable(schema)
        row = self._must(schema, key)
        if revision is not None and revision != row["revision"]:
            raise Conflict(attempts=1)
        return self._update(schema, row, given)

    def _update(self, schema: RegisterSchema, row: Row, given: Mapping[str, Any]) -> Row:
        before = {f.key: row[f.key] for f in schema.fields}
        if schema.quota and given.get(schema.quota.taken, before[schema.quota.taken]) != before[schema.quota.taken]:
            raise InvalidValue(reason=f"{schema.name}.{schema.quota.taken} changes by reserve and release only")
        data = cells.clean(schema, given, before, self._known)
        if data == before:
            return dict(row)
        self._above_taken(schema, data)
        key = cells.key_of(schema, data)
        if key is not None and key != cells.key_of(schema, before):
            self._free(schema, key)
        entries, old = cells.entries(schema, data), cells.entries(schema, before)
        limit = _quota_limit(schema, data)
        change = changes.Update(
            register=schema.name,
            id=int(row["id"]),
            revision=row["revision"],
            key=key,
            unit=_unit(data),
            parts=tuple({cells.part_of(schema, before), cells.part_of(schema, data)}),
            data=values.dumps(data).decode(),
            entries=None if entries == old else tuple(entries),
            quota=(schema.quota.taken, schema.quota.limit) if schema.quota else (),
            limit=limit,
            relimit=limit != _quota_limit(schema, before),
            at=self._now,
            by=self._by,
        )
        self.changes.append(change)
        return self._keep(schema, {**row, **data, "revision": row["revision"] + 1})

    def upsert(self, name: str, given: Mapping[str, Any]) -> Row:
        """Plan a change of the row with this key, or a new one. Raises as insert and update."""
        schema = self._schema(name)
        if not schema.key:
            raise InvalidValue(reason=f"the register {name} declares no key, so there is nothing to find a row by")
        missing = {k: cells.Wrong("required") for k in schema.key if cells.index_text(given.get(k)) is None}
        if missing:
            raise InvalidForm(missing)
        row = self._get(schema, cells.key_of(schema, given), rely=False)
        if row is None:
            return self.insert(name, given)
        _changeable(schema)
        return self._update(schema, row, given)

    def put(self, name: str, given: Mapping[str, Any]) -> Row:
        """Plan a row: as `upsert` in a register that has a key, else a new one."""
        return self.upsert(name, given) if self._schema(name).key else self.insert(name, given)

    def delete(self, name: str, key: Any) -> None:
        """Plan to take a row out. Raises NotFound, AppendOnly."""
        schema = self._schema(name)
        _changeable(schema)
        row = self._must(schema, key)
        row_id = int(row["id"])
        parts = (cells.part_of(schema, row),)
        self.changes.append(changes.Delete(schema.name, row_id, row["revision"], parts))
        self._mine[row_id], self._register[row_id] = None, schema.name

    def reserve(self, name: str, key: Any, count: int = 1) -> Row:
        """Plan to take places. Raises QuotaFull when there are not so many now; the commit asks again."""
        if count < 1:
            raise InvalidValue(reason="a reservation takes at least one place")
        return self._move_counter(name, key, count)

    def release(self, name: str, key: Any, count: int = 1) -> Row:
        """Plan to give places back, never below none. Raises NotFound."""
        if count < 1:
            raise InvalidValue(reason="a release gives back at least one place")
        return self._move_counter(name, key, -count)

    def _move_counter(self, name: str, key: Any, count: int) -> Row:
        schema = self._schema(name)
        if schema.quota is None:
            raise InvalidValue(reason=f"the register {name} declares no quota")
        row = self._must(schema, key)
        after = (row[schema.quota.taken] or 0) + count
        most = row[schema.quota.limit]
        if count > 0 and most is not None and after > most:
            raise QuotaFull(what=schema.title_of(row))
        if after < 0:
            raise InvalidValue(reason=f"{schema.title_of(row)}: no place is taken that could be given back")
        thousandths = count * cells.THOUSANDTHS
        self.changes.append(changes.Reserve(name, int(row["id"]), schema.quota.taken, schema.quota.limit, thousandths))
        return self._keep(schema, {**row, schema.quota.taken: after})

    def _above_taken(self, schema: RegisterSchema, data: Row) -> None:
        if schema.quota is None:
            return
        most, taken = data[schema.quota.limit], data[schema.quota.taken] or 0
        if most is not None and most < taken:
            raise InvalidForm({schema.quota.limit: cells.Wrong("quota", (("limit", taken),))})

    def _free(self, schema: RegisterSchema, key: str) -> None:
        """Raise DuplicateKey when a row, committed or of this batch, has the key."""
        if self._get(schema, key, rely=False) is not None:  # absent: the unique index guards it, nothing to rely on
            raise DuplicateKey(register=schema.title.zh, key=key.replace("\x1f", " / "))

    def _keep(self, schema: RegisterSchema, row: Row) -> Row:
        row |= {"updated_at": _aware(self._now), "updated_by": self._by}
        row_id, before = int(row["id"]), self._mine.get(int(row["id"]))
        if before is not None:
            self._named.pop((schema.name, cells.key_of(schema, before) or ""), None)
        self._mine[row_id], self._register[row_id] = row, schema.name
        self._named |= {(schema.name, name): row_id for name in (row["id"], cells.key_of(schema, row)) if name}
        return dict(row)

    # ---- as the inline service of a diagram

    def call(self, service: str, inputs: Mapping[str, Any], instance: int | None = None) -> Any:
        """`register.insert|update|upsert|delete|find|get|count|reserve|release` with the inputs of contracts.md, for a
        case. `reserve` answers false instead of raising when no place is left: a full project is a branch of the
        diagram, not a fault."""
        self._instance = instance
        action = _ACTIONS.get(service)
        if action is None:
            raise InvalidValue(reason=f"{service} is no register service; there are {', '.join(sorted(_ACTIONS))}")
        name = inputs.get("register")
        if not isinstance(name, str):
            raise InvalidValue(reason=f"{service} needs the input register")
        return action(self, name, inputs)

    def _try_reserve(self, name: str, inputs: Mapping[str, Any]) -> bool:
        try:
            self.reserve(name, inputs.get("key"), int(inputs.get("count") or 1))
        except QuotaFull:
            return False
        return True


def _whole(inputs: Mapping[str, Any], name: str) -> int | None:
    value = inputs.get(name)
    return None if value is None else int(value)


_ACTIONS: dict[str, Callable[[Batch, str, Mapping[str, Any]], Any]] = {
    "register.insert": lambda b, n, i: b.insert(n, i.get("row") or i.get("values") or {}),
    "register.update": lambda b, n, i: b.update(n, i.get("key"), i.get("values") or i.get("row") or {}),
    "register.upsert": lambda b, n, i: b.upsert(n, i.get("row") or i.get("values") or {}),
    "register.put": lambda b, n, i: b.put(n, i.get("row") or {}),
    "register.delete": lambda b, n, i: b.delete(n, i.get("key")),
    "register.find": lambda b, n, i: b.find(n, i.get("where"), i.get("order") or "", _whole(i, "limit")),
    "register.get": lambda b, n, i: b.get(n, i.get("key")),
    "register.count": lambda b, n, i: b.count(n, i.get("where")),
    "register.reserve": lambda b, n, i: b._try_reserve(n, i),
    "register.release": lambda b, n, i: b.release(n, i.get("key"), _whole(i, "count") or 1),
}
SERVICES = frozenset(_ACTIONS)


def _changeable(schema: RegisterSchema) -> None:
    if schema.append_only:
        raise AppendOnly(register=schema.title.zh)


def _quota_limit(schema: RegisterSchema, row: Row) -> int | None:
    limit = row.get(schema.quota.limit) if schema.quota else None
    return None if limit is None else cells.index_number(limit)


def _unit(data: Row) -> str:
    return str(data.get("unit") or "")


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def _sorted(rows: list[Row], order: str) -> list[Row]:
    """As the database sorts: rows without a value last, newest id first among equals."""
    down, key = order.startswith("-"), order.lstrip("-") or "id"
    rows.sort(key=lambda r: -int(r["id"]))
    filled = [r for r in rows if r.get(key) is not None]
    numbers = bool(filled) and all(isinstance(r[key], int | float) for r in filled)
    filled.sort(key=lambda r: r[key] if numbers else cells.index_text(r[key]) or "", reverse=down)
    return filled + [r for r in rows if r.get(key) is None]
