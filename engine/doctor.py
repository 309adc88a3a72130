"""Proofs over the whole database: every journal chain, every state, every row that hangs on a token.

Owns the invariants between tables and reports what breaks them, in words an operator can act on. Repairs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from engine import bpmn
from engine.bpmn.model import Wait
from engine.store import Store, house, journal, models, orphans

CHUNK = 200
REPAIRS = ("orphan", "missing", "stray", "double", "held")  # codes of what `Engine.repair` can mend
LOOKS = 4  # at a case with which something seems to be wrong


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `instance`: the case, 0 when it is of none."""

    instance: int
    code: str
    text: str


class Doctor:
    """Looks a database over. `process`: the compiled process of a definition id."""

    def __init__(self, store: Store, process: Callable[[int], bpmn.Process]) -> None:
        self._store = store
        self._process = process

    def report(self) -> list[Problem]:
        """Everything that is wrong; empty for a sound database. Reads all of it: minutes on a large one."""
        with self._store.connected():
            lost = [Problem(instance, "orphan", text) for instance, text in orphans.find(self._store)]
            return [*lost, *self._readable(house.HOUSE, "journal", lambda: self._journal(house.HOUSE)), *self._cases()]

    def examine(self, instance: int) -> list[Problem]:
        """What is wrong with one case and those it called."""
        family = models.Instance.select().where(models.Instance.root == instance)
        with self._store.connected():
            return [problem for row in self._store.rows(family) for problem in self._settled(row)]

    # ---- cases

    def _cases(self) -> Iterator[Problem]:
        last = 0
        while True:
            query = models.Instance.select().where(models.Instance.id > last).order_by(models.Instance.id).limit(CHUNK)
            rows = self._store.rows(query)
            for row in rows:
                yield from self._settled(row)
            if not rows:
                return
            last = rows[-1]["id"]

    def _settled(self, row: dict[str, Any] | None) -> list[Problem]:
        """What is wrong with a case. Somebody may move it between two reads, so what is found is looked at again: only
        what stays is wrong."""
        found: list[Problem] = []
        for _ in range(LOOKS):
            found = list(self._case(row)) if row else []
            if not found or row is None:
                break
            row = self._store.row(models.Instance.select().where(models.Instance.id == row["id"]))
        return found

    def _case(self, row: dict) -> Iterator[Problem]:
        yield from self._readable(row["id"], "journal", lambda: self._journal(row["id"]))
        yield from self._readable(row["id"], "state", lambda: self._state(row))

    def _readable(self, instance: int, code: str, look: Callable[[], Iterator[Problem]]) -> Iterator[Problem]:
        """What a look finds. Damaged bytes raise whatever they happen to raise: that is a finding about one case, and
        no reason to leave the others unproved."""
        try:
            yield from list(look())
        except Exception as problem:
            yield Problem(instance, code, f"the {code} cannot be read: {type(problem).__name__}: {problem}")

    def _journal(self, instance: int) -> Iterator[Problem]:
        for text in journal.broken(self._store, instance):
            yield Problem(instance, "journal", text)

    def _state(self, row: dict) -> Iterator[Problem]:
        process, state = self._process(row["definition"]), bytes(row["state"])
        for text in bpmn.sound(process, state):
            yield Problem(row["id"], "state", text)
        waits = bpmn.waiting(process, state) if row["status"] == "running" else []
        yield from self._projections(row["id"], waits)
        if row["status"] == "running":
            yield from self._held(row["id"], state)

    def _projections(self, instance: int, waits: list[Wait]) -> Iterator[Problem]:
        for what, kinds, tokens in self._rows(instance):
            wanted = sorted(wait.token for wait in waits if wait.kind in kinds)
            for token in sorted(set(wanted) - set(tokens)):
                yield Problem(instance, "missing", f"token {token} waits, but there is no {what} for it")
            for token in sorted(set(tokens) - set(wanted)):
                yield Problem(instance, "stray", f"a {what} waits for token {token}, which does not wait")
            if len(tokens) > len(wanted) and set(tokens) == set(wanted):
                yield Problem(instance, "double", f"more than one {what} for one token: {tokens}")

    def _held(self, instance: int, state: bytes) -> Iterator[Problem]:
        """A task is marked as held just as long as somebody is asked before."""
        item = models.WorkItem
        marked = set(self._tokens(item, item.instance == instance, item.status == "open", item.held))
        held = {view.before for view in bpmn.tokens(state) if view.before}
        for token in sorted(held - marked):
            yield Problem(instance, "held", f"somebody is asked before the task of token {token}, which is not held")
        for token in sorted(marked - held):
            yield Problem(instance, "held", f"the task of token {token} is held, and nobody is asked before it")

    def _rows(self, instance: int) -> Iterator[tuple[str, tuple[str, ...], list[str]]]:
        item, timer, child = models.WorkItem, models.Timer, models.Instance
        yield "work item", ("user",), self._tokens(item, item.instance == instance, item.status == "open")
        yield "timer", ("timer",), self._tokens(timer, timer.instance == instance, timer.kind == "event")
        subscription, job = models.Subscription, models.Job
        yield "subscription", ("message", "signal"), self._tokens(subscription, subscription.instance == instance)
        yield "job", ("job",), self._tokens(job, job.instance == instance)
        running = child.select(child.parent_token).where(child.parent == instance, child.status == "running")
        yield "called case", ("call",), [row["parent_token"] for row in self._store.rows(running)]

    def _tokens(self, model: Any, *where: Any) -> list[str]:
        return [row["token"] for row in self._store.rows(model.select(model.token).where(*where))]
