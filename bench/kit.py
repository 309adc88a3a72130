"""What every workload needs: an engine on a fresh database, time measured in repeats, and a line of the table.

Owns databases of the run (SQLite files in a temporary folder, one PostgreSQL server with its defaults for safety, so
that a commit waits for the disk) and the shape of results. Knows no workload. Times are the median of repeats; what is
compared is measured in turns, repeat by repeat, so that a busy machine slows all of it alike.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from bench import shares
from engine import Engine
from engine.clock import Clock
from engine.settings import Settings
from tests.postgres import Server

UNIT, ROLE, PERSON = "grid-1", "clerk", "li"
BYSTANDERS = 200  # people who have nothing to do with it: permission checks must find theirs among others


@dataclass(slots=True)
class Line:
    """One line of the table. Figures are rates per second, milliseconds or bytes, as `unit` says; `ratio` is what the
    target is about, `reached` None where nothing is asked."""

    work: str
    what: str
    unit: str
    ours: float
    floor: float | None = None
    raw: float | None = None
    target: str = ""
    reached: bool | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(slots=True)
class Run:
    """One run of `python -m bench`."""

    folder: Path
    server: Server | None
    quick: bool
    _names: Iterator[int] = field(default_factory=count)

    def size(self, full: int, quick: int) -> int:
        """How much of something this run does."""
        return quick if self.quick else full

    @property
    def repeats(self) -> int:
        return self.size(5, 2)

    def databases(self) -> list[str]:
        """Kinds of databases of this run."""
        return ["SQLite"] + (["PostgreSQL"] if self.server else [])

    def fresh(self, kind: str) -> str:
        """The URL of a database that does not exist yet on SQLite, or is empty on PostgreSQL."""
        name = f"bench{next(self._names)}"
        if kind == "SQLite":
            return f"sqlite:///{self.folder}/{name}.db"
        assert self.server is not None
        self.server.command(f"create database {name}")
        return self.server.url(name)

    def copy(self, engine: Engine) -> str:
        """The URL of a copy of an engine's database as it stands. The engine goes on with fresh connections."""
        url, kind = engine.store.url, "PostgreSQL" if engine.store.postgres else "SQLite"
        if kind == "SQLite":
            made = self.fresh(kind)
            with engine.store.connected():
                engine.store.sql("vacuum into ?", (path_of(made),))
            return made
        assert self.server is not None
        engine.store.close()
        name = f"bench{next(self._names)}"
        self.server.command(f"create database {name} template {url.rsplit('/', 1)[1]}")
        return self.server.url(name)

    @contextmanager
    def engine(self, kind: str, files: dict[str, bytes], clock: Clock | None = None) -> Iterator[Engine]:
        """A migrated engine with people and these files."""
        with Engine(self.fresh(kind), clock, Settings(data=str(self.folder / "var"))) as engine:
            engine.migrate()
            engine.people.put_unit(UNIT, name="一网格")
            crowd = [{"login": f"other{n}", "name": f"某{n}", "home_unit": UNIT} for n in range(BYSTANDERS)]
            engine.people.put_many([*crowd, {"login": PERSON, "name": "李", "posts": [(ROLE, UNIT)]}])
            engine.deploy(files, by="")
            yield engine


@dataclass(slots=True)
class Taken:
    """Time that something took: by the clock and by this process's processor, in seconds, a piece."""

    wall: float
    cpu: float


def timed(works: Sequence[Callable[[], Any]]) -> Taken:
    """Do things of ours one after another; the time each took on average."""
    with shares.ours():
        return timed_apart(works)


def timed_apart(works: Sequence[Callable[[], Any]]) -> Taken:
    """The same for the floor and the peer, which no profile shows."""
    cpu, wall = time.process_time(), time.perf_counter()
    for work in works:
        work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Taken(wall / len(works), cpu / len(works))


def rate(taken: Sequence[Taken]) -> float:
    """Pieces a second, the median of repeats."""
    return 1 / statistics.median(one.wall for one in taken)


def cpu_ms(taken: Sequence[Taken]) -> float:
    """Milliseconds of processor a piece, the median of repeats."""
    return 1000 * statistics.median(one.cpu for one in taken)


def path_of(url: str) -> str:
    """The file of a SQLite URL."""
    return url.removeprefix("sqlite:///")


def bytes_of(engine: Engine) -> int:
    """Bytes that the tables and indexes take, without what is free."""
    with engine.store.connected():
        if engine.store.postgres:
            engine.store.sql("vacuum full")
            tables = "select sum(pg_total_relation_size(oid)) from pg_class where relkind = 'r' and relnamespace = 2200"
            return int(engine.store.sql(tables).fetchone()[0])
        used = "select (select page_count from pragma_page_count) - (select freelist_count from pragma_freelist_count)"
        pages = engine.store.sql(used).fetchone()[0]
        return int(pages * engine.store.sql("pragma page_size").fetchone()[0])
