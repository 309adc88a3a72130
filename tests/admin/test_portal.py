"""Residents: submit without an account, follow by code, say whether it was solved; nothing private on the way."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from admin.app import create_app
from engine import Engine
from tests.admin import samples
from tests.admin.conftest import Visitor, build, populate, text
from tests.admin.test_step_forms import PNG


@pytest.fixture
def engine(tmp_path: object) -> Iterator[Engine]:
    made = build(tmp_path)  # type: ignore[arg-type]
    populate(made)
    made.people.put("wang", name="王师傅", posts=[("desk", "t1"), ("worker", "t1")])
    made.deploy(samples.FILES, by="boss")
    yield made
    made.close()


@pytest.fixture
def app(engine: Engine) -> Flask:
    return create_app(engine)


DEMAND = {"what": "灯坏了", "place": "1 栋", "unit": "t1", "phone": "13800000009"}


def submit(visitor: Visitor) -> str:
    """Submit as a resident; the code."""
    visitor.get("/portal/submit")
    answer = visitor.post("/portal/submit/repair", DEMAND)
    assert answer.status_code == 302, text(answer)
    found = re.search(r"/portal/track/([^/?]+)", answer.headers["Location"])
    assert found
    return found[1]


def finish(engine: Engine) -> None:
    """Staff do their steps; the reporter is asked now."""
    case = engine.instances().rows[0].id
    engine.complete(engine.work_items(instance=case)[0].id, {"state": "small"}, by="wang")
    engine.complete(engine.work_items(instance=case)[0].id, {}, by="wang")


def test_the_home_offers_public_processes_and_the_code_box(visit: Callable[..., Visitor]) -> None:
    page = text(visit().get("/portal/"))
    assert "报修" in page and "查询码" in page
    assert "Repair" in text(visit("", "en").get("/portal/"))


def test_a_resident_submits_gets_a_code_and_follows_it(visit: Callable[..., Visitor], engine: Engine) -> None:
    resident = visit()
    code = submit(resident)
    page = text(resident.get(f"/portal/track/{code}?fresh=1"))
    assert "请保存查询码" in page and code in page and "<svg" in page
    case = engine.instances().rows[0]
    assert engine.instance(case.id).variables["channel"] == "portal" and case.started_by == ""
    other = text(visit().get(f"/portal/track/{code}"))
    assert "现场查看" in other and "请保存查询码" not in other


def test_the_code_page_shows_nothing_private(visit: Callable[..., Visitor], engine: Engine) -> None:
    code = submit(visit())
    engine.comment(engine.instances().rows[0].id, "此人多次投诉", by="wang")
    finish(engine)
    page = text(visit().get(f"/portal/track/{code}"))
    for secret in ("王师傅", "wang", "13800000009", "多次投诉", "动手修", "灯坏了"):
        assert secret not in page


def test_a_wrong_code_says_so_without_telling_anything(visit: Callable[..., Visitor], engine: Engine) -> None:
    submit(visit())
    number = engine.instances().rows[0].id
    for code in ("R-000000", str(number), "x" * 200, "%00", "../admin"):
        assert visit().get(f"/portal/track/{code}").status_code == 404


def test_the_reporter_says_on_the_code_page_whether_it_was_solved(
    visit: Callable[..., Visitor], engine: Engine
) -> None:
    resident = visit()
    code = submit(resident)
    assert "解决了吗" not in text(resident.get(f"/portal/track/{code}"))
    finish(engine)
    page = text(resident.get(f"/portal/track/{code}"))
    found = re.search(r'name="item" value="(\d+)"', page)
    assert "解决了吗" in page and found
    wrong = resident.post(f"/portal/track/{code}", {"item": found[1], "solved": "maybe", "remark": "谢谢"})
    assert wrong.status_code == 422 and "谢谢" in text(wrong)
    assert resident.post(f"/portal/track/{code}", {"item": found[1], "solved": "no", "stars": "2"}).status_code == 302
    case = engine.instance(engine.instances().rows[0].id)
    assert case.status == "completed" and case.variables["solved"] == "no" and case.variables["stars"] == 2
    again = resident.post(f"/portal/track/{code}", {"item": found[1], "solved": "yes"})
    assert again.status_code == 409 and engine.instance(case.id).variables["solved"] == "no"


def test_a_question_of_another_code_cannot_be_answered(visit: Callable[..., Visitor], engine: Engine) -> None:
    first = submit(visit())
    finish(engine)
    item = engine.public_items(first)[0]
    second = submit(visit())
    answer = visit().post(f"/portal/track/{second}", {"item": str(item.id), "solved": "yes"})
    assert answer.status_code == 409 and engine.work_item(item.id).status == "open"


def test_what_is_not_public_cannot_be_started_here(visit: Callable[..., Visitor], engine: Engine) -> None:
    closed = samples.REPAIR.replace(b'id="repair"', b'id="inner"').replace(b"public, worker", b"worker")
    engine.deploy({"inner.bpmn": closed.replace(b'bpmnElement="repair"', b'bpmnElement="inner"')}, by="boss")
    resident = visit()
    assert resident.get("/portal/submit/inner").status_code == 404
    assert resident.post("/portal/submit/inner", DEMAND).status_code == 404


def test_a_wrong_submission_keeps_what_was_typed_and_starts_nothing(
    visit: Callable[..., Visitor], engine: Engine
) -> None:
    answer = visit().post("/portal/submit/repair", {"what": "", "place": "2 栋", "phone": "123"})
    assert answer.status_code == 422 and 'value="2 栋"' in text(answer)
    assert engine.instances().total == 0


def test_submitting_is_limited_by_address(visit: Callable[..., Visitor]) -> None:
    resident = visit()
    answers = [resident.post("/portal/submit/repair", {"what": ""}).status_code for _ in range(25)]
    assert answers[0] == 422 and answers[-1] == 429


def test_a_post_without_the_page_is_refused(visit: Callable[..., Visitor], engine: Engine) -> None:
    assert visit().client.post("/portal/submit/repair", data=DEMAND).status_code == 400
    assert engine.instances().total == 0


def test_a_resident_sees_their_own_photo_and_nobody_else_does(visit: Callable[..., Visitor]) -> None:
    resident = visit()
    page = text(
        resident.post(
            "/portal/submit/repair/refresh",
            {"what": "x", "_file.photo": (io.BytesIO(PNG), "a.png")},
            headers={"HX-Request": "true"},
        )
    )
    found = re.search(r'<input type="hidden" name="photo" value="([^"]+)">', page)
    assert found
    assert resident.get(f"/files/{found[1]}", buffered=True).mimetype == "image/png"
    assert visit().get(f"/files/{found[1]}", buffered=True).status_code == 404
