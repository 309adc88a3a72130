"""Somebody leaves: tasks, posts and duties as a substitute go to another person, on record; a second call is safe."""

from __future__ import annotations

from engine import Engine
from engine.clock import ManualClock
from tests.diagrams import diagram, user
from tests.engine.helpers import deploy, item

UNIT = {"unit": "=unit", "starters": "*"}


def test_all_of_a_leaver_goes_to_the_successor(engine: Engine, clock: ManualClock) -> None:
    people = engine.people
    people.put_unit("t")
    people.put("admin", posts=[("admin", "")])
    people.put("wang", home_unit="t", posts=[("walker", "t"), ("head", "t")])
    people.put("li", home_unit="t", posts=[("head", "t")])
    people.put("chief", home_unit="t")
    people.substitutes.put("chief", "wang", by="admin", at=clock.now())
    people.substitutes.put("wang", "chief", by="admin", at=clock.now())
    deploy(engine, diagram("s -> u -> e", user("u", groups="walker"), properties=UNIT))
    mine = item(engine, engine.start("p", {"unit": "t"}, by="admin").id)
    engine.claim(mine.id, by="wang")
    open_to_wang = item(engine, engine.start("p", {"unit": "t"}, by="admin").id)

    given = {"by": "admin", "reason": "调走", "posts": True, "leaves": True}
    assert engine.hand_over("wang", "li", **given) == 2
    assert engine.work_item(mine.id).assignee == "li"
    assert engine.work_item(open_to_wang.id).candidates == ("li",)
    assert {(p.role, p.unit) for p in people.posts("li")} == {("walker", "t"), ("head", "t")}
    assert people.posts("wang") == []
    assert people.get("wang").status == "left"
    standing = {(s.person, s.substitute) for s in people.substitutes.rows("li") + people.substitutes.rows("wang")}
    assert standing == {("wang", "li"), ("chief", "li")}
    assert [e.event for e in engine.journal(mine.instance_id)][-1] == "handed-over"
    assert engine.hand_over("wang", "li", **given) == 0
    assert len(people.substitutes.rows("wang")) == 1
