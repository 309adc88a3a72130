"""Trying a working copy, publishing with a report and moving running cases, as a browser without JavaScript sees it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from engine import Engine
from tests.admin.conftest import Visitor, text
from tests.diagrams import diagram, user

FIELD = '{"type":"textfield","key":"what","label":"什么事","validate":{"required":true}}'
FORM = f'{{"type":"default","id":"ask","components":[{FIELD}]}}'.encode()
TOML = """name = "small"
version = "1.0.0"
[title]
zh = "小包"
[roles.clerk]
title = { zh = "窗口" }
permissions = ["desk", "start"]
"""
LATE = {"calendar": "natural", "remind": "-PT1H", "escalate": "PT0S head"}


def drawn(node: str = "u1", due: str = "PT8H", name: str = "受理") -> bytes:
    return diagram(
        f"s -> {node} -> e", user(node, form="ask", groups="clerk", due=due, props=LATE, name=name), name="小事"
    )


@pytest.fixture
def packed(engine: Engine) -> Engine:
    engine.new_pack("small", "小包", by="drawer")
    keep(engine, "pack.toml", TOML.encode())
    keep(engine, "forms/ask.form", FORM)
    keep(engine, "processes/p.bpmn", drawn())
    return engine


def keep(engine: Engine, path: str, content: bytes) -> None:
    known = {one.path: one.revision for one in engine.pack_files("small")}
    engine.save_pack_file("small", path, content, revision=known.get(path, 0), by="drawer")


def link(page: str, words: str) -> str:
    """The address behind a link that shows these words."""
    found = re.search(rf'href="([^"]+)"[^>]*>(?:<svg.*?</svg>)?{re.escape(words)}<', page)
    assert found, words
    return found[1].replace("&amp;", "&").partition("#")[0]


def begun(visitor: Visitor) -> str:
    visitor.get("/packs/small/try/")
    visitor.post("/packs/small/try/begin", {"start": "2026-11-23T09:00"})
    return text(visitor.get("/packs/small/try/"))


def test_a_designer_plays_every_role_and_moves_the_time(packed: Engine, visit: Callable[..., Visitor]) -> None:
    drawer = visit("drawer")
    assert "开始试运行" in text(drawer.get("/packs/small/try/"))
    page = begun(drawer)
    assert "2026-11-23 09:00" in page and "小事" in page
    assert "这一步不需要填写内容" in text(drawer.get(link(page, "以窗口甲发起")))
    page = text(drawer.post("/packs/small/try/start/p?as=clerk-1", {}, follow_redirects=True))
    assert "受理" in page and "2026-11-23 17:00 到期" in page
    page = text(drawer.post("/packs/small/try/time", {"move": "next"}, follow_redirects=True))
    assert "2026-11-23 16:00" in page and "即将到期" in page, "the reminder, on screen only"
    page = text(drawer.post("/packs/small/try/time", {"move": "hour"}, follow_redirects=True))
    assert "升级：单位负责人" in page
    form = link(page, "以窗口乙办理")
    assert "什么事" in text(drawer.get(form))
    act = form.replace("/try/?item=", "/try/do/").replace("&as=", "?as=")
    assert drawer.post(act, {"what": ""}).status_code == 422, "the form's own rules hold"
    page = text(drawer.post(act, {"what": "路灯"}, follow_redirects=True))
    assert "已办结" in page and "路灯" in page
    assert packed.instances(status=None).total == 0 and packed.outbox() == []
    keep(packed, "processes/p.bpmn", drawn(due="PT4H"))
    assert "用新的工作稿重新开始" in text(drawer.get("/packs/small/try/"))
    drawer.post("/packs/small/try/end", {})
    assert "开始试运行" in text(drawer.get("/packs/small/try/"))


def test_a_run_is_kept_as_a_scenario_and_refuses_a_publication(packed: Engine, visit: Callable[..., Visitor]) -> None:
    drawer = visit("drawer")
    begun(drawer)
    drawer.post("/packs/small/try/start/p?as=clerk-1", {})
    drawer.post("/packs/small/try/time", {"move": "until", "moment": "2026-11-23T18:00"})
    page = text(drawer.post("/packs/small/try/save", {"title": "超期升级"}, follow_redirects=True))
    assert "超期升级" in page and "全部通过" in page and "没有场景走到" in page
    keep(packed, "processes/p.bpmn", drawn(due="PT40H"))
    assert "正在跑场景" in text(drawer.get("/packs/small/publish"))
    assert "没有通过" in text(drawer.get("/packs/small/publish/scenarios"))
    answer = drawer.post("/packs/small/publish", {"note": "改期限"})
    assert answer.status_code == 422
    assert "场景“超期升级”没有通过" in text(answer) and packed.definitions() == []
    keep(packed, "processes/p.bpmn", drawn())
    assert "第 1 版已发布" in text(drawer.post("/packs/small/publish", {"note": "第一版"}, follow_redirects=True))


def test_a_report_before_publishing_and_ten_cases_moved_and_back(packed: Engine, visit: Callable[..., Visitor]) -> None:
    drawer = visit("drawer")
    drawer.get("/packs/small/publish")
    drawer.post("/packs/small/publish", {"note": "第一版"})
    packed.people.put("wang", name="王窗口", posts=[("clerk", "t1")])
    cases = [packed.start("p", {}, by="wang").id for _ in range(10)]
    keep(packed, "processes/p.bpmn", drawn("v1", due="PT4H", name="初审"))
    page = text(drawer.get("/packs/small/publish"))
    assert "与第 1 版的差异" in page and "10 个事项还按旧版办理，其中 0 个可以移到新版" in page
    assert "旧版的“受理”" in page and "新版的“初审”" in page
    page = text(drawer.get("/packs/small/publish?map.p.u1=v1"))
    assert "其中 10 个可以移到新版" in page and "期限按新版本重新计算" in page
    page = text(drawer.post("/packs/small/publish", {"note": "改", "map.p.u1": "v1"}, follow_redirects=True))
    assert "全部移动" in page and "10 个事项还按旧版办理，其中 10 个可以移到第 2 版" in page
    assert {packed.instance(case).version for case in cases} == {1}, "nothing moves by itself"
    moving = {"which": "chosen", "case": str(cases[0]), "map.p.u1": "v1"}
    page = text(drawer.post("/packs/small/cases/p/move", moving, follow_redirects=True))
    assert "已把 1 个事项移到第 2 版" in page
    page = text(drawer.post("/packs/small/cases/p/move", {"which": "all", "map.p.u1": "v1"}, follow_redirects=True))
    assert "已把 9 个事项移到第 2 版" in page and "有 10 个事项移动后还没有新的动作" in page
    assert {packed.instance(case).version for case in cases} == {2}
    page = text(drawer.post("/packs/small/cases/p/undo", {}, follow_redirects=True))
    assert "已撤回 10 个事项的移动" in page and {packed.instance(case).version for case in cases} == {1}
    assert packed.journal(cases[0])[-1].event == "migration-undone"


def test_nobody_but_a_designer_comes_here(packed: Engine, visit: Callable[..., Visitor]) -> None:
    for path in ("/packs/small/try/", "/packs/small/publish", "/packs/small/cases/", "/packs/small/scenarios/"):
        assert visit("li").get(path).status_code == 403
