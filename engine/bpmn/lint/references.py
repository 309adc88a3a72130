"""References: whatever one element says of another by id must be there, in the right place.

Owns dangling flows, borders, defaults, lanes and the messages, signals, errors and escalations that events name.
"""

from __future__ import annotations

from engine.bpmn.dialects import zeebe
from engine.bpmn.lint.document import Document, name_of
from engine.bpmn.xml import ACTIVITIES, Element, child, definitions, flow_nodes, local, ref, tag

_NAMED = {
    "messageEventDefinition": ("messageRef", "message", "消息"),
    "signalEventDefinition": ("signalRef", "signal", "信号"),
    "errorEventDefinition": ("errorRef", "error", "错误"),
    "escalationEventDefinition": ("escalationRef", "escalation", "升级"),
}


def check(document: Document) -> None:
    """Everything of this module."""
    for scope in document.scopes:
        _flows(document, scope)
        _borders(document, scope)
    for node in document.nodes:
        _default(document, node)
        if local(node) in ("sendTask", "receiveTask"):
            _task_message(document, node)
    for node, found in document.events:
        for reference in node.findall(tag("eventDefinitionRef")):
            _dangling(document, node, "eventDefinitionRef", ref(reference.text))  # one that names something is resolved
        for definition in found:
            _named(document, node, definition)
    for many in document.root.iter(tag("multiInstanceLoopCharacteristics")):
        for definition in _thrown(document, many):
            _named(document, many.getparent(), definition)
    for message in document.root.findall(tag("message")):
        _key(document, message)
    for lane in document.root.iter(tag("flowNodeRef")):
        if ref(lane.text) not in document.by_id:
            _dangling(document, lane, "flowNodeRef", ref(lane.text))


def _thrown(document: Document, many: Element) -> list[Element]:
    """Definitions of what a repetition throws."""
    names = [many.get("noneBehaviorEventRef"), many.get("oneBehaviorEventRef")]
    found = [one for name in names if (one := document.by_id.get(ref(name))) is not None]
    return found + [one for box in many.iter(tag("event")) for one in definitions(box)]


def _dangling(document: Document, node: Element, what: str, name: str) -> None:
    document.error(
        node,
        "dangling",
        f"{what} 指向不存在的“{name}”。请重新连接或删除。",
        f"{what} points to “{name}”, which is not there. Connect it again or remove it.",
    )


def _flows(document: Document, scope: Element) -> None:
    here = {node.get("id") for node in flow_nodes(scope)}
    for flow in document.flows(scope):
        for end in ("sourceRef", "targetRef"):
            name = ref(flow.get(end))
            if name in here:
                continue
            if name in document.by_id:
                document.error(
                    flow,
                    "crosses-border",
                    f"顺序流 {flow.get('id')} 跨越了子流程边界。请用子流程的开始、结束或边界事件。",
                    f"The flow {flow.get('id')} crosses a subprocess's border. Use its start, end or boundary events.",
                )
            else:
                _dangling(document, flow, end, name)


def _borders(document: Document, scope: Element) -> None:
    here = {node.get("id"): node for node in flow_nodes(scope)}
    for node in here.values():
        if local(node) != "boundaryEvent":
            continue
        host = here.get(ref(node.get("attachedToRef")))
        if host is None:
            _dangling(document, node, "attachedToRef", ref(node.get("attachedToRef")))
        elif local(host) not in ACTIVITIES:
            document.error(
                node,
                "border-of-what",
                f"边界事件“{name_of(node)}”只能附着在任务或子流程上。",
                f"The boundary event “{name_of(node)}” can only be on a task or subprocess.",
            )
        elif host.get("isForCompensation") == "true" or host.get("triggeredByEvent") == "true":
            document.error(
                node,
                "border-of-what",
                "补偿任务和事件子流程上不能有边界事件。",
                "Compensation tasks and event subprocesses cannot have boundary events.",
            )


def _default(document: Document, node: Element) -> None:
    default = node.get("default")
    if default and default not in {flow.get("id") for flow in document.outgoing(node)}:
        _dangling(document, node, "default", default)


def _task_message(document: Document, node: Element) -> None:
    if document.settings(node).service and local(node) == "sendTask":
        return
    name = ref(node.get("messageRef"))
    inside = child(node, "messageEventDefinition")
    name = name or (ref(inside.get("messageRef")) if inside is not None else "")
    _resolve(document, node, "message", "消息", name)


def _named(document: Document, node: Element, definition: Element) -> None:
    found = _NAMED.get(local(definition))
    if found is None:
        return
    attribute, kind, zh = found
    name = ref(definition.get(attribute))
    catches_any = kind in ("error", "escalation") and local(node) in ("startEvent", "boundaryEvent")
    if name or not catches_any:
        _resolve(document, node, kind, zh, name)


def _resolve(document: Document, node: Element, kind: str, zh: str, name: str) -> None:
    target = document.by_id.get(name)
    if not name:
        document.error(
            node,
            f"no-{kind}",
            f"“{name_of(node)}”没有指定{zh}。请在属性面板中选择或新建。",
            f"“{name_of(node)}” names no {kind}. Choose or create one in the panel.",
        )
    elif target is None or local(target) != kind:
        _dangling(document, node, f"{kind}Ref", name)
    else:
        _complete(document, target, kind, zh)


def _key(document: Document, message: Element) -> None:
    """A message that says it is correlated says how."""
    if "subscription" in zeebe.extensions(message) and not document.settings(message).correlation:
        document.error(
            message,
            "correlation",
            f"消息“{name_of(message)}”的关联键（correlationKey）为空。请填写表达式，或删除 subscription。",
            f"The correlation key of the message “{name_of(message)}” is empty. Write it, or remove the subscription.",
        )


def _complete(document: Document, target: Element, kind: str, zh: str) -> None:
    attribute = {"error": "errorCode", "escalation": "escalationCode"}.get(kind, "name")
    if not target.get(attribute):
        document.error(
            target,
            f"{kind}-incomplete",
            f"{zh}“{target.get('id')}”缺少 {attribute}，请补上。",
            f"The {kind} “{target.get('id')}” lacks its {attribute}; give it one.",
        )
