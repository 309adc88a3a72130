"""`make load`: 200 people at work at once on one PostgreSQL and the processes that `run.py serve` starts.

Owns the crowd. Each person has a connection and a cookie of their own, opens the desk (and the count its page asks
for), opens a task, thinks, fills in its form, posts it, thinks, and so on, for a bounded time, on this machine only.
Signing in is not measured. Prints requests, errors, the rate and how long 50, 95 and 99 of 100 answers took; what the
crowd itself costs is in the figures, since it runs on the same processors.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from admin.app import create_app
from bench.__main__ import OUT
from bench.flows import CHOICE, FORM
from bench.kit import UNIT, Run
from bench.table import described, machine
from bench.web import KEY, TOKEN, TYPED, Browser, _found, serving, worker_seconds
from engine import Engine
from tests.diagrams import diagram, user
from tests.postgres import running
from tests.sessions import cookie

PEOPLE, SECONDS, THINK = 200, 60.0, 6.0
LIMIT = 300.0  # milliseconds that 95 of 100 answers may take
MOST_SECONDS, MOST_PEOPLE = 600.0, 1_000


@dataclass(slots=True)
class Seen:
    """What one person saw: seconds of each kind of request, and what went wrong."""

    took: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def ask(self, browser: Browser, kind: str, path: str, wanted: int, typed: dict[str, str] | None = None) -> str:
        """One request, timed; its body. An answer other than the one wanted is an error."""
        begun = time.perf_counter()
        try:
            status, body = browser.ask("POST" if typed else "GET", path, typed)
        except (OSError, http.client.HTTPException) as problem:
            status, body = 0, repr(problem)
        self.took.setdefault(kind, []).append(time.perf_counter() - begun)
        if status != wanted:
            self.wrong.append(f"{kind} {path}: {status} {body[:120]!r}")
        return body if status == wanted else ""


class Person:
    """One of the crowd: a browser, their tasks, and chance of their own."""

    def __init__(self, number: int, port: int, cookie: str, items: list[int], think: float) -> None:
        self.browser = Browser(port)
        self.browser._cookie = cookie
        self.items, self.seen = items, Seen()
        self._think, self._chance = think, random.Random(number)

    def work(self, stop: threading.Event, until: float) -> Seen:
        """Until the time is over, or nothing is left to do but look."""
        self._wait(stop, self._chance.random() * self._think * 2)
        while time.monotonic() < until and not stop.is_set():
            self.seen.ask(self.browser, "desk", "/desk/", 200)
            self.seen.ask(self.browser, "count", "/desk/count", 200)
            self._wait(stop, self._pause())
            if self.items:
                self._task(stop, self.items.pop())
        return self.seen

    def _task(self, stop: threading.Event, item: int) -> None:
        page = self.seen.ask(self.browser, "task", f"/task/{item}/", 200)
        self._wait(stop, self._pause())
        if page:
            typed = {"csrf_token": _found(TOKEN, page), "_key": _found(KEY, page), **TYPED}
            self.seen.ask(self.browser, "post", f"/task/{item}/", 302, typed)
        self._wait(stop, self._pause())

    def _pause(self) -> float:
        return self._think * (0.5 + self._chance.random())

    @staticmethod
    def _wait(stop: threading.Event, seconds: float) -> None:
        stop.wait(seconds)


def main() -> int:
    """Run the crowd; 1 when something went wrong or answers were late."""
    options = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    options.add_argument("--people", type=int, default=PEOPLE)
    options.add_argument("--seconds", type=float, default=SECONDS)
    options.add_argument("--think", type=float, default=THINK, help="seconds between two acts, on average")
    options.add_argument("--workers", type=int, default=2, help="LINLI_WORKERS of the server")
    given = options.parse_args()
    people, seconds = min(given.people, MOST_PEOPLE), min(given.seconds, MOST_SECONDS)
    with tempfile.TemporaryDirectory(prefix="linli-load-") as folder, running(safe=True) as server:
        found = measure(Run(Path(folder), server, False), people, seconds, given.think, given.workers)
    tell(found)
    return 0 if found["errors"] == 0 and found["p95_ms"] <= LIMIT else 1


def measure(run: Run, people: int, seconds: float, think: float, workers: int) -> dict[str, Any]:
    """The figures of one crowd."""
    rounds = int(seconds / (3 * think)) + 2  # tasks that somebody can get through
    with town(run, people) as (engine, cookies):
        items = tasks(engine, people, rounds)
        with serving(engine, run.folder, workers) as (server, port):
            crowd = [Person(n, port, cookie, items[n], think) for n, cookie in enumerate(cookies)]
            for person in crowd[: 4 * workers]:  # parses diagrams, forms and templates in each worker
                person.browser.ask("GET", f"/task/{person.items[-1]}/")
            cpu, begun = worker_seconds(server.pid), time.monotonic()
            seen = walked(crowd, begun + seconds)
            took, cpu = time.monotonic() - begun, worker_seconds(server.pid) - cpu
    return figures(seen, took, cpu) | {"people": people, "workers": workers, "think": think, "machine": machine()}


def walked(crowd: list[Person], until: float) -> list[Seen]:
    """Everybody at once, each in a thread."""
    stop = threading.Event()
    with ThreadPoolExecutor(len(crowd)) as pool:
        try:
            return list(pool.map(lambda person: person.work(stop, until), crowd))
        finally:
            stop.set()


def figures(seen: list[Seen], seconds: float, cpu: float) -> dict[str, Any]:
    """All answers together, and each kind."""
    kinds = sorted({kind for one in seen for kind in one.took})
    by_kind = {kind: [took for one in seen for took in one.took.get(kind, ())] for kind in kinds}
    everything = [took for some in by_kind.values() for took in some]
    wrong = [text for one in seen for text in one.wrong]
    spread = {kind: {"requests": len(some), **percentiles(some)} for kind, some in by_kind.items()}
    whole = {"requests": len(everything), "errors": len(wrong), "per_second": len(everything) / seconds}
    return {**whole, **percentiles(everything), "cpu_seconds": cpu, "kinds": spread, "wrong": wrong[:10]}


def percentiles(took: list[float]) -> dict[str, float]:
    """Milliseconds that 50, 95 and 99 of 100 do not exceed."""
    ordered = sorted(took) or [0.0]
    return {f"p{n}_ms": round(1000 * ordered[max(0, -(-n * len(ordered) // 100) - 1)], 1) for n in (50, 95, 99)}


@contextmanager
def town(run: Run, people: int) -> Iterator[tuple[Engine, list[str]]]:
    """An engine with the crowd's people, each with a post in one of twenty grids, and a cookie for each."""
    file = diagram(CHOICE, *(user(f"u{n}", form="f", assignee="=who") for n in (1, 2, 3)), properties={"starters": "*"})
    with run.engine("PostgreSQL", {"p.bpmn": file, "f.form": FORM}) as engine:
        grids = [f"{UNIT}-{n}" for n in range(20)]
        engine.people.units.put_many([{"code": code, "name": code, "parent": UNIT} for code in grids])
        engine.people.put_many(
            [
                {"login": f"p{n}", "name": f"人{n}", "home_unit": grids[n % 20], "posts": [("desk", grids[n % 20])]}
                for n in range(people)
            ]
        )
        yield engine, cookies(engine, people)


