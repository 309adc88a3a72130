"""The deadline suite: every way to give a deadline, in every situation, as a table of what is due when.

Each situation is played on a real engine with a manual clock, all forms side by side. EXPECTED is written by hand: when
the task is due in the end, by the clock on the unit's wall. docs/designer/deadlines.md shows the same table (a test
compares; `python -m tests.docs.reference` writes it).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from engine import Engine
from engine.clock import ManualClock
from engine.records import Holiday, WorkItem
from tests.diagrams import diagram, user

CALENDAR = {"calendar": "working"}
FORMS: dict[str, tuple[str, str, dict[str, str]]] = {
    "hours": ("PT8H", "8 工作小时 8 working hours", CALENDAR),
    "days": ("P2D", "2 个工作日 2 working days", CALENDAR),
    "time": ("PT48H", "48 小时 48 hours of plain time", {"calendar": "natural"}),
    "expression": ("=limit", "表达式 an expression giving a date and time", CALENDAR),
}
WEDNESDAY = datetime(2026, 11, 25, 9, 0)  # local; a plain week: no holiday near
REMIND = {"remind": "-PT1H, PT0S", "escalate": "PT1H boss"}
SHANGHAI, URUMQI = "Asia/Shanghai", "Asia/Urumqi"


@dataclass(frozen=True)
class Situation:
    """`begins`: local time in `zone` when the task opens; `happens`: what comes after, None = nothing."""

    title: str
    begins: datetime = WEDNESDAY
    zone: str = SHANGHAI
    happens: Callable[[Play], None] | None = None


class Play:
    """All forms in one situation, side by side."""

    def __init__(self, engine: Engine, clock: ManualClock, situation: Situation) -> None:
        self.engine, self.clock, self.situation = engine, clock, situation
        self.zone = ZoneInfo(situation.zone)
        self.cases: dict[str, int] = {}

    def run(self) -> Play:
        """Play it to the end."""
        engine, situation = self.engine, self.situation
        self.at(situation.begins)
        engine.people.put_unit("t", name="街道", zone=situation.zone)
        deploy(engine)
        limit = (situation.begins + timedelta(days=2)).replace(hour=16, minute=0, tzinfo=self.zone)
        for form in FORMS:
            self.cases[form] = engine.start(form, {"unit": "t", "limit": limit}, by="").id
        if situation.happens:
            situation.happens(self)
        engine.run_due()
        return self

    def at(self, local: datetime) -> None:
        """Set the clock to a local time."""
        self.clock.set(local.replace(tzinfo=self.zone).astimezone(UTC).replace(tzinfo=None))

    def item(self, form: str) -> WorkItem:
        """The open task."""
        [found] = self.engine.work_items(instance=self.cases[form])
        return found

    def items(self) -> list[WorkItem]:
        """The open tasks of all forms."""
        return [self.item(form) for form in FORMS]

    def due(self, form: str) -> str:
        """When it is due, by the clock on the unit's wall; `!2027` behind it: that year has no calendar."""
        item = self.item(form)
        assert item.due_at is not None
        flag = f" !{item.due_flag.partition(':')[2]}" if item.due_flag else ""
        return f"{self.local(item.due_at)}{flag}"

    def local(self, moment: datetime) -> str:
        return f"{moment.replace(tzinfo=UTC).astimezone(self.zone):%m-%d %H:%M}"


def deploy(engine: Engine, name: str = "") -> None:
    """A process for each form: the step with the deadline, and one after it."""
    files = {}
    for form, (due, _, calendar) in FORMS.items():
        step = user("u", due=due, assignee="li", props=calendar | REMIND, name=name or "step")
        files[f"{form}.bpmn"] = diagram("s -> u -> b -> e", step, user("b", assignee="li"), key=form)
    engine.deploy(files, by="")


# ---- what happens --------------------------------------------------------------------------------------------------


def _transfer(play: Play) -> None:
    play.at(datetime(2026, 11, 25, 11, 0))
    for item in play.items():
        play.engine.transfer(item.id, "wang", by="li")


def _delegate(play: Play) -> None:
    play.at(datetime(2026, 11, 25, 11, 0))
    for item in play.items():
        play.engine.delegate(item.id, "wang", by="li")


