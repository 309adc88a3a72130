"""`/p/<page>/`: a pack's page for somebody signed in, its rows, its actions, its exports.

Owns the addresses and the way of a request; drawing is the templates', rows are `lists`', acts are `deeds`'.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin.pages import asking, blocks, deeds, paste, show
from admin.pages.lists import Rows
from admin.widgets import current, feel, forms, privacy, sheets, steps
from admin.widgets.view import Entry, View, address
from engine import forms as rules
from engine.errors import InvalidForm, InvalidValue, LinliError, NotFound
from engine.pages import Action, Page, Section

MOST_CHOSEN = 200  # rows of one selection


class PageView(View):
    """The one generic view of all pages."""

    def entries(self) -> Iterable[Entry]:
        """A line of the menu for each page open to the person asking."""
        who = current.me()
        for page in current.engine().pages(by=who.login) if who.approved else ():
            if page.menu != "none" and current.may(asking.permission(page.name)):
                url = address("page.index", page=page.name)
                yield Entry(page.menu, asking.said(page.title), url, page.icon, page.order)

    @expose("/<page>/")
    def index(self, page: str) -> str:
        """The page."""
        found = asking.page(page)
        builder = blocks.Builder(found, url_for("page.index", page=page))
        made = [builder.block(section) for section in found.sections]
        return self.render(
            "pages/page.html", page=found, blocks=made, key=steps.fresh_key(), title=asking.said(found.title)
        )

    @expose("/<page>/row/<section>/<row_id>")
    def row(self, page: str, section: str, row_id: str) -> str:
        """One row with everything that hangs on it."""
        found, part = _section(page, section)
        rows = Rows(found, part)
        builder = blocks.Builder(found, url_for("page.index", page=page))
        one = rows.one(row_id)
        columns = rows.columns()
        if rows.schema:
            columns = show.columns(tuple(f.key for f in rows.schema.fields if f.key in one), rows.schema)
        line = builder.line(rows, one, columns, hanging=False)
        if rows.register:
            privacy.shown(rows.register, one, rows.register.schema.private)
        line.cells = [blocks.Cell(c.label, show.html(c, c.of(one))) for c in columns if c.of(one) not in (None, "", [])]
        line.hanging = [builder.hanging(part, number, one) for number in range(len(part.details))]
        return self.render("pages/row.html", page=found, section=part, line=line, key=steps.fresh_key())

    @expose("/<page>/export/<section>.<kind>")
    def export(self, page: str, section: str, kind: str) -> Any:
        """The section's rows, as filtered, as a file."""
        found, part = _section(page, section)
        rows = Rows(found, part)
        if kind not in ("xlsx", "csv") or not part.export or part.layout == "paste":
            raise NotFound(what=_("导出"), id=f"{section}.{kind}")
        columns = rows.columns()
        if rows.register is None:
            lines: Iterable[Any] = rows.all()
        else:
            each = rows.register.each(rows.where(), current.me().login, rows.text, rows.scope)
            lines = privacy.noted(rows.register, each, [c.key for c in columns])
        name = asking.said(part.title or found.title)
        cells = (
            [show.text(c, c.of(row)) if c.format != "number" else c.of(row) or "" for c in columns] for row in lines
        )
        return sheets.download(name, kind, [c.label for c in columns], cells)

    @expose("/<page>/do/<section>/<action>", methods=("GET", "POST"))
    def do(self, page: str, section: str, action: str) -> Any:
        """Ask what an action needs (get), or do it (post)."""
        found, part = _section(page, section)
        deed = _deed(found, part, action)
        back = url_for("page.index", page=page)
        if deed.action.kind in deeds.SHOWN:
            passage = deeds.passage(deed)
            return self.render("pages/passage.html", page=found, action=deed.action, passage=passage, back=back)
        spec = deeds.spec_of(deed.action)
        if request.method == "GET":
            return self._asking(found, deed, spec, {}, None)
        if spec is not None and (
            "_add" in request.form or "_remove" in request.form or request.headers.get("HX-Request")
        ):
            return self._refreshed(found, deed, spec)
        return self._done(found, deed, spec, back)

    def _refreshed(self, page: Page, deed: deeds.Deed, spec: rules.Form) -> str:
        """The form as typed, brought up to date; nothing is done."""
        posted = steps.posted(spec, current.me().login)
        if not request.headers.get("HX-Request"):
            return self._asking(page, deed, spec, posted.data, posted.problems)
        form = forms.build(spec, posted.data, _around(deed), posted.problems)
        return render_template("forms/fields.html", form=form)

    def _done(self, page: Page, deed: deeds.Deed, spec: rules.Form | None, back: str) -> Any:
        posted = steps.posted(spec, current.me().login)
        try:
            posted.refuse()
            given = _checked(spec, posted.data, deed)
            outcome = deeds.do(deeds.Deed(deed.action, deed.rows, deed.register, deed.key, given))
        except InvalidForm as problem:
            if spec is None:
                raise
            return self._asking(page, deed, spec, posted.data, problem.errors), problem.status
        except LinliError as problem:
            flash(problem.text(current.me().locale), "danger")
            return redirect(back)
        if outcome.text:
            flash(outcome.text, outcome.colour)
        return redirect(outcome.url or back)

    def _asking(self, page: Page, deed: deeds.Deed, spec: rules.Form | None, data: Any, errors: Any) -> str:
        start = data or asking.values(deed.action.values, deed.seen())
        form = forms.build(spec, start, _around(deed), errors) if spec else None
        return self.render(
            "pages/ask.html",
            page=page,
            action=deed.action,
            deed=deed,
            form=form,
            key=request.form.get("_key") or steps.fresh_key(),
            confirm=asking.said(deed.action.confirm),
        )

    @expose("/<page>/paste/<section>", methods=("POST",))
    def paste(self, page: str, section: str) -> Any:
        """Split what was pasted, or register the lines."""
        found, part = _section(page, section)
        if part.paste is None:
            raise NotFound(what=_("粘贴登记"), id=section)
        key = steps.key()
        if "text" in request.form:
            lines, made, refused = paste.split(request.form["text"]), 0, 0
        else:
            lines = paste.posted()
            made, refused = paste.register(part.paste, lines, key)
        if made:
            flash(_("已登记 %(n)d 条。", n=made), "success")
        return self.render(
            "pages/paste.html",
            page=found,
            section=part,
            lines=[line for line in lines if not line.case],
            made=[line for line in lines if line.case],
            refused=refused,
            asked=paste.asked(part.paste),
            headings=paste.preview(part.paste),
            key=key if refused else steps.fresh_key(),
        )


