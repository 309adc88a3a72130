"""The diagram editor's panel and menus by their visible labels: rules put together by choosing, the condition helper,
services as forms, pick-lists, copying to another tab, pictures, simulation, and Chinese without a rest."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from engine import Engine
from tests.admin.conftest import populate
from tests.browser.conftest import Site, enter
from tests.diagrams import diagram, element
from tests.engine.bpmn import constructs

pytestmark = pytest.mark.browser
PACK = b"""name = "lamps"
version = "1.0.0"
title = { zh = "\xe8\xb7\xaf\xe7\x81\xaf", en = "Lamps" }
[roles.clerk]
title = { zh = "\xe7\xaa\x97\xe5\x8f\xa3\xe4\xba\xba\xe5\x91\x98", en = "Clerk" }
permissions = ["desk"]
"""
FORM = """{"type": "default", "id": "ask", "properties": {"title": "报灯"}, "components": [
  {"type": "number", "key": "amount", "label": "金额"}, {"type": "checkbox", "key": "urgent", "label": "急不急"},
  {"type": "select", "key": "kind", "label": "种类", "values": [{"value": "lamp", "label": "路灯"}]}]}"""
REGISTER = """{"name": "lamps", "title": {"zh": "路灯台账"},
  "fields": [{"key": "code", "type": "text", "label": {"zh": "编号"}}]}"""
WAYS = "s -> u1 -> X; X -> v1; X -> u2 default; v1 -> e; u2 -> e"
DRAWN = diagram(WAYS, element("serviceTask", "v1"), key="lamp", name="报灯")


@pytest.fixture
def site(engine: Engine, serve: Callable[[Engine], Site]) -> Site:
    """A pack with a role, a form, a register and a process, in work."""
    populate(engine)
    engine.new_pack("lamps", "路灯", by="drawer")
    settings, revision = engine.pack_file("lamps", "pack.toml")
    assert settings
    engine.save_pack_file("lamps", "pack.toml", PACK, revision=revision, by="drawer")
    files = {"forms/ask.form": FORM, "registers/lamps.json": REGISTER, "processes/lamp.bpmn": DRAWN.decode()}
    for path, content in files.items():
        engine.save_pack_file("lamps", path, content.encode(), revision=0, by="drawer")
    return serve(engine)


def opened(page: Page, site: Site) -> None:
    enter(page, site, "drawer")
    with page.expect_response("**/names"):
        page.goto(f"{site.url}/packs/lamps/edit/processes/lamp.bpmn")
        expect(page.locator("#studio[data-ready=yes]")).to_be_visible(timeout=30_000)


def pick(page: Page, element: str, *groups: str) -> None:
    """Select an element and open groups of its panel."""
    page.evaluate("id => linliModeler.get('selection').select(linliModeler.get('elementRegistry').get(id))", element)
    for group in groups:
        page.locator(".bio-properties-panel-group-header", has_text=group).first.click()


def entry(page: Page, id: str) -> Locator:
    return page.locator(f'[data-entry-id="{id}"]')


def saved(page: Page) -> str:
    return str(page.evaluate("async () => (await linliModeler.saveXML()).xml"))


def flow(page: Page) -> str:
    """The flow from the gateway to v1."""
    found = "linliModeler.get('elementRegistry').filter(e => e.source?.id === 'X' && e.target?.id === 'v1')[0].id"
    return str(page.evaluate(found))


def test_a_task_is_set_up_by_choosing_alone(site: Site, desktop: Page) -> None:
    """Who does it, which form, when people are reminded and who hears of it: no rule is typed."""
    opened(desktop, site)
    pick(desktop, "u1", "办理人", "表单", "邻里：期限与人员", "邻里：操作")
    who = entry(desktop, "linli-pick-groups")
    who.get_by_label("岗位").select_option("clerk")
    who.get_by_label("哪里的").select_option("up")
    who.get_by_role("button", name="添加").click()
    expect(who.get_by_role("listitem")).to_contain_text("窗口人员（上级单位）")

    desktop.get_by_label("从列表选择表单").select_option("ask")

    until = entry(desktop, "linli-pick-due")
    until.get_by_role("button", name="采用").click()
    expect(until.get_by_role("listitem")).to_contain_text("2 天（按单位的日历）")
    until.get_by_label("怎样计算").select_option("natural")
    until.get_by_label("多久").fill("1")
    until.get_by_label("时间单位").select_option("weeks")
    until.get_by_role("button", name="采用").click()
    expect(until.get_by_role("listitem")).to_contain_text("1 周（自然时间）")
    until.get_by_label("时间单位").select_option("hours")
    until.get_by_label("多久").fill("4")
    until.get_by_label("日历").select_option("working")
    until.get_by_role("button", name="采用").click()
    expect(until.get_by_role("listitem")).to_contain_text("4 个工作小时（按“工作时间”）")

    remind = entry(desktop, "linli-duty-remind-rules")
    remind.get_by_label("多久").fill("2")
    remind.get_by_role("button", name="添加").click()
    remind.get_by_label("什么时候").select_option("again")
    remind.get_by_label("时间单位").select_option("hours")
    remind.get_by_label("多久").fill("4")
    remind.get_by_role("button", name="添加").click()
    expect(remind.get_by_role("listitem").first).to_contain_text("到期前 2 天")
    expect(remind.get_by_role("listitem").last).to_contain_text("之后每 4 小时一次")

    escalate = entry(desktop, "linli-duty-escalate-rules")
    escalate.get_by_label("给谁").select_option("head@up")
    escalate.get_by_role("button", name="添加").click()
    expect(escalate.get_by_role("listitem")).to_contain_text("到期时：上级单位负责人")

    for operation in ("转交", "退回"):
        desktop.get_by_label(operation, exact=True).check()
    xml = saved(desktop)
    for part in (
        'candidateGroups="clerk@up"',
        'formId="ask"',
        'dueDate="PT4H"',
        'name="calendar" value="working"',
        'name="remind" value="-P2D, R/PT4H"',
        'name="escalate" value="PT0S head@up"',
        'name="operations" value="transfer, return"',
    ):
        assert part in xml, part


def test_a_condition_is_written_without_knowing_feel_and_read_back(site: Site, desktop: Page) -> None:
    """Fields come from the form of the step before; what was written by hand and says more is left alone."""
    opened(desktop, site)
    pick(desktop, "u1", "表单")
    desktop.get_by_label("从列表选择表单").select_option("ask")
    pick(desktop, flow(desktop), "条件")
    rows = entry(desktop, "linli-condition-rows")
    rows.get_by_label("字段").select_option("amount")
    rows.get_by_label("比较").select_option("gt")
    rows.get_by_label("取值").fill("100")
    rows.get_by_label("取值").blur()
    rows.get_by_role("button", name="添加条件").click()
    rows.get_by_label("字段").last.select_option("kind")
    rows.get_by_label("取值").last.select_option("lamp")
    expect(rows.locator("code")).to_have_text('=amount > 100 and kind = "lamp"')
    rows.get_by_label("怎样连接").select_option("or")
    expect(rows.locator("code")).to_have_text('=amount > 100 or kind = "lamp"')

    pick(desktop, "u1")
    pick(desktop, flow(desktop))
    expect(rows.get_by_label("字段").first).to_have_value("amount")
    expect(rows.get_by_label("取值").last).to_have_value("lamp")
    desktop.evaluate("linliModeler.get('commandStack').undo()")
    expect(rows.locator("code")).to_have_text('=amount > 100 and kind = "lamp"')
    desktop.evaluate(
        """id => { const m = linliModeler, e = m.get('elementRegistry').get(id);
          const body = m.get('bpmnFactory').create('bpmn:FormalExpression', {body: '=count(rows) > 3'});
          m.get('modeling').updateProperties(e, {conditionExpression: body}); }""",
        flow(desktop),
    )
    expect(desktop.get_by_text("超出了助手能表达的范围")).to_be_visible()
    assert "count(rows) &gt; 3" in saved(desktop)


def test_a_start_event_gets_its_timetable_with_the_next_ten_times(site: Site, desktop: Page) -> None:
    """Chosen in the helper's dialog, one step to undo; the server away is said, not shown as an empty dialog."""
    opened(desktop, site)
    desktop.evaluate(
        """() => { const m = linliModeler, s = m.get('elementRegistry').get('s');
          const timer = {type: 'bpmn:StartEvent', eventDefinitionType: 'bpmn:TimerEventDefinition'};
          m.get('selection').select(m.get('bpmnReplace').replaceElement(s, timer)); }"""
    )
    desktop.locator(".bio-properties-panel-group-header", has_text="定时").first.click()
    button = desktop.get_by_role("button", name="设定时间，看接下来十次")
    button.click()
    dialog = desktop.get_by_role("dialog", name="设定时间")
    dialog.get_by_label("多久一次").select_option("month")
    dialog.get_by_label("哪一天").select_option("1W")
    expect(dialog.get_by_role("listitem")).to_have_count(10)
    dialog.get_by_label("按哪个日历算工作日").select_option("working")
    expect(dialog.locator("[data-timetable]")).to_have_attribute("data-calendar", "working")
    dialog.get_by_role("button", name="用这个时间表").click()
    expect(entry(desktop, "timerEventDefinitionType").get_by_role("combobox")).to_have_value("timeCycle")
    xml = saved(desktop)
    assert ">0 0 9 1W * *</timeCycle>" in xml and 'name="calendar" value="working"' in xml
    button.click()
    expect(dialog.get_by_label("哪一天")).to_have_value("1W")
    dialog.get_by_role("button", name="取消").click()
    desktop.evaluate("linliModeler.get('commandStack').undo()")
    undone = saved(desktop)
    assert "timeCycle" not in undone and 'value="working"' not in undone

    desktop.route("**/starts/helper*", lambda route: route.abort())
    button.click()
    expect(dialog.get_by_role("alert")).to_contain_text("请稍后再试")
    dialog.get_by_role("button", name="用这个时间表").click()
    assert saved(desktop) == undone


