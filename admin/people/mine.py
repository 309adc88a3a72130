"""`/me/`: one's own record, kept up by oneself: what one can do, when one is free, where one works.

Owns these changes to oneself and nobody else. Sign-in, language and channels are the account's page.
"""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin.people import abilities
from admin.people.forms import MineForm, choices
from admin.widgets import current, lookups
from admin.widgets.view import View
from engine.records import Person


class MineView(View):
    """My record."""

    duty = "desk"
    icon = "id-badge"
    order = 90

    @expose("/")
    def index(self) -> str:
        """What is known of me, and the forms to change it."""
        return self._page(_with_units(MineForm(obj=_me())))

    @expose("/", methods=("POST",))
    def save(self) -> Any:
        """Keep where I work and how mail reaches me."""
        form = _with_units(MineForm())
        if not form.validate_on_submit():
            return self._page(form), 422
        email, employer = (form.email.data or "").strip(), form.employer.data or ""
        if employer:
            current.engine().people.unit(employer)
        current.engine().people.put(current.me().login, email=email, employer=employer)
        flash(_("已保存。"), "success")
        return redirect(url_for("me.index"))

    @expose("/add/<what>", methods=("POST",))
    def add(self, what: str) -> Any:
        """Add a skill or a free time."""
        abilities.add(_me(), what)
        return redirect(url_for("me.index"))

    @expose("/remove/<what>/<int:place>", methods=("POST",))
    def remove(self, what: str, place: int) -> Any:
        """Take one out; `place` counts from 0."""
        abilities.remove(_me(), what, place)
        return redirect(url_for("me.index"))

    def _page(self, form: MineForm) -> str:
        return self.render(
            "people/mine.html",
            person=_me(),
            form=form,
            today=current.engine().people.today(),
            abilities=abilities.forms(),
            add=lambda what: url_for("me.add", what=what),
            place=lambda what, place: url_for("me.remove", what=what, place=place),
        )


def _me() -> Person:
    return current.engine().people.get(current.me().login)


def _with_units(form: MineForm) -> MineForm:
    form.employer.choices = choices([("", "—"), *lookups.units()])
    return form
