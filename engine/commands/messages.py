"""Messages and signals: publishing them as rows, and delivering each to who waits.

Owns deliveries: each is guarded and unique per (message, subscription); a message reaches each process once (the
oldest waiting case, else a message start event), a signal everybody who waited when it was thrown, in bounded parts.
What cannot be delivered now stays a row until its time to live ends, and new subscriptions look at the rows that wait.
Both kinds of rows ask for a look (`look_at`) in the commit that makes them, so that a death loses nothing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any

from engine.bpmn.model import Fire, Publish
from engine.commands import batch, failures
from engine.commands.batch import Piece
from engine.commands.context import Context
from engine.commands.projections import message_row
from engine.commands.runner import perform
from engine.commands.work import Start, Work
from engine.errors import Conflict, NotOpen
from engine.expressions import values
from engine.store import Store, due, loads
from engine.store.due import Found, Pair
from engine.store.models import Delivery, Message
from engine.store.points import Point, pass_through

log = logging.getLogger(__name__)
AT_ONCE = 20  # deliveries that a command makes itself after its commit
DEPTH = 8  # deliveries that cause deliveries, at once
LOOKS = 200  # rows of one look of the tick
AT_A_TIME = 500  # deliveries of one signal in one look
AGAIN = due.AT_ONCE
BUSY, BROKEN = timedelta(seconds=1), failures.FIRST_DELAY  # until the next look


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
    values.variables(payload)
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


def settle(context: Context, messages: Sequence[int], subscriptions: Sequence[int]) -> None:
    """Deliver at once, after a commit: these messages to those who wait, and to these subscriptions what waits. Only a
    few: whoever threw a signal to thousands does not wait for them, the tick delivers the rest."""
    if _deep.depth >= DEPTH:
        return
    _deep.depth += 1
    try:
        now = context.clock.now()
        pairs = due.for_messages(context.store, now, messages, AT_ONCE).pairs if messages else []
        if subscriptions:
            pairs += due.for_subscriptions(context.store, now, subscriptions[:AT_ONCE], AT_ONCE).pairs
        for pair in dict.fromkeys(pairs):
            _deliver_one(context, pair)
    finally:
        _deep.depth -= 1


class _Depth(threading.local):
    """How many deliveries are being made that caused each other."""

    depth = 0


_deep = _Depth()


# ---- the tick's ----------------------------------------------------------------------------------------------------


class Round:
    """One pass of the tick over messages and subscriptions that are to be looked at."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._reached: dict[int, int] = {}  # of signals: the last subscription that was tried in this pass
        self._troubled: set[int] = set()  # signals that some could not take

    def look(self, limit: int) -> int | None:
        """Take some rows, deliver at most about `limit`; how many deliveries were made, None when nothing was due."""
        now, store = self._context.clock.now(), self._context.store
        messages, mark = due.take_looks(store, "message", now, LOOKS)
        subscriptions, other_mark = due.take_looks(store, "subscription", now, LOOKS)
        if not messages and not subscriptions:
            return None
        pass_through(Point.LOOKS_TAKEN)
        kinds = due.kinds(store, messages) if messages else {}
        done = sum(self._signal(signal, mark, limit) for signal in messages if kinds[signal] == "signal")
        plain = [message for message in messages if kinds[message] == "message"]
        if plain:
            done += self._pairs("message", plain, mark, due.for_messages(store, now, plain, LOOKS))
        if subscriptions:
            found = due.for_subscriptions(store, now, subscriptions, LOOKS)
            done += self._pairs("subscription", subscriptions, other_mark, found)
        return done

    def _pairs(self, table: str, ids: list[int], mark: datetime, found: Found) -> int:
        """Deliver, and say when each row is looked at again: as long as something comes of it."""
        outcomes = _deliver_all(self._context, found.pairs)
        looks: dict[int, datetime | None] = dict.fromkeys(ids, AGAIN if found.full else None)
        for pair, wait in zip(found.pairs, outcomes, strict=True):
            row = pair.message if table == "message" else pair.subscription
            at = AGAIN if wait is None else self._context.clock.now() + wait
            looks[row] = max(looks[row] or at, at)
        for again in set(looks.values()):
            due.looked(self._context.store, table, [row for row in ids if looks[row] == again], mark, again)
        return outcomes.count(None)

    def _signal(self, signal: int, mark: datetime, limit: int) -> int:
        """A part of those who wait for a signal; the signal comes again until nobody is left."""
        context, after = self._context, self._reached.get(signal, 0)
        pairs = due.for_messages(context.store, context.clock.now(), [signal], min(limit, AT_A_TIME), after).pairs
        outcomes = _deliver_all(context, pairs)
        if any(outcome is not None for outcome in outcomes):
            self._troubled.add(signal)
        again: datetime | None = AGAIN
        if pairs:
            self._reached[signal] = pairs[-1].subscription
        else:
            again = context.clock.now() + BROKEN if signal in self._troubled else None
        due.looked(context.store, "message", [signal], mark, again)
        return outcomes.count(None)


