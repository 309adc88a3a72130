"""What may be done with a task beside completing it: claim, put back, transfer, urge and the like.

Owns which buttons a person sees and the call behind each. The engine refuses what is not allowed; the buttons
only save the way. A task's own list is its property `operations`; empty means claim, unclaim, transfer and
urge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin.widgets import current
from engine import errors
from engine.records import WorkItem

ALWAYS = ("claim", "unclaim", "comment")
DEFAULT = ("transfer", "urge")


@dataclass(frozen=True, slots=True)
class Operation:
    """A button: `asks` names what it needs (a person, a reason) before it acts."""

    name: str
    label: Any
    icon: str
    done: Any
    call: Callable[[int, str, Mapping[str, str]], Any]
    asks: tuple[str, ...] = ()
    who: str = "mine"  # mine | candidate | other: for whom it makes sense


def _engine() -> Any:
    return current.engine()


OFFERED: dict[str, Operation] = {
    o.name: o
    for o in (
        Operation(
            "claim",
            _l("认领"),
            "hand-click",
            _l("已认领,请办理。"),
            lambda i, by, f: _engine().claim(i, by=by),
            who="candidate",
        ),
        Operation(
            "unclaim",
            _l("退回认领"),
            "arrow-back-up",
            _l("已退回,别人可以认领。"),
            lambda i, by, f: _engine().unclaim(i, by=by),
        ),
        Operation(
            "transfer",
            _l("转交"),
            "switch-horizontal",
            _l("已转交。"),
            lambda i, by, f: _engine().transfer(i, f["to"], by=by, reason=f.get("reason", "")),
            ("to", "reason"),
        ),
        Operation(
            "urge",
            _l("催办"),
            "bell-ringing",
            _l("已催办,承办人会收到消息。"),
            lambda i, by, f: _engine().urge(i, by=by, reason=f.get("reason", "")),
            ("reason",),
            "other",
        ),
        Operation(
            "comment",
            _l("留言"),
            "message",
            _l("留言已保存。"),
            lambda i, by, f: _engine().comment(_engine().work_item(i, by=by).instance_id, f["text"], by=by),
            ("text",),
            "any",
        ),
    )
}


def may_fill(item: WorkItem, login: str) -> bool:
    """Whether the form is this person's to fill in: it is with them, or free and they may claim it."""
    if item.status != "open":
        return False
    return item.assignee == login or (not item.assignee and _candidate(item, login))


def _candidate(item: WorkItem, login: str) -> bool:
    """Nobody was resolved (no people registered): anyone may claim, as the engine does."""
    return login in item.candidates or not (item.candidates or item.groups) or current.engine().people.empty()


def offered(item: WorkItem, login: str) -> list[Operation]:
    """The buttons for this person on this task."""
    if item.status != "open":
        return [OFFERED["comment"]]
    named = [part.strip() for part in item.properties.get("operations", "").split(",") if part.strip()]
    names = [*ALWAYS, *(named or DEFAULT)]
    return [OFFERED[n] for n in dict.fromkeys(names) if n in OFFERED and _fits(OFFERED[n].who, item, login)]


def _fits(who: str, item: WorkItem, login: str) -> bool:
    if who == "mine":
        return item.assignee == login
    if who == "candidate":
        return not item.assignee and may_fill(item, login)
    return who == "any" or item.assignee != login


def run(name: str, item_id: int, form: Mapping[str, str]) -> str:
    """Do it as the person asking; the sentence that says so. NotFound for a name that is none of ours."""
    operation = OFFERED.get(name)
    if operation is None:
        raise errors.NotFound(what=_("操作"), id=name)
    missing = [ask for ask in operation.asks if ask in ("to", "text") and not form.get(ask, "").strip()]
    if missing:
        raise errors.InvalidForm({}, summary=_("请先选人。") if "to" in missing else _("请先填写内容。"))
    operation.call(item_id, current.me().login, form)
    return str(operation.done)
