"""Who may handle a work item, and the acts that every operation on one is made of.

Owns the rights (assignee, candidate, delegating owner, standing substitute, `operate` at the unit), what the diagram
offers (property `operations`), changing who has a task and telling people so. Reads and gathers; runs no command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from engine.commands import notices
from engine.commands.case import Case
from engine.commands.context import Context
from engine.commands.runner import perform
from engine.commands.work import Work
from engine.errors import AlreadyClaimed, Forbidden, NotFound, NotOffered, NotOpen, UnknownPerson
from engine.expressions import values
from engine.queries import Items
from engine.store import loads, new_id
from engine.store.models import Watcher, WorkItem
from engine.telling import Template

Item = dict[str, Any]


class Told(NamedTuple):
    """How a notice names what was done with a task; `{}` is who did it."""

    title: str
    title_en: str
    body: str
    body_en: str
    kind: str = "task"


def open_task(work: Work, item_id: int, with_case: bool = False) -> loads.Task:
    """The item, if it is still open. NotFound, NotOpen, UnknownPerson (of who acts)."""
    task = work.task(item_id, with_case)
    people, item = work.context.people, task.item
    if work.actor and not task.active and not people.empty():
        raise UnknownPerson(login=work.actor)
    if item["status"] != "open":
        raise NotOpen(state=item["status"])
    item["settings"] = values.loads(item["settings"])
    return task


def running(work: Work, instance: int) -> Case:
    """The case of an item, if it may move. NotOpen."""
    case = work.case(instance)
    if case.row.status != "running":
        raise NotOpen(state=case.row.status)
    if case.row.suspended:
        raise NotOpen(state="suspended")
    return case


def on_item(context: Context, item_id: int, by: str, plan: Callable[[Work], Any], command: str) -> Any:
    """Run a command about an item, in the queue of its case. Residents without an account may only complete."""
    if not by:
        context.people.require(by)
    return perform(context, by, plan, root=root(context, item_id), command=command)


def root(context: Context, item_id: int) -> int:
    """The case to queue for. It never changes, so it is asked once."""
    known = context.roots.get(item_id)
    if known is None:
        found = loads.place(context.store, item_id)
        if found is None:
            raise NotFound(what="任务", id=item_id)
        known = found[1]
        context.roots.put(item_id, known)
    return known


# ---- rights --------------------------------------------------------------------------------------------------------


def may_handle(context: Context, task: loads.Task, by: str) -> str:
    """Assignee, candidate (when nobody has it), who delegated it, a substitute, or `operate` at the unit; a resident
    only where the task is public. For whom they stand in, '' for themselves. AlreadyClaimed, Forbidden."""
    item = task.item
    if not by:
        if item["settings"]["properties"].get("public") != "reporter":
            raise Forbidden(who="", action=named(item))
        return ""
    if by in (item["assignee"], item["owner"]):
        return ""
    return _for_another(context, task, by) if item["assignee"] else must_be_candidate(context, task, by)


def must_be_candidate(context: Context, task: loads.Task, by: str) -> str:
    """A candidate, anybody with `desk` when there is none, a candidate's substitute, or `operate`."""
    item = task.item
    if task.candidate or context.people.empty():
        return ""
    open_to_all = not loads.candidates(context.store, item["id"])
    if open_to_all and context.people.may(by, "desk", item["unit"] or None):
        return ""
    return _for_another(context, task, by)


def _for_another(context: Context, task: loads.Task, by: str) -> str:
    item = task.item
    if stood := stands_in(context, item, by):
        return stood
    must_operate(context, item, by, named(item))
    return ""


def stands_in(context: Context, item: Item, by: str) -> str:
    """For whom of those who have a task a person stands in today; ''."""
    having = [item["assignee"]] if item["assignee"] else loads.candidates(context.store, item["id"])
    return context.people.substitutes.stands_in(by, having, item["process_key"])


def must_operate(context: Context, item: Item, by: str, action: str) -> None:
    """`operate` at the item's unit. AlreadyClaimed, Forbidden."""
    if context.people.empty():
        raise AlreadyClaimed(owner=item["assignee"])
    if not context.people.may(by, "operate", item["unit"] or None):
        raise AlreadyClaimed(owner=item["assignee"]) if item["assignee"] else Forbidden(who=by, action=action)


def must_offer(context: Context, item: Item, operation: str, by: str) -> None:
    """The diagram's property `operations` lists what a task offers; without it, everything is. Who may `operate` may do
    what the diagram does not offer: NotOffered to others."""
    listed = item["settings"]["properties"].get("operations", "")
    offered = {part.strip() for part in listed.split(",") if part.strip()}
    if not offered or operation in offered:
        return
    if not by or (not context.people.empty() and context.people.may(by, "operate", item["unit"] or None)):
        return
    raise NotOffered(operation=operation, task=named(item))


def must_see(context: Context, item_id: int, by: str) -> None:
    """NotFound for somebody who may not see the task: who shows it to others must be shown it."""
    if by and not context.people.empty():
        with context.store.connected():
            Items(context.store, context.people, context.clock).get(item_id, by)


def named(item: Item) -> str:
    """What the task is called."""
    return item["name"] or item["node_id"]


# ---- parts of acts -------------------------------------------------------------------------------------------------


def assign(work: Work, item: Item, to: str, **more: Any) -> None:
    """Change who has a task, provided nobody changed it meanwhile."""
    held = {"id": item["id"], "status": "open", "assignee": item["assignee"]}
    work.writes.update(WorkItem, {"assignee": to, **more}, held, must=True)


def watch(work: Work, item: Item, logins: Iterable[str]) -> list[str]:
    """Let people see a task; those who did not yet."""
    known = set(loads.watchers(work.context.store, item["id"]))
    fresh = [login for login in dict.fromkeys(logins) if login not in known]
    for login in fresh:
        work.writes.insert(Watcher, {"work_item": item["id"], "login": login})
    return fresh


def tell(work: Work, item: Item, logins: Iterable[str], what: Told, text: str, link: str = "") -> int:
    """Say what was done with a task and by whom; `text` is what that person wrote, if anything."""
    by = work.actor
    found = work.context.people.records([by]).get(by) if by else None
    name = found.name if found and found.name else by
    plain = Template(f"【{what.title}】{{step}}:{{title}}", f"{what.title_en}: {{step}}: {{title}}", "{text}", "{text}")
    words = {"by": (name, name), "text": (text or what.body.format(name), text or what.body_en.format(name))}
    letter = notices.about(
        work, item, what.kind, key=f"{what.title_en}-{new_id()}", words=words, plain=plain, link=link
    )
    return notices.tell(work, logins, letter)
