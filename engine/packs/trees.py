"""Any file of a pack as a tree of named parts, so that two of them can be compared in words.

Owns what a part is called and which parts belong together: a field by its key, a rule by its id, an element of a
diagram by its id. Layout, order of attributes and spelling are no part. InvalidFile for what cannot be read.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine import parsers
from engine.bpmn import xml
from engine.errors import InvalidFile
from engine.packs.contents import place

_DRAWN = {"incoming", "outgoing", "flowNodeRef", "extensionElements", "laneSet"}
_WRITTEN = {"id", "schemaVersion", "exporter", "executionPlatform", "executionPlatformVersion"}


class Ref(str):
    """The id of another part: compared as that, read as its name."""

    shown: str

    def __new__(cls, key: str, shown: str) -> Ref:
        made = super().__new__(cls, key)
        made.shown = shown
        return made


@dataclass(slots=True)
class Part:
    """A thing with a name. `kind`: what it is (field, rule, userTask ...); `settings`: plain values by name; `parts`:
    what is in it, by identity, in order."""

    kind: str
    name: str = ""
    key: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)

    def add(self, part: Part) -> Part:
        """Put a part in; of two with one identity the second counts its number."""
        identity = f"{part.kind} {part.key}"
        number = 2
        while identity in self.parts:
            identity, number = f"{part.kind} {part.key} {number}", number + 1
        self.parts[identity] = part
        return part


def tree(path: str, content: bytes) -> Part:
    """The tree of a file. InvalidFile."""
    kind = place(path)
    try:
        return _READ[kind](content) if kind in _READ else _text(content)
    except (ValueError, TypeError, AttributeError, KeyError) as problem:
        raise InvalidFile(name=path, reason=parsers.said(problem)) from problem


def _text(content: bytes) -> Part:
    """A text as its lines."""
    return Part("text", settings={"text": content.decode("utf-8", "replace").splitlines()})


# ---- JSON and TOML


def _form(content: bytes) -> Part:
    raw = json.loads(content)
    whole = Part("form", settings=_plain({**raw, **raw.get("properties", {})}, ("components", "properties", "type")))
    _fields(whole, raw.get("components", ()))
    return whole


def _fields(into: Part, rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        flat = {**row, **row.get("validate", {}), **row.get("properties", {}), **row.get("conditional", {})}
        left_out = ("components", "values", "validate", "properties", "conditional", "key", "layout")
        name = str(row.get("label") or row.get("text") or row.get("key") or row.get("type", ""))
        part = into.add(Part("field", name, str(row.get("key") or row.get("id", "")), _plain(flat, left_out)))
        for one in row.get("values", ()):
            part.add(Part("option", str(one.get("label", "")), str(one.get("value", "")), _plain(one, ("value",))))
        _fields(part, row.get("components", ()))


_LISTS = {  # of registers, pages, reports: the list's name -> what one in it is
    "fields": "field",
    "sections": "section",
    "actions": "action",
    "columns": "column",
    "measures": "measure",
    "options": "option",
    "steps": "step",
}


def _json(content: bytes) -> Part:
    raw = json.loads(content)
    return _filled(Part("file", settings={}), raw)


def _filled(part: Part, raw: Mapping[str, Any]) -> Part:
    for key, value in raw.items():
        if key in _LISTS and isinstance(value, list) and all(isinstance(one, dict) for one in value):
            for one in value:
                identity = str(one.get("key") or one.get("name") or one.get("value") or "")
                part.add(_filled(Part(_LISTS[key], _title(one) or identity, identity), one))
        elif key not in ("key",):
            part.settings |= _plain({key: value}, ())
    return part


def _title(one: Mapping[str, Any]) -> str:
    found = one.get("label") or one.get("title") or ""
    return str(found.get("zh") or found.get("en") or "") if isinstance(found, dict) else str(found)


_TABLES = {"roles": "role", "calendars": "calendar", "notices": "notice", "skills": "skill"}


def _settings(content: bytes) -> Part:
    raw = tomllib.loads(content.decode("utf-8-sig"))
    whole = Part("file", settings=_plain(raw, tuple(_TABLES)))
    for table, kind in _TABLES.items():
        for key, one in raw.get(table, {}).items():
            given = one if isinstance(one, dict) and kind != "skill" else {"title": one}
            whole.add(Part(kind, _title(given) or key, key, _plain(given, ())))
    return whole


def _plain(raw: Mapping[str, Any], left_out: Iterable[str], prefix: str = "") -> dict[str, Any]:
    """Settings by name; nested ones as `a.b`, texts in two languages as one."""
    found: dict[str, Any] = {}
    for key, value in raw.items():
        if key in left_out or key in _WRITTEN:
            continue
        if isinstance(value, dict) and not (value and set(value) <= {"zh", "en"}):
            found |= _plain(value, (), f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = value
    return found


# ---- XML


def _diagram(content: bytes) -> Part:
    root = xml.parse(content)
    names = {one.get("id"): one.get("name") or one.get("id") for one in root.iter("{*}*") if one.get("id")}
    whole = Part("file")
    for node in root.iter(f"{{{xml.BPMN}}}*"):
        kind = xml.local(node)
        if node.get("id") and kind not in ("definitions", "laneSet") and not kind.endswith("EventDefinition"):
            name = node.get("name") or _between(node, names) or node.get("id")
            whole.add(Part(kind, name, node.get("id"), _element(node, names)))
    return whole


def _between(node: Any, names: Mapping[str, str]) -> str:
    """What a flow connects."""
    source, target = node.get("sourceRef"), node.get("targetRef")
    return f"{names.get(source, source)} → {names.get(target, target)}" if source and target else ""


def _element(node: Any, names: Mapping[str, str]) -> dict[str, Any]:
    """An element's own settings: attributes, extension elements, events, conditions; not the elements inside it."""
    found: dict[str, Any] = {
        name: Ref(value, names[value]) if value in names else value for name, value in _attributes(node)
    }
    for one in node:
        if not isinstance(one.tag, str):
            continue
        kind = xml.local(one)
        if kind == "extensionElements":
            for extension in one:
                _flat(extension, "", found)
        elif kind not in _DRAWN and (
            not one.get("id") or kind.endswith(("Definition", "Expression", "Characteristics"))
        ):
            _flat(one, "", found)
    return found


