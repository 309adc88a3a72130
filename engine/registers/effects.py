"""What a new schema does to the rows of a register, in words: how many rows, which, and why not.

Owns the sentences in both languages and the examples. A value is shown only of columns that everybody sees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.registers.cells import index_text
from engine.registers.schema import Field
from engine.registers.turning import Turning

EXAMPLES = 5  # rows named
SHORT = 24  # characters of a value shown

KINDS = {  # the types in a designer's words
    "text": ("文本", "text"),
    "number": ("数字", "number"),
    "date": ("日期", "date"),
    "datetime": ("日期和时间", "date and time"),
    "boolean": ("是否", "yes or no"),
    "choice": ("选项", "choice"),
    "person": ("人员", "person"),
    "unit": ("单位", "unit"),
    "list": ("列表", "list"),
    "file": ("文件", "file"),
    "json": ("结构数据", "structured data"),
}
_SAID = {  # code: (severity, Chinese, English)
    "renamed": (
        "note",
        "“{label}”由 {was} 改名为 {key}：{n} 行的值随之保留。",
        "“{label}” was {was}, now {key}: {n} kept.",
    ),
    "filled": (
        "note",
        "“{label}”：{n} 行填入默认值“{default}”。",
        "“{label}”: {n} filled with the default “{default}”.",
    ),
    "converted": (
        "note",
        "“{label}”由{before}改为{after}：{n} 行的值已转换。",
        "“{label}” turns from {before_en} into {after_en}: the values of {n} are converted.",
    ),
    "removed": (
        "warning",
        "去掉了字段“{label}”：{n} 行里还有它的值，今后看不到；这一行再次修改时，值随之删除。",
        "The field “{label}” is gone: {n} still have a value, which nobody sees; the row's next change removes it.",
    ),
    "stricter": (
        "warning",
        "“{label}”有了新的要求，{n} 行的值不符合，原样保留，下次修改时须改正：{examples}",
        "“{label}” has other rules; the values of {n} break them and stay until their next change: {examples}",
    ),
    "no-unit": (
        "warning",
        "台账改为按单位查看，{n} 行没有单位，只有全局权限的人看得到：{examples}",
        "The register is now seen by unit; {n} have none and are seen by those with the right everywhere: {examples}",
    ),
    "unreadable": (
        "error",
        "“{label}”不能由{before}改为{after}：{n} 行的值无法转换：{examples}。请先改正这些行。",
        "“{label}” cannot turn from {before_en} into {after_en}: the values of {n} do not convert: {examples}",
    ),
    "required": (
        "error",
        "“{label}”改为必填，但 {n} 行没有值：{examples}。请设默认值，或先补齐这些行。",
        "“{label}” is now required, but {n} have no value: {examples}. Set a default, or fill these rows first.",
    ),
    "no-key": (
        "error",
        "主键（{keys}）不能为空，但 {n} 行没有：{examples}。",
        "A key ({keys}) needs values, but {n} have none: {examples}.",
    ),
    "same-key": (
        "error",
        "主键（{keys}）不能重复，但 {n} 行与其他行相同：{examples}。",
        "A key ({keys}) must be unique, but {n} have the same as another: {examples}.",
    ),
    "too-many": (
        "error",
        "{n} 行已占用的名额多于总数：{examples}。",
        "{n} have more places taken than there are: {examples}.",
    ),
}
_ORDER = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a new schema does to rows, or why it cannot. `severity`: note | warning | error; `rows`: the names
    of a few."""

    code: str
    severity: str
    field: str
    count: int
    rows: tuple[str, ...]
    message: str
    message_en: str

    def text(self, locale: str = "zh") -> str:
        """The sentence in the reader's language."""
        return self.message if locale.startswith("zh") else self.message_en


@dataclass(slots=True)
class _Found:
    count: int = 0
    rows: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)


class Tally:
    """Counts what happens to row after row."""

    def __init__(self, turning: Turning) -> None:
        self._turning = turning
        self._found: dict[tuple[str, str], _Found] = {}
        self.possible = True

    def note(self, code: str, key: str, row: str, value: Any = None) -> None:
        """One more row."""
        found = self._found.setdefault((code, key), _Found())
        found.count += 1
        if len(found.rows) < EXAMPLES:
            found.rows.append(row)
            found.examples.append(row if value is None or self._secret(key) else f"{row}“{_short(value)}”")
        self.possible = self.possible and _SAID[code][0] != "error"

    def effects(self) -> tuple[Effect, ...]:
        """What was found, what forbids it first."""
        made = [self._effect(code, key, found) for (code, key), found in self._found.items()]
        return tuple(sorted(made, key=lambda effect: (_ORDER[effect.severity], effect.field)))

    def _secret(self, key: str) -> bool:
        fields = (self._turning.new.by_key.get(key), self._turning.source.get(key))
        return any(one is not None and (one.private or bool(one.readers)) for one in fields)

    def _effect(self, code: str, key: str, found: _Found) -> Effect:
        severity, zh, en = _SAID[code]
        more = ("等", " and others") if found.count > len(found.examples) else ("", "")
        words = self._words(key)
        rows = f"{found.count} row{'s' if found.count != 1 else ''}"
        said = zh.format(**words[0], n=found.count, examples="、".join(found.examples) + more[0])
        said_en = en.format(**words[1], n=rows, examples=", ".join(found.examples) + more[1])
        return Effect(code, severity, key, found.count, tuple(found.rows), said, said_en)

    def _words(self, key: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the sentences name, in Chinese and in English."""
        new, old = self._turning.new.by_key.get(key), self._turning.source.get(key)
        one: Field = new or self._turning.old.by_key[key]
        before, after = KINDS[(old or one).type], KINDS[one.type]
        default = (
            {True: "是", False: "否"}.get(one.default, one.default) if isinstance(one.default, bool) else one.default
        )
        both: dict[str, Any] = {"key": key, "was": old.key if old else key, "default": default}
        both |= {"before": before[0], "after": after[0], "before_en": before[1], "after_en": after[1]}
        keys = [self._turning.new.by_key[part].label for part in self._turning.new.key]
        zh = {"label": one.label.zh or key, "keys": "、".join(label.zh for label in keys)}
        en = {"label": one.label.en or one.label.zh or key, "keys": ", ".join(label.en or label.zh for label in keys)}
        return {**both, **zh}, {**both, **en}


def _short(value: Any) -> str:
    text = "、".join(map(str, value)) if isinstance(value, list) else index_text(value) or ""
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"
