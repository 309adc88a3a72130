"""A state of one version of a process as a state of another: the tokens stay, their elements are named anew.

Owns what may move: every token, arrival and record needs an element of the same kind in the same scope of the new
version, and what listens there must be what listens now. Reports each, and refuses nothing itself: the caller decides
by `Step.problem`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.bpmn import definitions as d
from engine.bpmn.process import Process
from engine.bpmn.state import CHILD, read
from engine.errors import NotFound
from engine.expressions import values


@dataclass(frozen=True, slots=True)
class Step:
    """Where one token goes. `problem`: '' or why it cannot. `token` is '' for arrivals and listeners."""

    token: str
    source: str
    target: str
    problem: str = ""


def migrate(source: Process, target: Process, state: bytes, mapping: Mapping[str, str]) -> tuple[bytes, list[Step]]:
    """The state for the new version, and a step for every token (and for whatever else has no place any more).
    Elements that `mapping` does not name keep their id."""
    saved = read(state)
    steps: list[Step] = []
    inside: dict[int, str] = {}  # token of a subprocess -> its new scope's spec
    for scope in saved["scopes"]:
        spec = target.specs.get(inside.get(scope["h"], target.key))
        names = spec.task_specs if spec is not None else {}
        for token in scope["t"]:
            token[1], step = _token(source, names, token, mapping)
            steps += [step] if step is not None else []
            inner = getattr(names.get(token[1]), "inner", "")
            if inner and not token[3].get("listens"):
                inside[token[0]] = inner
        _rename(scope, mapping)
        steps += _arrivals(scope, names)
        steps += _listeners(scope, spec, names)
    return values.dumps(saved), steps


def _token(
    source: Process, names: Mapping[str, Any], token: list[Any], mapping: Mapping[str, str]
) -> tuple[str, Step | None]:
    number, name = str(token[0]), token[1]
    if name.startswith("("):
        return name, None
    place = name.removesuffix(CHILD)
    wanted = mapping.get(place, place)
    fresh = wanted + name[len(place) :]
    return fresh, Step(number, place, wanted, _problem(source, place, names.get(fresh), wanted))


def _problem(source: Process, place: str, found: Any, wanted: str) -> str:
    """Why a token cannot stand at the element of the new version; ''."""
    if found is None:
        return f"“{wanted}” is no element of this scope in the new version"
    try:
        before = source.node(place)
    except NotFound:
        return f"“{place}” is no element of the old version"
    if before.type != found.type:
        return f"{place} is a {before.type}, {wanted} a {found.type}"
    if _waits_for(before) != _waits_for(found):
        return f"{wanted} waits for something else than {place}"
    return ""


def _waits_for(spec: Any) -> list[str]:
    event = spec.event
    return [] if event is None else [type(single).__name__ for single in d.parts(event.event_definition)]


def _rename(scope: dict[str, Any], mapping: Mapping[str, str]) -> None:
    """Names that a scope keeps besides its tokens."""
    for key in ("arr", "used"):
        if key in scope:
            scope[key] = {mapping.get(node, node): counts for node, counts in scope[key].items()}
    for key in ("todo", "off"):
        if key in scope:
            scope[key] = [mapping.get(node, node) for node in scope[key]]
    _rename_records(scope.get("rec", []), mapping)


def _rename_records(records: list[dict[str, Any]], mapping: Mapping[str, str]) -> None:
    for record in records:
        for key in ("activity", "spec"):
            place = record[key].removesuffix(CHILD)
            record[key] = mapping.get(place, place) + record[key][len(place) :]
        _rename_records(record["records"], mapping)


def _arrivals(scope: dict[str, Any], names: Mapping[str, Any]) -> Iterator[Step]:
    """Joins that somebody has arrived at: they, and the flows taken, must be there."""
    for node, counts in {**scope.get("used", {}), **scope.get("arr", {})}.items():
        if node not in names:
            yield Step("", node, node, f"arrivals wait at “{node}”, which is gone")
        elif not set(counts) <= set(names[node].incoming):
            gone = ", ".join(sorted(set(counts) - set(names[node].incoming)))
            yield Step("", node, node, f"arrivals wait at “{node}” on {gone}, which is gone")
    for record in scope.get("rec", []):
        if record["activity"] not in names:
            yield Step("", record["activity"], "", f"“{record['activity']}” could not be undone any more")


def _listeners(scope: dict[str, Any], spec: Any, names: Mapping[str, Any]) -> Iterator[Step]:
    """Boundary events and event subprocesses that the new version adds where the case already is would never fire."""
    listening = [(name, own.get("host")) for _, name, _, own in scope["t"] if own.get("listens")]
    taken = any(_interrupts(names.get(name), own) for _, name, _, own in scope["t"])
    for name in spec.event_subs if spec is not None and not taken else ():
        if (name, None) not in listening and name not in scope.get("off", []):
            yield Step("", "", name, f"“{name}” is new and would not listen in this case")
    for number, name, letter, own in scope["t"]:
        hosts = name in names and not own.keys() & {"mi", "side", "back"} and not own.get("listens") and letter != "e"
        for border in names[name].boundary if hosts else ():
            if (border, number) not in listening and not _spent(names[border]):
                yield Step("", name, border, f"“{border}” is new on “{name}” and would not listen in this case")


def _interrupts(spec: Any, own: dict[str, Any]) -> bool:
    """Whether a token is an interrupting event subprocess at work: then nothing else listens in its scope."""
    event = getattr(spec, "event", None)
    return event is not None and event is not spec and not own.get("listens") and event.interrupting


def _spent(spec: Any) -> bool:
    """A timer beside its activity may have fired for good: that it does not listen says nothing."""
    return not spec.cancel_activity and all(isinstance(x, d.Timer) for x in d.parts(spec.event_definition))
