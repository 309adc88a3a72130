"""Events: which definition may stand where, and whether it says enough (BPMN 2.0.2, table 10.93).

Owns positions, timers, links, compensation and conditions of events. Whether a name exists is `references`'s matter.
"""

from __future__ import annotations

from collections import Counter

from engine import calendars
from engine.bpmn.lint.document import Document, name_of
from engine.bpmn.xml import Element, child, is_event_subprocess, local, ref, text
from engine.calendars import iso
from engine.expressions import feel

_CATCH = {"message", "signal", "timer", "conditional"}
_MAY = {
    "process start": _CATCH,
    "event subprocess start": {*_CATCH, "error", "escalation", "compensate"},
    "subprocess start": set(),
    "intermediateCatchEvent": {*_CATCH, "link"},
    "intermediateThrowEvent": {"message", "signal", "escalation", "compensate", "link"},
    "boundaryEvent": {*_CATCH, "error", "escalation", "compensate", "cancel"},
    "endEvent": {"message", "signal", "error", "escalation", "terminate", "compensate", "cancel"},
}
_ZH = {
    "process start": "流程的开始事件",
    "event subprocess start": "事件子流程的开始事件",
    "subprocess start": "子流程的开始事件",
    "intermediateCatchEvent": "中间捕获事件",
    "intermediateThrowEvent": "中间抛出事件",
    "boundaryEvent": "边界事件",
    "endEvent": "结束事件",
}
_TIMERS = {"timeDate": iso.instant, "timeDuration": iso.period, "timeCycle": calendars.cycle}
_EXAMPLES = {"timeDate": "2026-11-21T09:00:00+08:00", "timeDuration": "PT15M", "timeCycle": "R3/PT1H"}


def check(document: Document) -> None:
    """Everything of this module."""
    for node, definitions in document.events:
        kinds = [local(d).removesuffix("EventDefinition") for d in definitions]
        _position(document, node, kinds)
        for definition in definitions:
            if local(definition) == "timerEventDefinition":
                _timer(document, node, definition)
            elif local(definition) == "conditionalEventDefinition" and not text(definition, "condition"):
                _says_nothing(document, node, "条件", "condition")
            elif local(definition) == "conditionalEventDefinition" and _place(node) == "process start":
                _knows_nothing(document, node, text(definition, "condition"))
            elif local(definition) == "compensateEventDefinition":
                _compensation(document, node, definition)
        if document.settings(node).service:
            document.error(
                node,
                "event-as-job",
                f"“{name_of(node)}”不需要任务定义：引擎自己发送消息。请删除它，或改用发送任务。",
                f"“{name_of(node)}” needs no task definition: the engine sends it. Remove it or use a send task.",
            )
    for scope in document.scopes:
        _links(document, scope)


def _place(node: Element) -> str:
    if local(node) != "startEvent":
        return local(node)
    scope = node.getparent()
    assert scope is not None
    if local(scope) == "process":
        return "process start"
    return "event subprocess start" if is_event_subprocess(scope) else "subprocess start"


def _position(document: Document, node: Element, kinds: list[str]) -> None:
    place = _place(node)
    for kind in kinds:
        if kind not in _MAY[place]:
            document.error(
                node,
                "event-position",
                f"{_ZH[place]}“{name_of(node)}”不能用 {kind} 事件。可用：{_list(place, '、', '无')}",
                f"“{name_of(node)}” ({place}) cannot be a {kind} event. Possible: {_list(place, ', ', 'none')}",
            )
    if place in ("intermediateCatchEvent", "boundaryEvent") and not kinds:
        _says_nothing(document, node, "事件类型", "event definition")
    _cancel(document, node, kinds)
    always = {"error", "cancel"} | ({"compensate"} if local(node) == "startEvent" else set())
    if always & set(kinds) and "false" in (node.get("cancelActivity"), node.get("isInterrupting")):
        document.error(
            node,
            "error-interrupts",
            f"错误、取消和补偿事件“{name_of(node)}”不能设为非中断。请改为中断型，或使用升级事件。",
            f"“{name_of(node)}” (error, cancel or compensation) cannot be non-interrupting. Make it interrupt, or "
            "use an escalation.",
        )


def _list(place: str, mark: str, none: str) -> str:
    return mark.join(sorted(_MAY[place])) or none


