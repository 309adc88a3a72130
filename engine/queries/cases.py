"""Cases, their history and what they wait for.

Owns the scope of a reader of cases: those one started, has or had a task in, was told of, and all of the units where
one may `operate`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from peewee import JOIN, Expression, ValueLiterals

from engine import bpmn
from engine.clock import not_before
from engine.errors import NotFound
from engine.expressions import values
from engine.people import People
from engine.queries.items import represented
from engine.records import Entry, Incident, Instance, Page, Timer
from engine.store import Store, loads, models, search
from engine.store.models import Candidate, Journal, Watcher, WorkItem
from engine.store.paging import counted, reach, sliced
from engine.store.prepared import Mark, Prepared

Case = models.Instance
_PLAIN = tuple(field for field in Case._meta.sorted_fields if field.name not in ("state", "guard"))
_TOLD = (Journal.seq, Journal.at, Journal.actor, Journal.node_id, Journal.event, Journal.data)
_TRACED = ("entered", "completed", "cancelled", "caught", "thrown", "incident", "resolved", "moved")


class Cases:
    """Reads of cases."""

    def __init__(self, store: Store, people: People) -> None:
        self._store = store
        self._people = people
        self._state = Prepared(store, Case.select(Case.state).where(Case.id == Mark("case")))
        self._children = Prepared(store, Case.select(*_PLAIN).where(Case.parent == Mark("case")).order_by(Case.id))
        self._journal = Prepared(
            store, Journal.select(*_TOLD).where(Journal.instance == Mark("case")).order_by(Journal.seq)
        )

    def get(self, instance: int, by: str | None = None) -> Instance:
        """A case with its variables and open incidents. NotFound also when `by` may not see it."""
        if by is not None and not self._seen(instance, by):
            raise NotFound(what="流程实例", id=instance)
        found = loads.troubled(self._store, instance)
        if found is None:
            raise NotFound(what="流程实例", id=instance)
        row, troubled = found
        whose = {"process_key": row.process_key, "unit": row.unit, "title": row.title}
        stored = loads.open_incidents(self._store, instance) if troubled else []
        trouble = [_incident({**one, **whose}) for one in stored]
        return row_of(row, bpmn.variables(row.state), trouble)

    def sees(self, instance: int, by: str) -> bool:
        """Whether somebody may see a case; nobody who is not signed in may."""
        return bool(by) and self._seen(instance, by)

    def _seen(self, instance: int, by: str) -> bool:
        return (
            self._store.value(Case.select(Case.id).where(Case.id == instance, *self._scope(by, instance))) is not None
        )

    def state(self, instance: int) -> bytes:
        """The interpreter's state. NotFound."""
        found = self._state.value(case=instance)
        if found is None:
            raise NotFound(what="流程实例", id=instance)
        return bytes(found)

    def page(self, *, by: str | None = None, limit: int = 50, offset: int = 0, **wanted: Any) -> Page[Instance]:
        """Cases, newest first, without variables. Filters: process, status (running | completed | cancelled |
        suspended), unit (and below), started_by, business_key, text (anywhere in it), root, parent. Counted as far as
        `paging.reach`."""
        tests = self._all_tests(by, wanted)
        newest = (Case.started_at.desc(), Case.id.desc()) if wanted.get("started_by") else (Case.id.desc(),)  # by index
        query = _where(Case.select(*_PLAIN), tests).order_by(*newest).limit(limit).offset(offset)
        rows = [record(row) for row in self._store.rows(query)]
        found = self._count(_where(Case.select(Case.id), tests), reach(limit, offset) + 1)
        return sliced(rows, found, limit, offset)

    def count(self, *, by: str | None = None, most: int | None = None, **wanted: Any) -> int:
        """How many `page` would find in all; `most`: it stops there."""
        return self._count(_where(Case.select(Case.id), self._all_tests(by, wanted)), most)

    def _count(self, ids: Any, most: int | None) -> int:
        return int(self._store.value(counted(ids, most)))

    def children(self, instance: int) -> list[Instance]:
        """Cases that this one called, oldest first."""
        return [record(row) for row in self._children.rows(case=instance)]

    def journal(self, instance: int) -> list[Entry]:
        """A case's history, oldest first. An erased payload reads as {'erased': True}."""
        return [_entry(row) for row in self._journal.rows(case=instance)]

    def trace(self, instance: int) -> list[tuple[str, str]]:
        """(node, event) pairs of what the diagram went through, in order."""
        query = Journal.select(Journal.node_id, Journal.event)
        query = query.where(Journal.instance == instance, Journal.node_id != "", Journal.event.in_(_TRACED))
        return [(row["node_id"], row["event"]) for row in self._store.rows(query.order_by(Journal.seq))]

    def incidents(
        self, *, by: str | None = None, instance: int | None = None, open_only: bool = True, limit: int | None = None
    ) -> list[Incident]:
        """Incidents, oldest first; `by`: of the units where this person may `operate`."""
        tests = self._troubled(by, open_only)
        if instance is not None:
            tests.append(models.Incident.instance == instance)
        query = _where(_incidents(models.Incident, *_WHOSE), tests).order_by(models.Incident.id)
        return [_incident(row) for row in self._store.rows(query.limit(limit) if limit else query)]

    def incident_page(
        self, *, by: str, open_only: bool = True, text: str = "", limit: int = 50, offset: int = 0
    ) -> Page[Incident]:
        """A slice of `incidents`; `text`: in the case's title, the message or the node."""
        tests = self._troubled(by, open_only, text)
        query = _where(_incidents(models.Incident, *_WHOSE), tests).order_by(models.Incident.id)
        rows = [_incident(row) for row in self._store.rows(query.limit(limit).offset(offset))]
        found = self._count(_where(_incidents(models.Incident.id), tests), reach(limit, offset) + 1)
        return sliced(rows, found, limit, offset)

    def count_incidents(self, by: str, most: int) -> int:
        """How many incidents are open in the units where somebody may `operate`, `most` at most."""
        return self._count(_where(_incidents(models.Incident.id), self._troubled(by, True)), most)

    def _troubled(self, by: str | None, open_only: bool, text: str = "") -> list[Expression]:
        tests: list[Expression] = [models.Incident.resolved_at.is_null()] if open_only else []
        if by is not None:
            tests += self._below(by, "operate")
        if text:
            said = (models.Incident.message, models.Incident.message_en, models.Incident.node_id)
            tests.append(reduce(or_, (column.contains(text) for column in said), Case.title.contains(text)))
        return tests

    def next_due(self) -> datetime | None:
        """When the next timer is due; None when none waits."""
        return self._store.value(models.Timer.select(models.Timer.due_at).order_by(models.Timer.due_at).limit(1))

    def timers(
        self,
        *,
        by: str | None = None,
        instance: int | None = None,
        due_before: datetime | None = None,
        limit: int = 200,
    ) -> list[Timer]:
        """Timers that wait, the next first; `by`: of the units where this person may `operate`."""
        query = _where(*self._waiting(models.Timer, by=by, due_before=due_before, instance=instance))
        rows = self._store.rows(query.order_by(models.Timer.due_at, models.Timer.id).limit(limit))
        return [_timer(row) for row in rows]

    def timer_page(self, *, limit: int = 50, offset: int = 0, **wanted: Any) -> Page[Timer]:
        """A slice of `timers`. Filters: by, due_before, kind."""
        query = _where(*self._waiting(models.Timer, **wanted)).order_by(models.Timer.due_at, models.Timer.id)
        rows = [_timer(row) for row in self._store.rows(query.limit(limit).offset(offset))]
        found = self._count(_where(*self._waiting(models.Timer.id, **wanted)), reach(limit, offset) + 1)
        return sliced(rows, found, limit, offset)

    def _waiting(
        self,
        *columns: Any,
        by: str | None = None,
        instance: int | None = None,
        due_before: datetime | None = None,
        kind: str = "",
    ) -> tuple[Any, list[Expression]]:
        """(query, its conditions) of timers."""
        query = models.Timer.select(*columns)
        tests: list[Expression] = [models.Timer.kind == kind] if kind else []
        if instance is not None:
            tests.append(models.Timer.instance == instance)
        if due_before is not None:
            tests.append(models.Timer.due_at < due_before)
        if by is not None and (below := self._below(by, "operate")):
            query = query.join(Case, JOIN.LEFT_OUTER, on=(Case.id == models.Timer.instance))
            tests += below
        return query, tests

    # ---- conditions

    def _all_tests(self, by: str | None, wanted: dict[str, Any]) -> list[Expression]:
        """The conditions of a list; what one started oneself one may see, without asking further."""
        own = by is not None and wanted.get("started_by") == by
        return [*self._tests(wanted), *([] if own else self._scope(by))]

    def _tests(self, wanted: dict[str, Any]) -> list[Expression]:
        tests: list[Any] = []
        for name, column in _COLUMNS.items():
            if wanted.get(name) is not None:
                tests.append(column == wanted[name])
        status = wanted.get("status")
        if status == "suspended":
            tests.append(Case.suspended == True)  # noqa: E712 (SQL)
        elif status is not None:
            tests.append(Case.status == status)
        if wanted.get("unit"):
            below = [u.code for u in self._people.tree(wanted["unit"])]
            tests.append(Case.unit.in_(below or [wanted["unit"]]))
        if wanted.get("ids") is not None:
            tests.append(Case.id.in_(list(wanted["ids"])))
        if wanted.get("text"):
            found = search.matching(self._store, wanted["text"])
            named = Case.title.contains(wanted["text"]) | (Case.business_key == wanted["text"])
            tests.append(named if found is None else Case.id.in_(found))
        return tests

    def _below(self, by: str, *permissions: str) -> list[Expression]:
        scope = self._people.visible_units(by, *permissions)
        test = scope.where(Case.unit) if scope else Case.id.is_null()
        return [] if test is None else [test]

    def _scope(self, by: str | None, instance: int | None = None) -> list[Expression]:
        """Which cases somebody sees; `instance`: only this one is asked for, so only its tasks need be looked at."""
        if by is None:
            return []
        if not by:  # a visitor: free tasks have the assignee '', which is not theirs
            return [Case.id.is_null()]
        below = self._below(by, "operate", "oversee")
        if not below:
            return []
        stands_in = represented(self._people.substitutes.represented(by), "instance")
        concerned = (Case.id.in_(cases) for cases in (*_handled(by, instance), *stands_in))
        return [reduce(or_, concerned, below[0] | (Case.started_by == by))]


