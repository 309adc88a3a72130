"""Fixtures for every test: a migrated engine on SQLite and on PostgreSQL, each test with a database of its own.

PostgreSQL is started once per run from Debian's binaries, in a temporary folder on a free port, and stopped at the
end. A test that needs the folder ../shared is deselected, not skipped, where that folder is absent.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.clock import ManualClock
from engine.settings import Settings
from engine.store import Store, open_store
from tests.postgres import Server, running

if TYPE_CHECKING:
    from engine import Engine

SHARED = Path(__file__).parents[2] / "shared"
MONDAY_0900_SHANGHAI = datetime(2026, 11, 23, 1, 0)
LONG = ("security", "faults", "cli")  # folders whose files take minutes, as those of `browser` do


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    absent = [] if SHARED.is_dir() else [item for item in items if item.get_closest_marker("shared")]
    if absent:
        config.hook.pytest_deselected(items=absent)
    items[:] = _long_first([item for item in items if item not in absent])


def _long_first(items: list[pytest.Item]) -> list[pytest.Item]:
    """Long files first, or the other core waits for them at the end. A file that drives a browser and one that does not
    take turns: two browsers at once, each with processes of its own, keep both cores from answering in time."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    browser = [path for path in files if path.parent.name == "browser"]
    beside = [path for folder in LONG for path in files if path.parent.name == folder]
    turns = [path for pair in zip_longest(browser, beside) for path in pair if path]
    order = [*turns, *(path for path in files if path not in turns)]
    return [item for path in order for item in files[path]]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The PostgreSQL server of this run."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: Server) -> str:
    """The name of a migrated, empty database to copy from."""
    postgres.command("create database linli_template")
    migrate(postgres.url("linli_template"))
    return "linli_template"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy from."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


def migrate(url: str) -> None:
    store = open_store(url)
    store.migrate()
    store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database of this test's own; the test runs once on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "linli.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: Server = request.getfixturevalue("postgres")
    name = server.lend(request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.give_back(name)


@pytest.fixture
def open_database(store_url: str) -> Iterator[Callable[[], Store]]:
    """Opens the test's database, as often as asked: each is like another process's. Closed at the end."""
    opened: list[Store] = []

    def open_one() -> Store:
        opened.append(open_store(store_url))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(open_database: Callable[[], Store]) -> Store:
    """A migrated, empty database."""
    return open_database()


@pytest.fixture
def clock() -> ManualClock:
    """Stands at Monday 2026-11-23 09:00 in Shanghai until a test moves it."""
    return ManualClock(MONDAY_0900_SHANGHAI)


@pytest.fixture
def open_engine(store_url: str, clock: ManualClock, tmp_path: Path) -> Iterator[Callable[[], Engine]]:
    """Opens engines on the test's database: each is like another process's. Closed at the end."""
    from engine import Engine  # heavy: only tests that open an engine wait for it

    opened: list[Engine] = []

    def open_one() -> Engine:
        opened.append(Engine(store_url, clock, Settings(data=str(tmp_path / "var"))))
        return opened[-1]

    yield open_one
    for engine in opened:
        engine.close()


@pytest.fixture
def engine(open_engine: Callable[[], Engine]) -> Engine:
    """A migrated engine at Monday 09:00 in Shanghai, with nothing deployed and nobody registered."""
    return open_engine()
