"""Event definitions that an event only names (`eventDefinitionRef`) become its own.

Owns nothing else. A name that is no event definition stays, for lint to refuse.
"""

from __future__ import annotations

from copy import deepcopy

from engine.bpmn.xml import Element, local, ref, tag, text


def rewrite(root: Element) -> None:
    """Put a copy of the definition in the place of each reference."""
    references = list(root.iter(tag("eventDefinitionRef")))
    if not references:
        return
    named = {node.get("id"): node for node in root.iter("{*}*") if local(node).endswith("EventDefinition")}
    for reference in references:
        found = named.get(ref(text(reference)))
        if found is not None:
            copy = deepcopy(found)
            copy.attrib.pop("id", None)
            copy.sourceline = reference.sourceline
            reference.getparent().replace(reference, copy)
