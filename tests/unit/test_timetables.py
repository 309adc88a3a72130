"""Timetables: which moments a line of cron means on the wall, and on which calendar a working day is one."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import calendars
from engine.calendars import Rules
from engine.calendars.cron import Timetable

SHANGHAI = ZoneInfo("Asia/Shanghai")
NATURAL = Rules(zone=SHANGHAI)
OFFICE = Rules(hours=calendars.hours([["1-5", "08:30", "12:00"], ["1-5", "14:00", "17:30"]]), zone=SHANGHAI)


def local(text: str) -> datetime:
    """Naive UTC of a Shanghai wall clock."""
    return calendars.instant(text.replace(" ", "T") + ":00+08:00")


def coming(text: str, since: str, count: int = 3, rules: Rules = NATURAL) -> list[str]:
    table, moment, found = calendars.cycle(text), local(since), []
    assert isinstance(table, Timetable)
    for _n in range(count):
        moment, flag = table.after(rules, moment)
        found.append((moment + timedelta(hours=8)).strftime("%m-%d %H:%M") + flag)
    return found


@pytest.mark.parametrize(
    ("text", "since", "expected"),
    [
        ("0 0 9 * * SAT", "2026-11-23 09:00", ["11-28 09:00", "12-05 09:00", "12-12 09:00"]),
        ("0 0 9 * * SAT", "2026-11-28 09:00", ["12-05 09:00", "12-12 09:00", "12-19 09:00"]),
        ("0 30 8 * * 1-5", "2026-11-27 08:30", ["11-30 08:30", "12-01 08:30", "12-02 08:30"]),
        ("0 0 9 * * SUN,3", "2026-11-23 09:00", ["11-25 09:00", "11-29 09:00", "12-02 09:00"]),
        ("0 0 9 * * 0", "2026-11-23 09:00", ["11-29 09:00", "12-06 09:00", "12-13 09:00"]),
        ("0 0 9 * * FRI-SUN", "2026-11-27 09:00", ["11-28 09:00", "11-29 09:00", "12-04 09:00"]),
        ("0 0 9 1 1,4,7,10 *", "2026-11-23 09:00", ["01-01 09:00", "04-01 09:00", "07-01 09:00"]),
        ("0 0 9 31 * ?", "2026-11-23 09:00", ["12-31 09:00", "01-31 09:00", "03-31 09:00"]),
        ("0 0 9 L * *", "2026-11-23 09:00", ["11-30 09:00", "12-31 09:00", "01-31 09:00"]),
        ("0 0 9 L-2 * *", "2026-11-23 09:00", ["11-28 09:00", "12-29 09:00", "01-29 09:00"]),
        ("0 0 9 29 FEB *", "2026-11-23 09:00", ["02-29 09:00", "02-29 09:00", "02-29 09:00"]),
        ("0 0 9 * * MON#2", "2026-11-23 09:00", ["12-14 09:00", "01-11 09:00", "02-08 09:00"]),
        ("0 0 9 * * FRIL", "2026-11-23 09:00", ["11-27 09:00", "12-25 09:00", "01-29 09:00"]),
        ("0 0/30 9-10 * * *", "2026-11-23 09:10", ["11-23 09:30", "11-23 10:00", "11-23 10:30"]),
        ("0 0 9 1W * *", "2026-11-23 09:00", ["12-01 09:00", "01-01 09:00", "02-01 09:00"]),
        ("0 0 9 LW * *", "2026-11-23 09:00", ["11-30 09:00", "12-31 09:00", "01-29 09:00"]),
        ("0 0 9 15W * *", "2027-04-20 09:00", ["05-14 09:00", "06-15 09:00", "07-15 09:00"]),
        ("@monthly", "2026-11-23 09:00", ["12-01 00:00", "01-01 00:00", "02-01 00:00"]),
        ("@Weekly", "2026-11-23 09:00", ["11-29 00:00", "12-06 00:00", "12-13 00:00"]),
    ],
)
def test_the_next_moments_are_those_of_the_wall(text: str, since: str, expected: list[str]) -> None:
    assert coming(text, since) == expected


def test_a_working_day_is_the_calendars() -> None:
    """1 to 7 October 2026 is National Day: the first working day is Thursday the 8th; 10 October (a Saturday) is made
    up, so it is the working day nearest to the 10th and the 11th."""
    assert coming("0 0 9 1W * *", "2026-09-20 09:00", 1, OFFICE) == ["10-08 09:00"]
    assert coming("0 0 9 1W 10 *", "2026-09-20 09:00", 1, NATURAL) == ["10-01 09:00"]
    assert coming("0 0 9 11W * *", "2026-10-01 09:00", 1, OFFICE) == ["10-10 09:00"]


def test_a_year_without_a_calendar_is_flagged_only_where_it_is_asked() -> None:
    assert coming("0 0 9 1W * *", "2026-12-10 09:00", 1, OFFICE) == ["01-01 09:00no-calendar:2027"]
    assert coming("0 0 9 1 * *", "2026-12-10 09:00", 1, OFFICE) == ["01-01 09:00"]


def test_a_wall_clock_that_is_put_forward_loses_no_day() -> None:
    """Berlin has no 02:30 on 29 March 2026: the moment falls when that hour is over."""
    berlin, table = Rules(zone=ZoneInfo("Europe/Berlin")), calendars.cycle("0 30 2 * * *")
    assert isinstance(table, Timetable)
    found = [datetime(2026, 3, 28, 0, 0)]
    for _n in range(3):
        found.append(table.after(berlin, found[-1])[0])
    assert [str(one) for one in found[1:]] == ["2026-03-28 01:30:00", "2026-03-29 01:30:00", "2026-03-30 00:30:00"]


@pytest.mark.parametrize(
    "text",
    [
        "0 0 9 30 2 *", "0 0 9 0 * *", "0 0 24 * * *", "0 60 9 * * *", "0 0 9 * 13 *", "0 0 9 * * 8", "0 0 9 * * MON#6",
        "0 0 9 5-1 * *", "0 0 9 */0 * *", "0 0 9 32W * *", "0 0 9 * * LUN", "0 0 9 x * *", "@fortnightly",
        "0 0 9 , * *", "0 0 9 31W 2 *",
    ],
)  # fmt: skip
def test_what_names_no_moment_is_refused(text: str) -> None:
    assert calendars.is_cycle(text)
    with pytest.raises(ValueError):
        calendars.cycle(text)


def test_what_is_no_repetition_is_not_taken_for_one() -> None:
    assert not any(map(calendars.is_cycle, ("PT15M", "2026-11-23T09:00:00+08:00", "0 9 * * *", "")))
    assert calendars.is_cycle("R/P7D") and calendars.cycle("R3/PT1H").count == 3


@settings(max_examples=60)
@given(
    st.sampled_from(["0 0 9 1W * *", "0 15,45 8-17/3 * * MON-FRI", "30 0 0 L 2,6 *", "0 0 9 15W 1,4,7,10 *"]),
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31)),
    st.sampled_from([NATURAL, OFFICE]),
)
def test_moments_go_forward_and_none_lies_between(text: str, since: datetime, rules: Rules) -> None:
    """The next moment is after `since`, and asked from just before it, it is the same."""
    table = calendars.cycle(text)
    assert isinstance(table, Timetable)
    found, _flag = table.after(rules, since)
    assert found > since
    assert table.after(rules, found - timedelta(microseconds=1))[0] == found
    assert table.after(rules, since + (found - since) / 2)[0] == found
