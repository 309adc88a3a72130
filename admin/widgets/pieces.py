"""Pieces of a page that look the same for whoever is given the same: drawn once, kept by what they are given.

Owns `piece(template, **given)`. A piece knows its arguments, the language, addresses and icons, nothing of the request:
whoever asks, tokens and the address shown are out of its reach, so that no page can show another person's. What is
given decides everything, and is hashable.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NoReturn

from flask import Flask, request
from markupsafe import Markup

from admin import i18n

KEPT = 512  # pieces; the least used goes first
OUT_OF_REACH = ("me", "may", "menu", "nonce", "csrf_token", "request", "session", "g", "link", "get_flashed_messages")


class OutOfReach:
    """What a piece may not know: using it breaks the page at once, in every test that draws it."""

    def __call__(self, *given: Any, **named: Any) -> NoReturn:
        raise LookupError("a piece of a page knows nothing of who asks")

    __str__ = __getattr__ = __getitem__ = __iter__ = __call__


def init(app: Flask) -> None:
    """Make `piece()` known to templates; each application keeps its own."""
    environment, closed = app.jinja_env, dict.fromkeys(OUT_OF_REACH, OutOfReach())

    @lru_cache(KEPT)
    def drawn(root: str, language: str, template: str, given: tuple[tuple[str, Any], ...]) -> Markup:
        return Markup(environment.get_template(template).render({**dict(given), **closed}))

    environment.globals["piece"] = _asked(drawn)


def _asked(drawn: Callable[..., Markup]) -> Callable[..., Markup]:
    def piece(template: str, **given: Any) -> Markup:
        return drawn(request.script_root, i18n.locale(), template, tuple(given.items()))

    return piece
