"""The lint of page files: settings known, expressions readable, fields there, and indexed where they are asked.

Owns what may be written in pages/NAME.json. Registers are looked up by shape (`.by_key`, `.indexed`, `.search`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from engine.expressions import feel
from engine.jsonfile import JsonFile
from engine.pages.model import FORMATS, KINDS, LAYOUTS, MENUS, PLACES, QUERIES, SCOPES, WHO

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}\Z")
_PAGE = frozenset({"name", "title", "intro", "menu", "order", "icon", "public", "sections"})
SECTION = frozenset(
    {"key", "title", "layout", "source", "scope", "mine", "columns", "card", "board", "calendar", "filters", "search"}
    | {"group", "details", "actions", "measures", "league", "paste", "empty", "hint", "limit", "export"}
)
_SOURCE = frozenset({"register", "query", "where", "order"})
_COLUMN = frozenset({"key", "label", "format", "value"})
_CARD = frozenset({"title", "lines", "tags", "progress"})
_ACTION = frozenset(
    {"name", "kind", "label", "on", "when", "confirm", "style", "process", "message", "key", "form", "with", "to"}
    | {"text", "link", "value", "case", "node", "done"}
)
_DETAILS = frozenset({"register", "by", "title", "columns", "actions", "where", "order", "inline"})
_MEASURE = frozenset({"key", "label", "register", "where", "sum", "formula", "format", "hint", "colour"})
_PASTE = frozenset({"process", "register", "text", "fields", "name", "with"})
_NEEDS = {"start": ("process",), "message": ("message",), "open": ("to",), "copy": ("text",), "code": ("value",)}


class Lint:
    """Walks one file; every finding says where and what instead."""

    def __init__(self, source: JsonFile, registers: Mapping[str, Any] | None) -> None:
        self.source, self.registers = source, registers

    def page(self) -> None:
        raw = self.source.data
        if not raw:
            return
        whole = "sections" in raw
        self.source.unknown(raw, _PAGE if whole else _PAGE | SECTION, str(raw.get("name", "")))
        self.source.bilingual(raw.get("title"), "title")
        if not _NAME.match(str(raw.get("name", ""))):
            self.error("name", "bad-name", "“name”只能用小写字母、数字、- 和 _。", "“name” must be a-z, 0-9, - and _.")
        self.one_of(raw.get("menu", "desk"), MENUS, "menu")
        sections = raw["sections"] if whole else [{k: v for k, v in raw.items() if k in SECTION}]
        for section in self.dicts(sections, "sections"):
            self.section(section, bool(raw.get("public")))

    def section(self, raw: dict[str, Any], public: bool) -> None:
        place = str(raw.get("key") or raw.get("layout") or "sections")
        self.source.unknown(raw, SECTION, place)
        layout = raw.get("layout", "table")
        self.one_of(layout, LAYOUTS, place)
        self.one_of(raw.get("scope", "unit"), SCOPES, place)
        self.layout(raw, layout, place)
        schema = self.source_of(raw, layout, place)
        self.names(schema, [c for c in self.strings(raw.get("columns")) if "." not in c], False)
        self.names(schema, raw.get("filters", ()), True)
        for column in self.dicts([c for c in raw.get("columns", ()) if not isinstance(c, str)], place):
            self.column(column, schema)
        for action in self.dicts(raw.get("actions", ()), place):
            self.action(action, public)
        for details in self.dicts(listed(raw.get("details")), place):
            self.details(details, public)
        for measure in self.dicts(raw.get("measures", ()), place):
            self.measure(measure)
        if raw.get("mine"):
            self.one_of(raw["mine"].get("is"), WHO, "mine")
            self.names(schema, [raw["mine"].get("field", "")], True)

    def layout(self, raw: dict[str, Any], layout: str, place: str) -> None:
        wants = {"cards": "card", "board": "board", "calendar": "calendar", "stats": "measures", "paste": "paste"}
        wants["league"] = "league"
        need = wants.get(layout)
        if need and not raw.get(need):
            self.error(place, "no-setting", f"“{layout}”布局需要“{need}”。", f"The layout “{layout}” needs “{need}”.")
        if raw.get("card"):
            self.source.unknown(raw["card"], _CARD, "card")
        if raw.get("paste"):
            self.source.unknown(raw["paste"], _PASTE, "paste")
            self.known_register(raw["paste"].get("register", ""), "paste")

    def source_of(self, raw: dict[str, Any], layout: str, place: str) -> Any:
        source = raw.get("source")
        if not source:
            if layout not in ("stats", "league", "paste"):
                self.error(
                    place, "no-source", "缺少“source”：台账或查询。", "“source” is missing: a register or a query."
                )
            return None
        self.source.unknown(source, _SOURCE, "source")
        self.values(source.get("where") or {})
        if source.get("query"):
            self.one_of(source["query"], QUERIES, "query")
            return None
        schema = self.known_register(source.get("register", ""), place)
        self.names(schema, source.get("where") or {}, True)
        return schema

    def column(self, raw: dict[str, Any], schema: Any) -> None:
        self.source.unknown(raw, _COLUMN, str(raw.get("key")))
        if raw.get("format"):
            self.one_of(raw["format"], FORMATS, str(raw.get("key")))
        if raw.get("value"):
            self.feel(raw["value"], str(raw.get("key")))
            self.source.bilingual(raw.get("label"), str(raw.get("key")))
        else:
            self.names(schema, [str(raw.get("key"))], False)

    def action(self, raw: dict[str, Any], public: bool) -> None:
        name = str(raw.get("name", ""))
        self.source.unknown(raw, _ACTION, name)
        self.source.bilingual(raw.get("label"), name)
        self.one_of(raw.get("kind"), KINDS, name)
        self.one_of(raw.get("on", "row"), PLACES, name)
        for need in _NEEDS.get(raw.get("kind", ""), ()):
            if not raw.get(need):
                self.error(name, "no-setting", f"动作“{name}”需要“{need}”。", f"The action “{name}” needs “{need}”.")
        if public and raw.get("kind") not in ("copy", "open"):
            self.error(
                name, "public-action", "公开页面只能用 copy 和 open 动作。", "A public page may only copy and open."
            )
        for key in ("when", "key", "link", "value", "case"):
            if raw.get(key):
                self.feel(raw[key], name)
        for text in (raw.get("text") or {}).values() if isinstance(raw.get("text"), dict) else ():
            self.feel(text, name)
        self.values(raw.get("with") or {})

    def details(self, raw: dict[str, Any], public: bool) -> None:
        self.source.unknown(raw, _DETAILS, "details")
        schema = self.known_register(raw.get("register", ""), "details")
        self.names(schema, raw.get("by") or {}, True)
        self.names(schema, self.strings(raw.get("columns")), False)
        for column in self.dicts([c for c in raw.get("columns", ()) if not isinstance(c, str)], "details"):
            self.column(column, schema)
        for action in self.dicts(raw.get("actions", ()), "details"):
            self.action(action, public)

    def measure(self, raw: dict[str, Any]) -> None:
        key = str(raw.get("key", ""))
        self.source.unknown(raw, _MEASURE, key)
        self.source.bilingual(raw.get("label"), key)
        self.one_of(raw.get("format", "number"), FORMATS, key)
        if raw.get("formula"):
            self.feel(raw["formula"], key)
            return
        schema = self.known_register(raw.get("register", ""), key)
        self.values(raw.get("where") or {})
        self.names(schema, [*(raw.get("where") or {}), *([raw["sum"]] if raw.get("sum") else [])], True)

    # ---- small checks

    def error(self, place: str, code: str, message: str, message_en: str) -> None:
        self.source.error(place, code, message, message_en)

    def one_of(self, value: Any, known: Iterable[str], place: str) -> None:
        if value not in known:
            zh, en = (mark.join(known) for mark in ("、", ", "))
            self.error(place, "bad-value", f"“{value}”不可用，可用：{zh}", f"“{value}” is none of {en}")

    def feel(self, text: Any, place: str) -> None:
        problem = feel.check(expression(text))
        if problem:
            self.error(place, "bad-expression", f"表达式“{text}”有误：{problem.zh}", f"“{text}” is wrong: {problem}")

    def values(self, given: Mapping[str, Any]) -> None:
        """Values that may be FEEL, at any depth."""
        for key, value in given.items():
            for inner in value.values() if isinstance(value, dict) else [value]:
                if isinstance(inner, str) and inner.startswith("="):
                    self.feel(inner, str(key))

    def dicts(self, raw: Any, place: str) -> list[dict[str, Any]]:
        if not isinstance(raw, list | tuple) or not all(isinstance(item, dict) for item in raw):
            self.error(place, "bad-list", f"“{place}”应是列表。", f"“{place}” must be a list of objects.")
            return []
        return list(raw)

    def strings(self, raw: Any) -> list[str]:
        return [item for item in raw or () if isinstance(item, str)]

    def known_register(self, name: str, place: str) -> Any:
        """The schema, None when it is not checked; an unknown register is an error."""
        if self.registers is None:
            return None
        if name not in self.registers:
            self.error(place, "unknown-register", f"没有台账“{name}”。", f"There is no register “{name}”.")
            return None
        return self.registers[name]

    def names(self, schema: Any, keys: Iterable[str], indexed: bool) -> None:
        """An error for a field that the register lacks, or (asked of in a filter) does not index."""
        always = ("id", "created_at", "updated_at", "created_by", "updated_by", "instance", "revision")
        for key in keys if schema is not None else ():
            if key in always:
                continue
            if key not in schema.by_key:
                self.error(key, "unknown-field", f"台账没有字段“{key}”。", f"The register has no field “{key}”.")
            elif indexed and key not in schema.indexed and key not in schema.search:
                self.error(
                    key,
                    "not-indexed",
                    f"字段“{key}”没有建索引，不能用来筛选。",
                    f"The field “{key}” is not indexed, so it cannot be filtered by.",
                )


def listed(raw: Any) -> list[Any]:
    """One thing or a list of things as a list."""
    return raw if isinstance(raw, list) else [raw] if raw else []


def expression(text: Any) -> str:
    """A FEEL expression with or without its leading `=`."""
    return str(text).removeprefix("=").strip()
