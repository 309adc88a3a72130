"""`/audit/`: who did what, and the proof that nobody changed the record: hash chains, tables that agree.

Owns the page. Lines are the engine's journal (the house's own, and on request those of cases), proofs are
`engine.doctor`'s. Reads only.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from flask import request
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin.system.top import TopView
from admin.widgets import current, dates, names, sheets, tables
from engine.records import Deed, Page

MOST = 200
LONGEST = 20_000  # lines of a file
EVENTS: dict[str, Any] = {
    "person-changed": _l("改人员"),
    "appointed": _l("任命"),
    "dismissed": _l("免去岗位"),
    "unit-changed": _l("改单位"),
    "looked": _l("看完整信息"),
    "exported": _l("导出个人信息"),
    "erased": _l("删除个人信息"),
    "redacted": _l("抹去记录里的个人信息"),
    "role-changed": _l("改岗位权限"),
    "role-reset": _l("恢复岗位权限"),
    "deployed": _l("发布定义"),
    "migrated": _l("迁移正在办的事项"),
    "pack-new": _l("新建流程包"),
    "pack-imported": _l("导入流程包"),
    "pack-restored": _l("恢复流程包的旧版"),
    "pack-proposed": _l("提交流程包待审批"),
    "pack-refused": _l("退回流程包的提交"),
    "pack-dropped": _l("删除流程包"),
    "calendar": _l("改工作日历"),
    "unlocked": _l("解锁账户"),
    "factor-on": _l("打开两步验证"),
    "factor-off": _l("关闭两步验证"),
}


class AuditView(TopView):
    """Runs the doctor when asked (it may take a while on a large database)."""

    duty = "system"
    icon = "shield-check"
    order = 50

    @expose("/")
    def index(self) -> str:
        """Who did what: ?actor= ?event= ?subject= ?since= ?until= and ?cases=1 narrow and widen the list."""
        return self._page(None)

    @expose("/run", methods=("POST",))
    def run(self) -> str:
        """Check everything."""
        found = current.engine().doctor()
        return self._page(found[:MOST], total=len(found))

    @expose("/prove", methods=("POST",))
    def prove(self) -> str:
        """Check the chain of the house's own journal, at once."""
        return self._page(None, proof=current.engine().house_sound())

    @expose("/export.csv")
    def export(self) -> Any:
        """The lines as filtered, as a file."""
        headings = [_("时间"), _("谁"), _("登录名"), _("做了什么"), _("涉及"), _("内容")]
        lines = ([*told(one)] for one in _deeds(LONGEST, 0).rows)
        return sheets.download(_("审计记录"), "csv", headings, lines)

    def _page(self, problems: Any, total: int = 0, proof: list[str] | None = None) -> str:
        asked = tables.asked(50)
        page = _deeds(asked.size, asked.offset)
        return self.render(
            "system/audit.html",
            problems=problems,
            total=total,
            most=MOST,
            proof=proof,
            page=page,
            events=EVENTS,
            said=[(one, words(one)) for one in page.rows],
        )


def _deeds(limit: int, offset: int) -> Page[Deed]:
    asked = request.values
    return current.engine().deeds(
        actor=asked.get("actor", "").strip()[:64],
        event=asked.get("event", "") if asked.get("event", "") in EVENTS else "",
        subject=asked.get("subject", "").strip()[:64],
        case=None if asked.get("cases") else 0,
        since=_day(asked.get("since", "")),
        until=_day(asked.get("until", ""), 1),
        limit=limit,
        offset=offset,
    )


def _day(text: str, later: int = 0) -> datetime | None:
    """The first moment of a day in the zone of screens, as naive UTC."""
    try:
        day = date.fromisoformat(text) + timedelta(days=later)
    except (ValueError, OverflowError):
        return None
    return dates.start_of(day)


def words(one: Deed) -> str:
    """What a line's data say, in a few words."""
    data = one.data
    if data.get("erased") is True:
        return _("（内容已删除）")
    parts = [
        _("%(what)s：%(said)s", what=key, said=_("、").join(map(str, value)) if isinstance(value, list) else value)
        for key, value in data.items()
        if key != "seals"
    ]
    return _("；").join(parts)[:400]


def told(one: Deed) -> list[str]:
    """A line of the file."""
    event = str(EVENTS.get(one.event, one.event))
    return [dates.exact(one.at), names.person(one.actor), one.actor, event, one.subject, words(one)]
