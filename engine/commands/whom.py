"""Who would get a task now, and why: the question of a designer, and of whoever wonders why it did not come to them.

Owns no rule. The diagram says whom a task is addressed to (`bpmn.addressed`), the policies decide as they do for a task
that opens (`policies.handlers`, in a command that is never committed), people give the reasons (`People.explain`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine import bpmn
from engine.bpmn.model import Wait
from engine.commands import policies
from engine.commands.case import Case
from engine.commands.context import Context
from engine.commands.work import Order, Work
from engine.errors import NotFound
from engine.people import Reason
from engine.store import loads


@dataclass(frozen=True, slots=True)
class Whom:
    """The answer. `assignee`: has it at once; `logins`: may claim it; `reasons`: why each is meant, by login;
    `left_out`: who was there and is not meant; `why`: the policy that decided instead of the rules: nobody (found),
    initiator (nobody decides on their own case), '' none; `passed`: the task would be passed at once, for this reason;
    `substitutes`: who also sees it, by login; `load`: open tasks of each."""

    rules: tuple[str, ...]
    assignee: str
    logins: tuple[str, ...]
    reasons: dict[str, Reason] = field(default_factory=dict)
    left_out: tuple[Reason, ...] = ()
    why: str = ""
    passed: str = ""
    substitutes: dict[str, list[str]] = field(default_factory=dict)
    load: dict[str, int] = field(default_factory=dict)


def of_rules(context: Context, rules: Sequence[str], unit: str, initiator: str, variables: Mapping[str, Any]) -> Whom:
    """Whom rules mean now, without any process. InvalidValue."""
    picked, others = context.people.explain(rules, unit, initiator, variables)
    logins = [reason.login for reason in picked]
    return _whom(context, tuple(rules), "", logins, picked, others, process="")


def of_step(context: Context, process: str, node: str, unit: str, initiator: str, variables: Mapping[str, Any]) -> Whom:
    """Who would get a task of the latest version of a process if it opened now. NotFound, InvalidValue,
    ExpressionFailed when the diagram's expressions miss a variable."""
    version = context.definitions.latest("process", process)
    if version is None:
        raise NotFound(what="process", id=process)
    work, case = _trial(context, version.id, process, unit, initiator, variables)
    wait = bpmn.addressed(case.process, node, work.world(case), case.variables)
    return _decided(context, work, case, wait)


def _trial(
    context: Context, definition: int, process: str, unit: str, initiator: str, variables: Mapping[str, Any]
) -> tuple[Work, Case]:
    """A case that is never saved, and a command that is never committed."""
    now = context.clock.now()
    row = loads.CaseRow(
        id=0, definition=definition, process_key=process, version=0, status="running", suspended=False,
        business_key=None, title="", unit=unit, started_by=initiator, started_at=now, ended_at=None, parent=None,
        parent_token=None, root=0, guard=0, state=b"",
    )  # fmt: skip
    case = Case(row, context.definitions.process(definition), fresh=True)
    case.variables = {"unit": unit, **variables}
    return Work(context, Order(initiator, now, 0, None, "whom")), case


def _decided(context: Context, work: Work, case: Case, wait: Wait) -> Whom:
    row = case.row
    rules = [*wait.groups, *(f"login:{login}" for login in (wait.assignee, *wait.candidates) if login)]
    picked, others = context.people.explain(rules, row.unit, row.started_by, case.variables)
    if passed := policies.passing(work, case, wait):
        return _whom(context, tuple(rules), "", [], picked, others, process=row.process_key, passed=passed)
    if wait.properties.get("signers"):
        logins = [reason.login for reason in picked]
        return _whom(context, tuple(rules), "", logins, picked, others, process=row.process_key)
    found = policies.handlers(work, case, wait)
    return _whom(
        context,
        tuple(rules),
        found.assignee,
        found.candidates,
        picked,
        others,
        process=row.process_key,
        why=found.why,
    )


def _whom(
    context: Context,
    rules: tuple[str, ...],
    assignee: str,
    logins: Sequence[str],
    picked: Sequence[Reason],
    others: Sequence[Reason],
    *,
    process: str,
    why: str = "",
    passed: str = "",
) -> Whom:
    meant = [login for login in (assignee, *logins) if login]
    return Whom(
        rules,
        assignee,
        tuple(logins),
        {reason.login: reason for reason in picked},
        tuple(reason for reason in others if reason.login not in meant),
        why,
        passed,
        context.people.substitutes.standing(meant, process),
        loads.open_counts(context.store, meant) if meant else {},
    )
