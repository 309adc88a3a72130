"""Settings that nobody reads: an attribute or property that is misspelt, a condition left empty, names left behind.

Owns what would otherwise be passed over in silence, because XML allows it. Whether a value is right is the matter of
the check that reads it.
"""

from __future__ import annotations

import difflib

from engine.bpmn.lint.document import Document, name_of
from engine.bpmn.xml import ZEEBE, Element, local, ref, tag

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "formDefinition": ("formId", "formKey", "externalReference", "bindingType", "versionTag"),
    "assignmentDefinition": ("assignee", "candidateUsers", "candidateGroups"),
    "taskSchedule": ("dueDate",),
    "priorityDefinition": ("priority",),
    "taskDefinition": ("type", "retries"),
    "script": ("expression", "resultVariable"),
    "calledDecision": ("decisionId", "resultVariable", "bindingType", "versionTag"),
    "calledElement": (
        *("processId", "propagateAllChildVariables", "propagateAllParentVariables", "bindingType", "versionTag"),
    ),
    "loopCharacteristics": ("inputCollection", "inputElement", "outputCollection", "outputElement"),
    "subscription": ("correlationKey",),
    "input": ("source", "target"),
    "output": ("source", "target"),
    "header": ("key", "value"),
    "property": ("name", "value"),
}
PROPERTIES = (
    *(
        "remind",
        "escalate",
        "timeout",
        "timeout_data",
        "operations",
        "refuse",
        "delegated",
        "after_return",
        "initiator",
    ),
    *("signers", "signing", "agree", "weight", "early", "verdict", "opinions", "nobody", "summary", "show", "public"),
    *("public_key", "calendar", "correlationKey", "payload", "title", "unit", "starters", "description", "name_en"),
    *("description_en", "answer", "inputs", "where"),
)
_LIKE = 0.84  # how near a name must be to a known one to be taken for a slip


def check(document: Document) -> None:
    """Everything of this module."""
    for process in document.processes:
        for item in process.iter(f"{{{ZEEBE}}}*"):
            _attributes(document, item)
            if item.tag == tag("property", ZEEBE):
                _property(document, item)
    for flow in document.root.iter(tag("sequenceFlow")):
        _empty(document, flow)
    for name in ("incoming", "outgoing"):
        for one in document.root.iter(tag(name)):
            _left_behind(document, one, name)
    _shapes(document)


def _attributes(document: Document, item: Element) -> None:
    known = ATTRIBUTES.get(str(item.tag)[len(ZEEBE) + 2 :])
    for name in item.attrib if known is not None else ():
        if not str(name).startswith("{") and name not in (known or ()):
            document.warn(
                item,
                "unknown-attribute",
                f"扩展元素 {_short(item)} 的属性“{name}”不起作用。可用：{'、'.join(known or ())}。",
                f"The attribute “{name}” of {_short(item)} has no effect. Known: {', '.join(known or ())}.",
            )


def _short(item: Element) -> str:
    return f"zeebe:{str(item.tag)[len(ZEEBE) + 2 :]}"


def _property(document: Document, item: Element) -> None:
    name = item.get("name") or ""
    near = [] if name in PROPERTIES else difflib.get_close_matches(name, PROPERTIES, 1, _LIKE)
    if near:
        document.warn(
            item,
            "misspelt-property",
            f"属性“{name}”不起作用。是不是“{near[0]}”？",
            f"The property “{name}” has no effect. Is “{near[0]}” meant?",
        )


def _empty(document: Document, flow: Element) -> None:
    """An emptied condition is none: the flow would always be taken."""
    box = flow.find(tag("conditionExpression"))
    if box is not None and not (box.text or "").strip():
        document.error(
            flow,
            "no-condition",
            f"顺序流 {name_of(flow)} 的条件是空的。请填写条件，或删除它。",
            f"The condition of {name_of(flow)} is empty. Write one, or remove it.",
        )


def _left_behind(document: Document, one: Element, name: str) -> None:
    """A node still lists a flow that is gone."""
    flow = document.by_id.get(ref(one.text))
    if flow is None or local(flow) != "sequenceFlow":
        document.warn(
            one,
            "flow-gone",
            f"“{name_of(one.getparent())}”的 {name} 仍然写着已经不存在的顺序流“{ref(one.text)}”。请重新连接。",
            f"“{name_of(one.getparent())}” still lists the flow “{ref(one.text)}” ({name}), which is gone. Connect it.",
        )


def _shapes(document: Document) -> None:
    """A shape that draws nothing: what it drew was removed or renamed by hand (bpmnlint: no-bpmndi)."""
    for shape in document.root.iter("{http://www.omg.org/spec/BPMN/20100524/DI}*"):
        name = ref(shape.get("bpmnElement"))
        if name and name not in document.by_id:
            document.warn(
                shape,
                "shape-of-nothing",
                f"图形“{shape.get('id')}”所画的元素“{name}”不存在。请删除图形，或改正 id。",
                f"The shape “{shape.get('id')}” draws “{name}”, which is not there. Remove it, or correct the id.",
            )
