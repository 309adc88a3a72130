"""`/substitutes/`: who acts for me while I am away, and for whom I act.

Owns the page and its posts. Who may change whose is the engine's answer.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin.widgets import current, lookups, names
from admin.widgets.view import View
from engine import errors


class SubstitutesView(View):
    """Standing substitutes."""

    @expose("/")
    def index(self) -> str:
        """Those that hold or are still to come, and the forms."""
        engine, login = current.engine(), current.me().login
        return self.render(
            "desk/substitutes.html",
            rows=engine.people.substitutes.rows(login),
            processes=engine.definitions(kind="process"),
            process_named=_process,
            today=engine.people.today(),
        )

    @expose("/put", methods=("POST",))
    def put(self) -> Any:
        """Somebody acts for me from one day to another."""
        who, form = current.me().login, request.form
        since, until = _day(form.get("since", "")), _day(form.get("until", ""))
        if until is None:
            raise errors.InvalidForm({}, summary=_("请填写代理的结束日期。"))
        process, reason = form.get("process", ""), form.get("reason", "").strip()
        current.engine().put_substitute(who, _person("to"), who, since, until, process, reason)
        flash(_("已设置代理。到期自动结束。"), "success")
        return redirect(url_for("substitutes.index"))

    @expose("/<int:row>/end", methods=("POST",))
    def end(self, row: int) -> Any:
        """End one of mine early."""
        current.engine().end_substitute(row, by=current.me().login)
        flash(_("代理已结束。"), "success")
        return redirect(url_for("substitutes.index"))


def _process(key: str) -> str:
    """A process by its key, in the reader's language."""
    found = current.engine().definitions(kind="process", key=key)
    return names.pick(found[0].name, found[0].name_en) or key if found else key


def _person(name: str) -> str:
    """The login of whoever was typed; else what was typed, for the engine to refuse by name."""
    typed = request.form.get(name, "").strip()
    if not typed:
        raise errors.InvalidForm({}, summary=_("请先选人。"))
    return lookups.called(typed) or typed


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as problem:
        raise errors.InvalidForm({}, summary=_("日期无法识别。")) from problem
