"""Tables of units, people and posts: nothing is written before it was shown, all of it or nothing, twice is once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from engine import errors
from engine.clock import ManualClock
from engine.expressions import values
from engine.people import People
from engine.people.importing import CHANGED, ENDED, NEW, REFUSED, UNCHANGED, Preview
from engine.records import Skill
from engine.store import Store, models

TOWN, EAST, WEST, GRID = "t", "t-e", "t-w", "t-e-1"


@pytest.fixture
def people(store: Store, clock: ManualClock) -> People:
    found = People(store, clock)
    roles = {"walker": {"title": {"zh": "网格员", "en": "Grid worker"}, "permissions": ["desk"]}}
    pack = {
        "name": "p",
        "version": "1",
        "deployed_at": clock.now(),
        "settings": values.dumps({"roles": roles}).decode(),
    }
    store.run(models.Pack.insert(pack))
    found.units.put_many(
        [
            {"code": TOWN, "name": "镇"},
            {"code": EAST, "parent": TOWN, "name": "东"},
            {"code": WEST, "parent": TOWN, "name": "西"},
        ]
    )
    found.put("li", name="李", home_unit=EAST, mobile="13800000001", skills=[("电工", "证", date(2027, 1, 1))])
    found.put("east", name="东管", home_unit=EAST, posts=[("people:write", EAST)])
    return found


def table(heads: str, *rows: str) -> list[tuple[int, dict[str, str]]]:
    names = heads.split("|")
    return [(n, dict(zip(names, row.split("|"), strict=True))) for n, row in enumerate(rows, 2)]


def told(plan: Preview) -> list[tuple[str, int, str]]:
    return [(line.table, line.number, line.verdict) for line in plan.lines]


def whole(people: People) -> Any:
    units = [(u.code, u.name, u.parent, u.path, u.valid_to) for u in people.tree()]
    return units, people.records(["li", "east", "wang"]), [people.posts(one, history=True) for one in ("li", "wang")]


FILE = {
    "units": table("code|name|parent|valid_to", f"{GRID}|一网格|{EAST}|", f"{WEST}|西社区|{TOWN}|2026-12-31"),
    "people": table(
        "login|name|mobile|home_unit|skills",
        "li|李梅|138 0000 0001|东|电工，证，2027-01-01",
        f"wang|王|13800000002|{GRID}|调解; 电工，低压证，2026-11-30",
    ),
    "posts": table("login|role|unit|since", f"wang|网格员|{GRID}|2026-11-01"),
}


def test_it_shows_what_is_new_and_changed_and_writes_nothing(people: People) -> None:
    before = whole(people)
    plan = people.preview(FILE, by="")
    assert told(plan) == [
        ("units", 2, NEW),
        ("units", 3, ENDED),
        ("people", 2, CHANGED),
        ("people", 3, NEW),
        ("posts", 2, NEW),
    ]
    assert plan.lines[2].changes == {"name": ("李", "李梅")}
    assert whole(people) == before


def test_applied_twice_the_second_time_changes_nothing(people: People) -> None:
    assert people.apply(people.preview(FILE, by=""), by="boss") == 5
    wang = people.get("wang")
    assert (wang.home_unit, wang.mobile) == (GRID, "13800000002")
    assert Skill("电工", "低压证", date(2026, 11, 30)) in wang.skills
    assert people.resolve(["walker"], GRID) == ["wang"]
    assert people.unit(WEST).valid_to == date(2026, 12, 31)
    again = people.preview(FILE, by="")
    assert {verdict for _table, _line, verdict in told(again)} == {UNCHANGED}
    before = whole(people)
    assert people.apply(again, by="boss") == 0
    assert whole(people) == before


@pytest.mark.parametrize(
    ("name", "rows", "words"),
    [
        ("units", table("code|parent", "|t"), "缺少"),
        ("units", table("code|parent", "x|nowhere"), "没有单位"),
        ("units", table("code|parent", "t|t-e"), "不能在自己下面"),
        ("units", table("code|parent", "a|b", "b|a"), "不能在自己下面"),
        ("units", table("code|parent|valid_from", "x|t|昨天"), "不是日期"),
        ("units", table("code|parent|valid_from|valid_to", "x|t|2026-02-01|2026-01-01"), "早于"),
        ("units", table("code|parent", "x|t", "x|t"), "重复"),
        ("people", table("login|mobile", "zhao|13800000001"), "已属于他人"),
        ("people", table("login|mobile", "zhao|十二"), "不是手机号"),
        ("people", table("login|status", "zhao|忙"), "状态"),
        ("people", table("login|home_unit", "zhao|nowhere"), "没有单位"),
        ("people", table("login|skills", "zhao|a,b,c,d"), "看不懂特长"),
        ("posts", table("login|role|unit", "zhao|网格员|t"), "没有人员"),
        ("posts", table("login|role|unit", "li|皇帝|t"), "没有岗位"),
        ("posts", table("login|role|unit|since|until", "li|网格员|t|2026-12-01|2026-11-01"), "早于"),
    ],
)
def test_a_bad_line_is_refused_with_its_reason_and_stops_all(
    people: People, name: str, rows: list[tuple[int, dict[str, str]]], words: str
) -> None:
    good = {"people": table("login|name", "sun|孙")} if name != "people" else {"units": table("code|parent", "n|t")}
    plan = people.preview({**good, name: rows}, by="")
    bad = plan.of(REFUSED)
    assert bad
    assert bad[-1].table == name
    assert bad[-1].reason is not None
    assert words in bad[-1].reason.text("zh")
    before = whole(people)
    with pytest.raises(errors.InvalidValue):
        people.apply(plan, by="boss")
    assert whole(people) == before
    assert people.records(["sun"]) == {}


def test_a_child_may_come_before_its_parent_in_the_file(people: People) -> None:
    rows = table("code|name|parent", f"{GRID}-a|楼栋|{GRID}", f"{GRID}|网格|{EAST}")
    people.apply(people.preview({"units": rows}, by=""), by="boss")
    assert people.line(f"{GRID}-a") == [f"{GRID}-a", GRID, EAST, TOWN]


def test_a_post_ends_when_its_last_day_is_given(people: People) -> None:
    people.put("li", posts=[("walker", EAST)])
    yesterday = (people.today() - timedelta(days=1)).isoformat()
    plan = people.preview({"posts": table("login|role|unit|until", f"li|walker|{EAST}|{yesterday}")}, by="")
    assert told(plan) == [("posts", 2, ENDED)]
    people.apply(plan, by="boss")
    assert people.posts("li") == []


def test_an_empty_cell_empties_and_a_missing_column_does_not(people: People) -> None:
    people.put("li", email="li@example.cn")
    plan = people.preview({"people": table("login|name|mobile", "li|李|")}, by="")
    assert plan.lines[0].changes == {"mobile": ("13800000001", "")}
    people.apply(plan, by="boss")
    assert (people.get("li").mobile, people.get("li").email) == ("", "li@example.cn")


def test_one_changes_only_what_one_manages(people: People) -> None:
    people.put("far", home_unit=WEST)
    tables = {
        "units": table("code|name|parent", f"{GRID}|网格|{EAST}", f"{WEST}|西西|{TOWN}", "new|新|"),
        "people": table("login|name|home_unit", f"wang|王|{GRID}", f"zhao|赵|{WEST}", f"far|远|{WEST}"),
        "posts": table("login|role|unit", f"li|walker|{EAST}", f"li|walker|{WEST}", "li|walker|"),
    }
    plan = people.preview(tables, by="east")
    assert [verdict for _table, _line, verdict in told(plan)] == [
        *(NEW, REFUSED, REFUSED),
        *(NEW, REFUSED, REFUSED),
        *(NEW, REFUSED, REFUSED),
    ]


def test_what_is_applied_is_told_apart_by_its_digest(people: People) -> None:
    one = people.preview(FILE, by="")
    assert people.preview(FILE, by="").digest == one.digest
    people.put("li", name="李某")
    assert people.preview(FILE, by="").digest != one.digest
