"""What a form-js file declares, as plain fields.

Owns the reading of the JSON: names, types, rules, options, conditions, layout. Says nothing about what is right:
`lint` judges the file, `answers` judges the data. A component of a type nobody knows stays a field of that type, for
`lint` to refuse.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as data_field
from typing import Any, NamedTuple

from engine import parsers
from engine.errors import InvalidFile, Said

LARGEST = 2_000_000  # bytes of a file
MOST = 2_000  # components of a form
DEEPEST = 12  # groups within groups

TEXTS = frozenset({"textfield", "textarea"})
CHOICES = frozenset({"radio", "select"})
SEVERAL = frozenset({"checklist", "taglist"})
INPUTS = TEXTS | CHOICES | SEVERAL | {"number", "checkbox", "datetime", "filepicker"}
CONTAINERS = frozenset({"group", "dynamiclist"})
SHOWN = frozenset({"text", "html", "image", "separator", "spacer", "table", "button"})
TYPES = INPUTS | CONTAINERS | SHOWN | {"expression"}
WIDGETS = frozenset({"person", "unit", "division", "place", "photo", "signature", "rating", "mobile", "idcard"})
PERSONAL = frozenset({"mobile", "idcard", "signature"})  # widgets whose answers are somebody's own anyway
MARKS = ("about", "own")  # `properties.personal`

_RULES = {
    "required": "required",
    "min": "min",
    "max": "max",
    "minLength": "min_length",
    "maxLength": "max_length",
    "pattern": "pattern",
    "validationType": "validation_type",
    "patternErrorMessage": "pattern_message",
}
_SETTINGS = {
    "multiple": "multiple",
    "accept": "accept",
    "decimalDigits": "decimal_digits",
    "increment": "increment",
    "serializeToString": "as_text",
    "disallowPassedDates": "future",
    "showOutline": "outline",
    "allowAddRemove": "add_remove",
    "defaultRepetitions": "repetitions",
    "timeInterval": "interval",
    "rowCount": "row_count",
    "height": "height",
    "alt": "alt",
    "action": "action",
}


class Option(NamedTuple):
    """One choice."""

    value: Any
    label: str
    label_en: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One component. `rules` hold limits and settings under Python names; a string that begins with `=` is FEEL."""

    key: str  # '' for what holds no data; a group's or list's path
    type: str
    id: str = ""
    label: str = ""
    label_en: str = ""
    description: str = ""
    description_en: str = ""
    subtype: str = ""  # of a datetime: date, time, datetime
    text: str = ""  # of text and html
    text_en: str = ""
    required: bool = False
    read_only: bool = False
    read_only_when: str = ""  # FEEL
    options: tuple[Option, ...] = ()
    options_key: str = ""
    options_expression: str = ""  # FEEL
    rules: dict[str, Any] = data_field(default_factory=dict)
    hide: str = ""  # FEEL, without its `=`
    expression: str = ""  # FEEL of an expression, a table's source, an image's source, without its `=`
    default: Any = None
    children: tuple[Field, ...] = ()  # of a group or list; of a table its columns
    properties: dict[str, str] = data_field(default_factory=dict)
    row: str = ""
    columns: int | None = None  # of 16
    widget: str = data_field(init=False)  # the custom one, '' for the type's own
    files: bool = data_field(init=False)  # whether it holds attachment ids
    personal: str = data_field(init=False)  # about: whom the answers are about; own: who fills in; '': of nobody

    def __post_init__(self) -> None:
        widget = self.properties.get("widget", "")
        object.__setattr__(self, "widget", widget)  # asked several times for each field of each completion
        marked = self.properties.get("personal", "about" if widget in PERSONAL else "")
        object.__setattr__(self, "personal", marked if marked in MARKS else "")
        object.__setattr__(self, "files", self.type == "filepicker" or widget in ("photo", "signature"))

    def path(self, prefix: str = "") -> str:
        """Its dotted name below `prefix` ('' or ending with a dot); the id when it has no key."""
        return prefix + (self.key or self.id)


@dataclass(frozen=True, slots=True)
class Form:
    """A whole form; `raw` is the JSON as it was."""

    id: str
    fields: tuple[Field, ...]
    raw: dict[str, Any]

    def walk(self) -> Iterator[Field]:
        """Every field, containers before their children."""
        return _walk(self.fields)

    def title(self, locale: str = "zh") -> str:
        """The form's own title, '' when it has none."""
        properties = self.raw.get("properties") or {}
        return str(properties.get("title" if locale.startswith("zh") else "title_en") or properties.get("title") or "")


def parse(content: bytes | str | Mapping[str, Any]) -> Form:
    """Read a form. Raises InvalidFile when it is not a form at all, or larger than any form."""
    raw = dict(content) if isinstance(content, Mapping) else _json(content)
    components = raw.get("components")
    if not isinstance(components, list):
        raise InvalidFile(name="form", reason=Said("缺少 components 列表", "it has no list of components"))
    reader = _Reader()
    return Form(_text(raw.get("id")), reader.fields(components, 0), raw)


