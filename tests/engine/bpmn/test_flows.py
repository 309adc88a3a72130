"""Flows and gateways: a tiny diagram, inputs, the tasks expected, in several orders of completion."""

from __future__ import annotations

import random
from typing import Any

import pytest

from engine.bpmn.model import Move
from tests.diagrams import catch, diagram, element, event, script, sub, throw, user
from tests.engine.bpmn.cases import Case


def orders(
    content: bytes, variables: dict[str, Any], want: str, *, orders: int = 6, done: bool = True, act: Any = None
) -> None:
    """The multiset of completed tasks is the same in every order of completing user tasks."""
    for seed in range(orders):
        r = random.Random(seed)
        case = Case(content, variables)
        while case.open:
            node = r.choice(case.open.split())
            case.do(node, **(act(node, case.vars) if act else {}))
        assert sorted(case.ran().split()) == sorted(want.split()), (seed, case.trace)
        assert case.done is done, (case.views, case.troubles)
        if done:
            assert case.views == []


def count(of: str) -> Any:
    """Form data that counts a variable up when `of` is completed."""
    return lambda node, seen: {"n": seen["n"] + 1} if node == of else {}


FORK = diagram("s -> t0; t0 -> t1 if x = 1; t0 -> t2 if x > 0; t0 -> t3 default; t0 -> t4")


@pytest.mark.parametrize(("x", "want"), [(1, "t0 t1 t2 t4"), (2, "t0 t2 t4"), (0, "t0 t3 t4")])
def test_conditional_default_and_plain_flows_out_of_a_task(x: int, want: str) -> None:
    orders(FORK, {"x": x}, want, orders=1)


def test_several_incoming_flows_pass_each_token() -> None:
    orders(diagram("s -> A; A -> t1 -> t3; A -> t2 -> t3; t3 -> e"), {}, "t1 t2 t3 t3")


def test_implicit_fork_start_and_end() -> None:
    orders(diagram("u1 -> t1; u1 -> t2; u2 -> t3"), {}, "u1 u2 t1 t2 t3")


def test_a_task_loops_to_itself() -> None:
    orders(diagram("s -> u1; u1 -> u1 if n < 3; u1 -> t2 default"), {"n": 0}, "u1 u1 u1 t2", act=count("u1"))


def test_two_flows_between_the_same_nodes_are_two_tokens_for_a_join() -> None:
    orders(diagram("s -> A1; A1 -> A2; A1 -> A2; A2 -> t1"), {}, "t1")


def test_implicit_start_and_end_in_a_subprocess() -> None:
    orders(diagram("s -> SP -> t8", sub("SP", "u6; t7")), {}, "u6 t7 SP t8")


def test_no_fitting_flow_is_an_incident_and_retry_only_chooses_again() -> None:
    case = Case(diagram("s -> t0; t0 -> t1 if x = 1; t0 -> t2 if x = 2", script("t0", "n = n + 1")), {"x": 3, "n": 0})
    assert (case.troubles, case.done, case.live) == ([("t0", "flow")], False, "t0")
    case.set(x=2)
    case.retry("t0")
    assert (case.ran(), case.vars["n"], case.done) == ("t0 t2", 1, True)


def test_an_unknown_variable_in_a_condition_is_an_incident_of_the_person_s_task_that_stays_done() -> None:
    case = Case(diagram("s -> u1; u1 -> t2 if missing > 1; u1 -> t3 default"))
    changes = case.do("u1", answer=7)
    assert changes.closed == [(changes.troubles[0].token, "completed")]
    assert (case.open, case.troubles, case.vars) == ("", [("u1", "expression")], {"answer": 7})
    case.set(missing=5)
    changes = case.retry("u1")
    assert changes.solved and (case.ran(), case.done) == ("u1 t2", True)


SPLIT = "s -> O1; O1 -> u1 if x.a; O1 -> u2 if x.b; O1 -> u3 default; u1 -> O2; u2 -> O2; u3 -> O2; O2 -> t4"


@pytest.mark.parametrize(("x", "want"), [("a", "u1 t4"), ("b", "u2 t4"), ("ab", "u1 u2 t4"), ("", "u3 t4")])
def test_inclusive_split_and_join(x: str, want: str) -> None:
    orders(diagram(SPLIT), {"x": {"a": "a" in x, "b": "b" in x}}, want)


LEAVES = "s -> A; A -> u1 -> O; A -> X1; X1 -> u2 if x = 1; X1 -> t9 default; u2 -> O; O -> t3; t9 -> e"


@pytest.mark.parametrize(("x", "want"), [(1, "u1 u2 t3"), (0, "u1 t9 t3")])
def test_inclusive_join_that_matches_no_split(x: int, want: str) -> None:
    orders(diagram(LEAVES), {"x": x}, want)


def test_inclusive_join_waits_for_a_loop_before_it() -> None:
    flows = "s -> A; A -> u1; A -> u2; u1 -> X; X -> u1 if n < 2; X -> O default; u2 -> O; O -> t3"
    orders(diagram(flows), {"n": 0}, "u1 u1 u2 t3", act=count("u1"))


