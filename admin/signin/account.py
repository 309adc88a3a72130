"""One's own account: language, password, how to be reached; and the page of a member who waits for approval.

Owns changes a person makes to themselves and nobody else.
"""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, jsonify, redirect, request, session, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_security import hash_password, login_user

from admin import i18n
from admin.signin import browsers as places
from admin.signin import telling
from admin.signin.accounts import Account, set_password_hash
from admin.signin.forms import PasswordForm
from admin.widgets import current
from admin.widgets.view import View


class AccountView(View):
    """`/account/`: also for members who still wait."""

    open_to_pending = True

    @expose("/")
    def index(self) -> str:
        return self._page(PasswordForm())

    @expose("/language", methods=["POST"])
    def language(self) -> Any:
        """Keep a language with the person, for every device."""
        chosen = request.form.get("locale", "")
        if chosen in i18n.LANGUAGES:
            current.engine().people.put(current.me().login, locale=chosen)
            session["lang"] = [chosen, current.me().login]
        return redirect(url_for("account.index"))

    @expose("/password", methods=["POST"])
    def password(self) -> Any:
        """Change the password; other devices are signed out, this one stays."""
        form = PasswordForm()
        if not form.validate_on_submit():
            return self._page(form), 422
        person = set_password_hash(current.me().login, hash_password(form.new.data))
        current.engine().people.signins.end(person.login)
        login_user(Account(person))
        flash(_("密码已修改，其他设备需要重新登录。"), "success")
        return redirect(url_for("account.index"))

    @expose("/telling", methods=["POST"])
    def telling(self) -> Any:
        """Keep how and when I want to be told."""
        engine, login = current.engine(), current.me().login
        engine.choose_telling(login, telling.chosen(engine.people.get(login), request.form), by=login)
        flash(_("通知方式已保存。"), "success")
        return redirect(url_for("account.index"))

    @expose("/browsers", methods=["POST"])
    def browsers(self) -> Any:
        """Sign out elsewhere: one browser, or all but this one."""
        signins, login = current.engine().people.signins, current.me().login
        one = request.form.get("one", "")
        if one and one == signins.which(places.token()):
            abort(400)
        ended = signins.end(login, one=one, but="" if one else places.token())
        flash(_("已退出 %(n)d 处登录。", n=ended), "success")
        return redirect(url_for("account.index"))

    @expose("/data.json")
    def data(self) -> Response:
        """All there is on oneself, to keep."""
        login = current.me().login
        answer = jsonify(current.engine().personal_data(login, by=login))
        answer.headers.set("Content-Disposition", "attachment", filename=f"{login}.json")
        return answer

    def _page(self, form: PasswordForm) -> str:
        people = current.engine().people
        person = people.get(current.me().login)
        return self.render(
            "signin/account.html",
            form=form,
            person=person,
            told=telling.shown(person),
            browsers=people.signins.browsers(person.login),
            here=people.signins.which(places.token()),
            factor=people.signins.factor(person.login),
            roles=people.roles(),
            units=people.units.names([p.unit for p in person.posts] + [person.home_unit]),
        )


class WaitingView(View):
    """`/waiting/`: registered, signed in, not approved yet."""

    open_to_pending = True

    @expose("/")
    def index(self) -> Any:
        if current.me().approved:
            return redirect("/")
        unit = current.engine().people.units.find(current.me().home_unit)
        return self.render("signin/waiting.html", unit=unit)
