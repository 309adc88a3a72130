"""How I am told: quiet hours, daily digest, and a channel for each kind of notice, on one's own account page.

Owns the form; what may be chosen is `engine.telling`'s to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin.widgets import current
from engine import telling
from engine.records import Person
from engine.telling import Telling

KINDS: dict[str, Any] = {
    "task": _l("交给我的任务"),
    "reminder": _l("期限提醒"),
    "escalation": _l("超期上报"),
    "urge": _l("催办"),
    "copy": _l("抄送"),
    "comment": _l("留言提到我"),
    "notice": _l("其他通知"),
}


def shown(person: Person) -> dict[str, Any]:
    """What the form shows."""
    settings = current.engine().settings
    usual = {"quiet": settings.quiet, "digest": settings.digest}
    return {
        "chosen": telling.of(person.telling),
        "kinds": KINDS,
        "ways": _ways(person),
        "usual": usual,
        "number": partial(_number, person),
    }


def _ways(person: Person) -> list[tuple[str, str]]:
    """(value, words) of what may be chosen; chat addresses hold secrets, so they are told apart by their kind only."""
    found = [("", _("默认渠道")), (telling.IN_APP, _("只在站内")), (telling.DIGEST, _("每日摘要"))]
    for number, address in enumerate(_own(person), 1):
        scheme, _colon, rest = address.partition(":")
        words = _("邮件 %(address)s", address=rest) if scheme == "mailto" else f"{number}. {scheme}"
        found.append((str(number), words))
    return found


def chosen(person: Person, form: Mapping[str, str]) -> Telling:
    """The choice of a post. InvalidValue comes from the engine."""
    own, kinds = _own(person), {}
    for kind in telling.KINDS:
        way = form.get(f"kind-{kind}", "")
        kinds[kind] = own[int(way) - 1] if way.isdecimal() and 0 < int(way) <= len(own) else way
    start, end = form.get("quiet_from", "").strip(), form.get("quiet_to", "").strip()
    quiet = {"none": "none", "own": f"{start}-{end}"}.get(form.get("quiet", ""), "")
    return Telling(quiet, form.get("digest", "").strip(), {kind: way for kind, way in kinds.items() if way})


def _own(person: Person) -> list[str]:
    """The addresses a person may choose."""
    mail = (f"mailto:{person.email}",) if person.email else ()
    return list(dict.fromkeys((*person.channels, *mail)))


def _number(person: Person, way: str) -> str:
    """The form's value of a way that was chosen; one given up since is the usual one."""
    own = _own(person)
    return str(own.index(way) + 1) if way in own else way if way in (telling.IN_APP, telling.DIGEST) else ""
