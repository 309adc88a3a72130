"""Text that a designer wrote, made safe for a page: markdown without raw HTML, and an allow-list for form-js
`html` fields.

Owns nothing but the way from untrusted text to `Markup`. Values put into `{{ expression }}` places are escaped
for markdown first, so what a resident typed can never become a link or a heading.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).enable("table").disable("image")
_PLACE = re.compile(r"\{\{\s*(.+?)\s*\}\}", re.S)
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~&:])")
_KEPT = frozenset(
    re.split(
        " ",
        "p b strong i em u s small ul ol li br hr h1 h2 h3 h4 h5 h6 a code pre blockquote "
        "table thead tbody tr th td div span",
    )
)
_EMPTY = frozenset({"br", "hr"})
_SILENT = frozenset({"script", "style", "template", "iframe", "object", "svg", "math", "noscript", "title"})
_SAFE_LINK = re.compile(r"(https?://|mailto:|tel:|/(?!/)|#)", re.I)


def markdown(text: str) -> Markup:
    """HTML of markdown; raw HTML in it is shown as typed, `javascript:` links are dropped."""
    return Markup(_markdown.render(text))


def fill(text: str, evaluate: Callable[[str], Any]) -> str:
    """`text` with every `{{ FEEL }}` replaced by its value, escaped for markdown."""

    def value(match: re.Match[str]) -> str:
        found = evaluate(match.group(1))
        return "" if found is None else _SPECIAL.sub(r"\\\1", " ".join(str(found).split()))

    return _PLACE.sub(value, text)


def fill_html(text: str, evaluate: Callable[[str], Any]) -> str:
    """`text` with every `{{ FEEL }}` replaced by its value, escaped for HTML."""

    def value(match: re.Match[str]) -> str:
        found = evaluate(match.group(1))
        return "" if found is None else escape(str(found))

    return _PLACE.sub(value, text)


def clean_html(text: str) -> Markup:
    """HTML with only harmless elements left; no attribute but a safe `href` survives."""
    cleaner = _Cleaner()
    cleaner.feed(text)
    cleaner.close()
    return Markup(cleaner.result())


class _Cleaner(HTMLParser):
    """Writes the allow-listed elements again, balanced; everything else becomes its text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._open: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        if self._silent or tag not in _KEPT:
            return
        self._out.append(f"<{tag}{_link(attrs) if tag == 'a' else ''}>")
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif not self._silent and tag in self._open:
            self._close_to(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._out.append(escape(data))

    def _close_to(self, tag: str) -> None:
        while self._open:
            last = self._open.pop()
            self._out.append(f"</{last}>")
            if last == tag:
                return

    def result(self) -> str:
        """The cleaned text with every element closed."""
        return "".join(self._out) + "".join(f"</{tag}>" for tag in reversed(self._open))


def _link(attrs: list[tuple[str, str | None]]) -> str:
    href = next((value or "" for name, value in attrs if name == "href"), "").strip()
    return f' href="{escape(href, quote=True)}" rel="noopener noreferrer"' if _SAFE_LINK.match(href) else ""
