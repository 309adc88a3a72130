"""Repeated activities: multi-instance (sequential, parallel) and the standard loop.

Owns a body's items, the children, results in input order, adding and removing a child. A body is a STARTED token; its
children are tokens of the same scope that name it; what they save is in `own["loop"]`: items, next (place of the next
child), results, done, gone (places that no longer count), who and by (added signers), later (places that wait for
another one's answer), votes, verdict. Must not know what the repeated activity does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from engine.bpmn import scopes, throwing, voting
from engine.bpmn import settings as s
from engine.bpmn.activities import SIGNER, Activity
from engine.bpmn.aside import AFTER, BEFORE
from engine.bpmn.star import Star
from engine.bpmn.tokens import STARTED, Token
from engine.errors import BadRepetition

MOST = 10_000  # children of one body


@dataclass(frozen=True, slots=True)
class Added:
    """How a signer is added. `when`: before | beside | after; `by`: who did it."""

    who: str = ""
    when: str = "beside"
    by: str = ""


_NAME = re.compile(r"=?\s*([^\W\d]\w*)\s*(?:\.|$)")


class Body(Activity):
    """What multi-instance and loop have in common. `child` is the name of the activity's own spec."""

    child = ""

    def children(self, body: Token) -> list[Token]:
        return [t for t in body.workflow.tasks.values() if t.own.get("mi") == body.id]

    def begin(self, body: Token, items: list[Any]) -> dict[str, Any]:
        body._set_state(STARTED)
        body.own["loop"] = {"items": items, "next": 0, "results": {}, "done": 0, "gone": []}
        return body.own["loop"]

    def open_child(self, star: Star, body: Token) -> None:
        loop = body.own["loop"]
        loop["next"] += 1
        self.open_at(star, body, loop["next"] - 1)

    def open_at(self, star: Star, body: Token, place: int, **own: Any) -> None:
        """A child at a place of the input."""
        added = body.own["loop"].get("who", {}).get(str(place))
        own |= {"who": added[0], "by": added[1]} if added else {}
        star.put(body.workflow, self.child, mi=body.id, i=place, vars=self.variables(body, place), **own)

    def variables(self, body: Token, place: int) -> dict[str, Any]:
        return {"loopCounter": place + 1}

    def child_leaves(self, star: Star, body: Token, child: Token) -> None:
        """A child is done and still there: evaluate what depends on its variables. May raise: the child's incident."""

    def child_done(self, star: Star, body: Token, child: Token) -> None:
        """A child is gone."""

    def end_if_done(self, star: Star, body: Token) -> None:
        if star.alive(body) and not body.own.get("ran") and not self.children(body):
            star.finish(body)

    def record(self, star: Star, token: Token) -> None:
        """Each child has its own record."""


class Announcement(NamedTuple):
    """What a multi-instance throws when a child is about to complete: each time, for the first only, on a condition."""

    definition: Any
    first: bool = False
    condition: str = ""