def _deliver_all(context: Context, pairs: list[Pair]) -> list[timedelta | None]:
    """Deliver many, in common commits where that goes; of each None when it was made, else how long to wait."""
    outcomes: dict[Pair, timedelta | None] = {}
    store = context.store
    waiting = loads.subscriptions(store, [pair.subscription for pair in pairs]) if pairs else {}
    cases = {row["id"]: row["instance"] for row in waiting.values()}
    for group in batch.apart(pairs, lambda pair: cases.get(pair.subscription)):
        seen = _Seen(store, group)
        pieces = [Piece(cases.get(pair.subscription), partial(_deliver, pair=pair, seen=seen)) for pair in group]
        made = batch.together(context, pieces, "deliver") if len(group) > 1 else None
        if made is None:
            outcomes |= {pair: _deliver_one(context, pair) for pair in group}
        else:
            outcomes |= {pair: None if did else BUSY for pair, did in zip(group, made, strict=True)}
    pass_through(Point.MESSAGES_DELIVERED)
    return [outcomes[pair] for pair in pairs]


# ---- one delivery --------------------------------------------------------------------------------------------------


def _deliver_one(context: Context, pair: Pair) -> timedelta | None:
    """Deliver: None when that was done. Else it is left to a later look, after this long: the message is committed,
    its publisher must not fail with its reader."""
    try:
        return None if deliver(context, pair) else BUSY
    except (Conflict, NotOpen) as busy:  # others are at it, or the token moved on while we looked
        log.info("message %s is not for subscription %s now: %s", *pair, busy)
        return BUSY
    except failures.OUTAGE:
        raise
    except Exception as problem:
        log.exception("message %s could not be delivered to subscription %s", *pair)
        return _failed(context, pair, problem)


def _failed(context: Context, pair: Pair, problem: Exception) -> timedelta:
    """How long to wait for the next attempt. When attempts are spent, what waits becomes an incident."""
    sent, waiting = loads.message(context.store, pair.message), loads.subscription(context.store, pair.subscription)
    if sent is None or waiting is None or waiting["instance"] is None:
        return BROKEN
    quiet = loads.last_line(context.store, waiting["instance"])
    age = context.clock.now() - max(sent["published_at"], quiet or sent["published_at"])
    try:
        if failures.spent_at_age(age):
            failures.give_up(context, waiting, "message", problem)
    except Conflict:
        return BUSY
    return failures.delay_at_age(age)


def deliver(context: Context, pair: Pair) -> bool:
    """One delivery; False when it was made already or nobody waits any more."""
    waiting = loads.subscription(context.store, pair.subscription)
    if waiting is None:
        return False
    root = loads.root(context.store, waiting["instance"]) if waiting["instance"] else None
    pass_through(Point.MESSAGE_FOUND)

    def plan(work: Work) -> bool:
        return _deliver(work, pair, _Seen(context.store, [pair]))

    return perform(context, "", plan, root=root, command="deliver")


class _Seen:
    """What deliveries of one commit look at, read together when the first of them is planned."""

    def __init__(self, store: Store, pairs: Sequence[Pair]) -> None:
        self._store, self._pairs = store, pairs

    @cached_property
    def messages(self) -> dict[int, dict[str, Any]]:
        return loads.messages(self._store, sorted({pair.message for pair in self._pairs}))

    @cached_property
    def subscriptions(self) -> dict[int, dict[str, Any]]:
        return loads.subscriptions(self._store, [pair.subscription for pair in self._pairs])

    @cached_property
    def delivered(self) -> set[tuple[int, int]]:
        subscriptions = [pair.subscription for pair in self._pairs]
        return loads.delivered(self._store, sorted({pair.message for pair in self._pairs}), subscriptions)


def _deliver(work: Work, pair: Pair, seen: _Seen) -> bool:
    message, subscription = pair
    sent, waiting = seen.messages.get(message), seen.subscriptions.get(subscription)
    if sent is None or waiting is None or sent["done"] or pair in seen.delivered:
        return False
    payload = values.loads(sent["payload"])
    row: dict[str, Any] = {"message": message, "subscription": subscription, "at": work.now}
    if waiting["instance"] is None:
        version = work.context.definitions.version(waiting["definition"])
        case = work.begin(Start(version, payload, sent["published_by"], waiting["node_id"], waiting["part"]))
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
