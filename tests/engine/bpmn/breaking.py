"""One designer's slip at a time: every way a diagram can be broken by a single edit, as data.

Owns the edits and where a finding about each may point. Knows nothing of the lint.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

from engine.bpmn.xml import BPMN, FLOW_NODES, ZEEBE, Element, local, tag

REFERENCES = {
    "sequenceFlow": ("sourceRef", "targetRef"),
    "boundaryEvent": ("attachedToRef",),
    "messageEventDefinition": ("messageRef",),
    "signalEventDefinition": ("signalRef",),
    "errorEventDefinition": ("errorRef",),
    "escalationEventDefinition": ("escalationRef",),
    "compensateEventDefinition": ("activityRef",),
    "sendTask": ("messageRef",),
    "receiveTask": ("messageRef",),
    "exclusiveGateway": ("default",),
    "inclusiveGateway": ("default",),
    "callActivity": ("calledElement",),
}
NAMED = {
    "formDefinition": "formId",
    "calledDecision": "decisionId",
    "calledElement": "processId",
    "taskDefinition": "type",
}
FEEL_AT = {
    "assignmentDefinition": ("assignee", "candidateUsers", "candidateGroups"),
    "taskSchedule": ("dueDate",),
    "input": ("source",),
    "output": ("source",),
    "script": ("expression",),
    "property": ("value",),
    "loopCharacteristics": ("inputCollection", "outputElement"),
}
TIMERS = ("timeDate", "timeDuration", "timeCycle")


Change = Callable[[Element], set[str]]  # breaks an element; ids that a finding may name beside it


@dataclass(frozen=True)
class Edit:
    """A broken diagram. `about`: ids of which a finding must name one."""

    kind: str
    what: str
    content: bytes
    about: frozenset[str]


@dataclass(frozen=True)
class Slip:
    """Where to break a diagram and how."""

    kind: str
    place: int  # of the element in the file
    change: Change


def slips(content: bytes) -> list[Slip]:
    """Every single edit that breaks a diagram, in a stable order."""
    nodes = enumerate(etree.fromstring(content).iter())
    return [Slip(kind, place, change) for place, node in nodes for kind, change in _possible(node)]


def broken(content: bytes, slip: Slip) -> Edit:
    """The diagram after one of them."""
    root = etree.fromstring(content)
    node = next(one for place, one in enumerate(root.iter()) if place == slip.place)
    what, about = _owner(node), _about(node)
    about |= slip.change(node)
    return Edit(slip.kind, what, etree.tostring(root), frozenset(about))


def _possible(node: Element) -> Iterator[tuple[str, Change]]:
    if not isinstance(node.tag, str) or not _executed(node):
        return
    kind = local(node)
    for attribute in REFERENCES.get(kind, ()):
        if node.get(attribute):
            yield f"a {attribute} to nothing", _set(attribute, "gone-for-good")
    if kind == "sequenceFlow":
        yield from _of_flow(node)
    if kind in TIMERS:
        yield "a time nobody can read", _write("next week")
    if kind == "conditionExpression" or kind == "condition":
        yield "an emptied condition", _write("")
        yield "a condition that is no FEEL", _write("=if amount then")
    if kind in FLOW_NODES:
        yield from _of_node(node, kind)
    yield from _of_zeebe(node)


def _of_flow(node: Element) -> Iterator[tuple[str, Change]]:
    ends = {node.get("sourceRef") or "", node.get("targetRef") or ""}
    scope = node.getparent()
    same = [f for f in scope.findall(tag("sequenceFlow")) if f is not node]
    if not any(f.get("targetRef") == node.get("targetRef") for f in same) or not any(
        f.get("sourceRef") == node.get("sourceRef") for f in same
    ):
        yield "a flow taken away", lambda n: _gone(n) | ends


def _of_node(node: Element, kind: str) -> Iterator[tuple[str, Change]]:
    yield "an id used twice", _twice
    yield "an id with a blank", _set("id", "two words")
    yield "a quantity of zero", _set("startQuantity", "0")
    yield "a quantity below zero", _set("completionQuantity", "-1")
    if kind == "userTask":
        yield "an attribute of another tool", _set("{http://flowable.org/bpmn}magic", "1")
    yield "an element nobody knows", lambda n: {_add(n, tag("magicTask"))}


def _of_zeebe(node: Element) -> Iterator[tuple[str, Change]]:
    if not node.tag.startswith(f"{{{ZEEBE}}}"):
        return
    name = node.tag[len(ZEEBE) + 2 :]
    written = node.get(NAMED[name], "") if name in NAMED else ""
    if written and not written.startswith("="):
        yield f"a {NAMED[name]} that does not exist", _set(NAMED[name], "gone-for-good")
        if name != "formDefinition":
            yield f"an empty {NAMED[name]}", _set(NAMED[name], "")
    for attribute in FEEL_AT.get(name, ()):
        if (node.get(attribute) or "").startswith("="):
            yield f"a {attribute} that is no FEEL", _set(attribute, "=if then")
    if name == "taskSchedule":
        yield "a due date nobody can read", _set("dueDate", "soon")
    if name == "property" and node.get("name") in ("remind", "escalate", "timeout"):
        yield "reminders nobody can read", _set("value", "sometimes perhaps")
    if name in ("input", "output"):
        yield "a mapping to no variable", _set("target", "two words")
    if name in ("formDefinition", "assignmentDefinition", "taskDefinition"):
        yield "an extension that is misspelt", _rename
        yield "an attribute that is misspelt", _set("formIdd", "x")


def _set(attribute: str, value: str) -> Change:
    def change(node: Element) -> set[str]:
        node.set(attribute, value)
        return {value} | {node.getparent().get("id") or ""}

    return change


def _write(text: str) -> Change:
    def change(node: Element) -> set[str]:
        node.text = text
        return set()

    return change


def _gone(node: Element) -> set[str]:
    node.getparent().remove(node)
    return {node.get("id") or ""}


def _twice(node: Element) -> set[str]:
    _add(node, node.tag, node.get("id") or "")
    return set()


def _rename(node: Element) -> set[str]:
    node.tag = f"{node.tag}s"
    return set()


def _add(node: Element, kind: str, id_: str = "new-one") -> str:
    etree.SubElement(node.getparent(), kind, {"id": id_})
    return id_


def _executed(node: Element) -> bool:
    """Inside a process that runs; what is drawn beside it may say anything."""
    process = next((up for up in (node, *node.iterancestors()) if local(up) == "process"), None)
    return process is not None and process.get("isExecutable", "true") == "true" and process is not node


def _owner(node: Element) -> str:
    found = next((up.get("id") for up in (node, *node.iterancestors()) if up.get("id")), "")
    return re.sub(r"\W", "_", found or "")


def _about(node: Element) -> set[str]:
    """The element itself and those around it."""
    return {up.get("id") for up in (node, *node.iterancestors()) if up.get("id") and up.tag != f"{{{BPMN}}}definitions"}
