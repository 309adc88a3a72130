"""Who is asking, in what language, of which engine: the only place that knows how a request tells.

Owns `me()`, `may()`, `engine()`. One look at the people a request; nothing here changes anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import current_app, g
from flask_login import current_user

from admin import i18n
from engine import Engine
from engine.errors import Forbidden
from engine.people import Rights


@dataclass(frozen=True, slots=True)
class Me:
    """The person who sent this request; `login` is '' for a visitor."""

    login: str = ""
    name: str = ""
    units: tuple[str, ...] = ()  # codes of the units where a post is held
    roles: tuple[str, ...] = ()
    employer: str = ""
    home_unit: str = ""
    locale: str = "zh"
    status: str = ""  # pending | active | left

    @property
    def signed_in(self) -> bool:
        """Whether somebody is signed in at all (perhaps not approved yet)."""
        return bool(self.login)

    @property
    def approved(self) -> bool:
        """Whether this person may act: a member who has just registered waits for the community's approval."""
        return self.status == "active"

    def as_feel(self) -> dict[str, Any]:
        """The `me` of a page's FEEL expressions."""
        return {
            "login": self.login,
            "name": self.name,
            "units": list(self.units),
            "roles": list(self.roles),
            "employer": self.employer,
            "home_unit": self.home_unit,
        }


def engine() -> Engine:
    """The engine behind this application; within `instead`, the one named there."""
    return cast(Engine, i18n.here().get("instead") or current_app.extensions["linli"])


@contextmanager
def instead(other: Engine) -> Iterator[None]:
    """Within it forms are drawn and read against another engine: a trial's. Who asks stays who they are; names that
    were looked up belong to one engine only."""
    me()
    asked = {name: g.pop(name) for name in _looked_up()}
    g.instead = other
    try:
        yield
    finally:
        del g.instead
        for name in _looked_up():
            g.pop(name)
        for name, value in asked.items():
            setattr(g, name, value)


def _looked_up() -> list[str]:
    return [name for name in g if name.startswith("linli_") and name != "linli_language"]


def me() -> Me:
    """The person asking, looked up once a request."""
    known = i18n.here().get("me")
    if known is None:
        known = g.me = _look()
    return cast(Me, known)


def speak(language: str) -> None:
    """The rest of this request is in another language (`zh`, `en`): a designer looks at a form as others will."""
    g.linli_language = language
    g.me = replace(me(), locale=language)


def may(permission: str, unit: str | None = None) -> bool:
    """Whether the person asking has a permission (in that unit, when given). A pending member has none."""
    return me().approved and _rights().may(permission, unit)


def _rights() -> Rights:
    known = i18n.here().get("rights")
    if known is None:
        known = g.rights = engine().people.rights(me().login)
    return cast(Rights, known)


def demand(permission: str, unit: str | None = None) -> None:
    """Forbidden unless `may`."""
    if not may(permission, unit):
        raise Forbidden(who=me().name or me().login, action=permission)


def now() -> datetime:
    """The engine's time, naive UTC."""
    return engine().clock.now()


def zone() -> ZoneInfo:
    """The zone that screens show times in."""
    return engine().settings.timezone


def _look() -> Me:
    if not current_user.is_authenticated:
        return Me(locale=i18n.locale())
    person = current_user.person
    posts = person.posts
    return Me(
        login=person.login,
        name=person.name or person.login,
        units=tuple(dict.fromkeys(p.unit for p in posts if p.unit)),
        roles=tuple(dict.fromkeys(p.role for p in posts)),
        employer=person.employer,
        home_unit=person.home_unit,
        locale=i18n.locale(),
        status=person.status,
    )
