"""`/units/`: the organisation tree today or on another day, a unit's page, its record, its place, its end, its posts.

Owns these screens. Changing takes `people:write` at the unit and at its (new) parent. What a unit was stays known: a
change holds from a day on, a correction was always so.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin.people import guard
from admin.people.forms import AppointForm, ChangedUnitForm, EndUnitForm, MoveUnitForm, NewUnitForm, UnitForm, choices
from admin.widgets import current, lookups, names, tables
from admin.widgets.view import View
from engine.errors import InvalidValue, LinliError, NotFound
from engine.people import Rights
from engine.records import Post, Unit

_KEPT = ("name", "name_en", "kind", "division", "calendar", "valid_from", "valid_to")


class UnitsView(View):
    """Units."""

    duty = "system"
    icon = "sitemap"
    order = 70
    permission = "people:read"

    @expose("/")
    def index(self) -> str:
        """The tree; ?q= finds by name or code, ?on= shows another day."""
        text, day = tables.asked().text.casefold(), _day(request.args.get("on", ""))
        people = current.engine().people
        rights = people.rights(current.me().login)
        tree = people.tree() if day == people.today() else people.units.on(day)
        found = [
            u for u in tree if _seen(rights, u) and (not text or text in f"{u.name} {u.name_en} {u.code}".casefold())
        ]
        base = min((u.path.count("/") for u in found), default=0)
        return self.render(
            "people/units.html",
            units=found,
            levels={u.code: u.path.count("/") - base for u in found},
            parents={u.parent for u in found},
            day=day,
            today=people.today(),
            may_write=current.may("people:write"),
        )

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
        """One unit: where it stands, who holds posts there, what it was."""
        unit = current.engine().people.unit(code)
        current.demand("people:read", code)
        return self._page(unit)

    def _page(self, unit: Unit, appoint: AppointForm | None = None) -> str:
        people = current.engine().people
        may_write = current.may("people:write", unit.code)
        return self.render(
            "people/unit.html",
            unit=unit,
            line=[people.unit(one) for one in people.line(unit.code)[:0:-1]],
            below=[u for u in people.tree(unit.code) if u.parent == unit.code],
            holders=[(p, [q for q in p.posts if q.unit == unit.code]) for p in self._holders(unit.code)],
            changes=people.units.changes(unit.code),
            may_write=may_write,
            move=_with_choices(MoveUnitForm(parent=unit.parent, since=people.today())) if may_write else None,
            end=EndUnitForm(last=people.today()) if may_write else None,
            appoint=_with_roles(appoint or AppointForm(), unit.code) if may_write else None,
        )

    def _holders(self, code: str) -> list[Any]:
        people = current.engine().people
        return sorted(people.records(people.at(code)).values(), key=lambda p: p.login)

    @expose("/<code>/edit", methods=("GET", "POST"))
    def edit(self, code: str) -> Any:
        """Change a unit."""
        unit = current.engine().people.unit(code)
        current.demand("people:write", code)
        form = _with_choices(ChangedUnitForm(obj=unit))
        if not form.validate_on_submit():
            return self.render("people/unit_form.html", form=form, unit=unit), 422 if form.is_submitted() else 200
        if (form.parent.data or "") != unit.parent:
            current.demand("people:write", form.parent.data or "")
        return self._saved(code, form, unit)

    @expose("/<code>/move", methods=("POST",))
    def move(self, code: str) -> Any:
        """Put a unit, with all below it, under another."""
        unit = current.engine().people.unit(code)
        current.demand("people:write", code)
        form = _with_choices(MoveUnitForm())
        parent = form.parent.data or ""
        if parent != unit.parent:
            current.demand("people:write", parent)
        current.engine().people.put_unit(code, parent=parent, since=form.since.data, by=current.me().login)
        current_app.logger.info("%s moved the unit %s from %s to %s", current.me().login, code, unit.parent, parent)
        flash(_("已移动到“%(to)s”之下。", to=names.unit(parent) or _("（最上级）")), "success")
        return redirect(url_for("units.unit", code=code))

    @expose("/<code>/end", methods=("POST",))
    def end(self, code: str) -> Any:
        """End a unit with a day, and the posts at it."""
        current.engine().people.unit(code)
        current.demand("people:write", code)
        form = EndUnitForm()
        if form.last.data is None:
            raise InvalidValue(reason=_("请填写日期"))
        people = current.engine().people
        ended = people.end_unit(code, form.last.data, by=current.me().login, below=bool(form.below.data))
        current_app.logger.info("%s ended the units %s", current.me().login, ", ".join(ended))
        flash(_("%(n)d 个单位到 %(day)s 为止。", n=len(ended), day=form.last.data), "success")
        return redirect(url_for("units.unit", code=code))

    @expose("/<code>/appoint", methods=("POST",))
    def appoint(self, code: str) -> Any:
        """Give somebody a post here."""
        unit = current.engine().people.unit(code)
        current.demand("people:write", code)
        form = _with_roles(AppointForm(), code)
        login = lookups.called(form.who.data or "")
        if not login:
            form.who.errors = [_("找不到这个人，或有几个人同名")]
            return self._page(unit, form), 422
        post = Post(form.role.data or "", code, form.since.data, form.until.data)
        if post.role not in [choice.value for choice in form.role.choices]:
            raise NotFound(what=_("岗位"), id=post.role)
        person = current.engine().people.get(login)
        guard.must_keep_posts(person.posts, [*(p for p in person.posts if (p.role, p.unit) != (post.role, code)), post])
        current.engine().people.appoint(login, post, by=current.me().login)
        current_app.logger.info("%s appointed %s at %s as %s", current.me().login, login, code, post.role)
        flash(_("岗位已更新。"), "success")
        return redirect(url_for("units.unit", code=code))

    def _saved(self, code: str, form: UnitForm, unit: Unit | None) -> Any:
        given = {key: form[key].data if key.startswith("valid") else (form[key].data or "").strip() for key in _KEPT}
        try:
            correction = isinstance(form, ChangedUnitForm) and bool(form.correction.data)
            by = current.me().login
            current.engine().people.put_unit(code, parent=form.parent.data or "", by=by, correction=correction, **given)
        except LinliError as problem:
            flash(problem.text(current.me().locale), "danger")
            return self.render("people/unit_form.html", form=form, unit=unit), problem.status
        current_app.logger.info("%s changed the unit %s", current.me().login, code)
        flash(_("已保存。"), "success")
        return redirect(url_for("units.unit", code=code))


def _day(text: str) -> date:
    """The day asked for; today when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return current.engine().people.today()


def _seen(rights: Rights, unit: Unit) -> bool:
    """Whether one reads people at a unit; of an earlier day, at one of the units it stood under then."""
    return rights.may("people:read", unit.code) or not rights.places("people:read").isdisjoint(unit.path.split("/"))


def _with_roles(form: Any, unit: str) -> Any:
    roles = current.engine().people.roles()
    form.role.choices = choices((key, names.role(key)) for key in roles if guard.may_give(key, unit))
    return form


def _with_choices(form: Any) -> Any:
    form.parent.choices = choices([("", _("（最上级）")), *lookups.units()])
    return form
