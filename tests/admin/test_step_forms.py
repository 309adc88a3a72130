"""A form drawn, posted, refused and kept: the server is the only interpreter and a plain post does everything."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from admin.app import create_app
from engine import Engine
from tests.admin import samples
from tests.admin.conftest import Visitor, build, populate, text

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One engine for this module: every test starts cases of its own."""
    folder: Path = tmp_path_factory.mktemp("forms")
    made = build(folder)
    populate(made)
    made.people.put("wang", name="王师傅", posts=[("desk", "t1"), ("start", "t1"), ("worker", "t1")])
    made.deploy(samples.FILES, by="boss")
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(engine: Engine) -> Flask:
    return create_app(engine)


@pytest.fixture
def task(engine: Engine) -> int:
    """A fresh repair waiting to be looked at; its task's id."""
    case = engine.start("repair", {"what": "灯坏了", "place": "1 栋<b>", "unit": "t1"}, by="wang")
    return engine.work_items(instance=case.id)[0].id


@pytest.fixture
def wang(visit: Callable[..., Visitor]) -> Visitor:
    return visit("wang")


def key_of(page: str) -> str:
    found = re.search(r'name="_key" value="([^"]+)"', page)
    assert found
    return found[1]


def test_labels_follow_the_reader_and_values_are_escaped(visit: Callable[..., Visitor], task: int) -> None:
    chinese, english = (text(visit("wang", lang).get(f"/task/{task}/")) for lang in ("zh-CN", "en"))
    assert "情况" in chinese and "小修" in chinese
    assert "State" in english and "Small" in english and "情况" not in english
    assert "1 栋<b>" not in chinese and "1 栋&lt;b&gt;" in chinese


def test_a_condition_hides_and_shows_a_field(wang: Visitor, task: int) -> None:
    assert 'name="cost"' not in text(wang.get(f"/task/{task}/"))
    shown = wang.post(f"/task/{task}/refresh", {"state": "big"}, headers={"HX-Request": "true"})
    assert 'name="cost"' in text(shown) and "<html" not in text(shown)


def test_without_htmx_a_refresh_is_a_whole_page(wang: Visitor, task: int) -> None:
    page = text(wang.post(f"/task/{task}/refresh", {"state": "big", "_add": "parts"}))
    assert "<html" in page and 'name="cost"' in page and 'name="parts.0.name"' in page


def test_rows_are_added_and_removed_and_keep_what_was_typed(wang: Visitor, task: int) -> None:
    typed = {"parts.0._row": "1", "parts.0.name": "开关", "parts.1._row": "1", "parts.1.name": "电线"}
    more = text(wang.post(f"/task/{task}/refresh", {**typed, "_add": "parts"}, headers={"HX-Request": "true"}))
    assert 'name="parts.2.name"' in more and 'value="开关"' in more
    fewer = text(wang.post(f"/task/{task}/refresh", {**typed, "_remove": "parts.0"}, headers={"HX-Request": "true"}))
    assert 'name="parts.1.name"' not in fewer and 'value="电线"' in fewer and "开关" not in fewer


def test_a_sum_is_computed_by_the_server_whatever_was_posted(wang: Visitor, task: int) -> None:
    typed = {"parts.0._row": "1", "parts.0.name": "灯泡", "total": "999"}
    page = text(wang.post(f"/task/{task}/refresh", typed, headers={"HX-Request": "true"}))
    assert re.search(r"<output[^>]*>\s*1\s*</output>", page) and ">999<" not in page and '"999"' not in page


def test_wrong_fields_come_back_marked_with_everything_kept_and_nothing_changed(
    wang: Visitor, engine: Engine, task: int
) -> None:
    typed = {"state": "big", "cost": "12a", "day": "2026-02-31", "needs": ["lamp", "rocket"], "parts.0.name": ""}
    answer = wang.post(f"/task/{task}/", typed)
    page = text(answer)
    assert answer.status_code == 422
    assert 'value="12a"' in page and "autofocus" in page and 'aria-invalid="true"' in page
    assert "处需要改正" in page
    assert engine.work_item(task).status == "open"
    assert engine.draft(f"item:{task}", "wang")["cost"] == "12a"


def test_errors_are_in_the_readers_language(visit: Callable[..., Visitor], task: int) -> None:
    page = text(visit("wang", "en").post(f"/task/{task}/", {"state": ""}))
    problems = re.findall(r"invalid-feedback[^>]*>([^<]+)<", page)
    assert problems and not re.search(r"[一-鿿]", "".join(problems))


