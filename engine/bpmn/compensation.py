"""Compensation: undoing what has completed, last first, each with the variables it saw then.

Owns the records a scope keeps (of an activity, or of each child of a loop), the queue of a thrower, handlers, reopened
subprocesses and the cancelling of a transaction. Must not know how handlers work.
"""

from __future__ import annotations

from typing import Any

from engine.bpmn import definitions as d
from engine.bpmn import scopes
from engine.bpmn.catching import fire
from engine.bpmn.star import Star
from engine.bpmn.tokens import STARTED, Token

THROW = "(compensate)"  # invented in each scope: starts the default compensation of a reopened subprocess


def record(star: Star, token: Token) -> None:
    """Keep what a completed activity needs to be undone; nothing when it cannot be."""
    body = star.find(token.own["mi"]) if "mi" in token.own else None
    outer = body.task_spec if body is not None else token.task_spec
    if "for" in token.own or not undoable(star, token, outer):
        return
    kept = token.own.get("kept", {})
    variables = kept.get("vars") or scopes.seen(token)
    token.workflow.records.append(
        {"activity": outer.name, "spec": token.task_spec.name, "vars": variables, "records": kept.get("records", [])}
    )


def undoable(star: Star, token: Token, outer: Any) -> bool:
    """Whether the activity has a handler, or is a subprocess with something inside to undo."""
    if outer.handler:
        return True
    inner = getattr(token.task_spec, "inner", "")
    if not inner:
        return False
    return bool(token.own.get("kept", {}).get("records") or star.subprocess_specs[inner].undo)


def compensate(star: Star, token: Token, activity: str | None = None) -> None:
    """Queue the records of the thrower's scope; an event subprocess compensates the scope it belongs to."""
    scope = token.workflow
    while scope.host is not None and scope.host.task_spec.event is not None:
        scope = scope.host.workflow
    mine = [r for r in scope.records if activity in (None, r["activity"])]
    scope.records = [r for r in scope.records if not any(r is m for m in mine)]
    token.own.update(queue=mine, where=scope.host.id if scope.host is not None else 0)
    go_on(star, token)


def go_on(star: Star, token: Token) -> None:
    """The next handler of a thrower, or its end."""
    if token.own["queue"]:
        _handle(star, token, token.own["queue"].pop())
    elif token.own.get("then") == "cancel":
        _after_cancel(star, token)
    else:
        del token.own["queue"], token.own["where"]
        star.finish(token)


def _handle(star: Star, token: Token, kept: dict[str, Any]) -> None:
    where = token.own["where"]
    scope = star.subprocesses[where] if where else star
    outer = scope.spec.task_specs[kept["activity"]]
    if outer.handler:
        star.put(scope, outer.handler, **{"for": token.id, "snap": kept["vars"]})
    else:
        _reopen(star, scope, token, kept)


def _reopen(star: Star, scope: Any, token: Token, kept: dict[str, Any]) -> None:
    """Open a finished subprocess again, for its handlers only."""
    host = star.add(scope, kept["spec"], STARTED, {"for": token.id})
    sub = star.create_subprocess(host, host.task_spec.inner)
    sub.records, sub.snap, sub.vars = kept["records"], kept["vars"], {}
    undo = sub.spec.undo
    if undo:
        star.put(sub, undo, only=[sub.spec.task_specs[undo].event.name])
    else:
        star.put(sub, THROW)


def cancel_transaction(star: Star, token: Token) -> None:
    """A cancel end event: the transaction stops, what it did is undone, then its cancel boundary event goes on."""
    scope = token.workflow
    while scope.host is not None and not scope.host.task_spec.is_transaction:
        token, scope = scope.host, scope.host.workflow
    star.clear(scope, keep=token)
    token.own["then"] = "cancel"
    compensate(star, token)


def _after_cancel(star: Star, token: Token) -> None:
    host = token.workflow.host
    scope = host.workflow
    for listener in scope.tokens:
        mine = listener.own.get("host") in (host.id, host.own.get("mi")) and "host" in listener.own
        if mine and isinstance(listener.task_spec.event_definition, d.Cancelled):
            fire(star, listener, {})
            return
    star.remove(host)
    star.tidy(scope)
