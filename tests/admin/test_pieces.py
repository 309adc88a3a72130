"""Parts of pages that are drawn once and kept: what decides them is given, nothing of who asks can get in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, render_template_string
from jinja2 import DictLoader

from admin.widgets import pieces
from engine import Engine
from tests.admin.conftest import Visitor, text


@pytest.fixture
def bare() -> Flask:
    """An application with nothing but pieces."""
    app = Flask("pieces")
    app.extensions["drawn"] = []
    templates = {
        "named.html": "{{ drawn(who) }}",
        **{f"{name}.html": f"{{{{ {name}.x }}}}" for name in ("me", "request")},
    }
    app.jinja_loader = DictLoader({**templates, "token.html": "{{ csrf_token() }}", "g.html": "{{ g }}"})  # type: ignore[misc]
    app.jinja_env.globals.update(drawn=lambda who: app.extensions["drawn"].append(who) or f"<{who}>", me="li")
    app.jinja_env.globals["csrf_token"] = lambda: "secret"
    pieces.init(app)
    return app


def test_a_piece_is_drawn_once_for_what_it_is_given(bare: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    language = ["zh"]
    monkeypatch.setattr(pieces.i18n, "locale", lambda: language[0])
    page = "{{ piece('named.html', who=who) }}"
    with bare.test_request_context():
        assert [render_template_string(page, who=who) for who in ("li", "wang", "li")] == [
            "&lt;li&gt;",
            "&lt;wang&gt;",
            "&lt;li&gt;",
        ]
        assert bare.extensions["drawn"] == ["li", "wang"]
        language[0] = "en"
        render_template_string(page, who="li")
    with bare.test_request_context(environ_overrides={"SCRIPT_NAME": "/town"}):
        render_template_string(page, who="li")
    assert bare.extensions["drawn"] == ["li", "wang", "li", "li"]


@pytest.mark.parametrize("template", ["me", "request", "token", "g"])
def test_what_tells_one_person_from_another_is_out_of_its_reach(bare: Flask, template: str) -> None:
    """A token or a name in a piece would be shown to everybody after the first who opened the page."""
    with bare.test_request_context(), pytest.raises(LookupError):
        render_template_string(f"{{{{ piece('{template}.html') }}}}")


def test_the_menu_follows_a_change_of_posts_at_once(visit: Callable[..., Visitor], engine: Engine) -> None:
    """The side menu is such a piece: it is given what the person may see now."""
    engine.people.put("wang", name="王", posts=[("desk", "t1")])
    wang, li = visit("wang"), visit("li")
    people = 'href="/people/"'
    assert people not in text(wang.get("/desk/")) + text(li.get("/desk/"))
    engine.people.put("wang", posts=[("desk", "t1"), ("people:read", "t1")])
    assert people in text(wang.get("/desk/")) and people not in text(li.get("/desk/"))
    page = text(wang.get("/people/"))
    assert 'nav-link active" href="/people/" aria-current="page"' in page and 'active" href="/desk/"' not in page
    engine.people.put("wang", posts=[("desk", "t1")])
    page = text(wang.get("/desk/"))
    assert people not in page and 'nav-link active" href="/desk/" aria-current="page"' in page
