"""Posts that no page of ours would send: garbage in fields, other people's tasks and cases, forged links and files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook

from admin.app import create_app
from engine import Engine
from engine.records import WorkItem
from tests.admin import samples
from tests.admin.conftest import Visitor, build, populate, text
from tests.admin.test_pages import fill, ids

Visit = Callable[..., Visitor]
MARKUP = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """The repair process in East; `stranger` works in West and may do there all that wang may in East."""
    made = build(tmp_path)
    populate(made)
    for login, unit in (("wang", "t1"), ("stranger", "t2")):
        made.people.put(
            login, name=MARKUP + login, posts=[(post, unit) for post in ("desk", "start", "worker", "operate")]
        )
    made.deploy(samples.FILES, by="boss")
    yield made
    made.close()


@pytest.fixture
def app(engine: Engine) -> Flask:
    return create_app(engine)


@pytest.fixture
def item(engine: Engine) -> WorkItem:
    """The open task of a case in East, whose texts are markup."""
    case = engine.start("repair", {"what": MARKUP, "place": MARKUP, "unit": "t1"}, by="wang")
    return engine.work_items(instance=case.id)[0]


GARBAGE: dict[str, dict[str, Any]] = {
    "undeclared": {"zzz": "1", "__class__": "x", "parts": "x"},
    "rows that are none": {"parts.x.name": "a", "parts.-1.name": "b", "parts.999999.name": "c", "parts.0.0.name": "d"},
    "too many rows": {f"parts.{number}.name": "x" for number in range(1_500)},
    "a row of a row": {"_add": "parts.0.name", "_remove": "parts.99"},
    "dots": {"_add": "....", "_remove": ".."},
    "superscript": {"_add": "parts.²", "_remove": "parts.²", "parts.0.name": "a"},
    "5,000 digits": {"_add": "parts." + "9" * 5_000, "parts.0.name": "a"},
    "nowhere": {"_add": "a.b.c", "_remove": "state.0"},
    "several for one": {"state": ["small", "big"]},
    "a long signature": {"sign": "x" * 100_000},
    "ink that is none": {"_ink.sign": "data:image/png;base64,!!!!"},
    "no such day": {"day": "9999-99-99"},
    "too large": {"state": "big", "cost": "1e999"},
    "2,000 tags": {"needs": ["ladder"] * 2_000},
    "a forged sum": {"total": "99"},
    "odd keys": {"_key": "中" * 30, "lang": "xx"},
    "nul": {"sign": "a\0b", "state": "\0"},
}


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_is_answered_and_changes_nothing(engine: Engine, visit: Visit, item: WorkItem, garbage: str) -> None:
    """`parts.²` in the button's value broke the page: ² is a digit to Python, but no number."""
    wang = visit("wang")
    data = {"state": "nonsense", **GARBAGE[garbage]}
    if data["state"] == ["small", "big"]:
        data["cost"] = "0"
    for path in ("refresh", "draft", ""):
        assert wang.post(f"/task/{item.id}/{path}", data).status_code in (200, 413, 422)
        assert wang.get(f"/task/{item.id}/").status_code == 200  # the draft that was kept is no trap
    assert engine.work_item(item.id).status == "open"
    assert engine.doctor() == []


STRANGERS = ("", "refresh", "do/claim", "do/transfer", "do/copy", "do/urge", "do/comment", "do/withdraw")


@pytest.mark.parametrize("path", STRANGERS)
def test_a_task_of_another_community_is_not_there(engine: Engine, visit: Visit, item: WorkItem, path: str) -> None:
    """Anybody could copy a task to themselves by its number (`copy`), and so see the case behind it; `urge` took
    anybody too."""
    stranger = visit("stranger")
    answer = stranger.post(f"/task/{item.id}/{path}", {"to": "stranger", "text": "x", "state": "small"})
    assert answer.status_code == 404
    assert stranger.get(f"/task/{item.id}/").status_code == 404
    assert stranger.get(f"/case/{item.instance_id}/").status_code == 404
    assert {entry.event for entry in engine.journal(item.instance_id)}.isdisjoint({"copied", "urged", "claimed"})


@pytest.mark.parametrize("path", ["comment", "cancel", "variables", "urge/{item}", "diagram", ""])
def test_a_case_of_another_community_is_not_there(engine: Engine, visit: Visit, item: WorkItem, path: str) -> None:
    stranger, address = visit("stranger"), f"/case/{item.instance_id}/{path.format(item=item.id)}"
    ask = stranger.get if path in ("diagram", "") else stranger.post
    assert ask(address).status_code == 404
    assert engine.instance(item.instance_id).status == "running"


def test_ones_own_case_is_no_way_to_urge_another(engine: Engine, visit: Visit, item: WorkItem) -> None:
    own = engine.start("repair", {"what": "x", "place": "y", "unit": "t2"}, by="stranger")
    assert visit("stranger").post(f"/case/{own.id}/urge/{item.id}").status_code == 404
    assert "urged" not in {entry.event for entry in engine.journal(item.instance_id)}


def test_an_operation_that_the_diagram_does_not_offer_cannot_be_posted(
    visit: Visit, engine: Engine, item: WorkItem
) -> None:
    """The buttons followed the property `operations`, the address behind them did not."""
    wang = visit("wang")
    wang.post(f"/task/{item.id}/", {"state": "small"})
    mend = engine.work_items(instance=item.instance_id)[0]  # offers transfer and urge only
    assert wang.post(f"/task/{mend.id}/do/copy", {"to": "boss"}).status_code == 404
    assert wang.post(f"/task/{mend.id}/do/claim").status_code == 302


