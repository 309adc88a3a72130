"""`/hand-over/<login>/`: what somebody has, and to whom it all goes when they leave or change.

Owns this page. The order of the moves, and that they are on record, is the engine's.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin.people import guard
from admin.people.forms import HandOverForm
from admin.widgets import current, lookups
from admin.widgets.view import View
from engine.errors import LinliError, NotFound
from engine.records import Person, Post

SHOWN = 50  # tasks of each kind


class HandOverView(View):
    """Handing over."""

    permission = "people:write"

    @expose("/<login>/", methods=("GET", "POST"))
    def index(self, login: str) -> Any:
        """What there is; then who gets it."""
        person = current.engine().people.records([login]).get(login)
        if person is None:
            raise NotFound(what=_("人员"), id=login)
        guard.must_change(person)
        form = HandOverForm()
        if not form.validate_on_submit():
            return self._page(person, form), 422 if form.is_submitted() else 200
        to = lookups.called(form.to.data or "")
        if not to or to == login:
            form.to.errors = [_("找不到这个人，或有几个人同名") if not to else _("不能交给自己")]
            return self._page(person, form), 422
        return self._hand_over(person, to, form)

    def _hand_over(self, person: Person, to: str, form: HandOverForm) -> Any:
        posts, leaves = bool(form.posts.data), bool(form.leaves.data)
        if posts:
            guard.must_keep_posts(_unended(person.login), [])  # giving them to another asks the same
        by, reason = current.me().login, (form.reason.data or "").strip()
        try:
            count = current.engine().hand_over(person.login, to, by=by, reason=reason, posts=posts, leaves=leaves)
        except LinliError as problem:
            flash(problem.text(current.me().locale), "danger")
            return self._page(person, form), problem.status
        current_app.logger.info("%s handed over what %s had to %s", by, person.login, to)
        name = current.engine().people.names([to]).get(to, to)
        flash(_("%(n)d 项任务已移交给%(to)s。", n=count, to=name), "success")
        return redirect(url_for("people.person", login=person.login))

    def _page(self, person: Person, form: HandOverForm) -> str:
        engine = current.engine()
        mine = engine.work_items(assignee=person.login, limit=SHOWN)
        return self.render(
            "people/hand_over.html",
            person=person,
            form=form,
            items=mine,
            total=engine.count_items(assignee=person.login),
            offered=engine.count_items(candidate=person.login),
            posts=_unended(person.login),
            substitutes=engine.people.substitutes.rows(person.login),
        )


def _unended(login: str) -> list[Post]:
    people = current.engine().people
    return [p for p in people.posts(login, history=True) if p.until is None or p.until >= people.today()]
