"""Reading a BPMN file's bytes: bounded, without entities or DOCTYPE, and the few words of XML the rest speaks.

Owns the limits, the namespaces, `parse` and small helpers over lxml elements. What is uploaded is never changed: every
caller gets a tree of its own. Must not know what an element means.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from lxml import etree

from engine import parsers
from engine.errors import InvalidFile, Said

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
DRAWN = "{urn:linli}drawn-for"  # on what was drawn in while reading: the element that it stands for
XSI = "http://www.w3.org/2001/XMLSchema-instance"
LARGEST = 4 * 1024 * 1024  # bytes; a diagram of 500 elements is some 400 KB
DEEPEST = 60  # nested elements: some 25 subprocesses in each other
MOST = 30_000  # elements, shapes included: ten times the largest diagram anybody drew; a second costs some 5,000
_DOCTYPE = Said("不允许 DOCTYPE，请删去", "a DOCTYPE is not allowed")
_TOO_MUCH = Said(f"嵌套超过 {DEEPEST} 层或元素超过 {MOST} 个", f"more than {DEEPEST} levels or {MOST} elements")

Element: TypeAlias = Any  # lxml has no types

ACTIVITIES = frozenset(
    [
        "task",
        "userTask",
        "manualTask",
        "scriptTask",
        "serviceTask",
        "businessRuleTask",
        "sendTask",
        "receiveTask",
        "callActivity",
        "subProcess",
        "transaction",
        "adHocSubProcess",
    ]
)
GATEWAYS = frozenset(["exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway"])
EVENTS = frozenset(["startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"])
FLOW_NODES = ACTIVITIES | GATEWAYS | EVENTS
SCOPES = frozenset(("subProcess", "transaction", "adHocSubProcess"))


def parse(content: bytes, name: str = "") -> Element:
    """The root of a BPMN file. Raises InvalidFile when it is too large, too deep, not XML, or brings a DOCTYPE."""
    if len(content) > LARGEST:
        raise InvalidFile(
            name=name,
            reason=Said(f"文件大于 {LARGEST // 1024 // 1024} MB", f"larger than {LARGEST // 1024 // 1024} MB"),
        )
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise InvalidFile(name=name, reason=_DOCTYPE)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise InvalidFile(name=name, reason=parsers.said(problem)) from problem
    if root.getroottree().docinfo.doctype:  # in an encoding where the bytes above do not show
        raise InvalidFile(name=name, reason=_DOCTYPE)
    _bounded(root, name)
    return root


def _bounded(root: Element, name: str) -> None:
    """A depth and a number of elements that nothing after this has to fear."""
    depth = count = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > DEEPEST or count > MOST:
            raise InvalidFile(name=name, reason=_TOO_MUCH)


def tag(name: str, space: str = BPMN) -> str:
    """lxml's name of a BPMN element."""
    return f"{{{space}}}{name}"


def local(node: Element) -> str:
    """Local name of a BPMN element, '' for any other namespace."""
    name = node.tag
    return name[len(BPMN) + 2 :] if isinstance(name, str) and name.startswith(f"{{{BPMN}}}") else ""


def child(node: Element, name: str, space: str = BPMN) -> Element | None:
    """The first child of that name."""
    return node.find(tag(name, space))


def text(node: Element | None, name: str = "") -> str:
    """Stripped text of a node, or of its child `name`; '' when there is none."""
    found = child(node, name) if node is not None and name else node
    return (found.text or "").strip() if found is not None else ""


def ref(name: str | None) -> str:
    """A QName reference without its prefix: BPMN writes ids either way."""
    return (name or "").strip().rpartition(":")[2]


def flow_nodes(scope: Element) -> Iterator[Element]:
    """The flow nodes directly inside a process or subprocess, in document order."""
    return (node for node in scope if local(node) in FLOW_NODES)


def scopes(root: Element) -> Iterator[Element]:
    """Every process and subprocess of a file, outer before inner."""
    return root.iter(tag("process"), *(tag(name) for name in SCOPES))


def definitions(event: Element) -> list[Element]:
    """The event definitions inside an event."""
    return [node for node in event if local(node).endswith("EventDefinition")]


def ids(root: Element) -> dict[str, Element]:
    """Every BPMN element that has an id; the first, should an id be double."""
    found: dict[str, Element] = {}
    for node in root.iter(f"{{{BPMN}}}*"):
        if node.get("id"):
            found.setdefault(node.get("id"), node)
    return found


def definition_named(node: Element, name: str) -> Element | None:
    """The event definition with that id, anywhere in the file of a node."""
    found = node.getroottree().getroot().iter("{*}*")
    return next((one for one in found if one.get("id") == name and local(one).endswith("EventDefinition")), None)


def instantiates(node: Element) -> bool:
    """Whether a gateway or receive task begins the process when its event happens."""
    return local(node) in ("eventBasedGateway", "receiveTask") and node.get("instantiate") == "true"


def is_event_subprocess(node: Element) -> bool:
    """Whether it is a subprocess that an event starts."""
    return local(node) == "subProcess" and node.get("triggeredByEvent") == "true"
