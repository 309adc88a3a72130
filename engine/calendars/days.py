"""When a day is worked: service hours, weekends, Chinese holidays and make-up days, own closures and openings.

Statutory days come from `chinesecalendar`, which holds the State Council's notices up to its last known year; a later
year is known only when an administrator entered its notice (`Rules.years`). A year that nobody knows is reported,
never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from chinese_calendar import constants

_SPELL = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")
SHANGHAI = ZoneInfo("Asia/Shanghai")
_KNOWN = frozenset(day.year for day in constants.holidays)
_DAY_MINUTES = 24 * 60

Hours = tuple[tuple[int, str, str], ...]
Span = tuple[datetime, datetime]  # naive UTC, opening and closing


def known_years() -> frozenset[int]:
    """The years whose statutory holidays and make-up days are built in."""
    return _KNOWN


def hours(rows: Iterable[Sequence[str]]) -> Hours:
    """Service hours as a pack writes them: `[["1-5", "08:30", "12:00"], ["6,7", "09:00", "12:00"]]`."""
    return tuple((weekday, opening, closing) for days, opening, closing in rows for weekday in _weekdays(days))


def _weekdays(text: str) -> list[int]:
    found: list[int] = []
    for part in str(text).split(","):
        first, _, last = part.strip().partition("-")
        if not (first.isdecimal() and (last or first).isdecimal() and 1 <= int(first) <= int(last or first) <= 7):
            raise ValueError(f"weekdays are numbers 1 (Monday) to 7, as in 1-5: {text!r}")
        found += range(int(first), int(last or first) + 1)
    return found


@dataclass(frozen=True)
class Rules:
    """A calendar. No hours at all: natural time, every moment counts. ValueError for hours that overlap."""

    hours: Hours = ()  # (weekday 1 Monday .. 7 Sunday, "08:30", "12:00")
    zone: ZoneInfo = SHANGHAI
    holidays: bool = True  # Chinese statutory holidays and make-up days apply
    closed: frozenset[date] = frozenset()  # own closures, and the holidays of a year that was entered
    opened: frozenset[date] = frozenset()  # own openings, and the make-up days of a year that was entered
    years: frozenset[int] = frozenset()  # years whose notice was entered by hand

    def __post_init__(self) -> None:
        for weekday, spans in self._minutes.items():
            ends = [minute for span in spans for minute in span]
            if not 1 <= weekday <= 7 or ends != sorted(set(ends)):
                raise ValueError(f"the hours of weekday {weekday} overlap or run backwards")

    @property
    def natural(self) -> bool:
        """Whether every moment counts."""
        return not self.hours

    def knows(self, year: int) -> bool:
        """Whether the working days of a year can be told."""
        return self.natural or not self.holidays or year in _KNOWN or year in self.years

    def spans(self, day: date) -> list[Span]:
        """The worked spans of a local day, in order; none on a day off. Of a year nobody knows: its plain weekdays."""
        return [(self._at(day, start), self._at(day, end)) for start, end in self._worked(day)]

    @cached_property
    def _minutes(self) -> dict[int, list[tuple[int, int]]]:
        by_day: dict[int, list[tuple[int, int]]] = {}
        for weekday, opening, closing in self.hours:
            by_day.setdefault(weekday, []).append((_minute(opening), _minute(closing)))
        return {weekday: sorted(spans) for weekday, spans in by_day.items()}

    def _worked(self, day: date) -> list[tuple[int, int]]:
        own = self._minutes.get(day.isoweekday(), [])
        if day in self.closed:
            return []
        if day in self.opened:
            return own or self._ordinary
        if self.holidays and day in constants.workdays:
            return self._ordinary or own
        if self.holidays and day in constants.holidays:
            return []
        return own

    @property
    def _ordinary(self) -> list[tuple[int, int]]:
        """The hours of a make-up day: those of the first day of the week that has any."""
        return self._minutes[min(self._minutes)] if self._minutes else []

    def _at(self, day: date, minute: int) -> datetime:
        """Naive UTC of a minute of a local day; 1440 is the next midnight."""
        days, minute = divmod(minute, _DAY_MINUTES)
        local = datetime.combine(day + timedelta(days=days), time(minute // 60, minute % 60), self.zone)
        return local.astimezone(UTC).replace(tzinfo=None)


def _minute(text: str) -> int:
    match = _SPELL.fullmatch(text)
    minute = int(match[1]) * 60 + int(match[2]) if match else _DAY_MINUTES + 1
    if minute > _DAY_MINUTES:
        raise ValueError(f"not a time of day: {text!r}")
    return minute
