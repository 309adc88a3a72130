"""What a pack begins with: a new pack.toml, and one that is told its new name.

Owns that text. Comments and order of a pack.toml that is copied stay as they are.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

_NEW = """# {title}
# 这里写流程包的名称、岗位（roles）、工作时间（calendars）和对外入口（public）。写法见“流程包”说明。

name = {name}
version = "1"

[title]
zh = {title_text}
en = {title_en}
"""
_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")


def new_settings(name: str, title: str, title_en: str = "") -> bytes:
    """pack.toml of a new pack."""
    words = {"name": _text(name), "title_text": _text(title), "title_en": _text(title_en or title)}
    return _NEW.format(title=" ".join(title.split()), **words).encode()


def renamed(settings: bytes, name: str, title: str) -> bytes:
    """A pack.toml (readable as TOML) with another name and title, without the public entrances: a copy takes nobody's
    away. Everything else as it was written, unless that cannot be told apart: then without comments."""
    source = settings.decode("utf-8-sig")
    wanted = {**tomllib.loads(source), "name": name, "title": {"zh": title, "en": title}}
    wanted.pop("public", None)
    head, mark, rest = source.partition("\n[")
    head = re.sub(r"(?m)^name\s*=.*$", lambda _: f"name = {_text(name)}", head)
    head = re.sub(r"(?m)^title\b.*\n?", "", head)
    rest = re.sub(r"(?ms)^\[(?:title|public)\][^\n]*\n.*?(?=^[\[#]|\Z)", "", mark[1:] + rest)
    text = f"{head.rstrip()}\n\n[title]\nzh = {_text(title)}\nen = {_text(title)}\n\n{rest.lstrip()}"
    try:
        same = tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        same = False
    return text.encode() if same else written(wanted)


def written(settings: Mapping[str, Any]) -> bytes:
    """Settings as TOML, for a pack whose pack.toml is not at hand any more."""
    return ("\n".join(_table(settings, ())).strip() + "\n").encode()


def assignment(key: str, value: Any) -> str:
    """A line of TOML."""
    return f"{_key(key)} = {inline(value)}"


def _table(settings: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    tables = {key: value for key, value in settings.items() if isinstance(value, Mapping) and len(path) < 2}
    if path and (len(tables) < len(settings) or not settings):
        yield f"\n[{'.'.join(map(_key, path))}]"
    for key, value in settings.items():
        if key not in tables:
            yield assignment(key, value)
    for key, value in tables.items():
        yield from _table(value, (*path, key))


def _key(key: str) -> str:
    return key if _BARE.match(key) else _text(key)


def inline(value: Any) -> str:
    """A value as TOML writes it on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {inline(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(inline, value)) + "]"
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(text: str) -> str:
    """A TOML basic string: JSON's escapes are among its own, except for the character 127."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
