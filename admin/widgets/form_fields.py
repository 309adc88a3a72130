"""One WTForms field per kind of form-js input: how a value is shown and named, never whether it is right.

Owns the choice of control, its HTML attributes and the text of a value inside an input. Checking is
`engine.forms.check`'s alone (one interpreter), so these fields accept anything and hold it as typed: a wrong
entry comes back as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from markupsafe import Markup
from wtforms import Field as WTField


def draw(field: Control, **attributes: Any) -> Markup:
    """The control's HTML: the macro of `forms/controls.html` that bears its name."""
    macros = current_app.jinja_env.get_template("forms/controls.html").module
    return Markup(getattr(macros, field.control)(field, attributes))


class Control(WTField):
    """Base of all: holds the value untouched; `extra` is what its macro needs beside it."""

    control = "text"
    many = False
    widget = staticmethod(draw)

    def __init__(
        self, *, extra: dict[str, Any] | None = None, attrs: dict[str, Any] | None = None, **given: Any
    ) -> None:
        super().__init__(**given)
        self.extra = extra or {}
        self.attrs = attrs or {}

    @property
    def text(self) -> str:
        """The value as the text of an input."""
        return shown(self.data, self.extra.get("zone"))

    @property
    def chosen(self) -> set[str]:
        """The values picked, as posted strings."""
        return {shown(v) for v in listed(self.data)}

    @property
    def invalid(self) -> bool:
        """Whether to mark it."""
        return bool(self.errors)


def shown(value: Any, zone: ZoneInfo | None = None) -> str:
    """A value as an HTML input wants it: ISO dates, `true`/`false`, '' for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        local = value.astimezone(zone) if zone and value.tzinfo else value
        return local.strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def listed(value: Any) -> list[Any]:
    """A value as a list: what stands in a multiple choice or a file field."""
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list | tuple | set) else [value]


class Text(Control):
    """One line: also mobile numbers, identity cards, persons by name."""


class LongText(Control):
    """Several lines."""

    control = "longtext"


class Number(Control):
    """A number; kept as text so that `1.50` and a wrong `12a` come back as typed."""

    control = "number"


class Check(Control):
    """Yes or no."""

    control = "check"

    @property
    def on(self) -> bool:
        return self.data is True or str(self.data).lower() in {"true", "on", "1", "y", "yes"}


class Choices(Control):
    """Several of a list."""

    control = "choices"
    many = True


class Tags(Choices):
    """Several of a list, as pills."""

    control = "tags"


class People(Choices):
    """Several people: those chosen as pills, and a line that finds more by name."""

    control = "people"


class Radio(Control):
    """One of a few, all in sight."""

    control = "radio"


class Select(Control):
    """One of many."""

    control = "select"


class Rating(Control):
    """One to five stars."""

    control = "rating"


class Moment(Control):
    """A date, a time of day, or both."""

    control = "moment"


class Files(Control):
    """Attachments: ids already stored travel as hidden inputs, new ones as an upload named `_file.<path>`."""

    control = "files"
    many = True


class Photo(Files):
    """Pictures, from the camera on a phone."""

    control = "photos"


class Signature(Control):
    """A drawn signature, posted as a PNG data address and stored as an attachment."""

    control = "signature"


_BY_TYPE: dict[str, type[Control]] = {
    "textfield": Text,
    "textarea": LongText,
    "number": Number,
    "checkbox": Check,
    "checklist": Choices,
    "radio": Radio,
    "select": Select,
    "taglist": Tags,
    "datetime": Moment,
    "filepicker": Files,
}
_BY_WIDGET: dict[str, type[Control]] = {
    "photo": Photo,
    "signature": Signature,
    "rating": Rating,
    "unit": Select,
    "division": Select,
}
INPUTS = frozenset(_BY_TYPE)


def control_for(kind: str, widget: str) -> type[Control]:
    """The field class of a form-js type and our `properties.widget`."""
    if widget == "person" and _BY_TYPE[kind].many:
        return People
    return _BY_WIDGET.get(widget) or _BY_TYPE[kind]


_MODES: dict[str, dict[str, str]] = {
    "mobile": {"type": "tel", "inputmode": "tel", "autocomplete": "tel", "maxlength": "20"},
    "idcard": {"inputmode": "text", "maxlength": "18", "autocomplete": "off", "autocapitalize": "characters"},
}
_MOMENTS = {"date": "date", "time": "time", "datetime": "datetime-local"}


def attributes(kind: str, widget: str, subtype: str, rules: dict[str, Any]) -> dict[str, Any]:
    """HTML attributes that help typing; none of them checks anything (`novalidate` is on the form)."""
    found: dict[str, Any] = dict(_MODES.get(widget, {}))
    if kind == "number":
        found |= {"inputmode": "decimal", "type": "text"}
    if kind == "datetime":
        found["type"] = _MOMENTS.get(subtype or "date", "date")
    for rule, name in (("max_length", "maxlength"), ("maxLength", "maxlength")):
        if rules.get(rule):
            found.setdefault(name, rules[rule])
    return found


def pairs(
    options: Iterable[tuple[Any, ...]], english: bool, values: Callable[[Any], str] = shown
) -> list[tuple[str, str]]:
    """Options as (posted text, label) in the reader's language."""
    return [(values(o[0]), str((english and len(o) > 2 and o[2]) or o[1] or o[0])) for o in options]