def test_a_service_is_a_form(site: Site, desktop: Page) -> None:
    opened(desktop, site)
    pick(desktop, "v1", "邻里：服务")
    desktop.get_by_label("做什么").select_option("register.insert")
    desktop.get_by_label("台账", exact=True).select_option("lamps")
    desktop.get_by_label("结果存入变量").fill("row")
    desktop.get_by_label("结果存入变量").blur()
    xml = saved(desktop)
    assert 'type="register.insert"' in xml and 'source="lamps" target="register"' in xml
    assert 'key="resultVariable" value="row"' in xml


def test_what_is_copied_is_pasted_in_another_tab_with_its_settings(site: Site, desktop: Page) -> None:
    opened(desktop, site)
    pick(desktop, "u1", "邻里：英文与摘要")
    desktop.get_by_label("英文名称").fill("Report it")
    desktop.get_by_label("英文名称").blur()
    desktop.evaluate("linliModeler.get('editorActions').trigger('copy')")
    other = desktop.context.new_page()
    other.goto(f"{site.url}/studio/new")
    expect(other.locator("#studio[data-ready=yes]")).to_be_visible(timeout=30_000)
    other.evaluate(
        """() => { const root = linliModeler.get('canvas').getRootElement();
          linliModeler.get('copyPaste').paste({element: root, point: {x: 600, y: 400}}); }"""
    )
    assert "Report it" in saved(other)
    other.close(run_before_unload=False)


