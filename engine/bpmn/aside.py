"""Tokens beside a task: signers added to a single task, and an earlier step done again before a task goes on.

Owns who waits for whom. What a side token carries: `side` the task it was added to (its answer is an opinion, not the
task's result), `before` the task that is held until it is gone, `back` the task to return to when a step done again is
done, `who` the person. A task keeps in `after` those who are asked when it is done. Must not know people or rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.bpmn.tokens import STARTED, Token

if TYPE_CHECKING:
    from engine.bpmn.star import Star

BEFORE, BESIDE, AFTER = "before", "beside", "after"
OPINIONS = "opinions"  # variable that gathers what signers of a single task answered; property `opinions` renames it


def held(star: Star, token: Token) -> bool:
    """Whether somebody has to be done before this task goes on."""
    return any(other.own.get("before") == token.id for other in star.index.values())


def of(star: Star, token: Token) -> list[Token]:
    """Live signers of a single task."""
    return [other for other in star.index.values() if other.own.get("side") == token.id]


def hanging(star: Star, token: Token) -> list[Token]:
    """What goes when the token goes: its signers, and the step that is done again for it."""
    return [t for t in star.index.values() if token.id in (t.own.get("side"), t.own.get("back"))]


def add(star: Star, token: Token, who: str, when: str, by: str) -> None:
    """One more signer for a single task, or for one of its signers."""
    if when == AFTER:
        token.own.setdefault("after", []).append([who, by])
        return
    own = {"before": token.id} if when == BEFORE else {}
    _open(star, token, who, by, **own)


def lingers(star: Star, token: Token) -> bool:
    """The token's own work is done: those who follow are asked now. Whether it has to wait for any signer."""
    for who, by in token.own.pop("after", []):
        _open(star, token, who, by)
    return "side" not in token.own and bool(of(star, token))


def _open(star: Star, token: Token, who: str, by: str, **own: Any) -> None:
    host = token.own.get("side", token.id)
    star.put(token.workflow, token.task_spec.name, side=host, who=who, by=by, **own)


def answered(token: Token, seen: Mapping[str, Any]) -> dict[str, Any]:
    """A signer is done: the opinions, which the diagram may ask for, with theirs."""
    name = token.task_spec.settings.properties.get("opinions") or OPINIONS
    known = seen.get(name)
    opinion = {**token.own.pop("answer", {}), "by": token.own["who"]}
    return {name: [*(known if isinstance(known, list) else []), opinion]}


def go_on(star: Star, host: Token) -> None:
    """A signer is gone: a task that has waited for the last one leaves."""
    if star.alive(host) and host.state == STARTED and "ran" in host.own and not of(star, host):
        star.finish(host)
