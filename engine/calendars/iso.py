"""ISO 8601 durations and repetitions as people write them in diagrams.

Owns `Months` (a years-months duration), `Period` (a parsed duration, its parts kept apart because `P1D` on a working
calendar is not `PT24H`) and `Repeat` (`R3/2026-01-01T09:00:00+08:00/P7D`). Pure text and numbers: it knows no
calendar and no clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_PERIOD = re.compile(
    r"(?P<sign>[+-])?P(?:(?P<years>\d{1,9})Y)?(?:(?P<months>\d{1,10})M)?(?:(?P<weeks>\d{1,6})W)?(?:(?P<days>\d{1,7})D)?"
    r"(?P<time>T(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,10})M)?(?:(?P<seconds>\d{1,11}(?:[.,]\d{1,9})?)S)?)?"
)
_REPEAT = re.compile(r"R(?P<count>\d{0,9})/(?P<rest>.+)", re.DOTALL)
_PARTS = ("years", "months", "weeks", "days", "hours", "minutes", "seconds")


class TooFar(ValueError):
    """Further off than any deadline: more than 60 years."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A years-months duration: whole months, negative when it goes back."""

    months: int

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        body = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
        return f"{'-' if self.months < 0 else ''}P{body}"

    def __neg__(self) -> Months:
        return Months(-self.months)

    def __add__(self, other: Months) -> Months:
        return Months(self.months + other.months) if isinstance(other, Months) else NotImplemented

    def __sub__(self, other: Months) -> Months:
        return Months(self.months - other.months) if isinstance(other, Months) else NotImplemented


@dataclass(frozen=True, slots=True)
class Period:
    """A duration with its parts apart. `time` is the part after `T`; `timed`: such a part was written (`P1DT0S`)."""

    months: int = 0
    weeks: int = 0
    days: int = 0
    time: timedelta = timedelta()
    timed: bool = False
    negative: bool = False

    @property
    def zero(self) -> bool:
        """Whether it has no length at all."""
        return not (self.months or self.weeks or self.days or self.time)

    @property
    def delta(self) -> timedelta:
        """The days-time part as natural time, signed; months are left out."""
        length = timedelta(weeks=self.weeks, days=self.days) + self.time
        return -length if self.negative else length

    def times(self, count: int) -> Period:
        """The same duration `count` (>= 0) times over, part by part, so that the 31st stays the 31st. TooFar."""
        try:
            time = self.time * count
        except OverflowError as problem:
            raise TooFar from problem
        return Period(self.months * count, self.weeks * count, self.days * count, time, self.timed, self.negative)


@dataclass(frozen=True, slots=True)
class Repeat:
    """`R[count]/[start/]duration`. `count` None: without end; `start`: naive UTC, None for "from activation"."""

    count: int | None
    start: datetime | None
    every: Period


def period(text: str) -> Period:
    """Parse an ISO 8601 duration. ValueError says what is wrong with it."""
    match = _PERIOD.fullmatch(text.strip())
    if not match or all(match[part] is None for part in _PARTS) or match["time"] == "T":
        raise ValueError(f"not an ISO 8601 duration: {text[:80]!r}")
    number = {part: int(match[part] or 0) for part in _PARTS[:-1]}
    time = timedelta(hours=number["hours"], minutes=number["minutes"]) + _seconds(match["seconds"])
    return Period(
        number["years"] * 12 + number["months"],
        number["weeks"],
        number["days"],
        time,
        match["time"] is not None,
        match["sign"] == "-",
    )


def _seconds(text: str | None) -> timedelta:
    """Exact to the microsecond; floats would lose it."""
    whole, _, fraction = (text or "0").replace(",", ".").partition(".")
    return timedelta(seconds=int(whole), microseconds=int(fraction[:6].ljust(6, "0")))


def repeat(text: str) -> Repeat:
    """Parse an ISO 8601 repetition. ValueError says what is wrong with it."""
    match = _REPEAT.fullmatch(text.strip())
    if not match:
        raise ValueError(f"not an ISO 8601 repetition: {text[:80]!r}")
    start, _, every = match["rest"].rpartition("/")
    length = period(every)
    if length.zero or length.negative:
        raise ValueError(f"a repetition needs a length above zero: {text[:80]!r}")
    return Repeat(int(match["count"]) if match["count"] else None, instant(start) if start else None, length)


def instant(text: str) -> datetime:
    """Parse an ISO 8601 date and time to naive UTC. ValueError when its offset or `Z` is missing."""
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        raise ValueError(f"a date and time needs its offset, as in +08:00: {text[:80]!r}")
    return moment.astimezone(UTC).replace(tzinfo=None)


def text_of(length: timedelta) -> str:
    """The ISO 8601 text of a days-time duration, exact to the microsecond: `-P1DT2H0.5S`."""
    sign, length = ("-", -length) if length < timedelta() else ("", length)
    hours, rest = divmod(length.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    time = (
        (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + _second_text(seconds, length.microseconds)
    )
    days = f"{length.days}D" if length.days else ""
    return f"{sign}P{days}{'T' + time if time else ''}" if days or time else "PT0S"


def _second_text(seconds: int, microseconds: int) -> str:
    if not seconds and not microseconds:
        return ""
    return f"{seconds}{f'.{microseconds:06d}'.rstrip('0') if microseconds else ''}S"
