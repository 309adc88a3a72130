"""Working time: what is due when, on service hours, weekends, holidays and make-up days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import calendars
from engine.calendars import Months, Period, Rules

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = calendars.hours([["1-5", "08:30", "12:00"], ["1-5", "14:00", "17:30"]])
SERVICE = Rules(hours=HOURS, zone=SHANGHAI)
NATURAL = Rules(holidays=False, zone=SHANGHAI)


def local(text):
    """Naive UTC of a Shanghai wall clock."""
    return calendars.instant(text.replace(" ", "T") + ":00+08:00")


def due(start, length, rules=SERVICE):
    moment, flag = calendars.add(rules, local(start), length)
    return (moment + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M") + (f" {flag}" if flag else "")


@pytest.mark.parametrize(
    ("start", "length", "expected", "why"),
    [
        ("2026-11-23 22:00", "PT15M", "2026-11-24 08:45", "asked at 22:00: 15 minutes after the next opening"),
        ("2026-11-20 22:00", "PT15M", "2026-11-23 08:45", "asked on Friday night: Monday"),
        ("2026-11-23 09:00", "PT15M", "2026-11-23 09:15", "inside hours"),
        ("2026-11-23 11:50", "PT15M", "2026-11-23 14:05", "over the noon break"),
        ("2026-11-23 11:45", "PT15M", "2026-11-23 12:00", "a closing time is a deadline, not the next opening"),
        ("2026-11-23 17:20", "PT15M", "2026-11-24 08:35", "over night"),
        ("2026-11-23 09:00", "P1D", "2026-11-24 17:30", "a working day: the end of hours of the next one"),
        ("2026-11-23 22:00", "P2D", "2026-11-25 17:30", "the day of the event is not counted"),
        ("2026-11-21 10:00", "P1D", "2026-11-23 17:30", "from Saturday: Monday"),
        ("2026-11-20 10:00", "P1DT0H", "2026-11-23 10:00", "a time part keeps the time of day"),
        ("2026-11-20 16:30", "P1DT2H", "2026-11-24 09:30", "then worked hours"),
        ("2026-11-20 22:00", "P1DT0H", "2026-11-24 08:30", "moved to the next working moment"),
        ("2026-11-20 10:00", "P1W", "2026-11-27 10:00", "a week is seven calendar days"),
        ("2026-11-21 10:00", "P1W", "2026-11-30 08:30", "a week after Saturday moves to Monday"),
        ("2026-08-31 10:00", "P1M", "2026-09-30 10:00", "the last day of a shorter month"),
        ("2026-09-30 16:00", "P1D", "2026-10-08 17:30", "National Day: 1 to 7 October off"),
        ("2026-09-30 17:20", "PT15M", "2026-10-08 08:35", "the same for minutes"),
        ("2026-10-09 18:00", "P1D", "2026-10-10 17:30", "Saturday 10 October 2026 is a make-up day"),
        ("2026-02-13 17:00", "PT1H", "2026-02-14 09:00", "so is Saturday 14 February"),
        ("2026-11-23 09:00", "PT0S", "2026-11-23 09:00", "nothing added, nothing moved"),
        ("2026-11-23 22:00", "PT0S", "2026-11-23 22:00", "not even at night"),
        ("2026-11-25 17:30", "-P1D", "2026-11-24 17:30", "a reminder one working day before"),
        ("2026-11-23 17:30", "-P1D", "2026-11-20 17:30", "is on Friday for a Monday"),
        ("2026-11-24 08:45", "-PT30M", "2026-11-23 17:15", "worked time backwards, over night"),
        ("2026-11-24 08:30", "-PT15M", "2026-11-23 17:15", "from an opening"),
        ("2026-11-23 12:00", "-PT4H", "2026-11-20 17:00", "and over the week-end"),
    ],
)
def test_what_is_due_when(start, length, expected, why):
    assert due(start, length) == expected, why


def test_a_year_without_a_calendar_is_flagged_and_only_when_it_is_touched():
    assert due("2026-12-30 09:00", "P1D") == "2026-12-31 17:30"
    assert due("2026-12-31 09:00", "P1D") == "2027-01-01 17:30 no-calendar:2027"
    assert due("2026-12-31 17:00", "PT30M") == "2026-12-31 17:30"
    assert due("2027-03-01 09:00", "PT15M") == "2027-03-01 09:15 no-calendar:2027"


def test_a_year_entered_by_hand_is_not_flagged_and_its_days_count():
    entered = Rules(
        hours=HOURS, closed=frozenset({date(2027, 1, 1)}), opened=frozenset({date(2027, 1, 3)}), years=frozenset({2027})
    )
    assert due("2026-12-31 09:00", "P1D", entered) == "2027-01-03 17:30"
    assert due("2027-12-31 09:00", "P1D", entered).endswith("no-calendar:2028")


def test_a_place_of_its_own_hours():
    """A service hall open on Saturday mornings too, closed for a day of its own, without statutory holidays."""
    hall = Rules(
        hours=calendars.hours([["1-5", "09:00", "17:00"], ["6", "09:00", "12:00"]]),
        holidays=False,
        closed=frozenset({date(2026, 11, 23)}),
    )
    assert due("2026-11-20 18:00", "P1D", hall) == "2026-11-21 12:00"
    assert due("2026-11-21 11:30", "PT1H", hall) == "2026-11-24 09:30"
    assert due("2030-10-01 09:00", "PT1H", hall) == "2030-10-01 10:00"


def test_hours_until_midnight_and_round_the_clock():
    always = Rules(hours=calendars.hours([["1-7", "00:00", "24:00"]]), holidays=False)
    assert due("2026-11-21 23:50", "PT20M", always) == "2026-11-22 00:10"


def test_natural_time_keeps_the_local_date():
    assert due("2026-11-21 22:00", "PT15M", NATURAL) == "2026-11-21 22:15"
    assert due("2026-01-31 00:30", "P1M", NATURAL) == "2026-02-28 00:30"
    assert due("2026-11-21 22:00", "P1DT1H", NATURAL) == "2026-11-22 23:00"
    assert due("2026-03-31 09:00", "-P1M", NATURAL) == "2026-02-28 09:00"


def test_natural_days_follow_the_wall_clock_where_clocks_are_changed():
    rules = Rules(holidays=False, zone=ZoneInfo("Europe/Berlin"))
    start = datetime(2026, 3, 28, 11)  # 12:00 in Berlin, the day before summer time
    assert calendars.add(rules, start, "P1D")[0] == datetime(2026, 3, 29, 10)
    assert calendars.add(rules, start, "PT24H")[0] == datetime(2026, 3, 29, 11)


@pytest.mark.parametrize(
    "rows",
    [
        [["1-5", "12:00", "08:30"]],
        [["1", "08:00", "12:00"], ["1", "11:00", "13:00"]],
        [["8", "08:00", "09:00"]],
        [["1", "8:00", "09:00"]],
        [["1", "08:00", "24:30"]],
        [["5-1", "08:00", "09:00"]],
        [["x", "08:00", "09:00"]],
    ],
)
def test_wrong_hours_are_refused(rows):
    with pytest.raises(ValueError, match=r".+"):
        Rules(hours=calendars.hours(rows))


def test_rules_that_never_open_and_lengths_without_end_are_refused_quickly():
    shut = Rules(
        hours=HOURS, holidays=False, closed=frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(3000))
    )
    for length in ("PT1M", "P1D", "-PT1M", "P1M"):
        with pytest.raises(ValueError, match="never open"):
            calendars.add(shut, local("2030-01-01 09:00"), length)
    with pytest.raises(ValueError, match="60 years"):
        calendars.add(SERVICE, local("2026-01-01 09:00"), "PT999999999H")


def test_a_day_and_a_time_from_a_weekend_count_from_its_end():
    """Asked on Friday at 09:00 for one day and no hours it was due on Monday at 09:00, asked on Saturday at 08:00
    already on Monday at 08:30: who asked later was served earlier."""
    assert calendars.add(SERVICE, local("2025-12-05 09:00"), "P1DT0S")[0] == local("2025-12-08 09:00")
    assert calendars.add(SERVICE, local("2025-12-05 20:00"), "P1DT0S")[0] == local("2025-12-09 08:30")
    assert calendars.add(SERVICE, local("2025-12-06 08:00"), "P1DT0S")[0] == local("2025-12-09 08:30")
    assert calendars.add(SERVICE, local("2025-12-06 08:00"), "P1DT2H")[0] == local("2025-12-09 10:30")


# laws

MOMENTS = st.datetimes(datetime(2025, 12, 1), datetime(2026, 11, 1))
LENGTHS = st.builds(
    Period,
    months=st.integers(0, 2),
    weeks=st.integers(0, 2),
    days=st.integers(0, 8),
    time=st.timedeltas(timedelta(), timedelta(hours=40)),
    timed=st.booleans(),
    negative=st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(MOMENTS, MOMENTS, LENGTHS)
def test_who_starts_later_is_never_due_earlier(first, second, length):
    """Days are counted back with their time of day kept, so of two reminders of a weekend either may come first."""
    first, second = sorted([first, second])
    length = replace(length, negative=length.negative and not length.days)
    assert calendars.add(SERVICE, first, length)[0] <= calendars.add(SERVICE, second, length)[0]


@settings(max_examples=300, deadline=None)
@given(MOMENTS, st.timedeltas(timedelta(microseconds=1), timedelta(hours=200)))
def test_worked_time_added_is_worked_time_measured(start, length):
    end, _ = calendars.add(SERVICE, start, length)
    assert calendars.between(SERVICE, start, end)[0] == length
    back, _ = calendars.add(SERVICE, end, -length)
    assert calendars.between(SERVICE, back, end)[0] == length
    assert calendars.between(SERVICE, end, start)[0] == -length


@settings(max_examples=40, deadline=None)
@given(MOMENTS, MOMENTS, MOMENTS)
def test_measured_spans_add_up_and_equal_a_count_of_minutes(first, second, third):
    first, second, third = sorted(moment.replace(second=0, microsecond=0) for moment in (first, second, third))
    parts = calendars.between(SERVICE, first, second)[0] + calendars.between(SERVICE, second, third)[0]
    assert parts == calendars.between(SERVICE, first, third)[0]
    near = min(second, first + timedelta(days=1))
    minutes = int((near - first).total_seconds() // 60)
    counted = sum(calendars.is_open(SERVICE, first + timedelta(minutes=n)) for n in range(minutes))
    assert calendars.between(SERVICE, first, near)[0] == timedelta(minutes=counted)


@settings(max_examples=200, deadline=None)
@given(MOMENTS, LENGTHS)
def test_a_deadline_lies_in_working_hours_or_at_their_end(start, length):
    end, _ = calendars.add(SERVICE, start, length)
    if not length.zero:
        assert calendars.is_open(SERVICE, end) or calendars.is_open(SERVICE, end - timedelta(microseconds=1))


# ISO 8601


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT15M", Period(time=timedelta(minutes=15), timed=True)),
        ("P2D", Period(days=2)),
        ("P1DT0S", Period(days=1, timed=True)),
        ("P1Y2M3W4DT5H6M7.5S", Period(14, 3, 4, timedelta(hours=5, minutes=6, seconds=7.5), True)),
        ("-P1D", Period(days=1, negative=True)),
        ("PT0,25S", Period(time=timedelta(milliseconds=250), timed=True)),
    ],
)
def test_durations_are_read(text, expected):
    assert calendars.period(text) == expected


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1", "1D", "P1DT", "P-1D", "P1H", "PT1D", "PT1.5H", "15 minutes", "P1D2M"]
)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="not an ISO 8601 duration"):
        calendars.period(text)


@pytest.mark.parametrize(
    "text", ["R", "R/", "R3", "R/P0D", "R/-P1D", "R-1/P1D", "R/2026-01-01T09:00:00/P1D", "P1D", "R/x/P1D"]
)
def test_what_is_no_repetition_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        calendars.repeat(text)


def test_months_print_and_calculate():
    assert [str(Months(n)) for n in (0, 1, 12, 14, -14)] == ["P0M", "P1M", "P1Y", "P1Y2M", "-P1Y2M"]
    assert Months(3) + Months(4) - Months(1) == -Months(-6) == Months(6)


# cycles


def firings(text, activated, count, rules=NATURAL):
    cycle = calendars.repeat(text)
    found = [calendars.firing(rules, cycle, local(activated), number) for number in range(1, count + 1)]
    return [each and (each[0] + timedelta(hours=8)).strftime("%m-%d %H:%M") for each in found]


def test_a_cycle_without_a_start_fires_first_after_one_length():
    assert firings("R/PT1H", "2026-11-21 09:00", 3) == ["11-21 10:00", "11-21 11:00", "11-21 12:00"]


def test_a_cycle_with_a_start_fires_first_at_its_start_and_ends_after_its_count():
    text = "R3/2026-01-03T09:00:00+08:00/P7D"
    assert firings(text, "2025-12-01 00:00", 4) == ["01-03 09:00", "01-10 09:00", "01-17 09:00", None]


def test_the_last_day_of_the_month_stays_the_last_day():
    """Adding P1M to the firing before would end on the 28th for ever after February."""
    assert firings("R/P1M", "2026-01-31 09:00", 4) == ["02-28 09:00", "03-31 09:00", "04-30 09:00", "05-31 09:00"]


def test_a_cycle_on_working_days():
    assert firings("R/P1D", "2026-11-19 09:00", 3, SERVICE) == ["11-20 17:30", "11-23 17:30", "11-24 17:30"]


def test_after_an_outage_the_next_firing_is_counted_from_the_first_anchor():
    cycle = calendars.repeat("R/2026-01-03T09:00:00+08:00/P7D")
    start = local("2026-01-01 00:00")
    assert calendars.following(NATURAL, cycle, start, 0, local("2026-06-01 00:00"))[:2] == (
        1,
        local("2026-01-03 09:00"),
    )
    number, moment, _ = calendars.following(NATURAL, cycle, start, 1, local("2026-06-01 00:00"))
    assert (number, moment) == (23, local("2026-06-06 09:00"))
    assert calendars.following(NATURAL, cycle, start, number, moment)[:2] == (24, local("2026-06-13 09:00"))


def test_a_search_for_the_next_firing_does_not_fall_over_the_edge_of_time():
    """Doubling the distance went past 60 years, which raised instead of counting as ahead."""
    cycle = calendars.repeat("R/P1Y")
    found = calendars.following(NATURAL, cycle, local("2026-01-31 09:00"), 1, local("2066-01-01 09:00"))
    assert found[:2] == (40, local("2066-01-31 09:00"))
    with pytest.raises(ValueError, match="60 years"):
        calendars.firing(NATURAL, calendars.repeat("R/PT999999999S"), local("2026-01-31 09:00"), 10**9)


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 400), st.integers(0, 2000), st.sampled_from(["R/PT1H", "R50/PT1H", "R/P1M", "R9/PT7M"]))
def test_following_is_the_first_number_still_ahead(fired, hours_later, text):
    cycle, start = calendars.repeat(text), local("2026-01-31 09:00")
    now = start + timedelta(hours=hours_later)
    numbers = range(fired + 1, fired + 2500)
    expected = next(
        (n for n in numbers if (at := calendars.firing(NATURAL, cycle, start, n)) is None or at[0] > now), None
    )
    found = calendars.following(NATURAL, cycle, start, fired, now)
    if calendars.firing(NATURAL, cycle, start, expected) is None:
        assert found is None
    else:
        assert found[0] == expected
