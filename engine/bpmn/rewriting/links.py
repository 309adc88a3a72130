"""Link events: a flow from each throw to its catch, and the links themselves go.

For compiling only: lint looks at links as they are drawn. Invented ids have parentheses, which no XML id can have.
"""

from __future__ import annotations

from lxml import etree

from engine.bpmn.xml import Element, child, flow_nodes, local, scopes, tag


def rewrite(root: Element) -> Element:
    """Change the tree in place and give it back."""
    for scope in scopes(root):
        _connect(scope)
    return root


def _connect(scope: Element) -> None:
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
