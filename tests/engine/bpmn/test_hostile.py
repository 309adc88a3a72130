"""Diagrams made to hurt: none makes the reading, the lint or a case hang or eat the memory.

Limits are generous for a slow machine; without the bounds each of these takes minutes, gigabytes or the whole process.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

import pytest

from engine import Engine, bpmn
from engine.bpmn.xml import LARGEST, MOST
from engine.errors import DeploymentRefused
from tests.diagrams import HEAD, call, diagram, many, sub, user
from tests.engine.helpers import deploy

SECONDS = 12.0
MEGABYTES = 300
FAMILIES = {
    "camunda": "http://camunda.org/schema/1.0/bpmn",
    "flowable": "http://flowable.org/bpmn",
    "spiffworkflow": "http://spiffworkflow.org/bpmn/schema/1.0/core",
}


def process(body: str, space: str = "") -> bytes:
    head = HEAD.replace("<definitions", f'<definitions xmlns:v="{space}"', 1) if space else HEAD
    return f'{head}<process id="p" isExecutable="true">{body}</process></definitions>'.encode()


def codes(content: bytes) -> set[str]:
    """What the lint says, within the limits."""
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = bpmn.lint({"a.bpmn": content})
    assert time.process_time() - began < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEGABYTES << 10
    return {finding.code for finding in found}


def entities() -> bytes:
    """The billion laughs."""
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE x [<!ENTITY a0 "ha">{lines}]><x>&a9;</x>'.encode()


REFUSED: dict[str, Callable[[], bytes]] = {
    "an entity bomb": entities,
    "an entity bomb in another encoding": lambda: entities().decode().encode("utf-16"),
    "an external entity": lambda: b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    "five megabytes": lambda: process("<!--" + "x" * (LARGEST + 1) + "-->"),
    "a hundred thousand nodes": lambda: process("<task/>" * 100_000),
    "a thousand subprocesses in each other": lambda: process("<subProcess>" * 1_000 + "</subProcess>" * 1_000),
    "one attribute of four megabytes": lambda: process(f'<task id="{"x" * LARGEST}"/>'),
    "no XML at all": lambda: b"\x00\xff" * 1_000_000,
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_read_safely_is_refused_at_once(what: str) -> None:
    assert codes(REFUSED[what]()) == {"unreadable"}


def many_links() -> str:
    throw = '<intermediateThrowEvent id="a{0}"><linkEventDefinition name="l{0}"/></intermediateThrowEvent>'
    catches = '<intermediateCatchEvent id="b{0}"><linkEventDefinition name="l{0}"/></intermediateCatchEvent>'
    return "".join((throw + catches).format(n) for n in range(700))


def undone() -> str:
    line = (
        '<task id="t{0}"/><boundaryEvent id="b{0}" attachedToRef="t{0}"><compensateEventDefinition/></boundaryEvent>'
        '<association id="x{0}" sourceRef="b{0}" targetRef="h{0}"/><task id="h{0}" isForCompensation="true"/>'
    )
    return "".join(line.format(n) for n in range(600))


def choices() -> str:
    return '<exclusiveGateway id="X"/>' + "".join(
        f'<task id="t{n}"/><sequenceFlow id="f{n}" sourceRef="X" targetRef="t{n}">'
        f"<conditionExpression>=a{n % 20} &gt; {n} and b{n % 7} = true</conditionExpression></sequenceFlow>"
        for n in range(200)
    )


def joins() -> str:
    """A ladder of choices and joins."""
    return "".join(
        f'<exclusiveGateway id="x{n}"/><parallelGateway id="j{n}"/>'
        f'<sequenceFlow id="a{n}" sourceRef="x{n}" targetRef="j{n}"/>'
        f'<sequenceFlow id="b{n}" sourceRef="x{n}" targetRef="j{(n + 1) % 180}"/>'
        f'<sequenceFlow id="c{n}" sourceRef="j{n}" targetRef="x{(n + 1) % 180}"/>'
        for n in range(180)
    )


HEAVY: dict[str, Callable[[], str]] = {
    "links": many_links,
    "compensations": undone,
    "choices of many variables": choices,
    "joins": joins,
    "borders": lambda: (
        '<task id="t"/>'
        + "".join(
            f'<boundaryEvent id="b{n}" attachedToRef="t"><errorEventDefinition/></boundaryEvent>' for n in range(1_500)
        )
    ),
    "definitions by reference": lambda: "".join(
        f'<intermediateCatchEvent id="t{n}"><eventDefinitionRef>q{n}</eventDefinitionRef></intermediateCatchEvent>'
        for n in range(700)
    ),
}


@pytest.mark.parametrize("what", HEAVY)
def test_a_large_diagram_costs_its_size_and_not_its_square(what: str) -> None:
    codes(process(HEAVY[what]()))


EXPRESSIONS = {
    "brackets": "(" * 5_000 + "a" + ")" * 5_000,
    "indexes of indexes": "a[" * 50 + "i" + "]" * 50,
    "an endless sum": "+".join(["a"] * 5_000),
    "an endless text": '"' + "x" * 50_000,
    "nots": "not " * 3_000 + "a",
}


@pytest.mark.parametrize("what", EXPRESSIONS)
@pytest.mark.parametrize("tool", FAMILIES)
def test_an_expression_of_another_tool_cannot_hang_its_translation(tool: str, what: str) -> None:
    written = EXPRESSIONS[what].replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    held = written if tool == "spiffworkflow" else f"${{{written}}}"
    body = (
        '<startEvent id="s"/><exclusiveGateway id="X" default="n"/><endEvent id="e"/><endEvent id="e2"/>'
        '<sequenceFlow id="f" sourceRef="s" targetRef="X"/><sequenceFlow id="n" sourceRef="X" targetRef="e"/>'
        f'<sequenceFlow id="y" sourceRef="X" targetRef="e2"><conditionExpression>{held}</conditionExpression>'
        f"<extensionElements><v:x/></extensionElements></sequenceFlow>"
    )
    assert codes(process(body, FAMILIES[tool])) & {"not-translated", "bad-feel", "translated"}


def test_processes_that_call_each_other_in_a_circle_stop_as_an_incident(engine: Engine) -> None:
    deploy(engine, diagram("s -> c -> e", call("c", "q"), key="p"), diagram("s -> c -> e", call("c", "p"), key="q"))
    case = engine.start("p", {}, by="zhang")
    for _ in range(5):
        engine.run_due()
    assert len(engine.instances(limit=1).rows) == 1 and engine.instances().total < 250
    assert engine.incidents() and engine.instance(case.id).status == "running"


def test_a_repetition_of_a_billion_is_an_incident(engine: Engine) -> None:
    deploy(engine, diagram("s -> u -> e", user("u", many(times="n"))))
    case = engine.start("p", {"n": 1_000_000_000}, by="zhang")
    assert len(case.incidents) == 1 and engine.work_items(instance=case.id) == []


def test_a_subprocess_that_is_its_own_boundary_is_refused(engine: Engine) -> None:
    circle = diagram("s -> A1 -> e", sub("A1", "s1 -> e1", zeebe="")).replace(b'id="s1"', b'id="A1"')
    with pytest.raises(DeploymentRefused):
        engine.deploy({"a.bpmn": circle}, by="")


def test_the_bound_is_far_above_what_anybody_draws() -> None:
    assert MOST >= 20_000
