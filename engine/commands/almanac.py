"""What administrators enter of the working calendar: single days, and years whose notice is complete.

Owns these two tables' writes and their reads for screens. What they mean for a deadline is `times` and `calendars`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from engine import calendars
from engine.commands.context import Context
from engine.commands.times import OF_UNIT
from engine.errors import Forbidden, InvalidValue, NotFound
from engine.records import Almanac, Holiday
from engine.store import house
from engine.store.models import CalendarDay, CalendarYear

YEARS = range(2000, 2100)
_CHANGED = (
    "insert into stamp (name, value) values ('calendar', 1) on conflict (name) do update set value = stamp.value + 1"
)


def read(context: Context, year: int) -> Almanac:
    """The days entered for a year, and whether deadlines in it can be trusted."""
    here = (CalendarDay.day >= date(year, 1, 1)) & (CalendarDay.day <= date(year, 12, 31))
    query = CalendarDay.select().where(here).order_by(CalendarDay.day, CalendarDay.calendar)
    days = tuple(Holiday(r["day"], r["open"], r["note"], r["calendar"]) for r in context.store.rows(query))
    entered = context.store.value(CalendarYear.select(CalendarYear.year).where(CalendarYear.year == year)) is not None
    return Almanac(year, year in calendars.known_years(), entered, days)


def put_day(context: Context, holiday: Holiday, *, by: str) -> None:
    """Enter or change a day. `calendar`: '' = every one, a name, or `unit:CODE` for a unit and those below. Forbidden
    without `operate` there (everywhere, for a calendar), InvalidValue for a year out of reach."""
    put_days(context, [holiday], by=by)


def drop_day(context: Context, day: date, calendar: str, *, by: str) -> None:
    """Forget a day. NotFound, Forbidden."""
    _must(context, by, calendar)
    here = (CalendarDay.day == day) & (CalendarDay.calendar == calendar)
    with context.store.transaction():
        if not context.store.run(CalendarDay.delete().where(here)):
            raise NotFound(what="日历日期", id=day.isoformat())
        _changed(context, by, day.isoformat(), {"dropped": True})


def mark_year(context: Context, year: int, complete: bool, note: str, *, by: str) -> None:
    """Say that a year's notice has been entered completely, or take it back: from then on its deadlines are flagged."""
    _must(context, by)
    if year not in YEARS:
        raise InvalidValue(reason=f"{year} is not between {YEARS.start} and {YEARS.stop - 1}")
    with context.store.transaction():
        context.store.run(CalendarYear.delete().where(CalendarYear.year == year))
        if complete:
            context.store.run(CalendarYear.insert({"year": year, "note": note}))
        _changed(context, by, str(year), {"complete": complete})


def _changed(context: Context, by: str, subject: str, data: dict[str, Any]) -> None:
    """Every process reads the calendars again, and the next tick counts open deadlines again; on record."""
    context.store.sql(_CHANGED)
    house.note(context.store, "calendar", subject, by, context.clock.now(), data)


def put_days(context: Context, days: Sequence[Holiday], *, by: str) -> None:
    """Enter or change many days in one transaction: a year's notice. Forbidden, InvalidValue; all of them or none."""
    for holiday in days:
        _must(context, by, holiday.calendar)
        _reachable(holiday.day)
    with context.store.transaction():
        for holiday in days:
            _put(context, holiday)
        said = [f"{one.day.isoformat()} {'open' if one.open else 'closed'} {one.note}".strip() for one in days]
        _changed(context, by, days[0].calendar if days else "", {"days": said})


def _put(context: Context, holiday: Holiday) -> None:
    row = {"calendar": holiday.calendar, "day": holiday.day, "open": holiday.open, "note": holiday.note}
    here = (CalendarDay.day == holiday.day) & (CalendarDay.calendar == holiday.calendar)
    context.store.run(CalendarDay.delete().where(here))
    context.store.run(CalendarDay.insert(row))


def _reachable(day: date) -> None:
    if day.year not in YEARS:
        raise InvalidValue(reason=f"{day.isoformat()} is not between {YEARS.start} and {YEARS.stop - 1}")


def _must(context: Context, by: str, calendar: str = "") -> None:
    """A calendar counts for every unit, so it takes the permission everywhere; a unit's own days take it there."""
    context.store.refuse_inside()
    if not by:
        return
    unit = calendar.removeprefix(OF_UNIT) if calendar.startswith(OF_UNIT) else ""
    allowed = context.people.may(by, "operate", unit) if unit else context.people.may_everywhere(by, "operate")
    if not allowed:
        raise Forbidden(who=by, action="operate")
