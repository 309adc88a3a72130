"""What the rows of a case become when it moves to another version: open tasks, what follows their deadlines, timers.

Owns carrying what people have done along: who holds a task keeps it, a deadline that the new version sets otherwise is
counted again from when the task opened, a reminder that was told is not told again. Says of each row what becomes of
it (`Fate`); whether the case may move at all is not asked here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine.bpmn import migrating
from engine.bpmn.model import Wait
from engine.commands import clocks, policies, reminders, times
from engine.commands.case import Case
from engine.commands.clocks import Clock
from engine.commands.definitions import Version
from engine.commands.work import Work
from engine.errors import Said
from engine.expressions import values
from engine.store import loads, text
from engine.store.due import AT_ONCE
from engine.store.models import Candidate, Subscription, Timer, WorkItem

IMPOSSIBLE = "impossible"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a token, an open task or a timer. `what`: token | task | timer; `fate`: moved | restarted |
    added | removed | impossible; `why`: in words, None when there is nothing to say; `due`, `due_then`: naive UTC."""

    what: str
    node: str
    target: str
    fate: str
    why: Said | None = None
    due: datetime | None = None
    due_then: datetime | None = None
    rule: str = ""  # of a reminder or an escalation, as the diagram writes it


@dataclass(frozen=True, slots=True)
class Place:
    """Where a token stands, before and after: the element's spec in each version."""

    step: migrating.Step
    old: Any
    new: Any


# ---- tasks ---------------------------------------------------------------------------------------------------------


def task(work: Work, case: Case, item: Row, place: Place, version: Version | None, wait: Wait | None) -> list[Fate]:
    """Carry an open task along, with what follows its deadline. `wait`: the task as the new version sets it, None when
    nothing about it changed; `version`: None for one that is not published yet."""
    node = case.process.info.nodes.get(place.step.target)
    changes: Row = {"node_id": place.step.target, "name": place.new.bpmn_name or ""}
    changes["name_en"] = node.name_en if node is not None else ""
    said: list[Said] = []
    changes |= _form(work, item, place, version, wait, said)
    if wait is not None:
        changes |= _settings(item, place, wait) | _people(work, case, item, place, wait, said)
        due, fates = _deadline(work, item, place, wait)
        changes |= due
    else:
        fates = [_carried(row, place) for row in loads.timers_of_item(work.context.store, item["id"])]
    changed = {name: value for name, value in changes.items() if item[name] != value}
    if changed:
        work.writes.update(WorkItem, changed, {"id": item["id"], "status": "open"}, must=True)
    then = changes.get("due_at", item["due_at"])
    if then != item["due_at"]:
        said.insert(0, Said("期限按新版本重新计算", "its deadline is counted anew"))
    return [_fate("task", place, said, item["due_at"], then), *fates]


def _fate(what: str, place: Place, said: list[Said], due: datetime | None, then: datetime | None) -> Fate:
    why = Said("；".join(one.zh for one in said), "; ".join(one.en for one in said)) if said else None
    fate = migrating.RESTARTED if due != then else migrating.MOVED
    return Fate(what, place.step.source, place.step.target, fate, why, due, then)


def _carried(row: Row, place: Place) -> Fate:
    return Fate(
        "timer", place.step.source, place.step.target, migrating.MOVED, _rule(row), row["due_at"], row["due_at"]
    )


def _rule(row: Row) -> Said:
    names = {
        "reminder": ("提醒", "reminder"),
        "escalation": ("升级", "escalation"),
        "timeout": ("超时处理", "time-out"),
    }
    return Said(*names[row["kind"]])


def _form(work: Work, item: Row, place: Place, version: Version | None, wait: Wait | None, said: list[Said]) -> Row:
    """The form of the new version: what is typed already is offered in it."""
    key = wait.ref if wait is not None else item["form"]
    if key != item["form"]:
        said.append(Said("换用另一张表单", "it gets another form"))
    if version is None or not key:
        return {"form": key, "form_definition": item["form_definition"] if key else None}
    found = work.context.definitions.bound("form", key, place.new.settings.form_binding, version)
    form = found.id if found else None
    if key == item["form"] and form != item["form_definition"]:
        said.append(Said("表单换成新版本", "its form becomes the new one"))
    return {"form": key, "form_definition": form}


def _settings(item: Row, place: Place, wait: Wait) -> Row:
    kept = values.loads(item["settings"]) | {"properties": dict(wait.properties)}
    return {"settings": text(kept), "priority": wait.priority}


def _people(work: Work, case: Case, item: Row, place: Place, wait: Wait, said: list[Said]) -> Row:
    """Whoever has the task keeps it; one that nobody has is offered to whom the new version means."""
    if item["assignee"] or item["owner"] or wait.asked_by or not migrating.readdressed(place.old, place.new):
        return {}
    found = policies.handlers(work, case, wait)
    work.writes.delete(Candidate, {"work_item": [item["id"]]})
    for login in found.candidates:
        work.writes.insert(Candidate, {"work_item": item["id"], "login": login})
    said.append(Said("办理人按新版本重新确定", "who may do it is decided anew"))
    kept = values.loads(item["settings"]) | {"properties": dict(wait.properties), "candidates": list(wait.candidates)}
    return {"assignee": found.assignee, "groups": text(list(wait.groups)), "settings": text(kept)}