def test_inclusive_split_and_join_inside_a_loop() -> None:
    flows = "s -> X0 -> O1; O1 -> u1 if true; O1 -> u2 if n < 1; u1 -> O2; u2 -> O2; O2 -> u3 -> X1"
    flows += "; X1 -> X0 if n < 2; X1 -> e default"
    orders(diagram(flows), {"n": 0}, "u1 u2 u3 u1 u3", act=count("u3"))


def test_inclusive_join_is_not_blocked_by_its_own_loop_back() -> None:
    flows = "s -> A; A -> O; A -> u1; O -> u2 -> X; X -> O if n < 2; X -> e default; u1 -> e"
    orders(diagram(flows), {"n": 0}, "u2 u2 u1", act=count("u2"))


def test_inclusive_join_is_strict_so_the_order_does_not_matter() -> None:
    """By BPMN's table 13.3 the join may fire early here, and the task behind it runs once or twice by chance."""
    flows = "s -> A; A -> X2 -> O; A -> u1 -> X; X -> X2 if x; X -> t9 default; t9 -> O; O -> t3"
    orders(diagram(flows), {"x": False}, "u1 t9 t3")
    orders(diagram(flows), {"x": True}, "u1 t3 t3")


def test_tokens_counted_at_another_join_are_upstream_too() -> None:
    flows = "s -> A; A -> u1 -> O; A -> ua -> A2; A -> ub -> A2; A2 -> O; O -> t3"
    for seed in range(6):
        r, case = random.Random(seed), Case(diagram(flows))
        while case.open:
            case.do(r.choice(case.open.split()))
        assert case.ran().split()[-1] == "t3" and case.done


def test_inclusive_join_behind_a_boundary_event() -> None:
    flows = "s -> A; A -> u1 -> O; A -> u2 -> O; b -> u3 -> O; O -> t4 -> e"
    case = Case(diagram(flows, element("boundaryEvent", "b", event("signal"), attachedToRef="u1")))
    case.do("u2")
    case.signal()
    assert case.open == "u3"
    case.do("u3")
    assert (case.ran(), case.done) == ("u2 u3 t4", True)


def complex_join(need: str, branches: int = 3) -> bytes:
    gate = element("complexGateway", "C", f"<activationCondition>=activationCount >= {need}</activationCondition>")
    flows = ";".join(f"A -> u{i} -> C" for i in range(branches))
    return diagram(f"s -> A; {flows}; C -> t9 -> e", gate)


def test_complex_gateway_as_discriminator_and_n_of_m() -> None:
    orders(complex_join("1"), {}, "u0 u1 u2 t9")
    orders(complex_join("2"), {}, "u0 u1 u2 t9")
    case = Case(complex_join("2"))
    case.do("u1")
    assert "t9" not in case.ran()
    case.do("u0")
    assert case.ran().endswith("t9") and case.open == "u2"


def test_complex_gateway_split() -> None:
    flows = "s -> C; C -> t1 if x.a; C -> t2 if x.b; C -> t3 default"
    for x, want in (("a", "t1"), ("ab", "t1 t2"), ("", "t3")):
        orders(diagram(flows), {"x": {"a": "a" in x, "b": "b" in x}}, want, orders=1)


def test_complex_gateway_that_never_activates_is_an_incident() -> None:
    case = Case(complex_join("4"))
    for node in ("u0", "u1", "u2"):
        case.do(node)
    assert (case.troubles, case.done) == ([("C", "join")], False)


def test_parallel_ignores_conditions_and_default() -> None:
    orders(diagram("s -> A; A -> t1 if false; A -> t2 default; t1 -> A2; t2 -> A2; A2 -> t3"), {}, "t1 t2 t3", orders=1)


@pytest.mark.parametrize(("x", "want"), [(1, "u1 u2 t3 t3"), (0, "u1 u2 t4 t4")])
def test_exclusive_gateway_merges_and_splits(x: int, want: str) -> None:
    orders(diagram("s -> A; A -> u1 -> X; A -> u2 -> X; X -> t3 if x = 1; X -> t4 default"), {"x": x}, want)


def test_surplus_tokens_of_a_join_wait_for_the_next_round() -> None:
    flows = "s -> A; A -> u1 -> X; A -> u2 -> X; A -> u3 -> X2; A -> u4 -> X2; X -> A2; X2 -> A2; A2 -> t5"
    orders(diagram(flows), {}, "u1 u2 u3 u4 t5 t5")


def test_a_starved_join_is_an_incident_and_never_completed() -> None:
    case = Case(diagram("s -> X; X -> A if x; X -> t1 default; t1 -> A; A -> t2"), {"x": True})
    assert (case.troubles, case.done, case.ran()) == ([("A", "join")], False, "")
    case.retry("A")
    assert (case.troubles, case.done) == ([("A", "join")] * 2, False)
    case.move("A", "t2")
    assert (case.ran(), case.done) == ("t2", True)


