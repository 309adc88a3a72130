"""Registering with a community: the page behind its QR code.

Owns the way from a visitor to a pending person who can sign in. When an installed pack names a process for it
(`[public] join`), its start form is what is asked and its tasks decide; the form has `name` and `mobile`, `unit` is the
community's. Otherwise a form of our own is asked and staff decide on `/join-requests/`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_security import hash_password, login_user

from admin.signin.accounts import Account
from admin.signin.forms import AccountForm, JoinForm
from admin.widgets import current, forms, limits, steps
from admin.widgets.view import View
from engine.errors import AlreadyRegistered, InvalidForm, InvalidValue
from engine.records import Person, Unit

WORDS = re.compile(r"[,\uff0c、;\uff1b\s]+")
VISITOR = ""


class JoinView(View):
    """`/join/`: choose a community; `/join/<code>`: register there; `/join/<code>/code`: its QR to hang up."""

    public = True

    @expose("/")
    def index(self) -> str:
        units = [u for u in current.engine().people.tree() if u.division and u.parent]
        return self.render("signin/join_where.html", units=units)

    @expose("/<code>", methods=["GET", "POST"])
    def register(self, code: str) -> Any:
        """The form, and what becomes of it."""
        unit = current.engine().people.unit(code)
        process = str(current.engine().entrances().get("join", ""))
        return self._by_process(unit, process) if process else self._directly(unit)

    @expose("/<code>/code")
    def code(self, code: str) -> str:
        """The page to print and hang up."""
        unit = current.engine().people.unit(code)
        current.demand("people:read", code)
        start = current.engine().settings.address or request.host_url.rstrip("/")
        return self.render("signin/join_code.html", unit=unit, address=start + url_for("join.register", code=code))

    # ---- our own form

    def _directly(self, unit: Unit) -> Any:
        form = JoinForm()
        if not form.validate_on_submit():
            return self.render("signin/join.html", form=form, unit=unit), 422 if form.is_submitted() else 200
        limits.spend("join", "10/hour")
        try:
            person = _registered(form, unit.code)
        except AlreadyRegistered:
            form.mobile.errors = [_taken()]
            return self.render("signin/join.html", form=form, unit=unit), 409
        return _inside(person)

    # ---- a pack's form and process

    def _by_process(self, unit: Unit, process: str) -> Any:
        account = AccountForm(prefix="account-")
        spec = current.engine().start_form(process)
        if not account.is_submitted():
            return self._ask(unit, process, account, {"unit": unit.code})
        posted = steps.posted(spec, VISITOR)
        posted.data["unit"] = posted.data.get("unit") or unit.code
        problems: Mapping[str, Any] = {}
        try:
            data = steps.checked(spec, posted, {})
        except InvalidForm as error:
            problems = error.errors
        if not account.validate() or problems:
            return self._ask(unit, process, account, posted.data, problems), 422
        limits.spend("join", "10/hour")
        try:
            home = current.engine().people.unit(data.get("unit") or unit.code)
            return _inside(_checked_in(process, {**data, "unit": home.code}, account.password.data))
        except AlreadyRegistered:
            return self._ask(unit, process, account, posted.data, {"mobile": steps.Said(_taken())}), 409

    def _ask(
        self, unit: Unit, process: str, account: AccountForm, data: Mapping[str, Any], problems: Any = None
    ) -> str:
        around = forms.Surroundings({}, refresh=url_for("portal.refresh", process=process))
        spec = current.engine().start_form(process)
        form = forms.build(spec, data, around, problems) if spec else None
        key = request.form.get("_key") or steps.fresh_key()
        return self.render("signin/join_process.html", unit=unit, account=account, form=form, key=key)


def _checked_in(process: str, data: dict[str, Any], password: str) -> Person:
    """The process first, so that it compares with those known before; then the person who waits for its outcome."""
    engine = current.engine()
    name, mobile = str(data.get("name") or ""), str(data.get("mobile") or "")
    if not name or not mobile:
        raise InvalidValue(reason=f"the start form of {process} needs the fields name and mobile")
    known = engine.people.find(mobile)
    if known is not None and known.status != "left":
        raise AlreadyRegistered(what=mobile)
    engine.start(process, data, by=VISITOR, key=steps.key())
    return engine.people.register(mobile, name=name, home_unit=data["unit"], password=hash_password(password))


def _registered(form: JoinForm, code: str) -> Person:
    """The person, pending, with what our own form asked."""
    more = {"building": form.building.data, "position": form.position.data, "employer_name": form.employer.data}
    more |= {"branch_name": form.branch.data, "free_text": form.free.data, "wishes": words(form.wishes.data)}
    return current.engine().people.register(
        str(form.mobile.data),
        name=str(form.name.data).strip(),
        home_unit=code,
        password=hash_password(form.password.data),
        skills=words(form.skills.data),
        fields={key: value for key, value in more.items() if value},
    )


def _inside(person: Person) -> Any:
    """Signed in, and shown that the community will decide."""
    login_user(Account(person))
    return redirect(url_for("waiting.index"))


def _taken() -> str:
    return _("这个手机号已经登记过，请直接登录；忘记密码请找社区工作人员。")


def words(text: str | None) -> list[str]:
    """`电工，急救证` -> ['电工', '急救证']."""
    return [word for word in WORDS.split(text or "") if word]
