"""The tick: fires from its own thread, outlives a failing task, stops when asked."""

from __future__ import annotations

import logging
import threading
import time

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.scheduler import Scheduler
from tests.diagrams import catch, diagram
from tests.engine.helpers import deploy, open_nodes


def test_the_running_tick_fires_a_timer_with_nobody_calling_run_due(
    engine: Engine, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(engine, diagram("s -> t -> u -> e", catch("t", "duration", value="PT15M")))
    case = engine.start("p", {}, by="zhang")
    clock.advance(minutes=15)
    object.__setattr__(engine.settings, "tick", 0.05)
    sent = threading.Event()
    monkeypatch.setattr(engine._outbox, "deliver", lambda limit: sent.set())  # the task after run_due in each tick
    engine.start_scheduler()
    assert sent.wait(10)
    engine.stop_scheduler()
    assert open_nodes(engine, case.id) == ["u"]


def test_a_failing_task_stops_neither_the_others_nor_the_next_tick(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []
    enough = threading.Event()

    def works() -> None:
        done.append(1)
        if len(done) == 3:
            enough.set()

    scheduler = Scheduler([lambda: 1 / 0, works], 0.02)
    with caplog.at_level(logging.CRITICAL, "engine.scheduler"):
        scheduler.start()
        assert enough.wait(10)
        scheduler.stop()
    seen = len(done)
    scheduler.stop()
    assert len(done) == seen


def test_closing_the_engine_stops_the_tick(engine: Engine) -> None:
    engine.start_scheduler()
    engine.start_scheduler()
    assert len([t for t in threading.enumerate() if "APScheduler" in t.name]) == 1
    engine.close()
    assert not [t for t in threading.enumerate() if "APScheduler" in t.name]


def test_a_timer_does_not_wait_for_the_rest_of_a_ticks_pause() -> None:
    """A thousand timers due just after a tick were a whole pause late before the first of them fired."""
    ticks: list[float] = []
    third = threading.Event()

    def works() -> None:
        ticks.append(time.monotonic())
        if len(ticks) == 3:
            third.set()

    soon = iter((0.05, None, None))
    scheduler = Scheduler([works], 2.0, soon=lambda: next(soon))
    scheduler.start()
    assert third.wait(30)
    scheduler.stop()
    assert ticks[1] - ticks[0] < 1 < ticks[2] - ticks[1]


def test_the_engine_knows_when_its_next_timer_is_due(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, diagram("s -> t -> u -> e", catch("t", "duration", value="PT15M")))
    assert engine._soon() is None
    engine.start("p", {}, by="zhang")
    clock.advance(minutes=14, seconds=59)
    assert engine._soon() == 1.0
    clock.advance(minutes=1)
    assert engine._soon() is None  # overdue: a tick is at it
