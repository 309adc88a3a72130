"""The parts of a form that show and do not ask: texts, pictures, tables, stored files.

Owns turning their FEEL and markdown into what a template draws. A part whose expression fails shows nothing in
its place: the form's lint has reported it, and a person at a task must still be able to work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from admin.widgets import answers, current, feel, rich_text, uploads
from engine import errors, forms

MAX_ROWS = 200


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    key: str
    label: str
    field: forms.Field | None = None  # says what a cell's code stands for; None where the rows name their own columns


@dataclass(frozen=True, slots=True)
class Table:
    """A form-js table: its columns and the cells shown."""

    columns: list[Column]
    rows: list[list[Markup]]


@dataclass(frozen=True, slots=True)
class File:
    """A stored file as a form shows it."""

    id: str
    name: str
    url: str
    image: bool


def file(attachment_id: str) -> File | None:
    """The file of an id; None when there is none (an id that somebody made up)."""
    try:
        record, _path = current.engine().attachment(attachment_id)
    except errors.NotFound:
        return None
    address = uploads.address(record)
    return File(record.id, record.name, address, record.mime.startswith("image/"))


def value(expression: str, variables: Mapping[str, Any]) -> Any:
    """The value of an expression of a showing part, None when it is empty or fails."""
    if not expression:
        return None
    try:
        return feel.evaluate(expression.removeprefix("="), variables)
    except errors.ExpressionFailed:
        return None


def text(source: str, variables: Mapping[str, Any]) -> Markup:
    """Markdown with `{{ FEEL }}` places, or a FEEL expression giving markdown."""
    if source.startswith("="):
        return rich_text.markdown(str(value(source, variables) or ""))
    return rich_text.markdown(rich_text.fill(source, lambda e: value(e, variables)))


def html(source: str, variables: Mapping[str, Any]) -> Markup:
    """A form-js `html` part, cleaned; values are put in as text."""
    return rich_text.clean_html(rich_text.fill_html(source, lambda e: value(e, variables)))


def picture(expression: str, variables: Mapping[str, Any]) -> str:
    """Address of a picture that an expression names: an attachment, or a path on this site; '' else: no other host is
    asked."""
    found = str(value(expression, variables) or "") if expression else ""
    if found.startswith("/") and not found.startswith("//"):
        return found
    stored = file(found) if found else None
    return stored.url if stored else ""


def table(source: str, columns: list[Column], variables: Mapping[str, Any]) -> Table:
    """The rows of a FEEL list of contexts."""
    found = value(source, variables)
    rows = [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []
    shown = columns or [Column(key, key) for key in (rows[0] if rows else ())]
    return Table(shown, [[_cell(c, row.get(c.key)) for c in shown] for row in rows[:MAX_ROWS]])


def _cell(column: Column, held: Any) -> Markup:
    return answers.words(held) if column.field is None or held is None else answers.said(column.field, held)
