"""Small BPMN diagrams for tests, in the native dialect, in a few characters.

`diagram("s -> u1 -> X; X -> e if ok; X -> u1 default", user("u1", groups="clerk"))` gives the bytes of a file. In the
flow text, lines or `;` separate chains; `a -> b if FEEL` and `a -> b default` apply to the last arrow. A node that no
element declares is made from the first letter of its id: s start, e end, u user task, t task, X exclusive, A parallel,
O inclusive, C complex, E event-based gateway. The same id twice is the caller's mistake.
"""

from __future__ import annotations

import itertools
import re
from xml.sax.saxutils import escape, quoteattr

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'targetNamespace="urn:linli:test" id="d">\n'
)
LETTERS = {
    "s": "startEvent",
    "e": "endEvent",
    "u": "userTask",
    "t": "task",
    "X": "exclusiveGateway",
    "A": "parallelGateway",
    "O": "inclusiveGateway",
    "C": "complexGateway",
    "E": "eventBasedGateway",
}
TOP = (
    '<signal id="sig" name="sig"/><signal id="sig2" name="sig2"/><error id="er" name="er" errorCode="E1"/>'
    '<error id="er2" name="er2" errorCode="E2"/><escalation id="esc" name="esc" escalationCode="S1"/>'
    '<message id="msg" name="msg"/><message id="keyed" name="keyed"><extensionElements>'
    '<zeebe:subscription correlationKey="=key"/></extensionElements></message>'
)


def diagram(
    flows: str,
    *elements: str,
    key: str = "p",
    name: str = "",
    top: str = "",
    properties: dict[str, str] | None = None,
    more: str = "",
) -> bytes:
    """One executable process. `top`: more XML beside it; `more`: further processes (`process(...)`)."""
    body = process(flows, *elements, key=key, name=name, properties=properties)
    return f"{HEAD}{TOP}{top}{body}{more}</definitions>".encode()


def process(
    flows: str, *elements: str, key: str = "p", name: str = "", properties: dict[str, str] | None = None
) -> str:
    """The XML of one process."""
    inside = _extensions(_properties(properties)) + graph(flows, *elements)
    return f'<process id="{key}" name={quoteattr(name)} isExecutable="true">{inside}</process>\n'


def graph(flows: str, *elements: str) -> str:
    """The XML of nodes and flows, for a process or a subprocess."""
    declared = "".join(elements)
    known = set(re.findall(r'<(?!sequenceFlow)\w+ id="([^"]+)"', declared))
    nodes: list[str] = []
    arrows: list[str] = []
    defaults: dict[str, str] = {}
    for chain in re.split(r"[;\n]", flows):
        _chain(chain.strip(), nodes, arrows, defaults)
    made = [
        f'<{LETTERS[node[0]]} id="{node}"' + (f' default="{defaults[node]}"' if node in defaults else "") + "/>"
        for node in dict.fromkeys(nodes)
        if node not in known
    ]
    for node, flow in defaults.items():
        if node in known:
            declared = declared.replace(f' id="{node}"', f' id="{node}" default="{flow}"', 1)
    return "\n".join([*made, declared, *arrows])


def _chain(text: str, nodes: list[str], arrows: list[str], defaults: dict[str, str]) -> None:
    if not text:
        return
    text, _, condition = text.partition(" if ")
    plain = text.removesuffix(" default")
    path = [part.strip() for part in plain.split("->")]
    nodes += path
    for place, (source, target) in enumerate(itertools.pairwise(path)):
        last = place == len(path) - 2
        flow = f"{source}-{target}"
        while any(f'id="{flow}"' in arrow for arrow in arrows):
            flow += "x"
        if last and plain != text:
            defaults[source] = flow
        inside = f"<conditionExpression>={escape(condition)}</conditionExpression>" if last and condition else ""
        arrows.append(f'<sequenceFlow id="{flow}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>')


def element(
    tag: str, id: str, inside: str = "", *, zeebe: str = "", props: dict[str, str] | None = None, **attrs: str
) -> str:
    """Any element. `attrs`: XML attributes; `zeebe`: extension elements; `props`: zeebe:properties."""
    written = "".join(f" {name}={quoteattr(value)}" for name, value in attrs.items())
    return f'<{tag} id="{id}"{written}>{_extensions(zeebe + _properties(props))}{inside}</{tag}>'


def _extensions(inside: str) -> str:
    return f"<extensionElements>{inside}</extensionElements>" if inside else ""


def _properties(props: dict[str, str] | None) -> str:
    lines = "".join(f"<zeebe:property name={quoteattr(n)} value={quoteattr(v)}/>" for n, v in (props or {}).items())
    return f"<zeebe:properties>{lines}</zeebe:properties>" if lines else ""


