"""The tick among many rows that wait: it reads only what is due, shares work with other ticks, and survives a death."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.commands import batch, messages, timers
from engine.commands.work import Work
from engine.store import models
from tests.diagrams import boundary, catch, diagram, script, service, start, throw, user
from tests.engine.helpers import at_once, deploy, events, item, open_nodes, sound

Statements = dict[str, tuple[Any, ...]]
LATE = diagram("s -> u -> e; b -> v -> e2", user("v"), boundary("b", "u", "duration", "PT1H"), key="late")
KEYED = diagram("s -> m -> u -> e", catch("m", "keyed"), key="waits")
STORM = diagram("s -> c -> u -> e", catch("c", "signal"), key="storm")
HEARD = diagram("s -> u -> e; b -> v -> e2", user("v"), boundary("b", "u", "signal", cut=False), key="heard")
JOB = diagram("s -> j -> e", service("j", "x"), key="job")
LARGE = {"timer", "message", "subscription", "delivery", "job"}  # those that `fill` fills; the others hold some rows

NUMBERS = {
    True: "select {row} from generate_series(1, {count}) as g(n)",
    False: "with recursive g(n) as (select 1 union all select n + 1 from g where n < {count}) select {row} from g",
}
ROWS = {
    "timer (id, instance, token, node_id, kind, rule, occurrence, due_at, attempts, settings)": (
        "n, 1000 + n, 'x' || n, 'b', 'event', '0', 0, '2027-01-01 00:00:00', 0, '{{}}'"
    ),
    "message (id, kind, name, correlation, payload, published_by, published_at, expires_at, done)": (
        "n, 'message', 'other', 'k' || n, '{{}}', '', '2026-11-01 00:00:00', '2027-01-01 00:00:00', {false}"
    ),
    "subscription (id, instance, token, node_id, kind, name, correlation, part)": (
        "n, 1000 + n, 'x' || n, 'm', 'message', 'third', 'k' || n, 0"
    ),
    "delivery (message, subscription, process_key, at)": "n, n, 'p', '2026-11-01 00:00:00'",
    "job (id, instance, token, node_id, type, inputs, headers, key, attempts, retries, due_at, status, error)": (
        "n, 1000 + n, 'x' || n, 'j', 'x', '{{}}', '{{}}', 'k' || n, 0, 3, '2027-01-01 00:00:00', 'waiting', ''"
    ),
}


def fill(engine: Engine, case: int, **counts: int) -> None:
    """Rows that wait, without end in sight, of one case."""
    false = "false" if engine.store.postgres else "0"
    with engine.store.transaction():
        for columns, row in ROWS.items():
            if count := counts.get(columns.split()[0], 0):
                chosen = NUMBERS[engine.store.postgres].format(row=row.format(case=case, false=false), count=count)
                engine.store.sql(f"insert into {columns} {_typed(chosen) if engine.store.postgres else chosen}")


def _typed(select: str) -> str:
    """PostgreSQL wants to know which texts are instants."""
    return re.sub(r"'(\d{4}-\d\d-\d\d [\d:]+)'", r"timestamp '\1'", select)


@contextmanager
def heard(engine: Engine) -> Iterator[Statements]:
    found: Statements = {}

    def listen(event: Any) -> None:
        found[event.sql] = tuple(event.params or ())

    engine.store.db.query_hooks.append(listen)
    yield found
    engine.store.db.query_hooks.remove(listen)


def scanned(engine: Engine, statement: str, values: tuple[Any, ...]) -> set[str]:
    """Large tables that the planner would really read from end to end for a statement."""
    with engine.store.connected():
        word = "explain" if engine.store.postgres else "explain query plan"
        plan = engine.store.db.execute_sql(f"{word} {statement}", values).fetchall()
    lines = "\n".join(str(row[-1]) for row in plan)
    found = re.findall(r"Seq Scan on (\w+)" if engine.store.postgres else r"SCAN (\w+)\b(?! USING)", lines)
    named = dict(re.findall(r"(?:from|join|update) \"?(\w+)\"? (?:as )?\"?(\w+)", statement, re.IGNORECASE))
    aliases = {alias: table for table, alias in named.items()}
    return {aliases.get(name, name) for name in found} & LARGE


@pytest.mark.parametrize("statistics", [True, False], ids=["statistics", "no-statistics"])
def test_no_statement_of_the_tick_reads_what_merely_waits(engine: Engine, clock: ManualClock, statistics: bool) -> None:
    """In the replay of a city's two months the look for deliverable messages read every waiting message at every tick:
    5,304 sequential scans, 33 million rows."""
    engine._context.handlers.put("x", lambda inputs, headers, key: {})
    deploy(engine, LATE, KEYED, STORM, HEARD, JOB)
    case = engine.start("late", {}, by="li").id
    fill(engine, case, timer=20_000, message=20_000, subscription=20_000, delivery=20_000, job=5_000)
    engine.run_due()  # counts deadlines by the calendars as they are: once, then only when a calendar changes
    if statistics:
        with engine.store.connected():
            engine.store.sql("analyze")
    for n in range(5):
        engine.start("late", {}, by="li")
        engine.start("waits", {"key": f"a{n}"}, by="li")
        engine.start("storm", {}, by="li")
        engine.start("job", {}, by="li")
    engine._context.settle = lambda published, subscribed: None
    engine.publish_message("keyed", {}, key="nobody", ttl=timedelta(minutes=1))
    clock.advance(hours=2)
    for n in range(5):
        engine.publish_message("keyed", {}, key=f"a{n}")
    engine.broadcast_signal("sig", {})
    with heard(engine) as statements:
        assert engine.run_due() >= 6 + 5 + 5 + 5
        engine.send()
        engine.files.sweep()
    looked = {text: values for text, values in statements.items() if re.match(r"select|update|delete", text, re.I)}
    assert len(looked) > 20
    assert {text: read for text, values in looked.items() if (read := scanned(engine, text, values))} == {}


def test_a_tick_with_nothing_due_takes_no_time_among_many_that_wait(engine: Engine) -> None:
    deploy(engine, LATE)
    case = engine.start("late", {}, by="li").id
    fill(engine, case, timer=200_000, message=100_000)
    engine.run_due()
    took = []
    for _ in range(20):
        before = time.process_time()
        assert engine.run_due() == 0
        took.append(time.process_time() - before)
    assert sorted(took)[10] < 0.005


# ---- several ticks, one database -----------------------------------------------------------------------------------


def test_ticks_share_the_work_and_do_none_of_it_twice(
    open_engine: Callable[[], Engine], clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    engines = [open_engine() for _ in range(3)]
    deploy(engines[0], LATE)
    cases = [engines[0].start("late", {}, by="li").id for _ in range(30)]
    clock.advance(hours=1)
    planned: list[int] = []
    original = timers._FIRE["event"]
    monkeypatch.setitem(timers._FIRE, "event", lambda work, row: planned.append(row["id"]) or original(work, row))
    done = sum(at_once([one.run_due for one in engines]))
    assert done == len(cases) and sorted(planned) == sorted(set(planned))
    assert all(open_nodes(engines[0], case) == ["v"] for case in cases)
    sound(engines[0])


def test_a_tick_does_not_wait_for_another_one_that_takes_long(
    open_engine: Callable[[], Engine], clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = open_engine(), open_engine()
    deploy(slow, LATE)
    slow.start("late", {}, by="li")
    clock.advance(hours=1)
    original, seen = timers._FIRE["event"], []

    def meanwhile(work: Any, row: Any) -> bool:
        if not seen:
            seen.append(quick.run_due())
        return original(work, row)

    monkeypatch.setitem(timers._FIRE, "event", meanwhile)
    assert slow.run_due() == 1 and seen == [0]


# ---- many in one commit --------------------------------------------------------------------------------------------


def test_firings_share_commits_and_each_case_tells_its_own_story(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, LATE)
    cases = [engine.start("late", {}, by="li").id for _ in range(batch.SIZE + 10)]
    clock.advance(hours=1)
    with heard(engine) as statements:
        assert engine.run_due() == len(cases)
    assert len([text for text in statements if text.startswith('insert into "journal"')]) == 2
    assert {tuple(events(engine, case)) for case in cases} == {tuple(events(engine, cases[0]))}
    assert all(open_nodes(engine, case) == ["v"] for case in cases)
    sound(engine)


def test_a_case_that_moved_meanwhile_is_done_alone_and_so_are_its_neighbours(
    open_engine: Callable[[], Engine], clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = open_engine(), open_engine()
    deploy(one, LATE)
    cases = [one.start("late", {}, by="li").id for _ in range(5)]
    clock.advance(hours=1)
    original, seen = timers._FIRE["event"], []

    def meanwhile(work: Any, row: Any) -> bool:
        if not seen:
            seen.append(two.complete(item(two, cases[3]).id, {}, by="wang").status)
        return original(work, row)

    monkeypatch.setitem(timers._FIRE, "event", meanwhile)
    assert one.run_due() == 4 and seen == ["completed"]
    assert [open_nodes(one, case) for case in cases] == [["v"], ["v"], ["v"], [], ["v"]]
    sound(one)


def test_a_poison_case_takes_nobody_with_it(
    engine: Engine, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    deploy(engine, LATE, STORM)
    late = [engine.start("late", {}, by="li").id for _ in range(5)]
    storm = [engine.start("storm", {}, by="li").id for _ in range(30)]
    bad = {late[2], storm[25]}
    plain = Work._step

    def step(self: Work, case: Any, event: Any) -> None:
        if case.row.id in bad:
            raise RuntimeError("poison")
        plain(self, case, event)

    monkeypatch.setattr(Work, "_step", step)
    clock.advance(hours=1)
    with caplog.at_level(logging.CRITICAL, "engine.commands"):
        engine.broadcast_signal("sig", {})
        assert engine.run_due() == 4 + 29 - messages.AT_ONCE
    monkeypatch.undo()
    assert [open_nodes(engine, case) for case in late] == [["v"], ["v"], ["u"], ["v"], ["v"]]
    assert [case for case in storm if open_nodes(engine, case) == []] == [storm[25]]
    clock.advance(minutes=1)
    assert engine.run_due() == 2  # put off, not forgotten
    sound(engine)


def test_scripts_of_one_commit_draw_their_own_chance(engine: Engine, clock: ManualClock) -> None:
    rolled = diagram(
        "s -> u -> e; b -> t -> v -> e2",
        user("v"),
        boundary("b", "u", "duration", "PT1H"),
        script("t", "import random\nn = random.random()"),
        key="late",
    )
    deploy(engine, rolled)
    cases = [engine.start("late", {}, by="li").id for _ in range(3)]
    clock.advance(hours=1)
    assert engine.run_due() == 3
    drawn = {engine.instance(case).variables.get("n") for case in cases}
    assert len(drawn) == 3 and None not in drawn


# ---- messages and signals ------------------------------------------------------------------------------------------


def storm(engine: Engine, count: int) -> list[int]:
    deploy(engine, STORM, HEARD)
    halves = ("storm", "heard")
    return [engine.start(halves[n % 2], {}, by="li").id for n in range(count)]


def reached(engine: Engine, cases: list[int]) -> list[int]:
    """How often the signal reached each case."""
    return [sum(entry.event == "caught" for entry in engine.journal(case)) for case in cases]


def test_a_signal_reaches_many_in_parts_and_its_thrower_does_not_wait(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "AT_A_TIME", 100)
    cases = storm(engine, 1000)
    sizes: list[int] = []
    original = messages._deliver_all
    monkeypatch.setattr(
        messages, "_deliver_all", lambda context, pairs: sizes.append(len(pairs)) or original(context, pairs)
    )
    engine.broadcast_signal("sig", {})
    first = sum(reached(engine, cases[:50])) + sum(reached(engine, cases[50:]))
    assert first == messages.AT_ONCE
    assert engine.run_due() == len(cases) - messages.AT_ONCE
    assert max(sizes) == 100
    assert reached(engine, cases) == [1] * len(cases)
    assert engine.run_due() == 0
    sound(engine)


def test_a_signal_goes_on_where_a_killed_tick_left_it(
    open_engine: Callable[[], Engine], clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed, other = open_engine(), open_engine()
    monkeypatch.setattr(messages, "AT_A_TIME", 20)
    monkeypatch.setattr(batch, "SIZE", 7)
    cases = storm(killed, 60)
    killed.broadcast_signal("sig", {})
    original, calls = batch.together, []

    def dies(*args: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt  # no handler takes it for a failure, as with SIGKILL
        return original(*args)

    with monkeypatch.context() as patch:
        patch.setattr(batch, "together", dies)
        with pytest.raises(KeyboardInterrupt):
            killed.run_due()
    done = sum(reached(other, cases))
    assert messages.AT_ONCE < done < len(cases)
    clock.advance(minutes=2)
    assert other.run_due() == len(cases) - done
    assert reached(other, cases) == [1] * len(cases)
    sound(other)


def test_a_message_and_its_reader_committed_at_the_same_moment_meet(
    open_engine: Callable[[], Engine],
) -> None:
    """Neither saw the other when it looked after its own commit: one process died there."""
    engines = [open_engine() for _ in range(2)]
    deploy(engines[0], KEYED)
    for one in engines:
        one._context.settle = lambda published, subscribed: None  # died
    engines[1].publish_message("keyed", {}, key="a")
    assert engines[0].run_due() == 0  # the message is looked at: nobody waits
    case = engines[0].start("waits", {"key": "a"}, by="li")
    assert open_nodes(engines[0], case.id) == []
    assert engines[1].run_due() == 1 and open_nodes(engines[0], case.id) == ["u"]
    sound(engines[0])


def test_many_messages_wait_and_each_reader_gets_the_oldest_of_its_own(engine: Engine) -> None:
    deploy(engine, KEYED)
    for n in range(60):
        for text in ("first", "second"):
            engine.publish_message("keyed", {"text": text}, key=str(n))
    assert engine.run_due() == 0
    cases = [engine.start("waits", {"key": str(n)}, by="li").id for n in range(60)]
    engine.run_due()
    assert {engine.instance(case).variables["text"] for case in cases} == {"first"}
    second = [engine.start("waits", {"key": str(n)}, by="li").id for n in range(60)]
    assert {engine.instance(case).variables["text"] for case in second} == {"second"}


def test_many_ticks_deliver_each_message_once(open_engine: Callable[[], Engine]) -> None:
    engines = [open_engine() for _ in range(3)]
    deploy(engines[0], KEYED, diagram("s -> u -> e", start("s", "keyed"), key="begins"))
    for one in engines:
        one._context.settle = lambda published, subscribed: None
    cases = [engines[0].start("waits", {"key": str(n)}, by="li").id for n in range(40)]
    for n in range(40):
        engines[0].publish_message("keyed", {}, key=str(n))
    for _ in range(3):
        at_once([one.run_due for one in engines])
    assert [open_nodes(engines[0], case) for case in cases] == [["u"]] * 40
    assert engines[0].instances(process="begins").total == 40
    assert len(engines[0].store.rows(models.Delivery.select())) == 80
    sound(engines[0])


def test_processes_that_answer_each_other_for_ever_stop_nobody(engine: Engine) -> None:
    """Each delivery once made the next one inside it, until Python's stack ended."""
    ping = diagram("s -> t -> e", start("s", "message", "m1"), throw("t", "message", "m2"), key="ping", top=NAMED)
    pong = diagram("s -> t -> e", start("s", "message", "m2"), throw("t", "message", "m1"), key="pong", top=NAMED)
    deploy(engine, ping, pong)
    engine.publish_message("m1", {})
    assert engine.instances().total == messages.DEPTH
    assert engine.run_due(limit=50) >= 50


NAMED = '<message id="m1" name="m1"/><message id="m2" name="m2"/>'
