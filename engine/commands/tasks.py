"""Tasks of people: claim, give back, complete, refuse, hand over, delegate, urge, copy.

Owns the form check before a completion and what each of these writes. A claim changes no case state: it moves one row
and a journal line, and does not fight completions. The row's state is asked again inside the commit, so that of two
who claim at once one is told who was first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from engine import bpmn, forms
from engine.bpmn.model import Complete
from engine.bpmn.signing import answer_name
from engine.commands.case import Landed
from engine.commands.chains import having
from engine.commands.context import Context
from engine.commands.handling import (
    Item,
    Told,
    assign,
    may_handle,
    must_be_candidate,
    must_offer,
    must_operate,
    must_see,
    named,
    on_item,
    open_task,
    root,
    running,
    stands_in,
    tell,
    watch,
)
from engine.commands.runner import land
from engine.commands.work import Work
from engine.errors import AlreadyClaimed, CannotRefuse, NotOffered, NotOpen, TooSoon
from engine.expressions import values
from engine.store import loads, text
from engine.store.models import Candidate, Draft, WorkItem

TRANSFERRED = Told("转交", "Handed over", "{} 将任务转交给您。", "{} handed the task over to you.")
DELEGATED = Told("委托", "Delegated", "{} 委托您办理此任务。", "{} asks you to do this task for them.")
DELEGATE_DONE = Told("委托已办", "Done for you", "{} 已办完，请您确认提交。", "{} has done it; please confirm.")
URGED = Told("催办", "Urged", "{} 催办此任务。", "{} urges this task.", "urge")
COPIED = Told("抄送", "Copy", "{} 抄送给您。", "{} sends you a copy.", "copy")
URGE_AGAIN = timedelta(minutes=10)  # one person may urge one task so often


def complete(context: Context, item_id: int, data: Mapping[str, Any], *, by: str, key: str | None = None) -> Landed:
    """Complete a task with its form's data; the case. Claims it when `by` is a candidate. `by` '' is a resident
    at a task marked public. What a delegate completes goes back to who delegated it, unless the diagram says
    `delegated` = `complete`. NotFound, NotOpen, AlreadyClaimed, Forbidden, InvalidForm, UnknownPerson, Conflict."""
    values.variables(data)

    def plan(work: Work) -> int:
        task = open_task(work, item_id, with_case=True)
        item = task.item
        stood = may_handle(context, task, by)
        running(work, item["instance"])
        if item["held"]:
            raise NotOpen(state="held")
        checked = _checked(context, work, item, data)
        if task.drafted:
            work.writes.delete(Draft, {"login": by, "subject": f"item:{item_id}"})
        if stood:
            work.note(item["instance"], "substituted", item["node_id"], {"item": str(item_id), "for": stood})
        if _comes_back(item, by):
            _hand_back(work, item, checked)
        else:
            end(work, item, checked, by)
        return item["instance"]

    once = f"{item_id}|{key}" if key else None  # a key is of one task: posted at another, it must not pass for done
    return land(context, by, plan, root=root(context, item_id), key=once, command="complete")


def refuse(context: Context, item_id: int, *, by: str, reason: str = "") -> Landed:
    """Say no to a task: a counted vote where signatures are counted, else the answer `refuse` of the diagram is false.
    The form is not asked. CannotRefuse where the diagram does not know a refusal; else as `complete`."""

    def plan(work: Work) -> int:
        task = open_task(work, item_id, with_case=True)
        item = task.item
        may_handle(context, task, by)
        must_offer(context, item, "refuse", by)
        running(work, item["instance"])
        if item["held"]:
            raise NotOpen(state="held")
        decline(work, item, by, reason)
        return item["instance"]

    return land(context, by, plan, root=root(context, item_id), command="refuse")


def decline(work: Work, item: Item, by: str, reason: str) -> None:
    """End an open task by a refusal. CannotRefuse."""
    name = answer_name(item["settings"]["properties"])
    if not name:
        raise CannotRefuse(task=named(item))
    work.note(item["instance"], "refused", item["node_id"], {"item": str(item["id"]), "reason": reason})
    end(work, item, {name: False}, by)


def end(work: Work, item: Item, data: Mapping[str, Any], by: str) -> None:
    """Complete an open task with checked data, whoever does it ('' the system)."""
    case = work.case(item["instance"])
    held = {"id": item["id"], "status": "open", "assignee": item["assignee"]}
    done = {"status": "completed", "assignee": by or item["assignee"], "ended_at": work.now, "ended_by": by}
    work.writes.delete(Candidate, {"work_item": item["id"]})
    work.ended.add(item["id"])
    case.handled[item["token"]] = item["due_at"] is not None
    work.apply(case, Complete(item["token"], data))
    trail = case.trails.pop(item["token"], None) if _may_withdraw(item) else None
    work.writes.update(WorkItem, done | ({"trail": text(trail)} if trail else {}), held, must=True)


def _may_withdraw(item: Item) -> bool:
    listed = item["settings"]["properties"].get("operations", "")
    return not listed or "withdraw" in listed


def _comes_back(item: Item, by: str) -> bool:
    """Whether what this person completes goes to the owner first."""
    delegated = item["owner"] and by == item["assignee"] and by != item["owner"]
    return bool(delegated) and item["settings"]["properties"].get("delegated") != "complete"


def _hand_back(work: Work, item: Item, checked: Mapping[str, Any]) -> None:
    """The delegate is done: the owner finds the form as they filled it in, and confirms."""
    owner, subject = item["owner"], f"item:{item['id']}"
    assign(work, item, owner, owner="")
    work.name_files(item["instance"], checked)
    work.writes.delete(Draft, {"login": owner, "subject": subject})
    draft = {"login": owner, "subject": subject, "data": text(dict(checked)), "saved_at": work.now}
    work.writes.insert(Draft, draft)
    work.note(item["instance"], "delegate-done", item["node_id"], {"item": str(item["id"]), "to": owner})
    watch(work, item, [work.actor])
    tell(work, item, [owner], DELEGATE_DONE, "")


def _checked(context: Context, work: Work, item: Item, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data the form lets through. A task without a form takes what it is given."""
    if item["form_definition"] is None:
        return dict(data)
    form = context.definitions.form(item["form_definition"])
    case = work.case(item["instance"])
    seen = bpmn.variables(case.row.state, item["token"])
    return forms.check(form, dict(data), context=seen, evaluate=work.world(case).evaluate)


