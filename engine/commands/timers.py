"""Due timers: of waiting tokens, of reminders and escalations, of start events. Each has its effect once.

Owns firing rows by guarded commands, many in one commit where nothing stands in the way: the row goes (or moves to the
next firing) in the commit of its effect, so whichever process comes second finds nothing. A row that fails is put off
with a growing, jittered delay; attempts spent, its token becomes an incident that an operator sees.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from engine.bpmn.model import Due, Fire
from engine.commands import batch, failures, reminders, timeouts
from engine.commands.batch import Piece
from engine.commands.context import Context
from engine.commands.runner import perform
from engine.commands.work import Start, Work
from engine.errors import Conflict
from engine.expressions import values
from engine.store import Store, due, loads, text
from engine.store.locks import attempts
from engine.store.models import Timer
from engine.store.points import Point, pass_through

log = logging.getLogger(__name__)


def fire_all(context: Context, ids: Sequence[int]) -> set[int]:
    """Fire due timers; those that had their effect. The others had it already, are another process's now, or failed
    and were put off: never raises for a bad row, the sweep goes on."""
    fired: set[int] = set()
    with attempts(context.store, [f"timer-{timer}" for timer in ids]) as mine:
        rows = loads.timers(context.store, [int(name.removeprefix("timer-")) for name in mine]) if mine else {}
        if rows:
            pass_through(Point.TIMERS_TAKEN)
        ordered = [rows[timer] for timer in ids if timer in rows]
        for group in batch.apart(ordered, lambda row: row["instance"]):
            fired |= _group(context, group)
            pass_through(Point.TIMERS_FIRED)
    return fired


def _group(context: Context, rows: list[dict[str, Any]]) -> set[int]:
    read = _Read(context.store, [row["id"] for row in rows])
    pieces = [Piece(row["instance"], partial(_fire, row=row, read=read)) for row in rows]
    made = batch.together(context, pieces, "timer") if len(rows) > 1 else None
    if made is None:
        made = [_try(context, row) for row in rows]
    return {row["id"] for row, did in zip(rows, made, strict=True) if did}


class _Read:
    """Timers as they are when the first of them is planned, and their cases are loaded: read together."""

    def __init__(self, store: Store, ids: Sequence[int]) -> None:
        self._store, self._ids = store, ids
        self._rows: dict[int, dict[str, Any]] | None = None

    def __call__(self, timer: int) -> dict[str, Any] | None:
        if self._rows is None:
            self._rows = loads.timers(self._store, self._ids)
        return self._rows.get(timer)


def _try(context: Context, row: dict[str, Any]) -> bool:
    store = context.store
    root = loads.root(store, row["instance"]) if row["instance"] else None

    def plan(work: Work) -> bool:
        return _fire(work, row, partial(loads.timer, store))

    try:
        return perform(context, "", plan, root=root, command="timer")
    except Conflict:
        return False  # costs no attempt: the next tick tries again
    except failures.OUTAGE:
        raise
    except Exception as problem:
        pass_through(Point.TIMER_FAILED)
        if loads.timer(store, row["id"]) == row:  # else somebody fired it, or took its token away, meanwhile
            log.exception("timer %s of case %s failed", row["id"], row["instance"])
            _put_off(context, row, problem)
        return False


def _fire(work: Work, row: dict[str, Any], read: Callable[[int], dict[str, Any] | None]) -> bool:
    if row["kind"] in ("event", "timeout"):
        # First the case, then its timer again: when another process fires this very row, either the row has moved on
        # or the guard has, and a cycle's token never takes a second firing.
        work.case(row["instance"])
    now = read(row["id"])
    if now is None or now["due_at"] > work.now:
        return False
    return _FIRE[now["kind"]](work, now)


def _event(work: Work, row: dict[str, Any]) -> bool:
    case = work.case(row["instance"])
    if case.row.suspended:
        return False
    work.apply(case, Fire(row["token"], part=int(row["rule"] or 0)))
    return True


def _item(work: Work, row: dict[str, Any]) -> bool:
    item = loads.item(work.context.store, row["work_item"])
    if item is None:
        return False
    reminders.fire(work, row, item)
    return True


def _start(work: Work, row: dict[str, Any]) -> bool:
    version = work.context.definitions.version(row["definition"])
    settings = values.loads(row["settings"])
    holds = work.bare_world("").test(settings["condition"], {}) if "condition" in settings else True
    if holds and not settings.get("was"):
        work.begin(Start(version, {}, "", row["node_id"], settings.get("part", 0)))
    fired = begun(row)
    again = work.bare_world("").again(fired, settings["calendar"]) if fired.every else None
    if again is None:
        work.writes.delete_one(Timer, {"id": row["id"]})
    else:
        moved = {"due_at": again.at, "occurrence": row["occurrence"] + 1, "attempts": 0}
        kept = {name: settings[name] for name in ("part", "condition") if name in settings}
        kept |= {"was": 1} if "condition" in kept and holds else {}
        moved["settings"] = start_settings(again, settings["calendar"], **kept)
        work.writes.update(Timer, moved, {"id": row["id"], "occurrence": row["occurrence"]}, must=True)
    return True


def start_settings(next_due: Due, calendar: str, **more: Any) -> str:
    """What a start timer's row keeps of its repetition; `begun` reads it. `more`: the `part` of its event that it is;
    of a conditional start its `condition` (FEEL) and `was`, whether it held when it was last asked."""
    anchor = next_due.anchor.isoformat() if next_due.anchor else ""
    kept = {"left": next_due.left, "every": next_due.every, "anchor": anchor, "calendar": calendar}
    return text({**kept, "flag": next_due.flag, **more})


def begun(row: dict[str, Any]) -> Due:
    """The firing that a start timer's row waits for (rows of before 2026-11-22 keep no flag)."""
    kept = values.loads(row["settings"])
    return Due(row["due_at"], kept["left"], kept["every"], _instant(kept["anchor"]), kept.get("flag", ""))


def _instant(written: str) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


_FIRE = {"event": _event, "reminder": _item, "escalation": _item, "timeout": timeouts.fire, "start": _start}


# ---- failures ------------------------------------------------------------------------------------------------------


def _put_off(context: Context, row: dict[str, Any], problem: Exception) -> None:
    attempts = row["attempts"] + 1
    own = row["kind"] == "event"  # a reminder's token is the task's, which does not fail with it
    try:
        if attempts >= failures.ATTEMPTS and failures.give_up(context, row, "timer", problem, breaks=own):
            return
    except Conflict:
        attempts = row["attempts"]  # somebody is at the case: the incident comes with the next attempt
    due.put_off_timer(context.store, row["id"], row["attempts"], context.clock.now() + failures.delay(attempts))
