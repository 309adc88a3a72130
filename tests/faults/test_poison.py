"""A case that always fails keeps nobody from anything: the others go on, it is tried again ever later, and when its
attempts are spent an operator reads an incident, even where the case itself can no longer be read."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.commands import messages
from tests.diagrams import catch, diagram, service, user
from tests.engine.helpers import deploy, open_nodes, sound

WAITING = {
    "timer": diagram("s -> w -> u -> e", catch("w", "duration", value="PT1M")),
    "message": diagram("s -> w -> u -> e", catch("w", "keyed")),
    "job": diagram("s -> w -> u -> e", service("w", "town.work", retries="3")),
    "reminder": diagram("s -> w -> u -> e", user("w", users="li", due="PT1M", props={"remind": "PT0S"})),
}
KEYS = ("first", "poison", "last")


@pytest.fixture(params=WAITING)
def kind(request: pytest.FixtureRequest) -> str:
    """What the cases wait for."""
    return request.param


@pytest.fixture
def worked(engine: Engine) -> list[str]:
    """Keys of the jobs that were done."""
    done: list[str] = []
    engine._context.handlers.put("town.work", lambda inputs, headers, key: done.append(key))
    return done


@pytest.fixture
def cases(engine: Engine, clock: ManualClock, kind: str, worked: list[str]) -> dict[str, int]:
    """Three cases for which it is time; the middle one cannot be read, or its reminder names nobody's task."""
    deploy(engine, WAITING[kind])
    ids = {key: engine.start("p", {"key": key}, by="zhang", business_key=key).id for key in KEYS}
    clock.advance(minutes=2)
    return ids


def spoil(engine: Engine, kind: str, case: int) -> Callable[[], None]:
    """Break a case; what mends it again."""
    table, column = ("timer", "settings") if kind == "reminder" else ("instance", "state")
    key = "instance" if kind == "reminder" else "id"
    (before,) = engine.store.sql(f"select {column} from {table} where {key} = ?", (case,)).fetchone()

    def write(value: bytes | str) -> None:
        with engine.store.transaction():
            engine.store.sql(f"update {table} set {column} = ? where {key} = ?", (value, case))

    write("{" if kind == "reminder" else b"\xff")
    return lambda: write(before)


def test_a_poison_case_is_put_off_and_said_and_the_others_go_on(
    engine: Engine,
    clock: ManualClock,
    kind: str,
    cases: dict[str, int],
    worked: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A timer of an unreadable case whose attempts were spent ended the whole tick, again and again; its job was run
    every five minutes for ever; a message to it was tried every 30 seconds; nobody was told of any of it."""
    caplog.set_level(logging.CRITICAL)
    mend = spoil(engine, kind, cases["poison"])
    for key in KEYS if kind == "message" else ():
        engine.publish_message("keyed", {}, key=key, ttl=timedelta(days=90))
    for _ in range(12):
        engine.run_due()
        clock.advance(minutes=40)
    reached = "w" if kind == "reminder" else "u"
    assert [open_nodes(engine, cases[key]) for key in ("first", "last")] == [[reached]] * 2
    (incident,) = engine.incidents()
    assert (incident.instance_id, incident.kind, incident.node_id) == (cases["poison"], "stuck", "w")
    calls = len(worked)
    for _ in range(4):
        clock.advance(days=1)
        engine.run_due()
    assert [one.id for one in engine.incidents()] == [incident.id] and len(worked) == calls <= 2 + 3
    mend()
    assert engine.retry(incident.id, by="zhang")
    engine.run_due()
    assert engine.incidents() == [] and open_nodes(engine, cases["poison"]) == [reached]
    sound(engine)


def test_a_readable_case_that_cannot_take_its_message_becomes_an_incident_to_retry(
    engine: Engine, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    deploy(engine, WAITING["message"])
    case = engine.start("p", {"key": "k"}, by="zhang").id

    def fail(*given: object) -> bool:
        raise RuntimeError("out of order")

    with monkeypatch.context() as broken:
        broken.setattr(messages, "_deliver", fail)
        engine.publish_message("keyed", {}, key="k", ttl=timedelta(days=1))
        for _ in range(12):
            clock.advance(minutes=20)
            engine.run_due()
    (incident,) = engine.incidents()
    assert (incident.kind, incident.node_id, incident.message) == ("message", "w", "out of order")
    assert engine.retry(incident.id, by="zhang")
    engine.run_due()
    assert open_nodes(engine, case) == ["u"] and engine.incidents() == []
    sound(engine)
