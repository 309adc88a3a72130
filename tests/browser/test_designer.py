"""What a designer does who has never written code, in Chinese: from an empty pack to a published process of two steps
with a form, a decision, a reminder and an escalation; tried with a clock that is moved; then changed, compared,
published again, and ten running cases moved to the new version.

The walk of docs/designer/first-process.md. It starts at sign-in and goes by visible labels only: no address is typed
but the first, nothing is asked of the engine. With LINLI_PICTURES set to a folder it keeps the pictures of that
page there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from cli.database import hashed
from engine import Engine
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("LINLI_PICTURES", "")
PASSWORD = "linli-walks"
PAUSE = 20_000  # milliseconds for an editor to be ready


class Designer:
    """One person at a screen, who knows nothing but what it says."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taken = 0

    # ---- what anybody does

    def press(self, label: str, where: Locator | None = None) -> None:
        scope = where or self.page
        name = re.compile(rf"^\s*{re.escape(label)}\s*$")
        scope.get_by_role("button", name=name).or_(scope.get_by_role("link", name=name)).first.click()

    def fill(self, label: str, value: str, where: Locator | None = None) -> None:
        (where or self.page).get_by_label(label).first.fill(value)

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def title(self, text: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(text)

    def back(self) -> None:
        self.press("返回流程包")
        self.title("民意快办")

    def shot(self, name: str) -> None:
        if PICTURES:
            self.taken += 1
            self.page.screenshot(path=Path(PICTURES) / f"walk-{self.taken:02d}-{name}.png")

    # ---- the editors

    def ready(self) -> None:
        expect(self.page.locator("#studio[data-ready=yes]")).to_be_visible(timeout=PAUSE)

    def kept(self) -> None:
        """The editor saves by itself, and says so."""
        expect(self.page.get_by_text(re.compile("^已保存 "))).to_be_visible(timeout=PAUSE)

    def new(self, kind: str, name: str) -> None:
        self.fill(f"新建{kind}", name)
        self.press(f"新建{kind}")
        self.ready()

    def element(self, name: str) -> Locator:
        """The shape of the diagram that bears this name."""
        return self.page.locator("g.djs-shape").filter(has_text=name).first

    def select(self, name: str) -> None:
        """An element by its name; the one that is selected already would be let go by another click."""
        head = self.page.locator(".bio-properties-panel-header-label")
        if head.inner_text() != name:
            self.element(name).click()
        expect(head).to_have_text(name)

    def select_above(self, name: str) -> None:
        """The circle that a name stands under."""
        label = self.element(name).bounding_box()
        assert label is not None
        self.page.mouse.click(label["x"] + label["width"] / 2, label["y"] - 24)
        expect(self.page.locator(".bio-properties-panel-header-label")).to_have_text(name)

    def offer(self, title: str) -> None:
        """A small picture beside the element, by what it says when the pointer rests on it."""
        self.page.locator(".djs-context-pad.open, .djs-context-pad").get_by_title(title).first.click()

    def append(self, after: str, kind: str) -> None:
        self.select(after)
        self.offer("追加元素")
        menu = self.page.locator(".djs-popup")
        menu.get_by_role("textbox").or_(menu.locator("input")).first.fill(kind)
        menu.get_by_text(kind, exact=True).first.click()

    def group(self, title: str) -> Locator:
        """A group of the panel, open."""
        group = self.page.locator(".bio-properties-panel-group").filter(
            has=self.page.locator(".bio-properties-panel-group-header-title", has_text=re.compile(f"^{title}$"))
        )
        if "open" not in (group.locator(".bio-properties-panel-group-header").first.get_attribute("class") or ""):
            group.locator(".bio-properties-panel-group-header").first.click()
        return group

    def name(self, text: str) -> None:
        field = self.group("基本").get_by_label("名称")
        field.fill(text)
        field.blur()
        expect(self.page.locator(".bio-properties-panel-header-label")).to_have_text(text)


def choose(control: Locator, text: str) -> None:
    """An option of a list by what it says, once the list has it."""
    option = control.locator("option").filter(has_text=text).first
    expect(option).to_be_attached(timeout=PAUSE)
    control.select_option(value=option.get_attribute("value"))


@pytest.fixture
def site(engine: Engine, serve: Callable[[Engine], Site]) -> Site:
    """A fresh installation with its administrator and one community."""
    engine.people.put_unit("a", name="东社区")
    engine.people.put("boss", name="管理员", posts=[("admin", "")], password=hashed(engine, PASSWORD), locale="zh")
    return serve(engine)


def test_a_designer_makes_tries_publishes_and_changes_a_process(site: Site, desktop: Page) -> None:
    designer = Designer(desktop)
    desktop.set_default_timeout(15_000)
    sign_in(designer, site.url)
    make_pack(designer)
    make_form(designer)
    make_decision(designer)
    make_process(designer)
    try_it(designer)
    publish(designer, "第一版：受理、定级、办理", 1)
    start_ten(designer)
    change(designer)
    move_all(designer)


def sign_in(designer: Designer, home: str) -> None:
    designer.page.goto(home)
    designer.press("登录")
    designer.fill("手机号或工作名", "boss")
    designer.fill("密码", PASSWORD)
    designer.press("登录")
    menu(designer, "流程包")


def menu(designer: Designer, entry: str, group: str = "设计") -> None:
    """A line of the side menu; a long group is folded."""
    side = designer.page.get_by_role("complementary")
    line = side.get_by_role("link", name=re.compile(rf"^\s*{entry}\s*$")).first
    expect(line.or_(side.locator("summary", has_text=group)).first).to_be_visible()
    if not line.is_visible():
        side.locator("summary", has_text=group).click()
    line.click()


def make_pack(designer: Designer) -> None:
    designer.fill("名称", "民意快办")
    designer.shot("new-pack")
    designer.press("建立")
    designer.title("民意快办")
    designer.press("包设置")
    designer.press("添加岗位")
    designer.fill("名称", "窗口人员")
    for permission in ("办理任务", "发起事项"):
        designer.page.get_by_role("checkbox", name=permission).first.check()
    designer.press("保存")
    designer.sees("窗口人员")
    designer.shot("role")
    designer.back()


def make_form(designer: Designer) -> None:
    """A new form begins with 标题 and 说明; the second becomes the kind that the decision asks for."""
    designer.new("表单", "诉求登记")
    page = designer.page
    page.locator(".fjs-form-field").filter(has_text="说明").first.click()
    group = designer.group("基本")
    group.get_by_label("名称").first.fill("类别")
    group.get_by_label("字段名").first.fill("kind")
    group.get_by_label("字段名").first.blur()
    expect(page.locator(".fjs-form-field").filter(has_text="类别").first).to_be_visible()
    designer.kept()
    designer.shot("form")
    designer.back()


def make_decision(designer: Designer) -> None:
    """The table begins with two rules: 紧急 → 马上办, anything else → 照常办. Try one before it is used."""
    designer.new("决策表", "定紧急程度")
    designer.fill("类别", "紧急")
    designer.press("试算")
    designer.sees("马上办")
    designer.shot("decision")
    designer.back()


def make_process(designer: Designer) -> None:
    """开始 → 受理 (form, deadline, reminder, escalation) → 定级 (decision) → 办理 → 结束."""
    designer.new("流程图", "诉求办理")
    designer.select_above("结束")
    designer.offer("删除")
    designer.select("办理")
    designer.name("受理")
    first_step(designer)
    designer.append("受理", "规则任务")
    choose(designer.group("调用的决策").get_by_label("从列表选择决策"), "定紧急程度")
    result = designer.group("调用的决策").get_by_label("结果变量")
    result.fill("level")
    result.blur()
    designer.name("定级")
    designer.append("定级", "人工任务")
    designer.name("办理")
    somebody(designer)
    designer.append("办理", "结束事件")
    designer.kept()
    expect(designer.page.get_by_text("检查通过")).to_be_visible(timeout=PAUSE)
    designer.shot("diagram")
    designer.back()


def first_step(designer: Designer) -> None:
    """Nothing of it is a rule that has to be known by heart: it is chosen, but for the length of time."""
    somebody(designer)
    due = designer.group("办理人").get_by_label("办理期限")
    due.fill("P2D")
    due.blur()
    choose(designer.group("表单").get_by_label("从列表选择表单"), "诉求登记")
    duty = designer.group("邻里：期限与人员")
    choose(duty.get_by_label("工作日历"), "自然时间")
    remind = duty.locator("[data-entry-id=linli-duty-remind-rules]")
    remind.get_by_role("button", name="添加").click()
    expect(remind.get_by_role("listitem")).to_contain_text("到期前 1 天")
    escalate = duty.locator("[data-entry-id=linli-duty-escalate-rules]")
    choose(escalate.get_by_label("给谁"), "单位负责人")
    escalate.get_by_role("button", name="添加").click()
    expect(escalate.get_by_role("listitem")).to_contain_text("单位负责人")
    designer.shot("deadline")


def somebody(designer: Designer) -> None:
    """The task is for the clerks, wherever they are."""
    who = designer.page.locator("[data-entry-id=linli-pick-groups]")
    designer.group("办理人")
    choose(who.get_by_label("岗位", exact=True), "窗口人员")
    choose(who.get_by_label("哪里的"), "任何单位")
    who.get_by_role("button", name="添加").click()
    expect(who.get_by_role("listitem")).to_contain_text("窗口人员")


def try_it(designer: Designer) -> None:
    """Four days pass before anybody does anything: a reminder, then the head hears of it; then both steps are done."""
    designer.press("试运行")
    designer.press("开始试运行")
    designer.press("以窗口人员甲发起")
    designer.press("发起", designer.page.locator("#trial-form"))
    designer.sees("还没有通知")
    designer.fill("走到哪一刻", "2026-11-27T09:00")
    designer.press("走到这一刻")
    designer.sees("即将到期")
    designer.sees("“受理”升级：单位负责人")
    designer.shot("trial-late")
    designer.press("以窗口人员乙办理")
    form = designer.page.locator("#trial-form")
    designer.fill("标题", "路灯不亮", form)
    designer.fill("类别", "紧急", form)
    designer.press("提交", form)
    designer.sees("马上办")
    designer.press("以窗口人员甲办理")
    designer.press("提交", designer.page.locator("#trial-form"))
    designer.sees("已办结")
    designer.shot("trial-done")
    designer.fill("场景名称", "超期后办结")
    designer.press("存为场景")
    designer.sees("全部通过")
    designer.sees("每个节点都有场景走到")
    designer.shot("scenarios")
    designer.press("民意快办")
    designer.title("民意快办")


def publish(designer: Designer, note: str, number: int) -> None:
    designer.press("发布")
    expect(designer.page.get_by_text("全部通过")).to_be_visible(timeout=60_000)
    designer.fill("这一版改了什么", note)
    designer.shot(f"publish-{number}")
    designer.press("发布这一版")
    designer.sees(f"第 {number} 版已发布")


def start_ten(designer: Designer) -> None:
    for _ in range(10):
        menu(designer, "发起事项", "发起")
        designer.page.get_by_role("main").get_by_role("link").filter(has_text="诉求办理").first.click()
        designer.press("发起", designer.page.get_by_role("main"))
        designer.sees("已发起")


def change(designer: Designer) -> None:
    """The first step may take three days and not two, and is called otherwise. What differs is compared."""
    menu(designer, "流程包")
    designer.press("民意快办")
    designer.press("诉求办理")
    designer.ready()
    designer.select("受理")
    due = designer.group("办理人").get_by_label("办理期限")
    due.fill("P3D")
    due.blur()
    designer.name("受理登记")
    designer.kept()
    designer.back()
    designer.press("1 个文件有改动")
    designer.sees("从第 1 版到工作稿，1 个文件不同")
    designer.sees("P3D")
    designer.shot("differences")
    designer.press("民意快办")


def move_all(designer: Designer) -> None:
    """The report says what becomes of each case; after publishing they all move, could go back, and stay moved."""
    page = designer.page
    designer.press("发布")
    designer.sees("10 个事项还按旧版办理，其中 10 个可以移到新版")
    page.get_by_text("逐项看会怎样").first.click()
    designer.sees("期限按新版本重新计算")
    designer.shot("report")
    expect(page.get_by_text("全部通过")).to_be_visible(timeout=60_000)
    designer.fill("这一版改了什么", "第二版：三天内受理")
    designer.press("发布这一版")
    designer.sees("10 个事项还按旧版办理，其中 10 个可以移到第 2 版")
    designer.press("全部移动")
    designer.press("确定", page.get_by_role("dialog"))
    designer.sees("已把 10 个事项移到第 2 版")
    designer.shot("moved")
    designer.press("撤回移动")
    designer.sees("已撤回 10 个事项的移动")
    designer.press("全部移动")
    designer.press("确定", page.get_by_role("dialog"))
    designer.sees("已把 10 个事项移到第 2 版")
    menu(designer, "我的任务", "工作台")
    page.get_by_role("link", name=re.compile("可认领")).first.click()
    expect(page.get_by_role("main").get_by_text("受理登记").first).to_be_visible()
