"""`/notices/`: messages to me in the app, and the bell's count.

Owns the list and marking as read. Links in notices are made by the engine and stay on this site.
"""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from flask_admin import expose

from admin.widgets import current, tables
from admin.widgets.view import View, is_local
from engine.records import Page


class NoticesView(View):
    """My messages."""

    open_to_pending = True

    @expose("/")
    def index(self) -> str:
        """Newest first; the unread stand out."""
        asked = tables.asked()
        rows = current.engine().notices(current.me().login)
        shown = Page(tuple(rows[asked.offset : asked.offset + asked.size]), len(rows), asked.offset, asked.size)
        return self.render("desk/notices.html", page=shown, unread=sum(1 for n in rows if n.read_at is None))

    @expose("/badge")
    def badge(self) -> str:
        """The bell's badge."""
        return render_template("desk/count.html", count=current.engine().unread(current.me().login))

    @expose("/<int:notice_id>/")
    def open(self, notice_id: int) -> Any:
        """Mark as read and go where it points."""
        login = current.me().login
        link = next((n.link for n in current.engine().notices(login) if n.id == notice_id), "")
        current.engine().mark_read([notice_id], by=login)
        return redirect(link if is_local(link) else url_for("notices.index"))

    @expose("/read", methods=("POST",))
    def read(self) -> Any:
        """Mark all as read."""
        login = current.me().login
        current.engine().mark_read([n.id for n in current.engine().notices(login, unread=True)], by=login)
        return redirect(url_for("notices.index"))
