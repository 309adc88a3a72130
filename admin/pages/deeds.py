"""Actions of a page: which are offered for a row, and what each kind does through the façade.

Owns no permission: rows come from the reader's own list, and the engine refuses what is not allowed. Every act carries
an idempotency key, so a form posted twice acts once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from admin.pages import asking
from admin.pages.asking import Row
from admin.widgets import current, feel, view
from engine import forms
from engine.errors import InvalidValue, LinliError, NotFound
from engine.pages import Action
from engine.records import WorkItem
from engine.registers import Register

SHOWN = ("copy", "code")  # kinds that show something and change nothing
MOST_URGED = 200


@dataclass(frozen=True, slots=True)
class Deed:
    """One action about to be done: on which rows, in which register (None: a query), with what was filled in."""

    action: Action
    rows: list[Row]
    register: Register | None
    key: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def row(self) -> Row | None:
        """The row of a row's action."""
        return self.rows[0] if self.rows and self.action.on == "row" else None

    def seen(self) -> dict[str, Any]:
        """What the action's expressions see; `form` is what was filled in."""
        return {**asking.context(self.row, self.rows), "form": dict(self.given)}

    def value(self, expression: str) -> Any:
        """An expression of the action."""
        return feel.evaluate(expression, self.seen())

    def payload(self) -> dict[str, Any]:
        """What was filled in, and the action's own values over it."""
        return {**self.given, **asking.values(self.action.values, self.seen())}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to tell, and where to go next ('' = back to the page)."""

    text: str
    url: str = ""
    colour: str = "success"


def offered(actions: Iterable[Action], row: Row, on: str = "row") -> list[Action]:
    """The actions of a row whose condition holds now."""
    seen = asking.context(row=row)
    return [action for action in actions if action.on == on and asking.holds(action.when, seen)]


def asks(action: Action) -> bool:
    """Whether an action has a page of its own before (or instead of) acting."""
    return bool(action.form) or action.kind in SHOWN


def spec_of(action: Action) -> forms.Form | None:
    """The form that an action asks for, None when it asks for nothing."""
    if not action.form:
        return None
    engine = current.engine()
    found = engine.definitions(kind="form", key=action.form)
    if not found:
        raise NotFound(what=_("表单"), id=action.form)
    return forms.parse(engine.content(found[0].id))


def link(action: Action, row: Row, register: Register | None) -> str:
    """Where an `open` action leads; '' when there is nothing to open."""
    to = action.to
    if to == "case":
        case = case_of(action, row)
        return url_for("case.index", instance_id=case) if case and _opens(case, row) else ""
    if to in ("row", "edit", "new") and register is not None:
        more = {} if to == "new" else {"row_id": row["id"]}
        return url_for(f"registers.{to}", table=register.schema.name, **more)
    if to.startswith("page:"):
        return url_for("page.index", page=to.removeprefix("page:"))
    target = str(asking.value(to, asking.context(row=row)) or "")
    return target if view.is_local(target) else ""


def _opens(case: int, row: Row) -> bool:
    """Whether the reader may open a case: a button that leads to “not found” is none. Most look after the row's unit,
    which is the case's, and are not asked for one by one."""
    unit = row.get("unit")
    if unit and (current.may("oversee", unit) or current.may("operate", unit)):
        return True
    return current.engine().sees(case, current.me().login)


def case_of(action: Action, row: Row) -> int | None:
    """The case behind a row: what the action says, else the row's own, else the case that wrote the row."""
    if action.case:
        found = feel.evaluate(action.case, asking.context(row=row))
    else:
        found = row.get("case") or row.get("instance")
    text = str(found or "")
    return int(text) if text.isascii() and text.isdigit() else None


def do(deed: Deed) -> Outcome:
    """Carry out an action. Raises what the engine raises; nothing is half done."""
    unmet = [row for row in deed.rows if not asking.holds(deed.action.when, asking.context(row=row))]
    if unmet:
        raise InvalidValue(
            reason=_("“%(action)s”此刻不能用于这条记录，请刷新页面。", action=asking.said(deed.action.label))
        )
    return _DO[deed.action.kind](deed)


def _start(deed: Deed) -> Outcome:
    login = current.me().login
    case = current.engine().start(deed.action.process, deed.payload(), by=login, key=deed.key or None)
    waiting = current.engine().work_items(instance=case.id, assignee=login, status="open", limit=1)
    url = url_for("task.index", item_id=waiting[0].id) if waiting else ""
    return Outcome(asking.said(deed.action.done) or _("“%(title)s”已发起。", title=case.title), url)


