"""The saved state: small, versioned, as large after 10,000 rounds as after 4; SpiffWorkflow's faults do not return."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine import bpmn
from engine.bpmn.model import Begin, Complete
from engine.errors import InvalidValue, NotFound, NotOpen
from tests.diagrams import boundary, diagram, event_sub, many, script, sub, user
from tests.engine.bpmn.cases import Case, World

KEPT = Path(__file__).parent / "states"


def rounds(process: bpmn.Process, state: bytes, world: World, count: int) -> bytes:
    """Complete the only open task again and again."""
    for _ in range(count):
        (token,) = [view.token for view in bpmn.tokens(state) if view.node == "u1"]
        state = bpmn.advance(process, state, Complete(token, {}), world).state
    return state


def test_ten_thousand_rounds_of_a_loop_leave_the_state_as_it_was() -> None:
    """SpiffWorkflow lost an instance at round 500 of a two-node loop: its tree had reached depth 1,000."""
    process = bpmn.compile(diagram("s -> X -> u1 -> X; b -> e", boundary("b", "u1", "duration", "P1D")), "p")
    world = World()
    few = rounds(process, bpmn.advance(process, None, Begin({"n": 1}), world).state, world, 4)
    many_ = rounds(process, few, world, 10_000)
    grown = len(str(json.loads(many_)["n"])) - len(str(json.loads(few)["n"]))
    assert len(many_) - len(few) == grown * 4, "only the numbers of tokens have more digits"
    assert bpmn.sound(process, many_) == []


def test_a_join_in_a_loop_never_fires_early() -> None:
    """SpiffWorkflow's stock gateway fired a join in a loop early from the second round on."""
    flows = "s -> X -> A; A -> u1 -> A2; A -> u2 -> A2; A -> u3 -> A2; A2 -> u4 -> XG; XG -> X if true; XG -> e default"
    case = Case(diagram(flows), twice=False)
    for n in range(30):
        for node in ("u1", "u2", "u3")[n % 3 :] + ("u1", "u2", "u3")[: n % 3]:
            assert "u4" not in case.open
            case.do(node)
        assert case.open == "u4"
        case.do("u4")


@pytest.mark.parametrize("order", [("u1", "u2"), ("u2", "u1")])
def test_the_branch_that_wrote_nothing_does_not_win_at_the_join(order: tuple[str, str]) -> None:
    """SpiffWorkflow let the last branch's stale copy of a variable win."""
    case = Case(diagram("s -> A; A -> u1 -> A2; A -> u2 -> A2; A2 -> u3"), {"approved": False})
    data: dict[str, dict[str, Any]] = {"u1": {"approved": True}, "u2": {"note": "b"}}
    for node in order:
        case.do(node, **data[node])
    assert case.see(case.token("u3")) == {"approved": True, "note": "b"}


def test_two_branches_that_write_the_same_variable_last_one_wins() -> None:
    case = Case(diagram("s -> A; A -> u1 -> A2; A -> u2 -> A2; A2 -> u3"), {"x": 0})
    case.do("u2", x=2)
    case.do("u1", x=1)
    assert case.vars == {"x": 1}


def test_nothing_nested_is_shared() -> None:
    """SpiffWorkflow shared nested data between parallel branches and with finished tasks."""
    nodes = (script("t1", "b = a"), script("t2", "b['n'].append(2)"), script("t3", "c = a"))
    given = {"a": {"n": [1]}}
    case = Case(diagram("s -> t1 -> t2 -> t3 -> u1", *nodes), given)
    assert case.vars == {"a": {"n": [1]}, "b": {"n": [1, 2]}, "c": {"n": [1]}}
    assert given == {"a": {"n": [1]}}
    payload = {"deep": {"list": []}}
    case.do("u1", **payload)
    payload["deep"]["list"].append("changed afterwards")
    assert case.vars["deep"] == {"list": []}


def test_scopes_nested_twenty_deep_and_a_chain_of_two_thousand() -> None:
    inner = "s0 -> u1 -> e0"
    nested = sub("P0", inner)
    for depth in range(1, 20):
        nested = sub(f"P{depth}", f"s{depth} -> P{depth - 1} -> e{depth}", nested)
    case = Case(diagram("s -> P19 -> e", nested))
    assert len(case.views) == 21
    case.do("u1")
    assert case.done
    chain = " -> ".join(["s", *(f"t{n}" for n in range(1_990)), "e"])
    assert Case(diagram(chain), twice=False).done


def test_values_keep_their_types_in_the_state() -> None:
    case = Case(diagram("s -> u1"), {"day": date(2026, 11, 21), "$odd": {"$date": "no"}})
    assert case.vars == {"day": date(2026, 11, 21), "$odd": {"$date": "no"}}


def test_an_unknown_state_version_is_refused_by_name() -> None:
    case = Case(diagram("s -> u1"))
    with pytest.raises(InvalidValue, match="version 99"):
        bpmn.tokens(case.bytes.replace(b'"v":1', b'"v":99'))


def test_variables_of_a_token_that_is_not_there() -> None:
    with pytest.raises(NotFound):
        Case(diagram("s -> u1")).see("77")


def test_a_finished_case_takes_nothing_more() -> None:
    case = Case(diagram("s -> u1 -> e"))
    token = case.token("u1")
    case.do("u1")
    with pytest.raises(NotOpen):
        case.send(Complete(token))
    case = Case(diagram("s -> u1 -> e"))
    case.cancel()
    assert (case.last.status, case.views, case.said("cancelled")) == ("cancelled", [], "u1")


RICH = diagram(
    "s -> A; A -> SP -> AJ; A -> u3 -> AJ; AJ -> u9 -> e; b -> u8 -> e",
    sub("SP", "s1 -> u1 -> e1", event_sub("ES", "keyed", "sES -> u4 -> e4", cut=False), inside=many("who", into="out")),
    boundary("b", "SP", "cycle", "R3/PT1H", cut=False),
    user("u3", inputs={"hint": "=who[1]"}),
)


def test_states_written_by_every_version_still_load() -> None:
    """Each file is a state of RICH, written by the version in its name: never rewrite one."""
    process = bpmn.compile(RICH, "p")
    assert [path.name for path in sorted(KEPT.glob("*.json"))] == ["v1.json"]
    for path in KEPT.glob("*.json"):
        state = path.read_bytes().strip()
        assert bpmn.sound(process, state) == []
        waits = sorted((w.kind, w.node) for w in bpmn.waiting(process, state))
        assert waits == [("message", "sES")] * 2 + [("timer", "b")] + [("user", "u1")] * 2 + [
            ("user", "u4"),
            ("user", "u8"),
        ]
        for node in ("u1", "u1", "u4"):
            token = next(view.token for view in bpmn.tokens(state) if view.node == node)
            state = bpmn.advance(process, state, Complete(token, {"out": node}), World()).state
        assert {view.node for view in bpmn.tokens(state)} == {"u8", "u9"}
        assert bpmn.variables(state)["who"] == ["li", "zhang"]


def rich() -> bytes:
    """How v1.json was made."""
    case = Case(RICH, {"who": ["li", "zhang"], "key": "K", "day": date(2026, 11, 21)})
    case.do("u3")
    case.message("keyed", "K", n=1)
    case.hours(1)
    return case.bytes


def test_the_current_version_still_writes_what_was_kept() -> None:
    assert rich() == (KEPT / "v1.json").read_bytes().strip()
