"""A register's schema: registers/NAME.json -> RegisterSchema, and its lint.

Owns the shape of a low-code table: fields, key, indexes, part, scope, quota. Reads no row and knows no database.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.errors import DeploymentRefused
from engine.jsonfile import NO_TEXT, JsonFile, Label, label
from engine.records import Finding

TYPES = ("text", "number", "date", "datetime", "boolean", "choice", "person", "unit", "list", "file", "json")
UNINDEXED = ("file", "json")  # nothing to compare them by
SCOPES = ("unit", "all")
ALWAYS = ("id", "revision", "created_at", "updated_at", "created_by", "updated_by", "instance")  # every row has these
SORTED = ("created_at", "updated_at", "created_by", "updated_by", "instance")  # and can be filtered and sorted by these

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")


@dataclass(frozen=True, slots=True)
class Option:
    """A value that a choice may take."""

    value: str
    label: Label


@dataclass(frozen=True, slots=True)
class Field:
    """A column. `pattern`, `min` and `max` as in a form; `whole`: no fraction; `private`: masked for most readers;
    `readers`, `writers`: roles that alone see or change it (none: whoever may the row); `was`: its key before;
    `options`: what a choice may be, and the labels of a list's usual items."""

    key: str
    type: str
    label: Label
    hint: Label = NO_TEXT
    required: bool = False
    read_only: bool = False
    private: bool = False
    readers: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    was: str = ""
    multiline: bool = False
    whole: bool = False
    options: tuple[Option, ...] = ()
    pattern: str = ""
    min: float | None = None
    max: float | None = None
    default: Any = None

    def option(self, value: Any) -> Label:
        """The label of a choice's value (the value itself when it is no longer an option)."""
        return next((o.label for o in self.options if o.value == value), Label(str(value), str(value)))


@dataclass(frozen=True, slots=True)
class Quota:
    """Which field counts the places taken, and which holds their number (none: no limit)."""

    taken: str
    limit: str


@dataclass(frozen=True)
class RegisterSchema:
    """A low-code table as deployed."""

    name: str
    title: Label
    fields: tuple[Field, ...]
    description: Label = NO_TEXT
    row_title: str = ""
    key: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    part: str = ""
    append_only: bool = False
    scope: str = "unit"
    own: tuple[str, ...] = ()
    quota: Quota | None = None
    list: tuple[str, ...] = ()
    definition: int = 0  # id of the deployed version; 0: of no version

    @cached_property
    def by_key(self) -> dict[str, Field]:
        """The fields by key."""
        return {field.key: field for field in self.fields}

    @cached_property
    def indexed(self) -> frozenset[str]:
        """Fields whose values are copied to register_value: declared, key, own, quota, part."""
        quota = (self.quota.taken, self.quota.limit) if self.quota else ()
        return frozenset((*self.indexes, *self.key, *self.own, *quota, *((self.part,) if self.part else ())))

    @cached_property
    def private(self) -> frozenset[str]:
        """Fields that are masked."""
        return frozenset(f.key for f in self.fields if f.private)

    @cached_property
    def guarded(self) -> frozenset[str]:
        """Fields that only some roles see or change."""
        return frozenset(f.key for f in self.fields if f.readers or f.writers)

    def title_of(self, row: dict[str, Any]) -> str:
        """What a row is called on screens."""
        return str(row.get(self.row_title) or row.get("id", ""))


_KEYS = frozenset(f.name for f in dataclasses.fields(RegisterSchema)) - {"definition"}
_FIELD_KEYS = frozenset(f.name for f in dataclasses.fields(Field))


def parse(content: bytes, file: str = "register.json") -> RegisterSchema:
    """The schema in a file. Raises DeploymentRefused with what the lint found wrong."""
    source = JsonFile(content, file)
    _check(source)
    if not source.sound:
        raise DeploymentRefused(source.findings)
    return _schema(source.data)


def lint(content: bytes, file: str) -> list[Finding]:
    """What is wrong in a register file, errors and warnings."""
    source = JsonFile(content, file)
    _check(source)
    return source.findings