def _return(play: Play) -> None:
    """The step is done on Wednesday 11:00, the next one returns it on Thursday 10:00: it opens with its whole time."""
    play.at(datetime(2026, 11, 25, 11, 0))
    for item in play.items():
        play.engine.complete(item.id, {}, by="li")
    play.at(datetime(2026, 11, 26, 10, 0))
    for item in play.items():
        play.engine.return_to(item.id, "u", by="li")


def _suspended(start: datetime, end: datetime) -> Callable[[Play], None]:
    def happens(play: Play) -> None:
        play.at(start)
        for case in play.cases.values():
            play.engine.suspend(case, by="")
        play.at(end)
        play.engine.run_due()
        for case in play.cases.values():
            play.engine.resume(case, by="")

    return happens


def _twice(play: Play) -> None:
    _suspended(datetime(2026, 11, 25, 10, 0), datetime(2026, 11, 25, 11, 0))(play)
    _suspended(datetime(2026, 11, 25, 15, 0), datetime(2026, 11, 25, 16, 0))(play)


def _migrate(play: Play) -> None:
    play.at(datetime(2026, 11, 25, 11, 0))
    deploy(play.engine, "renamed")
    for case in play.cases.values():
        play.engine.migrate_instance(case, 2, by="")


def _closure(play: Play) -> None:
    """On Wednesday noon Thursday is closed."""
    play.at(datetime(2026, 11, 25, 12, 0))
    play.engine.put_holiday(Holiday(date(2026, 11, 26), False, "停电"), by="")


def _reopened(play: Play) -> None:
    _closure(play)
    play.engine.run_due()
    play.engine.drop_holiday(date(2026, 11, 26), by="")


def _closed_while_stopped(play: Play) -> None:
    play.at(datetime(2026, 11, 25, 10, 0))
    for case in play.cases.values():
        play.engine.suspend(case, by="")
    _closure(play)
    play.engine.run_due()
    play.at(datetime(2026, 11, 25, 15, 0))
    for case in play.cases.values():
        play.engine.resume(case, by="")


def _notice_entered(play: Play) -> None:
    """The next year's notice says that 4 January is a holiday, then that the notice is whole."""
    for day in (1, 4):
        play.engine.put_holiday(Holiday(date(2027, 1, day), False, "元旦"), by="")
    play.engine.mark_year(2027, True, by="")


SITUATIONS: dict[str, Situation] = {
    "plain": Situation("周三 09:00 开始 begins Wednesday 09:00"),
    "transfer": Situation("转交 handed over", happens=_transfer),
    "delegate": Situation("委托 delegated", happens=_delegate),
    "return": Situation("周四 10:00 退回：重新计时 returned Thursday 10:00: a new whole time", happens=_return),
    "suspension": Situation(
        "周三 10:00-15:00 挂起（工作时间 3 小时） suspended 10:00-15:00 (3 working hours)",
        happens=_suspended(datetime(2026, 11, 25, 10, 0), datetime(2026, 11, 25, 15, 0)),
    ),
    "suspension-night": Situation(
        "夜间 20:00-06:00 挂起 suspended in the night, 20:00-06:00",
        happens=_suspended(datetime(2026, 11, 25, 20, 0), datetime(2026, 11, 26, 6, 0)),
    ),
    "suspension-weekend": Situation(
        "周五 17:00 挂起到周一 09:00 suspended Friday 17:00 to Monday 09:00",
        begins=datetime(2026, 11, 27, 9, 0),
        happens=_suspended(datetime(2026, 11, 27, 17, 0), datetime(2026, 11, 30, 9, 0)),
    ),
    "suspension-twice": Situation("挂起两次，各 1 小时 suspended twice, an hour each", happens=_twice),
    "migration": Situation("迁移到新版本 migrated to a new version", happens=_migrate),
    "calendar-change": Situation("周三中午宣布周四停工 on Wednesday noon Thursday is closed", happens=_closure),
    "calendar-and-back": Situation("停工又取消 closed, and open again", happens=_reopened),
    "closed-while-stopped": Situation(
        "挂起 10:00-15:00，其间宣布周四停工 Thursday is closed while it is suspended 10:00-15:00",
        happens=_closed_while_stopped,
    ),
    "night": Situation("周三 22:00 开始 begins Wednesday 22:00", begins=datetime(2026, 11, 25, 22, 0)),
    "noon": Situation("午休 12:30 开始 begins in the noon break", begins=datetime(2026, 11, 25, 12, 30)),
    "weekend": Situation("周六 10:00 开始 begins Saturday 10:00", begins=datetime(2026, 11, 28, 10, 0)),
    "holiday": Situation(
        "国庆前 9 月 30 日 16:00 开始 begins 30 September 16:00, before the holidays",
        begins=datetime(2026, 9, 30, 16, 0),
    ),
    "make-up-day": Situation(
        "9 月 19 日（周六）16:00 开始，20 日补班 begins Saturday 19 September 16:00; the 20th is a make-up day",
        begins=datetime(2026, 9, 19, 16, 0),
    ),
    "year-without-notice": Situation(
        "12 月 31 日 16:00 开始，2027 年未公布 begins 31 December 16:00; 2027 is not known",
        begins=datetime(2026, 12, 31, 16, 0),
    ),
    "notice-entered": Situation(
        "同上，其后录入 2027 年放假通知（4 日放假） the same, then the notice of 2027 is entered (the 4th is off)",
        begins=datetime(2026, 12, 31, 16, 0),
        happens=_notice_entered,
    ),
    "other-zone": Situation("新疆时区的单位，当地周三 09:00 a unit in Xinjiang's zone, 09:00 there", zone=URUMQI),
}

