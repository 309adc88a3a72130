"""W4 and W9: many timers due at once, and many that are not."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from datetime import datetime, timedelta

from bench.flows import ANYBODY, begin
from bench.kit import ROLE, Line, Run, timed
from engine import Engine
from engine.clock import ManualClock
from engine.store import new_id
from engine.store.models import Message, Timer
from engine.store.statements import inserts
from tests.diagrams import boundary, diagram, user

NOW = datetime(2026, 11, 23, 1, 0)
LATE = diagram(
    "s -> u1 -> e; b -> e2", user("u1", groups=ROLE), boundary("b", "u1", "duration", "PT1H"), properties=ANYBODY
)


def w4(run: Run) -> Iterator[Line]:
    """Cases with a boundary timer, all due at the same moment."""
    cases = run.size(1000, 60)
    for kind in run.databases():
        clock = ManualClock(NOW)
        with run.engine(kind, {"p.bpmn": LATE}, clock) as engine:
            for _ in range(cases):
                begin(engine)
            clock.set(NOW + timedelta(hours=2))
            fired = 0

            def sweep(engine: Engine = engine) -> None:
                nonlocal fired
                while done := engine.run_due():
                    fired += done

            taken = timed([sweep])
        each = 1000 * taken.cpu / cases
        reached = fired == cases and taken.wall <= 1 and each <= 0.6
        more = {"fired": fired, "seconds": taken.wall}
        yield Line(
            "W4",
            f"fire a due timer of {cases:,}, {kind}",
            "ms",
            each,
            None,
            None,
            "0.6 ms, all within 1 s",
            reached,
            more,
        )


def w9(run: Run) -> Iterator[Line]:
    """A tick with pending timers and messages that wait for nobody yet, none due."""
    pending, letters = run.size(200_000, 5_000), run.size(100_000, 2_500)
    for kind in run.databases():
        with run.engine(kind, {"p.bpmn": LATE}, ManualClock(NOW)) as engine:
            fill(engine, begin(engine), pending, letters)
            engine.run_due()
            took = [1000 * timed([engine.run_due]).wall for _ in range(run.size(30, 5))]
        tick = statistics.median(took)
        what = f"a tick, {pending:,} timers, {letters:,} messages, none due, {kind}"
        yield Line("W9", what, "ms", tick, None, None, "5 ms", tick <= 5)


def fill(engine: Engine, case: int, count: int, letters: int) -> None:
    """Timers of a case, spread over the next year, and messages that live as long."""
    rows = [
        {"id": new_id(), "instance": case, "kind": "event", "token": str(n), "due_at": NOW + timedelta(minutes=3 + n)}
        for n in range(count)
    ]
    sent = {"kind": "message", "name": "later", "published_at": NOW, "expires_at": NOW + timedelta(days=365)}
    messages = [{"id": new_id(), "correlation": str(n), **sent} for n in range(letters)]
    with engine.store.transaction():
        for model, made in ((Timer, rows), (Message, messages)):
            for statement, values in inserts(model, made):
                engine.store.sql(statement, values)
    with engine.store.connected():
        engine.store.sql("analyze timer")
        engine.store.sql("analyze message")