def _schema(raw: dict[str, Any]) -> RegisterSchema:
    fields = tuple(_field(item) for item in raw["fields"])
    quota = raw.get("quota")
    shown = tuple(raw.get("list", ())) or tuple(f.key for f in fields if f.type not in UNINDEXED)[:8]
    row_title = raw.get("row_title") or (raw.get("key") or [fields[0].key])[0]
    return RegisterSchema(
        name=raw["name"],
        title=label(raw.get("title"), raw["name"]),
        description=label(raw.get("description")),
        fields=fields,
        row_title=row_title,
        key=tuple(raw.get("key", ())),
        indexes=tuple(raw.get("indexes", ())),
        search=tuple(raw.get("search", ())) or _searchable(fields, shown, row_title),
        part=raw.get("part", ""),
        append_only=bool(raw.get("append_only")),
        scope=raw.get("scope", "unit"),
        own=tuple(raw.get("own", ())),
        quota=Quota(quota["taken"], quota["limit"]) if quota else None,
        list=shown,
    )


def _field(raw: dict[str, Any]) -> Field:
    simple = {k: raw[k] for k in _FIELD_KEYS - {"label", "hint", "options"} if k in raw}
    simple |= {k: tuple(raw[k]) for k in ("readers", "writers") if k in raw}
    options = tuple(Option(str(o["value"]), label(o.get("label"), str(o["value"]))) for o in raw.get("options", ()))
    return Field(**simple, label=label(raw.get("label"), raw["key"]), hint=label(raw.get("hint")), options=options)


def _searchable(fields: Iterable[Field], shown: Iterable[str], row_title: str) -> tuple[str, ...]:
    wanted = {*shown, row_title}
    open_ones = [f for f in fields if f.type == "text" and not f.private and not f.readers]
    return tuple(f.key for f in open_ones if f.key in wanted)


# ---- lint ----------------------------------------------------------------------------------------------------------


def _check(source: JsonFile) -> None:
    raw = source.data
    if not raw:
        return
    source.unknown(raw, _KEYS, str(raw.get("name", "")))
    source.bilingual(raw.get("title"), "title")
    if not _NAME.match(str(raw.get("name", ""))):
        source.error(
            "name", "bad-name", "“name”只能用小写字母、数字和下划线。", "“name” must be a-z, 0-9 and underscores."
        )
    fields = raw.get("fields")
    if not isinstance(fields, list) or not fields or not all(isinstance(f, dict) for f in fields):
        source.error("fields", "no-fields", "“fields”应是非空的字段列表。", "“fields” must be a list of fields.")
        return
    for field in fields:
        _check_field(source, field)
    _check_twice(source, [str(f.get("key")) for f in fields])
    if source.sound:
        _check_whole(source, {f["key"]: f for f in fields})


def _check_field(source: JsonFile, raw: dict[str, Any]) -> None:
    key = str(raw.get("key", ""))
    source.unknown(raw, _FIELD_KEYS, key)
    source.bilingual(raw.get("label"), key)
    if not _NAME.match(key):
        source.error(
            key, "bad-key", f"字段名“{key}”只能用小写字母、数字和下划线。", f"The key “{key}” must be a-z, 0-9, _."
        )
    elif key in ALWAYS:
        source.error(
            key, "reserved-key", f"“{key}”由系统保留，请换一个字段名。", f"“{key}” is reserved; use another key."
        )
    if raw.get("type") not in TYPES:
        zh, en = (mark.join(TYPES) for mark in ("、", ", "))
        source.error(key, "bad-type", f"字段“{key}”的类型不可用。可用：{zh}", f"Field “{key}” has no usable type: {en}")
    _check_options(source, raw, key)
    _check_pattern(source, raw, key)
    _check_roles(source, raw, key)


def _check_roles(source: JsonFile, raw: dict[str, Any], key: str) -> None:
    for setting in ("readers", "writers"):
        given = raw.get(setting, [])
        if not isinstance(given, list) or not all(isinstance(role, str) and role for role in given):
            source.error(
                key, "bad-roles", f"“{key}”的“{setting}”应是岗位列表。", f"“{setting}” of “{key}” must list roles."
            )
    if key == "unit" and raw.get("readers"):
        zh, en = "字段“unit”决定谁看得到这一行，不能隐藏。", "“unit” says who sees the row, so it cannot be hidden."
        source.error(key, "hidden-unit", zh, en)


