"""Moving a running case to another version: what fits moves, and everything that does not is named."""

from __future__ import annotations

from engine import bpmn
from engine.bpmn.migrating import migrate
from engine.bpmn.model import Complete, Fire
from tests.diagrams import boundary, catch, diagram, event_sub, many, script, sub, throw, undo, user
from tests.engine.bpmn.cases import Case


def problems(case: Case, after: bytes, **mapping: str) -> list[str]:
    found = migrate(case.process, bpmn.compile(after, "p"), case.bytes, mapping)
    assert all(step.problem.zh for step in found.steps if step.problem), "in both languages"
    return [str(step.problem) for step in found.steps if step.problem]


def fates(case: Case, after: bytes) -> list[tuple[str, str]]:
    steps = migrate(case.process, bpmn.compile(after, "p"), case.bytes, {}).steps
    return [(step.target, step.fate) for step in steps if step.fate != "moved"]


def test_tokens_move_with_a_mapping_and_go_on_in_the_new_version() -> None:
    case = Case(diagram("s -> A; A -> u1 -> A2; A -> u2 -> A2; A2 -> u3 -> e"))
    after = diagram("s -> A; A -> u1 -> A2; A -> visit -> A2; A2 -> u4 -> e", user("visit"))
    case.do("u1")
    target = bpmn.compile(after, "p")
    found = migrate(case.process, target, case.bytes, {"u2": "visit"})
    state, steps = found.state, found.steps
    assert [(s.source, s.target, s.problem) for s in steps] == [("u2", "visit", None)]
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
    found = migrate(case.process, target, case.bytes, {"u1": "w1"})
    state, steps = found.state, found.steps
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


def test_what_listens_is_added_removed_or_begins_again() -> None:
    plain, more = (
        diagram("s -> u1 -> e"),
        [boundary("b", "u1", "message"), event_sub("ES", "signal", "sES -> u2 -> e2")],
    )
    after = diagram("s -> u1 -> e; b -> e", *more)
    assert fates(Case(plain), after) == [("ES", "added"), ("b", "added")]
    assert fates(Case(after), after) == []
    assert fates(Case(after), plain) == [("ES", "removed"), ("b", "removed")]
    taken = Case(after)
    taken.signal()
    assert fates(taken, after) == []
    timed = diagram("s -> u1 -> e; b -> e", boundary("b", "u1", "duration", "PT1H"))
    assert fates(Case(timed), timed.replace(b"PT1H", b"PT2H")) == [("b", "restarted")]
    assert fates(Case(after), timed) == [("ES", "removed"), ("b", "removed"), ("b", "restarted")]


def test_a_timer_beside_its_task_that_has_fired_is_not_armed_again() -> None:
    hour = diagram("s -> u1 -> e; b -> e2", boundary("b", "u1", "duration", "PT1H", cut=False))
    case = Case(hour)
    case.send(Fire(case.wait("b").token))
    assert fates(case, hour) == []


def test_a_task_that_is_repeated_in_one_version_only_has_no_place() -> None:
    many_times = diagram("s -> u1 -> e", user("u1", many("who")))
    case = Case(diagram("s -> u1 -> e"))
    assert problems(case, many_times) == ["“u1” repeats in only one of the versions"]
    assert set(problems(Case(many_times, {"who": [1]}), diagram("s -> u1 -> e"))) == {
        "“u1” repeats in only one of the versions"
    }