def cookies(engine: Engine, people: int) -> list[str]:
    """Sessions of everybody, as signing in would give them: a crowd's passwords are not what is measured."""
    app = create_app(engine)
    return ["=".join(cookie(app, f"p{n}")) for n in range(people)]


def tasks(engine: Engine, people: int, each: int) -> list[list[int]]:
    """Open tasks of everybody."""
    found: list[list[int]] = [[] for _ in range(people)]
    for n in range(people):
        for _ in range(each):
            engine.start("p", {"unit": f"{UNIT}-{n % 20}", "who": f"p{n}"}, by=f"p{n}")
        found[n] = [item.id for item in engine.work_items(assignee=f"p{n}")]
    return found


def tell(found: dict[str, Any]) -> None:
    """Print the figures and keep them."""
    print(f"{described(found['machine'])}; {found['workers']} workers, PostgreSQL, think {found['think']} s")
    print(f"{found['people']} people: {found['requests']} requests, {found['errors']} errors, "
          f"{found['per_second']:.1f}/s, cpu {found['cpu_seconds']:.1f} s")  # fmt: skip
    for kind, spread in {"all": found, **found["kinds"]}.items():
        print(f"  {kind:<6} p50 {spread['p50_ms']:>7} ms   p95 {spread['p95_ms']:>7} ms   p99 {spread['p99_ms']:>7} ms")
    for line in found["wrong"]:
        print(f"  {line}")
    OUT.mkdir(exist_ok=True)
    (OUT / "load.json").write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
