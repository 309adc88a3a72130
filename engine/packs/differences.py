"""What differs between two states of a pack, in words that people read.

Owns the comparison of trees (`trees`) and its sentences in Chinese and English: what was added, removed and changed,
file by file, part by part. Knows no version and no database.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import InvalidFile, Said
from engine.packs.trees import Part, Ref, tree
from engine.packs.wording import KINDS, SETTINGS

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
_MOST = 400  # characters of a value that are told
_NOTHING = Said("（空）", "(empty)")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `what`: the part, outermost first; `setting` None = the whole part came or went; `listed`:
    `before` and `after` are what left and joined a list; `element`: the part's id in a diagram."""

    kind: str  # added | removed | changed
    what: Said
    setting: Said | None = None
    before: Said | None = None
    after: Said | None = None
    element: str = ""
    listed: bool = False

    def text(self, locale: str = "zh") -> str:
        """The difference as a sentence."""
        chinese = locale.startswith("zh")
        what = self.what.text(locale)
        if self.setting is None:
            verbs = {ADDED: ("新增", "added"), REMOVED: ("删除", "removed"), CHANGED: ("有改动", "changed")}
            verb = verbs[self.kind][not chinese]
            return f"{verb}{what}" if chinese and self.kind != CHANGED else f"{what} {verb}"
        setting = self.setting.text(locale)
        said = f"{what} · {setting}" if what else setting
        return f"{said}：{self._values('zh')}" if chinese else f"{said}: {self._values('en')}"

    def _values(self, locale: str) -> str:
        if not self.listed:
            return f"{_or_nothing(self.before).text(locale)} → {_or_nothing(self.after).text(locale)}"
        out, into, comma = ("去掉 ", "增加 ", "，") if locale == "zh" else ("without ", "with ", ", ")
        parts = (f"{verb}{one.text(locale)}" for verb, one in ((out, self.before), (into, self.after)) if one)
        return comma.join(parts)


@dataclass(frozen=True, slots=True)
class FileDifference:
    """What differs in a file. `changes` is empty where it was added or removed, and where only its layout differs."""

    path: str
    state: str  # added | removed | changed
    changes: tuple[Change, ...] = ()
    readable: bool = True


def compare(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[FileDifference]:
    """The files that differ between two states (path -> bytes), by path."""
    return [
        _file(path, before.get(path), after.get(path))
        for path in sorted({**before, **after})
        if before.get(path) != after.get(path)
    ]


def _file(path: str, before: bytes | None, after: bytes | None) -> FileDifference:
    if before is None or after is None:
        return FileDifference(path, ADDED if before is None else REMOVED)
    try:
        trees = tree(path, before), tree(path, after)
    except InvalidFile:
        return FileDifference(path, CHANGED, readable=False)
    return FileDifference(path, CHANGED, tuple(_parts(*trees, ())))


def _parts(before: Part, after: Part, above: tuple[Said, ...]) -> Iterator[Change]:
    """The differences of one part that is on both sides."""
    here = Said("", "") if not above else Said(" › ".join(s.zh for s in above), " › ".join(s.en for s in above))
    element = after.key if above else ""
    for name in dict.fromkeys((*before.settings, *after.settings)):
        old, new = before.settings.get(name), after.settings.get(name)
        if old != new and (old or new or isinstance(old, bool) or isinstance(new, bool)):
            yield from _setting(here, name, old, new, element)
    for identity in dict.fromkeys((*before.parts, *after.parts)):
        old_part, new_part = before.parts.get(identity), after.parts.get(identity)
        if old_part is None or new_part is None:
            part = new_part or old_part
            assert part is not None
            yield Change(ADDED if old_part is None else REMOVED, _join(here, _named(part)), element=part.key)
        else:
            yield from _parts(old_part, new_part, (*above, _named(new_part)))
    yield from _moved(before, after, here)


def _moved(before: Part, after: Part, here: Said) -> Iterator[Change]:
    """Parts that are on both sides in another order; of a diagram the order says nothing."""
    both = [one for one in before.parts if one in after.parts]
    if both != [one for one in after.parts if one in before.parts] and not here.zh.startswith("流程"):
        kinds = {after.parts[one].kind for one in both}
        if kinds & set(_ORDERED):
            yield Change(CHANGED, _join(here, Said("顺序", "The order")))


_ORDERED = ("field", "option", "rule", "section", "action", "column", "measure", "input", "output", "step")


def _setting(here: Said, name: str, old: Any, new: Any, element: str) -> Iterator[Change]:
    if name == "text" and isinstance(old, list) and isinstance(new, list):
        yield from _lines(old, new)
    elif isinstance(old, list) and isinstance(new, list) and not any(isinstance(one, dict) for one in (*old, *new)):
        gone, come = [one for one in old if one not in new], [one for one in new if one not in old]
        before, after = (_value(some) if some else None for some in (gone, come))
        if gone or come:
            yield Change(CHANGED, here, _setting_name(name), before, after, element, listed=True)
        else:
            yield Change(CHANGED, here, _setting_name(name), _value(old), _value(new), element)
    else:
        yield Change(CHANGED, here, _setting_name(name), _value(old), _value(new), element)


def _lines(old: list[str], new: list[str]) -> Iterator[Change]:
    """A text's lines that differ."""
    for tag, i, j, k, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            line = Said(f"第 {k + 1} 行", f"line {k + 1}")
            before, after = (_value("\n".join(part)) if part else None for part in (old[i:j], new[k:end]))
            yield Change(CHANGED, Said("", ""), line, before, after)


def _named(part: Part) -> Said:
    """What a part is called: 字段“电话”."""
    zh, en = KINDS.get(part.kind, (part.kind, part.kind))
    name = part.name or part.key
    if part.kind == "rule":
        return Said(f"规则 {name}", f"rule {name}")
    return Said(f"{zh}“{name}”", f"{en} “{name}”")


def _setting_name(name: str) -> Said:
    """What a setting is called; the words of a free one (property lamp) stay."""
    if name in SETTINGS:
        return Said(*SETTINGS[name])
    head, _space, rest = name.partition(" ")
    if head == "property" and rest in SETTINGS:
        return Said(*SETTINGS[rest])
    if rest and head in KINDS:
        zh, en = KINDS[head]
        return Said(f"{zh} {rest}", f"{en} {rest}")
    last = name.rpartition(".")[2]
    return Said(*SETTINGS[last]) if last in SETTINGS else Said(name, name)


def _value(value: Any) -> Said | None:
    """A value as people read it; None for nothing."""
    if isinstance(value, bool):
        return Said("是", "yes") if value else Said("否", "no")
    if value is None or value == "" or value == []:
        return None
    if isinstance(value, Ref):
        return Said(value.shown, value.shown)
    if isinstance(value, dict) and set(value) <= {"zh", "en"}:
        text = " / ".join(str(one) for one in value.values() if one)
    elif isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        return Said(*(_short(mark.join(map(str, value))) for mark in ("、", ", ")))
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return Said(_short(text), _short(text))


def _short(text: str) -> str:
    return text if len(text) <= _MOST else f"{text[:_MOST]}…"


def _or_nothing(value: Said | None) -> Said:
    return value if value is not None else _NOTHING


def _join(here: Said, part: Said) -> Said:
    return Said(f"{here.zh} › {part.zh}", f"{here.en} › {part.en}") if here.zh else part
