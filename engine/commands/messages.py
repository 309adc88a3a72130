"""Messages and signals: publishing them as rows, and delivering each to who waits.

Owns deliveries: each is a command of its own, unique per (message, subscription); a message reaches each process
once (the oldest waiting case, else a message start event), a signal everybody who waited when it was thrown. What
cannot be delivered now stays a row until its time to live ends, and new subscriptions look at the rows that wait.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from engine.bpmn.model import Fire, Publish
from engine.commands.context import Context
from engine.commands.projections import message_row
from engine.commands.runner import perform
from engine.commands.work import Start, Work
from engine.errors import Conflict, NotOpen
from engine.expressions import values
from engine.store import due, loads
from engine.store.models import Delivery, Message
from engine.store.points import Point, pass_through

log = logging.getLogger(__name__)
ROUNDS = 100  # deliveries that cause deliveries, settled at once; the rest is the tick's
BATCH = 200


def publish(
    context: Context,
    kind: str,
    name: str,
    payload: Mapping[str, Any],
    *,
    correlation: str | None = None,
    by: str = "",
    ttl: timedelta | None = None,
    dedupe: str | None = None,
) -> int:
    """Commit a message (or signal) row, then deliver it to whoever waits; its id. `ttl`: how long it waits for
    somebody (one hour unless said). With the same `dedupe` a second call changes nothing and answers the first one's
    id."""
    values.check(dict(payload))
    if by:
        context.people.require(by)

    def plan(work: Work) -> int:
        row = message_row(Publish(kind, name, correlation, payload), by, work.now)
        if ttl is not None:
            row["expires_at"] = work.now + ttl
        row["dedupe"] = dedupe
        work.writes.insert(Message, row)
        work.messages.append(row["id"])
        return row["id"]

    key = dedupe and f"{kind}|{name}|{dedupe}"
    return perform(context, by, plan, key=key, command="publish")


def settle(context: Context, messages: Sequence[int], subscribed: Sequence[str]) -> None:
    """Deliver these messages, and those that wait under names somebody now waits for."""
    waiting = due.waiting_messages(context.store, subscribed, context.clock.now()) if subscribed else []
    wanted = [*messages, *(m for m in waiting if m not in messages)]
    for _ in range(ROUNDS):
        pairs = due.deliverable(context.store, context.clock.now(), BATCH, wanted) if wanted else []
        if not pairs:
            return
        if not sum(deliver_quietly(context, *pair) for pair in pairs):
            return


def deliver_quietly(context: Context, message: int, subscription: int) -> bool:
    """Deliver, or leave it to a later tick: the message is committed, its publisher must not fail with its reader."""
    try:
        return deliver(context, message, subscription)
    except (Conflict, NotOpen) as busy:  # others are at it, or the token moved on while we looked
        log.info("message %s is not for subscription %s now: %s", message, subscription, busy)
    except Exception:
        log.exception("message %s could not be delivered to subscription %s", message, subscription)
    return False


def deliver(context: Context, message: int, subscription: int) -> bool:
    """One delivery; False when it was made already or nobody waits any more."""
    waiting = loads.subscription(context.store, subscription)
    if waiting is None:
        return False
    root = loads.root(context.store, waiting["instance"]) if waiting["instance"] else None
    pass_through(Point.MESSAGE_FOUND)
    done = perform(context, "", lambda work: _deliver(work, message, subscription), root=root, command="deliver")
    pass_through(Point.MESSAGE_DELIVERED)
    return done


def _deliver(work: Work, message: int, subscription: int) -> bool:
    store = work.context.store
    sent, waiting = loads.message(store, message), loads.subscription(store, subscription)
    if sent is None or waiting is None or sent["done"] or loads.delivered(store, message, subscription):
        return False
    payload = values.loads(sent["payload"])
    row: dict[str, Any] = {"message": message, "subscription": subscription, "at": work.now}
    if waiting["instance"] is None:
        version = work.context.definitions.version(waiting["definition"])
        case = work.begin(Start(version, payload, sent["published_by"], node=waiting["node_id"]))
    else:
        case = work.case(waiting["instance"])
        if case.row.suspended or case.row.status != "running":
            return False
        work.apply(case, Fire(waiting["token"], payload, waiting["part"]))
    row |= {"instance": case.row.id, "process_key": case.row.process_key}
    if sent["kind"] == "message":
        work.writes.check(lambda store: loads.undelivered(store, message, case.row.process_key))
    work.writes.insert(Delivery, row)
    return True
