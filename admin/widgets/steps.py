"""A posted form on its way to the engine: what was typed, the files that came with it, rows added or removed.

Owns reading a request into plain data (`Posted`) and storing its uploads at once, so that nothing typed or
photographed is lost when something else is refused. Checking is the engine's. Shared by the task, start and
public pages.
"""

from __future__ import annotations

import base64
import binascii
import io
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from admin.widgets import current, feel, limits, lookups, uploads
from engine import errors, forms
from engine.forms.places import get, row_number

FILE, INK = "_file.", "_ink."
VISITORS_FILES = "60/hour"  # from one address, without signing in
_PNG = "data:image/png;base64,"


@dataclass(slots=True)
class Posted:
    """A request's form: nested data as typed, and what was wrong with its files (path -> problem)."""

    data: dict[str, Any]
    problems: dict[str, Any] = field(default_factory=dict)

    def refuse(self) -> None:
        """InvalidForm when a file was refused: a step is not completed without the photo its author meant to send."""
        if self.problems:
            raise errors.InvalidForm(dict(self.problems))


@dataclass(frozen=True, slots=True)
class Said:
    """A problem whose words are made already, in the reader's language; same face as `forms.Problem`."""

    words: str

    def text(self, locale: str = "zh") -> str:
        """The sentence."""
        return self.words

    def __str__(self) -> str:
        return self.words


def key() -> str:
    """The idempotency key of the form posted; a fresh one when it carries none."""
    given = request.form.get("_key", "")
    return given if 8 <= len(given) <= 80 and given.isascii() else fresh_key()


def fresh_key() -> str:
    """A key for a form about to be shown: posting it twice has one effect."""
    return secrets.token_urlsafe(18)


def posted(spec: forms.Form | None, by: str, *, files: bool = True) -> Posted:
    """What this request says about the form. Files are stored (as `by`) unless `files` is False (a saved draft)."""
    if spec is None:
        return Posted({})
    found = Posted(forms.decode(spec, request.form))
    _name_people(spec, found, by)
    if files:
        _take_files(spec, found, by)
    _rows(found.data)
    return found


def _name_people(spec: forms.Form, found: Posted, by: str) -> None:
    """Names typed become logins; a name that nobody, or more than one, bears is refused. A visitor learns nothing."""
    people = {path for path, one in walk(spec.fields) if one.widget == "person"} if by else set()
    for path, value in _leaves(found.data) if people else ():
        if pattern(path) in people and value:
            logins = {typed: lookups.called(typed) for typed in map(str, _list(value)) if typed.strip()}
            held = [login or typed for typed, login in logins.items()]
            put(found.data, path, list(dict.fromkeys(held)) if isinstance(value, list) else "".join(held))
            unknown = [typed for typed, login in logins.items() if not login]
            if unknown:
                words = _("没有找到“%(name)s”，或有重名，请从列表中选。", name="、".join(unknown))
                found.problems[path] = Said(words)


