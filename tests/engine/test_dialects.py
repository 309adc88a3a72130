"""Other people's diagrams, deployed as they are and run to their end: what each tool's settings do here.

The files in tests/data/dialects are drawn for this test, each the way its tool writes one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.records import Finding
from tests.engine.helpers import item, open_nodes, sound

FOLDER = Path(__file__).parents[1] / "data/dialects"
Work = Callable[[Mapping[str, Any], Mapping[str, str], str], Mapping[str, Any] | None]


def deploy(engine: Engine, *names: str) -> list[Finding]:
    """Publish files of the folder; all findings."""
    files = {name: (FOLDER / name).read_bytes() for name in names}
    engine.deploy(files, by="")
    return engine.lint(files)


def provide(engine: Engine, **work: Callable[[Mapping[str, Any]], Mapping[str, Any] | None]) -> None:
    """Job types as an embedding program gives them (`_` stands for what no name may have)."""
    for name, one in work.items():
        engine._context.handlers.put(name.replace("__", "-").replace("_", "."), lambda i, h, k, one=one: one(i))


def coded(findings: list[Finding], severity: str) -> set[tuple[str, str]]:
    return {(f.code, f.element) for f in findings if f.severity == severity}


def test_camunda_7_a_purchase(engine: Engine, clock: ManualClock) -> None:
    findings = deploy(engine, "purchase.camunda7.bpmn", "purchase-level.dmn")
    assert coded(findings, "error") == set()
    warned = coded(findings, "warning")
    assert warned == {
        ("listener", "approve"), ("not-used", "approve"), ("job-to-provide", "order"), ("foreign-code", "book"),
    }  # fmt: skip
    seen: list[Mapping[str, Any]] = []
    provide(
        engine,
        place__order=lambda inputs: seen.append(inputs) or {"number": "A-1"},
        org_example_BookDelegate=lambda inputs: seen.append(inputs) or {},
    )
    form = engine.start_form("purchase")
    assert form is not None
    assert [(f.key, f.type, f.required) for f in form.fields] == [
        ("what", "textfield", True), ("amount", "number", True), ("kind", "select", False),
    ]  # fmt: skip
    case = engine.start("purchase", {"what": "hammer", "amount": 600, "kind": "tools"}, by="zhang")
    variables = engine.instance(case.id).variables
    assert variables["requester"] == "zhang" and variables["total"] == pytest.approx(678)
    assert variables["level"] == {"signers": 2, "days": 5} and variables["approvers"] == ["li", "wang"]
    first = item(engine, case.id)
    assert (first.assignee, first.priority, first.due_at) == ("li", 40, clock.now() + timedelta(days=5))
    engine.complete(first.id, {"ok": True}, by="li")
    engine.complete(item(engine, case.id).id, {"ok": True}, by="wang")
    assert engine.run_due() == 2  # both jobs
    assert seen[0]["line"] == "hammer x 600" and seen[0]["address"] == {"street": "Main Street 1", "floor": 5}
    assert seen[1]["account"] == "tools-4711" and seen[1]["what"] == "hammer"
    (called,) = engine.children(case.id)
    assert engine.instance(called.id).variables == {"order": "A-1", "parcels": 1200}
    clock.advance(timedelta(days=2))
    engine.run_due()
    receive = item(engine, called.id)
    assert set(receive.candidates) == {"li", "wang"}
    engine.complete(receive.id, {"receipt": "R-9", "day": "2026-11-25"}, by="li")
    ended = engine.instance(case.id)
    assert (ended.status, ended.variables["receipt"], ended.variables["orderNumber"]) == ("completed", "R-9", "A-1")
    assert "day" not in ended.variables and engine.instance(called.id).variables["day"] == date(2026, 11, 25)
    sound(engine)


def test_camunda_7_an_error_of_a_worker_fills_the_variables_the_diagram_names(engine: Engine) -> None:
    from engine.errors import BpmnError

    deploy(engine, "purchase.camunda7.bpmn", "purchase-level.dmn")

    def broke(inputs: Mapping[str, Any]) -> None:
        raise BpmnError(error_code="NO_BUDGET", reason="spent")

    provide(engine, place__order=broke)
    case = engine.start("purchase", {"what": "tea", "amount": 20, "kind": "food"}, by="zhang")
    engine.complete(item(engine, case.id).id, {"ok": True}, by="li")
    engine.run_due()
    ended = engine.instance(case.id)
    assert (ended.status, ended.variables["why"], ended.variables["reason"]) == ("completed", "NO_BUDGET", "spent")


def test_a_job_type_nobody_provides_is_an_incident_until_somebody_does(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, "repair.activiti.bpmn")
    case = engine.start("repair", {}, by="zhang")
    clock.advance(timedelta(hours=2))
    for _ in range(4):
        engine.run_due()
        clock.advance(timedelta(hours=1))
    (incident,) = engine.incidents()
    assert incident.node_id == "remind" and "reminder" in incident.message
    provide(engine, reminder=lambda inputs: {})
    engine.retry(incident.id, by="zhang")
    engine.run_due()
    assert open_nodes(engine, case.id) == ["look"] and engine.incidents() == []


def test_operaton_scripts_expressions_beans_and_decision_lists(engine: Engine) -> None:
    findings = deploy(engine, "words.operaton.bpmn", "purchase-level.dmn", "reading.form")
    assert coded(findings, "error") == set() and coded(findings, "warning") == {("foreign-code", "bean")}
    provide(engine, dictionary_lookUp=lambda inputs: {"result": f"{inputs['first']}/{inputs['argument2']}"})
    case = engine.start("words", {"list": ["ab", "cde"], "kind": "tools"}, by="zhang")
    engine.run_due()
    variables = engine.instance(case.id).variables
    assert {name: variables[name] for name in ("length", "first", "seen", "found", "entry")} == {
        "length": 5, "first": "AB", "seen": 5, "found": ["hammer", "anything"], "entry": "AB/6",
    }  # fmt: skip
    task = engine.work_item(item(engine, case.id).id)
    assert task.variables["title"] == "AB of 2" and task.variables["lines"] == ["AB", "plain"]
    engine.complete(task.id, {"opinion": "FINE"}, by="zhang")
    ended = engine.instance(case.id)
    assert (ended.status, ended.variables["verdict"]) == ("completed", "fine") and "title" not in ended.variables


def test_flowable_a_leave(engine: Engine, clock: ManualClock) -> None:
    findings = deploy(engine, "leave.flowable.bpmn", "purchase-level.dmn")
    assert coded(findings, "error") == set()
    assert coded(findings, "warning") == {
        ("listener", "known"), ("job-to-provide", "pay"), ("not-translated", "write"),
    }  # fmt: skip
    provide(engine, payroll=lambda inputs: {"amount": inputs["days"] * 100})
    asked = {"days": 6, "reason": "illness", "begins": date(2026, 12, 1), "colleagues": ["a", "b"]}
    case = engine.start("leave", asked, by="zhang")
    task = item(engine, case.id)
    assert task.groups == ("heads", "doctors")
    engine.complete(task.id, {"approved": True}, by="li")
    assert engine.instance(case.id).variables["message"] == "You have 24 days left"
    both = engine.work_items(instance=case.id)
    assert {one.assignee for one in both} == {"a", "b"} and {one.priority for one in both} == {30}
    engine.complete(both[0].id, {}, by=both[0].assignee)
    engine.run_due()
    engine.run_due()
    ended = engine.instance(case.id)
    assert ended.status == "completed" and (ended.variables["signers"], ended.variables["days"]) == (2, 5)
    (letter,) = engine.outbox()
    assert (letter.channel, letter.address, letter.subject) == ("email", "zhang@example.org", "Your leave")


def test_flowable_an_expression_skips_a_task(engine: Engine) -> None:
    deploy(engine, "leave.flowable.bpmn", "purchase-level.dmn")
    case = engine.start("leave", {"days": 1, "reason": "holiday", "colleagues": ["a"]}, by="zhang")
    assert open_nodes(engine, case.id) == ["agree"]
    sound(engine)


def test_activiti_owners_dates_and_inclusive_ways(engine: Engine) -> None:
    deploy(engine, "repair.activiti.bpmn")
    case = engine.start("repair", {}, by="zhang")
    task = item(engine, case.id)
    assert (task.candidates, task.groups) == (("li",), ("workshop",))
    assert task.due_at == datetime(2026, 12, 1, 2)
    engine.complete(task.id, {"cost": 75}, by="li")
    ended = engine.instance(case.id)
    assert (ended.status, ended.variables["hours"], ended.variables["resident"]) == ("completed", 1.5, "zhang")


def test_spiffworkflow_a_trip(engine: Engine, clock: ManualClock) -> None:
    names = ("trip.spiff.bpmn", "trip-schema.json", "trip-uischema.json", "purchase-level.dmn")
    findings = deploy(engine, *names)
    assert coded(findings, "error") == set() and coded(findings, "warning") == {("foreign-code", "rates")}
    provide(engine, rates_Latest=lambda inputs: {"result": [inputs["base"], inputs["sum"]]})
    case = engine.start("trip", {}, by="zhang")
    task = item(engine, case.id)
    assert task.assignee == "" and task.groups == ("initiator",)
    form = engine.form_of(task)
    assert form is not None
    assert [(f.key, f.type) for f in form.fields] == [
        ("why", "textarea"), ("amount", "number"), ("class", "radio"), ("cities", "checklist"), ("leaves", "datetime"),
    ]  # fmt: skip
    engine.complete(task.id, {"amount": 600, "class": "first", "cities": ["Xi'an"]}, by="zhang")
    engine.run_due()
    variables = engine.instance(case.id).variables
    assert (variables["nights"], variables["signers"], variables["rate"]) == (2, 2, ["CNY", 1200])
    clock.advance(timedelta(hours=1))
    engine.run_due()
    engine.complete(item(engine, case.id, "book").id, {}, by="zhang")
    assert (engine.instance(case.id).status, engine.instance(case.id).variables["total"]) == ("completed", 800)
    sound(engine)
