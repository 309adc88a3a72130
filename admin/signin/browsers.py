"""Which browsers are signed in: each session holds a random number whose digest the engine knows, and ends with it.

Owns that number in the session, and what is recorded when somebody comes and goes. A session without one is over.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request, session
from flask_login import user_logged_in, user_logged_out

from admin.widgets import current
from engine.people.signins import Origin

KEY = "browser"


def origin() -> Origin:
    """Where this request comes from."""
    return Origin(request.remote_addr or "", request.user_agent.string)


def token() -> str:
    """This browser's number, '' when it has none."""
    return str(session.get(KEY, ""))


def alive(login: str) -> bool:
    """Whether this browser is still signed in as somebody."""
    return current.engine().people.signins.alive(login, token())


def _came(sender: Any, user: Any, **more: Any) -> None:
    signins = current.engine().people.signins
    session[KEY] = signins.begin(user.login, origin())
    signins.record(user.login, g.get("linli_way", "in"), origin())  # `oidc`: the provider let them in


def _went(sender: Any, user: Any, **more: Any) -> None:
    if hasattr(user, "login"):
        current.engine().people.signins.leave(user.login, token())
    session.pop(KEY, None)


def init(app: Flask) -> None:
    """Listen to who signs in and out."""
    user_logged_in.connect(_came, app)
    user_logged_out.connect(_went, app)
