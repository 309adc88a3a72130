"""The form and the decision editor as a designer who writes no code uses them: by visible labels, in Chinese, in a
pack's working copy; what the server draws, decides and keeps is looked at on both sides."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from engine import Engine, dmn, forms
from tests.admin.conftest import populate
from tests.browser.conftest import PHONE, Site, enter, fits

pytestmark = pytest.mark.browser
PACKS = Path(__file__).parents[2] / "workflows"
TRIAGE = PACKS / "community/decisions/triage.dmn"
FORM: dict[str, Any] = {
    "type": "default",
    "id": "visit",
    "schemaVersion": 18,
    "properties": {"title": "走访", "title_en": "Visit"},
    "components": [
        {"type": "textfield", "id": "f_who", "key": "who", "label": "走访了谁", "properties": {"label_en": "Who"}},
        {"type": "textarea", "id": "f_why", "key": "why", "label": "哪里不满意", "properties": {"label_en": "Why"}},
    ],
}
ENGLISH = """(selector) => {  // texts and titles without a Chinese sign, but what the designer wrote
  const found = new Set(), latin = (t) => /[A-Za-z]{3}/.test(t) && !/[\\u4e00-\\u9fff]/.test(t);
  for (const root of document.querySelectorAll(selector)) {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const text = walk.currentNode;
      if (latin(text.data) && text.parentElement.checkVisibility()) found.add(text.data.trim());
    }
    for (const name of ['title', 'placeholder'])
      for (const e of root.querySelectorAll(`[${name}]`)) if (latin(e[name] || '')) found.add(e[name]);
  }
  return [...found];
}"""


@pytest.fixture
def site(engine: Engine, serve: Callable[[Engine], Site]) -> Site:
    """A pack with a form and a decision that nobody published yet."""
    populate(engine)
    engine.new_pack("visits", "走访", by="drawer")
    form = json.dumps(FORM, ensure_ascii=False).encode()
    engine.save_pack_file("visits", "forms/visit.form", form, revision=0, by="drawer")
    engine.save_pack_file("visits", "decisions/triage.dmn", TRIAGE.read_bytes(), revision=0, by="drawer")
    return serve(engine)


def opened(page: Page, site: Site, path: str) -> None:
    """The editor of a file of the pack."""
    page.goto(f"{site.url}/packs/visits/edit/{path}")
    expect(page.locator("#studio[data-ready=yes]")).to_be_visible(timeout=20_000)


def kept(site: Site, path: str) -> str:
    """The file in the working copy."""
    return site.engine.pack_file("visits", path)[0].decode()


def saved(page: Page) -> None:
    """Everything on the screen is on the server."""
    expect(page.locator("[data-studio=status]")).to_contain_text("已保存", timeout=10_000)


def add(page: Page, label: str) -> None:
    """Put a component of the palette at the end of the form, by keyboard; it is selected then."""
    before = page.evaluate("linliForm.saveSchema().components.length")
    page.get_by_role("button", name=label, exact=True).press("Enter")
    page.wait_for_function("n => linliForm.saveSchema().components.length === n + 1", arg=before)


def group(page: Page, label: str) -> None:
    """Open a group of the settings."""
    page.locator(".bio-properties-panel-group-header", has_text=label).first.click()


def on_the_phone(page: Page) -> FrameLocator:
    """The form as the server draws it."""
    return page.frame_locator("iframe[data-studio=preview]")


def test_every_form_and_decision_of_the_packs_comes_back_as_it_was(site: Site, desktop: Page) -> None:
    """Where a field stands (`row`) is the editor's own and ids that occur twice are told apart; all else is kept. Two
    forms of the pack name a list's field like one outside of it: the editor opened none of them."""
    enter(desktop, site, "drawer")
    opened(desktop, site, "forms/visit.form")
    files = sorted(PACKS.glob("*/forms/*.form"))
    again = "async (texts) => { const found = []; for (const text of texts) { await linliForm.importSchema(linliForm.linliRead(text)); found.push(JSON.stringify(linliForm.saveSchema())); } return found; }"  # noqa: E501
    for file, text in zip(files, desktop.evaluate(again, [file.read_text("utf-8") for file in files]), strict=True):
        assert _fields(forms.parse(text).fields) == _fields(forms.parse(file.read_bytes()).fields), file.name
        assert json.loads(text)["properties"] == json.loads(file.read_bytes())["properties"]
    opened(desktop, site, "decisions/triage.dmn")
    tables = sorted(PACKS.glob("*/decisions/*.dmn"))
    again = "async (texts) => { const found = []; for (const text of texts) { await linliDecisions.importXML(text); found.push((await linliDecisions.saveXML()).xml); } return found; }"  # noqa: E501
    for file, text in zip(tables, desktop.evaluate(again, [file.read_text("utf-8") for file in tables]), strict=True):
        for decision in dmn.parse(file.read_bytes()).decisions:
            found = dmn.sheet.table_of(text.encode(), decision)
            assert (found.columns, found.rules) == _table(dmn.sheet.table_of(file.read_bytes(), decision)), file.name


