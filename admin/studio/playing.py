"""What a designer sees of a trial: where it stands, who may do what, what was told, what happened.

Owns gathering it from the scratch engine in words; changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin.widgets import answers, forms, names
from engine import errors
from engine.forms import Form
from engine.packs import PackFiles
from engine.records import Definition, Instance, Notice, WorkItem
from engine.trials import Trial
from engine.trials.shelf import digest_of

LINES = 60
_EVENTS = {
    "completed": _l("办结“%(node)s”"),
    "caught": _l("“%(node)s”触发"),
    "thrown": _l("“%(node)s”发出"),
    "cancelled": _l("“%(node)s”取消"),
    "incident": _l("“%(node)s”出现异常"),
    "reminded": _l("“%(node)s”提醒：%(to)s"),
    "escalated": _l("“%(node)s”升级：%(to)s"),
    "claimed": _l("认领“%(node)s”"),
    "deadline-moved": _l("“%(node)s”的期限移动"),
    "nobody": _l("“%(node)s”找不到办理人"),
    "passed": _l("“%(node)s”自动通过"),
    "timed-out": _l("“%(node)s”超时处理"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page looks at: a case; a task or a start to fill in, as whom."""

    case: int = 0
    item: WorkItem | None = None
    start: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """An open task and who may do it."""

    item: WorkItem
    people: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Told:
    """A notice and who got it."""

    name: str
    notice: Notice


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the journal in words."""

    at: datetime
    text: str
    who: str
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A timer that waits."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the page shows."""

    now: datetime
    digest: str
    startable: list[tuple[Definition, list[tuple[str, str]]]]
    tasks: list[Task]
    cases: list[Instance]
    case: Instance | None
    marks: dict[str, list[str]]
    variables: list[tuple[str, Any]]
    incidents: list[str]
    notices: list[Told]
    timers: list[Waiting]
    lines: list[Line]
    messages: list[str]
    steps: int
    who: str  # the name of whoever fills in the form


def digest(pack: PackFiles) -> str:
    """What the working copy is now; another one than the trial's means that it has changed."""
    return digest_of(pack)


def asked(trial: Trial) -> Shown:
    """What the address asks for. NotFound."""
    item = request.args.get("item", type=int)
    found = trial.engine.work_item(item) if item else None
    case = found.instance_id if found is not None else request.args.get("case", 0, type=int)
    return Shown(case, found, request.args.get("start", ""), request.args.get("as", ""))


# ---- the form


def spec_of(trial: Trial, shown: Shown) -> Form | None:
    """The form to be filled in."""
    if shown.item is not None:
        return trial.engine.form_of(shown.item)
    return trial.engine.start_form(shown.start) if shown.start else None


def drawn_form(pack: str, trial: Trial, shown: Shown, data: Any, problems: Any) -> forms.StepForm | None:
    """It, as people get it; None when there is nothing to fill in."""
    return form_of(pack, trial, shown, data or {}, problems) if spec_of(trial, shown) is not None else None


def form_of(
    pack: str, trial: Trial, shown: Shown, data: Mapping[str, Any], problems: Mapping[str, Any] | None
) -> forms.StepForm:
    """The form with what was typed. NotFound for a step without one."""
    spec = spec_of(trial, shown)
    if spec is None:
        raise errors.NotFound(what=_("要填的表单"), id="")
    about: dict[str, Any] = {"item": shown.item.id} if shown.item is not None else {"start": shown.start}
    refresh = url_for("trial.refresh", pack=pack, **about | {"as": shown.who})
    context = dict(shown.item.variables) if shown.item is not None else {}
    return forms.build(spec, data, forms.Surroundings(context, refresh=refresh), problems)


# ---- the rest


def seen(trial: Trial, shown: Shown) -> Seen:
    """The trial as it stands."""
    engine, kept = trial.engine, trial.kept
    cases = list(engine.instances(status=None, limit=50).rows)
    case = next((one for one in cases if one.id == shown.case), cases[0] if cases else None)
    full = engine.instance(case.id) if case is not None else None
    tasks = [Task(item, _people(trial, trial.may_take(item))) for item in engine.work_items(limit=100)]
    return Seen(
        now=trial.clock.now(),
        digest=kept.digest,
        startable=_startable(trial),
        tasks=tasks,
        cases=cases,
        case=full,
        marks=_marks(trial, full),
        variables=[(name, answers.words(value)) for name, value in sorted(full.variables.items())] if full else [],
        incidents=_incidents(trial, full) if full else [],
        notices=_notices(trial),
        timers=_timers(trial, full),
        lines=_lines(trial, full),
        messages=_messages(trial),
        steps=len(kept.steps),
        who=trial.name_of(shown.who),
    )


