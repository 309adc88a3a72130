"""The shell in a real browser: menu, phone layout, dark mode, questions before deeds, languages, tables as cards."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from engine import Engine
from tests.admin.conftest import populate
from tests.browser.conftest import PHONE, Site, enter, fits

pytestmark = pytest.mark.browser
PAGES = ("/account/", "/definitions/", "/studio/new", "/join-requests/", "/join/t1/code", "/join/t1", "/nothing")


@pytest.fixture
def site(engine: Engine, serve: Callable[[Engine], Site]) -> Site:
    """Two communities, one pending member."""
    populate(engine)
    engine.people.register("13900000002", name="新党员", home_unit="t1")
    return serve(engine)


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_every_page_of_the_shell_fits_a_phone(site: Site, open_page: Callable[..., Page], locale: str) -> None:
    page = open_page(PHONE, locale)
    page.goto(site.url + "/sign-in")
    fits(page)
    enter(page, site, "boss")
    for path in PAGES:
        page.goto(site.url + path)
        fits(page)


def test_on_a_phone_the_menu_opens_from_the_bottom_bar(site: Site, phone: Page) -> None:
    enter(phone, site, "boss")
    phone.goto(site.url + "/account/")
    expect(phone.get_by_role("link", name="流程与定义")).not_to_be_visible()
    phone.get_by_role("button", name="更多").click()
    phone.get_by_role("link", name="流程与定义").click()
    expect(phone.get_by_role("heading", name="流程与定义")).to_be_visible()


def test_the_menu_shows_only_what_this_person_may_open(site: Site, desktop: Page) -> None:
    enter(desktop, site, "staff")
    desktop.goto(site.url + "/join-requests/")
    menu = desktop.get_by_role("complementary")
    expect(menu.get_by_role("link", name="报到审核")).to_be_visible()
    expect(menu.get_by_role("link", name="流程与定义")).to_have_count(0)


def test_dark_mode_is_remembered(site: Site, desktop: Page) -> None:
    desktop.goto(site.url + "/sign-in")
    desktop.get_by_role("button", name="切换深浅色").click()
    desktop.goto(site.url + "/sign-in")
    assert desktop.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_refusing_somebody_asks_first(site: Site, engine: Engine, desktop: Page) -> None:
    """Flask-Admin's stock question is an inline handler, which the content policy drops: rows went unasked."""
    enter(desktop, site, "staff")
    desktop.goto(site.url + "/join-requests/")
    desktop.get_by_role("button", name="退回").click()
    desktop.get_by_role("dialog").get_by_role("button", name="取消").click()
    assert engine.people.get("13900000002").status == "pending"
    desktop.get_by_role("button", name="退回").click()
    desktop.get_by_role("dialog").get_by_role("button", name="确定").click()
    expect(desktop.get_by_text("已退回 新党员 的报到")).to_be_visible()
    assert engine.people.get("13900000002").status == "left"


def test_signing_in_by_hand_and_switching_the_language(site: Site, engine: Engine, desktop: Page) -> None:
    desktop.goto(site.url + "/join/t2")
    for label, value in (("姓名", "钱新"), ("手机号", "13912345678"), ("设置密码", "correct horse")):
        desktop.get_by_label(label, exact=True).fill(value)
    desktop.get_by_label("我同意").check()
    desktop.get_by_role("button", name="提交报到").click()
    expect(desktop.get_by_text("已收到您的报到")).to_be_visible()
    desktop.get_by_role("button", name="我的账户").click()
    desktop.get_by_role("button", name="退出登录").click()
    desktop.get_by_label("手机号或工作名").fill("139 1234 5678")
    desktop.get_by_label("密码").fill("correct horse")
    desktop.get_by_role("button", name="登录").click()
    expect(desktop.get_by_text("已收到您的报到")).to_be_visible()
    desktop.get_by_role("link", name="English").first.click()
    expect(desktop.get_by_text("Your check-in has arrived")).to_be_visible()
