"""What a file says, without compiling it: processes, start events, nodes, and what they name outside.

Owns the reading of `ProcessInfo` from XML. Must not judge (lint does) nor evaluate.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.bpmn.dialects import zeebe
from engine.bpmn.model import NodeInfo, ProcessInfo, Reference, StartInfo
from engine.bpmn.settings import Settings
from engine.bpmn.xml import Element, child, definitions, flow_nodes, local, parse, ref, scopes, tag, text


def describe(content: bytes) -> list[ProcessInfo]:
    """Every executable process of a file, in its order. Raises InvalidFile."""
    return describe_root(parse(content))


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
        starts=tuple(_start(root, node) for node in flow_nodes(process) if local(node) == "startEvent"),
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
    called = s.called or (node.get("calledElement") or "" if local(node) == "callActivity" else "")
    if called:
        yield Reference("process", called, name, s.called_binding)
    if s.service:
        yield Reference("service", s.service, name)


def _start(root: Element, node: Element) -> StartInfo:
    settings = zeebe.settings(node)
    common: dict[str, Any] = {
        "node": node.get("id") or "",
        "form": settings.form,
        "form_binding": settings.form_binding,
        "properties": settings.properties,
        "calendar": settings.properties.get("calendar", ""),
    }
    for event in definitions(node):
        kind = local(event).removesuffix("EventDefinition")
        if kind == "timer":
            timer = next((n for n in ("timeDate", "timeDuration", "timeCycle") if child(event, n) is not None), "")
            return StartInfo(
                kind="timer", expression=text(event, timer), timer=timer.removeprefix("time").lower(), **common
            )
        if kind in ("message", "signal"):
            named = _named(root, kind, ref(event.get(f"{kind}Ref")))
            key = "" if named is None else zeebe.settings(named).correlation
            return StartInfo(kind=kind, ref="" if named is None else named.get("name") or "", correlation=key, **common)
    return StartInfo(kind="plain", **common)


def _named(root: Element, kind: str, key: str) -> Element | None:
    return next((node for node in root.findall(tag(kind)) if node.get("id") == key), None)
