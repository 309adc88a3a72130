"""A town at work whose processes are killed (SIGKILL) at random moments and at every named point, and started again.

Owns the victims' lives, the plan of their deaths and the town's clock, which moves on with every death, so that held
jobs and letters come back. The parent only forks: it never opens a database or evaluates an expression, so that a
child costs milliseconds and not the seconds of a new interpreter. What was lost or doubled is the ledger's to say.
"""

from __future__ import annotations

import itertools
import json
import mmap
import os
import random
import signal
import struct
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cli import main
from cli.database import hashed
from engine.clock import SystemClock
from engine.store.points import Point
from tests.faults import ledger, town
from tests.faults.hands import FAVOURED, Hand, die_at, engine_of
from tests.faults.web import Victim, Visitor
from tests.postgres import free_port

STEP = timedelta(seconds=75)  # the clock's move at each death
HASTE = timedelta(milliseconds=100)  # ... and each time the parent looks, some 200 times a second
PATIENCE = 6.0  # seconds until a point that is not passed through is given up
AT_SET_UP = (Point.MIGRATING, Point.MIGRATING, Point.BEGIN, Point.WRITTEN, Point.COMMITTED)


class TownClock:
    """The machine's clock and an offset in memory that every child shares."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 8)

    def now(self) -> datetime:
        return SystemClock().now() + timedelta(seconds=self._offset())

    def _offset(self) -> float:
        return struct.unpack("d", self._shared[:8])[0]

    def advance(self, by: timedelta) -> None:
        """Move on (or back)."""
        self._shared[:8] = struct.pack("d", self._offset() + by.total_seconds())


@dataclass
class Report:
    """What a siege was. `deaths`: by point, or `random ROLE`; `missed`: points given up; `found`: the ledger's counts;
    `problems`: everything that is wrong."""

    database: str
    deaths: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    found: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def kills(self) -> int:
        return sum(self.deaths.values())


@dataclass
class Life:
    """A running child. `plan`: the point where it ends itself; `until`: when it is killed at the latest."""

    role: str
    plan: Point | None
    until: float


class Siege:
    """One town on one database. `served`: with the web program and a visitor; `plant`: statements that spoil the
    database before it is looked at."""

    def __init__(
        self, folder: Path, url: str, seed: int, served: bool = True, plant: Sequence[str] = (), hands: int = 3
    ) -> None:
        self.folder, self.url, self.clock, self.served = folder, url, TownClock(), served
        self.chance = random.Random(seed)
        self.plant = plant
        self.hands = town.HANDS[:hands]
        self.report = Report(url.partition(":")[0])
        self.lives: dict[int, Life] = {}
        self.port = free_port()
        self._deaths = os.open(folder / "deaths", os.O_RDWR | os.O_APPEND | os.O_CREAT)
        self._told = 0
        self._points = itertools.cycle(self._shuffled())
        os.environ[town.EFFECTS] = str(folder / "effects")
        town.write(folder)

    def _shuffled(self) -> list[Point]:
        points = [point for point in Point if point is not Point.MIGRATING]
        self.chance.shuffle(points)
        return points

    def run(self, kills: int) -> Report:
        """Set up, kill so often, settle, look: the report."""
        begun = time.monotonic()
        self.set_up()
        try:
            self.storm(kills)
        finally:
            self.end()
        self.look()
        self.report.seconds = time.monotonic() - begun
        return self.report

    # ---- children

    def fork(self, work: Callable[[], Any]) -> int:
        """A child that does something and ends; its troubles are in the log."""
        pid = os.fork()
        if pid:
            return pid
        code = 1
        try:
            out = os.open(self.folder / "log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.dup2(out, 1)
            os.dup2(out, 2)
            os.setsid()
            random.seed()
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def ask(self, work: Callable[[], Any]) -> Any:
        """What a child answers. Raises AssertionError with the log's end when it fails."""
        reader, writer = os.pipe()
        pid = self.fork(lambda: os.write(writer, json.dumps(work()).encode()))
        os.close(writer)
        with os.fdopen(reader, "rb") as answer:
            text = answer.read()
        _, status = os.waitpid(pid, 0)
        assert status == 0, (self.folder / "log").read_text()[-3000:]
        return json.loads(text)

    def tell(self, point: str) -> None:
        """A child says where it dies."""
        os.write(self._deaths, f"{point}\n".encode())

    # ---- set up

    def set_up(self) -> None:
        """Make the town, in processes that are killed over it, and then to the end."""
        password = self.ask(self._password)
        for number, point in enumerate(AT_SET_UP, 1):
            self._settle_in(password, point, number)
        assert self._settle_in(password) == 0, (self.folder / "log").read_text()[-3000:]

    def _password(self) -> str:
        return hashed(engine_of(self.folder, f"sqlite:///{self.folder}/aside.db", self.clock), town.PASSWORD)

    def _settle_in(self, password: str, point: Point | None = None, number: int = 0) -> int:
        def work() -> None:
            if point is not None:
                die_at(point, number, self.tell)
            town.settle_in(engine_of(self.folder, self.url, self.clock), self.folder, password)

        status = os.waitpid(self.fork(work), 0)[1]
        self._count_told()
        return status

    # ---- kill

    def storm(self, kills: int) -> None:
        """Keep everybody at work and killing until so many have died."""
        for login in self.hands:
            self._hire(login)
        if self.served:
            self._serve()
            self.lives[self.fork(lambda: Visitor(self.folder, self.port).walk())] = Life("visitor", None, float("inf"))
        while self.report.kills < kills and not self.report.problems:
            self._reap()
            self._strike()
            self._count_told()
            self.clock.advance(HASTE)
            threading.Event().wait(0.004)

    def _hire(self, login: str) -> None:
        point = next(self._points) if self.chance.random() < 0.6 else None
        number = self.chance.randrange(1, 4)
        favour = FAVOURED.get(point.name.partition("_")[0], "") if point else ""

        def work() -> None:
            if point is not None:
                die_at(point, number, self.tell)
            Hand(engine_of(self.folder, self.url, self.clock), self.folder, login).work(favour)

        limit = PATIENCE if point else self.chance.uniform(0.05, 1.5)
        self.lives[self.fork(work)] = Life(login, point, time.monotonic() + limit)

    def _serve(self) -> None:
        victim = self.fork(lambda: Victim(self.folder, self.url, self.clock, self.port, self.tell).run())
        self.lives[victim] = Life("server", None, time.monotonic() + self.chance.uniform(2, 8))

    def _reap(self) -> None:
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            life = self.lives.pop(pid)
            if not os.WIFSIGNALED(status):
                log = (self.folder / "log").read_text()[-3000:]
                self.report.problems.append(f"{life.role} ended by itself ({status}): {log}")
            self._serve() if life.role == "server" else self._hire(life.role)

    def _strike(self) -> None:
        """Kill whoever's time has come: of a served program one worker, or all of it."""
        now = time.monotonic()
        for pid, life in [(pid, life) for pid, life in self.lives.items() if life.until <= now]:
            victims = [pid]
            if life.role == "server":
                workers = children(pid)
                life.until = now + self.chance.uniform(2, 8)
                victims = [pid, *workers] if self.chance.random() < 0.4 or not workers else workers
            else:
                life.until = float("inf")
            for one in victims:
                kill(one)
            if life.plan is not None:
                self.report.missed[life.plan.name] += 1
            self._died(f"random {'server' if life.role == 'server' else 'hand'}")

    def _count_told(self) -> None:
        os.lseek(self._deaths, self._told, os.SEEK_SET)
        text = os.read(self._deaths, 1 << 16)
        self._told += len(text)
        for point in text.decode().split():
            self._died(point)

    def _died(self, how: str) -> None:
        self.report.deaths[how] += 1
        self.clock.advance(STEP)

    def end(self) -> None:
        """Kill everybody who is left."""
        for pid in list(self.lives):
            for one in [pid, *children(pid)]:
                kill(one)
        for pid in list(self.lives):
            os.waitpid(pid, 0)
        self.lives.clear()

    # ---- look

    def look(self) -> None:
        """Let calm hands finish everything, then prove the database and settle accounts."""
        self.ask(lambda: ledger.finish(engine_of(self.folder, self.url, self.clock), self.folder, self.clock.advance))
        self.ask(self._spoil)
        found, problems = self.ask(lambda: ledger.accounts(engine_of(self.folder, self.url, self.clock), self.folder))
        self.report.found = found
        self.report.problems += problems
        os.environ["LINLI_DATABASE"] = self.url
        if self.ask(lambda: main(["doctor"])):
            self.report.problems.append("run.py doctor: " + (self.folder / "log").read_text()[-3000:])

    def _spoil(self) -> None:
        engine = engine_of(self.folder, self.url, self.clock)
        with engine.store.transaction():
            for statement in self.plant:
                engine.store.sql(statement)


def children(pid: int) -> list[int]:
    """Children of a process; none when it is gone."""
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def kill(pid: int) -> None:
    """SIGKILL; a process that is gone already is none of ours."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
