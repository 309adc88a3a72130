"""How a command runs: plan on a fresh load with no lock held, land in one short commit, start over when others were
first.

Owns retries, the queue in front of a case and idempotency keys. `plan` may run several times: it must change nothing
but its `Work`. Time and the random seed are drawn once, so that a retry computes the same.
"""

from __future__ import annotations

import json
import logging
import random
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from peewee import IntegrityError, OperationalError

from engine.commands.case import Landed
from engine.commands.context import Context
from engine.commands.work import Order, Work
from engine.errors import Conflict, LinliError
from engine.store import Moved, loads
from engine.store.locks import exclusive
from engine.store.points import Point, pass_through

ATTEMPTS = 12
log = logging.getLogger(__name__)


def perform(
    context: Context,
    actor: str,
    plan: Callable[[Work], Any],
    *,
    root: int | None = None,
    key: str | None = None,
    command: str = "",
) -> Any:
    """Run a command and return what `plan` returned. `root`: the case (outermost caller) to queue for. `key`: with
    the same key and command a second call changes nothing and returns the first one's answer (plain JSON then).
    Raises Conflict after a bounded number of attempts, InsideTransaction, and whatever `plan` refuses."""
    return _perform(context, actor, plan, root, key, command)[0]


def land(
    context: Context,
    actor: str,
    plan: Callable[[Work], int],
    *,
    root: int | None = None,
    key: str | None = None,
    command: str = "",
) -> Landed:
    """Run a command whose plan returns the id of the case that it is about; see `perform`."""
    instance, work = _perform(context, actor, plan, root, key, command)
    return Landed(instance, work.settled_case(instance) if work is not None else None)


def _perform(
    context: Context, actor: str, plan: Callable[[Work], Any], root: int | None, key: str | None, command: str
) -> tuple[Any, Work | None]:
    context.store.refuse_inside()
    order = Order(actor, context.clock.now(), secrets.randbits(63), f"{command}|{key}" if key else None, command)
    with context.store.connected():
        return _attempts(context, order, plan, root)


def _attempts(context: Context, order: Order, plan: Callable[[Work], Any], root: int | None) -> tuple[Any, Work | None]:
    """What the plan returned, and its work; no work when the key has had its answer already."""
    problem: Exception | None = None
    for attempt in range(ATTEMPTS):
        if order.key and (answer := loads.answer(context.store, order.key)) is not None:
            return json.loads(answer), None
        try:
            with _turn(context, root, attempt):
                work = Work(context, order)
                result = plan(work)
                pass_through(Point.PLANNED)
                work.commit(json.dumps(result) if order.key else "null")
        except (Moved, IntegrityError) as moved:
            problem = moved
            _pause(attempt)
            continue
        except OperationalError as failed:
            if "deadlock" not in str(failed):
                raise
            problem = failed
            _pause(attempt)
            continue
        except LinliError:  # the task is done, the place taken: by this very command, posted twice at once?
            if order.key and (answer := loads.answer(context.store, order.key)) is not None:
                return json.loads(answer), None
            raise
        if order.key:
            pass_through(Point.KEY_KEPT)
        settle_after(work)
        return result, work
    raise Conflict(attempts=ATTEMPTS) from problem


def settle_after(work: Work) -> None:
    """Deliveries at once. The commit is done: what fails here is the tick's, and no failure of the command."""
    pass_through(Point.LANDED)
    try:
        work.after_commit()
    except Exception:
        log.exception("deliveries after %s are left to the tick", work.order.command)
    pass_through(Point.SETTLED)


@contextmanager
def _turn(context: Context, root: int | None, attempt: int) -> Iterator[None]:
    """Queue within the process; after a first conflict, of this command or of one queued before it, also between
    processes: whoever computes without waiting takes the turn of those who wait."""
    with context.turns.take(root) as queue:
        queue.crowded = queue.crowded or attempt > 0
        if not queue.crowded or root is None:
            yield
        else:
            with exclusive(context.store, f"case-{root}"):
                yield


def _pause(attempt: int) -> None:
    threading.Event().wait(random.random() * 0.004 * min(2**attempt, 64))