def _leaves(data: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """(path, value) of every value below, rows of lists entered; a list of plain values is one value."""
    found: list[tuple[str, Any]] = []
    for name, value in data.items():
        if isinstance(value, dict):
            found += _leaves(value, f"{prefix}{name}.")
        elif isinstance(value, list) and any(isinstance(row, dict) for row in value):
            for number, row in enumerate(value):
                found += _leaves(row, f"{prefix}{name}.{number}.") if isinstance(row, dict) else []
        else:
            found.append((f"{prefix}{name}", value))
    return found


def known(spec: forms.Form | None) -> forms.Form:
    """The form that is to be redrawn. NotFound for a step without one."""
    if spec is None:
        raise errors.NotFound(what=_("要填的表单"), id="")
    return spec


def checked(spec: forms.Form | None, found: Posted, context: Mapping[str, Any]) -> dict[str, Any]:
    """The data as the form's rules want it, typed, undeclared keys dropped. InvalidForm."""
    found.refuse()
    if spec is None:
        return {}
    return forms.check(spec, found.data, context=dict(context), evaluate=feel.evaluate)


def _take_files(spec: forms.Form, found: Posted, by: str) -> None:
    fields = dict(file_fields(spec))
    for name, upload in request.files.items(multi=True):
        path = name.removeprefix(FILE)
        if name.startswith(FILE) and upload.filename and pattern(path) in fields:
            _store(found, path, upload, by, fields[pattern(path)])
    for name, drawn in request.form.items():
        path = name.removeprefix(INK)
        if name.startswith(INK) and drawn.startswith(_PNG) and pattern(path) in fields:
            _store(found, path, _drawing(drawn), by, fields[pattern(path)])


def _store(found: Posted, path: str, upload: FileStorage, by: str, spec: forms.Field) -> None:
    if not by:
        limits.spend("upload", VISITORS_FILES)
    try:
        stored = uploads.accept(
            current.engine(), upload, by=by, field=path, images_only=spec.widget in ("photo", "signature")
        )
    except uploads.Refused as error:
        found.problems[path] = Said(error.words)
        return
    if not by:
        uploads.remember(stored)
    ids = [*_list(get(found.data, path)), stored] if multiple(spec) else [stored]
    put(found.data, path, ids if multiple(spec) else stored)


def multiple(spec: forms.Field) -> bool:
    """Whether a file field holds a list of ids."""
    return bool(spec.rules.get("multiple")) and spec.widget != "signature"


def _drawing(text: str) -> FileStorage:
    try:
        content = base64.b64decode(text[len(_PNG) :], validate=True)
    except (binascii.Error, ValueError):
        content = b""
    return FileStorage(io.BytesIO(content), filename=_("签名.png"))


def file_fields(spec: forms.Form) -> list[tuple[str, forms.Field]]:
    """(pattern of the path, field) of every field that holds files; a list's index is `*` in a pattern."""
    return [(path, found) for path, found in walk(spec.fields) if found.files]


def walk(fields: Any, prefix: str = "") -> list[tuple[str, forms.Field]]:
    """Every field below, with the pattern of its path."""
    found: list[tuple[str, forms.Field]] = []
    for one in fields:
        path = f"{prefix}{one.key}" if one.key else prefix.rstrip(".")
        found.append((path, one))
        if one.children:
            found += walk(one.children, below(one, prefix))
    return found


def below(one: forms.Field, prefix: str) -> str:
    """The path prefix of a container's children: a list adds its key and an index, a group its path if it has one."""
    if one.type == "dynamiclist":
        return f"{prefix}{one.key}.*."
    return f"{prefix}{one.key}." if one.key else prefix


def pattern(path: str) -> str:
    """`rows.0.photo` as `rows.*.photo`."""
    return ".".join("*" if part.isdigit() else part for part in path.split("."))


def _rows(data: dict[str, Any]) -> None:
    """Carry out the button pressed: add a row to a list, or take an entry out."""
    added, removed = request.form.get("_add", ""), request.form.get("_remove", "")
    if added:
        put(data, added, [*_list(get(data, added)), {}])
    if removed:
        remove(data, removed)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value] if value else []


def put(data: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a dotted path; makes the dicts on the way, never rows of a list."""
    *way, last = path.split(".")
    for part in way:
        step = get(data, part)
        if step is None and isinstance(data, dict):
            step = data[part] = {}
        data = step
    if isinstance(data, dict):
        data[last] = value
    elif isinstance(data, list) and (number := row_number(last, data)) is not None:
        data[number] = value


def remove(data: dict[str, Any], path: str) -> None:
    """Take out a list's entry (`rows.1`) or clear a single value (`photo.0`)."""
    *way, last = path.split(".")
    holder = get(data, ".".join(way)) if way else data
    if isinstance(holder, list) and (number := row_number(last, holder)) is not None:
        del holder[number]
    elif way and holder is not None and not isinstance(holder, list | dict):
        put(data, ".".join(way), None)
