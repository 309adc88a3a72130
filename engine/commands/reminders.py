"""What follows a deadline: reminders, escalations and what a task does by itself when it is late, as rows of `timer`.

Owns the properties `remind` (`-P1D, PT0S, R/PT4H`), `escalate` (`PT0S superior, +P1D head, +P1D head@up`) and `timeout`
as a plan of rows: durations count from the due time on the task's calendar, `+` counts from the step before, `R/`
repeats after the last reminder until the task is done. A row is unique by (work item, rule, occurrence), and so is the
notice it makes: nobody is told twice of the same one. A deadline that moves takes its rows with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine import calendars
from engine.calendars import Rules
from engine.commands import chains, clocks, notices
from engine.expressions import values
from engine.store import loads, new_id, text
from engine.store.models import Timer, Watcher

if TYPE_CHECKING:
    from engine.bpmn.model import Wait
    from engine.commands.case import Case
    from engine.commands.work import Work

KINDS = {"remind": "reminder", "escalate": "escalation", "timeout": "timeout"}
Complain = Callable[[str, ValueError], None]  # what is said of a rule that cannot be counted


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of a property. `delay`: ISO duration from the due time, or with `chained` from the step before; `to`:
    whom an escalation tells, or what is done."""

    text: str
    delay: str
    repeats: bool = False
    chained: bool = False
    to: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A row to be: `anchor`: what a repetition counts from."""

    kind: str
    rule: Rule
    at: datetime
    anchor: datetime | None = None


def written(setting: str) -> list[Rule]:
    """The entries of a property, each once."""
    return [_rule(entry) for entry in dict.fromkeys(part.strip() for part in setting.split(",")) if entry]


def _rule(entry: str) -> Rule:
    when, _, to = entry.partition(" ")
    repeats, chained = when.startswith("R/"), when.startswith("+")
    return Rule(entry, when.removeprefix("R/").removeprefix("+"), repeats, chained, to.strip())


def plan(rules: Rules, due: datetime, properties: Mapping[str, str], complain: Complain) -> Iterator[Step]:
    """Everything that follows a deadline, in the order of the properties."""
    for name, kind in KINDS.items():
        before = last = due
        for rule in written(properties.get(name, "")):
            start = before if rule.chained else last if rule.repeats else due
            try:
                at, _ = calendars.add(rules, start, rule.delay)
            except ValueError as problem:  # it must not stop the case: it is said in the journal
                complain(rule.text, problem)
                continue
            yield Step(kind, rule, at, start if rule.repeats else None)
            before, last = at, max(last, at)


def begin(work: Work, case: Case, item: dict[str, Any], wait: Wait) -> list[dict[str, Any]]:
    """Give a task that opens its clock (`item["clock"]`); the rows of what follows its deadline. A reminder whose time
    is past already is left out."""
    if wait.due is None:
        return []
    calendar = wait.properties.get("calendar", "")

    def complain(rule: str, problem: ValueError) -> None:
        work.line(case, "note", wait.node, {"rule": rule, "problem": str(problem)})

    rows, left_out = [], []
    for step in plan(work.world(case).rules(calendar), wait.due.at, wait.properties, complain):
        if step.kind == "reminder" and step.at <= work.now:
            left_out.append(step.rule.text)
        else:
            rows.append(_row(item, step, int(step.rule.repeats), step.at, calendar))
    clock = replace(clocks.begun(wait.due, calendar, work.now), left_out=tuple(left_out))
    item["clock"] = text(clocks.saved(clock))
    return rows


def _row(item: Mapping[str, Any], step: Step, occurrence: int, at: datetime, calendar: str) -> dict[str, Any]:
    settings: dict[str, Any] = {"calendar": calendar}
    if step.kind != "reminder":
        settings["to" if step.kind == "escalation" else "do"] = step.rule.to
    elif step.anchor is not None:
        settings |= {"anchor": step.anchor.isoformat(), "every": step.rule.delay}
    return _made(item, step.kind, step.rule.text, occurrence, at, settings)


def _made(
    item: Mapping[str, Any], kind: str, rule: str, occurrence: int, at: datetime, settings: dict[str, Any]
) -> dict[str, Any]:
    place = {"instance": item["instance"], "work_item": item["id"], "token": item["token"], "node_id": item["node_id"]}
    known = {"kind": kind, "rule": rule, "occurrence": occurrence}
    return {"id": new_id(), **place, **known, "due_at": at, "settings": text(settings)}


def replan(
    work: Work,
    item: Mapping[str, Any],
    rows: list[dict[str, Any]],
    steps: Iterator[Step],
    left_out: tuple[str, ...],
    rules: Rules,
) -> tuple[str, ...]:
    """Move the rows that still wait to where the new deadline puts them; what was done already is not done again. A
    reminder that was left out and is ahead now is made; those still left out."""
    waiting = {(row["kind"], row["rule"]): row for row in rows}
    rest = list(left_out)
    for step in steps:
        row = waiting.get((step.kind, step.rule.text))
        if row is not None:
            _move(work, row, step, rules)
        elif step.rule.text in rest and step.kind == "reminder" and step.at > work.now:
            rest.remove(step.rule.text)
            calendar = values.loads(item["clock"])["calendar"]
            work.writes.insert(Timer, _row(item, step, int(step.rule.repeats), step.at, calendar))
    return tuple(rest)


@dataclass(frozen=True, slots=True)
class Replan:
    """A task goes on under other settings: its properties before and after, its deadline then, on which clock."""

    before: Mapping[str, str]
    after: Mapping[str, str]
    due: datetime
    rules: Rules
    clock: clocks.Clock

    def steps(self) -> list[Step]:
        """All that follows the deadline then."""
        return list(plan(self.rules, self.due, self.after, lambda rule, problem: None))

    def old(self) -> set[tuple[str, str]]:
        """What followed it before, whether it has come already or not."""
        return {(kind, rule.text) for name, kind in KINDS.items() for rule in written(self.before.get(name, ""))}

    def where(self, row: Mapping[str, Any]) -> datetime | None:
        """When a row that waits is due then; None: no longer."""
        for step in self.steps():
            if (step.kind, step.rule.text) == (row["kind"], row["rule"]):
                return _at(row, step, self.rules)
        return None


def change(
    work: Work, item: Mapping[str, Any], rows: list[dict[str, Any]], to: Replan
) -> tuple[tuple[str, ...], list[Step]]:
    """What follows a deadline, as other settings want it: rows whose rule is gone go, those that stay move, those whose
    rule is new are made (a reminder only if it is ahead). What was done under the old settings is not done again. The
    reminders left out, and what was made."""
    steps, old = to.steps(), to.old()
    names = {(step.kind, step.rule.text) for step in steps}
    for row in rows:
        if (row["kind"], row["rule"]) not in names:
            work.writes.delete(Timer, {"id": [row["id"]]})
    clocked = {**item, "clock": text(clocks.saved(to.clock))}
    kept = [row for row in rows if (row["kind"], row["rule"]) in names]
    known = [step for step in steps if (step.kind, step.rule.text) in old]
    left_out = list(replan(work, clocked, kept, iter(known), to.clock.left_out, to.rules))
    made = []
    for step in (step for step in steps if (step.kind, step.rule.text) not in old):
        if step.kind == "reminder" and step.at <= work.now:
            left_out.append(step.rule.text)
            continue
        work.writes.insert(Timer, _row(item, step, int(step.rule.repeats), step.at, to.clock.calendar))
        made.append(step)
    return tuple(left_out), made


def _at(row: Mapping[str, Any], step: Step, rules: Rules) -> datetime:
    """When a row's step is due; a repetition goes on with the occurrence it had come to."""
    if step.anchor is None:
        return step.at
    found = calendars.firing(rules, calendars.repeat(f"R/{step.rule.delay}"), step.anchor, row["occurrence"])
    assert found is not None  # it repeats without end
    return found[0]


