"""`/people/`: everybody one may read, one person's page, their record, their posts, a new password.

Owns these screens. Reading is scoped by the engine; changing is guarded by `guard`.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_security import hash_password

from admin.people import abilities, guard
from admin.people.forms import NewPersonForm, PersonForm, PostForm, choices, lines_of, skills_of
from admin.people.reading import readable
from admin.people.safety import SafetyActs
from admin.widgets import current, lookups, names, privacy, tables
from admin.widgets.view import View
from engine.errors import LinliError, NotFound
from engine.records import Person, Post

FILTERS = ("unit", "role", "status", "employer", "skill")


class PeopleView(SafetyActs, View):
    """People."""

    duty = "system"
    icon = "users"
    order = 60
    permission = "people:read"

    @expose("/")
    def index(self) -> str:
        """The list: ?q= in name, login and mobile; ?unit= ?role= ?status= ?employer= ?skill=."""
        asked = tables.asked()
        given = {key: request.args.get(key, "")[:80] for key in FILTERS}
        page = current.engine().people.rows(
            by=current.me().login, text=asked.text, limit=asked.size, offset=asked.offset, **given
        )
        roles = sorted(current.engine().people.roles().values(), key=lambda role: role.key)
        return self.render(
            "people/list.html",
            page=page,
            given=given,
            units=_open_units("people:read"),
            roles=roles,
            may_write=current.may("people:write"),
        )

    @expose("/new", methods=("GET", "POST"))
    def new(self) -> Any:
        """Add somebody."""
        current.demand("people:write")
        form = _with_choices(NewPersonForm())
        if not form.validate_on_submit():
            return self.render("people/form.html", form=form, person=None), 422 if form.is_submitted() else 200
        login = form.login.data.strip()
        people = current.engine().people
        _must_place(form)
        if login in people.records([login]):
            form.login.errors = [_("这个登录名已有人使用")]
            return self.render("people/form.html", form=form, person=None), 409
        return self._saved(login, form, None)

    @expose("/<login>/")
    def person(self, login: str) -> str:
        """One person."""
        return self.shown(readable(login))

    def shown(self, person: Person, *, full: bool = False, secret: str = "") -> str:
        """The page. `full`: with numbers in full; `secret`: a new password, shown this once."""
        post = PostForm(formdata=None)
        post.role.choices = choices((r.key, names.role(r.key)) for r in _givable())
        post.unit.choices = choices(_open_units("people:write"))
        people = current.engine().people
        history = people.posts(person.login, history=True)
        may_change = guard.may_change(person)
        return self.render(
            "people/person.html",
            person=person,
            history=history,
            held={p for p in history if p.until is None or p.until >= people.today()},
            may_change=may_change,
            today=people.today(),
            abilities=abilities.forms() if may_change else None,
            add=lambda what: url_for("people.add", login=person.login, what=what),
            place=lambda what, place: url_for("people.remove", login=person.login, what=what, place=place),
            full=full,
            may_see=privacy.may_see(person),
            factor=people.signins.factor(person.login),
            locked=people.signins.locked_until(person.login, ""),
            may_erase=people.may_everywhere(current.me().login, "admin") and person.login != current.me().login,
            form=None if secret else post,
            secret=secret,
        )

    @expose("/<login>/edit", methods=("GET", "POST"))
    def edit(self, login: str) -> Any:
        """Change somebody's record."""
        person = readable(login)
        guard.must_change(person)
        form = _with_choices(PersonForm(obj=None if request.method == "POST" else _Shown(person)))
        if not form.validate_on_submit():
            if login != current.me().login:
                current.engine().looked(login, by=current.me().login)  # the form holds numbers in full
            return self.render("people/form.html", form=form, person=person), 422 if form.is_submitted() else 200
        if (form.home_unit.data or "", form.employer.data or "") != (person.home_unit, person.employer):
            _must_place(form)
        return self._saved(login, form, person)

    def _saved(self, login: str, form: PersonForm, person: Person | None) -> Any:
        given = {key: (form[key].data or "").strip() for key in _KEPT}
        channels = [line.strip() for line in (form.channels.data or "").splitlines() if line.strip()]
        try:
            current.engine().people.put(
                login, by=current.me().login, **given, channels=channels, skills=skills_of(form.skills.data or "")
            )
        except LinliError as problem:
            flash(problem.text(current.me().locale), "danger")
            return self.render("people/form.html", form=form, person=person), problem.status
        flash(_("已保存。"), "success")
        return redirect(url_for("people.person", login=login))

    @expose("/<login>/post", methods=("POST",))
    def post(self, login: str) -> Any:
        """Give a post, or move the days of one."""
        person, form = readable(login), PostForm()
        given = Post(form.role.data or "", form.unit.data or "", form.since.data, form.until.data)
        if given.role not in current.engine().people.roles() and given.role not in guard.POWERS:
            raise NotFound(what=_("岗位"), id=given.role)
        others = [p for p in person.posts if (p.role, p.unit) != (given.role, given.unit)]
        guard.must_keep_posts(person.posts, [*others, given])
        current.engine().people.appoint(login, given, by=current.me().login)
        return self._appointed(person)

    @expose("/<login>/post/end", methods=("POST",))
    def end(self, login: str) -> Any:
        """End a post; that it was held stays known."""
        person = readable(login)
        role, unit = request.form.get("role", ""), request.form.get("unit", "")
        guard.must_keep_posts([Post(role, unit)], [])
        current.engine().people.dismiss(login, role, unit, by=current.me().login)
        return self._appointed(person)

    def _appointed(self, person: Person) -> Any:
        flash(_("岗位已更新。"), "success")
        return redirect(url_for("people.person", login=person.login))

    @expose("/<login>/add/<what>", methods=("POST",))
    def add(self, login: str, what: str) -> Any:
        """Add a skill or a free time."""
        person = readable(login)
        guard.must_change(person)
        abilities.add(person, what)
        return redirect(url_for("people.person", login=login))

    @expose("/<login>/remove/<what>/<int:place>", methods=("POST",))
    def remove(self, login: str, what: str, place: int) -> Any:
        """Take one out; `place` counts from 0."""
        person = readable(login)
        guard.must_change(person)
        abilities.remove(person, what, place)
        return redirect(url_for("people.person", login=login))

    @expose("/<login>/password", methods=("POST",))
    def password(self, login: str) -> Any:
        """Give somebody a new password, shown once; sessions with the old one end."""
        person = readable(login)
        guard.must_change(person)
        secret = secrets.token_urlsafe(9)
        people = current.engine().people
        people.put(login, by=current.me().login, password=hash_password(secret))
        people.signins.end(login)
        return self.shown(person, secret=secret)


_KEPT = ("name", "mobile", "email", "home_unit", "employer", "branch", "status", "locale")


class _Shown:
    """A person as the form wants them."""

    def __init__(self, person: Person) -> None:
        for key in _KEPT:
            setattr(self, key, getattr(person, key))
        self.channels = "\n".join(person.channels)
        self.skills = lines_of(person.skills)


def _must_place(form: PersonForm) -> None:
    """Forbidden unless the person asking looks after people at the home unit chosen (or, without one, the employer)."""
    unit = form.home_unit.data or form.employer.data or ""
    current.demand("people:write", unit)


def _with_choices(form: Any) -> Any:
    units = choices([("", "—"), *lookups.units()])
    form.home_unit.choices = units
    form.employer.choices = units
    return form


def _open_units(permission: str) -> list[tuple[str, str]]:
    """Units to choose from, of those where one holds a permission."""
    rights = current.engine().people.rights(current.me().login)
    return [(code, name) for code, name in lookups.units() if rights.may(permission, code)]


def _givable() -> list[Any]:
    """Roles that the person asking may give somewhere."""
    roles = current.engine().people.roles().values()
    return [r for r in roles if all(current.may(power) for power in guard.powers(r.key))]
