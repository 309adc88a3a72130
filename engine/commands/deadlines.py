"""Deadlines of open tasks: stopped, resumed, and counted again when a calendar changed.

Owns the rows that a clock moves (the work item, what follows its deadline, duration timers) and the journal lines that
say so. A deadline that moves keeps what has been done: reminders that were told are not told again. `recount` is the
tick's: what changed a calendar (a day, a year's notice, a pack, a unit) is seen by a fingerprint that the database
keeps, so a process that dies halfway leaves the rest to the next one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from engine.calendars import Rules
from engine.commands import batch, clocks, reminders
from engine.commands.batch import Piece
from engine.commands.case import Case
from engine.commands.clocks import Clock
from engine.commands.context import Context
from engine.commands.runner import perform
from engine.commands.work import Work
from engine.errors import Conflict, LinliError
from engine.expressions import values
from engine.records import Reading
from engine.store import loads, text
from engine.store.locks import attempts
from engine.store.models import Timer, WorkItem

log = logging.getLogger(__name__)
Item = dict[str, Any]
_CALENDARS = "calendars"  # the stamp that holds the fingerprint of what open deadlines were counted on


# ---- the clock of a case stops and runs ----------------------------------------------------------------------------


def stop(work: Work, instance: int) -> None:
    """A case is suspended: its clocks stand still from now on."""
    for item in loads.items_of(work.context.store, instance):
        if (clock := clocks.of_item(item)) is not None:
            stopped = {"clock": text(clocks.saved(clock.stopped(work.now))), "stopped_at": work.now}
            work.writes.update(WorkItem, stopped, {"id": item["id"]})
    for row, clock in _timers(work, instance):
        work.writes.update(Timer, {"settings": _kept(row, clock.stopped(work.now))}, {"id": row["id"]})


def resume(work: Work, case: Case) -> None:
    """A case goes on: everything that its clocks measure falls later by the time that it stood still."""
    for item in loads.items_of(work.context.store, case.row.id):
        if (clock := clocks.of_item(item)) is not None:
            count(work, item, clock.resumed(work.now), "resumed")
    for row, clock in _timers(work, case.row.id):
        _count_timer(work, row, clock.resumed(work.now), case.row.unit, "resumed")


def count(work: Work, item: Item, clock: Clock, why: str) -> bool:
    """Count a task's deadline again; whether it moved. What follows it moves with it."""
    rules = work.context.times.rules(clock.calendar, item["unit"])
    falls = clock.falls(rules)
    moved = falls.at != item["due_at"]
    changes: dict[str, Any] = {"stopped_at": clock.since}
    if moved:
        changes |= {"due_at": falls.at}
        clock = _follow(work, {**item, "clock": text(clocks.saved(clock))}, clock, falls.at, rules)
        data = {"item": str(item["id"]), "was": item["due_at"].isoformat(), "to": falls.at.isoformat(), "why": why}
        if why == "resumed":
            since, until = clock.stops[-1]
            data["stopped"] = f"{since.isoformat()}/{until.isoformat() if until else ''}"
        work.note(item["instance"], "deadline-moved", item["node_id"], data)
    changes |= {"due_flag": falls.flag, "clock": text(clocks.saved(clock))}
    held = {"id": item["id"], "status": "open", "due_at": item["due_at"]}
    work.writes.update(WorkItem, changes, held, must=True)
    return moved or falls.flag != item["due_flag"]


def _follow(work: Work, item: Item, clock: Clock, due: datetime, rules: Rules) -> Clock:
    properties = values.loads(item["settings"])["properties"]
    steps = reminders.plan(rules, due, properties, lambda rule, problem: None)  # said when the task opened
    rows = loads.timers_of_item(work.context.store, item["id"])
    left_out = reminders.replan(work, item, rows, steps, clock.left_out, rules)
    return Clock(clock.calendar, clock.start, clock.length, clock.fixed, clock.stops, left_out)


# ---- timers of events ----------------------------------------------------------------------------------------------


def _timers(work: Work, instance: int) -> Iterator[tuple[dict[str, Any], Clock]]:
    """The timers of a case that count a duration: dates and cycles belong to the calendar on the wall."""
    for row in loads.event_timers(work.context.store, instance):
        kept = values.loads(row["settings"])
        if "clock" in kept:
            yield row, clocks.loaded(kept["clock"])


def _kept(row: Mapping[str, Any], clock: Clock, flag: str | None = None) -> str:
    kept = values.loads(row["settings"])
    return text(kept | {"clock": clocks.saved(clock), "flag": kept["flag"] if flag is None else flag})


