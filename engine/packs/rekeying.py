"""A copy of a pack under ids of its own: what it defines gets new ids, and its files name each other by these.

Owns the places where files name definitions: attributes of diagrams and decision graphs, settings of pages,
permissions, scenarios. An expression that names one in other words is not found; the lint of the copy then says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from engine.packs.contents import place
from engine.packs.examine import Piece

Keys = Mapping[tuple[str, str], str]  # (kind, old key) -> new key

# (kind, pattern with the key as its group) of XML; a key is followed by the quote that ends the attribute
_XML: tuple[tuple[str, str], ...] = (
    ("process", r'<(?:\w+:)?process\b[^>]*?\sid="([^"]*)"'),
    ("process", r'\sprocessRef="(?:\w+:)?([^":]*)"'),
    ("process", r'\sbpmnElement="([^"]*)"'),
    ("process", r'\sprocessId="([^"]*)"'),
    ("process", r'\scalledElement="(?:\w+:)?([^":]*)"'),
    ("form", r'\sformId="([^"]*)"'),
    ("decision", r'\sdecisionId="([^"]*)"'),
    ("decision", r'<(?:\w+:)?decision(?:Service)?\b[^>]*?\sid="([^"]*)"'),
    ("decision", r'\shref="#([^"]*)"'),
    ("decision", r'\sdmnElementRef="([^"]*)"'),
    ("register", r'<(?:\w+:)?input\b[^>]*?\ssource="([^"]*)"[^>]*?\starget="register"'),
    ("register", r'<(?:\w+:)?input\b[^>]*?\starget="register"[^>]*?\ssource="([^"]*)"'),
)
# the same of TOML: steps of scenarios and seeds, permissions, maps
_TOML: tuple[tuple[str, str], ...] = (
    ("process", r'\b(?:start|process)\s*=\s*"([^"]*)"'),
    ("register", r'\b(?:insert|find|register|into)\s*=\s*"([^"]*)"'),
    ("register", r"\bregister\s*=\s*\{\s*([\w-]+)\s*="),
    ("register", r"\bregister\.([\w-]+)"),
    ("register", r'"register:([\w-]+):'),
    ("page", r'"page:([\w-]+)"'),
)


def new_keys(name: str, pieces: Iterable[Piece]) -> dict[tuple[str, str], str]:
    """A new id for everything that is defined: the pack's name before the old one."""
    return {(one.kind, one.key): _key(name, one) for one in pieces}


def _key(name: str, piece: Piece) -> str:
    return f"{name.replace('-', '_')}_{piece.key}" if piece.kind == "register" else f"{name}-{piece.key}"


def rekeyed(path: str, content: bytes, keys: Keys) -> bytes:
    """A file with the new ids. What is not readable stays as it is."""
    kind = place(path)
    try:
        return _WAYS.get(kind, _toml)(content.decode("utf-8"), keys).encode()
    except ValueError:  # broken as it was before; the lint says where
        return content


def _replaced(text: str, patterns: Iterable[tuple[str, str]], keys: Keys) -> str:
    for kind, pattern in patterns:
        text = re.sub(pattern, partial(_swap, kind, keys), text)
    return text


def _swap(kind: str, keys: Keys, found: re.Match[str]) -> str:
    start, end = found.start(1) - found.start(), found.end(1) - found.start()
    return found[0][:start] + keys.get((kind, found[1]), found[1]) + found[0][end:]


def _xml(text: str, keys: Keys) -> str:
    return _replaced(text, _XML, keys)


def _toml(text: str, keys: Keys) -> str:
    return _replaced(text, _TOML, keys)


def _json(kind: str, named: str) -> Callable[[str, Keys], str]:
    """How a JSON file is rewritten whose own key is its `named`."""

    def rewritten(text: str, keys: Keys) -> str:
        raw = _walked(json.loads(text), keys)
        if isinstance(raw, dict) and isinstance(raw.get(named), str):
            raw[named] = keys.get((kind, raw[named]), raw[named])
        return json.dumps(raw, ensure_ascii=False, indent=2) + "\n"

    return rewritten


def _walked(value: Any, keys: Keys) -> Any:
    """A page's settings that name registers and processes, at any depth; links to pages in texts."""
    if isinstance(value, dict):
        return {key: _named(key, one, keys) for key, one in value.items()}
    if isinstance(value, list):
        return [_walked(one, keys) for one in value]
    if isinstance(value, str) and "/p/" in value:
        return _replaced(value, (("page", r"/p/([\w-]+)"),), keys)
    return value


def _named(key: str, value: Any, keys: Keys) -> Any:
    if key in ("register", "process") and isinstance(value, str):
        return keys.get((key, value), value)
    return _walked(value, keys)


_WAYS: dict[str, Callable[[str, Keys], str]] = {
    "processes": _xml,
    "decisions": _xml,
    "forms": _json("form", "id"),
    "registers": _json("register", "name"),
    "pages": _json("page", "name"),
    "reports": _json("page", "name"),
    "README.md": lambda text, keys: text,
}
