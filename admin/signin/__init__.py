"""Signing in and out, one's own account, registering with a community, and the demo's sign-in page.

Owns the web side of identity on Flask-Security-Too: by mobile number or work name, e-mail never required. Who people
are and what they may do is `engine.people`'s.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_admin import BaseView
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_security import Security

from admin.signin import browsers, demo, oidc, second
from admin.signin.account import AccountView, WaitingView
from admin.signin.accounts import Accounts
from admin.signin.forms import SignInForm
from admin.signin.join import JoinView
from admin.signin.requests import JoinRequestsView
from admin.signin.tries import SignInsView
from engine import Engine

CONFIG = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_LENGTH_MIN": 8,
    "SECURITY_LOGIN_URL": "/sign-in",
    "SECURITY_LOGOUT_URL": "/sign-out",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_POST_LOGIN_VIEW": "/",
    "SECURITY_POST_LOGOUT_VIEW": "/sign-in",
    "SECURITY_LOGIN_USER_TEMPLATE": "linli/sign_in.html",
    "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"login": {"mapper": str}}, {"mobile": {"mapper": str}}],
    "SECURITY_EMAIL_REQUIRED": False,
    "SECURITY_SEND_REGISTER_EMAIL": False,
    "SECURITY_USE_VERIFY_PASSWORD_CACHE": False,
    "SECURITY_UNAUTHORIZED_VIEW": None,
    "SECURITY_FLASH_MESSAGES": False,
    "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
}


def init(app: Flask, engine: Engine) -> None:
    """Install Flask-Security over our people. The salt that peppers passwords is the settings' secret."""
    app.config.update(CONFIG, SECURITY_PASSWORD_SALT=engine.settings.secret())
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=engine.settings.session_days)
    Security(app, Accounts(), login_form=SignInForm)
    browsers.init(app)
    second.init(app, engine)
    oidc.init(app, engine)
    app.jinja_env.globals["demo_roles"] = demo.roles


def reader() -> tuple[str, str]:
    """Login and preferred language of whoever is signed in, for the choice of a language."""
    if not current_user.is_authenticated:
        return "", ""
    return current_user.login, current_user.person.locale


def views(engine: Engine) -> list[BaseView]:
    """The screens of this part; those of the demo exist only in the demo."""
    shown: list[BaseView] = [
        AccountView(name=_l("我的账户"), endpoint="account", url="/account"),
        second.SecondView(name=_l("两步验证"), endpoint="second", url="/second-factor"),
        second.FactorView(name=_l("两步验证"), endpoint="factor", url="/account/second-factor"),
        SignInsView(name=_l("登录记录"), endpoint="sign_ins", url="/sign-ins"),
        WaitingView(name=_l("等待审核"), endpoint="waiting", url="/waiting"),
        JoinView(name=_l("党员报到"), endpoint="join", url="/join"),
        JoinRequestsView(name=_l("报到审核"), endpoint="join_requests", url="/join-requests"),
    ]
    if oidc.on(engine):
        shown.append(oidc.OidcView(name=_l("统一身份认证"), endpoint="oidc", url="/oidc"))
    return shown + (demo.views() if engine.settings.demo else [])
