"""`/calendar/`: days worked or not in spite of the weekend, year by year, and whether a year's notice is complete.

Owns the form and the list. A deadline in a year without a calendar is flagged, never guessed; this page mends that.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin.system import notice_text
from admin.system.top import TopView
from admin.widgets import current, names
from engine.errors import InvalidValue
from engine.records import Holiday

MOST_DAYS = 60
MOST_TEXT = 20_000  # characters of a pasted notice


class CalendarView(TopView):
    """A year of the working calendar."""

    duty = "system"
    icon = "calendar-event"
    order = 40

    @expose("/")
    def index(self) -> str:
        """?year=, this year else."""
        this = current.now().year
        year = asked_year(this)
        engine = current.engine()
        names.units(
            day.calendar.removeprefix("unit:") for day in engine.almanac(year).days if day.calendar.startswith("unit:")
        )
        known = sorted({name for pack in engine.packs().values() for name in pack.get("calendars", {})})
        return self.render(
            "system/calendar.html",
            almanac=engine.almanac(year),
            year=year,
            this=this,
            next_=engine.almanac(this + 1),
            known=known,
        )

    @expose("/day", methods=("POST",))
    def day(self) -> Any:
        """Enter a day, or every day from one to another."""
        holidays = asked_days(_calendar())
        current.engine().put_holidays(holidays, by=current.me().login)
        flash(_("已保存，相关期限会重新计算。"), "success")
        return redirect(url_for("calendar.index", year=holidays[0].day.year))

    @expose("/notice", methods=("POST",))
    def notice(self) -> Any:
        """Read a pasted notice and show what it says; with `sure` enter it."""
        year, text = _year(), request.form.get("text", "")
        reading = notice_text.read(text[:MOST_TEXT], year, _calendar())
        if request.form.get("sure") != "1" or not reading.days:
            week = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
            return self.render("system/notice.html", year=year, text=text[:MOST_TEXT], reading=reading, weekdays=week)
        engine, login = current.engine(), current.me().login
        engine.put_holidays(reading.days, by=login)
        if request.form.get("whole") == "1" and not _calendar():
            engine.mark_year(year, True, by=login, note=login)
        flash(_("已录入 %(n)s 天，相关期限会重新计算。", n=len(reading.days)), "success")
        return redirect(url_for("calendar.index", year=year))

    @expose("/drop", methods=("POST",))
    def drop(self) -> Any:
        """Forget a day."""
        day = asked_day("day")
        current.engine().drop_holiday(day, request.form.get("calendar", ""), by=current.me().login)
        return redirect(url_for("calendar.index", year=day.year))

    @expose("/year", methods=("POST",))
    def year(self) -> Any:
        """Say whether a year is complete."""
        year, complete = _year(), request.form.get("complete") == "1"
        current.engine().mark_year(year, complete, by=current.me().login, note=current.me().login)
        flash(_("已保存。"), "success")
        return redirect(url_for("calendar.index", year=year))


def _year() -> int:
    year = request.form.get("year", "")
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise InvalidValue(reason=f"{year!r} is not a year")
    return int(year)


def _calendar() -> str:
    """Which calendar the days are of: a name, a unit's own, or '' for all."""
    unit = request.form.get("unit", "").strip()
    if not unit:
        return request.form.get("calendar", "")
    if current.engine().people.units.find(unit) is None:
        raise InvalidValue(reason=_("没有编码为“%(code)s”的单位", code=unit))
    return f"unit:{unit}"


def asked_days(calendar: str) -> list[Holiday]:
    """The days that a form enters for a calendar, from `first` to `last`. InvalidValue."""
    first, last = asked_day("first"), asked_day("last", "first")
    if not first <= last <= first + timedelta(days=MOST_DAYS):
        raise InvalidValue(reason=_("结束日期应在开始日期之后 60 天以内"))
    note, is_open = request.form.get("note", "").strip()[:100], request.form.get("open") == "1"
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [Holiday(day, is_open, note, calendar) for day in days]


def asked_year(this: int) -> int:
    """?year=, this year else."""
    asked = request.args.get("year", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else this


def asked_day(name: str, other: str = "") -> date:
    """A day of the form. InvalidValue."""
    text = request.form.get(name, "") or request.form.get(other, "")
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise InvalidValue(reason=_("“%(text)s”不是日期", text=text)) from problem
