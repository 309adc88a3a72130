"""Deadlines: every form in every situation (the table), and what must never happen: told twice, forgotten, guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.errors import Forbidden
from engine.records import Holiday
from tests.diagrams import boundary, call, diagram, user
from tests.engine.deadlines import EXPECTED, FORMS, SITUATIONS, Play
from tests.engine.helpers import deploy, events, item, open_nodes, sound


def test_the_table_has_no_hole() -> None:
    assert SITUATIONS.keys() == EXPECTED.keys()
    assert all(len(row) == len(FORMS) and all(row) for row in EXPECTED.values())


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_is_due_when(engine: Engine, clock: ManualClock, situation: str) -> None:
    """Also: the clock adds up, reminders follow the deadline wherever it went, and each is told once."""
    play = Play(engine, clock, SITUATIONS[situation]).run()
    assert tuple(play.due(form) for form in FORMS) == EXPECTED[situation]
    items = play.items()
    for reading in engine.clocks(items).values():
        assert reading.used + reading.left == reading.budget and reading.since is None
    for one in items:
        at = {timer.rule: timer.due_at for timer in engine.timers(instance=one.instance_id)}
        assert at["PT0S"] == one.due_at and at.get("-PT1H", clock.now()) < one.due_at < at["PT1H boss"]
    while (due := engine.next_due()) is not None:
        clock.set(max(due, clock.now()))
        engine.run_due()
    for one in items:
        assert sorted(_told(engine, one.instance_id)) == ["-PT1H", "PT0S", "PT1H boss"]
    sound(engine)


def _told(engine: Engine, case: int) -> list[str]:
    return [one.data["rule"] for one in engine.journal(case) if one.event in ("reminded", "escalated")]


def start(engine: Engine, due: str = "PT8H", calendar: str = "working", **props: str) -> int:
    deploy(engine, diagram("s -> u -> e", user("u", due=due, assignee="li", props={"calendar": calendar, **props})))
    return engine.start("p", {}, by="zhang").id


# ---- the clock stands still ----------------------------------------------------------------------------------------


def test_a_suspended_task_is_not_late_and_shows_that_its_clock_stands(engine: Engine, clock: ManualClock) -> None:
    case = start(engine, "PT2H")
    clock.advance(hours=1)
    engine.suspend(case, by="zhang", reason="等待材料")
    clock.advance(hours=4)
    one = item(engine, case)
    reading = engine.clocks([one])[one.id]
    assert (reading.budget, reading.used, reading.left) == (timedelta(hours=2), timedelta(hours=1), timedelta(hours=1))
    assert reading.since == one.stopped_at and reading.stopped == timedelta(
        hours=2
    )  # 10:00 to 14:00, a noon break in it
    assert engine.work_items(instance=case, overdue=True) == []
    assert engine.items_by_unit()[0].overdue == 0
    sound(engine)


def test_the_time_it_stood_still_is_on_record(engine: Engine, clock: ManualClock) -> None:
    case = start(engine, "PT2H")
    clock.advance(hours=1)
    engine.suspend(case, by="zhang")
    clock.advance(minutes=30)
    engine.resume(case, by="zhang")
    [moved] = [entry.data for entry in engine.journal(case) if entry.event == "deadline-moved"]
    assert (moved["was"], moved["to"]) == ("2026-11-23T03:00:00", "2026-11-23T03:30:00")
    assert moved["stopped"] == "2026-11-23T02:00:00/2026-11-23T02:30:00" and moved["why"] == "resumed"


def test_a_task_that_was_late_stays_as_late_as_it_was(engine: Engine, clock: ManualClock) -> None:
    case = start(engine, "PT1H")
    clock.advance(hours=2)
    engine.suspend(case, by="zhang")
    clock.advance(days=2)
    engine.resume(case, by="zhang")
    one = item(engine, case)
    assert engine.clocks([one])[one.id].left == -timedelta(hours=1)


def test_a_called_case_stands_still_with_its_caller(engine: Engine, clock: ManualClock) -> None:
    inner = diagram("s -> u -> e", user("u", due="PT2H", assignee="li", props={"calendar": "natural"}), key="inner")
    deploy(engine, inner, diagram("s -> c -> e", call("c", "inner"), key="outer"))
    outer = engine.start("outer", {}, by="zhang").id
    [inside] = engine.children(outer)
    engine.suspend(outer, by="zhang")
    clock.advance(hours=3)
    engine.resume(outer, by="zhang")
    assert item(engine, inside.id).due_at == datetime(2026, 11, 23, 6, 0)
    sound(engine)


def test_durations_stand_still_dates_and_cycles_do_not(engine: Engine, clock: ManualClock) -> None:
    """A Saturday stays a Saturday: only what counts time waits for the case."""
    kinds = {"bd": ("duration", "PT2H"), "bt": ("date", "2026-11-23T11:00:00+08:00"), "bc": ("cycle", "R/PT2H")}
    edges = "s -> u -> e; " + "; ".join(f"{name} -> e{name}" for name in kinds)
    made = [boundary(name, "u", *event, cut=False) for name, event in kinds.items()]
    deploy(engine, diagram(edges, user("u"), *made))
    case = engine.start("p", {}, by="zhang").id
    clock.advance(hours=1)
    engine.suspend(case, by="zhang")
    clock.advance(hours=5)
    engine.resume(case, by="zhang")
    due = {timer.node_id: timer.due_at for timer in engine.timers(instance=case)}
    at_eleven = datetime(2026, 11, 23, 3, 0)
    assert due == {"bd": at_eleven + timedelta(hours=5), "bt": at_eleven, "bc": at_eleven}
    assert engine.run_due() == 2


def test_a_timer_set_by_hand_is_not_moved_back_by_a_calendar(engine: Engine, clock: ManualClock) -> None:
    late = boundary("b", "u", "duration", "P2D", props={"calendar": "working"})
    deploy(engine, diagram("s -> u -> e; b -> e2", user("u"), late))
    case = engine.start("p", {}, by="zhang").id
    [timer] = engine.timers(instance=case)
    by_hand = datetime(2026, 11, 23, 9, 0)
    engine.move_timer(timer.id, by_hand, by="zhang")
    engine.put_holiday(Holiday(date(2026, 11, 24), False), by="")
    engine.run_due()
    assert [one.due_at for one in engine.timers(instance=case)] == [by_hand]


# ---- a calendar changes --------------------------------------------------------------------------------------------


def test_a_closure_moves_deadline_timers_and_reminders_and_tells_nobody_twice(
    engine: Engine, clock: ManualClock
) -> None:
    case = start(engine, "P2D", remind="-P1D, PT0S")
    clock.set(datetime(2026, 11, 24, 9, 30))  # Tuesday 17:30: the first reminder
    engine.run_due()
    assert _told(engine, case) == ["-P1D"]
    engine.put_holiday(Holiday(date(2026, 11, 25), False), by="")
    engine.run_due()
    assert item(engine, case).due_at == datetime(2026, 11, 26, 9, 30)
    [moved] = [entry.data for entry in engine.journal(case) if entry.event == "deadline-moved"]
    assert moved["why"] == "calendar"
    clock.set(datetime(2026, 11, 26, 9, 30))
    engine.run_due()
    assert _told(engine, case) == ["-P1D", "PT0S"]
    sound(engine)


def test_a_reminder_left_out_is_made_when_the_deadline_moves_away(engine: Engine, clock: ManualClock) -> None:
    case = start(engine, "P4D", remind="-P1W")
    assert engine.timers(instance=case) == []  # a week before Friday was last week
    engine.put_holiday(Holiday(date(2026, 11, 26), False), by="")
    engine.run_due()
    assert item(engine, case).due_at == datetime(2026, 11, 30, 9, 30)
    assert [timer.due_at for timer in engine.timers(instance=case)] == [datetime(2026, 11, 23, 9, 30)]
    for _ in range(2):  # back again it is past, and told at once; then never more
        engine.drop_holiday(date(2026, 11, 26), by="")
        engine.run_due()
        assert _told(engine, case) == ["-P1W"] and engine.timers(instance=case) == []
        engine.put_holiday(Holiday(date(2026, 11, 26), False), by="")
        engine.run_due()


def test_a_process_that_dies_halfway_leaves_the_rest_to_the_next(
    open_engine: Callable[[], Engine], clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.commands import deadlines

    one, other = open_engine(), open_engine()
    cases = [start(one, "P2D") for _ in range(3)]
    one.run_due()
    one.put_holiday(Holiday(date(2026, 11, 24), False), by="")

    def dies(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(deadlines.batch, "together", dies)
    with pytest.raises(KeyboardInterrupt):
        one.run_due()
    monkeypatch.undo()
    other.run_due()
    assert {item(other, case).due_at for case in cases} == {datetime(2026, 11, 26, 9, 30)}
    assert [events(other, case).count("deadline-moved") for case in cases] == [1, 1, 1]


def test_a_unit_that_gets_another_calendar_gets_other_deadlines(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, diagram("s -> u -> e", user("u", due="PT9H", assignee="li")))
    engine.people.put_unit("t", name="街道")
    case = engine.start("p", {"unit": "t"}, by="").id
    assert item(engine, case).due_at == datetime(2026, 11, 23, 10, 0)
    engine.people.put_unit("t", calendar="working")
    engine.run_due()
    assert item(engine, case).due_at == datetime(2026, 11, 24, 3, 0)


def test_nothing_is_counted_again_when_nothing_changed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.commands import deadlines

    start(engine)
    engine.run_due()
    monkeypatch.setattr(deadlines, "_recount", lambda context: pytest.fail("it counted"))
    engine.people.put("li", name="李", mobile="13800138000")
    engine.run_due()


# ---- who is told ---------------------------------------------------------------------------------------------------


def town(engine: Engine) -> None:
    """A street with two communities, a company aside, and who heads them."""
    engine.people.put_unit("t", name="街道")
    engine.people.put_unit("t1", name="一社区", parent="t")
    engine.people.put_unit("w", name="物业")
    engine.people.put_unit("o", name="民政办")
    posts = {
        "li": [("clerk", "t1")],
        "head1": [("head", "t1")],
        "street": [("head", "t")],
        "city": [("head", "")],
        "op": [("operate", "t")],
        "boss": [("head", "w")],
        "aide": [("desk", "o")],
        "worker": [("clerk", "w")],
    }
    for number, (login, given) in enumerate(posts.items()):
        engine.people.put(login, name=login, mobile=f"1380000010{number}", posts=given)


CHAIN = "PT0S superior, +PT1H head, +PT2H head@up, +PT1H head@up2, +PT1H office:o"


def test_a_chain_climbs_each_step_after_its_own_wait(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, diagram("s -> u -> e", user("u", due="PT1H", assignee="li", props={"escalate": CHAIN})))
    town(engine)
    case, begun, told = engine.start("p", {"unit": "t1"}, by="").id, clock.now(), []
    while (due := engine.next_due()) is not None:
        clock.set(due)
        engine.run_due()
        told.append((clock.now() - begun, [e.data["to"] for e in engine.journal(case) if e.event == "escalated"][-1]))
    hours = [(int(after.total_seconds() // 3600), to) for after, to in told]
    assert hours == [(1, ["op"]), (2, ["head1"]), (4, ["street"]), (5, ["city"]), (6, ["aide"])]
    assert {one.id for one in engine.work_items(by="aide")} == {item(engine, case).id}
    sound(engine)


def test_a_called_cases_task_climbs_its_own_line_and_its_callers(engine: Engine, clock: ManualClock) -> None:
    """Escalations stopped at a called case's border: the company's boss was told, the community that waits was not."""
    step = user("u", due="PT1H", assignee="worker", props={"escalate": "PT0S head, +PT1H head@up"})
    inner = diagram("s -> u -> e", step, key="inner", properties={"unit": '="w"'})
    deploy(engine, inner, diagram("s -> c -> e", call("c", "inner"), key="outer"))
    town(engine)
    outer = engine.start("outer", {"unit": "t1"}, by="").id
    clock.advance(hours=1)
    engine.run_due()
    clock.advance(hours=1)
    engine.run_due()
    [inside] = engine.children(outer)
    expected = [["boss", "head1"], ["city", "street"]]
    assert [e.data["to"] for e in engine.journal(inside.id) if e.event == "escalated"] == expected
    above = [e for e in engine.journal(outer) if e.event == "escalated"]
    assert [(e.node_id, e.data["to"]) for e in above] == [("c", one) for one in expected]
    assert engine.work_items(by="head1") != []
    sound(engine)


def test_a_callers_chain_is_not_climbed_twice_where_the_units_are_one_line(engine: Engine, clock: ManualClock) -> None:
    step = user("u", due="PT1H", assignee="li", props={"escalate": "PT0S head@up"})
    deploy(
        engine,
        diagram("s -> u -> e", step, key="inner", properties={"unit": '="t1"'}),
        diagram("s -> c -> e", call("c", "inner"), key="outer"),
    )
    town(engine)
    outer = engine.start("outer", {"unit": "t"}, by="").id
    clock.advance(hours=1)
    engine.run_due()
    [inside] = engine.children(outer)
    assert [e.data["to"] for e in engine.journal(inside.id) if e.event == "escalated"] == [["street"]]


def test_a_step_that_finds_nobody_falls_to_those_who_operate(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, diagram("s -> u -> e", user("u", due="PT1H", assignee="li", props={"escalate": "PT0S ghost"})))
    town(engine)
    case = engine.start("p", {"unit": "t1"}, by="").id
    clock.advance(hours=1)
    engine.run_due()
    assert [e.data["to"] for e in engine.journal(case) if e.event == "escalated"] == [["op"]]


def test_escalation_steps_and_a_time_out_follow_each_other(engine: Engine, clock: ManualClock) -> None:
    props = {"escalate": "PT0S head, +PT1H head@up", "timeout": "PT3H transfer head"}
    deploy(engine, diagram("s -> u -> e", user("u", due="PT1H", assignee="li", props=props)))
    town(engine)
    case = engine.start("p", {"unit": "t1"}, by="").id
    for _ in range(5):
        clock.advance(hours=1)
        engine.run_due()
    happened = [name for name in events(engine, case) if name in ("escalated", "timed-out", "transferred")]
    assert happened[:3] == ["escalated", "escalated", "timed-out"]
    assert item(engine, case).assignee == "head1" and open_nodes(engine, case) == ["u"]
    sound(engine)


# ---- a unit's own days ---------------------------------------------------------------------------------------------


def test_a_units_own_closure_counts_for_it_and_those_below_and_for_nobody_else(
    engine: Engine, clock: ManualClock
) -> None:
    deploy(engine, diagram("s -> u -> e", user("u", due="P1D", assignee="li", props={"calendar": "working"})))
    for code, parent in (("t", ""), ("t1", "t"), ("t11", "t1"), ("t2", "t")):
        engine.people.put_unit(code, name=code, parent=parent)
    cases = {unit: engine.start("p", {"unit": unit}, by="").id for unit in ("t", "t1", "t11", "t2")}
    engine.put_holiday(Holiday(date(2026, 11, 24), False, "搬迁", "unit:t1"), by="")
    engine.run_due()
    days = {unit: item(engine, case).due_at.day for unit, case in cases.items()}  # type: ignore[union-attr]
    assert days == {"t": 24, "t1": 25, "t11": 25, "t2": 24}
    engine.put_holiday(Holiday(date(2026, 11, 24), True, "值班", "unit:t11"), by="")
    engine.run_due()
    assert item(engine, cases["t11"]).due_at == datetime(2026, 11, 24, 9, 30)


def test_who_may_enter_days_of_a_unit_and_of_all(engine: Engine) -> None:
    town(engine)
    engine.people.put("op1", name="op1", posts=[("operate", "t1")])
    engine.put_holiday(Holiday(date(2026, 11, 24), False, "", "unit:t1"), by="op1")
    for calendar in ("", "working", "unit:t", "unit:w"):
        with pytest.raises(Forbidden):
            engine.put_holiday(Holiday(date(2026, 11, 24), False, "", calendar), by="op1")
