"""Several processes that do the same thing at the same moment. What runs in a child lives here: it imports little, and
the children are forked from a clean server process, so that none inherits V8 or a connection."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from engine import Engine
from engine.errors import LinliError

PROCESSES, THREADS = 4, 4
START_SECONDS = 60


def everybody(url: str, work: Any, parts: Sequence[Sequence[Any]]) -> Counter[str]:
    """Do `work(engine, one)` for every one of a part in a process for each part, `THREADS` at a time; how often each
    outcome came: `yes`, or the name of the refusal."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["engine", __name__])
    with context.Manager() as manager, context.Pool(len(parts)) as pool:
        gate = manager.Barrier(len(parts))
        found = pool.starmap(_part, [(url, work, part, gate) for part in parts], chunksize=1)
    return sum(found, Counter())


def _part(url: str, work: Any, part: Sequence[Any], gate: Any) -> Counter[str]:
    with Engine(url) as engine, ThreadPoolExecutor(THREADS) as pool:
        engine.work_items(limit=1)  # connected and warm
        gate.wait(START_SECONDS)
        return Counter(pool.map(lambda one: _outcome(engine, work, one), part))


def _outcome(engine: Engine, work: Any, one: Any) -> str:
    try:
        work(engine, one)
    except LinliError as refused:
        return type(refused).__name__
    return "yes"


def claim(engine: Engine, one: tuple[int, str]) -> None:
    """(task, login)."""
    engine.claim(one[0], by=one[1])


def reserve(engine: Engine, one: tuple[str, str]) -> None:
    """(key of a place, login)."""
    engine.register("places").reserve(one[0], by=one[1])


def ask_for_a_place(engine: Engine, one: str) -> None:
    """A case that reserves in its first command."""
    engine.start("p", {"who": one}, by=one, key=one)


def tick(engine: Engine, one: int) -> None:
    """One pass over what is due."""
    engine.run_due()
