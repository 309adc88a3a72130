"""Events in every position, thrown and caught: a tiny diagram and the trace expected of it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.bpmn.model import Fire
from engine.errors import NotOpen
from tests.diagrams import (
    boundary,
    catch,
    diagram,
    element,
    end,
    event_sub,
    io,
    many,
    script,
    service,
    start,
    sub,
    throw,
    user,
)
from tests.engine.bpmn.cases import Case

HAPPENS: dict[str, Any] = {
    "duration": lambda case: case.hours(2),
    "message": lambda case: case.message(),
    "signal": lambda case: case.signal(),
    "condition": lambda case: case.set(x=1),
}
VALUES = {"duration": "PT1H", "condition": "x = 1"}


@pytest.mark.parametrize("cut", [True, False])
@pytest.mark.parametrize("kind", HAPPENS)
def test_boundary_event_on_a_task(kind: str, cut: bool) -> None:
    case = Case(
        diagram("s -> u1 -> u9 -> e; b -> u2 -> e", boundary("b", "u1", kind, VALUES.get(kind, ""), cut)), {"x": 0}
    )
    HAPPENS[kind](case)
    assert case.open == ("u2" if cut else "u1 u2")
    if cut:
        assert ("u1", "cancelled") in case.trace and case.rows.keys() == {(case.token("u2"), "user", 0)}
        return
    if kind in ("message", "signal"):
        HAPPENS[kind](case)
        assert case.open == "u1 u2 u2"
    case.hours(5)
    case.do("u1")
    assert {wait.kind for wait in case.rows.values()} == {"user"}


INNER = {
    "error": ("s1 -> u1 -> t2 -> e1", (end("e1", "error"),)),
    "escalation": ("s1 -> u1 -> t2 -> th -> t3 -> e1", (throw("th", "escalation"),)),
    "condition": ("s1 -> u1 -> t2 -> t3 -> t4 -> e1", (script("t3", "x = 1"),)),
}
CUT = {
    "duration": "t9",
    "message": "t9",
    "signal": "t9",
    "error": "u1 t2 t9",
    "escalation": "u1 t2 t9",
    "condition": "u1 t2 t3 t9",
}
BESIDE = {
    "duration": "t9 u1 t2 t3 t4 SP t8",
    "message": "t9 u1 t2 t3 t4 SP t8",
    "signal": "t9 u1 t2 t3 t4 SP t8",
    "escalation": "u1 t2 t3 t9 SP t8",
    "condition": "u1 t2 t3 t4 t9 SP t8",
}


@pytest.mark.parametrize(
    ("kind", "cut"), [(kind, True) for kind in CUT] + [(kind, False) for kind in BESIDE], ids=lambda v: str(v)
)
def test_boundary_event_on_a_subprocess(kind: str, cut: bool) -> None:
    flows, nodes = INNER.get(kind, ("s1 -> u1 -> t2 -> t3 -> t4 -> e1", ()))
    parts = (sub("SP", flows, *nodes), boundary("b", "SP", kind, VALUES.get(kind, ""), cut))
    case = Case(diagram("s -> SP -> t8 -> e; b -> t9 -> e", *parts), {"x": 0})
    if kind in ("duration", "message", "signal"):
        HAPPENS[kind](case)
    if case.open:
        case.do("u1")
    assert (case.ran(), case.done) == ((CUT if cut else BESIDE)[kind], True)


def test_an_interrupting_signal_takes_effect_before_the_next_inner_step() -> None:
    inner = sub("SP", "s1 -> A; A -> th -> t2 -> e1; A -> t3 -> t4 -> e1", throw("th", "signal"))
    case = Case(diagram("s -> SP -> e; b -> t9 -> e", inner, boundary("b", "SP", "signal")))
    assert (case.ran(), case.done) == ("t9", True)
    assert [(p.kind, p.name) for p in case.published] == [("signal", "sig")]


@pytest.mark.parametrize(("cut", "want"), [(True, ("b", "u9")), (False, ("b ib", "u1 u2 u9"))])
def test_a_signal_reaches_the_outermost_listener_first(cut: bool, want: tuple[str, str]) -> None:
    inner = sub("SP", "s1 -> u1 -> e1; ib -> u2 -> e1", boundary("ib", "u1", "signal", cut=False))
    case = Case(diagram("s -> SP -> e; b -> u9 -> e", inner, boundary("b", "SP", "signal", cut=cut)))
    case.signal()
    assert (case.said("caught"), case.open) == want


def test_cycle_fires_n_times_from_its_anchor() -> None:
    content = diagram("s -> u1 -> e; b -> u2 -> e", boundary("b", "u1", "cycle", "R3/PT1H", cut=False))
    case = Case(content)
    for hours, fired in ((1, 1), (1, 2), (0.5, 2), (0.5, 3), (9, 3)):
        case.hours(hours)
        assert case.open.count("u2") == fired
    case = Case(content)
    case.hours(2.5)
    assert case.open.count("u2") == 1, "missed firings fire once"
    wait = case.wait("b", "timer")
    assert wait.due and wait.due.at.isoformat() == "2026-11-23T04:00:00", "the next is counted from the anchor"


def test_cycle_without_end_in_an_event_subprocess_and_a_date_timer() -> None:
    parts = (event_sub("ES", "cycle", "sES -> u2 -> e2", value="R/PT1H", cut=False),)
    case = Case(diagram("s -> u1 -> e", *parts))
    for n in range(1, 5):
        case.hours(1)
        assert case.open.count("u2") == n
    case = Case(diagram("s -> c -> e", catch("c", "date", value="2026-11-23T12:00:00+08:00")))
    case.hours(2.9)
    assert not case.done
    case.hours(0.2)
    assert case.done


@pytest.mark.parametrize("where", ["process", "subprocess"])
@pytest.mark.parametrize(
    ("kind", "cut"),
    [(k, c) for k in ("message", "signal", "duration", "error", "escalation", "condition") for c in (True, False)],
)
def test_event_subprocess(where: str, kind: str, cut: bool) -> None:
    if kind == "error" and not cut:
        cut = True  # errors always interrupt
    flows, nodes = {
        "error": ("s1 -> u1 -> ie", (end("ie", "error"),)),
        "escalation": ("s1 -> u1 -> th -> t9 -> ie", (throw("th", "escalation"), end("ie"))),
    }.get(kind, ("s1 -> u1 -> tx -> t9 -> ie", (script("tx", "x = 1"), end("ie"))))
    nodes = (*nodes, event_sub("ES", kind, "sES -> t2 -> u3 -> e3", value=VALUES.get(kind, ""), cut=cut))
    whole = diagram(flows, *nodes) if where == "process" else diagram("s -> SP -> t8 -> e", sub("SP", flows, *nodes))
    case = Case(whole, {"x": 0})
    if kind in ("message", "signal", "duration"):
        HAPPENS[kind](case)
    else:
        case.do("u1")
    beside = not cut and kind in ("message", "signal", "duration")
    assert case.open == ("u1 u3" if beside else "u3")
    if beside and kind != "duration":
        HAPPENS[kind](case)
        assert case.open == "u1 u3 u3"
        case.do("u3")
    case.do("u3")
    if "u1" in case.open:
        case.do("u1")
    assert ("t9" in case.ran().split(), case.done) == (not cut, True)
    if where == "subprocess":
        assert case.ran().split()[-2:] == ["SP", "t8"]


def test_multiple_and_parallel_multiple_events() -> None:
    case = Case(diagram("s -> c -> t1 -> e", catch("c", "message", "signal", all=True)))
    case.signal()
    assert case.ran() == ""
    case.message(y=2)
    assert (case.ran(), case.vars) == ("t1", {"y": 2})
    case = Case(diagram("s -> c -> t1 -> e", catch("c", "message", "signal")))
    assert len(case.rows) == 2
    case.signal()
    assert case.done


def test_throws_and_ends_are_published_or_take_effect() -> None:
    case = Case(diagram("s -> A; A -> c -> t1 -> e; A -> g", catch("c", "signal"), end("g", "signal")))
    assert (case.ran(), case.done) == ("t1", True)
    props = {"correlationKey": "=code", "payload": "={n: x + 1}"}
    case = Case(
        diagram("s -> th -> m", throw("th", "message", props=props), end("m", "keyed")), {"code": 7, "x": 1, "key": "k"}
    )
    assert [(p.name, p.correlation, p.payload) for p in case.published] == [("msg", "7", {"n": 2}), ("keyed", "k", {})]
    node = element("sendTask", "t1", zeebe=io({"a": "=x"}), messageRef="msg")
    case = Case(diagram("s -> t1 -> e", node), {"x": 1})
    assert [(p.name, p.correlation, p.payload) for p in case.published] == [("msg", None, {"a": 1})]


def test_an_uncaught_error_is_an_incident_an_uncaught_escalation_is_none() -> None:
    case = Case(diagram("s -> u1 -> x", end("x", "error")))
    case.do("u1")
    assert (case.troubles, case.done, case.live) == ([("x", "error")], False, "x")
    case = Case(diagram("s -> x", end("x", "escalation")))
    assert (case.troubles, case.done) == ([], True)


def test_an_uncaught_error_ends_a_called_case_for_its_parent_to_catch() -> None:
    case = Case(diagram("s -> A; A -> u1 -> x; A -> u2 -> e", end("x", "error")), called=True)
    case.do("u1")
    assert (case.done, case.last.error_code, case.troubles, case.views) == (True, "E1", [], [])


def test_terminate_ends_its_own_scope_only() -> None:
    inner = sub("SP", "s1 -> A1; A1 -> u2 -> x; A1 -> t3 -> x", end("x", "terminate"))
    case = Case(diagram("s -> A; A -> u1 -> e; A -> SP -> t4 -> e", inner))
    assert (case.open, case.ran(), case.done) == ("u1", "t3 SP t4", False)
    case.do("u1")
    assert case.done
    case = Case(diagram("s -> A; A -> u1 -> x; A -> u2 -> e", end("x", "terminate")))
    case.do("u1")
    assert (case.done, case.views) == (True, [])


def test_what_ends_or_takes_over_a_scope_forgets_what_has_arrived_at_its_joins() -> None:
    """A token counted at a join would starve there, and the case would never complete."""
    flows = "s -> A; A -> u1 -> A2; A -> u2 -> A2; A2 -> u3 -> e"
    case = Case(diagram(flows, event_sub("ES", "message", "sES -> u4 -> e4")))
    case.do("u1")
    case.message()
    case.do("u4")
    assert (case.done, case.troubles) == (True, [])
    case = Case(diagram(f"{flows}; A -> u5 -> x", end("x", "terminate")))
    case.do("u1")
    case.do("u5")
    assert (case.done, case.views) == (True, [])


def test_an_error_goes_to_its_own_activity_not_to_a_neighbour_s_boundary() -> None:
    one = sub("S1", "i1 -> u1 -> x1", element("startEvent", "i1"), end("x1", "error"))
    two = sub("S2", "i2 -> u2 -> x2", element("startEvent", "i2"), end("x2"))
    events = (boundary("b2", "S2", "error"), boundary("ba", "S1", "anyerror"), boundary("b1", "S1", "error"))
    flows = "s -> A; A -> S2 -> e; A -> S1 -> e; b2 -> u3 -> e; b1 -> u4 -> e; ba -> u5 -> e"
    case = Case(diagram(flows, one, two, *events))
    case.do("u1")
    assert case.open == "u2 u4", "and the listed code goes before the catch-all"


def test_errors_of_scripts_jobs_and_called_processes_are_caught() -> None:
    case = Case(diagram("s -> t1 -> e; b -> u2 -> e", script("t1", "bpmn_error('E2')"), boundary("b", "t1", "error2")))
    assert (case.open, case.troubles) == ("u2", [])
    case = Case(diagram("s -> t1 -> e; b -> u2 -> e", service("t1", "mail"), boundary("b", "t1", "error")))
    case.fail("t1", "E1")
    assert case.open == "u2" and case.last.closed[0][1] == "broken"
    case = Case(diagram("s -> t1 -> e", service("t1", "mail")))
    case.fail("t1", "E7", "bad")
    assert case.troubles == [("t1", "error")]
    case.retry("t1")
    assert case.open == "t1"


def test_an_error_climbs_and_is_thrown_again() -> None:
    inner = sub("S2", "i2 -> x2", element("startEvent", "i2"), end("x2", "error"))
    deep = sub(
        "S1", "i1 -> S2 -> x1; w -> x1", element("startEvent", "i1"), inner, boundary("w", "S2", "error2"), end("x1")
    )
    case = Case(diagram("s -> S1 -> e; b -> u1 -> e", deep, boundary("b", "S1", "error")))
    assert case.open == "u1"
    again = event_sub("ES", "error", "sES -> y", end("y", "error2"))
    case = Case(
        diagram(
            "s -> S1 -> e; b -> u1 -> e",
            sub("S1", "i1 -> x1", element("startEvent", "i1"), end("x1", "error"), again),
            boundary("b", "S1", "error2"),
        )
    )
    assert case.open == "u1"


def test_the_boundary_of_the_host_goes_before_an_event_subprocess_around_it() -> None:
    """Found by random diagrams: without a multi-instance, the event subprocess passed for a boundary event."""
    inner = sub("SP", "i1 -> x1", element("startEvent", "i1"), end("x1", "error"))
    around = event_sub("ES", "error", "sES -> u2 -> e2")
    case = Case(diagram("s -> SP -> e; b -> u1 -> e", around, inner, boundary("b", "SP", "error")))
    assert case.open == "u1"


def test_what_an_error_says_is_seen_only_by_a_mapping() -> None:
    told = io(outputs={"why": "=errorMessage", "code": "=errorCode"})
    case = Case(
        diagram("s -> t1 -> e; b -> u2 -> e", service("t1", "mail"), boundary("b", "t1", "anyerror", zeebe=told))
    )
    case.fail("t1", "E1", "no route")
    assert case.vars == {"why": "no route", "code": "E1"}
    case = Case(diagram("s -> t1 -> e; b -> u2 -> e", service("t1", "mail"), boundary("b", "t1", "anyerror")))
    case.fail("t1", "E1", "no route")
    assert case.vars == {}


def test_message_correlation_is_evaluated_when_the_subscription_opens() -> None:
    case = Case(diagram("s -> c -> t1 -> e", catch("c", "keyed")), {"key": "A-7"})
    assert case.wait("c").correlation == "A-7"
    case.message("keyed", "A-7", n=1)
    assert (case.done, case.vars) == (True, {"key": "A-7", "n": 1})
    case = Case(diagram("s -> c -> t1 -> e", catch("c", "keyed")))
    assert (case.troubles, case.rows) == ([("c", "expression")], {}), "a key that is null would match nothing for ever"


def test_payloads_go_where_they_belong() -> None:
    for cut in (True, False):
        case = Case(diagram("s -> u1 -> e; b -> u2 -> e", boundary("b", "u1", "message", cut=cut)))
        case.message(y=7)
        assert case.vars == {"y": 7}
    case = Case(diagram("s -> u1 -> e", event_sub("ES", "message", "sES -> u2 -> e2", cut=False)))
    case.message(y=1)
    case.message(y=2)
    seen = sorted(case.see(v.token)["y"] for v in case.views if v.node == "u2")
    assert (seen, case.vars) == ([1, 2], {}), "each event subprocess has its own payload"


def test_event_subprocess_of_each_child_of_a_multi_instance() -> None:
    inner = sub("SP", "s1 -> u1 -> e1", event_sub("ES", "signal", "sES -> u2 -> e2", cut=False), inside=many(times="3"))
    case = Case(diagram("s -> SP -> u9 -> e", inner))
    assert case.signal() == 3
    assert case.open == "u1 u1 u1 u2 u2 u2"
    for _ in range(3):
        case.do("u1")
        case.do("u2")
    assert case.open == "u9"


def test_a_timer_that_cannot_be_read_is_an_incident_of_its_own_and_can_be_retried() -> None:
    case = Case(diagram("s -> u1 -> e; b -> u2 -> e", boundary("b", "u1", "duration", "=wait")))
    assert (case.open, case.troubles) == ("u1", [("b", "expression")])
    case.set(wait="PT1H")
    case.retry("b")
    case.hours(1)
    assert case.open == "u2"
    case = Case(diagram("s -> c -> e", catch("c", "duration", value="=wait")))
    assert (case.troubles, case.rows) == ([("c", "expression")], {})
    case.set(wait="PT1H")
    case.retry("c")
    case.hours(1)
    assert case.done


def test_what_comes_too_late_is_refused_and_changes_nothing() -> None:
    case = Case(diagram("s -> u1 -> e; b -> u2 -> e", boundary("b", "u1", "message")))
    token, item = case.wait("b").token, case.wait("u1").token
    case.message()
    for late in (token, item):
        with pytest.raises(NotOpen):
            case.send(Fire(late))


def test_starts_by_message_timer_and_signal_begin_at_their_own_node() -> None:
    content = diagram(
        "s -> t1 -> e; sm -> t2 -> e; st -> t3 -> e", start("sm", "message"), start("st", "cycle", "R/PT1H")
    )
    assert Case(content).ran() == "t1"
    case = Case(content, {"n": 1}, node="sm")
    assert (case.ran(), case.vars) == ("t2", {"n": 1})
    assert Case(content, node="st").ran() == "t3"


def test_conditions_are_asked_at_the_edge_not_at_the_level() -> None:
    case = Case(diagram("s -> u1 -> e; b -> u2 -> e", boundary("b", "u1", "condition", "x > 1", cut=False)), {"x": 0})
    for x, fired in ((1, 0), (2, 1), (3, 1), (0, 1), (5, 2)):
        case.set(x=x)
        assert case.open.count("u2") == fired, x


def test_a_condition_that_holds_already_fires_in_the_same_command() -> None:
    case = Case(diagram("s -> u1 -> e; b -> u2 -> e", boundary("b", "u1", "condition", "x > 1")), {"x": 2})
    assert case.open == "u2"


def test_receive_task_waits_with_its_boundary_events() -> None:
    node = user("u1") + element("receiveTask", "t1", messageRef="msg")
    case = Case(diagram("s -> t1 -> e; b -> u1 -> e", node, boundary("b", "t1", "duration", "PT1H")))
    case.message(a=1)
    assert (case.done, case.vars) == (True, {"a": 1})
    case = Case(diagram("s -> t1 -> e; b -> u1 -> e", node, boundary("b", "t1", "duration", "PT1H")))
    case.hours(1)
    assert case.open == "u1"
