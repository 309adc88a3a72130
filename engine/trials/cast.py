"""Who plays in a trial: the people of the pack's own scenarios, and sample people for every role that has nobody.

Owns the samples only. Every sample holds its role at one unit, so that rules of any kind find somebody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.errors import InvalidFile
from engine.packs import PackFiles
from engine.records import Role
from engine.scenarios import parse

UNITS = ({"code": "1", "name": "示例街道"}, {"code": "11", "parent": "1", "name": "示例社区"})
AMONG = ("甲", "乙")  # two of each role: one may be asked while the other is not there
Row = dict[str, Any]


def cast(pack: PackFiles, roles: Mapping[str, Role], wanted: Iterable[str]) -> tuple[list[Row], list[Row]]:
    """(units, people) as a scenario file writes them. `wanted`: the roles that the working copy speaks of."""
    units, people = _written(pack)
    units = units or [dict(unit) for unit in UNITS]
    there = {post[0] for person in people for post in person.get("posts", ())}
    parents = {unit.get("parent") for unit in units}
    home = next((unit["code"] for unit in units if unit["code"] not in parents), units[0]["code"])
    for role in dict.fromkeys(wanted):
        people += _samples(role, roles, home) if role not in there else []
    return units, [*people, *_above(home, there)]


def _written(pack: PackFiles) -> tuple[list[Row], list[Row]]:
    """Those of the first scenario that has any."""
    for file, content in sorted(pack.aside.items()):
        if file.startswith("scenarios/") and file.endswith(".toml"):
            try:
                scenario = parse(file, content)
            except InvalidFile:
                continue  # the publish page says what is wrong with it
            if scenario.people:
                return [dict(one) for one in scenario.units], [dict(one) for one in scenario.people]
    return [], []


def _samples(role: str, roles: Mapping[str, Role], unit: str) -> list[Row]:
    title = roles[role].title if role in roles else role
    posts = [[role, unit], ["desk", unit], ["start", unit]]
    return [
        {"login": f"{role}-{number}", "name": f"{title}{mark}", "posts": posts} for number, mark in enumerate(AMONG, 1)
    ]


def _above(unit: str, there: set[str]) -> list[Row]:
    """Whom escalations tell: a head of the unit, and who operates everywhere."""
    head = {"login": "head", "name": "单位负责人", "posts": [["head", unit], ["head", ""], ["desk", unit]]}
    operator = {"login": "operator", "name": "上级管理员", "posts": [["operate", ""], ["desk", ""]]}
    return [one for role, one in (("head", head), ("operate", operator)) if role not in there]
