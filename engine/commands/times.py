"""When things fall due: named calendars made from packs and what administrators entered, and ISO texts counted on them.

Owns which calendar a name means (`''`: the unit's own, else `service` when a pack defines it, else natural time) and
how a due date, a timer or a repetition is read. The arithmetic is `engine.calendars`'.
"""

from __future__ import annotations

import hashlib
import json
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine import calendars
from engine.bpmn.model import Due
from engine.calendars import Months, Rules
from engine.clock import Clock, as_utc, in_zone
from engine.commands import clocks
from engine.errors import ExpressionFailed
from engine.expressions import values
from engine.store import Store, persons
from engine.store.models import CalendarDay, CalendarYear, Pack, Unit

NATURAL, SERVICE, WORKING = "natural", "service", "working"
OF_UNIT = "unit:"  # a day of this calendar counts for the unit and those below it
OFFICE = (("1-5", "08:30", "12:00"), ("1-5", "14:00", "17:30"))  # `working` where no pack defines it
_STAMP = (
    "select (select count(*) from pack), (select max(deployed_at) from pack), (select count(*) from calendar_day), "
    "(select max(id) from calendar_day), (select sum(case when open then id else 0 end) from calendar_day), "
    "(select count(*) from calendar_year), (select value from stamp where name = 'calendar')"
)


