"""Taking back a completion: what it led to, kept when it happens, and putting things back while nobody has acted on it.

Owns the trail of a completion (plain data the caller keeps: the tokens it left, where others arrived, the repetition it
was part of) and its undoing. What ran in between (scripts, messages) has run. Must not know people or rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.bpmn.star import Star
from engine.bpmn.tokens import STARTED, Token
from engine.errors import Said, TooLate

HANGING = frozenset(("host", "side", "before", "back"))  # by which a token belongs to another
ENDED = Said("所在的子流程已随之结束，请用退回。", "its subprocess has ended by it: return it instead")
MOVED_ON = Said("后面的步骤已经有人处理。", "somebody has acted on what followed")
CUT = Said("这次办理同时结束了其他任务，请用退回。", "it has ended other tasks too: return it instead")
SIGNED = Said("加签意见已并入任务。", "an added signer's opinion has joined the task already")


def begin(star: Star, token: Token) -> None:
    """Before a task is completed: where it stands."""
    own, scope = token.own, token.workflow
    body = star.find(own["mi"]) if "mi" in own else None
    star.trail = {
        "token": str(token.id),
        "scope": scope.host.id if scope.host is not None else 0,
        "node": token.task_spec.place,
    }
    if body is not None and "items" in body.own.get("loop", {}):
        loop = body.own["loop"]
        others = sorted(child.own["i"] for child in body.task_spec.children(body))
        star.trail |= {"body": body.id, "place": own["i"], "loop": loop, "others": others}
        star.trail["later"] = dict(loop.get("later", {}))
    star.trail |= {key: own[key] for key in ("side", "back") if key in own}
    star.trail["mine"] = _around(star, token)
    star.trail["before"] = star.arrived()


def _around(star: Star, token: Token) -> set[int]:
    """Tokens that go with a task when it is done: its repetition's others, and what listens or waits beside them."""
    found = {token.id}
    if "mi" in token.own:
        body = token.own["mi"]
        found |= {body, *(t.id for t in star.index.values() if t.own.get("mi") == body)}
    hanging = [t for t in star.index.values() if not HANGING.isdisjoint(t.own)]
    return found | {t.id for t in hanging if any(t.own.get(key) in found for key in HANGING)}


def end(star: Star) -> dict[str, Any] | None:
    """After the command: the trail as it is kept, None when nothing was completed."""
    trail = star.trail
    if trail is None:
        return None
    mine, before, later = trail.pop("mine"), trail.pop("before"), trail.pop("later", {})
    trail["tokens"] = sorted(number for number in star.born if number in star.index)
    trail["arrived"] = [list(place) for place, count in star.arrived().items() if count > before.get(place, 0)]
    if any(why == "cancelled" and n not in star.born and n not in mine for n, why in star.closed.items()):
        trail["cut"] = 1
    if trail.get("body") in star.index:
        del trail["loop"], trail["others"]
    elif "loop" in trail:
        trail["loop"] = {**trail["loop"], "later": later}
        trail["loop"].pop("verdict", None)
    return trail


def withdraw(star: Star, trail: Mapping[str, Any]) -> None:
    """Put a completed task back. TooLate (nothing may be kept then) when that is not possible any more."""
    scope = star if not trail["scope"] else star.subprocesses.get(trail["scope"])
    if "side" in trail:
        raise TooLate(reason=SIGNED)
    if scope is None:
        raise TooLate(reason=ENDED)
    if trail.get("cut"):
        raise TooLate(reason=CUT)
    _untouched(star, trail)
    for number in trail["tokens"]:
        token = star.find(number)
        if token is not None:
            star.remove(token)
    for host, node, flow in trail["arrived"]:
        _take_back(star if not host else star.subprocesses[host], node, flow)
    _reopen(star, scope, trail)
    for one in star.scopes:
        star.tidy(one)


def _untouched(star: Star, trail: Mapping[str, Any]) -> None:
    arrived = star.arrived()
    gone = any(number not in star.index for number in trail["tokens"])
    if gone or any(not arrived.get(tuple(place)) for place in trail["arrived"]):
        raise TooLate(reason=MOVED_ON)


def _take_back(scope: Any, node: str, flow: str) -> None:
    scope.arrivals[node][flow] -= 1
    if not scope.arrivals[node][flow]:
        del scope.arrivals[node][flow]
    if not scope.arrivals[node]:
        del scope.arrivals[node]


def _reopen(star: Star, scope: Any, trail: Mapping[str, Any]) -> None:
    body = star.find(trail.get("body"))
    if body is not None:
        _again(star, body, trail["place"])
    elif "body" in trail and "loop" not in trail:  # it went on when others had signed
        raise TooLate(reason=MOVED_ON)
    elif "body" in trail:
        loop, others = trail["loop"], trail["others"]
        _unsign(loop, trail["place"])
        if scope.spec.task_specs[trail["node"]].rule.sequential:
            loop["next"] = max(others) + 1
        star.put(scope, trail["node"], again=[loop, others])
    elif "back" in trail:
        host = star.find(trail["back"])
        if host is None or host.state == STARTED:
            raise TooLate(reason=MOVED_ON)
        star.put(scope, trail["node"], back=host.id, before=host.id)
    else:
        star.put(scope, trail["node"], fired=1)


def _again(star: Star, body: Token, place: int) -> None:
    """The repetition still runs: its child signs again; one who was asked only because of it is no longer."""
    loop = body.own["loop"]
    _unsign(loop, place)
    if body.task_spec.rule.sequential:
        loop["next"] = place + 1
    body.task_spec.open_at(star, body, place)


def _unsign(loop: dict[str, Any], place: int) -> None:
    loop["done"] = max(loop["done"] - 1, 0)
    for kept in ("results", "votes"):
        loop.get(kept, {}).pop(str(place), None)
