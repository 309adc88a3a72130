"""A page as a form: its sections, what they list, how, for whom, and what may be done from there.

Owns the acts of that form (another layout brings what that layout needs) and what its template shows. The page itself
stays the JSON it is: what the form does not know stays in it. Rules and lint are `engine.pages`'.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _

from admin.studio import trees
from admin.studio.trees import Document
from engine.errors import InvalidFile
from engine.pages.lint import SECTION
from engine.pages.model import FORMATS, KINDS, LAYOUTS, MENUS, PLACES, QUERIES, SCOPES, WHO
from engine.registers import RegisterSchema

NO_ROWS = ("stats", "league", "paste")  # layouts that list no rows of a source


def check(raw: Any) -> Document:
    """The document of a page that a form can show, its sections always a list. InvalidFile for any other JSON."""
    if not isinstance(raw, dict):
        raise InvalidFile(name="pages", reason="{name, title, sections}")
    if "sections" not in raw:
        section = {key: value for key, value in raw.items() if key in SECTION}
        raw = {key: value for key, value in raw.items() if key not in section or key == "title"}
        raw["sections"] = [section]
    sections = raw["sections"]
    if not isinstance(sections, list) or not all(isinstance(one, dict) for one in sections):
        raise InvalidFile(name="pages", reason="sections: [{key, layout, source}]")
    return dict(raw)


# ---- acts


def add_section(raw: Document, register: str = "") -> None:
    """A table of a register at the end."""
    used = {section.get("key") for section in raw["sections"]}
    key = next(f"s{n}" for n in range(1, len(used) + 2) if f"s{n}" not in used)
    section: Document = {"key": key, "layout": "table", "source": {"register": register}, "search": True}
    raw["sections"].append(section)


def set_layout(raw: Document, index: int, layout: str, schemas: Mapping[str, RegisterSchema]) -> None:
    """Another layout, with what it cannot do without; settings of the one before stay, for going back."""
    section = raw["sections"][index]
    section["layout"] = layout
    schema = schemas.get((section.get("source") or {}).get("register", ""))
    if layout in NO_ROWS:
        if layout != "paste" and not section.get("measures"):
            section["measures"] = []
            add_measure(raw, index, schema.name if schema else next(iter(schemas), ""))
        section.pop("source", None)
    else:
        section.setdefault("source", {"register": next(iter(schemas), "")})
        schema = schemas.get(section["source"].get("register", ""))
    for need, made in _needs(layout, schema).items():
        section.setdefault(need, made)


def _needs(layout: str, schema: RegisterSchema | None) -> dict[str, Any]:
    if schema is None:
        return {}
    days = [f.key for f in schema.fields if f.type in ("date", "datetime") and f.key in schema.indexed]
    choices = [f.key for f in schema.fields if f.type == "choice" and f.key in schema.indexed]
    made: dict[str, dict[str, Any]] = {
        "cards": {"card": {"title": schema.row_title, "lines": list(schema.list[:4])}},
        "board": {"board": {"by": (choices or sorted(schema.indexed) or [""])[0]}},
        "calendar": {"calendar": {"start": (days or [""])[0]}},
    }
    return made.get(layout, {})


def set_source(raw: Document, index: int, source: str, schemas: Mapping[str, RegisterSchema]) -> None:
    """Rows of another register (`register:NAME`) or query (`query:NAME`): what names fields of the one before goes."""
    section = raw["sections"][index]
    kind, _colon, name = source.partition(":")
    section["source"] = {kind: name}
    for setting in ("columns", "filters", "mine", "group", "card", "board", "calendar"):
        section.pop(setting, None)
    set_layout(raw, index, section.get("layout", "table"), schemas)


def add_column(raw: Document, index: int, key: str, shown: list[str]) -> None:
    """One more column; until one is chosen the register's own list is shown, which then is the beginning."""
    section = raw["sections"][index]
    if not section.get("columns"):
        section["columns"] = list(shown)
    if key and key not in section["columns"]:
        section["columns"].append(key)


def add_action(raw: Document, index: int, kind: str) -> None:
    """One more action, with what its kind cannot do without left to fill in."""
    section = raw["sections"][index]
    used = {action.get("name") for action in section.setdefault("actions", [])}
    name = next(f"{kind}{n or ''}" for n in range(len(used) + 1) if f"{kind}{n or ''}" not in used)
    words = dict(action_kinds())
    section["actions"].append({"name": name, "label": {"zh": words.get(kind, kind), "en": ""}, "kind": kind})


