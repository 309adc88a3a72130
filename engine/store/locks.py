"""Locks that hold between processes: PostgreSQL's advisory locks, and on SQLite a lease row with an end.

They only keep crowds orderly (commands that already met a conflict, migrations); correctness rests on the guard.
Leases use the machine's time, not the engine's clock: a test that moves the clock must not end a lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import random
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.clock import SystemClock
from engine.store.points import Point, pass_through

if TYPE_CHECKING:
    from engine.store.database import Store

LEASE = timedelta(seconds=10)
WAIT_SECONDS = 15.0


@contextmanager
def exclusive(store: Store, name: str) -> Iterator[None]:
    """Wait for the lock `name` (up to 15 s, then go on without: the guard still protects) and hold it."""
    with _advisory(store, name) if store.postgres else _leased(store, name):
        yield


@contextmanager
def _advisory(store: Store, name: str) -> Iterator[None]:
    key = _number(name)
    with store.connected():
        store.sql("select pg_advisory_lock(?)", (key,))
        try:
            yield
        finally:
            store.sql("select pg_advisory_unlock(?)", (key,))


@contextmanager
def attempts(store: Store, names: Sequence[str]) -> Iterator[list[str]]:
    """Hold those of the locks `names` that nobody holds, and say which: at once, it waits for nobody. They go with the
    process that holds them. On SQLite it is all or none: whoever works on one file works on all of its due rows."""
    with _advisories(store, names) if store.postgres else _alone(store, names) as mine:
        yield mine


@contextmanager
def _advisories(store: Store, names: Sequence[str]) -> Iterator[list[str]]:
    numbers = [_number(name) for name in names]
    with store.connected():
        tried = "select n, pg_try_advisory_lock(n) from unnest(cast(? as bigint[])) as t(n)"
        held = {number for number, mine in store.sql(tried, (numbers,)).fetchall() if mine}
        try:
            yield [name for name, number in zip(names, numbers, strict=True) if number in held]
        finally:
            store.sql("select pg_advisory_unlock(n) from unnest(cast(? as bigint[])) as t(n)", (list(held),))


@contextmanager
def _alone(store: Store, names: Sequence[str]) -> Iterator[list[str]]:
    with open(f"{store.db.database}.tick", "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield []
        else:
            yield list(names)


@contextmanager
def _leased(store: Store, name: str) -> Iterator[None]:
    holder = f"{os.getpid()}-{threading.get_ident()}-{secrets.token_hex(4)}"
    deadline = time.monotonic() + WAIT_SECONDS
    while not _take(store, name, holder) and time.monotonic() < deadline:
        threading.Event().wait(0.002 + random.random() * 0.01)
    try:
        pass_through(Point.LEASE_TAKEN)
        yield
    finally:
        with store.transaction():
            store.sql("delete from lease where name = ? and holder = ?", (name, holder))


def _take(store: Store, name: str, holder: str) -> bool:
    now = SystemClock().now()
    with store.transaction():
        taken = store.sql(
            "insert into lease (name, holder, until) values (?, ?, ?) on conflict (name) do update "
            "set holder = excluded.holder, until = excluded.until where lease.until < ?",
            (name, holder, now + LEASE, now),
        )
        return bool(taken.rowcount)


@contextmanager
def migration_lock(store: Store) -> Iterator[None]:
    """One process migrates, the others wait. On SQLite the lease table may not exist yet: an operating-system lock on a
    file beside the database."""
    if store.postgres:
        with _advisory(store, "linli-migrate"):
            yield
        return
    with _file_lock(f"{store.db.database}.migrate"):
        yield


@contextmanager
def _file_lock(path: str) -> Iterator[None]:
    with open(path, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _number(name: str) -> int:
    """A signed 64-bit number for an advisory lock's name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
