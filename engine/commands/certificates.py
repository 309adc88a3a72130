"""Certificates that end: their owners hear of it a month and a week before and when it is over, and so do those who
look after them from the last week on.

Owns what is told when. Each notice has its key, so that any number of processes and days tell it once; a certificate
renewed meanwhile has another last day and is told about anew.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from engine.commands import notices
from engine.commands.context import Context
from engine.commands.runner import perform
from engine.commands.work import Work
from engine.people.directory import rows_of
from engine.records import Skill
from engine.store.models import Notice

EARLY, LATE = 30, 7  # days before
OLD = 30  # days after which nobody is told any more
MINE = "/me/"  # the page of one's own record
MANAGERS = 3  # of those who may change the person, the nearest


def remind(context: Context) -> int:
    """Tell what is to be told today; how many certificates were told about. Safe to run often and anywhere."""
    people = context.people
    today = people.today()
    waiting = {
        f"{_key(skill, _stage(skill, today), MINE)}-{login}": (login, skill)
        for login, skill in people.expiring(EARLY, since=today - timedelta(days=OLD))
    }
    with context.store.connected():
        told = {row["key"] for row in rows_of(context.store, Notice, "key", list(waiting))}
    for key in [key for key in waiting if key not in told]:
        login, skill = waiting[key]
        perform(context, "", partial(_tell, login=login, skill=skill), key=key, command="certificate")
    return len(waiting) - len(told)


def _stage(skill: Skill, today: date) -> str:
    assert skill.expires is not None  # `expiring` gives no others
    left = (skill.expires - today).days
    return "over" if left < 0 else "late" if left <= LATE else "early"


def _key(skill: Skill, stage: str, link: str) -> str:
    return f"certificate-{skill.name}-{skill.expires}-{stage}-{link}"


def _tell(work: Work, login: str, skill: Skill) -> int:
    people = work.context.people
    stage = _stage(skill, people.today())
    notices.tell(work, [login], _letter(skill, stage, "", MINE))
    if stage != "early":
        person = people.get(login)
        above = [one for one in people.permitted("people:write", person.home_unit) if one != login][:MANAGERS]
        notices.tell(work, above, _letter(skill, stage, person.name, f"/people/{login}/"))
    return 1


def _letter(skill: Skill, stage: str, name: str, link: str) -> notices.Letter:
    what = "、".join(filter(None, (skill.name, skill.certificate)))
    english = ", ".join(filter(None, (skill.name, skill.certificate)))
    over = stage == "over"
    return notices.Letter(
        key=_key(skill, stage, link),
        subject=f"【证书】{name}{what}{'已到期' if over else '即将到期'}",
        body=f"到期日：{skill.expires}。{'' if over else '到期后，'}需要它的任务不再派给本人。",
        link=link,
        subject_en=f"Certificate: {name + ', ' if name else ''}{english} {'has expired' if over else 'expires soon'}",
        body_en=f"Last day: {skill.expires}. Tasks that need it {'no longer come' if over else 'then no longer come'}.",
    )
