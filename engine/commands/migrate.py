"""Moving a running case to another version of its process, with a report of every token and timer first.

Owns the check that everything the case waits for has a place in the new version, and the commit that moves state and
rows together. Called cases are not moved: each is a case of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine import bpmn
from engine.bpmn import migrating
from engine.bpmn.migrating import Step
from engine.commands.case import Case
from engine.commands.context import Context
from engine.commands.definitions import Version
from engine.commands.runner import perform
from engine.commands.work import Work
from engine.errors import CannotMove, Forbidden, NotOpen
from engine.store import loads
from engine.store.models import Job, Subscription, Timer, WorkItem


@dataclass(frozen=True, slots=True)
class Report:
    """What a migration does, or would do. `tokens`: every token with where it goes; `timers`: (timer id, node now,
    node then); `problems`: why it cannot be done, empty when it can."""

    instance: int
    from_version: int
    to_version: int
    tokens: tuple[Step, ...]
    timers: tuple[tuple[int, str, str], ...]
    problems: tuple[str, ...]


def migrate(
    context: Context, instance: int, to_version: int, mapping: Mapping[str, str], *, dry_run: bool, by: str
) -> Report:
    """Move a case; CannotMove (with nothing changed) when something has no place, NotFound, NotOpen, Forbidden."""
    if by:
        context.people.require(by)

    def plan(work: Work) -> Report:
        case = work.case(instance)
        if case.row.status != "running":
            raise NotOpen(state=case.row.status)
        if by and not context.people.may(by, "operate", case.row.unit or None):
            raise Forbidden(who=by, action="migrate")
        version = context.definitions.numbered("process", case.row.process_key, to_version)
        state, report = _plan(context, case, version, mapping)
        if report.problems and not dry_run:
            raise CannotMove(reason="; ".join(report.problems))
        if not dry_run:
            _move(work, case, version, state, report)
        return report

    root = None if dry_run else loads.root(context.store, instance)
    return perform(context, by, plan, root=root, command="migrate")


def _plan(context: Context, case: Case, version: Version, mapping: Mapping[str, str]) -> tuple[bytes, Report]:
    target = context.definitions.process(version.id)
    state, steps = migrating.migrate(case.process, target, case.row.state, mapping)
    problems = [f"{step.source}: {step.problem}" for step in steps if step.problem]
    if not problems:
        problems = bpmn.sound(target, state)
    rows = loads.timers_of(context.store, case.row.id)
    timers = tuple((row, node, mapping.get(node, node)) for row, node in rows)
    report = Report(case.row.id, case.row.version, version.version, tuple(steps), timers, tuple(problems))
    return state, report


def _move(work: Work, case: Case, version: Version, state: bytes, report: Report) -> None:
    moved = {"definition": version.id, "version": version.version, "state": state}
    work.writes.guard(case.row.id, case.guard, moved)
    for step in report.tokens:
        if step.source != step.target:
            for model in (WorkItem, Timer, Subscription, Job):
                place = {"instance": case.row.id, "token": step.token}
                work.writes.update(model, {"node_id": step.target}, place)
    data = {"from": report.from_version, "to": report.to_version}
    work.line(case, "migrated", "", {**data, "tokens": [[s.token, s.source, s.target] for s in report.tokens]})
