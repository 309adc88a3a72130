"""Registers, pages and timetables as a designer who writes no code makes them: by visible labels, in Chinese, from a
pack's own page to the published thing; what the server drew and kept is looked at on both sides."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from engine import Engine
from tests.admin.conftest import populate
from tests.browser.conftest import PHONE, Site, enter, fits
from tests.diagrams import diagram, start, user

pytestmark = pytest.mark.browser
ROLES = '\n[roles.keeper]\ntitle = { zh = "园丁", en = "Keeper" }\npermissions = ["desk"]\n'


@pytest.fixture
def site(engine: Engine, serve: Callable[[Engine], Site]) -> Site:
    """A pack with a role and a process that a timer starts; nothing is published."""
    populate(engine)
    engine.new_pack("park", "公园", by="boss")
    toml, revision = engine.pack_file("park", "pack.toml")
    engine.save_pack_file("park", "pack.toml", toml + ROLES.encode(), revision=revision, by="boss")
    weekly = diagram("t -> u -> e", start("t", "cycle", "R/P7D"), user("u"), key="weekly", name="每周巡查")
    engine.save_pack_file("park", "processes/weekly.bpmn", weekly, revision=0, by="boss")
    return serve(engine)


def kept(engine: Engine, path: str) -> dict[str, Any]:
    return json.loads(engine.pack_file("park", path)[0])


def add(page: Page, kind: str, title: str) -> None:
    """A new file from the pack's page, opened in its designer."""
    form = page.locator("form").filter(has=page.get_by_role("button", name=kind))
    form.get_by_role("textbox").fill(title)
    form.get_by_role("button", name=kind).click()
    expect(page.locator("#studio[data-ready=yes]")).to_be_visible()


def saved(page: Page) -> None:
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("[data-studio=status]")).to_contain_text("已保存")


def line(page: Page, name: str) -> Locator:
    """The open details of a field or an action."""
    found = page.locator("details.linli-line").filter(has=page.locator("summary", has_text=name)).last
    if found.get_attribute("open") is None:
        found.locator("summary").first.click()
    return found


def test_from_an_empty_pack_to_a_register_its_page_and_a_timetable(site: Site, desktop: Page, phone: Page) -> None:
    engine, page = site.engine, desktop
    enter(page, site, "boss")
    page.goto(f"{site.url}/packs/park")

    add(page, "新建台账", "古树")
    path = page.url.partition("/edit/")[2]
    page.get_by_role("button", name="新增字段").click()
    field = line(page, "field1")
    field.get_by_label("名称（中文）").fill("状态")
    field.get_by_label("名称（英文）").fill("State")
    field.get_by_label("类型").select_option("choice")
    expect(field.get_by_label("选项（中文）")).to_be_visible()
    field.get_by_label("选项（中文）").fill("茁壮")
    field.get_by_label("选项（英文）").fill("Thriving")
    field.get_by_label("标识").fill("state")
    field.get_by_label("标识").press("Tab")
    field = line(page, "state")
    field.get_by_label("园丁").last.check()  # only the gardener changes it
    page.get_by_label("状态 可筛选和排序").check()
    page.get_by_label("园丁 看记录").check()
    expect(page.get_by_text("岗位权限已保存")).to_be_visible()
    saved(page)
    schema = kept(engine, path)
    made = schema["fields"][-1]
    assert made["key"] == "state" and made["writers"] == ["keeper"] and schema["indexes"] == ["state"]
    assert made["options"][0]["label"] == {"zh": "茁壮", "en": "Thriving"}
    toml = tomllib.loads(engine.pack_file("park", "pack.toml")[0].decode())
    assert f"register:{schema['name']}:read" in toml["roles"]["keeper"]["permissions"]
    engine.publish_pack("park", "台账", by="boss")
    engine.register(schema["name"]).insert(
        {"title": "老樟树", "unit": "t1", "state": made["options"][0]["value"]}, by=""
    )

    field = line(page, "state")
    field.get_by_label("标识").fill("health")
    field.get_by_label("标识").press("Tab")
    expect(page.get_by_text("原名 state")).to_be_visible()
    page.get_by_role("button", name="对已有数据的影响").click()
    expect(page.get_by_text("1 条记录中有 1 条随之更新")).to_be_visible()
    page.get_by_role("button", name="关闭").click()
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("原名 state")).to_be_hidden()
    page.get_by_role("link", name="返回流程包").click()

    add(page, "新建页面", "树林")
    wide, narrow = page.frame_locator("iframe[name=linli-wide]"), page.frame_locator("iframe[name=linli-phone]")
    expect(wide.get_by_role("cell", name="老樟树")).to_be_visible()
    page.get_by_label("布局").select_option("cards")
    for frame in (wide, narrow):  # the server drew both from what is on the screen
        expect(frame.locator(".lp-cards").get_by_role("heading", name="老樟树")).to_be_attached()
    assert narrow.locator("html").evaluate("e => e.clientWidth") == PHONE["width"]
    line(page, "操作").get_by_label("加一个操作").select_option("copy")
    action = line(page, "复制文字")
    action.get_by_label("文字（中文，= 开头是表达式）").fill('="树：" + row.title')
    expect(wide.get_by_role("link", name="复制文字")).to_be_attached()
    page.get_by_label("园丁 看页面").check()
    saved(page)
    page.get_by_role("link", name="返回流程包").click()

    page.get_by_role("link", name="发起方式").last.click()
    page.get_by_role("button", name="设定时间").click()
    page.get_by_label("多久一次").select_option("quarter")
    page.get_by_label("哪一天").select_option("1W")
    expect(page.get_by_text("每季度首月第一个工作日 09:00")).to_be_visible()
    page.get_by_role("button", name="用这个时间表").click()
    expect(page.get_by_text("时间表已保存在工作稿里")).to_be_visible()
    expect(page.get_by_text("每季度首月第一个工作日 09:00")).to_be_visible()
    engine.publish_pack("park", "页面和时间表", by="boss")
    assert engine.starts("weekly")[0].expression == "0 0 9 1W 1,4,7,10 *"

    enter(phone, site, "boss")
    for address in (f"/packs/park/edit/{path}", "/packs/park/starts", "/starts/helper"):
        phone.goto(site.url + address)
        phone.wait_for_load_state("networkidle")
        fits(phone)
