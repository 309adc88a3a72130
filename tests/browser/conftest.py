"""Fixtures that drive the real thing: a served application over an engine with a manual clock, and Chromium.

`serve(engine)` serves an application in a thread on a free port; `desktop` and `phone` are pages at both widths that
fail the test when a script breaks, the content policy blocks something or another host is asked. `enter(page, site,
login)` signs in without the form; `fits(page)` holds a page to its width and to buttons a thumb can hit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from admin.app import create_app
from engine import Engine
from engine.clock import ManualClock
from engine.settings import Settings
from tests.conftest import MONDAY_0900_SHANGHAI
from tests.sessions import cookie

SHELL = "/usr/bin/chromium-headless-shell"  # the same engine without a window around it: a third less processor
CHROMIUM = SHELL if Path(SHELL).exists() else "/usr/bin/chromium"
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


class Site:
    """An application being served: `url`, `app`, `engine`."""

    def __init__(self, app: Flask, engine: Engine, port: int) -> None:
        self.app, self.engine, self.url = app, engine, f"http://127.0.0.1:{port}"

    def cookie(self, login: str) -> dict[str, Any]:
        """A session cookie of somebody signed in."""
        name, value = cookie(self.app, login)
        return {"name": name, "value": value, "url": self.url}


@contextmanager
def served(engine: Engine) -> Iterator[Site]:
    """Serve an engine's application on a free port until the end of the block."""
    app = create_app(engine)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Site(app, engine, server.port)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty, migrated engine on SQLite with a manual clock at Monday 09:00 in Shanghai; the demo is off."""
    url = f"sqlite:///{tmp_path}/linli.db"
    settings = Settings(database=url, data=str(tmp_path), secret_key="test" * 12, demo=False, scheduler=False)
    made = Engine(url, clock=ManualClock(MONDAY_0900_SHANGHAI), settings=settings)
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Engine], Site]]:
    """`serve(engine)` -> Site; everything served stops with the test."""
    with ExitStack() as stack:
        yield lambda engine: stack.enter_context(served(engine))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, one for the run."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Watch:
    """What went wrong on a page while a test ran. `expected`: how console errors begin that the test itself brings
    about."""

    def __init__(self, page: Page, expected: tuple[str, ...] = ()) -> None:
        self.faults: list[str] = []
        self.expected = ("Failed to load resource", *expected)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("console", self._console)
        page.on("request", lambda request: self._elsewhere(request.url))

    def _console(self, message: Any) -> None:
        if message.type == "error" and not message.text.startswith(self.expected):
            self.faults.append(f"console: {message.text}")

    def _elsewhere(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "data:", "blob:", "about:")):
            self.faults.append(f"another host: {url}")


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`open_page(size, locale="zh-CN", expected=())` -> a page in a browser profile of its own, watched for faults."""
    opened: list[tuple[Any, Watch]] = []

    def make(size: dict[str, int] | None = None, locale: str = "zh-CN", expected: tuple[str, ...] = ()) -> Page:
        context = chromium.new_context(viewport=size or DESKTOP, locale=locale, reduced_motion="reduce")  # type: ignore[arg-type]
        page = context.new_page()
        page.set_default_timeout(30_000)
        opened.append((context, Watch(page, expected)))
        return page

    yield make
    for context, _watch in opened:
        context.close()
    faults = [fault for _context, watch in opened for fault in watch.faults]
    assert not faults, "\n".join(faults)


@pytest.fixture
def desktop(open_page: Callable[..., Page]) -> Page:
    """1440 pixels, Chinese."""
    return open_page(DESKTOP)


@pytest.fixture
def phone(open_page: Callable[..., Page]) -> Page:
    """390 pixels, Chinese."""
    return open_page(PHONE)


def enter(page: Page, site: Site, login: str) -> None:
    """Make the page's browser one where `login` is signed in."""
    page.context.add_cookies([site.cookie(login)])  # type: ignore[list-item]


def fits(page: Page) -> None:
    """Fail when the page scrolls sideways or a button is too small for a thumb."""
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, f"{page.url} is {width} px wider than the screen"
    small = page.evaluate(
        """() => [...document.querySelectorAll('a.btn, button.btn, input.form-control, select, .linli-bottom > *')]
          .filter(e => e.offsetParent && e.getBoundingClientRect().height < 39.5)
          .map(e => `${e.textContent.trim().slice(0, 20)} ${Math.round(e.getBoundingClientRect().height)}px`)"""
    )
    assert not small, f"{page.url}: too small to tap: {small}"
