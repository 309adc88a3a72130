"""What the low-code JSON files (registers, pages) share: bounded reading, texts in two languages, line numbers.

Owns `Label` and the findings that every such file can have. Must not know what a register or a page is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from engine import parsers
from engine.records import Finding

LARGEST = 512 * 1024  # bytes; a hand-written schema is some 5 KB
DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Label:
    """A text in Chinese and English; a missing language falls back to the other."""

    zh: str = ""
    en: str = ""

    def text(self, locale: str = "zh") -> str:
        """The text in the reader's language."""
        return (self.zh or self.en) if locale.startswith("zh") else (self.en or self.zh)

    def __bool__(self) -> bool:
        return bool(self.zh or self.en)


NO_TEXT = Label()


def label(raw: Any, fallback: str = "") -> Label:
    """A Label of `{"zh": .., "en": ..}` or of plain text (both languages)."""
    if isinstance(raw, dict):
        return Label(str(raw.get("zh", "")), str(raw.get("en", "")))
    text = str(raw) if raw else fallback
    return Label(text, text)


class JsonFile:
    """One file under lint: its data and the findings so far."""

    def __init__(self, content: bytes, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self._text = content.decode("utf-8", "replace")
        self.data: dict[str, Any] = self._read(content)

    @property
    def sound(self) -> bool:
        """Whether no error was found."""
        return not any(f.severity == "error" for f in self.findings)

    def error(self, place: str, code: str, message: str, message_en: str) -> None:
        """Note what makes the file refused; `place` is a word of the file, to find the line."""
        self.findings.append(Finding(self.file, self.line(place), place, "error", code, message, message_en))

    def warn(self, place: str, code: str, message: str, message_en: str) -> None:
        """Note what a designer should look at."""
        self.findings.append(Finding(self.file, self.line(place), place, "warning", code, message, message_en))

    def line(self, place: str) -> int:
        """The first line with `place` in quotes, 1 when there is none."""
        at = self._text.find(json.dumps(place, ensure_ascii=False))
        return self._text.count("\n", 0, at) + 1 if at >= 0 else 1

    def unknown(self, raw: dict[str, Any], known: frozenset[str], place: str) -> None:
        """An error for every key that nothing reads: a misspelt setting must not be dropped silently."""
        for key in raw:
            if key not in known:
                near = "、".join(sorted(known))
                self.error(
                    key,
                    "unknown-key",
                    f"“{place}”中的“{key}”不是可用的设置。可用：{near}",
                    f"“{key}” in “{place}” is not a setting. Known: {', '.join(sorted(known))}",
                )

    def bilingual(self, raw: Any, place: str) -> None:
        """A warning for a text that lacks a language."""
        if not isinstance(raw, dict) or not raw.get("zh") or not raw.get("en"):
            self.warn(
                place, "one-language", f"“{place}”缺少中文或英文名称。", f"“{place}” lacks a Chinese or English text."
            )

    def _read(self, content: bytes) -> dict[str, Any]:
        if len(content) > LARGEST:
            self.error(
                "", "too-large", f"文件超过 {LARGEST // 1024} KB。", f"The file is larger than {LARGEST // 1024} KB."
            )
            return {}
        try:
            data = json.loads(content, parse_constant=_no_number)
        except (ValueError, RecursionError) as problem:
            line, said = getattr(problem, "lineno", 1), parsers.said(problem)
            self.findings.append(
                Finding(
                    self.file,
                    line,
                    "",
                    "error",
                    "not-json",
                    f"不是有效的 JSON：{said.zh}",
                    f"Not valid JSON: {said.en}",
                )
            )
            return {}
        if not isinstance(data, dict) or not data or _depth(data) > DEEPEST:
            self.error(
                "", "not-an-object", "文件应是一个非空的 JSON 对象。", "The file must be one JSON object, not empty."
            )
            return {}
        return data


def _no_number(word: str) -> Any:
    """NaN and Infinity are Python's, not JSON's: no browser reads them."""
    raise ValueError(f"{word} is no JSON")


def _depth(value: Any) -> int:
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        item, level = waiting.pop()
        deepest = max(deepest, level)
        parts = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        waiting.extend((part, level + 1) for part in parts)
    return deepest
