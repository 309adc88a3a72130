"""Due timers: of waiting tokens, of reminders and escalations, of start events. Each has its effect once.

Owns firing one row by an ordinary guarded command: the row goes (or moves to the next firing) in the commit of its
effect, so whichever process comes second finds nothing. A row that fails is put off with a growing, jittered delay;
attempts spent, its token becomes an incident that an operator sees.
"""

from __future__ import annotations

import logging
import random
from datetime import datetime, timedelta
from typing import Any

from engine.bpmn.model import Break, Due, Fire
from engine.commands import reminders
from engine.commands.context import Context
from engine.commands.runner import perform
from engine.commands.work import Start, Work
from engine.errors import Conflict, LinliError
from engine.expressions import values
from engine.store import due, loads, text
from engine.store.locks import attempt
from engine.store.models import Timer
from engine.store.points import Point, pass_through

log = logging.getLogger(__name__)
ATTEMPTS = 6
FIRST_DELAY = timedelta(seconds=30)


def fire(context: Context, timer_id: int) -> bool:
    """Fire a due timer; False when it had its effect already, its case is busy or another process is at it. Never
    raises for one bad row: the sweep goes on."""
    with attempt(context.store, f"timer-{timer_id}") as mine:
        row = loads.timer(context.store, timer_id) if mine else None
        return row is not None and _try(context, row)


def _try(context: Context, row: dict[str, Any]) -> bool:
    root = loads.root(context.store, row["instance"]) if row["instance"] else None
    pass_through(Point.TIMER_TAKEN)
    try:
        fired = perform(context, "", lambda work: _fire(work, row["id"]), root=root, command="timer")
    except Conflict:
        return False  # costs no attempt: the next tick tries again
    except Exception as problem:
        pass_through(Point.TIMER_FAILED)
        if loads.timer(context.store, row["id"]) == row:  # else somebody fired it, or took its token away, meanwhile
            log.exception("timer %s of case %s failed", row["id"], row["instance"])
            _put_off(context, row, problem)
        return False
    pass_through(Point.TIMER_FIRED)
    return fired


def _fire(work: Work, timer_id: int) -> bool:
    row = loads.timer(work.context.store, timer_id)
    if row is None or row["due_at"] > work.now:
        return False
    return _FIRE[row["kind"]](work, row)


def _event(work: Work, row: dict[str, Any]) -> bool:
    # The case may be loaded after another process fired this very row: a cycle's token would take a second firing.
    work.writes.check(lambda store: loads.timer(store, row["id"]) == row)
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
    work.begin(Start(version, {}, "", node=row["node_id"]))
    fired = Due(row["due_at"], settings["left"], settings["every"], _instant(settings["anchor"]))
    again = work.bare_world("").again(fired, settings["calendar"]) if fired.every else None
    if again is None:
        work.writes.delete_one(Timer, {"id": row["id"]})
    else:
        moved = {"due_at": again.at, "occurrence": row["occurrence"] + 1, "attempts": 0}
        moved["settings"] = start_settings(again, settings["calendar"])
        work.writes.update(Timer, moved, {"id": row["id"], "occurrence": row["occurrence"]}, must=True)
    return True


def start_settings(next_due: Due, calendar: str) -> str:
    """What a start timer's row keeps of its repetition."""
    anchor = next_due.anchor.isoformat() if next_due.anchor else ""
    return text({"left": next_due.left, "every": next_due.every, "anchor": anchor, "calendar": calendar})


def _instant(written: str) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


_FIRE = {"event": _event, "reminder": _item, "escalation": _item, "start": _start}


# ---- failures ------------------------------------------------------------------------------------------------------


def _put_off(context: Context, row: dict[str, Any], problem: Exception) -> None:
    attempts = row["attempts"] + 1
    if attempts >= ATTEMPTS and row["kind"] == "event":
        message = problem.text("zh") if isinstance(problem, LinliError) else repr(problem)
        _break(context, row, message)
        return
    due.put_off_timer(context.store, row["id"], row["attempts"], context.clock.now() + delay(attempts))


def _break(context: Context, row: dict[str, Any], message: str) -> None:
    def plan(work: Work) -> None:
        work.apply(work.case(row["instance"]), Break(row["token"], "timer", message))

    perform(context, "", plan, root=loads.root(context.store, row["instance"]), command="timer")


def delay(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: doubling, jittered by half."""
    return FIRST_DELAY * 2 ** (attempts - 1) * (0.75 + random.random() / 2)
