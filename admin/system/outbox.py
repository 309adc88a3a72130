"""`/outbox/`: letters on their way, those that failed, and the people to call because no channel reaches them.

Owns the list, the mark "called" and the wish to send a failed letter again. Sending is the scheduler's.
"""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin.system.top import TopView
from admin.widgets import current, tables
from admin.widgets.view import back

STATES: dict[str, tuple[Any, str]] = {
    "to-call": (_l("待打电话"), "orange"),
    "waiting": (_l("待发送"), "blue"),
    "failed": (_l("发送失败"), "red"),
    "sent": (_l("已发送"), "green"),
    "called": (_l("已打电话"), "green"),
}
CHANNELS: dict[str, Any] = {"email": _l("邮件"), "apprise": _l("群机器人等"), "phone": _l("电话")}
BADGE = 100  # counted no further: "99+"


class OutboxView(TopView):
    """Letters by state; the phone list first."""

    duty = "system"
    icon = "mailbox"
    order = 30
    badge_endpoint = "outbox.count"

    @expose("/")
    def index(self) -> str:
        """?status= is one of STATES."""
        status = request.args.get("status", "to-call")
        status = status if status in STATES else "to-call"
        asked = tables.asked()
        page = current.engine().outbox_page(status, limit=asked.size, offset=asked.offset)
        people = current.engine().people.records([letter.person for letter in page.rows if letter.person])
        return self.render(
            "system/outbox.html", page=page, status=status, states=STATES, channels=CHANNELS, people=people
        )

    @expose("/count")
    def count(self) -> str:
        """The menu badge: how many people are to be called."""
        return render_template("desk/count.html", count=current.engine().count_outbox("to-call", BADGE))

    @expose("/<int:letter_id>/called", methods=("POST",))
    def called(self, letter_id: int) -> Any:
        """Somebody was called."""
        current.engine().mark_called(letter_id, by=current.me().login)
        flash(_("已记录。"), "success")
        return back(url_for("outbox.index"))

    @expose("/<int:letter_id>/again", methods=("POST",))
    def again(self, letter_id: int) -> Any:
        """A failed letter is sent again."""
        current.engine().resend(letter_id, by=current.me().login)
        flash(_("已重新排队，几秒内发送。"), "success")
        return back(url_for("outbox.index", status="failed"))

    @expose("/again", methods=("POST",))
    def all_again(self) -> Any:
        """All that failed are."""
        queued = current.engine().resend(by=current.me().login)
        flash(_("已重新排队 %(n)d 封。", n=queued), "success")
        return back(url_for("outbox.index", status="failed"))
