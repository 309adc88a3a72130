"""After a migration: a translated state begins to wait for what the new version waits for.

Owns arming listeners that the new version adds, and starting again those that wait for something else. Pure, like every
step; what the waits become is the commands'. Must not decide what may move: that is `migrating`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.bpmn import definitions as d
from engine.bpmn import state
from engine.bpmn.migrating import Translation
from engine.bpmn.model import Changes, Trouble, Wait, World
from engine.bpmn.process import Process
from engine.bpmn.star import Star
from engine.bpmn.steps import LIMIT, conclude, proceed
from engine.bpmn.tokens import Token
from engine.errors import LinliError


@dataclass(slots=True)
class Armed:
    """`changes`: as of any step; `again`: waits of tokens that go on waiting, for something else; `renewed`: token ->
    its task as the new version sets it; `failed`: what could not be computed, so that the case must not move."""

    changes: Changes
    again: list[Wait] = field(default_factory=list)
    renewed: dict[str, Wait] = field(default_factory=dict)
    failed: list[Trouble] = field(default_factory=list)


def arm(process: Process, translated: Translation, world: World) -> Armed:
    """Arm what is to be armed, then let the case come to rest (a join may have all it waits for now)."""
    star = state.load(process, translated.state, world)
    again = _again(star, translated)
    renewed = _renewed(star, translated)
    for scope, name, host in translated.listen:
        holder = star if not scope else star.subprocesses[scope]
        star.listen(holder, name, **({"host": host} if host else {}))
    for number in translated.gone:
        star.closed.setdefault(number, "cancelled")
        star.solved.append(number)
    for scope in star.scopes:
        star.tidy(scope)
    for _ in range(LIMIT):
        if not proceed(star):
            break
    changes = conclude(star)
    return Armed(changes, again, renewed, list(star.troubles.values()))


def _again(star: Star, translated: Translation) -> list[Wait]:
    """Tokens whose timer, message or condition is another one now; the waits of the definitions that changed."""
    found: list[Wait] = []
    for number, parts in translated.again.items():
        token = star.index[number]
        event, dues = token.task_spec.event, dict(token.own.get("due", {}))
        try:
            d.subscribe(star, token, event)
        except LinliError as problem:
            star.report(token, problem, "open")
            continue
        _keep(token, dues, parts)
        found += [wait for wait in d.waits(token, event) if wait.part in parts]
    return found


def _keep(token: Token, dues: dict[str, list[object]], changed: list[int]) -> None:
    """Timers that say the same stay as they were; one that had fired stays spent."""
    for part in [part for part in token.own.get("due", {}) if int(part) not in changed]:
        if part in dues:
            token.own["due"][part] = dues[part]
        else:
            del token.own["due"][part]


def _renewed(star: Star, translated: Translation) -> dict[str, Wait]:
    found: dict[str, Wait] = {}
    for number in translated.renew:
        token = star.index[number]
        try:
            found[str(number)] = token.task_spec.waits(star, token)[0]
        except LinliError as problem:
            star.report(token, problem, "activate")
    return found
