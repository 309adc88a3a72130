"""The floor under a workload: the statements that really changed rows, replayed by the bare driver.

Owns listening to an engine and replaying on a copy of its database. Whatever a workload writes, its floor is exactly
the same rows in the same transactions, with nothing loaded, checked or computed: sqlite3 statement by statement, and on
PostgreSQL one pipeline, one round trip, a transaction, which is the most that psycopg can do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import psycopg

from bench.kit import path_of
from engine import Engine

Statement = tuple[str, tuple[Any, ...]]
WRITING = ("insert", "update", "delete", "with landed")


class Recorder:
    """Writing statements of an engine, by command."""

    def __init__(self) -> None:
        self._heard: list[list[Any]] = []

    def heard(self, event: Any) -> None:
        """Nothing more: our time runs."""
        self._heard[-1].append(event)

    @property
    def statements(self) -> int:
        """How many, of all kinds but a transaction's own."""
        return sum(event.sql not in ("begin immediate", "commit") for one in self._heard for event in one)

    @property
    def commands(self) -> list[list[Statement]]:
        """Those that write, of each command."""
        return [[_bare(event) for event in one if event.sql.lower().startswith(WRITING)] for one in self._heard]

    def marked(self, work: Callable[[], Any]) -> Callable[[], Any]:
        """The work, as a command of its own."""

        def run() -> Any:
            self._heard.append([])
            return work()

        return run


@contextmanager
def listening(engine: Engine) -> Iterator[Recorder]:
    """Record what an engine writes."""
    recorder = Recorder()
    engine.store.db.query_hooks.append(recorder.heard)  # type: ignore[attr-defined]
    try:
        yield recorder
    finally:
        engine.store.db.query_hooks.remove(recorder.heard)  # type: ignore[attr-defined]


def _bare(event: Any) -> Statement:
    return event.sql, tuple(_plain(value) for value in event.params or ())


def _plain(value: Any) -> Any:
    """As the driver stores it: converting is no part of writing."""
    return str(value) if isinstance(value, (datetime, date)) else value


class Floor:
    """A bare connection to a copy of a database."""

    def __init__(self, url: str) -> None:
        self.postgres = not url.startswith("sqlite")
        self._connection: Any = psycopg.connect(url, autocommit=True) if self.postgres else _sqlite(path_of(url))

    def works(self, commands: Sequence[Sequence[Statement]]) -> list[Callable[[], None]]:
        """One replay for each command."""
        replay = self._pipelined if self.postgres else self._one_by_one
        return [lambda command=command: replay(command) for command in commands]  # type: ignore[misc]

    def _pipelined(self, command: Sequence[Statement]) -> None:
        with self._connection.pipeline():
            self._connection.execute("begin")
            for statement, values in command:
                self._connection.execute(statement, values, prepare=True)
            self._connection.execute("commit")

    def _one_by_one(self, command: Sequence[Statement]) -> None:
        execute = self._connection.execute
        execute("begin immediate")
        for statement, values in command:
            execute(statement, values)
        execute("commit")

    def close(self) -> None:
        self._connection.close()


def _sqlite(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = normal")
    return connection
