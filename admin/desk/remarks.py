"""A remark on a case: its text, whom it names, what is attached.

Owns reading the post and the list of people to choose from. Who is named must be able to see the case; that is asked
here for the list and again by the engine.
"""

from __future__ import annotations

import re

from flask import request
from flask_babel import gettext as _

from admin.widgets import current, lookups, names, uploads
from engine import errors
from engine.records import Instance

LONGEST = 2000
MOST = 10  # files, people
_NAMED = re.compile(r"@([^\s@,\uff0c。;\uff1b、:\uff1a()\uff08\uff09]{1,40})")


def take(case: Instance) -> str:
    """Keep the remark posted; the sentence that says so. InvalidForm with words for what is refused."""
    engine, login = current.engine(), current.me().login
    text = request.form.get("text", "").strip()[:LONGEST]
    files = _files(login)
    if not text and not files:
        raise errors.InvalidForm({}, summary=_("请先填写内容。"))
    to = _named(text, case)
    engine.comment(case.id, text, by=login, to=to, files=files)
    told = [one for one in to if one != login]
    if told:
        return _("留言已保存，已通知 %(who)s。", who=_("、").join(names.person(one) for one in told))
    return _("留言已保存。")


def _files(login: str) -> list[str]:
    """Ids of what was attached."""
    sent = [one for one in request.files.getlist("file") if one.filename][:MOST]
    try:
        return [uploads.accept(current.engine(), one, by=login, field="remark") for one in sent]
    except uploads.Refused as error:
        raise errors.InvalidForm({}, summary=error.words) from error


def _named(text: str, case: Instance) -> list[str]:
    """Logins of those picked from the list whose name still stands in the text, and of names typed by hand."""
    picked = [login for login in request.form.getlist("to")[:MOST] if f"@{names.person(login)}" in text]
    known = {names.person(login) for login in picked}
    typed = [lookups.called(name) for name in _NAMED.findall(text)[:MOST] if name not in known]
    return [login for login in dict.fromkeys([*picked, *filter(None, typed)]) if _may_see(login, case.id)]


def people(case: Instance, typed: str) -> list[tuple[str, str]]:
    """(login, name) of people to name: those of the case first, then who is found by what is typed."""
    engine, me = current.engine(), current.me().login
    items = engine.work_items(instance=case.id, status=None)
    of_case = [case.started_by, *(one for item in items for one in (item.assignee, item.ended_by, *item.candidates))]
    near = [login for login in dict.fromkeys(filter(None, of_case)) if login != me]
    found = [(login, names.person(login)) for login in near if typed in names.person(login)]
    found += [(login, names.person(login)) for login, _where in lookups.people(typed) if login not in near]
    return [(login, name) for login, name in found if login != me and _may_see(login, case.id)][:MOST]


def _may_see(login: str, case: int) -> bool:
    try:
        current.engine().instance(case, by=login)
    except (errors.Forbidden, errors.NotFound):
        return False
    return True
