"""Deadlines on screens: a task's clock, the list of one's units, a case that stands still, a year's notice; how
one is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask

from admin.app import create_app
from admin.system import notice_text
from engine import Engine, telling
from tests.admin.conftest import Visitor, build, populate, text
from tests.diagrams import diagram, user

Visit = Callable[..., Visitor]
STEP = user("u", groups="worker", due="PT7H", props={"calendar": "working"}, name="核实")
NOTICE = """
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（农历除夕、周五）至11日（周四）放假调休，共7天。1月31日（周日）、2月20日（周六）上班。
三、国庆节：10月1日至7日放假调休，共7天。9月26日、10月9日（周六）上班。
2027-12-30~2027-12-31 休 年终盘点
胡说八道
2027-02-30 休
"""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = build(tmp_path)
    populate(made)
    made.people.put("wang", name="王师傅", posts=[("desk", "t1"), ("worker", "t1")])
    made.people.put("head", name="社区书记", posts=[("desk", "t1"), ("oversee", "t1")])
    made.people.put("operator", name="运维", posts=[("operate", "t")])
    made.deploy(
        {"p.bpmn": diagram("s -> u -> e", STEP, name="修灯", properties={"title": '="修灯 " + what'})}, by="boss"
    )
    yield made
    made.close()


@pytest.fixture
def app(engine: Engine) -> Flask:
    return create_app(engine)


def begin(engine: Engine, what: str, unit: str = "t1") -> int:
    return engine.start("p", {"what": what, "unit": unit}, by="").id


def facts(page: str) -> list[str]:
    """What the clocks of a page say, in order."""
    return [
        " ".join(found.split()) for found in re.findall(r"<dd[^>]*>([^<]*)</dd>", page.split("ld-clock-facts", 1)[1])
    ][:4]


def test_a_tasks_page_shows_its_clock(engine: Engine, visit: Visit) -> None:
    begin(engine, "一")
    engine.clock.advance(hours=2)  # type: ignore[attr-defined]
    [item] = engine.work_items()
    assert facts(text(visit("wang").get(f"/task/{item.id}/"))) == ["7 小时", "2 小时", "0 分钟", "5 小时"]
    assert facts(text(visit("wang", "en").get(f"/task/{item.id}/")))[3] == "5 h"


def test_a_case_that_stands_still_stops_its_clock_and_goes_on(engine: Engine, visit: Visit) -> None:
    case, visitor = begin(engine, "一"), visit("operator")
    assert "未作更改" in text(visitor.post(f"/case/{case}/suspend", {"reason": " "}, follow_redirects=True))
    page = text(visitor.post(f"/case/{case}/suspend", {"reason": "等待材料"}, follow_redirects=True))
    assert "停表中" in page and "等待材料" in page and "恢复事项" in page
    engine.clock.advance(hours=2)  # type: ignore[attr-defined]
    page = text(visitor.post(f"/case/{case}/resume", follow_redirects=True))
    assert facts(page) == ["7 小时", "0 分钟", "2 小时", "7 小时"] and "停表后顺延" in page
    assert visit("wang").post(f"/case/{case}/suspend", {"reason": "x"}).status_code == 403


def test_the_head_of_a_unit_sees_what_has_least_time_left_first_and_nothing_of_others(
    engine: Engine, visit: Visit
) -> None:
    begin(engine, "早")
    engine.clock.advance(days=3)  # type: ignore[attr-defined]
    stopped = begin(engine, "停")
    begin(engine, "晚")
    begin(engine, "别处", "t2")
    engine.suspend(stopped, by="operator")
    engine.clock.advance(hours=1)  # type: ignore[attr-defined]
    page = text(visit("head").get("/clocks/"))
    assert re.findall("修灯 (.)<", page) == ["早", "晚", "停"]
    assert re.findall("修灯 (.)<", text(visit("head").get("/clocks/?show=late"))) == ["早"]
    assert re.findall("修灯 (.)<", text(visit("head").get("/clocks/?show=stopped"))) == ["停"]
    assert visit("wang").get("/clocks/").status_code == 403
    assert "/clocks/" in page and "/clocks/" not in text(visit("wang").get("/desk/"))


# ---- the notice of a year ------------------------------------------------------------------------------------------


def test_a_notice_is_read_as_it_is_published() -> None:
    reading = notice_text.read(NOTICE, 2027)
    closed = [day.day for day in reading.days if not day.open]
    assert [day.day for day in reading.days if day.open] == [
        date(2027, 1, 31), date(2027, 2, 20), date(2027, 9, 26), date(2027, 10, 9),
    ]  # fmt: skip
    assert len(closed) == 3 + 7 + 7 + 2 and closed[3] == date(2027, 2, 5) and closed[9] == date(2027, 2, 11)
    assert {day.note for day in reading.days} == {"元旦", "春节", "国庆节", "年终盘点"}
    assert reading.strange == ("胡说八道", "2027-02-30 休")


def test_a_span_over_new_year_ends_in_the_next_year() -> None:
    reading = notice_text.read("元旦：2026年12月31日至1月2日放假。", 2027)
    assert [day.day for day in reading.days] == [date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2)]


@pytest.mark.parametrize(
    "text_", ["1月5日至1月2日放假", "2027-01-01~2029-01-01 休", "31日放假", "2027-01-01 也许", "13月1日放假"]
)
def test_what_makes_no_sense_is_named_and_not_entered(text_: str) -> None:
    reading = notice_text.read(text_, 2027)
    assert reading.days == () and reading.strange == (text_,)


def test_a_notice_is_shown_first_and_entered_when_sure(engine: Engine, visit: Visit) -> None:
    visitor = visit("boss")
    page = text(visitor.post("/calendar/notice", {"year": "2027", "text": NOTICE}))
    assert "将录入 23 天" in page and "胡说八道" in page and engine.almanac(2027).days == ()
    visitor.post("/calendar/notice", {"year": "2027", "text": NOTICE, "sure": "1", "whole": "1"})
    almanac = engine.almanac(2027)
    assert len(almanac.days) == 23 and almanac.entered
    assert "元旦" in text(visitor.get("/calendar/?year=2027"))


def test_a_unit_gets_a_closure_of_its_own(engine: Engine, visit: Visit) -> None:
    begin(engine, "一")
    begin(engine, "二", "t2")
    visitor = visit("boss")
    page = visitor.post("/calendar/day", {"first": "2026-11-23", "unit": "t1", "note": "停电"}, follow_redirects=True)
    assert "东社区" in text(page)
    engine.run_due()
    moved, same = sorted(engine.work_items(), key=lambda one: one.unit)
    assert moved.due_at is not None and same.due_at is not None
    assert moved.due_at - same.due_at == timedelta(hours=8, minutes=30)
    assert visitor.post("/calendar/day", {"first": "2026-11-23", "unit": "nowhere"}).status_code == 400


# ---- how I am told -------------------------------------------------------------------------------------------------


def test_one_chooses_how_to_be_told(engine: Engine, visit: Visit) -> None:
    engine.people.put("wang", channels=["json://robot.example/secret"], email="w@example.cn")
    visitor = visit("wang")
    page = text(visitor.get("/account/"))
    assert "secret" not in page and "邮件 w@example.cn" in page
    form = {"quiet": "own", "quiet_from": "21:00", "quiet_to": "07:30", "digest": "08:15"}
    kinds = {"kind-reminder": "digest", "kind-urge": "2", "kind-copy": "app", "kind-task": "1"}
    assert visitor.post("/account/telling", {**form, **kinds}).status_code == 302
    chosen = telling.of(engine.people.get("wang").telling)
    assert (chosen.quiet, chosen.digest) == ("21:00-07:30", "08:15")
    assert chosen.kinds == {
        "reminder": "digest",
        "urge": "mailto:w@example.cn",
        "copy": "app",
        "task": "json://robot.example/secret",
    }
    page = text(visitor.get("/account/"))
    assert 'value="21:00"' in page and re.search(r'value="2" selected>邮件', page) and "secret" not in page


def test_a_choice_that_is_none_is_refused_in_words(engine: Engine, visit: Visit) -> None:
    answer = visit("wang").post("/account/telling", {"quiet": "own", "quiet_from": "9", "quiet_to": ""})
    assert answer.status_code == 400 and "22:00-07:00" in text(answer)
    assert engine.people.get("wang").telling == ""
