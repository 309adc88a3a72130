"""A state of one version of a process as a state of another: the tokens stay, their elements are named anew.

Owns what may move: every token, arrival and record needs an element of the same kind in the same scope of the new
version. Reports each, and refuses nothing itself: the caller decides by `Step.problem`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.bpmn.process import Process
from engine.bpmn.state import _CHILD, _read
from engine.expressions import values


@dataclass(frozen=True, slots=True)
class Step:
    """Where one token goes. `problem`: '' or why it cannot."""

    token: str
    source: str
    target: str
    problem: str = ""


def migrate(source: Process, target: Process, state: bytes, mapping: Mapping[str, str]) -> tuple[bytes, list[Step]]:
    """The state for the new version, and a step for every token (and for arrivals that have no place any more).
    Elements that `mapping` does not name keep their id."""
    saved = _read(state)
    steps: list[Step] = []
    inside: dict[int, str] = {}  # token of a subprocess -> its new scope's spec
    for scope in saved["scopes"]:
        spec = target.specs.get(inside.get(scope["h"], target.key))
        names = spec.task_specs if spec is not None else {}
        for token in scope["t"]:
            token[1], step = _token(source, names, token, mapping)
            steps += [step] if step is not None else []
            inner = getattr(names.get(token[1]), "inner", "")
            if inner:
                inside[token[0]] = inner
        steps += _arrivals(scope, names, mapping)
    return values.dumps(saved), steps


def _token(
    source: Process, names: Mapping[str, Any], token: list[Any], mapping: Mapping[str, str]
) -> tuple[str, Step | None]:
    number, name = str(token[0]), token[1]
    if name.startswith("("):
        return name, None
    place = name.removesuffix(_CHILD)
    wanted = mapping.get(place, place)
    fresh = wanted + name[len(place) :]
    found, before = names.get(fresh), source.info.nodes.get(place)
    problem = ""
    if found is None:
        problem = f"“{wanted}” is no element of this scope in the new version"
    elif before is not None and before.type != getattr(found, "type", before.type):
        problem = f"{place} is a {before.type}, {wanted} a {found.type}"
    return fresh, Step(number, place, wanted, problem)


def _arrivals(scope: dict[str, Any], names: Mapping[str, Any], mapping: Mapping[str, str]) -> list[Step]:
    """Rename the joins that somebody has arrived at."""
    steps = []
    for key in ("arr", "used"):
        moved = {mapping.get(node, node): counts for node, counts in scope.get(key, {}).items()}
        if key in scope:
            scope[key] = moved
        steps += [
            Step("", node, node, f"arrivals wait at “{node}”, which is gone") for node in moved if node not in names
        ]
    return steps
