"""The lint: every error a designer can make gives a finding that names the element and says what to do instead."""

from __future__ import annotations

from typing import Any

import pytest

from engine import bpmn
from engine.bpmn.model import Catalogue
from engine.errors import InvalidFile
from tests.diagrams import (
    HEAD,
    boundary,
    call,
    catch,
    diagram,
    element,
    end,
    event,
    event_sub,
    feel,
    io,
    loop,
    many,
    process,
    rule,
    script,
    service,
    start,
    sub,
    throw,
    undo,
    user,
)


def found(content: bytes, catalogue: Catalogue | None = None) -> list[tuple[str, str]]:
    """(code, element) of all findings."""
    return [(f.code, f.element) for f in bpmn.lint({"a.bpmn": content}, catalogue)]


def bare(xml: str) -> bytes:
    return f"{HEAD}{xml}</definitions>".encode()


PLAIN = "s -> u1 -> e"
FLOW = '<sequenceFlow id="x" sourceRef="{}" targetRef="{}"/>'
ERRORS: dict[str, tuple[bytes, str, str]] = {
    "no executable process": (bare('<process id="p" isExecutable="false"/>'), "no-process", "d"),
    "an empty process": (bare('<process id="p" isExecutable="true"/>'), "empty", "p"),
    "an element nobody knows": (diagram(PLAIN, "<magicTask id='m'/>"), "unknown-element", "m"),
    "a choreography": (diagram(PLAIN, top='<choreography id="g"/>'), "unknown-element", "g"),
    "the same id twice": (diagram("s -> u1 -> e", user("u1"), user("u1")), "double-id", "u1"),
    "an id no one can write": (diagram("s -> a(b) -> e", user("a(b)")), "bad-id", "a(b)"),
    "no id": (diagram(PLAIN, "<task/>"), "no-id", "p"),
    "a flow from nowhere": (diagram(PLAIN, FLOW.format("gone", "u1")), "dangling", "x"),
    "a flow to nowhere": (diagram(PLAIN, FLOW.format("u1", "gone")), "dangling", "x"),
    "a flow across a border": (
        diagram("s -> SP -> e", sub("SP", "s1 -> u1 -> e1"), FLOW.format("u1", "e")),
        "crosses-border",
        "x",
    ),
    "a default that is no flow out": (diagram(PLAIN, user("u1", default="gone")), "dangling", "u1"),
    "a boundary event on nothing": (diagram("s -> u1 -> e; b -> e", boundary("b", "gone", "message")), "dangling", "b"),
    "a boundary event on a gateway": (
        diagram("s -> X -> e; b -> e", boundary("b", "X", "message")),
        "border-of-what",
        "b",
    ),
    "a message without a name": (diagram("s -> c -> e", catch("c", "message", value="gone")), "dangling", "c"),
    "a signal not chosen": (
        diagram("s -> c -> e", element("intermediateCatchEvent", "c", "<signalEventDefinition/>")),
        "no-signal",
        "c",
    ),
    "a receive task without a message": (diagram("s -> t -> e", element("receiveTask", "t")), "no-message", "t"),
    "a send task without a message": (diagram("s -> t -> e", element("sendTask", "t")), "no-message", "t"),
    "an error without a code": (
        diagram("s -> x", element("endEvent", "x", '<errorEventDefinition errorRef="q"/>'), top='<error id="q"/>'),
        "error-incomplete",
        "q",
    ),
    "a definition by reference that is not there": (
        diagram("s -> c -> e", element("intermediateCatchEvent", "c", "<eventDefinitionRef>no</eventDefinitionRef>")),
        "dangling",
        "c",
    ),
    "a lane with a node that is gone": (
        diagram(PLAIN, '<laneSet id="ls"><lane id="l1"><flowNodeRef>gone</flowNodeRef></lane></laneSet>'),
        "dangling",
        "l1",
    ),
    "a node nothing leads to": (diagram("s -> u1 -> e; u2 -> e"), "unreachable", "u2"),
    "two plain starts": (diagram("s -> u1 -> e; s2 -> u1"), "many-starts", "p"),
    "two starts of a subprocess": (diagram("s -> SP -> e", sub("SP", "s1 -> u1 -> e1; s2 -> u1")), "many-starts", "SP"),
    "an event subprocess with a plain start": (
        diagram(PLAIN, sub("ES", "s1 -> u2 -> e1", triggeredByEvent="true")),
        "event-subprocess-start",
        "ES",
    ),
    "a flow out of an end": (diagram("s -> u1 -> e -> u2"), "flow-not-allowed", "e"),
    "a flow into a start": (diagram("s -> u1 -> s"), "flow-not-allowed", "s"),
    "a flow into an event subprocess": (
        diagram("s -> ES -> e", event_sub("ES", "message", "sES -> u1 -> e1")),
        "flow-not-allowed",
        "ES",
    ),
    "an exclusive flow without a condition": (
        diagram("s -> X; X -> u1 if true; X -> e; u1 -> e"),
        "no-condition",
        "X-e",
    ),
    "a task behind an event-based gateway": (
        diagram("s -> E; E -> u1 -> e; E -> c -> e", catch("c", "message")),
        "event-gateway",
        "u1",
    ),
    "an error start of a process": (diagram("s -> u1 -> e", start("s", "error")), "event-position", "s"),
    "a message start of a subprocess": (
        diagram("s -> SP -> e", sub("SP", "s1 -> u1 -> e1", start("s1", "message"))),
        "event-position",
        "s1",
    ),
    "a timer that is thrown": (diagram("s -> th -> e", throw("th", "duration", "PT1H")), "event-position", "th"),
    "an end that waits": (diagram("s -> e", end("e", "duration", "PT1H")), "event-position", "e"),
    "a boundary event without an event": (diagram("s -> u1 -> e; b -> e", boundary("b", "u1", "")), "no-event", "b"),
    "an error that does not interrupt": (
        diagram("s -> u1 -> e; b -> e", boundary("b", "u1", "error", cut=False)),
        "error-interrupts",
        "b",
    ),
    "a cancel without a transaction": (diagram("s -> u1 -> x", end("x", "cancel")), "cancel-without-transaction", "x"),
    "a timer without a time": (
        diagram("s -> c -> e", element("intermediateCatchEvent", "c", "<timerEventDefinition/>")),
        "no-timer",
        "c",
    ),
    "a duration nobody can read": (diagram("s -> c -> e", catch("c", "duration", value="2 hours")), "bad-timer", "c"),
    "a date without its offset": (
        diagram("s -> c -> e", catch("c", "date", value="2026-11-21T09:00:00")),
        "bad-timer",
        "c",
    ),
    "a cycle of length zero": (diagram("s -> c -> e", catch("c", "cycle", value="R/PT0S")), "bad-timer", "c"),
    "a condition that says nothing": (
        diagram("s -> c -> e", element("intermediateCatchEvent", "c", "<conditionalEventDefinition/>")),
        "no-condition",
        "c",
    ),
    "a compensation event without a handler": (
        diagram("s -> u1 -> e", boundary("b", "u1", "compensate")),
        "no-handler",
        "b",
    ),
    "a handler that is not for compensation": (
        diagram("s -> u1 -> u2 -> e", user("u1"), undo("b", "u1", "u2"), user("u2")),
        "no-handler",
        "b",
    ),
    "compensation of what is not there": (diagram("s -> th -> e", throw("th", "compensate", "gone")), "dangling", "th"),
    "a link never caught": (diagram("s -> th", throw("th", "link", "go")), "link", "th"),
    "a link never thrown": (diagram("s -> u1 -> e; k -> e", catch("k", "link", value="go")), "link", "k"),
    "a message event as a job": (
        diagram("s -> e", element("endEvent", "e", event("message"), zeebe='<zeebe:taskDefinition type="x"/>')),
        "event-as-job",
        "e",
    ),
    "a script without a script": (diagram("s -> t -> e", element("scriptTask", "t")), "no-script", "t"),
    "a FEEL script without a result": (diagram("s -> t -> e", feel("t", "=1", "")), "no-result", "t"),
    "a script in another language": (
        diagram("s -> t -> e", script("t", "x = 1", scriptFormat="groovy")),
        "script-language",
        "t",
    ),
    "a service without a type": (diagram("s -> t -> e", element("serviceTask", "t")), "no-service", "t"),
    "a rule without a decision": (diagram("s -> t -> e", element("businessRuleTask", "t")), "no-decision", "t"),
    "a decision without a result": (diagram("s -> t -> e", rule("t", "grade", "")), "no-result", "t"),
    "a call of nothing": (diagram("s -> t -> e", element("callActivity", "t")), "no-process", "t"),
    "a quantity of zero": (diagram(PLAIN, user("u1", startQuantity="0")), "quantity", "u1"),
    "a loop without an end": (diagram(PLAIN, user("u1", loop())), "loop-endless", "u1"),
    "a loop of no rounds": (diagram(PLAIN, user("u1", loop(maximum=0))), "loop-maximum", "u1"),
    "a repetition over nothing": (diagram(PLAIN, user("u1", many())), "repetition", "u1"),
    "a repetition of minus one": (diagram(PLAIN, user("u1", many(times="-1"))), "repetition", "u1"),
    "a repetition that throws": (
        diagram(PLAIN, user("u1", many("xs").replace("isSequential", 'behavior="One" isSequential'))),
        "repetition-events",
        "u1",
    ),
    "a mapping to no variable": (diagram(PLAIN, user("u1", inputs={"a b": "=1"})), "mapping-target", "u1"),
    "an unknown binding": (
        diagram(PLAIN, element("userTask", "u1", zeebe='<zeebe:formDefinition formId="f" bindingType="x"/>')),
        "binding",
        "u1",
    ),
    "a due date nobody can read": (diagram(PLAIN, user("u1", due="tomorrow")), "bad-timer", "u1"),
    "a reminder nobody can read": (
        diagram(PLAIN, user("u1", due="P1D", props={"remind": "-P1D, soon"})),
        "bad-timer",
        "u1",
    ),
    "an escalation to nobody": (diagram(PLAIN, user("u1", due="P1D", props={"escalate": "P1D"})), "bad-timer", "u1"),
    "a condition with a syntax error": (diagram("s -> X; X -> u1 if a >; X -> e default; u1 -> e"), "bad-feel", "X-u1"),
    "an assignment with a syntax error": (diagram(PLAIN, user("u1", assignee="=((")), "bad-feel", "u1"),
    "a mapping with a syntax error": (diagram(PLAIN, user("u1", outputs={"x": "=1 +"})), "bad-feel", "u1"),
    "a timer with a syntax error": (
        diagram("s -> c -> e", catch("c", "duration", value="=duration(")),
        "bad-feel",
        "c",
    ),
    "a correlation key with a syntax error": (
        diagram(
            PLAIN,
            top=element("message", "m2", zeebe='<zeebe:subscription correlationKey="=(("/>', name="m2"),
        ),
        "bad-feel",
        "m2",
    ),
    "a completion condition with a syntax error": (
        diagram(PLAIN, user("u1", many("xs", until="1 >"))),
        "bad-feel",
        "u1",
    ),
    "a Python script with a syntax error": (diagram("s -> t -> e", script("t", "x = (")), "bad-script", "t"),
    "an unknown extension": (
        diagram(PLAIN, element("userTask", "u1", zeebe="<zeebe:magic/>")),
        "unknown-extension",
        "u1",
    ),
    "a listener": (
        diagram(PLAIN, element("userTask", "u1", zeebe="<zeebe:taskListeners/>")),
        "unsupported-extension",
        "u1",
    ),
    "a setting of another tool that nobody knows": (
        diagram(PLAIN, element("userTask", "u1", zeebe='<c:magic xmlns:c="http://camunda.org/schema/1.0/bpmn"/>')),
        "other-dialect",
        "u1",
    ),
    "an attribute of another tool that nobody knows": (
        diagram(PLAIN, '<userTask xmlns:c="http://camunda.org/schema/1.0/bpmn" id="u1" c:magic="li"/>'),
        "other-dialect",
        "u1",
    ),
}


