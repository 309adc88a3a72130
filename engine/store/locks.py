"""Locks that hold between processes: PostgreSQL's advisory locks, and on SQLite bytes of a file beside the database.

They only keep crowds orderly (commands that already met a conflict, one job in one process, migrations); correctness
rests on the guard. A lock goes with the process that holds it, and no clock decides about it: neither a jump of the
time nor a death leaves anybody waiting.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import random
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine.store.points import Point, pass_through

if TYPE_CHECKING:
    from engine.store.database import Store

WAIT_SECONDS = 15.0


@contextmanager
def exclusive(store: Store, name: str) -> Iterator[None]:
    """Wait for the lock `name` (on SQLite up to 15 s, then go on without: the guard still protects) and hold it."""
    with _advisory(store, name) if store.postgres else _queued(store, name):
        pass_through(Point.LOCK_HELD)
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
    process that holds them."""
    with _advisories(store, names) if store.postgres else _bytes(store, names) as mine:
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
def _bytes(store: Store, names: Sequence[str]) -> Iterator[list[str]]:
    """Lock a byte of the lock file for each name. The locks are the open file's, not the process's: threads exclude
    each other too, and closing it lets go of all."""
    file = os.open(f"{store.db.database}.locks", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield [name for name in names if _lock_byte(file, _number(name) >> 1 & _HIGHEST)]
    finally:
        os.close(file)


_HIGHEST = 2**62 - 1  # where a lock may lie in a file, whatever its size


def _lock_byte(file: int, place: int) -> bool:
    asked = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, place, 1, 0)
    try:
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, asked)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _queued(store: Store, name: str) -> Iterator[None]:
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        with _bytes(store, [name]) as mine:
            if mine or time.monotonic() > deadline:
                yield
                return
        threading.Event().wait(0.002 + random.random() * 0.01)


@contextmanager
def migration_lock(store: Store) -> Iterator[None]:
    """One process migrates, the others wait as long as it takes."""
    if store.postgres:
        with _advisory(store, "linli-migrate"):
            yield
        return
    with open(f"{store.db.database}.migrate", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _number(name: str) -> int:
    """A signed 64-bit number for an advisory lock's name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
