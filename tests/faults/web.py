"""The served program as a victim, and a visitor who posts forms to it whatever happens to it.

The server is `cli.serve.Server` itself, gunicorn with a worker and its tick; only its clock is the town's. The visitor
posts a form again, with the key that stands in it, until it gets an answer: a connection that breaks says nothing about
what was done.
"""

from __future__ import annotations

import http.client
import random
import re
import secrets
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from admin.app import create_app
from cli.serve import Server
from engine.clock import Clock
from engine.settings import Settings
from engine.store.points import Point
from tests.faults import town
from tests.faults.diary import Diary
from tests.faults.hands import die_at, engine_of

POINTS = [point for point in Point if not point.name.startswith(("IMPORT", "FILE", "MIGRAT", "TIMER_FAILED"))]
TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')
KEY = re.compile(r'name="_key" value="([^"]+)"')
BROKEN = (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError)


class Victim(Server):
    """The served program. Every second of its workers dies at a point of its own choice."""

    def __init__(self, folder: Path, url: str, clock: Clock, port: int, told: Callable[[str], None]) -> None:
        self.folder, self.url, self.clock, self.told = folder, url, clock, told
        super().__init__(_settings(folder, url, clock, port))

    def load(self) -> Any:
        random.seed()
        self.engine = engine_of(self.folder, self.url, self.clock)
        if random.random() < 0.5:
            die_at(random.choice(POINTS), random.randrange(1, 30), self.told)
        return create_app(self.engine)


def _settings(folder: Path, url: str, clock: Clock, port: int) -> Settings:
    return replace(engine_of(folder, url, clock).settings, port=port, threads=4)


class Visitor:
    """Somebody with a browser without JavaScript and much patience."""

    def __init__(self, folder: Path, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.diary = Diary(folder / f"{town.VISITOR}.diary")
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self.browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def ask(self, path: str, data: dict[str, str] | None = None) -> tuple[str, str]:
        """Where it ended and what it says; again and again while nobody answers."""
        body = urllib.parse.urlencode(data).encode() if data is not None else None
        while True:
            try:
                return self._ask(path, body)
            except BROKEN:
                threading.Event().wait(0.05)

    def _ask(self, path: str, body: bytes | None) -> tuple[str, str]:
        try:
            with self.browser.open(self.address + path, body, timeout=20) as answer:
                return answer.url.removeprefix(self.address), answer.read().decode()
        except urllib.error.HTTPError as refused:
            if refused.code < 500:
                return path, refused.read().decode()
            self.diary.write("trouble", str(refused.code), path)
            raise

    def post(self, path: str, page: str, data: dict[str, str]) -> tuple[str, str]:
        """Post the form of a page."""
        token, key = TOKEN.search(page), KEY.search(page)
        given = {"csrf_token": token[1] if token else "", "_key": key[1] if key else ""}
        return self.ask(path, {**given, **data})

    def enter(self) -> None:
        """Sign in."""
        _, page = self.ask("/sign-in")
        where, _ = self.post("/sign-in", page, {"identity": town.VISITOR, "password": town.PASSWORD})
        assert where != "/sign-in", "the visitor was not let in"

    def walk(self) -> None:
        """Start cases and do tasks for ever."""
        self.enter()
        while True:
            self.start()
            self.do_a_task()

    def start(self) -> None:
        """Post the start form. Its answer leads to another page; the form again means that it was refused."""
        path, ref = f"/start/{town.PROCESS}/", f"{town.VISITOR}-{secrets.token_hex(6)}"
        _, page = self.ask(path)
        self.diary.write("want", "start", ref)
        where, _ = self.post(path, page, {"ref": ref})
        self.diary.write("got" if where != path else "no", "start", ref, "refused" if where == path else None)

    def do_a_task(self) -> None:
        """Post the form of an open task, if the desk shows one."""
        _, desk = self.ask("/desk/?tab=claim")
        items = re.findall(r"/task/(\d+)/", desk)
        if not items:
            return
        path, amount = f"/task/{random.choice(items)}/", random.randrange(1, 1000)
        _, page = self.ask(path)
        if 'name="amount"' not in page:
            return  # somebody else has it
        self.diary.write("want", "complete", path.split("/")[2], amount)
        where, _ = self.post(path, page, {"amount": str(amount)})
        answer = "no" if where == path else "got"
        self.diary.write(answer, "complete", path.split("/")[2])
