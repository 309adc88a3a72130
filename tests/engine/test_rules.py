"""Assignment rules: each form of docs/developer/contracts.md, against people who may not be found."""

from __future__ import annotations

from datetime import date

import pytest

from engine.clock import ManualClock
from engine.errors import InvalidValue
from engine.people import People
from engine.store import Store

TOWN, EAST, WEST, GRID = "44", "44-e", "44-w", "44-e-1"


@pytest.fixture
def people(store: Store, clock: ManualClock) -> People:
    found = People(store, clock)
    found.units.put_many(
        [
            {"code": TOWN},
            {"code": EAST, "parent": TOWN},
            {"code": WEST, "parent": TOWN},
            {"code": GRID, "parent": EAST},
        ]
    )
    found.put("walker", posts=[("walker", GRID)], home_unit=GRID, skills=[("电工", "证", date(2026, 12, 31)), "调解"])
    found.put("head", posts=[("head", EAST)], home_unit=EAST, skills=[("电工", "证", date(2026, 1, 1))])
    found.put("west", posts=[("head", WEST)], home_unit=WEST, skills=["电工"])
    found.put("chief", posts=[("head", TOWN), ("chief", TOWN)])
    found.put("helper", posts=[("helper", "")])
    found.put("gone", posts=[("walker", GRID), ("head", EAST), ("chief", TOWN)], status="left", skills=["调解"])
    found.put("waiting", posts=[("walker", GRID)], status="pending", home_unit=GRID, skills=["调解"])
    return found


@pytest.mark.parametrize(
    ("rule", "unit", "expected"),
    [
        ("walker", GRID, ["walker"]),
        ("head", GRID, ["head"]),  # nearest above
        ("head", EAST, ["head"]),
        ("head", TOWN, ["chief"]),
        ("walker", EAST, []),  # never downwards
        ("helper", GRID, ["helper"]),  # everywhere is above all
        ("head", "", ["chief", "head", "west"]),  # a case without a unit
        ("head@*", GRID, ["chief", "head", "west"]),
        (f"head@{WEST}", GRID, ["west"]),
        (f"head@{GRID}", GRID, []),  # exactly there
        ("head@up", GRID, ["head"]),
        ("head@up", EAST, ["chief"]),
        ("head@up2", GRID, ["chief"]),
        ("head@up3", GRID, ["chief"]),  # the highest there is, rather than nobody
        ("head@up", TOWN, []),
        ("chief@up2", GRID, ["chief"]),
        ("nobody", GRID, []),
        ("head", "unheard-of", []),
        ("login:walker", GRID, ["walker"]),
        ("login:gone", GRID, []),
        ("login:unheard-of", GRID, []),
        ("initiator", GRID, ["walker"]),
        ("field:chosen", GRID, ["west"]),
        ("field:several", GRID, ["head", "walker"]),
        ("field:absent", GRID, []),
        (f"skill:电工@{EAST}", WEST, ["walker"]),  # at home at or below; head's certificate expired
        (f"skill:电工@{TOWN}", "", ["walker", "west"]),
        ("skill:电工@*", GRID, ["walker", "west"]),
        ("skill:电工", WEST, ["west"]),
        ("skill:调解", GRID, ["walker"]),
        ("skill:绘画", GRID, []),
    ],
)
def test_each_rule(people: People, rule: str, unit: str, expected: list[str]) -> None:
    variables = {"chosen": "west", "several": ["head", "gone", "walker", 7, None]}
    assert people.resolve([rule], unit, "walker", variables) == expected


def test_several_rules_keep_their_order_and_name_nobody_twice(people: People) -> None:
    assert people.resolve(["head", "walker", "head@*"], GRID) == ["head", "walker", "chief", "west"]


@pytest.mark.parametrize("rule", ["", "@up", "head@", "skill:", "skill:电工@"])
def test_a_rule_without_a_role_or_place_is_an_error(people: People, rule: str) -> None:
    with pytest.raises(InvalidValue):
        people.resolve([rule], GRID)


def test_an_initiator_who_is_not_registered_is_nobody(people: People) -> None:
    assert people.resolve(["initiator"], GRID, "public") == []


def test_nothing_is_resolved_while_nobody_is_registered(store: Store, clock: ManualClock) -> None:
    assert People(store, clock).resolve(["head", "login:li"], GRID) == []


def test_an_ended_post_is_passed_over_for_the_next_above(people: People, clock: ManualClock) -> None:
    people.put("head", posts=[])
    assert people.resolve(["head"], GRID) == ["chief"]


def test_permitted_people_are_those_nearest_first(people: People) -> None:
    people.put("op-town", posts=[("operate", TOWN)])
    people.put("op-east", posts=[("operate", EAST)])
    people.put("root", posts=[("admin", "")])
    assert people.permitted("operate", GRID) == ["op-east", "op-town", "root"]
    assert people.permitted("operate", WEST) == ["op-town", "root"]
    assert set(people.permitted("operate")) == {"op-east", "op-town", "root"}
    assert people.superiors("walker") == ["op-east", "op-town", "root"]
    assert people.superiors("op-east") == ["op-town", "root"]


class TestExplaining:
    """`people.explain` says the same as `resolve`, and why the others are not meant."""

    def test_it_names_the_rule_and_the_unit_that_found_somebody(self, people: People) -> None:
        picked, _others = people.explain(["head", f"skill:电工@{TOWN}"], GRID)
        assert [(r.login, r.rule, r.kind, r.unit) for r in picked] == [
            ("head", "head", "role", EAST),
            ("walker", f"skill:电工@{TOWN}", "skill", TOWN),
            ("west", f"skill:电工@{TOWN}", "skill", TOWN),
        ]

    def test_it_says_why_others_are_left_out(self, people: People, clock: ManualClock) -> None:
        people.put("old", posts=[("walker", GRID)])
        clock.advance(days=3)
        people.put("old", posts=[])
        people.put("soon", posts=[("walker", GRID, date(2027, 1, 1), None)])
        _picked, others = people.explain(["walker", "head"], GRID)
        assert {r.login: (r.why, r.day) for r in others} == {
            "gone": ("left", None),
            "waiting": ("pending", None),
            "old": ("ended", date(2026, 11, 25)),
            "soon": ("later", date(2027, 1, 1)),
            "chief": ("nearer", None),  # head at the town; the community has one
        }

    def test_an_expired_certificate_is_named_with_its_day(self, people: People) -> None:
        picked, others = people.explain([f"skill:电工@{EAST}"], WEST)
        assert [r.login for r in picked] == ["walker"]
        assert [(r.login, r.why, r.day) for r in others] == [("head", "expired", date(2026, 1, 1))]

    def test_a_name_that_nobody_has_is_unknown(self, people: People) -> None:
        _picked, others = people.explain(["login:unheard-of", "field:who"], GRID, "", {"who": ["gone"]})
        assert [(r.login, r.why) for r in others] == [("unheard-of", "unknown"), ("gone", "left")]

    @pytest.mark.parametrize("rule", ["walker", "head", "head@up", "head@*", "chief@up2", "skill:电工@*", "login:gone"])
    @pytest.mark.parametrize("unit", [GRID, EAST, TOWN, ""])
    def test_it_never_differs_from_resolving(self, people: People, rule: str, unit: str) -> None:
        assert [r.login for r in people.explain([rule], unit)[0]] == people.resolve([rule], unit)
