"""Which roles of a pack may what: the permissions in pack.toml, changed one by one, the rest of the file untouched.

Owns that one edit of the text, so that comments and order stay as their author wrote them. A result that does not read
back as wanted is never kept.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

from engine import parsers
from engine.errors import InvalidFile
from engine.people.roles import matches

_TABLE = re.compile(r"^\s*\[([^\[\]]+)\]\s*(?:#.*)?$")
_LIST = re.compile(r"permissions\s*=\s*\[.*?\]", re.DOTALL)


def granted(settings: dict[str, Any], permission: str) -> list[tuple[str, str, str, bool, bool]]:
    """(role, title, title_en, whether it has the permission, whether by a wider one that is not taken away here)."""
    found = []
    for key, role in settings.get("roles", {}).items():
        held, title = role.get("permissions", []), role.get("title") or {}
        wider = any(one != permission and matches(one, permission) for one in held)
        found.append((key, title.get("zh") or key, title.get("en", ""), permission in held or wider, wider))
    return found


def grant(text: str, role: str, permission: str, on: bool) -> str:
    """pack.toml with a role's permission added or taken away. InvalidFile when the text or the role cannot be read."""
    wanted = _read(text)
    if role not in wanted.get("roles", {}):
        raise InvalidFile(name="pack.toml", reason=f"[roles.{role}]")
    held = wanted["roles"][role].get("permissions", [])
    if (permission in held) == on:
        return text
    wanted["roles"][role]["permissions"] = [*held, permission] if on else [p for p in held if p != permission]
    made = _rewritten(text, role, wanted["roles"][role]["permissions"])
    if _read(made) != wanted:
        raise InvalidFile(name="pack.toml", reason=f"roles.{role}.permissions")
    return made


def _read(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise InvalidFile(name="pack.toml", reason=parsers.said(problem)) from problem


def _rewritten(text: str, role: str, permissions: list[str]) -> str:
    """The role's own table with another list; where its list stands elsewhere, the reading back refuses it."""
    lines = text.splitlines(keepends=True)
    start = next((n for n, line in enumerate(lines) if _names(line) == f"roles.{role}"), None)
    if start is None:
        return text
    end = next((n for n in range(start + 1, len(lines)) if _TABLE.match(lines[n])), len(lines))
    table = "".join(lines[start + 1 : end])
    written = f"permissions = {json.dumps(permissions, ensure_ascii=False)}"
    fresh, times = _LIST.subn(lambda _match: written, table, count=1)
    if not times:
        fresh = f"{written}\n{table}"
    return "".join([*lines[: start + 1], fresh, *lines[end:]])


def _names(line: str) -> str:
    match = _TABLE.match(line)
    return ".".join(part.strip().strip("\"'") for part in match[1].split(".")) if match else ""
