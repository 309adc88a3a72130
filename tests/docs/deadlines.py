"""The generated page of deadlines: the table of the deadline suite, with what a designer and an operator need to
know.

Owns the layout and the words around it; forms, situations and results are those that tests/engine/deadlines plays.
"""

from __future__ import annotations

from pathlib import Path

from tests.engine import deadlines

PAGE = Path(__file__).parents[2] / "docs" / "designer" / "deadlines.md"
HEAD = """<!-- Written by `python -m tests.docs.reference`; do not edit. -->

# 期限 Deadlines

每一列是一种写法（任务的 `dueDate`），每一行是一种情形，格子是最后的到期时刻（单位当地时间）。`!2027`
表示落在没有日历的年份，
页面上会标出。工作时间：周一至周五 08:30-12:00、14:00-17:30。每个格子都在两种数据库上由
`tests/engine/test_deadlines.py`
演练：提醒随期限移动，每条只发一次；已用 + 剩余 = 总时限。

A column is a way to write a deadline (`dueDate` of the task), a row is a situation, a cell is when the task is due
in the
end, local to the unit. `!2027` marks a year without a calendar; screens show it. Working time: Monday to Friday
08:30-12:00 and 14:00-17:30. Each cell is played on both databases by `tests/engine/test_deadlines.py`: reminders move
with the deadline and are told once each; used + left = budget.
"""
TAIL = """
## 规则 Rules

- 挂起停表：挂起期间不计时，恢复后顺延挂起期间的工作时间（按任务自己的日历）。已超期的仍超期同样多。日志记下
  `deadline-moved`。
- 转交、委托不改变期限；迁移时只有新版设了别的期限才重新计算（从任务开始时算起）；退回的步骤重新开始计时。
- 日历变化（日子、年份、流程包、单位的日历或时区）后，下一次运行重算所有未完成的期限，并记入日志。已发的提醒不再发。
- 定时事件：时长随挂起停表、随日历重算；时刻和周期按墙上的日历。
- A suspended case's clocks stand still: its deadlines, what follows them and its duration timers fall later by the
  time
  that it was stopped, on their own calendar. What was late stays as late. The journal says so (`deadline-moved`).
- Transfer and delegation change no deadline; a migration only one that the new version sets otherwise, counted from
  when the task opened; a step that is returned to opens with its whole time.
- After a change of calendar (a day, a year's notice, a pack, a unit's calendar or zone) the next tick counts every
  open
  deadline again, on the journal. What was told is not told again.
- Timer events: a duration stands still and is counted again; a date and a cycle go by the calendar on the wall.

## 升级链 Escalation chains

`escalate` 的每一项是“等多久 告诉谁”。时长从到期算起；前面加 `+` 则从上一步算起。例：

    PT0S superior, +P1D head, +P1D head@up, +P2D office:320602

`superior` 承办人的直接上级；`head` 本单位负责人；`head@up` 上一级单位的负责人，`head@up2` 再上一级；`office:编码`
指定部门；也可以写
任何派单规则（`secretary@up`、`login:li`）。负责人是岗位权限里有 `head` 的人；没有岗位有 `head` 时，是有 `oversee`
的人。找不到人时
告诉有 `operate` 的人。被调用流程的任务沿自己单位的线上报，调用它的事项若属于另一条线，也沿那条线上报，并记入它的经过。
`timeout`
（超时动作）与升级各自按时发生，互不影响。

An entry of `escalate` is a wait and whom to tell. It counts from the due time, with `+` from the step before.
`superior`:
of whoever has the task; `head`: of the task's unit; `head@up`: of the next unit above, `head@up2` the one after;
`office:CODE`: a named office; any assignment rule. A head is whose role has the permission `head`, or where none has,
`oversee`. A step that finds nobody tells those who `operate`. A called case's task climbs its own unit's line;
that of a
caller of another line too, and the caller's timeline shows it. Steps and time-out actions each come at their time.
"""


def page() -> str:
    """The page."""
    return f"{HEAD}\n{deadlines.table()}\n{TAIL}"
