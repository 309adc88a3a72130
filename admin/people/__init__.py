"""People and units for those who look after them: lists, a person's page, posts, the tree.

Owns `/people/` and `/units/`. Row scope is the engine's (`people.rows(by=...)`); nobody gives more than they hold
(`guard`). Registrations that wait for approval are the sign-in module's page.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from admin.people.persons import PeopleView
from admin.people.units import UnitsView
from admin.widgets.view import View
from engine import Engine


def views(engine: Engine) -> list[View]:
    """The screens of this part."""
    return [
        PeopleView(name=_l("人员"), endpoint="people", url="/people"),
        UnitsView(name=_l("组织架构"), endpoint="units", url="/units"),
    ]
