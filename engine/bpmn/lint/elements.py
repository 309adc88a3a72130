"""Elements, ids and extensions: only what the engine knows may be in an executable process.

Owns the lists of what is known. An element that is only drawn (annotations, groups, data objects) is fine; one that
would change what happens and is not executed is refused.
"""

from __future__ import annotations

import re

from engine.bpmn.dialects import zeebe
from engine.bpmn.lint.document import Document, name_of
from engine.bpmn.xml import BPMN, DRAWN, FLOW_NODES, ZEEBE, Element, child, local, tag

_ID = re.compile(r"[^\W\d][\w.\-·]*")
_DRAWN = frozenset(
    [
        "sequenceFlow",
        "laneSet",
        "lane",
        "flowNodeRef",
        "childLaneSet",
        "partitionElement",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "dataState",
        "association",
        "textAnnotation",
        "text",
        "group",
        "documentation",
        "extensionElements",
        "incoming",
        "outgoing",
        "conditionExpression",
        "script",
        "dataInputAssociation",
        "dataOutputAssociation",
        "ioSpecification",
        "dataInput",
        "dataOutput",
        "inputSet",
        "outputSet",
        "dataInputRefs",
        "dataOutputRefs",
        "property",
        "assignment",
        "from",
        "to",
        "transformation",
        "sourceRef",
        "targetRef",
        "category",
        "categoryValueRef",
    ]
)
_INSIDE = frozenset(
    [
        "messageEventDefinition",
        "signalEventDefinition",
        "timerEventDefinition",
        "errorEventDefinition",
        "escalationEventDefinition",
        "conditionalEventDefinition",
        "compensateEventDefinition",
        "cancelEventDefinition",
        "terminateEventDefinition",
        "linkEventDefinition",
        "eventDefinitionRef",
        "timeDate",
        "timeDuration",
        "timeCycle",
        "condition",
        "activationCondition",
        "standardLoopCharacteristics",
        "multiInstanceLoopCharacteristics",
        "loopCondition",
        "loopCardinality",
        "completionCondition",
        "loopDataInputRef",
        "loopDataOutputRef",
        "inputDataItem",
        "outputDataItem",
        "source",
        "target",
        "complexBehaviorDefinition",
        "event",
        "correlationSubscription",
        "correlationPropertyBinding",
        "dataPath",
    ]
)
_IGNORED = {"supportedInterfaceRef", "ioBinding", "auditing", "monitoring"}
_VENDORS = (
    "camunda.org/schema/1.0",
    "flowable.org",
    "activiti.org",
    "spiffworkflow.org",
    "operaton.org",
    "bpmn.io/schema/bpmn/form",
)
_TOP = {"choreography", "globalChoreographyTask", "globalConversation"}


def check(document: Document) -> None:
    """Everything of this module."""
    _ids(document)
    if not document.processes:
        document.error(
            document.root,
            "no-process",
            "文件里没有可执行的流程。请选中流程，勾选“可执行”（isExecutable）。",
            "The file has no executable process. Select the process and tick “Executable”.",
        )
    for node in document.root:
        if local(node) in _TOP:
            _unknown(document, node)
    for process in document.processes:
        _walk(document, process)


def _ids(document: Document) -> None:
    seen: set[str] = set()
    for node in document.root.iter(f"{{{BPMN}}}*"):
        name = node.get("id")
        if name is None:
            if local(node) in FLOW_NODES | {"sequenceFlow", "process"}:
                document.error(node, "no-id", "元素没有 id，请补上。", "The element has no id; give it one.")
        elif name in seen:
            document.error(
                node, "double-id", f"id “{name}”出现了两次，请改名。", f"The id “{name}” is used twice; rename one."
            )
        elif not _ID.fullmatch(name) and not _drawn_in(node):
            document.error(
                node,
                "bad-id",
                f"“{name}”不能用作 id：只能用字母、汉字、数字、下划线、点和连字符，并以字母开头。",
                f"“{name}” is no usable id: letters, digits, underscore, dot and hyphen only, a letter first.",
            )
        seen.add(name or "")


def _drawn_in(node: Element) -> bool:
    """Whether it was made while reading (`(skip task)`): no file has lines for it."""
    return DRAWN in node.attrib and not node.sourceline


def _walk(document: Document, process: Element) -> None:
    todo = list(process)
    while todo:
        node = todo.pop()
        if not isinstance(node.tag, str):
            continue
        kind = local(node)
        if node.tag == tag("extensionElements"):
            _extensions(document, node)
            continue
        if kind in _IGNORED:
            document.warn(
                node,
                "not-used",
                f"{kind} 不会被执行，只作说明。",
                f"{kind} is not executed: it only explains.",
            )
            continue
        if kind not in FLOW_NODES | _DRAWN | _INSIDE:
            _unknown(document, node)
            continue
        _attributes(document, node)
        todo.extend(node)


def _unknown(document: Document, node: Element) -> None:
    kind = local(node) or str(node.tag)
    document.error(
        node,
        "unknown-element",
        f"引擎不支持元素 {kind}。请删除它，或改用支持的元素。",
        f"The engine does not support the element {kind}. Remove it or use a supported one.",
    )


def _attributes(document: Document, node: Element) -> None:
    for name in node.attrib:
        if any(vendor in str(name) for vendor in _VENDORS):
            _foreign(document, node, str(name))


def _extensions(document: Document, box: Element) -> None:
    for item in box:
        if not isinstance(item.tag, str):
            continue
        if not item.tag.startswith(f"{{{ZEEBE}}}"):
            if any(vendor in item.tag for vendor in _VENDORS):
                _foreign(document, box, item.tag)
            continue
        name = item.tag[len(ZEEBE) + 2 :]
        if name in zeebe.REFUSED:
            zh, en = zeebe.REFUSED[name]
            document.error(
                box, "unsupported-extension", f"不支持 zeebe:{name}。{zh}", f"zeebe:{name} is not supported. {en}"
            )
        elif name not in zeebe.KNOWN:
            document.error(
                box,
                "unknown-extension",
                f"引擎不认识扩展元素 zeebe:{name}。请删除它。",
                f"The engine does not know the extension element zeebe:{name}. Remove it.",
            )


def _foreign(document: Document, node: Element, name: str) -> None:
    owner = (
        node.getparent() if child(node, "extensionElements") is None and local(node) == "extensionElements" else node
    )
    document.error(
        node,
        "other-dialect",
        f"“{name_of(owner)}”带有其他工具的设置 {name}，引擎不会执行它。请在本编辑器的属性面板中重新设置。",
        f"“{name_of(owner)}” has a setting of another tool, {name}, that would not be executed. Set it again here.",
    )
