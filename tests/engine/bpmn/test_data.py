"""Variables, mappings, services, decisions, scripts, called processes: what a task sees, what it leaves behind."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from engine import bpmn
from engine.bpmn.model import Begin, Complete
from engine.errors import InvalidFile, InvalidValue, NotFound, NotOpen, QuotaFull
from tests.diagrams import (
    boundary,
    call,
    catch,
    diagram,
    element,
    end,
    event_sub,
    feel,
    io,
    many,
    process,
    rule,
    script,
    service,
    start,
    sub,
    user,
)
from tests.engine.bpmn.cases import Case, World


def world(**services: Any) -> World:
    made = World()
    made.services = services
    made.decisions = {"grade": lambda seen: {"level": "high" if seen["n"] > 3 else "low"}}
    return made


OBJECT = '<dataObject id="o"/><dataObjectReference id="ro" name="order" dataObjectRef="o"/>'


def test_an_association_to_a_named_property_copies_without_an_assignment() -> None:
    """BPMN 2.0.2, 10.4.2: without transformation the source is copied into the target."""
    into = "<dataInputAssociation id='a1'><sourceRef>ro</sourceRef><targetRef>pr</targetRef></dataInputAssociation>"
    back = "<dataOutputAssociation id='a2'><sourceRef>pr</sourceRef><targetRef>ro</targetRef></dataOutputAssociation>"
    task = script("t1", "mine = mine + 1", f'<property id="pr" name="mine"/>{into}{back}')
    case = Case(diagram("s -> t1 -> e", task, OBJECT), {"order": 4})
    assert case.done and case.vars == {"order": 5}


def test_an_association_s_assignments_come_after_its_transformation() -> None:
    """The assignments of a line with both were dropped silently."""
    both = "<transformation>={id: 7}</transformation><assignment><from>=hours</from><to>order.hours</to></assignment>"
    line = f"<dataOutputAssociation id='a1'><targetRef>ro</targetRef>{both}</dataOutputAssociation>"
    case = Case(diagram("s -> u1 -> e", user("u1", line), OBJECT))
    case.do("u1", hours=3)
    assert case.vars["order"] == {"id": 7, "hours": 3}


def test_a_line_that_is_only_drawn_is_told_and_no_warning() -> None:
    line = "<dataOutputAssociation id='a1'><targetRef>ro</targetRef></dataOutputAssociation>"
    found = bpmn.lint({"a.bpmn": diagram("s -> u1 -> e", user("u1", line), OBJECT)})
    assert [(one.severity, one.element, one.code) for one in found if one.code == "drawn-only"] == [
        ("info", "u1", "drawn-only")
    ]


def test_a_user_task_says_everything_a_work_item_needs() -> None:
    task = user(
        "u1",
        form="=kind",
        assignee='="li"',
        users="=[boss, 7]",
        groups=" clerk , head@up",
        due="PT2H",
        priority="=40 + 2",
        inputs={"hint": "=n + 1"},
        props={"remind": "PT0S"},
        name="核实",
    )
    case = Case(diagram("s -> u1 -> e", task), {"kind": "visit", "boss": "wang", "n": 1})
    wait = case.wait("u1")
    assert (wait.ref, wait.assignee, wait.candidates, wait.groups) == (
        "visit",
        "li",
        ("wang", "7"),
        ("clerk", "head@up"),
    )
    assert wait.due is not None and wait.due.at == datetime(2026, 11, 23, 3, 0)
    assert (wait.priority, wait.name, dict(wait.properties)) == (42, "核实", {"remind": "PT0S"})
    assert case.see(wait.token) == {"kind": "visit", "boss": "wang", "n": 1, "hint": 2}


def test_an_assignment_that_fails_is_an_incident_and_opens_on_retry() -> None:
    case = Case(
        diagram(
            "s -> u1 -> e; b -> u2 -> e",
            user("u1", assignee="=no(1)", inputs={"x": "=1"}),
            boundary("b", "u1", "message"),
        )
    )
    assert (case.troubles, case.rows, case.live) == ([("u1", "expression")], {}, "u1")
    case.retry("u1")
    assert case.troubles == [("u1", "expression")] * 2


def test_local_variables_end_with_their_task() -> None:
    case = Case(diagram("s -> u1 -> u2 -> e", user("u1", inputs={"x": "=1", "y": "=x + 1"})), {"x": 10})
    assert case.see(case.token("u1")) == {"x": 1, "y": 2}
    case.do("u1", x=5, z=6)
    assert case.vars == {"x": 10, "z": 6}, "x belonged to the task"


def test_an_output_mapping_alone_decides_what_is_left() -> None:
    task = user("u1", outputs={"answer.text": "=said", "answer.twice": "=answer.text + said", "n": "=1"})
    case = Case(diagram("s -> u1 -> u2 -> e", task), {"answer": {"by": "li"}})
    case.do("u1", said="ja", other="gone")
    assert case.vars == {"answer": {"by": "li", "text": "ja", "twice": "jaja"}, "n": 1}


def test_an_output_mapping_carries_a_local_name_out() -> None:
    case = Case(diagram("s -> u1 -> u2 -> e", user("u1", inputs={"x": "=1"}, outputs={"x": "=x + said"})), {"x": 10})
    case.do("u1", said=5)
    assert case.vars == {"x": 6}


def test_an_output_mapping_that_fails_is_retried_without_asking_again() -> None:
    case = Case(diagram("s -> u1 -> u2 -> e", user("u1", outputs={"n": "=no(said)"})))
    case.do("u1", said=1)
    assert (case.open, case.troubles) == ("", [("u1", "expression")])
    assert case.see(case.token("u1"))["said"] == 1
    case.retry("u1")
    assert len(case.troubles) == 2


def test_a_write_goes_to_the_nearest_scope_that_has_the_name() -> None:
    nodes = (script("t1", "a = 1; mine = 2; fresh = 3"),)
    inner = sub("SP", "s1 -> t1 -> u1 -> e1", *nodes, zeebe=io({"mine": "=0"}))
    case = Case(diagram("s -> SP -> u2", inner), {"a": 0})
    assert (case.vars, case.see(case.token("u1"))) == ({"a": 1, "fresh": 3}, {"a": 1, "fresh": 3, "mine": 2})
    case.do("u1")
    assert case.vars == {"a": 1, "fresh": 3}


def test_a_subprocess_maps_its_own_variables_out() -> None:
    mapping = io({"n": "=5"}, {"double": "=n * 2"})
    case = Case(diagram("s -> SP -> u2", sub("SP", "s1 -> t1 -> e1", script("t1", "n = n + 1"), zeebe=mapping)))
    assert case.vars == {"double": 12}


def test_inline_services_run_in_the_step() -> None:
    outside = world(add=lambda i: i["a"] + i["b"], row=lambda i: {"id": 7})
    nodes = (
        service("t1", "add", inputs={"a": "=1", "b": "=n"}, outputs={"sum": "=result"}),
        service("t2", "add", headers={"resultVariable": "sum2"}, inputs={"a": "=sum", "b": "=1"}),
        service("t3", "row", outputs={"key": "=id"}),
        service("t4", "row"),
    )
    case = Case(diagram("s -> t1 -> t2 -> t3 -> t4 -> e", *nodes), {"n": 41}, world=outside)
    assert (case.done, case.vars) == (True, {"n": 41, "sum": 42, "sum2": 43, "key": 7})


def test_a_service_that_refuses_is_an_incident_and_a_mapping_does_not_call_it_twice() -> None:
    calls: list[Any] = []

    def reserve(inputs: Any) -> Any:
        calls.append(inputs)
        if len(calls) == 1:
            raise QuotaFull(what="shift")
        return {"ok": True}

    case = Case(
        diagram("s -> t1 -> u1", service("t1", "reserve", outputs={"ok": "=no(result)"})),
        world=world(reserve=reserve),
        twice=False,
    )
    assert case.troubles == [("t1", "service")]
    case.retry("t1")
    case.retry("t1")
    assert (len(calls), case.troubles[1:]) == (2, [("t1", "expression")] * 2)


def test_jobs_wait_and_give_their_results_back() -> None:
    node = service("t1", "http", retries="5", headers={"url": "/x"}, inputs={"q": "=n"})
    case = Case(diagram("s -> t1 -> e", node), {"n": 1})
    wait = case.wait("t1")
    assert (wait.kind, wait.ref, wait.retries, dict(wait.headers), wait.inputs) == (
        "job",
        "http",
        5,
        {"url": "/x"},
        {"q": 1},
    )
    case.break_("t1", message="spent")
    assert (case.troubles, case.open, case.last.closed) == ([("t1", "job")], "", [(wait.token, "broken")])
    case.retry("t1")
    assert case.open == "t1"
    case.do("t1", status=200)
    assert (case.done, case.vars) == (True, {"n": 1, "status": 200})
    case = Case(diagram("s -> t1 -> e", service("t1", "http", headers={"resultVariable": "answer"})))
    case.do("t1", status=200)
    assert case.vars == {"answer": {"status": 200}}


def test_a_broken_job_keeps_its_boundary_timer() -> None:
    case = Case(diagram("s -> t1 -> e; b -> u2 -> e", service("t1", "http"), boundary("b", "t1", "duration", "PT1H")))
    case.break_("t1")
    case.hours(1)
    assert case.open == "u2" and case.last.solved


def test_decisions_by_name_and_by_feel() -> None:
    for name in ("grade", '="gra" + "de"'):
        case = Case(diagram("s -> t1 -> e", rule("t1", name, "found")), {"n": 4}, world=world())
        assert case.vars == {"n": 4, "found": {"level": "high"}}


def test_scripts_in_python_and_feel() -> None:
    nodes = (script("t1", "a = [x for x in xs if x > low]"), feel("t2", "=sum(a)", "total"))
    assert Case(diagram("s -> t1 -> t2 -> e", *nodes), {"xs": [1, 2, 3], "low": 1}).vars["total"] == 5
    case = Case(diagram("s -> t1 -> e", script("t1", "y = nope + 1")))
    assert (case.troubles, case.done) == ([("t1", "script")], False)
    case.set(nope=1)
    case.retry("t1")
    assert case.done and case.vars["y"] == 2


def test_a_called_process_is_a_case_of_its_own() -> None:
    case = Case(diagram("s -> u1 -> e", call("u1", "other")), {"n": 1})
    wait = case.wait("u1")
    assert (wait.kind, wait.ref, wait.binding, wait.inputs) == ("call", "other", "deployment", {"n": 1})
    case.do("u1", n=2, m=3)
    assert case.vars == {"n": 2, "m": 3}
    node = call("u1", "=name", propagate=False, inputs={"x": "=n"}, outputs={"y": "=m"})
    case = Case(diagram("s -> u1 -> e", node), {"n": 1, "name": "other"})
    assert (case.wait("u1").inputs, case.wait("u1").ref) == ({"x": 1}, "other")
    case.do("u1", n=2, m=3)
    assert case.vars == {"n": 1, "name": "other", "y": 3}
    case = Case(diagram("s -> u1 -> e", call("u1", "other", propagate=False)), {"n": 1})
    case.do("u1", n=2)
    assert case.vars == {"n": 1}


def test_a_called_process_that_fails_is_caught_or_an_incident_that_calls_again() -> None:
    case = Case(diagram("s -> u1 -> e; b -> u2 -> e", call("u1", "other"), boundary("b", "u1", "error")))
    case.fail("u1", "E1")
    assert case.open == "u2"
    case = Case(diagram("s -> u1 -> e", call("u1", "other")))
    case.fail("u1", "E1", "because")
    assert (case.troubles, case.open) == ([("u1", "error")], "")
    case.retry("u1")
    assert case.open == "u1"
    case = Case(diagram("s -> u1 -> e", call("u1", "other")), called=True)
    case.fail("u1", "E9")
    assert (case.done, case.last.error_code) == (True, "E9"), "handed on to the next parent"


def test_setting_variables_of_the_process_and_of_a_scope() -> None:
    case = Case(diagram("s -> u1 -> e", user("u1", inputs={"x": "=1"})), {"y": 1})
    case.set(y=2)
    case.set(case.token("u1"), x=5, y=3, z=4)
    assert (case.vars, case.see(case.token("u1"))["x"]) == ({"y": 3, "z": 4}, 5)
    assert ("p", "set") in case.trace and ("u1", "set") in case.trace


def test_a_value_that_cannot_be_kept_is_refused_before_anything_happens() -> None:
    case = Case(diagram("s -> u1 -> e"))
    before = case.bytes
    with pytest.raises(InvalidValue):
        case.do("u1", bad=object())
    assert case.bytes == before


def test_completing_twice_is_refused() -> None:
    case = Case(diagram("s -> u1 -> u2 -> e"))
    token = case.token("u1")
    case.do("u1")
    for late in (token, "99"):
        with pytest.raises(NotOpen):
            case.send(Complete(late))


def test_describe_tells_starts_nodes_and_references() -> None:
    content = diagram(
        "s -> u1 -> t1 -> t2 -> u3 -> e; sm -> u1; st -> u1",
        start("s", zeebe='<zeebe:formDefinition formId="new"/>'),
        start("sm", "keyed"),
        start("st", "cycle", "R/P1D", props={"calendar": "working"}),
        user("u1", form="visit", name="上门", props={"name_en": "Visit"}),
        service("t1", "http"),
        rule("t2", "grade", "g"),
        call("u3", "other"),
        properties={"starters": "*", "name_en": "Care"},
        name="关怀",
        more=process("s9 -> u9", key="second"),
    )
    first, second = bpmn.describe(content)
    assert (first.key, first.name, first.name_en, second.key) == ("p", "关怀", "Care", "second")
    assert [
        (s.node, s.kind, s.ref, s.expression, s.timer, s.calendar, s.correlation, s.form) for s in first.starts
    ] == [
        ("s", "plain", "", "", "", "", "", "new"),
        ("sm", "message", "keyed", "", "", "", "=key", ""),
        ("st", "timer", "", "R/P1D", "cycle", "working", "", ""),
    ]
    node = first.nodes["u1"]
    assert (node.name, node.name_en, node.type, node.scope, node.form) == ("上门", "Visit", "userTask", "p", "visit")
    assert {(r.kind, r.key) for r in first.references} == {
        ("form", "new"),
        ("form", "visit"),
        ("service", "http"),
        ("decision", "grade"),
        ("process", "other"),
    }
    assert set(second.nodes) == {"s9", "u9"}


def test_compile_names_what_is_missing() -> None:
    content = diagram("s -> u1 -> e")
    with pytest.raises(NotFound):
        bpmn.compile(content, "other")
    with pytest.raises(NotFound):
        bpmn.advance(bpmn.compile(content, "p"), None, Begin(node="nowhere"), World())
    with pytest.raises(NotFound):
        Case(diagram("s -> u1 -> e", start("s", "message")))
    with pytest.raises(InvalidFile):
        bpmn.compile(diagram("s -> u1", '<sequenceFlow id="x" sourceRef="u1" targetRef="gone"/>'), "p")


def test_waiting_needs_no_world_and_gives_more_with_one() -> None:
    nodes = (
        user("u1", assignee="=who", due="PT1H"),
        catch("c", "keyed"),
        event_sub("ES", "duration", "sES -> u3 -> e3", value="PT9H"),
    )
    case = Case(
        diagram("s -> A; A -> u1 -> e; A -> c -> e; A -> u2 -> e", *nodes, user("u2", many(times="2"))),
        {"who": "li", "key": "K"},
    )
    bare = {(w.node, w.kind): w for w in bpmn.waiting(case.process, case.bytes)}
    full = {(w.node, w.kind): w for w in bpmn.waiting(case.process, case.bytes, case.world)}
    assert (bare["u1", "user"].assignee, full["u1", "user"].assignee) == ("", "li")
    assert bare["c", "message"] == full["c", "message"] and bare["sES", "timer"] == full["sES", "timer"]


def test_throwing_nodes_see_their_input_mapping() -> None:
    node = element("endEvent", "e", '<messageEventDefinition messageRef="msg"/>', zeebe=io({"m": "=n + 1"}))
    case = Case(diagram("s -> e", node), {"n": 1})
    assert [(p.name, p.payload) for p in case.published] == [("msg", {"m": 2})] and case.vars == {"n": 1}
    assert Case(diagram("s -> e", end("e", "signal"))).published[0].kind == "signal"
