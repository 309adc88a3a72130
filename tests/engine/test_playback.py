"""Time moved by hand: each timer fires once, at its own time, in order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.playback import Stuck, run_until
from tests.engine.test_imports import order


def test_each_timer_fires_at_its_own_time(engine: Engine, clock: ManualClock) -> None:
    engine.deploy(order(), by="admin")
    start = clock.now()
    hours = (5, 1, 3)
    cases = [
        engine.start(
            "order", {"source_id": str(h), "target_at": f"{start + timedelta(hours=h):%Y-%m-%dT%H:%M:%SZ}"}, by="a"
        ).id
        for h in hours
    ]
    run_until(engine, clock, start + timedelta(hours=4))
    fired = {case: [entry.at - start for entry in engine.journal(case) if entry.event == "caught"] for case in cases}
    assert list(fired.values()) == [[], [timedelta(hours=1)], [timedelta(hours=3)]]
    assert clock.now() == start + timedelta(hours=4)
    run_until(engine, clock, start + timedelta(hours=5), inclusive=False)
    assert engine.next_due() == start + timedelta(hours=5)
    run_until(engine, clock, start + timedelta(hours=5))
    assert engine.next_due() is None


def test_time_never_goes_back(engine: Engine, clock: ManualClock) -> None:
    now = clock.now()
    run_until(engine, clock, now - timedelta(days=1))
    assert clock.now() == now


def test_a_timer_that_neither_fires_nor_moves_is_an_error_not_an_endless_loop(
    engine: Engine, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.deploy(order(), by="admin")
    engine.start(
        "order", {"source_id": "a", "target_at": f"{clock.now() + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"}, by="a"
    )
    monkeypatch.setattr(engine, "run_due", lambda: 0)
    with pytest.raises(Stuck):
        run_until(engine, clock, clock.now() + timedelta(hours=2))
