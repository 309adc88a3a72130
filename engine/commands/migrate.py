"""Moving running cases to another version of their process, with a report of every token, task and timer first.

Owns the check that everything the case waits for has a place in the new version, and the commit that moves state and
rows together: one case, one commit. Many cases go one after the other; one that cannot move does not stop the rest.
Called cases are not moved: each is a case of its own. `carrying` knows what a row becomes, `undoing` takes it back.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine import bpmn
from engine.bpmn import arming, migrating
from engine.bpmn.arming import Armed
from engine.bpmn.migrating import Step, Translation
from engine.bpmn.model import Wait
from engine.commands import carrying, undoing
from engine.commands.carrying import IMPOSSIBLE, Fate, Place
from engine.commands.case import Case
from engine.commands.context import Context
from engine.commands.definitions import Version
from engine.commands.runner import perform
from engine.commands.work import Order, Work
from engine.errors import CannotMove, Forbidden, LinliError, NotOpen, Said
from engine.store import house, loads
from engine.store.models import Incident, Job, Subscription, Timer, WorkItem

log = logging.getLogger(__name__)
MOST = 500  # cases of one call: each is a commit


@dataclass(frozen=True, slots=True)
class Report:
    """What a migration does, or would do. `tokens`: every token with where it goes; `timers`: (timer id, node now,
    node then); `fates`: what becomes of every token, open task and timer, in words; `problems`: why it cannot be done,
    empty when it can."""

    instance: int
    from_version: int
    to_version: int
    tokens: tuple[Step, ...]
    timers: tuple[tuple[int, str, str], ...]
    problems: tuple[Said, ...]
    fates: tuple[Fate, ...] = ()
    title: str = ""
    unit: str = ""
    started_at: datetime | None = None

    @property
    def possible(self) -> bool:
        """Whether the case can move."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case of several. `problem`: why it stayed, None when it moved."""

    instance: int
    report: Report | None = None
    problem: Said | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """Where cases are to go: a published version, or (`version` None) a draft that only has been compiled."""

    process: bpmn.Process
    version: Version | None
    number: int
    mapping: Mapping[str, str] = field(default_factory=dict)


def migrate(
    context: Context, instance: int, to_version: int, mapping: Mapping[str, str], *, dry_run: bool, by: str
) -> Report:
    """Move a case; CannotMove (with nothing changed) when something has no place, NotFound, NotOpen, Forbidden."""
    if by:
        context.people.require(by)

    def plan(work: Work) -> Report:
        case = _movable(work, instance, by)
        version = context.definitions.numbered("process", case.row.process_key, to_version)
        goal = Goal(context.definitions.process(version.id), version, to_version, mapping)
        moving = _Moving(work, case, goal)
        if moving.problems:
            raise CannotMove(reason=_joined(moving.problems))
        moving.land()
        return moving.report()

    if dry_run:
        return would(context, instance, lambda case: _goal(context, case, to_version, mapping), by=by)
    report: Report = perform(context, by, plan, root=loads.root(context.store, instance), command="migrate")
    return report


def would(context: Context, instance: int, goal: Callable[[Case], Goal], *, by: str) -> Report:
    """What a migration would do; nothing is written. `goal`: the case -> Goal. Raises what evaluation raises."""
    with context.store.connected():
        work = Work(context, Order(by, context.clock.now(), secrets.randbits(63), None, "migrate"))
        case = _movable(work, instance, by)
        return _Moving(work, case, goal(case)).report()


def _goal(context: Context, case: Case, number: int, mapping: Mapping[str, str]) -> Goal:
    version = context.definitions.numbered("process", case.row.process_key, number)
    return Goal(context.definitions.process(version.id), version, number, mapping)


def migrate_many(
    context: Context, instances: Iterable[int], to_version: int, mapping: Mapping[str, str], *, by: str
) -> list[Outcome]:
    """Move cases one after the other, each in a commit of its own; at most MOST, the rest is for another call. One that
    cannot move, or breaks, stays as it is and says why. The house's journal has the sum."""
    found = [_try(context, one, to_version, mapping, by) for one in list(dict.fromkeys(instances))[:MOST]]
    moved = [outcome.report for outcome in found if outcome.report is not None]
    if moved:
        data = {"to": to_version, "moved": len(moved), "stayed": [str(one.instance) for one in found if one.problem]}
        with context.store.transaction():
            house.note(context.store, "migrated", "", by, context.clock.now(), data)
    return found


def _try(context: Context, instance: int, to_version: int, mapping: Mapping[str, str], by: str) -> Outcome:
    try:
        return Outcome(instance, migrate(context, instance, to_version, mapping, dry_run=False, by=by))
    except CannotMove as problem:
        return Outcome(instance, problem=problem.details["reason"])
    except LinliError as problem:
        return Outcome(instance, problem=Said(problem.text("zh"), problem.text("en")))
    except Exception:
        log.exception("case %s could not be moved to version %s", instance, to_version)
        return Outcome(
            instance, problem=Said("程序出错，已记入日志，这个事项没有变", "a program error; it was left alone")
        )


def _movable(work: Work, instance: int, by: str) -> Case:
    case = work.case(instance)
    if case.row.status != "running":
        raise NotOpen(state=case.row.status)
    may, unit = work.context.people.may, case.row.unit or None
    if by and not (may(by, "operate", unit) or may(by, "design", unit)):
        raise Forbidden(who=by, action="migrate")
    return case


