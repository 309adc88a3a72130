"""Repairs of what the doctor found, each asked for by its name: the rows are made to agree with the state again.

Owns those repairs and nothing else. The token in the state is the truth; a state, a journal or a file that is broken
is not repaired here: that is what backups are for. Every repaired case says so in its journal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import partial
from typing import Any

from engine import bpmn
from engine.bpmn.model import Break, Wait
from engine.commands.case import Case
from engine.commands.context import Context
from engine.commands.runner import perform
from engine.commands.work import Work
from engine.errors import LinliError
from engine.store import loads, orphans
from engine.store.models import Candidate, Job, Subscription, Timer, WorkItem

Place = tuple[str, str, int]  # table, token, part
_TABLES = {"user": "work_item", "timer": "timer", "message": "subscription", "signal": "subscription", "job": "job"}
_CALL = "instance"
_MODELS: dict[str, Any] = {"timer": Timer, "subscription": Subscription, "job": Job}


def repair(context: Context, checks: Collection[str], cases: Iterable[int], by: str) -> list[str]:
    """Repair what these checks found: `orphan` removes rows that belong to nothing, `missing` makes the rows of tokens
    that wait (a called case that is gone becomes an incident), `stray` ends rows whose token does not wait, `double`
    all but one of several, `held` marks tasks as held just while somebody is asked before. `cases`: where the doctor
    found any of these but the first. What was done, in words."""
    done = orphans.remove(context.store) if "orphan" in checks else []
    for instance in sorted(set(cases)):
        try:
            root = loads.root(context.store, instance)
            done += perform(context, by, partial(_agree, instance=instance, checks=checks), root=root, command="repair")
        except LinliError as problem:
            done.append(f"{instance}: {problem}")
    return done


def _agree(work: Work, instance: int, checks: Collection[str]) -> list[str]:
    case = work.case(instance)
    waits, held = _waits(work, case), _held(work, instance)
    done: list[str] = []
    if "missing" in checks:
        done += [_make(work, case, waits[place]) for place in sorted(waits.keys() - held.keys())]
    for place, ids in sorted(held.items()):
        check, gone = ("double", ids[1:]) if place in waits else ("stray", ids)
        if gone and check in checks and place[0] != _CALL:
            _end(work, place[0], gone)
            done.append(f"{place[0]} {', '.join(map(str, gone))} of token {place[1]} ended")
    if "held" in checks and waits:
        done.append("marks of tasks that are held set as in the state")
    if done:
        asked = {view.before for view in bpmn.tokens(case.row.state)}
        case.held = {token: token in asked for table, token, _ in waits if table == "work_item"}
        case.touched = True  # saved under its guard: nobody moved it meanwhile
        work.line(case, "repaired", data={"note": "; ".join(done)})
    return [f"{instance}: {one}" for one in done]


def _waits(work: Work, case: Case) -> dict[Place, Wait]:
    """What the state says that it waits for."""
    if case.row.status != "running":
        return {}
    case.variables = bpmn.variables(case.row.state)
    waits = bpmn.waiting(case.process, case.row.state, work.world(case))
    return {(_TABLES.get(wait.kind, _CALL), wait.token, wait.part): wait for wait in waits}


def _held(work: Work, instance: int) -> dict[Place, list[int]]:
    """The rows there are; of a task that is there twice first the one that somebody has."""
    found: dict[Place, list[int]] = defaultdict(list)
    for table, row, token, part in loads.hanging(work.context.store, instance):
        found[table, token, part].append(row)
    return found


def _make(work: Work, case: Case, wait: Wait) -> str:
    if wait.kind == "call":
        work.apply(case, Break(wait.token, "call", "被调用的流程不在了。"))
        return f"token {wait.token} called a case that is not there: an incident now"
    case.opened[wait.token, wait.kind, wait.part] = wait
    return f"{_TABLES[wait.kind]} made for token {wait.token}"


def _end(work: Work, table: str, ids: list[int]) -> None:
    if table != "work_item":
        work.writes.delete(_MODELS[table], {"id": ids})
        return
    ended = {"status": "cancelled", "ended_at": work.now, "ended_by": work.actor}
    work.writes.update(WorkItem, ended, {"id": ids})
    work.writes.delete(Candidate, {"work_item": ids})
    work.writes.delete(Timer, {"work_item": ids})