def test_pictures_keys_search_and_undo(site: Site, desktop: Page) -> None:
    opened(desktop, site)
    for label, suffix in (("导出 SVG 图", "svg"), ("导出 PNG 图", "png")):
        desktop.get_by_role("button", name="更多").click()
        with desktop.expect_download() as download:
            desktop.get_by_role("button", name=label).click()
        assert download.value.suggested_filename == f"lamp.{suffix}"
        assert download.value.path().stat().st_size > 1000
    desktop.get_by_role("button", name="更多").click()
    desktop.get_by_role("button", name="快捷键").click()
    expect(desktop.get_by_role("dialog")).to_contain_text("在图中查找")
    desktop.get_by_role("button", name="关闭").last.click()
    desktop.get_by_role("button", name="在图中查找").click()
    expect(desktop.locator(".djs-search-container input")).to_be_focused()
    desktop.keyboard.press("Escape")
    undo = desktop.get_by_role("button", name="撤销")
    expect(undo).to_be_disabled()
    desktop.evaluate(
        "linliModeler.get('modeling').removeShape(linliModeler.get('elementRegistry').get('u2'))",
    )
    undo.click()
    expect(desktop.locator('[data-element-id="u2"]').first).to_be_attached()


# ---- Chinese without a rest

OWN = re.compile(r"[\u4e00-\u9fff]|^[^A-Za-z]*$|^(?:BPMN|FEEL|JSON|HTTP|ID|URL)$")
SCOPE = re.compile(r"[0-9a-z]{7}$")  # how the simulation names a token
WALK = """async ({xml, seen}) => {
  const BOXES = '.bio-properties-panel, .djs-popup, .djs-palette, .djs-context-pad, .djs-minimap';
  const NAMES = 'svg, style, textarea, .cm-content, .bio-properties-panel-header-label';
  const m = linliModeler, registry = m.get('elementRegistry'), found = {}, kinds = [];
  const pause = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
  const take = (where) => {
    const add = (text) => { text = (text || '').trim(); if (text) found[text] ??= where; };
    for (const box of document.querySelectorAll(BOXES)) {
      const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const near = walker.currentNode.parentElement;
        if (!near.closest(NAMES)) add(walker.currentNode.nodeValue);
      }
      for (const one of box.querySelectorAll('[title], [aria-label], [placeholder]')) {
        for (const name of ['title', 'aria-label', 'placeholder']) add(one.getAttribute(name));
      }
    }
  };
  await m.load(xml);
  for (const e of registry.filter((one) => !one.labelTarget)) {
    const bo = e.businessObject;
    const events = (bo.eventDefinitions || []).map((d) => d.$type);
    const kind = [e.type, ...events, bo.loopCharacteristics?.$type, bo.cancelActivity, bo.triggeredByEvent].join();
    if (seen.includes(kind) || kinds.includes(kind)) continue;
    kinds.push(kind);
    m.get('selection').select(e);
    await pause();
    document.querySelectorAll('.bio-properties-panel-group-header:not(.open)').forEach((one) => one.click());
    await pause();
    take(kind);
    const menus = e.type === 'bpmn:UserTask' ? ['bpmn-append', 'bpmn-create', 'color-picker'] : []; // the same for all
    for (const menu of ['bpmn-replace', ...menus]) {
      if (m.get('popupMenu').isEmpty(e, menu)) continue;
      m.get('popupMenu').open(e, menu, {x: 100, y: 100});
      await pause();
      take(menu);
      m.get('popupMenu').close();
    }
  }
  return {found, kinds};
}"""


