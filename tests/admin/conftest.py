"""Fixtures for the web face: an application over a fresh SQLite engine, and visitors that behave like browsers.

CSRF protection stays on: a visitor reads the token from the page it is on, as a browser would.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from admin.app import create_app
from engine import Engine
from engine.clock import ManualClock
from engine.settings import Settings
from tests.conftest import MONDAY_0900_SHANGHAI
from tests.sessions import sign_in

TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)"')


class Visitor:
    """A browser without JavaScript: keeps cookies, sends the CSRF token of the last page."""

    def __init__(self, app: Flask, language: str = "zh-CN") -> None:
        self.app = app
        self.client = app.test_client()
        self.headers = {"Accept-Language": language}
        self.token = ""

    def get(self, path: str, **more: Any) -> TestResponse:
        answer = self.client.get(path, headers={**self.headers, **more.pop("headers", {})}, **more)
        found = TOKEN.search(answer.get_data(as_text=True)) if answer.mimetype == "text/html" else None
        self.token = found[1] if found else self.token
        return answer

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Post a form with the token of the last page (or of the sign-in page when there was none)."""
        if not self.token:
            self.get("/account/" if self.signed_in else "/sign-in")
        headers = {**self.headers, **more.pop("headers", {})}
        return self.client.post(path, data={"csrf_token": self.token, **(data or {})}, headers=headers, **more)

    def send(self, path: str, body: dict[str, Any]) -> TestResponse:
        """Post JSON as the editor does."""
        if not self.token:
            self.get("/account/" if self.signed_in else "/sign-in")
        headers = {**self.headers, "X-CSRFToken": self.token, "Accept": "application/json"}
        return self.client.post(path, json=body, headers=headers)

    @property
    def signed_in(self) -> bool:
        with self.client.session_transaction() as session:
            return "_user_id" in session

    def enter(self, login: str) -> Visitor:
        """Be signed in as somebody, without the form."""
        sign_in(self.client, login)
        self.token = ""
        return self


def text(answer: TestResponse) -> str:
    """The body of an answer."""
    return answer.get_data(as_text=True)


def build(folder: Path, **given: Any) -> Engine:
    """A migrated engine on SQLite at Monday 09:00 in Shanghai; `given` are settings."""
    url = f"sqlite:///{folder}/linli.db"
    settings = Settings(**{"database": url, "data": str(folder), "secret_key": "test" * 12, "demo": False, **given})
    engine = Engine(url, clock=ManualClock(MONDAY_0900_SHANGHAI), settings=settings)
    engine.migrate()
    return engine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """One community, an administrator, a designer, a grid worker without the right to design, and staff who approve."""
    made = build(tmp_path)
    populate(made)
    yield made
    made.close()


def populate(engine: Engine) -> None:
    """The people and units of these tests; posts name the product's own permissions, so no pack is needed."""
    engine.people.put_unit("t", name="测试街道", name_en="Test Town")
    engine.people.put_unit("t1", parent="t", name="东社区", name_en="East Community", division="000000000001")
    engine.people.put_unit("t2", parent="t", name="西社区", name_en="West Community", division="000000000002")
    engine.people.put("boss", name="管理员", posts=[("admin", "")])
    engine.people.put("drawer", name="设计员", posts=[("design", "t")])
    engine.people.put("li", name="李网格", mobile="13800000001", posts=[("desk", "t1")])
    engine.people.put("staff", name="社工", posts=[("people:read", "t1"), ("people:write", "t1")])


@pytest.fixture
def app(engine: Engine) -> Flask:
    """The application."""
    return create_app(engine)


@pytest.fixture
def visit(app: Flask) -> Callable[..., Visitor]:
    """`visit()` is somebody new; `visit("li")` somebody signed in; `visit("li", "en")` in English."""

    def make(login: str = "", language: str = "zh-CN") -> Visitor:
        visitor = Visitor(app, language)
        return visitor.enter(login) if login else visitor

    return make