def _count_timer(work: Work, row: dict[str, Any], clock: Clock, unit: str, why: str) -> bool:
    falls = clock.falls(work.context.times.rules(clock.calendar, unit))
    moved = falls.at != row["due_at"] and not row["attempts"]  # one that failed is being tried again
    changes: dict[str, Any] = {"settings": _kept(row, clock, falls.flag)}
    if moved:
        changes["due_at"] = falls.at
        data = {"was": row["due_at"].isoformat(), "to": falls.at.isoformat(), "why": why}
        work.note(row["instance"], "deadline-moved", row["node_id"], data)
    work.writes.update(Timer, changes, {"id": row["id"], "due_at": row["due_at"]}, must=True)
    return moved


# ---- a calendar changed --------------------------------------------------------------------------------------------


class Recount:
    """Counts open deadlines again when a calendar has changed. One per process: it remembers what it saw last."""

    def __init__(self) -> None:
        self._seen: Any = None

    def __call__(self, context: Context) -> int:
        """How many deadlines moved. Costs one small read when nothing has changed."""
        stamp = context.times.stamp()
        if stamp == self._seen:
            return 0
        now = context.times.fingerprint()
        if now == loads.stamp(context.store, _CALENDARS):
            self._seen = stamp
            return 0
        with attempts(context.store, ["recount"]) as mine:
            if not mine:
                return 0  # another process is at it
            moved, whole = _recount(context)
            if whole:
                loads.keep_stamp(context.store, _CALENDARS, now)
                self._seen = stamp
        return moved


def _recount(context: Context) -> tuple[int, bool]:
    """How many deadlines moved, and whether all that should have could."""
    wanted = _Wanted(context)
    cases = sorted({*wanted.items(), *wanted.timers()})
    moved, whole = 0, True
    for group in batch.apart(cases, lambda case: case):
        pieces = [Piece(case, partial(_recount_case, instance=case)) for case in group]
        made: Sequence[bool | None] = batch.together(context, pieces, "calendar") or [None] * len(group)
        for case, did in zip(group, made, strict=True):
            try:
                moved += _alone(context, case) if did is None else did
            except (Conflict, LinliError):
                log.exception("deadlines of case %s are counted again at the next tick", case)
                whole = False
    return moved, whole


def _alone(context: Context, case: int) -> bool:
    root = loads.root(context.store, case)
    return bool(perform(context, "", partial(_recount_case, instance=case), root=root, command="calendar"))


def _recount_case(work: Work, instance: int) -> bool:
    case = work.case(instance)
    if case.row.status != "running":
        return False
    moved = False
    for item in loads.items_of(work.context.store, instance):
        clock = clocks.of_item(item)
        if clock is None or clock.since is not None:
            continue
        if _differs(work.context, clock, item["unit"], item["due_at"], item["due_flag"]):
            moved |= count(work, item, clock, "calendar")
    for row, clock in _timers(work, instance):
        if clock.since is None and _differs(work.context, clock, case.row.unit, row["due_at"], None):
            moved |= _count_timer(work, row, clock, case.row.unit, "calendar")
    return moved


def _differs(context: Context, clock: Clock, unit: str, due: datetime, flag: str | None) -> bool:
    falls = clock.falls(context.times.rules(clock.calendar, unit))
    return falls.at != due or flag not in (None, falls.flag)


class _Wanted:
    """Cases with a deadline that the calendars put elsewhere now."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._rules: dict[tuple[str, str], Rules] = {}

    def items(self) -> Iterator[int]:
        """By their tasks."""
        for item in loads.deadlines(self._context.store):
            clock = clocks.of_item(item)
            assert clock is not None
            if self._moves(clock, item["unit"], item["due_at"], item["due_flag"]):
                yield item["instance"]

    def timers(self) -> Iterator[int]:
        """By their timers."""
        for instance, unit, due, settings in loads.duration_timers(self._context.store):
            if self._moves(clocks.loaded(values.loads(settings)["clock"]), unit, due, None):
                yield instance

    def _moves(self, clock: Clock, unit: str, due: datetime, flag: str | None) -> bool:
        if clock.since is not None:
            return False  # counted when it runs again
        try:
            falls = clock.falls(self._of(clock.calendar, unit))
        except LinliError:
            log.warning("the calendar %r of a deadline is gone", clock.calendar)
            return False
        return falls.at != due or flag not in (None, falls.flag)

    def _of(self, calendar: str, unit: str) -> Rules:
        if (calendar, unit) not in self._rules:
            self._rules[calendar, unit] = self._context.times.rules(calendar, unit)
        return self._rules[calendar, unit]


def measure(context: Context, ids: Sequence[int]) -> dict[int, Reading]:
    """What the clocks of these work items show now (of an ended one: when it ended), by id; those without a deadline
    are left out."""
    wanted, now, found = _Wanted(context), context.clock.now(), {}
    for item in loads.items(context.store, ids):
        clock = clocks.of_item(item)
        if clock is not None:
            at = item["ended_at"] or now
            rules = wanted._of(clock.calendar, item["unit"])
            found[item["id"]] = clock.read(rules, at, item["due_at"], item["due_flag"])
    return found
