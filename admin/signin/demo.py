"""The demo's shortcuts: a button for each role on the sign-in page, and a button that moves the clock.

Owns nothing outside the demo: with `settings.demo` off these addresses do not exist, and only people marked as samples
can be entered this way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import flash, g, redirect, request
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_security import login_user

from admin import i18n
from admin.signin.accounts import Account
from admin.widgets import current
from admin.widgets.view import View, back
from engine.errors import Forbidden
from engine.records import Person

STEPS = {"15m": timedelta(minutes=15), "1h": timedelta(hours=1), "1d": timedelta(days=1), "7d": timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Button:
    """One role to try: whose shoes, and what waits there."""

    login: str
    name: str
    role: str
    unit: str
    mine: int
    open: int


def roles() -> list[Button]:
    """One sample person for each role, whoever has most waiting (tasks, then news); [] outside the demo."""
    engine = current.engine()
    if not engine.settings.demo:
        return []
    samples = [p for p in engine.people.rows(status="active", limit=500).rows if p.sample]
    units = engine.people.units.names({post.unit for p in samples for post in p.posts})
    buttons = []
    for key, role in engine.people.roles().items():
        holders = [(p, post.unit) for p in samples for post in p.posts if post.role == key]
        if holders:
            person, code = max(holders, key=lambda one: _waiting(one[0]))
            where = units[code].text(i18n.locale()) if code in units else ""
            buttons.append(Button(person.login, person.name, role.text(i18n.locale()), where, *_counts(person)))
    return buttons


def _waiting(person: Person) -> tuple[int, int]:
    """What ranks a person of a role: open tasks of theirs or to claim, then unread notices."""
    news: dict[str, int] = g.setdefault("demo_news", {})
    if person.login not in news:
        news[person.login] = len(current.engine().notices(person.login, unread=True))
    return sum(_counts(person)), news[person.login]


def _counts(person: Person) -> tuple[int, int]:
    """How much is theirs to do, and to claim; counted once a request."""
    known: dict[str, tuple[int, int]] = g.setdefault("demo_counts", {})
    if person.login not in known:
        engine = current.engine()
        mine = engine.count_items(assignee=person.login, status="open")
        known[person.login] = mine, engine.count_items(candidate=person.login, status="open")
    return known[person.login]


class DemoView(View):
    """`/demo/…`: only mounted in the demo."""

    public = True

    @expose("/")
    def index(self) -> Any:
        return redirect("/sign-in")

    @expose("/enter", methods=["POST"])
    def enter(self) -> Any:
        """Sign in as a sample person."""
        person = current.engine().people.get(request.form.get("login", ""))
        if not person.sample or person.status != "active":
            raise Forbidden(who=person.login, action="demo")
        login_user(Account(person))
        return back("/")

    @expose("/advance", methods=["POST"])
    def advance(self) -> Any:
        """Move the clock on and let what is due happen."""
        engine, step = current.engine(), STEPS.get(request.form.get("by", ""))
        if step is None or not hasattr(engine.clock, "advance"):
            raise Forbidden(who=current.me().login, action="clock")
        engine.clock.advance(step)
        done = engine.run_due()
        flash(_("时钟已拨快，处理了 %(n)d 个到期事项。", n=done), "success")
        return back("/")


def views() -> list[BaseView]:
    """The demo's screens."""
    return [DemoView(name="demo", endpoint="demo", url="/demo")]
