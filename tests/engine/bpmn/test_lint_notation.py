"""What lint says of data, pools, starts and repetitions that cannot be honoured; each one edit away from what runs."""

from __future__ import annotations

import pytest

from engine import bpmn
from tests.diagrams import call, catch, diagram, element, event, many, process, script, start, user

PLAIN = "s -> u1 -> e"
POOLS = (
    '<collaboration id="co"><participant id="p1" processRef="p"/><participant id="p2" processRef="q"/>'
    '<messageFlow id="f1" sourceRef="{}" targetRef="{}"/></collaboration>'
)
OTHER = process("s2 -> u2 -> e2", start("s2", "message"), key="q")
WAY = '<correlationProperty id="cp"><correlationPropertyRetrievalExpression id="ce" messageRef="{}"><messagePath>{}'
TAG = "</messagePath></correlationPropertyRetrievalExpression></correlationProperty>"


def talks(source: str, target: str, *elements: str, flows: str = PLAIN) -> bytes:
    return diagram(flows, *elements, more=OTHER, top=POOLS.format(source, target))


def output(more: str, *elements: str) -> bytes:
    return diagram(PLAIN, user("u1", f'<dataOutputAssociation id="a1">{more}</dataOutputAssociation>'), *elements)


def behaves(behavior: str, more: str = "", attrs: str = "") -> bytes:
    written = many("xs").replace(" isSequential", f' behavior="{behavior}"{attrs} isSequential')
    return diagram(PLAIN, user("u1", written.replace("</multi", f"{more}</multi")))


