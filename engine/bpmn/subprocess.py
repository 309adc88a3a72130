"""Embedded subprocesses, transactions, event subprocesses and ad-hoc subprocesses: nodes that open a scope.

Owns what happens when their scope opens and closes. Must not step through it: the star does.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs import defaults as stock

from engine.bpmn import compensation, scopes
from engine.bpmn import definitions as d
from engine.bpmn.activities import Activity
from engine.bpmn.model import Wait
from engine.bpmn.star import Star
from engine.bpmn.tokens import STARTED, WAITING, Token


class Subprocess(Activity, stock.SubWorkflowTask):
    """Its token is STARTED while the scope lives."""

    def __init__(self, wf_spec: Any, bpmn_id: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, subworkflow_spec=bpmn_id, **kwargs)
        self.inner = bpmn_id

    def activate(self, star: Star, token: Token) -> None:
        token._set_state(STARTED)
        sub = star.create_subprocess(token, self.inner)
        sub.vars.update(token.own.pop("local", {}))
        scopes_payload = token.own.pop("payload", None)
        only, bare = token.own.pop("only", None), token.own.pop("bare", None)
        if scopes_payload:
            self.receive(sub, scopes_payload)
        if bare:
            for name in sub.spec.event_subs:
                star.listen(sub, name)
        else:
            star.enter(sub, only)

    def receive(self, sub: Any, payload: dict[str, Any]) -> None:
        """An event's payload belongs to the scope it opened."""
        sub.vars.update(payload)

    def closing(self, star: Star, token: Token, sub: Any) -> None:
        """Before the scope goes: its variables serve the output mapping; what can be undone is kept."""
        token.own["kept"] = {"records": sub.records}
        body = star.find(token.own["mi"]) if "mi" in token.own else token
        if body is not None and compensation.undoable(star, token, body.task_spec):
            token.own["kept"]["vars"] = scopes.seen(sub.task_tree)
        if self.settings.outputs or "mi" in token.own:
            token.own["local"] = dict(sub.vars)


class Transaction(Subprocess):
    """A subprocess that a cancel end event undoes."""

    is_transaction = True


class EventSubprocess(Subprocess):
    """A subprocess that an event starts; a listening token waits in the scope it belongs to. `event` is its start."""

    def subscribe(self, star: Star, token: Token) -> None:
        d.subscribe(star, token, self.event)
        star.wait(token, WAITING)

    def waits(self, star: Star, token: Token) -> list[Wait]:
        return d.waits(token, self.event) if token.own.get("listens") else []


class AdHoc(Subprocess):
    """Inner activities without an incoming flow all begin, together or one by one. A condition, asked whenever one of
    them is done, may end it early: what still runs is cancelled or, with `cancels` off, awaited."""

    sequential = False
    cancels = True
    until = ""

    def first(self, names: list[str]) -> tuple[list[str], list[str]]:
        return (names[:1], names[1:]) if self.sequential else (names, [])

    def inner_leaves(self, star: Star, token: Token) -> None:
        if self.until:
            seen = scopes.seen(token.workflow.task_tree)
            token.own["over"] = star.world.test(scopes.expression(self.until), seen)

    def inner_done(self, star: Star, scope: Any, token: Token) -> None:
        if token.own.get("over"):
            scope.todo = []
            if self.cancels:
                star.clear(scope)
        if scope.todo and not scope.busy() and not scope.arrivals:
            name = scope.todo.pop(0)
            star.put(scope, name, **scope.spec.task_specs[name].begun())
