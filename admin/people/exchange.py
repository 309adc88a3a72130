"""`/people-tables/`: units, people and posts out to a workbook, and in from one: shown line by line before it is
written.

Owns headings, the preview and the file between preview and writing. What a line would do, and that all is written or
nothing, is the engine's; nobody gives by a file what they could not give by hand (`guard`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin import i18n
from admin.people import guard
from admin.widgets import current, names, sheets
from admin.widgets.view import View
from engine.errors import Forbidden, InvalidFile, LinliError, NotFound
from engine.people import importing
from engine.people.importing import COLUMNS, NEEDED, REFUSED, UNCHANGED, Line, Preview
from engine.records import Person, Post, Unit

MOST_BYTES = 20 << 20
SHOWN = 200  # lines of a preview
BATCH = 400
TITLES: dict[str, tuple[str, str]] = {
    "units": ("单位", "Units"),
    "people": ("人员", "People"),
    "posts": ("岗位", "Posts"),
}
HEADINGS: dict[str, tuple[str, str]] = {
    "code": ("编码", "Code"),
    "name": ("名称", "Name"),
    "name_en": ("英文名称", "Name in English"),
    "kind": ("类型", "Kind"),
    "parent": ("上级编码", "Code above"),
    "division": ("区划代码", "Division code"),
    "calendar": ("工作日历", "Calendar"),
    "valid_from": ("生效日", "Valid from"),
    "valid_to": ("失效日", "Valid to"),
    "login": ("登录名", "Sign-in name"),
    "mobile": ("手机号", "Mobile number"),
    "email": ("邮箱", "E-mail"),
    "status": ("状态", "State"),
    "home_unit": ("报到社区", "Home community"),
    "employer": ("工作单位", "Employer"),
    "branch": ("所在支部", "Branch"),
    "skills": ("特长", "Skills"),
    "role": ("岗位", "Post"),
    "unit": ("单位", "Unit"),
    "since": ("自", "From"),
    "until": ("至", "To"),
}
PERSONAL = ("姓名", "Name")  # what a unit's name is called of a person
VERDICTS: dict[str, tuple[Any, str]] = {
    importing.NEW: (_l("新增"), "green"),
    importing.CHANGED: (_l("修改"), "blue"),
    importing.ENDED: (_l("结束"), "orange"),
    UNCHANGED: (_l("不变"), ""),
    REFUSED: (_l("有误"), "red"),
}


class TablesView(View):
    """Import and export."""

    permission = "people:write"

    @expose("/")
    def index(self) -> str:
        """Ask for a file, offer one."""
        return self.render("people/tables.html", plan=None, headings=_headings_told())

    @expose("/export")
    def export(self) -> Any:
        """Everything one may change, as a workbook that can be imported again."""
        current_app.logger.info("%s exported units, people and posts", current.me().login)
        return _saved(_l("人员与组织"), {"units": _units(), "people": _people(), "posts": _posts()})

    @expose("/template")
    def template(self) -> Any:
        """The headings alone."""
        return _saved(_l("人员与组织模板"), dict.fromkeys(TITLES, iter(())))

    @expose("/preview", methods=("POST",))
    def preview(self) -> Any:
        """What the file would change; nothing is written."""
        upload = request.files.get("file")
        content = upload.stream.read(MOST_BYTES + 1) if upload else b""
        if upload is None or not content or len(content) > MOST_BYTES:
            flash(_("请选择一个不超过 20 MB 的 xlsx 文件。"), "danger")
            return redirect(url_for("people_tables.index"))
        name = upload.filename or "file"
        plan, unknown = _read(name, content)
        upload.stream.seek(0)
        stored = current.engine().attach(name, sheets.XLSX, upload.stream, by=current.me().login, field="people")
        return self._page(plan, unknown, stored)

    @expose("/apply/<stored>", methods=("POST",))
    def apply(self, stored: str) -> Any:
        """Write what was shown, all of it; when it would now be something else, show that."""
        record, path = current.engine().attachment(stored)
        if record.uploaded_by != current.me().login or record.field != "people":
            raise NotFound(what=_("文件"), id=stored)
        plan, unknown = _read(record.name, path.read_bytes())
        if plan.digest != request.form.get("digest"):
            flash(_("预览之后有人改动了人员或组织，请再看一遍。"), "danger")
            return self._page(plan, unknown, stored), 409
        count = current.engine().people.apply(plan, by=current.me().login)
        current_app.logger.info("%s imported %d lines of people and units", current.me().login, count)
        flash(_("已导入，共 %(n)d 行有变化。", n=count), "success")
        return redirect(url_for("people_tables.index"))

    def _page(self, plan: Preview, unknown: list[str], stored: str) -> str:
        order = (REFUSED, importing.ENDED, importing.CHANGED, importing.NEW)
        lines = [line for verdict in order for line in plan.of(verdict)]
        return self.render(
            "people/tables.html",
            plan=plan,
            counts=[(verdict, *VERDICTS[verdict], len(plan.of(verdict))) for verdict in VERDICTS],
            lines=[(line, _told(line)) for line in lines[:SHOWN]],
            more=max(0, len(lines) - SHOWN),
            refused=len(plan.of(REFUSED)),
            changing=sum(line.verdict not in (UNCHANGED, REFUSED) for line in plan.lines),
            verdicts=VERDICTS,
            unknown=unknown,
            stored=stored,
        )


# ---- in


def _read(name: str, content: bytes) -> tuple[Preview, list[str]]:
    """The preview of a workbook, and the headings that mean nothing here. InvalidFile."""
    tables: dict[str, list[tuple[int, dict[str, str]]]] = {}
    unknown: list[str] = []
    for title, lines in sheets.read_book(name, content).items():
        table = _table(title)
        if table is None:
            unknown.append(title)
        elif lines:
            tables[table], strange = _columns(name, table, lines)
            unknown += [f"{title} · {heading}" for heading in strange]
    if not tables:
        some = "、".join(zh for zh, _en in TITLES.values())
        raise InvalidFile(name=name, reason=f"没有名为{some}的工作表 / no sheet is called Units, People or Posts")
    return current.engine().people.preview(tables, current.me().login, _Fit(tables)), unknown


def _table(title: str) -> str | None:
    wanted = title.strip().casefold()
    return next((key for key, (zh, en) in TITLES.items() if wanted in (key, zh, en.casefold())), None)


def _columns(
    name: str, table: str, lines: list[tuple[int, list[str]]]
) -> tuple[list[tuple[int, dict[str, str]]], list[str]]:
    """Lines by column, and the headings left aside. InvalidFile when a column that tells lines apart is missing."""
    called = {word.casefold(): key for key in COLUMNS[table] for word in (key, *HEADINGS[key])}
    if table == "people":
        called |= dict.fromkeys((word.casefold() for word in PERSONAL), "name")
    headings = [heading.strip() for heading in lines[0][1]]
    columns = [called.get(heading.casefold()) for heading in headings]
    if missing := [_heading(key) for key in NEEDED[table] if key not in columns]:
        raise InvalidFile(name=name, reason=f"{'、'.join(missing)}?")
    strange = [heading for heading, key in zip(headings, columns, strict=True) if heading and key is None]
    found = [
        (number, {key: cell for key, cell in zip(columns, cells, strict=True) if key}) for number, cells in lines[1:]
    ]
    return found, strange


class _Fit:
    """What `guard` says of a line that changes something."""

    def __init__(self, tables: Mapping[str, list[tuple[int, dict[str, str]]]]) -> None:
        logins = [cells.get("login", "").strip() for _number, cells in tables.get("people", ())]
        self._known = current.engine().people.records(logins)

    def __call__(self, line: Line) -> LinliError | None:
        if line.verdict == UNCHANGED:
            return None
        if line.table == "people" and line.key[0] in self._known and not guard.may_change(self._known[line.key[0]]):
            return Forbidden(who=current.me().name, action=_("修改 %(name)s", name=line.key[0]))
        if line.table == "posts" and not guard.may_give(line.key[1], line.key[2]):
            return Forbidden(who=current.me().name, action=_("任免：%(posts)s", posts=names.role(line.key[1])))
        return None


def _told(line: Line) -> dict[str, Any]:
    """A line of the preview in words."""
    key = [*line.key]
    if line.table == "posts" and len(key) == 3:
        key = [key[0], names.role(key[1]), names.unit(key[2]) or _("全部")]
    if line.verdict == importing.NEW:
        changes = [(name, "", value) for name, value in line.values.items() if _shown(value)]
    else:
        changes = [(name, old, new) for name, (old, new) in line.changes.items()]
    reason = line.reason.text(current.me().locale) if line.reason is not None else ""
    told = [(_heading(name, line.table), _named(name, old), _named(name, new)) for name, old, new in changes]
    return {"table": _title(line.table), "key": " · ".join(key), "changes": told, "reason": reason}


def _named(name: str, value: Any) -> str:
    """A value as people read it: a unit by its name."""
    return names.unit(value) if name in ("parent", "home_unit", "employer") and value else _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return importing.skills_text(value)
    return "" if value is None else str(value)


# ---- out


def _saved(title: Any, tables: Mapping[str, Iterator[list[Any]]]) -> Any:
    book = sheets.book_bytes(
        (_title(key), [_heading(one) for one in COLUMNS[key]], rows) for key, rows in tables.items()
    )
    return sheets.saved(book, f"{title}-{current.engine().people.today()}")


def _units() -> Iterator[list[Any]]:
    for unit in _mine():
        yield [_shown(getattr(unit, name)) for name in importing.UNITS]


def _mine() -> list[Unit]:
    rights = current.engine().people.rights(current.me().login)
    return [unit for unit in current.engine().people.units.tree() if rights.may("people:write", unit.code)]


def _everybody() -> Iterator[Person]:
    """Those one may change, in slices: a town has 74,000."""
    people, login = current.engine().people, current.me().login
    rights, offset = people.rights(login), 0
    while True:
        page = people.rows(by=login, limit=BATCH, offset=offset)
        for person in page.rows:
            here = [unit for unit in (person.home_unit, person.employer) if unit] or [""]
            if any(rights.may("people:write", unit) for unit in here):
                yield person
        offset += BATCH
        if offset >= page.total:
            return


def _people() -> Iterator[list[Any]]:
    states = {"active": _("在册"), "pending": _("待审核"), "left": _("已离开")} if i18n.locale() == "zh" else {}
    for person in _everybody():
        row = {name: _shown(getattr(person, name)) for name in importing.PEOPLE}
        yield list((row | {"status": states.get(person.status, person.status)}).values())


def _posts() -> Iterator[list[Any]]:
    for person in _everybody():
        for post in person.posts:
            if current.may("people:write", post.unit):
                yield [person.login, _role(post), post.unit, _shown(post.since), _shown(post.until)]


def _role(post: Post) -> str:
    """A role's title when it is the only one called so, else its key."""
    roles = current.engine().people.roles().values()
    title = next((role.title for role in roles if role.key == post.role), post.role)
    return title if sum(role.title == title for role in roles) == 1 else post.role


def _title(table: str) -> str:
    return names.pick(*TITLES[table])


def _heading(name: str, table: str = "") -> str:
    return names.pick(*(PERSONAL if (name, table) == ("name", "people") else HEADINGS[name]))


def _headings_told() -> list[tuple[str, str]]:
    return [(_title(table), "、".join(_heading(one, table) for one in columns)) for table, columns in COLUMNS.items()]
