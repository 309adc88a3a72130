"""Reads the DMN Technology Compatibility Kit (testCases.xsd) and asks the engine each of its questions.

Owns the kit's shapes and the comparison of values. The kit is read from ../shared and never copied. Where the standard
has an error end as null, the engine raises; here that counts as the null it stands for, and nowhere else.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from engine import dmn
from engine.errors import DecisionFailed, LinliError
from engine.expressions import feel

KIT = Path(__file__).parents[3] / "shared" / "data" / "dmn-tck"
KNOWN = Path(__file__).with_name("known.toml")
LEVELS = ("compliance-level-2", "compliance-level-3")
ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 11, 21, 22)
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
NUMBERS = {"decimal", "double", "integer", "int", "float", "long"}
TEMPORAL = {"date": "date", "time": "time", "dateTime": "date and time", "duration": "duration"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One result node of one test case. `key`: folder/case/node."""

    level: str
    folder: str
    key: str
    right: bool
    found: Any
    expected: Any


def name_of(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def parts(element: Any, name: str) -> list[Any]:
    return [child for child in element if name_of(child) == name]


def value_of(holder: Any) -> Any:
    """The value in a test case's XML."""
    components = parts(holder, "component")
    if components:
        return {each.get("name"): value_of(each) for each in components}
    for child in holder:
        if child.get(XSI + "nil") == "true":
            return None
        if name_of(child) == "list":
            return [value_of(item) for item in parts(child, "item")]
        if name_of(child) == "value":
            return scalar(child.text or "", (child.get(XSI + "type") or "").rpartition(":")[2])
    return None


def scalar(text: str, kind: str) -> Any:
    if kind in NUMBERS:
        return float(text)
    if kind == "boolean":
        return text.strip() == "true"
    if kind in TEMPORAL:
        return _temporal(text, TEMPORAL[kind])
    return text


@cache
def _temporal(text: str, function: str) -> Any:
    return feel.evaluate(f"{function}(text)", {"text": text}, now=NOW, zone=ZONE)


def same(found: Any, expected: Any) -> bool:
    if isinstance(found, bool) or isinstance(expected, bool):
        return found is expected
    if isinstance(found, (int, float)) and isinstance(expected, (int, float)):
        return abs(found - expected) <= 1e-8 * max(1, abs(expected))
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(same(found[key], expected[key]) for key in found)
    return type(found) is type(expected) and bool(found == expected)


def outcomes(levels: tuple[str, ...] = LEVELS) -> Iterator[Outcome]:
    """What comes of every result node, in the kit's order."""
    for level in levels:
        for file in sorted((KIT / level).glob("*/*.xml")):
            yield from _of_file(level, file)


def _of_file(level: str, file: Path) -> Iterator[Outcome]:
    cases = etree.parse(file).getroot()
    model = dmn.parse((file.parent / cases.findtext("{*}modelName")).read_bytes())
    for case in cases.findall("{*}testCase"):
        data = {each.get("name"): value_of(each) for each in case.findall("{*}inputNode")}
        for node in case.findall("{*}resultNode"):
            holder = node.find("{*}expected")
            expected = None if holder is None else value_of(holder)
            found = _answer(model, case, node.get("name"), data)
            key = f"{file.parent.name}/{case.get('id')}/{node.get('name')}"
            yield Outcome(level, file.parent.name, key, same(found, expected), found, expected)


def _answer(model: dmn.Model, case: Any, node: str, data: dict[str, Any]) -> Any:
    """What the model says for one result node; what the file does not have is an error that equals nothing."""
    wanted = case.get("invocableName") if case.get("type") in ("decisionService", "bkm") else node
    ids = {each.name: key for key, each in model.decisions.items()} | model.invocables
    if wanted not in ids:
        return LinliError()
    try:
        found = dmn.evaluate(model, ids[wanted], data, now=NOW, zone=ZONE).value
    except DecisionFailed:
        return None
    several = wanted != node and isinstance(found, dict) and node in found
    return found[node] if several else found


def known() -> dict[str, str]:
    """The failures that are known: key -> why."""
    groups = tomllib.loads(KNOWN.read_text(encoding="utf-8"))["known"]
    return {case: group["reason"] for group in groups for case in group["cases"]}
