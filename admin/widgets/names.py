"""Names instead of codes: people by login, units by code, processes by id; looked up once a request.

Owns the words shown for them in the reader's language. What has no row is shown as it is written.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask, g
from flask_babel import gettext as _

from admin import i18n
from admin.widgets import current, dates


def pick(zh: str, en: str = "") -> str:
    """The text in the reader's language; Chinese when there is no English."""
    return en if en and i18n.locale() == "en" else zh


def people(logins: Iterable[str]) -> dict[str, str]:
    """Names by login, one look for all; a login without a row stands for itself, '' is the public page's visitor."""
    known: dict[str, str] = g.setdefault("linli_people", {})
    known.setdefault("", _("居民"))
    wanted = list(dict.fromkeys(logins))
    missing = [login for login in wanted if login not in known]
    if missing:
        found = current.engine().people.names(missing)
        known.update({login: found.get(login) or login for login in missing})
    return {login: known[login] for login in wanted}


def person(login: str) -> str:
    """One person's name."""
    return people([login])[login]


def units(codes: Iterable[str]) -> dict[str, str]:
    """Names by code, one look for all; a code that was never entered stands for itself."""
    known: dict[str, str] = g.setdefault("linli_units", {})
    wanted = list(dict.fromkeys(codes))
    missing = [code for code in wanted if code and code not in known]
    if missing:
        found = current.engine().people.units.names(missing)
        named = {code: pick(one.name, one.name_en) for code, one in found.items()}
        known.update({code: named.get(code, code) for code in missing})
    return {code: known[code] if code else "" for code in wanted}


def unit(code: str) -> str:
    """One unit's name. Who lists many asks `units` for all of them before."""
    return units([code])[code]


def role(key: str) -> str:
    """A role's title; a permission of the product may be a post by itself; the key itself when nobody defines it."""
    roles = g.get("linli_roles")
    if roles is None:
        roles = g.linli_roles = current.engine().people.roles()
    if key in roles:
        return str(roles[key].text(i18n.locale()))
    return {"admin": _("系统管理员"), "design": _("流程设计员"), "operate": _("运行管理员")}.get(key, key)


def setting(text: str) -> str:
    """A reminder's or escalation's rule as a person reads it: `-PT1H`, `R/PT4H`, `PT1H secretary`."""
    when, _space, whom = text.partition(" ")
    late = dates.period(when.removeprefix("-").removeprefix("R/"))
    if when.startswith("R/"):
        said = _("之后每 %(late)s", late=late)
    elif when.startswith("-"):
        said = _("到期前 %(late)s", late=late)
    else:
        said = _("超期 %(late)s", late=late) if late else _("到期时")
    return _("%(when)s：%(whom)s", when=said, whom=above(whom) or rule(whom)) if whom else said


def step(definition_id: int, node_id: str) -> str:
    """A step's name by the process it stands in; its id when the diagram gives none."""
    node = current.engine().process_info(definition_id).nodes.get(node_id)
    return (pick(node.name, node.name_en) if node else "") or node_id


def skill(key: str) -> str:
    """A skill's title; the key itself when no pack names it."""
    known = g.get("linli_skills")
    if known is None:
        packs = current.engine().packs().values()
        known = g.linli_skills = {k: v for pack in packs for k, v in pack.get("skills", {}).items()}
    titles = known.get(key, {})
    return pick(titles.get("zh", key), titles.get("en", ""))


def rule(text: str) -> str:
    """An assignment rule as people say it: `role@unit` is `title(unit)`."""
    if text.startswith("login:"):
        return person(text.removeprefix("login:"))
    if text == "initiator":
        return _("发起人")
    name, _at, where = text.partition("@")
    if not where or where.startswith("up"):
        return role(name) if not where else _("上级%(role)s", role=role(name))
    return role(name) if where == "*" else _("%(role)s（%(to)s）", role=role(name), to=unit(where))


def person_or_rule(text: str) -> str:
    """A name for what a journal line is about: a login, or a rule as written."""
    found = person(text)
    return found if found != text else rule(text)


def above(step: str) -> str:
    """Whom a step of an escalation chain tells, when it is one of the chain's own words; '' for a rule."""
    if step == "superior":
        return _("直接上级")
    if step.startswith("office:"):
        return unit(step.removeprefix("office:"))
    word, _at, _level = step.partition("@up")
    if word != "head":
        return ""
    return _("本单位负责人") if step == "head" else _("上级单位负责人")


def process(definition_id: int) -> str:
    """A process's name by its definition."""
    info = current.engine().process_info(definition_id)
    return pick(info.name, info.name_en) or str(info.key)


def init(app: Flask) -> None:
    """Make them known to templates."""
    app.jinja_env.filters.update(person=person, unit=unit, rule=rule, setting=setting, skill=skill)
    app.jinja_env.globals.update(pick=pick, process_name=process)
