"""`/desk/`: what is mine, what I may claim, what my colleagues have, what I have done, started, or was copied.

Owns the lists, their search, filters, order and counts, and the filters that a person keeps. Rows are scoped by the
engine (`assignee`, `candidate`, `by`), never here; what is done with several rows at once is `bulk`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin.desk import bulk
from admin.widgets import current, lookups, names, steps, tables
from admin.widgets.view import View
from engine.records import Page, SavedList

TABS = ("mine", "claim", "cover", "team", "done", "started", "copied")
OPEN = ("mine", "claim", "cover", "team")
BADGE, TAB = 100, 1000  # counted no further: "99+", "999+"
ORDERS = {"due": "due_at", "new": "-created_at", "priority": "-priority"}
NOBODY = "-"  # as a holder: nobody has it yet
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the desk: `count` None where a figure would say nothing (what is long done)."""

    key: str
    title: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: a tab, a slice of it, words, an order and filters."""

    tab: str
    part: tables.Slice
    sort: str = "due"
    unit: str = ""
    process: str = ""
    who: str = ""  # of the team: whose tasks; NOBODY = free ones
    late: bool = False

    @property
    def filtered(self) -> bool:
        """Whether a filter beside the search is set."""
        return bool(self.unit or self.process or self.who or self.late)

    def query(self) -> str:
        """The same as the question of an address, without what is usual: what is kept of a list."""
        pairs = {"tab": self.tab, "q": self.part.text, "sort": self.sort if self.sort != "due" else ""}
        pairs |= {"unit": self.unit, "process": self.process, "who": self.who, "late": "1" if self.late else ""}
        return urlencode({name: value for name, value in pairs.items() if value})

    def wanted(self) -> dict[str, Any]:
        """The filters as `work_items` takes them."""
        late = {"overdue": True} if self.late and self.tab in OPEN else {}
        who = {"assignee": "" if self.who == NOBODY else self.who} if self.who and self.tab == "team" else {}
        given = {"unit": self.unit, "process": self.process, "text": self.part.text}
        return {**{name: value for name, value in given.items() if value}, **late, **who}


def asked() -> Asked:
    """This request's question; what is not known is left out."""
    args = request.args
    tab, sort = args.get("tab", ""), args.get("sort", "")
    return Asked(
        tab if tab in TABS else "mine",
        tables.asked(),
        sort if sort in ORDERS else "due",
        args.get("unit", "")[:60],
        args.get("process", "")[:120],
        args.get("who", "")[:60],
        args.get("late") == "1",
    )


class DeskView(View):
    """The first page after signing in."""

    duty = "desk"
    icon = "inbox"
    order = 0
    badge_endpoint = "desk.count"

    @expose("/")
    def index(self) -> str:
        """One tab's list, a slice of it."""
        one = asked()
        page = started(one) if one.tab == "started" else items(one)
        names.units(row.unit for row in page.rows)
        shown = {"asked": one, "tab": one.tab, "page": page, "key": steps.fresh_key(), "q": one.part.text}
        if request.headers.get("HX-Target") == "desk-list":
            return self.render("desk/rows.html", **shown)
        mine = current.engine().saved_lists(current.me().login)
        around = {"tabs": tabs(one, page), "kept": mine, "here": _here(mine, one), "shares": shares(one)}
        units = lookups.options(lookups.units(), one.unit)
        return self.render("desk/board.html", **shown, **around, units=units, processes=processes())

    @expose("/count")
    def count(self) -> str:
        """The menu badge: open tasks that are mine."""
        return render_template("desk/count.html", count=current.engine().count_items(**which("mine"), most=BADGE))

    @expose("/tabs")
    def tabs(self) -> str:
        """The tabs with fresh counts."""
        one = asked()
        return render_template("desk/tabs.html", tabs=tabs(one), tab=one.tab)

    @expose("/bulk", methods=("POST",))
    def bulk(self) -> Any:
        """Claim, transfer or complete the tasks that are ticked; each is a command of its own."""
        told = bulk.run(request.form.get("act", ""), request.form.getlist("item"), request.form)
        for words, colour in told:
            flash(words, colour)
        return redirect(url_for("desk.index") + "?" + _kept(request.form.get("query", "")))

    @expose("/lists", methods=("POST",))
    def keep(self) -> Any:
        """Keep the filters shown under a name."""
        name, query = request.form.get("name", "").strip()[:LONGEST_NAME], _kept(request.form.get("query", ""))
        if name:
            current.engine().save_list(current.me().login, name, query)
            flash(_("筛选“%(name)s”已保存。", name=name), "success")
        return redirect(url_for("desk.index") + "?" + query)

    @expose("/lists/<int:key>/drop", methods=("POST",))
    def drop(self, key: int) -> Any:
        """Forget one of my lists."""
        current.engine().drop_list(current.me().login, key)
        return redirect(url_for("desk.index"))


