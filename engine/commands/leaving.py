"""Somebody leaves: their open tasks go to another person, and so does what still comes for them.

Owns the order of it: first the successor (a substitution without an end), so that nothing falls between, then posts and
duties as a substitute, then each task by a command of its own, last that the person has left. A second call does what
the first left.
"""

from __future__ import annotations

from typing import Any

from engine.commands import tasks
from engine.commands.context import Context
from engine.commands.handling import on_item, open_task
from engine.commands.work import Work
from engine.errors import Forbidden, NotOpen, UnknownPerson
from engine.store import loads
from engine.store.models import Candidate

EVENT = "handed-over"


def hand_over(
    context: Context, leaver: str, to: str, *, by: str, reason: str = "", posts: bool = False, leaves: bool = False
) -> int:
    """Hand a leaver's open tasks to a successor, who also gets what is assigned to the leaver from now on; how many
    tasks. `posts`: their posts and whom they stand in for, too; `leaves`: they are gone then. Needs `people:write` at
    the leaver's home. Forbidden, UnknownPerson, InvalidValue."""
    people = context.people
    people.require(to)
    known = people.records([leaver])
    if leaver not in known:
        raise UnknownPerson(login=leaver)
    if by and not people.may(by, "people:write", known[leaver].home_unit or None):
        raise Forbidden(who=by, action="people:write")
    if not any(row.person == leaver and row.substitute == to for row in people.substitutes.rows(leaver)):
        people.substitutes.put(leaver, to, by=by, at=context.clock.now(), since=people.today(), reason=reason)
    if posts:
        people.succeed(leaver, to)
        _stand_in(context, leaver, to, by, reason)
    done = 0
    for item in loads.items_with(context.store, leaver):
        done += _one(context, item, leaver, to, by, reason)
    if leaves:
        people.put(leaver, status="left")
    return done


def _stand_in(context: Context, leaver: str, to: str, by: str, reason: str) -> None:
    """Those for whom the leaver acted get the successor instead; the leaver's former substitutes are no longer."""
    people, now = context.people, context.clock.now()
    for known in people.substitutes.rows(leaver):
        if known.substitute == leaver and known.person != to:
            since = max(known.since, people.today()) if known.since else people.today()
            people.substitutes.put(
                known.person, to, by="", at=now, since=since, until=known.until, process=known.process, reason=reason
            )
        if known.substitute == leaver or known.substitute != to:
            people.substitutes.end(known.id, by="", at=now)


def _one(context: Context, item_id: int, leaver: str, to: str, by: str, reason: str) -> bool:
    def plan(work: Work) -> bool:
        item = open_task(work, item_id).item
        if item["assignee"] == leaver:
            tasks.hand_over(work, item, [to], reason, EVENT)
        elif not item["assignee"] and loads.candidates(context.store, item_id) == [leaver]:
            _candidate(work, item, leaver, to, reason)
        elif item["owner"] == leaver:
            tasks.assign(work, item, item["assignee"], owner=to)
            work.note(item["instance"], EVENT, item["node_id"], {"item": str(item_id), "was": leaver, "to": to})
        else:
            return False
        return True

    try:
        return on_item(context, item_id, by, plan, "hand_over")
    except NotOpen:
        return False  # done meanwhile


def _candidate(work: Work, item: dict[str, Any], leaver: str, to: str, reason: str) -> None:
    """The leaver was the only one who could claim it."""
    work.writes.update(Candidate, {"login": to}, {"work_item": item["id"], "login": leaver}, must=True)
    data = {"item": str(item["id"]), "was": leaver, "to": to, "reason": reason}
    work.note(item["instance"], EVENT, item["node_id"], data)