# ---- deadlines -----------------------------------------------------------------------------------------------------


def _deadline(work: Work, item: Row, place: Place, wait: Wait) -> tuple[Row, list[Fate]]:
    """The deadline as the new version sets it, counted from when the task opened, and what follows it."""
    before = clocks.of_item(item)
    clock = _clock(item, place, wait, before)
    rows = loads.timers_of_item(work.context.store, item["id"])
    if clock is None:
        for row in rows:
            work.writes.delete(Timer, {"id": [row["id"]]})
        return {"due_at": None, "due_flag": "", "clock": ""}, [_gone(row, place) for row in rows]
    if clock is before and all(_property(place.old, name) == _property(place.new, name) for name in reminders.KINDS):
        return {}, [_carried(row, place) for row in rows]
    rules = work.context.times.rules(clock.calendar, item["unit"])
    falls = clock.falls(rules) if clock is not before else clocks.Falls(item["due_at"], item["due_flag"])
    old = values.loads(item["settings"])["properties"] if before is not None else {}
    plan = reminders.Replan(old, dict(wait.properties), falls.at, rules, clock)
    left_out, fresh = reminders.change(work, item, rows, plan)
    fates = [_after(row, place, plan) for row in rows]
    fates += [_made(step, place) for step in fresh]
    kept = text(clocks.saved(replace(clock, left_out=left_out)))
    return {"due_at": falls.at, "due_flag": falls.flag, "clock": kept}, fates


def _clock(item: Row, place: Place, wait: Wait, before: Clock | None) -> Clock | None:
    """The clock to go on with: the same one when the new version gives the task as much time as the old one."""
    old, new = place.old.settings, place.new.settings
    calendar = new.properties.get("calendar", "")
    if old.due_date == new.due_date and old.properties.get("calendar", "") == calendar:
        return before
    if wait.due is None:
        return None
    begun = clocks.begun(wait.due, calendar, item["created_at"])
    return begun if before is None else replace(begun, stops=before.stops, left_out=before.left_out)


def _property(spec: Any, name: str) -> str:
    return str(spec.settings.properties.get(name, ""))


def _gone(row: Row, place: Place) -> Fate:
    return Fate(
        "timer", place.step.source, place.step.target, migrating.REMOVED, _rule(row), row["due_at"], None, row["rule"]
    )


def _after(row: Row, place: Place, plan: reminders.Replan) -> Fate:
    then = plan.where(row)
    if then is None:
        return _gone(row, place)
    fate = migrating.MOVED if then == row["due_at"] else migrating.RESTARTED
    return Fate("timer", place.step.source, place.step.target, fate, _rule(row), row["due_at"], then, row["rule"])


def _made(step: reminders.Step, place: Place) -> Fate:
    kind, target = _rule({"kind": step.kind}), place.step.target
    return Fate("timer", place.step.source, target, migrating.ADDED, kind, None, step.at, step.rule.text)


# ---- timers and messages of events ---------------------------------------------------------------------------------


def timer(work: Work, case: Case, row: Row, wait: Wait) -> datetime:
    """A waiting timer that says something else now; a duration goes on counting from when it began. When it is due."""
    assert wait.due is not None
    kept: Row = {"flag": wait.due.flag}
    at = wait.due.at
    if wait.due.length:
        before = values.loads(row["settings"]).get("clock")
        clock = clocks.begun(wait.due, wait.properties.get("calendar", times.NATURAL), work.now)
        if before:
            known = clocks.loaded(before)
            clock = replace(clock, start=known.start, stops=known.stops)
        falls = clock.falls(work.context.times.rules(clock.calendar, case.row.unit))
        at, kept = falls.at, {"flag": falls.flag, "clock": clocks.saved(clock)}
    changes = {"node_id": wait.node, "due_at": at, "attempts": 0, "settings": text(kept)}
    work.writes.update(Timer, changes, {"id": row["id"], "due_at": row["due_at"]}, must=True)
    return at


def subscription(work: Work, case: Case, wait: Wait) -> None:
    """A message or signal that is another one now: it is looked for at once."""
    changes = {"node_id": wait.node, "name": wait.ref, "correlation": wait.correlation, "look_at": AT_ONCE}
    work.writes.update(Subscription, changes, {"instance": case.row.id, "token": wait.token, "part": wait.part})


def overdue(at: datetime, now: datetime) -> Said | None:
    """What is said of a time that is past already."""
    return Said("时间已过，移动后立即触发", "its time is past: it fires at once") if at <= now else None
