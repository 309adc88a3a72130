"""What operators watch: timers, incidents, letters on their way and people to call, the calendar, the audit.

Owns these screens. Every act goes through the façade, which asks for the permission `operate` and writes the journal.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from admin.system.almanac import CalendarView
from admin.system.audit import AuditView
from admin.system.closures import ClosuresView
from admin.system.incidents import IncidentsView
from admin.system.outbox import OutboxView
from admin.system.timers import TimersView
from admin.widgets.view import View
from engine import Engine


def views(engine: Engine) -> list[View]:
    """The screens of this part."""
    return [
        IncidentsView(name=_l("异常"), endpoint="incidents", url="/incidents"),
        TimersView(name=_l("定时器"), endpoint="timers", url="/timers"),
        OutboxView(name=_l("通知发送"), endpoint="outbox", url="/outbox"),
        CalendarView(name=_l("工作日历"), endpoint="calendar", url="/calendar"),
        ClosuresView(name=_l("单位休息日"), endpoint="closures", url="/closures"),
        AuditView(name=_l("审计检查"), endpoint="audit", url="/audit"),
    ]
