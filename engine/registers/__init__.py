"""Registers (台账): low-code tables that a pack declares in JSON.

Owns `Registers`, the one face of the package. Pieces: `schema` (the file and its lint), `cells` (values and what is
indexed), `filters` (the where language), `reading`, `batch` (a command's plan), `changes` (how a plan lands), `table`
(one register as it is used). Knows no register by name, no screen and no process.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from threading import Lock
from zoneinfo import ZoneInfo

from engine.clock import Clock
from engine.errors import NotFound
from engine.registers import changes
from engine.registers.batch import SERVICES, Batch
from engine.registers.cells import Known, Wrong, entries
from engine.registers.reading import Reader, Row, Source
from engine.registers.schema import Field, RegisterSchema, lint, parse
from engine.registers.table import Access, Register
from engine.store.database import Store
from engine.store.deployed import latest
from engine.store.models import Definition, Person, RegisterValue, Unit

__all__ = ["SERVICES", "Batch", "Field", "Register", "RegisterSchema", "Registers", "Row", "Wrong", "lint", "parse"]

CACHED = 256  # parsed schemas kept


class Registers:
    """The registers of one installation: those whose latest definition is deployed."""

    def __init__(self, store: Store, clock: Clock, people: Access, zone: ZoneInfo | None = None) -> None:
        self._store = store
        self._clock = clock
        self._people = people
        self._parsed: OrderedDict[int, RegisterSchema] = OrderedDict()
        self._lock = Lock()
        known = Known(self._person_known, self._unit_known, zone or ZoneInfo("Asia/Shanghai"))
        self._source = Source(Reader(store), self.schema, known, store.new_id)

    def names(self) -> list[str]:
        """Keys of all registers deployed."""
        return sorted(latest(self._store, "register"))

    def schemas(self) -> list[RegisterSchema]:
        """All registers deployed, by name."""
        return [self._cached(found) for _, found in sorted(latest(self._store, "register").items())]

    def schema(self, name: str) -> RegisterSchema:
        """The latest schema of a register; NotFound."""
        found = latest(self._store, "register").get(name)
        if found is None:
            raise NotFound(what="台账", id=name)
        return self._cached(found)

    def register(self, name: str) -> Register:
        """The register; NotFound."""
        return Register(self.schema(name), self._store, self._clock, self._people, self._source)

    def batch(self, now: datetime, by: str = "", instance: int | None = None) -> Batch:
        """A command's plan: `world.call` uses `.call(service, inputs)`, the commit runs `.land(store)`."""
        return Batch(self._source, now, by, instance)

    def reindex(self, name: str) -> int:
        """Write the index lines of every row again, after a schema with other indexes was deployed; how many rows.

        Runs inside the caller's transaction when there is one (a deployment), else in chunks of its own.
        """
        schema = self.schema(name)
        done = 0
        for row in self._source.reader.each(schema, {}):
            kept = (schema.quota.taken, schema.quota.limit) if schema.quota else ()
            row_id = int(row["id"])
            present = RegisterValue.select(RegisterValue.field).where(RegisterValue.row == row_id)
            held = {line["field"] for line in self._store.rows(present)}.intersection(kept)
            old = (RegisterValue.row == row_id) & RegisterValue.field.not_in(list(held))
            self._store.run(RegisterValue.delete().where(old))
            fresh = tuple(line for line in entries(schema, row) if line[0] not in held)
            changes.write_entries(self._store, schema.name, row_id, fresh)
            done += 1
        return done

    def _cached(self, definition: int) -> RegisterSchema:
        with self._lock:
            if definition in self._parsed:
                self._parsed.move_to_end(definition)
                return self._parsed[definition]
        content = self._store.row(
            Definition.select(Definition.content, Definition.file).where(Definition.id == definition)
        )
        if content is None:
            raise NotFound(what="台账", id=definition)
        schema = parse(bytes(content["content"]), content["file"])
        with self._lock:
            self._parsed[definition] = schema
            if len(self._parsed) > CACHED:
                self._parsed.popitem(last=False)
        return schema

    def _person_known(self, login: str) -> bool:
        return self._store.value(Person.select(Person.id).where(Person.login == login)) is not None or not (
            self._store.value(Person.select(Person.id).limit(1))
        )

    def _unit_known(self, code: str) -> bool:
        return self._store.value(Unit.select(Unit.id).where(Unit.code == code)) is not None or not (
            self._store.value(Unit.select(Unit.id).limit(1))
        )