class MultiInstance(Body):
    """Once for each item of a collection, or a number of times."""

    throws: tuple[Announcement, ...] = ()

    @property
    def rule(self) -> s.Repetition:
        rule = self.settings.repetition
        assert rule is not None
        return rule

    def activate(self, star: Star, token: Token) -> None:
        again = token.own.pop("again", None)
        if again is not None:
            self._open_again(star, token, *again)
            return
        self.begin(token, self.items(star, token))
        self.open_next(star, token)
        self.end_if_done(star, token)

    def _open_again(self, star: Star, body: Token, loop: dict[str, Any], places: list[int]) -> None:
        """The repetition as it was before its last child was done: a withdrawal."""
        self.begin(body, [])
        body.own["loop"] = loop
        for place in places:
            self.open_at(star, body, place)

    def items(self, star: Star, body: Token) -> list[Any]:
        rule, seen = self.rule, scopes.seen(body)
        if self.settings.properties.get("signers"):
            found = voting.signers(star, body)
        elif rule.collection:
            found = star.world.evaluate(scopes.expression(rule.collection), seen)
            if not isinstance(found, list):
                raise BadRepetition(node=self.bpmn_id, reason=f"{rule.collection}: {type(found).__name__}")
        else:
            count = star.world.evaluate(scopes.expression(rule.cardinality), seen)
            if isinstance(count, bool) or not isinstance(count, (int, float)) or count != int(count) or count < 0:
                raise BadRepetition(node=self.bpmn_id, reason=f"{rule.cardinality}: {count!r:.40}")
            found = list(range(min(int(count), MOST + 1)))
        if len(found) > MOST:
            raise BadRepetition(node=self.bpmn_id, reason=f"> {MOST}")
        if not rule.sequential:
            star.room(len(found))
        return found

    def variables(self, body: Token, place: int) -> dict[str, Any]:
        found: dict[str, Any] = super().variables(body, place)
        element = self.rule.element or (SIGNER if self.settings.properties.get("signers") else "")
        if element:
            found[element] = body.own["loop"]["items"][place]
        name = _NAME.match(self.rule.output_element)
        if name and self.rule.output_collection:
            found.setdefault(name[1], None)
        return voting.own_names(self, body, found)

    def open_next(self, star: Star, body: Token) -> None:
        """Open every child that may be open now: one when sequential, else all."""
        loop = body.own["loop"]
        while loop["next"] < len(loop["items"]):
            if loop["next"] in loop["gone"] or str(loop["next"]) in loop.get("later", ()):
                loop["next"] += 1
            elif self.rule.sequential and self.children(body):
                return
            else:
                self.open_child(star, body)

    def child_leaves(self, star: Star, body: Token, child: Token) -> None:
        seen = scopes.seen(child)
        if self.rule.output_collection and self.rule.output_element:
            child.own["result"] = star.world.evaluate(scopes.expression(self.rule.output_element), seen)
        voting.vote(star, body, child)
        if self.rule.until:
            known = {**seen, **self.numbers(body)}
            child.own["over"] = star.world.test(scopes.expression(self.rule.until), known)
        self.announce(star, body, child)

    def announce(self, star: Star, body: Token, child: Token) -> None:
        """Throw what the behaviour says a child throws that is about to complete (BPMN 2.0.2, 10.3.8)."""
        known = {**scopes.seen(child), **self.numbers(body)}
        for rule in self.throws:
            if rule.first and body.own["loop"]["done"]:
                continue
            if rule.condition and not star.world.test(rule.condition, known):
                continue
            if "said" not in child.own:
                star.say(child, "completed")
                child.own["said"] = 1
            throwing.throw(star, body, rule.definition)

    def numbers(self, body: Token) -> dict[str, int]:
        """What conditions see when a child is about to complete."""
        loop = body.own["loop"]
        return {
            "numberOfInstances": len(loop["items"]) - len(loop["gone"]),
            "numberOfCompletedInstances": loop["done"] + 1,
            "numberOfActiveInstances": len(self.children(body)) - 1,
            "numberOfTerminatedInstances": 0,
        }

    def child_done(self, star: Star, body: Token, child: Token) -> None:
        loop = body.own["loop"]
        loop["done"] += 1
        if "result" in child.own:
            loop["results"][str(child.own["i"])] = child.own["result"]
        if "vote" in child.own:
            loop.setdefault("votes", {})[str(child.own["i"])] = child.own["vote"]
        voting.decide(star, body, self.children(body))
        if child.own.get("over") or "verdict" in loop:
            loop["next"] = len(loop["items"])
            loop.pop("later", None)
            for other in self.children(body):
                star.remove(other)
        self.open_later(star, body, child.own["i"])
        self.open_next(star, body)
        self.end_if_done(star, body)

    def end_if_done(self, star: Star, body: Token) -> None:
        if star.alive(body) and not self.children(body):
            voting.decide(star, body, [])
        super().end_if_done(star, body)

    def open_later(self, star: Star, body: Token, place: int) -> None:
        """Open those who were to follow the child at a place."""
        later = body.own["loop"].get("later", {})
        for follower in [int(one) for one, after in later.items() if after == place]:
            del later[str(follower)]
            self.open_at(star, body, follower)

    def leave(self, star: Star, token: Token) -> None:
        loop = token.own["loop"]
        if self.rule.output_collection and not token.own.get("mapped"):
            results = [loop["results"][place] for place in sorted(loop["results"], key=int)]
            scopes.write(token, {self.rule.output_collection: results})
            token.own["mapped"] = 1
        voting.tell(star, token)
        super().leave(star, token)

    # ---- from outside ----------------------------------------------------------------------------------------------

    def add_child(self, star: Star, body: Token, child: Token | None, item: Any, added: Added) -> None:
        """One more item: beside the others (at the end of the line when one signs after the other), after a child, or
        before it: that child is held until the new one is done."""
        loop = body.own["loop"]
        place = self._place(body, child, added.when)
        loop["items"].insert(place, scopes.copied(item))
        if added.who:
            loop.setdefault("who", {})[str(place)] = [added.who, added.by]
        if added.when == BEFORE and child is not None:
            loop["next"] = len(loop["items"]) if not self.rule.sequential else loop["next"] + 1
            self.open_at(star, body, place, before=child.id)
        elif added.when == AFTER and child is not None and not self.rule.sequential:
            loop.setdefault("later", {})[str(place)] = child.own["i"]
        self.open_next(star, body)

    def _place(self, body: Token, child: Token | None, when: str) -> int:
        """Where a new item goes; when one signs after the other, those behind it move on by one."""
        loop = body.own["loop"]
        if child is None or not self.rule.sequential or when not in (BEFORE, AFTER):
            return len(loop["items"])
        place = child.own["i"] if when == BEFORE else max(loop["next"], child.own["i"] + 1)
        for token in self.children(body):
            token.own["i"] += token.own["i"] >= place
        if "who" in loop:
            loop["who"] = {str(int(p) + (int(p) >= place)): who for p, who in loop["who"].items()}
        return place

    def drop_child(self, star: Star, child: Token) -> None:
        """A child no longer counts; the body may be complete by that."""
        body = star.index[child.own["mi"]]
        self.forget(star, body, child)
        self.end_if_done(star, body)

    def only(self, body: Token) -> bool:
        """Whether one child is left and none has been done."""
        loop = body.own["loop"]
        waiting = loop["next"] < len(loop["items"]) or loop.get("later")
        return len(self.children(body)) == 1 and not waiting and not loop["done"]

    def forget(self, star: Star, body: Token, child: Token) -> None:
        """Remove a child without completing the body."""
        body.own["loop"]["gone"].append(child.own["i"])
        star.remove(child)
        self.open_later(star, body, child.own["i"])
        self.open_next(star, body)


class LoopBody(Body):
    """Rounds one after another while the condition holds."""

    @property
    def rule(self) -> s.Loop:
        rule = self.settings.loop
        assert rule is not None
        return rule

    def activate(self, star: Star, token: Token) -> None:
        self.begin(token, [])
        if not self.rule.test_before or self.again(star, token):
            self.open_child(star, token)
        self.end_if_done(star, token)

    def again(self, star: Star, body: Token) -> bool:
        rule, rounds = self.rule, body.own["loop"]["next"]
        if rule.maximum is not None and rounds >= rule.maximum:
            return False
        return not rule.condition or star.world.test(scopes.expression(rule.condition), scopes.seen(body))

    def child_leaves(self, star: Star, body: Token, child: Token) -> None:
        child.own["again"] = self.again(star, body)

    def child_done(self, star: Star, body: Token, child: Token) -> None:
        if child.own["again"]:
            self.open_child(star, body)
        self.end_if_done(star, body)

    def forget(self, star: Star, body: Token, child: Token) -> None:
        """A round that is taken out ends the loop."""
        star.remove(child)
