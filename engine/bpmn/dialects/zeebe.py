"""The native dialect: BPMN 2.0 with `zeebe:` extension elements, as bpmn-js's properties panel writes it.

Owns the translation of an element's XML to `Settings`, and the list of extension elements it understands (lint refuses
the rest). Must not evaluate anything.
"""

from __future__ import annotations

from typing import Any

from engine.bpmn.model import TAGGED
from engine.bpmn.rewriting import data
from engine.bpmn.settings import NOTHING, Loop, Mapping, Repetition, Rows, Settings
from engine.bpmn.xml import ZEEBE, Element, child, local, ref, tag, text

KNOWN = frozenset(
    [
        "userTask",
        "formDefinition",
        "assignmentDefinition",
        "taskSchedule",
        "priorityDefinition",
        "ioMapping",
        "properties",
        "script",
        "taskDefinition",
        "taskHeaders",
        "calledDecision",
        "calledElement",
        "loopCharacteristics",
        "subscription",
        "versionTag",
    ]
)
REFUSED = {
    "userTaskForm": ("请另存为 .form 文件，并用表单 id 引用它。", "Save it as a .form file and name its form id."),
    "executionListeners": ("请在元素前后各加一个服务任务。", "Put service tasks before or after the element."),
    "taskListeners": ("请在任务前后各加一个服务任务。", "Put service tasks before or after the task."),
    "adHoc": ("请直接画出要执行的任务。", "Draw the tasks to be done."),
}


def extensions(node: Element) -> dict[str, Element]:
    """The zeebe elements of an element by local name; the first of each."""
    box = child(node, "extensionElements")
    found: dict[str, Element] = {}
    for item in () if box is None else box:
        if isinstance(item.tag, str) and item.tag.startswith(f"{{{ZEEBE}}}"):
            found.setdefault(item.tag[len(ZEEBE) + 2 :], item)
    return found


def properties(node: Element) -> dict[str, str]:
    """The free settings (`zeebe:properties`) of an element."""
    box = extensions(node).get("properties")
    return {} if box is None else {p.get("name") or "": p.get("value") or "" for p in box.iter(tag("property", ZEEBE))}


def settings(node: Element) -> Settings:
    """All settings of one element."""
    found = extensions(node)
    values: dict[str, Any] = {}
    for name, read in _READERS.items():
        if name in found:
            values.update(read(found[name]))
    if "headers" in values and not values.get("result"):
        values["result"] = values["headers"].get("resultVariable", "")
    if local(node) == "scriptTask" and "script" not in values:
        values["python"] = _code(child(node, "script"))
    if local(node) == "callActivity" and not values.get("called"):
        element = node.get("calledElement") or ""
        values["called"] = element if element.startswith("=") else ref(element)
    values.update(_repetition(node))
    return Settings(**values) if values else NOTHING


def _code(node: Element | None) -> str:
    """A script keeps its inner indentation; only the blank lines around it go."""
    return (node.text or "").strip("\n").rstrip() if node is not None else ""


def _mapping(node: Element) -> dict[str, Any]:
    def lines(name: str) -> tuple[Mapping, ...]:
        return tuple(Mapping(n.get("source") or "", n.get("target") or "") for n in node.iter(tag(name, ZEEBE)))

    found: dict[str, Any] = {"inputs": lines("input"), "outputs": lines("output")}
    for row in node.iter(tag("read", data.OURS)):
        rows = Rows(row.get("register") or "", row.get("target") or "", row.get("where") or "")
        found["reads"] = (*found.get("reads", ()), rows)
    for row in node.iter(tag("write", data.OURS)):
        line = Mapping(row.get("source") or "", row.get("register") or "")
        found["writes"] = (*found.get("writes", ()), line)
    return found


def _form(node: Element) -> dict[str, Any]:
    return {
        "form": node.get("formId") or node.get("formKey") or node.get("externalReference") or "",
        "form_binding": _binding(node),
    }


def _assignment(node: Element) -> dict[str, Any]:
    return {
        "assignee": node.get("assignee") or "",
        "candidate_users": node.get("candidateUsers") or "",
        "candidate_groups": node.get("candidateGroups") or "",
    }


def _headers(node: Element) -> dict[str, Any]:
    return {"headers": {h.get("key") or "": h.get("value") or "" for h in node.iter(tag("header", ZEEBE))}}


def _binding(node: Element) -> str:
    """deployment | latest | versionTag:TAG."""
    kind = node.get("bindingType") or "deployment"
    return f"{TAGGED}{node.get('versionTag') or ''}" if kind == "versionTag" else kind


def _decision(node: Element) -> dict[str, Any]:
    return {
        "decision": node.get("decisionId") or "",
        "result": node.get("resultVariable") or "",
        "decision_binding": _binding(node),
    }


def _called(node: Element) -> dict[str, Any]:
    return {
        "called": node.get("processId") or "",
        "propagate": node.get("propagateAllChildVariables", "true") == "true",
        "called_binding": _binding(node),
    }


_READERS = {
    "properties": lambda n: {
        "properties": {p.get("name") or "": p.get("value") or "" for p in n.iter(tag("property", ZEEBE))}
    },
    "ioMapping": _mapping,
    "formDefinition": _form,
    "assignmentDefinition": _assignment,
    "taskSchedule": lambda n: {"due_date": n.get("dueDate") or ""},
    "priorityDefinition": lambda n: {"priority": n.get("priority") or ""},
    "taskHeaders": _headers,
    "taskDefinition": lambda n: {"service": n.get("type") or "", "retries": n.get("retries") or ""},
    "script": lambda n: {"script": n.get("expression") or "", "result": n.get("resultVariable") or ""},
    "calledDecision": _decision,
    "calledElement": _called,
    "subscription": lambda n: {"correlation": n.get("correlationKey") or ""},
}


def _repetition(node: Element) -> dict[str, Any]:
    """Multi-instance settings: BPMN's own, with zeebe's collections where they are set."""
    loop = child(node, "standardLoopCharacteristics")
    if loop is not None:
        most = loop.get("loopMaximum")
        rounds = int(most) if most and most.lstrip("-").isdigit() else None
        return {"loop": Loop(text(loop, "loopCondition"), rounds, loop.get("testBefore") == "true")}
    many = child(node, "multiInstanceLoopCharacteristics")
    if many is None:
        return {}
    zeebe = extensions(many).get("loopCharacteristics")
    one = zeebe.get if zeebe is not None else lambda name: None
    item, out = child(many, "inputDataItem"), child(many, "outputDataItem")
    return {
        "repetition": Repetition(
            sequential=many.get("isSequential") == "true",
            collection=one("inputCollection") or text(many, "loopDataInputRef"),
            cardinality=text(many, "loopCardinality"),
            element=one("inputElement") or _name(item),
            output_collection=one("outputCollection") or text(many, "loopDataOutputRef"),
            output_element=one("outputElement") or _name(out),
            until=text(many, "completionCondition"),
            behavior=many.get("behavior") or "All",
        )
    }


def _name(item: Element | None) -> str:
    return "" if item is None else (item.get("name") or item.get("id") or "")
