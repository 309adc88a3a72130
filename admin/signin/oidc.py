"""Signing in with the organisation's own identity provider (OpenID Connect), where one is set.

Owns the two addresses of it, `/oidc/` and `/oidc/back`, and whose account a token is: code flow with PKCE, state and
nonce in the session, the token's signature, issuer, audience and time checked by Authlib. Nobody is made by signing in:
the account must exist. Authlib is loaded with the first such sign-in, so that starting stays quick.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, current_app, flash, g, redirect, request, session, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_security import login_user

from admin.signin import browsers, second
from admin.signin.accounts import Account
from admin.widgets import current, limits
from admin.widgets.view import View, is_local
from engine import Engine
from engine.errors import InvalidSetting, Said
from engine.records import Person
from engine.settings import Settings

NAME = "oidc"
TARGET = "oidc-next"
SECONDS = 10  # that the provider may take to answer
SIGNED_WITH = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")  # no secret
NO_CLIENT = Said("设置了 LINLI_OIDC_ISSUER 就要设置它", "LINLI_OIDC_ISSUER needs it")
_NOT_A_DIGIT = re.compile(r"\D")


class Refused(Exception):
    """The provider's answer does not let anybody in; the words are for the reader."""


def init(app: Flask, engine: Engine) -> None:
    """Make the button known to templates. InvalidSetting when half of it is set."""
    settings = engine.settings
    if settings.oidc_issuer and not settings.oidc_client:
        raise InvalidSetting(name="LINLI_OIDC_CLIENT", reason=NO_CLIENT)
    app.jinja_env.globals["single_sign_on"] = (settings.oidc_title or _issuer_host(settings)) if on(engine) else ""


def on(engine: Engine) -> bool:
    """Whether a provider is set."""
    return bool(engine.settings.oidc_issuer)


def _issuer_host(settings: Settings) -> str:
    return settings.oidc_issuer.partition("://")[2].partition("/")[0]


class OidcView(View):
    """There to the provider, and back."""

    public = True

    @expose("/")
    def index(self) -> Any:
        """To the provider; ?next= is where to go afterwards."""
        limits.spend("sign-in", "30/minute")
        target = request.args.get("next", "")
        session[TARGET] = target if is_local(target) else ""
        try:
            return _client().authorize_redirect(_way_back())
        except _troubles() as problem:  # the provider is away, or is not the one that is set
            return _out(_("统一身份认证暂时不可用，请稍后再试，或用密码登录。"), problem)

    @expose("/back")
    def back(self) -> Any:
        """The provider's answer."""
        limits.spend("sign-in", "30/minute")
        target = str(session.pop(TARGET, ""))
        try:
            claims = _claims()
        except _troubles() as problem:  # a state, nonce, signature or code that is not right, or no provider
            return _out(_("统一身份认证没有成功，请再试一次。"), problem)
        try:
            person = _person(claims)
        except Refused as refused:
            return _out(str(refused), None)
        settings = current.engine().settings
        if settings.oidc_second:
            second.ask(person.login, False, target)
        g.linli_way = NAME
        session.permanent = False
        login_user(Account(person))
        return redirect(target or "/")


def _troubles() -> tuple[type[Exception], ...]:
    """What Authlib and those below it raise; asked for when something was raised, so it costs no start."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError
    from requests import RequestException

    return (AuthlibBaseError, JoseError, RequestException, Refused, ValueError, KeyError, RuntimeError)


def _out(words: str, problem: Exception | None) -> Any:
    if problem is not None:
        current_app.logger.warning("sign-in by OpenID Connect: %s: %s", type(problem).__name__, problem)
    flash(words, "danger")
    return redirect(url_for("security.login"))


def _way_back() -> str:
    start = current.engine().settings.address or request.host_url.rstrip("/")
    return f"{start}{url_for('oidc.back')}"


def _client() -> Any:
    """Authlib's client, one an application: it keeps what the provider says of itself and its keys."""
    made = current_app.extensions.get("linli-oidc")
    if made is None:
        from authlib.integrations.flask_client import OAuth  # 60 ms that only installations with a provider pay

        settings = current.engine().settings
        made = OAuth(current_app).register(
            NAME,
            client_id=settings.oidc_client,
            client_secret=settings.oidc_secret or None,
            server_metadata_url=f"{settings.oidc_issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": settings.oidc_scope,
                "code_challenge_method": "S256",
                "default_timeout": SECONDS,
                **({} if settings.oidc_secret else {"token_endpoint_auth_method": "none"}),
            },
        )
        current_app.extensions["linli-oidc"] = made
    _trusted(made)
    return made


def _trusted(client: Any) -> None:
    """What the provider says of itself is of the provider that is set, and takes no signature made with a secret."""
    said = client.load_server_metadata()
    issuer = current.engine().settings.oidc_issuer
    if str(said.get("issuer", "")).rstrip("/") != issuer:
        raise Refused(f"{said.get('issuer')} is not {issuer}")
    offered = said.get("id_token_signing_alg_values_supported") or ["RS256"]
    client.server_metadata["id_token_signing_alg_values_supported"] = [one for one in offered if one in SIGNED_WITH]


def _claims() -> dict[str, Any]:
    """What the token says of whoever signs in, proved."""
    client = _client()
    wanted = {
        "iss": {"essential": True, "values": [client.server_metadata["issuer"]]},
        "aud": {"essential": True},
        "exp": {"essential": True},
        "nonce": {"essential": True},
    }
    claims = client.authorize_access_token(claims_options=wanted).get("userinfo")
    if not claims:
        raise Refused("the answer holds no id_token")
    return dict(claims)


def _person(claims: dict[str, Any]) -> Person:
    """Whose account it is. Refused in the reader's words, and on record."""
    settings, people = current.engine().settings, current.engine().people
    said = claims.get(settings.oidc_claim)
    name = said.strip() if isinstance(said, str) else ""
    if settings.oidc_field == "mobile":
        name = _NOT_A_DIGIT.sub("", name)[-11:]
        if claims.get(f"{settings.oidc_claim}_verified") is False:
            name = ""
    person = people.find(name) if name else None
    known = getattr(person, settings.oidc_field) if person else ""
    if person is None or known != name or not Account(person).active:
        people.signins.record(name or str(claims.get("sub", "")), "stranger", browsers.origin())
        raise Refused(
            _("您已通过统一身份认证，但这里没有“%(name)s”的账户。请联系管理员开通。", name=name or _("（未提供）"))
        )
    return person
