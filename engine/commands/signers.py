"""Signers: one more before, after or beside whoever has a task, and one fewer.

Owns who may ask whom and the journal's reasons; what an added signer means for tokens is the interpreter's (`aside` for
a single task, `repeat` for one with several).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.bpmn.model import AddSigner, RemoveChild
from engine.commands.context import Context
from engine.commands.handling import (
    Item,
    Told,
    may_handle,
    must_offer,
    must_operate,
    named,
    on_item,
    open_task,
    running,
)
from engine.commands.handling import tell as tell_people
from engine.commands.work import Work
from engine.errors import AlreadySigning, InvalidValue, Said
from engine.store import loads

ADDED = Told("加签", "To sign", "{} 请您一同签署。", "{} asks you to sign too.")
REMOVED = Told("减签", "Not asked any more", "{} 已撤去对您的签署请求。", "{} no longer asks you to sign.")
WHEN = ("before", "beside", "after")
UNKNOWN = Said("加签方式应为 before（前）、beside（并行）或 after（后）", "when is before, beside or after")


def add(
    context: Context, item_id: int, who: str | Iterable[str], *, by: str, when: str = "beside", reason: str = ""
) -> None:
    """Ask more people to sign a task: `before` (it is held until they have answered), `beside`, or `after` whoever has
    it now. On a repeated task they count as its other signers; on a single one their answers are the variable
    `opinions`. NotOpen, Forbidden, UnknownPerson, NotOffered, AlreadySigning, InvalidValue."""
    logins = [who] if isinstance(who, str) else list(dict.fromkeys(who))
    if when not in WHEN:
        raise InvalidValue(reason=UNKNOWN)
    for login in logins:
        context.people.require(login)

    def plan(work: Work) -> None:
        task = open_task(work, item_id)
        item = task.item
        may_handle(context, task, by)
        must_offer(context, item, "add_signer", by)
        case = running(work, item["instance"])
        _must_be_new(context, item, logins)
        work.note(item["instance"], "adding-signer", item["node_id"], _about(item, to=logins, when=when, reason=reason))
        for login in logins:
            work.apply(case, AddSigner(item["token"], login, when, by))
        tell_people(work, item, logins, ADDED, reason, link=f"/case/{item['instance']}/")

    on_item(context, item_id, by, plan, "add_signer")


def remove(context: Context, item_id: int, *, by: str, reason: str = "") -> None:
    """Take out a signer who has not answered: `item_id` is their task. They themselves may, whoever added them, and who
    may `operate`. NotOpen, Forbidden, AlreadyClaimed, NotOffered, CannotMove (the last of a countersign, or no signer
    at all)."""

    def plan(work: Work) -> None:
        item = open_task(work, item_id).item
        if by not in (item["assignee"], item["settings"].get("asked_by")):
            must_operate(context, item, by, named(item))
        must_offer(context, item, "remove_signer", by)
        case = running(work, item["instance"])
        work.note(item["instance"], "signer-removed", item["node_id"], _about(item, to=item["assignee"], reason=reason))
        work.apply(case, RemoveChild(item["token"], signer=True))
        if item["assignee"] and item["assignee"] != by:
            tell_people(work, item, [item["assignee"]], REMOVED, reason, link=f"/case/{item['instance']}/")

    on_item(context, item_id, by, plan, "remove_signer")


def _must_be_new(context: Context, item: Item, logins: list[str]) -> None:
    """Nobody signs the same task twice at once."""
    same = [one for one in loads.items_of(context.store, item["instance"]) if one["node_id"] == item["node_id"]]
    for login in logins:
        if any(one["assignee"] == login for one in same):
            raise AlreadySigning(login=login)


def _about(item: Item, **more: Any) -> dict[str, Any]:
    return {"item": str(item["id"]), **more}