ERRORS = {
    "a parallel event gateway that begins nothing": (
        diagram(
            "s -> E -> m -> e", element("eventBasedGateway", "E", eventGatewayType="Parallel"), catch("m", "message")
        ),
        "parallel-gateway",
        "E",
    ),
    "an instantiating task with a flow into it": (
        diagram("s -> v1 -> e", element("receiveTask", "v1", messageRef="msg", instantiate="true")),
        "flow-not-allowed",
        "v1",
    ),
    "a condition at the start that needs a variable": (
        diagram("s -> e", start("s", "condition", "amount > 5")),
        "start-condition",
        "s",
    ),
    "a shared definition that is not there": (
        diagram("s -> c1 -> e", element("intermediateCatchEvent", "c1", "<eventDefinitionRef>u9</eventDefinitionRef>")),
        "dangling",
        "c1",
    ),
    "a shared definition that is none": (
        diagram(
            "s -> c1 -> e", element("intermediateCatchEvent", "c1", "<eventDefinitionRef>msg</eventDefinitionRef>")
        ),
        "dangling",
        "c1",
    ),
    "a compensation subprocess beside": (
        diagram(
            "s -> e",
            element(
                "subProcess",
                "V",
                '<startEvent id="sV" isInterrupting="false"><compensateEventDefinition/></startEvent>',
                triggeredByEvent="true",
            ),
        ),
        "error-interrupts",
        "sV",
    ),
    "a behaviour nobody knows": (behaves("Some"), "repetition-events", "u1"),
    "a behaviour that throws nothing": (behaves("None"), "repetition-events", "u1"),
    "a behaviour that throws a timer": (
        diagram(
            PLAIN,
            user("u1", many("xs").replace(" isSeq", ' behavior="One" oneBehaviorEventRef="w" isSeq')),
            top='<timerEventDefinition id="w"><timeDuration>PT1H</timeDuration></timerEventDefinition>',
        ),
        "repetition-events",
        "u1",
    ),
    "a rule of a behaviour without a condition": (
        behaves("Complex", f"<complexBehaviorDefinition><event>{event('signal')}</event></complexBehaviorDefinition>"),
        "repetition-events",
        "u1",
    ),
    "an association to what is no data": (output("<targetRef>u1</targetRef>"), "dangling", "a1"),
    "an output that goes nowhere": (output("<transformation>=1</transformation>"), "dangling", "a1"),
    "a data object that no variable can be": (
        output(
            "<targetRef>r</targetRef>", '<dataObject id="o"/><dataObjectReference id="r" name="a b" dataObjectRef="o"/>'
        ),
        "data-name",
        "r",
    ),
    "a reference to no data object": (
        diagram(PLAIN, '<dataObjectReference id="r" name="a" dataObjectRef="gone"/>'),
        "dangling",
        "r",
    ),
    "a data store without a name": (diagram(PLAIN, '<dataStoreReference id="ds"/>'), "no-register", "ds"),
    "several sources and no formula": (
        output(
            "<sourceRef>r</sourceRef><sourceRef>r2</sourceRef><targetRef>r</targetRef>",
            '<dataObject id="o"/><dataObjectReference id="r" name="a" dataObjectRef="o"/>'
            '<dataObjectReference id="r2" name="b" dataObjectRef="o"/>',
        ),
        "data-sources",
        "a1",
    ),
    "several input sets": (
        diagram(PLAIN, script("t1", "pass", '<ioSpecification id="io"><inputSet/><inputSet/></ioSpecification>')),
        "data-sets",
        "io",
    ),
    "a formula of an association that cannot be read": (
        output(
            "<targetRef>r</targetRef><transformation>=1 +</transformation>",
            '<dataObject id="o"/><dataObjectReference id="r" name="a" dataObjectRef="o"/>',
        ),
        "bad-feel",
        "u1",
    ),
    "a pool of no process": (diagram(PLAIN, top=POOLS.format("p1", "p1")), "dangling", "p2"),
    "a message flow to nowhere": (talks("p1", "gone"), "dangling", "f1"),
    "a message flow inside a pool": (talks("s", "e"), "message-flow-inside", "f1"),
    "a message flow from what sends nothing": (talks("u1", "s2"), "message-flow-ends", "f1"),
    "a message flow between two messages": (
        talks("n1", "s2", element("sendTask", "n1", messageRef="keyed"), flows="s -> n1 -> e"),
        "message-flow-names",
        "f1",
    ),
    "a correlation of no message": (diagram(PLAIN, top=WAY.format("gone", "=a") + TAG), "dangling", "ce"),
    "a correlation without a path": (diagram(PLAIN, top=WAY.format("msg", "") + TAG), "correlation", "ce"),
    "a message with an empty key": (
        diagram(
            PLAIN,
            top='<message id="m9" name="m9"><extensionElements><zeebe:subscription/></extensionElements></message>',
        ),
        "correlation",
        "m9",
    ),
    "a binding to no tag": (
        diagram("s -> c1 -> e", call("c1", "x").replace("processId", 'bindingType="versionTag" processId')),
        "binding",
        "c1",
    ),
    "an event that sets a resource": (
        diagram(PLAIN, user("u1", '<potentialOwner id="po"/>')),
        "unknown-element",
        "po",
    ),
}
WARNINGS = {
    "a line to a register that says nothing": (
        output("<targetRef>ds</targetRef>", '<dataStoreReference id="ds" name="lamps"/>'),
        "drawn-only",
        "u1",
    ),
    "a complex gateway without a condition": (
        diagram("s -> A; A -> u1 -> C; A -> u2 -> C; C -> e"),
        "no-activation",
        "C",
    ),
}


@pytest.mark.parametrize("what", ERRORS)
def test_it_is_refused_by_name(what: str) -> None:
    content, code, node = ERRORS[what]
    found = [
        one for one in bpmn.lint({"a.bpmn": content}) if (one.severity, one.code, one.element) == ("error", code, node)
    ]
    assert found and found[0].line > 1 and found[0].message and found[0].message_en


@pytest.mark.parametrize("what", WARNINGS)
def test_it_runs_and_the_designer_is_told(what: str) -> None:
    content, code, node = WARNINGS[what]
    assert [(f.severity, f.code, f.element) for f in bpmn.lint({"a.bpmn": content})] == [("warning", code, node)]
