"""Everything that only looks. Each read holds a connection for as long as it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

from engine import bpmn, dmn
from engine import pages as pack_pages
from engine.bpmn.model import ProcessInfo, TokenView
from engine.commands import almanac, deadlines, deploy, leftovers, outlook, services, start
from engine.commands.context import Context
from engine.commands.files import Files
from engine.commands.personal import Personal
from engine.commands.whom import Whom, of_rules, of_step
from engine.commands.world import Asking, World
from engine.doctor import Doctor, Problem
from engine.errors import Forbidden, NotFound
from engine.forms import Form
from engine.people import People
from engine.queries import Cases, DefinitionList, Items, Letters
from engine.records import (
    Almanac,
    Attachment,
    Deed,
    Definition,
    Entry,
    Erasure,
    Finding,
    Incident,
    Instance,
    Letter,
    Load,
    Notice,
    Page,
    Reading,
    Timer,
    WorkItem,
)
from engine.registers import Register, Registers, RegisterSchema
from engine.store import Store, house, journal

Result = TypeVar("Result")


def held(read: Callable[..., Result]) -> Callable[..., Result]:
    """Hold this thread's connection for a read."""

    @wraps(read)
    def connected(self: Reads, *args: Any, **kwargs: Any) -> Result:
        with self.store.connected():
            return read(self, *args, **kwargs)

    return connected


