"""The editor in a real browser: opens a diagram, edits it through our panel groups, lints, deploys, keeps drafts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree
from playwright.sync_api import Page, expect

from engine import Engine
from engine.bpmn import describe
from tests.admin.conftest import populate
from tests.browser.conftest import PHONE, Site, enter
from tests.diagrams import diagram, element
from tests.engine.bpmn import constructs

pytestmark = pytest.mark.browser
SMALL = diagram("s -> u1 -> e", key="small", name="小流程")  # without a drawing: written by a program


@pytest.fixture
def site(engine: Engine, serve: Callable[[Engine], Site]) -> Site:
    """One small process, deployed without coordinates."""
    populate(engine)
    engine.deploy({"small.bpmn": SMALL}, by="drawer")
    return serve(engine)


def opened(page: Page, site: Site) -> int:
    """Open the only process in the editor; its definition's id."""
    enter(page, site, "drawer")
    (definition,) = site.engine.definitions(kind="process")
    page.goto(f"{site.url}/studio/{definition.id}")
    expect(page.locator("#studio[data-ready=yes]")).to_be_visible(timeout=20_000)
    return definition.id


def pick(page: Page, element: str) -> None:
    """Select an element of the diagram."""
    page.locator(f'[data-element-id="{element}"]').first.click()


def test_a_diagram_without_a_drawing_opens_is_edited_and_becomes_version_two(site: Site, desktop: Page) -> None:
    opened(desktop, site)
    pick(desktop, "u1")
    desktop.get_by_text("邻里：期限与人员").click()
    desktop.get_by_label("提醒时间").fill("-P1D, PT0S")
    desktop.get_by_label("提醒时间").blur()
    desktop.get_by_role("button", name="发布", exact=True).click()
    expect(desktop.get_by_text("已发布：small v2")).to_be_visible()
    (latest,) = site.engine.definitions(kind="process")
    content = site.engine.content(latest.id).decode()
    assert re.search(r'<zeebe:property name="remind" value="-P1D, PT0S"\s*/>', content)
    assert "BPMNShape" in content, "the drawing made at opening is saved with it"
    assert site.engine.process_info(latest.id).nodes["u1"].properties["remind"] == "-P1D, PT0S"


def test_a_setting_is_undone_like_any_other_edit_and_taken_out_when_emptied(site: Site, desktop: Page) -> None:
    opened(desktop, site)
    pick(desktop, "u1")
    desktop.get_by_text("邻里：英文与摘要").click()
    field = desktop.get_by_label("英文名称")
    field.fill("Handle it")
    field.blur()
    read = "async () => (await linliModeler.saveXML()).xml"
    assert "Handle it" in desktop.evaluate(read)
    desktop.evaluate("linliModeler.get('commandStack').undo()")
    assert "Handle it" not in desktop.evaluate(read)
    desktop.evaluate("linliModeler.get('commandStack').redo()")
    field.fill("")
    field.blur()
    assert "name_en" not in desktop.evaluate(read)


def test_a_python_script_is_written_in_the_panel(site: Site, desktop: Page) -> None:
    """The stock panel knows FEEL scripts only."""
    engine = site.engine
    engine.deploy(
        {
            "scripted.bpmn": diagram(
                "s -> t1 -> e", element("scriptTask", "t1", "<script>x = 1</script>"), key="scripted"
            )
        },
        by="drawer",
    )
    enter(desktop, site, "drawer")
    (definition,) = engine.definitions(kind="process", key="scripted")
    desktop.goto(f"{site.url}/studio/{definition.id}")
    expect(desktop.locator("#studio[data-ready=yes]")).to_be_visible(timeout=20_000)
    pick(desktop, "t1")
    desktop.get_by_text("邻里：Python 脚本").click()
    code = desktop.get_by_label("Python 代码")
    expect(code).to_have_value("x = 1")
    code.fill("x = 2\ny = x * 3")
    code.blur()
    xml = desktop.evaluate("async () => (await linliModeler.saveXML()).xml")
    assert "y = x * 3" in xml and 'scriptFormat="python"' in xml


