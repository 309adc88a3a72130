"""Who may change whom: within one's units, and never handing out a power one does not hold.

Owns that rule. Without it, somebody who may edit people in one community could make themselves administrator, or reset
an administrator's password.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from admin.widgets import current, names
from engine.errors import Forbidden
from engine.records import Person, Post

POWERS = ("admin", "design", "operate", "oversee", "people:write")  # what must be held to be given


def powers(role: str) -> list[str]:
    """The powers that a role carries: of a pack's role, or a permission of the product itself."""
    roles = current.engine().people.roles()
    granted = roles[role].permissions if role in roles else (role,)
    return [power for power in POWERS if power in granted or "admin" in granted or "*" in granted]


def may_give(role: str, unit: str) -> bool:
    """Whether the person asking may give a post: they look after people there and hold its powers there."""
    return current.may("people:write", unit) and all(current.may(power, unit) for power in powers(role))


def may_change(person: Person) -> bool:
    """Whether the person asking may change somebody: at their home (or employer), and all their powers are held too."""
    here = [unit for unit in (person.home_unit, person.employer) if unit]
    near = any(current.may("people:write", unit) for unit in here) if here else current.may("people:write", "")
    return near and all(current.may(power, post.unit) for post in person.posts for power in powers(post.role))


def must_change(person: Person) -> None:
    """Forbidden unless `may_change`."""
    if not may_change(person):
        raise Forbidden(who=current.me().name, action=_("修改 %(name)s", name=person.name))


def must_keep_posts(before: Iterable[Post], after: Iterable[Post]) -> None:
    """Forbidden when a post is added that may not be given, or one taken away, or moved in time, that could not be
    given."""
    changed = {(post.role, post.unit) for post in set(before).symmetric_difference(after)}
    refused = sorted(
        f"{names.role(role)} · {names.unit(unit) or '*'}" for role, unit in changed if not may_give(role, unit)
    )
    if refused:
        raise Forbidden(who=current.me().name, action=_("任免：%(posts)s", posts="、".join(refused)))
