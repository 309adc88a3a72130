"""`/clocks/`: what the deadlines' clocks of one's units show, the least time left first.

Owns the list for whoever oversees units; the reading of a clock is the engine's, its drawing `linli/clock.html`.
"""

from __future__ import annotations

from flask import request
from flask_admin import expose

from admin.widgets import current, names
from admin.widgets.view import View

MOST = 300  # the next due of all; nobody reads further down


class ClocksView(View):
    """Deadlines of the units one oversees."""

    duty = "desk"
    icon = "hourglass"
    order = 40

    def is_accessible(self) -> bool:
        """Whoever oversees or operates anywhere."""
        return super().is_accessible() and (current.may("oversee") or current.may("operate"))

    @expose("/")
    def index(self) -> str:
        """?show= late | stopped; everything else."""
        pairs = current.engine().clocks_below(current.me().login, limit=MOST)
        counts = {
            "": len(pairs),
            "late": sum(1 for _, clock in pairs if clock.late and not clock.since),
            "stopped": sum(1 for _, clock in pairs if clock.since),
        }
        show = request.args.get("show", "")
        show = show if show in counts else ""
        shown = [(item, clock) for item, clock in pairs if _is(show, clock.late, clock.since is not None)]
        names.units(item.unit for item, _ in shown)
        return self.render("desk/clocks.html", pairs=shown, counts=counts, show=show, most=MOST)


def _is(show: str, late: bool, stopped: bool) -> bool:
    return not show or (stopped if show == "stopped" else late and not stopped)
