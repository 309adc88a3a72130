"""What may be done with a task beside completing it: claim, put back, transfer, urge and the like.

Owns which buttons a person sees and the call behind each. The engine refuses what is not allowed; the buttons
only save the way. A task's own list is its property `operations`; empty means claim, unclaim, transfer and
urge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin.widgets import current, lookups, names
from engine import errors
from engine.records import WorkItem

ALWAYS = ("claim", "unclaim", "comment")
DEFAULT = ("transfer", "urge")


@dataclass(frozen=True, slots=True)
class Operation:
    """A button. `asks` names what it needs before it acts: `to` a person, `node` an earlier step, `text` a text,
    `text?` a text that may be left out, `when` before, beside or after, `then` how a return goes on, `signer` which of
    the signers."""

    name: str
    label: Any
    icon: str
    done: Any
    call: Callable[[int, str, Mapping[str, str]], Any]
    asks: tuple[str, ...] = ()
    who: str = "mine"  # mine | candidate | other | any | done: for whom it makes sense


def _transfer(item_id: int, by: str, form: Mapping[str, str]) -> None:
    current.engine().transfer(item_id, _person(form), by=by, reason=form.get("text", "").strip())


def _delegate(item_id: int, by: str, form: Mapping[str, str]) -> None:
    current.engine().delegate(item_id, _person(form), by=by, reason=form.get("text", "").strip())


def _copy(item_id: int, by: str, form: Mapping[str, str]) -> None:
    current.engine().copy_to(item_id, [_person(form)], by=by, text=form.get("text", "").strip())


def _comment(item_id: int, by: str, form: Mapping[str, str]) -> None:
    engine = current.engine()
    engine.comment(engine.work_item(item_id, by=by).instance_id, form["text"].strip(), by=by)


def _return(item_id: int, by: str, form: Mapping[str, str]) -> None:
    then = form.get("then", "")
    current.engine().return_to(item_id, form["node"], by=by, reason=form.get("text", "").strip(), then=then)


def _refuse(item_id: int, by: str, form: Mapping[str, str]) -> None:
    current.engine().refuse(item_id, by=by, reason=form["text"].strip())


def _add_signer(item_id: int, by: str, form: Mapping[str, str]) -> None:
    when, reason = form.get("when", "beside"), form.get("text", "").strip()
    current.engine().add_signer(item_id, _person(form), by=by, when=when, reason=reason)


def _remove_signer(item_id: int, by: str, form: Mapping[str, str]) -> None:
    """The signer's own task is meant; which one was chosen on the page of this one."""
    theirs = {str(signer.id) for signer in signers(current.engine().work_item(item_id, by=by), by)}
    if form["signer"] not in theirs:
        raise errors.NotFound(what="任务", id=form["signer"])
    current.engine().remove_signer(int(form["signer"]), by=by, reason=form.get("text", "").strip())


def _withdraw(item_id: int, by: str, form: Mapping[str, str]) -> None:
    current.engine().withdraw(item_id, by=by, reason=form.get("text", "").strip())


def _person(form: Mapping[str, str]) -> str:
    """The login of whoever was typed; what was typed when nobody is called so, for the engine to refuse by name."""
    typed = form.get("to", "").strip()
    return lookups.called(typed) or typed


OFFERED: dict[str, Operation] = {
    o.name: o
    for o in (
        Operation(
            "claim",
            _l("认领"),
            "hand-click",
            _l("已认领，请办理。"),
            lambda i, by, f: current.engine().claim(i, by=by),
            who="candidate",
        ),
        Operation(
            "unclaim",
            _l("退回认领"),
            "arrow-back-up",
            _l("已退回，别人可以认领。"),
            lambda i, by, f: current.engine().unclaim(i, by=by),
        ),
        Operation("transfer", _l("转交"), "switch-horizontal", _l("已转交。"), _transfer, ("to", "text?")),
        Operation("return", _l("退回重办"), "arrow-back-up", _l("已退回。"), _return, ("node", "text?")),
        Operation("withdraw", _l("撤回"), "arrow-back-up", _l("已撤回，请重新办理。"), _withdraw, ("text?",), "done"),
        Operation("delegate", _l("委托"), "users", _l("已委托。"), _delegate, ("to", "text?")),
        Operation("copy", _l("抄送"), "copy", _l("已抄送。"), _copy, ("to", "text?"), who="any"),
        Operation("refuse", _l("驳回"), "x", _l("已驳回。"), _refuse, ("text",)),
        Operation("add_signer", _l("加签"), "user-plus", _l("已加签。"), _add_signer, ("to", "when", "text?")),
        Operation("remove_signer", _l("减签"), "user-minus", _l("已减签。"), _remove_signer, ("signer", "text?")),
        Operation(
            "urge",
            _l("催办"),
            "bell-ringing",
            _l("已催办，承办人会收到消息。"),
            lambda i, by, f: current.engine().urge(i, by=by, text=f.get("text", "").strip()),
            ("text?",),
            who="other",
        ),
        Operation("comment", _l("留言"), "message", _l("留言已保存。"), _comment, ("text",), who="any"),
    )
}


