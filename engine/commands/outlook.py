"""What a new version of a process would mean for the cases that run on older ones: asked before it is published, and
before they are moved.

Owns the list of those cases, a report of each, and the elements that a person has to map. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine import bpmn
from engine.commands import undoing
from engine.commands.case import Case
from engine.commands.context import Context
from engine.commands.migrate import Goal, Report, would
from engine.errors import LinliError, Said
from engine.store import standing

MOST = 200  # cases that one look reports on


@dataclass(frozen=True, slots=True)
class Gap:
    """An element where cases stand and that the new version lacks. `choices`: (id, name) of those of its kind there;
    `chosen`: the mapping's answer, else a guess by its name, else ''."""

    node: str
    name: str
    choices: tuple[tuple[str, str], ...]
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What moving would do. `to`: the version (0: not published yet); `reports`: one for each case, at most MOST;
    `more`: there are further cases (look again with `after` = the last one's number); `mapping`: as asked, with
    the guesses."""

    process: str
    name: str
    to: int
    reports: tuple[Report, ...]
    more: bool = False
    gaps: tuple[Gap, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)  # of the new version's elements


def plan(
    context: Context, process: str, to: int | bytes, mapping: Mapping[str, str], *, by: str, limit: int, after: int
) -> Plan:
    """The plan for a published version, or for a draft's diagram. NotFound, InvalidFile."""
    with context.store.connected():
        goal = _goal(context, process, to, mapping)
        definition = goal.version.id if goal.version is not None else 0
        wanted = min(limit, MOST)
        cases = standing.elsewhere(context.store, process, definition, wanted + 1, after)
        gaps = _gaps(context, cases[:wanted], goal)
        chosen = {gap.node: gap.chosen for gap in gaps if gap.chosen}
        goal = Goal(goal.process, goal.version, goal.number, {**mapping, **chosen})
        reports = tuple(_report(context, case, goal, by) for case in cases[:wanted])
        info, more = goal.process.info, len(cases) > wanted
        names = {key: node.name or key for key, node in info.nodes.items()}
        return Plan(process, info.name or process, goal.number, reports, more, gaps, goal.mapping, names)


def _goal(context: Context, process: str, to: int | bytes, mapping: Mapping[str, str]) -> Goal:
    if isinstance(to, bytes):
        return Goal(bpmn.compile(to, process), None, 0, mapping)
    version = context.definitions.numbered("process", process, to)
    return Goal(context.definitions.process(version.id), version, to, mapping)


def _report(context: Context, instance: int, goal: Goal, by: str) -> Report:
    def to(case: Case) -> Goal:
        return goal

    try:
        return would(context, instance, to, by=by)
    except LinliError as problem:
        return Report(instance, 0, goal.number, (), (), (Said(problem.text("zh"), problem.text("en")),))


def _gaps(context: Context, cases: list[int], goal: Goal) -> tuple[Gap, ...]:
    """Elements where these cases stand that the new version lacks."""
    missing: dict[str, Any] = {}
    for row in standing.states(context.store, cases):
        process = context.definitions.process(row["definition"])
        for view in bpmn.tokens(row["state"]):
            node = process.info.nodes.get(view.node)
            if node is not None and not view.listener and view.node not in goal.process.info.nodes:
                missing[view.node] = node
    return tuple(_gap(node, goal) for _, node in sorted(missing.items()))


def _gap(node: Any, goal: Goal) -> Gap:
    alike = [one for one in goal.process.info.nodes.values() if one.type == node.type]
    named = [one.id for one in alike if node.name and one.name == node.name]
    guess = named[0] if len(named) == 1 else ""
    choices = tuple((one.id, one.name or one.id) for one in alike)
    chosen = goal.mapping.get(node.id, guess)
    return Gap(node.id, node.name or node.id, choices, chosen if chosen in goal.process.info.nodes else "")


def returnable(context: Context, process: str) -> list[int]:
    """Running cases of a process whose last migration can be taken back, the latest moved first; at most MOST."""
    with context.store.connected():
        return standing.returnable(context.store, process, MOST)


def undoable(context: Context, instances: list[int]) -> set[int]:
    """Those of the cases whose last migration can still be taken back."""
    with context.store.connected():
        return undoing.undoable(context, instances)
