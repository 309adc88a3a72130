"""Timetables in plain choices: `every Saturday at 09:00` to the line a timer takes, and back.

Owns those choices, the line they give (the notation is engine.calendars.cron's) and the sentence that reads one back.
What it cannot read it says so of, and leaves alone. When a timetable falls next is asked of the engine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from flask_babel import gettext as _

WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
EVERY = ("week", "month", "quarter", "year")
FIRST, LAST, FIRST_WORKED, LAST_WORKED = "1", "L", "1W", "LW"
_FIRSTS, _LASTS = "1,4,7,10", "3,6,9,12"  # months in which a quarter begins and ends
_LINE = re.compile(r"0 (\d{1,2}) (\d{1,2}) (\*|\?|\d{1,2}|L|1W|LW) (\*|\d{1,2}|1,4,7,10|3,6,9,12) (\*|\?|[A-Z0-9,-]+)")
_ANCHORED = re.compile(r"R/(?P<start>[^/]+)/P(?:7D|1W|1M)\Z")


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen. `weekdays`: numbers 1 Monday to 7; `day`: of the month, or L, 1W, LW; `month`: of a year;
    `at`: HH:MM; `calendar`: whose working days, '' where none are asked."""

    every: str = "week"
    weekdays: tuple[int, ...] = (6,)
    day: str = FIRST
    month: int = 1
    at: str = "09:00"
    calendar: str = ""


def write(choice: Choice) -> str:
    """The line of a timer."""
    hour, minute = (int(part) for part in choice.at.split(":"))
    days, months, week = choice.day, "*", "*"
    if choice.every == "week":
        days, week = "*", ",".join(WEEKDAYS[day - 1] for day in sorted(set(choice.weekdays)) or (1,))
    elif choice.every == "quarter":
        months = _LASTS if choice.day in (LAST, LAST_WORKED) else _FIRSTS
    elif choice.every == "year":
        months = str(choice.month)
    return f"0 {minute} {hour} {days} {months} {week}"


def read(line: str, calendar: str = "", zoned: datetime | None = None) -> Choice | None:
    """The choices that a line stands for, None when it stands for none of them. `zoned`: now, where the zone is taken
    from for a repetition with a start (`R/2026-01-03T09:00:00+08:00/P7D`)."""
    line = line.strip()
    if match := _ANCHORED.match(line):
        return _anchored(match["start"], line.endswith("1M"), zoned)
    match = _LINE.fullmatch(line.upper())
    if match is None:
        return None
    minute, hour, day, month, week = match.groups()
    if int(minute) > 59 or int(hour) > 23:
        return None
    return _chosen(Choice(at=f"{int(hour):02}:{int(minute):02}", calendar=calendar), day, month, week)


def _chosen(begun: Choice, day: str, month: str, week: str) -> Choice | None:
    if week not in "*?":
        days = _weekdays(week)
        return replace(begun, every="week", weekdays=days) if days and day in "*?" and month == "*" else None
    if day in "*?":
        return replace(begun, every="week", weekdays=tuple(range(1, 8))) if month == "*" else None
    if day.isdecimal() and not 1 <= int(day) <= 31:
        return None
    found = replace(begun, day=day.lstrip("0"))
    if month == "*":
        return replace(found, every="month")
    if "," in month:
        fits = (month == _LASTS) == (day in (LAST, LAST_WORKED))
        return replace(found, every="quarter") if fits else None
    return replace(found, every="year", month=int(month)) if 1 <= int(month) <= 12 else None


def _weekdays(week: str) -> tuple[int, ...]:
    """`MON,3` or `MON-FRI` as numbers; () when it says anything else."""
    found: set[int] = set()
    for part in week.split(","):
        ends = [_number(end) for end in part.split("-")]
        if 0 in ends or len(ends) > 2 or ends[0] > ends[-1]:
            return ()
        found.update(range(ends[0], ends[-1] + 1))
    return tuple(sorted(found))


def _number(day: str) -> int:
    if day in WEEKDAYS:
        return WEEKDAYS.index(day) + 1
    return (int(day) or 7) if day.isdecimal() and int(day) <= 7 else 0


def _anchored(start: str, monthly: bool, zoned: datetime | None) -> Choice | None:
    try:
        moment = datetime.fromisoformat(start)
    except ValueError:
        return None
    if zoned is not None and moment.tzinfo is not None:
        moment = moment.astimezone(zoned.tzinfo)
    begun = Choice(at=moment.strftime("%H:%M"))
    return (
        replace(begun, every="month", day=str(moment.day))
        if monthly
        else replace(begun, weekdays=(moment.isoweekday(),))
    )


# ---- in words


@dataclass(frozen=True, slots=True)
class Words:
    """What the choices are called."""

    every: Mapping[str, str] = field(default_factory=dict)
    weekdays: tuple[str, ...] = ()
    days: tuple[tuple[str, str], ...] = ()


def words() -> Words:
    """In the reader's language."""
    ordinary = tuple((str(n), _("%(n)d 日", n=n)) for n in range(1, 32))
    return Words(
        {"week": _("每周"), "month": _("每月"), "quarter": _("每季度"), "year": _("每年")},
        (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")),
        ((FIRST_WORKED, _("第一个工作日")), (LAST_WORKED, _("最后一个工作日")), *ordinary, (LAST, _("最后一天"))),
    )


def said(line: str, kind: str = "cycle", calendar: str = "", zoned: datetime | None = None) -> str:
    """A timer in a sentence; the line itself when it is none of the choices."""
    choice = read(line, calendar, zoned) if kind == "cycle" else None
    if choice is None:
        return line
    known = words()
    day = dict(known.days)[choice.day]
    if choice.every == "week" and len(choice.weekdays) == 7:
        return _("每天 %(at)s", at=choice.at)
    if choice.every == "week":
        names = _("、").join(known.weekdays[n - 1] for n in choice.weekdays)
        return _("每%(days)s %(at)s", days=names, at=choice.at)
    if choice.every == "month":
        return _("每月%(day)s %(at)s", day=day, at=choice.at)
    if choice.every == "quarter":
        last = choice.day in (LAST, LAST_WORKED)
        return (
            _("每季度末月%(day)s %(at)s", day=day, at=choice.at)
            if last
            else _("每季度首月%(day)s %(at)s", day=day, at=choice.at)
        )
    return _("每年 %(month)d 月%(day)s %(at)s", month=choice.month, day=day, at=choice.at)
