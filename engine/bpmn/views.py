"""Looking at a saved case without moving it: what it waits for, and whether it is whole.

Owns `waiting` (the projections a state must have, for repair and migration) and `sound` (what must hold of any state
between two commands; it found leaks that traces missed). Changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from engine import dmn
from engine.bpmn import aside
from engine.bpmn import state as codec
from engine.bpmn.activities import User, names, text_of
from engine.bpmn.activities import addressed as addressed_to
from engine.bpmn.gateways import reachable
from engine.bpmn.model import Due, Wait, World
from engine.bpmn.process import Process
from engine.bpmn.star import Star
from engine.bpmn.tokens import ERROR, READY, STARTED, WAITING, Token
from engine.errors import NotFound


class Silent:
    """A world in which every expression is null: enough to see the shape of a state."""

    now = datetime(1970, 1, 1)

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        return None

    def test(self, expression: str, variables: Mapping[str, Any]) -> bool:
        return False

    def run_script(self, script: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def decide(self, decision: str, binding: str, variables: Mapping[str, Any], shape: str = "") -> dmn.Result:
        return dmn.Result(None)

    def due(self, expression: str, kind: str, calendar: str, variables: Mapping[str, Any]) -> Due:
        return Due(self.now)

    def again(self, due: Due, calendar: str) -> Due | None:
        return None

    def inline(self, service: str) -> bool:
        return False

    def call(self, service: str, inputs: Any, headers: Any, context: Any) -> Any:
        return None


def waiting(process: Process, state: bytes, world: World | None = None) -> list[Wait]:
    """Every Wait of a state, in order of tokens. Without a world, what a person's task or job evaluates (assignee, due
    date, priority, FEEL names) is blank; timers and keys are as saved. Raises what evaluation raises."""
    star = codec.load(process, state, world or Silent())
    found = [t for t in star.index.values() if _waits(t)]
    return [wait for token in sorted(found, key=lambda t: t.id) for wait in token.task_spec.waits(star, token)]


def addressed(process: Process, node: str, world: World, variables: Mapping[str, Any]) -> Wait:
    """To whom a task for people would be addressed if it opened with these variables: its assignee, logins, rules (of a
    countersign those of `signers`) and properties. NotFound when the element is no such task; raises what evaluation
    raises."""
    spec = process.node(node) if node in process.info.nodes else None
    if not isinstance(spec, User):
        raise NotFound(what="element", id=node)
    s = spec.settings

    def value(text: str) -> Any:
        return world.evaluate(text[1:].strip(), variables) if text.startswith("=") else text

    users, groups = addressed_to(s, value)
    groups = names(s.properties["signers"]) if s.properties.get("signers") else groups
    assignee = "" if s.properties.get("signers") else text_of(value(s.assignee))
    info = process.info.nodes[node]
    return Wait(
        token="",
        node=node,
        kind="user",
        name=info.name,
        assignee=assignee,
        candidates=users,
        groups=groups,
        properties=info.properties,
    )


def _waits(token: Token) -> bool:
    spec = token.task_spec
    if "ran" in token.own or token.state == ERROR:
        return False
    if token.state == STARTED:
        return bool(spec.served)
    return token.state == WAITING or (token.state == READY and bool(spec.manual))


def leads(process: Process, source: str, target: str) -> bool:
    """Whether the flows (boundary events and the way into an event subprocess too) lead from one element to another."""
    here, there = (*process.chains[source], source), (*process.chains[target], target)
    level = next((i for i, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), None)
    if level is None:
        return False
    spec = process.specs[process.node(here[level - 1]).inner] if level else process.spec
    start, end = spec.task_specs[here[level]].place, spec.task_specs[there[level]].place
    return end in spec.event_subs or end in reachable(spec, start)


def sound(process: Process, state: bytes) -> list[str]:
    """What is wrong with a state; empty = whole."""
    star = codec.load(process, state, Silent())
    return [problem for scope in star.scopes for problem in (*_scope(star, scope), *_tokens(star, scope))]


def _scope(star: Star, scope: Any) -> Iterator[str]:
    name = scope.spec.name
    if scope.host is not None:
        if scope.host.state != STARTED:
            yield f"{name}: an open scope has a started host"
        if not scope.busy() and not scope.arrivals:
            yield f"{name}: an empty scope stays open"
    elif star.status == "running" and not scope.busy() and not any(t.own.get("at") == "join" for t in scope.tokens):
        yield f"{name}: a running case has nothing that could move it"
    if star.status != "running" and (scope.tasks or scope.arrivals):
        yield f"{name}: a finished case holds tokens"
    for node, arrived in scope.arrivals.items():
        unknown = set(arrived) - set(scope.spec.task_specs[node].incoming)
        if unknown or min(arrived.values(), default=0) < 1:
            yield f"{node}: arrivals {arrived}"


def _tokens(star: Star, scope: Any) -> Iterator[str]:
    for token in scope.tokens:
        own, spec, label = token.own, token.task_spec, f"{token.task_spec.name} ({token.id})"
        for key in ("host", "mi", "side", "for", "back", "before"):
            other = star.find(own[key]) if key in own else token
            if other is None or (other.workflow is not scope and key not in ("for", "back", "before")):
                yield f"{label} hangs on nothing by {key}"
        if token.data or token._children:
            yield f"{label} keeps data or children"
        if token.state == STARTED and spec.inner and token.id not in star.subprocesses:
            yield f"{label} is a host without a scope"
        if "loop" in own and token.state == STARTED and not spec.children(token):
            yield f"{label} is a body without children"
        if token.state == STARTED and spec.manual and "loop" not in own and not aside.of(star, token):
            yield f"{label} is done and waits for nobody"
        if own.get("listens") and token.state not in (WAITING, ERROR):
            yield f"{label} listens and is not waiting"
        if (token.state == READY and not spec.manual) or (token.state == READY and "ran" in own):
            yield f"{label} could go on and was not taken"
        if token.state == ERROR and "at" not in own:
            yield f"{label} is an incident that nobody can retry"