def test_markup_that_people_type_is_shown_as_text(engine: Engine, visit: Visit, item: WorkItem) -> None:
    code = engine.instance(item.instance_id).business_key
    engine.comment(item.instance_id, MARKUP, by="wang")
    wang = visit("wang")
    wang.post(f"/task/{item.id}/draft", {"sign": MARKUP, "parts.0.name": MARKUP})
    pages = (
        "/desk/?tab=claim",
        "/desk/?tab=started",
        "/notices/",
        "/people/",
        "/people/wang/",
        "/timers/",
        "/insight/",
    )
    for address in (*pages, f"/task/{item.id}/", f"/case/{item.instance_id}/", f"/portal/track/{code}"):
        for visitor in (wang, visit("boss")):
            page = text(visitor.get(address))
            assert "<script>alert" not in page and "<img src=x" not in page and "}49" not in page, address


FILES = {
    "svg": ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    "a page": ("a.png", b"<html><script>alert(1)</script>"),
    "a program": ("a.jpg", b"MZ\x00\x01"),
    "nothing": ("a.png", b""),
    "half an archive": ("a.zip", b"PK\x03\x04garbage"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_no_photo_is_refused_and_the_demand_is_not_sent_without_it(
    engine: Engine, visit: Visit, kind: str
) -> None:
    name, content = FILES[kind]
    data = {"what": "x", "place": "y", "unit": "t1", "_file.photo": (io.BytesIO(content), name)}
    answer = visit().post("/portal/submit/repair", data, content_type="multipart/form-data")
    assert answer.status_code == 422 and name in text(answer)
    assert engine.instances().total == 0


FORMULAS = ("=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1")


def test_an_exported_cell_is_no_formula(engine: Engine, visit: Visit, tmp_path: Path) -> None:
    """A resident's text that starts with = ran as a formula on the desk of whoever opened the export."""
    fill(engine, tmp_path / "pack")
    register = engine.register("needs")
    for number, formula in enumerate(FORMULAS):
        register.insert(
            {"code": f"F{number}", "what": formula, "unit": "t1", "place": "x", "kind": "road", "places": 1}
        )
    clerk = visit("clerk")
    lines = csv.reader(io.StringIO(clerk.get("/registers/needs/export.csv").data.decode("utf-8-sig")))
    assert not [cell for line in lines for cell in line if cell[:1] in ("=", "+", "@", "\t", "\r") or cell[:2] == "-1"]
    book = load_workbook(io.BytesIO(clerk.get("/registers/needs/export.xlsx").data))
    assert not [cell for row in book.active.iter_rows() for cell in row if cell.data_type == "f"]


def test_a_row_of_another_community_is_not_there(engine: Engine, visit: Visit, tmp_path: Path) -> None:
    fill(engine, tmp_path / "pack")
    row, west = ids(engine)["N1"], visit("west")
    for address in (f"/registers/needs/row/{row}", f"/registers/needs/edit/{row}", f"/p/pool/row/all/{row}"):
        assert west.get(address).status_code == 404
    assert west.post(f"/registers/needs/edit/{row}", {"code": "N1", "what": "mine"}).status_code == 404
    assert west.post(f"/registers/needs/delete/{row}").status_code == 404
    west.post("/p/pool/do/all/close", {"row": [row]})
    for address in ("/registers/needs/export.csv", "/registers/needs/?q=N1", "/registers/needs/?f.unit=t1"):
        assert "N1" not in text(west.get(address)).replace("q=N1", "").replace('value="N1"', "")
    kept = next(one for one in engine.register("needs").rows() if one["code"] == "N1")
    assert (kept["kind"], kept["what"]) == ("road", "事情1")


def test_the_demo_is_not_there_when_it_is_off(visit: Visit, engine: Engine) -> None:
    engine.people.put("sample", name="样例", sample=True, posts=[("admin", "")])
    visitor = visit()
    for address, data in (("/demo/enter", {"login": "sample"}), ("/demo/advance", {"by": "7d"})):
        assert visitor.post(address, data).status_code in (403, 404)
    assert not visitor.signed_in


@pytest.mark.parametrize(
    "value", ["", "{", "NaN", "1e999", '"\\ud800"', '"\\u0000"', "[" * 300, "9" * 30, "9" * 5_000, '{"$date":"x"}']
)
def test_a_variable_that_is_no_value_is_refused(visit: Visit, engine: Engine, item: WorkItem, value: str) -> None:
    answer = visit("wang").post(f"/case/{item.instance_id}/variables", {"name": "odd", "value": value})
    assert answer.status_code in (302, 400)
    assert "odd" not in engine.instance(item.instance_id).variables


def test_a_code_cannot_be_guessed(visit: Visit, engine: Engine) -> None:
    visitor = visit()
    answers = [visitor.get(f"/portal/track/R{number:05}").status_code for number in range(125)]
    assert answers[0] == 404 and answers[-1] == 429 and 500 not in answers


@pytest.mark.parametrize("body", [None, [], "x", 5, {"files": 5}, {"xml": None}, {"name": [], "content": {}}], ids=repr)
def test_the_editors_addresses_take_any_json(visit: Visit, body: Any) -> None:
    boss = visit("boss")
    boss.get("/account/")
    for path in ("lint", "deploy", "draft"):
        headers = {**boss.headers, "X-CSRFToken": boss.token, "Content-Type": "application/json"}
        answer = boss.client.post(f"/studio/{path}", data=json.dumps(body), headers=headers)
        assert answer.status_code < 500
