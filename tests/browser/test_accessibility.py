"""WCAG 2.2 AA by axe-core over the screens people use most: both languages, both widths, light and dark.

axe-core is a file of the tests (admin/frontend/build.mjs puts it here); no screen loads it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from engine import Engine
from tests.admin import samples
from tests.admin.conftest import populate
from tests.browser.conftest import DESKTOP, PHONE, Site, enter

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
GRAVE = ("serious", "critical")


@pytest.fixture
def site(engine: Engine, serve: Callable[[Engine], Site]) -> Site:
    """Repairs in every state, an incident's worth of people, a kept filter."""
    populate(engine)
    engine.people.put("wang", name="王师傅", posts=[("desk", "t1"), ("start", "t1"), ("worker", "t1"), ("admin", "")])
    engine.deploy(samples.FILES, by="boss")
    cases = [
        engine.start("repair", {"what": "灯坏了", "place": f"{n} 栋", "unit": "t1"}, by="wang").id for n in range(3)
    ]
    engine.claim(engine.work_items(instance=cases[0])[0].id, by="wang")
    engine.complete(engine.work_items(instance=cases[1])[0].id, {"state": "small"}, by="wang")
    engine.comment(cases[0], "请带梯子", by="wang")
    engine.save_list("wang", "超期的", "tab=team&late=1")
    return serve(engine)


def grave(page: Page) -> list[str]:
    """Serious findings of the page shown, in a line each."""
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [
        f"{page.url}: {one['id']}: {node['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"][:3]
    ]


@pytest.mark.parametrize(
    ("locale", "size", "theme"),
    [
        pytest.param("zh-CN", DESKTOP, "light", id="zh-desktop-light"),
        pytest.param("en-GB", PHONE, "light", id="en-phone-light"),
        pytest.param("zh-CN", PHONE, "dark", id="zh-phone-dark"),
        pytest.param("en-GB", DESKTOP, "dark", id="en-desktop-dark"),
    ],
)
def test_no_screen_has_a_serious_finding(
    site: Site, engine: Engine, open_page: Callable[..., Page], locale: str, size: dict[str, int], theme: str
) -> None:
    page = open_page(size, locale)
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    wrong: list[str] = []
    for path in ("/portal/", "/sign-in"):
        page.goto(site.url + path)
        wrong += grave(page)
    enter(page, site, "wang")
    case, task = engine.instances().rows[-1].id, engine.work_items(assignee="wang")[0].id
    desk = ("/desk/?tab=mine", "/desk/?tab=claim", "/desk/?tab=team", f"/task/{task}/", f"/case/{case}/")
    rest = ("/start/repair/", "/notices/", "/people/", "/definitions/", "/timers/", "/account/")
    for path in (*desk, *rest):
        page.goto(site.url + path)
        wrong += grave(page)
    assert not wrong, "\n".join(wrong)
