"""Values of a register's rows under another schema: which old field each new one takes over, and how a value turns from
one type into another.

Owns those two answers, about one row; knows no database. What it means for all rows, and writing them, is
`migrating`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from engine.expressions import values
from engine.registers import cells
from engine.registers.cells import Known, Wrong
from engine.registers.schema import Field, RegisterSchema

_RULES = ("options", "pattern", "min", "max", "whole")


@dataclass(frozen=True)
class Turning:
    """From one schema to the next."""

    old: RegisterSchema
    new: RegisterSchema

    @cached_property
    def source(self) -> dict[str, Field]:
        """New key -> the old field whose values it takes over: of the same key, or renamed (`was`), or renamed back."""
        back = {field.was: field for field in self.old.fields if field.was and field.key not in self.new.by_key}
        found: dict[str, Field | None] = {}
        for field in self.new.fields:
            known = self.old.by_key
            found[field.key] = known.get(field.key) or known.get(field.was) or back.get(field.key)
        return {key: field for key, field in found.items() if field is not None}

    @cached_property
    def renamed(self) -> dict[str, Field]:
        """New key -> the old field, where the key changed."""
        return {key: field for key, field in self.source.items() if field.key != key}

    @cached_property
    def gone(self) -> tuple[Field, ...]:
        """Old fields that no new one takes over."""
        kept = {field.key for field in self.source.values()}
        return tuple(field for field in self.old.fields if field.key not in kept)

    @cached_property
    def retyped(self) -> frozenset[str]:
        """New keys whose values change their type."""
        return frozenset(key for key, old in self.source.items() if old.type != self.new.by_key[key].type)

    @cached_property
    def stricter(self) -> frozenset[str]:
        """New keys, of the same type, with other rules for their values."""
        same = self.source.keys() - self.retyped
        return frozenset(key for key in same if _rules(self.new.by_key[key]) != _rules(self.source[key]))

    @cached_property
    def demanded(self) -> frozenset[str]:
        """New keys that must have a value from now on."""
        return frozenset(
            f.key for f in self.new.fields if f.required and not (f.key in self.source and self.source[f.key].required)
        )

    @cached_property
    def rekeyed(self) -> bool:
        """Whether rows get another key: fields were added or taken away, or turned into something else."""
        before = tuple(old.key if (old := self.source.get(key)) else "" for key in self.new.key)
        return before != self.old.key or bool(self.retyped.intersection(self.new.key))

    @cached_property
    def touches(self) -> bool:
        """Whether any row may have to change, or its index lines: not for a label, a hint or another order."""
        old, new = self.old, self.new
        same = [f.key for f in old.fields if f.key in new.by_key] == [f.key for f in old.fields]
        lines = (old.indexed | set(old.search), old.quota, old.scope) == (
            new.indexed | set(new.search),
            new.quota,
            new.scope,
        )
        changed = self.renamed or self.retyped or self.stricter or self.demanded or self.rekeyed
        return bool(changed) or not (same and lines) or len(old.fields) != len(new.fields)

    def default(self, field: Field) -> Any:
        """A field's default as a row holds it; None when it has none that fits."""
        return None if field.default is None else cells.read(field, field.default)[0]

    def fresh(self, field: Field, stored: Mapping[str, Any]) -> Any:
        """A value for a field that the old schema lacks: what the row kept from a still older one if it still fits,
        else the default."""
        kept = stored.get(field.key)
        value, wrong = (None, None) if cells.is_empty(kept) else cells.read(field, kept)
        return self.default(field) if wrong or cells.is_empty(value) else value


def _rules(field: Field) -> tuple[Any, ...]:
    return tuple(getattr(field, rule) for rule in _RULES)


def turned(old: Field, new: Field, value: Any, known: Known) -> tuple[Any, Wrong | None]:
    """A value of one field as another's, and why that cannot be."""
    if "file" in (old.type, new.type) and new.type != "json":
        return None, Wrong("file")
    return cells.read(new, _READABLE.get(new.type, _same)(old, new, value, known), known)


def _same(old: Field, new: Field, value: Any, known: Known) -> Any:
    return value


def _text(old: Field, new: Field, value: Any, known: Known) -> Any:
    """As people write it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(str(item) for item in value)
    if isinstance(value, datetime):
        return value.astimezone(known.zone).strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if isinstance(value, date) else value


def _number(old: Field, new: Field, value: Any, known: Known) -> Any:
    return int(value) if isinstance(value, bool) else value


def _boolean(old: Field, new: Field, value: Any, known: Known) -> Any:
    """1 and 0 are yes and no, other numbers are not."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _choice(old: Field, new: Field, value: Any, known: Known) -> Any:
    """An option by its value, else by what people call it."""
    text = str(_text(old, new, value, known))
    labels = {name: option.value for option in new.options for name in (option.label.zh, option.label.en) if name}
    return text if any(option.value == text for option in new.options) else labels.get(text, text)


def _list(old: Field, new: Field, value: Any, known: Known) -> Any:
    return value if isinstance(value, list) else [_text(old, new, value, known)]


def _json(old: Field, new: Field, value: Any, known: Known) -> Any:
    return values.plain(value)


_READABLE = {
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "choice": _choice,
    "person": _text,
    "unit": _text,
    "list": _list,
    "json": _json,
}
