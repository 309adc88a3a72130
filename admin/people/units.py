"""`/units/`: the organisation tree, a unit's page, its record.

Owns these screens. Changing takes `people:write` at the unit and at its (new) parent.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin.people.forms import NewUnitForm, UnitForm, choices
from admin.widgets import current, lookups, tables
from admin.widgets.view import View
from engine.errors import LinliError
from engine.records import Unit

_KEPT = ("name", "name_en", "kind", "division", "calendar", "valid_from", "valid_to")


class UnitsView(View):
    """Units."""

    duty = "system"
    icon = "sitemap"
    order = 70
    permission = "people:read"

    @expose("/")
    def index(self) -> str:
        """The tree; ?q= finds by name or code."""
        text = tables.asked().text.casefold()
        rights = current.engine().people.rights(current.me().login)
        tree = [u for u in current.engine().people.tree() if rights.may(self.permission, u.code)]
        found = [u for u in tree if not text or text in f"{u.name} {u.name_en} {u.code}".casefold()]
        base = min((u.path.count("/") for u in found), default=0)
        levels = {u.code: u.path.count("/") - base for u in found}
        return self.render("people/units.html", units=found, levels=levels, may_write=current.may("people:write"))

    @expose("/new", methods=("GET", "POST"))
    def new(self) -> Any:
        """Add a unit under another."""
        current.demand("people:write")
        form = _with_choices(NewUnitForm(parent=request.args.get("parent", "")))
        if not form.validate_on_submit():
            return self.render("people/unit_form.html", form=form, unit=None), 422 if form.is_submitted() else 200
        current.demand("people:write", form.parent.data or "")
        code = form.code.data.strip()
        if current.engine().people.units.find(code) is not None:
            form.code.errors = [_("这个编码已被使用")]
            return self.render("people/unit_form.html", form=form, unit=None), 409
        return self._saved(code, form, None)

    @expose("/<code>/")
    def unit(self, code: str) -> str:
        """One unit: where it stands, who holds posts there."""
        unit = current.engine().people.unit(code)
        current.demand("people:read", code)
        holders = [(p, [q for q in p.posts if q.unit == code]) for p in self._holders(code)]
        below = [u for u in current.engine().people.tree(code) if u.parent == code]
        line = [current.engine().people.unit(one) for one in current.engine().people.line(code)[:0:-1]]
        return self.render(
            "people/unit.html",
            unit=unit,
            line=line,
            below=below,
            holders=holders,
            may_write=current.may("people:write", code),
        )

    def _holders(self, code: str) -> list[Any]:
        people = current.engine().people
        found = {login for role in people.roles() for login in people.holders(role, [code]).get(code, ())}
        return sorted(people.records(sorted(found)).values(), key=lambda p: p.login)

    @expose("/<code>/edit", methods=("GET", "POST"))
    def edit(self, code: str) -> Any:
        """Change a unit."""
        unit = current.engine().people.unit(code)
        current.demand("people:write", code)
        form = _with_choices(UnitForm(obj=unit))
        if not form.validate_on_submit():
            return self.render("people/unit_form.html", form=form, unit=unit), 422 if form.is_submitted() else 200
        if (form.parent.data or "") != unit.parent:
            current.demand("people:write", form.parent.data or "")
        return self._saved(code, form, unit)

    def _saved(self, code: str, form: UnitForm, unit: Unit | None) -> Any:
        given = {key: form[key].data if key.startswith("valid") else (form[key].data or "").strip() for key in _KEPT}
        try:
            current.engine().people.put_unit(code, parent=form.parent.data or "", **given)
        except LinliError as problem:
            flash(problem.text(current.me().locale), "danger")
            return self.render("people/unit_form.html", form=form, unit=unit), problem.status
        current_app.logger.info("%s changed the unit %s", current.me().login, code)
        flash(_("已保存。"), "success")
        return redirect(url_for("units.unit", code=code))


def _with_choices(form: Any) -> Any:
    form.parent.choices = choices([("", _("(最上级)")), *lookups.units()])
    return form