def test_no_english_is_left_in_a_chinese_editor(site: Site, desktop: Page) -> None:
    """Panel, palette, context pad and menus of every kind of element, gathered from the page: a text that is neither
    Chinese nor a name of the diagram was forgotten."""
    opened(desktop, site)
    kinds: list[str] = []
    left: dict[str, str] = {}
    tags: set[str] = set()
    for construct in constructs.ALL:
        written = construct.content.decode()
        new = set(re.findall(r"<(\w+)", written)) - tags
        if not new:
            continue
        tags |= new
        walked: dict[str, Any] = desktop.evaluate(WALK, {"xml": written, "seen": kinds})
        kinds += walked["kinds"]
        names = set(re.findall(r'="([^"]*)"', written)) | set(re.findall(r">([^<]+)<", written))
        left |= {t: w for t, w in walked["found"].items() if not OWN.search(t) and t.lstrip("=") not in names}
    assert len(kinds) > 35
    assert not left


def test_the_simulation_speaks_chinese_and_changes_nothing(site: Site, desktop: Page) -> None:
    opened(desktop, site)
    before = saved(desktop)
    desktop.get_by_role("button", name="令牌模拟（教学）").click()
    desktop.locator(".bts-context-pad:visible").first.click()
    expect(desktop.locator(".bts-log, .bts-palette").first).to_be_attached()
    texts = desktop.evaluate(
        """() => [...document.querySelectorAll('[class^="bts-"], [class*=" bts-"]')]
          .flatMap((e) => [e.title, e.ariaLabel, e.children.length ? '' : e.textContent.trim()]).filter(Boolean)"""
    )
    assert any(OWN.search(t) for t in texts) and not [t for t in texts if not OWN.search(t) and not SCOPE.match(t)]
    desktop.get_by_role("button", name="令牌模拟（教学）").click()
    assert saved(desktop) == before
