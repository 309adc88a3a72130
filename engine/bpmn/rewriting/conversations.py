"""Pools that talk: message flows give their ends a message, BPMN's own correlation becomes correlation keys.

Owns the name of a message that only a message flow tells of (`PROCESS.FLOW`), and which expression is whose key: a
catching element's is the data path of its process's subscription, else the path into the message; a throwing element's
is the path into the message (BPMN 2.0.2, 8.4.2). What an element says itself wins. Must not judge: lint does.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.xml import (
    ZEEBE,
    Element,
    child,
    flow_nodes,
    ids,
    local,
    ref,
    scopes,
    tag,
    text,
)

_THROWS = ("sendTask", "intermediateThrowEvent", "endEvent")


def rewrite(root: Element) -> None:
    """Everything of this module."""
    flows = list(root.iter(tag("messageFlow")))
    keys = list(root.iter(tag("correlationKey")))
    if not flows and not keys:
        return
    known = ids(root)
    for flow in flows:
        _name(root, flow, known)
    if keys:
        _correlate(root, keys, known)


def slot(node: Element | None) -> Element | None:
    """Where a node names its message: the node itself or its message definition; None when it has no message."""
    if node is None:
        return None
    if local(node) in ("sendTask", "receiveTask") and child(node, "messageEventDefinition") is None:
        return node
    return child(node, "messageEventDefinition")


# ---- message flows -------------------------------------------------------------------------------------------------


def _name(root: Element, flow: Element, known: dict[str, Element]) -> None:
    """Give both ends the message of the flow, where they do not name one."""
    ends = [slot(known.get(ref(flow.get(end)))) for end in ("sourceRef", "targetRef")]
    slots = [one for one in ends if one is not None]
    lacking = [one for one in slots if not one.get("messageRef")]
    if not lacking:
        return
    said = [name for one in (flow, *slots) if (name := one.get("messageRef"))]
    name = said[0] if said else _invent(root, flow, slots[0])
    for one in lacking:
        one.set("messageRef", name)


def _invent(root: Element, flow: Element, at: Element) -> str:
    process = next(one for one in at.iterancestors(tag("process")))
    name = f"{flow.get('id')}.message"
    message = etree.Element(tag("message"), {"id": name, "name": f"{process.get('id')}.{flow.get('id')}"})
    message.sourceline = flow.sourceline
    root.insert(0, message)
    return name


# ---- correlation ---------------------------------------------------------------------------------------------------


def _correlate(root: Element, keys: list[Element], known: dict[str, Element]) -> None:
    paths = dict(_message_paths(root))
    parts = {key.get("id"): [ref(text(one)) for one in key.findall(tag("correlationPropertyRef"))] for key in keys}
    for process in root.findall(tag("process")):
        bound = dict(_data_paths(process))
        for scope in scopes(process):
            for node in flow_nodes(scope):
                at = slot(node)
                message = ref(at.get("messageRef")) if at is not None else ""
                if message:
                    _key(node, message, list(parts.values()), paths, {} if local(node) in _THROWS else bound)


def _message_paths(root: Element) -> Iterator[tuple[tuple[str, str], str]]:
    """(property, message) -> the expression that finds the property in the message."""
    for one in root.iter(tag("correlationProperty")):
        for way in one.findall(tag("correlationPropertyRetrievalExpression")):
            yield (one.get("id") or "", ref(way.get("messageRef"))), text(way, "messagePath")


def _data_paths(process: Element) -> Iterator[tuple[str, str]]:
    """property -> the expression that finds it in the process."""
    for one in process.iter(tag("correlationPropertyBinding")):
        yield ref(one.get("correlationPropertyRef")), text(one, "dataPath")


def _key(
    node: Element, message: str, keys: list[list[str]], paths: dict[tuple[str, str], str], bound: dict[str, str]
) -> None:
    """The first key of which every property can be found, as the property `correlationKey` of the node."""
    for properties in keys:
        found = [bound.get(one) or paths.get((one, message), "") for one in properties]
        if found and all(found):
            _say(node, found)
            return


def _say(node: Element, found: list[str]) -> None:
    terms = [one.lstrip("=").strip() for one in found]
    value = terms[0] if len(terms) == 1 else ' + "|" + '.join(f"string({one})" for one in terms)
    box = child(node, "extensionElements")
    if box is None:
        box = etree.Element(tag("extensionElements"))
        node.insert(0, box)
    lines = box.find(tag("properties", ZEEBE))
    if lines is None:
        lines = etree.SubElement(box, tag("properties", ZEEBE))
    if not any(one.get("name") == "correlationKey" for one in lines):
        etree.SubElement(lines, tag("property", ZEEBE), {"name": "correlationKey", "value": f"={value}"})
