"""The shell of the studio's editors, seen from a diagram of a pack: who was faster, a lost line, an ended session, a
file that is none. Nothing of anybody is lost; one server for all."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from engine import Engine
from tests.admin.conftest import populate
from tests.browser.conftest import Site, enter
from tests.diagrams import diagram

pytestmark = pytest.mark.browser
PATH = "processes/灯.bpmn"
FILE = re.compile(r"/packs/lamps/file/")
DRAWN = diagram("s -> u1 -> e", key="lamp", name="报灯")


@pytest.fixture
def site(engine: Engine, serve: Callable[[Engine], Site]) -> Site:
    """A pack of one process, in work."""
    populate(engine)
    engine.new_pack("lamps", "路灯", by="drawer")
    engine.save_pack_file("lamps", PATH, DRAWN, revision=0, by="drawer")
    return serve(engine)


def opened(page: Page, site: Site, path: str = PATH) -> None:
    enter(page, site, "drawer")
    page.goto(f"{site.url}/packs/lamps/edit/{path}")
    expect(page.locator("#studio[data-ready=yes]")).to_be_visible(timeout=30_000)


def rename(page: Page, name: str) -> None:
    """A change as a designer makes one."""
    page.evaluate(
        "name => linliModeler.get('modeling').updateProperties(linliModeler.get('elementRegistry').get('u1'), {name})",
        name,
    )


def kept(site: Site, path: str = PATH) -> str:
    return site.engine.pack_file("lamps", path)[0].decode()


def test_two_designers_a_lost_line_and_an_ended_session_lose_nothing(site: Site, desktop: Page) -> None:
    opened(desktop, site)
    status = desktop.locator("[data-studio=status]")

    rename(desktop, "登记")  # saved by itself, and found fault with
    expect(status).to_contain_text("已保存")
    assert "登记" in kept(site)

    desktop.route(FILE, lambda route: route.abort())  # the line is lost
    rename(desktop, "没有网")
    expect(desktop.get_by_text("连不上服务器")).to_be_visible()
    assert "没有网" not in kept(site)
    desktop.unroute(FILE)
    desktop.get_by_role("button", name="现在重试").click()
    expect(status).to_contain_text("已保存")
    assert "没有网" in kept(site)

    desktop.context.clear_cookies()  # the session ends, and somebody signs in again in another tab
    rename(desktop, "过期")
    expect(desktop.get_by_text("登录已过期")).to_be_visible()
    expect(desktop.get_by_role("link", name="重新登录")).to_have_attribute("target", "_blank")
    enter(desktop, site, "drawer")
    desktop.get_by_role("button", name="我已登录，继续").click()
    expect(status).to_contain_text("已保存")
    assert "过期" in kept(site)

    revision = site.engine.pack_file("lamps", PATH)[1]  # another designer is faster
    theirs = DRAWN.replace("报灯".encode(), "别人的".encode())
    site.engine.save_pack_file("lamps", PATH, theirs, revision=revision, by="boss")
    rename(desktop, "我的")
    expect(desktop.get_by_role("alert").filter(has_text="改过这个文件")).to_be_visible()
    assert kept(site).encode() == theirs, "nothing of theirs is overwritten"
    desktop.get_by_role("button", name="看对方的版本").click()
    expect(desktop.get_by_role("alert").filter(has_text="您的修改还保存在本机")).to_be_visible()
    desktop.get_by_role("button", name="把我的存为副本").click()
    desktop.get_by_role("button", name="打开副本").click()
    expect(desktop.locator("svg text").filter(has_text="我的").first).to_be_visible()
    assert "我的" in kept(site, "processes/灯-copy.bpmn") and kept(site).encode() == theirs


def test_what_could_not_be_saved_is_offered_when_the_page_is_opened_again(site: Site, desktop: Page) -> None:
    opened(desktop, site)

    def refuse(route: Route) -> None:
        route.fulfill(status=503) if route.request.method == "POST" else route.continue_()

    desktop.route(FILE, refuse)
    rename(desktop, "路上写的")
    expect(desktop.get_by_text("连不上服务器")).to_be_visible()
    desktop.on("dialog", lambda dialog: dialog.accept())  # "leave this page?"
    desktop.reload()
    expect(desktop.locator("#studio[data-ready=yes]")).to_be_visible(timeout=30_000)
    desktop.unroute(FILE)
    desktop.get_by_role("button", name="打开本机的修改").click()
    expect(desktop.locator("[data-studio=status]")).to_contain_text("已保存")
    assert "路上写的" in kept(site)


def test_a_file_that_is_no_diagram_is_told_and_stays_as_it_was(site: Site, desktop: Page) -> None:
    """Broken, another format, too large: a sentence, the text to edit, nothing saved over it."""
    comment = b"<!--" + b"x" * (4 * 1024 * 1024) + b"-->"
    files = {
        "processes/broken.bpmn": (DRAWN[:-40], "文件打不开"),
        "processes/other.bpmn": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "不是 BPMN 流程图"),
        "processes/text.bpmn": ("不是图".encode(), "不是 XML"),
        "processes/large.bpmn": (DRAWN.replace(b"</definitions>", comment + b"</definitions>"), "最多 4 MB"),
    }
    enter(desktop, site, "drawer")
    for path, (content, sentence) in files.items():
        site.engine.save_pack_file("lamps", path, content, revision=0, by="drawer")
        desktop.goto(f"{site.url}/packs/lamps/edit/{path}")
        expect(desktop.get_by_role("alert").filter(has_text=sentence)).to_be_visible(timeout=30_000)
        assert site.engine.pack_file("lamps", path)[0] == content
    desktop.goto(f"{site.url}/packs/lamps/edit/processes/broken.bpmn")
    desktop.get_by_role("button", name="以文本打开").click()
    expect(desktop.get_by_label("文件内容")).to_have_value(DRAWN[:-40].decode())
