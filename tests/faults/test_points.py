"""The named points: each is passed somewhere and told to developers, and nothing of the product can set a hook."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from engine.store.points import Point, pass_through, watch

ROOT = Path(__file__).parents[2]
DOOR = ROOT / "engine/store/points.py"
SOURCES = [path for part in ("engine", "admin", "cli") for path in (ROOT / part).rglob("*.py") if path != DOOR]


def test_each_point_is_passed_somewhere() -> None:
    text = "\n".join(path.read_text("utf-8") for path in SOURCES)
    passed = Counter(re.findall(r"pass_through\(Point\.([A-Z_]+)\)", text))
    assert set(passed) == {point.name for point in Point}


def test_each_point_is_told_with_what_it_means() -> None:
    page = (ROOT / "docs/developer/faults.md").read_text("utf-8")
    assert [point.name for point in Point if f"| `{point.name}` | {point.value} |" not in page] == []


def test_nothing_of_the_product_sets_a_hook() -> None:
    users = [path for path in SOURCES if "store.points" in path.read_text("utf-8")]
    assert users
    imports = [line for path in users for line in path.read_text("utf-8").splitlines() if "store.points" in line]
    assert set(imports) == {"from engine.store.points import Point, pass_through"}


def test_a_hook_sees_where_the_process_is_and_goes_again() -> None:
    seen: list[Point] = []
    watch(seen.append)
    pass_through(Point.BEGIN)
    watch(None)
    pass_through(Point.COMMITTED)
    assert seen == [Point.BEGIN]
