"""What of a person is personal: their numbers in full (on record), sign-in help, their data as a file, erasing it.

Owns these acts of `/people/<login>/`. Who may look is `widgets.privacy`'s answer, who may change `guard`'s; erasing is
for administrators of the whole installation, as the engine says.
"""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin.people import erasure, guard
from admin.people.reading import readable
from admin.widgets import current, privacy
from engine.errors import Forbidden


class SafetyActs:
    """Mixed into the view of people."""

    @expose("/<login>/full", methods=("POST",))
    def full(self, login: str) -> Any:
        """The page with numbers in full; that somebody looked is kept."""
        person = readable(login)
        if not privacy.may_see(person):
            raise Forbidden(who=current.me().name, action="people:private")
        if login != current.me().login:
            current.engine().looked(login, by=current.me().login)
        return self.shown(person, full=True)  # type: ignore[attr-defined]

    @expose("/<login>/unlock", methods=("POST",))
    def unlock(self, login: str) -> Any:
        """Let them try again at once."""
        person = readable(login)
        guard.must_change(person)
        current.engine().people.signins.unlock(login, by=current.me().login)
        flash(_("已解锁“%(login)s”。", login=person.name), "success")
        return redirect(url_for("people.person", login=login))

    @expose("/<login>/factor-off", methods=("POST",))
    def factor_off(self, login: str) -> Any:
        """They lost their phone: back to the password alone."""
        person = readable(login)
        guard.must_change(person)
        current.engine().people.signins.drop_factor(login, by=current.me().login)
        flash(_("已关闭 %(name)s 的两步验证。", name=person.name), "success")
        return redirect(url_for("people.person", login=login))

    @expose("/<login>/sign-out", methods=("POST",))
    def sign_out(self, login: str) -> Any:
        """End every browser of theirs."""
        person = readable(login)
        guard.must_change(person)
        ended = current.engine().people.signins.end(login)
        flash(_("已退出 %(n)d 处登录。", n=ended), "success")
        return redirect(url_for("people.person", login=login))

    @expose("/<login>/data.json", methods=("POST",))
    def data(self, login: str) -> Any:
        """All there is on them, for them."""
        person = readable(login)
        guard.must_change(person)
        answer = jsonify(current.engine().personal_data(login, by=current.me().login))
        answer.headers.set("Content-Disposition", "attachment", filename=f"{login}.json")
        return answer

    @expose("/<login>/erase", methods=("GET", "POST"))
    def erase(self, login: str) -> Any:
        """Ask for the reason and the name; then erase."""
        person = readable(login)
        if not current.engine().people.may_everywhere(current.me().login, "admin"):
            raise Forbidden(who=current.me().name, action="admin")
        reason = request.form.get("reason", "").strip()
        if request.method == "GET" or not reason or request.form.get("name", "").strip() != person.name:
            if request.method == "POST":
                flash(_("请写明原因，并照抄姓名；未作更改。"), "danger")
            found = current.engine().erasure_preview(login, by=current.me().login)
            shown = self.render("people/erase.html", person=person, found=erasure.lines(found))  # type: ignore[attr-defined]
            return shown, 422 if request.method == "POST" else 200
        done = current.engine().erase_person(login, by=current.me().login, reason=reason)
        flash(erasure.sentence(done), "success")
        return redirect(url_for("people.person", login=done.alias))
