"""The graph: every node can be reached, every choice has a way out, starts and ends are where they may be.

Owns reachability inside each scope and the rules of gateways. Must not look into expressions.
"""

from __future__ import annotations

from engine.bpmn.lint.document import Document, name_of
from engine.bpmn.xml import (
    GATEWAYS,
    Element,
    child,
    flow_nodes,
    instantiates,
    is_event_subprocess,
    local,
    ref,
    text,
)

_BEHIND_EVENT_GATEWAY = ("intermediateCatchEvent", "receiveTask")


def check(document: Document) -> None:
    """Everything of this module."""
    for scope in document.scopes:
        nodes = list(flow_nodes(scope))
        if not nodes:
            document.error(
                scope, "empty", f"“{name_of(scope)}”是空的，请画出内容。", f"“{name_of(scope)}” is empty; draw it."
            )
        _starts(document, scope, nodes)
        _reachable(document, scope, nodes)
        for node in nodes:
            _ends(document, node)
            _instantiates(document, node)
            _gateway(document, node)
            _conditions(document, node)


def _starts(document: Document, scope: Element, nodes: list[Element]) -> None:
    starts = [node for node in nodes if local(node) == "startEvent"]
    if is_event_subprocess(scope) and (len(starts) != 1 or not document.definitions(starts[0])):
        document.error(
            scope,
            "event-subprocess-start",
            f"事件子流程“{name_of(scope)}”必须有且只有一个带事件的开始事件。",
            f"The event subprocess “{name_of(scope)}” needs exactly one start event, with an event definition.",
        )
    elif local(scope) != "process" and not is_event_subprocess(scope) and len(starts) > 1:
        document.error(
            scope,
            "many-starts",
            f"子流程“{name_of(scope)}”只能有一个开始事件。",
            f"The subprocess “{name_of(scope)}” can have one start event only.",
        )
    elif local(scope) == "process" and len([s for s in starts if not document.definitions(s)]) > 1:
        document.error(
            scope,
            "many-starts",
            f"流程“{name_of(scope)}”有多个普通开始事件，无法确定从哪里开始。请合并，或改为消息/定时开始。",
            f"“{name_of(scope)}” has several plain start events. Merge them, or make them message or timer starts.",
        )
    elif local(scope) == "process" and not starts and not any(instantiates(node) for node in nodes):
        document.warn(
            scope,
            "no-start",
            f"流程“{name_of(scope)}”没有开始事件；没有入口的节点会同时开始。",
            f"“{name_of(scope)}” has no start event: every node that nothing leads to begins at once.",
        )


def _reachable(document: Document, scope: Element, nodes: list[Element]) -> None:
    here = {node.get("id") or "": node for node in nodes}
    starts = any(local(node) == "startEvent" for node in nodes)
    seen = {name for name, node in here.items() if _is_root(document, node, starts)}
    todo = list(seen)
    catches: dict[str, set[str]] = {}
    for name, node in here.items():
        link = child(node, "linkEventDefinition")
        if link is not None and local(node) == "intermediateCatchEvent":
            catches.setdefault(link.get("name") or "", set()).add(name)
    while todo:
        node = here[todo.pop()]
        targets = {ref(flow.get("targetRef")) for flow in document.outgoing(node)} | _linked(node, catches)
        targets |= set(document.hosts.get(node.get("id") or "", ()))
        todo += (fresh := [name for name in targets - seen if name in here])
        seen |= set(fresh)
    for name, node in here.items():
        if name not in seen:
            document.error(
                node,
                "unreachable",
                f"没有任何路径能到达“{name_of(node)}”。请连上它，或删除。",
                f"Nothing leads to “{name_of(node)}”. Connect it or remove it.",
            )


def _is_root(document: Document, node: Element, starts: bool) -> bool:
    if local(node) == "startEvent" or is_event_subprocess(node) or node.get("id") in document.handlers:
        return True
    if instantiates(node):
        return True
    loose = local(node) != "boundaryEvent" and child(node, "linkEventDefinition") is None
    return not starts and loose and not document.incoming(node)


def _linked(node: Element, catches: dict[str, set[str]]) -> set[str]:
    """Where a thrown link goes on. `catches`: ids by link name."""
    link = child(node, "linkEventDefinition")
    if link is None or local(node) != "intermediateThrowEvent":
        return set()
    return catches.get(link.get("name") or "", set())


def _ends(document: Document, node: Element) -> None:
    kind = local(node)
    if kind == "endEvent" and document.outgoing(node):
        _misplaced(document, node, "结束事件不能有流出的顺序流。", "An end event can have no flow out of it.")
    if kind in ("startEvent", "boundaryEvent") and document.incoming(node):
        _misplaced(
            document,
            node,
            "开始事件和边界事件不能有流入的顺序流。",
            "Start and boundary events can have no flow into them.",
        )
    if is_event_subprocess(node) and (document.incoming(node) or document.outgoing(node)):
        _misplaced(document, node, "事件子流程不能连接顺序流。", "An event subprocess can have no flows.")
    if node.get("isForCompensation") == "true" and (document.incoming(node) or document.outgoing(node)):
        _misplaced(document, node, "补偿任务不能连接顺序流。", "A compensation task can have no flows.")


