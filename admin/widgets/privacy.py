"""Personal data on screens: numbers shown by their head and tail, shown in full to whom it is for and on record.

Owns the filter `mask`, who may see somebody's numbers in full, and which rows a page showed so. The record is the
engine's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Flask, Response, g

from admin.widgets import current
from engine.records import Person
from engine.registers import Register

_LONG = re.compile(r"\+?[0-9][0-9 -]{5,}[0-9Xx]\Z")  # telephone numbers and identity cards
_MAIL = re.compile(r"([^@\s])[^@\s]*(@[^@\s]+)\Z")


def mask(text: str) -> str:
    """`13812345678` -> `138****78`, `li@example.cn` -> `l***@example.cn`; other words (a sign-in name) stay."""
    if _LONG.match(text):
        return f"{text[:3]}****{text[-2:]}"
    found = _MAIL.match(text)
    return f"{found[1]}***{found[2]}" if found else text


def may_see(person: Person) -> bool:
    """Whether the reader may be shown somebody's numbers: their own, or `people:private` or `people:write` where the
    person is at home (or works)."""
    if person.login == current.me().login:
        return True
    here = [unit for unit in (person.home_unit, person.employer) if unit] or [""]
    return any(current.may(one, unit) for unit in here for one in ("people:private", "people:write"))


MOST = 200  # rows that one line of the record names


def shown(register: Register, row: Mapping[str, Any], keys: Iterable[str]) -> None:
    """A row's fields are put on the page: those that are private and in full are on record when it goes out."""
    private = [key for key in register.schema.private.intersection(keys) if row.get(key)]
    who = current.me().login
    own = any(row.get(field) == who for field in register.schema.own)
    if private and who and not own and register.may_see_private(who, dict(row)):
        looked: dict[str, dict[str, None]] = g.setdefault("linli_looked", {})
        looked.setdefault(register.schema.name, {})[str(row["id"])] = None


def noted(register: Register, rows: Iterable[dict[str, Any]], keys: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The rows, each `shown` as it goes by."""
    wanted = tuple(keys)
    for row in rows:
        shown(register, row, wanted)
        yield row


def _keep(response: Response) -> Response:
    for name, rows in g.pop("linli_looked", {}).items():
        if response.status_code == 200:
            current.engine().looked(name, by=current.me().login, rows=list(rows)[:MOST])
    return response


def init(app: Flask) -> None:
    """Make the filter known to templates."""
    app.jinja_env.filters["mask"] = mask
    app.after_request(_keep)
