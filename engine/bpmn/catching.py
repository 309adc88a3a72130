"""Catching: a subscription is a waiting token; what happens to it, and to what it interrupts, once its event comes.

Owns firing, event-based races, multiple definitions, cycles, conditional events and the search for who catches an error
or escalation. Of two equal subscriptions the outermost, then the oldest, is served. Must not know who threw.
"""

from __future__ import annotations

from typing import Any

from engine.bpmn import definitions as d
from engine.bpmn import scopes
from engine.bpmn.star import Star
from engine.bpmn.tokens import WAITING, Token
from engine.errors import BpmnError, LinliError, UncaughtError


def event_of(token: Token) -> Any:
    """The spec whose definitions a token listens for (of an event subprocess: its start)."""
    return token.task_spec.event


def hit(star: Star, token: Token, part: int, payload: dict[str, Any]) -> None:
    """One definition of a waiting token has happened."""
    definition = event_of(token).event_definition
    single = d.parts(definition)[part]
    stays = spend(star, token, part) if isinstance(single, d.Timer) else True
    together = isinstance(definition, d.Multiple) and definition.parallel
    if together and not _last(token, part, payload, len(definition.event_definitions)):
        _wait_anew(star, token)
        return
    fire(star, token, {} if together else payload, stays or _others(token, definition))
    if (together or not stays) and star.alive(token) and token.state == WAITING:
        _wait_anew(star, token)


def _last(token: Token, part: int, payload: dict[str, Any], count: int) -> bool:
    """Note a part of a parallel multiple event; whether it was the last."""
    seen = token.own.get("seen", [])
    token.own["seen"] = seen if part in seen else [*seen, part]
    if payload:
        scopes.accept(token, payload)
    if len(token.own["seen"]) < count:
        return False
    del token.own["seen"]
    return True


def _wait_anew(star: Star, token: Token) -> None:
    """What a listener no longer waits for is taken back outside; the rest stays."""
    star.close(token, "caught")
    star.wait(token, WAITING)


def _others(token: Token, definition: Any) -> bool:
    """Whether a multiple definition still has something to wait for besides a spent timer."""
    return any(not isinstance(single, d.Timer) for single in d.parts(definition)) or bool(token.own.get("due"))


def spend(star: Star, token: Token, part: int) -> bool:
    """A timer has fired: set its next firing, counted from its anchor. False: there is none."""
    dues = token.own["due"]
    event = event_of(token)
    due = d.unpacked(dues.pop(str(part)))
    after = star.world.again(due, event.settings.properties.get("calendar", "")) if due.left != 1 else None
    if after is None:
        return False
    dues[str(part)] = d.packed(after)
    star.rearmed += [wait for wait in d.waits(token, event) if wait.part == part]
    return True


def fire(star: Star, token: Token, payload: dict[str, Any], stays: bool = True) -> None:
    """The token's event is caught: interrupt what it interrupts, and let it go on (or send a token of its own)."""
    event = event_of(token)
    star.say(token, "caught", at=event)
    if event is not token.task_spec:
        _fire_subprocess(star, token, payload, stays)
    elif "listens" in token.own:
        _fire_boundary(star, token, payload, stays)
    else:
        _fire_catch(star, token, payload, stays)


def _fire_subprocess(star: Star, token: Token, payload: dict[str, Any], stays: bool) -> None:
    scope, spec = token.workflow, token.task_spec
    if spec.event.interrupting:
        cut(star, scope)
    elif not stays:
        _spent(star, token)
    star.put(scope, spec.name, only=[spec.event.name], payload=scopes.copied(payload))


def _fire_boundary(star: Star, token: Token, payload: dict[str, Any], stays: bool) -> None:
    scope, spec = token.workflow, token.task_spec
    if spec.cancel_activity:
        host = star.index[token.own.pop("host")]
        del token.own["listens"]
        star.remove(host)
        _go_on(star, token, payload)
        return
    if not stays:
        _spent(star, token)
    _go_on(star, star.add(scope, spec.name, WAITING, {}), payload)


def _fire_catch(star: Star, token: Token, payload: dict[str, Any], stays: bool) -> None:
    race = token.own.get("race")
    if race:
        for rival in token.workflow.tokens:
            if rival is not token and rival.own.get("race") == race:
                star.remove(rival)
    elif stays and isinstance(token.task_spec.event_definition, d.Cycle):
        _go_on(star, star.add(token.workflow, token.task_spec.name, WAITING, {}), payload)
        return
    _go_on(star, token, payload)


def _spent(star: Star, token: Token) -> None:
    star.close(token, "caught")
    star.discard(token)


