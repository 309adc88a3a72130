"""Pools: participants and message flows join what is there, and a message flow can be honoured.

Owns collaborations and BPMN's own correlation. A flow from or to a pool without a process, or from something that
sends no message, only explains.
"""

from __future__ import annotations

from engine.bpmn.describe import executable
from engine.bpmn.lint.document import Document, name_of
from engine.bpmn.rewriting.conversations import slot
from engine.bpmn.xml import FLOW_NODES, Element, local, ref, tag, text
from engine.errors import Said
from engine.expressions import feel

_EMPTY = Said("没有写", "it is empty")

_ENDS = ("sourceRef", "targetRef")
_THROWS = ("sendTask", "intermediateThrowEvent", "endEvent")


def check(document: Document) -> None:
    """Everything of this module."""
    for pool in document.root.iter(tag("participant")):
        name = ref(pool.get("processRef"))
        found = document.by_id.get(name)
        if name and (found is None or local(found) != "process"):
            _dangling(document, pool, "processRef", name)
    for flow in document.root.iter(tag("messageFlow")):
        _flow(document, flow)
    for one in document.root.iter(tag("correlationPropertyRetrievalExpression")):
        _retrieval(document, one)
    for one in document.root.iter(tag("correlationPropertyBinding")):
        _says(document, one, "dataPath")
        name = ref(one.get("correlationPropertyRef"))
        if name not in document.by_id:
            _dangling(document, one, "correlationPropertyRef", name)
    for key in document.root.iter(tag("correlationPropertyRef")):
        if ref(text(key)) not in document.by_id:
            _dangling(document, key, "correlationPropertyRef", ref(text(key)))


def _retrieval(document: Document, one: Element) -> None:
    name = ref(one.get("messageRef"))
    found = document.by_id.get(name)
    if found is None or local(found) != "message":
        _dangling(document, one, "messageRef", name)
    _says(document, one, "messagePath")


def _says(document: Document, one: Element, path: str) -> None:
    """An expression that finds a correlation property says something that can be read."""
    written = text(one, path).removeprefix("=").strip()
    problem = feel.check(written) if written else _EMPTY
    if problem:
        document.error(
            one,
            "correlation",
            f"关联属性的 {path} 为空或有错误：{problem.zh}。请写出取得关联键的表达式。",
            f"The {path} of a correlation property is empty or wrong: {problem}. Write what finds the key.",
        )


def _dangling(document: Document, node: Element, what: str, name: str) -> None:
    document.error(
        node,
        "dangling",
        f"{what} 指向不存在的“{name}”。请重新连接或删除。",
        f"{what} points to “{name}”, which is not there. Connect it again or remove it.",
    )


def _flow(document: Document, flow: Element) -> None:
    ends = [document.by_id.get(ref(flow.get(end))) for end in _ENDS]
    for end, node in zip(_ENDS, ends, strict=True):
        if node is None:
            _dangling(document, flow, end, ref(flow.get(end)))
    source, target = ends
    if source is None or target is None:
        return
    if _process(document, source) is not None and _process(document, source) is _process(document, target):
        document.error(
            flow,
            "message-flow-inside",
            f"消息流 {name_of(flow)} 的两端在同一个泳池里。请改用顺序流。",
            f"The message flow {name_of(flow)} begins and ends in one pool. Use a sequence flow.",
        )
        return
    _sends(document, flow, source, target)


def _process(document: Document, end: Element) -> Element | None:
    """The process that an end of a flow belongs to; None for a pool that has none."""
    if local(end) == "participant":
        return document.by_id.get(ref(end.get("processRef")))
    return next(end.iterancestors(tag("process")), None)


def _sends(document: Document, flow: Element, source: Element, target: Element) -> None:
    """Between two processes that run here, a flow is kept by a message thrown at one end and caught at the other."""
    processes = [_process(document, end) for end in (source, target)]
    if any(one is None or not executable(one) for one in processes):
        return
    if local(source) not in FLOW_NODES or local(target) not in FLOW_NODES:
        return
    sent, caught = slot(source), slot(target)
    if sent is None or local(source) not in _THROWS or caught is None or local(target) in _THROWS:
        zh = "消息流只能从发送任务或抛出消息的事件，连到接收任务或捕获消息的事件"
        en = "a message flow leads from a send task or a throwing message event to a receive task or a catching one"
        document.error(flow, "message-flow-ends", f"{name_of(flow)}：{zh}。请改用它们。", f"{name_of(flow)}: {en}.")
        return
    names = [_message(document, one) for one in (sent, caught)]
    if names[0] != names[1]:
        document.error(
            flow,
            "message-flow-names",
            f"消息流 {name_of(flow)} 的两端是不同的消息（“{names[0]}”和“{names[1]}”），送不到。请选同一个消息。",
            f"The ends of the message flow {name_of(flow)} name different messages (“{names[0]}”, “{names[1]}”): "
            "it would not arrive. Choose the same.",
        )


def _message(document: Document, at: Element) -> str:
    name = ref(at.get("messageRef"))
    found = document.by_id.get(name)
    return name if found is None else found.get("name") or name
