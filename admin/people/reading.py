"""One person, when the reader may read them.

Owns that rule for the screens; lists are scoped by the engine.
"""

from __future__ import annotations

from flask_babel import gettext as _

from admin.widgets import current
from engine.errors import NotFound
from engine.records import Person


def readable(login: str) -> Person:
    """The person, when one may read them (or is them); NotFound else."""
    found = current.engine().people.records([login]).get(login)
    here = [unit for unit in (found.home_unit, found.employer) if unit] if found else []
    seen = any(current.may("people:read", unit) for unit in here) or current.may("people:read", "")
    if found is None or not (seen or login == current.me().login):
        raise NotFound(what=_("人员"), id=login)
    return found
