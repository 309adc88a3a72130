"""What of a value is one person's, and what stands there instead when it is taken away. Pure: values in, values out.

Owns the rule. A text that holds one of their numbers or addresses goes whole: beside the number stand other things
about them. In a bundle (the variables of a scope, a row, a form's answers) that is about them, the fields marked
personal go too, and their name wherever it stands. A bundle whose personal fields hold somebody else's number is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

GONE = "已删除"
SHORTEST = 6  # characters of a text that is looked for: a shorter one would be found in everybody's data
_NUMBER = re.compile(r"\+?[0-9][0-9 -]{5,}[0-9Xx]\Z")  # telephone numbers and identity cards
_WORD = re.compile(r"[\w@.:/|+=&?%-]+", re.ASCII)  # keys, links, sign-in names: no prose


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data. `login`: '' for somebody without a record; `alias`: what stands for them afterwards, the sign-in name
    itself unless it says who they are; `texts`: numbers and addresses that are theirs alone."""

    login: str
    alias: str
    name: str
    texts: tuple[str, ...]

    @property
    def renamed(self) -> bool:
        """Whether the sign-in name goes too."""
        return self.alias != self.login

    @property
    def sought(self) -> tuple[str, ...]:
        """Every text by which they are found."""
        known = {*self.texts, *([self.login] if self.renamed and self.login else [])}
        return tuple(sorted(known, key=len, reverse=True))

    def held(self, text: str) -> bool:
        """Whether a text holds something of theirs."""
        return any(one in text for one in self.sought)

    def word(self, text: str) -> str:
        """A key or link with their alias in it."""
        for one in self.sought:
            text = text.replace(one, self.alias)
        return text

    def line(self, text: str) -> str:
        """A column's text: of a key the part that is theirs goes, prose goes whole."""
        if not self.held(text):
            return text
        return self.word(text) if _WORD.fullmatch(text) else GONE


def identifies(text: str) -> bool:
    """Whether a sign-in name says who somebody is: a number, or an address."""
    return len(text) >= SHORTEST and ("@" in text or bool(_NUMBER.match(text)))


def numbers(value: Any) -> set[str]:
    """Texts in a record's own fields that identify: identity cards, other numbers."""
    if isinstance(value, str):
        return {value} if len(value) > 8 and _NUMBER.match(value) else set()
    inner: Iterable[Any] = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return {text for one in inner for text in numbers(one)}


@dataclass(slots=True)
class Redaction:
    """Takes a subject's data out of values. `personal`: keys of fields about whomever the bundle is about; `own`: of
    fields about who filled them in; `words`: of fields whose texts are keys; `uploads`: ids of files that go. What it
    took is in `taken` (key, value); `others`: bundles that name the subject and hold somebody else's number."""

    subject: Subject
    personal: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    uploads: frozenset[str] = frozenset()
    taken: list[tuple[str, Any]] = field(default_factory=list)
    others: int = 0

    def value(self, value: Any, *, mine: bool = False, key: str = "", about: bool = False) -> Any:
        """The value without what is the subject's. `mine`: the subject filled it in."""
        if isinstance(value, dict):
            about = self._about(value, about)
            return {self.subject.word(k): self._field(k, one, mine, about) for k, one in value.items()}
        if isinstance(value, list | tuple):
            kept = [one for one in value if not (isinstance(one, str) and one in self.uploads)]
            self._take(key, [one for one in value if isinstance(one, str) and one in self.uploads])
            return [self.value(one, mine=mine, key=key, about=about and not isinstance(one, dict)) for one in kept]
        return self._text(key, value, about) if isinstance(value, str) else value

    def _about(self, value: Mapping[str, Any], inherited: bool) -> bool:
        """Whether a bundle is about the subject."""
        marked = [one for key, one in value.items() if key in self.personal and isinstance(one, str) and one]
        if any(map(self.subject.held, marked)):
            return True
        named = any(isinstance(one, str) and self.subject.held(one) for one in value.values())
        if not (inherited or named):
            return False
        foreign = any(_NUMBER.match(one) for one in marked)
        self.others += foreign
        return not foreign

    def _field(self, key: str, value: Any, mine: bool, about: bool) -> Any:
        if key in self.words and isinstance(value, str):
            return self.subject.word(value)
        if value not in (None, "", [], {}) and ((about and key in self.personal) or (mine and key in self.own)):
            self._take(key, value)
            return GONE if isinstance(value, str) and not identifies(value) else None  # a form would refuse the word
        return self.value(value, mine=mine, key=key, about=about)

    def _text(self, key: str, text: str, about: bool) -> str | None:
        fresh: str | None = text
        if text in self.uploads:
            fresh = None
        elif text == self.subject.login and self.subject.renamed:
            return self.subject.alias
        elif self.subject.held(text):
            fresh = GONE
        elif about and self.subject.name:
            fresh = text.replace(self.subject.name, GONE)
        if fresh != text:
            self._take(key, text)
        return fresh

    def _take(self, key: str, value: Any) -> None:
        if value and value != GONE:
            self.taken.append((key, value))
