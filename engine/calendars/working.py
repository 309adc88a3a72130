"""Arithmetic with working time: what is due when, and how much working time lies between two moments.

Rules of counting: hours, minutes and seconds are worked time; days are working days after the day of the start, due
at the end of that day's hours unless a time part is written (then at the same time of day; a start on a day that is
not worked counts as its end); weeks are seven calendar days and months calendar months, moved to the next working
moment. Backwards (a reminder before a deadline) days keep the time of day and moments move to the last working one.
All instants are naive UTC. A flag (`no-calendar:2027`) comes with every answer that touched a year nobody has a
calendar for.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from engine.calendars import iso
from engine.calendars.days import Rules, Span

_ZERO = timedelta()
_DAY = timedelta(days=1)
_FAR = timedelta(days=366 * 60)  # no deadline lies further off; keeps every walk short
_FAR_MONTHS = 12 * 60
_SHUT = 800  # days in a row without an opening: these rules never open


def add(rules: Rules, start: datetime, length: iso.Period | timedelta | str) -> tuple[datetime, str]:
    """The moment a duration after (or, negative, before) `start`, and '' or the flag. A timedelta is worked time.

    ValueError for text that is no duration or rules that never open, TooFar for a part beyond 60 years.
    """
    length = iso.period(length) if isinstance(length, str) else length
    if isinstance(length, timedelta):
        length = iso.Period(time=abs(length), timed=True, negative=length < _ZERO)
    if length.months > _FAR_MONTHS or length.weeks * 7 + length.days > _FAR.days or length.time > _FAR:
        raise iso.TooFar
    if rules.natural:
        return natural(start, length, rules), ""
    walk = _Walk(rules)
    moment = walk.moved(start, length)
    return moment, walk.flag


def natural(start: datetime, length: iso.Period, rules: Rules) -> datetime:
    """The same without a calendar: months and days on the local date, the rest as time passes."""
    sign = -1 if length.negative else 1
    if length.months or length.weeks or length.days:
        local = _local(rules, start)
        day = _shifted(local.date(), sign * length.months) + sign * timedelta(weeks=length.weeks, days=length.days)
        start = _instant(rules, day, local.time())
    return start + sign * length.time


def between(rules: Rules, first: datetime, last: datetime) -> tuple[timedelta, str]:
    """Worked time from `first` to `last` (negative when they are in the other order), and '' or the flag."""
    if last < first:
        length, flag = between(rules, last, first)
        return -length, flag
    if rules.natural:
        return last - first, ""
    walk = _Walk(rules)
    total = _ZERO
    for opening, closing in walk.forward(first):
        if opening >= last:
            break
        total += min(closing, last) - max(opening, first)
    return total, walk.flag


def is_open(rules: Rules, moment: datetime) -> bool:
    """Whether a moment lies in working hours."""
    day = _local(rules, moment).date()
    return rules.natural or any(opening <= moment < closing for opening, closing in rules.spans(day))


class _Walk:
    """Goes over worked spans day by day, and remembers the first year without a calendar."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.flag = ""

    def moved(self, start: datetime, length: iso.Period) -> datetime:
        """`start` plus the duration: months and weeks, then working days, then worked time."""
        moment = self._by_calendar(start, length)
        if length.days:
            moment = self._by_days(moment, length)
        if length.time:
            return self._back(moment, length.time) if length.negative else self._on(moment, length.time)
        return moment if length.zero else self.settled(moment, length.negative)

    def _by_calendar(self, start: datetime, length: iso.Period) -> datetime:
        if not (length.months or length.weeks):
            return start
        only = iso.Period(months=length.months, weeks=length.weeks, negative=length.negative)
        return natural(start, only, self.rules)

    def _by_days(self, start: datetime, length: iso.Period) -> datetime:
        local = _local(self.rules, start)
        step = -_DAY if length.negative else _DAY
        day, left, shut = local.date(), length.days, 0
        while left:
            day += step
            worked = self._spans(day)
            left, shut = (left - 1, 0) if worked else (left, shut + 1)
            self._check(shut)
        if length.timed or length.negative:
            shut_day = not length.negative and not self._spans(local.date())  # counts as the end of that day
            return _instant(self.rules, day, time.max if shut_day else local.time())
        return self._spans(day)[-1][1]

    def settled(self, moment: datetime, backwards: bool) -> datetime:
        """The moment itself when it is worked (a closing time is), else the next opening, or the last closing."""
        if backwards:
            opening, closing = next(self.backward(moment))
            return min(moment, closing)
        if any(closing == moment for _, closing in self._spans(_local(self.rules, moment).date())):
            return moment
        opening, _ = next(self.forward(moment))
        return max(moment, opening)

    def _on(self, start: datetime, left: timedelta) -> datetime:
        for opening, closing in self.forward(start):
            begin = max(opening, start)
            if closing - begin >= left:
                return begin + left
            left -= closing - begin
        raise AssertionError("a walk forward does not end")

    def _back(self, start: datetime, left: timedelta) -> datetime:
        for opening, closing in self.backward(start):
            end = min(closing, start)
            if end - opening >= left:
                return end - left
            left -= end - opening
        raise AssertionError("a walk backward does not end")

    def forward(self, start: datetime) -> Iterator[Span]:
        """The spans that end after `start`, without end."""
        day, shut = _local(self.rules, start).date() - _DAY, 0
        while True:
            spans = [span for span in self._spans(day) if span[1] > start]
            yield from spans
            shut = 0 if spans else shut + 1
            self._check(shut)
            day += _DAY

    def backward(self, start: datetime) -> Iterator[Span]:
        """The spans that begin before `start`, the last one first, without end."""
        day, shut = _local(self.rules, start).date() + _DAY, 0
        while True:
            spans = [span for span in reversed(self._spans(day)) if span[0] < start]
            yield from spans
            shut = 0 if spans else shut + 1
            self._check(shut)
            day -= _DAY

    def _spans(self, day: date) -> list[Span]:
        if not self.flag and not self.rules.knows(day.year):
            self.flag = f"no-calendar:{day.year}"
        return self.rules.spans(day)

    def _check(self, shut: int) -> None:
        if shut > _SHUT:
            raise ValueError("these working hours never open")


def _local(rules: Rules, moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(rules.zone)


def _instant(rules: Rules, day: date, at: time) -> datetime:
    return datetime.combine(day, at, rules.zone).astimezone(UTC).replace(tzinfo=None)


def _shifted(day: date, months: int) -> date:
    """The same day of another month, or its last one: 31 January + P1M = 28 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
