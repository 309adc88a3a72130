"""A question of the permission matrix put to the application: who is let in, and did anything change.

Owns sending one request as somebody and reading the answer; what the answer should be is `routes`' and `rules`'.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from urllib.parse import quote

from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from werkzeug.routing import Rule as Address
from werkzeug.test import TestResponse

from engine.store import Store
from tests.admin.conftest import Visitor
from tests.security.routes import Route
from tests.security.world import VISITOR, WHO, Thing, Town

REFUSED = (401, 403, 404, 405)
ARGUMENTS = {
    "instance_id": lambda t: t.case.id,
    "item_id": lambda t: t.item.id,
    "incident_id": lambda t: t.incident.id,
    "timer_id": lambda t: t.timer.id,
    "definition_id": lambda t: t.case.definition_id,
    "attachment_id": lambda t: t.photo,
    "login": lambda t: t.person,
    "table": lambda t: "demands",
    "row_id": lambda t: t.row["id"],
    "page": lambda t: "probe",
    "section": lambda t: "all",
    "action": lambda t: "close",
    "kind": lambda t: "csv",
    "process": lambda t: "errand",
}


@dataclass(frozen=True)
class Told:
    """What became of a question."""

    let_in: bool
    changed: bool
    status: int
    where: str


class Changes:
    """Whether somebody else has written to the database since the last look."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._other = None if store.postgres else sqlite3.connect(store.db.database, isolation_level=None)
        self._seen = self._version()

    def seen(self) -> bool:
        """Whether it has."""
        before, self._seen = self._seen, self._version()
        return before != self._seen

    def close(self) -> None:
        """Let go of the file."""
        if self._other is not None:
            self._other.close()

    def _version(self) -> str:
        if self._other is not None:
            return str(self._other.execute("pragma data_version").fetchone()[0])
        with self._store.connected():
            return str(self._store.sql("select pg_snapshot_xmax(pg_current_snapshot())").fetchone()[0])


def address(route: Route, rule: Address, thing: Thing, who: str) -> str:
    """The rule with the thing's values in it."""
    path = rule.rule
    for name in rule.arguments:
        value = route.with_[name](thing, who) if name in route.with_ else str(ARGUMENTS[name](thing))
        for kind in ("", "int:", "path:"):
            path = path.replace(f"<{kind}{name}>", quote(value, safe=""))
    assert "<" not in path, f"{path}: the row gives no value for it"
    return path


class Door:
    """The application, asked by everybody in turn."""

    def __init__(self, app: Flask, town: Town) -> None:
        self._app, self._town = app, town
        self._visitors: dict[str, Visitor] = {}  # who is signed in since the last change: any may have ended a session
        self.changes = Changes(town.engine.store)

    def ask(self, route: Route, rule: Address, method: str, who: str, place: str) -> Told:
        """Reach for the thing at a place."""
        thing = self._town.thing(place)
        path, sent = address(route, rule, thing, who), route.sends(thing, who)
        visitor = self._visitor(who)
        self._app.extensions["linli-limits"].storage.reset()
        if method == "POST":
            visitor.token = self._token(visitor)
        self.changes.seen()
        answer = self._send(visitor, method, path, sent, route.json)
        changed = self.changes.seen()
        if changed:
            self._town.used(place)
        if changed or method != "GET":
            self._visitors.clear()
        let_in = _let_in(answer, route.leads) and (changed or not route.writes)
        return Told(let_in, changed, answer.status_code, answer.headers.get("Location", ""))

    def _token(self, visitor: Visitor) -> str:
        """What a page would have said: opening one before every post took half of the matrix's time."""
        with self._app.test_request_context():
            token, kept = generate_csrf(), session["csrf_token"]
        with visitor.client.session_transaction() as theirs:
            theirs["csrf_token"] = kept
        return str(token)

    def _visitor(self, who: str) -> Visitor:
        if who not in self._visitors:
            visitor = self._visitors[who] = Visitor(self._app)
            if who != VISITOR:
                visitor.enter(WHO.get(who, who))
        return self._visitors[who]

    def _send(self, visitor: Visitor, method: str, path: str, sent: dict, as_json: bool) -> TestResponse:
        if method == "GET":
            answer = visitor.get(path, query_string=sent)
        else:
            answer = visitor.send(path, sent) if as_json else visitor.post(path, sent)
        answer.close()
        return answer


def _let_in(answer: TestResponse, leads: str) -> bool:
    assert answer.status_code < 500, answer.get_data(as_text=True)[:600]
    where = answer.headers.get("Location", "")
    if leads:
        return where == leads
    sent_away = where == "/sign-in" or where.startswith(("/sign-in?", "/waiting/"))
    return answer.status_code not in REFUSED and not sent_away
