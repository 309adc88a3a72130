"""Languages: Chinese is what the sources say, English comes from translations/*.toml.

Owns the choice of a request's locale and the catalogue behind `_()`. Every part keeps its English in a file of its own
(`translations/<part>.toml`, lines `"中文" = "English"`), so nobody edits a shared one. Flask-Admin, WTForms and
Flask-Security bring their own Chinese. Must not know any screen.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel.support import Translations
from flask import Flask, g, has_app_context, has_request_context, request, session
from flask_babel import Babel, Domain, get_locale
from markupsafe import Markup

FOLDER = Path(__file__).parent / "translations"
ZH, EN = "zh_Hans_CN", "en"  # what Babel calls them: a bare `zh` falls to English in Flask-Admin
LANGUAGES = {"zh": "中文", "en": "English"}


@cache
def english() -> dict[str, str]:
    """Every English text of the face by its Chinese source (a test holds the parts to one translation each)."""
    return {source: text for texts in parts().values() for source, text in texts.items()}


def parts() -> dict[str, dict[str, str]]:
    """Each part's file: name -> Chinese -> English."""
    return {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))}


class Catalogue(Translations):
    """gettext over one dictionary. Chinese has no plural, so a plural pair shares its source: `_n(s, s, n)`."""

    def __init__(self, texts: dict[str, str]) -> None:
        super().__init__()
        self._texts = texts

    def ugettext(self, message: str) -> str:
        return self._texts.get(message, message)

    def ungettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self._texts.get(msgid1 if n == 1 else msgid2, msgid2)

    gettext = ugettext
    ngettext = ungettext


class Texts(Domain):
    """The face's own domain: no compiled catalogues, the toml files are read once."""

    def get_translations(self) -> Catalogue:
        return _catalogue(locale())


@cache
def _catalogue(language: str) -> Catalogue:
    return Catalogue(english() if language == "en" else {})


class LinliBabel(Babel):
    """Babel with our domain as the application's."""

    @property
    def domain_instance(self) -> Domain:
        return _TEXTS


_TEXTS = Texts()
here = g._get_current_object  # flask.g itself: a page asks it hundreds of times, and the proxy takes the longest


def short(locale: str) -> str:
    """`zh` or `en` of any locale name; '' stays ''."""
    return "" if not locale else "zh" if locale.lower().startswith("zh") else "en"


def locale() -> str:
    """The language of this request: `zh` or `en`."""
    known = here().get("linli_language") if has_app_context() else None
    if known is None:
        chosen = get_locale()
        known = short(chosen.language if chosen else ZH)
        if has_request_context():
            g.linli_language = known  # asked for every text of a page
    return str(known)


def init(app: Flask, reader: Callable[[], tuple[str, str]]) -> None:
    """Install Babel. `reader()`: (login or '', the language that person prefers or '').

    Order: ?lang (kept in the session), the person's own unless they chose otherwise since signing in, what an
    earlier page of this session chose, the browser's, Chinese.
    """

    def select() -> str:
        login, own = reader()
        asked = request.args.get("lang", "")
        if asked in LANGUAGES:
            session["lang"] = [asked, login]
        chosen, chooser = session.get("lang", ("", ""))
        if not chosen or (own and chooser != login):
            chosen = own or request.accept_languages.best_match(list(LANGUAGES), "zh")
        return ZH if short(chosen) == "zh" else EN

    LinliBabel(app, default_locale=ZH, locale_selector=select)
    app.jinja_env.globals.update(locale=locale, languages=LANGUAGES, _=said, gettext=said)


def said(source: str, **values: Any) -> Markup:
    """A template's text in the reader's language, values escaped. What Jinja's own extension does, without asking it
    anew for every word of a page."""
    language = locale()
    return _format(language, source) % values if values else _text(language, source)


@lru_cache(maxsize=8192)
def _text(language: str, source: str) -> Markup:
    return _format(language, source) % {}


def _format(language: str, source: str) -> Markup:
    return Markup(_catalogue(language).ugettext(source))
