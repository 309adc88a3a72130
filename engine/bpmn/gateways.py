"""Gateways: which way, and when a join lets a token through.

Owns the five gateways and reachability in a scope's graph. Joins decide from counted arrivals, never from ancestry
(BPMN 2.0.2, 13.4). Must not touch the outside.
"""

from __future__ import annotations

from typing import Any

from engine.bpmn import scopes
from engine.bpmn.node import Node, take
from engine.bpmn.star import Star
from engine.bpmn.tokens import Token


class Parallel(Node):
    """One token from each incoming flow, one to each outgoing; conditions and default are ignored; surplus waits."""

    def may_enter(self, star: Star, scope: Any, arrived: dict[str, int]) -> bool:
        return all(flow in arrived for flow in self.incoming)

    def consume(self, scope: Any, arrived: dict[str, int]) -> dict[str, Any]:
        take(arrived, self.incoming)
        return {}

    def choose(self, star: Star, token: Token) -> list[str]:
        return [flow.id for flow in self.flows]


class Exclusive(Node):
    """Each token passes; the first flow, in the order of the file, whose condition is true, else the default."""

    def choose(self, star: Star, token: Token) -> list[str]:
        for flow in self.flows:
            if not flow.default and (not flow.condition or self.holds(star, token, flow)):
                return [flow.id]
        return self.some(self.default())


class Inclusive(Node):
    """Fires when no live token can still reach an empty incoming flow. Stricter than BPMN's table 13.3, which lets it
    fire when that token can reach a full flow too: so the result does not depend on the order of steps."""

    patient = True

    def may_enter(self, star: Star, scope: Any, arrived: dict[str, int]) -> bool:
        return bool(arrived) and not expected(scope, self, set(arrived))

    def consume(self, scope: Any, arrived: dict[str, int]) -> dict[str, Any]:
        take(arrived, list(arrived))
        return {}


class Complex(Inclusive):
    """Waits for its activation condition (names: `activationCount`, `tokens` by flow id), then, until it is reset,
    swallows one token of each flow it has not used (table 13.5). When reset it asks only conditions that name
    `waitingForStart`, and never the default: else a plain discriminator would fire twice."""

    activation = ""

    def may_enter(self, star: Star, scope: Any, arrived: dict[str, int]) -> bool:
        used = scope.consumed.get(self.name)
        if used is not None:
            return not expected(scope, self, set(arrived) | set(used))
        if not arrived or not self.activation:
            return super().may_enter(star, scope, arrived)
        count = {flow: arrived.get(flow, 0) for flow in self.incoming}
        names = {**scopes.seen(scope.task_tree), "activationCount": sum(count.values()), "tokens": count}
        return star.world.test(self.activation, names)

    def consume(self, scope: Any, arrived: dict[str, int]) -> dict[str, Any]:
        if self.name in scope.consumed:
            used = scope.consumed.pop(self.name)
            take(arrived, [flow for flow in arrived if flow not in used])
            return {"reset": 1}
        full = list(arrived)
        super().consume(scope, arrived)
        if self.activation and len(self.incoming) > 1:
            scope.consumed[self.name] = full
        return {}

    def choose(self, star: Star, token: Token) -> list[str]:
        reset = bool(token.own.get("reset"))
        if reset:
            asked = [f for f in self.flows if "waitingForStart" in f.condition]
            return [f.id for f in asked if self.holds(star, token, f, waitingForStart=False)]
        asked = [f for f in self.flows if not f.default]
        true = [f.id for f in asked if not f.condition or self.holds(star, token, f, waitingForStart=True)]
        return self.some(true or self.default())


class EventBased(Node):
    """Each event behind it waits as a token of its own; the first to be caught cancels the rest."""

    races = True

    def choose(self, star: Star, token: Token) -> list[str]:
        return [flow.id for flow in self.flows]


# ---- reachability --------------------------------------------------------------------------------------------------


def graph(spec: Any) -> dict[str, list[tuple[str, str]]]:
    """{node: [(flow id, node)]}; an attached boundary event is an edge of its activity. Cached on the spec."""
    if spec.graph is None:
        spec.graph = {
            name: [(f.id, f.target) for f in node.flows] + [("", b) for b in node.boundary]
            for name, node in spec.task_specs.items()
            if isinstance(node, Node)
        }
    return spec.graph


def reach(spec: Any, start: str, gate: str) -> frozenset[str]:
    """Incoming flows of `gate` that a token standing at `start` could still take, never through `gate`."""
    key = (start, gate)
    if key not in spec.reached:
        edges, seen, todo, hit = graph(spec), {start}, [start], set()
        while todo:
            for flow, target in edges.get(todo.pop(), ()):
                if target == gate:
                    hit.add(flow)
                elif target not in seen:
                    seen.add(target)
                    todo.append(target)
        spec.reached[key] = frozenset(hit)
    return spec.reached[key]


def reachable(spec: Any, start: str) -> set[str]:
    """What a token at `start` can come to, `start` itself only around a loop."""
    edges, seen, todo = graph(spec), set[str](), [start]
    while todo:
        fresh = {target for _, target in edges.get(todo.pop(), ())} - seen
        seen |= fresh
        todo += sorted(fresh)
    return seen


def downstream(spec: Any, start: str) -> tuple[set[str], dict[str, set[str]]]:
    """What a token put at `start` does again: (nodes, flows into joins it cannot fill alone). A join that also needs
    tokens from elsewhere stops the walk: what lies behind it, and who waits there, belong to others too."""
    edges, seen, todo, filled = graph(spec), {start}, [start], dict[str, set[str]]()
    while todo:
        for flow, target in edges.get(todo.pop(), ()):
            node = spec.task_specs[target]
            if node.counts:
                filled.setdefault(target, set()).add(flow)
            if target not in seen and (not node.counts or filled[target] >= set(node.incoming)):
                seen.add(target)
                todo.append(target)
    return seen, {join: flows for join, flows in filled.items() if join not in seen}


def expected(scope: Any, node: Node, full: set[str]) -> bool:
    """Whether a token elsewhere in the scope can still reach an incoming flow that has none."""
    empty = set(node.incoming) - full
    if not empty:
        return False
    standing = {t.task_spec.place for t in scope.tasks.values() if t.own.get("at") != "join"}
    standing |= {name for name, arrived in scope.arrivals.items() if arrived and name != node.name}
    return any(reach(scope.spec, at, node.name) & empty for at in standing)