def may_fill(item: WorkItem, login: str) -> bool:
    """Whether the form is this person's to fill in: it is with them (or somebody they act for), or free and they may
    claim it, and nobody has to be asked before."""
    if item.status != "open" or item.held:
        return False
    return _has(item, login) or (not item.assignee and _candidate(item, login))


def _has(item: WorkItem, login: str) -> bool:
    return login in (item.assignee, item.owner) or bool(stands_in(item, login))


def stands_in(item: WorkItem, login: str) -> str:
    """For whom of those who have the task this person acts today; ''."""
    having = [item.assignee] if item.assignee else item.candidates
    if item.status != "open" or not having or login in having:
        return ""
    return current.engine().people.substitutes.stands_in(login, having, item.process_key)


def signers(item: WorkItem, login: str) -> list[WorkItem]:
    """Open tasks of those who sign with this one and may be taken out by this person: whom they added, and themselves
    where others sign too."""
    same = [one for one in current.engine().work_items(instance=item.instance_id) if one.node_id == item.node_id]
    return [one for one in same if one.asked_by == login or (one.assignee == login and len(same) > 1)]


def earlier(item: WorkItem) -> list[tuple[str, str]]:
    """(element, name) of the steps that the task may be returned to, the latest first."""
    return [
        (one.node, names.pick(one.name, one.name_en) or one.node) for one in current.engine().earlier_steps(item.id)
    ]


def _candidate(item: WorkItem, login: str) -> bool:
    """Nobody was resolved (no people registered): anyone may claim, as the engine does."""
    return login in item.candidates or not (item.candidates or item.groups) or current.engine().people.empty()


def offered(item: WorkItem, login: str) -> list[Operation]:
    """The buttons for this person on this task."""
    found = [OFFERED[name] for name in _names(item) if name in OFFERED and _fits(OFFERED[name].who, item, login)]
    return [_fitted(one, item) for one in found if _sensible(one.name, item, login)]


def _sensible(name: str, item: WorkItem, login: str) -> bool:
    """A button that could only be refused is none: nobody to take out, nobody to give it back to."""
    if name == "remove_signer":
        return bool(signers(item, login))
    return name != "unclaim" or bool(item.candidates or current.engine().people.empty())


def _fitted(operation: Operation, item: WorkItem) -> Operation:
    """Where the diagram leaves to the person how a return goes on, they are asked."""
    if operation.name == "return" and item.properties.get("after_return") == "choose":
        return replace(operation, asks=("node", "then", "text?"))
    return operation


def _names(item: WorkItem) -> list[str]:
    """What the diagram lets anybody do with the task."""
    named = [part.strip() for part in item.properties.get("operations", "").split(",") if part.strip()]
    return list(dict.fromkeys([*ALWAYS, *(named or DEFAULT)]))


def _fits(who: str, item: WorkItem, login: str) -> bool:
    if who == "any":
        return True
    if item.status != "open":
        return who == "done" and item.ended_by == login
    if who == "candidate":
        return not item.assignee and may_fill(item, login)
    return _has(item, login) if who == "mine" else who == "other" and item.assignee != login


_ASKED = {"to": _l("请先选人。"), "text": _l("请先填写内容。"), "node": _l("请先选步骤。")}
_ASKED |= {"signer": _l("请先选人。"), "when": _l("请先选加签方式。"), "then": _l("请先选退回后怎样办。")}


def run(name: str, item_id: int, form: Mapping[str, str]) -> str:
    """Do it as the person asking; the sentence that says so. NotFound for a name that is none of ours."""
    operation = OFFERED.get(name)
    if operation is None or name not in _names(current.engine().work_item(item_id, by=current.me().login)):
        raise errors.NotFound(what=_("操作"), id=name)
    operation = _fitted(operation, current.engine().work_item(item_id, by=current.me().login))
    missing = [ask for ask in operation.asks if not ask.endswith("?") and not form.get(ask, "").strip()]
    if missing:
        raise errors.InvalidForm({}, summary=str(_ASKED[missing[0]]))
    operation.call(item_id, current.me().login, form)
    return str(operation.done)