def test_a_right_form_completes_the_step_typed_and_without_undeclared_keys(
    wang: Visitor, engine: Engine, task: int
) -> None:
    page = text(wang.get(f"/task/{task}/"))
    typed = {"_key": key_of(page), "state": "big", "cost": "88", "day": "2026-11-30", "keys": "true", "evil": "1"}
    answer = wang.post(f"/task/{task}/", {**typed, "needs": ["ladder", "lamp"]})
    assert answer.status_code == 302
    case = engine.instance(engine.work_item(task).instance_id)
    assert case.variables["cost"] == 88 and case.variables["keys"] is True
    assert case.variables["day"].isoformat() == "2026-11-30"
    assert case.variables["needs"] == ["ladder", "lamp"] and "evil" not in case.variables
    assert engine.draft(f"item:{task}", "wang") is None


def test_the_same_post_twice_has_one_effect_and_one_answer(wang: Visitor, engine: Engine, task: int) -> None:
    typed = {"_key": "the-same-key-twice", "state": "small", "day": ""}
    first, second = (wang.post(f"/task/{task}/", typed) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    case = engine.work_item(task).instance_id
    assert [e.node_id for e in engine.journal(case) if e.event == "completed"].count("look") == 1


def test_a_finished_task_refuses_and_still_shows_what_was_typed(wang: Visitor, engine: Engine, task: int) -> None:
    wang.post(f"/task/{task}/", {"state": "small"})
    answer = wang.post(f"/task/{task}/", {"_key": "another-key-now", "state": "big", "cost": "41"})
    assert answer.status_code == 409
    later = text(wang.get(f"/task/{task}/"))
    assert "您填过但没有提交的内容" in later and "41" in later
    assert engine.instance(engine.work_item(task).instance_id).variables["state"] == "small"


def test_somebody_else_cannot_complete_and_keeps_a_draft(
    visit: Callable[..., Visitor], engine: Engine, task: int
) -> None:
    engine.claim(task, by="wang")
    answer = visit("li").post(f"/task/{task}/", {"state": "small"})
    assert answer.status_code in (403, 404, 409)
    assert engine.work_item(task).status == "open" and engine.work_item(task).assignee == "wang"
    assert (engine.draft(f"item:{task}", "li") or {}).get("state") == "small"


def test_a_draft_is_saved_and_offered_again(wang: Visitor, engine: Engine, task: int) -> None:
    saved = text(wang.post(f"/task/{task}/draft", {"state": "big", "cost": "7"}, headers={"HX-Request": "true"}))
    assert "草稿已保存" in saved
    page = text(wang.get(f"/task/{task}/"))
    assert "没有提交的草稿" in page and 'value="7"' in page


def test_a_photo_is_stored_at_once_and_survives_an_error(wang: Visitor, engine: Engine) -> None:
    photo = (io.BytesIO(PNG), "门口.png", "text/html")
    answer = wang.post("/start/repair/", {"place": "2 栋", "_file.photo": photo})
    page = text(answer)
    assert answer.status_code == 422
    found = re.search(r'<input type="hidden" name="photo" value="([^"]+)">', page)
    assert found, "the stored photo must come back as a hidden field"
    shown = wang.get(f"/files/{found[1]}", buffered=True)
    assert shown.mimetype == "image/png" and shown.headers["X-Content-Type-Options"] == "nosniff"
    assert wang.post("/start/repair/", {"what": "门坏", "place": "2 栋", "photo": found[1]}).status_code == 302


def test_html_posing_as_a_photo_is_refused_at_its_field(wang: Visitor) -> None:
    fake = (io.BytesIO(b"<html><script>alert(1)</script>"), "a.png", "image/png")
    page = text(wang.post("/start/repair/", {"what": "门坏", "place": "2 栋", "_file.photo": fake}))
    assert "不是照片" in page and "<script>alert(1)" not in page


def test_a_file_is_only_for_those_who_may_see_the_case(visit: Callable[..., Visitor], engine: Engine) -> None:
    stored = engine.attach("名单.txt", "text/plain", io.BytesIO("名单".encode()), by="wang", field="photo")
    owner, other, nobody = visit("wang"), visit("drawer"), visit()
    answer = owner.get(f"/files/{stored}", buffered=True)
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].startswith("attachment")
    assert other.get(f"/files/{stored}", buffered=True).status_code == 404
    assert nobody.get(f"/files/{stored}", buffered=True).status_code == 404


def test_a_drawn_signature_is_stored_as_a_picture(wang: Visitor, engine: Engine, task: int) -> None:
    ink = "data:image/png;base64," + base64.b64encode(PNG).decode()
    assert wang.post(f"/task/{task}/", {"state": "small", "_ink.sign": ink}).status_code == 302
    case = engine.instance(engine.work_item(task).instance_id)
    assert engine.attachment(case.variables["sign"])[0].mime == "image/png"