def _move(work: Work, row: dict[str, Any], step: Step, rules: Rules) -> None:
    at, changes = _at(row, step, rules), {}
    if step.anchor is not None:
        changes = {"settings": text(values.loads(row["settings"]) | {"anchor": step.anchor.isoformat()})}
    if at != row["due_at"] or changes:
        work.writes.update(Timer, {"due_at": at, "attempts": 0, **changes}, {"id": row["id"]})


# ---- when the time has come ----------------------------------------------------------------------------------------


def fire(work: Work, row: dict[str, Any], item: dict[str, Any]) -> None:
    """Tell whom it concerns, once, and line up the next repetition. A row that was moved meanwhile is not fired."""
    work.writes.delete_one(Timer, {"id": row["id"], "due_at": row["due_at"]})
    if item["status"] != "open":
        return
    settings = values.loads(row["settings"])
    if row["kind"] == "reminder":
        event, told = "reminded", _remind(work, row, item)
    else:
        event, told = "escalated", _escalate(work, row, item, settings["to"])
    data = {"to": told, "rule": row["rule"], "occurrence": row["occurrence"], "item": str(item["id"])}
    work.note(row["instance"], event, row["node_id"], {**data, "due": row["due_at"].isoformat()})
    if "every" in settings:
        work.writes.insert(Timer, _next(work, row, item, settings))


def _remind(work: Work, row: dict[str, Any], item: dict[str, Any]) -> list[str]:
    handlers = chains.having(work, item)
    notices.tell(work, handlers, _letter(work, row, item, "reminder"))
    return handlers


def _escalate(work: Work, row: dict[str, Any], item: dict[str, Any], to: str) -> list[str]:
    """Tell the superiors of this step, of the task's own unit and of the cases that called its case; they see the task
    from now on, and the callers' timelines show it."""
    callers = chains.callers(work, row["instance"])
    superiors = chains.superiors(work, item, to, callers)
    known = loads.watchers(work.context.store, item["id"])
    for login in superiors:
        if login not in known:
            watcher = {"work_item": item["id"], "login": login, "reason": "escalation"}
            work.writes.insert(Watcher, watcher)
    notices.tell(work, superiors, _letter(work, row, item, "escalation"))
    for caller in callers:
        data = {"to": superiors, "rule": row["rule"], "item": str(item["id"]), "called": str(item["instance"])}
        work.note(caller.id, "escalated", caller.node, data)
    return superiors


def _letter(work: Work, row: dict[str, Any], item: dict[str, Any], kind: str) -> notices.Letter:
    step, title = item["name"] or item["node_id"], item["title"] or item["name"]
    late = bool(item["due_at"] and row["due_at"] >= item["due_at"])
    return notices.about(
        work,
        item,
        kind,
        key=f"{row['kind']}-{item['id']}-{row['rule']}-{row['occurrence']}",
        words={
            "step": (step, item["name_en"] or step),
            "title": (title, title),
            "late": ("已超期", "is overdue") if late else ("即将到期", "is due soon"),
        },
    )


def _next(work: Work, row: dict[str, Any], item: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """The repetition after this one, counted from the anchor; those missed during an outage are skipped."""
    anchor = datetime.fromisoformat(settings["anchor"])
    world = work.bare_world(item["unit"])
    occurrence, at = world.repetition(anchor, settings["every"], row["occurrence"], settings["calendar"])
    return _made(item, "reminder", row["rule"], occurrence, at, settings)
