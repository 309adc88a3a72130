"""The door to the database: open a URL, one connection a thread, transactions, ids, migrations.

Owns connections and the only function that opens a transaction. SQLite is a plain `SqliteDatabase` in WAL mode
(playhouse's pooled one fails across threads); PostgreSQL is psycopg 3 behind playhouse's pool. Must not know what
the tables mean.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from peewee import (  # type: ignore[attr-defined]
    Database,
    DataError,
    PeeweeException,
    Query,
    SchemaManager,
    SqliteDatabase,
    __exception_wrapper__,
)
from playhouse.db_url import parse
from playhouse.migrations import Runner

from engine.errors import InsideTransaction, InvalidSetting
from engine.store.drivers import Immediate, Postgres, Sqlite, refuse
from engine.store.locks import migration_lock
from engine.store.memory import Found, Memory
from engine.store.models import TABLES
from engine.store.points import Point, pass_through
from engine.store.refusals import KNOWN
from engine.store.statements import NOT_ALL, as_one

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 30
POOL_SIZE = 64
POOL_WAIT_SECONDS = 30


class _Depth(threading.local):
    """How often this thread holds its connection."""

    depth = 0


class _Held:
    """A store's `with store.connected():`, one for all, since it keeps nothing itself."""

    __slots__ = ("_store",)

    def __init__(self, store: Store) -> None:
        self._store = store

    def __enter__(self) -> None:
        self._store.hold()

    def __exit__(self, *_: object) -> None:
        self._store.let_go()


class Store:
    """An open database. Share one between threads; a forked child that inherits it reconnects by itself."""

    def __init__(self, db: Database, url: str) -> None:
        self.db = db
        self.url = url
        self.postgres = not isinstance(db, SqliteDatabase)
        self._local = _Depth()
        self._held = _Held(self)
        self._pid = os.getpid()
        self.memory = Memory()

    # ---- connections

    def connected(self) -> _Held:
        """Hold this thread's connection; may be nested. PostgreSQL's goes back to the pool at the outermost end;
        SQLite's stays open for the thread (opening a file and reading its schema costs more than most commands)."""
        return self._held

    def hold(self) -> None:
        """Begin to hold; see `connected`."""
        self._after_fork()
        if self.db.is_closed():
            self.db.connect()
        self._local.depth += 1

    def let_go(self) -> None:
        """Hold once less."""
        self._local.depth = max(0, self._local.depth - 1)  # a fork inside the block began anew
        if self.postgres and not self._local.depth and not self.db.in_transaction():
            self.db.close()

    def _after_fork(self) -> None:
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self.db.dispose()  # the parent's sockets and files are not ours: forget them without closing
            self._local = _Depth()

    def close(self) -> None:
        """Close this thread's connection, and on PostgreSQL the whole pool."""
        self._after_fork()
        if self.postgres:
            self.db.close_all()  # type: ignore[attr-defined]
        else:
            self.db.close()

    def recall(self, key: Hashable, look: Callable[[], Found]) -> Found:
        """What `look` finds, looked up once in a web request (`memory.request()`), never while writing."""
        return look() if self.db.in_transaction() else self.memory.recall(key, look)

    # ---- transactions

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """The only place where a transaction begins; `BEGIN IMMEDIATE` on SQLite, where a deferred one that reads
        first fails SQLITE_BUSY despite the timeout. Raises InsideTransaction rather than join a caller's: the
        caller's rollback would leave us believing in a commit that never was."""
        if self.db.in_transaction():
            raise InsideTransaction()
        with self.connected():
            pass_through(Point.BEGIN)
            with self._begin():
                yield
                pass_through(Point.WRITTEN)
            pass_through(Point.COMMITTED)

    def _begin(self) -> Any:
        self.memory.forget()
        return self.db.transaction() if self.postgres else self.db.transaction("IMMEDIATE")

    def refuse_inside(self) -> None:
        """Raise InsideTransaction when the caller holds a transaction open; every command asks this first."""
        if self.db.in_transaction():
            raise InsideTransaction()

    # ---- statements

    def written(self, at: datetime) -> Any:
        """An instant as the driver takes it most quickly: to sqlite3 it is given as the text that it would become by
        an adapter, which costs five times as much."""
        return at if self.postgres else str(at)

    def run(self, query: Query) -> Any:
        """Execute an unbound peewee query on this database; a select gives its rows, a write its row count."""
        return query.bind(self.db).execute()

    def rows(self, query: Query) -> list[dict[str, Any]]:
        """All rows of a select, as plain dicts."""
        return list(query.dicts().bind(self.db))

    def row(self, query: Query) -> dict[str, Any] | None:
        """The first row of a select, or None."""
        return next(iter(query.dicts().bind(self.db)), None)

    def value(self, query: Query) -> Any:
        """The first column of the first row, or None."""
        found = next(iter(query.tuples().bind(self.db)), None)
        return found[0] if found else None

    def sql(self, statement: str, values: Sequence[Any] = ()) -> Any:
        """Execute a raw statement written with `?` marks (only from engine/store); the cursor."""
        return self.db.execute_sql(_percent(statement) if self.postgres else statement, values)

    def each(self, statement: str, rows: Sequence[Sequence[Any]]) -> Any:
        """The same with several sets of values; the cursor counts the rows that all of them changed."""
        db: Any = self.db
        return db.execute_each(_percent(statement) if self.postgres else statement, rows)

    def together(
        self, statements: Sequence[tuple[str, Sequence[Sequence[Any]]]], judge: Callable[[list[int]], None]
    ) -> None:
        """A transaction whose statements are known beforehand, each with one or several sets of values. On PostgreSQL
        they travel together: one round trip, and one for the commit. `judge` sees how many rows each one changed, with
        all its values, and raises to take all of it back."""
        self.refuse_inside()
        self.memory.forget()
        pass_through(Point.BEGIN)
        with self.connected(), self._travelling() as arrive, self._brackets():
            cursors = []
            for statement, rows in statements:
                cursors.append(self.sql(statement, rows[0]) if len(rows) == 1 else self.each(statement, rows))
                pass_through(Point.STATEMENT)
            arrive()
            judge([cursor.rowcount for cursor in cursors])
            pass_through(Point.WRITTEN)
        pass_through(Point.COMMITTED)

    def _brackets(self) -> Any:
        """A transaction in which nobody asks peewee whether there is one."""
        return self._begin() if self.postgres else Immediate(self.db)

    def as_one(self, steps: Sequence[tuple[str, Sequence[Any], Any]]) -> bool:
        """PostgreSQL only: the same in a single statement, one round trip with its commit. A step whose third part is
        set must change a row; False, and nothing written, when one did not. No two steps may change the same row."""
        self.refuse_inside()
        self.memory.forget()
        pass_through(Point.BEGIN)
        statement = as_one(tuple((sql, needed is not None) for sql, _, needed in steps))
        with self.connected():
            try:
                self.sql(statement, [value for _, values, _ in steps for value in values])
            except DataError as problem:
                if getattr(problem.__context__, "sqlstate", "") == NOT_ALL:
                    return False
                raise
        pass_through(Point.COMMITTED)
        return True

    @contextmanager
    def _travelling(self) -> Iterator[Callable[[], None]]:
        """psycopg's pipeline; an error of a statement is raised when it arrives. SQLite has no way to go."""
        if not self.postgres:
            yield lambda: None
            return
        try:
            with __exception_wrapper__, self.db.connection().pipeline() as pipeline:
                yield pipeline.sync
        except (PeeweeException, *KNOWN) as problem:
            self._replace()
            if isinstance(problem, KNOWN):
                refuse(problem)
            raise

    def _replace(self) -> None:
        """Another connection for this thread: a pipeline that broke leaves its own in an aborted transaction, and
        psycopg believing in prepared statements that the server never made."""
        self.db.manual_close()  # type: ignore[attr-defined]
        self.db.connect()

    # ---- schema

    def migrate(self) -> list[str]:
        """Create or upgrade the tables; the names of the migrations applied now. Safe when several processes start
        at once."""
        with self.connected(), migration_lock(self):
            runner = Runner(self.db, str(MIGRATIONS))
            return [name for one in runner.status() if not one.applied for name in self._apply(runner, one.name)]

    @staticmethod
    def _apply(runner: Runner, name: str) -> list[str]:
        pass_through(Point.MIGRATING)
        return list(runner.up(target=name))

    def create_from_models(self) -> None:
        """Make the tables straight from the models: only for the test that migrations give the same schema."""
        for model in TABLES:
            SchemaManager(model, self.db).create_all()

    # ---- ids

    @staticmethod
    def new_id() -> int:
        """A new 63-bit id: milliseconds since 1970 and 22 random bits, always above the last one of this process."""
        return new_id()


