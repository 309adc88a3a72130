"""What is due: the rows that a tick looks for, how a row is taken, put off or ended.

Owns the SQL of the sweep. Every look starts from an index that holds only what is due (`look_at`, `due_at`), never from
what merely waits. Taking and putting off are conditional updates: whoever comes second changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from engine.store.database import Store

HOLD = timedelta(minutes=5)  # a taken job comes back when its process has died; longer than a handler may take
LOOK = timedelta(minutes=1)  # the same for a message or subscription that is being looked at
AT_ONCE = datetime(2000, 1, 1)  # `look_at` of a new row: a clock that is set back must not hide it
EXPIRED = 2000  # messages ended in one transaction


class Waiting(NamedTuple):
    """Whether there is something to do of each kind."""

    expired: bool
    messages: bool
    timers: bool
    jobs: bool


_FIRST = (  # ordered, so that no planner ever prefers to read the table
    "(select 1 from message where done = ? and expires_at <= ? order by expires_at limit 1)",
    "(select 1 from message where look_at <= ? order by look_at limit 1)",
    "(select 1 from subscription where look_at <= ? order by look_at limit 1)",
    "(select 1 from timer where due_at <= ? order by due_at limit 1)",
    "(select 1 from job where due_at <= ? order by due_at limit 1)",
)


def waiting(store: Store, now: datetime) -> Waiting:
    """What a tick has to do, in one short read: mostly nothing."""
    found = store.sql(f"select {', '.join(_FIRST)}", (False, *[now] * len(_FIRST))).fetchone()
    expired, messages, subscriptions, timers, jobs = (one is not None for one in found)
    return Waiting(expired, messages or subscriptions, timers, jobs)


def timers(store: Store, now: datetime, limit: int) -> list[int]:
    """Ids of timers that are due, earliest first, of the same instant the older; those of suspended cases wait."""
    rows = store.sql(
        "select t.id from timer t left join instance i on i.id = t.instance "
        "where t.due_at <= ? and (i.suspended is null or i.suspended = ?) order by t.due_at, t.id limit ?",
        (now, False, limit),
    ).fetchall()
    return [row[0] for row in rows]


def next_timer(store: Store, now: datetime) -> datetime | None:
    """When the first timer after now falls due."""
    found = store.sql("select due_at from timer where due_at > ? order by due_at limit 1", (now,)).fetchone()
    if found is None:
        return None
    return found[0] if isinstance(found[0], datetime) else datetime.fromisoformat(found[0])


def jobs(store: Store, now: datetime, limit: int) -> list[int]:
    """Ids of jobs to run now, earliest first; those of suspended cases wait."""
    rows = store.sql(
        "select j.id from job j join instance i on i.id = j.instance "
        "where j.due_at <= ? and j.status = 'waiting' and i.suspended = ? order by j.due_at, j.id limit ?",
        (now, False, limit),
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


def park_job(store: Store, job: int, attempts: int, error: str) -> None:
    """Run a job no more until an operator says so."""
    with store.transaction():
        statement = "update job set status = 'failed', attempts = ?, error = ? where id = ?"
        store.sql(statement, (attempts, error, job))


def fall_due_again(store: Store, instance: int, token: str, now: datetime) -> None:
    """Whatever failed at a token is due now, with all its attempts. In the transaction that is open."""
    place = (instance, token)
    failed = "update timer set due_at = ?, attempts = 0 where instance = ? and token = ? and attempts > 0"
    store.sql(failed, (now, *place))
    retried = "update job set status = 'waiting', due_at = ?, attempts = 0 where instance = ? and token = ?"
    store.sql(retried, (now, *place))
    store.sql("update subscription set look_at = ? where instance = ? and token = ?", (AT_ONCE, *place))


# ---- messages and those who wait -----------------------------------------------------------------------------------
#
# Both rows carry `look_at`. Of a message and a subscription that belong together one is committed last, and the look at
# that one, which comes after its commit, sees the other: nothing is missed, and what has been looked at costs nothing.


class Pair(NamedTuple):
    """A delivery to make."""

    message: int
    subscription: int


class Found(NamedTuple):
    """Deliveries to make; `full`: the search ended at its limit, there may be more."""

    pairs: list[Pair]
    full: bool


def take_looks(store: Store, table: str, now: datetime, limit: int) -> tuple[list[int], datetime]:
    """Take rows of `message` or `subscription` that are to be looked at: their ids, and the mark by which `looked` and
    `look_again` know them. They come back after LOOK when this process dies; others skip them meanwhile."""
    mark, due = now + LOOK, f"select id from {table} where look_at <= ? order by look_at limit ?"
    if store.sql(due, (now, 1)).fetchone() is None:  # no transaction for nothing
        return [], mark
    lock = " for update skip locked" if store.postgres else ""
    with store.transaction():
        taken = store.sql(
            f"update {table} set look_at = ? where id in ({due}{lock}) returning id", (mark, now, limit)
        ).fetchall()
    return sorted(row[0] for row in taken), mark


def looked(store: Store, table: str, ids: Sequence[int], mark: datetime, again: datetime | None = None) -> None:
    """These rows have been looked at; `again`: when the next look is due, None = only somebody new looks."""
    if ids:
        with store.transaction():
            store.sql(
                f"update {table} set look_at = ? where id in ({_marks(ids)}) and look_at = ?", [again, *ids, mark]
            )


_PAIRS = (
    "select m.id as message, m.kind, m.source, s.id as subscription, s.instance, s.definition "
    "from message m join subscription s on s.kind = m.kind and s.name = m.name and {key} "
    "where m.done = ? and m.expires_at > ? and {only}"
)
_DELIVERABLE = (
    "select p.message, p.subscription, p.kind, coalesce(i.process_key, d.key) as process from ({pairs}) p "
    "left join instance i on i.id = p.instance left join definition d on d.id = p.definition "
    "where (i.suspended is null or i.suspended = ?) and (p.kind = 'message' or (p.subscription < p.message "
    "and (p.instance is null or p.source is null or p.instance <> p.source))) "
    "and not exists (select 1 from delivery x where x.message = p.message and (x.subscription = p.subscription "
    "or (p.kind = 'message' and x.process_key = coalesce(i.process_key, d.key)))) "
    "order by {order} limit ?"
)
_KEYED, _KEYLESS = "s.correlation = m.correlation", "s.correlation is null"  # apart, so that each finds its index
# The oldest waiting case of a process first, a start event when none waits.
_BY_MESSAGE = "p.message, case when p.instance is null then 1 else 0 end, p.subscription"
_BY_SUBSCRIPTION = "p.subscription, p.message"

Part = tuple[str, str, Sequence[Any]]  # how the correlation is compared, which rows are looked at, their values


def for_messages(store: Store, now: datetime, messages: Sequence[int], limit: int, after: int = 0) -> Found:
    """Who gets these messages now: of each process one (a message reaches each process once); a signal everybody who
    waited when it was thrown. `after`: only subscriptions above this id."""
    only = f"m.id in ({_marks(messages)}) and s.id > ?"
    parts: list[Part] = [(key, only, [*messages, after]) for key in (_KEYED, _KEYLESS)]
    rows = _deliverable(store, now, parts, _BY_MESSAGE, limit)
    return Found(_first(rows, lambda row: (row[0], row[3] if row[2] == "message" else row[1])), len(rows) == limit)


def for_subscriptions(store: Store, now: datetime, subscriptions: Sequence[int], limit: int) -> Found:
    """What waits for these subscriptions: the oldest message of each."""
    asked = f"select id, kind, name, correlation from subscription where id in ({_marks(subscriptions)})"
    keyed: list[int] = []
    keyless: dict[tuple[str, str], list[int]] = {}
    for row, kind, name, correlation in store.sql(asked, subscriptions).fetchall():
        (keyless.setdefault((kind, name), []) if correlation is None else keyed).append(row)
    parts: list[Part] = [(_KEYED, f"s.id in ({_marks(keyed)})", keyed)] if keyed else []
    for named, ids in keyless.items():
        parts.append((_KEYLESS, f"m.kind = ? and m.name = ? and s.id in ({_marks(ids)})", [*named, *ids]))
    rows = _deliverable(store, now, parts, _BY_SUBSCRIPTION, limit) if parts else []
    return Found(_first(rows, lambda row: row[1]), len(rows) == limit)


def _deliverable(
    store: Store, now: datetime, parts: Sequence[Part], order: str, limit: int
) -> list[tuple[int, int, str, str]]:
    pairs = " union all ".join(_PAIRS.format(key=key, only=only) for key, only, _ in parts)
    bound = [value for _, _, values in parts for value in (False, now, *values)]
    return store.sql(_DELIVERABLE.format(pairs=pairs, order=order), [*bound, False, limit]).fetchall()


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _first(rows: list[tuple[int, int, str, str]], mark: Any) -> list[Pair]:
    found: dict[Any, Pair] = {}
    for row in rows:
        found.setdefault(mark(row), Pair(row[0], row[1]))
    return list(found.values())


def kinds(store: Store, messages: Sequence[int]) -> dict[int, str]:
    """`message` or `signal`, by id."""
    return dict(store.sql(f"select id, kind from message where id in ({_marks(messages)})", messages).fetchall())


def expire_messages(store: Store, now: datetime) -> int:
    """Mark messages whose time to live has ended, a bounded number at once; how many."""
    ended = "select id from message where done = ? and expires_at <= ? order by expires_at limit ?"
    with store.transaction():
        marked = f"update message set done = ?, look_at = null where id in ({ended})"
        return store.sql(marked, (True, False, now, EXPIRED)).rowcount
