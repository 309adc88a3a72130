"""A world and a case for the interpreter's tests: no database, no people, a clock that the test moves.

`Case` applies every event twice: at once, and step by step with a save and a load between every two steps; both must
give the same state and journal. It keeps rows from opened / closed / rearmed as commands would, and compares them with
`waiting`. Scripts are plain `exec` here: the sandbox is not under test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine import bpmn, dmn
from engine.bpmn import state as codec
from engine.bpmn import steps
from engine.bpmn.model import (
    AddChild,
    Begin,
    Break,
    Cancel,
    Changes,
    Complete,
    Due,
    Event,
    Fire,
    Move,
    RemoveChild,
    Retry,
    SetVariables,
    Throw,
    Wait,
)
from engine.bpmn.xml import ACTIVITIES
from engine.calendars import iso
from engine.errors import BpmnError, ExpressionFailed, ScriptFailed
from engine.expressions import feel

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 11, 23, 1, 0)


class World:
    """Natural time, real FEEL, scripts by exec, decisions and services as Python functions."""

    def __init__(self) -> None:
        self.now = START
        self.decisions: dict[str, Callable[[Mapping[str, Any]], Any]] = {}
        self.services: dict[str, Callable[[Mapping[str, Any]], Any]] = {}
        self.asked = 0

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        self.asked += 1
        return feel.evaluate(expression, dict(variables), now=self.now, zone=ZONE)

    def test(self, expression: str, variables: Mapping[str, Any]) -> bool:
        self.asked += 1
        return feel.test(expression, dict(variables), now=self.now, zone=ZONE)

    def run_script(self, script: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        names: dict[str, Any] = {"bpmn_error": _raise}
        given = dict(variables)
        before = deepcopy(given)
        names.update(given)
        try:
            exec(script, names)
        except BpmnError:
            raise
        except Exception as problem:
            raise ScriptFailed(reason=repr(problem)) from problem
        hidden = ("__builtins__", "bpmn_error")
        return {k: v for k, v in names.items() if k not in hidden and (k not in before or before[k] != v)}

    def decide(self, decision: str, binding: str, variables: Mapping[str, Any], shape: str = "") -> dmn.Result:
        return dmn.Result(self.decisions[decision](variables))

    def due(self, expression: str, kind: str, calendar: str, variables: Mapping[str, Any]) -> Due:
        value = self.evaluate(expression[1:], variables) if expression.startswith("=") else expression
        try:
            return self._due(value)
        except (ValueError, TypeError) as problem:
            raise ExpressionFailed(expression=expression, reason=str(problem)) from problem

    def _due(self, value: Any) -> Due:
        if value is None:
            raise ValueError("null")
        if isinstance(value, datetime):
            return Due(value.astimezone(UTC).replace(tzinfo=None))
        if isinstance(value, timedelta):
            return Due(self.now + value)
        if value.startswith("R"):
            rule = iso.repeat(value)
            first = rule.start or self.now + rule.every.delta
            return Due(first, rule.count, iso.text_of(rule.every.delta), first)
        if value.startswith("P"):
            return Due(self.now + iso.period(value).delta)
        return Due(iso.instant(value))

    def again(self, due: Due, calendar: str) -> Due | None:
        assert due.anchor is not None
        left = None if due.left is None else due.left - 1
        if left == 0:
            return None
        at, every = due.at, iso.period(due.every).delta
        while at <= self.now:
            at += every
        return Due(at, left, due.every, due.anchor)

    def inline(self, service: str) -> bool:
        return service in self.services

    def call(self, service: str, inputs: Mapping[str, Any], headers: Mapping[str, str], context: Any) -> Any:
        return self.services[service](inputs)


def _raise(code: str, message: str = "") -> None:
    raise BpmnError(error_code=code, reason=message)


class Case:
    """One case under test; begun at once unless `saved` is the state to go on from (its rows are given then)."""

    def __init__(
        self,
        content: bytes,
        variables: dict[str, Any] | None = None,
        *,
        world: World | None = None,
        key: str = "p",
        node: str | None = None,
        part: int = 0,
        called: bool = False,
        limit: int = 2_000,
        twice: bool = True,
        saved: bytes | None = None,
    ) -> None:
        self.process = bpmn.compile(content, key)
        self.world = world or World()
        self.limit, self.twice = limit, twice
        self.state: bytes | None = None
        self.rows: dict[tuple[str, str, int], Wait] = {}
        self.trace: list[tuple[str, str]] = []
        self.troubles: list[tuple[str, str]] = []
        self.published: list[Any] = []
        self.last: Changes
        if saved is None:
            self.send(Begin(variables or {}, node, called, part))
        else:
            self.state, self.last = saved, bpmn.advance(self.process, saved, SetVariables({}), self.world)

    # ---- sending ---------------------------------------------------------------------------------------------------

    def send(self, event: Event) -> Changes:
        changes = bpmn.advance(self.process, self.state, event, self.world, limit=self.limit)
        if self.twice:
            slow, journal = self._stepwise(event)
            assert slow.state == changes.state, (slow.state, changes.state)
            assert journal == [(entry.node, entry.event) for entry in changes.journal]
        self._keep(changes)
        return changes

    def _stepwise(self, event: Event) -> tuple[Changes, list[tuple[str, str]]]:
        """The same with a save and a load between every two steps."""
        star = steps.apply(self.process, self.state, event, self.world)
        journal: list[tuple[str, str]] = []
        for _ in range(self.limit):
            journal += [(entry.node, entry.event) for entry in star.journal]
            text = codec.dump(star)
            star = codec.load(self.process, text, self.world)
            assert codec.dump(star) == text
            if not steps.proceed(star):
                break
        else:
            steps._stop(star, self.limit)
        changes = steps.conclude(star)
        return changes, journal + [(entry.node, entry.event) for entry in star.journal]

    def _keep(self, changes: Changes) -> None:
        self.last, self.state = changes, changes.state
        self.trace += [(entry.node, entry.event) for entry in changes.journal]
        self.troubles += [(trouble.node, trouble.kind) for trouble in changes.troubles]
        self.published += changes.published
        closed = {token for token, _ in changes.closed}
        self.rows = {key: wait for key, wait in self.rows.items() if key[0] not in closed}
        for wait in [*changes.opened, *changes.rearmed]:
            self.rows[wait.token, wait.kind, wait.part] = wait
        assert bpmn.sound(self.process, changes.state) == []
        expected = {(w.token, w.kind, w.part) for w in bpmn.waiting(self.process, changes.state)}
        assert set(self.rows) == expected, (set(self.rows), expected)

    # ---- what a test does ------------------------------------------------------------------------------------------

    def wait(self, node: str, kind: str = "", child: int | None = None, **where: Any) -> Wait:
        """The oldest row at a node."""
        seen = {view.token: view for view in bpmn.tokens(self.bytes)}
        found = [
            wait
            for wait in sorted(self.rows.values(), key=lambda wait: int(wait.token))
            if wait.node == node
            and (not kind or wait.kind == kind)
            and (child is None or seen[wait.token].child == child)
            and all(self.see(wait.token).get(name) == value for name, value in where.items())
        ]
        assert found, (node, kind, child, where, sorted(self.rows))
        return found[0]

    def do(
        self, node: str, _child: int | None = None, _where: dict[str, Any] | None = None, **variables: Any
    ) -> Changes:
        """Complete the oldest user task, job or call at a node."""
        found = [w for w in self.rows.values() if w.kind in ("user", "job", "call") and w.node == node]
        assert found, (node, self.open)
        return self.send(Complete(self.wait(node, found[0].kind, _child, **(_where or {})).token, variables))

    def hours(self, hours: float) -> None:
        """Move the clock, then fire what is due as the tick would: by due time, then by token."""
        self.world.now += timedelta(hours=hours)
        while True:
            due = [w for w in self.rows.values() if w.kind == "timer" and w.due and w.due.at <= self.world.now]
            if not due:
                return
            wait = min(due, key=lambda w: (w.due.at, int(w.token)))
            del self.rows[wait.token, wait.kind, wait.part]
            self.send(Fire(wait.token, {}, wait.part))

    def message(self, name: str = "msg", key: str | None = None, **payload: Any) -> Changes:
        """Deliver a message to the outermost, oldest subscription."""
        found = [w for w in self.rows.values() if w.kind == "message" and w.ref == name and w.correlation == key]
        assert found, (name, key, sorted(self.rows))
        wait = min(found, key=self._order)
        return self.send(Fire(wait.token, payload, wait.part))

    def signal(self, name: str = "sig", **payload: Any) -> int:
        """Deliver a signal to every subscription there is now."""
        found = [w for w in self.rows.values() if w.kind == "signal" and w.ref == name]
        done = 0
        for wait in sorted(found, key=self._order):
            if (wait.token, wait.kind, wait.part) in self.rows:
                self.send(Fire(wait.token, payload, wait.part))
                done += 1
        return done

    def _order(self, wait: Wait) -> tuple[int, int]:
        """Outermost scope first, then the oldest."""
        scopes = {view.token: view.scope for view in self.views}
        level, at = 0, scopes[wait.token]
        while at:
            level, at = level + 1, scopes[at]
        return level, int(wait.token)

    def fail(self, node: str, code: str, message: str = "") -> Changes:
        """A job or called process ends with a business error."""
        return self.send(Throw(self.wait(node).token, code, message))

    def break_(self, node: str, kind: str = "job", message: str = "no luck") -> Changes:
        return self.send(Break(self.wait(node).token, kind, message))

    def retry(self, node: str) -> Changes:
        """Retry the oldest incident at a node."""
        return self.send(Retry(next(v.token for v in self.views if v.node == node and v.status == "error")))

    def set(self, _token: str | None = None, **variables: Any) -> Changes:
        return self.send(SetVariables(variables, _token))

    def move(self, node: str, target: str, region: tuple[str, ...] | None = (), child: int | None = None) -> Changes:
        """Move the oldest token at a node that is no listener."""
        found = [v for v in self.views if v.node == node and not v.listener and v.child == child]
        return self.send(Move([found[0].token], target, region))

    def add(self, node: str, item: Any) -> Changes:
        return self.send(AddChild(self.token(node), item))

    def drop(self, node: str, child: int) -> Changes:
        return self.send(RemoveChild(self.token(node, child)))

    def cancel(self) -> Changes:
        return self.send(Cancel("test"))

    # ---- what a test looks at --------------------------------------------------------------------------------------

    @property
    def bytes(self) -> bytes:
        assert self.state is not None
        return self.state

    @property
    def views(self) -> list[Any]:
        return bpmn.tokens(self.bytes)

    def token(self, node: str, child: int | None = None) -> str:
        return next(v.token for v in self.views if v.node == node and v.child == child)

    @property
    def open(self) -> str:
        """User tasks, jobs and calls that wait, sorted."""
        return " ".join(sorted(w.node for w in self.rows.values() if w.kind in ("user", "job", "call")))

    @property
    def live(self) -> str:
        """Nodes of all live tokens, listeners too, sorted."""
        return " ".join(sorted(view.node for view in self.views))

    @property
    def done(self) -> bool:
        return self.last.status == "completed"

    @property
    def vars(self) -> dict[str, Any]:
        return bpmn.variables(self.bytes)

    def see(self, token: str) -> dict[str, Any]:
        return bpmn.variables(self.bytes, token)

    def ran(self, *only: str) -> str:
        """Completed nodes in order: those named, else all activities."""
        nodes = self.process.info.nodes
        done = [node for node, event in self.trace if event == "completed"]
        return " ".join(n for n in done if (n in only if only else nodes[n].type in ACTIVITIES))

    def said(self, event: str) -> str:
        return " ".join(node for node, what in self.trace if what == event)
