"""The only writer of cases: what a command gathered lands here in one short transaction, or not at all.

Order of locks: cases ascending by id (`update ... where id = ? and guard = ?`), then checks, then all else. A guard
that moved or a check that fails raises Moved and nothing is written; the command starts again from a fresh load.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from peewee import Model

from engine.store import journal
from engine.store.database import Store
from engine.store.models import Applied, Candidate, Instance, Journal, WorkItem
from engine.store.points import Point, pass_through
from engine.store.statements import MAX_VALUES, delete, inserts, update

AS_ONE = 16  # statements that PostgreSQL takes as one; it plans more of them longer than they travel


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
        for known, same, others, needed in () if must else self.updated:
            if known is model and same == values and not needed and _joined(others, where):
                return
        self.updated.append((model, values, dict(where), must))

    def delete_one(self, model: type[Model], where: dict[str, Any]) -> None:
        """Remove the row; when it is gone already, the command starts over (somebody else had its effect)."""
        self.check(lambda store: store.sql(*delete(model, where)).rowcount == 1)

    def delete(self, model: type[Model], where: dict[str, Any]) -> None:
        """Remove the rows that equal `where`."""
        if not any(known is model and _joined(others, where) for known, others in self.deleted):
            self.deleted.append((model, dict(where)))

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
    if writes.empty or _at_once(store, writes):
        return
    with store.transaction():
        _run(store, _case_steps(writes))
        pass_through(Point.CASES_GUARDED)
        for holds in writes.checks:
            if not holds(store):
                raise Moved
        _run(store, _row_steps(writes))
        pass_through(Point.ROWS_WRITTEN)
        for instance in sorted(writes.lines):
            journal.append(store, instance, writes.lines[instance])
        for run in writes.actions:
            run(store)


def _joined(others: dict[str, Any], where: dict[str, Any]) -> bool:
    """Join a condition with another one that differs in a single list: many cases' rows, one statement. Whether that
    could be done."""
    if others.keys() != where.keys():
        return False
    apart = [name for name in where if where[name] != others[name]]
    if len(apart) != 1 or not (isinstance(where[apart[0]], list) and isinstance(others[apart[0]], list)):
        return not apart
    others[apart[0]] = others[apart[0]] + where[apart[0]]
    return True


class _Behind(Exception):
    """A journal has moved on since it was loaded: the head has to be read under its lock."""


def _at_once(store: Store, writes: Writes) -> bool:
    """Land everything as statements that need no answer in between; False (nothing written) when that cannot be:
    something is asked under the lock, or a comment has moved the journal since."""
    if writes.checks or writes.actions or writes.lines.keys() - writes.heads.keys():
        return False
    steps = [*_case_steps(writes), *_row_steps(writes), *_line_steps(store, writes)]
    few = len(steps) <= AS_ONE and sum(len(values) for _, values, _ in steps) <= MAX_VALUES
    if store.postgres and few and _apart(writes):
        return store.as_one(steps)

    runs = [(alike, [values for _, values, _ in run]) for alike, run in groupby(steps, key=itemgetter(0, 2))]

    def judge(changed: list[int]) -> None:
        for ((_, failure), rows), count in zip(runs, changed, strict=True):
            if failure is not None and count < len(rows):  # what must change a row names it by its key: one each
                raise failure

    try:
        store.together([(statement, rows) for (statement, _), rows in runs], judge)
    except _Behind:
        return False
    return True


def _apart(writes: Writes) -> bool:
    """Whether every row is touched by one statement at most: the parts of a single statement do not see each other.
    A closed item's candidates and a new one's are never the same."""
    changed = [model for model, _ in writes.deleted] + [model for model, *_ in writes.updated]
    renewed = set(changed) & writes.inserted.keys() - {Candidate, WorkItem}
    return len(changed) == len(set(changed)) and not renewed


Step = tuple[str, Sequence[Any], type[Exception] | None]  # a statement, its values, what it means that no row changed


def _case_steps(writes: Writes) -> Iterator[Step]:
    for instance in sorted(writes.guards):
        guard, values = writes.guards[instance]
        where = {"id": instance, "guard": guard}
        yield *update(Instance, {"guard": new_guard(), **values}, where), Moved


def _row_steps(writes: Writes) -> Iterator[Step]:
    for model, where in writes.deleted:
        yield *delete(model, where), None
    for model, values, where, must in writes.updated:
        yield *update(model, values, where), Moved if must else None
    for model, rows in writes.inserted.items():
        for statement, bound in inserts(model, rows):
            yield statement, bound, None


def _line_steps(store: Store, writes: Writes) -> Iterator[Step]:
    written: list[dict[str, Any]] = []
    for instance in sorted(writes.lines):
        head = writes.heads[instance]
        rows = journal.chained(instance, writes.lines[instance], head)
        yield *journal.advance(instance, head, rows[-1]), _Behind
        shown = {at: store.written(at) for at in {row["at"] for row in rows}}  # one moment, nearly always
        for row in rows:
            row["at"] = shown[row["at"]]
        written += rows
    for statement, bound in inserts(Journal, written):
        yield statement, bound, None


def _run(store: Store, steps: Iterable[Step]) -> None:
    for statement, values, failure in steps:
        if store.sql(statement, values).rowcount < 1 and failure is not None:
            raise failure
        pass_through(Point.STATEMENT)
