"""Signing in with the organisation's provider: a small one answers over HTTP, with keys and tokens of its own."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from werkzeug.serving import make_server

from admin.app import create_app
from engine import Engine
from engine.clock import ManualClock
from engine.errors import InvalidSetting
from engine.settings import Settings
from tests.admin.conftest import Visitor, populate, text
from tests.conftest import MONDAY_0900_SHANGHAI

CLIENT, SECRET = "linli", "between the two of us and nobody else"


@dataclass
class Provider:
    """What it is asked to say. `claims` are put over the token's own; `key` signs; `asked`: by code."""

    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    issuer: str = ""
    key: Any = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    published: Any = None
    alg: str = "RS256"
    without: str = ""  # the token leaves this claim out
    asked: dict[str, dict[str, str]] = field(default_factory=dict)


def serving(provider: Provider) -> Flask:
    """The provider's four addresses."""
    app = Flask("provider")

    @app.get("/.well-known/openid-configuration")
    def metadata() -> Any:
        return jsonify(
            issuer=provider.issuer or provider.url,
            authorization_endpoint=f"{provider.url}/authorize",
            token_endpoint=f"{provider.url}/token",
            jwks_uri=f"{provider.url}/keys",
            id_token_signing_alg_values_supported=["RS256", "HS256", "none"],
        )

    @app.get("/keys")
    def keys() -> Any:
        return jsonify(keys=[(provider.published or provider.key).as_dict(private=False)])

    @app.get("/authorize")
    def authorize() -> Any:
        provider.asked["the code"] = request.args.to_dict()
        return redirect(f"{request.args['redirect_uri']}?code=the+code&state={request.args['state']}")

    @app.post("/token")
    def token() -> Any:
        asked = provider.asked.pop(request.form["code"])
        sent = base64.urlsafe_b64encode(hashlib.sha256(request.form["code_verifier"].encode()).digest()).rstrip(b"=")
        known = request.authorization is not None and request.authorization.password == SECRET
        if not known or asked["code_challenge"] != sent.decode() or asked["code_challenge_method"] != "S256":
            return jsonify(error="invalid_grant"), 400
        now = int(time.time())
        said = {"iss": provider.url, "aud": CLIENT, "sub": "7", "iat": now, "exp": now + 60, "nonce": asked["nonce"]}
        said = {name: value for name, value in {**said, **provider.claims}.items() if name != provider.without}
        signed = jwt.encode({"alg": provider.alg, "kid": "one"}, said, provider.key, algorithms=[provider.alg])
        return jsonify(access_token="a", token_type="Bearer", id_token=signed)

    return app


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    """A provider on a free port."""
    provider = Provider()
    made = make_server("127.0.0.1", 0, serving(provider), threaded=True)
    provider.url = f"http://127.0.0.1:{made.server_port}"
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield provider
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def provider(server: Provider) -> Provider:
    """As it is at first."""
    fresh = Provider(url=server.url, key=server.key, claims={"preferred_username": "li"})
    vars(server).update(vars(fresh))
    return server


def installed(folder: Path, url: str, provider: Provider, **more: Any) -> Engine:
    given = {"oidc_issuer": provider.url, "oidc_client": CLIENT, "oidc_secret": SECRET, "oidc_title": "市民云"}
    settings = Settings(database=url, data=str(folder), secret_key="test" * 12, demo=False, **given | more)
    made = Engine(url, ManualClock(MONDAY_0900_SHANGHAI), settings)
    made.migrate()
    populate(made)
    return made


@pytest.fixture
def engine(store_url: str, tmp_path: Path, provider: Provider) -> Iterator[Engine]:
    with installed(tmp_path, store_url, provider) as made:
        yield made


@pytest.fixture
def visitor(engine: Engine) -> Visitor:
    return Visitor(create_app(engine))


