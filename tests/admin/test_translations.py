"""Every text of the face has an English one, and every English one is still used."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract
from jinja2.ext import babel_extract

from admin import i18n

ADMIN = Path(i18n.__file__).parent
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None}
CHINESE = re.compile(r"[一-鿿]")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def sources() -> Iterator[tuple[str, str]]:
    """(where, text) of every text between `_()` in Python and templates."""
    for path in sorted(ADMIN.rglob("*.py")):
        for line, text, *_rest in extract("python", io.BytesIO(path.read_bytes()), keywords=KEYWORDS):
            yield f"{path.relative_to(ADMIN)}:{line}", str(text)
    options = {"trimmed": "false", "silent": "false"}
    for path in sorted((ADMIN / "templates").rglob("*")):
        if path.suffix in (".html", ".bpmn", ".txt"):
            found = babel_extract(io.BytesIO(path.read_bytes()), list(KEYWORDS), [], options)
            for line, _function, text, _comments in found:
                yield f"{path.relative_to(ADMIN)}:{line}", str(text[0] if isinstance(text, tuple) else text)


def test_no_text_lacks_its_english() -> None:
    english = i18n.english()
    missing = sorted({f"{text!r}  ({where})" for where, text in sources() if text not in english})
    assert not missing, "\n".join(missing)


def test_no_english_text_is_left_over() -> None:
    used = {text for _where, text in sources()}
    stale = sorted(set(i18n.english()) - used)
    assert not stale, "\n".join(stale)


def test_parts_translate_a_text_they_share_in_the_same_way() -> None:
    seen: dict[str, set[str]] = {}
    for texts in i18n.parts().values():
        for source, text in texts.items():
            seen.setdefault(source, set()).add(text)
    assert not {source: texts for source, texts in seen.items() if len(texts) > 1}


def test_both_languages_fill_in_the_same_places() -> None:
    wrong = [
        f"{source!r} -> {text!r}"
        for source, text in i18n.english().items()
        if set(PLACEHOLDER.findall(source)) != set(PLACEHOLDER.findall(text))
    ]
    assert not wrong, "\n".join(wrong)


def test_no_template_shows_chinese_that_cannot_be_translated() -> None:
    """Chinese outside `_()`, comments and attributes of `_()` would stay Chinese for an English reader."""
    wrong = []
    for path in sorted((ADMIN / "templates").rglob("*.html")):
        if path.name in ("broken.html", "away.html", "away_toast.html"):  # both languages at once, by intent
            continue
        text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.S)
        text = re.sub(r"_\(\s*(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')", "", text)
        wrong += [
            f"{path.relative_to(ADMIN)}: {line.strip()[:80]}" for line in text.splitlines() if CHINESE.search(line)
        ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("locale, expected", [("zh_Hans_CN", "zh"), ("zh", "zh"), ("en_GB", "en"), ("", "")])
def test_short_names_of_locales(locale: str, expected: str) -> None:
    assert i18n.short(locale) == expected
