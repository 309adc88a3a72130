"""The desk's lists: who has what, filters that are kept, several tasks at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from admin.app import create_app
from engine import Engine
from tests.admin import samples
from tests.admin.conftest import Visitor, build, populate, text

Visit = Callable[..., Visitor]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Two workers of one community, one of the other, an overseer."""
    made = build(tmp_path)
    populate(made)
    for login, unit in (("wang", "t1"), ("zhao", "t1"), ("he", "t2")):
        made.people.put(login, name=f"{login}师傅", posts=[("desk", unit), ("worker", unit)])
    made.people.put("head", name="所长", posts=[("desk", "t"), ("oversee", "t")])
    made.deploy(samples.FILES, by="boss")
    yield made
    made.close()


@pytest.fixture
def app(engine: Engine) -> Flask:
    return create_app(engine)


def task(engine: Engine, place: str, unit: str = "t1") -> int:
    """A case's first task."""
    case = engine.start("repair", {"what": "灯坏了", "place": place, "unit": unit}, by="boss")
    return engine.work_items(instance=case.id)[0].id


def mending(engine: Engine, place: str, by: str = "wang") -> int:
    """A case's second task, that has no form, with somebody."""
    first = task(engine, place)
    engine.complete(first, {"state": "small"}, by=by)
    second = engine.work_items(instance=engine.work_item(first).instance_id)[0].id
    engine.claim(second, by=by)
    return second


def test_the_team_shows_what_colleagues_have_and_nothing_of_other_places(engine: Engine, visit: Visit) -> None:
    engine.claim(task(engine, "一号楼"), by="zhao")
    task(engine, "九号楼", "t2")
    page = text(visit("wang").get("/desk/?tab=team"))
    assert "一号楼" in page and "zhao师傅" in page and "九号楼" not in page
    page = text(visit("head").get("/desk/?tab=team"))
    assert "一号楼" in page and "九号楼" in page
    only = text(visit("head").get("/desk/?tab=team&who=zhao"))
    assert "一号楼" in only and "九号楼" not in only
    free = text(visit("head").get("/desk/?tab=team&who=-"))
    assert "一号楼" not in free and "九号楼" in free


def test_filters_narrow_a_list(engine: Engine, visit: Visit) -> None:
    task(engine, "一号楼")
    engine.clock.advance(timedelta(days=5))  # type: ignore[attr-defined]
    task(engine, "二号楼")
    wang = visit("wang")
    late = text(wang.get("/desk/?tab=claim&late=1"))
    assert "一号楼" in late and "二号楼" not in late
    assert "一号楼" not in text(wang.get("/desk/?tab=claim&unit=t2"))
    assert "一号楼" in text(wang.get("/desk/?tab=claim&unit=t1&process=repair"))
    assert "没有符合条件的" in text(wang.get("/desk/?tab=claim&process=other"))


def test_a_copied_task_is_listed_until_after_its_end(engine: Engine, visit: Visit) -> None:
    one = task(engine, "一号楼")
    engine.copy_to(one, ["head"], by="wang")
    head = visit("head")
    assert "一号楼" in text(head.get("/desk/?tab=copied"))
    engine.complete(one, {"state": "small"}, by="wang")
    assert "一号楼" in text(head.get("/desk/?tab=copied"))
    assert "没有抄送给您" in text(visit("zhao").get("/desk/?tab=copied"))


def test_a_filter_is_kept_and_shown_and_forgotten(engine: Engine, visit: Visit) -> None:
    wang = visit("wang")
    wang.get("/desk/?tab=team&late=1")
    answer = wang.post("/desk/lists", {"name": "超期的", "query": "tab=team&late=1&evil=//x"})
    assert answer.location == "/desk/?tab=team&late=1"
    page = text(wang.get("/desk/"))
    assert "超期的" in page and "tab=team&amp;late=1" in page and "evil" not in page
    assert "超期的" not in text(visit("zhao").get("/desk/"))
    key = engine.saved_lists("wang")[0].id
    visit("zhao").post(f"/desk/lists/{key}/drop")
    assert engine.saved_lists("wang") != []
    wang.post(f"/desk/lists/{key}/drop")
    assert engine.saved_lists("wang") == []


def test_several_tasks_are_claimed_and_who_was_too_late_is_told(engine: Engine, visit: Visit) -> None:
    items = [task(engine, f"{n} 栋") for n in range(3)]
    engine.claim(items[0], by="zhao")
    wang = visit("wang")
    wang.get("/desk/?tab=claim")
    answer = wang.post("/desk/bulk", {"act": "claim", "item": [str(i) for i in items], "query": "tab=claim"})
    said = text(wang.get(answer.location))
    assert "已认领 2 项" in said and "1 项没有认领" in said
    assert engine.count_items(assignee="wang") == 2


def test_several_tasks_go_to_a_colleague(engine: Engine, visit: Visit) -> None:
    items = [task(engine, f"{n} 栋") for n in range(2)]
    for item in items:
        engine.claim(item, by="wang")
    wang = visit("wang")
    wang.get("/desk/")
    wang.post("/desk/bulk", {"act": "transfer", "to": "zhao师傅", "item": [str(i) for i in items]})
    assert engine.count_items(assignee="zhao") == 2


def test_only_what_needs_no_answer_is_completed_unseen(engine: Engine, visit: Visit) -> None:
    easy, hard = mending(engine, "一号楼"), task(engine, "二号楼")
    engine.claim(hard, by="wang")
    wang = visit("wang")
    wang.get("/desk/")
    sent = {"act": "complete", "item": [str(easy), str(hard)], "_key": "a-key-of-this-page"}
    said = text(wang.get(wang.post("/desk/bulk", sent).location))
    assert "已办结 1 项" in said and "需要打开填写后提交" in said
    assert (engine.work_item(easy).status, engine.work_item(hard).status) == ("completed", "open")
    again = text(wang.get(wang.post("/desk/bulk", sent).location))
    assert "已办结 1 项" in again  # the same key: the same answer, once


def test_a_draft_is_not_completed_over(engine: Engine, visit: Visit) -> None:
    easy = mending(engine, "一号楼")
    engine.save_draft(f"item:{easy}", "wang", {"note": "写了一半"})
    wang = visit("wang")
    wang.get("/desk/")
    said = text(wang.get(wang.post("/desk/bulk", {"act": "complete", "item": str(easy)}).location))
    assert "有没提交的草稿" in said and engine.work_item(easy).status == "open"


def test_an_answer_that_redirects_tells_a_script_where(engine: Engine, visit: Visit) -> None:
    wang = visit("wang")
    wang.get("/desk/")
    answer = wang.post("/desk/bulk", {"act": "claim", "query": "tab=claim"}, headers={"X-Linli-Send": "1"})
    assert (answer.status_code, answer.headers["X-Linli-Location"], answer.location) == (204, "/desk/?tab=claim", None)


def test_a_list_of_units_that_is_empty_says_who_can_help(tmp_path: Path) -> None:
    with build(tmp_path) as engine:
        engine.deploy(samples.FILES, by="")
        assert "还没有可选的单位" in text(Visitor(create_app(engine)).get("/portal/submit/repair"))
