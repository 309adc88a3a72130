"""The forms of signing in, registering and changing one's password.

Owns their fields and checks; a wrong name and a wrong password read the same.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from flask import request, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import verify_password
from flask_security.forms import LoginForm
from flask_security.proxies import _datastore
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField, SubmitField, TextAreaField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from admin.signin import browsers, passwords, second
from admin.widgets import current, dates, limits
from admin.widgets.view import is_local

MOBILE = re.compile(r"(\+?86[ -]?)?1\d{2}[ -]?\d{4}[ -]?\d{4}")


class SignInForm(LoginForm):
    """By mobile number or work name."""

    email = None  # Flask-Security's field: nobody here needs an address
    identity = StringField(
        _l("手机号或工作名"),
        [InputRequired(_l("请填写手机号或工作名")), Length(max=64)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "autofocus": True},
    )
    password = PasswordField(
        _l("密码"), [InputRequired(_l("请填写密码"))], render_kw={"autocomplete": "current-password"}
    )
    remember = BooleanField(_l("在这台设备上保持登录"))
    submit = SubmitField(_l("登录"))

    def validate(self, **kwargs: Any) -> bool:
        limits.spend("sign-in", "30/minute")
        name = (self.identity.data or "").strip()
        limits.spend("sign-in-as", "8/minute", name)
        self.ifield = self.identity
        self.user = _datastore.find_user(login=name)
        signins, where = current.engine().people.signins, browsers.origin()
        login = str(self.user.calc_username()) if self.user else name
        asked = bool(self.password.data and name and request.method == "POST")
        if asked and (until := signins.locked_until(login, where.address)):
            signins.record(login, "locked", where)
            self.identity.errors, self.password.errors = [], [_locked(until)]
            return False
        if super().validate(**kwargs):
            second.ask(login, bool(self.remember.data))
            session.permanent, self.remember.data = bool(self.remember.data), False
            return True
        if asked:
            signins.record(login, "wrong", where)
            self.identity.errors, self.password.errors = [], [_("手机号、工作名或密码不正确。")]
        return False

    def validate_next(self, field: Any) -> None:
        """An address that leaves this site is forgotten rather than argued about."""
        if field.data and not is_local(field.data):
            field.data = ""


def _locked(until: datetime) -> str:
    """The same for an account that is not there: nothing is learnt of who is."""
    return _("输错次数太多，已锁定到 %(time)s。请到时再试，或请管理员解锁。", time=dates.exact(until))


class PasswordForm(FlaskForm):
    """Change one's own password."""

    old = PasswordField(
        _l("现在的密码"), [InputRequired(_l("请填写现在的密码"))], render_kw={"autocomplete": "current-password"}
    )
    new = PasswordField(
        _l("新密码"),
        [InputRequired(_l("请填写新密码"))],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("再输一遍新密码"), [EqualTo("new", _l("两次输入的密码不一样"))], render_kw={"autocomplete": "new-password"}
    )

    def validate_new(self, field: Any) -> None:
        """Not too easy."""
        person = current.engine().people.get(current.me().login)
        _must_be_good(field.data, person.login, person.name, person.mobile)

    def validate_old(self, field: Any) -> None:
        """The present password must be right."""
        limits.spend("password", "8/minute", current.me().login)
        person = current.engine().people.get(current.me().login)
        if not person.password or not verify_password(field.data, person.password):
            raise ValidationError(_("现在的密码不正确。"))


def _must_be_good(password: str, *own: str) -> None:
    if wrong := passwords.problem(password, *own):
        raise ValidationError(wrong)


class AccountForm(FlaskForm):
    """What signing in needs, asked beside whatever else a registration asks."""

    password = PasswordField(
        _l("设置密码"),
        [InputRequired(_l("请设置密码"))],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_password(self, field: Any) -> None:
        """Not too easy."""
        _must_be_good(field.data, *(request.form.get(name, "") for name in ("name", "mobile")))

    consent = BooleanField(_l("我同意社区为组织志愿服务使用以上信息"), [InputRequired(_l("需要您同意后才能登记"))])


class JoinForm(AccountForm):
    """A member registers with the community of their home, where no pack has a form of its own for it."""

    name = StringField(
        _l("姓名"), [InputRequired(_l("请填写姓名")), Length(max=40)], render_kw={"autocomplete": "name"}
    )
    mobile = StringField(
        _l("手机号"), [InputRequired(_l("请填写手机号"))], render_kw={"autocomplete": "tel", "inputmode": "tel"}
    )
    employer = StringField(_l("工作单位"), [Length(max=100)], render_kw={"autocomplete": "organization"})
    position = StringField(_l("职务"), [Length(max=60)])
    branch = StringField(_l("所在党支部"), [Length(max=100)])
    building = StringField(_l("居住楼栋"), [Length(max=60)])
    skills = StringField(_l("特长或证书"), [Length(max=200)], description=_l("用逗号分开，例如：电工，急救证"))
    wishes = StringField(_l("愿意参加的服务"), [Length(max=200)], description=_l("用逗号分开，例如：环境整治，助老"))
    free = TextAreaField(_l("可服务的时间"), [Length(max=200)], description=_l("例如：周六上午"))

    def validate_mobile(self, field: Any) -> None:
        """A mainland mobile number, written any usual way."""
        if not MOBILE.fullmatch(field.data.strip()):
            raise ValidationError(_("请填写 11 位手机号。"))
        field.data = re.sub(r"\D", "", field.data)[-11:]
