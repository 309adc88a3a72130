"""The DMN technology compatibility kit (part of it, beside the project) as a yardstick.

A case passes when the result equals the expected one; where the kit expects an error, null or an error of ours.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from engine import dmn
from engine.errors import LinliError
from engine.expressions import feel

KIT = Path(__file__).resolve().parents[3] / "shared" / "data" / "dmn-tck"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
WHEN = {"now": datetime(2026, 11, 21), "zone": ZoneInfo("UTC")}
CALLS = {"date": "date", "time": "time", "dateTime": "date and time", "duration": "duration"}
# Reached on 2026-11-21. The rest is feelin's: `instance of`, time with offset, range functions, external Java.
LEVEL_3 = 1212


def local(node: Any) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def value(node: Any) -> Any:
    parts = {c.get("name"): value(c) for c in node if local(c) == "component"}
    if parts:
        return parts
    for child in node:
        if local(child) == "list":
            return [value(item) for item in child if local(item) == "item"]
        if local(child) == "value":
            return simple(child)
    return None


def simple(node: Any) -> Any:
    kind, text = node.get(TYPE, "").split(":")[-1], node.text or ""
    if node.get(NIL) == "true":
        return None
    if kind in ("decimal", "double", "integer", "int", "float"):
        return float(text)
    if kind == "boolean":
        return text == "true"
    return feel.evaluate(f'{CALLS[kind]}("{text}")', {}, **WHEN) if kind in CALLS else text


def same(got: Any, wanted: Any) -> bool:
    got = float(got) if isinstance(got, Decimal) else got
    if isinstance(got, bool) or isinstance(wanted, bool):
        return got is wanted
    if isinstance(got, int | float) and isinstance(wanted, int | float):
        return abs(got - wanted) <= 1e-6 * max(1, abs(wanted))
    if isinstance(got, list) and isinstance(wanted, list):
        return len(got) == len(wanted) and all(map(same, got, wanted))
    if isinstance(got, dict) and isinstance(wanted, dict):
        return got.keys() == wanted.keys() and all(same(got[k], wanted[k]) for k in got)
    return type(got) is type(wanted) and got == wanted


def outcome(model: Any, decision: str, inputs: dict[str, Any]) -> Any:
    try:
        return dmn.evaluate(model, decision, inputs, **WHEN).value
    except LinliError:
        return None


def run(level: str) -> tuple[Counter[str], list[str]]:
    counts, failed = Counter[str](), []
    for file in sorted((KIT / level).glob("*/*-test-*.xml")):
        for name, passed in results(file):
            counts[str(passed)] += 1
            failed += [] if passed else [f"{file.stem} {name}"]
    return counts, failed


def results(file: Path) -> Any:
    root = etree.parse(str(file)).getroot()
    try:
        model = dmn.parse((file.parent / root.findtext("{*}modelName")).read_bytes())
    except LinliError:
        model = None
    for case in root.findall("{*}testCase"):
        for result in case.findall("{*}resultNode"):
            yield f"{case.get('id')} {result.get('name')}", model is not None and holds(model, case, result)


def holds(model: Any, case: Any, result: Any) -> bool:
    try:
        wanted = value(result.find("{*}expected"))
        inputs = {node.get("name"): value(node) for node in case.findall("{*}inputNode")}
    except LinliError:
        return False  # feelin cannot even write the expected value
    return same(outcome(model, result.get("name"), inputs), wanted)


@pytest.mark.shared
def test_every_case_of_level_2_passes() -> None:
    counts, failed = run("compliance-level-2")
    assert not failed
    assert counts["True"] == 126


@pytest.mark.shared
def test_level_3_does_not_lose_a_case_it_had() -> None:
    counts, _ = run("compliance-level-3")
    assert sum(counts.values()) == 1495
    assert counts["True"] >= LEVEL_3
