"""What a case tells a person: its steps, what earlier forms said, its timeline, its relatives.

Owns gathering these from the façade for the task and the case page; decides nothing, changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from admin.desk import timeline
from admin.widgets import answers, current, dates, form_shows, names
from engine import forms
from engine.records import Entry, Instance, WorkItem

DEEP = 5  # levels of called cases told on one page


@dataclass(frozen=True, slots=True)
class Said:
    """What one form said."""

    title: str
    who: str
    at: Any
    answers: list[answers.Answer]


def step(item_id: int, login: str) -> tuple[WorkItem, forms.Form | None]:
    """A task as this person may see it, with its variables and form. NotFound or Forbidden."""
    engine = current.engine()
    item = engine.work_item(item_id, by=login)
    return item, engine.form_of(item)


def done(instance_id: int) -> list[WorkItem]:
    """The case's finished steps, oldest first."""
    return current.engine().work_items(instance=instance_id, status="completed", order="ended_at")


def said(case: Instance, finished: list[WorkItem]) -> list[Said]:
    """The forms filled in so far, oldest first: the start form, then each finished step, with the case's values now."""
    engine = current.engine()
    found: list[Said] = []
    start = engine.start_form(case.process_key)
    told: set[str] = set()
    if start is not None:
        found.append(_said(_("发起"), starter(case), case.started_at, start, case.variables, told))
    for item in finished:
        spec = engine.form_of(item)
        if spec is not None:
            found.append(_said(node_name(item), names.person(item.ended_by), item.ended_at, spec, case.variables, told))
    return [one for one in found if one.answers]


def starter(case: Instance) -> str:
    """Who started it: a person, else a resident where residents may, else nobody but the clock or a message."""
    if case.started_by:
        return names.person(case.started_by)
    starters = current.engine().process_info(case.definition_id).properties.get("starters", "")
    return names.person("") if "public" in [part.strip() for part in starters.split(",")] else _("系统")


def _said(title: str, who: str, at: Any, spec: forms.Form, values: dict[str, Any], told: set[str]) -> Said:
    return Said(title, who, at, answers.answers(spec, values, told))


def node_name(item: WorkItem) -> str:
    """The step's name in the reader's language."""
    return names.pick(item.name, item.name_en) or item.node_id


def summary(item: WorkItem) -> Markup | None:
    """What the task is about, in the words of its property `summary`."""
    found = form_shows.value(item.properties.get("summary", ""), item.variables)
    if isinstance(found, str):
        found = names.person(found)  # a login alone: who it is about
    return answers.words(found) if found else None


def shown(item: WorkItem) -> list[answers.Answer]:
    """The variables that the task's property `show` names: what it needs to see beside the earlier forms."""
    wanted = [part.strip() for part in item.properties.get("show", "").split(",") if part.strip()]
    labels = _labels(item.instance_id) if wanted else {}
    held = [(name, item.variables.get(name)) for name in wanted]
    return [answers.Answer(labels.get(name, name), answers.words(value)) for name, value in held if value]


def _labels(instance_id: int) -> dict[str, str]:
    """Labels of variables by the forms of the case's steps."""
    engine = current.engine()
    specs = [engine.form_of(one) for one in engine.work_items(instance=instance_id, status=None)]
    return {one.key: answers.label(one) for spec in specs if spec for one in spec.walk() if one.key and one.label}


def lines(case: Instance, *, minor: bool = False) -> list[timeline.Line]:
    """The timeline of a case and of the cases it called, newest first; with `minor` what the machine did as well."""
    found = _lines(case, "", DEEP)
    shown = [line for line in found if minor or not line.minor]
    return sorted(shown, key=lambda line: (line.at, line.seq), reverse=True)


def _lines(case: Instance, where: str, deep: int) -> list[timeline.Line]:
    engine = current.engine()
    entries = engine.journal(case.id)
    names.people(login for entry in entries for login in _mentioned(entry))  # one look instead of one a line
    told = timeline.tell(entries, words(case), where=where)
    if deep:
        for child in engine.children(case.id):
            told += _lines(child, names.process(child.definition_id), deep - 1)
    return told


def _mentioned(entry: Entry) -> list[str]:
    to = entry.data.get("to")
    return [entry.actor, *(to if isinstance(to, list) else [to] if isinstance(to, str) else [])]


def words(case: Instance) -> timeline.Words:
    """Names for the sentences about one case."""
    info = current.engine().process_info(case.definition_id)
    nodes, starts = info.nodes, {start.node: start.kind for start in info.starts}

    def node(node_id: str) -> str:
        found = nodes.get(node_id)
        return (names.pick(found.name, found.name_en) or node_id) if found else node_id

    def kind(node_id: str) -> str:
        if node_id not in nodes or nodes[node_id].type != "startEvent":
            return nodes[node_id].type if node_id in nodes else ""
        if node_id not in starts or case.parent_id:
            return "innerStart"
        return timeline.BY_HAND if starts[node_id] == "plain" else timeline.BY_ITSELF

    return timeline.Words(person=names.person_or_rule, node=node, kind=kind, moment=dates.exact)
