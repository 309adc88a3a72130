"""Event nodes: start, end, intermediate and boundary events.

Owns which of them wait and which throw. What catching and throwing mean is in `catching` and `throwing`.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs import defaults as stock

from engine.bpmn import definitions as d
from engine.bpmn import scopes, throwing
from engine.bpmn.model import Wait
from engine.bpmn.node import Node
from engine.bpmn.star import Star
from engine.bpmn.tokens import WAITING, Token


class Catching(Node):
    """A WAITING token is the subscription."""

    event_definition: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event = self

    def open(self, star: Star, token: Token) -> None:
        if token.own.get("fired") or isinstance(self.event_definition, d.Nothing):
            star.schedule(token)
        else:
            self.subscribe(star, token)

    def begun(self) -> dict[str, Any]:
        return {}

    def caught(self, part: int | None) -> dict[str, Any]:
        definition = self.event_definition
        several = isinstance(definition, d.Multiple) and definition.parallel
        return {"seen": [part]} if several and part is not None else {"fired": 1}

    def subscribe(self, star: Star, token: Token) -> None:
        if self.settings.inputs:
            scopes.map_inputs(star, token)
        d.subscribe(star, token, self.event)
        star.wait(token, WAITING)

    def waits(self, star: Star, token: Token) -> list[Wait]:
        return d.waits(token, self.event)


class Start(Catching, stock.StartEvent):
    """A start event; the token that enters it has been caught already, but for what a parallel multiple one still
    waits for."""

    interrupting = True

    def begun(self) -> dict[str, Any]:
        return {"fired": 1}


class Catch(Catching, stock.IntermediateCatchEvent):
    """An intermediate catch event."""


class Boundary(Catching, stock.BoundaryEvent):
    """An event on an activity's border; its listening token names its host."""


class Throw(Node, stock.IntermediateThrowEvent):
    """An intermediate throw event."""

    def open(self, star: Star, token: Token) -> None:
        scopes.map_inputs(star, token)
        star.schedule(token)

    def work(self, star: Star, token: Token) -> bool:
        return throwing.throw(star, token, self.event_definition)


class End(Throw, stock.EndEvent):
    """An end event: the token's last step."""