def test_findings_are_listed_and_a_click_goes_to_the_element(site: Site, desktop: Page) -> None:
    opened(desktop, site)
    desktop.evaluate(
        """() => { const m = linliModeler, e = m.get('elementRegistry').get('u1');
          m.get('bpmnReplace').replaceElement(e, {type: 'bpmn:Transaction', isExpanded: false}); }"""
    )
    changed = desktop.evaluate("linliModeler.get('elementRegistry').filter(e => e.type === 'bpmn:Transaction')[0].id")
    desktop.evaluate("linliModeler.get('selection').select([])")
    desktop.get_by_role("button", name="发布", exact=True).click()
    first = desktop.get_by_role("list", name="检查结果").get_by_role("button").first
    expect(first).to_contain_text(changed)
    first.click()
    assert desktop.evaluate("linliModeler.get('selection').get().map(e => e.id)") == [changed]
    assert len(site.engine.definitions(kind="process", latest=False)) == 1


def test_what_was_translated_is_told_as_a_note_not_as_a_warning(site: Site, desktop: Page) -> None:
    """Notes were yellow and counted as warnings: a foreign diagram looked worse than it is."""
    opened(desktop, site)
    foreign = Path(__file__).parents[1] / "data/dialects/words.operaton.bpmn"
    desktop.evaluate("xml => linliModeler.load(xml)", foreign.read_text("utf-8"))
    with desktop.expect_response("**/studio/lint") as answered:
        desktop.get_by_role("button", name="检查", exact=True).click()
    ranks = [finding["severity"] for finding in answered.value.json()["findings"]]
    notes = ranks.count("info")
    assert notes and ranks == sorted(ranks, key=("error", "warning", "info").index)
    expect(desktop.locator("[data-studio=verdict]")).to_contain_text(f"{notes} 条说明")
    expect(desktop.locator("[data-studio=verdict]")).to_contain_text(f"{ranks.count('warning')} 个提醒")
    expect(desktop.get_by_role("list", name="检查结果").locator(".bg-azure-lt", has_text="说明")).to_have_count(notes)


def test_unfinished_work_is_offered_again(site: Site, desktop: Page) -> None:
    number = opened(desktop, site)
    element = "linliModeler.get('elementRegistry').get('u1')"
    rename = f"linliModeler.get('modeling').updateProperties({element}, {{name: '草稿名'}})"
    desktop.evaluate(rename)
    desktop.get_by_role("button", name="存草稿").click()
    expect(desktop.get_by_text("草稿已保存")).to_be_visible()
    desktop.goto(f"{site.url}/studio/{number}")
    desktop.get_by_role("button", name="打开草稿").click()
    expect(desktop.locator("svg text").filter(has_text="草稿名").first).to_be_visible()


def test_the_marks_of_the_licence_and_of_the_language_are_there(site: Site, open_page: Callable[..., Page]) -> None:
    chinese, english = open_page(), open_page(locale="en-GB")
    opened(chinese, site)
    opened(english, site)
    for page in (chinese, english):
        expect(page.locator(".bjs-powered-by")).to_be_visible()
        pick(page, "u1")
    expect(chinese.locator(".bio-properties-panel-header-type")).to_have_text("人工任务")
    expect(english.get_by_text("Linli: deadline and people")).to_be_visible()
    assert chinese.locator(".bio-properties-panel").inner_text().isascii() is False


