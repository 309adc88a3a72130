"""`/timers/`: what falls due, when, of which case; an operator may let it fall due now.

Owns the list and that act.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin.widgets import current, names, tables
from admin.widgets.view import View, back
from engine.records import Instance

KINDS: dict[str, Any] = {
    "event": _l("流程定时"),
    "reminder": _l("提醒"),
    "escalation": _l("升级督办"),
    "start": _l("定时发起"),
}
SPANS = {"late": timedelta(), "hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


class TimersView(View):
    """Timers of the units where the person may operate, the next first."""

    duty = "system"
    icon = "clock"
    order = 20
    permission = "operate"

    @expose("/")
    def index(self) -> str:
        """?within=late|hour|day|week and ?kind= narrow the list."""
        within, kind = request.args.get("within", ""), request.args.get("kind", "")
        before = current.now() + SPANS[within] if within in SPANS else None
        asked, login = tables.asked(), current.me().login
        page = current.engine().timer_page(
            by=login, due_before=before, kind=kind, limit=asked.size, offset=asked.offset
        )
        cases = _cases({t.instance_id for t in page.rows if t.instance_id})
        return self.render(
            "system/timers.html",
            page=page,
            kinds=KINDS,
            within=within,
            kind=kind,
            titles={number: case.title for number, case in cases.items()},
            steps={t.id: names.step(cases[t.instance_id].definition_id, t.node_id) for t in page.rows if t.instance_id},
        )

    @expose("/<int:timer_id>/now", methods=("POST",))
    def now(self, timer_id: int) -> Any:
        """Let it fall due at once; the scheduler's next tick takes it."""
        current.engine().move_timer(timer_id, current.now(), by=current.me().login)
        flash(_("已改为立即到期，几秒内执行。"), "success")
        return back(url_for("timers.index"))


def _cases(numbers: set[int]) -> dict[int, Instance]:
    """The cases on this slice."""
    found = current.engine().instances(ids=numbers, by=current.me().login, limit=max(1, len(numbers)))
    return {case.id: case for case in found.rows}