@pytest.mark.parametrize("what", ERRORS)
def test_what_cannot_be_honoured_is_refused(what: str) -> None:
    content, code, node = ERRORS[what]
    findings = bpmn.lint({"a.bpmn": content})
    errors = [f for f in findings if f.severity == "error" and (f.code, f.element) == (code, node)]
    assert errors, [(f.severity, f.code, f.element) for f in findings]
    assert all(f.line > 0 and f.file == "a.bpmn" for f in findings)
    assert all(f.message_en and any("\u4e00" <= c <= "\u9fff" for c in f.message) for f in findings)


WARNINGS: dict[str, tuple[bytes, str, str]] = {
    "no start event": (diagram("u1 -> e"), "no-start", "p"),
    "an exclusive gateway without a default": (
        diagram("s -> X; X -> u1 if a; X -> e if b; u1 -> e"),
        "no-default",
        "X",
    ),
    "a gateway without a way out": (diagram("s -> X"), "dead-end", "X"),
    "a condition where none is asked": (diagram("s -> A; A -> u1 if a; A -> u2"), "condition-ignored", "A-u1"),
    "a condition without =": (
        diagram("s -> X; X -> u1 if a; X -> e default; u1 -> e").replace(b">=a<", b">a<"),
        "no-equals",
        "X-u1",
    ),
    "reminders without a due date": (diagram(PLAIN, user("u1", props={"remind": "PT0S"})), "no-due-date", "u1"),
    "monitoring": (diagram(PLAIN, user("u1", "<monitoring/>")), "not-used", "u1"),
}


