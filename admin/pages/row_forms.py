"""A register's row as a form: the schema turned into form-js, so that rows are drawn and checked like every form.

Owns the translation between a field's type and a form's input (lists are lines of text, JSON is text), nothing more:
what is right is asked of `engine.forms` first and of the register in the end.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from flask_babel import gettext as _

from admin.pages.asking import Row
from engine import forms
from engine.expressions import values
from engine.registers import Field, RegisterSchema, Wrong

_TYPES = {"number": "number", "date": "datetime", "datetime": "datetime", "boolean": "checkbox", "choice": "select"}
_TYPES |= {"unit": "select", "file": "filepicker", "list": "textarea", "json": "textarea"}


def shown(schema: RegisterSchema, private: bool, locked: Collection[str] = ()) -> list[Field]:
    """The fields that a person may fill in: private ones only for those who see them (no mask is written back), none
    of those that are `locked` for them."""
    left_out = {*locked, schema.quota.taken} if schema.quota else set(locked)
    return [f for f in schema.fields if not f.read_only and f.key not in left_out and (private or not f.private)]


def spec(schema: RegisterSchema, private: bool = True, locked: Collection[str] = ()) -> forms.Form:
    """The form of a row."""
    components = [_component(field) for field in shown(schema, private, locked)]
    raw = {
        "type": "default",
        "id": f"row-{schema.name.replace('_', '-')}",
        "schemaVersion": 18,
        "components": components,
    }
    return forms.parse(raw)


def _component(field: Field) -> dict[str, Any]:
    multiline = field.multiline and field.type == "text"
    made: dict[str, Any] = {
        "key": field.key,
        "id": f"Field_{field.key}",
        "type": "textarea" if multiline else _TYPES.get(field.type, "textfield"),
        "label": field.label.zh,
        "properties": {"label_en": field.label.en},
        "validate": _rules(field),
    }
    hint = field.hint.zh or (_("每行一项") if field.type == "list" else "")
    if hint:
        made["description"] = hint
        made["properties"]["description_en"] = field.hint.en or "One item a line"
    if field.type in ("person", "unit"):
        made["properties"]["widget"] = field.type
    if field.type in ("date", "datetime"):
        made["subtype"] = field.type
    if field.type == "choice":
        made["values"] = [_option(o) for o in field.options]
    if field.type == "file":
        made["multiple"] = True
    if field.default is not None:
        made["defaultValue"] = field.default
    return made


def _option(option: Any) -> dict[str, str]:
    return {"value": option.value, "label": option.label.zh, "label_en": option.label.en}


def _rules(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {"required": True} if field.required and field.type != "boolean" else {}
    if field.type == "number":
        found |= {key: bound for key, bound in (("min", field.min), ("max", field.max)) if bound is not None}
    return found


def to_form(schema: RegisterSchema, row: Mapping[str, Any]) -> Row:
    """A row's values as the form holds them."""
    return {f.key: _to_input(f, row.get(f.key)) for f in schema.fields}


def _to_input(field: Field, value: Any) -> Any:
    if field.type == "list":
        return "\n".join(value or ())
    if field.type == "json":
        return "" if value is None else json.dumps(values.plain(value), ensure_ascii=False, indent=2)
    return value


def from_form(schema: RegisterSchema, data: Mapping[str, Any]) -> tuple[Row, dict[str, Wrong]]:
    """A form's values as a row wants them, and what cannot be read."""
    row: Row = {}
    wrong: dict[str, Wrong] = {}
    for key, value in data.items():
        field = schema.by_key.get(key)
        if field is None:
            continue
        try:
            row[key] = _from_input(field, value)
        except ValueError as problem:
            wrong[key] = Wrong("json", (("reason", str(problem)),))
    return row, wrong


def _from_input(field: Field, value: Any) -> Any:
    if field.type == "list" and isinstance(value, str):
        return [line.strip() for line in value.splitlines() if line.strip()]
    if field.type == "json" and isinstance(value, str):
        return json.loads(value) if value.strip() else None
    return value
