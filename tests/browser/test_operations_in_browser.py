"""Operations of the task page in a real browser: add a signer, delegate and back, return and come back, withdraw,
refuse a countersign, stand in for somebody. On a phone's width, each step as the person who does it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from engine import Engine
from tests.browser.conftest import PHONE, Site, enter, fits
from tests.diagrams import diagram, many, user
from tests.engine.operations.play import populate

pytestmark = pytest.mark.browser

ALL = "transfer, delegate, add_signer, remove_signer, return, refuse, withdraw, copy, urge"
FORM = {
    "type": "default",
    "id": "opinion",
    "components": [
        {"type": "checkbox", "key": "agreed", "label": "同意", "id": "f1"},
        {"type": "textfield", "key": "note", "label": "意见", "id": "f2"},
    ],
}
APPROVAL = diagram(
    "s -> ask -> approve -> sign -> e",
    user("ask", name="申请", assignee="zhao", props={"name_en": "Ask"}),
    user(
        "approve",
        name="审批",
        form="opinion",
        assignee="li",
        props={"operations": ALL, "refuse": "agreed", "after_return": "choose", "name_en": "Approve"},
    ),
    user(
        "sign",
        many("signers", item="signer"),
        name="会签",
        form="opinion",
        assignee="=signer",
        props={"operations": ALL, "signing": "all", "name_en": "Sign"},
    ),
    key="approval",
    name="审批流程",
    properties={"title": '="买一台打印机"', "unit": "=unit", "starters": "*", "name_en": "Approval"},
)


@pytest.fixture
def site(engine: Engine, serve: Callable[[Engine], Site]) -> Site:
    """One case, asked for by zhao, at li's approval."""
    populate(engine)
    engine.deploy({"approval.bpmn": APPROVAL, "opinion.form": json.dumps(FORM).encode()}, by="")
    case = engine.start("approval", {"unit": "grid", "signers": ["wang", "sun"]}, by="zhao")
    engine.complete(engine.work_items(instance=case.id)[0].id, {}, by="zhao")
    return serve(engine)


@pytest.fixture
def people(site: Site, open_page: Callable[..., Page]) -> Callable[[str], Page]:
    """`people(login)` -> a phone on which they are signed in; each has one."""
    phones: dict[str, Page] = {}

    def phone(login: str) -> Page:
        if login not in phones:
            phones[login] = open_page(PHONE)
            enter(phones[login], site, login)
        return phones[login]

    return phone


def at_task(page: Page, site: Site, login: str) -> Page:
    """The task that somebody has, on their page."""
    page.goto(f"{site.url}/task/{site.engine.work_items(assignee=login)[0].id}/")
    return page


