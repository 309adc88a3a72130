"""Signatures of a repeated task: who signs, each one's vote, when the vote is decided, and what it came to.

Owns the properties `signers`, `signing`, `agree`, `weight`, `early` and `verdict` of a repeated task, and what of them
is kept in the body's `loop`: votes (place -> [agreed, weight]) and the verdict. How votes are counted is `signing`'s.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from engine.bpmn import scopes, signing
from engine.bpmn.star import Star
from engine.bpmn.tokens import Token
from engine.errors import BadRepetition
from engine.expressions import feel

SIGNERS = "people.signers"  # inline service that makes logins of rules


def rule_of(spec: Any) -> signing.Rule | None:
    """How the signatures of a repeated task are counted; None: they are not."""
    written = spec.settings.properties.get("signing", "")
    return signing.rule(written) if written else None


def agree_of(spec: Any) -> str:
    """FEEL: whether an answer agrees."""
    return scopes.expression(spec.settings.properties.get("agree") or signing.AGREE)


@cache
def names(expression: str) -> frozenset[str]:
    """Variables that an expression names."""
    return frozenset(feel.names(expression)) if expression else frozenset()


def signers(star: Star, body: Token) -> list[Any]:
    """Those whom the property `signers` (assignment rules) means now. BadRepetition when it means nobody: a countersign
    without signers is never counted as passed."""
    spec = body.task_spec
    rules = [part.strip() for part in spec.settings.properties["signers"].split(",") if part.strip()]
    about = {"token": str(body.id), "node": spec.bpmn_id, "properties": spec.settings.properties}
    found = star.world.call(SIGNERS, {"rules": rules, "variables": scopes.seen(body)}, {}, about)
    if not found:
        raise BadRepetition(node=spec.bpmn_name or spec.bpmn_id, reason=f"{', '.join(rules)}: nobody")
    return list(found)


def own_names(spec: Any, body: Token, found: dict[str, Any]) -> dict[str, Any]:
    """A child's variables with those that its answer gives: signers must not overwrite each other's."""
    if rule_of(spec) is not None:
        outer = scopes.seen(body)
        said = names(agree_of(spec)) | (names(scopes.expression(spec.rule.output_element)) - outer.keys())
        for name in said:
            found.setdefault(name, None)
    return found


def vote(star: Star, body: Token, child: Token) -> None:
    """A child is done: note its vote. May raise: the child's incident."""
    if rule_of(body.task_spec) is not None:
        agreed = star.world.evaluate(agree_of(body.task_spec), scopes.seen(child))
        child.own["vote"] = [agreed is True, _weight(star, body, child.own["i"])]


def _weight(star: Star, body: Token, place: int) -> Any:
    written = body.task_spec.settings.properties.get("weight", "")
    if not written:
        return 1
    own = body.task_spec.variables(body, place)
    value = star.world.evaluate(scopes.expression(written), {**scopes.seen(body), **own})
    return int(weight) if (weight := signing.weight(value)).denominator == 1 else value


def decide(star: Star, body: Token, children: list[Token]) -> None:
    """Look whether the votes so far, or the signers left, decide it."""
    rule, loop = rule_of(body.task_spec), body.own["loop"]
    if rule is None or "verdict" in loop:
        return
    tally, patient = _tally(star, body, children), body.task_spec.settings.properties.get("early", "") == "no"
    verdict = signing.verdict(rule, tally, patient)
    if verdict is not None:
        loop["verdict"] = verdict


def _tally(star: Star, body: Token, children: list[Token]) -> signing.Tally:
    loop = body.own["loop"]
    votes = [(agreed, signing.weight(weight)) for agreed, weight in loop.get("votes", {}).values()]
    waiting = {child.own["i"] for child in children} | {int(place) for place in loop.get("later", {})}
    waiting |= set(range(loop["next"], len(loop["items"]))) - set(loop["gone"])
    still = [signing.weight(_weight(star, body, place)) for place in waiting if str(place) not in loop.get("votes", {})]
    zero = signing.weight(0)
    agreed, refused = (sum((w for yes, w in votes if yes is side), zero) for side in (True, False))
    return signing.Tally(agreed, refused, sum(still, zero))


def tell(star: Star, body: Token) -> None:
    """The vote is over: its result becomes a variable and a line of the journal."""
    loop = body.own.get("loop", {})
    if "verdict" not in loop or body.own.get("told"):
        return
    body.own["told"] = 1
    name = body.task_spec.settings.properties.get("verdict") or signing.VERDICT
    scopes.write(body, {name: loop["verdict"]}, skip_local=True)
    votes = list(loop.get("votes", {}).values())
    agreed = sum(1 for yes, _ in votes if yes)
    signers = len(loop["items"]) - len(loop["gone"])
    counts = {"agreed": agreed, "refused": len(votes) - agreed, "signers": signers}
    star.say(body, "counted", passed=loop["verdict"], **counts)
