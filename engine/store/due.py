"""What is due: the rows that a tick looks for, how a row is taken, put off or ended.

Owns the SQL of the sweep. Taking and putting off are conditional updates: whoever comes second changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from engine.store.database import Store

HOLD = timedelta(minutes=5)  # a taken job comes back when its process has died; longer than a handler may take


def timers(store: Store, now: datetime, limit: int) -> list[int]:
    """Ids of timers that are due, earliest first; those of suspended cases wait."""
    rows = store.sql(
        "select t.id from timer t left join instance i on i.id = t.instance "
        "where t.due_at <= ? and (i.suspended is null or i.suspended = ?) order by t.due_at, t.id limit ?",
        (now, False, limit),
    ).fetchall()
    return [row[0] for row in rows]


def jobs(store: Store, now: datetime, limit: int) -> list[int]:
    """Ids of jobs to run now, earliest first; those of suspended cases wait."""
    rows = store.sql(
        "select j.id from job j join instance i on i.id = j.instance "
        "where j.due_at <= ? and j.status = 'waiting' and i.suspended = ? order by j.due_at, j.id limit ?",
        (now, False, limit),
    ).fetchall()
    return [row[0] for row in rows]


_PAIRS = (
    "select m.id as message, m.kind, m.source, s.id as subscription, s.instance, s.definition "
    "from message m join subscription s on s.kind = m.kind and s.name = m.name and {key} "
    "where m.done = ? and m.expires_at > ?{only}"
)
_DELIVERABLE = (
    "select p.message, p.subscription, p.kind, coalesce(i.process_key, d.key) as process from ({pairs}) p "
    "left join instance i on i.id = p.instance left join definition d on d.id = p.definition "
    "where (i.suspended is null or i.suspended = ?) and (p.kind = 'message' or (p.subscription < p.message "
    "and (p.instance is null or p.source is null or p.instance <> p.source))) "
    "and not exists (select 1 from delivery x where x.message = p.message and (x.subscription = p.subscription "
    "or (p.kind = 'message' and x.process_key = coalesce(i.process_key, d.key)))) "
    "order by p.message, case when p.instance is null then 1 else 0 end, p.subscription limit ?"
)


def deliverable(store: Store, now: datetime, limit: int, messages: Sequence[int] = ()) -> list[tuple[int, int]]:
    """(message, subscription) pairs to deliver now, at most one a message and process: a message reaches each process
    once (the oldest waiting case, else a start event), a signal everybody who waited when it was thrown."""
    only = f" and m.id in ({', '.join('?' * len(messages))})" if messages else ""
    keys = ("s.correlation = m.correlation", "s.correlation is null")  # apart, so that each finds its index
    pairs = " union all ".join(_PAIRS.format(key=key, only=only) for key in keys)
    one = [False, now, *messages]
    return _first_of_each(store.sql(_DELIVERABLE.format(pairs=pairs), [*one, *one, False, limit]).fetchall())


def _first_of_each(rows: list[tuple[int, int, str, str]]) -> list[tuple[int, int]]:
    seen: set[tuple[int, Any]] = set()
    pairs = []
    for message_id, subscription_id, kind, process in rows:
        mark = (message_id, process if kind == "message" else subscription_id)
        if mark not in seen:
            seen.add(mark)
            pairs.append((message_id, subscription_id))
    return pairs


def waiting_messages(store: Store, names: Sequence[str], now: datetime) -> list[int]:
    """Messages of these names that may still be delivered."""
    marks = ", ".join("?" * len(names))
    rows = store.sql(
        f"select id from message where kind = 'message' and name in ({marks}) "
        "and done = ? and expires_at > ? order by id",
        [*names, False, now],
    ).fetchall()
    return [row[0] for row in rows]


def put_off_timer(store: Store, timer: int, attempts: int, until: datetime) -> None:
    """One more failed attempt; try again at `until`."""
    with store.transaction():
        statement = "update timer set due_at = ?, attempts = ? where id = ? and attempts = ?"
        store.sql(statement, (until, attempts + 1, timer, attempts))


def take_job(store: Store, job: int, due: datetime, now: datetime) -> bool:
    """Take a job whose due time is still the one that was read; it comes back after HOLD."""
    with store.transaction():
        statement = "update job set due_at = ? where id = ? and due_at = ? and due_at <= ? and status = 'waiting'"
        return store.sql(statement, (now + HOLD, job, due, now)).rowcount == 1


def put_off_job(store: Store, job: int, attempts: int, until: datetime, error: str) -> None:
    """Run a job again at `until`."""
    with store.transaction():
        statement = "update job set due_at = ?, attempts = ?, error = ? where id = ?"
        store.sql(statement, (until, attempts, error, job))


def expire_messages(store: Store, now: datetime) -> int:
    """Mark messages whose time to live has ended; how many."""
    if store.sql("select 1 from message where done = ? and expires_at <= ? limit 1", (False, now)).fetchone() is None:
        return 0
    with store.transaction():
        return store.sql("update message set done = ? where done = ? and expires_at <= ?", (True, False, now)).rowcount
