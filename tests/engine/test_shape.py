"""The shape that makes the engine quick, held without a clock: how many statements a command takes, that each of them
finds an index, and that a state does not grow. Rates are `make bench`'s."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from engine import Engine
from engine.clock import ManualClock
from tests.diagrams import boundary, catch, diagram, user
from tests.engine.helpers import deploy, item

Statements = list[tuple[str, tuple[Any, ...]]]
FLOWS = "s -> u1 -> X; X -> u2 if ok; X -> u3 default; u2 -> e; u3 -> e"
PLAIN = diagram(FLOWS, *(user(f"u{n}", form="f", groups="clerk") for n in (1, 2, 3)), properties={"starters": "clerk"})
TIMED = diagram(
    FLOWS,
    *(user(f"u{n}", form="f", groups="clerk", due="P2D", props={"remind": "-P1D"}) for n in (1, 2, 3)),
    key="timed",
    properties={"starters": "clerk"},
)
FORM = (
    b'{"type": "default", "id": "f", "components": [{"type": "checkbox", "key": "ok", "label": "ok"}, '
    b'{"type": "textfield", "key": "note", "label": "note", "validate": {"required": true}}]}'
)
WAITING = diagram(
    "s -> u1 -> c -> e; b -> e2",
    user("u1"),
    boundary("b", "u1", "duration", "PT1H"),
    catch("c", "keyed"),
    key="waits",
    properties={"starters": "*"},
)
ANSWER = {"ok": True, "note": "好"}


@contextmanager
def heard(engine: Engine) -> Iterator[Statements]:
    """Every statement that an engine sends, with its values, but for the brackets of a transaction."""
    found: Statements = []

    def listen(event: Any) -> None:
        if event.sql not in ("begin immediate", "commit"):
            found.append((event.sql, tuple(event.params or ())))

    engine.store.db.query_hooks.append(listen)
    yield found
    engine.store.db.query_hooks.remove(listen)


@pytest.fixture
def staffed(engine: Engine) -> Engine:
    """An engine with two units, people and the processes above."""
    deploy(engine, PLAIN, TIMED, WAITING, f_form=FORM)
    engine.people.put_unit("street", name="街道")
    engine.people.put_unit("grid", name="网格", parent="street")
    engine.people.put("li", name="李", posts=[("clerk", "grid"), ("operate", "street")])
    engine.people.put("wang", name="王", posts=[("clerk", "grid")])
    return engine


@pytest.mark.parametrize(
    ("most", "act"),
    [
        pytest.param(9, lambda engine, task: engine.start("p", {"unit": "grid"}, by="li"), id="start"),
        pytest.param(7, lambda engine, task: engine.claim(task, by="wang"), id="claim"),
        pytest.param(8, lambda engine, task: engine.complete(task, ANSWER, by="li"), id="complete"),
    ],
)
def test_a_command_takes_few_statements(staffed: Engine, most: int, act: Callable[[Engine, int], Any]) -> None:
    """A completion once took 21: each a round trip on PostgreSQL, and built by the ORM over and over."""
    for _ in range(2):  # the first one parses and caches
        case = staffed.start("p", {"unit": "grid"}, by="li")
        task = item(staffed, case.id).id
        with heard(staffed) as statements:
            act(staffed, task)
    assert len(statements) <= most, "\n".join(statement for statement, _ in statements)


def everyday(engine: Engine, clock: ManualClock) -> None:
    """What people and the tick do all day."""
    case = engine.start("timed", {"unit": "grid"}, by="li")
    task = item(engine, case.id).id
    engine.work_items(candidate="wang")
    engine.work_items(assignee="wang")
    engine.claim(task, by="wang")
    engine.unclaim(task, by="wang")
    engine.comment(case.id, "好的", by="li")
    engine.complete(task, ANSWER, by="li")
    waiting = engine.start("waits", {"key": "k"}, by="li")
    engine.complete(item(engine, waiting.id).id, {}, by="li")
    engine.publish_message("keyed", {}, key="k")
    engine.start("waits", {"key": "z"}, by="li")
    engine.run_due()
    clock.advance(hours=2)
    while engine.run_due():
        pass


def test_every_hot_statement_finds_an_index(staffed: Engine, clock: ManualClock) -> None:
    """A scan is quick in a test and stops a city: 1,000,000 finished items, 200,000 timers."""
    with heard(staffed) as statements:
        everyday(staffed, clock)
    texts = dict(statements)  # one set of values each
    assert {text: found for text, values in texts.items() if (found := scans(staffed, text, values))} == {}
    assert len(texts) > 30


SMALL = {"pack", "role", "calendar_day", "calendar_year", "stamp"}  # some rows each, read whole for what changed
WHOLE = {  # part of a statement -> what it may read whole
    "t.settings like": {"t", "timer"},  # timers with a clock, once after a change of the calendar
    'SUBSTR("t2"."path"': {"t2", "unit"},  # the units below one, some hundred
}
DERIVED = {"CONSTANT", "up", "p"}  # no tables: a row of values, the line of units, the pairs of message and receiver


def scans(engine: Engine, statement: str, values: tuple[Any, ...]) -> set[str]:
    """Tables that a statement can only read from end to end."""
    read = set(re.findall(r'(?:from|join|update) "?(\w+)', statement, re.IGNORECASE))
    if statement.lower().startswith("insert") or statement.endswith("limit 1") or read <= SMALL:
        return set()
    free = DERIVED.union(*(tables for part, tables in WHOLE.items() if part in statement))
    with engine.store.connected():
        if not engine.store.postgres:
            plan = engine.store.db.execute_sql(f"explain query plan {statement}", values).fetchall()
            return set(re.findall(r"SCAN (\w+)\b(?! USING)", "\n".join(row[3] for row in plan))) - free
        engine.store.sql("set enable_seqscan = off")  # the tables are nearly empty: is there an index at all?
        plan = engine.store.db.execute_sql(f"explain {statement}", values).fetchall()
        engine.store.sql("reset enable_seqscan")
        return set(re.findall(r"Seq Scan on (\w+)", "\n".join(row[0] for row in plan))) - free


def test_a_state_does_not_grow_with_the_rounds_of_a_loop(engine: Engine) -> None:
    """SpiffWorkflow keeps every finished task: 321 KB after 400 rounds. Only the token's number may grow."""
    deploy(engine, diagram("s -> X1 -> u1 -> X2; X2 -> e if over; X2 -> X1 default", user("u1")))
    case = engine.start("p", {"over": False}, by="li")
    sizes = []
    for _ in range(60):
        engine.complete(item(engine, case.id).id, {"over": False}, by="li")
        with engine.store.connected():
            sizes.append(engine.store.sql("select length(state) from instance where id = ?", (case.id,)).fetchone()[0])
    assert sizes[-1] <= sizes[0] + 8 < 1000
