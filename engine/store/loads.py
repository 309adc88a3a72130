"""What a command reads before it computes: single rows by key, raw and quick, with no lock held.

Owns the SQL of the hot path's reads. A stale answer is harmless: the guard refuses at commit. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from peewee import DateTimeField, Model

from engine.store import journal
from engine.store.database import Store
from engine.store.models import Applied, Incident, Instance, Job, Message, Subscription, Timer, WorkItem
from engine.store.persons import STAMP


@dataclass(slots=True)
class CaseRow:
    """A row of `instance` (columns of the same names)."""

    id: int
    definition: int
    process_key: str
    version: int
    status: str
    suspended: bool
    business_key: str | None
    title: str
    unit: str
    started_by: str
    started_at: datetime
    ended_at: datetime | None
    parent: int | None
    parent_token: str | None
    root: int
    guard: int
    state: bytes


@dataclass(slots=True)
class Projections:
    """Ids of the rows that a case's live tokens project, each with its token."""

    items: list[tuple[int, str]] = field(default_factory=list)
    timers: list[tuple[int, str, str]] = field(default_factory=list)  # id, token, kind:rule
    subscriptions: list[tuple[int, str]] = field(default_factory=list)
    jobs: list[tuple[int, str]] = field(default_factory=list)
    children: list[tuple[int, str]] = field(default_factory=list)

    def add(self, kind: str, row: int, token: str, extra: str) -> None:
        """Put a row where its kind (its first letter) belongs."""
        if kind == "t":
            self.timers.append((row, token, extra))
        else:
            rows = {"i": self.items, "s": self.subscriptions, "j": self.jobs, "c": self.children}[kind]
            rows.append((row, token))


@cache
def _select(model: type[Model]) -> str:
    names = ", ".join(f'"{f.column_name}"' for f in model._meta.sorted_fields)
    return f'select {names} from "{model._meta.table_name}"'


@cache
def _names(model: type[Model]) -> tuple[str, ...]:
    return tuple(f.column_name for f in model._meta.sorted_fields)


@cache
def _instants(model: type[Model]) -> tuple[int, ...]:
    return tuple(i for i, f in enumerate(model._meta.sorted_fields) if isinstance(f, DateTimeField))


def _typed(store: Store, model: type[Model], row: Sequence[Any]) -> list[Any]:
    """The row with its instants as datetimes (SQLite gives text) and its flags as bools."""
    values = list(row)
    if not store.postgres:
        for i in _instants(model):
            if values[i] is not None:
                values[i] = datetime.fromisoformat(values[i])
    return values


def _one(store: Store, model: type[Model], where: str, values: Sequence[Any]) -> dict[str, Any] | None:
    row = store.sql(f"{_select(model)} where {where}", values).fetchone()
    return dict(zip(_names(model), _typed(store, model, row), strict=True)) if row else None


