"""`run.py serve` as an operator meets it: a new database becomes the demo, a second start is quick and keeps the data,
the scheduler runs by itself, SIGTERM ends it cleanly, a taken port is said so."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from cli.serve import DemoClock
from engine import Engine
from engine.records import Entry
from tests.postgres import free_port

ROOT = Path(__file__).parents[2]


class Served:
    """A running `run.py serve`."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder, self.port = folder, free_port()
        self.environment = {
            **os.environ,
            "LINLI_DATABASE": f"sqlite:///{folder}/linli.db",
            "LINLI_PORT": str(self.port),
            "LINLI_TICK": "0.2",
            "LINLI_LOCALE": "en",
            **settings,
        }
        self.log = (folder / "log.txt").open("a")
        command = [sys.executable, str(ROOT / "run.py")]
        self.process = subprocess.Popen(
            command, env=self.environment, stdout=self.log, stderr=subprocess.STDOUT, cwd=folder
        )

    def get(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()

    def wait(self, seconds: float = 180) -> float:
        """Wait until it answers; the seconds of processor it took, its children's included (those on the wall depend on
        what else this machine does)."""
        wait_for(lambda: self.answers() or self.process.poll() is not None, seconds)
        assert self.process.poll() is None, self.text()
        return sum(processor(pid) for pid in family(self.process.pid))

    def answers(self) -> bool:
        try:
            return self.get("/healthz")[0] == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def text(self) -> str:
        return (self.folder / "log.txt").read_text()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def family(pid: int) -> list[int]:
    """A process and its children."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [pid, *(one for child in text.split() for one in family(int(child)))]


def processor(pid: int) -> float:
    """Seconds of processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(done: Callable[[], object], seconds: float) -> None:
    """Look every 50 ms until something holds."""
    pause, until = socket.socketpair(), time.monotonic() + seconds
    pause[0].settimeout(0.05)
    try:
        while not done():
            assert time.monotonic() < until, "it took too long"
            try:
                pause[0].recv(1)
            except TimeoutError:
                continue
    finally:
        for end in pause:
            end.close()


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[Served]:
    server = Served(folder, **settings)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()
        server.log.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database that `serve` has filled and that was stopped by SIGTERM."""
    folder = tmp_path_factory.mktemp("demo")
    with served(folder) as server:
        server.wait()
        assert server.stop() == 0, server.text()
    return folder


def test_a_new_database_becomes_the_demo_and_says_how_to_get_in(demo: Path) -> None:
    text = (demo / "log.txt").read_text()
    assert "http://127.0.0.1:" in text
    assert "linli-demo" in text
    engine = Engine(f"sqlite:///{demo}/linli.db")
    try:
        assert len([unit for unit in engine.people.tree("440604010") if unit.kind == "社区"]) == 39
        assert all(person.sample for person in engine.people.rows(limit=100).rows)
        assert engine.incidents() == []
        assert engine.doctor() == []
    finally:
        engine.close()


def test_a_second_start_is_quick_keeps_the_data_and_escalates_by_itself(demo: Path) -> None:
    """Two minutes after the demo was made its hotline case is late. The clock is moved on from outside, as the demo's
    button does, and nobody calls run_due: the served program's own tick has to do it."""
    engine = Engine(f"sqlite:///{demo}/linli.db")
    before = engine.instances().total
    late = next(case for case in engine.instances(process="work-order").rows if case.title.startswith("热线转来"))
    assert not [entry for entry in engine.journal(late.id) if entry.event == "caught"]
    DemoClock(demo / "var/demo-clock").advance(timedelta(minutes=2))
    with served(demo) as server:
        assert server.wait() < 5  # seconds of processor
        wait_for(lambda: any(entry.event == "caught" for entry in engine.journal(late.id)), 20)
        assert engine.instances().total == before
        assert server.stop() == 0
    assert any("工单超时" in notice.subject for notice in engine.notices("jiedao"))
    engine.close()


@pytest.mark.parametrize("kind,event", [("reminder", "reminded"), ("escalation", "escalated")])
def test_a_running_server_reminds_and_escalates_with_nobody_calling_it(demo: Path, kind: str, event: str) -> None:
    """The clock is moved to the next such timer; its task's people read it under the bell, once."""
    engine = Engine(f"sqlite:///{demo}/linli.db")
    timer = min((one for one in engine.timers(limit=500) if one.kind == kind), key=lambda one: one.due_at)
    assert timer.instance_id and timer.work_item_id

    def fired() -> list[Entry]:
        entries = engine.journal(timer.instance_id or 0)
        mine = [one for one in entries if one.event == event and one.data["item"] == str(timer.work_item_id)]
        return [one for one in mine if (one.data["rule"], one.data["occurrence"]) == (timer.rule, timer.occurrence)]

    assert not fired()
    clock = DemoClock(demo / "var/demo-clock")
    clock.advance(max(timer.due_at - clock.now(), timedelta()) + timedelta(seconds=1))
    with served(demo) as server:
        server.wait()
        wait_for(fired, 30)
        assert server.stop() == 0
    (line,) = fired()
    told = [notice for login in line.data["to"] for notice in engine.notices(login)]
    assert any(notice.link == f"/task/{timer.work_item_id}/" for notice in told)
    engine.close()


def test_a_first_start_that_is_broken_off_leaves_no_half_demo(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        wait_for(lambda: "Preparing" in server.text(), 60)
        assert len(family(server.process.pid)) == 2
        child = family(server.process.pid)[1]
        assert server.stop() == 128 + signal.SIGTERM
    assert not (tmp_path / "linli.db").exists()
    assert not Path(f"/proc/{child}").exists()


def test_a_taken_port_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with served(tmp_path, LINLI_PORT=str(other.getsockname()[1])) as server:
            assert server.process.wait(20) == 1
            assert "LINLI_PORT" in server.text() and "taken" in server.text()
        assert not (tmp_path / "linli.db").exists()


def test_an_empty_installation_has_an_administrator_and_nothing_of_the_demo(tmp_path: Path) -> None:
    environment = {**os.environ, "LINLI_DATABASE": f"sqlite:///{tmp_path}/linli.db", "LINLI_LOCALE": "en"}
    command = [sys.executable, str(ROOT / "run.py"), "init", "--empty", "--admin", "root"]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "root" in done.stdout
    with served(tmp_path) as server:
        server.wait()
        _status, page = server.get("/sign-in")
        assert "/demo/enter" not in page
        with pytest.raises(urllib.error.HTTPError):
            server.get("/demo/")
        assert server.stop() == 0
    engine = Engine(f"sqlite:///{tmp_path}/linli.db")
    people = engine.people.rows().rows
    assert [person.login for person in people] == ["root"]
    assert engine.may("root", "admin")
    assert engine.instances().total == 0 and engine.people.tree() == []
    engine.close()
    again = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert again.returncode == 1 and "has people" in again.stderr
