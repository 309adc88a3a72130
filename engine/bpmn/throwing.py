"""Throwing: what an event, once thrown by a token, sets off; done after the token's step, in the order thrown.

Owns the dispatch over event definitions and the making of messages and signals to be published. Must not search for
catchers itself.
"""

from __future__ import annotations

from typing import Any

from engine.bpmn import catching, compensation, scopes
from engine.bpmn import definitions as d
from engine.bpmn.model import Publish
from engine.bpmn.star import Star
from engine.bpmn.tokens import STARTED, Token

HOLDS = (d.Error, d.Cancelled, d.Compensate)  # the thrower stays until somebody finishes or removes it


def throw(star: Star, token: Token, definition: Any) -> bool:
    """A token throws all its definitions. False: it does not simply go on. Raises what evaluating a payload raises."""
    if isinstance(definition, d.Nothing):
        return True
    singles = d.parts(definition)
    sent = {id(s): publish(star, token, s) for s in singles if isinstance(s, (d.Message, d.Signal))}
    star.published += sent.values()
    star.pending += [(token, s, dict(sent[id(s)].payload) if id(s) in sent else {}) for s in singles]
    star.say(token, "thrown", **_named(singles[0]))
    return not any(isinstance(single, HOLDS) and getattr(single, "waits", True) for single in singles)


def _named(single: Any) -> dict[str, Any]:
    if isinstance(single, (d.Error, d.Escalation)):
        return {"code": single.code}
    return {"name": single.name} if isinstance(single, (d.Message, d.Signal)) else {}


def publish(star: Star, token: Token, single: Any) -> Publish:
    """The message or signal to send: payload and key from the element's properties, else from its input mapping."""
    properties = token.task_spec.settings.properties
    key = properties.get("correlationKey") or getattr(single, "correlation", "")
    correlation = d.correlation(star, token, key) if key else None
    payload = token.own.get("local", {})
    if "payload" in properties:
        value = scopes.value_of(star, token, properties["payload"])
        payload = value if isinstance(value, dict) else {"payload": value}
    kind = "message" if isinstance(single, d.Message) else "signal"
    return Publish(kind, single.name, correlation, scopes.copied(payload))


def settle(star: Star) -> None:
    """Let everything thrown in this step take effect."""
    while star.pending:
        token, single, payload = star.pending.pop(0)
        if star.alive(token):
            _take_effect(star, token, single, payload)


def _beside(star: Star, token: Token) -> Token:
    """A token that compensates while its thrower goes on."""
    return star.add(token.workflow, compensation.THROW, STARTED, {})


def _take_effect(star: Star, token: Token, single: Any, payload: dict[str, Any]) -> None:
    if isinstance(single, d.Signal):
        catching.signal(star, single.name, payload)
    elif isinstance(single, d.Error):
        catching.throw_error(star, token, single)
    elif isinstance(single, d.Escalation):
        catching.throw_escalation(star, token, single)
    elif isinstance(single, d.Terminate):
        star.clear(token.workflow, keep=token)
    elif isinstance(single, d.Compensate):
        compensation.compensate(star, token if single.waits else _beside(star, token), single.activity)
    elif isinstance(single, d.Cancelled):
        compensation.cancel_transaction(star, token)
