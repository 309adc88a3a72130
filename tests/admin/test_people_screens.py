"""People's further screens: the tree on other days, tables in and out, abilities, certificates, leaving, who is it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from openpyxl import Workbook, load_workbook

from engine import Engine
from engine.clock import ManualClock
from engine.expressions import values
from engine.store import models
from tests.admin.conftest import Visitor, text
from tests.diagrams import diagram, user

Visit = Callable[..., Visitor]
DIGEST = re.compile(r'name="digest" value="([^"]+)"')
ROLES = values.dumps({"roles": {"walker": {"title": {"zh": "网格员"}, "permissions": ["desk"]}}}).decode()
APPLY = re.compile(r'action="(/people-tables/apply/[^"]+)"')


def book(**sheets: list[list[Any]]) -> io.BytesIO:
    made = Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    out.seek(0)
    return out


def shown(who: Visitor, file: io.BytesIO) -> str:
    who.get("/people-tables/")
    return text(who.post("/people-tables/preview", {"file": (file, "people.xlsx")}))


def written(who: Visitor, page: str) -> Any:
    found, digest = APPLY.search(page), DIGEST.search(page)
    assert found, page
    assert digest
    return who.post(found[1], {"digest": digest[1]})


class TestTheTree:
    def test_a_unit_moves_and_an_earlier_day_shows_where_it_stood(self, engine: Engine, visit: Visit) -> None:
        engine.people.put_unit("g", parent="t1", name="网格")
        assert isinstance(engine.clock, ManualClock)
        engine.clock.advance(days=5)
        boss = visit("boss")
        boss.get("/units/g/")
        assert boss.post("/units/g/move", {"parent": "t2", "since": ""}).status_code == 302
        assert engine.people.unit("g").parent == "t2"
        yesterday = engine.people.today() - timedelta(days=1)
        assert f"这是 {yesterday} 的组织架构" in text(boss.get(f"/units/?on={yesterday}"))
        page = text(visit("staff").get(f"/units/?on={yesterday}"))
        assert "网格" in page
        assert "网格" not in text(visit("staff").get("/units/"))
        assert "上级：东社区" in text(boss.get("/units/g/"))
        assert "管理员 更改" in text(boss.get("/units/g/"))

    def test_a_unit_moves_only_between_units_one_looks_after(self, engine: Engine, visit: Visit) -> None:
        engine.people.put_unit("g", parent="t1", name="网格")
        staff = visit("staff")
        staff.get("/units/g/")
        assert staff.post("/units/g/move", {"parent": "t2"}).status_code == 403
        assert staff.post("/units/t2/end", {"last": "2026-12-31"}).status_code == 403
        assert engine.people.unit("g").parent == "t1"

    def test_a_unit_ends_and_somebody_is_appointed_at_another(self, engine: Engine, visit: Visit) -> None:
        engine.people.put_unit("g", parent="t1", name="网格")
        boss = visit("boss")
        boss.get("/units/t1/")
        assert boss.post("/units/t1/end", {"last": "2026-12-31"}).status_code == 400  # a unit is below it
        assert boss.post("/units/t1/end", {"last": "2026-12-31", "below": "y"}).status_code == 302
        assert engine.people.unit("g").valid_to == date(2026, 12, 31)
        assert boss.post("/units/t2/appoint", {"who": "nobody-such", "role": "desk"}).status_code == 422
        pack = {"name": "p", "version": "1", "deployed_at": engine.clock.now(), "settings": ROLES}
        engine.store.run(models.Pack.insert(pack))
        assert boss.post("/units/t2/appoint", {"who": "李网格", "role": "walker"}).status_code == 302
        assert {(post.role, post.unit) for post in engine.people.posts("li")} == {("desk", "t1"), ("walker", "t2")}
        assert "李网格" in text(boss.get("/units/t2/"))
        assert boss.post("/units/t2/appoint", {"who": "李网格", "role": "emperor"}).status_code == 404


class TestTables:
    def test_what_is_exported_can_be_imported_and_changes_nothing(self, engine: Engine, visit: Visit) -> None:
        engine.people.put("east", name="=cmd()", home_unit="t1", skills=[("电工", "证", date(2027, 1, 1)), "写作"])
        staff = visit("staff")
        answer = staff.get("/people-tables/export")
        sheets = load_workbook(io.BytesIO(answer.data))
        assert sheets.sheetnames == ["单位", "人员", "岗位"]
        assert [cell.value for cell in sheets["单位"]["A"]] == ["编码", "t1"]
        assert sheets["人员"]["B2"].value == "'=cmd()"
        assert sheets["人员"]["B2"].data_type == "s"
        page = shown(staff, io.BytesIO(answer.data))
        assert "没有变化" in page

    def test_a_file_is_shown_then_written_once(self, engine: Engine, visit: Visit) -> None:
        staff = visit("staff")
        file = {
            "单位": [["编码", "名称", "上级编码"], ["t1-1", "一号网格", "t1"]],
            "人员": [["登录名", "姓名", "手机号", "报到社区", "胡说"], ["wang", "王", 13900000009, "t1-1", "x"]],
        }
        page = shown(staff, book(**file))
        assert "新增 2" in page
        assert "人员 · 胡说" in page
        assert engine.people.records(["wang"]) == {}
        assert written(staff, page).status_code == 302
        assert engine.people.get("wang").mobile == "13900000009"
        assert "没有变化" in shown(staff, book(**file))

    def test_bad_lines_are_named_and_nothing_can_be_written(self, engine: Engine, visit: Visit) -> None:
        staff = visit("staff")
        rows = [["登录名", "姓名", "报到社区"], ["good", "好", "t1"], ["far", "远", "t2"], ["", "无", "t1"]]
        page = shown(staff, book(人员=rows))
        assert "有 2 行需要改正" in page
        assert "人员 3" in page
        assert APPLY.search(page) is None
        assert engine.people.records(["good"]) == {}

    def test_nobody_gives_by_a_file_what_they_could_not_give_by_hand(self, engine: Engine, visit: Visit) -> None:
        engine.people.put("chief", name="主任", home_unit="t1", posts=[("admin", "")])
        rows = [["登录名", "岗位", "单位"], ["staff", "operate", "t1"], ["staff", "people:read", "t1"]]
        page = shown(visit("staff"), book(岗位=rows, 人员=[["登录名", "状态"], ["chief", "已离开"]]))
        assert "有 2 行需要改正" in page

    def test_what_others_changed_meanwhile_is_shown_again(self, engine: Engine, visit: Visit) -> None:
        staff = visit("staff")
        page = shown(staff, book(人员=[["登录名", "姓名", "报到社区"], ["wang", "王", "t1"]]))
        engine.people.put("wang", name="汪", home_unit="t1")
        answer = written(staff, page)
        assert answer.status_code == 409
        assert engine.people.get("wang").name == "汪"

    def test_a_file_of_somebody_else_or_none_at_all_is_refused(self, engine: Engine, visit: Visit) -> None:
        staff = visit("staff")
        page = shown(staff, book(人员=[["登录名", "姓名", "报到社区"], ["wang", "王", "t1"]]))
        boss = visit("boss")
        boss.get("/people-tables/")
        assert written(boss, page).status_code == 404
        assert "不是有效的 xlsx" in shown(staff, io.BytesIO(b"PKnonsense"))
        assert "没有名为" in shown(staff, book(别的=[["a"], ["b"]]))
        assert visit("li").get("/people-tables/export").status_code == 403


class TestAbilities:
    def test_skills_and_free_times_come_and_go_on_ones_own_page(self, engine: Engine, visit: Visit) -> None:
        li = visit("li")
        li.get("/me/")
        li.post("/me/add/skill", {"name": "电工", "certificate": "高压证", "expires": "2026-12-01"})
        li.post("/me/add/free", {"weekday": "6", "start": "09:00", "end": "11:30"})
        li.post("/me/add/free", {"weekday": "6", "start": "11:00", "end": "09:30"})
        person = engine.people.get("li")
        assert [(s.name, s.expires) for s in person.skills] == [("电工", date(2026, 12, 1))]
        assert [(f.weekday, f.start, f.end) for f in person.free] == [(6, 540, 690)]
        assert "周六 09:00–11:30" in text(li.get("/me/"))
        li.post("/me/remove/skill/0")
        li.post("/me/remove/free/7")
        assert len(engine.people.get("li").free) == 1
        assert engine.people.get("li").skills == ()
        assert li.post("/me/", {"employer": "t2", "email": "li@example.cn"}).status_code == 302
        assert engine.people.get("li").employer == "t2"

    def test_staff_keep_up_those_they_look_after(self, engine: Engine, visit: Visit) -> None:
        engine.people.put("east", name="东居民", home_unit="t1")
        staff = visit("staff")
        staff.get("/people/east/")
        staff.post("/people/east/add/skill", {"name": "急救", "certificate": "红十字", "expires": "2026-12-01"})
        assert "急救" in text(staff.get("/certificates/"))
        assert staff.post("/people/li/add/skill", {"name": "急救"}).status_code == 404
        assert visit("li").get("/certificates/").status_code == 403

    def test_a_post_that_begins_later_outlives_another_appointment(self, engine: Engine, visit: Visit) -> None:
        """Giving a post wrote back today's posts only, and one that was to begin next month was forgotten."""
        engine.people.put("east", name="东居民", home_unit="t1")
        boss = visit("boss")
        boss.get("/people/east/")
        boss.post("/people/east/post", {"role": "operate", "unit": "t1", "since": "2027-01-01"})
        boss.post("/people/east/post", {"role": "design", "unit": "t1"})
        assert {post.role for post in engine.people.posts("east", history=True)} == {"operate", "design"}
        boss.post("/people/east/post/end", {"role": "operate", "unit": "t1"})
        assert {post.role for post in engine.people.posts("east", history=True)} == {"design"}


