"""pack.toml changed table by table, so that comments and order stay as their author wrote them.

Owns those edits of the text. A result that does not read back as wanted is written anew from the settings, without
comments: never something else than what was asked for.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from engine import parsers
from engine.errors import InvalidFile
from engine.packs.contents import SETTINGS_FILE
from engine.packs.starters import assignment, written

_HEADER = re.compile(r"^\s*\[+\s*([^\[\]]+?)\s*\]+\s*(?:#.*)?$")


def with_table(content: bytes, table: tuple[str, ...], values: Mapping[str, Any] | None) -> bytes:
    """The text with a table (`roles`, `clerk`) set to values, or taken out (None). InvalidFile when it is no TOML."""
    text, wanted = _read(content)
    _put(wanted, table, values)
    lines = text.splitlines(keepends=True)
    start, end = _block(lines, table)
    fresh = [] if values is None else [f"[{'.'.join(table)}]\n", *(f"{assignment(*one)}\n" for one in values.items())]
    gap = ["\n"] if fresh and start == end and "".join(lines[start - 1 : start]).strip() else []
    return _sound("".join([*lines[:start], *gap, *fresh, *lines[end:]]), wanted)


def with_setting(content: bytes, key: str, value: Any) -> bytes:
    """The text with a setting above all tables. InvalidFile when it is no TOML."""
    text, wanted = _read(content)
    wanted[key] = value
    lines = text.splitlines(keepends=True)
    top = next((n for n, line in enumerate(lines) if _HEADER.match(line)), len(lines))
    mine = re.compile(rf"^\s*{re.escape(key)}\s*=")
    line = f"{assignment(key, value)}\n"
    for number in range(top):
        if mine.match(lines[number]):
            return _sound("".join([*lines[:number], line, *lines[number + 1 :]]), wanted)
    while top and not lines[top - 1].strip():
        top -= 1
    return _sound("".join([*lines[:top], line, *lines[top:]]), wanted)


def _put(settings: dict[str, Any], table: tuple[str, ...], values: Mapping[str, Any] | None) -> None:
    *above, last = table
    for key in above:
        settings = settings.setdefault(key, {})
    if values is None:
        settings.pop(last, None)
    else:
        settings[last] = dict(values)


def _block(lines: list[str], table: tuple[str, ...]) -> tuple[int, int]:
    """The lines of a table; where it would come, after its like, when it is not there."""
    headers = [(n, _names(line)) for n, line in enumerate(lines) if _HEADER.match(line)]
    for place, (start, names) in enumerate(headers):
        if names == table:
            return start, _end(lines, start, headers[place + 1][0] if place + 1 < len(headers) else len(lines))
    like = [place for place, (_, names) in enumerate(headers) if len(table) > 1 and names[:1] == table[:1]]
    if not like:
        return len(lines), len(lines)
    following = headers[like[-1] + 1][0] if like[-1] + 1 < len(headers) else len(lines)
    end = _end(lines, headers[like[-1]][0], following)
    return end, end


def _end(lines: list[str], start: int, following: int) -> int:
    """A table's end: empty lines and comments before the next table are that one's."""
    while following > start + 1 and (not lines[following - 1].strip() or lines[following - 1].lstrip().startswith("#")):
        following -= 1
    return following


def _names(line: str) -> tuple[str, ...]:
    match = _HEADER.match(line)
    return tuple(part.strip().strip("\"'") for part in match[1].split(".")) if match else ()


def _read(content: bytes) -> tuple[str, dict[str, Any]]:
    try:
        text = content.decode("utf-8-sig")
        return text if text.endswith("\n") else f"{text}\n", tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise InvalidFile(name=SETTINGS_FILE, reason=parsers.said(problem)) from problem


def _sound(text: str, wanted: dict[str, Any]) -> bytes:
    for table in ("roles", "calendars"):
        if wanted.get(table) == {}:
            del wanted[table]
    try:
        same = tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        same = False
    return text.encode() if same else written(wanted)
