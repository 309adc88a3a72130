"""Deadlines in a real browser, wide and on a phone: a clock that runs, is late, stands still; the year's notice; how I
am told."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine import Engine
from tests.admin.conftest import populate
from tests.browser.conftest import Site, enter, fits
from tests.diagrams import diagram, user

pytestmark = pytest.mark.browser
STEP = user("u", groups="worker", due="PT7H", props={"calendar": "working"}, name="核实情况")


@pytest.fixture
def site(engine: Engine, serve: Callable[[Engine], Site]) -> Site:
    """Three errands: one late, one that runs, one that stands still."""
    populate(engine)
    engine.people.put("wang", name="王师傅", email="w@example.cn", posts=[("desk", "t1"), ("worker", "t1")])
    engine.people.put("head", name="周书记", posts=[("desk", "t1"), ("oversee", "t1"), ("operate", "t")])
    engine.deploy(
        {"p.bpmn": diagram("s -> u -> e", STEP, name="修灯", properties={"title": '="路灯报修 " + what'})}, by="boss"
    )
    engine.start("p", {"what": "一", "unit": "t1"}, by="")
    engine.clock.advance(hours=26)  # type: ignore[attr-defined]
    for what in ("二", "三"):
        engine.start("p", {"what": what, "unit": "t1"}, by="")
    engine.clock.advance(hours=3)  # type: ignore[attr-defined]
    engine.suspend(engine.work_items(order="-created_at")[0].instance_id, by="head", reason="等待材料")
    return serve(engine)


def shot(page: Page, name: str) -> None:
    """Keep a picture where LINLI_TEST_SHOTS says, to be looked at."""
    if folder := os.environ.get("LINLI_TEST_SHOTS"):
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_clocks_are_read_at_both_widths(site: Site, size: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(size)
    enter(page, site, "head")
    page.goto(site.url + "/clocks/")
    expect(page.get_by_role("row").filter(has_text="路灯报修 一")).to_contain_text("超期")
    expect(page.get_by_role("row").filter(has_text="路灯报修 三")).to_contain_text("起停表")
    shot(page, "clocks")
    if size == "phone":
        fits(page)
    page.get_by_role("link", name="停表中").click()
    expect(page.get_by_text("路灯报修 一")).to_have_count(0)
    page.get_by_role("link", name="路灯报修 三").click()
    expect(page.get_by_text("总时限")).to_be_visible()
    shot(page, "task")
    if size == "phone":
        fits(page)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_case_is_suspended_and_resumed(site: Site, size: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(size)
    enter(page, site, "head")
    case = site.engine.work_items(overdue=True)[0].instance_id
    page.goto(f"{site.url}/case/{case}/")
    page.get_by_text("暂停事项").first.click()
    page.get_by_label("暂停原因").fill("等待材料")
    page.get_by_role("button", name="暂停事项").click()
    expect(page.get_by_text("停表中").first).to_be_visible()
    shot(page, "case")
    if size == "phone":
        fits(page)
    page.get_by_text("恢复事项").first.click()
    page.get_by_role("button", name="恢复事项").click()
    expect(page.get_by_text("恢复了事项")).to_be_visible()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_notice_is_pasted_looked_at_and_entered(site: Site, size: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(size)
    enter(page, site, "boss")
    page.goto(site.url + "/calendar/?year=2027")
    page.get_by_label("通知原文，或每行一天").fill("一、元旦:1月1日(周五)至3日放假,共3天。1月4日(周一)上班。\n胡说八道")
    shot(page, "calendar")
    if size == "phone":
        fits(page)
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_text("将录入 4 天")).to_be_visible()
    shot(page, "notice")
    if size == "phone":
        fits(page)
    page.get_by_role("button", name="录入", exact=True).click()
    expect(page.get_by_text("已录入 4 天")).to_be_visible()
    assert site.engine.almanac(2027).entered


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_one_says_how_to_be_told(site: Site, size: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(size)
    enter(page, site, "wang")
    page.goto(site.url + "/account/")
    page.get_by_label("自己设定").check()
    page.get_by_label("从", exact=True).fill("22:00")
    page.get_by_label("到", exact=True).fill("07:00")
    page.get_by_label("催办").select_option(label="每日摘要")
    shot(page, "account")
    if size == "phone":
        fits(page)
    page.get_by_role("button", name="保存").last.click()
    expect(page.get_by_text("通知方式已保存。")).to_be_visible()
    assert "22:00-07:00" in site.engine.people.get("wang").telling
