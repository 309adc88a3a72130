"""A pack's pages in a real browser: choosing like rows, acting on them, handing on a text; at both widths."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine import Engine
from tests.admin.conftest import populate
from tests.admin.test_pages import fill
from tests.browser.conftest import Site, enter, fits

pytestmark = pytest.mark.browser


@pytest.fixture
def site(engine: Engine, serve: Callable[[Engine], Site], tmp_path: Path) -> Site:
    """The needs of two communities."""
    populate(engine)
    fill(engine, tmp_path / "pack")
    return serve(engine)


def test_like_rows_are_chosen_together_and_acted_on(site: Site, engine: Engine, desktop: Page) -> None:
    enter(desktop, site, "clerk")
    desktop.goto(site.url + "/p/pool/")
    act = desktop.get_by_role("button", name="归为路灯")
    expect(act).to_be_disabled()
    desktop.get_by_label("全选“一号楼 · 道路”").check()
    expect(desktop.locator("[data-chosen]")).to_have_text("2")
    act.click()
    expect(desktop.get_by_text("已保存。")).to_be_visible()
    assert engine.register("needs").count({"kind": "lamp"}) == 4


def test_a_rows_own_button_acts_on_that_row_alone(site: Site, engine: Engine, desktop: Page) -> None:
    enter(desktop, site, "clerk")
    desktop.goto(site.url + "/p/pool/")
    desktop.get_by_role("row", name="N2").get_by_role("button", name="我来办").click()
    expect(desktop.get_by_text("已保存。")).to_be_visible()
    assert [row["code"] for row in engine.register("needs").rows() if row["who"] == "clerk"] == ["N2"]


def test_a_row_is_deleted_only_after_a_question(site: Site, engine: Engine, desktop: Page) -> None:
    """Under a strict content policy Flask-Admin's own delete button asked nothing."""
    enter(desktop, site, "keeper")
    row = engine.register("needs").must("N1")["id"]
    desktop.goto(f"{site.url}/registers/needs/row/{row}")
    desktop.get_by_role("button", name="删除").click()
    expect(desktop.get_by_role("dialog")).to_contain_text("不能恢复")
    desktop.get_by_role("dialog").get_by_role("button").first.click()
    assert engine.register("needs").get("N1") is not None
    desktop.get_by_role("button", name="删除").click()
    desktop.get_by_role("dialog").get_by_role("button").last.click()
    expect(desktop.get_by_text("已删除")).to_be_visible()
    assert engine.register("needs").get("N1") is None


@pytest.mark.parametrize("path", ["/p/pool/", "/p/columns/", "/p/month/", "/registers/needs/", "/registers/needs/new"])
def test_pages_and_registers_fit_a_phone(site: Site, phone: Page, path: str) -> None:
    enter(phone, site, "clerk")
    phone.goto(site.url + path)
    fits(phone)
