"""The WTForms of a person and of a unit.

Owns fields and their first checks; whether a value can be kept is the engine's.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from engine.records import Skill

STATUSES = (("active", _l("在册")), ("pending", _l("待审核")), ("left", _l("已离开")))
LOCALES = (("", _l("跟随浏览器")), ("zh", "中文"), ("en", "English"))


def choices(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """(value, label) pairs as WTForms wants them."""
    return [SelectChoice(value, label) for value, label in pairs]


class PersonForm(FlaskForm):
    """Somebody's record."""

    name = StringField(_l("姓名"), [InputRequired(_l("请填写")), Length(max=60)])
    mobile = StringField(_l("手机号"), [Optional(), Regexp(r"^\+?[\d\s-]{3,20}$", message=_l("不像手机号"))])
    email = StringField(_l("邮箱"), [Optional(), Length(max=120)])
    home_unit = SelectField(_l("报到社区"), validate_choice=False)
    employer = SelectField(_l("工作单位"), validate_choice=False)
    branch = StringField(_l("所在支部"), [Length(max=60)])
    status = SelectField(_l("状态"), choices=choices(STATUSES))
    locale = SelectField(_l("界面语言"), choices=choices(LOCALES))
    channels = TextAreaField(_l("通知渠道"), description=_l("每行一个地址，如 mailto:li@example.cn；排在前面的先用。"))
    skills = TextAreaField(_l("特长"), description=_l("每行一项：名称，证书，到期日。只有名称也可以。"))

    def validate_skills(self, field: Any) -> None:
        """Each line can be read."""
        try:
            skills_of(field.data or "")
        except ValueError as problem:
            raise ValidationError(str(problem)) from problem


class NewPersonForm(PersonForm):
    """Somebody new: with the name they sign in with."""

    login = StringField(
        _l("登录名"), [InputRequired(_l("请填写")), Regexp(r"^[^\s/@:,]{1,64}$", message=_l("不能含空格和 / @ : ,"))]
    )


class PostForm(FlaskForm):
    """A post: a role at a unit for a time."""

    role = SelectField(_l("岗位"), validate_choice=False)
    unit = SelectField(_l("单位"), validate_choice=False)
    since = DateField(_l("自"), [Optional()])
    until = DateField(_l("至"), [Optional()])


class SkillForm(FlaskForm):
    """One thing somebody can do."""

    name = StringField(_l("特长"), [InputRequired(_l("请填写")), Length(max=40)])
    certificate = StringField(_l("证书"), [Length(max=80)])
    expires = DateField(_l("到期日"), [Optional()])


class FreeForm(FlaskForm):
    """When somebody is free to serve."""

    weekday = SelectField(_l("星期"), coerce=int)
    start = TimeField(_l("从"), [InputRequired(_l("请填写"))])
    end = TimeField(_l("到"), [InputRequired(_l("请填写"))])

    def validate_end(self, field: Any) -> None:
        """It ends after it begins."""
        if self.start.data and field.data and field.data <= self.start.data:
            raise ValidationError(_("结束时间应晚于开始时间"))


class MineForm(FlaskForm):
    """What people keep up themselves."""

    email = StringField(_l("邮箱"), [Optional(), Length(max=120)])
    employer = SelectField(_l("工作单位"), validate_choice=False)


class HandOverForm(FlaskForm):
    """To whom everything of a leaver goes."""

    to = StringField(_l("交给谁"), [InputRequired(_l("请填写"))])
    reason = StringField(_l("原因"), [InputRequired(_l("请填写")), Length(max=200)])
    posts = BooleanField(_l("岗位和代理职责也一并移交"), default=True)
    leaves = BooleanField(_l("移交后标为已离开，不能再登录"), default=True)


class UnitForm(FlaskForm):
    """A node of the tree."""

    name = StringField(_l("名称"), [InputRequired(_l("请填写")), Length(max=80)])
    name_en = StringField(_l("英文名称"), [Length(max=80)])
    kind = StringField(_l("类型"), [Length(max=20)], description=_l("如 街道、社区、网格、楼栋、单位"))
    parent = SelectField(_l("上级"), validate_choice=False)
    division = StringField(_l("区划代码"), [Optional(), Regexp(r"^\d{12}$", message=_l("应为 12 位数字"))])
    calendar = StringField(_l("工作日历"), [Length(max=40)])
    valid_from = DateField(_l("生效日"), [Optional()])
    valid_to = DateField(_l("失效日"), [Optional()])


class ChangedUnitForm(UnitForm):
    """A unit that is there: what it was stays known, unless it was wrong."""

    correction = BooleanField(_l("只是更正错误（以前的日期也这样显示）"))


class MoveUnitForm(FlaskForm):
    """Another place in the tree."""

    parent = SelectField(_l("新的上级"), validate_choice=False)
    since = DateField(_l("自"), [Optional()])


class EndUnitForm(FlaskForm):
    """The last day of a unit."""

    last = DateField(_l("最后一天"), [InputRequired(_l("请填写"))])
    below = BooleanField(_l("连同全部下级"))


class AppointForm(FlaskForm):
    """Somebody for a post at a unit."""

    who = StringField(_l("人员"), [InputRequired(_l("请填写"))])
    role = SelectField(_l("岗位"), validate_choice=False)
    since = DateField(_l("自"), [Optional()])
    until = DateField(_l("至"), [Optional()])


class NewUnitForm(UnitForm):
    """A new unit: with its code."""

    code = StringField(
        _l("编码"), [InputRequired(_l("请填写")), Regexp(r"^[^\s/@]{1,40}$", message=_l("不能含空格和 / @"))]
    )


def skills_of(text: str) -> list[Skill]:
    """The skills written one a line. Raises ValueError that quotes the line."""
    found = []
    for line in filter(None, (part.strip() for part in text.splitlines())):
        parts = [part.strip() for part in line.replace("\uff0c", ",").split(",")]
        name, certificate, expires = (*parts, "", "")[:3]
        if not name or len(parts) > 3:
            raise ValueError(line)
        found.append(Skill(name, certificate, date.fromisoformat(expires) if expires else None))
    return found


def lines_of(skills: tuple[Skill, ...]) -> str:
    """The same the other way."""
    written = []
    for skill in skills:
        parts = [skill.name, skill.certificate, skill.expires.isoformat() if skill.expires else ""]
        written.append(",".join(parts).rstrip(","))
    return "\n".join(written)
