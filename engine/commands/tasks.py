"""Tasks of people: claim, give back, complete, hand over, urge, copy, add and remove signers.

Owns who may do what to a work item and the form check before a completion. A claim changes no case state: it moves
one row and a journal line, and does not fight completions. The row's state is asked again inside the commit, so that
of two who claim at once one is told who was first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from engine import bpmn, forms
from engine.bpmn.model import AddChild, Complete, RemoveChild
from engine.commands import notices
from engine.commands.case import Landed
from engine.commands.context import Context
from engine.commands.runner import land, perform
from engine.commands.work import Work
from engine.errors import AlreadyClaimed, Forbidden, NotFound, NotOpen, UnknownPerson
from engine.expressions import values
from engine.queries import Items
from engine.store import loads, new_id
from engine.store.models import Candidate, Draft, Watcher, WorkItem

Item = dict[str, Any]


class Told(NamedTuple):
    """How a notice names what was done with a task; `{}` is who did it."""

    title: str
    title_en: str
    body: str
    body_en: str


TRANSFERRED = Told("转交", "Handed over", "{} 将任务转交给您。", "{} handed the task over to you.")
DELEGATED = Told("委托", "Delegated", "{} 委托您办理此任务。", "{} asks you to do this task for them.")
URGED = Told("催办", "Urged", "{} 催办此任务。", "{} urges this task.")
COPIED = Told("抄送", "Copy", "{} 抄送给您。", "{} sends you a copy.")


def complete(context: Context, item_id: int, data: Mapping[str, Any], *, by: str, key: str | None = None) -> Landed:
    """Complete a task with its form's data; the case. Claims it when `by` is a candidate. `by` '' is a resident
    at a task marked public. NotFound, NotOpen, AlreadyClaimed, Forbidden, InvalidForm, UnknownPerson, Conflict."""
    values.check(dict(data))

    def plan(work: Work) -> int:
        task = _open_task(work, item_id, with_case=True)
        _may_handle(context, task, by)
        item, case = task.item, work.case(task.item["instance"])
        if case.row.suspended:
            raise NotOpen(state="suspended")
        checked = _checked(context, work, item, data)
        held = {"id": item_id, "status": "open", "assignee": item["assignee"]}
        done = {"status": "completed", "assignee": by or item["assignee"], "ended_at": work.now, "ended_by": by}
        work.writes.update(WorkItem, done, held, must=True)
        work.writes.delete(Candidate, {"work_item": item_id})
        if task.drafted:
            work.writes.delete(Draft, {"login": by, "subject": f"item:{item_id}"})
        work.ended.add(item_id)
        case.handled[item["token"]] = item["due_at"] is not None
        work.apply(case, Complete(item["token"], checked))
        return item["instance"]

    once = f"{item_id}|{key}" if key else None  # a key is of one task: posted at another, it must not pass for done
    return land(context, by, plan, root=_root(context, item_id), key=once, command="complete")


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
        task = _open_task(work, item_id)
        item = task.item
        if item["assignee"] == by:
            return
        if item["assignee"]:
            raise AlreadyClaimed(owner=item["assignee"])
        _must_be_candidate(context, task, by)
        _assign(work, item, by)
        work.note(item["instance"], "claimed", item["node_id"], {"item": str(item_id)})

    _on_item(context, item_id, by, plan, "claim")


def unclaim(context: Context, item_id: int, *, by: str) -> None:
    """Give a claimed task back to its candidates. NotOpen, Forbidden."""

    def plan(work: Work) -> None:
        item = _open_task(work, item_id).item
        if not item["assignee"]:
            return
        if item["assignee"] != by:
            _must_operate(context, item, by, "unclaim")
        _assign(work, item, "")
        work.note(item["instance"], "unclaimed", item["node_id"], {"item": str(item_id), "was": item["assignee"]})

    _on_item(context, item_id, by, plan, "unclaim")


def transfer(context: Context, item_id: int, to: str, *, by: str, reason: str = "") -> None:
    """Hand a task to somebody else for good; they are told. NotOpen, Forbidden, UnknownPerson."""
    context.people.require(to)

    def plan(work: Work) -> None:
        task = _open_task(work, item_id)
        item = task.item
        _may_handle(context, task, by)
        _assign(work, item, to)
        work.note(item["instance"], "transferred", item["node_id"], {"item": str(item_id), "to": to, "reason": reason})
        _tell(work, item, [to], TRANSFERRED, reason)

    _on_item(context, item_id, by, plan, "transfer")


def delegate(context: Context, item_id: int, to: str, *, by: str, reason: str = "") -> None:
    """Ask somebody to do a task in one's place; `by` stays its owner and keeps seeing it. NotOpen, Forbidden,
    UnknownPerson."""
    context.people.require(to)

    def plan(work: Work) -> None:
        task = _open_task(work, item_id)
        item = task.item
        _may_handle(context, task, by)
        _assign(work, item, to, owner=item["owner"] or by)
        _watch(work, item, [by])
        work.note(item["instance"], "delegated", item["node_id"], {"item": str(item_id), "to": to, "reason": reason})
        _tell(work, item, [to], DELEGATED, reason)

    _on_item(context, item_id, by, plan, "delegate")


def urge(context: Context, item_id: int, *, by: str, text: str = "") -> int:
    """Remind those who should handle a task; how many were told. Anybody who may see it may urge. NotOpen, NotFound."""
    _must_see(context, item_id, by)

    def plan(work: Work) -> int:
        item = _open_task(work, item_id).item
        handlers = [item["assignee"]] if item["assignee"] else loads.candidates(context.store, item_id)
        data = {"item": str(item_id), "to": handlers, "text": text}
        work.note(item["instance"], "urged", item["node_id"], data)
        return _tell(work, item, handlers, URGED, text)

    return _on_item(context, item_id, by, plan, "urge")


def copy_to(context: Context, item_id: int, to: Iterable[str], *, by: str, text: str = "") -> int:
    """Let others see a task and its case, and tell them; how many. NotOpen, UnknownPerson, NotFound."""
    _must_see(context, item_id, by)
    logins = list(dict.fromkeys(to))
    for login in logins:
        context.people.require(login)

    def plan(work: Work) -> int:
        item = _open_task(work, item_id).item
        _watch(work, item, logins)
        work.note(item["instance"], "copied", item["node_id"], {"item": str(item_id), "to": logins, "text": text})
        return _tell(work, item, logins, COPIED, text)

    return _on_item(context, item_id, by, plan, "copy_to")


def add_signer(context: Context, item_id: int, login: Any, *, by: str) -> None:
    """Add a child to the multi-instance that a task belongs to; `login` becomes its item. NotOpen, Forbidden."""

    def plan(work: Work) -> None:
        task = _open_task(work, item_id)
        item = task.item
        _may_handle(context, task, by)
        work.apply(work.case(item["instance"]), AddChild(item["token"], login))

    _on_item(context, item_id, by, plan, "add_signer")


def remove_signer(context: Context, item_id: int, *, by: str) -> None:
    """Take a task out of the multi-instance that it belongs to. NotOpen, Forbidden."""

    def plan(work: Work) -> None:
        task = _open_task(work, item_id)
        item = task.item
        _may_handle(context, task, by)
        work.apply(work.case(item["instance"]), RemoveChild(item["token"]))

    _on_item(context, item_id, by, plan, "remove_signer")


# ---- shared --------------------------------------------------------------------------------------------------------


def _must_see(context: Context, item_id: int, by: str) -> None:
    """NotFound for somebody who may not see the task: who shows it to others must be shown it."""
    if by and not context.people.empty():
        with context.store.connected():
            Items(context.store, context.people, context.clock).get(item_id, by)


def _on_item(context: Context, item_id: int, by: str, plan: Callable[[Work], Any], command: str) -> Any:
    if not by:
        context.people.require(by)  # residents without an account may only complete
    return perform(context, by, plan, root=_root(context, item_id), command=command)


def _root(context: Context, item_id: int) -> int:
    """The case to queue for. It never changes, so it is asked once."""
    known = context.roots.get(item_id)
    if known is None:
        found = loads.place(context.store, item_id)
        if found is None:
            raise NotFound(what="任务", id=item_id)
        known = found[1]
        context.roots.put(item_id, known)
    return known


def _open_task(work: Work, item_id: int, with_case: bool = False) -> loads.Task:
    task = work.task(item_id, with_case)
    people, item = work.context.people, task.item
    if work.actor and not task.active and not people.empty():
        raise UnknownPerson(login=work.actor)
    if item["status"] != "open":
        raise NotOpen(state=item["status"])
    item["settings"] = values.loads(item["settings"])
    return task


def _may_handle(context: Context, task: loads.Task, by: str) -> None:
    """Assignee, candidate (when nobody has it), or `operate` at the unit; a resident only where the task is public."""
    item = task.item
    if not by:
        if item["settings"]["properties"].get("public") != "reporter":
            raise Forbidden(who="", action=item["name"] or item["node_id"])
        return
    if item["assignee"] == by:
        return
    if item["assignee"]:
        _must_operate(context, item, by, item["name"] or item["node_id"])
    else:
        _must_be_candidate(context, task, by)


def _must_be_candidate(context: Context, task: loads.Task, by: str) -> None:
    item = task.item
    if task.candidate or context.people.empty():
        return
    open_to_all = not loads.candidates(context.store, item["id"])
    if open_to_all and context.people.may(by, "desk", item["unit"] or None):
        return
    _must_operate(context, item, by, item["name"] or item["node_id"])


def _must_operate(context: Context, item: Item, by: str, action: str) -> None:
    if context.people.empty():
        raise AlreadyClaimed(owner=item["assignee"])
    if not context.people.may(by, "operate", item["unit"] or None):
        raise AlreadyClaimed(owner=item["assignee"]) if item["assignee"] else Forbidden(who=by, action=action)


def _assign(work: Work, item: Item, to: str, **more: Any) -> None:
    """Change who has a task, provided nobody changed it meanwhile."""
    held = {"id": item["id"], "status": "open", "assignee": item["assignee"]}
    work.writes.update(WorkItem, {"assignee": to, **more}, held, must=True)


def _watch(work: Work, item: Item, logins: Iterable[str]) -> None:
    known = loads.watchers(work.context.store, item["id"])
    for login in logins:
        if login not in known:
            work.writes.insert(Watcher, {"work_item": item["id"], "login": login})


def _tell(work: Work, item: Item, logins: Iterable[str], what: Told, text: str) -> int:
    """Say what was done with a task and by whom; `text` is what that person wrote, if anything."""
    by = work.actor
    found = work.context.people.records([by]).get(by) if by else None
    name = found.name if found and found.name else by
    letter = notices.Letter(
        key=f"{what.title_en}-{new_id()}",
        subject=f"【{what.title}】{item['name'] or item['node_id']}:{item['title']}",
        body=text or what.body.format(name),
        link=f"/task/{item['id']}/",
        instance=item["instance"],
        subject_en=f"{what.title_en}: {item['name_en'] or item['name'] or item['node_id']}: {item['title']}",
        body_en=text or what.body_en.format(name),
    )
    return notices.tell(work, logins, letter)
