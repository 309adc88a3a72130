"""Back: a task is returned to an earlier step, or somebody takes back what they have just submitted.

Owns where a task may be returned to (steps that people have done and that lead here, in its case and in the cases that
called it), what happens afterwards (through the steps again, or straight back here), and when a withdrawal comes too
late. Moving tokens is the interpreter's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine import bpmn
from engine.bpmn.model import Move, Rework, Withdraw
from engine.commands.case import Case
from engine.commands.context import Context
from engine.commands.handling import Item, Told, may_handle, must_offer, on_item, open_task, running, tell
from engine.commands.work import Work
from engine.errors import CannotMove, Forbidden, NotFound, NotOpen, Said, TooLate
from engine.expressions import values
from engine.store import loads

RETURNED = Told("退回", "Returned", "{} 将任务退回给您。", "{} returned the task to you.")
START, PREVIOUS = "start", "previous"
RERUN, BACK = "rerun", "back"
NOTHING = Said("前面没有人办过的步骤，无处可退。", "no step before this one was done by anybody")
NOT_DONE = Said("只能退回到前面有人办过的步骤。", "only a step that somebody has done before can be returned to")
CALLER = Said(
    "退回到上级流程后只能重新走流程，不能办完直接回到本步。",
    "a step of the calling process can only be gone through again, not come back from",
)
ENDED = Said("事项已经办结。", "its case is over")
CALLED_ENDED = Said("所在的被调用流程已随之结束，请用退回。", "the called process has ended by it: return it instead")
NO_TRAIL = Said("这次办理没有留下撤回的依据。", "nothing was kept to take this completion back by")
ACTED = Said("后面的步骤已经有人处理。", "somebody has acted on what followed")


@dataclass(frozen=True, slots=True)
class Place:
    """A step that a task may be returned to. `who` did it last; `outside`: it is of a calling case."""

    instance: int
    node: str
    name: str
    name_en: str
    who: str
    outside: bool


def places(context: Context, item_id: int) -> list[Place]:
    """Where an open task may be returned to, the latest done first. NotFound."""
    item = loads.item(context.store, item_id)
    if item is None:
        raise NotFound(what="任务", id=item_id)
    case = loads.case(context.store, item["instance"])
    return _places(context, case, item["node_id"]) if case is not None else []


def _places(context: Context, case: loads.CaseRow, node: str, outside: bool = False) -> list[Place]:
    process = context.definitions.process(case.definition)
    found: dict[str, Place] = {}
    for done in loads.done_items(context.store, case.id):
        at = done["node_id"]
        if at != node and at in process.chains and at not in found and bpmn.leads(process, at, node):
            found[at] = Place(case.id, at, done["name"], done["name_en"], done["ended_by"], outside)
    above = loads.case(context.store, case.parent) if case.parent else None
    if above is None or case.parent_token is None:
        return list(found.values())
    called = [view.node for view in bpmn.tokens(above.state) if view.token == case.parent_token]
    return [*found.values(), *(_places(context, above, called[0], True) if called else [])]


def return_to(context: Context, item_id: int, target: str, *, by: str, reason: str = "", then: str = "") -> None:
    """Send a task back to `start` (the first step that anybody did), `previous`, or an element that was done before.
    `then`: `rerun` (all steps from there are done again) or `back` (this task waits and goes on when that one is done);
    '' = as the diagram says (property `after_return`), else `rerun`. NotFound, NotOpen, Forbidden, NotOffered,
    CannotMove."""

    def plan(work: Work) -> None:
        task = open_task(work, item_id)
        may_handle(context, task, by)
        must_offer(context, task.item, "return", by)
        send_back(work, task.item, target, reason, then)

    on_item(context, item_id, by, plan, "return_to")


def send_back(work: Work, item: Item, target: str, reason: str, then: str = "") -> None:
    """Return an open task. CannotMove, NotFound, NotOpen."""
    case = running(work, item["instance"])
    place = _chosen(work, case, item, target)
    then = then or item["settings"]["properties"].get("after_return", "")
    data = {"to": place.node, "reason": reason, "item": str(item["id"]), "then": BACK if then == BACK else RERUN}
    work.line(case, "returned", item["node_id"], data)
    there = work.case(place.instance)
    there.prefer[place.node] = place.who
    if then == BACK:
        if place.outside:
            raise CannotMove(reason=CALLER)
        work.apply(case, Rework(item["token"], place.node))
    elif place.outside:
        work.line(there, "returned", _caller_node(there, case), data)
        work.apply(there, Move((_call_token(work, case, place.instance),), place.node, None))
    else:
        work.apply(case, Move((_host(case, item["token"]),), place.node, None))
    tell(work, item, [place.who], RETURNED, reason, link=f"/case/{place.instance}/")


def _chosen(work: Work, case: Case, item: Item, target: str) -> Place:
    found = _places(work.context, case.row, item["node_id"])
    if target in (START, PREVIOUS):
        if not found:
            raise CannotMove(reason=NOTHING)
        return found[0] if target == PREVIOUS else _first(work, found)
    for place in found:
        if place.node == target:
            return place
    if target not in case.process.info.nodes:
        raise NotFound(what="节点", id=target)
    raise CannotMove(reason=NOT_DONE)


def _first(work: Work, found: list[Place]) -> Place:
    """The step of the outermost case that was done first of all."""
    outermost = {place.node: place for place in found if place.instance == found[-1].instance}
    done = reversed(loads.done_items(work.context.store, found[-1].instance))
    return next(outermost[one["node_id"]] for one in done if one["node_id"] in outermost)


def _host(case: Case, token: str) -> str:
    """An added signer returns the task they were asked about, not only their own signature."""
    sides = {view.token: view.side for view in bpmn.tokens(case.row.state)}
    return sides.get(token) or token


def _call_token(work: Work, case: Case, instance: int) -> str:
    """The token of a calling case behind which this one stands."""
    while case.row.parent != instance and case.row.parent is not None:
        case = work.case(case.row.parent)
    assert case.row.parent_token is not None
    return case.row.parent_token


def _caller_node(above: Case, case: Case) -> str:
    tokens = {view.token: view.node for view in bpmn.tokens(above.row.state)}
    return tokens.get(case.row.parent_token or "", "")


# ---- withdrawal ----------------------------------------------------------------------------------------------------


def withdraw(context: Context, item_id: int, *, by: str, reason: str = "") -> None:
    """Take back what one completed, as long as nobody has acted on what followed. `item_id`: the completed task.
    NotFound, NotOpen, Forbidden, NotOffered, TooLate."""

    def plan(work: Work) -> None:
        item = work.task(item_id).item
        item["settings"] = values.loads(item["settings"])
        _must_be_mine(context, item, by)
        must_offer(context, item, "withdraw", by)
        if item["status"] != "completed":
            raise NotOpen(state=item["status"])
        _must_go_on(work.case(item["instance"]))
        case = running(work, item["instance"])
        if not item["trail"]:
            raise TooLate(reason=NO_TRAIL)
        trail = values.loads(item["trail"])
        _must_be_untouched(work, case, {str(token) for token in trail["tokens"]}, by)
        work.line(case, "withdrawn", item["node_id"], {"reason": reason, "item": str(item_id)})
        case.prefer[item["node_id"]] = item["ended_by"]
        work.apply(case, Withdraw(trail))

    on_item(context, item_id, by, plan, "withdraw")


def _must_go_on(case: Case) -> None:
    if case.row.status != "running":
        raise TooLate(reason=CALLED_ENDED if case.row.parent is not None else ENDED)


def _must_be_mine(context: Context, item: Item, by: str) -> None:
    if item["ended_by"] == by or context.people.may(by, "operate", item["unit"] or None):
        return
    raise Forbidden(who=by, action="withdraw")


def _must_be_untouched(work: Work, case: Case, tokens: set[str], by: str) -> None:
    """Nobody has claimed, handed on or done what the completion led to, in this case or one it called."""
    store = work.context.store
    mine = [one for one in loads.items_of(store, case.row.id) if one["token"] in tokens]
    called = [row for row, token in case.stored(store).children if token in tokens]
    if any(_touched(one, by) for one in mine) or any(_begun(store, child, by) for child in called):
        raise TooLate(reason=ACTED)


def _begun(store: Any, instance: int, by: str) -> bool:
    """Whether anybody has acted in a called case."""
    if loads.done_items(store, instance) or any(_touched(one, by) for one in loads.items_of(store, instance)):
        return True
    return any(_begun(store, child, by) for child in loads.children(store, instance))


def _touched(item: Item, by: str) -> bool:
    first = values.loads(item["settings"]).get("assignee", "")
    return item["assignee"] not in (first, by)
