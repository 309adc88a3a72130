"""People who register through a process: made with the command's commit, once.

Owns the mapping from a form's answers to a person. Somebody known by login or mobile number stays as they are: a
repeated import or a second check-in changes nothing. Only who registered and waits (`pending`) is completed and becomes
active: their process has approved them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from engine.errors import AlreadyRegistered, InvalidValue
from engine.people import changes
from engine.people.directory import mobile
from engine.store import Moved, Store

if TYPE_CHECKING:
    from engine.commands.work import Work

PLAIN = ("name", "mobile", "email", "home_unit", "employer", "branch", "locale")
ASIDE = ("building", "interests", "position")  # kept as fields


def put(work: Work, given: Mapping[str, Any]) -> str:
    """Gather somebody's row; their login (the mobile number unless `login` is given). InvalidValue."""
    number = str(given.get("mobile") or "")
    login = str(given.get("login") or mobile(number) or number)
    if not login:
        raise InvalidValue(reason="a person needs a mobile number or a login")
    known = work.context.people.find(login) or work.context.people.find(number or login)
    if known is not None and known.status != "pending":
        return known.login
    row = changes.checked({**_row(known.login if known else login, given), "status": "active"})
    now, today = work.now, work.context.people.today()
    work.writes.action(lambda store: _land(store, row, now, today))
    return row["login"]


def _land(store: Store, row: dict[str, Any], now: Any, today: date) -> None:
    try:
        changes.put_inside(store, [row], now, today)
    except AlreadyRegistered as taken:  # somebody was first: look again
        raise Moved from taken


def _row(login: str, given: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"login": login, **{name: given[name] for name in PLAIN if given.get(name)}}
    row["fields"] = {name: given[name] for name in ASIDE if given.get(name)}
    row["posts"] = [(post["role"], post.get("unit") or "") for post in given.get("posts") or ()]
    row["skills"] = [_skill(skill) for skill in given.get("skills") or ()]
    row["free"] = [
        tuple(spell.values()) if isinstance(spell, Mapping) else spell for spell in given.get("free_times") or ()
    ]
    return row


def _skill(given: Any) -> Any:
    if not isinstance(given, Mapping):
        return str(given)
    until = given.get("valid_until")
    return (
        str(given["name"]),
        str(given.get("certificate") or ""),
        date.fromisoformat(until) if isinstance(until, str) else until,
    )
