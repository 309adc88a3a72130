"""Registering with a community: the page behind its QR code, and the list that the community approves.

Owns the way from a visitor to a pending person. When an installed pack names a process for it (`[public] join`), that
process is started too and its tasks decide; otherwise staff decide on `/join-requests/`.
"""

from __future__ import annotations

import re
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_security import hash_password, login_user

from admin.signin.accounts import Account
from admin.signin.forms import JoinForm
from admin.widgets import current, limits, tables
from admin.widgets.view import View
from engine.errors import AlreadyRegistered, Forbidden
from engine.records import Person, Role

WORDS = re.compile(r"[,,、;;\s]+")


class JoinView(View):
    """`/join/`: choose a community; `/join/<code>`: register there; `/join/<code>/code`: its QR to hang up."""

    public = True

    @expose("/")
    def index(self) -> str:
        units = [u for u in current.engine().people.tree() if u.division and u.parent]
        return self.render("signin/join_where.html", units=units)

    @expose("/<code>", methods=["GET", "POST"])
    def register(self, code: str) -> Any:
        unit = current.engine().people.unit(code)
        form = JoinForm()
        if not form.validate_on_submit():
            return self.render("signin/join.html", form=form, unit=unit), 422 if form.is_submitted() else 200
        limits.spend("join", "10/hour")
        try:
            person = self._registered(form, code)
        except AlreadyRegistered:
            form.mobile.errors = [_("这个手机号已经登记过,请直接登录;忘记密码请找社区工作人员。")]
            return self.render("signin/join.html", form=form, unit=unit), 409
        self._check_in(person, form)
        login_user(Account(current.engine().people.get(person.login)))
        return redirect(url_for("waiting.index"))

    @expose("/<code>/code")
    def code(self, code: str) -> str:
        """The page to print and hang up."""
        unit = current.engine().people.unit(code)
        current.demand("people:read", code)
        address = (current.engine().settings.address or request.host_url.rstrip("/")) + url_for(
            "join.register", code=code
        )
        return self.render("signin/join_code.html", unit=unit, address=address)

    def _registered(self, form: JoinForm, code: str) -> Person:
        """The person, pending; a code that is not an employer's unit is kept as text."""
        more = {"building": form.building.data, "position": form.position.data, "employer_name": form.employer.data}
        more |= {"branch_name": form.branch.data, "free_text": form.free.data, "wishes": words(form.wishes.data)}
        return current.engine().people.register(
            form.mobile.data,
            name=form.name.data.strip(),
            home_unit=code,
            password=hash_password(form.password.data),
            skills=words(form.skills.data),
            fields={key: value for key, value in more.items() if value},
        )

    def _check_in(self, person: Person, form: JoinForm) -> None:
        """Start the pack's check-in with what was filled in, if a pack has one. A second try starts nothing twice."""
        process = entrance("join")
        if process:
            filled = {f.name: f.data for f in form if f.name not in ("password", "consent", "csrf_token")}
            filled |= {"skills": words(form.skills.data), "wishes": words(form.wishes.data)}
            variables = {**filled, "person": person.login, "login": person.login, "unit": person.home_unit}
            current.engine().start(process, variables, by=person.login, key=f"join:{person.id}")


class JoinRequestsView(View):
    """`/join-requests/`: who registered and waits; accept with a role, or refuse."""

    duty = "system"
    icon = "user-check"
    order = 15
    permission = "people:write"

    @expose("/")
    def index(self) -> str:
        asked = tables.asked()
        people = current.engine().people
        page = people.rows(
            by=current.me().login, status="pending", text=asked.text, limit=asked.size, offset=asked.offset
        )
        names = people.units.names([p.home_unit for p in page.rows])
        return self.render(
            "signin/join_requests.html", page=page, units=names, roles=grantable(), my_units=self._my_units()
        )

    @expose("/<login>", methods=["POST"])
    def decide(self, login: str) -> Any:
        """Accept (`role` says as what) or refuse."""
        people, me = current.engine().people, current.me()
        if request.form.get("answer") == "refuse":
            person = people.reject(login, by=me.login)
            flash(_("已退回 %(name)s 的报到。", name=person.name), "success")
            return redirect(url_for("join_requests.index"))
        role = request.form.get("role", "")
        if role and role not in {r.key for r in grantable()}:
            raise Forbidden(who=me.name, action=role)
        home = people.get(login).home_unit
        person = people.approve(login, by=me.login, posts=[(role, home)] if role else [])
        flash(_("%(name)s 已通过审核,可以开始使用。", name=person.name), "success")
        return redirect(url_for("join_requests.index"))

    def _my_units(self) -> list[Any]:
        names = current.engine().people.units.names(current.me().units)
        return [names[code] for code in current.me().units if code in names]


def entrance(name: str) -> str:
    """The process that an installed pack gives for a public entrance (`[public]` of pack.toml); '' = none."""
    return str(current.engine().entrances().get(name, ""))


def grantable() -> list[Role]:
    """Roles the person asking may hand out, least first: none that permits what they may not do themselves."""
    roles = current.engine().people.roles().values()
    mine = [r for r in roles if all(current.may(p) for p in r.permissions)]
    return sorted(mine, key=lambda r: (len(r.permissions), r.key))


def words(text: str | None) -> list[str]:
    """`电工,急救证` -> ['电工', '急救证']."""
    return [word for word in WORDS.split(text or "") if word]