class Reads:
    """Mixed into Engine. With `by` a read gives only what this person may see."""

    store: Store
    people: People
    files: Files
    _context: Context
    _registers: Registers
    _items: Items
    _cases: Cases
    _deployed: DefinitionList
    _letters: Letters

    # ---- tasks

    @held
    def work_items(self, **wanted: Any) -> list[WorkItem]:
        """Work items, open ones unless `status` says otherwise (None = any). See `queries.Items.find` for the
        filters."""
        return self._items.find(**wanted)

    @held
    def count_items(self, **wanted: Any) -> int:
        """How many `work_items` would find without a limit."""
        return self._items.count(**wanted)

    @held
    def item_page(self, **wanted: Any) -> Page[WorkItem]:
        """A slice of `work_items` (limit, offset), with how many there are."""
        return self._items.page(**wanted)

    @held
    def items_by_unit(self, scope: Any = None) -> list[Load]:
        """What waits at each unit, of those in a people.Scope."""
        return self._items.by_unit(scope)

    @held
    def work_item(self, item: int, by: str | None = None) -> WorkItem:
        """One task with the variables it sees (of an open one; those of the case afterwards). NotFound."""
        found = self._items.get(item, by)
        state = self._cases.state(found.instance_id)
        seen = bpmn.variables(state, found.token if found.status == "open" else None)
        return replace(found, variables=seen)

    @held
    def clocks(self, items: Iterable[WorkItem]) -> dict[int, Reading]:
        """What the deadlines' clocks of these tasks show now, by id: budget, used, stopped, left; tasks without a
        deadline are left out."""
        timed = [item.id for item in items if item.due_at is not None]
        return deadlines.measure(self._context, timed) if timed else {}

    @held
    def clocks_below(self, by: str, unit: str = "", limit: int = 500) -> list[tuple[WorkItem, Reading]]:
        """Open tasks with a deadline of the units that somebody oversees (or of `unit` and below), the least time left
        first. At most `limit`, the next due of all."""
        scope = self.people.visible_units(by, "operate", "oversee")
        if not scope:
            return []
        wanted: dict[str, Any] = {"scope": scope} | ({"unit": unit} if unit else {})
        items = [item for item in self._items.find(order="due_at", limit=limit, **wanted) if item.due_at is not None]
        read = deadlines.measure(self._context, [item.id for item in items])
        return sorted(((item, read[item.id]) for item in items if item.id in read), key=lambda pair: pair[1].left)

    @held
    def public_items(self, code: str) -> list[WorkItem]:
        """Open tasks that a resident may do with this public code."""
        return self._items.find(public_code=code) if code else []

    @held
    def form_of(self, item: WorkItem) -> Form | None:
        """The form bound to a task, None when it has none."""
        return None if item.form_id is None else self._context.definitions.form(item.form_id)

    # ---- cases

    @held
    def instance(self, instance: int, by: str | None = None) -> Instance:
        """A case with its variables and open incidents. NotFound."""
        return self._cases.get(instance, by)

    @held
    def sees(self, instance: int, by: str) -> bool:
        """Whether somebody may see a case."""
        return self._cases.sees(instance, by)

    @held
    def instances(self, **wanted: Any) -> Page[Instance]:
        """A page of cases, newest first. See `queries.Cases.page` for the filters."""
        return self._cases.page(**wanted)

    @held
    def count_instances(self, **wanted: Any) -> int:
        """How many cases `instances` would find in all; `most`: it stops counting there."""
        return self._cases.count(**wanted)

    @held
    def migration_plan(
        self,
        process: str,
        to: int | bytes,
        mapping: Mapping[str, str] | None = None,
        *,
        by: str = "",
        limit: int = 200,
        after: int = 0,
    ) -> outlook.Plan:
        """What moving the running cases of a process to a version (or to a draft's diagram, as bytes) would do to each:
        every token, task and timer, and what must be mapped. At most 200 cases in one look. NotFound, InvalidFile."""
        return outlook.plan(self._context, process, to, mapping or {}, by=by, limit=limit, after=after)

    @held
    def returnable(self, process: str) -> list[int]:
        """Running cases of a process whose last migration can be taken back; at most 200."""
        return outlook.returnable(self._context, process)

    @held
    def undoable(self, instances: Iterable[int]) -> set[int]:
        """Those of the cases whose last migration can be taken back: nothing has happened in them since."""
        return outlook.undoable(self._context, list(instances))

    @held
    def children(self, instance: int) -> list[Instance]:
        """Cases that this one called."""
        return self._cases.children(instance)

    @held
    def journal(self, instance: int) -> list[Entry]:
        """A case's history, oldest first."""
        return self._cases.journal(instance)

    @held
    def trace(self, instance: int) -> list[tuple[str, str]]:
        """(node, event) pairs of what the diagram went through, in order."""
        return self._cases.trace(instance)

    @held
    def tokens(self, instance: int) -> list[TokenView]:
        """Where a case stands."""
        return bpmn.tokens(self._cases.state(instance))

    @held
    def next_due(self) -> datetime | None:
        """When the next timer is due (naive UTC); None when none waits."""
        return self._cases.next_due()

    @held
    def timers(
        self, instance: int | None = None, due_before: datetime | None = None, limit: int = 200, by: str | None = None
    ) -> list[Timer]:
        """Timers that wait, the next first."""
        return self._cases.timers(instance=instance, due_before=due_before, limit=limit, by=by)

    @held
    def incidents(
        self, by: str | None = None, open_only: bool = True, instance: int | None = None, limit: int | None = None
    ) -> list[Incident]:
        """Incidents, oldest first."""
        return self._cases.incidents(by=by, open_only=open_only, instance=instance, limit=limit)

    @held
    def incident_page(self, by: str, **wanted: Any) -> Page[Incident]:
        """A slice of the incidents of units where somebody may `operate`. Filters: open_only, text, limit, offset."""
        return self._cases.incident_page(by=by, **wanted)

    @held
    def count_incidents(self, by: str, most: int) -> int:
        """How many of them are open, `most` at most."""
        return self._cases.count_incidents(by, most)

    @held
    def timer_page(self, **wanted: Any) -> Page[Timer]:
        """A slice of `timers`. Filters: by, due_before, kind, limit, offset."""
        return self._cases.timer_page(**wanted)

    # ---- definitions

    @held
    def lint(self, files: Mapping[str, bytes]) -> list[Finding]:
        """What is wrong in files, seen together with what is deployed."""
        return deploy.lint(self._context, files).findings

    @held
    def definitions(self, kind: str | None = None, key: str | None = None, latest: bool = True) -> list[Definition]:
        """Deployed definitions."""
        return self._deployed.find(kind, key, latest)

    @held
    def definition(self, definition: int) -> Definition:
        """One version. NotFound."""
        return self._deployed.get(definition)

    @held
    def content(self, definition: int) -> bytes:
        """The bytes as uploaded. NotFound."""
        return self._deployed.content(definition)

    @held
    def process_info(self, definition: int) -> ProcessInfo:
        """What the diagram of a version says."""
        return self._context.definitions.info(definition)

    @held
    def startable(self, by: str | None) -> list[Definition]:
        """Processes with a plain start event that somebody may start by hand (None: those that residents may)."""
        found = self._deployed.find("process")
        return [one for one in found if start.offered(self._context, one.id, by)]

    @held
    def start_form(self, process: str) -> Form | None:
        """The form of a process's plain start event, None when it has none. NotFound."""
        return start.form(self._context, process)

    @held
    def decide(self, decision: str, variables: Mapping[str, Any]) -> Any:
        """The result of the latest version of a decision or decision service, by its id. DecisionFailed."""
        return self.ruling(decision, variables).value

    @held
    def ruling(self, decision: str, variables: Mapping[str, Any]) -> dmn.Result:
        """As `decide`, with the version and the rules that fired."""
        world = World(self._context, Asking(self._context.clock.now(), 0))
        return world.decide(decision, "latest", dict(variables))

    @held
    def decision(self, key: str) -> tuple[Definition, dmn.Model]:
        """The latest version of a decision, with its file read. NotFound."""
        version = self._context.definitions.latest("decision", key)
        if version is None:
            raise NotFound(what="决策", id=key)
        return self._deployed.get(version.id), self._context.definitions.decision(version.id)

    @held
    def packs(self) -> dict[str, dict[str, Any]]:
        """Installed packs: name -> pack.toml."""
        return self._deployed.packs()

    @held
    def job_types(self) -> list[str]:
        """Types that a service task may name: inline services, handlers, functions of the installed packs."""
        return sorted({*services.names(), *self._context.handlers.names()})

    @held
    def entrances(self) -> dict[str, Any]:
        """`[public]` of the installed packs, merged."""
        return self._deployed.entrances()

    @held
    def pages(self, by: str | None = None) -> list[pack_pages.Page]:
        """Latest pages in menu order, those open to `by` ('' = a resident)."""
        return self._deployed.pages(by)

    @held
    def page(self, name: str) -> pack_pages.Page:
        """The latest page of a name. NotFound."""
        return self._deployed.page(name)

    # ---- registers and people

    @held
    def register(self, name: str, schema: RegisterSchema | None = None) -> Register:
        """A register; with `schema` its rows seen through one that is not deployed. NotFound."""
        return self._registers.register(name, schema)

    @held
    def registers(self) -> list[RegisterSchema]:
        """All registers deployed."""
        return self._registers.schemas()

    @held
    def may(self, login: str, permission: str, unit: str | None = None) -> bool:
        """Whether somebody may do something, at a unit when one is given."""
        return self.people.may(login, permission, unit)

    @held
    def whom(
        self,
        process: str = "",
        node: str = "",
        *,
        rules: tuple[str, ...] = (),
        unit: str = "",
        initiator: str = "",
        variables: Mapping[str, Any] | None = None,
        by: str = "",
    ) -> Whom:
        """Who would get a step's task now (or whom `rules` mean), and why, and who was left out. Nothing is changed.
        With `by` they need `people:read` at the unit, or `design`. Forbidden, NotFound, InvalidValue,
        ExpressionFailed."""
        if by and not self.people.may(by, "people:read", unit) and not self.people.may(by, "design"):
            raise Forbidden(who=by, action="people:read")
        if rules:
            return of_rules(self._context, rules, unit, initiator, variables or {})
        return of_step(self._context, process, node, unit, initiator, variables or {})

    # ---- calendar

    @held
    def almanac(self, year: int) -> Almanac:
        """A year of the working calendar as administrators entered it."""
        return almanac.read(self._context, year)

    # ---- letters and files

    @held
    def notices(self, login: str, unread: bool = False, limit: int = 100) -> list[Notice]:
        """Somebody's notices, newest first."""
        return self._letters.notices(login, unread, limit)

    @held
    def unread(self, login: str) -> int:
        """How many of somebody's notices are unread, 100 at most."""
        return self._letters.unread(login)

    @held
    def outbox(self, status: str | None = None, limit: int = 200) -> list[Letter]:
        """Letters on their way, newest first."""
        return self._letters.outbox(status, limit)

    @held
    def outbox_page(self, status: str, limit: int, offset: int = 0) -> Page[Letter]:
        """A slice of `outbox`."""
        return self._letters.outbox_page(status, limit, offset)

    @held
    def count_outbox(self, status: str, most: int) -> int:
        """How many letters have a status, `most` at most."""
        return self._letters.count_outbox(status, most)

    @held
    def draft(self, subject: str, login: str) -> dict[str, Any] | None:
        """A form half filled in, or None."""
        return self._letters.draft(subject, login)

    @held
    def attachment(self, key: str) -> tuple[Attachment, Path]:
        """What is known of an uploaded file, and where its bytes are. NotFound."""
        return self.files.get(key)

    @held
    def deeds(self, **wanted: Any) -> Page[Deed]:
        """Who did what in the whole installation, the newest first. Filters: actor, event (what it begins with),
        subject, case (0: what is of no case), since, until, limit, offset."""
        return house.deeds(self.store, **wanted)

    @held
    def house_sound(self) -> list[str]:
        """What is wrong with the chain of the house's own journal; empty when it holds."""
        return journal.broken(self.store, house.HOUSE)

    @held
    def personal_data(self, who: str, by: str) -> dict[str, Any]:
        """All there is on one person, or on somebody without a record who is known by a number or address, as plain
        JSON; the look is on record. NotFound, Forbidden without `people:write` where they are (one's own is one's
        own; without a record: `admin`)."""
        return Personal(self._context, self.files).export(who, by=by)

    @held
    def erasure_preview(self, who: str, by: str) -> Erasure:
        """What `erase_person` would do. The same errors."""
        return Personal(self._context, self.files).preview(who, by=by)

    @held
    def doctor(self, instance: int | None = None) -> list[Problem]:
        """Proofs over the whole database, and that every upload it keeps is there; or of one case, with those it
        called; empty when all is sound."""
        if instance is not None:
            return Doctor(self.store, self._context.definitions.process).examine(instance)
        lost = [Problem(case or 0, "file", text) for case, text in self.files.lost()]
        left = leftovers.find(self._context.settings.files, self.store, self._context.clock.now())
        nobodys = [Problem(0, "orphan", f"the file {path.name} belongs to no upload") for path in left]
        return [*Doctor(self.store, self._context.definitions.process).report(), *lost, *nobodys]
