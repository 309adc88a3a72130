"""Chat lines to cases: splits what was pasted from a group chat, asks a few fields a line, starts a case for each.

Owns the reading of pasted chats (several ways a phone copies them) and the table of lines. Each line is a case of its
own with an idempotency key, so pressing the button twice does not register a neighbour's plea twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request
from flask_babel import gettext as _

from admin.pages import asking, show
from admin.widgets import current, lookups
from engine.errors import InvalidForm, LinliError
from engine.pages import Paste
from engine.registers import Field

MOST = 60  # lines at once
LONGEST = 2000  # characters of a line

_TIME = r"(?:\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}日?\s*)?(?:上午|下午|晚上|凌晨|早上)?\s*\d{1,2}:\d{2}(?::\d{2})?"
# 张三 2026-11-21 09:12  |  张三 09:12:  |  [09:12] 张三:  — the sender on a line of its own, the words below
_HEADING = re.compile(rf"^\s*(?P<name>[^\s:\uff1a\[\]]{{1,20}})\s+{_TIME}\s*[:\uff1a]?\s*$")
# 张三: 路灯坏了  |  [09:12] 张三:路灯坏了  |  09:12 张三: 路灯坏了
_INLINE = re.compile(
    rf"^\s*(?:\[?{_TIME}\]?\s*)?(?P<name>[^\s:\uff1a\[\]0-9][^\s:\uff1a\[\]]{{0,19}})\s*[:\uff1a]\s*(?P<text>.+)$"
)
_NOISE = re.compile(r"^\s*(?:\[(?:图片|语音|动画表情|视频|文件|位置|链接)\]|以下为新消息|—+|-{3,})\s*$")


@dataclass(slots=True)
class Line:
    """One message: who said what, the fields chosen for it, and what became of it."""

    number: int
    text: str
    name: str = ""
    wanted: bool = True
    chosen: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    case: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A field asked for each line."""

    key: str
    label: str
    kind: str  # select | text
    options: list[tuple[str, str]]
    required: bool


def split(text: str) -> list[Line]:
    """Messages of a pasted chat: a sender's heading gathers the lines under it, other lines stand alone."""
    found: list[Line] = []
    heading: Line | None = None
    for raw in text.replace("\r\n", "\n").replace("\u2005", " ").split("\n"):
        words = raw.strip()
        if not words or _NOISE.match(words):
            continue
        if match := _HEADING.match(words):
            heading = Line(0, "", match["name"])
            found.append(heading)
        elif heading is not None:
            heading.text = f"{heading.text}\n{words}".strip()
        elif match := _INLINE.match(words):
            found.append(Line(0, match["text"].strip(), match["name"]))
        else:
            found.append(Line(0, words))
    kept = [line for line in found if line.text][:MOST]
    for number, line in enumerate(kept, 1):
        line.number, line.text = number, line.text[:LONGEST]
    return kept


def asked(paste: Paste) -> list[Asked]:
    """What is asked for each line, from the register's fields."""
    schema = current.engine().register(paste.register).schema
    return [_asked(schema.by_key[key]) for key in paste.fields]


def _asked(one: Field) -> Asked:
    options: list[tuple[str, str]] = []
    if one.type == "choice":
        options = [(o.value, asking.said(o.label)) for o in one.options]
    elif one.type == "unit":
        options = [(code, name) for code, name in lookups.units() if current.may("start", code)]
    return Asked(one.key, asking.said(one.label), "select" if options else "text", options, one.required)


def posted() -> list[Line]:
    """The table of lines as the browser sent it."""
    count = request.form.get("count", "0")
    total = min(int(count), MOST) if count.isascii() and count.isdigit() else 0
    lines = []
    for number in range(1, total + 1):
        prefix = f"l{number}."
        chosen = {k.removeprefix(prefix): v for k, v in request.form.items() if k.startswith(prefix)}
        wanted, text, name = chosen.pop("wanted", ""), chosen.pop("text", ""), chosen.pop("name", "")
        lines.append(Line(number, text.strip()[:LONGEST], name.strip()[:60], bool(wanted), chosen))
    return lines


def register(paste: Paste, lines: list[Line], key: str) -> tuple[int, int]:
    """Start a case for each wanted line; (made, refused). A refused line says why and stays to be mended."""
    made = refused = 0
    fields = asked(paste)
    for line in lines:
        if not line.wanted or not line.text:
            continue
        missing = [f.label for f in fields if f.required and not line.chosen.get(f.key)]
        line.problem = _("请填写：%(fields)s", fields="、".join(missing)) if missing else _start(paste, line, key)
        made, refused = (made, refused + 1) if line.problem else (made + 1, refused)
    return made, refused


def _start(paste: Paste, line: Line, key: str) -> str:
    """Why the line could not be registered, '' when it was."""
    allowed = set(paste.fields)
    given: dict[str, Any] = {k: v for k, v in line.chosen.items() if k in allowed and v}
    given |= {paste.text: line.text, **({paste.name: line.name} if paste.name and line.name else {})}
    given |= asking.values(paste.values, {**asking.context(), "line": {"text": line.text, "name": line.name}})
    login = current.me().login
    try:
        case = current.engine().start(paste.process, given, by=login, key=f"{key}.{line.number}")
    except InvalidForm as problem:
        return _named(paste, problem.errors)
    except LinliError as problem:
        return problem.text(current.me().locale)
    line.case = str(case.id)
    return ""


def _named(paste: Paste, errors: Mapping[str, Any]) -> str:
    """Problems with the names that people know."""
    known = current.engine().register(paste.register).schema.by_key
    locale = current.me().locale
    return _("；").join(
        _("%(what)s：%(said)s", what=asking.said(known[k].label) if k in known else k, said=problem.text(locale))
        for k, problem in errors.items()
    )


def preview(paste: Paste) -> list[show.Shown]:
    """Headings of the table."""
    schema = current.engine().register(paste.register).schema
    return show.columns((paste.text, *paste.fields), schema)