def io(inputs: dict[str, str] | None = None, outputs: dict[str, str] | None = None) -> str:
    """zeebe:ioMapping: {target: source}."""
    lines = [f"<zeebe:input source={quoteattr(s)} target={quoteattr(t)}/>" for t, s in (inputs or {}).items()]
    lines += [f"<zeebe:output source={quoteattr(s)} target={quoteattr(t)}/>" for t, s in (outputs or {}).items()]
    return f"<zeebe:ioMapping>{''.join(lines)}</zeebe:ioMapping>" if lines else ""


def user(
    id: str,
    inside: str = "",
    *,
    form: str = "",
    assignee: str = "",
    users: str = "",
    groups: str = "",
    due: str = "",
    priority: str = "",
    inputs: dict[str, str] | None = None,
    outputs: dict[str, str] | None = None,
    props: dict[str, str] | None = None,
    **attrs: str,
) -> str:
    """A user task."""
    zeebe = "<zeebe:userTask/>" + io(inputs, outputs)
    zeebe += f"<zeebe:formDefinition formId={quoteattr(form)}/>" if form else ""
    people = {"assignee": assignee, "candidateUsers": users, "candidateGroups": groups}
    written = "".join(f" {name}={quoteattr(value)}" for name, value in people.items() if value)
    zeebe += f"<zeebe:assignmentDefinition{written}/>" if written else ""
    zeebe += f"<zeebe:taskSchedule dueDate={quoteattr(due)}/>" if due else ""
    zeebe += f"<zeebe:priorityDefinition priority={quoteattr(priority)}/>" if priority else ""
    return element("userTask", id, inside, zeebe=zeebe, props=props, **attrs)


def script(id: str, python: str = "pass", inside: str = "", *, zeebe: str = "", **attrs: str) -> str:
    """A script task in Python."""
    return element("scriptTask", id, inside + f"<script>{escape(python)}</script>", zeebe=zeebe, **attrs)


def feel(id: str, expression: str, result: str, inside: str = "", *, zeebe: str = "", **attrs: str) -> str:
    """A script task in FEEL with its result variable."""
    line = f"<zeebe:script expression={quoteattr(expression)} resultVariable={quoteattr(result)}/>"
    return element("scriptTask", id, inside, zeebe=line + zeebe, **attrs)


def service(
    id: str,
    type: str,
    inside: str = "",
    *,
    retries: str = "",
    headers: dict[str, str] | None = None,
    inputs: dict[str, str] | None = None,
    outputs: dict[str, str] | None = None,
    **attrs: str,
) -> str:
    """A service task."""
    zeebe = f"<zeebe:taskDefinition type={quoteattr(type)}" + (f" retries={quoteattr(retries)}/>" if retries else "/>")
    lines = "".join(f"<zeebe:header key={quoteattr(k)} value={quoteattr(v)}/>" for k, v in (headers or {}).items())
    zeebe += f"<zeebe:taskHeaders>{lines}</zeebe:taskHeaders>" if lines else ""
    return element("serviceTask", id, inside, zeebe=zeebe + io(inputs, outputs), **attrs)


def rule(id: str, decision: str, result: str, inside: str = "", **attrs: str) -> str:
    """A business rule task."""
    zeebe = f"<zeebe:calledDecision decisionId={quoteattr(decision)} resultVariable={quoteattr(result)}/>"
    return element("businessRuleTask", id, inside, zeebe=zeebe, **attrs)


def call(
    id: str,
    called: str,
    inside: str = "",
    *,
    propagate: bool = True,
    inputs: dict[str, str] | None = None,
    outputs: dict[str, str] | None = None,
    **attrs: str,
) -> str:
    """A call activity."""
    all_back = str(propagate).lower()
    zeebe = f"<zeebe:calledElement processId={quoteattr(called)} propagateAllChildVariables={quoteattr(all_back)}/>"
    return element("callActivity", id, inside, zeebe=zeebe + io(inputs, outputs), **attrs)


def event(kind: str, value: str = "") -> str:
    """An event definition: timer kinds (date, duration, cycle) with an expression, condition with FEEL, link with a
    name, compensate with an activity, message with an id; keyed, signal, signal2, error, error2, anyerror, escalation,
    cancel, terminate."""
    timers = {"date": "timeDate", "duration": "timeDuration", "cycle": "timeCycle"}
    if kind in timers:
        inside = f"<{timers[kind]}>{escape(value)}</{timers[kind]}>"
        return f"<timerEventDefinition>{inside}</timerEventDefinition>"
    if kind == "condition":
        return f"<conditionalEventDefinition><condition>={escape(value)}</condition></conditionalEventDefinition>"
    if kind == "link":
        return f'<linkEventDefinition name="{value}"/>'
    if kind == "compensate":
        return f'<compensateEventDefinition activityRef="{value}"/>' if value else "<compensateEventDefinition/>"
    return {
        "": "",
        "message": f'<messageEventDefinition messageRef="{value or "msg"}"/>',
        "keyed": '<messageEventDefinition messageRef="keyed"/>',
        "signal": '<signalEventDefinition signalRef="sig"/>',
        "signal2": '<signalEventDefinition signalRef="sig2"/>',
        "error": '<errorEventDefinition errorRef="er"/>',
        "error2": '<errorEventDefinition errorRef="er2"/>',
        "anyerror": "<errorEventDefinition/>",
        "escalation": '<escalationEventDefinition escalationRef="esc"/>',
        "cancel": "<cancelEventDefinition/>",
        "terminate": "<terminateEventDefinition/>",
    }[kind]


