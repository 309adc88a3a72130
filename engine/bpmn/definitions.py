"""Event definitions as data: SpiffWorkflow's classes, and the two it lacks; subscriptions of a token, part by part.

Owns what a waiting token keeps for each definition it listens for (`due`, `key`, `was`) and the `Wait`s made of it.
Must not know what happens once an event is caught.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.conditional import ConditionalEventDefinition as Conditional
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import ErrorEventDefinition as Error
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import EscalationEventDefinition as Escalation
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import SignalEventDefinition as Signal
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition as Multiple
from SpiffWorkflow.bpmn.specs.event_definitions.simple import CancelEventDefinition as Cancelled
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition as Nothing
from SpiffWorkflow.bpmn.specs.event_definitions.simple import TerminateEventDefinition as Terminate
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition as Cycle,
)
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    DurationTimerEventDefinition as Duration,
)
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    TimeDateEventDefinition as TimeDate,
)
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    TimerEventDefinition as Timer,
)

from engine.bpmn import scopes
from engine.bpmn.model import Due, Wait
from engine.bpmn.star import Star
from engine.bpmn.tokens import Token
from engine.errors import ExpressionFailed

__all__ = [
    "Cancelled",
    "Compensate",
    "Conditional",
    "Cycle",
    "Duration",
    "Error",
    "Escalation",
    "Message",
    "Multiple",
    "Nothing",
    "Signal",
    "Terminate",
    "TimeDate",
    "Timer",
]


class Compensate(EventDefinition):
    """Compensation, of one activity or of the whole scope (SpiffWorkflow has none)."""

    def __init__(self, activity: str | None = None, waits: bool = True) -> None:
        super().__init__("compensate")
        self.activity = activity
        self.waits = waits  # the thrower goes on once all is undone, else at once


class Message(MessageEventDefinition):
    """A message with the FEEL of its correlation key ('' = none)."""

    def __init__(self, name: str, correlation: str = "") -> None:
        super().__init__(name)
        self.correlation = correlation


def parts(definition: Any) -> list[Any]:
    """The single definitions of a plain or multiple one."""
    return definition.event_definitions if isinstance(definition, Multiple) else [definition]


def subscribe(star: Star, token: Token, event: Any) -> None:
    """Evaluate what the definitions of `event` (a spec) need, into the token. Raises what evaluation raises."""
    for number, definition in enumerate(parts(event.event_definition)):
        part = str(number)
        if isinstance(definition, Timer):
            calendar = event.settings.properties.get("calendar", "")
            due = star.world.due(definition.expression, timer_kind(definition), calendar, scopes.seen(token))
            if due is None:
                raise ExpressionFailed(expression=definition.expression, reason="the time is null")
            token.own.setdefault("due", {})[part] = packed(due)
        elif isinstance(definition, Message) and definition.correlation:
            token.own.setdefault("key", {})[part] = correlation(star, token, definition.correlation)
    asked = [str(n) for n, one in enumerate(parts(event.event_definition)) if isinstance(one, Conditional)]
    if asked:
        token.own["was"] = False if len(asked) == 1 else dict.fromkeys(asked, False)
        star.conditional.add(token.id)


def correlation(star: Star, token: Token, text: str) -> str:
    """The value of a correlation key as text. Raises ExpressionFailed: null would match nothing, for ever."""
    value = scopes.value_of(star, token, text)
    if value is None or isinstance(value, (list, dict)):
        raise ExpressionFailed(expression=text, reason=f"a correlation key must be text or a number, not {value!r:.40}")
    return str(value)


def waits(token: Token, event: Any) -> list[Wait]:
    """One Wait for each definition that the outside must serve."""
    found = []
    seen = token.own.get("seen", ())
    for number, definition in enumerate(parts(event.event_definition)):
        wait = _wait(token, event, number, definition) if number not in seen else None
        if wait is not None:
            found.append(wait)
    return found


def _wait(token: Token, event: Any, number: int, definition: Any) -> Wait | None:
    common = {
        "token": str(token.id),
        "node": event.bpmn_id,
        "part": number,
        "name": event.bpmn_name or "",
        "properties": event.settings.properties,
    }
    if isinstance(definition, Timer):
        due = token.own.get("due", {}).get(str(number))
        return Wait(kind="timer", due=unpacked(due), **common) if due else None
    if isinstance(definition, Message):
        key = token.own.get("key", {}).get(str(number))
        return Wait(kind="message", ref=definition.name, correlation=key, **common)
    if isinstance(definition, Signal):
        return Wait(kind="signal", ref=definition.name, **common)
    return None


def timer_kind(definition: Timer) -> str:
    """date | duration | cycle."""
    return "cycle" if isinstance(definition, Cycle) else "date" if isinstance(definition, TimeDate) else "duration"


def packed(due: Due) -> list[Any]:
    """A Due as saved."""
    saved = [due.at.isoformat(), due.left, due.every, due.anchor.isoformat() if due.anchor else None, due.flag]
    return [*saved, due.length] if due.length else saved


def unpacked(saved: list[Any]) -> Due:
    """A Due of its saved form."""
    at, left, every, anchor, flag, *length = saved
    first = datetime.fromisoformat(anchor) if anchor else None
    return Due(datetime.fromisoformat(at), left, every, first, flag, *length)
