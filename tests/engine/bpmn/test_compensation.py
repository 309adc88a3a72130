"""Compensation: what completed is undone last first, each with the variables it saw then; transactions."""

from __future__ import annotations

from typing import Any

from tests.diagrams import (
    boundary,
    diagram,
    element,
    end,
    event_sub,
    many,
    script,
    start,
    sub,
    throw,
    undo,
    user,
)
from tests.engine.bpmn.cases import Case

FOR = {"isForCompensation": "true"}
TWO = (
    script("ta", "n = 1"),
    script("tb", "n = 2"),
    script("xa", "seen = ['A', n]; log = log + [seen]", **FOR),
    script("xb", "log = log + [['B', n]]", **FOR),
    undo("ca", "ta", "xa"),
    undo("cb", "tb", "xb"),
)
EMPTY: dict[str, Any] = {"n": 0, "log": []}


def undone(case: Case) -> list[str]:
    return case.ran("xa", "xb", "xs", "xc").split()


def test_reverse_order_with_the_variables_as_they_were() -> None:
    case = Case(
        diagram("s -> ta -> tb -> t3 -> c -> t9 -> e", *TWO, script("t3", "n = 9"), throw("c", "compensate")), EMPTY
    )
    assert (undone(case), case.vars["seen"], case.done) == (["xb", "xa"], ["A", 1], True)
    assert case.ran().endswith("t9")


def test_one_activity_by_name_and_each_only_once() -> None:
    nodes = (*TWO, throw("c", "compensate", "ta"), throw("c2", "compensate"))
    assert undone(Case(diagram("s -> ta -> tb -> c -> c2 -> e", *nodes), EMPTY)) == ["xa", "xb"]
    for value, want in (("", ["xb", "xa"]), ("tb", ["xb"])):
        case = Case(diagram("s -> ta -> tb -> c", *TWO, end("c", "compensate", value)), EMPTY)
        assert (undone(case), case.done) == (want, True)


def test_a_handler_may_be_a_person() -> None:
    nodes = (user("u1"), user("xa", **FOR), undo("ca", "u1", "xa"), throw("c", "compensate"))
    case = Case(diagram("s -> u1 -> c -> u2 -> e", *nodes))
    case.do("u1")
    assert case.open == "xa"
    case.do("xa")
    assert case.open == "u2"


INNER = sub("SP", "s1 -> ta -> tb -> e1", *TWO)


def test_through_a_finished_subprocess_and_a_handler_on_it() -> None:
    case = Case(diagram("s -> SP -> c -> e", INNER, throw("c", "compensate")), EMPTY)
    assert (undone(case), case.done) == (["xb", "xa"], True)
    nodes = (INNER, script("xs", "pass", **FOR), undo("cs", "SP", "xs"), throw("c", "compensate", "SP"))
    case = Case(diagram("s -> SP -> c -> e", *nodes), EMPTY)
    assert (undone(case), case.done) == (["xs"], True)


def test_compensation_event_subprocess_replaces_the_default() -> None:
    handler = event_sub(
        "CE", "compensate", "sCE -> xc -> c1 -> e1c", script("xc"), throw("c1", "compensate", "ta"), end("e1c")
    )
    inner = sub("SP", "s1 -> ta -> tb -> e1", *TWO, handler)
    case = Case(diagram("s -> SP -> c -> t9 -> e", inner, throw("c", "compensate", "SP")), EMPTY)
    assert (undone(case), case.done, case.ran().split()[-1]) == (["xc", "xa"], True, "t9")


def test_a_cancelled_transaction_undoes_then_leaves_by_its_cancel_event() -> None:
    inner = sub("TX", "s1 -> A -> u5; A -> ta -> tb -> ic", *TWO, end("ic", "cancel"), tag="transaction")
    case = Case(diagram("s -> TX -> t9 -> e; bc -> u2 -> e", inner, boundary("bc", "TX", "cancel")), EMPTY)
    assert (undone(case), case.open) == (["xb", "xa"], "u2")
    case.do("u2")
    assert case.done and "t9" not in case.ran()