def test_on_a_phone_the_panel_slides_in(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page(PHONE)
    opened(page, site)
    page.get_by_role("button", name="属性").click()
    expect(page.locator(".linli-studio-panel")).to_be_in_viewport()


def test_the_viewer_shows_where_a_case_stands(site: Site, desktop: Page) -> None:
    enter(desktop, site, "drawer")
    (definition,) = site.engine.definitions(kind="process")
    desktop.goto(f"{site.url}/definitions/versions/process/small")
    viewer = desktop.locator("[data-bpmn-viewer]")
    expect(viewer).to_have_attribute("data-ready", "yes")
    desktop.evaluate(
        """(src) => {
          const box = document.createElement('div'), main = document.querySelector('main');
          Object.assign(box.dataset, {bpmnViewer: '', src, active: 'u1', done: 's missing'});
          box.id = 'case';
          main.append(box);
          document.dispatchEvent(new CustomEvent('htmx:afterSwap', {detail: {target: main}}));
        }""",
        f"/diagram/{definition.id}",
    )
    case = desktop.locator("#case")
    expect(case).to_have_attribute("data-ready", "yes")
    expect(case.locator('.linli-active[data-element-id="u1"]')).to_have_count(1)
    expect(case.locator('.linli-done[data-element-id="s"]')).to_have_count(1)
    expect(case.locator(".bjs-powered-by")).to_be_visible()


THROUGH = "async (xml) => { await linliModeler.load(xml); return (await linliModeler.saveXML()).xml; }"
READ_AND_WRITTEN = """async (files) => {
  const moddle = linliModeler.get('moddle'), saved = {};
  for (const [id, xml] of Object.entries(files)) {
    saved[id] = (await moddle.toXML((await moddle.fromXML(xml)).rootElement)).xml;
  }
  return saved;
}"""


def test_every_shipped_diagram_opens_and_saves_without_a_difference(site: Site, desktop: Page) -> None:
    """What the editor does not know it would drop on saving; the lint of the saved file would miss it, so the
    elements, settings and expressions are compared one by one, and then what the engine makes of the file."""
    opened(desktop, site)
    shipped = sorted((Path(__file__).parents[2] / "workflows").glob("*/processes/*.bpmn"))
    assert shipped
    for path in shipped:
        before = path.read_bytes()
        after = desktop.evaluate(THROUGH, before.decode()).encode()
        assert _meaning(after) == _meaning(before), path.name
        assert describe(after) == describe(before), path.name


def test_every_construct_opens_and_saves_without_a_difference(site: Site, desktop: Page) -> None:
    """It once dropped what a multi-instance throws, the keys of conversations and the script of a global task: the
    library writes some elements under the name of their type. All of them are read and written; every tenth is also
    laid out, drawn and saved, which takes longer."""
    opened(desktop, site)
    files = {c.id: c.content.decode() for c in constructs.ALL}
    saved = desktop.evaluate(READ_AND_WRITTEN, files)
    saved |= {id: desktop.evaluate(THROUGH, files[id]) for id in list(files)[::10]}
    for id, before in files.items():
        assert _meaning(saved[id].encode()) == _meaning(before.encode()), id


def test_the_editor_with_two_hundred_nodes_is_ready_in_two_seconds(
    site: Site, desktop: Page, open_page: Callable[..., Page]
) -> None:
    """Counted in processor time of the page's main thread, which other work on the machine lengthens least."""
    opened(desktop, site)
    long = diagram(" -> ".join(["s", *(f"u{n}" if n % 4 else f"t{n}" for n in range(198)), "e"]), key="long")
    drawn = desktop.evaluate(THROUGH, long.decode())
    site.engine.deploy({"long.bpmn": drawn.encode()}, by="drawer")
    (definition,) = site.engine.definitions(kind="process", key="long")
    desktop.close(run_before_unload=False)
    page = open_page()
    enter(page, site, "drawer")
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    spent: list[float] = []
    while len(spent) < 3 and (not spent or min(spent) >= 2):  # the best of three: the machine may be at something else
        page.goto(f"{site.url}/studio/{definition.id}")
        expect(page.locator("#studio[data-ready=yes]")).to_be_visible(timeout=30_000)
        metrics = {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}
        spent.append(metrics["TaskDuration"])
    assert page.evaluate("linliModeler.get('elementRegistry').filter(e => e.type.endsWith('Task')).length") == 198
    assert min(spent) < 2, spent


TWICE = ("definitions", "incoming", "outgoing")
DEFAULTS = {
    "cancelActivity=true",
    "isInterrupting=true",
    "isSequential=false",
    "parallelMultiple=false",
    "behavior=All",
}


def _meaning(content: bytes) -> Counter[tuple[str, ...]]:
    """Every element of a diagram but the drawing, with its attributes and text; prefixes, order and what is written out
    though it is the standard's default do not matter; nor do `incoming` and `outgoing`, which the flows say as well."""
    found: Counter[tuple[str, ...]] = Counter()
    for one in etree.fromstring(content).iter(etree.Element):
        tag = etree.QName(one)
        if "/DI" in (tag.namespace or "") or "/DD/" in (tag.namespace or "") or tag.localname in TWICE:
            continue
        attributes = sorted(f"{k}={v.removeprefix('bpmn:')}" for k, v in one.attrib.items())
        found[tag.localname, *(a for a in attributes if a not in DEFAULTS), (one.text or "").strip()] += 1
    return found
