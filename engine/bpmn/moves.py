"""Moving tokens: return, jump, skip, withdraw (design section 3).

Owns what has to go with a token that leaves, and the place where one appears. Moving the last token out of a scope
cancels the scope; back from an interrupting event subprocess re-arms the listeners that were switched off.
"""

from __future__ import annotations

from typing import Any

from engine.bpmn import catching
from engine.bpmn.gateways import downstream
from engine.bpmn.model import Move
from engine.bpmn.process import Process
from engine.bpmn.star import Star
from engine.bpmn.tokens import STARTED, Token
from engine.errors import CannotMove, NotFound, Said

NO_TASK = Said(
    "办完后回到本步，只能退回到人工办理的步骤。", "to come back here, the earlier step must be a person's task"
)
CLOSED = Said(
    "那一步所在的子流程已经结束，不能办完后直接回到本步，请选“重新走流程”。",
    "that step's subprocess is over: choose to go through the steps again",
)


def move(star: Star, process: Process, event: Move) -> None:
    """Take tokens out, put one at the target. Raises CannotMove, NotFound; then nothing may be kept."""
    leave = [_leaving(star, number) for number in event.leave]
    target = process.node(event.target)
    if target.type == "boundaryEvent" or target.undoes or (target.event is not None and target.inner):
        raise CannotMove(reason=f"{event.target}: {target.type}")
    region, partly = _region(process, event)
    leave += [t for t in star.every() if t not in leave and (_in_region(t, region) or _rivals(t, leave))]
    above = _scopes_above(leave)
    left = list(dict.fromkeys(token.workflow for token in leave))
    bodies = _take_out(star, leave)
    _forget_arrivals(star, region, partly, leave)
    new = _place(star, process, event.target, above)
    star.say(new, "moved", tokens=[str(token.id) for token in leave])
    for scope in sorted(left, key=lambda scope: -scope.level):
        _prune(star, scope)
    for body in bodies:
        _prune_body(star, body)
    for scope in star.scopes:
        star.tidy(scope)


def rework(star: Star, process: Process, token: Token, target: str) -> None:
    """A task at the target beside the token, which is held until that is done. Raises CannotMove, NotFound."""
    spec = process.node(target)
    if not process.node(getattr(spec, "child", "") or target).manual:
        raise CannotMove(reason=NO_TASK)
    scope = next((one for one in _scopes_above([token]) if target in one.spec.task_specs), None)
    if scope is None:
        raise CannotMove(reason=CLOSED)
    star.put(scope, target, back=token.id, before=token.id)
    star.say(token, "held", to=target)


def _leaving(star: Star, number: str) -> Token:
    token = star.find(int(number))
    if token is None:
        raise NotFound(what="token", id=number)
    if _undoes(token) or token.own.get("listens"):
        raise CannotMove(reason=f"{token.task_spec.bpmn_id}: a compensation handler or a listener")
    return token


def _region(process: Process, event: Move) -> tuple[set[str], dict[str, set[str]]]:
    """Elements that are emptied, and single flows into joins that are."""
    if event.region is not None:
        return set(event.region), {}
    spec = next(spec for spec in process.specs.values() if event.target in spec.task_specs)
    return downstream(spec, event.target)


def _in_region(token: Token, region: set[str]) -> bool:
    return token.task_spec.place in region and not token.own.get("listens") and not _undoes(token)


def _undoes(token: Token) -> bool:
    """Whether a token is, or is inside, a compensation handler at work: what threw it waits for it."""
    at: Token | None = token
    while at is not None:
        if "for" in at.own:
            return True
        at = at.workflow.host
    return False


def _rivals(token: Token, leave: list[Token]) -> bool:
    """Whether it waits behind the same event-based gateway as one that leaves."""
    race = token.own.get("race")
    return race is not None and any(race == other.own.get("race") for other in leave)


def _scopes_above(leave: list[Token]) -> list[Any]:
    """The scope the first token leaves, and those around it."""
    scope = leave[0].workflow if leave else None
    above = []
    while scope is not None:
        above.append(scope)
        scope = scope.host.workflow if scope.host is not None else None
    return above


def _take_out(star: Star, leave: list[Token]) -> list[Token]:
    """Remove the tokens; the bodies whose children left."""
    bodies = []
    for token in leave:
        body = star.find(token.own["mi"]) if "mi" in token.own else None
        if body is not None:
            bodies.append(body)
            if star.alive(token):
                body.task_spec.forget(star, body, token)
        star.remove(token)
    return bodies


def _forget_arrivals(star: Star, region: set[str], partly: dict[str, set[str]], leave: list[Token]) -> None:
    """Tokens that wait at joins of the region left; those of a starved join that was moved."""
    for scope in star.scopes:
        for name in [n for n in {*scope.arrivals, *scope.consumed} if n in region]:
            scope.arrivals.pop(name, None)
            scope.consumed.pop(name, None)
        for name in partly.keys() & scope.arrivals.keys():
            kept = {flow: n for flow, n in scope.arrivals.pop(name).items() if flow not in partly[name]}
            scope.arrivals |= {name: kept} if kept else {}
    for token in leave:
        token.workflow.arrivals.pop(token.task_spec.name, None)


def _place(star: Star, process: Process, target: str, above: list[Any]) -> Token:
    """A token at the target; scopes around it that are not open are opened without their own starts."""
    scope: Any = star
    for name in process.chains[target]:
        hosts = [t for t in scope.tokens if t.task_spec.name == name and t.id in star.subprocesses]
        host = next((h for h in hosts if star.subprocesses[h.id] in above), None)
        host = host or (hosts[0] if len(hosts) == 1 else None)
        scope = star.subprocesses[(host or _open(star, scope, name, hosts)).id]
    _rearm(star, scope)
    scope.todo = [name for name in scope.todo if name != target]
    return star.put(scope, target, **scope.spec.task_specs[target].begun())


def _open(star: Star, scope: Any, name: str, hosts: list[Token]) -> Token:
    node = scope.spec.task_specs[name]
    if hosts or node.place != name:
        raise CannotMove(reason=f"{node.place}: {len(hosts)}")
    if node.event is not None and node.event.interrupting:
        catching.cut(star, scope)
    host = star.put(scope, name, bare=1)
    if host.id not in star.subprocesses:  # its input mapping failed
        raise CannotMove(reason=node.place)
    return host


def _rearm(star: Star, scope: Any) -> None:
    """The scope is back in its main flow: listen again with what an event subprocess had switched off."""
    for token in scope.tokens:
        event = token.task_spec.event
        taken = event is not None and event is not token.task_spec and token.state == STARTED and event.interrupting
        if taken and star.subprocesses[token.id].busy():
            return
    for name in scope.off:
        star.listen(scope, name)
    scope.off = []


def _prune(star: Star, scope: Any) -> None:
    """A scope left empty is cancelled, not completed; then the one around it, if that is empty now."""
    while scope is not star and star.is_open(scope) and not scope.busy() and not scope.arrivals:
        host = scope.host
        outer, body = host.workflow, star.find(host.own["mi"]) if "mi" in host.own else None
        if body is not None:
            body.task_spec.forget(star, body, host)
            _prune_body(star, body)
        else:
            star.remove(host)
        scope = outer


def _prune_body(star: Star, body: Token) -> None:
    """A body whose last child was moved out is cancelled."""
    if star.alive(body) and not body.task_spec.children(body):
        star.remove(body)
        _prune(star, body.workflow)
