"""One pass over everything that is due: messages, timers, jobs.

Owns the order and the bound of a pass. Each row is an ordinary guarded command; one that fails is put off and never
blocks the others; what was done twice by two processes has its effect once. Safe to run in any number of processes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial

from engine.commands import jobs, messages, timers
from engine.commands.context import Context
from engine.store import due
from engine.store.points import Point, pass_through

log = logging.getLogger(__name__)
BATCH = 200
ENOUGH = 100_000  # rows of one pass without a limit: a process that feeds itself must not hold the tick for ever


def run_due(context: Context, limit: int | None = None) -> int:
    """Do what is due, until nothing is left that can be done now, or `limit` is reached; how many things were done."""
    context.store.refuse_inside()
    left = ENOUGH if limit is None else limit
    done = 0
    with context.store.connected():
        context.recount(context)
        while done < left:
            before, found = done, due.waiting(context.store, context.clock.now())
            if found.expired:
                due.expire_messages(context.store, context.clock.now())
            for present, sweep in ((found.messages, _messages), (found.timers, _timers), (found.jobs, _jobs)):
                if present:
                    done += sweep(context, left - done)
            if done == before:
                break
    return done


def _messages(context: Context, limit: int) -> int:
    this, done = messages.Round(context), 0
    while done < limit:
        made = this.look(limit - done)
        if made is None:
            break
        done += made
    return done


def _timers(context: Context, limit: int) -> int:
    def find(batch: int) -> list[int]:
        return due.timers(context.store, context.clock.now(), batch)

    return _drain(find, lambda rows: timers.fire_all(context, rows), limit)


def _jobs(context: Context, limit: int) -> int:
    def find(batch: int) -> list[int]:
        return due.jobs(context.store, context.clock.now(), batch)

    return _drain(find, lambda rows: _each(rows, partial(jobs.run, context)), limit)


def _drain(find: Callable[[int], list[int]], do: Callable[[list[int]], set[int]], limit: int) -> int:
    """Find and do in batches; rows that could not be done are passed over in this pass."""
    done = 0
    stuck: set[int] = set()
    while done < limit:
        batch = min(BATCH, limit - done)
        rows = [row for row in find(batch + len(stuck)) if row not in stuck][:batch]
        if not rows:
            break
        pass_through(Point.DUE_FOUND)
        made = do(rows)
        done += len(made)
        stuck |= set(rows) - made
    return done


def _each(rows: Iterable[int], do: Callable[[int], bool]) -> set[int]:
    made = set()
    for row in rows:
        try:
            if do(row):
                made.add(row)
        except Exception:
            log.exception("%r could not be done", row)
    return made