def test_a_starved_join_is_solved_when_its_token_arrives_after_all() -> None:
    case = Case(diagram("s -> X; X -> A if x; X -> t1 default; t1 -> A; A -> t2"), {"x": True})
    changes = case.send(Move([], "t1"))
    assert changes.solved and (case.ran(), case.done) == ("t1 t2", True)


def test_event_based_gateway_the_first_event_cancels_the_rest() -> None:
    nodes = (
        catch("k", "signal"),
        catch("l", "signal2"),
        element("receiveTask", "r", messageRef="msg"),
        catch("m", "duration", value="PT1H"),
    )
    flows = "s -> E; E -> k -> t1; E -> l -> t2; E -> r -> t3; E -> m -> t4"
    for act, want in (
        (lambda c: c.signal("sig"), "t1"),
        (lambda c: c.signal("sig2"), "t2"),
        (lambda c: c.message(), "r t3"),
        (lambda c: c.hours(2), "t4"),
    ):
        case = Case(diagram(flows, *nodes))
        assert len(case.rows) == 4
        act(case)
        assert (case.ran("t1", "t2", "t3", "t4", "r"), case.done, case.rows) == (want, True, {})


def test_one_signal_that_two_rivals_wait_for_wakes_only_the_first() -> None:
    case = Case(diagram("s -> E; E -> k -> t1; E -> l -> t2", catch("k", "signal"), catch("l", "signal")))
    assert case.signal() == 1
    assert (case.ran(), case.done) == ("t1", True)


def test_links_join_many_throws_to_one_catch() -> None:
    nodes = (throw("L1", "link", "go"), throw("L2", "link", "go"), catch("K1", "link", value="go"))
    orders(diagram("s -> A; A -> u1 -> L1; A -> u2 -> L2; K1 -> t3", *nodes), {}, "u1 u2 t3 t3")


def test_an_inclusive_join_sees_through_a_link() -> None:
    nodes = (throw("L1", "link", "go"), catch("K1", "link", value="go"))
    orders(diagram("s -> A; A -> u1 -> O; A -> L1; K1 -> u2 -> O; O -> t3", *nodes), {}, "u1 u2 t3")


def test_start_and_completion_quantity() -> None:
    nodes = (user("u1", completionQuantity="6"), user("u2", startQuantity="2", completionQuantity="2"))
    orders(diagram("s -> u1 -> u2 -> t3", *nodes), {}, "u1 u2 u2 u2 t3 t3 t3 t3 t3 t3")
    orders(diagram("s -> A; A -> u1 -> u3; A -> u2 -> u3; u3 -> t4", user("u3", startQuantity="2")), {}, "u1 u2 u3 t4")


def test_start_quantity_never_met_is_an_incident() -> None:
    case = Case(diagram("s -> u3", user("u3", startQuantity="2")))
    assert (case.troubles, case.done) == ([("u3", "join")], False)


def test_ids_that_spiffworkflow_uses_itself() -> None:
    """An element with the id Start was taken for SpiffWorkflow's own: the case completed, having done nothing."""
    flows = "Start -> A; A -> End; A -> u2 -> t3 -> root; End -> p.EndJoin"
    nodes = (element("startEvent", "Start"), user("End"), element("endEvent", "p.EndJoin"), element("endEvent", "root"))
    case = Case(diagram(flows, *nodes))
    assert case.open == "End u2"
    case.do("End")
    case.do("u2")
    assert case.done and "t3" in case.ran()


def test_event_definition_reference() -> None:
    top = '<signalEventDefinition id="sd" signalRef="sig"/>'
    node = element("intermediateCatchEvent", "k", "<eventDefinitionRef>sd</eventDefinitionRef>")
    case = Case(diagram("s -> k -> t1", node, top=top))
    assert case.signal() == 1 and case.done


def test_two_tokens_in_one_subprocess_are_two_scopes_with_their_own_arrivals() -> None:
    inner = sub("SP", "s1 -> A5; A5 -> u5 -> O5; A5 -> u6 -> O5; O5 -> t7 -> e5")
    flows = "s -> A; A -> u1 -> SP; A -> u2 -> SP; SP -> t9 -> e"
    orders(diagram(flows, inner), {}, "u1 u2 u5 u5 u6 u6 t7 t7 SP SP t9 t9")


def test_a_straight_through_loop_becomes_an_incident_not_a_hang() -> None:
    case = Case(diagram("s -> X -> t1 -> X"), limit=50)
    assert (case.troubles[0][1], case.done) == ("loop", False)
    case.retry(case.troubles[0][0])
    assert len(case.troubles) == 2


def test_manual_tasks_wait_and_plain_tasks_pass() -> None:
    case = Case(diagram("s -> t1 -> m -> e", element("manualTask", "m")))
    assert (case.open, case.ran()) == ("m", "t1")
    case.do("m")
    assert case.done
