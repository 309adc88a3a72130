"""Messages and signals: kept as rows, delivered once to each who waits, waiting for those who come later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from engine import Engine
from engine.clock import ManualClock
from tests.diagrams import boundary, catch, diagram, end, start, throw, user
from tests.engine.helpers import at_once, deploy, item, open_nodes, sound

KEYED = diagram("s -> m -> u -> e", catch("m", "keyed"))


def test_a_message_reaches_the_case_with_its_key(engine: Engine) -> None:
    deploy(engine, KEYED)
    one, two = (engine.start("p", {"key": key}, by="zhang") for key in ("a", "b"))
    engine.publish_message("keyed", {"n": 1}, key="b")
    assert open_nodes(engine, one.id) == [] and open_nodes(engine, two.id) == ["u"]
    assert engine.instance(two.id).variables["n"] == 1
    sound(engine)


def test_a_message_waits_for_a_case_that_comes_later_as_long_as_it_lives(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, KEYED)
    engine.publish_message("keyed", {}, key="a", ttl=timedelta(minutes=10))
    engine.publish_message("keyed", {}, key="b", ttl=timedelta(minutes=10))
    clock.advance(minutes=9)
    assert open_nodes(engine, engine.start("p", {"key": "a"}, by="zhang").id) == ["u"]
    clock.advance(minutes=2)
    assert open_nodes(engine, engine.start("p", {"key": "b"}, by="zhang").id) == []


def test_a_message_reaches_one_case_of_a_process_the_oldest(engine: Engine) -> None:
    deploy(engine, KEYED)
    one, two = (engine.start("p", {"key": "a"}, by="zhang") for _ in range(2))
    engine.publish_message("keyed", {}, key="a")
    engine.run_due()
    assert open_nodes(engine, one.id) == ["u"] and open_nodes(engine, two.id) == []
    engine.publish_message("keyed", {}, key="a")
    assert open_nodes(engine, two.id) == ["u"]


def test_a_message_published_twice_with_one_dedupe_key_counts_once(engine: Engine) -> None:
    deploy(engine, KEYED)
    cases = [engine.start("p", {"key": "a"}, by="zhang").id for _ in range(2)]
    ids = {engine.publish_message("keyed", {}, key="a", dedupe="x") for _ in range(2)}
    assert len(ids) == 1 and [open_nodes(engine, case) for case in cases] == [["u"], []]


def test_many_engines_deliver_one_message_once(open_engine: Callable[[], Engine]) -> None:
    engines = [open_engine() for _ in range(3)]
    deploy(engines[0], diagram("s -> u -> e", start("s", "message")))
    results = at_once([lambda one=one: one.publish_message("msg", {}, dedupe="once") for one in engines])
    for one in engines:
        one.run_due()
    assert len(set(results)) == 1 and engines[0].instances().total == 1
    sound(engines[0])


def test_a_message_start_event_starts_a_case_with_the_payload(engine: Engine) -> None:
    deploy(engine, diagram("s -> u -> e", start("s", "message")))
    engine.publish_message("msg", {"text": "路灯坏了"}, by="wang")
    [case] = engine.instances().rows
    assert engine.instance(case.id).variables == {"text": "路灯坏了"} and case.started_by == "wang"


def test_a_thrown_message_starts_and_continues_other_processes(engine: Engine) -> None:
    deploy(
        engine,
        diagram("s -> t -> u -> e", throw("t", "message"), key="from"),
        diagram("s -> u -> e", start("s", "message"), key="to"),
        diagram("s -> m -> u -> e", catch("m", "message"), key="also"),
    )
    waiting = engine.start("also", {}, by="zhang")
    engine.start("from", {}, by="zhang")
    assert engine.instances(process="to").total == 1
    assert open_nodes(engine, waiting.id) == ["u"]
    sound(engine)


def test_a_signal_reaches_all_who_wait_now_and_nobody_later(engine: Engine) -> None:
    deploy(
        engine,
        diagram("s -> c -> u -> e", catch("c", "signal"), key="waits"),
        diagram("s -> u -> e", start("s", "signal"), key="starts"),
    )
    cases = [engine.start("waits", {}, by="zhang").id for _ in range(3)]
    engine.broadcast_signal("sig", {"storm": True})
    assert [open_nodes(engine, case) for case in cases] == [["u"]] * 3
    assert engine.instances(process="starts").total == 1
    late = engine.start("waits", {}, by="zhang")
    engine.run_due()
    assert open_nodes(engine, late.id) == []
    sound(engine)


def test_a_thrown_signal_reaches_its_own_case_once(engine: Engine) -> None:
    deploy(
        engine,
        diagram(
            "s -> A; A -> c -> u -> e; A -> v -> t -> e2",
            catch("c", "signal"),
            user("v"),
            throw("t", "signal"),
            boundary("b", "u", "signal"),
            end("e3"),
        ).replace(b"</process>", b'<sequenceFlow id="b-e3" sourceRef="b" targetRef="e3"/></process>'),
    )
    case = engine.start("p", {}, by="zhang")
    engine.complete(item(engine, case.id, "v").id, {}, by="li")
    engine.run_due()
    assert open_nodes(engine, case.id) == ["u"]  # the boundary event on u began to listen after the throw
    sound(engine)


def test_a_message_for_a_suspended_case_waits_until_it_goes_on(engine: Engine) -> None:
    deploy(engine, KEYED)
    case = engine.start("p", {"key": "a"}, by="zhang")
    engine.suspend(case.id, by="zhang")
    engine.publish_message("keyed", {}, key="a")
    assert engine.run_due() == 0 and open_nodes(engine, case.id) == []
    engine.resume(case.id, by="zhang")
    assert engine.run_due() == 1 and open_nodes(engine, case.id) == ["u"]


def test_what_could_not_be_delivered_at_once_is_the_ticks(engine: Engine, monkeypatch) -> None:
    """The publisher's commit is done: a reader that fails must not fail it, and the message must not be lost."""
    deploy(engine, KEYED)
    case = engine.start("p", {"key": "a"}, by="zhang")
    monkeypatch.setattr("engine.commands.messages.deliver", lambda *args: 1 / 0)
    engine.publish_message("keyed", {}, key="a")
    monkeypatch.undo()
    assert open_nodes(engine, case.id) == []
    assert engine.run_due() == 1 and open_nodes(engine, case.id) == ["u"]