_WHOSE = (Case.process_key, Case.unit, Case.title)
_COLUMNS = {
    "process": Case.process_key,
    "started_by": Case.started_by,
    "business_key": Case.business_key,
    "root": Case.root,
    "parent": Case.parent,
}


def _handled(by: str, instance: int | None) -> Iterator[Any]:
    """Subqueries of the cases (or of the one) in which somebody has or had a task, or was told of one; each finds its
    own index."""
    tasks = WorkItem.select(WorkItem.instance)
    tasks = tasks if instance is None else tasks.where(WorkItem.instance == instance)
    owned = (WorkItem.owner == by) & ValueLiterals(WorkItem.owner != "")  # written out: the index is of these only
    for test in (WorkItem.assignee == by, WorkItem.ended_by == by, owned):
        yield tasks.where(test)
    for told in (Candidate, Watcher):
        mine = told.select(told.work_item).where(told.login == by)
        yield tasks.where(WorkItem.id.in_(mine))


def _incidents(*columns: Any) -> Any:
    return models.Incident.select(*columns).join(Case, on=(Case.id == models.Incident.instance))


def _where(query: Any, tests: Sequence[Expression]) -> Any:
    return query.where(*tests) if tests else query


def row_of(row: loads.CaseRow, variables: dict[str, Any], incidents: Sequence[Incident] = ()) -> Instance:
    """A loaded case as the façade hands it out."""
    return Instance(
        row.id,
        row.process_key,
        row.version,
        row.status,
        row.business_key,
        row.title,
        row.unit,
        row.started_by,
        row.started_at,
        not_before(row.started_at, row.ended_at),
        row.parent,
        row.root,
        row.definition,
        variables,
        tuple(incidents),
        row.suspended,
    )


