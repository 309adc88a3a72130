"""A street with two communities, a factory, and six people; the served program they use and its clock.

`populate` fills an empty installation; `Town` gives each person a browser of their own and moves the clock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Page

from cli.database import PACKS, hashed
from engine import Engine, playback
from engine.clock import ManualClock
from tests.browser.conftest import DESKTOP
from tests.browser.walking import Walker
from tests.browser.words import Words

SHANGHAI = ZoneInfo("Asia/Shanghai")
PASSWORD = "linli-walks"
STREET, FIRST, SECOND = "440604010", "440604010001", "440604010002"
PEOPLE = [
    {"login": "wang", "name": "网格员小王", "posts": [("grid_worker", FIRST)]},
    {"login": "she", "name": "社工小佘", "posts": [("community_staff", FIRST), ("organiser", FIRST)]},
    {"login": "shu", "name": "书记老舒", "posts": [("secretary", FIRST)]},
    {"login": "jie", "name": "街道小介", "posts": [("subdistrict", STREET)]},
    {"login": "lian", "name": "联络员小连", "employer": "factory", "posts": [("unit_liaison", "factory")]},
    {
        "login": "ding",
        "name": "党员老丁",
        "mobile": "13800000001",
        "home_unit": FIRST,
        "employer": "factory",
        "posts": [("member", FIRST)],
    },
]


def populate(engine: Engine, language: str, **more: Any) -> None:
    """A street with two communities, a factory, and six people who speak one language and sign in with one password;
    `more` is said of each person."""
    engine.deploy_pack(PACKS / "community", by="installer")
    engine.people.put_unit(STREET, name="石湾镇街道")
    engine.people.put_unit(FIRST, parent=STREET, name="第一社区", kind="社区")
    engine.people.put_unit(SECOND, parent=STREET, name="第二社区", kind="社区")
    engine.people.put_unit("factory", name="陶瓷厂", kind="单位")
    password = hashed(engine, PASSWORD)
    engine.people.put_many({**person, "password": password, "locale": language, **more} for person in PEOPLE)


class Town:
    """The served program, its clock, and a browser for each person who walks."""

    def __init__(self, url: str, open_page: Callable[..., Page], language: str) -> None:
        self.url, self.open_page = url, open_page
        self.words, self.locale = Words(language), "zh-CN" if language == "zh" else "en-GB"
        self.people: dict[str, Walker] = {}

    def person(self, login: str, size: dict[str, int] = DESKTOP) -> Walker:
        """Somebody signed in, always in the same browser."""
        if login not in self.people:
            self.people[login] = self.browser("/", size)
            mobile = next(str(one.get("mobile", login)) for one in PEOPLE if one["login"] == login)
            self.people[login].sign_in(mobile, PASSWORD)
        return self.people[login]

    def browser(self, start: str, size: dict[str, int]) -> Walker:
        return Walker(self.open_page(size, self.locale), self.words, self.url + start)

    def until(self, day: int, hour: int, minute: int = 0, month: int = 11) -> None:
        """Move the clock on to a moment of 2026 in Shanghai; what is due on the way happens."""
        self.move(datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI))

    def move(self, moment: datetime) -> None:
        raise NotImplementedError


class QuietTown(Town):
    """Time stands still but when the test moves it; then the tick fires each timer at its own time."""

    def __init__(self, engine: Engine, url: str, open_page: Callable[..., Page], language: str) -> None:
        super().__init__(url, open_page, language)
        self.engine = engine

    def move(self, moment: datetime) -> None:
        clock = self.engine.clock
        assert isinstance(clock, ManualClock)
        playback.run_until(self.engine, clock, moment)
