"""`/closures/`: days on which one unit (with those below it) does not work, or works in spite of the weekend.

Owns the page for a unit's own operator: they see and change the days of the units they operate, nobody else's. That it
is so is the engine's rule; days of every unit are `almanac`'s page.
"""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin.system.almanac import asked_day, asked_days, asked_year
from admin.widgets import current, names
from admin.widgets.view import View
from engine.errors import InvalidValue
from engine.records import Holiday, Unit

OF_UNIT = "unit:"
MOST = 300  # units that are offered as a list; above it the code is typed


class ClosuresView(View):
    """The days of one's own units."""

    duty = "system"
    icon = "calendar-off"
    order = 41
    permission = "operate"

    @expose("/")
    def index(self) -> str:
        """?year=, this year else."""
        year = asked_year(current.now().year)
        days = [one for one in current.engine().almanac(year).days if _mine(one)]
        names.units(_unit(one) for one in days)
        units = _units()
        return self.render("system/closures.html", year=year, days=days, units=units, many=len(units) > MOST)

    @expose("/day", methods=("POST",))
    def day(self) -> Any:
        """Enter a day, or every day from one to another."""
        unit = request.form.get("unit", "").strip()
        if current.engine().people.units.find(unit) is None:
            raise InvalidValue(reason=_("没有编码为“%(code)s”的单位", code=unit))
        days = asked_days(f"{OF_UNIT}{unit}")
        current.engine().put_holidays(days, by=current.me().login)
        flash(_("已保存，相关期限会重新计算。"), "success")
        return redirect(url_for("closures.index", year=days[0].day.year))

    @expose("/drop", methods=("POST",))
    def drop(self) -> Any:
        """Forget a day of a unit."""
        day, unit = asked_day("day"), request.form.get("unit", "").strip()
        current.engine().drop_holiday(day, f"{OF_UNIT}{unit}", by=current.me().login)
        flash(_("已删除，相关期限会重新计算。"), "success")
        return redirect(url_for("closures.index", year=day.year))


def _unit(one: Holiday) -> str:
    return one.calendar.removeprefix(OF_UNIT)


def _mine(one: Holiday) -> bool:
    return one.calendar.startswith(OF_UNIT) and current.may("operate", _unit(one))


def _units() -> list[Unit]:
    """The units that the reader operates, those above first."""
    people = current.engine().people
    scope = people.visible_units(current.me().login, "operate")
    if scope.everywhere:
        return people.tree()
    found = {unit.code: unit for code in scope.codes for unit in people.tree(code)}
    return list(found.values())
