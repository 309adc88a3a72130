"""A compiled process: specs and look-ups, made once for each version and shared by all its cases.

Owns `compile`. The caller caches; a Process is never saved and never changed by a run (only its look-up caches fill).
"""

from __future__ import annotations

from copy import deepcopy
from functools import cached_property
from typing import Any

from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from engine.bpmn.describe import describe_root
from engine.bpmn.model import ProcessInfo
from engine.bpmn.node import Node
from engine.bpmn.parsing import Parser, ScopeSpec
from engine.bpmn.reading import read
from engine.bpmn.rewriting import links
from engine.errors import InvalidFile, NotFound


class Process:
    """One executable process of one file."""

    def __init__(self, info: ProcessInfo, specs: dict[str, ScopeSpec]) -> None:
        self.info = info
        self.key = info.key
        self.specs = specs
        self.spec = specs[info.key]
        self.calls = any(node.type == "callActivity" for node in info.nodes.values())

    @cached_property
    def chains(self) -> dict[str, tuple[str, ...]]:
        """Node -> names of the subprocess nodes (a repeated one's child) from the process down to its scope."""
        found: dict[str, tuple[str, ...]] = {}
        todo: list[tuple[ScopeSpec, tuple[str, ...]]] = [(self.spec, ())]
        while todo:
            spec, chain = todo.pop()
            for name, node in spec.task_specs.items():
                if isinstance(node, Node) and not node.hidden:
                    found[name] = chain
                    if node.inner:
                        todo.append((self.specs[node.inner], (*chain, name)))
        return found

    def node(self, name: str) -> Any:
        """The spec of an element id. Raises NotFound."""
        for spec in self.specs.values():
            if name in spec.task_specs and not name.startswith("("):
                return spec.task_specs[name]
        raise NotFound(what="element", id=name)


def compile(content: bytes, process_key: str) -> Process:
    """Parse a file and build one of its processes. Raises InvalidFile, or NotFound when it has no such process."""
    root = read(content, process_key).root
    infos = {info.key: info for info in describe_root(root)}
    if process_key not in infos:
        raise NotFound(what="process", id=process_key)
    try:
        parser = Parser(links.rewrite(deepcopy(root)))
        specs = {process_key: parser.get_spec(process_key)}
        _collect(parser, specs, process_key)
    except (ValidationException, ValueError, NotImplementedError) as problem:
        raise InvalidFile(name=process_key, reason=str(problem)) from problem
    return Process(infos[process_key], specs)


def _collect(parser: Parser, specs: dict[str, Any], name: str) -> None:
    for node in specs[name].task_specs.values():
        if isinstance(node, Node) and node.inner:
            specs[node.inner] = parser.get_spec(node.inner)
            _collect(parser, specs, node.inner)
