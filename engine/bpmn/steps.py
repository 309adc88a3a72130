"""Steps: one event into a case, then step after step until only the outside can move it.

Owns the dispatch of events, the order of steps (what was caught before all else, then first come first served) and
their bound. Pure: the same state, event and world give the same changes. Must not know what a node does.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop
from typing import Any

from engine.bpmn import aside, catching, joins, moves, scopes, state, throwing, withdrawing
from engine.bpmn import definitions as d
from engine.bpmn.model import (
    AddChild,
    AddSigner,
    Begin,
    Break,
    Cancel,
    Changes,
    Complete,
    Entry,
    Escalate,
    Event,
    Fire,
    Move,
    RemoveChild,
    Retry,
    Rework,
    SetVariables,
    Throw,
    Trouble,
    Withdraw,
    World,
)
from engine.bpmn.process import Process
from engine.bpmn.repeat import Added
from engine.bpmn.star import Star
from engine.bpmn.tokens import ERROR, READY, STARTED, WAITING, Token
from engine.errors import BpmnError, CannotMove, LinliError, NotFound, NotOpen, Said, TooManySteps

NO_SIGNER = Said("这项任务只有一位办理人，没有可以减去的签署人。", "it has one handler and no signer to remove")
LAST = Said("最后一位签署人不能减去。", "the last signer cannot be removed")
NO_TASK = Said("只有人工办理的任务可以加签。", "only a task for people can have signers")
LIMIT = 2_000  # steps of one command; some 0.1 ms each without expressions


def advance(process: Process, saved: bytes | None, event: Event, world: World, *, limit: int = LIMIT) -> Changes:
    """Apply one event. `saved` is None for Begin. Raises NotFound, NotOpen or CannotMove when the event does not fit
    the state: then nothing has happened."""
    star = apply(process, saved, event, world)
    for _ in range(limit):
        if not proceed(star):
            break
    else:
        _stop(star, limit)
    return conclude(star)


def apply(process: Process, saved: bytes | None, event: Event, world: World) -> Star:
    """The star after the event itself, before any step."""
    if isinstance(event, Begin):
        star = Star(process.spec, process.specs, world)
        _begin(star, process, event)
    else:
        if saved is None:
            raise NotFound(what="state", id=process.key)
        star = state.load(process, saved, world)
        _HANDLERS[type(event)](star, process, event)
    throwing.settle(star)
    return star


def proceed(star: Star) -> bool:
    """One step. False: only the outside can go on."""
    catching.conditions(star)
    token = _next(star)
    if token is not None:
        step(star, token)
    return token is not None


# ---- events --------------------------------------------------------------------------------------------------------


def _begin(star: Star, process: Process, event: Begin) -> None:
    if event.node is not None and event.node not in process.spec.task_specs:
        raise NotFound(what="element", id=event.node)
    if event.node is None and not process.spec.starts:
        raise NotFound(what="start event", id=process.key)
    star.called = event.called
    star.vars.update(scopes.copied(dict(event.variables)))
    star.enter(star, [event.node] if event.node is not None else None, event.part)
    for name in process.spec.together.get(event.node or "", ()):
        star.put(star, name)


def _live(star: Star, number: str) -> Token:
    if star.status != "running":
        raise NotOpen(state=star.status)
    token = star.find(int(number))
    if token is None:
        raise NotOpen(state="gone")
    return token


def _external(star: Star, number: str) -> Token:
    """A token that waits for a person, a job or a called process."""
    token = _live(star, number)
    manual, served = token.task_spec.manual and token.state == READY, token.task_spec.served and token.state == STARTED
    if not (manual or served) or "ran" in token.own:
        raise NotOpen(state=_word(token))
    return token


def _word(token: Token) -> str:
    return {READY: "ready", WAITING: "waiting", STARTED: "started", ERROR: "incident"}.get(token.state, "gone")


def _complete(star: Star, process: Process, event: Complete) -> None:
    token = _external(star, event.token)
    if token.task_spec.manual:
        if aside.held(star, token):
            raise NotOpen(state="held")
        withdrawing.begin(star, token)
    token.task_spec.result(token, event.variables)
    star.close(token, "completed")
    token.own["ran"] = 1
    step(star, token)


def _fire(star: Star, process: Process, event: Fire) -> None:
    token = _live(star, event.token)
    if token.state != WAITING:
        raise NotOpen(state=_word(token))
    parts = d.parts(token.task_spec.event.event_definition)
    if event.part >= len(parts) or (isinstance(parts[event.part], d.Timer) and str(event.part) not in token.own["due"]):
        raise NotOpen(state="caught")
    catching.hit(star, token, event.part, dict(event.payload))


def _throw(star: Star, process: Process, event: Throw) -> None:
    token = _external(star, event.token)
    star.close(token, "broken")
    catching.throw_error(star, token, d.Error(event.error_code, event.error_code), event.message, "activate")


def _escalate(star: Star, process: Process, event: Escalate) -> None:
    catching.throw_escalation(star, _external(star, event.token), d.Escalation(event.code, event.code))


def _break(star: Star, process: Process, event: Break) -> None:
    token = _live(star, event.token)
    if token.state == ERROR:
        raise NotOpen(state="incident")
    star.close(token, "broken")
    token._set_state(ERROR)
    token.own["at"] = "open" if token.own.get("listens") else "activate"
    star.say(token, "incident", kind=event.kind, message=event.message)
    node = token.task_spec.bpmn_id
    star.troubles[token.id] = Trouble(str(token.id), node, event.kind, event.message, event.message)


def _retry(star: Star, process: Process, event: Retry) -> None:
    token = _live(star, event.token)
    if token.state != ERROR:
        raise NotOpen(state=_word(token))
    at = token.own["at"]
    star.resolve(token)
    star.say(token, "resolved")
    if at == "join":
        scope = token.workflow
        star.discard(token)
        star.tidy(scope)
    elif at in ("open", "activate"):
        _open_again(star, token, at)
    else:
        star.schedule(token)


def _open_again(star: Star, token: Token, at: str) -> None:
    spec = token.task_spec
    hook: Callable[[Star, Token], None] = spec.subscribe if token.own.get("listens") else spec.open
    try:
        (spec.activate if at == "activate" and hasattr(spec, "activate") else hook)(star, token)
    except LinliError as problem:
        if at == "open" and not token.own.get("listens"):
            star.undo(token)
        star.report(token, problem, at)


def _set_variables(star: Star, process: Process, event: SetVariables) -> None:
    values = scopes.copied(dict(event.variables))
    if event.token is None:
        star.vars.update(values)
        star.journal.append(Entry(process.key, "set", {"names": sorted(values)}))
    else:
        token = _live(star, event.token)
        scopes.write(token, values)
        star.say(token, "set", names=sorted(values))


def _add_child(star: Star, process: Process, event: AddChild) -> None:
    token = _live(star, event.token)
    body = star.index[token.own["mi"]] if "mi" in token.own else token
    if not hasattr(body.task_spec, "add_child") or "loop" not in body.own:
        raise CannotMove(reason=f"{token.task_spec.bpmn_id}: not a multi-instance")
    body.task_spec.add_child(star, body, None, event.item, Added())


def _add_signer(star: Star, process: Process, event: AddSigner) -> None:
    token = _live(star, event.token)
    body = star.find(token.own.get("mi"))
    if not token.task_spec.manual:
        raise CannotMove(reason=NO_TASK)
    if body is not None and hasattr(body.task_spec, "add_child"):
        item = event.who if event.item is None else event.item
        body.task_spec.add_child(star, body, token, item, Added(event.who, event.when, event.by))
    else:
        aside.add(star, token, event.who, event.when, event.by)
    star.say(token, "signer-added", to=event.who, when=event.when)


def _rework(star: Star, process: Process, event: Rework) -> None:
    moves.rework(star, process, _live(star, event.token), event.target)


def _withdraw(star: Star, process: Process, event: Withdraw) -> None:
    if star.status != "running":
        raise NotOpen(state=star.status)
    withdrawing.withdraw(star, event.trail)


def _remove_child(star: Star, process: Process, event: RemoveChild) -> None:
    token = _live(star, event.token)
    if "side" in token.own:
        scope = token.workflow
        star.remove(token)
        star.tidy(scope)
        return
    if "mi" not in token.own or not hasattr(star.index[token.own["mi"]].task_spec, "drop_child"):
        raise CannotMove(reason=NO_SIGNER)
    if event.signer and star.index[token.own["mi"]].task_spec.only(star.index[token.own["mi"]]):
        raise CannotMove(reason=LAST)
    star.index[token.own["mi"]].task_spec.drop_child(star, token)
    star.tidy(token.workflow)


def _move(star: Star, process: Process, event: Move) -> None:
    if star.status != "running":
        raise NotOpen(state=star.status)
    moves.move(star, process, event)


def _cancel(star: Star, process: Process, event: Cancel) -> None:
    if star.status != "running":
        raise NotOpen(state=star.status)
    star.end("cancelled")


_HANDLERS: dict[type, Callable[[Star, Process, Any], None]] = {
    Complete: _complete,
    Fire: _fire,
    Throw: _throw,
    Escalate: _escalate,
    Break: _break,
    Retry: _retry,
    SetVariables: _set_variables,
    Move: _move,
    AddChild: _add_child,
    AddSigner: _add_signer,
    Rework: _rework,
    Withdraw: _withdraw,
    RemoveChild: _remove_child,
    Cancel: _cancel,
}


# ---- steps ---------------------------------------------------------------------------------------------------------


def _stop(star: Star, limit: int) -> None:
    """What could still go on after `limit` steps becomes incidents, each to be retried."""
    while (token := _next(star)) is not None:
        star.report(token, TooManySteps(limit=limit), "work")


def _next(star: Star) -> Token | None:
    """The first on the agenda that is still to run."""
    while star.agenda:
        _, number = heappop(star.agenda)
        token = star.index.get(number)
        if token is not None and token.state == READY:
            return token
    return None


def step(star: Star, token: Token) -> None:
    """Run one token by SpiffWorkflow's `Task.run`, then let what it threw take effect."""
    try:
        done = token.run()
    except BpmnError as problem:
        token._set_state(STARTED)
        catching.business_error(star, token, problem)
        done = None
    except LinliError as problem:
        star.report(token, problem, "work")
        done = None
    throwing.settle(star)
    if done and star.alive(token):
        star.settle(token)


# ---- the result ----------------------------------------------------------------------------------------------------


def conclude(star: Star) -> Changes:
    """The end of a command: starved joins are found, the state is saved."""
    if star.status == "running":
        joins.starved(star)
    trail = withdrawing.end(star)
    held = {str(n): aside.held(star, star.index[n]) for n in sorted(star.holds) if n in star.index}
    opened = [wait for number in sorted(star.waits) for wait in star.waits[number]]
    fresh = {wait.token for wait in opened}
    return Changes(
        state=state.dump(star),
        status=star.status,
        variables=dict(star.vars),
        journal=star.journal,
        opened=opened,
        closed=[(str(n), why) for n, why in star.closed.items() if n not in star.born],
        rearmed=[w for w in star.rearmed if w.token not in fresh and star.find(int(w.token)) is not None],
        published=star.published,
        troubles=list(star.troubles.values()),
        held=held,
        trail=trail,
        solved=[str(number) for number in dict.fromkeys(star.solved)],
        error_code=star.error_code,
        escalated=star.escalated,
    )