@lru_cache(maxsize=2048)
def _percent(statement: str) -> str:
    """A statement with the marks that psycopg knows."""
    return statement.replace("?", "%s")


class _Ids:
    """The last id handed out, so that ids of one process only grow."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.last = 0

    def next(self) -> int:
        fresh = (time.time_ns() // 1_000_000) << 22 | secrets.randbits(22)
        with self.lock:
            self.last = fresh if fresh > self.last else self.last + 1
            return self.last


_ids = _Ids()


def new_id() -> int:
    """See `Store.new_id`."""
    return _ids.next()


def open_store(url: str) -> Store:
    """Open `sqlite:///relative.db`, `sqlite:////absolute.db` or `postgresql://user:password@host:port/name`; nothing is
    connected before the first use. Raises InvalidSetting for any other URL."""
    scheme, mark, rest = url.partition("://")
    if not mark:
        raise InvalidSetting(name="database", reason=f"{url} is no URL such as sqlite:///linli.db")
    if scheme == "sqlite":
        return Store(_sqlite(rest), url)
    if scheme in ("postgresql", "postgres", "postgresql+pool"):
        return Store(_postgres(rest), url)
    raise InvalidSetting(name="database", reason=f"{scheme} is neither sqlite nor postgresql")


def _sqlite(rest: str) -> Database:
    path = rest.removeprefix("/")
    if not path or path == ":memory:":
        raise InvalidSetting(name="database", reason="SQLite needs a file: several threads share it")
    pragmas = {"journal_mode": "wal", "synchronous": 1, "busy_timeout": BUSY_SECONDS * 1000, "cache_size": -32_000}
    return Sqlite(path, pragmas=pragmas, timeout=BUSY_SECONDS)


def _postgres(rest: str) -> Database:
    return Postgres(
        **parse(f"postgresql://{rest}", unquote_password=True, unquote_user=True),
        prefer_psycopg3=True,
        max_connections=POOL_SIZE,
        timeout=POOL_WAIT_SECONDS,
        stale_timeout=600,
    )
