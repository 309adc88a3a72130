"""Global tasks: each becomes a process of its own id with that one task in it, which a call activity calls.

Owns the names of both. The task's id is the global task's with `.task` behind it.
"""

from __future__ import annotations

from lxml import etree

from engine.bpmn.xml import Element, child, local, tag

_TASKS = {
    "globalTask": "task",
    "globalUserTask": "userTask",
    "globalManualTask": "manualTask",
    "globalScriptTask": "scriptTask",
    "globalBusinessRuleTask": "businessRuleTask",
}


def rewrite(root: Element) -> None:
    """Wrap every global task of a file."""
    for node in [one for one in root if local(one) in _TASKS and one.get("id")]:
        _wrap(root, node)


def _wrap(root: Element, node: Element) -> None:
    name = node.get("id")
    process = etree.Element(tag("process"), {"id": name, "name": node.get("name") or name, "isExecutable": "true"})
    process.sourceline = node.sourceline
    root.replace(node, process)
    process.tail, node.tail = node.tail, None
    _move_version(node, process)
    process.append(node)
    node.set("id", f"{name}.task")
    if node.get("scriptLanguage"):
        node.set("scriptFormat", node.attrib.pop("scriptLanguage"))
    node.tag = tag(_TASKS[local(node)])


def _move_version(node: Element, process: Element) -> None:
    """A version tag belongs to what is deployed."""
    box = child(node, "extensionElements")
    for one in [] if box is None else box.findall("{*}versionTag"):
        etree.SubElement(process, tag("extensionElements")).append(one)
