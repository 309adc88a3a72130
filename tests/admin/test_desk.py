"""The desk, starting, a case's page and notices, as the people of one community use them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask

from admin.app import create_app
from engine import Engine
from engine.clock import ManualClock
from tests.admin import samples
from tests.admin.conftest import Visitor, build, populate, text


@pytest.fixture
def engine(tmp_path: object) -> Iterator[Engine]:
    made = build(tmp_path)  # type: ignore[arg-type]
    populate(made)
    made.people.put("wang", name="王师傅", posts=[("desk", "t1"), ("start", "t1"), ("worker", "t1")])
    made.people.put("zhao", name="赵师傅", posts=[("desk", "t1"), ("worker", "t1")])
    made.people.put("operator", name="运维", posts=[("operate", "t")])
    made.deploy(samples.FILES, by="boss")
    yield made
    made.close()


@pytest.fixture
def app(engine: Engine) -> Flask:
    return create_app(engine)


def report(engine: Engine, place: str = "1 栋") -> int:
    """A repair case; its id."""
    return engine.start("repair", {"what": "灯坏了", "place": place, "unit": "t1"}, by="wang").id


def test_an_empty_desk_says_what_to_do(visit: Callable[..., Visitor]) -> None:
    wang = visit("wang")
    for tab, words in (
        ("mine", "手头没有任务"),
        ("claim", "没有可认领"),
        ("done", "还没有办结"),
        ("started", "还没有发起"),
    ):
        assert words in text(wang.get(f"/desk/?tab={tab}"))


def test_a_task_to_claim_is_claimed_from_its_row_once(visit: Callable[..., Visitor], engine: Engine) -> None:
    item = engine.work_items(instance=report(engine))[0]
    wang, zhao = visit("wang"), visit("zhao")
    assert "报修：1 栋" in text(wang.get("/desk/?tab=claim"))
    zhao.get("/desk/?tab=claim")
    row = wang.post(
        f"/task/{item.id}/do/claim", {"tab": "claim"}, headers={"HX-Request": "true", "HX-Target": f"item-{item.id}"}
    )
    assert "去办理" in text(row) and row.headers["HX-Trigger"] == "linli:changed"
    late = zhao.post(f"/task/{item.id}/do/claim", headers={"HX-Request": "true", "HX-Target": f"item-{item.id}"})
    assert late.status_code == 409 and "王师傅" not in text(zhao.get("/desk/?tab=claim"))
    assert engine.work_item(item.id).assignee == "wang"


def test_the_desk_searches_counts_and_pages(visit: Callable[..., Visitor], engine: Engine) -> None:
    for number in range(30):
        engine.claim(engine.work_items(instance=report(engine, f"{number} 号楼"))[0].id, by="wang")
    wang = visit("wang")
    page = text(wang.get("/desk/"))
    assert "共 30 条" in page and page.count("<tr id=") == 25
    assert text(wang.get("/desk/?q=17 号楼")).count("<tr id=") == 1
    assert "没有找到" in text(wang.get("/desk/?q=不存在"))
    assert ">30<" in text(wang.get("/desk/count"))


def test_what_i_started_and_did_is_listed_with_its_status(visit: Callable[..., Visitor], engine: Engine) -> None:
    case, wang = report(engine), visit("wang")
    engine.complete(engine.work_items(instance=case)[0].id, {"state": "small"}, by="wang")
    started, done = text(wang.get("/desk/?tab=started")), text(wang.get("/desk/?tab=done"))
    assert f"/case/{case}/" in started and "办理中" in started
    assert "现场查看" in done and "刚刚" in done


def test_nonsense_in_the_address_is_the_first_page(visit: Callable[..., Visitor]) -> None:
    assert visit("wang").get("/desk/?tab=x&sort=y&page=-3").status_code == 200


def test_the_start_page_offers_only_what_this_person_may_start(visit: Callable[..., Visitor]) -> None:
    assert "楼道灯坏了" in text(visit("wang").get("/start/"))
    assert visit("wang").get("/start/nothing/").status_code == 404
    assert visit("li").get("/start/").status_code == 403


def test_starting_leads_to_the_case_and_its_story(visit: Callable[..., Visitor], engine: Engine) -> None:
    wang = visit("wang")
    wang.get("/start/repair/")
    answer = wang.post("/start/repair/", {"what": "水管漏了", "place": "3 栋", "unit": "t1", "phone": "13800000009"})
    assert answer.status_code == 302 and re.search(r"/(case|task)/\d+/", answer.headers["Location"])
    case = engine.instances(started_by="wang").rows[0]
    page = text(wang.get(f"/case/{case.id}/"))
    assert "报修：3 栋" in page and "水管漏了" in page and "王师傅发起了事项" in page
    assert "“现场查看”开始" in page and 'data-active="look"' in page


def test_the_timeline_tells_reminders_and_escalations_in_both_languages(
    visit: Callable[..., Visitor], engine: Engine
) -> None:
    case = report(engine)
    clock = engine.clock
    assert isinstance(clock, ManualClock)
    clock.advance(timedelta(days=1, hours=2))
    engine.run_due()
    chinese, english = (text(visit("wang", lang).get(f"/case/{case}/")) for lang in ("zh-CN", "en"))
    assert "已提醒" in chinese and "超期 1 小时，已上报 " in chinese
    assert "Reminded" in english and "is 1 h overdue; escalated to " in english


def test_a_comment_is_on_the_timeline_as_typed(visit: Callable[..., Visitor], engine: Engine) -> None:
    case, wang = report(engine), visit("wang")
    wang.get(f"/case/{case}/")
    wang.post(f"/case/{case}/comment", {"text": "<i>记得带梯子</i>"})
    assert "&lt;i&gt;记得带梯子&lt;/i&gt;" in text(wang.get(f"/case/{case}/"))


def test_who_has_nothing_to_do_with_a_case_cannot_see_it(visit: Callable[..., Visitor], engine: Engine) -> None:
    case = report(engine)
    item = engine.work_items(instance=case)[0]
    for path in (f"/case/{case}/", f"/case/{case}/diagram", f"/task/{item.id}/"):
        assert visit("drawer").get(path).status_code in (403, 404)


def test_only_operators_see_and_correct_variables(visit: Callable[..., Visitor], engine: Engine) -> None:
    case = report(engine)
    wang, operator = visit("wang"), visit("operator")
    assert "运维：变量" not in text(wang.get(f"/case/{case}/"))
    assert wang.post(f"/case/{case}/variables", {"name": "place", "value": '"9 栋"'}).status_code == 403
    assert "运维：变量" in text(operator.get(f"/case/{case}/"))
    operator.post(f"/case/{case}/variables", {"name": "place", "value": "{broken"})
    assert engine.instance(case).variables["place"] == "1 栋"
    operator.post(f"/case/{case}/variables", {"name": "place", "value": '"9 栋"'})
    assert engine.instance(case).variables["place"] == "9 栋"


def test_an_operator_cancels_with_a_reason_only(visit: Callable[..., Visitor], engine: Engine) -> None:
    case, operator = report(engine), visit("operator")
    operator.get(f"/case/{case}/")
    operator.post(f"/case/{case}/cancel", {"reason": " "})
    assert engine.instance(case).status == "running"
    operator.post(f"/case/{case}/cancel", {"reason": "重复报修"})
    assert engine.instance(case).status == "cancelled"
    assert "重复报修" in text(operator.get(f"/case/{case}/"))


def test_urging_reaches_the_bell_and_the_timeline(visit: Callable[..., Visitor], engine: Engine) -> None:
    case = report(engine)
    item = engine.work_items(instance=case)[0]
    engine.claim(item.id, by="zhao")
    wang, zhao = visit("wang"), visit("zhao")
    wang.get(f"/case/{case}/")
    assert wang.post(f"/case/{case}/urge/{item.id}").status_code == 302
    assert "王师傅催办了" in text(wang.get(f"/case/{case}/"))
    assert re.search(r">\d+<", text(zhao.get("/notices/badge")))
    assert "催办" in text(zhao.get("/notices/"))
    zhao.post("/notices/read")
    assert text(zhao.get("/notices/badge")).strip() == ""


def test_a_task_is_transferred_by_name_and_the_next_person_sees_who_did_it(
    visit: Callable[..., Visitor], engine: Engine
) -> None:
    item = engine.work_items(instance=report(engine))[0]
    engine.claim(item.id, by="wang")
    wang = visit("wang")
    wang.get(f"/task/{item.id}/")
    assert wang.post(f"/task/{item.id}/do/transfer", {"to": "  "}).status_code == 422
    assert wang.post(f"/task/{item.id}/do/transfer", {"to": "没有这个人"}).status_code in (403, 404)
    assert wang.post(f"/task/{item.id}/do/transfer", {"to": "赵师傅"}).status_code == 302
    assert engine.work_item(item.id).assignee == "zhao"
    assert "王师傅把“现场查看”转交给 赵师傅" in text(visit("zhao").get(f"/task/{item.id}/"))


def test_after_a_step_the_next_one_of_the_case_opens(visit: Callable[..., Visitor], engine: Engine) -> None:
    item = engine.work_items(instance=report(engine))[0]
    wang = visit("wang")
    wang.get(f"/task/{item.id}/")
    answer = wang.post(f"/task/{item.id}/", {"state": "small"})
    following = engine.work_items(instance=item.instance_id)[0]
    assert following.node_id == "mend" and answer.headers["Location"].endswith(f"/task/{following.id}/")
    page = text(wang.get(f"/task/{following.id}/"))
    assert "前面填写的内容" in page and "小修" in page and "供参考" in page
    assert '<p class="lead mb-3">灯坏了</p>' in page, "the property `summary` is the page's first line"
    assert wang.post(f"/task/{following.id}/refresh", headers={"HX-Request": "true"}).status_code == 404
    assert wang.post(f"/task/{following.id}/").headers["Location"].endswith("/desk/")
