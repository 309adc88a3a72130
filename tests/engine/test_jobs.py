"""Jobs: run outside any transaction, with one key over all attempts, an incident when they are spent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.errors import BpmnError
from engine.store import due
from tests.diagrams import boundary, diagram, service
from tests.engine.helpers import at_once, deploy, open_nodes, sound


@pytest.fixture(autouse=True)
def calls(engine: Engine) -> list[str]:
    """Keys with which the service `work` was called; it fails as often as the input `fails` says."""
    seen: list[str] = []

    def work(inputs, headers, key):
        engine.store.refuse_inside()
        seen.append(key)
        if inputs.get("code"):
            raise BpmnError(error_code=inputs["code"], reason="refused")
        if len(seen) <= inputs.get("fails", 0):
            raise RuntimeError("not now")
        return {"answer": inputs["x"] + 1}

    engine._context.handlers.put("work", work)
    deploy(
        engine,
        diagram(
            "s -> j -> u -> e; b -> u2 -> e",
            service("j", "work", retries="3", inputs={"x": "=x", "fails": "=fails", "code": "=code"}),
            boundary("b", "j", "error"),
        ),
    )
    return seen


def begin(engine: Engine, **variables: object) -> int:
    return engine.start("p", {"x": 1, "fails": 0, "code": None, **variables}, by="zhang").id


def test_a_job_runs_at_the_tick_and_its_answer_lands_in_the_case(engine: Engine, calls: list[str]) -> None:
    case = begin(engine)
    assert calls == []
    assert engine.run_due() == 1
    assert open_nodes(engine, case) == ["u"] and engine.instance(case).variables["answer"] == 2
    assert engine.run_due() == 0
    sound(engine)


def test_a_failing_job_is_tried_again_later_with_the_same_key(
    engine: Engine, clock: ManualClock, calls: list[str]
) -> None:
    case = begin(engine, fails=2)
    for _ in range(3):
        engine.run_due()
        clock.advance(minutes=5)
    assert len(calls) == 3 and len(set(calls)) == 1
    assert open_nodes(engine, case) == ["u"]


def test_attempts_spent_are_an_incident_that_can_be_retried(
    engine: Engine, clock: ManualClock, calls: list[str]
) -> None:
    case = begin(engine, fails=3)
    for _ in range(5):
        engine.run_due()
        clock.advance(minutes=30)
    assert len(calls) == 3
    [incident] = engine.incidents()
    assert (incident.kind, incident.message) == ("job", "not now")
    sound(engine)
    engine.retry(incident.id, by="zhang")
    engine.run_due()
    assert engine.incidents() == [] and open_nodes(engine, case) == ["u"]
    sound(engine)


def test_a_business_error_goes_the_way_the_diagram_says(engine: Engine) -> None:
    case = begin(engine, code="E1")
    engine.run_due()
    assert open_nodes(engine, case) == ["u2"] and engine.incidents() == []
    sound(engine)


def test_an_unknown_service_is_an_incident_not_a_silence(engine: Engine, clock: ManualClock) -> None:
    begin(engine)
    engine._context.handlers._own.pop("work")
    for _ in range(4):
        engine.run_due()
        clock.advance(minutes=30)
    assert ["work" in i.message for i in engine.incidents()] == [True]


def test_two_engines_do_not_run_one_job_at_the_same_time(
    engine: Engine, open_engine: Callable[[], Engine], calls: list[str]
) -> None:
    begin(engine)
    other = open_engine()
    other._context.handlers.put("work", engine._context.handlers.get("work"))
    at_once([engine.run_due, other.run_due])
    assert len(calls) == 1


def test_a_job_whose_process_died_comes_back(engine: Engine, clock: ManualClock, calls: list[str]) -> None:
    case = begin(engine)
    [job] = due.jobs(engine.store, clock.now(), 10)
    assert due.take_job(engine.store, job, clock.now(), clock.now())
    assert engine.run_due() == 0
    clock.advance(due.HOLD + timedelta(seconds=1))
    assert engine.run_due() == 1 and open_nodes(engine, case) == ["u"]


def test_mail_of_a_job_is_one_row_of_the_outbox_however_often_it_runs(engine: Engine) -> None:
    handler = engine._context.handlers.get("email")
    for _ in range(2):
        handler({"to": ["a@example.org", "b@example.org"], "subject": "通知", "body": "正文"}, {}, "job-1")
    assert sorted((row.address, row.subject, row.channel) for row in engine.outbox()) == [
        ("a@example.org", "通知", "email"),
        ("b@example.org", "通知", "email"),
    ]
