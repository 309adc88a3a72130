"""A decision's answer in another tool's shape: as a list of its rules' outputs by name, or a part of that.

Owns what Camunda 7's `mapDecisionResult` and the merging of outputs in Flowable and SpiffWorkflow mean for a value: the
engine's own answer of a table with one output is that output's bare value. Evaluates nothing.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from engine.dmn.reading import Model

SHAPES = ("list", "context", "entries", "entry")
_SEVERAL = ("COLLECT", "RULE ORDER", "OUTPUT ORDER")


def shaped(model: Model, decision: str, value: Any, shape: str) -> Any:
    """The value as `shape`: list of contexts | context (the first) | entries (first output of each) | entry (the first
    of these)."""
    rows = _rows(model, decision, value)
    if shape == "list":
        return rows
    if shape == "context":
        return rows[0] if rows else {}
    firsts = [next(iter(row.values()), None) for row in rows]
    return firsts if shape == "entries" else firsts[0] if firsts else None


def _rows(model: Model, decision: str, value: Any) -> list[dict[str, Any]]:
    names, several = _columns(model.source, decision)
    if value is None:
        return []
    values = value if several and isinstance(value, list) else [value]
    plain = len(names) <= 1
    return [one if isinstance(one, dict) and not plain else {names[0]: one} for one in values]


@lru_cache(maxsize=256)
def _columns(source: bytes, decision: str) -> tuple[tuple[str, ...], bool]:
    """Names of a decision's outputs, and whether it answers with one for each rule. Another logic has one: itself."""
    found = json.loads(source)["nodes"].get(decision, {"name": decision})
    logic = found.get("logic") or {}
    if logic.get("is") != "table":
        return (found["name"] or decision,), False
    names = tuple(output["name"] or found["name"] for output in logic["outputs"])
    return names or (decision,), logic["hit"] in _SEVERAL and not logic["aggregation"]