def record(row: dict[str, Any]) -> Instance:
    """A case's row of a list: without variables and incidents."""
    same = (
        "id",
        "process_key",
        "version",
        "status",
        "business_key",
        "title",
        "unit",
        "started_by",
        "started_at",
    )
    return Instance(
        **{name: row[name] for name in same},
        ended_at=not_before(row["started_at"], row["ended_at"]),
        parent_id=row["parent"],
        root_id=row["root"],
        definition_id=row["definition"],
        suspended=bool(row["suspended"]),
    )


def _entry(row: dict[str, Any]) -> Entry:
    data = {"erased": True} if row["data"] is None else values.loads(row["data"])
    return Entry(row["seq"], row["at"], row["actor"], row["node_id"], row["event"], data)


def _incident(row: dict[str, Any]) -> Incident:
    same = (
        "id",
        "token",
        "node_id",
        "kind",
        "message",
        "message_en",
        "created_at",
        "resolved_at",
        "process_key",
        "unit",
        "title",
    )
    return Incident(**{name: row[name] for name in same}, instance_id=row["instance"])


def _timer(row: dict[str, Any]) -> Timer:
    same = ("id", "node_id", "kind", "rule", "occurrence", "due_at", "attempts")
    ids = {"instance_id": row["instance"], "definition_id": row["definition"], "work_item_id": row["work_item"]}
    return Timer(**{name: row[name] for name in same}, **ids)