def operate(page: Page, label: str, **fields: str) -> None:
    """Open an operation of the task page, fill it in, do it. Fields by the name of their input."""
    box = page.locator(".ld-operations details", has=page.locator("summary", has_text=label))
    box.locator("summary").click()
    for name, value in fields.items():
        control = box.locator(f"[name={name}]")
        if control.evaluate("e => e.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    fits(page)
    box.get_by_role("button", name=label).click()


def submit(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="提交", exact=True).click()


def test_a_signer_is_asked_before_and_the_task_waits_for_them(site: Site, people: Callable[[str], Page]) -> None:
    li = at_task(people("li"), site, "li")
    operate(li, "加签", to="qian", when="before", text="请先把关")
    expect(li.get_by_text("先要等加签的人或退回的步骤办完")).to_be_visible()
    expect(li.get_by_role("button", name="提交", exact=True)).to_have_count(0)
    qian = at_task(people("qian"), site, "qian")
    expect(qian.get_by_text("li请您一同签署")).to_be_visible()
    qian.get_by_label("同意").check()
    submit(qian)
    li.reload()
    expect(li.get_by_role("button", name="提交", exact=True)).to_be_visible()
    expect(li.get_by_text("li为“审批”前加签 qian")).to_be_visible()


def test_a_signer_is_removed_again(site: Site, people: Callable[[str], Page], engine: Engine) -> None:
    li = at_task(people("li"), site, "li")
    operate(li, "加签", to="qian", when="beside")
    operate(at_task(li, site, "li"), "减签", signer=str(engine.work_items(assignee="qian")[0].id), text="不必了")
    expect(li.get_by_text("已减签")).to_be_visible()
    assert engine.work_items(assignee="qian") == []


def test_what_a_delegate_has_done_comes_back_to_be_confirmed(
    site: Site, people: Callable[[str], Page], engine: Engine
) -> None:
    li = at_task(people("li"), site, "li")
    operate(li, "委托", to="wang", text="我在外面")
    wang = at_task(people("wang"), site, "wang")
    expect(wang.get_by_text("li委托您办理")).to_be_visible()
    wang.get_by_label("意见").fill("看过了，可以")
    submit(wang)
    at_task(li, site, "li")
    expect(li.get_by_label("意见")).to_have_value("看过了，可以")
    expect(li.get_by_text("wang办完了“审批”，交还 li 确认")).to_be_visible()
    submit(li)
    assert {item.node_id for item in engine.work_items()} == {"sign"}


def test_a_task_is_returned_and_comes_straight_back(site: Site, people: Callable[[str], Page]) -> None:
    li = at_task(people("li"), site, "li")
    operate(li, "退回重办", node="ask", then="back", text="请补报价单")
    zhao = at_task(people("zhao"), site, "zhao")
    submit(zhao)
    at_task(li, site, "li")
    expect(li.get_by_role("button", name="提交", exact=True)).to_be_visible()
    expect(li.get_by_text("请补报价单")).to_be_visible()


def test_a_completion_is_taken_back_until_somebody_acts(
    site: Site, people: Callable[[str], Page], engine: Engine
) -> None:
    li = at_task(people("li"), site, "li")
    address = li.url
    li.get_by_label("同意").check()
    submit(li)
    li.goto(address)
    operate(li, "撤回", text="填错了")
    expect(li.get_by_text("已撤回，请重新办理")).to_be_visible()
    assert [(item.node_id, item.assignee) for item in engine.work_items()] == [("approve", "li")]


def test_one_refusal_ends_a_countersign_and_the_case_says_so(
    site: Site, people: Callable[[str], Page], engine: Engine
) -> None:
    engine.complete(engine.work_items(assignee="li")[0].id, {"agreed": True}, by="li")
    wang = at_task(people("wang"), site, "wang")
    case = engine.work_items(assignee="wang")[0].instance_id
    operate(wang, "驳回", text="预算不够")
    wang.goto(f"{site.url}/case/{case}/")
    assert engine.instance(case).status == "completed" and engine.instance(case).variables["passed"] is False
    zhao = people("zhao")
    zhao.goto(f"{site.url}/case/{case}/")
    expect(zhao.get_by_text("wang驳回了“会签”")).to_be_visible()
    expect(zhao.get_by_text("“会签”未通过：2 人中 0 同意、1 不同意")).to_be_visible()
    fits(zhao)


def test_a_substitute_is_set_on_the_page_and_does_the_task(
    site: Site, people: Callable[[str], Page], engine: Engine
) -> None:
    li = people("li")
    li.goto(f"{site.url}/substitutes/")
    fits(li)
    li.get_by_label("由谁代理").fill("qian")
    li.get_by_label("到哪天").fill("2026-11-30")
    li.get_by_role("button", name="设置代理").click()
    expect(li.get_by_text("qian代我办理")).to_be_visible()
    qian = people("qian")
    qian.goto(f"{site.url}/task/{engine.work_items(assignee='li')[0].id}/")
    expect(qian.get_by_text("您代li办理")).to_be_visible()
    submit(qian)
    assert {item.node_id for item in engine.work_items()} == {"sign"}
