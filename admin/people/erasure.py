"""What an erasure found, in words: what went or would go by place, and what stays and why.

Owns the names of the places; the figures and the reasons are the engine's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin.i18n import locale
from engine.records import Erasure

PLACES: dict[str, Any] = {
    "cases": _l("事项的内容"),
    "lines": _l("操作记录的行"),
    "rows": _l("台账的行"),
    "files": _l("上传的文件"),
    "notices": _l("收到的通知"),
    "letters": _l("待发或已发的信件"),
    "mail": _l("信件文件夹里的信"),
    "drafts": _l("没填完的表单"),
    "filters": _l("保存的筛选"),
    "sign_ins": _l("登录记录"),
    "browsers": _l("登录过的浏览器"),
    "factors": _l("两步验证"),
    "skills": _l("特长和证书"),
    "free_times": _l("空闲时间"),
    "elsewhere": _l("别处提到的行"),
    "searched": _l("全文检索里的事项"),
    "archived": _l("归档里的事项"),
}


@dataclass(frozen=True, slots=True)
class Lines:
    """The report as the page shows it. `alias`: the sign-in name from now on; `kept`: count (0: none to count), why."""

    alias: str
    erased: Sequence[tuple[str, int]]
    kept: Sequence[tuple[int, str]]


def lines(report: Erasure) -> Lines:
    """An engine's report in the reader's language."""
    chinese = locale().startswith("zh")
    erased = [(str(PLACES.get(place, place)), count) for place, count in report.erased.items()]
    return Lines(report.alias, erased, [(kept.count, kept.zh if chinese else kept.en) for kept in report.kept])


def sentence(report: Erasure) -> str:
    """What went, said after the deed; what stays was on the page that asked."""
    said = lines(report)
    went = _("、").join(_("%(what)s：%(said)s", what=what, said=count) for what, count in said.erased)
    return _("个人信息已删除；今后以“%(alias)s”指代。%(went)s", alias=said.alias, went=went)
