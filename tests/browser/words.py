"""What a person reads on the screen, by its Chinese: the same walk in both languages.

`Words("en")("提交")` is a pattern of every English text that stands for 提交, taken from where the product takes it:
the face's catalogue and the pack's own files. A Chinese text without English cannot be walked by.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

from admin import i18n
from cli.database import PACKS

PACK = PACKS / "community"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
GAP = re.compile(r"%\(\w+\)[sd]")


class Words:
    """Patterns of visible texts in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, chinese: str) -> re.Pattern[str]:
        """The whole text of a label, with the mark of a required field or a count behind it."""
        return re.compile(rf"^\s*(?:{self.any(chinese)})(?:\s*\*?\s*[(\uff08]\S+[)\uff09]|\s*\*|\s*\d+\+?)?\s*$")

    def within(self, chinese: str) -> re.Pattern[str]:
        """A text somewhere within another; gaps of the catalogue (`%(n)s`) stand for anything."""
        return re.compile(self.any(chinese))

    def any(self, chinese: str) -> str:
        """The texts that stand for a Chinese one, as a part of a pattern."""
        found = [chinese] if self.language == "zh" else sorted(english()[chinese], key=len, reverse=True)
        assert found, f"no English for {chinese}"
        return "|".join(".+?".join(map(re.escape, GAP.split(text))) for text in found)


@cache
def english() -> dict[str, set[str]]:
    """Every Chinese text of the face and of the pack with its English ones."""
    pairs: defaultdict[str, set[str]] = defaultdict(set)
    for chinese, text in [*i18n.english().items(), *_pack()]:
        pairs[chinese].add(text)
    return pairs


def _pack() -> Iterator[tuple[str, str]]:
    for path in [*PACK.glob("forms/*"), *PACK.glob("pages/*"), *PACK.glob("registers/*")]:
        yield from _pairs(json.loads(path.read_text("utf-8")))
    for path in PACK.glob("processes/*"):
        for element in ElementTree.parse(path).getroot().iter():
            properties = {p.get("name"): p.get("value") for p in element.findall(f"./{BPMN}extensionElements/*/*")}
            if element.get("name") and properties.get("name_en"):
                yield element.attrib["name"], str(properties["name_en"])


def _pairs(node: Any) -> Iterator[tuple[str, str]]:
    """The bilingual texts of a JSON file: `{zh, en}` and `label`/`label_en` as forms write it."""
    if isinstance(node, list):
        for one in node:
            yield from _pairs(one)
    if isinstance(node, dict):
        if isinstance(node.get("zh"), str) and isinstance(node.get("en"), str):
            yield node["zh"], node["en"]
        told = {**node, **node.get("properties", {})} if isinstance(node.get("properties"), dict) else node
        for key in ("label", "title", "description"):
            if isinstance(told.get(key), str) and isinstance(told.get(f"{key}_en"), str):
                yield told[key], told[f"{key}_en"]
        for one in node.values():
            yield from _pairs(one)
