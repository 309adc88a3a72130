"""People and units: who sees and changes whom, and that nobody hands out a power they do not hold."""

from __future__ import annotations

from collections.abc import Callable

from engine import Engine
from tests.admin.conftest import Visitor, text

Visit = Callable[..., Visitor]


def neighbours(engine: Engine) -> None:
    engine.people.put("east", name="东居民", home_unit="t1", mobile="13900000001")
    engine.people.put("west", name="西居民", home_unit="t2", mobile="13900000002")
    engine.people.put("chief", name="住在东社区的管理员", home_unit="t1", posts=[("admin", "")])


def test_one_reads_the_people_of_ones_units_only(engine: Engine, visit: Visit) -> None:
    neighbours(engine)
    staff = visit("staff")
    page = text(staff.get("/people/"))
    assert "东居民" in page
    assert "西居民" not in page
    assert staff.get("/people/east/").status_code == 200
    assert staff.get("/people/west/").status_code == 404
    assert staff.get("/people/west/edit").status_code == 404
    assert visit("li").get("/people/").status_code == 403


def test_somebody_is_added_and_changed(engine: Engine, visit: Visit) -> None:
    staff = visit("staff")
    staff.get("/people/new")
    given = {
        "login": "new",
        "name": "新人",
        "home_unit": "t1",
        "mobile": "139 0000 0003",
        "status": "active",
        "locale": "",
    }
    skills = {"skills": "电工,高压证,2027-06-30\n写作", "channels": "mailto:new@example.cn"}
    assert staff.post("/people/new", {**given, **skills}).status_code == 302
    person = engine.people.get("new")
    assert [s.name for s in person.skills] == ["电工", "写作"]
    assert (person.mobile, person.channels) == ("13900000003", ("mailto:new@example.cn",))
    form = text(staff.get("/people/"))
    assert "新人" in form
    again = staff.post("/people/new", given)
    assert again.status_code == 409


def test_somebody_cannot_be_placed_in_another_community(engine: Engine, visit: Visit) -> None:
    staff = visit("staff")
    staff.get("/people/new")
    answer = staff.post(
        "/people/new", {"login": "x", "name": "某人", "home_unit": "t2", "status": "active", "locale": ""}
    )
    assert answer.status_code == 403
    assert engine.people.records(["x"]) == {}


def test_nobody_makes_an_administrator_of_themselves_or_others(engine: Engine, visit: Visit) -> None:
    """Without the guard `people:write` in one community was a way to every power there is."""
    neighbours(engine)
    engine.people.put("staff", home_unit="t1")
    staff = visit("staff")
    staff.get("/people/staff/")
    for login in ("staff", "east"):
        assert staff.post(f"/people/{login}/post", {"role": "admin", "unit": ""}).status_code == 403
        assert staff.post(f"/people/{login}/post", {"role": "operate", "unit": "t1"}).status_code == 403
        assert staff.post(f"/people/{login}/post", {"role": "people:write", "unit": "t2"}).status_code == 403
    assert not engine.may("staff", "operate")
    assert staff.post("/people/east/post", {"role": "people:write", "unit": "t1"}).status_code == 302
    assert engine.may("east", "people:write", "t1")


def test_an_administrators_password_is_not_reset_by_those_who_are_none(engine: Engine, visit: Visit) -> None:
    neighbours(engine)
    staff = visit("staff")
    staff.get("/people/chief/")
    assert staff.post("/people/chief/password").status_code == 403
    assert (
        staff.post("/people/chief/edit", {"name": "x", "home_unit": "t1", "status": "left", "locale": ""}).status_code
        == 403
    )
    assert staff.post("/people/chief/post/end", {"role": "admin", "unit": ""}).status_code == 403
    assert engine.people.get("chief").password == ""
    boss = visit("boss")
    boss.get("/people/chief/")
    assert "新密码" in text(boss.post("/people/chief/password"))
    assert engine.people.get("chief").password.startswith("$")


def test_a_post_that_ends_stays_known(engine: Engine, visit: Visit) -> None:
    neighbours(engine)
    boss = visit("boss")
    boss.get("/people/east/")
    boss.post("/people/east/post", {"role": "design", "unit": "t1", "since": "2026-01-01"})
    assert engine.may("east", "design", "t1")
    boss.post("/people/east/post/end", {"role": "design", "unit": "t1"})
    assert not engine.may("east", "design", "t1")
    assert "已结束" in text(boss.get("/people/east/"))


def test_the_tree_is_shown_and_changed_within_ones_units(engine: Engine, visit: Visit) -> None:
    staff, boss = visit("staff"), visit("boss")
    tree = text(staff.get("/units/"))
    assert "东社区" in tree
    assert "西社区" not in tree
    assert staff.get("/units/t2/").status_code == 403
    staff.get("/units/new?parent=t1")
    assert staff.post("/units/new", {"code": "t1-1", "name": "一号网格", "parent": "t1"}).status_code == 302
    assert engine.people.unit("t1-1").path == "/t/t1/t1-1/"
    assert staff.post("/units/new", {"code": "t2-1", "name": "网格", "parent": "t2"}).status_code == 403
    boss.get("/units/t1/edit")
    assert boss.post("/units/t1/edit", {"name": "东社区", "parent": "t1-1"}).status_code == 400
    assert boss.post("/units/t1/edit", {"name": "新东社区", "name_en": "New East", "parent": "t"}).status_code == 302
    assert "New East" in text(visit("boss", "en").get("/units/t1/"))
