"""Who gets a task that opens: what the diagram says, who stands in for somebody gone, and what happens when nobody is
found or when it would be the one who started the case.

Owns the properties `nobody` and `initiator` of a user task. Both may say `skip`: then the task is passed in the same
command, and the journal says why. Decides on what people say today; changes nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.bpmn.model import Wait
from engine.bpmn.signing import answer_name
from engine.commands.case import Case
from engine.store import new_id
from engine.store.models import Incident

if TYPE_CHECKING:
    from engine.commands.work import Work

SKIP, SUPERIOR, INCIDENT = "skip", "superior", "incident"
SKIPS_PER_COMMAND = 200  # tasks passed one after another without anybody: a circle


class Handlers(NamedTuple):
    """Who has a task, or may claim it. `why`: a policy decided ('' = the diagram's own rules did)."""

    assignee: str
    candidates: list[str]
    why: str = ""


def passing(work: Work, case: Case, wait: Wait) -> str:
    """Why a task that opens is passed at once (`nobody`, `initiator`), '' when somebody has to do it."""
    wanted = {name for name in ("nobody", "initiator") if wait.properties.get(name) == SKIP}
    if not wanted or wait.asked_by or work.context.people.empty():
        return ""
    found = _found(work, case, wait)
    having = {found.assignee} if found.assignee else set(found.candidates)
    if "nobody" in wanted and not having and (wait.groups or wait.assignee or wait.candidates):
        return "nobody"
    return "initiator" if "initiator" in wanted and having == {case.row.started_by} else ""


def answer(wait: Wait) -> dict[str, Any]:
    """What a passed task says: yes, where the diagram asks yes or no."""
    name = answer_name(wait.properties)
    return {name: True} if name else {}


def handlers(work: Work, case: Case, wait: Wait) -> Handlers:
    """Who has a task that opens, or may claim it."""
    people = work.context.people
    if people.empty():
        return Handlers(wait.assignee, list(wait.candidates))
    found = _found(work, case, wait)
    if not found.assignee and not found.candidates and (wait.groups or wait.assignee or wait.candidates):
        return _nobody(work, case, wait)
    return _not_oneself(work, case, wait, found)


def _found(work: Work, case: Case, wait: Wait) -> Handlers:
    """By the diagram's rules; a named person who has left has a successor or nobody."""
    people, row = work.context.people, case.row
    assignee = wait.assignee
    if assignee and not people.resolve([f"login:{assignee}"], row.unit, row.started_by, {}, work.stamp):
        successors = people.substitutes.of([assignee], row.process_key)
        assignee = successors[0] if successors else ""
        if assignee:
            work.line(case, "successor", wait.node, {"was": wait.assignee, "to": assignee})
    found = dict.fromkeys(wait.candidates)
    if wait.groups:
        found |= dict.fromkeys(people.resolve(wait.groups, row.unit, row.started_by, case.variables, work.stamp))
    return Handlers(assignee, list(found))


def _nobody(work: Work, case: Case, wait: Wait) -> Handlers:
    """Property `nobody`: a rule to fall back to, `incident`, else those who may operate there."""
    people, row = work.context.people, case.row
    asked = list(wait.groups) or [wait.assignee] if wait.assignee or wait.groups else list(wait.candidates)
    work.line(case, "nobody", wait.node, {"groups": asked})
    rule, fallback = wait.properties.get("nobody", ""), list[str]()
    if rule == INCIDENT:
        place = {"id": new_id(), "instance": row.id, "token": wait.token, "node_id": wait.node}
        said = f"任务“{wait.name or wait.node}”找不到办理人（{'、'.join(asked)}）。"
        incident = {**place, "kind": "assignment", "message": said, "created_at": work.now}
        work.writes.insert(Incident, incident)
    elif rule and rule != SKIP:
        fallback = people.resolve([rule], row.unit, row.started_by, case.variables)
    return Handlers("", fallback or people.permitted("operate", row.unit), "nobody")


def _not_oneself(work: Work, case: Case, wait: Wait, found: Handlers) -> Handlers:
    """Property `initiator`: nobody decides on their own case. Others who may take it decide; with nobody else, a
    superior or whom the rule means does."""
    rule, starter = wait.properties.get("initiator", ""), case.row.started_by
    if rule in ("", "continue", SKIP) or wait.asked_by or starter not in (found.assignee, *found.candidates):
        return found
    others = [login for login in found.candidates if login != starter] if not found.assignee else []
    if not others:
        others = _superiors(work, case, rule, starter)
        work.line(case, "not-oneself", wait.node, {"was": starter, "to": others})
    if not others:
        return found
    return Handlers(others[0], [], "initiator") if len(others) == 1 else Handlers("", others, "initiator")


def _superiors(work: Work, case: Case, rule: str, starter: str) -> list[str]:
    people, row = work.context.people, case.row
    named: Iterable[str] = (
        people.superiors(starter)
        if rule == SUPERIOR
        else people.resolve([rule], row.unit, row.started_by, case.variables, work.stamp)
    )
    return [login for login in named if login != starter]
