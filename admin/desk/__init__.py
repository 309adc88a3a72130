"""The desk: what a person has to do, a task, what one may start, a case, notices and files.

Owns these screens and nothing below them; every change goes through the engine's façade.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from admin.desk.board import DeskView
from admin.desk.case import CaseView
from admin.desk.clocks import ClocksView
from admin.desk.files import FilesView
from admin.desk.lookup import LookupView
from admin.desk.notices import NoticesView
from admin.desk.start import StartView
from admin.desk.substitutes import SubstitutesView
from admin.desk.task import TaskView
from admin.widgets.view import View
from engine import Engine


def views(engine: Engine) -> list[View]:
    """The screens of this part."""
    return [
        DeskView(name=_l("我的任务"), endpoint="desk", url="/desk"),
        StartView(name=_l("发起事项"), endpoint="start", url="/start"),
        TaskView(name=_l("任务"), endpoint="task", url="/task"),
        CaseView(name=_l("事项"), endpoint="case", url="/case"),
        SubstitutesView(name=_l("代理"), endpoint="substitutes", url="/substitutes"),
        ClocksView(name=_l("时限"), endpoint="clocks", url="/clocks"),
        NoticesView(name=_l("消息"), endpoint="notices", url="/notices"),
        LookupView(name=_l("查找"), endpoint="lookup", url="/lookup"),
        FilesView(name=_l("附件"), endpoint="files", url="/files"),
    ]
