"""What may come next in a diagram: for people who look at a case, not for running it.

Owns one walk along the flows; conditions are not asked, so it says what is possible and no more.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.bpmn.process import Process

STOPS = ("userTask", "manualTask", "callActivity")


def ahead(process: Process, nodes: Iterable[str]) -> list[str]:
    """Tasks for people and called processes that may follow these elements, in the diagram's order."""
    todo = [node for node in nodes if node in process.info.nodes]
    found: set[str] = set()
    seen = set(todo)
    while todo:
        after = [one for one in _after(process, todo.pop()) if one not in seen]
        seen.update(after)
        found.update(one for one in after if process.info.nodes[one].type in STOPS)
        todo += [one for one in after if process.info.nodes[one].type not in STOPS]
    return [node for node in process.info.nodes if node in found]


def _after(process: Process, node: str) -> list[str]:
    """Elements that follow one; a subprocess is followed by what begins in it, its end by what follows that."""
    spec, inner = process.node(node), getattr(process.node(node), "inner", None)
    if inner:
        begin = [one for one in process.specs[inner].task_specs if one in process.info.nodes]
        return [one for one in begin if process.info.nodes[one].type == "startEvent"] + _flows(process, spec)
    chain = process.chains.get(node, ())
    return _flows(process, spec) or (_flows(process, process.node(chain[-1])) if chain else [])


def _flows(process: Process, spec: object) -> list[str]:
    return [one for one in getattr(spec, "_outputs", ()) if one in process.info.nodes]
