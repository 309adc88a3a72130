"""PostgreSQL is torn down and started again under load: commands in flight are refused in words or have been done, none
is lost or done twice, and the program goes on without being restarted itself."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from admin.app import create_app
from engine import Engine
from engine.clock import ManualClock
from engine.errors import LinliError, Unavailable
from engine.settings import Settings
from tests.admin.conftest import Visitor, text
from tests.diagrams import catch, diagram, service, user
from tests.engine.helpers import deploy, item, sound
from tests.postgres import Server, running

FLOW = diagram(
    "s -> A; A -> u -> J; A -> t -> J; A -> m -> J; J -> e",
    '<parallelGateway id="J"/>',
    user("u"),
    catch("t", "duration", value="PT1S"),
    service("m", "notice", inputs={"to": "chief", "subject": "=ref"}),
)
RESTARTS, WORKERS = 3, 4


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of this module's own, which writes before it answers, as a real one does."""
    with running(safe=True) as made:
        made.command("create database town")
        yield made


@pytest.fixture
def engine(server: Server, clock: ManualClock, tmp_path: Path) -> Iterator[Engine]:
    with Engine(server.url("town"), clock, Settings(data=str(tmp_path / "var"))) as made:
        made.migrate()
        yield made


class Load:
    """Threads that start and complete cases and tick, each act with its key until it is answered."""

    def __init__(self, engine: Engine, clock: ManualClock) -> None:
        self.engine, self.clock = engine, clock
        self.over = threading.Event()
        self.refused: Counter[str] = Counter()
        self.foreign: list[BaseException] = []
        self.answered: dict[str, int] = {}

    def persist(self, act: Callable[[], Any]) -> Any:
        """Do it again until there is an answer, as a browser with the same form does."""
        for _ in range(3000):
            try:
                return act()
            except Unavailable as away:
                self.refused[away.code] += 1
                threading.Event().wait(0.01)
        raise AssertionError("the database never came back")

    def work(self, worker: int) -> None:
        for number in range(100_000):
            if self.over.is_set():
                return
            ref = f"{worker}-{number}"
            case = self.persist(lambda ref=ref: self.engine.start("p", {"ref": ref}, by="li", key=ref)).id
            self.answered[ref] = case
            task = self.persist(lambda case=case: item(self.engine, case, "u")).id
            self.persist(lambda task=task, ref=ref: self.engine.complete(task, {}, by="li", key=ref))

    def tick(self) -> None:
        while not self.over.is_set():
            self.clock.advance(seconds=1)
            try:
                self.engine.run_due(limit=50)
            except LinliError as away:
                self.refused[away.code] += 1

    def watched(self, work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except BaseException as foreign:
                self.foreign.append(foreign)

        thread = threading.Thread(target=run)
        thread.start()
        return thread


def restart(server: Server) -> None:
    """As a power cut does it: no process gets to say goodbye."""
    server.stop()
    server.launch()


def test_a_restart_under_load_loses_and_doubles_nothing(
    server: Server, engine: Engine, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    deploy(engine, FLOW)
    load = Load(engine, clock)
    threads = [load.watched(lambda worker=worker: load.work(worker)) for worker in range(WORKERS)]
    threads.append(load.watched(load.tick))
    for _ in range(RESTARTS):
        done = len(load.answered)
        for _ in range(2000):
            if len(load.answered) > done + 10 or load.foreign:
                break
            threading.Event().wait(0.01)
        restart(server)
    load.over.set()
    for thread in threads:
        thread.join(60)
    assert load.foreign == []
    assert load.refused["Unavailable"] >= RESTARTS and set(load.refused) == {"Unavailable"}
    clock.advance(minutes=1)
    engine.run_due()
    rows = engine.store.sql("select id, status from instance").fetchall()
    assert {row[0] for row in rows} == set(load.answered.values()) and len(load.answered) > RESTARTS * 10
    assert {row[1] for row in rows} == {"completed"}
    told = Counter(notice.subject for notice in engine.notices("chief"))
    assert set(told.values()) == {1}
    sound(engine)


def test_a_person_reads_that_the_database_is_away_and_goes_on_when_it_is_back(
    server: Server, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    engine.people.put("admin", name="admin", posts=[("admin", "")])
    deploy(engine, diagram("s -> u -> e", key="later"))
    visitor = Visitor(create_app(engine)).enter("admin")
    assert visitor.get("/desk/").status_code == 200
    server.stop()
    try:
        for answer in (visitor.get("/desk/"), visitor.post("/start/later/", {"_key": "twelve-letters"})):
            assert answer.status_code == 503 and "数据库" in text(answer) and "database" in text(answer)
        toast = visitor.get("/desk/count", headers={"HX-Request": "true"})
        assert toast.status_code == 503 and toast.headers["HX-Retarget"] == "#toasts" and "数据库" in text(toast)
    finally:
        server.launch()
    assert visitor.post("/start/later/", {"_key": "twelve-letters"}).status_code == 302
    assert engine.instances(process="later").total == 1
