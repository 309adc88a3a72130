"""What a filled-in form says, as label and value: for the task page, the case page and the public page.

Owns turning stored values into words: option labels, dates in the zone, names, files. Values are escaped; nothing here
is trusted HTML but what it builds itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from markupsafe import Markup, escape

from admin.widgets import current, dates, form_fields, lookups, names, uploads
from engine import errors, forms

MAX_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Answer:
    """One line: what was asked and what was said."""

    label: str
    value: Markup


def init(app: Flask) -> None:
    """Make `upload(id)` known to templates."""
    app.jinja_env.globals["upload"] = file


def answers(spec: forms.Form, values: Mapping[str, Any], told: set[str] | None = None) -> list[Answer]:
    """Every answered field of a form, in its order. `told`: names already shown, skipped and added to."""
    seen = told if told is not None else set()
    found: list[Answer] = []
    _walk(spec.fields, values, seen, found)
    return found


def _walk(fields: Any, values: Mapping[str, Any], seen: set[str], found: list[Answer]) -> None:
    for one in fields:
        if one.type == "group":
            inner = values.get(one.key) if one.key else values
            _walk(one.children, inner if isinstance(inner, Mapping) else {}, set() if one.key else seen, found)
        elif one.key and one.key not in seen and _worth(one, values.get(one.key)):
            seen.add(one.key)
            found.append(Answer(label(one), said(one, values[one.key])))


def _worth(one: forms.Field, value: Any) -> bool:
    shown = one.type in form_fields.INPUTS or one.type in ("dynamiclist", "expression")
    return shown and value is not None and value != "" and value != []


def label(one: forms.Field) -> str:
    """A field's label in the reader's language."""
    return names.pick(one.label, one.label_en) or one.key


def said(one: forms.Field, value: Any) -> Markup:
    """A field's value in words."""
    if one.type == "dynamiclist":
        return _table(one, value)
    widget = one.widget
    if one.files:
        return Markup(" ").join(file(v) for v in form_fields.listed(value))
    if one.options:
        known = {str(o[0]): names.pick(str(o[1]), str(o[2]) if len(o) > 2 else "") for o in one.options}
        return Markup(_("、")).join(escape(known.get(form_fields.shown(v), str(v))) for v in form_fields.listed(value))
    if widget == "person":
        return Markup(_("、")).join(escape(names.person(str(v))) for v in form_fields.listed(value))
    if widget == "unit":
        return escape(names.unit(str(value)))
    if widget == "division":
        return escape(dict(lookups.divisions()).get(str(value), str(value)))
    if widget == "rating" and str(value).isdigit():
        return escape("★" * min(int(value), 5))
    return words(value)


def words(value: Any) -> Markup:
    """Any value as a person reads it."""
    if value is None:
        return escape("—")
    if isinstance(value, bool):
        return escape(_("是") if value else _("否"))
    if isinstance(value, datetime):
        return escape(dates.exact(value))
    if isinstance(value, date | time):
        return escape(form_fields.shown(value))
    if isinstance(value, timedelta):
        return escape(dates.span(value.total_seconds()))
    if isinstance(value, Mapping):
        return Markup(_("、")).join(
            Markup(_("%(what)s：%(said)s")) % {"what": k, "said": words(v)} for k, v in value.items()
        )
    if isinstance(value, list | tuple):
        return Markup(_("、")).join(words(v) for v in value)
    return _lines(form_fields.shown(value))


def _lines(text: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in text[:MAX_TEXT].splitlines())


def _table(one: forms.Field, rows: Any) -> Markup:
    columns = [c for c in one.children if c.key and c.type in form_fields.INPUTS | {"expression"}]
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(label(c)) for c in columns)
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup('<td data-label="{}">{}</td>').format(
                    label(c), said(c, row[c.key]) if row.get(c.key) not in (None, "") else "—"
                )
                for c in columns
            )
        )
        for row in form_fields.listed(rows)
        if isinstance(row, Mapping)
    )
    return Markup('<table class="table table-sm lf-table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>').format(
        head, body
    )


def file(attachment_id: Any) -> Markup:
    """An upload as a link, a photo as a small picture that leads to the whole one."""
    try:
        record, _path = current.engine().attachment(str(attachment_id))
    except errors.NotFound:
        return escape(_("附件已不存在"))
    address = uploads.address(record)
    if record.mime.startswith("image/"):
        small = uploads.address(record, small=True)
        thumb = Markup('<img class="lf-thumb" src="{}" alt="{}" loading="lazy">').format(small, record.name)
        return Markup('<a href="{}" target="_blank" rel="noopener">{}</a>').format(address, thumb)
    return Markup('<a href="{}">{}</a>').format(address, record.name)
