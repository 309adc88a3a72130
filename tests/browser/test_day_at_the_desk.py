"""The desk in a real browser: keys, several rows at once, names in remarks, a line that breaks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from engine import Engine
from tests.admin import samples
from tests.admin.conftest import populate
from tests.browser.conftest import Site, enter, fits

pytestmark = pytest.mark.browser


@pytest.fixture
def site(engine: Engine, serve: Callable[[Engine], Site]) -> Site:
    """Three repairs, two workers."""
    populate(engine)
    for login, name in (("wang", "王师傅"), ("zhao", "赵师傅")):
        engine.people.put(login, name=name, posts=[("desk", "t1"), ("start", "t1"), ("worker", "t1")])
    engine.deploy(samples.FILES, by="boss")
    for number in range(3):
        engine.start("repair", {"what": "灯坏了", "place": f"{number} 栋", "unit": "t1"}, by="wang")
    return serve(engine)


def test_a_list_is_worked_through_by_keys(site: Site, engine: Engine, desktop: Page) -> None:
    enter(desktop, site, "wang")
    desktop.goto(site.url + "/desk/?tab=claim")
    desktop.keyboard.press("?")
    expect(desktop.get_by_role("dialog", name="快捷键")).to_be_visible()
    desktop.keyboard.press("Escape")
    desktop.keyboard.press("j")
    desktop.keyboard.press("x")
    desktop.keyboard.press("j")
    desktop.keyboard.press("x")
    expect(desktop.locator("[data-bulk-count]")).to_have_text("2")
    desktop.locator("[data-bulk]").get_by_role("button", name="认领").click()
    expect(desktop.get_by_text("已认领 2 项")).to_be_visible()
    assert engine.count_items(assignee="wang") == 2
    desktop.goto(site.url + "/desk/")
    desktop.keyboard.press("/")
    expect(desktop.get_by_role("searchbox")).to_be_focused()
    desktop.keyboard.type("jx?")  # letters while one types are letters
    expect(desktop.get_by_role("searchbox")).to_have_value("jx?")
    desktop.goto(site.url + "/desk/")
    desktop.keyboard.press("j")
    desktop.keyboard.press("Enter")
    expect(desktop).to_have_url(f"{site.url}/task/{engine.work_items(assignee='wang')[0].id}/")


def test_a_name_is_picked_after_an_at_sign_and_told(site: Site, engine: Engine, phone: Page) -> None:
    enter(phone, site, "wang")
    phone.goto(f"{site.url}/case/{engine.instances().rows[0].id}/")
    fits(phone)
    phone.get_by_label("留言").press_sequentially("请看 @赵")
    phone.locator("[data-mention]", has_text="赵师傅").click()
    expect(phone.get_by_label("留言")).to_have_value("请看 @赵师傅 ")
    phone.get_by_role("button", name="留言").click()
    expect(phone.get_by_text("已通知 赵师傅")).to_be_visible()
    assert len(engine.notices("zhao")) == 1


def test_a_post_whose_line_breaks_is_sent_again_and_counts_once(site: Site, engine: Engine, phone: Page) -> None:
    """The first post never arrives, the answer to the second is lost, the third is told what the second did."""
    enter(phone, site, "wang")
    phone.goto(f"{site.url}/start/repair/")
    tries: list[str] = []

    def broken(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        tries.append(route.request.post_data_buffer.decode(errors="replace") if route.request.post_data_buffer else "")
        if len(tries) == 1:
            route.abort("connectionfailed")
        elif len(tries) == 2:
            route.fetch(max_redirects=0)
            route.abort("connectionreset")
        else:
            route.continue_()

    phone.get_by_label("坏了什么").fill("水管漏了")
    phone.get_by_label("地点").fill("9 栋")
    expect(phone.get_by_text("草稿已保存")).to_be_visible()
    phone.route("**/start/repair/", broken)
    phone.locator(".lf-bar").get_by_role("button", name="发起").click()
    expect(phone.get_by_text("网络不通。内容还在本页")).to_be_visible()
    phone.get_by_role("button", name="现在重试").click()
    expect(phone.get_by_role("heading", name="报修：9 栋")).to_be_visible()
    assert len(tries) == 3
    assert engine.instances(text="9 栋").total == 1


def test_what_is_wrong_comes_back_on_the_same_page_and_works(site: Site, engine: Engine, phone: Page) -> None:
    """The page that answers a post takes the place of the one that sent it: its scripts must run too."""
    enter(phone, site, "wang")
    phone.goto(f"{site.url}/task/{engine.work_items()[0].id}/")
    phone.get_by_role("button", name="认领并提交").click()
    expect(phone.get_by_role("alert").first).to_contain_text("需要改正")
    phone.get_by_label("小修").check()
    phone.get_by_role("button", name="认领并提交").click()
    expect(phone.get_by_role("heading", name="动手修")).to_be_visible()


def test_filters_are_kept_and_chosen_again(site: Site, engine: Engine, desktop: Page) -> None:
    enter(desktop, site, "wang")
    desktop.goto(site.url + "/desk/?tab=team")
    desktop.locator(".ld-more > summary").click()
    desktop.get_by_label("类型").select_option("repair")
    desktop.get_by_role("button", name="筛选", exact=True).click()
    desktop.get_by_label("给这个筛选起个名字").fill("所有报修")
    desktop.get_by_role("button", name="保存筛选").click()
    kept = desktop.get_by_role("navigation", name="保存的筛选").get_by_role("link", name="所有报修")
    expect(kept).to_have_attribute("aria-current", "page")
    desktop.goto(site.url + "/desk/")
    kept.click()
    expect(desktop).to_have_url(site.url + "/desk/?tab=team&process=repair")
