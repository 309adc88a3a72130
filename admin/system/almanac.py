"""`/calendar/`: days worked or not in spite of the weekend, year by year, and whether a year's notice is complete.

Owns the form and the list. A deadline in a year without a calendar is flagged, never guessed; this page mends that.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin.system.top import TopView
from admin.widgets import current
from engine.errors import InvalidValue
from engine.records import Holiday

MOST_DAYS = 60


class CalendarView(TopView):
    """A year of the working calendar."""

    duty = "system"
    icon = "calendar-event"
    order = 40

    @expose("/")
    def index(self) -> str:
        """?year=, this year else."""
        asked = request.args.get("year", "")
        this = current.now().year
        year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else this
        engine = current.engine()
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
        first, last = _date("first"), _date("last", "first")
        if not first <= last <= first + timedelta(days=MOST_DAYS):
            raise InvalidValue(reason=_("结束日期应在开始日期之后 60 天以内"))
        engine, form = current.engine(), request.form
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            holiday = Holiday(
                day, form.get("open") == "1", form.get("note", "").strip()[:100], form.get("calendar", "")
            )
            engine.put_holiday(holiday, by=current.me().login)
        flash(_("已保存。"), "success")
        return redirect(url_for("calendar.index", year=first.year))

    @expose("/drop", methods=("POST",))
    def drop(self) -> Any:
        """Forget a day."""
        day = _date("day")
        current.engine().drop_holiday(day, request.form.get("calendar", ""), by=current.me().login)
        return redirect(url_for("calendar.index", year=day.year))

    @expose("/year", methods=("POST",))
    def year(self) -> Any:
        """Say whether a year is complete."""
        year = request.form.get("year", "")
        if not (year.isascii() and year.isdigit()):
            raise InvalidValue(reason=f"{year!r} is not a year")
        complete = request.form.get("complete") == "1"
        current.engine().mark_year(int(year), complete, by=current.me().login, note=current.me().login)
        flash(_("已保存。"), "success")
        return redirect(url_for("calendar.index", year=year))


def _date(name: str, other: str = "") -> date:
    text = request.form.get(name, "") or request.form.get(other, "")
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise InvalidValue(reason=_("“%(text)s”不是日期", text=text)) from problem