def _fields(fields: Iterable[forms.Field]) -> list[Any]:
    return [(replace(one, id="", row="", children=()), _fields(one.children)) for one in fields]


def _table(table: dmn.sheet.Table) -> tuple[Any, Any]:
    return table.columns, table.rules


def test_a_form_is_put_together_seen_on_a_phone_tried_and_kept(site: Site, desktop: Page) -> None:
    page, phone = desktop, on_the_phone(desktop)
    enter(page, site, "drawer")
    opened(page, site, "forms/visit.form")
    expect(phone.get_by_label("走访了谁")).to_be_visible()

    add(page, "星级评价")
    group(page, "基本")
    page.get_by_label("名称", exact=True).fill("满意吗")
    group(page, "英文")
    page.get_by_label("英文名称").fill("Satisfied?")
    page.get_by_label("英文名称").blur()
    expect(phone.get_by_role("radiogroup")).to_be_visible()
    expect(phone.get_by_text("满意吗")).to_be_visible()
    assert not page.evaluate(ENGLISH, ".linli-form-palette, .linli-form-panel")

    page.locator("[data-id=f_why]").click()
    group(page, "显示条件")
    page.get_by_label("字段", exact=True).select_option(label="满意吗（stars）")
    page.get_by_label("比较", exact=True).select_option(label="大于")
    page.get_by_label("值", exact=True).fill("3")
    page.get_by_label("值", exact=True).press("Tab")
    expect(phone.locator("input[type=radio][hx-post]")).to_have_count(5)
    phone.get_by_role("radio", name="5 星").check(force=True)
    expect(phone.get_by_label("哪里不满意")).to_have_count(0)
    phone.get_by_label("走访了谁").fill("王奶奶")
    phone.get_by_role("button", name="试着提交").click()
    expect(phone.get_by_text("可以提交。流程得到这些变量：")).to_be_visible()
    expect(phone.get_by_text("王奶奶").first).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(phone.get_by_text("Satisfied?").first).to_be_visible()

    add(page, "公式")
    finding = page.get_by_role("list", name="检查结果").get_by_role("button", name="表达式组件没有表达式")
    page.locator("[data-id=f_who]").click()
    finding.click()
    assert page.evaluate("linliForm.get('selection').get().type") == "expression"
    page.get_by_role("button", name="撤销").click()
    expect(finding).to_have_count(0)

    _without_dragging(page)

    page.get_by_role("button", name="台账", exact=True).click()
    page.get_by_label("台账名称").fill("visits")
    page.get_by_role("button", name="新建台账", exact=True).click()
    expect(page.get_by_text("已新建台账 registers/visits.json。")).to_be_visible()
    saved(page)
    stars = json.loads(kept(site, "forms/visit.form"))["components"][-1]
    assert stars["properties"] == {"widget": "rating", "label_en": "Satisfied?"} and stars["label"] == "满意吗"
    assert json.loads(kept(site, "forms/visit.form"))["components"][1]["conditional"] == {"hide": "=stars > 3"}
    assert [one["key"] for one in json.loads(kept(site, "registers/visits.json"))["fields"]] == ["who", "why", "stars"]
    page.set_viewport_size(PHONE)
    fits(page)


