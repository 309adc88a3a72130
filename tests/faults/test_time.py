"""Time that is not what it was: ten days without a tick, a clock that jumps an hour either way."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.commands import sweep
from tests.diagrams import boundary, catch, diagram, service, user
from tests.engine.helpers import at_once, deploy, item, open_nodes, sound

REMIND = {"remind": "-P1D, PT0S, R/PT4H", "escalate": "PT1H boss, P1D chief", "calendar": "natural"}
OVERDUE = diagram(
    "s -> u -> e; b -> v -> e2",
    user("u", users="li", due="P2D", props=REMIND),
    user("v"),
    boundary("b", "u", "cycle", "R/PT12H", cut=False),
)
CASES = 30


@pytest.fixture
def staffed(engine: Engine) -> Engine:
    """Two superiors to be told, and somebody to remind."""
    engine.people.put_unit("t", name="t")
    engine.people.put("admin", name="admin", posts=[("admin", "")])
    for login in ("boss", "chief", "li"):
        engine.people.put(login, name=login, posts=[(login, "t"), ("desk", "t")])
    return engine


def test_after_ten_days_each_timer_fires_once_in_bounded_batches_and_nobody_is_flooded(
    staffed: Engine, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every task was due eight days ago. Of each reminder, escalation and cycle one firing, not the fifty that were
    missed; what repeats goes on from now."""
    deploy(staffed, OVERDUE)
    cases = [staffed.start("p", {}, by="admin").id for _ in range(CASES)]
    asked: list[int] = []
    find = sweep.due.timers
    monkeypatch.setattr(sweep.due, "timers", lambda store, now, limit: asked.append(limit) or find(store, now, limit))
    clock.advance(days=10)
    done = staffed.run_due()
    assert done == CASES * 6 and max(asked) <= sweep.BATCH
    assert staffed.run_due() == 0
    events = [Counter(entry.event for entry in staffed.journal(case)) for case in cases]
    assert {(e["reminded"], e["escalated"], e["caught"]) for e in events} == {(3, 2, 1)}
    told = {login: len(staffed.notices(login)) for login in ("li", "boss", "chief")}
    assert told == {"li": 3 * CASES, "boss": CASES, "chief": CASES}
    ahead = [timer.due_at for timer in staffed.timers(limit=500)]
    assert len(ahead) == 2 * CASES and all(clock.now() < at <= clock.now() + timedelta(hours=12) for at in ahead)
    sound(staffed)


def test_a_tick_with_a_limit_catches_up_piece_by_piece(staffed: Engine, clock: ManualClock) -> None:
    deploy(staffed, OVERDUE)
    for _ in range(10):
        staffed.start("p", {}, by="admin")
    clock.advance(days=10)
    pieces = [staffed.run_due(limit=7) for _ in range(9)]
    assert pieces == [7] * 8 + [4] and staffed.run_due() == 0
    sound(staffed)


HOUR = timedelta(hours=1)


JUMPING = diagram(
    "s -> A; A -> t -> v -> e; A -> u -> e2; c -> w -> e3",
    catch("t", "duration", value="PT30M"),
    user("u", users="li", due="PT40M", props={"remind": "PT0S, R/PT45M", "calendar": "natural"}),
    user("v"),
    user("w"),
    boundary("c", "u", "cycle", "R/PT50M", cut=False),
)


@pytest.mark.parametrize("jumps", [(HOUR, -HOUR), (-HOUR, HOUR)], ids=["ahead and back", "back and ahead"])
def test_a_clock_that_jumps_fires_each_timer_once(
    engine: Engine, clock: ManualClock, jumps: tuple[timedelta, ...]
) -> None:
    deploy(engine, JUMPING)
    case = engine.start("p", {}, by="zhang").id
    clock.advance(minutes=20)
    for jump in jumps:
        clock.advance(jump)
        engine.run_due()
        engine.run_due()
    for _ in range(24):
        clock.advance(minutes=5)
        engine.run_due()
    trace = Counter(node for node, event in engine.trace(case) if event == "caught")
    reminders = Counter((e.data["rule"], e.data["occurrence"]) for e in engine.journal(case) if e.event == "reminded")
    assert trace["t"] == 1 and trace["c"] == 2 and set(reminders.values()) == {1}
    assert len(reminders) == 3  # when it was due, then twice
    sound(engine)


def test_no_duration_is_negative_when_the_clock_was_set_back(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, diagram("s -> u -> u2 -> e"))
    case = engine.start("p", {}, by="zhang").id
    task = item(engine, case, "u")
    clock.advance(hours=-1)
    engine.complete(task.id, {}, by="li")
    done = engine.work_item(task.id)
    assert done.ended_at is not None and done.ended_at >= done.created_at
    engine.cancel(case, by="zhang")
    found = engine.instance(case)
    assert found.ended_at is not None and found.ended_at >= found.started_at
    (cancelled,) = engine.work_items(instance=case, status="cancelled")
    assert cancelled.ended_at is not None and cancelled.ended_at >= cancelled.created_at


def test_a_job_that_runs_is_not_run_by_others_when_the_clock_jumps(
    open_engine: Callable[[], Engine], clock: ManualClock
) -> None:
    """The hold of a taken job ends after five minutes; an hour's jump ended it while the job was running."""
    engines = [open_engine(), open_engine()]
    inside, go_on = threading.Event(), threading.Event()
    calls: list[str] = []

    def slow(inputs: object, headers: object, key: str) -> None:
        calls.append(key)
        inside.set()
        assert go_on.wait(20)

    for engine in engines:
        engine._context.handlers.put("slow", slow)
    deploy(engines[0], diagram("s -> j -> u -> e", service("j", "slow")))
    case = engines[0].start("p", {}, by="zhang").id

    def jump() -> int:
        assert inside.wait(20)
        clock.advance(hours=1)
        try:
            return engines[1].run_due()
        finally:
            go_on.set()

    assert at_once([engines[0].run_due, jump]) == [1, 0]
    assert len(calls) == 1 and open_nodes(engines[0], case) == ["u"]
    sound(engines[0])
