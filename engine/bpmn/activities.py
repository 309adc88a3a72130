"""Activities that do one thing: tasks for people, scripts, services, decisions, messages, called processes.

Owns what each kind of task does and waits for. Results go through the output mapping, else to the nearest scope. Must
not know people, jobs or rows: those are made from the `Wait`s by others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from SpiffWorkflow.bpmn.specs import defaults as stock

from engine.bpmn import aside, compensation, scopes, throwing
from engine.bpmn import definitions as d
from engine.bpmn.events import Catching
from engine.bpmn.model import Wait
from engine.bpmn.node import Node
from engine.bpmn.settings import Settings
from engine.bpmn.star import Star
from engine.bpmn.tokens import READY, STARTED, WAITING, Token
from engine.errors import InvalidValue

SIGNER = "signer"  # variable of each signer of the property `signers`, unless the repetition names another


class Activity(Node):
    """Anything with a border: it maps its inputs, its boundary events listen, then it becomes active."""

    def open(self, star: Star, token: Token) -> None:
        scopes.map_inputs(star, token)
        if not token.own.keys() & {"mi", "side", "back"}:
            for name in self.boundary:
                star.listen(token.workflow, name, host=token.id)
        self.activate(star, token)

    def activate(self, star: Star, token: Token) -> None:
        """Begin. May raise."""
        star.schedule(token)

    def result(self, token: Token, values: dict[str, Any]) -> None:
        """Somebody outside has done it."""
        scopes.accept(token, values)

    def record(self, star: Star, token: Token) -> None:
        if "side" not in token.own:
            compensation.record(star, token)

    def basics(self, token: Token) -> dict[str, Any]:
        """What every Wait of an activity says."""
        return {
            "token": str(token.id),
            "node": self.bpmn_id,
            "name": self.bpmn_name or "",
            "properties": self.settings.properties,
            "headers": self.settings.headers,
        }


class Plain(Activity, stock.NoneTask):
    """A task that says nothing of how: it passes (SpiffWorkflow would wait for somebody)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.manual = False


class User(Activity, stock.UserTask):
    """A task for a person."""

    def activate(self, star: Star, token: Token) -> None:
        star.wait(token, READY)

    def result(self, token: Token, values: dict[str, Any]) -> None:
        if "side" in token.own:
            token.own["answer"] = scopes.copied(values)
        else:
            super().result(token, values)

    def lingers(self, star: Star, token: Token) -> bool:
        waits = aside.lingers(star, token)
        if waits and not token.own.get("said"):
            star.say(token, "completed")
            token.own["said"] = 1
        return waits

    def leave(self, star: Star, token: Token) -> None:
        if "side" in token.own:
            scopes.write(token, aside.answered(token, scopes.seen(token)), skip_local=True)
        else:
            super().leave(star, token)

    def waits(self, star: Star, token: Token) -> list[Wait]:
        s, seen, who = self.settings, scopes.seen(token), token.own.get("who", "")
        users, groups = ((), ()) if who else addressed(s, lambda text: scopes.value_of(star, token, text, seen))
        due = star.world.due(s.due_date, "deadline", s.properties.get("calendar", ""), seen) if s.due_date else None
        return [
            Wait(
                kind="user",
                ref=text_of(scopes.value_of(star, token, s.form, seen)),
                binding=s.form_binding,
                due=due,
                assignee=who or self._assignee(star, token, seen),
                candidates=users,
                groups=groups,
                asked_by=token.own.get("by", ""),
                priority=number(scopes.value_of(star, token, s.priority, seen), 50),
                **self.basics(token),
            )
        ]

    def _assignee(self, star: Star, token: Token, seen: dict[str, Any]) -> str:
        """As the diagram says; one of several signers who are named by the property `signers` is that signer."""
        s = self.settings
        if not s.assignee and s.properties.get("signers") and s.repetition and "mi" in token.own:
            return text_of(seen.get(s.repetition.element or SIGNER))
        return text_of(scopes.value_of(star, token, s.assignee, seen))


class Manual(User):
    """A task done without any system; somebody says when it is done."""


class Script(Activity, stock.ScriptTask):
    """FEEL with a result variable, or Python in the sandbox."""

    def work(self, star: Star, token: Token) -> bool:
        if self.settings.python:
            changed = star.world.run_script(self.settings.python, scopes.copied(scopes.seen(token)))
            scopes.accept(token, changed)
        else:
            value = star.world.evaluate(scopes.expression(self.settings.script), scopes.seen(token))
            scopes.accept(token, {self.settings.result: value})
        return True