def test_after_an_error_and_from_an_error_event_subprocess() -> None:
    pair = (script("ta"), script("xa", **FOR), undo("ca", "ta", "xa"))
    nodes = (
        *pair,
        sub("SP", "s1 -> u1 -> ie", end("ie", "error")),
        boundary("b", "SP", "error"),
        throw("c", "compensate"),
    )
    case = Case(diagram("s -> ta -> SP -> e; b -> c -> e", *nodes))
    case.do("u1")
    assert (undone(case), case.done) == (["xa"], True)
    handler = event_sub("ES", "error", "sES -> c -> t8 -> e2", throw("c", "compensate"))
    case = Case(diagram("s -> ta -> u1 -> x", *pair, end("x", "error"), handler))
    case.do("u1")
    assert (undone(case), case.ran().split()[-2:], case.done) == (["xa"], ["t8", "ES"], True)


def test_each_round_of_a_loop_is_a_record_of_its_own() -> None:
    nodes = (
        script("ta", "k = k + 1"),
        script("xa", "last = k", **FOR),
        undo("ca", "ta", "xa"),
        throw("c", "compensate"),
    )
    case = Case(diagram("s -> X1 -> ta -> X; X -> X1 if k < 3; X -> c default; c -> e", *nodes), {"k": 0})
    assert (undone(case), case.vars["last"], case.done) == (["xa"] * 3, 1, True)


def test_each_child_of_a_multi_instance_is_a_record_of_its_own() -> None:
    for sequential in (False, True):
        task = user("u1", many("who", sequential=sequential))
        nodes = (task, script("xa", "last = it", **FOR), undo("ca", "u1", "xa"), throw("c", "compensate"))
        case = Case(diagram("s -> u1 -> c -> e", *nodes), {"who": ["a", "b", "c"], "last": ""})
        for _ in "abc":
            case.do("u1")
        assert (undone(case), case.vars["last"], case.done) == (["xa"] * 3, "a", True)
    inner = (user("u1"), script("xa", "last = it", **FOR), undo("ca", "u1", "xa"))
    body = sub("SP", "s1 -> u1 -> e1", *inner, inside=many("who"))
    case = Case(diagram("s -> SP -> c -> e", body, throw("c", "compensate", "SP")), {"who": ["a", "b"], "last": ""})
    case.do("u1")
    case.do("u1")
    assert (undone(case), case.vars["last"], case.done) == (["xa", "xa"], "a", True)


def test_cancel_reaches_into_finished_subprocesses() -> None:
    handler = event_sub("CE", "compensate", "sCE -> xc -> c1 -> e1c", user("xc"), throw("c1", "compensate"), end("e1c"))
    pair = (script("ta"), script("xa", **FOR), undo("ca", "ta", "xa"))
    deep = sub("SP", "s2 -> ta -> e2", start("s2"), *pair, handler)
    inner = sub("TX", "s1 -> SP -> ic", deep, end("ic", "cancel"), tag="transaction")
    case = Case(diagram("s -> TX -> e; bc -> u9 -> e", inner, boundary("bc", "TX", "cancel")))
    assert case.open == "xc"
    case.do("xc")
    assert (undone(case), case.open) == (["xc", "xa"], "u9")


def test_cancel_of_one_child_cancels_the_whole_activity() -> None:
    inner = sub("TX", "s1 -> u1 -> ic", end("ic", "cancel"), tag="transaction", inside=many(times="2"))
    case = Case(diagram("s -> TX -> e; bc -> u9 -> e", inner, boundary("bc", "TX", "cancel")))
    case.do("u1")
    assert case.open == "u9"


def test_interrupting_what_compensates_stops_it() -> None:
    nodes = (script("ta"), user("xa", **FOR), undo("ca", "ta", "xa"), throw("c", "compensate"))
    inner = sub("SP", "s1 -> ta -> c -> e1", *nodes)
    case = Case(diagram("s -> SP -> e; b -> u9 -> e", inner, boundary("b", "SP", "message"), element("userTask", "u9")))
    assert case.open == "xa"
    case.message()
    assert case.open == "u9"