def _joined(problems: Iterable[Said]) -> Said:
    found = list(problems)
    return Said("；".join(one.zh for one in found), "; ".join(one.en for one in found))


# ---- one case ------------------------------------------------------------------------------------------------------


class _Moving:
    """One case on its way: computed as a whole before anything is said or written."""

    def __init__(self, work: Work, case: Case, goal: Goal) -> None:
        self.work, self.case, self.goal = work, case, goal
        self.old, self.before = case.process, case.row.version
        self.saved = undoing.snapshot(work, case)
        self.found: Translation = migrating.migrate(self.old, goal.process, case.row.state, goal.mapping)
        self.problems = [step.problem for step in self.found.steps if step.problem is not None]
        self.problems += [] if self.problems else self._unsound()
        self.fates: list[Fate] = []
        self.armed: Armed | None = None
        if not self.problems:
            self._arm()

    def _unsound(self) -> list[Said]:
        found = bpmn.sound(self.goal.process, self.found.state) if not (self.found.gone or self.found.listen) else []
        return [Said(f"移动后的状态不完整：{text}", text) for text in found]

    def _arm(self) -> None:
        case, goal = self.case, self.goal
        case.process = goal.process
        if goal.version is not None:
            case.row.definition, case.row.version = goal.version.id, goal.version.version
        self.armed = arming.arm(goal.process, self.found, self.work.world(case))
        self.problems = [Said(one.message, one.message_en or one.message) for one in self.armed.failed]
        if not self.problems:
            self._carry()

    # ---- rows

    def _carry(self) -> None:
        assert self.armed is not None
        places = {step.token: self._place(step) for step in self.found.steps if step.token}
        for row in loads.items_of(self.work.context.store, self.case.row.id):
            place = places.get(row["token"])
            if place is not None and place.new is not None:
                wait = self.armed.renewed.get(row["token"])
                self.fates += carrying.task(self.work, self.case, row, place, self.goal.version, wait)
        self._timers(places)
        for wait in self.armed.again:
            if wait.kind != "timer":
                carrying.subscription(self.work, self.case, wait)

    def _place(self, step: Step) -> Place:
        child = any(view.token == step.token and view.body for view in self.views)
        specs = (migrating.spec_of(p, n, child) for p, n in ((self.old, step.source), (self.goal.process, step.target)))
        return Place(step, *specs)

    @property
    def views(self) -> list[Any]:
        return bpmn.tokens(self.case.row.state)

    def _timers(self, places: Mapping[str, Place]) -> None:
        assert self.armed is not None
        again = {(wait.token, str(wait.part)): wait for wait in self.armed.again if wait.kind == "timer"}
        for row in loads.event_timers(self.work.context.store, self.case.row.id):
            self.fates.append(self._timer(row, places[row["token"]].step, again.pop((row["token"], row["rule"]), None)))
        for wait in again.values():  # it had fired already, and is another one now
            self.armed.changes.opened.append(wait)
        for wait in self.armed.changes.opened:
            if wait.kind == "timer" and wait.due is not None:
                why = carrying.overdue(wait.due.at, self.work.now)
                self.fates.append(Fate("timer", "", wait.node, migrating.ADDED, why, None, wait.due.at))

    def _timer(self, row: dict[str, Any], step: Step, wait: Wait | None) -> Fate:
        if step.fate == migrating.REMOVED:
            return Fate("timer", step.source, "", migrating.REMOVED, None, row["due_at"], None)
        then = row["due_at"] if wait is None else carrying.timer(self.work, self.case, row, wait)
        why = carrying.overdue(then, self.work.now) if wait is not None else None
        fate = migrating.MOVED if wait is None else migrating.RESTARTED
        return Fate("timer", step.source, step.target, fate, why, row["due_at"], then)

    # ---- what it says, what it does

    def report(self) -> Report:
        store, row = self.work.context.store, self.case.row
        timers = tuple((one, node, self.goal.mapping.get(node, node)) for one, node in loads.timers_of(store, row.id))
        tokens = [_told(step) for step in self.found.steps]
        return Report(
            row.id,
            self.before,
            self.goal.number,
            tuple(self.found.steps),
            timers,
            tuple(self.problems),
            (*tokens, *self.fates),
            row.title,
            row.unit,
            row.started_at,
        )

    def land(self) -> None:
        """Gather everything for the commit."""
        work, case, armed = self.work, self.case, self.armed
        assert armed is not None
        for step in self.found.steps:
            if step.token and step.source != step.target:
                for model in (WorkItem, Timer, Subscription, Job, Incident):
                    place = {"instance": case.row.id, "token": step.token}
                    work.writes.update(model, {"node_id": step.target}, place)
        went_on = bool(armed.changes.journal) or armed.changes.status != "running"
        work.absorb(case, armed.changes)
        data = {"from": self.before, "to": self.goal.number}
        tokens = [[step.token, step.source, step.target] for step in self.found.steps if step.token]
        work.line(case, "migrated", "", {**data, "tokens": tokens})
        undoing.keep(work, case, None if went_on else self.saved)


def _told(step: Step) -> Fate:
    if step.problem is not None:
        return Fate("token", step.source, step.target, IMPOSSIBLE, step.problem)
    return Fate("token", step.source, step.target, step.fate)
