"""Multi-instance and loops: order, rounds, conditions, adding and removing children, subprocess children."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.diagrams import boundary, diagram, end, feel, loop, many, script, sub, user
from tests.engine.bpmn.cases import Case

WHO = {"who": ["a", "b", "c"]}
BOTH = pytest.mark.parametrize("sequential", [False, True])


def run(task: str, variables: dict[str, Any] | None = None, more: str = "", *nodes: str) -> Case:
    return Case(diagram(f"s -> u1 -> u9 -> e; {more}", task, *nodes), {**WHO, **(variables or {})})


def test_results_are_in_input_order_whatever_the_order_of_completion() -> None:
    for order in itertools.permutations(range(3)):
        case = run(user("u1", many("who", into="votes")))
        for child in order:
            assert "u9" not in case.open
            case.do("u1", child, out="ABC"[child])
        assert (case.vars, case.open) == ({**WHO, "votes": ["A", "B", "C"]}, "u9")


def test_sequential_opens_one_at_a_time() -> None:
    case = run(user("u1", many("who", into="votes", sequential=True)))
    for name in "abc":
        assert case.open == "u1" and case.see(case.token("u1", "abc".index(name)))["it"] == name
        case.do("u1", out=name.upper())
    assert (case.vars["votes"], case.open) == (["A", "B", "C"], "u9")


@BOTH
def test_cardinality_and_nothing_to_do(sequential: bool) -> None:
    case = run(script("u1", "x = loopCounter", many(times="k", sequential=sequential)), {"k": 3})
    assert (case.ran().split().count("u1"), case.open) == (4, "u9"), "three children and their body"
    assert run(user("u1", many(times="0", sequential=sequential))).open == "u9"
    assert run(user("u1", many("who", sequential=sequential)), {"who": []}).open == "u9"


def test_a_cardinality_or_collection_that_makes_no_sense_is_an_incident() -> None:
    for bad in ({"k": -1}, {"k": 1.5}, {"k": "x"}, {"k": True}, {"k": 10**9}, {}):
        case = run(user("u1", many(times="k")), bad)
        assert case.troubles == [("u1", "value")] and case.rows == {}
    case = run(user("u1", many("who")), {"who": "abc"})
    assert case.troubles == [("u1", "value")]
    case.set(who=["x"])
    case.retry("u1")
    assert case.open == "u1"


@BOTH
def test_results_are_fresh_in_each_round_of_an_outer_loop(sequential: bool) -> None:
    task = user("u1", many("who", into="votes", sequential=sequential))
    case = Case(diagram("s -> X1 -> u1 -> u2 -> X; X -> X1 if again; X -> e default", task), {"who": ["a", "b"]})
    for n in range(3):
        for name in "ab":
            case.do("u1", _where={"it": name}, out=f"{name}{n}")
        assert case.vars["votes"] == [f"a{n}", f"b{n}"]
        case.do("u2", again=n < 2)
    assert case.done


def test_completion_condition_cancels_the_rest() -> None:
    until = "numberOfCompletedInstances * 2 > numberOfInstances"
    case = run(user("u1", many("who", into="votes", until=until)))
    case.do("u1", 2, out=3)
    assert case.open == "u1 u1"
    case.do("u1", 0, out=1)
    assert (case.open, case.vars["votes"]) == ("u9", [1, 3])
    case = run(user("u1", many("who", into="votes", until='out = "no"', sequential=True)))
    case.do("u1", out="yes")
    case.do("u1", out="no")
    assert (case.open, case.vars["votes"]) == ("u9", ["yes", "no"])


@BOTH
def test_adding_and_removing_children(sequential: bool) -> None:
    task = user("u1", many("who", into="votes", sequential=sequential))
    case = run(task)
    case.add("u1", "d")
    if sequential:
        case.do("u1", 0, out="a")
    case.drop("u1", 1)
    for name in "cd" if sequential else "acd":
        case.do("u1", _where={"it": name}, out=name)
    assert (case.open, case.vars["votes"]) == ("u9", ["a", "c", "d"])
    case = run(task)
    case.do("u1", 0, out=1)
    for child in (1, 2):
        case.drop("u1", child)
    assert (case.open, case.vars["votes"]) == ("u9", [1]), "the last one removed completes it"
    case = run(task)
    case.drop("u1", 0)
    assert case.open == ("u1" if sequential else "u1 u1")


@BOTH
def test_boundary_events_belong_to_the_whole(sequential: bool) -> None:
    task = user("u1", many("who", sequential=sequential))
    case = run(task, {}, "b -> u2 -> e", boundary("b", "u1", "message"))
    case.do("u1")
    case.message()
    assert case.open == "u2"
    case = run(task, {}, "b -> u2 -> e", boundary("b", "u1", "duration", "PT1H", cut=False))
    case.hours(2)
    assert case.open.count("u2") == 1, "reminded once, not once a child"


@BOTH
def test_subprocess_children_have_scopes_of_their_own(sequential: bool) -> None:
    inside = many("who", into="votes", sequential=sequential)
    case = run(sub("u1", "s1 -> u2 -> t3 -> e1", feel("t3", "=it + r", "out"), inside=inside))
    for name in "abc" if sequential else "cab":
        case.do("u2", _where={"it": name}, r=name.upper())
    want = ["aA", "bB", "cC"]
    assert (case.vars["votes"], case.open) == (want, "u9")
    assert "out" not in case.vars and "it" not in case.vars


def test_an_error_in_one_child_ends_all() -> None:
    inner = sub("u1", "s1 -> u2 -> X; X -> x if no; X -> e1 default", end("x", "error"), inside=many("who"))
    case = run(inner, {"no": False}, "b -> u3 -> e", boundary("b", "u1", "error"))
    case.do("u2")
    case.do("u2", no=True)
    assert case.open == "u3"


def test_a_result_that_fails_is_the_incident_of_its_child_and_can_be_retried() -> None:
    case = run(user("u1", many("who", into="votes", each="=nope(it)")))
    case.do("u1", 1)
    assert case.troubles == [("u1", "expression")] and case.open == "u1 u1"
    case.retry("u1")
    assert case.troubles == [("u1", "expression")] * 2


def test_a_mapped_child_keeps_its_own_variables_and_gives_its_result() -> None:
    task = user(
        "u1", many("who", into="votes", each="=vote"), inputs={"hint": '=it + "?"'}, outputs={"vote": "=answer"}
    )
    case = run(task)
    assert case.see(case.token("u1", 1))["hint"] == "b?"
    for child in range(3):
        case.do("u1", child, answer=child)
    assert case.vars == {**WHO, "votes": [0, 1, 2]}


def test_standard_loops() -> None:
    assert run(script("u1", "pass", loop(maximum=3))).ran().split().count("u1") == 4
    assert run(script("u1", "k = k + 1", loop("k < 2")), {"k": 0}).vars["k"] == 2
    assert run(script("u1", "k = 9", loop("k = 1", before=True)), {"k": 0}).vars["k"] == 0


def test_many_children_and_a_loop_over_nothing_stay_bounded() -> None:
    case = run(user("u1", many(times="300")))
    assert len(case.rows) == 300
    case.do("u1", 150)
    assert len(case.rows) == 299
    flows = "s -> t1; t1 -> t1 if true; t1 -> e default"
    case = Case(diagram(flows, script("t1", "pass", many("who"))), {"who": []}, limit=60)
    assert case.troubles == [("t1", "loop")], "an empty multi-instance in a circle is steps too"
