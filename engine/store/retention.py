"""What may go after its time: families of finished cases with all their rows, and traces that nothing asks for again.

Owns the SQL. A family is an outermost case and all that it called; it goes whole or stays whole. Registers, people and
points are never touched: they only remember a case's number. Every step is one short transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from peewee import Model

from engine.store import attachments, models
from engine.store.database import Store

STEP = 1000  # rows of a purge in one transaction

# Rows that belong to a case by its number and go with it. Deliveries stay as long as their message: they say whom it
# has reached; letters as long as they are on their way.
OF_A_CASE: tuple[type[Model], ...] = (
    models.WorkItem,
    models.Incident,
    models.Journal,
    models.Chain,
    models.Timer,
    models.Subscription,
    models.Job,
    models.Migration,
    models.Notice,
)
OF_AN_ITEM: tuple[type[Model], ...] = (models.Candidate, models.Watcher)
KEPT_ASIDE: tuple[Any, ...] = (models.WorkItem, models.Incident, models.Journal, models.Chain)

Rows = dict[str, list[dict[str, Any]]]


def families(store: Store, before: datetime, after: int, limit: int, below: int | None) -> list[int]:
    """Outermost cases above the id `after` (and below `below`), by id, that had ended with all they called `before`."""
    bound = "" if below is None else " and i.id < ?"
    found = store.sql(
        f"select i.id from instance i where i.id > ?{bound} and i.parent is null and i.status <> 'running' "
        "and i.ended_at < ? and not exists (select 1 from instance c where c.root = i.id "
        "and (c.status = 'running' or c.ended_at >= ?)) order by i.id limit ?",
        [after, *([] if below is None else [below]), before, before, limit],
    )
    return [row[0] for row in found.fetchall()]


def family(store: Store, root: int) -> Rows:
    """Every row of a family that is worth keeping aside, by table."""
    cases = store.rows(models.Instance.select().where(models.Instance.root == root).order_by(models.Instance.id))
    ids = [case["id"] for case in cases]
    rows: Rows = {"instance": cases}
    for model in KEPT_ASIDE:
        order = model.seq if model is models.Journal else model._meta.primary_key
        chosen = model.select().where(model.instance.in_(ids)).order_by(model.instance, order)
        rows[model._meta.table_name] = store.rows(chosen)
    files = models.Attachment.select().where(models.Attachment.instance.in_(ids)).order_by(models.Attachment.id)
    rows["attachment"] = store.rows(files)
    return rows


def remove(store: Store, families: Sequence[Rows]) -> tuple[list[int], list[str]]:
    """Delete families as they were read: the roots that went, and the uploads whose bytes may go. A family that
    somebody touched since (a remark) stays for another time. Uploads that its rows leave out belong to nobody then."""
    gone: list[int] = []
    files: list[str] = []
    with store.transaction():
        for rows in families:
            if not _untouched(store, rows):
                continue
            files += [file["id"] for file in rows["attachment"]]
            _delete(store, rows)
            gone.append(rows["instance"][0]["root"])
        _each(store, "delete from attachment where id in ({})", files)
    return gone, files


def _untouched(store: Store, rows: Rows) -> bool:
    lock = " for update" if store.postgres else ""
    ids = [case["id"] for case in rows["instance"]]
    marks = ", ".join("?" * len(ids))
    heads = store.sql(f"select instance, seq from chain where instance in ({marks}) order by 1{lock}", ids).fetchall()
    known = sorted((head["instance"], head["seq"]) for head in rows["chain"])
    return [tuple(head) for head in heads] == known


def _delete(store: Store, rows: Rows) -> None:
    ids = [case["id"] for case in rows["instance"]]
    items = [item["id"] for item in rows["work_item"]]
    for model, column, values in (
        *((model, "work_item", items) for model in OF_AN_ITEM),
        *((model, "instance", ids) for model in OF_A_CASE),
    ):
        _each(store, f"delete from {model._meta.table_name} where {column} in ({{}})", values)
    _each(store, "delete from draft where subject in ({})", [f"item:{item}" for item in items])
    _each(store, "update attachment set instance = null where instance in ({})", ids)
    _each(store, "delete from instance where id in ({})", ids)


def _each(store: Store, statement: str, values: Sequence[Any]) -> None:
    for start in range(0, len(values), STEP):
        part = values[start : start + STEP]
        store.sql(statement.format(", ".join("?" * len(part))), part)


def named_in_registers(store: Store) -> set[str]:
    """Uploads that some register row names."""
    found: set[str] = set()
    last = 0
    while True:
        rows = store.sql("select id, data from register_row where id > ? order by id limit ?", (last, STEP)).fetchall()
        for last, data in rows:  # noqa: B007 - the last one is where the next step begins
            found |= attachments.named_in(data)
        if len(rows) < STEP:
            return found


# ---- traces --------------------------------------------------------------------------------------------------------

_TRACES: Mapping[str, tuple[str, str]] = {  # by table: what goes, by an index
    "applied": ("key", "at < ?"),
    "message": ("id", "done = true and expires_at < ?"),
    "outbox": ("id", "status in ('sent', 'called') and due_at < ?"),
}


def purge(store: Store, table: str, before: datetime) -> int:
    """Delete a bounded number of old traces of a table (one of TRACES); how many."""
    key, old = _TRACES[table]
    with store.transaction():
        ids = [row[0] for row in store.sql(f"select {key} from {table} where {old} limit ?", (before, STEP)).fetchall()]
        if table == "message":
            _each(store, "delete from delivery where message in ({})", ids)
        _each(store, f"delete from {table} where {key} in ({{}})", ids)
    return len(ids)


TRACES = tuple(_TRACES)