def _many(store: Store, model: type[Model], where: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    rows = store.sql(f"{_select(model)} where {where}", values).fetchall()
    return [dict(zip(_names(model), _typed(store, model, row), strict=True)) for row in rows]


def case(store: Store, instance: int) -> CaseRow | None:
    """A case with its state and guard."""
    row = store.sql(f"{_select(Instance)} where id = ?", (instance,)).fetchone()
    return _case(store, row) if row else None


def _case(store: Store, row: Sequence[Any]) -> CaseRow:
    loaded = CaseRow(*_typed(store, Instance, row))
    loaded.suspended, loaded.state = bool(loaded.suspended), bytes(loaded.state)
    return loaded


@cache
def _beside_sql(more: str) -> str:
    case = ", ".join(f'i."{name}"' for name in _names(Instance))
    return f"select {case}, {more} where i.id = ?"


def headed(store: Store, instance: int) -> tuple[CaseRow, journal.Head | None] | None:
    """A case with the head of its journal chain."""
    statement = _beside_sql("c.seq, c.head from instance i left join chain c on c.instance = i.id")
    row = store.sql(statement, (instance,)).fetchone()
    if row is None:
        return None
    return _case(store, row[:-2]), None if row[-2] is None else (row[-2], row[-1])


def headed_all(store: Store, instances: Sequence[int]) -> list[tuple[CaseRow, journal.Head | None]]:
    """Several cases with the heads of their chains, in one read."""
    marks = ", ".join("?" * len(instances))
    statement = _beside_sql("c.seq, c.head from instance i left join chain c on c.instance = i.id").replace(
        "i.id = ?", f"i.id in ({marks})"
    )
    rows = store.sql(statement, instances).fetchall()
    return [(_case(store, row[:-2]), None if row[-2] is None else (row[-2], row[-1])) for row in rows]


def troubled(store: Store, instance: int) -> tuple[CaseRow, bool] | None:
    """A case, and whether it has open incidents."""
    open_one = "exists (select 1 from incident n where n.instance = i.id and n.resolved_at is null) from instance i"
    row = store.sql(_beside_sql(open_one), (instance,)).fetchone()
    return (_case(store, row[:-1]), bool(row[-1])) if row else None


@dataclass(slots=True)
class Task:
    """A work item with what a command on it asks first. `head`: of the case's journal chain; `candidate`, `active`,
    `drafted`: of who acts; `case` only when asked for."""

    item: dict[str, Any]
    root: int
    head: journal.Head | None
    candidate: bool
    active: bool
    drafted: bool
    stamp: int  # of people and units
    troubled: bool  # whether the case has open incidents
    case: CaseRow | None = None


@cache
def _task_sql(with_case: bool) -> str:
    case = "".join(f', i."{name}"' for name in _names(Instance)) if with_case else ""
    item = ", ".join(f'w."{name}"' for name in _names(WorkItem))
    return (
        f"select {item}, i.root, c.seq, c.head, "
        "exists (select 1 from candidate d where d.login = ? and d.work_item = w.id), "
        "exists (select 1 from person p where p.login = ? and p.status = 'active'), "
        f"exists (select 1 from draft f where f.login = ? and f.subject = ?), {STAMP}, "
        f"exists (select 1 from incident n where n.instance = i.id and n.resolved_at is null){case} "
        "from work_item w join instance i on i.id = w.instance left join chain c on c.instance = i.id where w.id = ?"
    )


def task(store: Store, work_item: int, login: str, with_case: bool) -> Task | None:
    """A work item, in one read with all that a command by `login` needs to know of it."""
    asked = (login, login, login, f"item:{work_item}", work_item)
    row = store.sql(_task_sql(with_case), asked).fetchone()
    if row is None:
        return None
    width = len(_names(WorkItem))
    item = dict(zip(_names(WorkItem), _typed(store, WorkItem, row[:width]), strict=True))
    root, seq, head, candidate, active, drafted, stamp, troubled = row[width : width + 8]
    case = _case(store, row[width + 8 :]) if with_case else None
    known = None if seq is None else (seq, head)
    flags = bool(candidate), bool(active), bool(drafted)
    return Task(item, root, known, *flags, stamp or 0, bool(troubled), case)


def item(store: Store, work_item: int) -> dict[str, Any] | None:
    """A work item's row."""
    return _one(store, WorkItem, "id = ?", (work_item,))


def items_of(store: Store, instance: int) -> list[dict[str, Any]]:
    """The open work items of a case."""
    return _many(store, WorkItem, "instance = ? and status = 'open' order by id", (instance,))


def done_items(store: Store, instance: int) -> list[dict[str, Any]]:
    """The work items of a case that people have done, the latest first."""
    return _many(store, WorkItem, "instance = ? and status = 'completed' order by ended_at desc, id desc", (instance,))


def said_lately(store: Store, instance: int, event: str, actor: str, item: str, since: datetime) -> bool:
    """Whether somebody has written this kind of line about a work item since a moment."""
    statement = "select data from journal where instance = ? and event = ? and actor = ? and at > ?"
    rows = store.sql(statement, (instance, event, actor, since)).fetchall()
    return any(data is not None and f'"item":"{item}"' in data.replace(" ", "") for (data,) in rows)


def items_with(store: Store, login: str) -> list[int]:
    """Open work items that somebody has, has delegated, or may claim, oldest first."""
    rows = store.sql(
        "select id from work_item where status = 'open' and (assignee = ? or owner = ? or id in "
        "(select work_item from candidate where login = ?)) order by id",
        (login, login, login),
    ).fetchall()
    return [row[0] for row in rows]


def place(store: Store, work_item: int) -> tuple[int, int] | None:
    """(instance, root) of a work item."""
    return store.sql(
        "select i.id, i.root from work_item w join instance i on i.id = w.instance where w.id = ?", (work_item,)
    ).fetchone()


def root(store: Store, instance: int) -> int | None:
    """The outermost case that called this one (itself when nobody did)."""
    row = store.sql("select root from instance where id = ?", (instance,)).fetchone()
    return row[0] if row else None


def candidates(store: Store, work_item: int) -> list[str]:
    """Logins that may claim a work item."""
    rows = store.sql("select login from candidate where work_item = ? order by login", (work_item,)).fetchall()
    return [row[0] for row in rows]


_PROJECTIONS = (
    "select instance, 'i', id, token, '' from work_item where instance {these} and status = 'open' union all "
    "select instance, 't', id, token, kind || ':' || rule from timer where instance {these} union all "
    "select instance, 's', id, token, '' from subscription where instance {these} union all "
    "select instance, 'j', id, token, '' from job where instance {these} union all "
    "select parent, 'c', id, parent_token, '' from instance where parent {these} and status = 'running'"
)
_HANGING = (
    "select 'work_item', id, token, 0, case when assignee = '' then 1 else 0 end from work_item "
    "where instance = ? and status = 'open' union all "
    "select 'timer', id, token, cast(rule as integer), 0 from timer where instance = ? and kind = 'event' union all "
    "select 'subscription', id, token, part, 0 from subscription where instance = ? union all "
    "select 'job', id, token, 0, 0 from job where instance = ? union all "
    "select 'instance', id, parent_token, 0, 0 from instance where parent = ? and status = 'running' order by 5, 2"
)


def hanging(store: Store, instance: int) -> list[tuple[str, int, str, int]]:
    """(table, id, token, part) of every row that stands for a waiting token, for repairs; tasks that somebody has
    come first."""
    return [tuple(row[:4]) for row in store.sql(_HANGING, (instance,) * 5).fetchall()]


_PROJECTIONS_OF_ONE = _PROJECTIONS.format(these="= ?")


def projections(store: Store, instance: int) -> Projections:
    """Every row that hangs on a live token of the case."""
    found = Projections()
    for _, *row in store.sql(_PROJECTIONS_OF_ONE, (instance,) * 5).fetchall():
        found.add(*row)
    return found


def projections_all(store: Store, instances: Sequence[int]) -> dict[int, Projections]:
    """The same of several cases, in one read."""
    found = {instance: Projections() for instance in instances}
    these = f"in ({', '.join('?' * len(instances))})"
    for instance, *row in store.sql(_PROJECTIONS.format(these=these), list(instances) * 5).fetchall():
        found[instance].add(*row)
    return found


def timers(store: Store, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Rows of timers, by id; those that are gone are left out."""
    marks = ", ".join("?" * len(ids))
    return {row["id"]: row for row in _many(store, Timer, f"id in ({marks})", ids)}


def timer(store: Store, timer_id: int) -> dict[str, Any] | None:
    """A timer's row."""
    return _one(store, Timer, "id = ?", (timer_id,))


def job(store: Store, job_id: int) -> dict[str, Any] | None:
    """A job's row."""
    return _one(store, Job, "id = ?", (job_id,))


def subscription(store: Store, subscription_id: int) -> dict[str, Any] | None:
    """A subscription's row."""
    return _one(store, Subscription, "id = ?", (subscription_id,))


def subscriptions(store: Store, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Rows of subscriptions, by id; those that are gone are left out."""
    marks = ", ".join("?" * len(ids))
    return {row["id"]: row for row in _many(store, Subscription, f"id in ({marks})", ids)}


def last_line(store: Store, instance: int) -> datetime | None:
    """When something last happened to a case."""
    newest = "select at from journal where instance = ? order by seq desc limit 1"
    found = store.sql(newest, (instance,)).fetchone()
    return None if found is None else found[0] if store.postgres else datetime.fromisoformat(found[0])


def message(store: Store, message_id: int) -> dict[str, Any] | None:
    """A message's row."""
    return _one(store, Message, "id = ?", (message_id,))


def messages(store: Store, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Rows of messages, by id."""
    marks = ", ".join("?" * len(ids))
    return {row["id"]: row for row in _many(store, Message, f"id in ({marks})", ids)}


def incident(store: Store, incident_id: int) -> dict[str, Any] | None:
    """An incident's row."""
    return _one(store, Incident, "id = ?", (incident_id,))


def open_incidents(store: Store, instance: int) -> list[dict[str, Any]]:
    """A case's open incidents, oldest first."""
    return _many(store, Incident, "instance = ? and resolved_at is null order by id", (instance,))


def answer(store: Store, key: str) -> str | None:
    """What a command with this idempotency key answered, None when it has not run."""
    row = store.sql(f"select result from {Applied._meta.table_name} where key = ?", (key,)).fetchone()
    return row[0] if row else None


def undelivered(store: Store, message: int, process: str) -> bool:
    """Whether a message has not reached a process yet; locks the message, so that two deliveries cannot both say
    yes."""
    lock = " for update" if store.postgres else ""
    store.sql(f"select id from message where id = ?{lock}", (message,)).fetchone()
    found = store.sql("select 1 from delivery where message = ? and process_key = ?", (message, process)).fetchone()
    return found is None


def watchers(store: Store, work_item: int) -> list[str]:
    """Logins that may see a work item without handling it."""
    return [row[0] for row in store.sql("select login from watcher where work_item = ?", (work_item,)).fetchall()]


def delivered(store: Store, messages: Sequence[int], subscriptions: Sequence[int]) -> set[tuple[int, int]]:
    """Which of these messages have reached which of these subscriptions."""
    marks = ", ".join("?" * len(messages)), ", ".join("?" * len(subscriptions))
    asked = "select message, subscription from delivery where message in ({}) and subscription in ({})"
    return {tuple(row) for row in store.sql(asked.format(*marks), [*messages, *subscriptions]).fetchall()}


def children(store: Store, instance: int) -> list[int]:
    """Running cases that this one called."""
    rows = store.sql("select id from instance where parent = ? and status = 'running' order by id", (instance,))
    return [row[0] for row in rows.fetchall()]


def open_counts(store: Store, logins: Sequence[str]) -> dict[str, int]:
    """How many open work items each of the logins has."""
    found: dict[str, int] = {}
    for start in range(0, len(logins), 500):
        part = logins[start : start + 500]
        marks = ", ".join("?" * len(part))
        statement = (
            f"select assignee, count(*) from work_item where assignee in ({marks}) and status = 'open' group by 1"
        )
        found |= dict(store.sql(statement, part).fetchall())
    return found


def timers_of(store: Store, instance: int) -> list[tuple[int, str]]:
    """(id, node) of a case's timers."""
    return store.sql("select id, node_id from timer where instance = ? order by due_at", (instance,)).fetchall()


def latest(store: Store, kind: str, key: str) -> tuple[Any, ...] | None:
    """(id, key, kind, version, name, name_en, deployment) of the newest version of a key."""
    statement = "select id, key, kind, version, name, name_en, deployment from definition "
    return store.sql(f"{statement} where kind = ? and key = ? and latest = ?", (kind, key, True)).fetchone()


def pack_of(store: Store, process: str) -> str:
    """The pack that a process is of; '' for one without, or none."""
    statement = "select pack from definition where kind = 'process' and key = ? and latest = ?"
    row = store.sql(statement, (process, True)).fetchone()
    return row[0] if row else ""


# ---- deadlines -----------------------------------------------------------------------------------------------------


def timers_of_item(store: Store, work_item: int) -> list[dict[str, Any]]:
    """What follows a task's deadline and has not come yet."""
    return _many(store, Timer, "work_item = ? order by id", (work_item,))


def event_timers(store: Store, instance: int) -> list[dict[str, Any]]:
    """The timers of a case's events."""
    return _many(store, Timer, "instance = ? and kind = 'event' order by id", (instance,))


def items(store: Store, ids: Sequence[int]) -> list[dict[str, Any]]:
    """Rows of work items; those that are gone are left out."""
    found: list[dict[str, Any]] = []
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        found += _many(store, WorkItem, f"id in ({', '.join('?' * len(part))})", part)
    return found


def deadlines(store: Store) -> list[dict[str, Any]]:
    """Every open work item with a deadline."""
    return _many(store, WorkItem, "status = 'open' and due_at is not null order by id", ())


def duration_timers(store: Store) -> list[tuple[int, str, datetime, str]]:
    """(case, its unit, due, settings) of every event timer that counts a duration."""
    rows = store.sql(
        "select t.instance, i.unit, t.due_at, t.settings from timer t join instance i on i.id = t.instance "
        "where t.kind = 'event' and t.settings like ?",
        ('%"clock"%',),
    ).fetchall()
    return rows if store.postgres else [(row[0], row[1], datetime.fromisoformat(row[2]), row[3]) for row in rows]


def stamp(store: Store, name: str) -> int | None:
    """The value of a stamp, None when there is none."""
    row = store.sql("select value from stamp where name = ?", (name,)).fetchone()
    return row[0] if row else None


def keep_stamp(store: Store, name: str, value: int) -> None:
    """Set a stamp."""
    with store.transaction():
        kept = "insert into stamp (name, value) values (?, ?) on conflict (name) do update set value = excluded.value"
        store.sql(kept, (name, value))
