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
from collections.abc import Iterator
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
def attempt(store: Store, name: str) -> Iterator[bool]:
    """Hold the lock `name` if nobody does: True, or False at once. It goes with the process that holds it. On SQLite
    always True: there is one writer anyway, and the commit decides."""
    if not store.postgres:
        yield True
        return
    key = _number(name)
    with store.connected():
        mine = store.sql("select pg_try_advisory_lock(?)", (key,)).fetchone()[0]
        try:
            yield mine
        finally:
            if mine:
                store.sql("select pg_advisory_unlock(?)", (key,))


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
