"""`/registers/<name>/`: a register as a list with filters, search, form, import and export.

Registers come and go with deployments, so this is one view over all of them instead of Flask-Admin's one model view a
table (its columns and forms are fixed when the application starts). Row scope is in every query, the one of a single
row, of a delete and of an export as well. Owns the screens; rules are `engine.registers`'.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin.pages import asking, importing, row_forms, show
from admin.pages.asking import Row
from admin.pages.lists import OPTIONS, Filter
from admin.widgets import current, feel, forms, privacy, sheets, steps, tables
from admin.widgets.view import Entry, View, address
from engine import forms as rules
from engine.errors import AppendOnly, Forbidden, InvalidForm, InvalidValue, LinliError, NotFound
from engine.registers import Register

COUNTED = 1000  # rows counted for a card: "999+"
PREVIEW = 20  # lines of a file shown before it is imported
MOST_BYTES = 20 * 1024 * 1024


class RegistersView(View):
    """All registers that the person asking may read."""

    def entries(self) -> Iterable[Entry]:
        """A line of the menu for each readable register."""
        for schema in current.engine().registers():
            if current.may(_permission(schema.name, "read")):
                url = address("registers.listed", table=schema.name)
                yield Entry("registers", asking.said(schema.title), url, "table", 60)

    @expose("/")
    def index(self) -> Any:
        """The registers as cards."""
        found = [s for s in current.engine().registers() if current.may(_permission(s.name, "read"))]
        login = current.me().login
        counts = {s.name: current.engine().register(s.name).count(by=login, most=COUNTED) for s in found}
        return self.render("pages/registers.html", schemas=found, counts=counts)

    @expose("/<table>/")
    def listed(self, table: str) -> str:
        """The rows."""
        register = _readable(table)
        asked, login = tables.asked(), current.me().login
        where, order = _where(register), _order(register)
        page = register.page(where, login, order, asked.size, asked.offset, asked.text)
        columns = show.columns(_seen(register, register.schema.list), register.schema)
        for row in page.rows:
            privacy.shown(register, row, register.schema.list)
        return self.render(
            "pages/register.html",
            schema=register.schema,
            title=asking.said(register.schema.title),
            columns=columns,
            lines=[(row, [show.html(c, c.of(row)) for c in columns]) for row in page.rows],
            slice=page,
            filters=_filters(register),
            order=order,
            sortable=register.schema.indexed,
            may_write=current.may(_permission(table, "write")),
            filtered=bool(where or asked.text),
        )

    @expose("/<table>/row/<row_id>")
    def row(self, table: str, row_id: str) -> str:
        """One row."""
        register = _readable(table)
        row = register.must(row_id, by=current.me().login)
        keys = tuple(f.key for f in register.schema.fields if f.key in row)
        columns = show.columns(keys, register.schema)
        privacy.shown(register, row, register.schema.private)
        return self.render(
            "pages/register_row.html",
            schema=register.schema,
            row=row,
            title=register.schema.title_of(row),
            cells=[(c.label, show.html(c, c.of(row))) for c in columns],
            may_write=current.may(_permission(table, "write"), row.get("unit")) and not register.schema.append_only,
            case=next((str(v) for v in (row.get("case"), row["instance"]) if str(v or "").isdigit()), ""),
        )

    @expose("/<table>/new", methods=("GET", "POST"))
    def new(self, table: str) -> Any:
        """Add a row."""
        register = _writable(table)
        spec = _spec(register, None)
        if request.method == "GET":
            return self._form(register, spec, None, row_forms.to_form(register.schema, _defaults(register)))
        return self._saved(register, spec, None)

    @expose("/<table>/edit/<row_id>", methods=("GET", "POST"))
    def edit(self, table: str, row_id: str) -> Any:
        """Change a row."""
        register = _writable(table)
        if register.schema.append_only:
            raise AppendOnly(register=register.schema.title.zh)
        row = register.must(row_id, by=current.me().login, action="write")
        spec = _spec(register, row)
        if request.method == "GET":
            privacy.shown(register, row, register.schema.private)
            return self._form(register, spec, row, row_forms.to_form(register.schema, row))
        return self._saved(register, spec, row)

    @expose("/<table>/refresh", methods=("POST",))
    def refresh(self, table: str) -> str:
        """The form as typed, with files stored and list entries added or removed."""
        register = _writable(table)
        row_id = request.args.get("row", "")
        row = register.must(row_id, by=current.me().login, action="write") if row_id else None
        spec = _spec(register, row)
        posted = steps.posted(spec, current.me().login)
        if not request.headers.get("HX-Request"):
            return self._form(register, spec, row, posted.data, posted.problems)
        form = forms.build(spec, posted.data, _around(register, row), posted.problems)
        return render_template("forms/fields.html", form=form)

    @expose("/<table>/delete/<row_id>", methods=("POST",))
    def delete(self, table: str, row_id: str) -> Any:
        """Take a row out."""
        register = _writable(table)
        row = register.must(row_id, by=current.me().login, action="write")
        register.delete(row["id"], by=current.me().login)
        flash(_("“%(title)s”已删除。", title=register.schema.title_of(row)), "success")
        return redirect(url_for("registers.listed", table=table))

    def _form(
        self, register: Register, spec: rules.Form, row: Row | None, data: Mapping[str, Any], errors: Any = None
    ) -> str:
        around = _around(register, row)
        return self.render(
            "pages/register_form.html",
            schema=register.schema,
            row=row,
            form=forms.build(spec, data, around, errors),
            title=register.schema.title_of(row) if row else _("新增一条"),
            revision=request.form.get("revision") or (row["revision"] if row else ""),
        )

    def _saved(self, register: Register, spec: rules.Form, row: Row | None) -> Any:
        posted = steps.posted(spec, current.me().login)
        try:
            posted.refuse()
            data = rules.check(spec, posted.data, context={}, evaluate=feel.evaluate)
            values, wrong = row_forms.from_form(register.schema, data)
            if wrong:
                raise InvalidForm(dict(wrong))
            kept = self._written(register, row, values)
        except InvalidForm as problem:
            return self._form(register, spec, row, posted.data, problem.errors), problem.status
        except LinliError as problem:
            flash(problem.text(current.me().locale), "danger")
            return self._form(register, spec, row, posted.data), problem.status
        flash(_("已保存。"), "success")
        return redirect(url_for("registers.row", table=register.schema.name, row_id=kept["id"]))

    def _written(self, register: Register, row: Row | None, values: Row) -> Row:
        """Insert or change, if the unit that the row is going to be in is one where the person may write."""
        login, permission = current.me().login, _permission(register.schema.name, "write")
        if "unit" in register.schema.by_key:
            current.demand(permission, values.get("unit") or (row or {}).get("unit"))
        if row is None:
            return register.insert(values, by=login)
        revision = request.form.get("revision", "")
        return register.update(row["id"], values, by=login, revision=int(revision) if revision.isdigit() else None)

    # ---- sheets

    @expose("/<table>/export.<kind>")
    def export(self, table: str, kind: str) -> Any:
        """The rows, as filtered, with all fields, as a file."""
        register = _readable(table)
        if kind not in ("xlsx", "csv"):
            raise NotFound(what=_("导出"), id=kind)
        fields = _seen(register, tuple(f.key for f in register.schema.fields))
        columns = show.columns((*fields, "created_at", "created_by"), register.schema)
        rows = register.each(_where(register), current.me().login, tables.asked().text)
        cells = ([_exported(c, row) for c in columns] for row in privacy.noted(register, rows, fields))
        return sheets.download(asking.said(register.schema.title), kind, [c.label for c in columns], cells)

    @expose("/<table>/template.xlsx")
    def template(self, table: str) -> Any:
        """An empty sheet with the right headings."""
        register = _writable(table)
        locked = register.sight(current.me().login).locked()
        fields = tuple(f.key for f in row_forms.shown(register.schema, True, locked))
        columns = show.columns(fields, register.schema)
        return sheets.download(asking.said(register.schema.title), "xlsx", [c.label for c in columns], [])

    @expose("/<table>/import", methods=("GET", "POST"))
    def import_(self, table: str) -> Any:
        """Ask for a file; show what it would do."""
        register = _writable(table)
        if request.method == "GET":
            return self.render("pages/import.html", schema=register.schema, sheet=None)
        upload = request.files.get("file")
        content = upload.stream.read(MOST_BYTES + 1) if upload else b""
        if upload is None or not content or len(content) > MOST_BYTES:
            flash(_("请选择一个不超过 20 MB 的 xlsx 或 csv 文件。"), "danger")
            return redirect(url_for("registers.import_", table=table))
        try:
            sheet = importing.read(register, upload.filename or "file", content)
        except LinliError as problem:
            flash(problem.text(current.me().locale), "danger")
            return redirect(url_for("registers.import_", table=table))
        upload.stream.seek(0)
        stored = current.engine().attach(
            upload.filename or "file", "application/octet-stream", upload.stream, by=current.me().login, field="import"
        )
        return self._preview(register, sheet, stored)

    @expose("/<table>/import/<stored>", methods=("POST",))
    def import_now(self, table: str, stored: str) -> Any:
        """Write the lines of the file shown before."""
        register = _writable(table)
        record, path = current.engine().attachment(stored)
        if record.uploaded_by != current.me().login or record.field != "import":
            raise NotFound(what=_("文件"), id=stored)
        sheet = importing.read(register, record.name, path.read_bytes())
        if sheet.bad and not request.form.get("skip"):
            raise InvalidValue(reason=_("文件中还有 %(n)d 行需要改正。", n=len(sheet.bad)))
        try:
            count = importing.write(register, sheet.good)
        except LinliError as problem:
            flash(problem.text(current.me().locale), "danger")
            return self._preview(register, sheet, stored)
        flash(_("已导入 %(n)d 行。", n=count), "success")
        return redirect(url_for("registers.listed", table=table))

    def _preview(self, register: Register, sheet: importing.Sheet, stored: str) -> str:
        columns = [show.columns((f.key,), register.schema)[0] for f in sheet.fields if f]
        shown = [(line, [show.html(c, c.of(line.values)) for c in columns]) for line in sheet.good[:PREVIEW]]
        return self.render(
            "pages/import.html", schema=register.schema, sheet=sheet, columns=columns, shown=shown, stored=stored
        )


def _around(register: Register, row: Row | None) -> forms.Surroundings:
    more = {"row": row["id"]} if row else {}
    return forms.Surroundings({}, refresh=url_for("registers.refresh", table=register.schema.name, **more))


def _permission(name: str, action: str) -> str:
    return f"register:{name}:{action}"


def _readable(name: str) -> Register:
    """The register, for those with its permission or with rows of their own."""
    register = current.engine().register(name)
    if not current.me().approved or not (current.may(_permission(name, "read")) or register.schema.own):
        raise Forbidden(who=current.me().name, action=_permission(name, "read"))
    return register


def _writable(name: str) -> Register:
    current.demand(_permission(name, "write"))
    return current.engine().register(name)


def _seen(register: Register, keys: tuple[str, ...]) -> tuple[str, ...]:
    """The columns among `keys` that the reader sees anywhere."""
    hidden = register.sight(current.me().login).hidden()
    return tuple(key for key in keys if key not in hidden)


def _spec(register: Register, row: Row | None) -> rules.Form:
    """The form of a row (None: a new one) for who asks."""
    sight = register.sight(current.me().login)
    if row is None:
        return row_forms.spec(register.schema, True, sight.locked())
    return row_forms.spec(register.schema, sight.full(row), sight.locked(row.get("unit")))


def _where(register: Register) -> dict[str, Any]:
    """?f.<field>= of the address, for indexed fields that the reader may filter by."""
    asked = {key[2:]: value for key, value in request.args.items() if key.startswith("f.") and value}
    found = {key: value[:200] for key, value in asked.items() if key in register.schema.indexed}
    register.refuse_private(current.me().login, found)
    kinds = register.schema.by_key
    return {k: _number(v) if kinds[k].type == "number" else v for k, v in found.items()}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as problem:
        raise InvalidValue(reason=_("“%(text)s”不是数", text=text[:40])) from problem


def _order(register: Register) -> str:
    """?sort= of the address, when it can be sorted by."""
    asked = request.args.get("sort", "")
    key = asked.removeprefix("-")
    known = {k for k in register.schema.indexed if register.schema.by_key[k].type != "list"} | {"created_at"}
    if key in known - register.schema.private - register.sight(current.me().login).hidden():
        return asked
    return "-created_at"


def _filters(register: Register) -> list[Filter]:
    """Choices for the indexed choice, unit, person and boolean fields, values that occur."""
    found = []
    for key in _seen(register, register.schema.indexes):
        field = register.schema.by_key[key]
        if field.type not in ("choice", "unit", "person", "boolean") or field.private:
            continue
        column = show.columns((key,), register.schema)[0]
        values = [o.value for o in field.options] or _occurring(register, key)
        options = [(v, _word(column, v)) for v in values]
        found.append(Filter(f"f.{key}", column.label, options, request.args.get(f"f.{key}", "")))
    return found


def _occurring(register: Register, key: str) -> list[str]:
    return sorted(register.groups(key, {}, current.me().login))[:OPTIONS]


def _word(column: show.Shown, value: str) -> str:
    if column.format == "boolean":
        return show.text(column, value == "true")
    return show.text(column, value)


def _exported(column: show.Shown, row: Row) -> Any:
    value = column.of(row)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else show.text(column, value)


def _defaults(register: Register) -> Row:
    found = {f.key: f.default for f in register.schema.fields if f.default is not None}
    if "unit" in register.schema.by_key and len(current.me().units) == 1:
        found["unit"] = current.me().units[0]
    return found
