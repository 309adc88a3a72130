"""Signing in by mobile number or work name, sessions, languages, registering with a community, the demo's doors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask_security import hash_password

from admin.app import create_app
from engine import Engine
from tests.admin.conftest import Visitor, build, populate, text
from tests.diagrams import diagram, element, io

Visit = Callable[..., Visitor]
SECRET = "correct horse"
JOINING = {"name": "赵新", "mobile": "139 1234 5678", "password": SECRET, "skills": "电工，急救证", "consent": "y"}


@pytest.fixture
def known(app: Flask, engine: Engine) -> Engine:
    """li can sign in."""
    with app.test_request_context():
        engine.people.put("li", password=hash_password(SECRET))
    return engine


@pytest.mark.parametrize("name", ["li", "13800000001", "138 0000 0001", "+86 13800000001"])
def test_mobile_number_and_work_name_both_sign_in(name: str, visit: Visit, known: Engine) -> None:
    visitor = visit()
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in", {"identity": name, "password": SECRET})
    assert answer.status_code == 302
    assert "李网格" in text(visitor.get("/account/"))


def test_a_wrong_name_and_a_wrong_password_read_the_same(visit: Visit, known: Engine) -> None:
    visitor = visit()
    visitor.get("/sign-in")
    tries = [{"identity": name, "password": "wrong password"} for name in ("li", "nobody-here")]
    pages = [text(visitor.post("/sign-in", one)) for one in tries]
    assert all("手机号、工作名或密码不正确" in page for page in pages)
    assert not visitor.signed_in


def test_nobody_without_a_password_is_let_in_by_an_empty_one(visit: Visit) -> None:
    visitor = visit()
    visitor.get("/sign-in")
    for password in ("", " ", "x"):
        visitor.post("/sign-in", {"identity": "boss", "password": password})
    assert not visitor.signed_in


def test_guessing_is_slowed_down(visit: Visit, known: Engine) -> None:
    visitor = visit()
    visitor.get("/sign-in")
    statuses = [visitor.post("/sign-in", {"identity": "li", "password": f"guess {n}"}).status_code for n in range(9)]
    assert statuses[:8] == [200] * 8 and statuses[8] == 429


def test_who_left_cannot_sign_in_and_an_open_session_ends(visit: Visit, known: Engine) -> None:
    inside = visit("li")
    assert inside.get("/account/").status_code == 200
    known.people.put("li", status="left")
    assert inside.get("/account/").headers["Location"].startswith("/sign-in")
    fresh = visit()
    fresh.get("/sign-in")
    fresh.post("/sign-in", {"identity": "li", "password": SECRET})
    assert not fresh.signed_in


def test_changing_the_password_ends_every_other_session(visit: Visit, known: Engine) -> None:
    here, elsewhere = visit("li"), visit("li")
    here.get("/account/")
    answer = here.post("/account/password", {"old": SECRET, "new": "battery staple", "again": "battery staple"})
    assert answer.status_code == 302
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


def test_the_present_password_is_asked_for(visit: Visit, known: Engine) -> None:
    visitor = visit("li")
    answer = visitor.post("/account/password", {"old": "not it", "new": "battery staple", "again": "battery staple"})
    assert answer.status_code == 422 and "现在的密码不正确" in text(answer)


def test_a_visitor_is_sent_to_sign_in_and_back(visit: Visit, known: Engine) -> None:
    visitor = visit()
    there = visitor.get("/account/?x=1").headers["Location"]
    assert there == "/sign-in?next=/account/?x%3D1"
    page = visitor.get(there)
    assert 'value="/account/?x=1"' in text(page)
    answer = visitor.post("/sign-in", {"identity": "li", "password": SECRET, "next": "/account/?x=1"})
    assert answer.headers["Location"] == "/account/?x=1"


def test_signing_out_takes_a_post(visit: Visit) -> None:
    visitor = visit("li")
    assert visitor.get("/sign-out").status_code == 405 and visitor.signed_in
    visitor.post("/sign-out")
    assert not visitor.signed_in


# ---- languages


def test_the_language_asked_for_is_kept(visit: Visit) -> None:
    visitor = visit()
    assert "用手机号或工作名登录" in text(visitor.get("/sign-in"))
    assert "With your mobile number" in text(visitor.get("/sign-in?lang=en"))
    assert "With your mobile number" in text(visitor.get("/sign-in"))


def test_a_persons_own_language_wins_over_what_the_device_chose_before(visit: Visit, engine: Engine) -> None:
    engine.people.put("li", locale="en")
    visitor = visit()
    visitor.get("/sign-in?lang=zh")
    visitor.enter("li")
    assert "My account" in text(visitor.get("/account/"))
    assert "我的账户" in text(visitor.get("/account/?lang=zh"))
    assert "我的账户" in text(visitor.get("/account/"))


def test_an_unknown_language_is_ignored_and_the_browser_decides(visit: Visit) -> None:
    assert "With your mobile" in text(visit(language="en-GB,en;q=0.9").get("/sign-in?lang=xx"))
    assert "用手机号" in text(visit(language="fr-FR").get("/sign-in"))
    assert "用手机号" in text(visit(language="zh-TW").get("/sign-in"))


# ---- registering


def test_a_member_registers_and_may_act_only_after_approval(visit: Visit, engine: Engine) -> None:
    visitor = visit()
    assert "东社区" in text(visitor.get("/join/t1"))
    assert visitor.post("/join/t1", JOINING).headers["Location"] == "/waiting/"
    person = engine.people.get("13912345678")
    assert (person.status, person.home_unit, [s.name for s in person.skills]) == ("pending", "t1", ["电工", "急救证"])
    assert visitor.get("/definitions/").headers["Location"] == "/waiting/"
    assert "已收到您的报到" in text(visitor.get("/waiting/"))

    staff = visit("staff")
    assert "赵新" in text(staff.get("/join-requests/"))
    staff.post("/join-requests/13912345678", {"answer": "accept", "role": ""})
    assert engine.people.get("13912345678").status == "active"
    assert visitor.get("/waiting/").headers["Location"] == "/"


def test_a_number_that_is_registered_cannot_be_taken_over(visit: Visit, engine: Engine) -> None:
    before = engine.people.get("li")
    visitor = visit()
    visitor.get("/join/t1")
    answer = visitor.post("/join/t1", {**JOINING, "mobile": "13800000001"})
    assert answer.status_code == 409 and "已经登记过" in text(answer)
    assert engine.people.get("li") == before and not visitor.signed_in


@pytest.mark.parametrize("change", [{"mobile": "12"}, {"name": ""}, {"password": "short"}, {"consent": ""}])
def test_a_wrong_registration_says_so_and_makes_nobody(change: dict[str, str], visit: Visit, engine: Engine) -> None:
    visitor = visit()
    visitor.get("/join/t1")
    filled = {key: value for key, value in {**JOINING, **change}.items() if value}
    assert visitor.post("/join/t1", filled).status_code == 422
    assert engine.people.find("13912345678") is None


def test_staff_of_another_community_neither_see_nor_decide(visit: Visit, engine: Engine) -> None:
    engine.people.register("13900000002", name="西边人", home_unit="t2")
    staff = visit("staff")
    assert "西边人" not in text(staff.get("/join-requests/"))
    assert staff.post("/join-requests/13900000002", {"answer": "accept"}).status_code == 403
    assert engine.people.get("13900000002").status == "pending"


def test_nobody_hands_out_more_than_they_hold(visit: Visit, engine: Engine) -> None:
    """The role comes from a select; a forged one must not make an administrator."""
    engine.people.register("13900000002", name="新人", home_unit="t1")
    staff = visit("staff")
    answer = staff.post("/join-requests/13900000002", {"answer": "accept", "role": "admin"})
    assert answer.status_code == 403 and engine.people.get("13900000002").status == "pending"


def test_the_communitys_code_leads_to_its_registration(visit: Visit) -> None:
    page = text(visit("staff").get("/join/t1/code"))
    assert "/join/t1" in page and "<svg" in page
    assert visit("li").get("/join/t1/code").status_code == 403


# ---- registering where a pack names a process for it

FORM = """{"type": "default", "id": "enter", "components": [
 {"type": "textfield", "key": "name", "label": "姓名", "validate": {"required": true}},
 {"type": "textfield", "key": "mobile", "label": "手机", "validate": {"required": true, "pattern": "1[0-9]{10}"}},
 {"type": "textfield", "key": "unit", "label": "社区"},
 {"type": "textfield", "key": "hobby", "label": "爱好"}]}"""
START = element("startEvent", "s", zeebe='<zeebe:formDefinition formId="enter"/>')
BIND = element(
    "serviceTask",
    "bind",
    zeebe='<zeebe:taskDefinition type="people.put"/>'
    + io({"person": '={name: name, mobile: mobile, home_unit: unit, posts: [{role: "desk", unit: unit}]}'}),
)
ENTER = diagram("s -> u1 -> bind -> e", START, BIND, key="enter", properties={"starters": "public"})
PACK = """name = "small"
version = "1"
[title]
zh = "小包"
en = "Small"
[public]
join = "enter"
"""
ANSWERS = {"name": "赵新", "mobile": "13912345678", "hobby": "象棋", "account-password": SECRET, "account-consent": "y"}


@pytest.fixture
def packed(engine: Engine, tmp_path: Path) -> Engine:
    """The engine with a pack whose entrance `join` is a process: a task decides, then the person is put."""
    folder = tmp_path / "small"
    for name, content in {"pack.toml": PACK, "forms/enter.form": FORM, "processes/enter.bpmn": ENTER.decode()}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")
    engine.deploy_pack(folder, by="boss")
    return engine


def test_registering_starts_the_packs_process_and_its_task_decides(visit: Visit, packed: Engine) -> None:
    visitor = visit()
    assert "爱好" in text(visitor.get("/join/t1"))
    assert visitor.post("/join/t1", ANSWERS).headers["Location"] == "/waiting/"
    (item,) = packed.work_items()
    case = packed.instance(item.instance_id)
    assert {k: case.variables[k] for k in ("name", "hobby", "unit")} == {"name": "赵新", "hobby": "象棋", "unit": "t1"}
    assert packed.people.get("13912345678").status == "pending"
    assert visitor.get("/desk/").headers["Location"] == "/waiting/"

    packed.complete(item.id, {}, by="boss")
    person = packed.people.get("13912345678")
    assert (person.status, [(p.role, p.unit) for p in person.posts]) == ("active", [("desk", "t1")])
    assert visitor.get("/desk/").status_code == 200, "the same session goes on, with the post given"


def test_who_scanned_the_wrong_communitys_code_may_choose_their_own(visit: Visit, packed: Engine) -> None:
    visitor = visit()
    visitor.get("/join/t1")
    assert visitor.post("/join/t1", {**ANSWERS, "unit": "nowhere"}).status_code == 404
    visitor.post("/join/t1", {**ANSWERS, "unit": "t2"})
    assert packed.people.get("13912345678").home_unit == "t2"


@pytest.mark.parametrize("wrong", [{"mobile": "12"}, {"name": ""}, {"account-password": "short"}])
def test_a_wrong_answer_to_the_packs_form_starts_nothing(wrong: dict[str, str], visit: Visit, packed: Engine) -> None:
    visitor = visit()
    visitor.get("/join/t1")
    answer = visitor.post("/join/t1", {**ANSWERS, **wrong})
    assert answer.status_code == 422 and "象棋" in text(answer), "what was typed stays"
    assert not packed.work_items() and packed.people.find("13912345678") is None


def test_the_packs_form_does_not_take_over_a_registered_number(visit: Visit, packed: Engine) -> None:
    visitor = visit()
    visitor.get("/join/t1")
    answer = visitor.post("/join/t1", {**ANSWERS, "mobile": "13800000001"})
    assert answer.status_code == 409 and not packed.work_items() and not visitor.signed_in


# ---- the demo


def test_without_the_demo_its_doors_do_not_exist(visit: Visit) -> None:
    visitor = visit()
    assert "演示" not in text(visitor.get("/sign-in"))
    for path in ("/demo/enter", "/demo/advance"):
        assert visitor.post(path, {"login": "boss", "by": "1d"}).status_code == 404
    assert not visitor.signed_in


@pytest.fixture
def demo(tmp_path: Path) -> Flask:
    """An application with the demo on; li is a sample, boss is not."""
    folder = tmp_path / "demo"
    folder.mkdir()
    engine = build(folder, demo=True)
    populate(engine)
    engine.people.put("li", sample=True)
    return create_app(engine)


def test_in_the_demo_a_sample_person_is_entered_with_one_press(demo: Flask) -> None:
    visitor = Visitor(demo)
    visitor.get("/sign-in")
    visitor.post("/demo/enter", {"login": "li"})
    assert "李网格" in text(visitor.get("/account/"))


def test_in_the_demo_a_real_person_is_not_entered_that_way(demo: Flask) -> None:
    visitor = Visitor(demo)
    visitor.get("/sign-in")
    assert visitor.post("/demo/enter", {"login": "boss"}).status_code == 403
    assert not visitor.signed_in


def test_the_demos_button_moves_the_clock(demo: Flask) -> None:
    engine = demo.extensions["linli"]
    before = engine.clock.now()
    visitor = Visitor(demo).enter("li")
    visitor.post("/demo/advance", {"by": "1d", "next": "/account/"})
    assert engine.clock.now() - before == timedelta(days=1)
    assert visitor.post("/demo/advance", {"by": "100y"}).status_code == 403