def _without_dragging(page: Page) -> None:
    """A tap adds at the end, then inside the list that is selected or whose field is, at the end again after a tap
    beside them; what was dragged back to its place adds nothing."""
    page.get_by_role("button", name="可增减的列表", exact=True).click()
    page.get_by_role("button", name="数字", exact=True).click()
    expect(page.locator(".linli-form-palette").get_by_role("status")).to_contain_text("已把“数字”加到“")
    page.get_by_role("button", name="多行文字", exact=True).click()
    box = page.get_by_role("button", name="分隔线", exact=True).bounding_box()
    assert box
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 10, box["y"] + 60, steps=3)
    page.mouse.move(box["x"] + 40, box["y"] + 30, steps=3)
    page.mouse.up()
    added = page.evaluate("linliForm.saveSchema().components.at(-1)")
    assert (added["type"], [one["type"] for one in added["components"]]) == ("dynamiclist", ["number", "textarea"])
    page.locator(".linli-form-canvas").click(position={"x": 4, "y": 4})
    page.get_by_role("button", name="分隔线", exact=True).click()
    assert page.evaluate("linliForm.saveSchema().components.at(-1).type") == "separator"
    for _once in ("separator", "textarea", "number", "list"):
        page.get_by_role("button", name="撤销").click()


def test_a_decision_is_tried_changed_and_replaced_by_a_workbook(site: Site, desktop: Page, tmp_path: Path) -> None:
    page = desktop
    enter(page, site, "drawer")
    opened(page, site, "decisions/triage.dmn")
    expect(page.get_by_text("问政策、问流程 / questions")).to_be_visible()
    assert not [
        text for text in page.evaluate(ENGLISH, ".tjs-table thead, .decision-table-properties") if text != "and"
    ]

    page.get_by_label("大类 Category").fill("policy")
    page.get_by_label("已重开次数 Reopened").fill("0")
    page.get_by_role("button", name="试算").click()
    result = page.locator("[data-studio=result]")
    expect(result).to_contain_text("consult")
    expect(result).to_contain_text("第 2 条")
    expect(page.locator("td.rule-index[data-row-id=triage-r2]")).to_have_css("background-color", "rgb(211, 249, 216)")

    cell = page.locator("td.output-cell[data-row-id=triage-r2] [role=textbox]").first
    cell.press("Control+a")
    page.keyboard.insert_text('"answer"')
    page.get_by_text("诉求分流", exact=True).first.click()
    expect(result).to_be_empty()
    page.get_by_role("button", name="试算").click()
    expect(result).to_contain_text("answer")
    saved(page)
    assert '"answer"' in kept(site, "decisions/triage.dmn"), "nothing was published for it"
    assert kept(site, "decisions/triage.dmn").count("annotationEntry") == TRIAGE.read_text().count("annotationEntry")

    with page.expect_download() as download:
        page.get_by_role("button", name="导出 Excel").click()
    download.value.save_as(tmp_path / "table.xlsx")
    page.get_by_role("button", name="从 Excel 导入").click()
    page.get_by_label("Excel 文件").set_input_files(tmp_path / "table.xlsx")
    expect(page.get_by_text("读到 9 条规则，命中策略：首个 FIRST。")).to_be_visible()
    page.get_by_role("button", name="用它替换现在的表").click()
    expect(page.get_by_text("已换成 Excel 里的表")).to_be_visible()
    page.get_by_role("button", name="关系图").click()
    expect(page.locator(".djs-shape[data-element-id=triage]")).to_be_visible()
    assert not page.evaluate(ENGLISH, ".linli-dmn-panel, .djs-palette")
    saved(page)
    page.set_viewport_size(PHONE)
    fits(page)
