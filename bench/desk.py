"""W8: the desk and its neighbours in a town with a million finished tasks, over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator

from bench.flows import CHOICE, process
from bench.kit import PERSON, Line, Run
from bench.town import Builder, Town
from bench.web import Browser, furnish, p95, serving, worker_seconds

DESK = ("/desk/", "/desk/?tab=claim", "/desk/?tab=done", "/desk/?tab=started", "/desk/?sort=new", "/desk/?q=123")
FRAGMENTS = ("/desk/count", "/desk/tabs", "/notices/badge")


def w8(run: Run) -> Iterator[Line]:
    """Open every tab of the desk, with and without a search, and the counts that the page asks for."""
    town = Town() if not run.quick else Town(people=2_000, finished=20_000, open=2_000)
    for kind in run.databases():
        with run.engine(kind, process(CHOICE, 3)) as engine:
            furnish(engine)
            begun = time.perf_counter()
            Builder(engine, town).build()
            filled = time.perf_counter() - begun
            with serving(engine, run.folder) as (server, port):
                browser = Browser(port)
                browser.sign_in(PERSON)
                yield from _looked(kind, browser, server.pid, run.size(25, 4), town, filled)


def _looked(kind: str, browser: Browser, server: int, times: int, town: Town, filled: float) -> Iterator[Line]:
    pages = (*DESK, *FRAGMENTS)
    took: dict[str, list[float]] = {page: [] for page in pages}
    for page in pages:
        look(browser, page)  # compiles its template
    cpu = worker_seconds(server)
    for _ in range(times):
        for page in pages:
            took[page].append(look(browser, page))
    cpu = 1000 * (worker_seconds(server) - cpu) / (times * len(pages))
    late = 1000 * p95([one for page in DESK for one in took[page]])
    each = {page: 1000 * p95(took[page]) for page in pages}
    more = {"cpu_ms": cpu, "p95_ms_of": each, "filling_seconds": filled}
    what = f"desk page, {town.finished:,} finished, {town.open:,} open, {kind}"
    yield Line("W8", what, "ms p95", late, None, None, "50 ms", late <= 50, more)


def look(browser: Browser, page: str) -> float:
    """Open a page; seconds."""
    begun = time.perf_counter()
    status, _body = browser.ask("GET", page)
    if status != 200:
        raise RuntimeError(f"{page} was answered {status}")
    return time.perf_counter() - begun
