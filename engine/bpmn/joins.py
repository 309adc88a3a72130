"""Joins: when tokens that have arrived make one that enters, and what becomes of those that never will.

Owns the order in which the joins of a scope are asked, and the incidents of starved ones. Whether a join may be entered
is the gateway's business (`may_enter`), from counted arrivals alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.tokens import ERROR
from engine.errors import LinliError, StarvedJoin

if TYPE_CHECKING:
    from engine.bpmn.star import Star


def join(star: Star, scope: Any) -> None:
    """Fire every join that may, one at a time: what was entered is a token that others may wait for."""
    nodes = scope.spec.task_specs
    fired = True
    while fired:
        fired = False
        names = sorted({*scope.arrivals, *scope.consumed}, key=lambda n: (nodes[n].patient, n))
        for name in names:
            if _fires(star, scope, nodes[name], scope.arrivals.get(name, {})):
                fired = True
                break
        for name in [n for n, arrived in scope.arrivals.items() if not arrived]:
            del scope.arrivals[name]


def _fires(star: Star, scope: Any, node: Any, arrived: dict[str, int]) -> bool:
    """Enter a join if it may be entered. A condition that fails marks the join as stuck."""
    try:
        if not node.may_enter(star, scope, arrived):
            return False
    except LinliError as problem:
        scope.stuck[node.name] = problem
        return False
    scope.stuck.pop(node.name, None)
    star.put(scope, node.name, **node.consume(scope, arrived))
    return True


def starved(star: Star) -> None:
    """At the end of a command: joins that nothing can reach any more become incidents, others are solved."""
    for scope in star.scopes:
        marks = {t.task_spec.name: t for t in scope.tasks.values() if t.own.get("at") == "join"}
        if not marks and not scope.arrivals:
            continue
        names = set(scope.stuck) if scope.busy() else set(scope.arrivals)
        for name in marks.keys() - names:
            star.remove(marks[name], quiet=True)
        for name in sorted(names - marks.keys()):
            token = star.add(scope, name, ERROR, {})
            star.report(token, scope.stuck.get(name) or _starved(scope, name), "join")


def _starved(scope: Any, name: str) -> StarvedJoin:
    node = scope.spec.task_specs[name]
    missing = [f for f in node.incoming if f not in scope.arrivals.get(name, {})]
    return StarvedJoin(node=node.bpmn_id, flows=", ".join(missing) or "—")
