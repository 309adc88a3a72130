"""Names that a diagram may use, for the pick-lists of the editors: what is deployed, and over it the files of a pack
that is being edited.

Owns the shape of that JSON (frontend/src/names.js reads it): lists of {id, title, ...} by kind. A file that cannot be
read gives no names; the lint says what is wrong with it. Changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from lxml import etree

from admin import i18n
from admin.studio.jobs import described
from engine import Engine, forms
from engine.errors import InvalidFile

MOST_UNITS = 400
TYPED = {"number": "number", "checkbox": "boolean", "datetime": "date", "expression": ""}
Row = dict[str, Any]
BOUNDED = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


def names(engine: Engine, files: Mapping[str, bytes] | None = None, settings: Mapping[str, Any] | None = None) -> Row:
    """All pick-lists; `files` (path -> bytes) and `settings` (pack.toml) of a working copy before what is deployed."""
    packs = {**engine.packs(), **({str(settings.get("name", "")): settings} if settings else {})}
    found: dict[str, dict[str, Row]] = {"forms": {}, "decisions": {}, "processes": {}, "registers": {}, "messages": {}}
    for file, content in (*(files or {}).items(), *_deployed(engine)):
        for kind, row in _rows(file, content):
            found[kind].setdefault(row["id"], row)
    return {kind: sorted(rows.values(), key=lambda r: r["id"]) for kind, rows in found.items()} | {
        "roles": _roles(packs.values()),
        "calendars": _calendars(packs.values()),
        "units": [{"id": unit.code, "title": unit.name} for unit in engine.people.tree()[:MOST_UNITS]],
        "jobs": described(engine.job_types()),
    }


def _deployed(engine: Engine) -> Iterator[tuple[str, bytes]]:
    for definition in engine.definitions():
        if definition.kind != "page":
            yield definition.file, engine.content(definition.id)


def _rows(file: str, content: bytes) -> list[tuple[str, Row]]:
    """(list, row) of each name a file gives."""
    read = _READERS.get(file.rpartition(".")[2])
    try:
        return list(read(content)) if read else []
    except (InvalidFile, ValueError, AttributeError, etree.XMLSyntaxError):  # half-written meanwhile; the lint names it
        return []


def _form(content: bytes) -> Iterator[tuple[str, Row]]:
    form = forms.parse(content)
    title = form.title(i18n.locale()) or form.id
    yield "forms", {"id": form.id, "title": title, "fields": list(_fields(form.fields, ""))}


def _fields(fields: Iterable[forms.Field], prefix: str) -> Iterator[Row]:
    """What a form leaves in the case's variables; rows of a list are one variable."""
    for field in fields:
        if field.type == "group":
            yield from _fields(field.children, f"{prefix}{field.key}." if field.key else prefix)
        elif field.key:
            label = field.label_en if i18n.locale() == "en" and field.label_en else field.label
            options = [{"value": o.value, "label": o.label} for o in field.options]
            kind = "list" if field.type in ("checklist", "taglist", "dynamiclist") else TYPED.get(field.type, "text")
            yield {"id": prefix + field.key, "title": label or field.key, "type": kind, "options": options}


def _root(content: bytes) -> Any:
    """The file's tree; nothing outside it is read."""
    return etree.fromstring(content, etree.XMLParser(**BOUNDED))


def _decisions(content: bytes) -> Iterator[tuple[str, Row]]:
    for node in _root(content).iter("{*}decision", "{*}decisionService"):
        if node.get("id"):
            yield "decisions", {"id": node.get("id"), "title": node.get("name") or node.get("id")}


def _diagram(content: bytes) -> Iterator[tuple[str, Row]]:
    root = _root(content)
    for node in root.iter("{*}process"):
        if node.get("isExecutable") != "false" and node.get("id"):
            yield "processes", {"id": node.get("id"), "title": node.get("name") or node.get("id")}
    for node in root.iter("{*}message"):
        if node.get("name"):
            yield "messages", {"id": node.get("name"), "title": node.get("name")}


def _register(content: bytes) -> Iterator[tuple[str, Row]]:
    raw = json.loads(content)
    if isinstance(raw.get("fields"), list):
        fields = [
            {"id": str(f["key"]), "title": _label(f.get("label")) or str(f["key"])}
            for f in raw["fields"]
            if f.get("key")
        ]
        yield (
            "registers",
            {"id": str(raw["name"]), "title": _label(raw.get("title")) or str(raw["name"]), "fields": fields},
        )


_READERS = {"form": _form, "dmn": _decisions, "bpmn": _diagram, "json": _register}


def _label(texts: Any) -> str:
    """A text of a JSON or TOML file in the reader's language."""
    if isinstance(texts, dict):
        return str(texts.get(i18n.locale()[:2]) or texts.get("zh") or "")
    return texts if isinstance(texts, str) else ""


def _roles(packs: Iterable[Mapping[str, Any]]) -> list[Row]:
    rows = {key: _label(role.get("title")) for pack in packs for key, role in (pack.get("roles") or {}).items()}
    return [{"id": key, "title": title or key} for key, title in rows.items()]


def _calendars(packs: Iterable[Mapping[str, Any]]) -> list[Row]:
    rows = {"natural": _("自然时间"), "working": _("工作时间")}
    for pack in packs:
        rows |= {key: _label(one.get("title")) or key for key, one in (pack.get("calendars") or {}).items()}
    return [{"id": key, "title": title} for key, title in rows.items()]