def _flat(node: Any, prefix: str, found: dict[str, Any]) -> None:
    """The settings of an element inside another: `taskDefinition.type`, `property lamp`."""
    if not isinstance(node.tag, str):
        return
    kind = node.tag.rpartition("}")[2]
    label = next((node.get(name) for name in ("name", "target", "key") if node.get(name)), "")
    if kind in ("property", "input", "output", "header"):
        value = node.get("source") if kind in ("input", "output") else node.get("value")
        found[f"{kind} {label}"] = value or ""
        return
    found |= {f"{prefix}{kind}.{name}": value for name, value in _attributes(node)}
    if text := (node.text or "").strip():
        found[f"{prefix}{kind}"] = text
    elif not node.attrib and not len(node):
        found[f"{prefix}{kind}"] = True
    for inner in node:
        _flat(inner, "" if kind in ("properties", "ioMapping", "taskHeaders") else f"{prefix}{kind}.", found)


def _attributes(node: Any) -> list[tuple[str, str]]:
    return [
        (name.rpartition("}")[2], value)
        for name, value in node.attrib.items()
        if name not in ("id", f"{{{xml.XSI}}}type")
    ]


def _decision(content: bytes) -> Part:
    root = xml.parse(content)
    whole = Part("file")
    for node in root.iter("{*}decision"):
        part = whole.add(Part("decision", node.get("name") or node.get("id", ""), node.get("id", "")))
        part.settings = {"name": node.get("name", ""), "requires": sorted(_required(node))}
        table = node.find("{*}decisionTable")
        if table is not None:
            _table(part, table)
        elif (literal := node.find("{*}literalExpression")) is not None:
            part.settings["expression"] = _cell(literal)
        else:
            part.settings["expression"] = "".join(node.itertext()).strip()
    for node in root.iter("{*}decisionService"):
        part = whole.add(Part("decisionService", node.get("name") or node.get("id", ""), node.get("id", "")))
        part.settings = {"name": node.get("name", "")}
        for name in ("inputData", "inputDecision", "outputDecision"):
            part.settings[name] = sorted(one.get("href", "").lstrip("#") for one in node.iterfind(f"{{*}}{name}"))
    for node in root.iterfind("{*}inputData"):
        whole.add(
            Part(
                "inputData", node.get("name") or node.get("id", ""), node.get("id", ""), {"name": node.get("name", "")}
            )
        )
    return whole


def _required(node: Any) -> list[str]:
    return [one.get("href", "").lstrip("#") for one in node.iter("{*}requiredDecision", "{*}requiredInput")]


def _table(part: Part, table: Any) -> None:
    part.settings |= {name: table.get(name) for name in ("hitPolicy", "aggregation") if table.get(name)}
    heads = []
    for node in table.findall("{*}input"):
        inside = node.find("{*}inputExpression")
        head = node.get("label") or (_cell(inside) if inside is not None else "")
        settings = {"expression": _cell(inside), "type": inside.get("typeRef", "")} if inside is not None else {}
        part.add(Part("input", head, node.get("id") or head, settings))
        heads.append(head)
    for node in table.findall("{*}output"):
        head = node.get("label") or node.get("name") or ""
        settings = {"name": node.get("name", ""), "type": node.get("typeRef", "")}
        part.add(Part("output", head, node.get("id") or head, settings))
        heads.append(head)
    for number, node in enumerate(table.findall("{*}rule"), 1):
        cells = [_cell(one) for one in node if one.tag.endswith(("inputEntry", "outputEntry"))]
        part.add(Part("rule", str(number), node.get("id") or str(number), dict(zip(heads, cells, strict=False))))


def _cell(node: Any) -> str:
    return (node.findtext("{*}text") or "").strip()


_READ = {
    "processes": _diagram,
    "decisions": _decision,
    "forms": _form,
    "registers": _json,
    "pages": _json,
    "reports": _json,
    "pack.toml": _settings,
}