# What is due when, local to the unit, in the order of FORMS. Working
# time is Monday to Friday 08:30-12:00 and 14:00-17:30.
EXPECTED: dict[str, tuple[str, str, str, str]] = {
    "plain": ("11-26 10:00", "11-27 17:30", "11-27 09:00", "11-27 16:00"),
    "transfer": ("11-26 10:00", "11-27 17:30", "11-27 09:00", "11-27 16:00"),
    "delegate": ("11-26 10:00", "11-27 17:30", "11-27 09:00", "11-27 16:00"),
    "return": ("11-27 11:00", "11-30 17:30", "11-28 10:00", "11-27 16:00"),
    "suspension": ("11-26 15:00", "11-30 11:30", "11-27 14:00", "11-30 10:00"),
    "suspension-night": ("11-26 10:00", "11-27 17:30", "11-27 19:00", "11-27 16:00"),
    "suspension-weekend": ("11-30 11:00", "12-02 09:30", "12-02 01:00", "11-30 09:30"),
    "suspension-twice": ("11-26 12:00", "11-30 10:30", "11-27 11:00", "11-30 09:00"),
    "migration": ("11-26 10:00", "11-27 17:30", "11-27 09:00", "11-27 16:00"),
    "calendar-change": ("11-27 10:00", "11-30 17:30", "11-27 09:00", "11-27 16:00"),
    "calendar-and-back": ("11-26 10:00", "11-27 17:30", "11-27 09:00", "11-27 16:00"),
    "closed-while-stopped": ("11-27 15:00", "12-01 11:30", "11-27 14:00", "11-30 10:00"),
    "night": ("11-27 09:30", "11-27 17:30", "11-27 22:00", "11-27 16:00"),
    "noon": ("11-26 15:00", "11-27 17:30", "11-27 12:30", "11-27 16:00"),
    "weekend": ("12-01 09:30", "12-01 17:30", "11-30 10:00", "11-30 16:00"),
    "holiday": ("10-08 17:00", "10-09 17:30", "10-02 16:00", "10-02 16:00"),
    "make-up-day": ("09-21 09:30", "09-21 17:30", "09-21 16:00", "09-21 16:00"),
    "year-without-notice": ("01-01 17:00 !2027", "01-04 17:30 !2027", "01-02 16:00", "01-02 16:00 !2027"),
    "notice-entered": ("01-05 17:00", "01-06 17:30", "01-02 16:00", "01-02 16:00"),
    "other-zone": ("11-26 10:00", "11-27 17:30", "11-27 09:00", "11-27 16:00"),
}


def table() -> str:
    """The table as the documentation shows it."""
    heads = [f"`{due}` {title}" for due, title, _ in FORMS.values()]
    lines = ["| | " + " | ".join(heads) + " |", "| --- |" + " --- |" * len(heads)]
    lines += [f"| {SITUATIONS[key].title} | " + " | ".join(EXPECTED[key]) + " |" for key in SITUATIONS]
    return "\n".join(lines)
