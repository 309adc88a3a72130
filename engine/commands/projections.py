"""The rows that a case's tokens become: work items and who may take them, timers, subscriptions, jobs, incidents.

Owns the mapping from the interpreter's waits to tables. The token in the state is the truth; a row is only how the
outside finds it, so each closed token takes its rows with it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine import bpmn
from engine.bpmn.model import Publish, Wait
from engine.commands import clocks, policies, reminders, times
from engine.commands.case import Case
from engine.store import due, loads, new_id, text
from engine.store.models import Candidate, Incident, Instance, Job, Subscription, Timer, WorkItem

if TYPE_CHECKING:
    from engine.commands.work import Work

MESSAGE_TTL = timedelta(hours=1)  # how long a thrown message waits for somebody who is not there yet


def save(work: Work, case: Case) -> None:
    """Gather the rows of one touched case."""
    _instance(work, case)
    _incidents(work, case)
    if not case.fresh:
        _closed(work, case)
        for wait in case.rearmed.values():
            _rearm(work, case, wait)
    for wait in case.opened.values():
        _OPEN[wait.kind](work, case, wait)
    for token, held in case.held.items():
        work.writes.update(WorkItem, {"held": held}, {"instance": case.row.id, "token": token, "status": "open"})


def _instance(work: Work, case: Case) -> None:
    row = case.row
    if case.fresh:
        work.writes.insert(Instance, {name: getattr(row, name) for name in loads.CaseRow.__slots__})
        return
    work.writes.guard(row.id, case.guard, case.moved())
    if case.renamed:
        named = {"title": row.title, "unit": row.unit}
        work.writes.update(WorkItem, named, {"instance": row.id, "status": "open"})


# ---- what opened ---------------------------------------------------------------------------------------------------


def _user(work: Work, case: Case, wait: Wait) -> None:
    row = case.row
    definitions = work.context.definitions
    form = definitions.bound("form", wait.ref, wait.binding, definitions.version(row.definition)) if wait.ref else None
    node = case.process.info.nodes.get(wait.node)
    found = policies.handlers(work, case, wait)
    assignee = found.assignee or _again(work, case, wait, found.candidates)
    settings = {"properties": dict(wait.properties), "candidates": list(wait.candidates)}
    settings |= {name: value for name, value in (("assignee", assignee), ("asked_by", wait.asked_by)) if value}
    item: dict[str, Any] = {
        "id": new_id(),
        "instance": row.id,
        "token": wait.token,
        "node_id": wait.node,
        "name": wait.name,
        "name_en": node.name_en if node else "",
        "process_key": row.process_key,
        "title": row.title,
        "unit": row.unit,
        "form": wait.ref,
        "form_definition": form.id if form else None,
        "settings": text(settings),
        "status": "open",
        "assignee": assignee,
        "groups": text(list(wait.groups)),
        "due_at": wait.due.at if wait.due else None,
        "due_flag": wait.due.flag if wait.due else "",
        "priority": wait.priority,
        "created_at": work.now,
        "public_code": _public_code(work, case, wait),
        "held": case.held.pop(wait.token, False),
    }
    for timer in reminders.begin(work, case, item, wait):
        work.writes.insert(Timer, timer)
    work.writes.insert(WorkItem, item)
    work.opened[item["id"]] = row.root
    for login in found.candidates:
        work.writes.insert(Candidate, {"work_item": item["id"], "login": login})


def _again(work: Work, case: Case, wait: Wait, candidates: list[str]) -> str:
    """A step that comes back goes to whoever did it before, if it may be theirs."""
    before = case.prefer.get(wait.node, "")
    return before if before in candidates or work.context.people.empty() else ""


def _public_code(work: Work, case: Case, wait: Wait) -> str | None:
    """The code with which residents may complete the task (property `public` = `reporter`), None for others."""
    if wait.properties.get("public") != "reporter":
        return None
    expression = wait.properties.get("public_key", "=code")
    return work.world(case).text(expression, bpmn.variables(case.row.state, wait.token)) or None


def _timer(work: Work, case: Case, wait: Wait) -> None:
    assert wait.due is not None
    settings: dict[str, Any] = {"flag": wait.due.flag}
    if wait.due.length:  # a date or a cycle goes by the calendar on the wall, a duration by a clock that can stop
        calendar = wait.properties.get("calendar", times.NATURAL)
        settings["clock"] = clocks.saved(clocks.begun(wait.due, calendar, work.now))
    row = {
        "id": new_id(),
        "instance": case.row.id,
        "token": wait.token,
        "node_id": wait.node,
        "kind": "event",
        "rule": str(wait.part),
        "due_at": wait.due.at,
        "settings": text(settings),
    }
    work.writes.insert(Timer, row)


def _subscription(work: Work, case: Case, wait: Wait) -> None:
    row: dict[str, Any] = {
        "id": new_id(),
        "instance": case.row.id,
        "token": wait.token,
        "node_id": wait.node,
        "kind": wait.kind,
        "name": wait.ref,
        "correlation": wait.correlation,
        "part": wait.part,
        "look_at": due.AT_ONCE,
    }
    work.writes.insert(Subscription, row)
    if wait.kind == "message":
        work.subscribed.append(row["id"])


def _job(work: Work, case: Case, wait: Wait) -> None:
    job = new_id()
    row = {
        "id": job,
        "instance": case.row.id,
        "token": wait.token,
        "node_id": wait.node,
        "type": wait.ref,
        "inputs": text(dict(wait.inputs)),
        "headers": text(dict(wait.headers)),
        "key": f"job-{job}",
        "retries": wait.retries,
        "due_at": work.now,
    }
    work.writes.insert(Job, row)


def _call(work: Work, case: Case, wait: Wait) -> None:
    """The child is a case of its own, started by the work already."""


_OPEN = {
    "user": _user,
    "timer": _timer,
    "message": _subscription,
    "signal": _subscription,
    "job": _job,
    "call": _call,
}


def message_row(thrown: Publish, by: str, now: datetime, source: int | None = None) -> dict[str, Any]:
    """A message or signal as a row; `source`: the case that threw it."""
    return {
        "id": new_id(),
        "kind": thrown.kind,
        "name": thrown.name,
        "correlation": thrown.correlation,
        "payload": text(dict(thrown.payload)),
        "source": source,
        "published_by": by,
        "published_at": now,
        "expires_at": now + MESSAGE_TTL,
        "look_at": due.AT_ONCE,
    }


# ---- what closed ---------------------------------------------------------------------------------------------------


def _closed(work: Work, case: Case) -> None:
    gone = case.closed.keys() - {token for token, timed in case.handled.items() if not timed}
    if not gone:
        return
    stored, writes = case.stored(work.context.store), work.writes
    items = [(row, case.closed[token]) for row, token in stored.items if token in gone and row not in work.ended]
    for how in sorted({how for _, how in items}):
        _end_items(work, [row for row, ended in items if ended == how], how)
    for model, rows in (
        (Timer, [(t[0], t[1]) for t in stored.timers]),
        (Subscription, stored.subscriptions),
        (Job, stored.jobs),
    ):
        ids = [row for row, token in rows if token in gone]
        if ids:
            writes.delete(model, {"id": ids})


def _end_items(work: Work, ids: list[int], how: str) -> None:
    status = "completed" if how == "completed" else "cancelled"
    ended = {"status": status, "ended_at": work.now, "ended_by": work.actor}
    work.writes.update(WorkItem, ended, {"id": ids, "status": "open"})
    work.writes.delete(Candidate, {"work_item": ids})


def _rearm(work: Work, case: Case, wait: Wait) -> None:
    assert wait.due is not None
    mark = f"event:{wait.part}"
    for row, token, kind in case.stored(work.context.store).timers:
        if token == wait.token and kind == mark:
            work.writes.update(Timer, {"due_at": wait.due.at, "attempts": 0}, {"id": row})


# ---- incidents -----------------------------------------------------------------------------------------------------


def _incidents(work: Work, case: Case) -> None:
    if case.solved and not case.fresh:
        solved = {"resolved_at": work.now, "resolved_by": work.actor}
        for row in loads.open_incidents(work.context.store, case.row.id):
            if row["token"] in case.solved:
                work.writes.update(Incident, solved, {"id": row["id"]})
    for trouble in case.troubles.values():
        row = _incident(work, case, trouble.token, trouble.node, trouble.kind, trouble.message)
        row["message_en"] = trouble.message_en
        work.writes.insert(Incident, row)


def _incident(work: Work, case: Case, token: str, node: str, kind: str, message: str) -> dict[str, Any]:
    place = {"instance": case.row.id, "token": token, "node_id": node}
    return {"id": new_id(), **place, "kind": kind, "message": message, "created_at": work.now}
