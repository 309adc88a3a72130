"""What operators do to cases: each act takes effect, is written down, and never fails silently."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.errors import CannotMove, Forbidden, NotFound, NotOpen
from tests.diagrams import boundary, diagram, many, start, user
from tests.engine.helpers import deploy, events, item, open_nodes, sound

STEPS = diagram("s -> u1 -> u2 -> u3 -> e")


def test_an_incident_is_retried_after_the_variables_are_mended(engine: Engine) -> None:
    deploy(engine, diagram("s -> X; X -> e if amount > 100; X -> u default; u -> e"))
    case = engine.start("p", {}, by="zhang")
    [incident] = case.incidents
    assert incident.kind == "expression" and "amount" in incident.message and "amount" in incident.text("en")
    assert engine.retry(incident.id, by="zhang") is False
    [again] = engine.incidents()
    engine.set_variables(case.id, {"amount": 7}, by="zhang")
    assert engine.retry(again.id, by="zhang") is True
    assert engine.incidents() == [] and open_nodes(engine, case.id) == ["u"]
    assert len(engine.incidents(open_only=False)) == 2
    with pytest.raises(NotOpen):
        engine.retry(again.id, by="zhang")
    sound(engine)


def test_a_suspended_case_refuses_tasks_until_it_goes_on(engine: Engine) -> None:
    deploy(engine, STEPS)
    case = engine.start("p", {}, by="zhang")
    engine.suspend(case.id, by="zhang", reason="等待材料")
    with pytest.raises(NotOpen):
        engine.complete(item(engine, case.id).id, {}, by="li")
    with pytest.raises(NotOpen):
        engine.suspend(case.id, by="zhang")
    engine.resume(case.id, by="zhang")
    with pytest.raises(NotOpen):
        engine.resume(case.id, by="zhang")
    engine.complete(item(engine, case.id).id, {}, by="li")
    assert [e for e in events(engine, case.id) if e in ("suspended", "resumed")] == ["suspended", "resumed"]


def test_a_cancelled_case_is_over(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, diagram("s -> u -> e; b -> e", boundary("b", "u", "duration", "PT1H")))
    case = engine.start("p", {}, by="zhang")
    task = item(engine, case.id)
    engine.cancel(case.id, by="zhang", reason="重复")
    assert engine.instance(case.id).status == "cancelled" and engine.timers() == []
    with pytest.raises(NotOpen):
        engine.complete(task.id, {}, by="li")
    with pytest.raises(NotOpen):
        engine.cancel(case.id, by="zhang")
    assert [e.data for e in engine.journal(case.id) if e.event == "cancelling"] == [{"reason": "重复"}]
    sound(engine)


def test_a_task_is_sent_back_and_done_again(engine: Engine) -> None:
    deploy(engine, STEPS)
    case = engine.start("p", {}, by="zhang")
    for _ in range(2):
        engine.complete(item(engine, case.id).id, {}, by="li")
    engine.return_to(item(engine, case.id, "u3").id, "u1", by="li", reason="材料不全")
    assert open_nodes(engine, case.id) == ["u1"]
    with pytest.raises(NotFound):
        engine.return_to(item(engine, case.id).id, "nowhere", by="li")
    sound(engine)


def test_a_completion_is_withdrawn_until_somebody_acts_on_it(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, STEPS)
    case = engine.start("p", {}, by="zhang")
    first = item(engine, case.id)
    clock.advance(minutes=1)
    engine.complete(first.id, {}, by="li")
    engine.withdraw(first.id, by="li")
    assert open_nodes(engine, case.id) == ["u1"]
    again = item(engine, case.id)
    clock.advance(minutes=1)
    engine.complete(again.id, {}, by="li")
    engine.claim(item(engine, case.id).id, by="wang")
    with pytest.raises(NotOpen):
        engine.withdraw(again.id, by="li")
    sound(engine)


def test_an_operator_moves_a_case(engine: Engine) -> None:
    deploy(engine, STEPS)
    case = engine.start("p", {}, by="zhang")
    engine.move(case.id, "u3", by="zhang", reason="已当面办结")
    assert open_nodes(engine, case.id) == ["u3"]
    sound(engine)


def test_signers_join_and_leave_a_countersign(engine: Engine) -> None:
    deploy(engine, diagram("s -> u -> u2 -> e", user("u", many("list"), assignee="=it")))
    case = engine.start("p", {"list": ["a", "b"]}, by="zhang")
    mine = next(one for one in engine.work_items(instance=case.id) if one.assignee == "a")
    engine.add_signer(mine.id, "c", by="a")
    assert sorted(one.assignee for one in engine.work_items(instance=case.id)) == ["a", "b", "c"]
    theirs = next(one for one in engine.work_items(instance=case.id) if one.assignee == "b")
    engine.remove_signer(theirs.id, by="b")
    for one in engine.work_items(instance=case.id):
        engine.complete(one.id, {}, by=one.assignee)
    assert open_nodes(engine, case.id) == ["u2"]
    sound(engine)


def test_only_operators_of_the_unit_operate(engine: Engine) -> None:
    deploy(engine, STEPS)
    engine.people.put("boss", name="头", posts=[("operate", "")])
    engine.people.put("li", name="李", posts=[("desk", "")])
    case = engine.start("p", {}, by="")
    for act in (
        lambda: engine.cancel(case.id, by="li"),
        lambda: engine.suspend(case.id, by="li"),
        lambda: engine.set_variables(case.id, {"x": 1}, by="li"),
        lambda: engine.move(case.id, "u3", by="li"),
    ):
        with pytest.raises(Forbidden):
            act()
    engine.set_variables(case.id, {"x": 1}, by="boss")
    assert engine.instance(case.id).variables == {"x": 1}
    assert engine.journal(case.id)[-1].actor == "boss"


def test_a_timer_is_moved_by_hand(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, diagram("s -> u -> e; b -> u2 -> e", boundary("b", "u", "duration", "PT1H")))
    case = engine.start("p", {}, by="zhang")
    [timer] = engine.timers(instance=case.id)
    engine.move_timer(timer.id, clock.now(), by="zhang")
    assert engine.run_due() == 1 and open_nodes(engine, case.id) == ["u2"]


def test_a_start_timer_is_moved_only_by_who_operates_everywhere_or_designs(engine: Engine, clock: ManualClock) -> None:
    """A start event's timer belongs to no case, and so to no unit: the check of the unit was left out with it, and
    anybody who was signed in could let every scheduled process begin at once."""
    deploy(engine, diagram("s -> u -> e", start("s", "cycle", "R/2026-11-24T09:00:00+08:00/P7D")))
    engine.people.put_unit("440604", name="区")
    engine.people.put_unit("440604010", name="街道", parent="440604")
    engine.people.put("boss", name="头", posts=[("operate", "")])
    engine.people.put("drawer", name="画", posts=[("design", "")])
    engine.people.put("li", name="李", posts=[("desk", "")])
    engine.people.put("one", name="某", posts=[("operate", "440604010")])
    [timer] = engine.timers()
    for stranger in ("li", "one"):
        with pytest.raises(Forbidden):
            engine.move_timer(timer.id, clock.now(), by=stranger)
    assert engine.timers()[0].due_at == timer.due_at
    engine.move_timer(timer.id, timer.due_at + timedelta(days=1), by="drawer")
    engine.move_timer(timer.id, clock.now(), by="boss")
    assert engine.run_due() == 1 and len(engine.instances(process="p").rows) == 1


# ---- migration -----------------------------------------------------------------------------------------------------


def test_a_dry_run_reports_every_token_and_timer_and_changes_nothing(engine: Engine) -> None:
    deploy(engine, diagram("s -> u1 -> u2 -> e; b -> e", boundary("b", "u1", "duration", "PT1H")))
    case = engine.start("p", {}, by="zhang")
    deploy(engine, diagram("s -> u1 -> u4 -> e; b -> e", boundary("b", "u1", "duration", "PT2H")))
    report = engine.migrate_instance(case.id, 2, dry_run=True)
    assert sorted((s.source, s.target, s.problem) for s in report.tokens) == [("b", "b", None), ("u1", "u1", None)]
    assert [(node, then) for _, node, then in report.timers] == [("b", "b")]
    assert engine.instance(case.id).version == 1
    assert engine.migrate_instance(case.id, 2, by="zhang").problems == ()
    assert engine.instance(case.id).version == 2
    engine.complete(item(engine, case.id).id, {}, by="li")
    assert open_nodes(engine, case.id) == ["u4"]
    sound(engine)


def test_a_token_without_a_place_stops_the_migration_unless_it_is_mapped(engine: Engine) -> None:
    deploy(engine, diagram("s -> u1 -> e"))
    case = engine.start("p", {}, by="zhang")
    deploy(engine, diagram("s -> u9 -> u2 -> e"))
    assert engine.migrate_instance(case.id, 2, dry_run=True).problems
    with pytest.raises(CannotMove):
        engine.migrate_instance(case.id, 2)
    assert engine.instance(case.id).version == 1
    engine.migrate_instance(case.id, 2, {"u1": "u9"})
    assert open_nodes(engine, case.id) == ["u9"]
    engine.complete(item(engine, case.id).id, {}, by="li")
    assert open_nodes(engine, case.id) == ["u2"]
    sound(engine)
