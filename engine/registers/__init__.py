"""Registers (台账): low-code tables that a pack declares in JSON.

Owns `Registers`, the one face of the package. Pieces: `schema` (the file and its lint), `cells` (values and what is
indexed), `filters` (the where language), `reading`, `batch` (a command's plan), `changes` (how a plan lands), `table`
(one register as it is used), `sight` (which columns somebody sees), `migrating` (rows under a new schema), `sketch`
(forms and registers drawn from each other). Knows no register by name, no screen and no process.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from datetime import datetime
from threading import Lock
from zoneinfo import ZoneInfo

from engine.clock import Clock
from engine.errors import NotFound
from engine.registers import migrating
from engine.registers.batch import SERVICES, Batch
from engine.registers.cells import Known, Wrong
from engine.registers.effects import Effect
from engine.registers.migrating import RowReport
from engine.registers.reading import Reader, Row, Source
from engine.registers.schema import Field, RegisterSchema, lint, parse
from engine.registers.sketch import form_of, register_of
from engine.registers.table import Access, Register
from engine.store.database import Store
from engine.store.deployed import latest
from engine.store.models import Definition, Person, Unit

__all__ = [
    "SERVICES",
    "Batch",
    "Effect",
    "Field",
    "Register",
    "RegisterSchema",
    "Registers",
    "Row",
    "RowReport",
    "Wrong",
    "form_of",
    "lint",
    "parse",
    "register_of",
]

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

    def register(self, name: str, schema: RegisterSchema | None = None) -> Register:
        """The register, seen through a schema that is not deployed when one is given; NotFound."""
        return Register(schema or self.schema(name), self._store, self._clock, self._people, self._source)

    def batch(self, now: datetime, by: str = "", instance: int | None = None) -> Batch:
        """A command's plan: `world.call` uses `.call(service, inputs)`, the commit runs `.land(store)`."""
        return Batch(self._source, now, by, instance)

    def migrate(self, before: int, name: str) -> RowReport:
        """Turn the rows of a register from the version `before` (a definition's id) to the one deployed now; inside the
        deployment's transaction, which must not commit when the report is not `possible`."""
        return migrating.migrate(self._store, self._cached(before), self.schema(name), self._source.known)

    def trial(self, schema: RegisterSchema) -> RowReport | None:
        """What a schema would do to the rows there are; None when no such register is deployed."""
        if schema.name not in latest(self._store, "register"):
            return None
        old = self.schema(schema.name)
        return migrating.migrate(self._store, old, schema, self._source.known, dry_run=True)

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
        schema = replace(parse(bytes(content["content"]), content["file"]), definition=definition)
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
