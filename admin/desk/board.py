"""`/desk/`: what is mine, what I may claim, what I have done, what I started.

Owns the lists, their search, order and counts. Rows are scoped by the engine (`assignee`, `candidate`, `by`),
never here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask_admin import expose
from flask_babel import gettext as _

from admin.widgets import current, names, tables
from admin.widgets.view import View
from engine.records import Page

TABS = ("mine", "claim", "done", "started")
BADGE, TAB = 100, 1000  # counted no further: "99+", "999+"
ORDERS = {"due": "due_at", "new": "-created_at", "priority": "-priority"}


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the desk: `count` None where a figure would say nothing (what is long done)."""

    key: str
    title: str
    count: int | None


class DeskView(View):
    """The first page after signing in."""

    duty = "desk"
    icon = "inbox"
    order = 0
    badge_endpoint = "desk.count"

    @expose("/")
    def index(self) -> str:
        """One tab's list, a slice of it."""
        tab = request.args.get("tab", "")
        tab = tab if tab in TABS else "mine"
        asked = tables.asked()
        order = request.args.get("sort", "due")
        order = order if order in ORDERS else "due"
        page = started(asked) if tab == "started" else items(tab, asked, ORDERS[order])
        names.units(row.unit for row in page.rows)
        template = "desk/rows.html" if request.headers.get("HX-Target") == "desk-list" else "desk/board.html"
        return self.render(template, tab=tab, tabs=tabs(), page=page, sort=order, q=asked.text)

    @expose("/count")
    def count(self) -> str:
        """The menu badge: open tasks that are mine."""
        return render_template("desk/count.html", count=current.engine().count_items(**which("mine"), most=BADGE))

    @expose("/tabs")
    def tabs(self) -> str:
        """The tabs with fresh counts."""
        return render_template("desk/tabs.html", tabs=tabs(), tab=request.args.get("tab", "mine"))


def which(tab: str) -> dict[str, Any]:
    """The arguments of `work_items` for a tab of tasks."""
    login = current.me().login
    return {
        "mine": {"assignee": login, "status": "open"},
        "claim": {"candidate": login, "status": "open"},
        "done": {"ended_by": login, "status": "completed"},
    }[tab]


def tabs() -> list[Tab]:
    """The tabs and how much waits in each."""
    engine = current.engine()
    return [
        Tab("mine", _("待我办理"), engine.count_items(**which("mine"), most=TAB)),
        Tab("claim", _("可认领"), engine.count_items(**which("claim"), most=TAB)),
        Tab("done", _("我办结的"), None),
        Tab("started", _("我发起的"), None),
    ]


def items(tab: str, asked: tables.Slice, order: str) -> Page[Any]:
    """A slice of a tab of tasks."""
    order = "-ended_at" if tab == "done" else order
    return current.engine().item_page(**which(tab), text=asked.text, order=order, limit=asked.size, offset=asked.offset)


def started(asked: tables.Slice) -> Page[Any]:
    """A slice of the cases I started."""
    login = current.me().login
    return current.engine().instances(
        started_by=login, by=login, text=asked.text, limit=asked.size, offset=asked.offset
    )
