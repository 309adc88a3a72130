"""Work items as people see them.

Owns the filters of the desk and the scope of a reader: one's own items, those one may take, those one was copied or
escalated, and every item of the units where one may `operate`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from peewee import SQL, Case, Expression, NodeList, Ordering, ValueLiterals, fn

from engine.clock import Clock, not_before
from engine.errors import NotFound
from engine.expressions import values
from engine.people import People
from engine.records import Load, Page, Share, WorkItem
from engine.store import Store, models, search
from engine.store.models import Candidate, Definition, Instance, Watcher
from engine.store.paging import counted, reach, sliced
from engine.store.prepared import Mark, Prepared

Item = models.WorkItem


def _orders(due: Any) -> dict[str, tuple[Any, ...]]:
    """Columns of each order; `due`: the due date, as it is to be asked for."""
    soonest = Ordering(due, "ASC", nulls="last")
    return {
        "due_at": (soonest, Item.priority.desc(), Item.id),
        "-due_at": (Ordering(due, "DESC", nulls="last"), Item.id),
        "created_at": (Item.id,),
        "-created_at": (Item.id.desc(),),
        "ended_at": (Item.ended_at.asc(nulls="last"), Item.id),
        "-ended_at": (Item.ended_at.desc(nulls="last"), Item.id.desc()),
        "completed": (Item.ended_at.desc(),),  # each has ended, so an index gives them in this order
        "priority": (Item.priority.asc(), soonest, Item.id),
        "-priority": (Item.priority.desc(), soonest, Item.id),
    }


ORDERS = _orders(Item.due_at)
# Of one case: SQLite without statistics would rather read all that is open in the town, in the order of due dates, than
# sort a few. After a plus it sees no index. PostgreSQL has statistics.
CASE_ORDERS = _orders(NodeList((SQL("+"), Item.due_at), glue=""))
STATUSES = ("open", "completed", "cancelled")
_JOINED = (Definition.name.alias("process_name"), Definition.name_en.alias("process_name_en"))
_PLAIN = frozenset(
    ("id", "instance", "status", "process", "assignee", "candidate", "ended_by", "public_code", "watcher")
)
_TESTS = (
    "instance",
    "status",
    "unit",
    "process",
    "assignee",
    "candidate",
    "watcher",
    "ended_by",
    "public_code",
    "standing_in",
)
_FEW = ("instance", "assignee", "candidate")  # filters that leave what one person has to do, or one case


_FREE = ValueLiterals(
    Item.assignee == ""
)  # written out: PostgreSQL's plan for any assignee expects one row, not thousands


class Items:
    """Reads of work items."""

    def __init__(self, store: Store, people: People, clock: Clock) -> None:
        self._store = store
        self._people = people
        self._clock = clock
        self._prepared: dict[tuple[Any, ...], Prepared] = {}
        self._candidates_of = Prepared(store, _candidates(Mark("item")))

    def find(
        self, *, by: str | None = None, order: str = "due_at", limit: int | None = None, offset: int = 0, **wanted: Any
    ) -> list[WorkItem]:
        """Work items. Filters: instance, assignee, candidate (open, nobody has it, and this login may take it),
        watcher, ended_by, standing_in (of those for whom this login acts today), status ('open' unless said; None =
        any), unit (and below), process, overdue (True), text, public_code, scope (a people.Scope). `by`: only those
        this person may see. `order`: due_at, created_at, ended_at or priority, with `-` for the other way."""
        wanted = {"status": "open", **wanted}
        if self._for_nobody(wanted):
            return []
        if order == "-ended_at" and wanted["status"] == "completed":
            order = "completed"
        if (shape := self._shape(by, wanted)) is None:
            tests = self._where(by, wanted)
            return self._records(self._store.rows(_selected(tests, self._order(order, wanted), limit, offset)))
        marks = (None, 0) if limit is None else (Mark("limit"), Mark("offset"))
        columns = self._order(order, wanted)
        query = self._prepare((*shape, order, limit is None), wanted, lambda tests: _selected(tests, columns, *marks))
        return self._records(query.rows(**wanted, limit=limit, offset=offset))

    def _order(self, order: str, wanted: dict[str, Any]) -> tuple[Any, ...]:
        one_case = wanted.get("instance") is not None and not self._store.postgres
        return (CASE_ORDERS if one_case else ORDERS)[order]

    def count(self, *, by: str | None = None, most: int | None = None, **wanted: Any) -> int:
        """How many `find` would find without a limit; `most`: more than that are not counted, so that a list of a
        million is as quick to count as one of a thousand."""
        wanted = {"status": "open", **wanted}
        if self._for_nobody(wanted):
            return 0
        if (shape := self._shape(by, wanted)) is None:
            return int(self._store.value(_counted(self._where(by, wanted), most)))
        mark = None if most is None else Mark("most")
        query = self._prepare((*shape, most is None), wanted, lambda tests: _counted(tests, mark))
        return int(query.value(**wanted, most=most))

    def page(self, *, limit: int, offset: int = 0, order: str = "due_at", **wanted: Any) -> Page[WorkItem]:
        """A slice of `find`; counted as far as `paging.reach`."""
        rows = self.find(order=order, limit=limit, offset=offset, **wanted)
        return sliced(rows, self.count(most=reach(limit, offset) + 1, **wanted), limit, offset)

    def _shape(self, by: str | None, wanted: dict[str, Any]) -> tuple[Any, ...] | None:
        """What tells a question that is asked often from another; None for one that is rendered each time: its SQL
        depends on values (units, rights, search words)."""
        asked = {name for name, value in wanted.items() if value is not None and value != "" and value is not False}
        if by is not None or not asked <= _PLAIN:
            return None
        return (frozenset(asked), wanted["status"], self._people.empty())

    def _prepare(self, key: tuple[Any, ...], wanted: dict[str, Any], query: Callable[[list[Any]], Any]) -> Prepared:
        if key not in self._prepared:
            marks = {name: Mark(name) if name in key[0] else None for name in wanted} | {"status": wanted["status"]}
            self._prepared[key] = Prepared(self._store, query(self._where(None, marks)))
        return self._prepared[key]

    def by_unit(self, scope: Any = None) -> list[Load]:
        """Open and overdue items of each unit (of a people.Scope), one statement however many units."""
        late = (Item.due_at < self._clock.now()) & Item.stopped_at.is_null()
        overdue, oldest = fn.SUM(Case(None, [(late, 1)], 0)), fn.MIN(Case(None, [(late, Item.due_at)], None))
        query = Item.select(
            Item.unit, fn.COUNT(Item.id).alias("open"), overdue.alias("overdue"), oldest.alias("oldest")
        )
        query = (
            query.where(*self._where(None, {"status": "open", "scope": scope})).group_by(Item.unit).order_by(Item.unit)
        )
        return [
            Load(r["unit"], int(r["open"]), int(r["overdue"] or 0), _moment(r["oldest"]))
            for r in self._store.rows(query)
        ]

    def by_person(self, *, by: str, limit: int = 50, **wanted: Any) -> list[Share]:
        """Open items that somebody may see, by who has them ('' = nobody yet), the most overdue first."""
        late = fn.SUM(Case(None, [(Item.due_at < self._clock.now(), 1)], 0))
        query = Item.select(Item.assignee, fn.COUNT(Item.id).alias("open"), late.alias("overdue"))
        query = query.where(*self._where(by, {**wanted, "status": "open"})).group_by(Item.assignee)
        query = query.order_by(late.desc(), fn.COUNT(Item.id).desc(), Item.assignee).limit(limit)
        return [Share(row["assignee"], int(row["open"]), int(row["overdue"] or 0)) for row in self._store.rows(query)]

    def get(self, item_id: int, by: str | None = None) -> WorkItem:
        """One work item, without variables. NotFound also when `by` may not see it."""
        found = self.find(id=item_id, status=None)
        if not found or (by is not None and not self._sees(by, found[0])):
            raise NotFound(what="任务", id=item_id)
        return found[0]

    def _sees(self, by: str, item: WorkItem) -> bool:
        """The scope of `find`, with what the row itself tells asked first."""
        if by and by in (item.assignee, item.ended_by, *item.candidates):
            return True
        return bool(self.count(by=by, id=item.id, status=None))

    # ---- conditions

    def _where(self, by: str | None, wanted: dict[str, Any]) -> list[Expression]:
        tests: list[Any] = [Item.id == wanted["id"]] if "id" in wanted else []
        near = wanted.get("instance") is not None
        for name in _TESTS:
            if wanted.get(name) is not None:
                test = _NEAR[name] if near and name in _NEAR else getattr(Items, f"_{name}")
                tests.append(test(self, wanted[name]))
        if wanted.get("overdue"):
            tests.append((Item.due_at < self._clock.now()) & Item.stopped_at.is_null())
        if wanted.get("scope") is not None and (within := wanted["scope"].where(Item.unit)) is not None:
            tests.append(within)
        if wanted.get("text"):
            tests.append(self._says(wanted))
        if by is not None and (scope := self._seen_by(by)) is not None:
            tests.append(scope)
        return tests or [Item.id.is_null(False)]

    def _says(self, wanted: dict[str, Any]) -> Any:
        """A text of the case, by the search's index, in short lists row by row; there the step's name too."""
        text = wanted["text"]
        if wanted["status"] == "open" and any(wanted.get(name) for name in _FEW):
            says: Any = search.saying(self._store, Item.instance, text)
        else:
            found = search.matching(self._store, text)
            says = None if found is None else Item.instance.in_(found)
        if says is None:
            return Item.title.contains(text) | Item.name.contains(text)
        return Item.name.contains(text) | says if wanted.get("assignee") or wanted.get("candidate") else says

    def _instance(self, instance: int) -> Expression:
        return Item.instance == instance

    def _status(self, status: str) -> Any:
        """Written out: the planners know how few are open, and one index holds only those."""
        return ValueLiterals(Item.status == status) if status in STATUSES else Item.status == status

    def _process(self, process: str) -> Expression:
        return Item.process_key == process

    def _assignee(self, login: str) -> Expression:
        return Item.assignee == login

    def _ended_by(self, login: str) -> Expression:
        return (Item.ended_by == login) & (Item.status == "completed")

    def _public_code(self, code: str) -> Expression:
        return Item.public_code == code

    def _watcher(self, login: str) -> Expression:
        return Item.id.in_(Watcher.select(Watcher.work_item).where(Watcher.login == login))

    def _standing_in(self, login: str) -> Expression:
        """Tasks of those whom somebody stands in for today, and those that they may claim. One list: of two joined by
        `or` PostgreSQL looks into both for every open task of the town."""
        having, offered = represented(self._people.substitutes.represented(login), "id")
        return Item.id.in_(having.union_all(offered))

    def _for_nobody(self, wanted: dict[str, Any]) -> bool:
        """Whether the tasks of those are wanted whom somebody stands in for, and there are none: as nearly always."""
        login = wanted.get("standing_in")
        return login is not None and not self._people.substitutes.represented(login)

    def _unit(self, unit: str) -> Expression:
        below = [u.code for u in self._people.tree(unit)]
        return Item.unit.in_(below) if below else Item.unit == unit

    def _candidate(self, login: str) -> Any:
        """While nobody is registered anybody may take anything."""
        return _FREE if self._people.empty() else _FREE & self._may_take(login)

    def _assignee_near(self, login: str) -> Expression:
        return Item.assignee.concat("") == login

    def _candidate_near(self, login: str) -> Expression:
        """Of one case: looked up task by task, and no index is offered but the case's. SQLite without statistics would
        rather read all that is free in the town, because it comes in the order of due dates."""
        free = Item.assignee.concat("") == ""
        offered = Candidate.select(SQL("1")).where((Candidate.work_item == Item.id) & (Candidate.login == login))
        return free if self._people.empty() else free & fn.EXISTS(offered)

    def _may_take(self, login: str) -> Expression:
        return Item.id.in_(Candidate.select(Candidate.work_item).where(Candidate.login == login))

    def _seen_by(self, login: str) -> Expression | None:
        if not login:  # a visitor: free tasks have the assignee '', which is not theirs
            return Item.id.is_null()
        scope = self._people.visible_units(login, "operate", "oversee")
        below = scope.where(Item.unit) if scope else Item.id.is_null()
        if below is None:
            return None
        started = Item.instance.in_(Instance.select(Instance.id).where(Instance.started_by == login))
        own = (Item.assignee == login) | (Item.owner == login) | (Item.ended_by == login) | started
        own = own | self._may_take(login) | self._watcher(login) | below
        return own | self._standing_in(login) if self._people.substitutes.represented(login) else own

    # ---- records

    def _records(self, rows: Sequence[dict[str, Any]]) -> list[WorkItem]:
        candidates = self._candidates([row["id"] for row in rows if row["status"] == "open"])
        return [_record(row, candidates.get(row["id"], ())) for row in rows]

    def _candidates(self, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
        found: dict[int, tuple[str, ...]] = {}
        if len(ids) == 1:
            return {ids[0]: tuple(row["login"] for row in self._candidates_of.rows(item=ids[0]))}
        for start in range(0, len(ids), 500):
            query = Candidate.select(Candidate.work_item, Candidate.login).order_by(Candidate.login)
            for row in self._store.rows(query.where(Candidate.work_item.in_(ids[start : start + 500]))):
                found[row["work_item"]] = (*found.get(row["work_item"], ()), row["login"])
        return found


_NEAR = {"assignee": Items._assignee_near, "candidate": Items._candidate_near}


def represented(persons: Mapping[str, Collection[str]], column: str) -> list[Any]:
    """Subqueries of open tasks (one of their columns): those of people for whom somebody acts, and free ones that these
    people may claim. `persons`: see `Substitutes.represented`. Their names are written into the queries: joined with
    the table of substitutes, PostgreSQL's plan for anybody read all that is open in the town."""
    if not persons:
        return []
    task: Any = Item.alias()
    tasks = task.select(getattr(task, column)).where(ValueLiterals(task.status == "open"))
    offered = tasks.join(Candidate, on=(Candidate.work_item == task.id)).where(ValueLiterals(task.assignee == ""))
    return [tasks.where(_one_of(persons, task.assignee, task)), offered.where(_one_of(persons, Candidate.login, task))]


