"""W2 with eight clients, and W12: many processes on one database."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from bench.floor import Floor, Statement, listening
from bench.flows import ANSWER, ANYBODY, CHOICE, begin, process, tasks
from bench.kit import PERSON, ROLE, UNIT, Line, Run
from engine import Engine
from engine.errors import LinliError
from tests.diagrams import diagram, many, user

CLIENTS = 8
SIGNERS, AT_ONCE, PROCESSES = 500, 100, 4
START_SECONDS = 120
SPAWN = multiprocessing.get_context("spawn")  # a fork would inherit connections and V8

Span = tuple[float, float]


def w2_clients(run: Run) -> Iterator[Line]:
    """The completions of W2 by eight processes at once, beside eight bare connections that write as many rows."""
    if run.server is None:
        return
    cases = run.size(150, 10) * CLIENTS
    with run.engine("PostgreSQL", process(CHOICE, 3)) as engine:
        works = tasks(engine, cases)
        copy = run.copy(engine)
        with listening(engine) as recorder:
            for work in works:
                recorder.marked(work)()
        items = [item.id for _ in range(cases) for item in engine.work_items(instance=begin(engine))]
        ours = cases / together(complete_all, [(engine.store.url, part) for part in dealt(items)])
    floor = cases / together(replay_all, [(copy, part) for part in dealt(recorder.commands)])
    more = {"of_floor": ours / floor}
    what = f"complete a task, PostgreSQL, {CLIENTS} clients"
    yield Line("W2", what, "per s", ours, floor, None, "40 % of floor", ours >= 0.4 * floor, more)


def dealt(pieces: Sequence[Any]) -> list[list[Any]]:
    """The pieces dealt out to the clients."""
    return [list(pieces[n::CLIENTS]) for n in range(CLIENTS)]


def together(work: Callable[..., Span], parts: Sequence[tuple[Any, ...]]) -> float:
    """Run `work(*part, barrier)` in a process for each part; seconds from the first one's start to the last one's
    end, without what it takes to start a process."""
    with SPAWN.Manager() as manager, SPAWN.Pool(len(parts)) as pool:
        barrier = manager.Barrier(len(parts))
        spans = pool.starmap(work, [(*part, barrier) for part in parts], chunksize=1)
    return max(end for _, end in spans) - min(begun for begun, _ in spans)


def complete_all(url: str, items: list[int], barrier: Any) -> Span:
    """In a process of its own: complete tasks."""
    with Engine(url) as engine:
        engine.complete(items[0], ANSWER, by=PERSON)  # connects, parses
        barrier.wait(START_SECONDS)
        begun = time.monotonic()
        for item in items[1:]:
            engine.complete(item, ANSWER, by=PERSON)
        return begun, time.monotonic()


def replay_all(url: str, commands: list[list[Statement]], barrier: Any) -> Span:
    """In a process of its own: write the rows of commands by the bare driver."""
    floor = Floor(url)
    first, *rest = floor.works(commands)
    first()
    barrier.wait(START_SECONDS)
    begun = time.monotonic()
    for work in rest:
        work()
    span = begun, time.monotonic()
    floor.close()
    return span


def w12(run: Run) -> Iterator[Line]:
    """One countersign with many open children; people of several processes complete theirs at once."""
    signers, at_once = run.size(SIGNERS, 40), run.size(AT_ONCE, 16)
    signing = user("u1", many("signers"), groups=ROLE)
    for kind in run.databases():
        with run.engine(kind, {"p.bpmn": diagram("s -> u1 -> e", signing, properties=ANYBODY)}) as engine:
            people = {"unit": UNIT, "signers": list(range(signers))}
            case = engine.start("p", people, by=PERSON).id
            items = [item.id for item in engine.work_items(instance=case)][:at_once]
            url = engine.store.url
            if engine.store.postgres:
                engine.store.close()
            parts = [(url, items[n::PROCESSES]) for n in range(PROCESSES)]
            began = time.monotonic()
            seconds = together(sign_all, parts)
            left = engine.count_items(instance=case)
            wrong = engine.doctor()
        reached = left == signers - at_once and not wrong
        more = {"seconds": seconds, "with_start": time.monotonic() - began, "left": left, "doctor": len(wrong)}
        what = f"{at_once} of {signers} sign at once over {PROCESSES} processes, {kind}"
        yield Line("W12", what, "per s", at_once / seconds, None, None, "none refused, none lost", reached, more)


def sign_all(url: str, items: list[int], barrier: Any) -> Span:
    """In a process of its own: complete all tasks at the same moment, a thread each. Whatever is refused is raised."""
    with Engine(url) as engine, ThreadPoolExecutor(len(items)) as pool:
        engine.work_item(items[0])  # connects, parses
        barrier.wait(START_SECONDS)
        begun = time.monotonic()
        done = [pool.submit(partial(engine.complete, item, {}, by=PERSON)) for item in items]
        refused = [problem for one in done if isinstance(problem := one.exception(), LinliError)]
        if refused:
            raise RuntimeError(f"{len(refused)} were refused: {refused[0]}")
        for one in done:
            one.result()
        return begun, time.monotonic()
