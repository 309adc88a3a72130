"""Timers, reminders and escalations: each once, at its time, also after an outage and with many ticks at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.commands import failures, timers
from engine.store import models
from tests.diagrams import boundary, catch, diagram, start, user
from tests.engine.helpers import at_once, deploy, item, open_nodes, sound

WAIT = diagram("s -> t -> u -> e", catch("t", "duration", value="PT15M"))
REMIND = {"remind": "-PT1H, PT0S, R/PT4H", "escalate": "PT0S boss, PT2H boss@up"}


def test_a_timer_fires_at_its_time_and_once(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, WAIT)
    case = engine.start("p", {}, by="zhang")
    clock.advance(minutes=14, seconds=59)
    assert engine.run_due() == 0
    clock.advance(seconds=1)
    assert (engine.run_due(), engine.run_due()) == (1, 0)
    assert engine.trace(case.id).count(("t", "caught")) == 1 and open_nodes(engine, case.id) == ["u"]
    sound(engine)


def test_many_ticks_at_once_fire_each_timer_once(open_engine: Callable[[], Engine], clock: ManualClock) -> None:
    engines = [open_engine() for _ in range(3)]
    deploy(engines[0], WAIT)
    cases = [engines[0].start("p", {}, by="zhang").id for _ in range(12)]
    clock.advance(minutes=20)
    assert sum(at_once([one.run_due for one in engines])) == len(cases)
    assert all(engines[0].trace(case).count(("t", "caught")) == 1 for case in cases)
    sound(engines[0])


def test_a_limit_leaves_the_rest_for_the_next_tick(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, WAIT)
    for _ in range(5):
        engine.start("p", {}, by="zhang")
    clock.advance(minutes=15)
    assert (engine.run_due(limit=2), engine.run_due(limit=2), engine.run_due()) == (2, 2, 1)


def test_after_an_outage_a_cycle_fires_once_and_keeps_its_rhythm(engine: Engine, clock: ManualClock) -> None:
    """Saturday 09:00 stays Saturday 09:00: the next firing is counted from the first anchor, not from when it was
    late."""
    saturday = "R/2026-11-28T09:00:00+08:00/P7D"
    deploy(engine, diagram("s -> u -> e; b -> v; v -> e", user("v"), boundary("b", "u", "cycle", saturday, cut=False)))
    case = engine.start("p", {}, by="zhang")
    clock.set(datetime(2026, 12, 23, 4, 0))  # four Saturdays later
    assert engine.run_due() == 1 and open_nodes(engine, case.id) == ["u", "v"]
    assert [t.due_at for t in engine.timers(instance=case.id)] == [datetime(2026, 12, 26, 1, 0)]
    clock.set(datetime(2026, 12, 26, 1, 0))
    assert engine.run_due() == 1 and open_nodes(engine, case.id) == ["u", "v", "v"]
    sound(engine)


def test_months_are_counted_from_the_anchor_so_that_the_31st_stays(engine: Engine, clock: ManualClock) -> None:
    monthly = "R/2027-01-31T09:00:00+08:00/P1M"
    deploy(engine, diagram("s -> u -> e; b -> v; v -> e", user("v"), boundary("b", "u", "cycle", monthly, cut=False)))
    case = engine.start("p", {}, by="zhang")
    found = []
    for _ in range(3):
        [timer] = engine.timers(instance=case.id)
        found.append(timer.due_at)
        clock.set(timer.due_at)
        engine.run_due()
    assert [(d.month, d.day) for d in found] == [(1, 31), (2, 28), (3, 31)]


def test_an_interrupting_timer_takes_the_task_away(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, diagram("s -> u -> e; b -> v -> e", user("v"), boundary("b", "u", "duration", "PT1H")))
    case = engine.start("p", {}, by="zhang")
    task = item(engine, case.id)
    clock.advance(hours=1)
    engine.run_due()
    assert open_nodes(engine, case.id) == ["v"]
    assert engine.work_item(task.id).status == "cancelled"
    sound(engine)


def test_a_completion_before_the_timer_takes_the_timer_away(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, diagram("s -> u -> e; b -> v -> e", user("v"), boundary("b", "u", "duration", "PT1H")))
    case = engine.start("p", {}, by="zhang")
    engine.complete(item(engine, case.id).id, {}, by="li")
    assert engine.timers() == []
    clock.advance(hours=2)
    assert engine.run_due() == 0


# ---- reminders and escalations -------------------------------------------------------------------------------------


def remind_case(engine: Engine, clock: ManualClock) -> int:
    deploy(engine, diagram("s -> u -> e", user("u", due="PT2H", assignee="li", props=REMIND)))
    return engine.start("p", {}, by="zhang").id


def test_reminders_come_before_at_and_after_the_due_time_each_once(engine: Engine, clock: ManualClock) -> None:
    case, begun, told = remind_case(engine, clock), clock.now(), []
    for _ in range(24):
        clock.advance(minutes=30)
        if engine.run_due():
            told.append(clock.now() - begun)
            assert engine.run_due() == 0
    assert told == [timedelta(hours=h) for h in (1, 2, 4, 6, 10)]
    rules = [entry.data["rule"] for entry in engine.journal(case) if entry.event == "reminded"]
    assert rules == ["-PT1H", "PT0S", "R/PT4H", "R/PT4H"]
    assert len(engine.notices("li")) == 4
    engine.complete(item(engine, case).id, {}, by="li")
    assert engine.timers() == []
    sound(engine)


def test_reminders_missed_in_an_outage_come_once_not_many_times(engine: Engine, clock: ManualClock) -> None:
    case = remind_case(engine, clock)
    clock.advance(days=3)
    engine.run_due()
    rules = [entry.data["rule"] for entry in engine.journal(case) if entry.event == "reminded"]
    assert sorted(rules) == ["-PT1H", "PT0S", "R/PT4H"]
    [again] = engine.timers(instance=case)
    due = datetime(2026, 11, 23, 3, 0)
    assert again.due_at > clock.now() and (again.due_at - due) % timedelta(hours=4) == timedelta()


def test_many_ticks_at_once_remind_once(open_engine: Callable[[], Engine], clock: ManualClock) -> None:
    engines = [open_engine() for _ in range(3)]
    remind_case(engines[0], clock)
    clock.advance(hours=1)
    at_once([one.run_due for one in engines])
    assert len(engines[0].notices("li")) == 1


def test_an_escalation_tells_the_superior_who_then_sees_and_urges(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, diagram("s -> u -> e", user("u", due="PT2H", groups="clerk", props=REMIND)))
    engine.people.put_unit("t", name="街道")
    engine.people.put_unit("t1", name="社区", parent="t")
    posts = {"li": ("clerk", "t1"), "head": ("boss", "t1"), "chief": ("boss", "t")}
    for login, post in posts.items():
        engine.people.put(login, name=login, mobile=f"1380000000{len(login)}", posts=[post])
    case = engine.start("p", {"unit": "t1"}, by="")
    task = item(engine, case.id)
    assert engine.work_items(by="head") == engine.work_items(by="chief") == []
    clock.advance(hours=2)
    engine.run_due()
    assert [i.id for i in engine.work_items(by="head")] == [task.id] and engine.work_items(by="chief") == []
    clock.advance(hours=2)
    engine.run_due()
    assert [i.id for i in engine.work_items(by="chief")] == [task.id]
    told = [entry.data["to"] for entry in engine.journal(case.id) if entry.event == "escalated"]
    assert told == [["head"], ["chief"]]
    assert engine.urge(task.id, by="chief") == 1
    assert [row.status for row in engine.outbox() if row.person == "chief"] == ["to-call"]  # nobody gave a channel
    sound(engine)


def test_a_reminder_whose_time_is_past_when_the_task_opens_is_left_out(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, diagram("s -> u -> e", user("u", due="PT30M", assignee="li", props={"remind": "-P1D, PT0S"})))
    engine.start("p", {}, by="zhang")
    assert [t.rule for t in engine.timers()] == ["PT0S"]


def test_a_rule_that_cannot_be_counted_is_said_and_stops_nothing(engine: Engine) -> None:
    deploy(engine, diagram("s -> u -> e", user("u", due="PT2H", props={"remind": "P99Y, PT0S"})))
    case = engine.start("p", {}, by="zhang")
    assert [t.rule for t in engine.timers(instance=case.id)] == ["PT0S"]
    assert [entry.data["rule"] for entry in engine.journal(case.id) if entry.event == "note"] == ["P99Y"]


# ---- start timers and failures -------------------------------------------------------------------------------------


def test_a_timer_start_event_starts_cases_until_a_new_version_takes_over(engine: Engine, clock: ManualClock) -> None:
    weekly = "R/2026-11-28T09:00:00+08:00/P7D"
    deploy(engine, diagram("s -> u -> e", start("s", "cycle", weekly)))
    clock.set(datetime(2026, 11, 28, 1, 0))
    assert engine.run_due() == 1 and engine.instances().total == 1
    deploy(engine, diagram("s -> v -> e", user("v"), start("s", "cycle", weekly)))
    assert len(engine.timers()) == 1
    clock.set(datetime(2026, 12, 6, 1, 0))
    assert engine.run_due() >= 1
    newest = engine.instances().rows[0]
    assert newest.version == 2 and open_nodes(engine, newest.id) == ["v"]
    sound(engine)


def test_one_failing_timer_never_blocks_the_sweep(
    engine: Engine, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its attempts spent, it becomes an incident that an operator can retry."""
    deploy(engine, WAIT)
    bad, good = engine.start("p", {}, by="zhang").id, engine.start("p", {}, by="zhang").id
    original = timers._FIRE["event"]

    def fire(work, row):
        if row["instance"] == bad:
            raise RuntimeError("out of order")
        return original(work, row)

    monkeypatch.setitem(timers._FIRE, "event", fire)
    clock.advance(minutes=15)
    with caplog.at_level(logging.CRITICAL, "engine.commands.timers"):
        assert engine.run_due() == 1
        assert open_nodes(engine, good) == ["u"] and open_nodes(engine, bad) == []
        for _ in range(failures.ATTEMPTS):
            clock.advance(hours=1)
            engine.run_due()
    monkeypatch.undo()
    [incident] = engine.incidents()
    assert (incident.instance_id, incident.kind) == (bad, "timer") and "out of order" in incident.message
    sound(engine)
    engine.retry(incident.id, by="zhang")
    clock.advance(minutes=15)
    engine.run_due()
    assert open_nodes(engine, bad) == ["u"]