@pytest.mark.parametrize("what", WARNINGS)
def test_what_a_designer_should_look_at_is_a_warning(what: str) -> None:
    content, code, node = WARNINGS[what]
    findings = bpmn.lint({"a.bpmn": content})
    assert [(f.severity, f.code, f.element) for f in findings] == [("warning", code, node)]


def test_a_diagram_with_everything_is_clean() -> None:
    nodes = (
        user(
            "u1",
            many("who", into="votes"),
            form="f",
            assignee="=who[1]",
            groups="clerk",
            due="P2D",
            priority="=60",
            props={"remind": "-P1D, PT0S, R/PT4H", "escalate": "PT0S clerk@up, P1D boss@up2"},
        ),
        boundary("b", "u1", "cycle", "R/P1D", cut=False),
        script("t1", "x = 1"),
        feel("t2", "=x + 1", "y"),
        service("t3", "register.insert", inputs={"register": "demands"}),
        rule("t4", "grade", "g"),
        call("t5", "other"),
        element("sendTask", "t6", messageRef="msg"),
        sub(
            "SP",
            "s1 -> t7 -> e1",
            undo("c7", "t7", "h7"),
            element("task", "t7"),
            script("h7", isForCompensation="true"),
            event_sub("ES", "escalation", "sES -> t8 -> e8", cut=False),
        ),
        boundary("be", "SP", "anyerror"),
        throw("th", "compensate", "SP"),
        catch("c", "keyed", "duration", value="PT1H"),
        '<textAnnotation id="n1"><text>note</text></textAnnotation>',
        '<association id="a1" sourceRef="u1" targetRef="n1"/>',
        '<dataObjectReference id="do1" dataObjectRef="do2"/><dataObject id="do2"/>',
        '<dataStoreReference id="ds" name="demands"/>',
        '<laneSet id="ls"><lane id="l1" name="clerk"><flowNodeRef>u1</flowNodeRef></lane></laneSet>',
    )
    flows = "s -> u1 -> t1 -> t2 -> t3 -> t4 -> t5 -> t6 -> SP -> th -> X; X -> c if y > 1; X -> e default"
    flows += "; c -> e; b -> e3; be -> e2"
    known = Catalogue(
        forms=frozenset({"f"}),
        decisions=frozenset({"grade"}),
        processes=frozenset({"other"}),
        roles=frozenset({"clerk", "boss"}),
        services=frozenset({"register.*"}),
        registers=frozenset({"demands"}),
    )
    content = diagram(flows, *nodes, name="关怀", properties={"starters": "clerk, public", "title": '="a" + "b"'})
    assert found(content, known) == []
    bpmn.compile(content, "p")


