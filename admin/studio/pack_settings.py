"""`/packs/<pack>/settings`: a pack's name, two-person approval, roles and working hours as forms.

Owns these pages. Each form changes its own part of pack.toml and leaves the rest of the text as it is; the rest is
edited as text. A form that was opened before somebody else's change is refused, and keeps what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin import i18n
from admin.studio.keys import proposed
from admin.widgets import current, names
from admin.widgets.permissions import ACTIONS, PRODUCT
from admin.widgets.view import View
from engine import calendars, packs
from engine.errors import InvalidFile, InvalidValue, LinliError, Said

FILE = "pack.toml"
ROWS = 4  # of working hours in the form
Change = Callable[[bytes], bytes]


class SettingsView(View):
    """A pack's settings."""

    permission = "design"

    @expose("/<pack>/settings", methods=["GET"])
    def index(self, pack: str) -> Any:
        """Name, approval, the lists of roles and calendars; a pack.toml that is no TOML is mended as text."""
        try:
            return self._index(pack)
        except InvalidFile as broken:
            flash(broken.text(i18n.locale()), "danger")
            return redirect(url_for("workspace.edit", pack=pack, path=FILE))

    @expose("/<pack>/settings", methods=["POST"])
    def entitle(self, pack: str) -> Any:
        """The name and whether a second person approves."""
        asked = {key: request.form.get(key, "").strip() for key in ("title", "title_en")}
        approval = request.form.get("approval") == "yes"
        if not asked["title"]:
            return self._index(pack, _("请填写名称。"), asked), 400

        def change(content: bytes) -> bytes:
            titles = {"zh": asked["title"], "en": asked["title_en"] or asked["title"]}
            before = packs.settings_of({FILE: content})
            changed = packs.with_table(content, ("title",), titles)
            same = before.get("approval", False) == approval
            return changed if same else packs.with_setting(changed, "approval", approval)

        if refused := _saved(pack, change):
            return self._index(pack, refused.text(i18n.locale()), asked), refused.status
        return self._done(pack)

    def _index(self, pack: str, refused: str = "", asked: Mapping[str, str] | None = None) -> str:
        settings, revision = _settings(pack)
        title = settings.get("title", {})
        shown = asked or {"title": title.get("zh", ""), "title_en": title.get("en", "")}
        words = {key: text for key, text, _hint in PRODUCT}
        return self.render(
            "studio/settings.html",
            space=current.engine().workspace(pack),
            given=settings,
            revision=revision,
            shown=shown,
            words=words,
            refused=refused,
        )

    # ---- roles

    @expose("/<pack>/settings/roles/new", methods=["GET", "POST"])
    def new_role(self, pack: str) -> Any:
        """A role that the pack adds."""
        return self._role(pack, "")

    @expose("/<pack>/settings/role/<key>", methods=["GET", "POST"])
    def role(self, pack: str, key: str) -> Any:
        """What a role is called and permits."""
        if key not in _settings(pack)[0].get("roles", {}):
            abort(404)
        return self._role(pack, key)

    def _role(self, pack: str, key: str) -> Any:
        settings, revision = _settings(pack)
        roles = settings.get("roles", {})
        held, posted, refused, status = roles.get(key, {}), request.form, "", 200
        title = names_of(held)
        asked: dict[str, Any] = {
            "title": title[0],
            "title_en": title[1],
            "permission": list(held.get("permissions", ())),
        }
        if request.method == "POST":
            asked = {name: posted.get(name, "").strip() for name in ("title", "title_en")}
            asked["permission"] = posted.getlist("permission")
            name = key or proposed(asked["title"], {*roles, *current.engine().people.roles()}, "role", "_")
            given = {"title": _titled(asked), "permissions": asked["permission"]}
            problem = _untitled(asked) or _saved(pack, lambda text: packs.with_table(text, ("roles", name), given))
            if problem is None:
                return self._done(pack)
            refused, status = problem.text(i18n.locale()), problem.status
        page = self.render("studio/settings_role.html", **_page(pack, key, revision, asked, refused), **_offered(pack))
        return page, status

    # ---- working hours

    @expose("/<pack>/settings/calendars/new", methods=["GET", "POST"])
    def new_calendar(self, pack: str) -> Any:
        """Working hours that the pack adds."""
        return self._calendar(pack, "")

    @expose("/<pack>/settings/calendar/<key>", methods=["GET", "POST"])
    def calendar(self, pack: str, key: str) -> Any:
        """When time counts."""
        if key not in _settings(pack)[0].get("calendars", {}):
            abort(404)
        return self._calendar(pack, key)

    def _calendar(self, pack: str, key: str) -> Any:
        settings, revision = _settings(pack)
        all_, refused, status = settings.get("calendars", {}), "", 200
        held = all_.get(key, {"holidays": True, "hours": [["1-5", "09:00", "17:00"]]})
        title = names_of(held)
        asked = {"title": title[0], "title_en": title[1], "holidays": held.get("holidays", True), "rows": _rows(held)}
        if request.method == "POST":
            asked = {name: request.form.get(name, "").strip() for name in ("title", "title_en")}
            asked |= {"holidays": request.form.get("holidays") == "yes", "rows": _posted_rows()}
            name = key or proposed(asked["title"], {*all_, "natural", "working"}, "hours", "_")
            hours = [[_days(days), opening, closing] for days, opening, closing in asked["rows"] if days]
            given = {**held, "title": _titled(asked), "holidays": asked["holidays"], "hours": hours}
            if refused := _wrong(asked["title"], hours):
                status = 400
            elif problem := _saved(pack, lambda content: packs.with_table(content, ("calendars", name), given)):
                refused, status = problem.text(i18n.locale()), problem.status
            else:
                return self._done(pack)
        asked["rows"] = [*asked["rows"], *[((), "", "")] * (ROWS - len(asked["rows"]))]
        return self.render("studio/settings_calendar.html", **_page(pack, key, revision, asked, refused)), status

    @expose("/<pack>/settings/<table>/<key>/remove", methods=["POST"])
    def remove(self, pack: str, table: str, key: str) -> Any:
        """Take a role or a calendar out."""
        if table not in ("roles", "calendars"):
            abort(404)
        if problem := _saved(pack, lambda content: packs.with_table(content, (table, key), None)):
            raise problem
        return self._done(pack)

    def _done(self, pack: str) -> Any:
        flash(_("包设置已存入工作稿，发布后生效。"), "success")
        return redirect(url_for("packsettings.index", pack=pack))