def _cancel(document: Document, node: Element, kinds: list[str]) -> None:
    if "cancel" not in kinds:
        return
    inside: Element | None = node.getparent()
    if local(node) == "boundaryEvent":
        inside = document.by_id.get(ref(node.get("attachedToRef")))
    else:
        while inside is not None and local(inside) not in ("transaction", "process"):
            inside = inside.getparent()
    if inside is None or local(inside) != "transaction":
        document.error(
            node,
            "cancel-without-transaction",
            f"取消事件“{name_of(node)}”只能用于事务子流程。",
            f"The cancel event “{name_of(node)}” belongs to a transaction.",
        )


def _says_nothing(document: Document, node: Element, zh: str, en: str) -> None:
    document.error(
        node,
        f"no-{en.split()[0]}",
        f"“{name_of(node)}”缺少{zh}，请补上。",
        f"“{name_of(node)}” lacks its {en}; set it.",
    )


def _knows_nothing(document: Document, node: Element, condition: str) -> None:
    """No case has begun yet, so there are no variables: only functions of the time say something."""
    written = condition.removeprefix("=").strip()
    if not feel.check(written) and feel.names(written):
        names = sorted(feel.names(written))
        document.error(
            node,
            "start-condition",
            f"条件开始事件“{name_of(node)}”在流程开始之前判断，那时还没有变量"
            f"（{'、'.join(names)}）。请只用 now()、today() 等函数。",
            f"The condition of the start event “{name_of(node)}” is asked before a case begins: there are no variables "
            f"yet ({', '.join(names)}). Use functions as now() and today() only.",
        )


def _timer(document: Document, node: Element, definition: Element) -> None:
    found = [name for name in _TIMERS if child(definition, name) is not None and text(definition, name)]
    if len(found) != 1:
        _says_nothing(document, node, "时间（日期、时长或周期）", "timer (a date, a duration or a cycle)")
        return
    written = text(definition, found[0])
    if written.startswith("="):
        return
    try:
        _TIMERS[found[0]](written)
    except ValueError:
        document.error(
            node,
            "bad-timer",
            f"“{name_of(node)}”的时间“{written[:60]}”无法识别。例如：{_EXAMPLES[found[0]]}，或以“=”开头的表达式。",
            f"The time “{written[:60]}” of “{name_of(node)}” cannot be read. Like: {_EXAMPLES[found[0]]}, or “=…”.",
        )


def _compensation(document: Document, node: Element, definition: Element) -> None:
    activity = ref(definition.get("activityRef"))
    if activity and activity not in document.by_id:
        document.error(
            node,
            "dangling",
            f"activityRef 指向不存在的“{activity}”。",
            f"activityRef points to “{activity}”, which is not there.",
        )
    if local(node) != "boundaryEvent":
        return
    handler = document.by_id.get(document.undone_by.get(node.get("id") or "", ""))
    if handler is None or handler.get("isForCompensation") != "true" or handler.getparent() is not node.getparent():
        document.error(
            node,
            "no-handler",
            f"补偿边界事件“{name_of(node)}”要用关联线连到同一层的一个补偿任务。",
            f"Connect “{name_of(node)}” to a compensation task in the same scope by an association.",
        )


def _links(document: Document, scope: Element) -> None:
    links = [(n, child(n, "linkEventDefinition")) for n in scope if local(n).startswith("intermediate")]
    named = [(n, link.get("name") or "") for n, link in links if link is not None]
    catches = Counter(name for n, name in named if local(n) == "intermediateCatchEvent")
    throws = {name for n, name in named if local(n) == "intermediateThrowEvent"}
    for node, name in named:
        if local(node) == "intermediateThrowEvent" and catches[name] != 1:
            zh = "没有" if name not in catches else "不止一个"
            document.error(
                node,
                "link",
                f"链接“{name}”在同一层{zh}对应的捕获事件。",
                f"The link “{name}” needs exactly one catch event in the same scope; it has {catches[name]}.",
            )
        if local(node) == "intermediateCatchEvent" and name not in throws:
            document.error(
                node,
                "link",
                f"链接“{name}”没有对应的抛出事件。",
                f"The link “{name}” is never thrown in this scope.",
            )
