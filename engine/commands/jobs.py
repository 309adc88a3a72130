"""Service tasks with an effect outside: run with no transaction open, then completed by an ordinary command.

Owns the job's life: taken for a while by a conditional update (so that two processes do not run it at once), run
with a key the other side can recognise, retried with a growing delay, an incident when its attempts are spent. At
least once, never lost.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from engine.bpmn.model import Complete, Event, Throw
from engine.commands import failures
from engine.commands.context import Context
from engine.commands.runner import perform
from engine.commands.work import Work
from engine.errors import BpmnError, Conflict, LinliError
from engine.expressions import values
from engine.store import due, loads
from engine.store.locks import attempts
from engine.store.models import Job
from engine.store.points import Point, pass_through

log = logging.getLogger(__name__)


def run(context: Context, job_id: int) -> bool:
    """Run a due job; False when another process has it or it failed (it is put off, or an incident, then)."""
    with attempts(context.store, [f"job-{job_id}"]) as mine:  # a clock that jumps ends the hold of a row, not this
        return bool(mine) and _run(context, job_id)


def _run(context: Context, job_id: int) -> bool:
    job = _take(context, job_id)
    if job is None:
        return False
    pass_through(Point.JOB_TAKEN)
    try:
        result = _work(context, job)
    except BpmnError as thrown:
        pass_through(Point.JOB_HANDLED)
        return _land(context, job, Throw(job["token"], thrown.error_code, thrown.details.get("reason", "")))
    except Exception as problem:
        log.warning(
            "job %s (%s) failed: %s", job_id, job["type"], problem, exc_info=not isinstance(problem, LinliError)
        )
        pass_through(Point.JOB_FAILED)
        return _failed(context, job, problem)
    pass_through(Point.JOB_HANDLED)
    return _land(context, job, Complete(job["token"], dict(result or {})))


def _take(context: Context, job_id: int) -> dict[str, Any] | None:
    job = loads.job(context.store, job_id)
    if job is None or job["status"] != "waiting":
        return None
    return job if due.take_job(context.store, job_id, job["due_at"], context.clock.now()) else None


def _work(context: Context, job: dict[str, Any]) -> Mapping[str, Any] | None:
    handler = context.handlers.get(job["type"])
    if handler is None:
        raise LookupError(f"没有名为“{job['type']}”的服务 (no service of this name)")
    result = handler(values.loads(job["inputs"]), values.loads(job["headers"]), job["key"])
    values.check(dict(result or {}))
    return result


def _land(context: Context, job: dict[str, Any], event: Event) -> bool:
    """Tell the case. One that cannot take the answer costs the job an attempt: it used to be run again for ever."""
    try:
        return _finish(context, job, event)
    except failures.OUTAGE:
        raise
    except Exception as problem:
        log.exception("the answer of job %s could not be given to case %s", job["id"], job["instance"])
        return _failed(context, job, problem)


def _finish(context: Context, job: dict[str, Any], event: Event) -> bool:
    def plan(work: Work) -> bool:
        if loads.job(context.store, job["id"]) is None:
            return False  # its token moved on while it ran
        case = work.case(job["instance"])
        if case.row.suspended:
            work.writes.update(Job, {"due_at": work.now}, {"id": job["id"]})
            return False
        work.apply(case, event)
        return True

    try:
        return perform(context, "", plan, root=loads.root(context.store, job["instance"]), command="job")
    except Conflict:
        due.put_off_job(context.store, job["id"], job["attempts"], context.clock.now(), "")
        return False


def _failed(context: Context, job: dict[str, Any], problem: Exception) -> bool:
    attempts, message = job["attempts"] + 1, failures.words(problem)
    if attempts < max(job["retries"], 1):
        due.put_off_job(context.store, job["id"], attempts, context.clock.now() + failures.delay(attempts), message)
        return False
    try:
        if not failures.give_up(context, job, "job", problem):
            due.park_job(context.store, job["id"], attempts, message)
    except Conflict:
        due.put_off_job(context.store, job["id"], job["attempts"], context.clock.now(), message)
    return False
