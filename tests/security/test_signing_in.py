"""Locks, second factors, browsers and passwords, as somebody at the sign-in page meets them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask_security import hash_password

from admin.app import create_app
from admin.signin import passwords
from engine import Engine
from tests.admin.conftest import Visitor, build, populate, text

SECRET = "correct horse"
Visit = Callable[..., Visitor]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """People of two communities; boss administers."""
    made = build(tmp_path, lock_tries=3, lock_minutes=10)
    populate(made)
    return made


@pytest.fixture
def app(engine: Engine) -> Flask:
    """li can sign in."""
    made = create_app(engine)
    with made.test_request_context():
        engine.people.put("li", password=hash_password(SECRET))
    return made


@pytest.fixture
def visit(app: Flask) -> Visit:
    """See tests.admin.conftest."""

    def make(login: str = "") -> Visitor:
        visitor = Visitor(app)
        return visitor.enter(login) if login else visitor

    return make


def sign_in(visitor: Visitor, password: str = SECRET, name: str = "li", **more: str):
    visitor.app.extensions["linli-limits"].storage.reset()  # how often an address may try at all is asked elsewhere
    visitor.get("/sign-in")
    return visitor.post("/sign-in", {"identity": name, "password": password, **more})


# ---- locks


def test_too_many_wrong_tries_lock_the_account_for_a_while_and_say_until_when(visit: Visit, engine: Engine) -> None:
    visitor = visit()
    for _n in range(3):
        assert "不正确" in text(sign_in(visitor, "wrong one"))
    answer = sign_in(visitor)
    assert "已锁定到" in text(answer) and "09:10" in text(answer) and not visitor.signed_in
    engine.clock.advance(timedelta(minutes=10, seconds=1))
    assert sign_in(visitor).status_code == 302 and visitor.signed_in


def test_a_name_that_is_nobodys_is_locked_alike(visit: Visit) -> None:
    """Otherwise the lock would tell who is registered."""
    visitor = visit()
    for _n in range(3):
        sign_in(visitor, "wrong one", "not-there")
    assert "已锁定到" in text(sign_in(visitor, "wrong one", "not-there"))


def test_a_good_sign_in_begins_the_count_anew(visit: Visit) -> None:
    for _round in range(3):
        visitor = visit()
        sign_in(visitor, "wrong one")
        sign_in(visitor, "wrong two")
        assert sign_in(visitor).status_code == 302


def test_an_address_that_tries_many_names_is_locked_too(visit: Visit, app: Flask) -> None:
    visitor = visit()
    for number in range(3 * 6):
        sign_in(visitor, "wrong one", f"somebody{number}")
    assert "已锁定到" in text(sign_in(visitor))


def test_an_administrator_unlocks_an_account_and_that_is_on_record(visit: Visit, engine: Engine) -> None:
    visitor, boss = visit(), visit("boss")
    for _n in range(3):
        sign_in(visitor, "wrong one")
    assert "解锁" in text(boss.get("/sign-ins/?q=li")) and "解锁" in text(boss.get("/people/li/"))
    assert boss.post("/sign-ins/unlock", {"login": "li"}).status_code == 302
    assert sign_in(visitor).status_code == 302
    (deed,) = engine.deeds(event="unlocked").rows
    assert (deed.actor, deed.subject) == ("boss", "li")


def test_sign_ins_are_a_file_in_which_nothing_runs(visit: Visit) -> None:
    visitor = visit()
    sign_in(visitor, "x", '=HYPERLINK("http://evil")')
    lines = list(csv.reader(io.StringIO(visit("boss").get("/sign-ins/export.csv").get_data().decode("utf-8-sig"))))
    assert len(lines) >= 2
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert any("HYPERLINK" in cell for line in lines for cell in line)


# ---- passwords


@pytest.mark.parametrize(
    "password", ["short1", "aaaaaaaa1a", "password123", "12345678", "onlyletters", "li-wangge-13800000001"]
)
def test_an_easy_password_is_refused(password: str, app: Flask) -> None:
    with app.test_request_context():
        assert passwords.problem(password, "li", "李网格", "13800000001")


@pytest.mark.parametrize("password", [SECRET, "tian-qi3", "一个很长的中文口令也可以"])
def test_a_good_password_is_taken(password: str, app: Flask) -> None:
    with app.test_request_context():
        assert passwords.problem(password, "wang", "王", "13800000009") == ""


def test_passwords_are_kept_as_argon2(engine: Engine, app: Flask) -> None:
    assert engine.people.get("li").password.startswith("$argon2id$")


# ---- browsers


def test_signing_out_elsewhere_ends_the_others_and_leaves_this_one(visit: Visit, engine: Engine) -> None:
    here, there, third = visit("li"), visit("li"), visit("li")
    page = text(here.get("/account/"))
    assert page.count('name="one"') == 2 and "本机" in page
    one = re.findall(r'name="one" value="(\w+)"', page)[0]
    here.post("/account/browsers", {"one": one})
    assert sorted(v.get("/account/").status_code for v in (there, third)) == [200, 302]
    here.post("/account/browsers")
    assert here.get("/account/").status_code == 200
    assert {v.get("/account/").status_code for v in (there, third)} == {302}


def test_a_session_copied_before_signing_out_is_worth_nothing_afterwards(visit: Visit) -> None:
    """The session is a signed cookie: without a list of browsers a stolen one lived on after signing out."""
    visitor = visit("li")
    visitor.get("/account/")
    kept = visitor.client.get_cookie("linli")
    visitor.post("/sign-out")
    thief = visit()
    thief.client.set_cookie("linli", kept.value)
    assert thief.get("/account/").status_code == 302


def test_an_administrator_signs_somebody_out_everywhere(visit: Visit) -> None:
    visitor = visit("li")
    visit("boss").post("/people/li/sign-out")
    assert visitor.get("/account/").status_code == 302


# ---- second factor


def turn_on(visitor: Visitor, app: Flask) -> tuple[str, list[str]]:
    """Two-step sign-in for a visitor: the secret and the spare codes."""
    visitor.get("/account/second-factor/")
    with visitor.client.session_transaction() as session:
        secret = session["second-offered"]
    with app.app_context():
        code = app.extensions["linli-codes"].generate_totp_password(secret)
    page = text(visitor.post("/account/second-factor/", {"code": code}))
    return secret, re.findall(r"<code>([0-9a-f-]{14})</code>", page)


def test_with_a_second_factor_the_password_alone_does_not_let_in(visit: Visit, app: Flask, engine: Engine) -> None:
    secret, spare = turn_on(visit("li"), app)
    assert len(spare) == 8 and secret not in str(engine.store.sql("select secret from factor").fetchall()[0][0][:10])
    visitor = visit()
    answer = sign_in(visitor, next="/account/?x=1")
    assert answer.headers["Location"] == "/second-factor/" and not visitor.signed_in
    visitor.get("/second-factor/")
    assert visitor.post("/second-factor/", {"code": "000000"}).status_code == 422 and not visitor.signed_in
    answer = visitor.post("/second-factor/", {"code": spare[0]})
    assert answer.headers["Location"] == "/account/?x=1" and visitor.signed_in


def test_no_code_is_taken_twice(visit: Visit, app: Flask) -> None:
    """Neither the one that proved the phone, nor a spare one."""
    secret, spare = turn_on(visit("li"), app)
    with app.app_context():
        used = app.extensions["linli-codes"].generate_totp_password(secret)
    let_in = []
    for code in (used, spare[1], spare[1]):
        visitor = visit()
        sign_in(visitor)
        visitor.get("/second-factor/")
        visitor.post("/second-factor/", {"code": code})
        let_in.append(visitor.signed_in)
    assert let_in == [False, True, False]


def test_wrong_codes_lock_as_wrong_passwords_do(visit: Visit, app: Flask) -> None:
    _secret, spare = turn_on(visit("li"), app)
    visitor = visit()
    sign_in(visitor)
    visitor.get("/second-factor/")
    for _n in range(3):
        visitor.post("/second-factor/", {"code": "000000"})
    assert "锁定" in text(visitor.post("/second-factor/", {"code": spare[0]})) and not visitor.signed_in


def test_turning_it_off_takes_the_password_and_an_administrator_helps_who_lost_the_phone(
    visit: Visit, app: Flask, engine: Engine
) -> None:
    visitor = visit("li")
    turn_on(visitor, app)
    visitor.post("/account/second-factor/off", {"password": "wrong one"})
    assert engine.people.signins.factor("li") is not None
    visitor.post("/account/second-factor/off", {"password": SECRET})
    assert engine.people.signins.factor("li") is None
    turn_on(visitor, app)
    visit("boss").post("/people/li/factor-off")
    assert engine.people.signins.factor("li") is None
    assert [d.event for d in engine.deeds(event="factor", subject="li").rows].count("factor-off") == 2


def test_the_second_page_alone_is_worth_nothing(visit: Visit) -> None:
    visitor = visit()
    assert visitor.get("/second-factor/").headers["Location"] == "/sign-in"