def choosing(*conditions: str) -> bytes:
    return diagram(
        "; ".join(["s -> u1 -> X", *(f"X -> u{n} if {c}" for n, c in enumerate(conditions, 2))]), user("u1", form="f")
    )


CHOICES: dict[str, tuple[tuple[str, ...], str]] = {
    "numbers with a hole": (("n > 100", "n < 100"), "n = 100"),
    "numbers with an open end": (("n = 1", "n > 1 and n <= 5"), "n = 0"),
    "a truth that is never false": (("ok", "ok = true"), "ok = false"),
    "options of a form": (('kind = "a"', 'kind = "b"'), 'kind = "c"'),
    "a checkbox": (("agreed = true", "agreed = true"), "agreed = false"),
    "a hole between ranges": (("n in [1..5]", "n > 6", "n < 1"), ""),
    "numbers without a hole": (("n > 100", "n <= 100"), ""),
    "truth": (("ok", "not(ok)"), ""),
    "all options of a form": (('kind = "a"', 'kind != "a"'), ""),
    "texts that anybody may write": (('word = "a"', 'word = "b"'), ""),
    "two variables": (("a", "b"), ""),
    "a function": (("abs(n) > 1", "abs(n) < 1"), ""),
    "a path": (("x.n > 1", "x.n < 1"), ""),
}


