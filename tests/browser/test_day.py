"""A day at the desk: six roles, forty tasks, two zones of duty, one substitute, one late chain up to the street.

By visible labels only, in a browser for each person, with a clock that the test moves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from cli.database import PACKS
from engine import Engine, playback
from engine.clock import ManualClock
from tests.browser.conftest import Site, enter
from tests.diagrams import diagram, user

pytestmark = pytest.mark.browser

STREET, EAST, WEST = "440604010", "440604010001", "440604010002"
STEPS = (("登记", "grid_worker"), ("核实", "community_staff"), ("联系单位", "unit_liaison"), ("审批", "secretary"))
LATE = {"calendar": "duty", "escalate": "PT0S community_staff, PT2H subdistrict"}
CASES = 8  # of five tasks each
PACK = """
name = "duty"
version = "1"
[title]
zh = "值班"
en = "Duty"
[calendars.duty]
title = { zh = "值班时间", en = "Hours of duty" }
hours = [["1-5", "09:00", "18:00"]]
"""  # without a zone: each unit's own
SAID = {"type": "textfield", "key": "said", "label": "办理意见", "validate": {"required": True}}
FORM = json.dumps({"type": "default", "id": "f", "components": [SAID]}).encode()
PEOPLE = {
    "wang": ("网格员小王", [("grid_worker", STREET)]),
    "she": ("社工小佘", [("community_staff", STREET)]),
    "lian": ("联络员小连", [("unit_liaison", STREET)]),
    "shu": ("书记老舒", [("secretary", EAST)]),
    "xi": ("书记老西", [("secretary", WEST)]),
    "ding": ("党员老丁", [("member", STREET)]),
    "jie": ("街道小介", [("subdistrict", STREET)]),
}


@pytest.fixture
def site(engine: Engine, serve: Callable[[Engine], Site], tmp_path: Path) -> Site:
    """One street; a community on Shanghai's time and one on Urumqi's, two hours behind."""
    engine.deploy_pack(PACKS / "community", by="")
    (tmp_path / "duty").mkdir()
    (tmp_path / "duty" / "pack.toml").write_text(PACK, encoding="utf-8")
    engine.deploy_pack(tmp_path / "duty", by="")
    engine.people.put_unit(STREET, name="石湾镇街道")
    engine.people.put_unit(EAST, parent=STREET, name="东社区")
    engine.people.put_unit(WEST, parent=STREET, name="西社区", zone="Asia/Urumqi")
    engine.people.put_many({"login": k, "name": name, "posts": posts} for k, (name, posts) in PEOPLE.items())
    tasks = [
        user(f"u{n}", name=name, form="f", groups=role, due="PT4H", props=LATE if role == "secretary" else None)
        for n, (name, role) in enumerate(STEPS, 1)
    ]
    tasks.append(user("u5", name="回访", form="f", groups="member"))
    file = diagram(
        "s -> u1 -> u2 -> u3 -> u4 -> u5 -> e", *tasks, properties={"unit": "=unit", "title": "=what", "starters": "*"}
    )
    engine.deploy({"day.bpmn": file, "f.form": FORM}, by="")
    for n in range(CASES):
        engine.start("p", {"unit": EAST if n % 2 == 0 else WEST, "what": f"路灯 {n}"}, by="")
    return serve(engine)


class Worker:
    """One person at their desk."""

    def __init__(self, site: Site, page: Page, login: str) -> None:
        self.site, self.page, self.done = site, page, 0
        enter(page, site, login)

    def works_through(self, step: str, how_many: int, tab: str = "可认领") -> None:
        """Open the first task of a step from the desk, say what is to be said, hand it in; and so on."""
        for _ in range(how_many):
            self.page.goto(self.site.url + "/desk/")
            self.page.get_by_role("link", name=re.compile(f"^{tab}")).first.click()
            row = self.page.get_by_role("row").filter(has_text=step).first
            row.get_by_role("link").first.click()
            expect(self.page.get_by_role("heading", level=1)).to_have_text(step)
            self.page.get_by_label("办理意见").fill("已办")
            self.page.get_by_role("button", name="提交").last.click()
            expect(self.page.get_by_text(f"“{step}”已提交").first).to_be_visible()
            self.done += 1

    def sees(self, path: str, text: str) -> None:
        self.page.goto(self.site.url + path)
        expect(self.page.get_by_role("main").get_by_text(text).first).to_be_visible()


def test_a_day_of_six_roles(site: Site, engine: Engine, open_page: Callable[..., Page]) -> None:
    clock = engine.clock
    assert isinstance(clock, ManualClock)
    people = {login: Worker(site, open_page(), login) for login in PEOPLE}
    away(people["shu"], "社工小佘")
    people["wang"].works_through("登记", CASES)
    people["she"].works_through("核实", CASES)
    clock.advance(hours=6, minutes=30)  # 15:30 in Shanghai, 13:30 in Urumqi
    people["lian"].works_through("联系单位", CASES)
    due = {item.unit: item.due_at for item in engine.work_items(status="open")}
    assert due[EAST] - due[WEST] >= timedelta(hours=12), "four hours end today in Urumqi, tomorrow in Shanghai"

    people["she"].works_through("审批", CASES // 2, tab="代人办理")  # for the secretary who is away
    assert {item.unit for item in engine.work_items(status="open") if item.name == "审批"} == {WEST}
    people["xi"].works_through("审批", CASES // 2 - 1)
    late = next(item for item in engine.work_items(status="open") if item.name == "审批")
    playback.run_until(engine, clock, late.due_at + timedelta(minutes=1))
    people["she"].sees("/notices/", late.title)
    assert not engine.notices("jie")
    playback.run_until(engine, clock, late.due_at + timedelta(days=1))
    people["jie"].sees("/notices/", late.title)
    people["xi"].works_through("审批", 1)
    people["ding"].works_through("回访", CASES)

    assert sum(worker.done for worker in people.values()) == 40
    assert engine.instances(status="completed").total == CASES
    assert engine.doctor() == []


def away(who: Worker, substitute: str) -> None:
    """Ask a colleague to stand in, today and tomorrow."""
    who.page.goto(who.site.url + "/substitutes/")
    who.page.get_by_label("由谁代理").fill(substitute)
    who.page.get_by_label("到哪天").fill("2026-11-24")
    who.page.get_by_role("button", name="设置代理").click()
    expect(who.page.get_by_text(f"{substitute}代我办理")).to_be_visible()
