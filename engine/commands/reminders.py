"""Reminders and escalations of a task with a deadline: rows of `timer` made when it opens, each with one effect.

Owns the properties `remind` (`-P1D, PT0S, R/PT4H`) and `escalate` (`PT0S role@up, P1D role@up2`): durations count from
the due time on the task's calendar; `R/` repeats after the last reminder until the task is done. A row is unique by
(work item, rule, occurrence), and so is the notice it makes: nobody is told twice of the same one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine import bpmn
from engine.bpmn.model import Wait
from engine.commands import notices
from engine.commands.case import Case
from engine.errors import LinliError
from engine.expressions import values
from engine.store import loads, new_id, text
from engine.store.models import Timer, Watcher

if TYPE_CHECKING:
    from engine.commands.work import Work


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of a property. `delay`: ISO duration from the due time; `to`: whom an escalation tells."""

    text: str
    delay: str
    repeats: bool = False
    to: str = ""


def reminding(setting: str) -> list[Rule]:
    """The entries of a `remind` property."""
    found = []
    for entry in _entries(setting):
        repeats = entry.startswith("R/")
        found.append(Rule(entry, entry.removeprefix("R/"), repeats))
    return found


def escalating(setting: str) -> list[Rule]:
    """The entries of an `escalate` property."""
    found = []
    for entry in _entries(setting):
        delay, _, to = entry.partition(" ")
        found.append(Rule(entry, delay, to=to.strip()))
    return found


def _entries(setting: str) -> list[str]:
    return [entry.strip() for entry in setting.split(",") if entry.strip()]


def first(work: Work, case: Case, item: dict[str, Any], wait: Wait) -> Iterator[dict[str, Any]]:
    """The timer rows of a task that opens now. A reminder whose time is past already is left out."""
    if wait.due is None:
        return
    calendar = wait.properties.get("calendar", "")
    last = wait.due.at
    for rule in reminding(wait.properties.get("remind", "")):
        at = _at(work, case, wait, last if rule.repeats else wait.due.at, rule)
        if at is None or at <= work.now:
            continue
        settings = {"calendar": calendar}
        if rule.repeats:
            settings |= {"anchor": last.isoformat(), "every": rule.delay}
        else:
            last = max(last, at)
        yield _row(item, "reminder", rule.text, int(rule.repeats), at, settings)
    for rule in escalating(wait.properties.get("escalate", "")):
        at = _at(work, case, wait, wait.due.at, rule)
        if at is not None:
            yield _row(item, "escalation", rule.text, 0, at, {"to": rule.to, "calendar": calendar})


def _at(work: Work, case: Case, wait: Wait, start: datetime, rule: Rule) -> datetime | None:
    """When a rule falls. One that cannot be read must not stop the case: it is said in the journal."""
    try:
        return work.world(case).after(start, rule.delay, wait.properties.get("calendar", ""))
    except LinliError as problem:
        work.line(case, "note", wait.node, {"rule": rule.text, "problem": problem.text("zh")})
        return None


def _row(
    item: dict[str, Any], kind: str, rule: str, occurrence: int, at: datetime, settings: dict[str, Any]
) -> dict[str, Any]:
    place = {"instance": item["instance"], "work_item": item["id"], "token": item["token"], "node_id": item["node_id"]}
    return {
        "id": new_id(),
        **place,
        "kind": kind,
        "rule": rule,
        "occurrence": occurrence,
        "due_at": at,
        "settings": text(settings),
    }


def fire(work: Work, row: dict[str, Any], item: dict[str, Any]) -> None:
    """Tell whom it concerns, once, and line up the next repetition. The item is open."""
    work.writes.delete_one(Timer, {"id": row["id"]})
    if item["status"] != "open":
        return
    settings = values.loads(row["settings"])
    told = _remind(work, row, item) if row["kind"] == "reminder" else _escalate(work, row, item, settings["to"])
    event = "reminded" if row["kind"] == "reminder" else "escalated"
    data = {"to": told, "rule": row["rule"], "occurrence": row["occurrence"], "item": str(item["id"])}
    work.note(row["instance"], event, row["node_id"], {**data, "due": row["due_at"].isoformat()})
    if "every" in settings:
        work.writes.insert(Timer, _next(work, row, item, settings))


def _remind(work: Work, row: dict[str, Any], item: dict[str, Any]) -> list[str]:
    handlers = [item["assignee"]] if item["assignee"] else loads.candidates(work.context.store, item["id"])
    notices.tell(work, handlers, _letter(row, item, ("提醒", "Reminder")))
    return handlers


def _escalate(work: Work, row: dict[str, Any], item: dict[str, Any], to: str) -> list[str]:
    case = loads.case(work.context.store, row["instance"])
    starter, seen = (case.started_by, bpmn.variables(case.state)) if case else ("", {})
    superiors = work.context.people.resolve([to], item["unit"], starter, seen)
    known = loads.watchers(work.context.store, item["id"])
    for login in superiors:
        if login not in known:
            watcher = {"work_item": item["id"], "login": login, "reason": "escalation"}
            work.writes.insert(Watcher, watcher)
    notices.tell(work, superiors, _letter(row, item, ("督办", "Escalation")))
    return superiors


def _letter(row: dict[str, Any], item: dict[str, Any], what: tuple[str, str]) -> notices.Letter:
    step, title = item["name"] or item["node_id"], item["title"] or item["name"]
    step_en = item["name_en"] or step
    is_late = item["due_at"] and row["due_at"] >= item["due_at"]
    late, late_en = ("已超期", "is overdue") if is_late else ("即将到期", "is due soon")
    return notices.Letter(
        key=f"{row['kind']}-{item['id']}-{row['rule']}-{row['occurrence']}",
        subject=f"【{what[0]}】{step}{late}:{title}",
        body=f"“{step}”{late},请及时办理。",
        link=f"/task/{item['id']}/",
        instance=item["instance"],
        subject_en=f"{what[1]}: {step_en} {late_en}: {title}",
        body_en=f"“{step_en}” {late_en}. Please see to it.",
    )


def _next(work: Work, row: dict[str, Any], item: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """The repetition after this one, counted from the anchor; those missed during an outage are skipped."""
    anchor = datetime.fromisoformat(settings["anchor"])
    world = work.bare_world(item["unit"])
    occurrence, at = world.repetition(anchor, settings["every"], row["occurrence"], settings["calendar"])
    return _row(item, "reminder", row["rule"], occurrence, at, settings)