@pytest.mark.parametrize("what", CHOICES)
def test_a_gateway_without_a_way_out_for_a_value_that_can_come_is_refused_with_the_value(what: str) -> None:
    conditions, value = CHOICES[what]
    known = Catalogue(choices={"f": {"kind": ("a", "b", "c"), "agreed": (True, False)}})
    found = [f for f in bpmn.lint({"a.bpmn": choosing(*conditions)}, known) if f.code == "no-way-out"]
    assert [f.element for f in found] == (["X"] if value else [])
    assert all(value in f.message and value in f.message_en and f.severity == "error" for f in found)


def test_nothing_is_claimed_of_a_variable_that_others_may_set() -> None:
    content = diagram(
        's -> u1 -> t1 -> X; X -> u2 if kind = "a"; X -> u3 if kind = "b"', user("u1", form="f"), service("t1", "http")
    )
    known = Catalogue(choices={"f": {"kind": ("a", "b", "c")}})
    assert "no-way-out" not in {f.code for f in bpmn.lint({"a.bpmn": content}, known)}


STRUCTURE: dict[str, tuple[bytes, str, str, str]] = {
    "a circle of scripts": (
        diagram("s -> X; X -> e if n > 1; X -> t1 default; t1 -> t2 -> t1"), "error", "stuck", "t1",
    ),
    "a circle of tasks": (diagram("s -> u1 -> u2 -> u1"), "warning", "never-ends", "s"),
    "a parallel join behind a choice": (
        diagram("s -> X; X -> u1 if n > 1; X -> u2 default; u1 -> A; u2 -> A; A -> e"), "warning", "starving-join", "A",
    ),
    "a gateway for nothing": (diagram("s -> X -> e"), "warning", "needless-gateway", "X"),
    "the same flow twice": (diagram("s -> u1; u1 -> e; u1 -> e"), "warning", "double-flow", "u1-ex"),
    "a task that nothing follows": (diagram("s -> A; A -> u1 -> e; A -> u2"), "warning", "implicit-end", "u2"),
    "a misspelt property": (
        diagram(PLAIN, user("u1", props={"operatoins": "urge"})), "warning", "misspelt-property", "u1",
    ),
    "an attribute that nobody reads": (
        diagram(PLAIN, element("userTask", "u1", zeebe='<zeebe:taskSchedule followUpDate="P1D"/>')),
        "warning", "unknown-attribute", "u1",
    ),
    "an emptied condition": (
        diagram("s -> O; O -> e if x; O -> u1").replace(b">=x<", b"><"), "error", "no-condition", "O-e",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", STRUCTURE)
def test_what_the_graph_and_its_spelling_show(what: str) -> None:
    content, severity, code, node = STRUCTURE[what]
    found = bpmn.lint({"a.bpmn": content})
    assert (severity, code, node) in [(f.severity, f.code, f.element) for f in found]
    assert all(f.message_en and f.line > 0 for f in found)


def test_a_join_that_both_ways_can_reach_is_fine() -> None:
    content = diagram(
        "s -> A; A -> X; A -> u3; X -> u1 if n > 1; X -> u2 default; u1 -> Xj; u2 -> Xj; Xj -> Aj; u3 -> Aj -> e"
    )
    assert "starving-join" not in {f.code for f in bpmn.lint({"a.bpmn": content})}


NAMES: dict[str, tuple[bytes, Any]] = {
    "form": (diagram(PLAIN, user("u1", form="gone")), {"forms": frozenset()}),
    "decision": (diagram("s -> u1 -> e", rule("u1", "gone", "x")), {"decisions": frozenset()}),
    "process": (diagram("s -> u1 -> e", call("u1", "gone")), {"processes": frozenset({"other"})}),
    "service": (diagram("s -> u1 -> e", service("u1", "gone")), {"services": frozenset({"register.*", "http"})}),
    "register": (
        diagram("s -> u1 -> e", service("u1", "register.get", inputs={"register": '="gone"'})),
        {"registers": frozenset()},
    ),
    "calendar": (
        diagram(PLAIN, user("u1", due="P2D", props={"calendar": "gone"})),
        {"calendars": frozenset({"natural", "service"})},
    ),
    "role": (
        diagram(PLAIN, user("u1", groups="clerk, initiator, login:li, skill:x@y, gone@up")),
        {"roles": frozenset({"clerk"})},
    ),
}


@pytest.mark.parametrize("kind", NAMES)
def test_unknown_names_are_refused_when_a_catalogue_is_given(kind: str) -> None:
    content, known = NAMES[kind]
    assert found(content, Catalogue(**known)) == [(f"unknown-{kind}", "u1")]
    assert found(content) == []


def test_processes_of_the_same_files_are_known_and_defined_once() -> None:
    one = diagram("s -> t -> e", call("t", "second"), more=process("s9 -> u9 -> e9", key="second"))
    assert found(one, Catalogue(processes=frozenset())) == []
    findings = bpmn.lint({"a.bpmn": diagram(PLAIN), "b.bpmn": diagram(PLAIN)})
    assert [(f.file, f.code) for f in findings] == [("b.bpmn", "double-process")]


HOSTILE = {
    "not XML": b"hello",
    "a DOCTYPE": b'<!DOCTYPE x [<!ENTITY a "b">]><definitions/>',
    "a DOCTYPE in another encoding": '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x><definitions/>'.encode(
        "utf-16"
    ),
    "too deep": b"<a>" * 100 + b"</a>" * 100,
    "too large": b"<a>" + b" " * (5 * 1024 * 1024) + b"</a>",
    "too many": b"<a>" + b"<b/>" * 70_000 + b"</a>",
    "nothing": b"",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_one_finding_and_no_hang(what: str) -> None:
    findings = bpmn.lint({"x.bpmn": HOSTILE[what]})
    assert [(f.file, f.severity, f.code) for f in findings] == [("x.bpmn", "error", "unreadable")]
    with pytest.raises(InvalidFile):
        bpmn.describe(HOSTILE[what])


def test_the_upload_is_never_changed() -> None:
    content = diagram(
        "s -> L1; K1 -> e", throw("L1", "link", "go"), catch("K1", "link", value="go"), user("u9", inputs={"a": "=1"})
    )
    before = bytes(content)
    bpmn.lint({"a.bpmn": content})
    bpmn.describe(content)
    assert content == before and io({"a": "=1"}) in content.decode()


@pytest.mark.parametrize("what", [name for name in ERRORS if ERRORS[name][1] not in ("no-process",)])
def test_a_refused_diagram_still_compiles_or_says_why(what: str) -> None:
    """A definition deployed by an older version must never take the server down."""
    content, _, _ = ERRORS[what]
    try:
        bpmn.compile(content, "p")
    except InvalidFile as problem:
        assert problem.details["reason"]
