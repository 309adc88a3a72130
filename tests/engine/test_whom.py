"""Who would get a task now, and why: the answer is what happens when the task opens."""

from __future__ import annotations

from datetime import date

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.errors import Forbidden, NotFound
from tests.diagrams import diagram, user
from tests.engine.helpers import deploy, item

TOWN, EAST, GRID = "t", "t-e", "t-e-1"


@pytest.fixture
def town(engine: Engine) -> Engine:
    people = engine.people
    people.units.put_many([{"code": TOWN}, {"code": EAST, "parent": TOWN}, {"code": GRID, "parent": EAST}])
    people.put("walker", posts=[("walker", GRID)])
    people.put("second", posts=[("walker", GRID)])
    people.put("former", posts=[("walker", GRID, None, date(2026, 11, 1))])
    people.put("head", posts=[("head", EAST)])
    people.put("admin", posts=[("admin", "")])
    return engine


def the_same(engine: Engine, variables: dict[str, object], initiator: str) -> None:
    """What `whom` says is what a case started now does."""
    said = engine.whom("p", "u", unit=GRID, initiator=initiator, variables=variables)
    case = engine.start("p", {**variables, "unit": GRID}, by=initiator)
    task = item(engine, case.id, "u")
    assert (said.assignee, sorted(said.logins)) == (task.assignee, sorted(task.candidates))


UNIT = {"unit": "=unit", "starters": "*"}


def test_the_answer_is_what_happens(town: Engine) -> None:
    deploy(town, diagram("s -> u -> e", user("u", groups="walker, head"), properties=UNIT))
    the_same(town, {}, "admin")
    said = town.whom("p", "u", unit=GRID)
    assert {login: (why.rule, why.unit) for login, why in said.reasons.items()} == {
        "second": ("walker", GRID),
        "walker": ("walker", GRID),
        "head": ("head", EAST),
    }
    assert [(one.login, one.why, one.day) for one in said.left_out] == [("former", "ended", date(2026, 11, 1))]


def test_rules_made_by_an_expression_see_the_variables(town: Engine) -> None:
    deploy(town, diagram("s -> u -> e", user("u", groups='=if big then ["head"] else ["walker"]'), properties=UNIT))
    the_same(town, {"big": True}, "admin")
    the_same(town, {"big": False}, "admin")
    the_same(town, {}, "admin")


def test_policies_decide_as_they_do_in_a_case(town: Engine) -> None:
    alone = user("u", groups="head", props={"initiator": "walker"})
    deploy(town, diagram("s -> u -> e", alone, properties=UNIT))
    the_same(town, {}, "head")
    assert town.whom("p", "u", unit=GRID, initiator="head").why == "initiator"
    deploy(town, diagram("s -> u -> e", user("u", groups="mayor"), properties=UNIT))
    the_same(town, {}, "head")
    said = town.whom("p", "u", unit=GRID, initiator="head")
    assert (said.why, said.logins) == ("nobody", ("admin",))


def test_it_changes_nothing(town: Engine) -> None:
    deploy(town, diagram("s -> u -> e", user("u", groups="mayor", props={"nobody": "incident"}), properties=UNIT))
    town.whom("p", "u", unit=GRID, initiator="head")
    assert (town.instances().total, town.incidents(), town.work_items()) == (0, [], [])


def test_substitutes_and_load_are_told(town: Engine, clock: ManualClock) -> None:
    deploy(town, diagram("s -> u -> e", user("u", groups="walker"), properties=UNIT))
    task = item(town, town.start("p", {"unit": GRID}, by="admin").id)
    town.claim(task.id, by="walker")
    town.people.substitutes.put("walker", "head", by="walker", at=clock.now())
    said = town.whom("p", "u", unit=GRID)
    assert said.substitutes == {"walker": ["head"]}
    assert said.load == {"walker": 1}


def test_rules_can_be_asked_without_a_process(town: Engine) -> None:
    said = town.whom(rules=("walker", "initiator"), unit=GRID, initiator="head")
    assert said.logins == ("second", "walker", "head")


def test_what_is_not_there_is_said(town: Engine) -> None:
    deploy(town, diagram("s -> u -> e", user("u"), properties=UNIT))
    for process, node in (("nothing", "u"), ("p", "nothing"), ("p", "s")):
        with pytest.raises(NotFound):
            town.whom(process, node)


def test_it_is_for_those_who_read_people_there(town: Engine) -> None:
    town.people.put("reader", posts=[("people:read", EAST)])
    assert town.whom(rules=("walker",), unit=GRID, by="reader").logins
    for who, unit in (("reader", TOWN), ("walker", GRID)):
        with pytest.raises(Forbidden):
            town.whom(rules=("walker",), unit=unit, by=who)