def _kept(query: str) -> str:
    """A question from outside as an address may carry it: names that are ours, nothing else."""
    known = ("tab", "q", "sort", "unit", "process", "who", "late")
    pairs = parse_qsl(query[:2000], max_num_fields=20) if query else []
    return urlencode({name: value[:120] for name, value in pairs if name in known})


def _here(kept: list[SavedList], one: Asked) -> int:
    """The list of mine that is shown now; 0 = none."""
    return next((each.id for each in kept if each.query == one.query()), 0)


def which(tab: str) -> dict[str, Any]:
    """The arguments of `work_items` for a tab of tasks."""
    login = current.me().login
    asked: dict[str, dict[str, Any]] = {
        "mine": {"assignee": login, "status": "open"},
        "claim": {"candidate": login, "status": "open"},
        "cover": {"standing_in": login, "status": "open"},
        "team": {"by": login, "status": "open"},
        "done": {"ended_by": login, "status": "completed"},
        "copied": {"watcher": login, "status": None},
    }
    return asked[tab]


def tabs(one: Asked, shown: Page[Any] | None = None) -> list[Tab]:
    """The tabs and how much waits in each; what is `shown` is counted already, unless a search cut it. That of absent
    colleagues is there when it holds anything."""
    titles = {
        "mine": _("待我办理"),
        "claim": _("可认领"),
        "cover": _("代人办理"),
        "team": _("同事在办"),
        "done": _("我办结的"),
        "started": _("我发起的"),
        "copied": _("抄送我的"),
    }
    known = {one.tab: shown.total} if shown is not None and not one.filtered and not one.part.text else {}
    count = current.engine().count_items
    waits = {tab: known[tab] if tab in known else count(**which(tab), most=TAB) for tab in ("mine", "claim", "cover")}
    return [Tab(key, titles[key], waits.get(key)) for key in TABS if key != "cover" or waits[key] or one.tab == key]


def items(one: Asked) -> Page[Any]:
    """A slice of a tab of tasks."""
    order = {"done": "-ended_at", "copied": "-created_at"}.get(one.tab, ORDERS[one.sort])
    wanted = {**which(one.tab), **one.wanted()}
    page: Page[Any] = current.engine().item_page(**wanted, order=order, limit=one.part.size, offset=one.part.offset)
    names.people(row.assignee for row in page.rows if row.assignee)
    return page


def started(one: Asked) -> Page[Any]:
    """A slice of the cases I started."""
    login, part = current.me().login, one.part
    more = {name: value for name, value in (("unit", one.unit), ("process", one.process)) if value}
    return current.engine().instances(
        started_by=login, by=login, text=part.text, limit=part.size, offset=part.offset, **more
    )


def shares(one: Asked) -> list[Any]:
    """Who of the team has how much; none on another tab."""
    if one.tab != "team":
        return []
    wanted = {name: value for name, value in one.wanted().items() if name in ("unit", "process")}
    found = current.engine().items_by_person(by=current.me().login, **wanted)
    names.people(share.login for share in found if share.login)
    return found


def processes() -> list[tuple[str, str]]:
    """(key, name) of the processes deployed, by name."""
    found = current.engine().definitions("process")
    return sorted(((d.key, names.pick(d.name, d.name_en) or d.key) for d in found), key=lambda pair: pair[1])
