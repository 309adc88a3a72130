"""The kinds of files in a pack: what they are called, where they lie, and what a new one begins with.

Owns those words and starting contents; a new file is sound as it is, so that its author begins without findings.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class Kind:
    """Files of one folder. `begin(key, title, register)`: the bytes of a new one; None = it is not made by hand."""

    folder: str
    title: Any
    new: Any
    icon: str
    suffix: str = ""
    mark: str = "-"  # between the words of a key
    piece: str = ""  # what the engine calls such a definition
    begin: Callable[[str, str, str], str] | None = None


def _diagram(key: str, title: str, register: str) -> str:
    return render_template("studio/new.bpmn", key=key, title=title)


def _decision(key: str, title: str, register: str) -> str:
    words = {"kind": _("类别"), "urgent": _("紧急"), "result": _("结果"), "now": _("马上办"), "usual": _("照常办")}
    return render_template("studio/new.dmn", key=key, title=title, words=words)


def _form(key: str, title: str, register: str) -> str:
    fields = [
        _field("textfield", "title", "标题", "Title", validate={"required": True}),
        _field("textarea", "note", "说明", "Note"),
    ]
    return _json(
        {"type": "default", "id": key, "schemaVersion": 16, "properties": {"title": title}} | {"components": fields}
    )


def _field(kind: str, key: str, label: str, label_en: str, **more: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "id": f"Field_{key}",
        "key": key,
        "label": label,
        "properties": {"label_en": label_en},
        **more,
    }


def _register(key: str, title: str, register: str) -> str:
    fields = [
        {"key": "title", "type": "text", "label": {"zh": "名称", "en": "Name"}, "required": True},
        {"key": "unit", "type": "unit", "label": {"zh": "单位", "en": "Unit"}},
        {"key": "note", "type": "text", "label": {"zh": "备注", "en": "Note"}, "multiline": True},
    ]
    texts = {"name": key, "title": {"zh": title, "en": title}}
    return _json(texts | {"fields": fields, "row_title": "title", "scope": "unit", "list": ["title", "unit", "note"]})


def _page(key: str, title: str, register: str) -> str:
    section = {"key": "rows", "layout": "table", "source": {"register": register}, "search": True}
    texts = {"name": key, "title": {"zh": title, "en": title}, "menu": "registers"}
    return _json(texts | {"sections": [section]})


def _scenario(key: str, title: str, register: str) -> str:
    note = _("场景：谁、在什么时候、做了什么、应当怎样。也可以在“试运行”中录下来。")
    return f"# {note}\ntitle = {json.dumps(title, ensure_ascii=False)}\nstart = 2026-11-23T09:00:00+08:00\n"


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


KINDS = (
    Kind("processes", _l("流程图"), _l("新建流程图"), "sitemap", ".bpmn", piece="process", begin=_diagram),
    Kind("forms", _l("表单"), _l("新建表单"), "forms", ".form", piece="form", begin=_form),
    Kind("decisions", _l("决策表"), _l("新建决策表"), "git-branch", ".dmn", piece="decision", begin=_decision),
    Kind("registers", _l("台账"), _l("新建台账"), "table", ".json", "_", "register", _register),
    Kind("pages", _l("页面"), _l("新建页面"), "layout-dashboard", ".json", piece="page", begin=_page),
    Kind("scenarios", _l("场景"), _l("新建场景"), "player-play", ".toml", begin=_scenario),
    Kind("pack.toml", _l("岗位、工作时间与其他设置"), "", "settings"),
    Kind("reports", _l("报表"), "", "report"),
    Kind("README.md", _l("说明"), "", "book"),
    Kind("seeds", _l("示例数据"), "", "database"),
    Kind("maps", _l("导入对照"), "", "table-import"),
)
BY_FOLDER = {kind.folder: kind for kind in KINDS}


def kind_of(path: str) -> Kind:
    """The kind of a file of a pack. KeyError for a path that has no place in one."""
    return BY_FOLDER[path.partition("/")[0]]