def where(raw: Document, index: int, field: str) -> None:
    """One more condition on a field, its value still to be filled in."""
    source = raw["sections"][index].setdefault("source", {})
    if field:
        source.setdefault("where", {}).setdefault(field, "")


def carry(raw: Document, index: int, number: int, field: str) -> None:
    """One more value that an action takes along: the row's field under its own name."""
    action = raw["sections"][index]["actions"][number]
    if field:
        action.setdefault("with", {}).setdefault(field, f"=row.{field}")


def add_measure(raw: Document, index: int, register: str) -> None:
    """One more figure: how many rows a register has."""
    section = raw["sections"][index]
    used = {measure.get("key") for measure in section.setdefault("measures", [])}
    key = next(f"m{n}" for n in range(1, len(used) + 2) if f"m{n}" not in used)
    section["measures"].append({"key": key, "label": {"zh": "", "en": ""}, "register": register})


def acts(schemas: Mapping[str, RegisterSchema]) -> dict[str, trees.Act]:
    """The acts of the form; some look at the registers there are."""
    return {
        "add_section": add_section,
        "set_layout": lambda raw, index, layout: set_layout(raw, index, layout, schemas),
        "set_source": lambda raw, index, source: set_source(raw, index, source, schemas),
        "add_column": lambda raw, index, key: add_column(raw, index, key, _listed(raw, index, schemas)),
        "add_action": add_action,
        "where": where,
        "carry": carry,
        "add_measure": add_measure,
    }


def _listed(raw: Document, index: int, schemas: Mapping[str, RegisterSchema]) -> list[str]:
    schema = schemas.get((raw["sections"][index].get("source") or {}).get("register", ""))
    return list(schema.list) if schema else []


# ---- what the template shows


def shown(raw: Document, schemas: Mapping[str, RegisterSchema]) -> dict[str, Any]:
    """What the form's template needs beside the document."""
    return {
        "raw": raw,
        "schemas": dict(sorted(schemas.items())),
        "layouts": _words(LAYOUTS, layouts()),
        "queries": _words(QUERIES, queries()),
        "menus": _words(MENUS, menus()),
        "scopes": _words(SCOPES, scopes()),
        "kinds": [pair for pair in action_kinds() if not raw.get("public") or pair[0] in ("copy", "open")],
        "places": _words(PLACES, places()),
        "whose": _words(WHO, whose()),
        "formats": FORMATS,
        "no_rows": NO_ROWS,
        "loosely": trees.loosely,
    }


def _words(known: Iterable[str], words: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(one, words.get(one, one)) for one in known]


def layouts() -> dict[str, str]:
    """Layouts as a designer calls them."""
    return {
        "table": _("表格"),
        "cards": _("卡片"),
        "board": _("看板"),
        "calendar": _("日历"),
        "stats": _("数字"),
        "league": _("排行"),
        "paste": _("粘贴登记"),
    }


def queries() -> dict[str, str]:
    """What the product itself can list."""
    return {"items": _("待办任务"), "overdue_by_unit": _("各单位超期"), "people": _("人员")}


def menus() -> dict[str, str]:
    """Where a page is found."""
    return {
        "desk": _("工作台"),
        "start": _("发起"),
        "registers": _("台账"),
        "insight": _("统计"),
        "studio": _("设计"),
        "system": _("系统"),
        "none": _("不在菜单里（由链接打开）"),
    }


def scopes() -> dict[str, str]:
    """Whose rows."""
    return {"unit": _("本单位及下级"), "line": _("本单位、下级及上级"), "all": _("全部")}


def action_kinds() -> list[tuple[str, str]]:
    """What an action does."""
    words = {
        "start": _("发起流程"),
        "message": _("发送消息"),
        "open": _("打开"),
        "copy": _("复制文字"),
        "code": _("出示二维码"),
        "urge": _("催办"),
        "complete": _("办理任务"),
        "update": _("修改记录"),
    }
    return _words(KINDS, words)


def places() -> dict[str, str]:
    """What an action is done with."""
    return {"row": _("一条记录"), "selection": _("选中的记录"), "page": _("整个页面")}


def whose() -> dict[str, str]:
    """What of the reader a field is compared with."""
    return {"login": _("本人"), "employer": _("本人的单位"), "home_unit": _("本人的社区"), "units": _("本人任职的单位")}
