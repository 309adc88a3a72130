"""What a public code stands for, in words fit for anybody who holds it.

Owns finding a case by its code and choosing what of it is public: the status word of the register row that a
pack names, steps whose diagram element is marked `public`, and the questions asked of the reporter. Personal
data never comes this way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from admin import i18n
from admin.widgets import current, names
from engine import errors
from engine.pages import Page
from engine.records import Definition, Instance, WorkItem

PUBLIC = "public"
STATUS = "status"  # the field of the register row that says where a matter stands
DEEP = 5  # levels of called cases looked at
MAX_CODE = 40


@dataclass(frozen=True, slots=True)
class Step:
    """A public step of a case."""

    title: str
    at: datetime
    done: bool


@dataclass(slots=True)
class Tracked:
    """What the holder of a code may know."""

    code: str
    title: str
    status: str
    finished: bool
    submitted_at: datetime
    steps: list[Step] = field(default_factory=list)
    items: list[WorkItem] = field(default_factory=list)


def entrance(name: str) -> Any:
    """What the installed packs put behind a public entrance, None when nothing."""
    return current.engine().entrances().get(name)


def startable() -> list[Definition]:
    """Processes that residents may start: marked `public`, and not the one behind members' registration."""
    return [d for d in current.engine().startable(None) if d.key != entrance("join")]


def title(definition: Definition) -> str:
    """What a resident calls it: the title of its start form, else the process's name."""
    return _called(definition.key) or names.process(definition.id)


def _called(process: str) -> str:
    form = current.engine().start_form(process)
    return form.title(i18n.locale()) if form else ""


def pages() -> list[Page]:
    """Public pages of the packs."""
    return [page for page in current.engine().pages(by="") if page.public]


def find(code: str) -> Tracked:
    """The case behind a code. NotFound, in the same words for a wrong code and for one that is not public."""
    case = _case(code) if 0 < len(code) <= MAX_CODE else None
    if case is None:
        raise errors.NotFound(what=_("查询码"), id=code[:MAX_CODE])
    return Tracked(
        code=code,
        title=_called(case.process_key) or names.process(case.definition_id),
        status=_status(code) or _plain(case),
        finished=case.status != "running",
        submitted_at=case.started_at,
        steps=sorted(_steps(case, DEEP), key=lambda step: step.at),
        items=current.engine().public_items(code),
    )


def asked(found: Tracked, item_id: int) -> WorkItem:
    """The open question of this code with that id. NotOpen when it was answered or never asked here."""
    for item in found.items:
        if item.id == item_id:
            return current.engine().work_item(item_id)
    raise errors.NotOpen(state=_("已收到或已结束"))


def code_of(instance_id: int) -> str:
    """The code of a case just submitted: its variable `code`, else its business key, else its number."""
    case = current.engine().instance(instance_id)
    return str(case.variables.get("code") or case.business_key or case.id)


def _row(code: str) -> dict[str, Any] | None:
    named = entrance("track")
    if not named:
        return None
    register, column = named
    rows = current.engine().register(register).rows(where={column: code}, limit=1)
    return rows[0] if rows else None


def _case(code: str) -> Instance | None:
    """By business key, else by the case that the register's row names or that carries the code."""
    engine = current.engine()
    found = engine.instances(business_key=code, limit=1).rows
    if found:
        return found[0]
    row = _row(code)
    number = str((row or {}).get("case") or (row or {}).get("instance") or "")
    return engine.instance(int(number)) if number.isdigit() else None


def _status(code: str) -> str:
    """The row's status in the register's own words."""
    row = _row(code)
    if not row or not row.get(STATUS):
        return ""
    told = current.engine().register(entrance("track")[0]).schema.by_key.get(STATUS)
    return told.option(row[STATUS]).text(i18n.locale()) if told else ""


def _plain(case: Instance) -> str:
    if case.status == "completed":
        return _("已办结")
    return _("已撤销") if case.status == "cancelled" else _("办理中")


def _steps(case: Instance, deep: int) -> list[Step]:
    engine = current.engine()
    nodes = engine.process_info(case.definition_id).nodes
    shown = {n.id: names.pick(n.name, n.name_en) for n in nodes.values() if n.properties.get(PUBLIC) and n.name}
    found: dict[str, Step] = {}
    for entry in engine.journal(case.id):
        if entry.node_id in shown and entry.event in ("entered", "completed", "caught"):
            found[entry.node_id] = Step(shown[entry.node_id], entry.at, entry.event != "entered")
    below = [step for child in engine.children(case.id) for step in _steps(child, deep - 1)] if deep else []
    return [*found.values(), *below]