def _people(trial: Trial, logins: list[str]) -> list[tuple[str, str]]:
    return [(login, trial.name_of(login)) for login in logins]


def _startable(trial: Trial) -> list[tuple[Definition, list[tuple[str, str]]]]:
    """The working copy's processes that begin by hand, each with who may start it."""
    found: dict[str, tuple[Definition, list[tuple[str, str]]]] = {}
    for person in trial.kept.people:
        login = str(person["login"])
        for one in trial.engine.startable(login):
            if one.key in trial.kept.processes:
                found.setdefault(one.key, (one, []))[1].append((login, trial.name_of(login)))
    return list(found.values())


def _marks(trial: Trial, case: Instance | None) -> dict[str, list[str]]:
    if case is None:
        return {"active": [], "done": [], "failed": []}
    tokens = trial.engine.tokens(case.id) if case.status == "running" else []
    done = {node for node, event in trial.engine.trace(case.id) if event in ("completed", "caught", "thrown") and node}
    failed = {one.node_id for one in case.incidents if one.resolved_at is None}
    active = {token.node for token in tokens if not token.listener}
    return {"active": sorted(active), "done": sorted(done - active), "failed": sorted(failed)}


def _incidents(trial: Trial, full: Instance) -> list[str]:
    return [_("%(what)s：%(said)s", what=_node(trial, full, one.node_id), said=one.message) for one in full.incidents]


def _node(trial: Trial, case: Instance, node: str) -> str:
    found = trial.engine.process_info(case.definition_id).nodes.get(node)
    return (names.pick(found.name, found.name_en) if found else "") or node


def _notices(trial: Trial) -> list[Told]:
    found = [
        Told(trial.name_of(login), notice)
        for login in (str(person["login"]) for person in trial.kept.people)
        for notice in trial.engine.notices(login)
    ]
    return sorted(found, key=lambda told: (told.notice.created_at, told.notice.id), reverse=True)[:LINES]


def _timers(trial: Trial, case: Instance | None) -> list[Waiting]:
    kinds = {
        "reminder": _("提醒"),
        "escalation": _("升级"),
        "timeout": _("超时处理"),
        "event": _("定时"),
        "start": _("定时发起"),
    }
    found = trial.engine.timers(case.id) if case is not None else []
    starts = [one for one in trial.engine.timers() if one.kind == "start" and _mine(trial, one.definition_id)]
    lines = []
    for one in [*found, *starts]:
        where = _node(trial, case, one.node_id) if case is not None and one.instance_id else one.node_id
        rule = names.setting(one.rule) if one.kind in ("reminder", "escalation") else ""
        lines.append(
            Waiting(one.due_at, " ".join(part for part in (kinds.get(one.kind, one.kind), where, rule) if part))
        )
    return sorted(lines, key=lambda line: line.at)


def _mine(trial: Trial, definition: int | None) -> bool:
    return definition is not None and trial.engine.definition(definition).key in trial.kept.processes


def _lines(trial: Trial, case: Instance | None) -> list[Line]:
    found = []
    for entry in trial.engine.journal(case.id) if case is not None else ():
        words = _EVENTS.get(entry.event)
        if words is None or case is None:
            continue
        to = entry.data.get("to")
        whom = "、".join(trial.name_of(login) for login in to) if isinstance(to, list) else ""
        text = str(words) % {"node": _node(trial, case, entry.node_id), "to": whom or _("没有人")}
        colour = {"incident": "red", "reminded": "yellow", "escalated": "orange"}.get(entry.event, "")
        found.append(Line(entry.at, text, trial.name_of(entry.actor) if entry.actor else "", colour))
    return found[::-1][:LINES]


def _messages(trial: Trial) -> list[str]:
    """Messages that a process of the working copy begins with."""
    found = set()
    for one in trial.engine.definitions(kind="process"):
        if one.key in trial.kept.processes:
            found |= {start.ref for start in trial.engine.process_info(one.id).starts if start.kind == "message"}
    return sorted(found)
