"""A designer's packs by visible labels: one is made and filled, changed after it was published, compared in colours and
rolled back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from engine import Engine
from tests.admin.conftest import populate
from tests.browser.conftest import PHONE, Site, enter, fits
from tests.diagrams import diagram, user

pytestmark = pytest.mark.browser
ONE = diagram("s -> u1 -> e", user("u1", groups="clerk"), key="zflc", name="走访流程")
TWO = diagram("s -> u1 -> u2 -> e", user("u1", groups="chief"), user("u2"), key="zflc", name="走访流程")
PATH = "processes/zflc.bpmn"


@pytest.fixture
def site(engine: Engine, serve: Callable[[Engine], Site]) -> Site:
    populate(engine)
    return serve(engine)


def put(engine: Engine, content: bytes) -> None:
    _, revision = engine.pack_file("zfww", PATH)
    engine.save_pack_file("zfww", PATH, content, revision=revision, by="drawer")


def coloured(page: Page, side: str, element: str, kind: str) -> None:
    """An element is drawn in the colour of a difference on one side."""
    expect(page.locator(f'[data-side={side}] [data-element-id="{element}"].linli-is-{kind}').first).to_be_visible()


def test_a_pack_from_its_first_file_to_a_roll_back(site: Site, desktop: Page, open_page: Callable[..., Page]) -> None:
    engine = site.engine
    enter(desktop, site, "drawer")
    desktop.goto(f"{site.url}/packs/")
    form = desktop.locator("#new")
    form.get_by_label("名称", exact=False).first.fill("走访慰问")
    form.get_by_role("button", name="建立").click()
    desktop.get_by_role("textbox", name="新建流程图").fill("走访流程")
    desktop.get_by_role("button", name="新建流程图").click()
    expect(desktop.locator("#studio[data-ready=yes]")).to_be_visible(timeout=20_000)
    put(engine, ONE)
    engine.publish_pack("zfww", "先用起来", by="drawer")
    put(engine, TWO)
    desktop.goto(f"{site.url}/packs/zfww/")
    desktop.get_by_role("link", name="1 个文件有改动").click()
    expect(desktop.locator("[data-differ][data-ready=yes]")).to_be_visible(timeout=20_000)
    coloured(desktop, "after", "u2", "added")
    coloured(desktop, "after", "u1", "changed")
    coloured(desktop, "before", "u1", "changed")
    expect(desktop.get_by_text("用户任务“u1” · 候选岗位：clerk → chief")).to_be_visible()
    desktop.get_by_role("button", name="新增用户任务“u2”").click()
    expect(desktop.locator('[data-side=after] [data-element-id="u2"].selected').first).to_be_attached()
    phone = open_page(PHONE)
    enter(phone, site, "drawer")
    phone.goto(desktop.url)
    expect(phone.locator("[data-differ][data-ready=yes]")).to_be_visible(timeout=20_000)
    fits(phone)
    desktop.get_by_role("link", name="版本", exact=True).click()
    desktop.get_by_role("button", name="恢复到此版").click()
    desktop.get_by_role("button", name="确定").click()
    expect(desktop.get_by_text("工作稿已恢复为第 1 版的内容")).to_be_visible()
    assert engine.pack_file("zfww", PATH)[0] == ONE
