"""Who has a task now, and who stands above: the people whom reminders and escalations tell.

Owns the words of an escalation step: `superior` (of who has the task), `head` (of the unit), `head@up` (of the next
unit above that has one; `head@up2`: the one after), `office:CODE` (who heads that unit, else all with a post there),
and every assignment rule. A called case's task climbs its own unit's line, and that of each caller whose unit is not
on it. A step that finds nobody falls to those who may operate there. Reads; writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from engine import bpmn
from engine.store import loads

if TYPE_CHECKING:
    from engine.commands.work import Work

Item = dict[str, Any]
HEAD = re.compile(r"head(?:@up([2-9]?))?\Z")
SUPERIOR, OFFICE = "superior", "office:"
HEADS = ("head", "oversee")  # the permission that makes a head; where no role has it, those who oversee


class Caller(NamedTuple):
    """A case that called another one; `node`: its call activity."""

    id: int
    node: str
    unit: str
    started_by: str


# ---- who has it ----------------------------------------------------------------------------------------------------


def having(work: Work, item: Item) -> list[str]:
    """Who is to do something now: those who have the task, or, while it is held, those who are asked before; and who
    stands in for them."""
    store = work.context.store
    waiting = _before(work, item) if item["held"] else [item]
    found: dict[str, None] = {}
    for one in waiting:
        these = [one["assignee"]] if one["assignee"] else loads.candidates(store, one["id"])
        found |= dict.fromkeys(these)
        found |= dict.fromkeys(work.context.people.substitutes.of(these, one["process_key"]))
    return list(found)


def _before(work: Work, item: Item) -> list[Item]:
    """The open items that hold this one."""
    case = loads.case(work.context.store, item["instance"])
    views = bpmn.tokens(case.state) if case is not None else []
    tokens = {view.token for view in views if view.before == item["token"]}
    tokens |= {view.token for view in views if view.body in tokens}  # of a repeated step that is done again: each of it
    return [one for one in loads.items_of(work.context.store, item["instance"]) if one["token"] in tokens] or [item]


# ---- who stands above ----------------------------------------------------------------------------------------------


def callers(work: Work, instance: int) -> list[Caller]:
    """The cases that called this one, nearest first."""
    found: list[Caller] = []
    case = loads.case(work.context.store, instance)
    while case is not None and case.parent is not None:
        token, case = case.parent_token, loads.case(work.context.store, case.parent)
        if case is not None:
            nodes = {view.token: view.node for view in bpmn.tokens(case.state)}
            found.append(Caller(case.id, nodes.get(token or "", ""), case.unit, case.started_by))
    return found


def superiors(work: Work, item: Item, to: str, above: Sequence[Caller]) -> list[str]:
    """Whom an escalation step tells."""
    people = work.context.people
    case = loads.case(work.context.store, item["instance"])
    seen = bpmn.variables(case.state) if case else {}
    started_by = case.started_by if case else ""
    found = dict.fromkeys(_at(work, item, to, item["unit"], started_by, seen))
    line = {item["unit"], *(people.line(item["unit"]) if item["unit"] else ())}
    for caller in above:
        if caller.unit not in line:
            found |= dict.fromkeys(_at(work, item, to, caller.unit, caller.started_by, seen))
            line |= {caller.unit, *(people.line(caller.unit) if caller.unit else ())}
    return list(found) or ([] if people.empty() else people.permitted("operate", item["unit"]))


def _at(work: Work, item: Item, to: str, unit: str, started_by: str, seen: dict[str, Any]) -> list[str]:
    people = work.context.people
    if to == SUPERIOR:
        return _superiors(work, having(work, item))
    if to.startswith(OFFICE):
        code = to.removeprefix(OFFICE)
        return _heads(work, [code]).get(code) or people.at(code)
    if (match := HEAD.match(to)) is None:
        return people.resolve([to], unit, started_by, seen)
    levels = 0 if match[1] is None else int(match[1] or 1)
    line = [*people.line(unit)[1 if levels else 0 :], ""] if unit else [""]
    held = _heads(work, line)
    staffed = [place for place in line if held.get(place)]
    return held[staffed[min(max(levels, 1), len(staffed)) - 1]] if staffed else []


def _superiors(work: Work, logins: Iterable[str]) -> list[str]:
    """The direct superiors of each."""
    found: dict[str, None] = {}
    for login in logins:
        found |= dict.fromkeys(work.context.people.superiors(login))
    return list(found)


def _heads(work: Work, units: Sequence[str]) -> dict[str, list[str]]:
    """Who heads each of the units."""
    for permission in HEADS:
        if held := work.context.people.permitted_at(permission, units):
            return held
    return {}