def _one_of(persons: Mapping[str, Collection[str]], login: Any, task: Any) -> Any:
    """A task is one of these people's, in the processes in which they are represented."""
    always = [person for person, processes in persons.items() if "" in processes]
    tests = [login.in_(always)] if always else []
    tests += [
        (login == person) & task.process_key.in_(sorted(processes))
        for person, processes in persons.items()
        if "" not in processes
    ]
    return reduce(or_, tests)


def _candidates(item: Mark) -> Any:
    return Candidate.select(Candidate.login).where(Candidate.work_item == item).order_by(Candidate.login)


def _selected(tests: Sequence[Expression], order: Sequence[Any], limit: Any, offset: Any) -> Any:
    query = _joined(Item.select(Item, *_JOINED)).where(*tests).order_by(*order)
    return query if limit is None else query.limit(limit).offset(offset)


def _counted(tests: Sequence[Expression], most: Any) -> Any:
    return counted(Item.select(Item.id).where(*tests), most)


def _moment(value: Any) -> datetime | None:
    """An instant of an aggregate: SQLite gives text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _joined(query: Any) -> Any:
    case = query.join(Instance, on=(Instance.id == Item.instance))
    return case.join(Definition, on=(Definition.id == Instance.definition))


def _record(row: dict[str, Any], candidates: tuple[str, ...]) -> WorkItem:
    same = (
        "id",
        "token",
        "node_id",
        "name",
        "name_en",
        "process_key",
        "process_name",
        "process_name_en",
        "title",
        "unit",
    )
    settings = values.loads(row["settings"])
    more = (
        "owner",
        "form",
        "status",
        "assignee",
        "due_at",
        "due_flag",
        "priority",
        "created_at",
        "ended_by",
        "stopped_at",
    )
    return WorkItem(
        **{name: row[name] for name in (*same, *more)},
        ended_at=not_before(row["created_at"], row["ended_at"]),
        instance_id=row["instance"],
        form_id=row["form_definition"],
        candidates=candidates,
        groups=tuple(values.loads(row["groups"])),
        properties=settings.get("properties", {}),
        asked_by=settings.get("asked_by", ""),
        held=bool(row["held"]),
    )
