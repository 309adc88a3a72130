"""Timetables in plain choices: what the helper writes it reads back, the engine accepts, and says in words."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.studio.timetables import Choice, read, write
from engine import calendars

CHOICES = st.builds(
    Choice,
    every=st.sampled_from(["week", "month", "quarter", "year"]),
    weekdays=st.lists(st.integers(1, 7), min_size=1, max_size=6, unique=True).map(lambda days: tuple(sorted(days))),
    day=st.sampled_from([*map(str, range(1, 29)), "L", "1W", "LW"]),
    month=st.integers(1, 12),
    at=st.times().map(lambda at: at.strftime("%H:%M")),
)


@given(CHOICES)
def test_what_is_written_is_read_back_and_accepted(choice: Choice) -> None:
    line = write(choice)
    calendars.cycle(line)
    back = read(line)
    assert back is not None and back.every == choice.every and back.at == choice.at and write(back) == line


@pytest.mark.parametrize(
    ("choice", "line"),
    [
        (Choice(), "0 0 9 * * SAT"),
        (Choice("week", (1, 3), at="08:30"), "0 30 8 * * MON,WED"),
        (Choice("month", day="1W"), "0 0 9 1W * *"),
        (Choice("quarter", day="1"), "0 0 9 1 1,4,7,10 *"),
        (Choice("quarter", day="LW"), "0 0 9 LW 3,6,9,12 *"),
        (Choice("year", day="1", month=7), "0 0 9 1 7 *"),
    ],
)
def test_the_lines_are_these(choice: Choice, line: str) -> None:
    assert write(choice) == line


@pytest.mark.parametrize(
    "line",
    ["0 0 9 L 1,4,7,10 *", "0 0/5 9 * * *", "0 0 25 * * *", "0 0 9 * 3 *", "0 0 9 1 * MON", "PT15M", "=cycle", ""],
)
def test_other_lines_are_left_alone(line: str) -> None:
    assert read(line) is None


def test_a_repetition_with_a_start_is_read_where_it_stands() -> None:
    shanghai = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert read("R/2026-01-03T01:00:00+00:00/P7D", zoned=shanghai) == Choice("week", (6,))
    assert read("R/2026-01-15T09:00:00+08:00/P1M", zoned=shanghai) == Choice("month", day="15")
    assert read("R/garbage/P7D") is None
