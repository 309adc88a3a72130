"""What operators do to a case: retry, set variables, suspend, resume, cancel, move tokens.

Owns the permission check (`operate` at the case's unit) and that each act is a journal line. An act that changes
nothing says so by an error; none fails silently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine import bpmn
from engine.bpmn.model import Cancel, Move, Retry, SetVariables
from engine.commands import clocks, deadlines, failures
from engine.commands.case import Case
from engine.commands.context import Context
from engine.commands.runner import perform
from engine.commands.work import Work
from engine.errors import Forbidden, NotFound, NotOpen
from engine.expressions import values
from engine.store import loads, text
from engine.store.due import AT_ONCE
from engine.store.models import Incident, Subscription, Timer


def retry(context: Context, incident_id: int, *, by: str) -> bool:
    """Try an incident's token again; whether it is over now. NotFound, NotOpen, Forbidden."""

    def plan(work: Work) -> bool:
        incident = loads.incident(context.store, incident_id)
        if incident is None:
            raise NotFound(what="异常", id=incident_id)
        if incident["resolved_at"] is not None:
            raise NotOpen(state="resolved")
        case = _operable(work, incident["instance"], by, "retry")
        if incident["kind"] == "assignment":
            raise NotOpen(state="assignment: transfer the task instead")
        if incident["kind"] == failures.STUCK:
            failures.again(work, incident)
            return True
        work.apply(case, Retry(incident["token"]))
        return incident["token"] not in case.troubles

    found = loads.incident(context.store, incident_id)
    return _act(context, found["instance"] if found else None, by, plan, "retry")


def resolve(context: Context, incident_id: int, *, by: str) -> None:
    """Mark an incident that has no token to retry (nobody was found for a task) as dealt with."""

    def plan(work: Work) -> None:
        incident = loads.incident(context.store, incident_id)
        if incident is None:
            raise NotFound(what="异常", id=incident_id)
        case = _operable(work, incident["instance"], by, "resolve")
        if incident["kind"] != "assignment":
            raise NotOpen(state="its token still waits: retry it")
        solved = {"resolved_at": work.now, "resolved_by": by}
        work.writes.update(Incident, solved, {"id": incident_id})
        work.line(case, "resolved", incident["node_id"], {"kind": incident["kind"]})

    found = loads.incident(context.store, incident_id)
    _act(context, found["instance"] if found else None, by, plan, "resolve")


def set_variables(
    context: Context, instance: int, variables: Mapping[str, Any], *, by: str, token: str | None = None
) -> None:
    """Change variables of the process, or (with `token`) those that a token sees. NotOpen, Forbidden, InvalidValue."""
    given = values.variables(variables)

    def plan(work: Work) -> None:
        case = _operable(work, instance, by, "set variables")
        work.apply(case, SetVariables(given, token))

    _act(context, instance, by, plan, "set_variables")


def suspend(context: Context, instance: int, *, by: str, reason: str = "") -> None:
    """Stop a case and those it called: nothing fires, nothing can be completed. NotOpen when it is not running."""
    _halt(context, instance, by, True, reason)


def resume(context: Context, instance: int, *, by: str, reason: str = "") -> None:
    """Let a suspended case go on: what its clocks measure (deadlines and what follows them, durations) falls later by
    the time it stood still; dates and cycles that passed meanwhile fire at the next tick. NotOpen when it is not
    suspended."""
    _halt(context, instance, by, False, reason)


def _halt(context: Context, instance: int, by: str, suspended: bool, reason: str) -> None:
    event = "suspended" if suspended else "resumed"

    def plan(work: Work) -> None:
        case = _running(work, instance)
        _must_operate(context, case, by, event)
        if case.row.suspended == suspended:
            raise NotOpen(state=event)
        for one in (case, *_below(work, case)):
            work.writes.guard(one.row.id, one.guard, {"suspended": suspended})
            work.line(one, event, "", {"reason": reason})
            if suspended:
                deadlines.stop(work, one.row.id)
                continue
            deadlines.resume(work, one)
            work.writes.update(Subscription, {"look_at": AT_ONCE}, {"instance": one.row.id})  # published meanwhile

    _act(context, instance, by, plan, event)


