"""The decision tables of a file as plain rows, for whoever shows them or looks for mistakes in them.

Owns that shape only; reads a model that is parsed already. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from engine.dmn.reading import Model


@dataclass(frozen=True, slots=True)
class Column:
    """An input (`text`: its FEEL) or an output (`text`: its name). `allowed`: FEEL unary tests, '' when all are.
    `type`: as written, without its prefix."""

    text: str
    allowed: str = ""
    type: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: FEEL unary tests, FEEL expressions."""

    id: str
    line: int
    tests: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table. `node`: the decision or knowledge model it belongs to."""

    node: str
    name: str
    line: int
    hit: str
    aggregation: str
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rules: tuple[Rule, ...]
    fallback: bool = False  # an output has a default


def tables(model: Model, decision: str | None = None) -> list[Table]:
    """The tables of a file; of one decision or service and what it requires when it is named, that one's last."""
    nodes: dict[str, Any] = orjson.loads(model.source)["nodes"]
    wanted = list(nodes) if decision is None else model.reached(decision)
    return [table for key in wanted if key in nodes for table in _within(nodes[key], nodes[key].get("logic"))]


def _within(node: dict[str, Any], logic: Any) -> Iterator[Table]:
    """The tables anywhere inside a boxed expression."""
    if isinstance(logic, list):
        for part in logic:
            yield from _within(node, part)
    elif isinstance(logic, dict):
        if logic.get("is") == "table":
            yield _table(node, logic)
        for part in logic.values():
            if isinstance(part, (dict, list)):
                yield from _within(node, part)


def _table(node: dict[str, Any], logic: dict[str, Any]) -> Table:
    return Table(
        node["id"],
        node["name"],
        logic["line"],
        logic["hit"],
        logic["aggregation"],
        tuple(Column(each["text"], each["allowed"], each["type"], each["label"]) for each in logic["inputs"]),
        tuple(Column(each["name"], each["allowed"], each["type"], each["label"]) for each in logic["outputs"]),
        tuple(Rule(each["id"], each["line"], tuple(each["tests"]), tuple(each["outputs"])) for each in logic["rules"]),
        any(each["fallback"] for each in logic["outputs"]),
    )


def input_types(model: Model) -> dict[str, str]:
    """The declared FEEL type of each name: input data and decisions; a type of the file as what it is based on."""
    return {name: kind for name, (kind, _) in declared(model).items() if kind}


def declared(model: Model) -> dict[str, tuple[str, str]]:
    """Of each input data and decision by name: (FEEL type, '' when it is a context, a list or unknown; the unary tests
    that its type allows, '' when all)."""
    source: dict[str, Any] = orjson.loads(model.source)
    nodes = [node for node in source["nodes"].values() if node["type"]]
    return {node["name"]: _base(source["types"], node["type"], "") for node in nodes}


def _base(types: dict[str, Any], name: str, allowed: str, deep: int = 20) -> tuple[str, str]:
    item = types.get(name)
    if item is None or not deep:
        return name, allowed
    if item["list"] or item["components"] or item["callable"]:
        return "", ""
    return _base(types, item["base"], allowed or item["allowed"], deep - 1)
