"""Fields of foreign forms as form-js components: what formData and formProperty declare.

Owns the JSON of the form that is made at deployment. It draws nothing, and what a field says beyond that is told by who
calls it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

KEY = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_TYPES: dict[str, dict[str, Any]] = {
    "string": {"type": "textfield"},
    "text": {"type": "textarea"},
    "multi-line-text": {"type": "textarea"},
    "long": {"type": "number", "decimalDigits": 0},
    "int": {"type": "number", "decimalDigits": 0},
    "integer": {"type": "number", "decimalDigits": 0},
    "short": {"type": "number", "decimalDigits": 0},
    "number": {"type": "number"},
    "double": {"type": "number"},
    "float": {"type": "number"},
    "decimal": {"type": "number"},
    "boolean": {"type": "checkbox"},
    "date": {"type": "datetime", "subtype": "date"},
    "enum": {"type": "select"},
    "dropdown": {"type": "select"},
    "radio-buttons": {"type": "radio"},
    "people": {"type": "textfield", "properties": {"widget": "person"}},
    "user": {"type": "textfield", "properties": {"widget": "person"}},
    "upload": {"type": "filepicker"},
}
_RULES = {"required": "required", "min": "min", "max": "max", "minlength": "minLength", "maxlength": "maxLength"}


@dataclass
class Item:
    """One field as its tool describes it; `rules` by Camunda's names (required, readonly, min, ...)."""

    key: str
    label: str = ""
    kind: str = "string"
    default: str = ""
    options: list[tuple[str, str]] = field(default_factory=list)
    rules: dict[str, str] = field(default_factory=dict)


def known(kind: str) -> bool:
    """Whether a field type has a component here."""
    return kind in _TYPES


def form(form_id: str, title: str, items: list[Item]) -> dict[str, Any]:
    """The form-js JSON of a form."""
    components = [component(item) for item in items]
    properties = {"title": title} if title else {}
    return {"type": "default", "schemaVersion": 18, "id": form_id, "properties": properties, "components": components}


def component(item: Item) -> dict[str, Any]:
    """The form-js JSON of one field."""
    made: dict[str, Any] = {"id": f"Field_{item.key}", "key": item.key, "label": item.label or item.key}
    kind = dict(_TYPES[item.kind])
    subtype = kind.pop("subtype", "")
    made |= kind
    if subtype:
        made |= {"subtype": subtype, f"{subtype}Label": made.pop("label")}
        made["label"] = made[f"{subtype}Label"]
    if item.options:
        made["values"] = [{"value": value, "label": label or value} for value, label in item.options]
    if item.default and (default := _value(item)) is not None:
        made["defaultValue"] = default
    if item.rules.get("readonly") == "true":
        made["readonly"] = True
    validate = {
        name: (written != "false" if name == "required" else _number(written))
        for rule, name in _RULES.items()
        if (written := item.rules.get(rule)) is not None
    }
    if validate := {name: value for name, value in validate.items() if value not in (None, False)}:
        made["validate"] = validate
    return made


def _value(item: Item) -> Any:
    kind = _TYPES[item.kind]["type"]
    if kind == "checkbox":
        return item.default == "true"
    return _number(item.default) if kind == "number" else item.default


def _number(text: str) -> int | float | None:
    try:
        return int(text) if text.lstrip("-").isdigit() else float(text)
    except ValueError:
        return None
