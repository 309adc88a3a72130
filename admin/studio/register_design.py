"""A register's schema as a form: what can be set of it, and what a change of one thing does to the others.

Owns the acts of that form (a field's new name goes wherever the old one stood) and what its template shows. The schema
itself stays the JSON it is: what the form does not know stays in it. Rules and lint are `engine.registers`'.
"""

from __future__ import annotations

from typing import Any

from admin.studio import trees
from admin.studio.trees import Document
from engine.errors import InvalidFile
from engine.registers import RegisterSchema
from engine.registers.effects import KINDS
from engine.registers.schema import TYPES, UNINDEXED

NAMING = ("key", "indexes", "search", "own", "list")  # lists of field keys
SINGLE = ("part", "row_title")
OF_TYPE = {  # settings that only some types have
    "options": ("choice", "list"),
    "min": ("number",),
    "max": ("number",),
    "whole": ("number",),
    "pattern": ("text",),
    "multiline": ("text",),
}


def check(raw: Any) -> Document:
    """The document of a schema that a form can show. InvalidFile for any other JSON."""
    fields = raw.get("fields", []) if isinstance(raw, dict) else None
    if not isinstance(fields, list) or not all(isinstance(f, dict) and isinstance(f.get("key"), str) for f in fields):
        raise InvalidFile(name="registers", reason="fields: [{key, type, label}]")
    for name in NAMING:
        if not isinstance(raw.get(name, []), list):
            raise InvalidFile(name="registers", reason=f"{name}: []")
    return dict(raw)


# ---- acts


def add_field(raw: Document, kind: str = "text") -> None:
    """A new column at the end, with a key of its own."""
    used = {field["key"] for field in raw.setdefault("fields", [])}
    key = next(f"field{n}" for n in range(1, len(used) + 2) if f"field{n}" not in used)
    raw["fields"].append({"key": key, "type": kind, "label": {"zh": "", "en": ""}})
    _fit(raw, raw["fields"][-1])
    if "list" in raw:
        raw["list"].append(key)


def drop_field(raw: Document, index: int) -> None:
    """Take a column away, and out of everything that names it."""
    key = raw["fields"].pop(index)["key"]
    for name in NAMING:
        if name in raw:
            raw[name] = [one for one in raw[name] if one != key]
    for name in SINGLE:
        if raw.get(name) == key:
            del raw[name]
    if key in (raw.get("quota") or {}).values():
        del raw["quota"]


def name_field(raw: Document, index: int, key: str, live: bool) -> None:
    """Another key for a column, everywhere; `live`: the register has rows under the old one, which is kept as `was`."""
    field = raw["fields"][index]
    old, key = field["key"], key.strip()
    if not key or key == old or any(other["key"] == key for other in raw["fields"]):
        return
    field["key"] = key
    if field.get("was") == key:
        del field["was"]
    elif live:
        field.setdefault("was", old)
    for name in NAMING:
        if name in raw:
            raw[name] = [key if one == old else one for one in raw[name]]
    for name in SINGLE:
        if raw.get(name) == old:
            raw[name] = key
    if raw.get("quota"):
        raw["quota"] = {what: key if one == old else one for what, one in raw["quota"].items()}


def set_type(raw: Document, index: int, kind: str) -> None:
    """Another type: settings that it does not have go, and what it cannot be used for."""
    field = raw["fields"][index]
    field["type"] = kind
    _fit(raw, field)


def _fit(raw: Document, field: Document) -> None:
    kind, key = field["type"], field["key"]
    for setting, kinds in OF_TYPE.items():
        if kind not in kinds:
            field.pop(setting, None)
    if kind == "choice":
        field.setdefault("options", [{"value": "1", "label": {"zh": "选项一", "en": "Option one"}}])
    allowed = {
        "search": kind == "text",
        "own": kind == "person",
        **dict.fromkeys(("key", "indexes"), kind not in UNINDEXED),
    }
    for name, fits in allowed.items():
        if not fits and key in raw.get(name, ()):
            raw[name] = [one for one in raw[name] if one != key]


def add_option(raw: Document, index: int) -> None:
    """One more option, with a value of its own."""
    field = raw["fields"][index]
    used = {str(option.get("value")) for option in field.setdefault("options", [])}
    value = next(str(n) for n in range(1, len(used) + 2) if str(n) not in used)
    field["options"].append({"value": value, "label": {"zh": "", "en": ""}})


def set_quota(raw: Document, what: str, key: str) -> None:
    """Which field counts the places, or holds their number; none of both = no quota."""
    quota = {**(raw.get("quota") or {}), what: key}
    raw["quota"] = {name: one for name, one in quota.items() if one}
    if not raw["quota"]:
        del raw["quota"]


ACTS: dict[str, trees.Act] = {
    "add_field": add_field,
    "drop_field": drop_field,
    "name_field": name_field,
    "set_type": set_type,
    "add_option": add_option,
    "set_quota": set_quota,
}


# ---- what the template shows


def shown(raw: Document, live: RegisterSchema | None, locale: str) -> dict[str, Any]:
    """What the form's template needs beside the document."""
    return {
        "raw": raw,
        "fields": raw.get("fields", []),
        "live": frozenset(live.by_key) if live else frozenset(),
        "types": [(kind, KINDS[kind][0 if locale.startswith("zh") else 1]) for kind in TYPES],
        "numbers": [field for field in raw.get("fields", ()) if field.get("type") == "number"],
        "unindexed": UNINDEXED,
        "loosely": trees.loosely,
    }
