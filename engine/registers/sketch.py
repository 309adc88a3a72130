"""A form drawn from a register, and a register drawn from a form: a first draft that a designer goes on with.

Owns which form component stands for which column and back. Both answers pass their own lint. What has no counterpart is
left out rather than guessed: machine columns (json) make no field, text and pictures make no column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from engine.forms import Field as Input
from engine.forms import Form
from engine.forms.model import INPUTS
from engine.registers.schema import ALWAYS, Field, RegisterSchema

_COMPONENTS = {
    "number": "number",
    "date": "datetime",
    "datetime": "datetime",
    "boolean": "checkbox",
    "file": "filepicker",
}
_COLUMNS = {"number": "number", "checkbox": "boolean", "checklist": "list", "taglist": "list", "filepicker": "file"}
_COLUMNS |= {"radio": "choice", "select": "choice", "dynamiclist": "json", "expression": "json"}
_SECRET = ("mobile", "idcard")  # what these hold is personal: masked until a designer says otherwise
_NAME = re.compile(r"[a-z][a-z0-9_]{0,50}")


def form_of(schema: RegisterSchema) -> dict[str, Any]:
    """form-js JSON that asks for a row: every column that a person fills in, in the register's order."""
    counter = schema.quota.taken if schema.quota else ""
    fields = [f for f in schema.fields if f.type != "json" and not f.read_only and f.key != counter]
    return {
        "type": "default",
        "id": schema.name.replace("_", "-"),
        "schemaVersion": 18,
        "properties": _drop_empty({"title": schema.title.zh, "title_en": schema.title.en}),
        "components": [_component(field) for field in fields],
    }


def _component(field: Field) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": _component_type(field),
        "key": field.key,
        "id": f"f_{field.key}",
        "label": field.label.zh or field.key,
        "properties": _drop_empty({"label_en": field.label.en, "description_en": field.hint.en}),
    }
    if field.hint:
        made["description"] = field.hint.zh or field.hint.en
    if field.type in ("person", "unit"):
        made["properties"]["widget"] = field.type
    if field.type in ("date", "datetime"):
        made["subtype"] = field.type
        made["dateLabel"] = made.pop("label")
    if field.options and field.type in ("choice", "list"):
        made["values"] = [{"value": o.value, "label": o.label.zh, "label_en": o.label.en} for o in field.options]
    if field.type == "file":
        made["multiple"] = True
    if field.type == "list" and not field.options:  # lines that a person adds and removes
        return made | {
            "path": made.pop("key"),
            "type": "dynamiclist",
            "components": [_item(field)],
            "isRepeating": True,
        }
    if field.default is not None:
        made["defaultValue"] = field.default
    return made | _drop_empty({"validate": _rules(field), "decimalDigits": 0 if field.whole else None})


def _component_type(field: Field) -> str:
    if field.type == "choice":
        return "radio" if len(field.options) <= 5 else "select"
    if field.type == "list":
        return "checklist"
    return "textarea" if field.multiline and field.type == "text" else _COMPONENTS.get(field.type, "textfield")


def _item(field: Field) -> dict[str, Any]:
    return {
        "type": "textfield",
        "key": "item",
        "id": f"f_{field.key}_item",
        "label": field.label.zh or field.key,
        "properties": _drop_empty({"label_en": field.label.en}),
    }


def _rules(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {"required": True} if field.required and field.type != "boolean" else {}
    if field.type == "number":
        found |= _drop_empty({"min": field.min, "max": field.max})
    if field.type == "text" and field.pattern:
        found["pattern"] = field.pattern
    return found


def _drop_empty(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value not in ("", None, {})}


# ---- the other way -------------------------------------------------------------------------------------------------


def register_of(form: Form, name: str) -> dict[str, Any]:
    """registers/NAME.json that keeps what the form asks. A key that no register takes (Chinese, capitals) is respelt;
    with a field `unit` the rows belong to units, else everybody with the permission sees all."""
    taken: set[str] = set()
    fields = [_column(each, _key(each.key, taken)) for each in _asked(form.fields)]
    texts = [f["key"] for f in fields if f["type"] == "text" and not f.get("private")]
    scoped = any(f["key"] == "unit" and f["type"] == "unit" for f in fields)
    titles = {"zh": form.title("zh") or name, "en": form.title("en") or name}
    return {
        "name": name,
        "title": titles,
        "fields": fields,
        **({"row_title": texts[0]} if texts else {}),
        "scope": "unit" if scoped else "all",
        "list": [f["key"] for f in fields if f["type"] not in ("json", "file") and not f.get("multiline")][:8]
        or [f["key"] for f in fields[:1]],
    }


def _asked(fields: Iterable[Input]) -> Iterator[Input]:
    """What holds an answer, groups opened."""
    for each in fields:
        if each.type == "group":
            yield from _asked(each.children)
        elif each.key and each.type in INPUTS | {"dynamiclist", "expression"}:
            yield each


def _key(key: str, taken: set[str]) -> str:
    spelt = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", key).lower()).strip("_")[:50]
    base = spelt if _NAME.fullmatch(spelt) else f"field_{spelt}".rstrip("_")
    found, number = base, 1
    while found in taken or found in ALWAYS:
        number += 1
        found = f"{base}_{number}"
    taken.add(found)
    return found


def _column(each: Input, key: str) -> dict[str, Any]:
    kind = _column_type(each)
    made: dict[str, Any] = {
        "key": key,
        "type": kind,
        "label": {"zh": each.label or each.key, "en": each.label_en or each.key},
    }
    if each.description:
        made["hint"] = {"zh": each.description, "en": each.description_en or each.description}
    if each.required and kind != "boolean":
        made["required"] = True
    if each.type == "textarea":
        made["multiline"] = True
    if each.widget in _SECRET:
        made["private"] = True
    if kind in ("choice", "list") and each.options:
        made["options"] = [
            {"value": str(o.value), "label": {"zh": o.label, "en": o.label_en or o.label}} for o in each.options
        ]
    return made | (_bounds(each) if kind == "number" else {})


def _bounds(each: Input) -> dict[str, Any]:
    found = {name: each.rules[name] for name in ("min", "max") if isinstance(each.rules.get(name), int | float)}
    if each.widget == "rating":
        found = {"min": 1, "max": found.get("max", 5)}
    whole = each.widget == "rating" or each.rules.get("decimal_digits") == 0
    return found | ({"whole": True} if whole else {})


def _column_type(each: Input) -> str:
    if each.type == "datetime":
        return each.subtype if each.subtype in ("date", "datetime") else "text"
    kind = _COLUMNS.get(each.type, "text")
    if kind == "text" and each.widget in ("person", "unit"):
        return each.widget
    if kind == "choice" and not each.options:  # its choices come from the case: a register cannot list them
        return each.widget if each.widget in ("person", "unit") else "text"
    return kind
