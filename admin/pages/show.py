"""Values of a row as words, by the column's format or the field's type.

Owns the look of one value and nothing of where it came from. Everything is escaped; the plain text of the same value
(exports, sorting, copies) comes from `text`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup, escape

from admin.pages import asking
from admin.widgets import current, dates, feel, names, uploads
from engine.errors import NotFound
from engine.pages import Column
from engine.registers import Field, RegisterSchema

SHORT = 60  # characters of a text in a list
_BY_TYPE = {
    "text": "text",
    "number": "number",
    "date": "date",
    "datetime": "datetime",
    "boolean": "boolean",
    "choice": "choice",
    "person": "person",
    "unit": "unit",
    "list": "tags",
    "file": "files",
    "json": "long",
}
# Colours of a choice's badge by its place among the options: early states want attention, late ones are calm.
_COLOURS = ("blue", "azure", "cyan", "orange", "yellow", "purple", "teal", "pink", "lime", "indigo", "red", "green")


@dataclass(frozen=True, slots=True)
class Shown:
    """A column ready to show: its heading, its format, and the field behind it when there is one."""

    key: str
    label: str
    format: str
    field: Field | None = None
    value: str = ""

    def of(self, row: Mapping[str, Any]) -> Any:
        """The value in a row."""
        if self.value:
            return feel.evaluate(self.value, asking.context(row=dict(row)))
        return row.get(self.key)


ALWAYS = {"created_at": "datetime", "updated_at": "datetime", "created_by": "person", "updated_by": "person"}


def always() -> dict[str, str]:
    """Headings of what every row has."""
    return {
        "id": _("编号"),
        "created_at": _("登记时间"),
        "updated_at": _("更新时间"),
        "created_by": _("登记人"),
        "updated_by": _("更新人"),
        "instance": _("案件"),
        "revision": _("版本"),
    }


def column(given: Column, schema: RegisterSchema | None, known: Mapping[str, tuple[str, str]] | None = None) -> Shown:
    """A page's column over a register, or over a query whose columns are `known` (key -> heading, format)."""
    field = schema.by_key.get(given.key) if schema else None
    heading, natural = (known or {}).get(given.key, ("", "text"))
    if field is not None:
        heading, natural = asking.said(field.label), "long" if field.multiline else _BY_TYPE[field.type]
    elif given.key in ALWAYS or given.key in always():
        heading, natural = always()[given.key], ALWAYS.get(given.key, "text")
    return Shown(
        given.key, asking.said(given.label) or heading or given.key, given.format or natural, field, given.value
    )


def columns(keys: tuple[str, ...], schema: RegisterSchema) -> list[Shown]:
    """Columns of a register by key."""
    return [column(Column(key), schema) for key in keys]


def html(shown: Shown, value: Any) -> Markup:
    """A value in a list or on a row's page; a dash for nothing."""
    if value is None or value == "" or value == []:
        return Markup('<span class="text-secondary">—</span>')
    return _HTML.get(shown.format, _plain)(shown, value)


def text(shown: Shown, value: Any) -> str:
    """The same as plain text."""
    if value is None:
        return ""
    if isinstance(value, list):
        return _("、").join(text(shown, item) for item in value)
    if shown.field and shown.field.options:
        return asking.said(shown.field.option(value))
    if shown.format == "person":
        return names.person(str(value))
    if shown.format == "unit":
        return names.unit(str(value))
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, datetime):
        return dates.exact(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return _("、").join(_("%(what)s：%(said)s", what=key, said=text(shown, part)) for key, part in value.items())
    return number(value) if isinstance(value, float | Decimal) else str(value)


def number(value: float | Decimal | int) -> str:
    """A number without needless zeros."""
    if isinstance(value, int):
        return str(value)
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _plain(shown: Shown, value: Any) -> Markup:
    words = text(shown, value)
    if len(words) <= SHORT:
        return escape(words)
    return Markup('<span title="{}">{}…</span>').format(words, words[:SHORT])


def _long(shown: Shown, value: Any) -> Markup:
    words = text(shown, value)
    if len(words) <= SHORT and "\n" not in words:
        return escape(words)
    return Markup('<span class="lp-long" title="{}">{}</span>').format(words, words)


def _datetime(shown: Shown, value: Any) -> Markup:
    if not isinstance(value, datetime):
        return _plain(shown, value)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        value.isoformat(), dates.relative(value), dates.exact(value)
    )


def _due(shown: Shown, value: Any) -> Markup:
    if not isinstance(value, datetime):
        return _plain(shown, value)
    colour = dates.due_colour(value)
    return Markup('<span class="badge bg-{}-lt" title="{}">{}</span>').format(
        colour, dates.exact(value), dates.due_text(value)
    )


def _choice(shown: Shown, value: Any) -> Markup:
    options = shown.field.options if shown.field else ()
    place = next((n for n, option in enumerate(options) if option.value == value), 0)
    colour = _COLOURS[place % len(_COLOURS)]
    return Markup('<span class="badge bg-{}-lt">{}</span>').format(colour, text(shown, value))


def _tags(shown: Shown, value: Any) -> Markup:
    items = value if isinstance(value, list) else [value]
    return Markup(" ").join(Markup('<span class="badge bg-blue-lt">{}</span>').format(text(shown, v)) for v in items)


def _boolean(shown: Shown, value: Any) -> Markup:
    return Markup('<span class="badge bg-{}-lt">{}</span>').format(
        "green" if value else "secondary", text(shown, value)
    )


def _percent(shown: Shown, value: Any) -> Markup:
    return escape(f"{value:.1%}" if isinstance(value, int | float | Decimal) else str(value))


def _files(shown: Shown, value: Any) -> Markup:
    return Markup(" ").join(_file(str(one)) for one in (value if isinstance(value, list) else [value]))


def _file(attachment: str) -> Markup:
    try:
        record, _path = current.engine().attachment(attachment)
    except NotFound:
        return escape(_("附件已不存在"))
    address = uploads.address(record)  # the reader was let see this row
    if record.mime.startswith("image/"):
        return Markup('<a href="{}"><img class="lp-thumb" src="{}" alt="{}" loading="lazy"></a>').format(
            address, uploads.address(record, small=True), record.name
        )
    return Markup('<a href="{}">{}</a>').format(address, record.name)


_HTML: dict[str, Callable[[Shown, Any], Markup]] = {
    "text": _plain,
    "long": _long,
    "datetime": _datetime,
    "due": _due,
    "choice": _choice,
    "tags": _tags,
    "boolean": _boolean,
    "percent": _percent,
    "files": _files,
}
