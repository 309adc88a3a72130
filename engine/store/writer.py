"""The only writer of cases: what a command gathered lands here in one short transaction, or not at all.

Order of locks: cases ascending by id (`update ... where id = ? and guard = ?`), then checks, then all else. A guard
that moved or a check that fails raises Moved and nothing is written; the command starts again from a fresh load.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from peewee import Model

from engine.store import journal
from engine.store.database import Store
from engine.store.models import Applied, Instance
from engine.store.statements import delete, inserts, update


class Moved(Exception):
    """Somebody else committed first: throw the computed state away, reload, try again. Never leaves the commands."""


@dataclass(slots=True)
class Writes:
    """Rows gathered by one command. Values are what the columns store."""

    guards: dict[int, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    checks: list[Callable[[Store], bool]] = field(default_factory=list)
    inserted: dict[type[Model], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    updated: list[tuple[type[Model], dict[str, Any], dict[str, Any], bool]] = field(default_factory=list)
    deleted: list[tuple[type[Model], dict[str, Any]]] = field(default_factory=list)
    actions: list[Callable[[Store], None]] = field(default_factory=list)
    lines: dict[int, list[journal.Line]] = field(default_factory=lambda: defaultdict(list))
    heads: dict[int, journal.Head] = field(default_factory=dict)  # of the chains, as loaded

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        gathered = (self.guards, self.checks, self.inserted, self.updated, self.deleted, self.actions, self.lines)
        return not any(gathered)

    def guard(self, instance: int, guard: int, values: Mapping[str, Any]) -> None:
        """Save a case, provided its guard is still the one that was loaded."""
        self.guards[instance] = (guard, dict(values))

    def check(self, holds: Callable[[Store], bool]) -> None:
        """Ask again under the lock; False makes the command start over."""
        self.checks.append(holds)

    def insert(self, model: type[Model], row: dict[str, Any]) -> None:
        """Add a row; columns left out take the model's default."""
        self.inserted[model].append(row)

    def update(self, model: type[Model], values: dict[str, Any], where: dict[str, Any], must: bool = False) -> None:
        """Change the rows that equal `where`; with `must`, none found makes the command start over."""
        self.updated.append((model, values, where, must))

    def delete_one(self, model: type[Model], where: dict[str, Any]) -> None:
        """Remove the row; when it is gone already, the command starts over (somebody else had its effect)."""
        self.check(lambda store: store.sql(*delete(model, where)).rowcount == 1)

    def delete(self, model: type[Model], where: dict[str, Any]) -> None:
        """Remove the rows that equal `where`."""
        self.deleted.append((model, where))

    def action(self, run: Callable[[Store], None]) -> None:
        """Run a write of another owner (registers) inside the commit, after all else."""
        self.actions.append(run)

    def line(self, instance: int, line: journal.Line) -> None:
        """Add a journal line to a case."""
        self.lines[instance].append(line)

    def remember(self, key: str, command: str, result: str, at: Any) -> None:
        """Keep an idempotency key with the answer it got."""
        self.insert(Applied, {"key": key, "command": command, "result": result, "at": at})


def new_guard() -> int:
    """A random 63-bit guard. Random, not counted: a counter repeats after somebody's rollback."""
    return secrets.randbits(63)


def commit(store: Store, writes: Writes) -> None:
    """Land everything in one transaction. Raises Moved (nothing written) or the database's IntegrityError (nothing
    written)."""
    if writes.empty:
        return
    with store.transaction():
        _cases(store, writes)
        for holds in writes.checks:
            if not holds(store):
                raise Moved
        _rows(store, writes)
        for instance in sorted(writes.lines):
            journal.append(store, instance, writes.lines[instance], writes.heads.get(instance))
        for run in writes.actions:
            run(store)


def _cases(store: Store, writes: Writes) -> None:
    for instance in sorted(writes.guards):
        guard, values = writes.guards[instance]
        found = store.sql(*update(Instance, {"guard": new_guard(), **values}, {"id": instance, "guard": guard}))
        if found.rowcount != 1:
            raise Moved


def _rows(store: Store, writes: Writes) -> None:
    for model, where in writes.deleted:
        store.sql(*delete(model, where))
    for model, values, where, must in writes.updated:
        found = store.sql(*update(model, values, where))
        if must and found.rowcount < 1:
            raise Moved
    for model, rows in writes.inserted.items():
        for statement, bound in inserts(model, rows):
            store.sql(statement, bound)
