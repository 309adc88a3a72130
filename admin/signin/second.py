"""The second factor: a code of an authenticator app after the password, or one of the codes for a lost phone.

Owns the page between password and entry, and turning the factor on and off for oneself. Codes are checked by
Flask-Security's TOTP; none is taken twice. The secret is encrypted with a key made of the settings' secret.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from flask import Flask, abort, current_app, flash, redirect, request, session, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import login_user, verify_password
from flask_security.totp import Totp
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from admin.signin import browsers
from admin.signin.accounts import Account
from admin.widgets import current, limits
from admin.widgets.view import View, is_local
from engine import Engine

PENDING, OFFERED = "second", "second-offered"
PATIENCE = 300  # seconds between password and code
WINDOW = 30  # seconds that a phone's clock may be off
CODES = 8


class AppCodes(Totp):
    """Codes of authenticator apps; one that was used is used up."""

    def get_last_counter(self, user: Any) -> int | None:
        factor = current.engine().people.signins.factor(user.login)
        return factor.counter or None if factor else None

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        current.engine().people.signins.take_counter(user.login, tmatch.counter)


class CodeForm(FlaskForm):
    """Six digits, or a code for a lost phone."""

    code = StringField(
        _l("验证码"),
        [InputRequired(_l("请填写验证码")), Length(max=20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True},
    )


class OffForm(FlaskForm):
    """Turning it off takes the password."""

    password = PasswordField(
        _l("密码"), [InputRequired(_l("请填写密码"))], render_kw={"autocomplete": "current-password"}
    )


def init(app: Flask, engine: Engine) -> None:
    """The key of the secrets comes of the settings' secret."""
    app.extensions["linli-codes"] = AppCodes({"1": f"second factor of {engine.settings.secret()}"}, "Linli")


def codes() -> AppCodes:
    """The checker of codes."""
    found: AppCodes = current_app.extensions["linli-codes"]
    return found


def ask(login: str, remember: bool, target: str | None = None) -> None:
    """The password (or the organisation's provider) was right: on to the code, if this person has a factor. Does not
    return then. `target`: where to afterwards; None = as the request says."""
    if current.engine().people.signins.factor(login) is None:
        return
    asked_for = request.values.get("next", "") if target is None else target
    session[PENDING] = [login, time.time(), remember, asked_for if is_local(asked_for) else ""]
    abort(redirect(url_for("second.index")))


class SecondView(View):
    """`/second-factor/`."""

    public = True

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        """The code."""
        login, since, remember, target = session.get(PENDING) or ["", 0, False, ""]
        if not login or time.time() - since > PATIENCE:
            session.pop(PENDING, None)
            return redirect(url_for("security.login"))
        form = CodeForm()
        if form.validate_on_submit() and self._right(login, form):
            session.pop(PENDING, None)
            session.permanent = remember
            login_user(Account(current.engine().people.get(login)))
            return redirect(target or "/")
        return self.render("signin/second.html", form=form), 422 if form.is_submitted() else 200

    def _right(self, login: str, form: CodeForm) -> bool:
        limits.spend("second", "30/minute")
        signins, where = current.engine().people.signins, browsers.origin()
        if signins.locked_until(login, where.address) is not None:
            signins.record(login, "locked", where)
            form.code.errors = [_("输错次数太多，已暂时锁定。请稍后再试，或请管理员解锁。")]
            return False
        account = Account(current.engine().people.get(login))
        if account.active and matches(account, form.code.data):
            return True
        signins.record(login, "code", where)
        form.code.errors = [_("验证码不正确。请用手机上现在显示的六位数字，或一个备用码。")]
        return False


def matches(account: Account, typed: str) -> bool:
    """Whether what was typed is this person's code now; it is used up."""
    signins, text = current.engine().people.signins, typed.replace(" ", "").replace("-", "").lower()
    factor = signins.factor(account.login)
    if factor is None:
        return False
    if text.isascii() and text.isdigit() and len(text) == 6:
        return bool(codes().verify_totp(text, factor.secret, account, window=WINDOW))
    return signins.take_code(account.login, text)


class FactorView(View):
    """`/account/second-factor/`: on and off, for oneself."""

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        """Show the secret as a code to scan; a first code proves that the phone has it."""
        login = current.me().login
        if current.engine().people.signins.factor(login) is not None:
            return self.render("signin/factor.html", on=True, off=OffForm(), form=None)
        secret = session.get(OFFERED) or codes().generate_totp_secret()
        session[OFFERED] = secret
        form = CodeForm()
        if form.validate_on_submit():
            account = Account(current.engine().people.get(login))
            if codes().verify_totp(form.code.data.replace(" ", ""), secret, account, window=WINDOW):
                return self._on(account, secret, form.code.data)
            form.code.errors = [_("验证码不正确，请核对手机的时间。")]
        shown = {"uri": codes().get_totp_uri(login, secret), "key": codes().get_totp_pretty_key(secret)}
        page = self.render("signin/factor.html", on=False, off=None, form=form, **shown)
        return page, 422 if form.is_submitted() else 200

    def _on(self, account: Account, secret: str, code: str) -> str:
        login = account.login
        spare = [f"{secrets.token_hex(2)}-{secrets.token_hex(2)}-{secrets.token_hex(2)}" for _n in range(CODES)]
        kept = [one.replace("-", "") for one in spare]
        current.engine().people.signins.put_factor(login, secret, kept, by=login)
        session.pop(OFFERED, None)
        matches(account, code)  # the code that proved the phone is used up
        return self.render("signin/factor_on.html", codes=spare)

    @expose("/off", methods=("POST",))
    def off(self) -> Any:
        """Back to the password alone."""
        limits.spend("password", "8/minute", current.me().login)
        form, login = OffForm(), current.me().login
        person = current.engine().people.get(login)
        if not form.validate_on_submit() or not verify_password(form.password.data, person.password):
            flash(_("密码不正确，未作更改。"), "danger")
            return redirect(url_for("factor.index"))
        current.engine().people.signins.drop_factor(login, by=login)
        flash(_("已关闭两步验证。"), "success")
        return redirect(url_for("account.index"))
