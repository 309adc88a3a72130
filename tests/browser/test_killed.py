"""The same walk over `python run.py`, killed (SIGKILL, the whole family) again and again and started again.

Every move of the clock is a power cut: the server dies, time passes, it starts again and its own tick does what came
due meanwhile. Nothing may be lost: no task, no draft, no session, no timer.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine import Engine
from engine.clock import SystemClock, as_utc
from engine.settings import Settings
from tests.admin.test_step_forms import PNG
from tests.browser import cycle
from tests.browser.town import Town, populate
from tests.cli.test_serve import Served, family, wait_for
from tests.postgres import free_port

pytestmark = pytest.mark.browser
SECRET = "test" * 12
DEAD = ("htmx:afterRequest", "htmx:sendError")  # what the pages left open say while nobody answers


class MortalTown(Town):
    """A served program of its own process, whose clock is the demo's: it can be set while the program is dead."""

    def __init__(self, folder: Path, engine: Engine, open_page: Callable[..., Page]) -> None:
        self.folder, self.engine, self.port = folder, engine, free_port()
        self.server: Served | None = None
        self.deaths = 0
        super().__init__(f"http://127.0.0.1:{self.port}", partial(open_page, expected=DEAD), "zh")

    def move(self, moment: datetime) -> None:
        """A power cut until that moment; back when the tick has done what was due."""
        self.kill()
        offset = as_utc(moment) - SystemClock().now()
        (self.folder / "var").mkdir(exist_ok=True)
        (self.folder / "var/demo-clock").write_text(str(offset.total_seconds()))
        self.start()
        wait_for(lambda: not self.engine.timers(due_before=as_utc(moment), limit=1), 30)

    def strike(self) -> None:
        """Kill it where it stands and start it again."""
        self.kill()
        self.start()

    def start(self) -> None:
        self.server = Served(self.folder, LINLI_PORT=str(self.port), LINLI_SECRET_KEY=SECRET)
        self.server.port = self.port
        self.server.wait()

    def kill(self) -> None:
        if self.server is None:
            return
        for pid in family(self.server.process.pid):
            os.kill(pid, signal.SIGKILL)
        self.server.process.wait()
        self.server.log.close()
        self.server = None
        self.deaths += 1


@pytest.fixture
def town(tmp_path: Path, open_page: Callable[..., Page]) -> Iterator[MortalTown]:
    url = f"sqlite:///{tmp_path}/linli.db"
    engine = Engine(url, settings=Settings(database=url, data=str(tmp_path / "var"), secret_key=SECRET))
    engine.migrate()
    populate(engine, "zh", sample=True)
    made = MortalTown(tmp_path, engine, open_page)
    yield made
    made.kill()
    engine.close()


def test_killing_the_server_again_and_again_loses_nothing(town: MortalTown, tmp_path: Path) -> None:
    photo = tmp_path / "east-gate.png"
    photo.write_bytes(PNG)
    town.until(23, 9)
    resident, code = cycle.submit(town, photo)
    wang = town.person("wang")
    wang.task("登记诉求")
    wang.fill("小类", "夜间停车")
    wang.sees("草稿已保存")
    town.strike()
    wang.page.reload()
    expect(wang.control("小类")).to_have_value("夜间停车")
    cycle.register(town)
    cycle.paste(town)
    town.strike()
    cycle.analyse(town)
    cycle.design(town)
    town.strike()
    cycle.approve(town)
    cycle.claim(town)
    cycle.serve_the_shift(town)
    cycle.report(town)
    cycle.evaluate(town, resident, code)
    cycle.points(town)
    town.kill()
    assert town.deaths == 8
    assert town.engine.doctor() == [] and town.engine.incidents() == []
