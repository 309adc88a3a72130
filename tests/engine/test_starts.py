"""How processes begin: what the engine tells of forms, messages and timetables is what then happens."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.errors import InvalidValue, NotFound
from tests.diagrams import boundary, diagram, start, user
from tests.engine.helpers import deploy

SATURDAYS = "0 0 9 * * SAT"


def shanghai(moments: object) -> list[str]:
    return [f"{one.at + timedelta(hours=8):%Y-%m-%d %H:%M}{one.flag}" for one in moments]  # type: ignore[attr-defined]


def timed(expression: str, calendar: str = "") -> bytes:
    props = {"calendar": calendar} if calendar else None
    return diagram("t -> u -> e", start("t", "cycle", expression, props=props), user("u"))  # type: ignore[arg-type]


def test_the_next_ten_times_are_those_at_which_cases_start(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, timed(SATURDAYS))
    (way,) = engine.starts("p")
    assert (way.kind, way.timer, way.expression, len(way.next)) == ("timer", "cycle", SATURDAYS, 10)
    assert shanghai(way.next[:2]) == ["2026-11-28 09:00", "2026-12-05 09:00"]
    for moment in way.next[:3]:
        clock.set(moment.at - timedelta(seconds=1))
        assert engine.run_due() == 0
        clock.set(moment.at)
        assert engine.run_due() == 1
    assert len(engine.instances(process="p").rows) == 3


def test_a_missed_saturday_starts_one_case_and_the_next_is_a_saturday(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, timed(SATURDAYS))
    clock.set(datetime(2026, 12, 23, 4, 0))  # four Saturdays later
    assert shanghai(engine.starts("p")[0].next[:2]) == ["2026-11-28 09:00", "2026-12-26 09:00"]
    assert engine.run_due() == 1 and engine.run_due() == 0
    assert shanghai(engine.starts("p")[0].next[:2]) == ["2026-12-26 09:00", "2027-01-02 09:00"]


def test_a_boundary_timer_takes_a_timetable_too(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, diagram("s -> u -> e; b -> v; v -> e", user("v"), boundary("b", "u", "cycle", SATURDAYS, cut=False)))
    case = engine.start("p", {}, by="zhang")
    clock.set(datetime(2026, 11, 28, 1, 0))
    assert engine.run_due() == 1
    assert [t.due_at for t in engine.timers(instance=case.id)] == [datetime(2026, 12, 5, 1, 0)]


def test_the_first_working_day_is_of_the_calendar_that_the_timer_names(engine: Engine, clock: ManualClock) -> None:
    """1 January is a holiday; of 2027 nobody entered the notice, so that first working day is flagged, deployed or
    only drawn."""
    monthly = timed("0 0 9 1W * *", calendar="working")
    clock.set(datetime(2026, 9, 20, 1, 0))
    (drawn,) = engine.starts_drawn(monthly)
    assert shanghai(drawn.next[:2]) == ["2026-10-08 09:00", "2026-11-02 09:00"]
    assert shanghai(drawn.next[3:4]) == ["2027-01-01 09:00no-calendar:2027"]
    deploy(engine, monthly)
    clock.set(datetime(2026, 12, 15, 1, 0))
    engine.run_due()
    assert shanghai(engine.starts("p")[0].next[:1]) == ["2027-01-01 09:00no-calendar:2027"]


def test_other_ways_in_are_told_as_drawn(engine: Engine) -> None:
    deploy(
        engine,
        diagram("s -> u -> e", user("u"), properties={"starters": "clerk, public"}, key="by_hand"),
        diagram("m -> u -> e", start("m", "message"), user("u"), key="by_message"),
        diagram("t -> u -> e", start("t", "date", "2026-12-01T09:00:00+08:00"), user("u"), key="once"),
    )
    found = {way.process: way for way in engine.starts()}
    assert (found["by_hand"].kind, found["by_hand"].starters) == ("plain", ("clerk", "public"))
    assert (found["by_message"].kind, bool(found["by_message"].ref), found["by_message"].next) == ("message", True, ())
    assert shanghai(found["once"].next) == ["2026-12-01 09:00"]


def test_a_timer_that_is_over_has_no_next_time(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, timed("R2/2026-11-24T09:00:00+08:00/P1D"))
    assert shanghai(engine.starts("p")[0].next) == ["2026-11-24 09:00", "2026-11-25 09:00"]
    clock.set(datetime(2026, 11, 26, 1, 0))
    engine.run_due()
    engine.run_due()
    assert engine.starts("p")[0].next == ()


def test_an_unreadable_timetable_says_why(engine: Engine) -> None:
    with pytest.raises(InvalidValue, match="no day is ever meant"):
        engine.upcoming("0 0 9 30 2 *")
    (way,) = engine.starts_drawn(timed('="0 0 9 " + nothing'))
    assert way.next == () and way.trouble is not None


def test_a_wrong_timetable_is_refused_with_the_element(engine: Engine) -> None:
    found = engine.lint({"a.bpmn": timed("0 0 9 30 2 *")})
    assert [(one.code, one.element) for one in found if one.severity == "error"] == [("bad-timer", "t")]


def test_a_drawn_start_gets_another_timetable_and_nothing_else_changes(engine: Engine) -> None:
    before = timed("R/P7D", calendar="working")
    after = engine.with_timetable(before, "t", "0 0 9 1W * *", "working")
    (way,) = engine.starts_drawn(after)
    assert (way.expression, way.timer, way.calendar) == ("0 0 9 1W * *", "cycle", "working")
    assert engine.starts_drawn(engine.with_timetable(after, "t", SATURDAYS))[0].calendar == ""
    assert not [one for one in engine.lint({"a.bpmn": after}) if one.severity == "error"]
    with pytest.raises(InvalidValue):
        engine.with_timetable(before, "t", "every day")
    with pytest.raises(NotFound):
        engine.with_timetable(before, "u", SATURDAYS)
