"""What a file says, without compiling it: processes, start events, nodes, and what they name outside.

Owns the reading of `ProcessInfo` from XML. Must not judge (lint does) nor evaluate.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.bpmn.dialects import zeebe
from engine.bpmn.model import NodeInfo, ProcessInfo, Reference, StartInfo
from engine.bpmn.reading import read
from engine.bpmn.settings import Settings
from engine.bpmn.xml import Element, child, definitions, flow_nodes, instantiates, local, ref, scopes, tag, text


def describe(content: bytes) -> list[ProcessInfo]:
    """Every executable process of a file, in its order. Raises InvalidFile."""
    return describe_root(read(content).root)


def describe_root(root: Element) -> list[ProcessInfo]:
    """The same for a parsed file."""
    lanes = _lanes(root)
    return [_process(root, node, lanes) for node in root.findall(tag("process")) if executable(node)]


def executable(process: Element) -> bool:
    """Whether a process is meant to run (a pool drawn for its messages only is not)."""
    return process.get("isExecutable", "true") == "true"


def _lanes(root: Element) -> dict[str, str]:
    return {
        text(node): node.getparent().get("name") or node.getparent().get("id") or ""
        for node in root.iter(tag("flowNodeRef"))
    }


def _process(root: Element, process: Element, lanes: dict[str, str]) -> ProcessInfo:
    settings = zeebe.settings(process)
    version = zeebe.extensions(process).get("versionTag")
    nodes = {}
    references: list[Reference] = []
    for scope in scopes(process):
        for node in flow_nodes(scope):
            info = _node(node, scope, lanes)
            nodes[info.id] = info
            references += _references(node, zeebe.settings(node))
    references += [
        Reference("register", store.get("name") or ref(store.get("dataStoreRef")), store.get("id") or "")
        for store in process.iter(tag("dataStoreReference"))
    ]
    return ProcessInfo(
        key=process.get("id") or "",
        name=process.get("name") or "",
        name_en=settings.properties.get("name_en", ""),
        version_tag="" if version is None else version.get("value") or "",
        properties=settings.properties,
        starts=tuple(_starts(root, process)),
        nodes=nodes,
        references=tuple(dict.fromkeys(references)),
        documentation=text(process, "documentation"),
    )


def _node(node: Element, scope: Element, lanes: dict[str, str]) -> NodeInfo:
    settings = zeebe.settings(node)
    return NodeInfo(
        id=node.get("id") or "",
        name=node.get("name") or "",
        name_en=settings.properties.get("name_en", ""),
        type=local(node),
        lane=lanes.get(node.get("id") or "", ""),
        scope=scope.get("id") or "",
        properties=settings.properties,
        form=settings.form,
    )


def _references(node: Element, s: Settings) -> Iterator[Reference]:
    name = node.get("id") or ""
    if s.form:
        yield Reference("form", s.form, name, s.form_binding)
    if s.decision:
        yield Reference("decision", s.decision, name, s.decision_binding)
    if s.called:
        yield Reference("process", s.called, name, s.called_binding)
    if s.service:
        yield Reference("service", s.service, name)


def _starts(root: Element, process: Element) -> Iterator[StartInfo]:
    """Every way in: start events, instantiating receive tasks, and what stands behind instantiating gateways."""
    nodes = {node.get("id"): node for node in flow_nodes(process)}
    gateways = {name for name, node in nodes.items() if instantiates(node) and local(node) != "receiveTask"}
    flows = process.findall(tag("sequenceFlow"))
    behind = {ref(flow.get("targetRef")) for flow in flows if ref(flow.get("sourceRef")) in gateways}
    for name, node in nodes.items():
        if local(node) == "startEvent" or name in behind or (instantiates(node) and name not in gateways):
            yield from _start(root, node)


def _start(root: Element, node: Element) -> Iterator[StartInfo]:
    settings = zeebe.settings(node)
    common: dict[str, Any] = {
        "node": node.get("id") or "",
        "form": settings.form,
        "form_binding": settings.form_binding,
        "properties": settings.properties,
        "calendar": settings.properties.get("calendar", ""),
    }
    message = local(node) == "receiveTask" and node.get("messageRef")
    found = [node] if message else definitions(node)
    for part, event in enumerate(found):
        yield StartInfo(part=part, **_trigger(root, event), **common)
    if not found:
        yield StartInfo(kind="plain", **common)


def _trigger(root: Element, event: Element) -> dict[str, Any]:
    """What a definition waits for."""
    kind = "message" if local(event) == "receiveTask" else local(event).removesuffix("EventDefinition")
    if kind == "timer":
        timer = next((n for n in ("timeDate", "timeDuration", "timeCycle") if child(event, n) is not None), "")
        return {"kind": kind, "expression": text(event, timer), "timer": timer.removeprefix("time").lower()}
    if kind == "conditional":
        return {"kind": "condition", "expression": text(event, "condition")}
    named = _named(root, kind, ref(event.get(f"{kind}Ref")))
    if named is None:
        return {"kind": kind}
    return {"kind": kind, "ref": named.get("name") or "", "correlation": zeebe.settings(named).correlation}


def _named(root: Element, kind: str, key: str) -> Element | None:
    return next((node for node in root.findall(tag(kind)) if node.get("id") == key), None)