def test_a_suspended_case_sleeps_and_wakes(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, WAIT)
    case = engine.start("p", {}, by="zhang")
    engine.suspend(case.id, by="zhang")
    assert engine.instance(case.id).suspended
    clock.advance(hours=1)
    assert engine.run_due() == 0
    engine.resume(case.id, by="zhang")
    assert engine.run_due() == 0  # its clock stood still: the quarter of an hour is still to come
    clock.advance(minutes=15)
    assert engine.run_due() == 1


def test_a_deadline_counts_service_hours_where_the_diagram_names_a_calendar(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, diagram("s -> u -> e", user("u", due="PT15M", props={"calendar": "working"})))
    clock.set(datetime(2026, 11, 23, 14, 0))  # 22:00 in Shanghai
    case = engine.start("p", {}, by="zhang")
    assert item(engine, case.id).due_at == datetime(2026, 11, 24, 0, 45)  # 08:45 next morning


def test_a_deadline_in_a_year_without_a_calendar_is_flagged(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, diagram("s -> u -> e", user("u", due="P60D", props={"calendar": "working"})))
    case = engine.start("p", {}, by="zhang")
    assert item(engine, case.id).due_flag == "no-calendar:2027"
    engine.store.run(models.CalendarYear.insert(year=2027))
    assert item(engine, engine.start("p", {}, by="zhang").id).due_flag == ""


def test_a_cycle_loaded_after_somebody_fired_it_does_not_fire_again(
    open_engine: Callable[[], Engine], clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by reasoning: process B reads the due row, A fires it and re-arms the token, then B reads the case
    (after A's commit, so its guard holds) and fires the next round hours early."""
    one, two = open_engine(), open_engine()
    deploy(one, diagram("s -> u -> e; b -> v; v -> e", user("v"), boundary("b", "u", "cycle", "R/PT1H", cut=False)))
    case = one.start("p", {}, by="zhang")
    clock.advance(hours=1)
    original, fired = timers._FIRE["event"], []

    def late(work, row):
        if not fired:
            fired.append(1)
            with monkeypatch.context() as patch:
                patch.setattr(timers, "attempts", lambda store, names: nullcontext(names))
                patch.setitem(timers._FIRE, "event", original)
                assert two.run_due() == 1
        return original(work, row)

    monkeypatch.setitem(timers._FIRE, "event", late)
    assert one.run_due() == 0
    assert open_nodes(one, case.id) == ["u", "v"]
    sound(one)
