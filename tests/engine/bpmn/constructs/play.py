"""Playing a construct: its case, those it calls or reaches by messages, and registers in memory.

Owns the wiring between the cases of one file that the commands do in the engine: called processes, errors and
escalations that go up, messages to a waiting case or a message start event. Every event is applied as `Case` does it:
at once, and with a save and a load between every two steps.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import bpmn
from engine.bpmn.model import Cancel, Changes, Complete, Escalate, Fire, Throw
from tests.engine.bpmn.cases import Case, World
from tests.engine.bpmn.constructs.construct import Construct

MARKS = {"completed": "", "caught": "!", "thrown": "^", "cancelled": "-", "incident": "?"}


@dataclass(frozen=True)
class Up:
    """The call activity that a case answers."""

    case: Actor
    token: str

    def waits(self) -> bool:
        return self.token in {view.token for view in self.case.views}


class Actor(Case):
    """A case that tells the play of every change."""

    def __init__(self, play: Play, key: str, variables: Mapping[str, Any], up: Up | None = None, **how: Any) -> None:
        self.play, self.up = play, up
        play.cases.append(self)
        super().__init__(play.content, dict(variables), world=play.world, key=key, called=up is not None, **how)

    def _keep(self, changes: Changes) -> None:
        super()._keep(changes)
        self.play.follow(self, changes)


class Play:
    """One run of a construct; `content` replaces its diagram, `saved` is a state to go on from."""

    def __init__(self, construct: Construct, content: bytes | None = None, saved: bytes | None = None) -> None:
        self.construct, self.content = construct, content or construct.content
        self.infos = {info.key: info for info in bpmn.describe(self.content)}
        self.rows = {name: [dict(row) for row in rows] for name, rows in construct.rows.items()}
        self.world = World()
        self.world.services = {"register.find": self._find, "register.put": self._put, "notice": lambda inputs: 1}
        self.world.decisions = {"d": lambda seen: 7}
        self.cases: list[Actor] = []
        self.trace: list[str] = []
        node, part = construct.begin or (None, 0)
        self.main = Actor(self, construct.key, construct.variables, node=node, part=part, saved=saved)

    def _find(self, inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
        where = inputs.get("where") or {}
        return [r for r in self.rows[inputs["register"]] if all(r.get(k) == v for k, v in where.items())]

    def _put(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        rows, row = self.rows.setdefault(inputs["register"], []), dict(inputs["row"])
        if row not in rows:  # a case is played twice
            rows.append(row)
        return row

    # ---- cases

    def follow(self, case: Actor, changes: Changes) -> None:
        """What the commands would do after a change of a case."""
        self.trace += [mark for entry in changes.journal if (mark := _mark(entry.node, entry.event))]
        for token, _ in changes.closed:
            self._cancel_called(case, token)
        for wait in [one for one in changes.opened if one.kind == "call" and one.ref in self.infos]:
            Actor(self, wait.ref, wait.inputs, up=Up(case, wait.token))
        for sent in [one for one in changes.published if one.kind == "message"]:
            self.message(sent.name, sent.correlation, sent.payload)
        if case.up is not None:
            self._answer(case.up, changes)

    def _cancel_called(self, case: Actor, token: str) -> None:
        for child in [one for one in self.cases if one.up == Up(case, token)]:
            child.up = None
            if child.last.status == "running":
                child.send(Cancel())

    def _answer(self, up: Up, changes: Changes) -> None:
        for code in changes.escalated:
            if up.waits():
                up.case.send(Escalate(up.token, code))
        if changes.status == "running" or not up.waits():
            return
        error = changes.error_code
        up.case.send(Throw(up.token, error) if error else Complete(up.token, changes.variables))

    # ---- what happens

    def message(self, name: str, key: str | None, payload: Mapping[str, Any]) -> None:
        for case in self.cases:
            found = [w for w in case.rows.values() if (w.kind, w.ref, w.correlation) == ("message", name, key)]
            if found and case.last.status == "running":
                wait = min(found, key=case._order)
                case.send(Fire(wait.token, payload, wait.part))
                return
        for info in self.infos.values():
            for start in info.starts:
                if (start.kind, start.ref) == ("message", name):
                    Actor(self, info.key, payload, node=start.node, part=start.part)
                    return

    def run(self) -> Play:
        """All lines of the script."""
        for line in self.construct.script:
            self.line(line)
        return self

    def line(self, line: str) -> None:
        word, *more = line.split()
        getattr(self, f"_{word}")(*more)

    def _do(self, node: str, *values: str) -> None:
        case = next(c for c in self.cases if any(w.node == node and w.kind in _BY_HAND for w in c.rows.values()))
        wait = min((w for w in case.rows.values() if w.node == node), key=lambda w: int(w.token))
        case.send(Complete(wait.token, _values(values)))

    def _message(self, name: str, *values: str) -> None:
        name, _, key = name.partition("@")
        self.message(name, key or None, _values(values))

    def _signal(self, name: str, *values: str) -> None:
        for case in list(self.cases):
            for wait in sorted((w for w in case.rows.values() if (w.kind, w.ref) == ("signal", name)), key=case._order):
                if (wait.token, wait.kind, wait.part) in case.rows:
                    case.send(Fire(wait.token, _values(values), wait.part))

    def _hours(self, count: str) -> None:
        now = self.world.now
        for case in self.cases:
            self.world.now = now
            case.hours(float(count))

    def _set(self, *values: str) -> None:
        self.main.set(**_values(values))

    def _fail(self, node: str, code: str) -> None:
        self.main.fail(node, code)


_BY_HAND = ("user", "job", "call")


def _values(values: tuple[str, ...]) -> dict[str, Any]:
    return {name: json.loads(value) for name, _, value in (one.partition("=") for one in values)}


def _mark(node: str, event: str) -> str:
    if event not in MARKS:
        return ""
    return f"-{node}" if event == "cancelled" else node + MARKS[event]