def _around(deed: deeds.Deed) -> forms.Surroundings:
    return forms.Surroundings(deed.seen(), refresh=request.full_path)


def _section(page: str, section: str) -> tuple[Page, Section]:
    found = asking.page(page)
    part = found.section(section)
    if part is None:
        raise NotFound(what=_("页面"), id=f"{page}/{section}")
    return found, part


def _deed(page: Page, section: Section, name: str) -> deeds.Deed:
    """The action asked for on the rows asked for, all of them of the reader's own list."""
    rows, key = Rows(page, section), request.form.get("_key", "")
    ids = list(dict.fromkeys(request.values.getlist("row")))[:MOST_CHOSEN]
    number = request.values.get("detail", "")
    if number:
        return _detail_deed(rows, name, number, ids, key)
    action = _named(section.actions, name)
    if action.on != "page" and not ids:
        raise InvalidValue(reason=_("请先选择记录。"))
    chosen = [rows.one(one) for one in (ids[:1] if action.on == "row" else ids)] if action.on != "page" else []
    return deeds.Deed(action, chosen, rows.register, _key(key, action, ids))


def _detail_deed(rows: Rows, name: str, number: str, ids: list[str], key: str) -> deeds.Deed:
    """An action on a row that hangs on another: the other must be of the reader's list, and this one hang on it."""
    if not (number.isascii() and number.isdigit()) or int(number) >= len(rows.section.details) or not ids:
        raise NotFound(what=_("记录"), id=number)
    details = rows.section.details[int(number)]
    above = rows.one(request.values.get("under", ""))
    register = current.engine().register(details.register)
    where = {**blocks.hang_where(details, above), "id": ids[0] if ids[0].isdigit() else "0"}
    found = register.rows(where, current.me().login, scope=asking.Everywhere(), limit=1)
    if not found:
        raise NotFound(what=_("记录"), id=ids[0])
    action = _named(details.actions, name)
    return deeds.Deed(action, found, register, _key(key, action, ids))


def _named(actions: Iterable[Action], name: str) -> Action:
    found = next((one for one in actions if one.name == name), None)
    if found is None:
        raise NotFound(what=_("操作"), id=name)
    return found


def _key(key: str, action: Action, ids: list[str]) -> str:
    """An idempotency key of this showing of the page, this action and these rows."""
    return f"{key}.{action.name}.{'.'.join(ids)}"[:200] if key else ""


def _checked(spec: rules.Form | None, data: dict[str, Any], deed: deeds.Deed) -> dict[str, Any]:
    """What was filled in, checked. A process checks its own start form; this is the form the action asks."""
    if spec is None:
        return {}
    return rules.check(spec, data, context=deed.seen(), evaluate=feel.evaluate)
