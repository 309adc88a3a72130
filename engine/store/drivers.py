"""The two databases as peewee knows them, with the short way that a statement of ours takes to the driver.

Owns how a statement is sent (without peewee's log, one cursor, numbered marks for psycopg) and which errors are refused
in the reader's words. Opens no transaction of its own accord and knows no table; whoever uses it is `database`.
"""

from __future__ import annotations

import re
import select
import time
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Any

from peewee import Database, SqliteDatabase, __exception_wrapper__  # type: ignore[attr-defined]
from playhouse.pool import PooledPostgresqlDatabase
from psycopg import RawCursor

from engine.store.refusals import KNOWN, refusal

Values = Sequence[Any]
LONG = 20_000  # characters of a statement that is not kept: one insert of a thousand rows, seldom the same again


class Refusing(Database):
    """Errors that are not the program's own (a value that no column holds, a full disk, a server that is away) are
    refused in the reader's words instead of breaking the page."""

    def execute_sql(self, sql: str, params: Values | None = None) -> Any:
        """Run one statement; its cursor."""
        return self._told(sql, [params or ()]) if self.query_hooks else self._sent(sql, params or ())

    def execute_each(self, sql: str, rows: Sequence[Values]) -> Any:
        """Run one statement once for each row of values; a cursor whose `rowcount` is that of all together."""
        return self._told(sql, rows, True) if self.query_hooks else self._sent(sql, rows, True)

    def commit(self) -> Any:
        try:
            return super().commit()
        except KNOWN as problem:
            refuse(problem)
            raise

    def connect(self, reuse_if_open: bool = False) -> bool:
        try:
            return super().connect(reuse_if_open)
        except KNOWN as problem:
            refuse(problem)
            raise

    def _told(self, sql: str, rows: Sequence[Values], each: bool = False) -> Any:
        """The same, with whoever listens told of it (tests and benchmarks do)."""
        begun = time.perf_counter()
        cursor = self._sent(sql, rows if each else rows[0], each)
        for values in rows:
            self._notify_hooks(sql, values, begun, None)  # type: ignore[attr-defined]
        return cursor

    def _sent(self, sql: str, given: Sequence[Any], each: bool = False) -> Any:
        """What peewee does, without its log: half a dozen calls for each statement of a command."""
        state = self._state  # type: ignore[attr-defined]
        if state.closed:
            self.connect()
        try:
            cursor, text = self._ready(state.conn, sql)
            (cursor.executemany if each else cursor.execute)(text, given)
        except Exception as problem:
            _raise(problem)
        return cursor

    def _ready(self, connection: Any, sql: str) -> tuple[Any, Any]:
        """A cursor, and the statement as that cursor takes it."""
        raise NotImplementedError


def _raise(problem: Exception) -> None:
    """A driver's error as peewee's, or in the reader's words."""
    try:
        with __exception_wrapper__:
            raise problem
    except KNOWN as known:
        refuse(known)
        raise


def refuse(problem: Exception) -> None:
    """Raise what the reader is told of a database's error, when there is something to tell."""
    if known := refusal(problem):
        raise known from problem


class Sqlite(Refusing, SqliteDatabase):
    """One plain connection a thread."""

    def _ready(self, connection: Any, sql: str) -> tuple[Any, Any]:
        return connection.cursor(), sql

    def rollback(self) -> None:
        if self.connection().in_transaction:  # SQLite has gone back itself when the disk is full
            super().rollback()


class Postgres(Refusing, PooledPostgresqlDatabase):
    """psycopg 3 behind playhouse's pool."""

    def _ready(self, connection: Any, sql: str) -> tuple[Any, Any]:
        """A cursor that takes the server's own marks: psycopg reads a statement of more than 4 KB or 50 values for its
        `%s` each time anew, which was a quarter of what a command on PostgreSQL cost."""
        return RawCursor(connection), _numbered(sql)

    def _is_closed(self, conn: Any) -> bool:
        """Whether a connection of the pool is dead. playhouse asks the server each time, a round trip for every
        command; a server that ends a connection says so, so it is asked only when something came in unasked."""
        idle = not conn.closed and self._adapter.txn_status(conn) == self._adapter.txn_idle
        return not (idle and _silent(conn)) and super()._is_closed(conn)


def _numbered(sql: str) -> bytes:
    """A statement with the marks of PostgreSQL itself, in the bytes that are sent."""
    return _numbered_anew(sql) if len(sql) > LONG else _numbered_once(sql)


def _numbered_anew(sql: str) -> bytes:
    numbers = count(1)
    return re.sub("%[s%]", lambda mark: "%" if mark[0] == "%%" else f"${next(numbers)}", sql).encode()


_numbered_once = lru_cache(maxsize=2048)(_numbered_anew)


def _silent(connection: Any) -> bool:
    """Whether nothing waits to be read on a connection."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return not waiting.poll(0)


class Immediate:
    """`begin immediate` and `commit` or `rollback` of SQLite, and nothing else."""

    __slots__ = ("_db",)

    def __init__(self, db: Database) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute_sql("begin immediate")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            try:
                self._db.execute_sql("commit")
            except BaseException:
                self._back()
                raise
        else:
            self._back()

    def _back(self) -> None:
        if self._db.connection().in_transaction:  # as in `Sqlite.rollback`
            self._db.execute_sql("rollback")
