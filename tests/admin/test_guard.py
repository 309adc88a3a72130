"""Headers, content policy, CSRF, redirects, errors: what no screen may forget."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask_security import hash_password

from admin.app import create_app
from admin.widgets.view import is_local
from tests.admin.conftest import Visitor, build, text

Visit = Callable[..., Visitor]


def test_every_script_on_a_page_carries_the_nonce_of_its_policy(visit: Visit) -> None:
    answer = visit("boss").get("/definitions/")
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    tags = re.findall(r"<script[^>]*>", text(answer))
    assert nonce and tags and all(f'nonce="{nonce[1]}"' in tag for tag in tags)
    assert "unsafe-eval" not in policy and "script-src 'self' 'nonce-" in policy
    assert "https:" not in policy and "frame-ancestors 'none'" in policy


def test_a_nonce_is_never_used_twice(visit: Visit) -> None:
    visitor = visit()
    policies = {visitor.get("/sign-in").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


def test_templates_have_no_inline_handlers_and_load_nothing_from_elsewhere() -> None:
    """Under a nonce policy an inline `onclick` is dropped silently: a delete button would lose its question."""
    wrong = []
    for path in (Path(__file__).parents[2] / "admin" / "templates").rglob("*.html"):
        source = path.read_text("utf-8")
        if re.search(r"<[^>]*\son[a-z]+\s*=", source) or re.search(r"""(src|href)=["'](https?:)?//""", source):
            wrong.append(path.name)
        if "javascript:" in source:
            wrong.append(path.name)
    assert not wrong


def test_a_post_without_a_token_changes_nothing(visit: Visit, app: Flask) -> None:
    visitor = visit("staff")
    engine = app.extensions["linli"]
    engine.people.register("13900000002", name="新党员", home_unit="t1")
    answer = visitor.client.post("/join-requests/13900000002", data={"answer": "accept"})
    assert answer.status_code == 400 and "刷新" in text(answer)
    assert engine.people.get("13900000002").status == "pending"


def test_answers_are_not_sniffed_framed_or_kept_by_caches(visit: Visit) -> None:
    headers = visit("boss").get("/definitions/").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("target", ["/desk/", "/desk/?tab=mine&q=a%20b"])
def test_addresses_on_this_site_are_followed(target: str) -> None:
    assert is_local(target)


@pytest.mark.parametrize(
    "target",
    (
        *("", "desk", " /desk/", "javascript:alert(1)", "https://evil.example", "//evil.example"),
        *("/\\evil.example", "\\\\evil.example", "/a\\..\\b", "/a\nb", "/\t/evil.example"),
    ),
)
def test_addresses_that_a_browser_takes_elsewhere_are_not_followed(target: str) -> None:
    assert not is_local(target)


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(target: str, visit: Visit, app: Flask) -> None:
    with app.test_request_context():
        app.extensions["linli"].people.put("li", password=hash_password("correct horse"))
    visitor = visit()
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in", {"identity": "li", "password": "correct horse", "next": target})
    assert answer.status_code == 302 and is_local(answer.headers["Location"])


def test_a_wrong_address_explains_itself_in_the_readers_language(visit: Visit) -> None:
    assert "找不到这个页面" in text(visit().get("/nothing-here"))
    english = visit(language="en-GB").get("/nothing-here")
    assert english.status_code == 404 and "There is no such page" in text(english)


def test_a_refusal_is_json_for_programs_and_a_toast_for_htmx(visit: Visit) -> None:
    visitor = visit("li")
    page = visitor.get("/definitions/")
    assert page.status_code == 403 and "<html" in text(page)
    toast = visitor.get("/definitions/", headers={"HX-Request": "true"})
    assert toast.status_code == 403 and toast.headers["HX-Retarget"] == "#toasts" and "<html" not in text(toast)
    program = visitor.get("/definitions/", headers={"Accept": "application/json"})
    assert program.status_code == 403 and program.get_json()["error"] == "Forbidden"


def test_an_unexpected_error_shows_a_number_and_no_trace(
    visit: Visit, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    def boom() -> str:
        raise RuntimeError("the secret detail")

    app.add_url_rule("/boom", "boom", boom)
    answer = visit("boss").get("/boom")
    number = re.search(r"<code>([0-9a-f]{8})</code>", text(answer))
    assert answer.status_code == 500 and number
    assert "secret detail" not in text(answer) and "Traceback" not in text(answer)
    assert number[1] in caplog.text and "the secret detail" in caplog.text


def test_health_says_so_only_while_the_database_answers(visit: Visit) -> None:
    answer = visit().get("/healthz")
    assert answer.status_code == 200 and answer.get_json() == {"status": "ok"}


def test_cookies_are_for_https_only_when_the_setting_says_so(tmp_path: Path) -> None:
    for secure in (True, False):
        folder = tmp_path / str(secure)
        folder.mkdir()
        engine = build(folder, secure=secure)
        answer = create_app(engine).test_client().get("/sign-in", base_url="https://linli.example")
        cookie = answer.headers["Set-Cookie"]
        assert ("Secure" in cookie) is secure and "HttpOnly" in cookie and "SameSite=Lax" in cookie
        assert ("Strict-Transport-Security" in answer.headers) is secure
        engine.close()