def _message(deed: Deed) -> Outcome:
    key = deed.value(deed.action.key) if deed.action.key else None
    current.engine().publish_message(
        deed.action.message,
        deed.payload(),
        key=None if key is None else str(key),
        by=current.me().login,
        dedupe=deed.key or None,
    )
    return Outcome(asking.said(deed.action.done) or _("已提交。"))


def _complete(deed: Deed) -> Outcome:
    item = _my_item(deed)
    if not deed.action.values and not deed.action.form:
        return Outcome("", url_for("task.index", item_id=item.id))
    current.engine().complete(item.id, deed.payload(), by=current.me().login, key=deed.key or None)
    return Outcome(asking.said(deed.action.done) or _("“%(task)s”已办结。", task=item.name))


def _my_item(deed: Deed) -> WorkItem:
    """My open task in the row's case (at the action's node)."""
    login, row = current.me().login, deed.row or {}
    case = case_of(deed.action, row)
    found = current.engine().work_items(instance=case, status="open") if case else []
    mine = [item for item in found if login == item.assignee or (not item.assignee and login in item.candidates)]
    wanted = [item for item in mine if deed.action.node in ("", item.node_id)]
    if not wanted:
        raise NotFound(what=_("待您办理的任务"), id=asking.said(deed.action.label))
    return wanted[0]


def _urge(deed: Deed) -> Outcome:
    engine, login = current.engine(), current.me().login
    items = [item for row in deed.rows for item in _late(deed, row)][:MOST_URGED]
    told, refused = 0, ""
    for item in items:
        try:
            engine.urge(item, by=login)
            told += 1
        except LinliError as problem:  # one that was urged just now must not stop the others
            refused = problem.text(current.me().locale)
    if refused and not told:
        return Outcome(refused, colour="warning")
    if not items:
        return Outcome(_("没有需要催办的任务。"), colour="info")
    left = len(items) - told
    more = _("，另有 %(n)d 项未催：%(why)s", n=left, why=refused) if left else ""
    return Outcome(_("已催办 %(n)d 项", n=told) + more)


def _late(deed: Deed, row: Row) -> list[int]:
    """Tasks behind a row: the task itself, the late ones of a unit, or the open ones of the row's case."""
    if "due_at" in row and "assignee" in row:
        return [int(row["id"])]
    engine = current.engine()
    if "oldest" in row:
        return [item.id for item in engine.work_items(unit=row["unit"], overdue=True, limit=MOST_URGED)]
    case = case_of(deed.action, row)
    return [item.id for item in engine.work_items(instance=case, status="open")] if case else []


def _update(deed: Deed) -> Outcome:
    register = deed.register
    if register is None:
        raise InvalidValue(reason="an update needs rows of a register")
    permission = f"register:{register.schema.name}:write"
    for row in deed.rows:
        current.demand(permission, row.get("unit"))
    login, payload = current.me().login, deed.payload()
    for row in deed.rows:
        register.update(row["id"], payload, by=login, revision=row["revision"])
    return Outcome(asking.said(deed.action.done) or _("已保存。"))


def _open(deed: Deed) -> Outcome:
    target = link(deed.action, deed.row or {}, deed.register)
    return Outcome("", target) if target else Outcome(_("没有可打开的内容。"), colour="info")


_DO: dict[str, Callable[[Deed], Outcome]] = {
    "start": _start,
    "message": _message,
    "complete": _complete,
    "urge": _urge,
    "update": _update,
    "open": _open,
}


# ---- what is shown and not done


@dataclass(frozen=True, slots=True)
class Passage:
    """A text to hand on, its link (absolute) and the code to show big."""

    text: str = ""
    link: str = ""
    code: str = ""


def passage(deed: Deed) -> Passage:
    """What a `copy` or `code` action shows."""
    action, english = deed.action, current.me().locale != "zh"
    path = str(deed.value(action.link) or "") if action.link else ""
    address = absolute(path) if path else ""
    if action.kind == "code":
        return Passage(link=address, code=str(deed.value(action.value) or ""))
    template = action.text.text("en" if english else "zh").removeprefix("=")
    return Passage(text=str(deed.value(template) or ""), link=address)


def absolute(path: str) -> str:
    """An address to hand on, for a path of this site."""
    base = current.engine().settings.address or url_for("admin.index", _external=True)
    return base.rstrip("/") + "/" + path.lstrip("/")