class Times:
    """The calendars of one installation. Thread-safe; what is parsed is kept until a row changes."""

    def __init__(self, store: Store, zone: ZoneInfo, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone
        self._lock = threading.Lock()
        self._stamp: Any = None
        self._rules: dict[tuple[str, str, tuple[str, ...]], Rules] = {}
        self._own: frozenset[str] = frozenset()  # units with days of their own
        self._named: dict[str, dict[str, Any]] = {}

    def zone(self, unit: str) -> ZoneInfo:
        """The zone of a unit, the installation's when it is unknown."""
        found = persons.place(self._store, unit) if unit else None
        return ZoneInfo(found[0]) if found and found[0] else self._zone

    def rules(self, name: str, unit: str = "") -> Rules:
        """The calendar of a name for a unit. Raises ExpressionFailed for a name nobody defines."""
        if name == NATURAL:
            return Rules(zone=self.zone(unit))
        self._refresh()
        name = name or self._default(unit)
        zone, closed = self.zone(unit), self._closing(unit)
        key = (name, zone.key, closed)
        if key not in self._rules:
            self._rules[key] = self._build(name, zone, closed)
        return self._rules[key]

    def _closing(self, unit: str) -> tuple[str, ...]:
        """The units with days of their own that count for a unit: itself and those above, the nearest last."""
        if not self._own or not unit:
            return ()
        line = persons.line(self._store, unit, in_zone(self._clock.now(), self._zone).date())
        return tuple(code for code in reversed(line) if code in self._own)

    def stamp(self) -> Any:
        """What differs whenever a calendar may have changed: packs, days, years, units."""
        return (*self._store.sql(_STAMP).fetchone(), persons.stamp(self._store))

    def fingerprint(self) -> int:
        """A number that is the same as long as every calendar of every unit counts the same."""
        self._refresh()
        days = CalendarDay.select(CalendarDay.calendar, CalendarDay.day, CalendarDay.open).order_by(CalendarDay.id)
        years = CalendarYear.select(CalendarYear.year).order_by(CalendarYear.year)
        units = Unit.select(Unit.code, Unit.parent, Unit.zone, Unit.calendar).order_by(Unit.code)
        rows = [sorted(map(str, row.values())) for query in (days, years) for row in self._store.rows(query)]
        places = [[r["code"], r["zone"], r["calendar"]] for r in self._store.rows(units)]
        tree = [[r["code"], r["parent"]] for r in self._store.rows(units)] if self._own else []
        special = [place for place in places if place[2] or place[1] != self._zone.key]
        whole = json.dumps([self._named, sorted(rows), special, tree, self._zone.key], sort_keys=True, default=list)
        return int.from_bytes(hashlib.sha256(whole.encode()).digest()[:8], "big") >> 1

    def names(self) -> frozenset[str]:
        """The calendars that a diagram may name."""
        self._refresh()
        return frozenset({NATURAL, *self._named})

    def _default(self, unit: str) -> str:
        found = persons.place(self._store, unit) if unit else None
        return (found[1] if found else "") or (SERVICE if SERVICE in self._named else NATURAL)

    def _refresh(self) -> None:
        stamp = self._store.sql(_STAMP).fetchone()
        with self._lock:
            if stamp == self._stamp:
                return
            self._stamp, self._rules, self._named = stamp, {}, {WORKING: {"hours": OFFICE}}
            marked = CalendarDay.select(CalendarDay.calendar).where(CalendarDay.calendar.startswith(OF_UNIT)).distinct()
            self._own = frozenset(row["calendar"].removeprefix(OF_UNIT) for row in self._store.rows(marked))
            for row in self._store.rows(Pack.select(Pack.settings).order_by(Pack.name)):
                self._named |= values.loads(row["settings"]).get("calendars", {})

    def _build(self, name: str, zone: ZoneInfo, units: tuple[str, ...]) -> Rules:
        if name == NATURAL:
            return Rules(zone=zone)
        written = self._named.get(name)
        if written is None:
            raise ExpressionFailed(expression=name, reason="there is no calendar of this name")
        days = self._days(name, units)
        return Rules(
            hours=calendars.hours(written.get("hours", OFFICE)),
            zone=ZoneInfo(written["zone"]) if written.get("zone") else zone,
            holidays=bool(written.get("holidays", True)),
            closed=frozenset(day for day, is_open in days.items() if not is_open),
            opened=frozenset(day for day, is_open in days.items() if is_open),
            years=frozenset(row["year"] for row in self._store.rows(CalendarYear.select(CalendarYear.year))),
        )

    def _days(self, name: str, units: tuple[str, ...]) -> dict[date, bool]:
        """Days entered for every calendar, then those of this one, then those of the units: the last wins."""
        found: dict[date, bool] = {}
        for own in ("", name, *(f"{OF_UNIT}{unit}" for unit in units)):
            query = CalendarDay.select(CalendarDay.day, CalendarDay.open).where(CalendarDay.calendar == own)
            found |= {row["day"]: row["open"] for row in self._store.rows(query)}
        return found


def due(rules: Rules, given: Any, kind: str, now: datetime, text: str) -> Due | None:
    """When something falls; None for a deadline that gives null: there is none. See `moment`."""
    return None if kind == "deadline" and (given is None or given == "") else moment(rules, given, kind, now, text)


def moment(rules: Rules, given: Any, kind: str, now: datetime, text: str) -> Due:
    """When something falls. `given`: a date, a date and time, a duration, or text: an ISO instant, duration or
    repetition, or a timetable; `kind`: date | duration | cycle | deadline; `text`: the expression, for errors.
    ExpressionFailed."""
    if given is None or given == "":
        raise ExpressionFailed(expression=text, reason="it gives no time")
    try:
        if isinstance(given, str) and calendars.is_cycle(given):
            return _cycle(rules, given, now)
        at, flag, length = _moment(rules, given, now)
    except (ValueError, OverflowError) as problem:
        raise ExpressionFailed(expression=text, reason=str(problem)) from problem
    if kind == "cycle":
        raise ExpressionFailed(expression=text, reason="it is no repetition such as R/P1D or 0 0 9 * * SAT")
    return Due(at, flag=flag, length=length)


def _moment(rules: Rules, given: Any, now: datetime) -> tuple[datetime, str, str]:
    """An instant, why it may not be trusted, and the duration it was counted from ('' = it was given as a moment)."""
    length = _length(given)
    if length:
        return *calendars.add(rules, now, length), length
    if isinstance(given, datetime):
        at = last = as_utc(given)
    elif isinstance(given, date):  # by the end of that day
        at = as_utc(datetime(given.year, given.month, given.day, tzinfo=rules.zone) + timedelta(days=1))
        last = at - timedelta(seconds=1)
    elif isinstance(given, str):
        at = last = _instant(rules, given.strip())
    else:
        raise ValueError(f"{given!r} is neither a date and time nor a duration")
    return at, clocks.distrust(rules, last), ""


def _length(given: Any) -> str:
    """The ISO text of a duration, '' for anything else."""
    if isinstance(given, timedelta):
        return str(values.plain(given))
    if isinstance(given, Months):
        return str(given)
    written = given.strip() if isinstance(given, str) else ""
    return written if written.lstrip("+-").startswith("P") else ""


def _instant(rules: Rules, written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    return as_utc(moment if moment.tzinfo else moment.replace(tzinfo=rules.zone))


def _cycle(rules: Rules, written: str, now: datetime) -> Due:
    cycle = calendars.cycle(written)
    first = calendars.first(rules, cycle, now)
    if first is None:
        raise ValueError("it repeats no time")
    return Due(first[0], cycle.count, written, now, first[1])


def again(rules: Rules, fired: Due, now: datetime) -> Due | None:
    """The firing after `fired` that is still ahead, counted from the anchor. `fired.every` is the repetition as
    written, `fired.anchor` the moment it was activated."""
    if fired.left == 1 or fired.anchor is None:
        return None
    cycle = calendars.cycle(fired.every)
    found = calendars.following(rules, cycle, fired.anchor, 1, max(now, fired.at))
    if found is None:
        return None
    number, at, flag = found
    left = None if cycle.count is None else cycle.count - number + 1
    return Due(at, left, fired.every, fired.anchor, flag)


def upcoming(rules: Rules, due: Due, now: datetime, count: int) -> list[Due]:
    """A firing and those that come after it and after now, `count` at most; fewer when they end."""
    found = [due]
    while len(found) < count:
        following = again(rules, found[-1], now)
        if following is None:
            break
        found.append(following)
    return found


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """An aware local date and time, as variables hold them."""
    return moment.replace(tzinfo=UTC).astimezone(zone)
