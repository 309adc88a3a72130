"""`/sign-ins/`: who tried to sign in, when, from where and how it ended; the same as a file.

Owns the list, the file and unlocking an account. For administrators of the whole installation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin.widgets import current, dates, names, sheets, tables
from admin.widgets.view import View
from engine.records import Try

OUTCOMES: dict[str, tuple[Any, str]] = {
    "in": (_l("已登录"), "green"),
    "oidc": (_l("已登录：统一身份认证"), "green"),
    "stranger": (_l("没有对应的账户"), "orange"),
    "wrong": (_l("密码不对"), "orange"),
    "code": (_l("验证码不对"), "orange"),
    "locked": (_l("已锁定"), "red"),
    "unlocked": (_l("已解锁"), "blue"),
}
MOST = 20_000  # lines of a file


class SignInsView(View):
    """Tries to sign in."""

    duty = "system"
    icon = "login"
    order = 85
    permission = "admin"

    def is_accessible(self) -> bool:
        who = current.me()
        return who.approved and current.engine().people.may_everywhere(who.login, self.permission)

    @expose("/")
    def index(self) -> str:
        """?q= is a sign-in name, ?outcome= one of OUTCOMES."""
        asked, outcome = tables.asked(), _outcome()
        page = _tries(asked.text, outcome, asked.size, asked.offset)
        return self.render(
            "signin/tries.html", page=page, outcomes=OUTCOMES, outcome=outcome, locked=_locked(page.rows)
        )

    @expose("/export.csv")
    def export(self) -> Any:
        """The same as a file; the newest MOST."""
        headings = [_("时间"), _("登录名"), _("姓名"), _("结果"), _("地址"), _("设备")]
        return sheets.download(_("登录记录"), "csv", headings, self._lines())

    def _lines(self) -> Iterator[list[Any]]:
        for one in _tries(tables.asked().text, _outcome(), MOST, 0).rows:
            said = str(OUTCOMES[one.outcome][0]) if one.outcome in OUTCOMES else one.outcome
            yield [dates.exact(one.at), one.login, names.person(one.login), said, one.address, one.agent]

    @expose("/unlock", methods=("POST",))
    def unlock(self) -> Any:
        """Let an account try again at once."""
        login = request.form.get("login", "")
        current.engine().people.signins.unlock(login, by=current.me().login)
        flash(_("已解锁“%(login)s”。", login=login), "success")
        return redirect(url_for("sign_ins.index"))


def _tries(login: str, outcome: str, limit: int, offset: int) -> Any:
    return current.engine().people.signins.tries(login=login, outcome=outcome, limit=limit, offset=offset)


def _outcome() -> str:
    asked = request.args.get("outcome", "")
    return asked if asked in OUTCOMES else ""


def _locked(rows: tuple[Try, ...]) -> set[str]:
    """Accounts on this slice that are locked now."""
    signins = current.engine().people.signins
    tried = {row.login for row in rows if row.outcome in ("wrong", "code", "locked")}
    return {login for login in tried if signins.locked_until(login, "") is not None}
