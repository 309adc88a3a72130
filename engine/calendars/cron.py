"""Timetables by the calendar on the wall: `0 0 9 * * SAT` is every Saturday at 09:00.

Owns the notation and the moments it names. The notation is Spring's cron, which Camunda 8 takes in a timer's cycle:
second, minute, hour, day of the month, month, day of the week; `*`, `?`, lists, ranges, steps, names, and `L`, `n#k`,
`nL`, `W`. Both day fields must hold. `W` asks the calendar of the timer: `1W` is the first working day of the month,
`LW` the last, `15W` the one nearest to the 15th within the month; on natural time Monday to Friday are worked.
Nothing counts from an anchor: after an outage the next moment is the timetable's.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from engine.calendars.days import Rules
from engine.calendars.iso import TooFar

MACROS = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_MONTHS = {name: n for n, name in enumerate(re.findall(r"...", "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"), 1)}
_WEEKDAYS = {name: n for n, name in enumerate(re.findall(r"...", "MONTUEWEDTHUFRISATSUN"), 1)}
_FIELD = ["second", "minute", "hour", "day-of-month", "month", "day-of-week"]
_REACH = 12 * 60  # months that are looked through: no timetable of ours sleeps longer
_CYCLE_YEARS = range(2000, 2028)  # every weekday meets every date, leap days too, within 28 years

Days = frozenset[int]
Pick = Callable[[int, int, Rules], Days]  # (year, month) -> its days


@dataclass(frozen=True, slots=True)
class Timetable:
    """A timetable as written. `count`: it never ends."""

    text: str
    hours: tuple[int, ...]
    minutes: tuple[int, ...]
    seconds: tuple[int, ...]
    months: frozenset[int]
    days: Pick = field(repr=False, compare=False)
    weekdays: Pick = field(repr=False, compare=False)
    asks_calendar: bool = False  # a `W`: which day it is depends on the working days
    count: None = None

    def after(self, rules: Rules, moment: datetime) -> tuple[datetime, str]:
        """The first moment of the timetable after `moment` (both naive UTC), and '' or the flag of a year whose
        working days nobody entered. TooFar when there is none within 60 years."""
        local = moment.replace(tzinfo=UTC).astimezone(rules.zone)
        for day in self._days_from(rules, local.date()):
            for at in self._times(local.time() if day == local.date() else time()):
                found = datetime.combine(day, at, rules.zone).astimezone(UTC).replace(tzinfo=None)
                if found > moment:
                    return found, self._flag(rules, day.year)
        raise TooFar

    def ever(self) -> bool:
        """Whether any day has a moment: 30 February has none."""
        return any(self._of_month(year, month, Rules()) for year in _CYCLE_YEARS for month in self.months)

    def _days_from(self, rules: Rules, first: date) -> Iterator[date]:
        for ahead in range(_REACH):
            year, month = divmod(first.year * 12 + first.month - 1 + ahead, 12)
            for day in self._of_month(year, month + 1, rules) if month + 1 in self.months else ():
                if (found := date(year, month + 1, day)) >= first:
                    yield found

    def _of_month(self, year: int, month: int, rules: Rules) -> list[int]:
        return sorted(self.days(year, month, rules) & self.weekdays(year, month, rules))

    def _times(self, since: time) -> Iterator[time]:
        """Times of day, those of the hour of `since` and later."""
        for hour in self.hours:
            if hour >= since.hour:
                yield from (time(hour, minute, second) for minute in self.minutes for second in self.seconds)

    def _flag(self, rules: Rules, year: int) -> str:
        return f"no-calendar:{year}" if self.asks_calendar and not rules.knows(year) else ""


def parse(text: str) -> Timetable:
    """Read a timetable. ValueError says what is wrong with it."""
    words = MACROS.get(text.strip().lower(), text).upper().split()
    if len(words) != len(_FIELD):
        raise ValueError(f"a timetable has six fields ({', '.join(_FIELD)}): {text[:80]!r}")
    second, minute, hour, day, month, weekday = words
    found = Timetable(
        text=text.strip(),
        seconds=_numbers(second, 0, 59, {}, "second"),
        minutes=_numbers(minute, 0, 59, {}, "minute"),
        hours=_numbers(hour, 0, 23, {}, "hour"),
        months=frozenset(_numbers(month, 1, 12, _MONTHS, "month")),
        days=_joined([_day(part) for part in day.split(",")]),
        weekdays=_joined([_weekday(part) for part in weekday.split(",")]),
        asks_calendar="W" in day,
    )
    if not found.ever():
        raise ValueError(f"no day is ever meant: {text[:80]!r}")
    return found


def is_timetable(text: str) -> bool:
    """Whether a text is written as a timetable, right or wrong: neither an ISO repetition nor a duration is."""
    return text.strip().startswith("@") or len(text.split()) == len(_FIELD)


# ---- one field -----------------------------------------------------------------------------------------------------


def _numbers(written: str, low: int, high: int, names: dict[str, int], what: str) -> tuple[int, ...]:
    return tuple(sorted({n for part in written.split(",") for n in _range(part, low, high, names, what)}))


def _range(part: str, low: int, high: int, names: dict[str, int], what: str) -> range:
    """`*`, `7`, `MON`, `1-5`, `*/15`, `9-17/2`, `3/2` (from 3 on, every second)."""
    span, _, step = part.partition("/")
    every = _number(step, 1, high, {}, what) if "/" in part else 1
    if span in ("*", "?"):
        return range(low, high + 1, every)
    first, dash, last = span.partition("-")
    start = _number(first, low, high, names, what)
    end = _number(last, low, high, names, what) if dash else high if "/" in part else start
    if end < start:
        raise ValueError(f"the {what} {part!r} runs backwards")
    return range(start, end + 1, every)


def _number(written: str, low: int, high: int, names: dict[str, int], what: str) -> int:
    number = names.get(written, int(written) if re.fullmatch(r"\d{1,2}", written) else -1)
    if not low <= number <= high:
        raise ValueError(f"{written!r} is no {what}")
    return number


def _joined(picks: list[Pick]) -> Pick:
    return lambda year, month, rules: frozenset().union(*(pick(year, month, rules) for pick in picks))


def _day(part: str) -> Pick:
    """A part of the day-of-month field."""
    if part == "L":
        return lambda year, month, rules: frozenset({_length(year, month)})
    if match := re.fullmatch(r"L-(\d{1,2})", part):
        back = _number(match[1], 1, 30, {}, "day-of-month")
        return lambda year, month, rules: frozenset(day for day in [_length(year, month) - back] if day > 0)
    if part == "LW":
        return lambda year, month, rules: _nearest(year, month, _length(year, month), rules)
    if match := re.fullmatch(r"(\d{1,2})W", part):
        wanted = _number(match[1], 1, 31, {}, "day-of-month")
        return lambda year, month, rules: _nearest(year, month, wanted, rules)
    plain = frozenset(_range(part, 1, 31, {}, "day-of-month"))
    return lambda year, month, rules: frozenset(day for day in plain if day <= _length(year, month))


def _weekday(part: str) -> Pick:
    """A part of the day-of-week field: 1 or MON to 7 or SUN, 0 is Sunday too; `5L` the last Friday, `MON#2` the second
    Monday of the month."""
    if match := re.fullmatch(r"(\w{1,3})L", part):
        return _nth(_of_week(match[1]), -1)
    if match := re.fullmatch(r"(\w{1,3})#([1-5])", part):
        return _nth(_of_week(match[1]), int(match[2]) - 1)
    wanted = {n or 7 for n in _range(_sunday_last(part), 0, 7, _WEEKDAYS, "day-of-week")}
    return lambda year, month, rules: frozenset(
        day for day in _all(year, month) if date(year, month, day).isoweekday() in wanted
    )


def _sunday_last(part: str) -> str:
    """`FRI-SUN` and `SUN-TUE` both run forwards: Sunday is 7 at the end of a range and 0 before one."""
    return re.sub(r"^SUN(?=-)", "0", part)


def _of_week(written: str) -> int:
    return _number(written, 0, 7, _WEEKDAYS, "day-of-week") or 7


def _nth(weekday: int, index: int) -> Pick:
    def pick(year: int, month: int, rules: Rules) -> Days:
        found = [day for day in _all(year, month) if date(year, month, day).isoweekday() == weekday]
        return frozenset(found[index : index + 1] if index >= 0 else found[-1:])

    return pick


def _nearest(year: int, month: int, wanted: int, rules: Rules) -> Days:
    """The working day nearest to a day, within its month, the earlier one of two; none when the month lacks the day or
    has no working day."""
    if wanted > _length(year, month):
        return frozenset()
    for distance in range(31):
        for day in (wanted - distance, wanted + distance):
            if 1 <= day <= _length(year, month) and _worked(date(year, month, day), rules):
                return frozenset({day})
    return frozenset()


def _worked(day: date, rules: Rules) -> bool:
    return day.isoweekday() <= 5 if rules.natural else bool(rules.spans(day))


def _all(year: int, month: int) -> range:
    return range(1, _length(year, month) + 1)


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]
