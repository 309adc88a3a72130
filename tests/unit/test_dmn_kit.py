"""The DMN Technology Compatibility Kit, read from ../shared: how much of the standard the decisions honour.

Level 2 is held whole. Of level 3, what is missing is feelin's (times with offsets, the x flag of patterns, unary
range literals) or refused on purpose (Java functions, imports); the share may only rise.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from engine import dmn
from engine.errors import DecisionFailed, LinliError
from engine.expressions import feel

KIT = Path(__file__).parents[3] / "shared" / "data" / "dmn-tck"
ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 11, 21, 22)
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
NUMBERS = {"decimal", "double", "integer", "int", "float", "long"}
TEMPORAL = {"date": "date", "time": "time", "dateTime": "date and time", "duration": "duration"}


def name_of(element):
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def parts(element, name):
    return [child for child in element if name_of(child) == name]


def value_of(holder):
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


def scalar(text, kind):
    if kind in NUMBERS:
        return float(text)
    if kind == "boolean":
        return text.strip() == "true"
    if kind in TEMPORAL:
        return feel.evaluate(f"{TEMPORAL[kind]}(text)", {"text": text}, now=NOW, zone=ZONE)
    return text


def same(found, expected):
    if isinstance(found, bool) or isinstance(expected, bool):
        return found is expected
    if isinstance(found, (int, float)) and isinstance(expected, (int, float)):
        return abs(found - expected) <= 1e-8 * max(1, abs(expected))
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(same(found[key], expected[key]) for key in found)
    return type(found) is type(expected) and found == expected


def outcome(model, case, node, data):
    """What the model says for one result node; an error of ours is the standard's null."""
    wanted = case.get("invocableName") if case.get("type") in ("decisionService", "bkm") else node.get("name")
    ids = {each.name: key for key, each in model.decisions.items()} | model.invocables
    if wanted not in ids:
        return LinliError()
    try:
        found = dmn.evaluate(model, ids[wanted], data, now=NOW, zone=ZONE).value
    except DecisionFailed:
        return None
    several = wanted != node.get("name") and isinstance(found, dict) and node.get("name") in found
    return found[node.get("name")] if several else found


def results(level):
    """(folder, whether right) for each result node of a level."""
    for file in sorted((KIT / level).glob("*/*.xml")):
        cases = etree.parse(file).getroot()
        model = dmn.parse((file.parent / cases.findtext("{*}modelName")).read_bytes())
        for case in cases.findall("{*}testCase"):
            data = {each.get("name"): value_of(each) for each in case.findall("{*}inputNode")}
            for node in case.findall("{*}resultNode"):
                expected = node.find("{*}expected")
                right = same(outcome(model, case, node, data), None if expected is None else value_of(expected))
                yield file.parent.name, right


@pytest.mark.shared
@pytest.mark.parametrize(("level", "least"), [("compliance-level-2", 1.0), ("compliance-level-3", 0.9)])
def test_the_kits_share_is_held(level, least):
    wrong = Counter()
    count = 0
    for folder, right in results(level):
        count += 1
        wrong[folder] += not right
    share = 1 - sum(wrong.values()) / count
    assert count > 100
    assert share >= least, f"{share:.1%} of {count}: {wrong.most_common(8)}"