def _instantiates(document: Document, node: Element) -> None:
    if local(node) == "eventBasedGateway" and node.get("eventGatewayType") == "Parallel" and not instantiates(node):
        document.error(
            node,
            "parallel-gateway",
            f"并行事件网关“{name_of(node)}”只能用来启动流程（instantiate）。请改为排他事件网关，或用并行网关连接各事件。",
            f"The parallel event gateway “{name_of(node)}” can only begin a process (instantiate). Make it "
            "exclusive, or use a parallel gateway before the events.",
        )
    if instantiates(node) and (document.incoming(node) or local(node.getparent()) != "process"):
        _misplaced(
            document,
            node,
            "启动流程的网关或接收任务（instantiate）要在流程顶层，且没有流入的顺序流。",
            "What begins a process (instantiate) stands at its top level with no flow into it.",
        )


def _misplaced(document: Document, node: Element, zh: str, en: str) -> None:
    document.error(node, "flow-not-allowed", f"“{name_of(node)}”：{zh}", f"“{name_of(node)}”: {en}")


def _gateway(document: Document, node: Element) -> None:
    kind, flows = local(node), document.outgoing(node)
    if kind not in GATEWAYS:
        return
    if not flows:
        document.warn(
            node,
            "dead-end",
            f"网关“{name_of(node)}”没有出口，流程会在这里结束。",
            f"The gateway “{name_of(node)}” has no way out: the token ends here.",
        )
    if kind == "exclusiveGateway" and len(flows) > 1:
        _exclusive(document, node, flows)
    if kind == "complexGateway" and len(document.incoming(node)) > 1 and not text(node, "activationCondition"):
        document.warn(
            node,
            "no-activation",
            f"复杂网关“{name_of(node)}”没有激活条件（activationCondition），将像包容网关一样汇合。",
            f"The complex gateway “{name_of(node)}” has no activation condition: it joins as an inclusive one.",
        )
    if kind == "eventBasedGateway":
        _event_based(document, node, flows)
    if kind in ("parallelGateway", "eventBasedGateway"):
        for flow in flows:
            if text(flow, "conditionExpression"):
                document.warn(
                    flow,
                    "condition-ignored",
                    f"网关“{name_of(node)}”不看条件，{flow.get('id')} 上的条件不起作用。",
                    f"“{name_of(node)}” asks no conditions; the one on {flow.get('id')} has no effect.",
                )


def _exclusive(document: Document, node: Element, flows: list[Element]) -> None:
    for flow in flows:
        if not text(flow, "conditionExpression") and flow.get("id") != node.get("default"):
            document.error(
                flow,
                "no-condition",
                f"排他网关“{name_of(node)}”的出口 {name_of(flow)} 没有条件。请填写条件，或设为默认流。",
                f"{name_of(flow)} out of “{name_of(node)}” has no condition. Give it one, or make it the default.",
            )
    if not node.get("default"):
        document.warn(
            node,
            "no-default",
            f"排他网关“{name_of(node)}”没有默认流；所有条件都不成立时会产生异常。",
            f"“{name_of(node)}” has no default flow: when no condition holds, the case stops as an incident.",
        )


def _event_based(document: Document, node: Element, flows: list[Element]) -> None:
    for flow in flows:
        target = document.by_id.get(ref(flow.get("targetRef")))
        if target is not None and (
            local(target) not in _BEHIND_EVENT_GATEWAY
            or len(document.incoming(target)) > 1
            or _has_border(document, target)
        ):
            document.error(
                target,
                "event-gateway",
                f"事件网关“{name_of(node)}”之后只能直接连接捕获事件，或没有边界事件的接收任务，且它们没有别的入口。",
                f"Behind “{name_of(node)}” only catch events, or receive tasks without boundary events, with no other "
                "flow into them, may stand.",
            )


def _has_border(document: Document, node: Element) -> bool:
    return node.get("id") in document.hosts


def _conditions(document: Document, node: Element) -> None:
    for flow in document.outgoing(node):
        condition = text(flow, "conditionExpression")
        if flow.get("id") == node.get("default") and condition:
            document.warn(
                flow,
                "condition-ignored",
                f"默认流 {name_of(flow)} 上的条件不起作用，请删除。",
                f"The condition on the default flow {name_of(flow)} has no effect; remove it.",
            )
        if condition and not condition.startswith("="):
            document.warn(
                flow,
                "no-equals",
                f"条件应以“=”开头：{condition[:60]}",
                f"A condition should begin with “=”: {condition[:60]}",
            )
