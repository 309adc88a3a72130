"""JSON schemas as forms: how SpiffArena describes what a task asks.

Owns which .json files are schemas or their UI schemas, and the form-js JSON each becomes; its id is the file's name
without `.json`. A keyword that has no equal is named in a finding. Draws and checks nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from engine.records import Finding

DEEPEST = 8  # objects within objects
_SIMPLE = ("title", "description", "type", "properties", "required", "$schema", "$id", "definitions", "default")
_UNDERSTOOD = {
    *(*_SIMPLE, "enum", "enumNames", "oneOf", "anyOf", "format", "minLength", "maxLength", "minimum", "maximum"),
    *("pattern", "items", "uniqueItems", "minItems", "maxItems", "examples", "readOnly"),
}
_FORMATS = {"date": "date", "date-time": "datetime", "time": "time"}


def forms(files: Mapping[str, bytes]) -> tuple[dict[str, bytes], list[Finding]]:
    """File name -> form-js JSON of the schemas among the files ('' for a UI schema: it belongs to one), and what of
    them has no equal."""
    read = {name: data for name, content in files.items() if (data := _json(name, content)) is not None}
    looks = {name: data for name, data in read.items() if _is_ui(data)}
    made: dict[str, bytes] = dict.fromkeys(looks, b"")
    findings: list[Finding] = []
    for name, data in read.items():
        if _is_schema(data):
            maker = _Maker(name)
            ui = looks.get(name.replace("schema", "uischema"), {})
            form = maker.form(data, ui)
            made[name] = json.dumps(form, ensure_ascii=False, indent=1).encode()
            findings += maker.findings
    return made, findings


def _json(name: str, content: bytes) -> dict[str, Any] | None:
    path = PurePosixPath(name)
    if path.suffix != ".json" or path.parent.name in ("registers", "pages") or len(content) > 1_000_000:
        return None
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return None  # whoever owns the file says what is wrong with it
    return data if isinstance(data, dict) else None


def _is_schema(data: dict[str, Any]) -> bool:
    return isinstance(data.get("properties"), dict) and data.get("type", "object") == "object" and "fields" not in data


def _is_ui(data: dict[str, Any]) -> bool:
    inner = [value for value in data.values() if isinstance(value, dict)]
    keys = [*data, *(key for value in inner for key in value)]
    return "properties" not in data and any(str(key).startswith("ui:") for key in keys)


class _Maker:
    """One schema on its way to a form."""

    def __init__(self, file: str) -> None:
        self.file, self.findings = file, list[Finding]()

    def form(self, schema: dict[str, Any], ui: dict[str, Any]) -> dict[str, Any]:
        name = PurePosixPath(self.file).stem
        title = str(schema.get("title") or "")
        made = {"type": "default", "schemaVersion": 18, "id": name, "properties": {"title": title} if title else {}}
        return {**made, "components": list(self._fields(schema, ui, 0))}

    def _fields(self, schema: dict[str, Any], ui: dict[str, Any], depth: int) -> Iterator[dict[str, Any]]:
        properties = schema.get("properties")
        if not isinstance(properties, dict) or depth > DEEPEST:
            return
        self._unknown("", schema)
        needed = schema.get("required") if isinstance(schema.get("required"), list) else []
        for key in self._order(properties, ui):
            part, look = properties[key], ui.get(key)
            if isinstance(part, dict):
                look = look if isinstance(look, dict) else {}
                yield self._field(key, part, look, key in (needed or ()), depth)

    @staticmethod
    def _order(properties: dict[str, Any], ui: dict[str, Any]) -> list[str]:
        asked = ui.get("ui:order")
        first = [key for key in asked if key in properties] if isinstance(asked, list) else []
        return [*first, *(key for key in properties if key not in first)]

    def _field(
        self, key: str, part: dict[str, Any], look: dict[str, Any], required: bool, depth: int
    ) -> dict[str, Any]:
        self._unknown(key, part)
        made: dict[str, Any] = {"id": f"Field_{key}", "key": key, "label": str(part.get("title") or key)}
        made |= self._kind(key, part, look, depth)
        if made["type"] in ("group", "dynamiclist"):
            made["path"] = made.pop("key")
        note = part.get("description") or look.get("ui:help") or look.get("ui:description")
        if note:
            made["description"] = str(note)
        if part.get("default") is not None and not isinstance(part["default"], (dict, list)):
            made["defaultValue"] = part["default"]
        if part.get("readOnly") or look.get("ui:readonly") or look.get("ui:disabled"):
            made["readonly"] = True
        rules = self._rules(part, required)
        return {**made, "validate": rules} if rules else made

    def _kind(self, key: str, part: dict[str, Any], look: dict[str, Any], depth: int) -> dict[str, Any]:
        kind, widget = part.get("type", "string"), look.get("ui:widget")
        options = _options(part)
        if options:
            return {"type": "radio" if widget == "radio" else "select", "values": options}
        if kind in ("number", "integer"):
            return {"type": "number", **({"decimalDigits": 0} if kind == "integer" else {})}
        if kind == "boolean":
            return {"type": "checkbox"}
        if kind == "array":
            return self._list(key, part, look, depth)
        if kind == "object":
            return {"type": "group", "components": list(self._fields(part, look, depth + 1)), "showOutline": True}
        subtype = _FORMATS.get(str(part.get("format") or widget or ""))
        if subtype:
            label = {"dateLabel": str(part.get("title") or key)}
            return {"type": "datetime", "subtype": subtype, **label}
        if part.get("format") == "data-url" or widget == "file":
            return {"type": "filepicker"}
        return {"type": "textarea" if widget == "textarea" else "textfield"}

    def _list(self, key: str, part: dict[str, Any], look: dict[str, Any], depth: int) -> dict[str, Any]:
        items = part.get("items")
        items = items if isinstance(items, dict) else {}
        options = _options(items)
        if options:
            return {"type": "checklist", "values": options}
        inner = look.get("items")
        fields = list(self._fields(items, inner if isinstance(inner, dict) else {}, depth + 1))
        if not fields:
            fields = [self._field("value", items, {}, False, depth + 1)]
            self._say(key, "list of plain values", "每项成为一个字段 value", "each becomes a field “value”")
        return {"type": "dynamiclist", "components": fields, "showOutline": True}

    @staticmethod
    def _rules(part: dict[str, Any], required: bool) -> dict[str, Any]:
        names = {"minLength": "minLength", "maxLength": "maxLength", "minimum": "min", "maximum": "max"}
        rules = {name: part[word] for word, name in names.items() if isinstance(part.get(word), (int, float))}
        if isinstance(part.get("pattern"), str):
            rules["pattern"] = part["pattern"]
        if part.get("format") == "email":
            rules["validationType"] = "email"
        return {**rules, **({"required": True} if required else {})}

    def _unknown(self, key: str, part: dict[str, Any]) -> None:
        for word in part:
            if word not in _UNDERSTOOD:
                self._say(key, word, "没有翻译，请在表单编辑器里补上", "is left out: add it in the form editor")

    def _say(self, key: str, word: str, zh: str, en: str) -> None:
        place = f"“{key}”" if key else "schema"
        zh, en = f"{place} 的 {word}：{zh}。", f"{word} of {place} {en}."
        self.findings.append(Finding(self.file, 1, key, "warning", "not-translated", zh, en))


def _options(part: dict[str, Any]) -> list[dict[str, Any]]:
    """Choices: an enum (with enumNames), or a oneOf of constants with titles."""
    values = part.get("enum")
    if isinstance(values, list):
        names = part.get("enumNames")
        labels = names if isinstance(names, list) and len(names) == len(values) else values
        return [{"value": v, "label": str(label)} for v, label in zip(values, labels, strict=True)]
    for word in ("oneOf", "anyOf"):
        listed = part.get(word)
        if isinstance(listed, list) and all(isinstance(one, dict) and "const" in one for one in listed):
            return [{"value": one["const"], "label": str(one.get("title") or one["const"])} for one in listed]
    return []
