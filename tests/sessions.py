"""Being signed in without the form, for tests and measurements.

Owns what a session says of the person it is of, as `admin.signin` reads it: their sign-in token, and the number of a
browser that the engine knows. Must not know who asks it: visitors without JavaScript, Chromium and the crowd do.
"""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from admin.signin import browsers
from admin.signin.accounts import Account
from engine.people.signins import Origin


def sign_in(client: FlaskClient, login: str) -> None:
    """A client becomes a browser where somebody has signed in."""
    people = client.application.extensions["linli"].people
    with client.application.test_request_context():
        token = Account(people.get(login)).fs_uniquifier
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = token, True
        session[browsers.KEY] = people.signins.begin(login, Origin("127.0.0.1", "test"))


def cookie(app: Flask, login: str) -> tuple[str, str]:
    """Name and value of the cookie of somebody signed in."""
    client = app.test_client()
    sign_in(client, login)
    name = app.config["SESSION_COOKIE_NAME"]
    kept = client.get_cookie(name)
    assert kept is not None, "the application keeps no session"
    return name, kept.value