def _json(content: bytes | str) -> dict[str, Any]:
    if len(content) > LARGEST:
        raise InvalidFile(name="form", reason=Said(f"文件大于 {LARGEST} 字节", f"larger than {LARGEST} bytes"))
    try:
        raw = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError) as problem:
        said = parsers.said(problem)
        raise InvalidFile(name="form", reason=Said(f"不是 JSON：{said.zh}", f"not JSON: {said.en}")) from problem
    if not isinstance(raw, dict):
        raise InvalidFile(name="form", reason=Said("不是 JSON 对象", "not a JSON object"))
    return raw


def _no_number(word: str) -> Any:
    """NaN and Infinity are Python's, not JSON's: no browser reads them."""
    raise ValueError(f"{word} is no JSON")


class _Reader:
    """Turns components into fields and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def fields(self, components: Any, depth: int) -> tuple[Field, ...]:
        if depth > DEEPEST:
            raise InvalidFile(name="form", reason=Said(f"嵌套超过 {DEEPEST} 层", f"nested deeper than {DEEPEST}"))
        if not isinstance(components, list):
            return ()
        return tuple(self.field(part, depth) for part in components if isinstance(part, dict))

    def field(self, raw: dict[str, Any], depth: int) -> Field:
        self.count += 1
        if self.count > MOST:
            raise InvalidFile(name="form", reason=Said(f"组件超过 {MOST} 个", f"more than {MOST} components"))
        kind = _text(raw.get("type"))
        properties = _adorned(raw) | {str(name): _text(value) for name, value in _part(raw, "properties").items()}
        read_only = raw.get("readonly") if raw.get("readonly") is not None else raw.get("disabled")
        rules = _rules(raw)
        return Field(
            key=_text(raw.get("path" if kind in CONTAINERS else "key")),
            type=kind,
            id=_text(raw.get("id")) or f"part{self.count}",
            label=_text(raw.get("label") if raw.get("label") is not None else raw.get("dateLabel")),
            label_en=properties.get("label_en", ""),
            description=_text(raw.get("description")),
            description_en=properties.get("description_en", ""),
            subtype=_text(raw.get("subtype")) or ("date" if kind == "datetime" else ""),
            text=_text(raw.get("text") if kind == "text" else raw.get("content")),
            text_en=properties.get("text_en", ""),
            required=rules.get("required") is True,
            read_only=read_only is True or raw.get("disabled") is True,
            read_only_when=_feel(read_only),
            options=_options(raw),
            options_key=_text(raw.get("valuesKey")),
            options_expression=_feel(raw.get("valuesExpression")),
            rules=rules,
            hide=_feel(_part(raw, "conditional").get("hide")),
            expression=_feel(raw.get({"table": "dataSource", "image": "source"}.get(kind, "expression"))),
            default=raw.get("defaultValue"),
            children=_columns(raw) if kind == "table" else self.fields(raw.get("components"), depth + 1),
            properties=properties,
            row=_text(_part(raw, "layout").get("row")),
            columns=_columns_wide(_part(raw, "layout").get("columns")),
        )


def _adorned(raw: dict[str, Any]) -> dict[str, str]:
    """`prefix` and `suffix` as the form editor writes them."""
    given = _part(raw, "appearance")
    found = {"prefix": _text(given.get("prefixAdorner")), "suffix": _text(given.get("suffixAdorner"))}
    return {name: text for name, text in found.items() if text}


def _rules(raw: dict[str, Any]) -> dict[str, Any]:
    given = _part(raw, "validate")
    found = {ours: given[theirs] for theirs, ours in _RULES.items() if given.get(theirs) not in (None, "")}
    return found | {ours: raw[theirs] for theirs, ours in _SETTINGS.items() if raw.get(theirs) is not None}


def _options(raw: dict[str, Any]) -> tuple[Option, ...]:
    values = raw.get("values")
    found = [option(each) for each in values] if isinstance(values, list) else []
    return tuple(each for each in found if each is not None)


def option(raw: Any) -> Option | None:
    """One choice from `{"value", "label", "label_en"}` or from a bare value; None for what is neither."""
    if isinstance(raw, Mapping):
        value = raw.get("value", raw.get("label"))
        if isinstance(value, (list, dict)) or value is None:
            return None
        return Option(value, _text(raw.get("label")) or _text(value), _text(raw.get("label_en")))
    return None if raw is None or isinstance(raw, (list, dict)) else Option(raw, _text(raw))


def _columns(raw: dict[str, Any]) -> tuple[Field, ...]:
    """A table's columns as fields of no type: `values` and `widget` say what a cell's code stands for."""
    given = raw.get("columns")
    columns = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    return tuple(
        Field(
            key=_text(c.get("key")),
            type="column",
            label=_text(c.get("label")),
            label_en=_text(c.get("label_en")),
            options=_options(c),
            properties={"widget": _text(c.get("widget"))} if c.get("widget") else {},
        )
        for c in columns
    )


def _columns_wide(value: Any) -> int | None:
    return value if type(value) is int and 1 <= value <= 16 else None


def _part(raw: dict[str, Any], name: str) -> dict[str, Any]:
    part = raw.get(name)
    return part if isinstance(part, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _feel(value: Any) -> str:
    """A FEEL expression without its `=`; '' for anything else."""
    return value[1:].strip() if isinstance(value, str) and value.startswith("=") else ""


def _walk(fields: tuple[Field, ...]) -> Iterator[Field]:
    for each in fields:
        yield each
        if each.type != "table":
            yield from _walk(each.children)
