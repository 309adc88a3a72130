"""The form and the decision editor's questions to the server: a form drawn and tried, forms and registers
out of each other, a draft decided, tables from and to a workbook."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from admin.widgets import sheets
from engine import Engine
from tests.admin.conftest import Visitor, text

Visit = Callable[..., Visitor]
COMMUNITY = Path(__file__).parents[2] / "workflows/community"
TRIAGE = (COMMUNITY / "decisions/triage.dmn").read_text("utf-8")
FORM: dict[str, Any] = {
    "id": "ask",
    "components": [
        {"type": "textfield", "key": "name", "label": "姓名", "validate": {"required": True}},
        {"type": "textfield", "key": "card", "label": "身份证", "properties": {"label_en": "Card", "widget": "idcard"}},
        {"type": "number", "key": "stars", "label": "评分", "properties": {"label_en": "Stars", "widget": "rating"}},
        {"type": "textfield", "key": "why", "label": "为什么", "conditional": {"hide": "=stars > 3"}},
    ],
}  # fmt: skip


def schema(**changed: Any) -> str:
    """The form as the editor posts it."""
    return json.dumps(FORM | changed, ensure_ascii=False)


@pytest.fixture
def drawer(visit: Visit) -> Visitor:
    """A designer."""
    return visit("drawer")


def test_the_phone_shows_the_posted_form_with_its_controls_and_conditions(drawer: Visitor) -> None:
    page = text(drawer.post("/form-tools/redraw", {"_schema": schema(), "_language": "zh", "stars": "2"}))
    assert "lf-rating" in page and 'maxlength="18"' in page and "为什么" in page
    assert "为什么" not in text(drawer.post("/form-tools/redraw", {"_schema": schema(), "stars": "5"}))


def test_trying_to_submit_says_what_is_wrong_or_what_the_process_would_get(drawer: Visitor) -> None:
    wrong = text(drawer.post("/form-tools/phone", {"_schema": schema(), "_language": "zh", "card": "123"}))
    assert "请填写此项" in wrong and "身份证号码不正确" in wrong
    right = {"_schema": schema(), "_language": "zh", "name": "张三", "card": "11010519491231002X", "stars": "5"}
    page = text(drawer.post("/form-tools/phone", right))
    assert "流程得到这些变量" in page and "★★★★★" in page and "<code>name</code>" in page


def test_the_phone_speaks_the_language_chosen_for_trying_and_the_designers_stays(drawer: Visitor) -> None:
    page = text(drawer.post("/form-tools/redraw", {"_schema": schema(), "_language": "en"}))
    assert "Stars" in page and "评分" not in page
    assert "工作台" in text(drawer.get("/definitions/"))


def test_a_half_finished_form_says_what_to_correct(drawer: Visitor) -> None:
    broken = schema(components=[{"type": "expression", "key": "sum", "expression": "=1 +"}])
    page = text(drawer.post("/form-tools/redraw", {"_schema": broken}))
    assert "改正后就能显示" in page and "表达式" in page
    assert "不是 JSON" in text(drawer.post("/form-tools/redraw", {"_schema": '{"a": '}))


def test_only_the_editors_page_may_frame_the_phone(drawer: Visitor) -> None:
    policy = drawer.get("/form-tools/phone").headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy and "unsafe-eval" not in policy
    assert "frame-ancestors 'none'" in drawer.get("/definitions/").headers["Content-Security-Policy"]


def test_a_registers_columns_become_fields(drawer: Visitor, engine: Engine) -> None:
    engine.deploy({"demands.json": (COMMUNITY / "registers/demands.json").read_bytes()}, by="drawer")
    form = drawer.send("/form-tools/from-register", {"register": "demands"}).get_json()["form"]
    assert {"content", "unit"} <= {part.get("key") for part in form["components"]}
    assert drawer.send("/form-tools/from-register", {"register": "nothing"}).status_code == 404


def test_a_form_becomes_a_register_of_its_pack(drawer: Visitor, engine: Engine) -> None:
    engine.new_pack("visits", "走访", by="drawer")
    body = {"name": "visits", "pack": "visits", "content": schema()}
    answer = drawer.send("/form-tools/to-register", body).get_json()
    assert answer["path"] == "registers/visits.json" and answer["href"].endswith("/edit/registers/visits.json")
    content, _revision = engine.pack_file("visits", "registers/visits.json")
    assert [field["key"] for field in json.loads(content)["fields"]] == ["name", "card", "stars", "why"]
    again = drawer.send("/form-tools/to-register", body | {"content": schema(components=FORM["components"][:1])})
    assert again.status_code == 409, "an existing register is not overwritten"
    form = drawer.send("/form-tools/from-register", {"register": "visits", "pack": "visits"}).get_json()["form"]
    assert form["components"][0]["label"] == "姓名"


def test_a_name_that_no_register_may_have_is_refused(drawer: Visitor) -> None:
    answer = drawer.send("/form-tools/to-register", {"name": "走 访", "content": schema()})
    assert answer.status_code == 422 and "name" in answer.get_json()["message"]


def decide(visitor: Visitor, content: str, **inputs: str) -> dict[str, Any]:
    """What the try-out row is answered."""
    return visitor.send(
        "/decision-tools/decide", {"content": content, "decision": "triage", "inputs": inputs}
    ).get_json()


def test_the_draft_decides_not_what_is_deployed(drawer: Visitor, engine: Engine) -> None:
    engine.deploy({"triage.dmn": TRIAGE.encode()}, by="drawer")
    draft = TRIAGE.replace('"consult"', '"answer"')
    asked = drawer.send("/decision-tools/inputs", {"content": draft, "decision": "triage"}).get_json()["inputs"]
    assert [one["name"] for one in asked][:2] == ["category", "urgency"]
    found = decide(drawer, draft, category="policy", reopened="0")
    assert "answer" in found["words"] and [(rule["rule"], rule["number"]) for rule in found["fired"]] == [
        ("triage-r2", 2)
    ]


def test_what_cannot_be_decided_is_said_in_the_row(drawer: Visitor) -> None:
    assert decide(drawer, TRIAGE, reopened="many")["wrong"].keys() == {"reopened"}
    broken = decide(drawer, TRIAGE.replace("&gt;= 1", "&gt;= ("), category="x")
    assert "triage" in broken["problem"] and "出错" in broken["problem"]


def upload(visitor: Visitor, content: bytes, name: str = "t.xlsx") -> Any:
    """Post a workbook as the dialog does."""
    form = {"content": TRIAGE, "decision": "triage", "sheet": (io.BytesIO(content), name)}
    return visitor.post(
        "/decision-tools/from-sheet", form, content_type="multipart/form-data", headers={"Accept": "application/json"}
    )


def test_a_table_goes_to_a_workbook_and_comes_back_the_same(drawer: Visitor) -> None:
    answer = drawer.post("/decision-tools/to-sheet", {"content": TRIAGE, "decision": "triage"})
    assert answer.mimetype == sheets.XLSX
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert [cell.value for cell in sheet[4]][:3] == ["变量", "category", "urgency"]
    found = upload(drawer, answer.data).get_json()
    assert not found["troubles"] and len(found["rules"]) == 9 and found["rules"][1][0] == '"policy"'
    assert "consult" in decide(drawer, found["content"], category="policy", reopened="0")["words"]


def test_a_workbooks_troubles_name_their_cells_and_nothing_is_offered(drawer: Visitor) -> None:
    book = Workbook()
    for line in (["命中策略", "随便"], ["类别", "输入", "输出"], ["变量", "kind", "fee"], ["1", "> (", "3"]):
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    found = upload(drawer, out.getvalue()).get_json()
    assert {each["cell"] for each in found["troubles"]} == {"B1", "B4"} and "content" not in found
    assert upload(drawer, b"PK no workbook").status_code == 400


@pytest.mark.parametrize("address", ["inputs", "decide", "from-sheet", "to-sheet"])
@pytest.mark.parametrize(
    "body", [{}, [], None, {"content": 5}, {"content": "<a", "decision": []}, {"content": "\ud800"}]
)
def test_the_decision_tools_take_any_json(drawer: Visitor, address: str, body: Any) -> None:
    assert drawer.send(f"/decision-tools/{address}", body).status_code in (200, 400, 404)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"components": [5]}', "\ud800", '{"components": []}'])
def test_what_is_no_form_makes_no_register(drawer: Visitor, content: str) -> None:
    answer = drawer.send("/form-tools/to-register", {"name": "kept", "content": content})
    assert answer.status_code in (400, 422) and answer.get_json()["message"]
