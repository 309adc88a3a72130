"""`/roles/`: roles and what each permits, changed in the browser over what packs say.

Owns the list and the form. Rules, the record and who may are the engine's (`people.edited`).
"""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin.widgets import current, names
from admin.widgets.permissions import ACTIONS, PRODUCT
from admin.widgets.view import View
from engine.errors import LinliError, NotFound
from engine.records import Role


class RolesView(View):
    """Roles."""

    duty = "system"
    icon = "lock"
    order = 75
    permission = "admin"

    def is_accessible(self) -> bool:
        who = current.me()
        return who.approved and current.engine().people.may_everywhere(who.login, self.permission)

    @expose("/")
    def index(self) -> str:
        """All roles, and how many hold each."""
        people = current.engine().people
        roles = sorted(people.roles().values(), key=lambda role: role.key)
        held = {role.key: len({one for found in people.holders(role.key).values() for one in found}) for role in roles}
        return self.render("people/roles.html", roles=roles, held=held)

    @expose("/new", methods=("GET", "POST"))
    def new(self) -> Any:
        """A role of the installation's own."""
        return self._form(None)

    @expose("/<key>/", methods=("GET", "POST"))
    def edit(self, key: str) -> Any:
        """What a role permits."""
        role = current.engine().people.roles().get(key)
        if role is None:
            raise NotFound(what=_("岗位"), id=key)
        return self._form(role)

    @expose("/<key>/reset", methods=("POST",))
    def reset(self, key: str) -> Any:
        """Back to what the pack says."""
        current.engine().people.edited.reset(key, by=current.me().login)
        flash(_("已恢复为出厂设置。"), "success")
        return redirect(url_for("roles.index"))

    def _form(self, role: Role | None) -> Any:
        status, asked = 200, request.form
        if request.method == "POST":
            try:
                return self._saved(role)
            except LinliError as problem:
                flash(problem.text(current.me().locale), "danger")
                status = problem.status
        chosen = set(asked.getlist("permission")) if request.method == "POST" else set(role.permissions if role else ())
        page = self.render(
            "people/role.html",
            role=role,
            chosen=chosen,
            product=PRODUCT,
            actions=ACTIONS,
            registers=register_titles(),
            pages=page_titles(),
            others=sorted(chosen - _offered()),
            title=asked.get("title", role.title if role else ""),
            title_en=asked.get("title_en", role.title_en if role else ""),
        )
        return page, status

    def _saved(self, role: Role | None) -> Any:
        given, people = request.form, current.engine().people
        key = role.key if role else given.get("key", "").strip()
        wanted = given.getlist("permission")
        saved = people.edited.put(
            key, given.get("title", "").strip(), given.get("title_en", "").strip(), wanted, by=current.me().login
        )
        flash(_("“%(title)s”已保存，立即生效。", title=names.role(saved.key)), "success")
        return redirect(url_for("roles.index"))


def _offered() -> set[str]:
    """Permissions that have a box of their own; the others (with `*`) are listed as they are written."""
    rows = {f"register:{name}:{action}" for name, _title in register_titles() for action, _words in ACTIONS}
    return {key for key, *_words in PRODUCT} | rows | {f"page:{name}" for name, _title in page_titles()}


def register_titles() -> list[tuple[str, str]]:
    """(name, title) of every register."""
    return [(one.name, one.title.text(current.me().locale)) for one in current.engine().registers()]


def page_titles() -> list[tuple[str, str]]:
    """(name, title) of every page of a pack that asks for a permission."""
    found = [page for page in current.engine().pages() if not page.public]
    return [(page.name, page.title.text(current.me().locale)) for page in found]
