"""W7 and the start: the same server that `run.py serve` runs, one worker, asked over HTTP with everything on.

Owns a served process and a browser without a screen. A person signs in by the form; then opens task pages and posts
them with the token of the page, each page and each post a request of its own. Two browsers at once, so that the worker
is never idle; what they cost themselves is in the figures.
"""

from __future__ import annotations

import http.client
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from bench import shares
from bench.flows import CHOICE, begin, process
from bench.kit import PERSON, ROLE, UNIT, Line, Run
from cli.database import hashed, pack_folders
from engine import Engine
from tests.postgres import free_port

ROOT = Path(__file__).parents[1]
BROWSERS, WARM = 2, 6
PASSWORD = "bench-password"
TYPED = {"ok": "true", "note": "现场已核实", "amount": "3"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')
KEY = re.compile(r'name="_key" value="([^"]+)"')
PATIENCE = 60  # seconds for a server to answer


class Browser:
    """One connection that keeps its cookie."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._cookie = ""

    def ask(self, method: str, path: str, typed: dict[str, str] | None = None) -> tuple[int, str]:
        """(status, body)."""
        headers = {"Cookie": self._cookie, **(FORM if typed else {})}
        self._connection.request(method, path, urlencode(typed) if typed else None, headers)
        answer = self._connection.getresponse()
        body = answer.read().decode()
        if cookie := answer.headers["Set-Cookie"]:
            self._cookie = cookie.partition(";")[0]
        return answer.status, body

    def sign_in(self, login: str) -> None:
        """By the form, as a person does."""
        token = _found(TOKEN, self.ask("GET", "/sign-in")[1])
        status, _body = self.ask("POST", "/sign-in", {"csrf_token": token, "identity": login, "password": PASSWORD})
        if status != 302:
            raise RuntimeError(f"signing in was answered {status}")

    def step(self, item: int) -> tuple[float, float]:
        """Open a task's page, post its form; seconds of each."""
        begun = time.perf_counter()
        status, page = self.ask("GET", f"/task/{item}/")
        opened = time.perf_counter()
        typed = {"csrf_token": _found(TOKEN, page), "_key": _found(KEY, page), **TYPED}
        posting = time.perf_counter()
        answered, _body = self.ask("POST", f"/task/{item}/", typed)
        if (status, answered) != (200, 302):
            raise RuntimeError(f"task {item}: opened {status}, posted {answered}")
        return opened - begun, time.perf_counter() - posting


def _found(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    if found is None:
        raise RuntimeError(f"no {pattern.pattern} in {page[:500]}")
    return found[1]


@contextmanager
def serving(engine: Engine, folder: Path, workers: int = 1) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`run.py serve` over an engine's database, its tick on; (process, port) as soon as it answers."""
    port = free_port()
    settings = {
        "LINLI_DATABASE": engine.store.url,
        "LINLI_DATA": str(folder / "var"),
        "LINLI_PORT": str(port),
        "LINLI_DEMO": "off",
        "LINLI_WORKERS": str(workers),
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),  # a second start, as all but the first one are
    }
    profile = folder / f"served-{port}.prof"
    command = [sys.executable, *(["-m", "bench.served", str(profile)] if shares.wanted() else [str(ROOT / "run.py")])]
    with (folder / "served.txt").open("ab") as log:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        server = subprocess.Popen(command, cwd=ROOT, env=environment | settings, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait(server, port)
        yield server, port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(PATIENCE)
        if profile.exists():
            shares.add(profile)


def wait(server: subprocess.Popen[bytes], port: int) -> None:
    """Until the first page is answered."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        try:
            Browser(port).ask("GET", "/sign-in")
            return
        except ConnectionError:
            time.sleep(0.01)
    raise RuntimeError("the server does not answer")


def furnish(engine: Engine) -> None:
    """The packs that come with the program, for a menu as people have it, and a person who can sign in."""
    for folder in pack_folders():
        engine.deploy_pack(folder, by="")
    engine.people.put(PERSON, posts=[(ROLE, UNIT), ("desk", UNIT), ("start", UNIT)], password=hashed(engine, PASSWORD))


def w7(run: Run) -> Iterator[Line]:
    """Open task pages and post their forms."""
    cases = run.size(400, 40)
    for kind in run.databases():
        with run.engine(kind, process(CHOICE, 3)) as engine:
            furnish(engine)
            items = [item.id for _ in range(cases) for item in engine.work_items(instance=begin(engine))]
            with serving(engine, run.folder) as (server, port):
                yield _walked(kind, server, port, items)


def _walked(kind: str, server: subprocess.Popen[bytes], port: int, items: list[int]) -> Line:
    browsers = [Browser(port) for _ in range(BROWSERS)]
    for number, browser in enumerate(browsers):
        browser.sign_in(PERSON)
        for item in items[number : WARM * BROWSERS : BROWSERS]:
            browser.step(item)  # parses diagrams, forms and templates
    rest, cpu = items[WARM * BROWSERS :], worker_seconds(server.pid)
    begun = time.perf_counter()
    with ThreadPoolExecutor(BROWSERS) as pool:
        parts = [rest[number::BROWSERS] for number in range(BROWSERS)]
        took = [one for part in pool.map(lambda b, part: [b.step(i) for i in part], browsers, parts) for one in part]
    seconds = time.perf_counter() - begun
    cpu = 1000 * (worker_seconds(server.pid) - cpu) / (2 * len(took))
    opened, posted = ([one[n] for one in took] for n in (0, 1))
    rate, late = 2 * len(took) / seconds, 1000 * p95(opened + posted)
    more = {"cpu_ms": cpu, "p95_ms": late, "open": _spread(opened), "post": _spread(posted)}
    what = f"open a task page, post its form, {kind}, p95 {late:.0f} ms"
    return Line("W7", what, "per s", rate, None, None, "150/s, p95 25 ms", rate >= 150 and late <= 25, more)


def _spread(took: list[float]) -> dict[str, float]:
    return {"median_ms": 1000 * statistics.median(took), "p95_ms": 1000 * p95(took)}


def p95(took: list[float]) -> float:
    """The time that 95 of 100 do not exceed."""
    return sorted(took)[max(0, -(-95 * len(took) // 100) - 1)]


def su(run: Run) -> Iterator[Line]:
    """From starting `run.py serve` to its first answer, and what a worker weighs after it has worked."""
    for kind in run.databases():
        with run.engine(kind, process(CHOICE, 3)) as engine:
            furnish(engine)
            items = [item.id for _ in range(run.size(6, 3)) for item in engine.work_items(instance=begin(engine))]
            took: list[float] = []
            weights: list[float] = []
            with serving(engine, run.folder):
                pass  # compiles what Python compiles once
            for item in items:
                begun = time.perf_counter()
                with serving(engine, run.folder) as (server, port):
                    took.append(time.perf_counter() - begun)
                    cpu = sum(seconds_of(pid) for pid in family(server.pid))
                    browser = Browser(port)
                    browser.sign_in(PERSON)
                    browser.step(item)
                    weights.append(max(memory(pid) for pid in family(server.pid)))
        first, weight = statistics.median(took), max(weights)
        more = {"cpu_ms": 1000 * cpu, "megabytes": weight}
        what = f"start to first answer, {kind}; {weight:.0f} MB a worker"
        yield Line("SU", what, "s", first, None, None, "2 s, 200 MB", first <= 2 and weight <= 200, more)


# ---- what the system knows of a process


def family(pid: int) -> list[int]:
    """A process and those it started, and theirs."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def seconds_of(pid: int) -> float:
    """Seconds of processor that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def worker_seconds(pid: int) -> float:
    """Seconds of processor of a server and its worker."""
    return sum(seconds_of(one) for one in family(pid))


def memory(pid: int) -> float:
    """Megabytes that a process holds itself (its proportional part of what it shares)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the system does not tell memory")
