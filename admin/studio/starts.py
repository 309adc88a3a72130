"""`/starts/` and `/packs/<pack>/starts`: how each process begins and when next; the helper that writes a timetable.

Owns those pages and the one edit of a diagram they make: the timetable of a start event. Which moments come next is the
engine's answer, for what is published and for what is only drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin import i18n
from admin.studio import names, timetables
from admin.studio.timetables import Choice
from admin.widgets import current
from admin.widgets.view import View
from engine import Engine
from engine.errors import ChangedMeanwhile, InvalidFile, LinliError

MOST = 10  # moments shown


@dataclass(frozen=True, slots=True)
class Shown:
    """A way into a process as the page shows it."""

    way: Any  # engine's Way
    said: str
    starters: list[str]
    path: str = ""
    revision: int = 0


class StartsView(View):
    """How what is published begins."""

    duty = "studio"
    icon = "calendar-event"
    order = 30
    permission = "design"

    @expose("/")
    def index(self) -> str:
        """Every process."""
        shown = [_shown(way) for way in current.engine().starts()]
        return self.render("studio/starts.html", groups=_grouped(shown), pack="", unreadable=())

    @expose("/helper")
    def helper(self) -> str:
        """The choices of a timetable with the line they give and the next ten times; `line`, `calendar`: read back."""
        given = _helped(request.args)
        if request.headers.get("HX-Request"):
            return render_template("studio/timetable.html", **given)
        return self.render("studio/timetable_page.html", **given)


class PackStartsView(View):
    """How the processes of a working copy will begin."""

    permission = "design"

    @expose("/<pack>/starts")
    def index(self, pack: str) -> str:
        """Every process of the pack, as if it were published now."""
        engine, shown, unreadable = current.engine(), [], []
        for one in engine.pack_files(pack):
            if one.path.startswith("processes/"):
                content, revision = engine.pack_file(pack, one.path)
                try:
                    shown += [_shown(way, one.path, revision) for way in engine.starts_drawn(content)]
                except LinliError as problem:
                    unreadable.append((one.path, problem.text(i18n.locale())))
        return self.render("studio/starts.html", groups=_grouped(shown), pack=pack, unreadable=unreadable)

    @expose("/<pack>/starts", methods=["POST"])
    def keep(self, pack: str) -> Any:
        """Another timetable {line, calendar} for the start event `node` of `path`, of which `revision` was seen."""
        engine, form = current.engine(), request.form
        path, node, line = form.get("path", ""), form.get("node", ""), form.get("line", "")
        content, _revision = engine.pack_file(pack, path)
        fresh = engine.with_timetable(content, node, line, form.get("calendar", ""))
        try:
            engine.save_pack_file(pack, path, fresh, revision=form.get("revision", 0, int), by=current.me().login)
            flash(_("时间表已保存在工作稿里，发布后生效。"), "success")
        except ChangedMeanwhile as faster:
            flash(faster.text(i18n.locale()), "danger")
        return redirect(url_for("packstarts.index", pack=pack))


# ---- the page


def _shown(way: Any, path: str = "", revision: int = 0) -> Shown:
    roles = {
        key: role.title if i18n.locale() == "zh" else role.title_en or role.title for key, role in _roles().items()
    }
    everybody = {"*": _("所有登录的人"), "public": _("居民（不登录）")}
    starters = [everybody.get(one) or roles.get(one, one) for one in way.starters]
    return Shown(way, _said(way), starters, path, revision)


def _roles() -> Mapping[str, Any]:
    return current.engine().people.roles()


def _said(way: Any) -> str:
    return timetables.said(way.expression, way.timer, way.calendar, _now()) if way.kind == "timer" else ""


def _now() -> Any:
    return current.now().replace(tzinfo=UTC).astimezone(current.zone())


def _grouped(shown: list[Shown]) -> list[tuple[str, list[Shown]]]:
    """By process, in the reader's language."""
    found: dict[str, list[Shown]] = {}
    for one in shown:
        name = one.way.name if i18n.locale() == "zh" else one.way.name_en or one.way.name
        found.setdefault(name, []).append(one)
    return sorted(found.items())


# ---- the helper


def _helped(args: Any) -> dict[str, Any]:
    """What the helper shows: from the choices in the address, else from a line to read back, else its beginning."""
    known = timetables.words()
    if "every" in args:
        choice: Choice | None = _chosen(args)
    else:
        line = args.get("line", "")
        choice = timetables.read(line, args.get("calendar", ""), _now()) if line else Choice()
    unread = args.get("line", "") if choice is None else ""
    choice = choice or Choice()
    line, asks = timetables.write(choice), choice.every != "week" and choice.day.endswith("W")
    calendar = (choice.calendar or "working") if asks else ""
    return {
        "choice": choice,
        "known": known,
        "line": line,
        "unread": unread,
        "asks": asks,
        "calendar": calendar,
        "calendars": _calendars(current.engine()),
        "said": timetables.said(line, "cycle", calendar),
        "moments": current.engine().upcoming(line, "cycle", calendar, MOST),
    }


def _calendars(engine: Engine) -> list[tuple[str, str]]:
    rows = names.names(engine)["calendars"]
    return [(row["id"], row["title"]) for row in rows if row["id"] != "natural"]


def _chosen(args: Any) -> Choice:
    every, day = args.get("every", "week"), args.get("day", "1")
    weekdays = tuple(sorted({int(one) for one in args.getlist("weekdays") if one in tuple("1234567")}))
    month, at = args.get("month", "1"), args.get("at", "09:00")
    if (
        every not in timetables.EVERY
        or day not in dict(timetables.words().days)
        or not (month.isdecimal() and 1 <= int(month) <= 12)
        or timetables.read(f"0 {at[3:5]} {at[:2]} * * *") is None
    ):
        raise InvalidFile(name="timetable", reason=f"{every} {day} {month} {at}")
    return Choice(every, weekdays or (1,), day, int(month), at[:5], args.get("calendar", ""))
