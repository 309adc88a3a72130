"""Desk, step forms and the residents' pages in a real browser: htmx, drafts, an ended session, signatures, phones."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from engine import Engine
from tests.admin import samples
from tests.admin.conftest import populate
from tests.admin.test_step_forms import PNG
from tests.browser.conftest import PHONE, Site, enter, fits

pytestmark = pytest.mark.browser


@pytest.fixture
def site(engine: Engine, serve: Callable[[Engine], Site]) -> Site:
    """One repair to look at, two workers."""
    populate(engine)
    engine.people.put("wang", name="王师傅", posts=[("desk", "t1"), ("start", "t1"), ("worker", "t1")])
    engine.people.put("zhao", name="赵师傅", posts=[("desk", "t1"), ("worker", "t1")])
    engine.deploy(samples.FILES, by="boss")
    engine.start("repair", {"what": "灯坏了", "place": "1 栋", "unit": "t1"}, by="wang")
    return serve(engine)


def item_of(engine: Engine) -> int:
    return engine.work_items()[0].id


def test_a_task_is_claimed_filled_in_and_submitted(site: Site, engine: Engine, desktop: Page) -> None:
    enter(desktop, site, "wang")
    desktop.goto(site.url + "/desk/?tab=claim")
    desktop.get_by_role("button", name="认领").click()
    expect(desktop.get_by_role("navigation", name="任务分类").get_by_role("link", name="待我办理")).to_contain_text("1")
    desktop.get_by_role("link", name="去办理").click()
    expect(desktop.get_by_label("费用（元）")).to_have_count(0)
    desktop.get_by_label("大修").check()
    desktop.get_by_label("费用（元）").fill("120")
    desktop.get_by_role("button", name="添加一项").click()
    desktop.get_by_label("名称").fill("灯泡")
    desktop.get_by_label("哪天修").fill("2026-11-30")
    desktop.get_by_role("button", name="提交", exact=True).click()
    expect(desktop.get_by_role("heading", name="动手修")).to_be_visible()
    kept = engine.instance(engine.instances().rows[0].id).variables
    assert (kept["state"], kept["cost"], kept["parts"]) == ("big", 120, [{"name": "灯泡", "count": None}])


def test_problems_are_announced_and_the_first_wrong_field_has_the_focus(
    site: Site, engine: Engine, desktop: Page
) -> None:
    enter(desktop, site, "wang")
    desktop.goto(f"{site.url}/task/{item_of(engine)}/")
    desktop.get_by_label("大修").check()
    desktop.get_by_label("费用（元）").fill("很多")
    desktop.get_by_role("button", name="认领并提交").click()
    expect(desktop.get_by_role("alert").first).to_contain_text("1 处需要改正")
    expect(desktop.get_by_label("费用（元）")).to_be_focused()
    expect(desktop.get_by_label("费用（元）")).to_have_value("很多")


def test_what_is_typed_while_the_form_is_redrawn_is_not_undone(site: Site, engine: Engine, desktop: Page) -> None:
    """The redraw answers with the form as it was sent; a slow line must not throw away what was typed meanwhile."""
    enter(desktop, site, "wang")
    waiting: list[Route] = []
    desktop.route("**/refresh", lambda route: waiting.append(route))
    desktop.goto(f"{site.url}/task/{item_of(engine)}/")
    desktop.get_by_label("小修").check()
    desktop.get_by_label("哪天修").fill("2026-12-24")
    desktop.get_by_label("已拿到钥匙").check()
    desktop.wait_for_function("() => document.querySelector('.htmx-request') !== null")
    waiting[0].continue_()
    expect(desktop.locator(".htmx-request")).to_have_count(0)
    expect(desktop.get_by_label("哪天修")).to_have_value("2026-12-24")
    expect(desktop.get_by_label("已拿到钥匙")).to_be_checked()


def test_a_draft_is_saved_by_itself_and_waits_for_its_author(site: Site, engine: Engine, desktop: Page) -> None:
    enter(desktop, site, "wang")
    desktop.goto(f"{site.url}/task/{item_of(engine)}/")
    desktop.get_by_label("哪天修").fill("2026-12-24")
    expect(desktop.get_by_text("草稿已保存")).to_be_visible()
    desktop.goto(site.url + "/desk/")
    desktop.goto(f"{site.url}/task/{item_of(engine)}/")
    expect(desktop.get_by_text("没有提交的草稿")).to_be_visible()
    expect(desktop.get_by_label("哪天修")).to_have_value("2026-12-24")


def test_an_ended_session_loses_nothing(site: Site, engine: Engine, desktop: Page) -> None:
    enter(desktop, site, "wang")
    desktop.goto(f"{site.url}/start/repair/")
    desktop.context.clear_cookies()
    desktop.get_by_label("坏了什么").fill("写了很久的一段话")
    expect(desktop.get_by_text("登录已过期或网络不通")).to_be_visible()
    enter(desktop, site, "wang")
    desktop.reload()
    expect(desktop.get_by_label("坏了什么")).to_have_value("写了很久的一段话")


def test_a_kept_text_is_not_shown_to_the_next_person_on_the_same_device(site: Site, desktop: Page) -> None:
    enter(desktop, site, "wang")
    desktop.goto(f"{site.url}/start/repair/")
    desktop.context.clear_cookies()
    desktop.get_by_label("坏了什么").fill("王师傅写的")
    expect(desktop.get_by_text("登录已过期或网络不通")).to_be_visible()
    enter(desktop, site, "boss")
    desktop.reload()
    expect(desktop.get_by_label("坏了什么")).to_have_value("")


def test_a_signature_is_drawn_and_kept(site: Site, engine: Engine, desktop: Page) -> None:
    enter(desktop, site, "wang")
    desktop.goto(f"{site.url}/task/{item_of(engine)}/")
    with desktop.expect_response("**/refresh"):
        desktop.get_by_label("小修").check()
    expect(desktop.locator(".htmx-request")).to_have_count(0)  # the redraw replaces the canvas
    canvas = desktop.get_by_label("在此处手写签名")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    desktop.mouse.move(box["x"] + 40, box["y"] + 40)
    desktop.mouse.down()
    desktop.mouse.move(box["x"] + 200, box["y"] + 90, steps=5)
    desktop.mouse.up()
    desktop.get_by_role("button", name="认领并提交").click()
    expect(desktop.get_by_role("heading", name="动手修")).to_be_visible()
    signed = engine.instance(engine.instances().rows[0].id).variables["sign"]
    assert engine.attachment(signed)[0].size > 300


def test_a_resident_submits_with_a_photo_on_a_phone_and_says_it_was_solved(
    site: Site, engine: Engine, phone: Page, tmp_path: Path
) -> None:
    photo = tmp_path / "楼道.png"
    photo.write_bytes(PNG)
    phone.goto(site.url + "/portal/")
    phone.get_by_role("link", name="报修").click()
    phone.get_by_label("坏了什么").fill("灯不亮")
    phone.get_by_label("地点").fill("2 栋")
    phone.get_by_label("社区").select_option(label="\u3000东社区")
    phone.locator("input[type=file]").set_input_files(photo)
    expect(phone.get_by_role("img", name="楼道.png")).to_be_visible()
    expect(phone.get_by_label("坏了什么")).to_have_value("灯不亮")
    fits(phone)
    phone.get_by_role("button", name="提交").click()
    expect(phone.get_by_text("请保存查询码")).to_be_visible()
    fits(phone)
    code = phone.locator("[data-code]").inner_text()
    for data in ({"state": "small"}, {}):
        case = engine.instances(business_key=code).rows[0].id
        engine.complete(engine.work_items(instance=case)[0].id, data, by="zhao")
    phone.goto(site.url + "/portal/")
    phone.get_by_label("查询码").fill(code)
    phone.get_by_role("button", name="查询").click()
    phone.get_by_label("已解决").check()
    phone.get_by_label("4 星").check(force=True)
    phone.get_by_role("button", name="提交评价").click()
    expect(phone.get_by_text("谢谢")).to_be_visible()
    expect(phone.get_by_text("已办结").first).to_be_visible()
    assert engine.instances(business_key=code).rows[0].status == "completed"


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_every_page_fits_a_phone(site: Site, engine: Engine, open_page: Callable[..., Page], locale: str) -> None:
    page, case = open_page(PHONE, locale), engine.instances().rows[0].id
    for path in ("/portal/", "/portal/submit/repair"):
        page.goto(site.url + path)
        fits(page)
    enter(page, site, "wang")
    tabs = [f"/desk/?tab={tab}" for tab in ("mine", "claim", "done", "started")]
    for path in (*tabs, f"/task/{item_of(engine)}/", f"/case/{case}/", "/start/", "/start/repair/", "/notices/"):
        page.goto(site.url + path)
        fits(page)
        title = page.locator("h1").inner_text()
        assert locale == "zh-CN" or path.startswith("/case/") or not re.search("[一-鿿]", title)


def test_the_case_page_marks_where_the_case_stands(site: Site, engine: Engine, desktop: Page) -> None:
    enter(desktop, site, "wang")
    desktop.goto(f"{site.url}/case/{engine.instances().rows[0].id}/")
    expect(desktop.locator("[data-element-id=look].linli-active")).to_be_attached()
    expect(desktop.locator("[data-element-id=asked].linli-done")).to_be_attached()
