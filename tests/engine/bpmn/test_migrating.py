"""Moving a running case to another version: what fits moves, and everything that does not is named."""

from __future__ import annotations

from engine import bpmn
from engine.bpmn.migrating import migrate
from engine.bpmn.model import Complete
from tests.diagrams import boundary, catch, diagram, event_sub, many, script, sub, throw, undo, user
from tests.engine.bpmn.cases import Case


def problems(case: Case, after: bytes, **mapping: str) -> list[str]:
    _, steps = migrate(case.process, bpmn.compile(after, "p"), case.bytes, mapping)
    return [step.problem for step in steps if step.problem]


def test_tokens_move_with_a_mapping_and_go_on_in_the_new_version() -> None:
    case = Case(diagram("s -> A; A -> u1 -> A2; A -> u2 -> A2; A2 -> u3 -> e"))
    after = diagram("s -> A; A -> u1 -> A2; A -> visit -> A2; A2 -> u4 -> e", user("visit"))
    case.do("u1")
    target = bpmn.compile(after, "p")
    state, steps = migrate(case.process, target, case.bytes, {"u2": "visit"})
    assert [(s.source, s.target, s.problem) for s in steps] == [("u2", "visit", "")]
    assert bpmn.sound(target, state) == []
    state = bpmn.advance(target, state, Complete(steps[0].token), case.world).state
    assert [view.node for view in bpmn.tokens(state)] == ["u4"]


def test_scopes_children_and_records_move_too() -> None:
    def version(name: str) -> bytes:
        nodes = (script("t0"), script("h", isForCompensation="true"), undo("c", "t0", "h"), throw("th", "compensate"))
        inner = sub("SP", f"s1 -> {name} -> e1", user(name), inside=many("who"))
        return diagram("s -> t0 -> SP -> th -> e", *nodes, inner)

    case = Case(version("u1"), {"who": [1, 2]})
    target = bpmn.compile(version("w1"), "p")
    state, steps = migrate(case.process, target, case.bytes, {"u1": "w1"})
    assert not [step for step in steps if step.problem] and bpmn.sound(target, state) == []
    for view in [v for v in bpmn.tokens(state) if v.node == "w1"]:
        changes = bpmn.advance(target, state, Complete(view.token), case.world)
        state = changes.state
    assert changes.status == "completed" and "h" in [entry.node for entry in changes.journal]


def test_what_is_gone_or_of_another_kind_is_named() -> None:
    case = Case(diagram("s -> u1 -> e"))
    assert problems(case, diagram("s -> u2 -> e")) == ["“u1” is no element of this scope in the new version"]
    assert problems(case, diagram("s -> m -> e", '<manualTask id="m"/>'), u1="m") == [
        "u1 is a userTask, m a manualTask"
    ]
    case = Case(diagram("s -> c -> e", catch("c", "message")))
    assert problems(case, diagram("s -> c -> e", catch("c", "signal"))) == ["c waits for something else than c"]
    case = Case(diagram("s -> A; A -> u1 -> A2; A -> u2 -> A2; A2 -> e"))
    case.do("u1")
    after = diagram("s -> A; A -> u1 -> u3 -> A2; A -> u2 -> A2; A2 -> e")
    assert problems(case, after) == ["arrivals wait at “A2” on u1-A2, which is gone"]
    assert "arrivals wait at “A2”, which is gone" in problems(case, diagram("s -> u2 -> e"))


def test_what_would_never_listen_is_named_not_dropped() -> None:
    case = Case(diagram("s -> u1 -> e"))
    after = diagram(
        "s -> u1 -> e; b -> e", boundary("b", "u1", "message"), event_sub("ES", "signal", "sES -> u2 -> e2")
    )
    assert problems(case, after) == [
        "“ES” is new and would not listen in this case",
        "“b” is new on “u1” and would not listen in this case",
    ]
    assert problems(Case(after), after) == []
    taken = Case(after)
    taken.signal()
    assert problems(taken, after) == []