def _go_on(star: Star, token: Token, payload: dict[str, Any]) -> None:
    """A caught token runs before anything else."""
    star.close(token, "caught")
    for name in ("due", "key", "was", "race"):
        token.own.pop(name, None)
    scopes.accept(token, payload)
    token.own["fired"] = 1
    star.schedule(token)


def cut(star: Star, scope: Any) -> None:
    """An interrupting event subprocess takes over a scope; its listeners are remembered for a move back."""
    off = [t.task_spec.name for t in scope.tokens if t.own.get("listens") and t.task_spec.event is not t.task_spec]
    star.clear(scope)
    scope.off = off


# ---- signals and conditions ----------------------------------------------------------------------------------------


def signal(star: Star, name: str, payload: dict[str, Any]) -> None:
    """Deliver a signal to everything that listens in this case, outermost first; one may interrupt another."""
    found = [
        (token, part)
        for token in star.every()
        if token.state == WAITING
        for part, single in enumerate(d.parts(event_of(token).event_definition))
        if isinstance(single, d.Signal) and single.name == name
    ]
    for token, part in found:
        if star.alive(token) and token.state == WAITING:
            hit(star, token, part, payload)


def conditions(star: Star) -> None:
    """Fire conditional events whose condition has become true since it was last asked."""
    for number in sorted(star.conditional):
        token = star.index.get(number)
        if token is None or "was" not in token.own or token.state != WAITING:
            star.conditional.discard(number)
            continue
        for part, single in enumerate(d.parts(event_of(token).event_definition)):
            if isinstance(single, d.Conditional) and star.alive(token) and "was" in token.own:
                _ask(star, token, part, single)


def _ask(star: Star, token: Token, part: int, single: Any) -> None:
    try:
        now = star.world.test(scopes.expression(single.expression), scopes.seen(token))
    except LinliError as problem:
        star.report(token, problem, "open")
        return
    was = token.own["was"]
    if isinstance(was, dict):
        before, token.own["was"] = was[str(part)], {**was, str(part): now}
    else:
        before, token.own["was"] = was, now
    if now and not before:
        hit(star, token, part, {})


# ---- errors and escalations ----------------------------------------------------------------------------------------


def catcher(star: Star, token: Token, thrown: Any) -> Token | None:
    """The nearest listener for an error or escalation: the activity's own boundary, the scope's event subprocesses, the
    host's boundary, then upwards. A listener for this very code goes before one for all."""
    at: Token | None = token
    while at is not None:
        scope = at.workflow
        hosts = {at.id, at.own.get("mi", at.id)}
        found = _best(thrown, [t for t in scope.tokens if t.own.get("host") in hosts]) or _best(
            thrown, [t for t in scope.tokens if t.own.get("listens") and "host" not in t.own]
        )
        if found is not None:
            return found
        at = scope.host
    return None


def _best(thrown: Any, listeners: list[Token]) -> Token | None:
    """The listener that names the code, else the one that takes any."""
    any_code = None
    for token in listeners:
        for single in d.parts(event_of(token).event_definition) if token.state == WAITING else ():
            if type(single) is type(thrown):
                if single.code == thrown.code:
                    return token
                any_code = any_code or (token if single.code is None else None)
    return any_code


def throw_error(star: Star, token: Token, thrown: Any, reason: str = "", at: str = "work") -> None:
    """A business error at a token: caught, or handed to the parent that waits for the case, or an incident."""
    found = catcher(star, token, thrown)
    if found is not None:
        fire(star, found, {**_told(found, "errorCode", thrown.code), **_told(found, "errorMessage", reason)})
    elif star.called:
        star.error_code = thrown.code or ""
        star.end("completed")
    else:
        problem = UncaughtError(error_code=thrown.code, reason=reason)
        star.report(token, problem, at)


def business_error(star: Star, token: Token, problem: BpmnError) -> None:
    """The same for an error raised by a script or service."""
    code = problem.error_code
    throw_error(star, token, d.Error(code, code), str(problem.details.get("reason", "")))


def throw_escalation(star: Star, token: Token, thrown: Any) -> None:
    """An escalation at a token: caught, or handed to the parent that waits for the case. BPMN allows that nobody
    catches it."""
    found = catcher(star, token, thrown)
    if found is not None:
        fire(star, found, _told(found, "escalationCode", thrown.code))
    elif star.called:
        star.escalated.append(thrown.code or "")


def _told(listener: Token, name: str, value: Any) -> dict[str, Any]:
    """What an error says of itself: only for a listener that maps it, never loose among the process's variables."""
    return {name: value} if event_of(listener).settings.outputs else {}
