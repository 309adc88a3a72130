"""Steps that a foreign setting stands for, drawn into the copy: before an activity, behind it, around it.

Owns the rewiring of flows. Invented ids have parentheses, which no XML id can have; flows keep their ids, so that joins
count them as drawn. Must not know any dialect.
"""

from __future__ import annotations

from lxml import etree

from engine.bpmn.xml import DRAWN, Element, child, ref, tag


def before(node: Element, kind: str, suffix: str) -> Element:
    """A new element that every flow into `node` leads to, and that leads to `node`."""
    made = _beside(node, kind, f"({suffix} {node.get('id')})")
    for flow in _flows(node, "targetRef"):
        flow.set("targetRef", made.get("id"))
    _flow(node, made.get("id"), node.get("id") or "")
    return made


def behind(node: Element, kind: str, suffix: str) -> Element:
    """A new element between `node` and every flow out of it; the default flow goes with them."""
    made = _beside(node, kind, f"({suffix} {node.get('id')})")
    for flow in _flows(node, "sourceRef"):
        flow.set("sourceRef", made.get("id"))
    default = node.attrib.pop("default", None)
    if default:
        made.set("default", default)
    _flow(node, node.get("id") or "", made.get("id"))
    return made


def around(node: Element, condition: str) -> None:
    """A way past `node` that is taken when the condition (`=FEEL`) holds."""
    gateway = before(node, "exclusiveGateway", "skip")
    after = behind(node, "task", "past")
    past = _flow(node, gateway.get("id"), after.get("id"))
    etree.SubElement(past, tag("conditionExpression")).text = condition
    straight = f"({gateway.get('id')} - {node.get('id')})"
    gateway.set("default", straight)


def _beside(node: Element, kind: str, id_: str) -> Element:
    names = {"id": id_, "name": node.get("name") or "", DRAWN: node.get("id") or ""}
    return etree.SubElement(node.getparent(), tag(kind), names)


def _flow(node: Element, source: str, target: str) -> Element:
    names = {"id": f"({source} - {target})", "sourceRef": source, "targetRef": target, DRAWN: node.get("id") or ""}
    return etree.SubElement(node.getparent(), tag("sequenceFlow"), names)


def _flows(node: Element, end: str) -> list[Element]:
    scope = node.getparent()
    return [flow for flow in scope.findall(tag("sequenceFlow")) if ref(flow.get(end)) == node.get("id")]


def repeated(node: Element) -> bool:
    """Whether an activity is done several times: a step beside it would be done once only."""
    kinds = ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics")
    return any(child(node, kind) is not None for kind in kinds)
