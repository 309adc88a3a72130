"""docs/operator/permissions.md: who may do what, from the very rows that the permission matrix asks.

Owns the page's words and marks. What a cell says is the oracle's answer for the community pack, which the suite holds
against the program; `python -m tests.docs.reference` writes the page.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.security.routes import ROUTES, Route
from tests.security.rules import Asked, Holding
from tests.security.world import (
    ADMIN,
    COMMUNITY,
    DESIGNER,
    NOBODY,
    OPERATOR,
    PENDING,
    PLACES,
    ROOT,
    VISITOR,
    everybody,
    held,
)

PAGE = Path(__file__).parents[2] / "docs/operator/permissions.md"
NOTE = "<!-- Written by `python -m tests.docs.reference`; do not edit. -->\n"
NAMES = {
    VISITOR: "居民，未登录 Visitor",
    PENDING: "待审核 Pending",
    NOBODY: "无岗位 No post",
    DESIGNER: "`design`",
    OPERATOR: "`operate`",
    ADMIN: "`admin`",
    ROOT: "`admin` 最上级 at the top",
}
HEAD = """# 谁能做什么 Who may do what

每一格都由测试在两种数据库上逐一核对（`tests/security`）：每个地址、每种请求、每个岗位、四个位置。
Every cell is asked by the tests on both databases (`tests/security`): every address, method and role, four places.

岗位权限在任职单位及其下级有效。本表每人只在一个社区任一个岗位；权限以样板包出厂设置为准，管理员在“岗位与权限”页改过的以该页为准。
A role's permissions hold at the post's unit and below it. Here everybody holds one post at one community, with the
permissions as the pack is delivered; what an administrator changed on the page “Roles and permissions” is on that page.

- ● 可以 may (不分单位 wherever it stands)
- ◐ 本单位及下级 at one's own unit and below it
- (空) 拒绝 refused: 不说明有没有这样东西 without a word on whether it exists
"""
TAIL = """
人人可办自己名下的：派给自己的任务、自己发起的事项、自己的台账行、自己的资料。
反引号里的岗位是产品自带的权限，可直接当岗位任命。“全局运行”要在最上级任职。
Everybody sees what is their own: tasks given to them, cases they started, their rows of a register, their record. Posts
in backquotes are permissions of the product itself that a post may name. “The whole installation” takes a post at the
top of the tree.
"""


@dataclass(frozen=True)
class Delivered:
    """What everybody holds as the community pack is delivered."""

    permissions: dict[str, frozenset[str]]


def page() -> str:
    """The page."""
    pack = tomllib.loads((COMMUNITY / "pack.toml").read_text("utf-8"))
    town = Delivered(held((COMMUNITY / "pack.toml").read_text("utf-8"), PROBES))
    titles = {key: f"{role['title']['zh']} {role['title']['en']}" for key, role in pack["roles"].items()} | NAMES
    people = everybody(town.permissions)
    lines = [NOTE + HEAD, _row("", *(titles[who] for who in people)), _row(*["---"] * (len(people) + 1))]
    for says, route in sorted(_said().items(), key=lambda pair: list(ROUTES.values()).index(pair[1])):
        lines.append(_row(says, *(mark(route, town, who) for who in people)))
    return "\n".join(lines) + "\n" + TAIL


PROBES = """
[roles.community_staff]
permissions = ["page:probe"]
"""


def mark(route: Route, town: Holding, who: str) -> str:
    """One cell."""
    places = PLACES if route.places else ("own",)
    let_in = {place for place in places if route.lets(Asked(town, who, place))}
    return "" if not let_in else "●" if let_in == set(places) else "◐"


def _said() -> dict[str, Route]:
    """The first row of each line; the suite proves that rows with the same words answer the same."""
    found: dict[str, Route] = {}
    for route in ROUTES.values():
        found.setdefault(route.says, route)
    return found


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