def claim(context: Context, item_id: int, *, by: str) -> None:
    """Take a task. NotOpen, AlreadyClaimed, Forbidden, UnknownPerson."""

    def plan(work: Work) -> None:
        task = open_task(work, item_id)
        item = task.item
        if item["assignee"] == by:
            return
        stood = stands_in(context, item, by) if item["assignee"] else must_be_candidate(context, task, by)
        if item["assignee"] and not stood:
            raise AlreadyClaimed(owner=item["assignee"])
        assign(work, item, by)
        data = {"item": str(item_id), **({"for": stood} if stood else {})}
        work.note(item["instance"], "claimed", item["node_id"], data)

    on_item(context, item_id, by, plan, "claim")


def unclaim(context: Context, item_id: int, *, by: str) -> None:
    """Give a claimed task back to its candidates. NotOpen, Forbidden, NotOffered (nobody else could claim it)."""

    def plan(work: Work) -> None:
        item = open_task(work, item_id).item
        if not item["assignee"]:
            return
        if item["assignee"] != by:
            must_operate(context, item, by, "unclaim")
        if item["settings"].get("assignee") and not loads.candidates(context.store, item_id):
            raise NotOffered(
                operation="unclaim", task=named(item)
            )  # it is this person's by name: nobody could claim it
        assign(work, item, "")
        work.note(item["instance"], "unclaimed", item["node_id"], {"item": str(item_id), "was": item["assignee"]})

    on_item(context, item_id, by, plan, "unclaim")


def transfer(context: Context, item_id: int, to: str, *, by: str, reason: str = "") -> None:
    """Hand a task to somebody else for good; they are told. NotOpen, Forbidden, UnknownPerson, NotOffered."""
    context.people.require(to)

    def plan(work: Work) -> None:
        task = open_task(work, item_id)
        item = task.item
        may_handle(context, task, by)
        must_offer(context, item, "transfer", by)
        hand_over(work, item, [to], reason)

    on_item(context, item_id, by, plan, "transfer")


def hand_over(work: Work, item: Item, to: Sequence[str], reason: str, event: str = "transferred") -> None:
    """Somebody else has the task from now on; of several, the first who claims it."""
    one = to[0] if len(to) == 1 else ""
    assign(work, item, one, owner="")
    if not one:
        work.writes.delete(Candidate, {"work_item": item["id"]})
        for login in to:
            work.writes.insert(Candidate, {"work_item": item["id"], "login": login})
    data = {"item": str(item["id"]), "was": item["assignee"], "to": one or list(to), "reason": reason}
    work.note(item["instance"], event, item["node_id"], data)
    tell(work, item, to, TRANSFERRED, reason)


def delegate(context: Context, item_id: int, to: str, *, by: str, reason: str = "") -> None:
    """Ask somebody to do a task in one's place; `by` stays its owner, keeps seeing it and may still do it. NotOpen,
    Forbidden, UnknownPerson, NotOffered."""
    context.people.require(to)

    def plan(work: Work) -> None:
        task = open_task(work, item_id)
        item = task.item
        may_handle(context, task, by)
        must_offer(context, item, "delegate", by)
        assign(work, item, to, owner=item["owner"] or by)
        watch(work, item, [by])
        work.note(item["instance"], "delegated", item["node_id"], {"item": str(item_id), "to": to, "reason": reason})
        tell(work, item, [to], DELEGATED, reason)

    on_item(context, item_id, by, plan, "delegate")


def urge(context: Context, item_id: int, *, by: str, text: str = "") -> int:
    """Remind those who should handle a task; how many were told. Anybody who may see it may urge, one task once in
    ten minutes. NotOpen, NotFound, TooSoon."""
    must_see(context, item_id, by)

    def plan(work: Work) -> int:
        item = open_task(work, item_id).item
        since = work.now - URGE_AGAIN
        if loads.said_lately(context.store, item["instance"], "urged", by, str(item_id), since):
            raise TooSoon(minutes=int(URGE_AGAIN.total_seconds() // 60))
        told = having(work, item)
        work.note(item["instance"], "urged", item["node_id"], {"item": str(item_id), "to": told, "text": text})
        return tell(work, item, told, URGED, text)

    return on_item(context, item_id, by, plan, "urge")


def copy_to(context: Context, item_id: int, to: Iterable[str], *, by: str, text: str = "") -> int:
    """Let others see a task and its case, and tell them; how many did not have it yet. NotOpen, UnknownPerson,
    NotFound, NotOffered."""
    must_see(context, item_id, by)
    logins = list(dict.fromkeys(to))
    for login in logins:
        context.people.require(login)

    def plan(work: Work) -> int:
        item = open_task(work, item_id).item
        must_offer(context, item, "copy", by)
        fresh = watch(work, item, logins)
        if fresh:
            work.note(item["instance"], "copied", item["node_id"], {"item": str(item_id), "to": fresh, "text": text})
        return tell(work, item, fresh, COPIED, text)

    return on_item(context, item_id, by, plan, "copy_to")
