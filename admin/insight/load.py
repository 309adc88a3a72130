"""`/insight/`: cases and tasks by process, and what waits at each unit, of the units where the person may operate.

Owns the two tables; the counting is the engine's.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_admin import expose

from admin.widgets import current, names
from admin.widgets.view import View

MOST = 10_000  # nobody counts a million finished cases to open a page: "9999+"


@dataclass(frozen=True, slots=True)
class Line:
    """One process."""

    name: str
    running: int
    completed: int
    cancelled: int
    open: int
    overdue: int


class LoadView(View):
    """How much is going on."""

    duty = "insight"
    icon = "chart-line"
    order = 90
    permission = "operate"

    @expose("/")
    def index(self) -> str:
        """By process, then by unit; what is late first."""
        engine, login = current.engine(), current.me().login
        lines = [line(d.key, names.pick(d.name, d.name_en)) for d in engine.definitions(kind="process")]
        lines.sort(key=lambda one: (-one.overdue, -one.open, -one.running, one.name))
        units = engine.items_by_unit(scope=engine.people.visible_units(login, self.permission))
        waiting = sorted((u for u in units if u.open), key=lambda u: (-u.overdue, -u.open))
        names.units(u.unit for u in waiting)
        return self.render(
            "insight/load.html", lines=lines, units=waiting, incidents=engine.count_incidents(login, MOST)
        )


def line(process: str, name: str) -> Line:
    """The counts of one process."""
    engine, login = current.engine(), current.me().login
    cases = {
        status: engine.count_instances(process=process, status=status, by=login, most=MOST)
        for status in ("running", "completed", "cancelled")
    }
    scope = engine.people.visible_units(login, "operate")
    opened = engine.count_items(process=process, scope=scope, most=MOST)
    overdue = engine.count_items(process=process, scope=scope, overdue=True, most=MOST)
    return Line(name, cases["running"], cases["completed"], cases["cancelled"], opened, overdue)
