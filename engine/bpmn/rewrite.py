"""Rewrites on the parsed copy, before SpiffWorkflow's parser sees it: what it has no word for, said in words it has.

Owns: eventDefinitionRef -> a copy of the definition it names; link events -> a flow from each throw to its catch. The
upload itself stays as it is. Invented ids have parentheses, which no XML id can have.
"""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from engine.bpmn.xml import Element, child, flow_nodes, local, ref, scopes, tag, text


def rewrite(root: Element) -> Element:
    """Change the tree in place and give it back. What cannot be resolved is left: lint has refused it."""
    _inline_definitions(root)
    for scope in scopes(root):
        _connect_links(scope)
    return root


def _inline_definitions(root: Element) -> None:
    named = {node.get("id"): node for node in root if local(node).endswith("EventDefinition")}
    for reference in list(root.iter(tag("eventDefinitionRef"))):
        found = named.get(ref(text(reference)))
        if found is not None:
            reference.getparent().replace(reference, deepcopy(found))


def _connect_links(scope: Element) -> None:
    """A throw may have many sources, a name exactly one catch in the same scope."""
    links = [(node, child(node, "linkEventDefinition")) for node in flow_nodes(scope)]
    named = [(node, link.get("name")) for node, link in links if link is not None]
    catches = {name: node for node, name in named if local(node) == "intermediateCatchEvent"}
    for node, name in named:
        if local(node) == "intermediateThrowEvent" and name in catches:
            flow = {"id": f"(link {node.get('id')})", "sourceRef": node.get("id"), "targetRef": catches[name].get("id")}
            etree.SubElement(scope, tag("sequenceFlow"), flow)
    for _, link in links:
        if link is not None:
            link.getparent().remove(link)
