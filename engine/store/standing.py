"""Every row that stands for where a case is, and the way back from its last migration.

Owns these reads for migrations; who writes is the commands' commit.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peewee import DateTimeField

from engine.store.database import Store
from engine.store.models import Candidate, Incident, Instance, Job, Migration, Subscription, Timer, WorkItem

MIGRATED = "migrated"
Rows = dict[str, list[dict[str, Any]]]
_MODELS = (WorkItem, Candidate, Timer, Subscription, Job, Incident)


def standing(store: Store, instance: int) -> Rows:
    """Open tasks with their candidates, timers, subscriptions, jobs and open incidents of a case, by table."""
    items = store.rows(WorkItem.select().where(WorkItem.instance == instance, WorkItem.status == "open"))
    ids = [item["id"] for item in items]
    of_case = {
        model: store.rows(model.select().where(model.instance == instance)) for model in (Timer, Subscription, Job)
    }
    troubles = Incident.select().where(Incident.instance == instance, Incident.resolved_at.is_null())
    found: dict[Any, list[dict[str, Any]]] = {
        WorkItem: items,
        Candidate: store.rows(Candidate.select().where(Candidate.work_item.in_(ids))) if ids else [],
        Incident: store.rows(troubles),
        **of_case,
    }
    return {model._meta.table_name: rows for model, rows in found.items()}


def packed(case: dict[str, Any], state: bytes, rows: Rows) -> str:
    """What `saved` gives back."""
    return json.dumps({"case": case, "state": state.decode(), "rows": rows}, default=datetime.isoformat)


def unpacked(text: str) -> tuple[dict[str, Any], bytes, Rows]:
    """The columns of the case, its state, and its rows by table."""
    kept = json.loads(text)
    for model in _MODELS:
        instants = [name for name, field in model._meta.fields.items() if isinstance(field, DateTimeField)]
        for row in kept["rows"][model._meta.table_name]:
            row |= {name: datetime.fromisoformat(row[name]) for name in instants if row[name] is not None}
    return kept["case"], kept["state"].encode(), kept["rows"]


def saved(store: Store, instance: int) -> str | None:
    """What a case was before its last migration; None when there is no way back."""
    found: str | None = store.value(Migration.select(Migration.saved).where(Migration.instance == instance))
    return found


def last(store: Store, instances: Sequence[int]) -> set[int]:
    """Those of the cases in which nothing has happened since their migration, and that can go back."""
    if not instances:
        return set()
    marks = ", ".join("?" * len(instances))
    rows = store.sql(
        f"select m.instance from migration m join chain c on c.instance = m.instance "
        f"join journal j on j.instance = c.instance and j.seq = c.seq and j.event = ? where m.instance in ({marks})",
        [MIGRATED, *instances],
    )
    return {row[0] for row in rows.fetchall()}


def returnable(store: Store, process: str, limit: int) -> list[int]:
    """Running cases of a process that can go back, the latest moved first."""
    rows = store.sql(
        "select m.instance from migration m join instance i on i.id = m.instance where i.process_key = ? "
        "and i.status = 'running' order by m.made_at desc, m.instance limit ?",
        (process, limit),
    )
    found = [row[0] for row in rows.fetchall()]
    can = last(store, found)
    return [one for one in found if one in can]


def elsewhere(store: Store, process: str, definition: int, limit: int, after: int) -> list[int]:
    """Running cases of a process on another version than one (0: on any), by id above `after`."""
    rows = store.sql(
        "select id from instance where process_key = ? and status = 'running' and definition <> ? and id > ? "
        "order by id limit ?",
        (process, definition, after, limit),
    )
    return [row[0] for row in rows.fetchall()]


def states(store: Store, instances: Sequence[int]) -> list[dict[str, Any]]:
    """Definition and state of cases."""
    if not instances:
        return []
    query = Instance.select(Instance.id, Instance.definition, Instance.state).where(Instance.id.in_(list(instances)))
    return [{**row, "state": bytes(row["state"])} for row in store.rows(query)]