def start(id: str, kind: str = "", value: str = "", cut: bool = True, **more: str) -> str:
    """A start event; `cut`: interrupting, in an event subprocess."""
    attrs = {} if cut else {"isInterrupting": "false"}
    return element("startEvent", id, event(kind, value), **attrs, **more)


def end(id: str, kind: str = "", value: str = "", **more: str) -> str:
    """An end event."""
    return element("endEvent", id, event(kind, value), **more)


def catch(id: str, *kinds: str, value: str = "", all: bool = False, **more: str) -> str:
    """An intermediate catch event; several kinds make a multiple one (`all`: parallel multiple)."""
    attrs = {"parallelMultiple": "true"} if all else {}
    return element("intermediateCatchEvent", id, "".join(event(k, value) for k in kinds), **attrs, **more)


def throw(id: str, kind: str, value: str = "", **more: object) -> str:
    """An intermediate throw event."""
    return element("intermediateThrowEvent", id, event(kind, value), **more)  # type: ignore[arg-type]


def boundary(id: str, on: str, kind: str, value: str = "", cut: bool = True, **more: object) -> str:
    """A boundary event."""
    attrs = {"attachedToRef": on, "cancelActivity": str(cut).lower()}
    return element("boundaryEvent", id, event(kind, value), **attrs, **more)  # type: ignore[arg-type]


def undo(id: str, on: str, handler: str) -> str:
    """A compensation boundary event and its line to the handler."""
    line = f'<association id="a-{id}" sourceRef="{id}" targetRef="{handler}"/>'
    return boundary(id, on, "compensate").replace(' cancelActivity="true"', "") + line


def sub(
    id: str, flows: str, *elements: str, inside: str = "", tag: str = "subProcess", zeebe: str = "", **attrs: str
) -> str:
    """An embedded subprocess (`inside`: loop characteristics and the like)."""
    return element(tag, id, inside + graph(flows, *elements), zeebe=zeebe, **attrs)


def event_sub(id: str, kind: str, flows: str, *elements: str, value: str = "", cut: bool = True) -> str:
    """An event subprocess; its start event's id is the subprocess's id with `s` before it."""
    return sub(id, flows, start(f"s{id}", kind, value, cut), *elements, triggeredByEvent="true")


def many(
    over: str = "",
    times: str = "",
    *,
    item: str = "it",
    into: str = "",
    each: str = "=out",
    until: str = "",
    sequential: bool = False,
) -> str:
    """Multi-instance characteristics: over a collection (FEEL without '=') or a number of times."""
    zeebe = ""
    if over:
        zeebe = f"<zeebe:loopCharacteristics inputCollection={quoteattr('=' + over)} inputElement={quoteattr(item)}"
        zeebe += f" outputCollection={quoteattr(into)} outputElement={quoteattr(each)}/>" if into else "/>"
    inside = _extensions(zeebe) + (f"<loopCardinality>={times}</loopCardinality>" if times else "")
    inside += f"<completionCondition>={escape(until)}</completionCondition>" if until else ""
    flag = str(sequential).lower()
    return f'<multiInstanceLoopCharacteristics isSequential="{flag}">{inside}</multiInstanceLoopCharacteristics>'


def loop(condition: str = "", maximum: int | None = None, before: bool = False) -> str:
    """Standard loop characteristics."""
    attrs = (f' loopMaximum="{maximum}"' if maximum is not None else "") + (' testBefore="true"' if before else "")
    inside = f"<loopCondition>={escape(condition)}</loopCondition>" if condition else ""
    return f"<standardLoopCharacteristics{attrs}>{inside}</standardLoopCharacteristics>"


# A decision with one table: `kind` is urgent or not.
ROUTE = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:linli:test">
<decision id="route" name="route"><decisionTable id="t" hitPolicy="FIRST">
<input id="i" label="kind"><inputExpression id="ie" typeRef="string"><text>kind</text></inputExpression></input>
<output id="o" name="route" typeRef="string"/>
<rule id="r1"><inputEntry id="a1"><text>"urgent"</text></inputEntry>
<outputEntry id="b1"><text>"now"</text></outputEntry></rule>
<rule id="r2"><inputEntry id="a2"><text>-</text></inputEntry>
<outputEntry id="b2"><text>"later"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""