def _check_options(source: JsonFile, raw: dict[str, Any], key: str) -> None:
    options = raw.get("options", [])
    if raw.get("type") == "choice" and not options:
        source.error(key, "no-options", f"选择字段“{key}”没有选项。", f"The choice “{key}” has no options.")
    if not isinstance(options, list) or not all(isinstance(o, dict) and o.get("value") for o in options):
        source.error(key, "bad-options", f"“{key}”的每个选项都要有 value。", f"Every option of “{key}” needs a value.")
        return
    for option in options:
        source.bilingual(option.get("label"), str(option["value"]))


def _check_pattern(source: JsonFile, raw: dict[str, Any], key: str) -> None:
    try:
        re.compile(str(raw.get("pattern", "")))
    except re.error as problem:
        source.error(
            key, "bad-pattern", f"“{key}”的 pattern 有误：{problem}", f"The pattern of “{key}” is wrong: {problem}"
        )


def _check_twice(source: JsonFile, keys: list[str]) -> None:
    for key in sorted({k for k in keys if keys.count(k) > 1}):
        source.error(key, "key-twice", f"字段“{key}”写了两次。", f"The field “{key}” is there twice.")


def _check_whole(source: JsonFile, fields: dict[str, dict[str, Any]]) -> None:
    raw = source.data
    named = {k: raw.get(k, []) for k in ("key", "indexes", "search", "own", "list")}
    named |= {k: [raw[k]] for k in ("part", "row_title") if raw.get(k)}
    quota = raw.get("quota") or {}
    named["quota"] = [quota.get("taken"), quota.get("limit")] if quota else []
    for setting, keys in named.items():
        for key in keys:
            _check_name(source, setting, str(key), fields)
    for key, field in fields.items():
        if field.get("was") and field["was"] in fields:
            source.error(
                key,
                "was-still-there",
                f"“{key}”写着原名“{field['was']}”，但那个字段还在。",
                f"“{key}” says it was “{field['was']}”, which is still a field.",
            )
    for key in named["quota"]:
        if fields.get(str(key), {}).get("type") != "number":
            source.error("quota", "quota-type", "名额字段应是数字类型。", "A quota's fields must be numbers.")
    if raw.get("scope", "unit") not in SCOPES:
        source.error("scope", "bad-scope", "“scope”应为 unit 或 all。", "“scope” must be unit or all.")
    if raw.get("scope", "unit") == "unit" and fields.get("unit", {}).get("type") != "unit":
        source.error(
            "scope",
            "no-unit",
            '按单位限定范围的台账要有类型为 unit 的字段“unit”，或写 "scope": "all"。',
            'A register scoped by unit needs a field “unit” of type unit, or "scope": "all".',
        )


def _check_name(source: JsonFile, setting: str, key: str, fields: dict[str, dict[str, Any]]) -> None:
    field = fields.get(key)
    if field is None:
        if setting == "list" and key in ALWAYS:
            return
        source.error(
            key, "unknown-field", f"“{setting}”里的“{key}”不是字段。", f"“{key}” in “{setting}” is not a field."
        )
    elif setting in ("key", "indexes", "part", "own") and field["type"] in UNINDEXED:
        source.error(
            key,
            "not-indexable",
            f"“{key}”是 {field['type']} 类型，不能用于“{setting}”。",
            f"“{key}” is of type {field['type']} and cannot be used in “{setting}”.",
        )
    elif setting == "search" and (field["type"] != "text" or field.get("private") or field.get("readers")):
        source.error(
            key,
            "not-searchable",
            f"“{key}”不能用于搜索：只能用人人可见、不含隐私的文本字段。",
            f"“{key}” cannot be searched: only text fields that are not private and that everybody sees can.",
        )
    elif setting == "row_title" and field.get("readers"):
        source.error(
            key,
            "hidden-title",
            f"“{key}”只有部分岗位可见，不能作为每行的名称。",
            f"Only some roles see “{key}”, so it cannot name the rows.",
        )
