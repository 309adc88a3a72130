"""Ways through a scope: none that cannot end, none that starves at a join, nothing drawn twice or for nothing.

Owns what only the graph as a whole shows. A loop with nobody and nothing to wait for is an error, whatever can still be
right in some case is a warning. Must not look into expressions.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.bpmn.lint.document import Document, name_of
from engine.bpmn.xml import GATEWAYS, SCOPES, Element, child, flow_nodes, is_event_subprocess, local, ref, text

_WAITS = frozenset(["userTask", "manualTask", "receiveTask", "serviceTask", "callActivity", "intermediateCatchEvent"])
_SPLITS = ("exclusiveGateway", "eventBasedGateway")
MOST_WORK = 300_000  # joins x choices x nodes of a scope whose joins are looked through: some 2 seconds


def check(document: Document) -> None:
    """Everything of this module."""
    for scope in document.scopes:
        nodes = {node.get("id") or "": node for node in flow_nodes(scope)}
        _circles(document, scope, nodes)
        _ends(document, scope, nodes)
        for node in nodes.values():
            _for_nothing(document, node)
        _doubles(document, scope)
        _joins(document, nodes)


def _next(document: Document, node: Element) -> list[str]:
    return [ref(flow.get("targetRef")) for flow in document.outgoing(node)]


def _reached(document: Document, nodes: dict[str, Element], first: Iterable[str], without: str = "") -> set[str]:
    """Nodes that flows lead to from `first`, these included, not passing through `without`."""
    seen = {name for name in first if name in nodes and name != without}
    todo = list(seen)
    while todo:
        fresh = [n for n in _next(document, nodes[todo.pop()]) if n in nodes and n not in seen and n != without]
        seen.update(fresh)
        todo += fresh
    return seen


# ---- circles without a way out


def _circles(document: Document, scope: Element, nodes: dict[str, Element]) -> None:
    """Nodes from which no end can be reached; a border that leaves the circle is a way out."""
    before: dict[str, list[str]] = {}
    for name, node in nodes.items():
        for target in _next(document, node):
            before.setdefault(target, []).append(name)
        host = ref(node.get("attachedToRef")) if local(node) == "boundaryEvent" else ""
        if host:
            before.setdefault(name, []).append(host)
    ends = [name for name, node in nodes.items() if not document.outgoing(node)]
    fine, todo = set(ends), ends
    while todo:
        fresh = [name for name in before.get(todo.pop(), ()) if name not in fine]
        fine.update(fresh)
        todo += fresh
    stuck = [node for name, node in nodes.items() if name not in fine]
    if not stuck:
        return
    if any(_holds_up(document, node) for node in stuck):
        if not _ended_from_outside(document, scope):
            _endless(document, stuck[0])
        return
    document.error(
        stuck[0],
        "stuck",
        f"从“{name_of(stuck[0])}”起只会不停循环：没有出口，也不等待任何人或事件。请画出通往结束的路。",
        f"From “{name_of(stuck[0])}” on it only goes round: there is no way out and nobody to wait for. Draw a way to "
        "an end.",
    )


def _holds_up(document: Document, node: Element) -> bool:
    """Whether a token may wait there."""
    return local(node) in _WAITS or local(node) in SCOPES or local(node) == "eventBasedGateway"


def _ended_from_outside(document: Document, scope: Element) -> bool:
    """Whether something else can end the scope: an event subprocess in it, or an event on its border."""
    if any(is_event_subprocess(node) for node in flow_nodes(scope)):
        return True
    name = scope.get("id")
    return local(scope) != "process" and name in document.hosts


def _endless(document: Document, node: Element) -> None:
    document.warn(
        node,
        "never-ends",
        f"从“{name_of(node)}”起没有通往结束的路：流程永远不会办结。",
        f"From “{name_of(node)}” on no way leads to an end: the case never ends.",
    )


# ---- ends


def _ends(document: Document, scope: Element, nodes: dict[str, Element]) -> None:
    """Where ends are drawn, an activity without one was probably forgotten (bpmnlint: no-implicit-end)."""
    if not any(local(node) == "endEvent" for node in nodes.values()):
        return
    for node in nodes.values():
        if local(node) in (*GATEWAYS, "endEvent") or document.outgoing(node) or _ends_here(document, node):
            continue
        document.warn(
            node,
            "implicit-end",
            f"“{name_of(node)}”之后没有连线，流程会在这里结束。请连上，或画出结束事件。",
            f"Nothing follows “{name_of(node)}”: the way ends there. Connect it, or draw an end event.",
        )


def _ends_here(document: Document, node: Element) -> bool:
    return (
        node.get("isForCompensation") == "true"
        or is_event_subprocess(node)
        or child(node, "linkEventDefinition") is not None
        or child(node, "compensateEventDefinition") is not None
        or local(node.getparent()) == "adHocSubProcess"
    )


# ---- drawn for nothing, drawn twice


def _for_nothing(document: Document, node: Element) -> None:
    """A gateway with one way in and one out decides nothing (bpmnlint: superfluous-gateway)."""
    kind, ways = local(node), (len(document.incoming(node)), len(document.outgoing(node)))
    if kind in GATEWAYS and kind != "complexGateway" and ways == (1, 1) and not document.drawn(node):
        document.warn(
            node,
            "needless-gateway",
            f"网关“{name_of(node)}”只有一个入口和一个出口，不起作用。请补上缺少的分支，或删除它。",
            f"“{name_of(node)}” has one way in and one out: it decides nothing. Draw the missing way or remove it.",
        )


def _doubles(document: Document, scope: Element) -> None:
    """Two flows that say the same (bpmnlint: no-duplicate-sequence-flows): two tokens instead of one."""
    seen: dict[tuple[str, str, str], Element] = {}
    for flow in document.flows(scope):
        says = ref(flow.get("sourceRef")), ref(flow.get("targetRef")), text(flow, "conditionExpression")
        if says in seen:
            document.warn(
                flow,
                "double-flow",
                f"顺序流 {flow.get('id')} 与 {seen[says].get('id')} 完全相同，会走两遍。请删除一条。",
                f"The flow {flow.get('id')} says the same as {seen[says].get('id')}: it is gone twice. Remove one.",
            )
        seen.setdefault(says, flow)


# ---- joins that starve


def _joins(document: Document, nodes: dict[str, Element]) -> None:
    """A parallel join whose ways in are different ways out of one choice: only one of them is ever taken."""
    joins = [n for n in nodes.values() if local(n) == "parallelGateway" and len(document.incoming(n)) > 1]
    splits = [n for n in nodes.values() if local(n) in _SPLITS and len(document.outgoing(n)) > 1]
    if len(joins) * len(splits) * len(nodes) > MOST_WORK:
        return
    for join in joins:
        ways = {ref(flow.get("sourceRef")) for flow in document.incoming(join)}
        guilty = next((split for split in splits if _starves(document, nodes, join, ways, split)), None)
        if guilty is not None:
            document.warn(
                join,
                "starving-join",
                f"并行汇聚“{name_of(join)}”等待的分支来自“{name_of(guilty)}”的不同出口，只会走其中一个：流程会停在这里。"
                "请改用排他网关汇聚。",
                f"“{name_of(join)}” waits for ways that are different choices of “{name_of(guilty)}”: only one is ever "
                "taken, so it stays there. Join them by an exclusive gateway.",
            )


def _starves(document: Document, nodes: dict[str, Element], join: Element, ways: set[str], split: Element) -> bool:
    """Whether two ways into the join need different ways out of the split, and nothing else leads to them."""
    name, mark = split.get("id") or "", join.get("id") or ""
    roots = [n for n, node in nodes.items() if not document.incoming(node)]
    around = _reached(document, nodes, roots, without=name)
    if ways & around or mark in around or (name in ways and len(ways) == 1):
        return False
    by_way: dict[str, set[int]] = {}
    for number, flow in enumerate(document.outgoing(split)):
        target = ref(flow.get("targetRef"))
        reached = _reached(document, nodes, [target], without=mark)
        if name in reached:
            return False  # it comes round again and may go the other way
        for way in ways & reached | ({name} & ways if target == mark else set()):
            by_way.setdefault(way, set()).add(number)
    listed = list(by_way.values())
    return any(not one & other for place, one in enumerate(listed) for other in listed[:place])
