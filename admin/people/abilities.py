"""What somebody can do and when they are free: added and taken out one by one, on their page or by themselves.

Owns the two small forms and their writing; who may is the screen's question.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, flash
from flask_babel import gettext as _

from admin.people.forms import FreeForm, SkillForm, choices
from admin.widgets import current
from engine.errors import NotFound
from engine.records import Free, Person, Skill

KINDS = ("skill", "free")


def forms() -> dict[str, Any]:
    """Both forms, empty."""
    return {"skill": SkillForm(formdata=None), "free": _week(FreeForm(formdata=None))}


def add(person: Person, what: str) -> None:
    """Add what was posted; says what is wrong with it else."""
    _must_be_known(what)
    form = SkillForm() if what == "skill" else _week(FreeForm())
    if not form.validate():
        flash(_("；").join(str(error) for field in form for error in field.errors), "danger")
        return
    if isinstance(form, FreeForm):
        fresh = Free(form.weekday.data, _minute(form.start.data), _minute(form.end.data))
        _put(person, free=[*(one for one in person.free if one != fresh), fresh])
    else:
        skill = Skill(form.name.data.strip(), (form.certificate.data or "").strip(), form.expires.data)
        same = (skill.name, skill.certificate)
        _put(person, skills=[*(one for one in person.skills if (one.name, one.certificate) != same), skill])


def remove(person: Person, what: str, place: int) -> None:
    """Take one out; nothing when it is gone already."""
    _must_be_known(what)
    kept = list(person.skills if what == "skill" else person.free)
    del kept[place : place + 1]
    _put(person, **{"skills" if what == "skill" else "free": kept})


def _must_be_known(what: str) -> None:
    if what not in KINDS:
        raise NotFound(what=_("特长"), id=what)


def _put(person: Person, **given: Any) -> None:
    current.engine().people.put(person.login, **given)
    current_app.logger.info("%s changed the abilities of %s", current.me().login, person.login)
    flash(_("已保存。"), "success")


def _week(form: FreeForm) -> FreeForm:
    days = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    form.weekday.choices = choices(list(enumerate(days, 1)))
    return form


def _minute(moment: Any) -> int:
    return int(moment.hour * 60 + moment.minute)
