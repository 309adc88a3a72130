"""A definition's bytes as text to edit: in the encoding that the file itself names."""

from __future__ import annotations

import re

from engine import parsers
from engine.errors import InvalidFile

DECLARED = re.compile(rb"""\A\s*<\?xml[^>]*?encoding=["']([A-Za-z0-9._-]{1,40})["']""")


def text_of(content: bytes, name: str) -> str:
    """The text; its XML declaration then says UTF-8, which is what deploying sends. InvalidFile if unreadable."""
    found = DECLARED.match(content)
    encoding = found[1].decode() if found else "utf-8"
    try:
        text = content.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise InvalidFile(name=name, reason=parsers.said(error)) from error
    return text.replace(found[1].decode(), "UTF-8", 1) if found else text


def bytes_of(text: str, name: str) -> bytes:
    """Text as UTF-8; InvalidFile for half a character, which JSON can carry and no file can."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InvalidFile(name=name, reason=parsers.said(error)) from error