class Decision(Activity, stock.ServiceTask):
    """A business rule task with a DMN decision."""

    def work(self, star: Star, token: Token) -> bool:
        seen = scopes.seen(token)
        decision = text_of(scopes.value_of(star, token, self.settings.decision, seen))
        shape = self.settings.properties.get("answer", "")
        found = star.world.decide(decision, self.settings.decision_binding, seen, shape)
        star.say(token, "decided", decision=decision, version=found.version, **found.told())
        value = found.value
        if self.settings.result:
            scopes.accept(token, {self.settings.result: value})
        elif isinstance(value, dict):
            scopes.accept(token, value)
        return True


class Service(Activity, stock.ServiceTask):
    """A task of a service type: run inside the command when the type is inline, else a job."""

    served = True

    def activate(self, star: Star, token: Token) -> None:
        kind = text_of(scopes.value_of(star, token, self.settings.service))
        if star.world.inline(kind):
            star.schedule(token)
        else:
            star.wait(token, STARTED)

    def waits(self, star: Star, token: Token) -> list[Wait]:
        s, seen = self.settings, scopes.seen(token)
        return [
            Wait(
                kind="job",
                ref=text_of(scopes.value_of(star, token, s.service, seen)),
                inputs=scopes.copied(seen if s.properties.get("inputs") == "all" else token.own.get("local", {})),
                retries=number(scopes.value_of(star, token, s.retries, seen), 3),
                **self.basics(token),
            )
        ]

    def result(self, token: Token, values: dict[str, Any]) -> None:
        scopes.accept(token, {self.settings.result: dict(values)} if self.settings.result else values)

    def work(self, star: Star, token: Token) -> bool:
        kind = text_of(scopes.value_of(star, token, self.settings.service))
        inputs = scopes.copied(token.own.get("local", {}))
        about = {"token": str(token.id), "node": self.bpmn_id, "properties": self.settings.properties}
        value = scopes.copied(star.world.call(kind, inputs, self.settings.headers, about))
        if self.settings.outputs:
            within = value if isinstance(value, dict) else {}
            scopes.accept(token, {**within, "result": value})
        if self.settings.result:
            scopes.write(token, {self.settings.result: value}, skip_local=True)
        return True


class Call(Activity, stock.CallActivity):
    """A called process: a case of its own, made by others from the Wait."""

    served = True

    def activate(self, star: Star, token: Token) -> None:
        star.wait(token, STARTED)

    def waits(self, star: Star, token: Token) -> list[Wait]:
        s, seen = self.settings, scopes.seen(token)
        return [
            Wait(
                kind="call",
                ref=text_of(scopes.value_of(star, token, s.called, seen)),
                binding=s.called_binding,
                inputs=scopes.copied(token.own.get("local", {}) if s.inputs else seen),
                **self.basics(token),
            )
        ]

    def result(self, token: Token, values: dict[str, Any]) -> None:
        if self.settings.propagate or self.settings.outputs:
            scopes.accept(token, values)


class Send(Activity, stock.SendTask):
    """A task that sends a message."""

    def work(self, star: Star, token: Token) -> bool:
        return throwing.throw(star, token, self.event_definition)


class Receive(Catching, Activity, stock.ReceiveTask):
    """A task that waits for a message."""

    def open(self, star: Star, token: Token) -> None:
        Activity.open(self, star, token)

    def activate(self, star: Star, token: Token) -> None:
        if token.own.get("fired"):  # its message has begun the case
            star.schedule(token)
        else:
            d.subscribe(star, token, self)
            star.wait(token, WAITING)


def addressed(settings: Settings, value: Callable[[str], Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Logins and assignment rules that a task for people names; `value` evaluates a setting."""
    return names(value(settings.candidate_users)), names(value(settings.candidate_groups))


def text_of(value: Any) -> str:
    """A setting that must be text; null is ''."""
    return "" if value is None else str(value)


def names(value: Any) -> tuple[str, ...]:
    """A list of names: a FEEL list, or text with commas."""
    parts: Iterable[Any] = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    return tuple(text for text in (text_of(part).strip() for part in parts) if text)


def number(value: Any, unset: int) -> int:
    """A whole number; `unset` when there is none. Raises InvalidValue."""
    if value is None or value == "":
        return unset
    try:
        return int(value)
    except (TypeError, ValueError) as problem:
        raise InvalidValue(reason=f"{value!r:.80} is not a whole number") from problem
