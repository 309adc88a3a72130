"""`/incidents/`: cases that cannot go on until somebody acts: what failed, where, retry.

Owns the list and the retry. Setting variables and moving tokens is the case page's.
"""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin.widgets import current, names, tables
from admin.widgets.view import View, back
from engine.errors import LinliError

BADGE = 100  # counted no further: "99+"
KINDS: dict[str, Any] = {
    "expression": _l("表达式"),
    "script": _l("脚本"),
    "decision": _l("决策"),
    "job": _l("外部服务"),
    "error": _l("业务错误"),
    "flow": _l("无路可走"),
    "join": _l("汇合"),
    "loop": _l("死循环"),
    "value": _l("数据"),
    "service": _l("服务"),
    "call": _l("调用流程"),
    "assignment": _l("找不到办理人"),
    "timer": _l("定时器"),
    "message": _l("消息投递"),
    "stuck": _l("无法推进"),
}


class IncidentsView(View):
    """Incidents of the units where the person may operate."""

    duty = "system"
    icon = "alert-triangle"
    order = 10
    permission = "operate"
    badge_endpoint = "incidents.count"

    @expose("/")
    def index(self) -> str:
        """Open incidents, or (?all=1) all of them; ?q= in case and message."""
        every = bool(request.args.get("all"))
        asked = tables.asked()
        page = current.engine().incident_page(
            by=current.me().login, open_only=not every, text=asked.text, limit=asked.size, offset=asked.offset
        )
        names.units(one.unit for one in page.rows)
        return self.render("system/incidents.html", page=page, every=every, kinds=KINDS)

    @expose("/count")
    def count(self) -> str:
        """The menu badge."""
        open_ones = current.engine().count_incidents(current.me().login, BADGE)
        return render_template("desk/count.html", count=open_ones)

    @expose("/<int:incident_id>/retry", methods=("POST",))
    def retry(self, incident_id: int) -> Any:
        """Try the token again; what still fails is said."""
        over = current.engine().retry(incident_id, by=current.me().login)
        if over:
            flash(_("已恢复，流程继续。"), "success")
        else:
            flash(_("重试后仍然失败，请查看新的说明。"), "warning")
        return back(url_for("incidents.index"))

    @expose("/<int:incident_id>/resolve", methods=("POST",))
    def resolve(self, incident_id: int) -> Any:
        """Mark one as dealt with, where there is nothing to retry."""
        current.engine().resolve(incident_id, by=current.me().login)
        flash(_("已标为处理完毕。"), "success")
        return back(url_for("incidents.index"))

    @expose("/retry-all", methods=("POST",))
    def retry_all(self) -> Any:
        """Try the chosen ones; one that fails does not stop the others."""
        engine, login = current.engine(), current.me().login
        over = failed = 0
        for text in request.form.getlist("incident")[:500]:
            try:
                done = engine.retry(int(text), by=login) if text.isascii() and text.isdigit() else False
            except LinliError:
                done = False
            over, failed = (over + 1, failed) if done else (over, failed + 1)
        flash(
            _("恢复 %(over)d 个，仍失败 %(failed)d 个。", over=over, failed=failed), "warning" if failed else "success"
        )
        return redirect(url_for("incidents.index"))