def _settings(pack: str) -> tuple[dict[str, Any], int]:
    """pack.toml of the working copy and its revision. InvalidFile while it is half written as text."""
    content, revision = current.engine().pack_file(pack, FILE)
    return packs.settings_of({FILE: content}), revision


def _saved(pack: str, change: Change) -> LinliError | None:
    """Keep a change of pack.toml that began with the form's revision; why not, when it was refused."""
    engine = current.engine()
    try:
        content, _revision = engine.pack_file(pack, FILE)
        revision = request.form.get("revision", 0, type=int)
        engine.save_pack_file(pack, FILE, change(content), revision=revision, by=current.me().login)
    except LinliError as refused:
        return refused
    return None


def _untitled(asked: Mapping[str, Any]) -> LinliError | None:
    return None if asked["title"] else InvalidValue(reason=Said("请填写名称", "it needs a name"))


def _page(pack: str, key: str, revision: int, asked: Mapping[str, Any], refused: str) -> dict[str, Any]:
    revision = request.form.get("revision", revision, type=int)  # of a form that was refused: what it began with
    space = current.engine().workspace(pack)
    return {"space": space, "key": key, "revision": revision, "asked": asked, "refused": refused}


def names_of(one: Mapping[str, Any]) -> tuple[str, str]:
    """The two titles of a role or calendar."""
    title = one.get("title", {})
    return (title, "") if isinstance(title, str) else (title.get("zh", ""), title.get("en", ""))


def _titled(asked: Mapping[str, Any]) -> dict[str, str]:
    return {"zh": asked["title"], "en": asked["title_en"] or asked["title"]}


def _offered(pack: str) -> dict[str, Any]:
    """Permissions that have a box: the product's, and those of registers and pages of this pack and of all others."""
    engine, locale = current.engine(), i18n.locale()
    registers = {one.name: one.title.text(locale) for one in engine.registers()}
    pages = {one.name: one.title.text(locale) for one in engine.pages() if not one.public}
    for piece in engine.pack_pieces(pack):
        if piece.kind in ("register", "page"):
            (registers if piece.kind == "register" else pages)[piece.key] = names.pick(piece.name, piece.name_en)
    boxes = {f"register:{name}:{action}" for name in ("*", *registers) for action, _words in ACTIONS}
    boxes |= {f"page:{name}" for name in ("*", *pages)} | {key for key, *_words in PRODUCT}
    return {"product": PRODUCT, "actions": ACTIONS, "registers": registers, "pages": pages, "boxes": boxes}


# ---- hours: [["1-5", "08:30", "12:00"], ...] as rows of weekdays


Row = tuple[tuple[int, ...], str, str]


def _rows(calendar: Mapping[str, Any]) -> list[Row]:
    """Working hours by opening and closing time. Rows that nobody can read are left to the text editor."""
    found: dict[tuple[str, str], list[int]] = {}
    for weekday, opening, closing in calendars.hours(calendar.get("hours", ())):
        found.setdefault((opening, closing), []).append(weekday)
    return [(tuple(days), opening, closing) for (opening, closing), days in found.items()]


def _posted_rows() -> list[Row]:
    rows = []
    for number in range(max(ROWS, 12)):
        days = tuple(sorted({int(day) for day in request.form.getlist(f"days{number}") if day in "1234567" and day}))
        rows.append((days, request.form.get(f"from{number}", ""), request.form.get(f"to{number}", "")))
    return [row for row in rows if any(row)]


def _days(days: tuple[int, ...]) -> str:
    """1,2,3,4,5 -> 1-5."""
    whole = len(days) > 2 and days[-1] - days[0] == len(days) - 1
    return f"{days[0]}-{days[-1]}" if whole else ",".join(map(str, days))


def _wrong(title: str, hours: list[list[str]]) -> str:
    """What is wrong with working hours, '' when nothing is."""
    if not title:
        return _("请填写名称。")
    if not hours or not all(opening and closing for _days_, opening, closing in hours):
        return _("请至少勾选一个星期几，并填写起止时间。")
    try:
        calendars.Rules(hours=calendars.hours(hours))
    except ValueError:
        return _("起止时间不对：结束要晚于开始，同一天的两段不能重叠。")
    return ""
