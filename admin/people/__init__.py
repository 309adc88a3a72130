"""People and units for those who look after them: lists, a person's page, posts, the tree.

Owns `/people/`, `/units/`, `/people-tables/`, `/certificates/`, `/hand-over/`, `/whom/` and `/me/`. Row scope is the
engine's (`people.rows(by=...)`); nobody gives more than they hold (`guard`). Registrations that wait for approval are
the sign-in module's page.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from admin.people.certificates import CertificatesView
from admin.people.exchange import TablesView
from admin.people.handing import HandOverView
from admin.people.mine import MineView
from admin.people.persons import PeopleView
from admin.people.roles import RolesView
from admin.people.units import UnitsView
from admin.people.whom import WhomView
from admin.widgets.view import View
from engine import Engine


def views(engine: Engine) -> list[View]:
    """The screens of this part."""
    return [
        PeopleView(name=_l("人员"), endpoint="people", url="/people"),
        UnitsView(name=_l("组织架构"), endpoint="units", url="/units"),
        TablesView(name=_l("导入导出"), endpoint="people_tables", url="/people-tables"),
        CertificatesView(name=_l("证书到期"), endpoint="certificates", url="/certificates"),
        HandOverView(name=_l("移交"), endpoint="hand_over", url="/hand-over"),
        WhomView(name=_l("谁来办"), endpoint="whom", url="/whom"),
        MineView(name=_l("我的资料"), endpoint="me", url="/me"),
        RolesView(name=_l("岗位与权限"), endpoint="roles", url="/roles"),
    ]