def _below(work: Work, case: Case) -> list[Case]:
    """The running cases that this one called, and those they called."""
    found = []
    for child_id in loads.children(work.context.store, case.row.id):
        child = work.case(child_id)
        found += [child, *_below(work, child)]
    return found


def cancel(context: Context, instance: int, *, by: str, reason: str = "") -> None:
    """End a case without completing it, and the cases it called. NotOpen, Forbidden."""

    def plan(work: Work) -> None:
        case = _running(work, instance)
        _must_operate(context, case, by, "cancel", starter=True)
        work.line(case, "cancelling", "", {"reason": reason})
        work.apply(case, Cancel(reason))

    _act(context, instance, by, plan, "cancel")


def move(
    context: Context,
    instance: int,
    target: str,
    *,
    by: str,
    leave: Sequence[str] | None = None,
    region: Sequence[str] | None = None,
    reason: str = "",
) -> None:
    """Take tokens out (`leave`: their ids; None = every token of the target's scope that works) and put one at
    `target`. NotFound for an unknown element, NotOpen, Forbidden."""

    def plan(work: Work) -> None:
        case = _operable(work, instance, by, "move")
        if target not in case.process.info.nodes:
            raise NotFound(what="节点", id=target)
        tokens = leave if leave is not None else working(case)
        work.line(case, "moving", target, {"reason": reason})
        work.apply(case, Move(tuple(tokens), target, region))

    _act(context, instance, by, plan, "move")


def working(case: Case) -> list[str]:
    """Tokens of the outermost scope that are at an element (not mere listeners)."""
    return [t.token for t in bpmn.tokens(case.row.state) if not t.scope and not t.listener]


def move_timer(context: Context, timer_id: int, due: Any, *, by: str) -> None:
    """Let a timer fall due at another instant (naive UTC). A start event's timer is of no unit: whoever operates
    everywhere, or designs, moves it. NotFound, Forbidden."""

    def plan(work: Work) -> None:
        row = loads.timer(context.store, timer_id)
        if row is None:
            raise NotFound(what="定时器", id=timer_id)
        if row["instance"] is not None:
            _must_operate(context, work.case(row["instance"]), by, "timer")
            work.note(row["instance"], "timer-moved", row["node_id"], {"to": due.isoformat(), "rule": row["rule"]})
        elif by and not (context.people.may_everywhere(by, "operate") or context.people.may(by, "design")):
            raise Forbidden(who=by, action="timer")
        moved = {"due_at": due, "attempts": 0, **_fixed(row, due)}
        work.writes.update(Timer, moved, {"id": timer_id}, must=True)

    _act(context, None, by, plan, "move_timer")


def _fixed(row: Mapping[str, Any], due: Any) -> dict[str, Any]:
    """What was counted is a moment from now on: a changed calendar must not move it back."""
    kept = values.loads(row["settings"])
    if "clock" not in kept:
        return {}
    counted = clocks.loaded(kept["clock"])
    return {"settings": text(kept | {"clock": clocks.saved(replace(counted, length="", fixed=due, stops=()))})}


# ---- shared --------------------------------------------------------------------------------------------------------


def _act(context: Context, instance: int | None, by: str, plan: Callable[[Work], Any], command: str) -> Any:
    if by:
        context.people.require(by)
    root = loads.root(context.store, instance) if instance is not None else None
    return perform(context, by, plan, root=root, command=command)


def _running(work: Work, instance: int) -> Case:
    case = work.case(instance)
    if case.row.status != "running":
        raise NotOpen(state=case.row.status)
    return case


def _operable(work: Work, instance: int, by: str, action: str) -> Case:
    case = _running(work, instance)
    _must_operate(work.context, case, by, action)
    if case.row.suspended:
        raise NotOpen(state="suspended")
    return case


def _must_operate(context: Context, case: Case, by: str, action: str, starter: bool = False) -> None:
    """`by` '' is the system. `starter`: whoever started the case may do it too."""
    if not by or (starter and by == case.row.started_by):
        return
    if not context.people.may(by, "operate", case.row.unit or None):
        raise Forbidden(who=by, action=action)