def errand(engine: Engine) -> None:
    file = diagram("s -> u -> e", user("u", groups="desk, skill:电工"), properties={"unit": "=unit", "starters": "*"})
    engine.deploy({"p.bpmn": file}, by="boss")


def test_a_leavers_tasks_and_posts_go_to_somebody_else(engine: Engine, visit: Visit) -> None:
    engine.people.put("li", home_unit="t1")
    engine.people.put("east", name="东居民", home_unit="t1")
    errand(engine)
    case = engine.start("p", {"unit": "t1"}, by="boss")
    item = engine.work_items(instance=case.id)[0]
    engine.claim(item.id, by="li")
    boss = visit("boss")
    assert "在办任务 1 项" in text(boss.get("/hand-over/li/"))
    assert boss.post("/hand-over/li/", {"to": "li", "reason": "调走"}).status_code == 422
    given = {"to": "东居民", "reason": "调走", "posts": "y", "leaves": "y"}
    assert boss.post("/hand-over/li/", given).status_code == 302
    assert engine.work_item(item.id).assignee == "east"
    assert engine.people.get("li").status == "left"
    assert [post.role for post in engine.people.posts("east")] == ["desk"]
    assert visit("east").get("/hand-over/boss/").status_code == 403


def test_it_says_who_would_get_a_task_and_why_not_others(engine: Engine, visit: Visit) -> None:
    errand(engine)
    engine.people.put("east", name="东居民", home_unit="t1", skills=[("电工", "证", date(2026, 1, 1))])
    engine.people.put("old", name="前任", home_unit="t1", posts=[("desk", "t1", None, date(2026, 10, 1))])
    boss = visit("boss")
    page = text(boss.get("/whom/?step=p|u&unit=t1&initiator=boss"))
    assert "李网格" in page
    assert "证书 2026-01-01 到期" in page
    assert "岗位到 2026-10-01 为止" in page
    assert "可以认领的人 1 位" in text(boss.get("/whom/?rules=desk&unit=t1"))
    wrong = boss.get("/whom/?rules=desk@&unit=t1")
    assert (wrong.status_code, "desk@" in text(wrong)) == (422, True)
    assert boss.get("/whom/?step=p|u&values=[1]").status_code == 422
    assert visit("li").get("/whom/").status_code == 403
    assert "Who was left out" in text(visit("boss", "en").get("/whom/?step=p|u&unit=t1"))
