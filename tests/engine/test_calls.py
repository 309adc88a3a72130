"""Called processes: cases of their own whose start and end commit with their caller's."""

from __future__ import annotations

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.store import models
from tests.diagrams import boundary, call, diagram, end, many, user
from tests.engine.helpers import deploy, item, open_nodes, sound

CHILD = diagram("s -> u1 -> e", key="child")
PARENT = diagram("s -> c -> u -> e", call("c", "child"), key="parent")


def test_a_called_process_is_a_case_of_its_own_and_hands_its_variables_back(engine: Engine) -> None:
    deploy(engine, PARENT, CHILD)
    parent = engine.start("parent", {"x": 1}, by="zhang")
    [child] = engine.children(parent.id)
    assert (child.process_key, child.parent_id, child.root_id, child.started_by) == (
        "child",
        parent.id,
        parent.id,
        "zhang",
    )
    assert engine.instance(child.id).variables == {"x": 1} and open_nodes(engine, parent.id) == []
    sound(engine)
    engine.complete(item(engine, child.id).id, {"y": 2}, by="li")
    assert engine.instance(child.id).status == "completed"
    assert engine.instance(parent.id).variables == {"x": 1, "y": 2} and open_nodes(engine, parent.id) == ["u"]
    sound(engine)


def test_a_child_that_ends_at_once_commits_with_its_caller(engine: Engine) -> None:
    deploy(engine, PARENT, diagram("s -> e", key="child"))
    parent = engine.start("parent", {}, by="zhang")
    assert open_nodes(engine, parent.id) == ["u"] and engine.children(parent.id)[0].status == "completed"
    sound(engine)


def test_child_and_caller_move_together_or_not_at_all(engine: Engine, monkeypatch) -> None:
    deploy(engine, PARENT, CHILD)
    parent = engine.start("parent", {}, by="zhang")
    [child] = engine.children(parent.id)
    task = item(engine, child.id)
    before = [engine.store.rows(model.select()) for model in models.TABLES]
    original, written = engine.store.sql, set()

    def dying(statement, values=()):
        if 'insert into "journal"' in statement:
            written.update({parent.id, child.id} & set(values))
            raise RuntimeError("killed with both cases half written")
        return original(statement, values)

    monkeypatch.setattr(engine.store, "sql", dying)
    with pytest.raises(RuntimeError):
        engine.complete(task.id, {}, by="li")
    assert written == {parent.id, child.id}
    monkeypatch.undo()
    assert [engine.store.rows(model.select()) for model in models.TABLES] == before
    engine.complete(task.id, {}, by="li")
    sound(engine)


def test_cancelling_goes_down_and_stops_there(engine: Engine) -> None:
    deploy(engine, diagram("s -> c -> e", call("c", "parent"), key="top"), PARENT, CHILD)
    top = engine.start("top", {}, by="zhang")
    [middle] = engine.children(top.id)
    [bottom] = engine.children(middle.id)
    engine.cancel(top.id, by="zhang", reason="重复")
    assert {engine.instance(case.id).status for case in (top, middle, bottom)} == {"cancelled"}
    assert engine.work_items() == []
    sound(engine)


def test_a_cancelled_child_is_an_incident_of_its_caller(engine: Engine) -> None:
    deploy(engine, PARENT, CHILD)
    parent = engine.start("parent", {}, by="zhang")
    engine.cancel(engine.children(parent.id)[0].id, by="zhang")
    [incident] = engine.incidents()
    assert (incident.instance_id, incident.node_id, incident.kind) == (parent.id, "c", "call")
    sound(engine)
    engine.retry(incident.id, by="zhang")
    assert [child.status for child in engine.children(parent.id)] == ["cancelled", "running"]
    sound(engine)


def test_a_childs_error_is_caught_where_it_was_called(engine: Engine) -> None:
    child = diagram("s -> u1 -> x", end("x", "error"), key="child")
    deploy(
        engine,
        diagram("s -> c -> e; b -> u2 -> e", call("c", "child"), boundary("b", "c", "error"), key="parent"),
        child,
    )
    parent = engine.start("parent", {}, by="zhang")
    engine.complete(item(engine, engine.children(parent.id)[0].id).id, {}, by="li")
    assert open_nodes(engine, parent.id) == ["u2"]
    sound(engine)


def test_a_timer_on_a_call_takes_the_child_away(engine: Engine, clock: ManualClock) -> None:
    parent = diagram(
        "s -> c -> e; b -> u2 -> e", call("c", "child"), boundary("b", "c", "duration", "PT1H"), key="parent"
    )
    deploy(engine, parent, CHILD)
    case = engine.start("parent", {}, by="zhang")
    clock.advance(hours=1)
    engine.run_due()
    assert engine.children(case.id)[0].status == "cancelled" and open_nodes(engine, case.id) == ["u2"]
    sound(engine)


def test_a_call_for_each_item_waits_for_all_its_children(engine: Engine) -> None:
    deploy(engine, diagram("s -> c -> u -> e", call("c", "child", many("list")), key="parent"), CHILD)
    parent = engine.start("parent", {"list": ["a", "b", "c"]}, by="zhang")
    children = engine.children(parent.id)
    assert [engine.instance(child.id).variables["it"] for child in children] == ["a", "b", "c"]
    for child in children:
        assert open_nodes(engine, parent.id) == []
        engine.complete(item(engine, child.id).id, {}, by="li")
    assert open_nodes(engine, parent.id) == ["u"]
    sound(engine)


def test_processes_that_call_each_other_without_end_become_an_incident(engine: Engine) -> None:
    deploy(engine, diagram("s -> c -> e", call("c", "p")))
    engine.start("p", {}, by="zhang")
    assert [incident.kind for incident in engine.incidents()] == ["loop"]


def test_a_suspended_caller_suspends_what_it_called(engine: Engine) -> None:
    deploy(engine, PARENT, CHILD)
    parent = engine.start("parent", {}, by="zhang")
    engine.suspend(parent.id, by="zhang")
    assert engine.instance(engine.children(parent.id)[0].id).suspended
    engine.resume(parent.id, by="zhang")
    engine.complete(item(engine, engine.children(parent.id)[0].id).id, {}, by="li")
    assert open_nodes(engine, parent.id) == ["u"]


def test_a_running_case_calls_the_version_it_was_deployed_with(engine: Engine) -> None:
    deploy(engine, PARENT, CHILD)
    deploy(engine, diagram("s -> v -> e", user("v"), key="child"))
    [child] = engine.children(engine.start("parent", {}, by="zhang").id)
    assert child.version == 1
    sound(engine)