def there_and_back(visitor: Visitor, target: str = "", spoil: str = "") -> Any:
    """Through the provider as a browser goes: our answer at the end. `spoil`: another state on the way back."""
    to = visitor.get("/oidc/", query_string={"next": target}).headers["Location"]
    back = requests.get(to, allow_redirects=False, timeout=5).headers["Location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    asked |= {"state": spoil} if spoil else {}
    return visitor.get(urlsplit(back).path, query_string=asked)


def test_the_provider_lets_in_whom_linli_knows_and_that_is_on_record(visitor: Visitor, engine: Engine) -> None:
    assert "用 市民云 登录" in text(visitor.get("/sign-in"))
    answer = there_and_back(visitor, "/account/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/")
    assert "李网格" in text(visitor.get("/account/"))
    tries = engine.people.signins.tries().rows
    assert [(one.login, one.outcome) for one in tries] == [("li", "oidc")]
    boss = Visitor(visitor.app).enter("boss")
    assert "统一身份认证" in text(boss.get("/sign-ins/")) and "li" in text(boss.get("/sign-ins/export.csv"))


def test_nobody_is_made_by_signing_in(visitor: Visitor, engine: Engine, provider: Provider) -> None:
    provider.claims = {"preferred_username": "stranger"}
    assert there_and_back(visitor).headers["Location"] == "/sign-in"
    assert "没有“stranger”的账户" in text(visitor.get("/sign-in")) and engine.people.find("stranger") is None
    assert [one.outcome for one in engine.people.signins.tries().rows] == ["stranger"]


def test_who_left_stays_outside(visitor: Visitor, engine: Engine) -> None:
    engine.people.put("li", status="left")
    assert there_and_back(visitor).headers["Location"] == "/sign-in"


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_the_way_afterwards_stays_on_this_site(target: str, visitor: Visitor) -> None:
    assert there_and_back(visitor, target).headers["Location"] == "/"


@pytest.mark.parametrize(
    "lie",
    [
        {"claims": {"preferred_username": "li", "nonce": "another"}},
        {"without": "nonce"},
        {"claims": {"preferred_username": "li", "aud": "another"}},
        {"claims": {"preferred_username": "li", "iss": "https://another.example"}},
        {"claims": {"preferred_username": "li", "exp": 1_000_000_000}},
        {"published": RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})},
        {"alg": "HS256", "key": OctKey.import_key(SECRET)},
        {"issuer": "https://another.example"},
    ],
    ids=["nonce", "no nonce", "audience", "issuer", "expired", "signature", "shared secret", "metadata"],
)
def test_a_token_that_is_not_right_lets_nobody_in(lie: dict[str, Any], visitor: Visitor, provider: Provider) -> None:
    key = provider.key
    for name, value in lie.items():
        setattr(provider, name, value)
    answer = visitor.get("/oidc/") if "issuer" in lie else there_and_back(visitor)
    provider.key = key
    assert answer.headers["Location"] == "/sign-in" and not visitor.signed_in


def test_an_answer_to_another_browser_lets_nobody_in(visitor: Visitor) -> None:
    assert there_and_back(visitor, spoil="another").headers["Location"] == "/sign-in"
    assert visitor.get("/oidc/back?error=access_denied&state=x").headers["Location"] == "/sign-in"
    assert not visitor.signed_in and "没有成功" in text(visitor.get("/sign-in"))


def test_two_step_sign_in_is_asked_for_unless_the_provider_does_it(
    store_url: str, tmp_path: Path, provider: Provider, visitor: Visitor, engine: Engine
) -> None:
    engine.people.signins.put_factor("li", "secret", [], by="li")
    assert there_and_back(visitor, "/account/").headers["Location"] == "/second-factor/" and not visitor.signed_in
    with Engine(store_url, engine.clock, replace(engine.settings, oidc_second=False)) as other:
        assert there_and_back(Visitor(create_app(other)), "/account/").headers["Location"] == "/account/"


@pytest.mark.parametrize(
    ("claims", "lands"),
    [
        ({"phone_number": "+86 138-0000-0001"}, "/"),
        ({"phone_number": "13800000001", "phone_number_verified": False}, "/sign-in"),
        ({"phone_number": "li"}, "/sign-in"),
        ({}, "/sign-in"),
    ],
)
def test_a_mobile_number_may_say_who_it_is(
    claims: dict[str, Any], lands: str, store_url: str, tmp_path: Path, provider: Provider
) -> None:
    provider.claims = claims
    asked = {"oidc_claim": "phone_number", "oidc_field": "mobile"}
    with installed(tmp_path, store_url, provider, **asked) as engine:
        assert there_and_back(Visitor(create_app(engine))).headers["Location"] == lands


# ---- what is set


@pytest.mark.parametrize(
    "given", [{"oidc_issuer": "http://id.example"}, {"oidc_scope": "profile"}, {"oidc_field": "email"}]
)
def test_settings_that_would_not_be_safe_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(InvalidSetting):
        Settings(**given)


def test_an_issuer_without_a_client_is_refused(tmp_path: Path) -> None:
    settings = Settings(oidc_issuer="https://id.example", data=str(tmp_path))
    with Engine(f"sqlite:///{tmp_path}/a.db", settings=settings) as engine, pytest.raises(InvalidSetting):
        create_app(engine)


def test_without_a_provider_its_library_is_not_loaded(tmp_path: Path) -> None:
    """It would cost every start a tenth of a second; the pages of it are not there either."""
    said = "import sys, admin.app; sys.exit('authlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", said], check=False).returncode == 0
