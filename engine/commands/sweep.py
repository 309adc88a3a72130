"""One pass over everything that is due: messages, timers, jobs.

Owns the order and the bound of a pass. Each row is an ordinary guarded command; one that fails is put off and never
blocks the others; what was done twice by two processes has its effect once. Safe to run in any number of processes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

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
        due.expire_messages(context.store, context.clock.now())
        while done < left:
            before = done
            for sweep in (_messages, _timers, _jobs):
                done += sweep(context, left - done)
            if done == before:
                break
    return done


def _messages(context: Context, limit: int) -> int:
    def find(batch: int) -> list[Any]:
        return due.deliverable(context.store, context.clock.now(), batch)

    return _drain(find, lambda pair: messages.deliver_quietly(context, *pair), limit)


def _timers(context: Context, limit: int) -> int:
    def find(batch: int) -> list[Any]:
        return due.timers(context.store, context.clock.now(), batch)

    return _drain(find, lambda timer: timers.fire(context, timer), limit)


def _jobs(context: Context, limit: int) -> int:
    def find(batch: int) -> list[Any]:
        return due.jobs(context.store, context.clock.now(), batch)

    return _drain(find, lambda job: jobs.run(context, job), limit)


def _drain(find: Callable[[int], list[Any]], do: Callable[[Any], bool], limit: int) -> int:
    """Find and do in batches; rows that could not be done are passed over in this pass."""
    done = 0
    stuck: set[Any] = set()
    while done < limit:
        batch = min(BATCH, limit - done) + len(stuck)
        rows = [row for row in find(batch) if row not in stuck]
        if not rows:
            break
        pass_through(Point.DUE_FOUND)
        done += _each(rows, do, stuck)
    return done


def _each(rows: Iterable[Any], do: Callable[[Any], bool], stuck: set[Any]) -> int:
    done = 0
    for row in rows:
        try:
            if do(row):
                done += 1
            else:
                stuck.add(row)
        except Exception:
            log.exception("%r could not be done", row)
            stuck.add(row)
    return done
