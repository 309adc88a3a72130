"""`/join-requests/`: who registered and waits; the community accepts, with a role, or refuses.

Owns the list and the decision. Nobody hands out a role that permits what they may not do themselves.
"""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin.widgets import current, tables
from admin.widgets.view import View
from engine.errors import Forbidden
from engine.records import Role, Unit


class JoinRequestsView(View):
    """The list of pending people of the communities this person is in charge of."""

    duty = "system"
    icon = "user-check"
    order = 15
    permission = "people:write"

    @expose("/")
    def index(self) -> str:
        asked, people = tables.asked(), current.engine().people
        me = current.me()
        page = people.rows(by=me.login, status="pending", text=asked.text, limit=asked.size, offset=asked.offset)
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
        flash(_("%(name)s 已通过审核，可以开始使用。", name=person.name), "success")
        return redirect(url_for("join_requests.index"))

    def _my_units(self) -> list[Unit]:
        names = current.engine().people.units.names(current.me().units)
        return [names[code] for code in current.me().units if code in names]


def grantable() -> list[Role]:
    """Roles the person asking may hand out, least first: none that permits what they may not do themselves."""
    roles = current.engine().people.roles().values()
    mine = [r for r in roles if all(current.may(p) for p in r.permissions)]
    return sorted(mine, key=lambda r: (len(r.permissions), r.key))
