"""A decision table's cells as sets: which part of its column's values each one lets through, where that can be told.

Owns reading literals, comparisons, ranges, lists and `not(...)` of texts, numbers, booleans, dates and durations; any
other cell is unknown (None). A column's values are cut into atoms at every value that some cell names: so a cell is
a set of atoms, kept as the bits of a whole number. Evaluates no FEEL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from engine.calendars import iso

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)")
_CALL = re.compile(r'(?:date\(\s*|duration\(\s*|@)"([^"]*)"\s*\)?')
_COMPARED = re.compile(r"(<=|>=|<|>|!=|=)\s*(.+)", re.DOTALL)
_RANGE = re.compile(r"([\[(\]])\s*(.+?)\s*\.\.\s*(.+?)\s*([\])\[])", re.DOTALL)
_NOT = re.compile(r"not\s*\((.*)\)", re.DOTALL)
_OPEN, _CLOSED = "([{", ")]}"


@dataclass(frozen=True, slots=True)
class Literal:
    """`kind`: string, number, boolean, date, duration. `value` orders within its kind."""

    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Span:
    """From `low` to `high`; None: open."""

    low: Literal | None
    high: Literal | None
    with_low: bool = True
    with_high: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell lets through: any of the spans, or none of them."""

    spans: tuple[Span, ...]
    negative: bool = False

    def literals(self) -> Iterator[Literal]:
        """Every value it names."""
        for span in self.spans:
            yield from (end for end in (span.low, span.high) if end is not None)


ALL = Cell((Span(None, None),))


def literal(text: str) -> Literal | None:
    """The value of a literal, None when it is none of a kind known here."""
    text = text.strip()
    if found := _STRING.fullmatch(text):
        return Literal("string", re.sub(r"\\(.)", r"\1", found[1]))
    if _NUMBER.fullmatch(text):
        return Literal("number", Decimal(text))
    if text in ("true", "false"):
        return Literal("boolean", text == "true")
    return _called(found[1]) if (found := _CALL.fullmatch(text)) else None


def _called(text: str) -> Literal | None:
    try:
        if text.lstrip("-").startswith("P"):
            length = iso.period(text)
            return None if length.months else Literal("duration", length.delta)
        return Literal("date", date.fromisoformat(text)) if len(text) == len("2026-11-22") else None
    except ValueError:
        return None


def cell(text: str) -> Cell | None:
    """What a cell lets through; None when that cannot be told without evaluating it."""
    text = text.strip()
    if text in ("", "-"):
        return ALL
    inner = _NOT.fullmatch(text)
    spans = [_span(part) for part in parts(inner[1] if inner else text)]
    known = [span for span in spans if span is not None]
    found = Cell(tuple(known), inner is not None)
    return found if len(known) == len(spans) and len({each.kind for each in found.literals()}) == 1 else None


def _span(text: str) -> Span | None:
    if found := _COMPARED.fullmatch(text):
        return _compared(found[1], literal(found[2]))
    if found := _RANGE.fullmatch(text):
        low, high = literal(found[2]), literal(found[3])
        ordered = low is not None and high is not None and low.kind != "boolean"
        return Span(low, high, found[1] == "[", found[4] == "]") if ordered else None
    value = literal(text)
    return Span(value, value) if value is not None else None


def _compared(sign: str, value: Literal | None) -> Span | None:
    if value is None or sign == "!=" or (value.kind == "boolean" and sign != "="):
        return None
    if sign == "=":
        return Span(value, value)
    low, high = (value, None) if sign.startswith(">") else (None, value)
    return Span(low, high, sign == ">=", sign == "<=")


def parts(text: str) -> list[str]:
    """A text cut at the commas that stand outside of quotes and brackets. A range's `]1..2[` counts as brackets too."""
    found, start, depth, quoted = [], 0, 0, False
    for place, sign in enumerate(text):
        if sign == '"' and (place == 0 or text[place - 1] != "\\"):
            quoted = not quoted
        elif not quoted:
            depth += (sign in _OPEN) - (sign in _CLOSED)
            if sign == "," and depth == 0:
                found.append(text[start:place].strip())
                start = place + 1
    return [*found, text[start:].strip()]


class Atoms:
    """One column's values, cut where its cells need it. `whole`: all bits; `known`: those that a gap may be told of."""

    def __init__(self, cells: Iterable[Cell | None], kind: str = "", allowed: Cell | None = None) -> None:
        named = [each for one in cells if one is not None for each in one.literals()]
        named += list(allowed.literals()) if allowed else []
        kinds = {each.kind for each in named} | ({kind} if kind == "boolean" else set())
        self.kind = kinds.pop() if len(kinds) == 1 else ""
        self.points = sorted({each.value for each in named if each.kind == self.kind})
        if self.kind == "boolean":
            self.points = [False, True]
        self.whole = (1 << (2 * len(self.points) + 1)) - 1 if self.kind else 1
        self.known = self._within(self._known(allowed))

    def mask(self, one: Cell) -> int:
        """The atoms that a cell lets through."""
        bits = 0
        for span in one.spans:
            bits |= self._bits(span)
        return self.whole & ~bits if one.negative else bits

    def _known(self, allowed: Cell | None) -> int:
        if allowed is not None and self.kind:
            return self.mask(allowed)
        if self.kind in ("string", "boolean"):  # of other texts nothing is known
            return sum(1 << (2 * place + 1) for place in range(len(self.points)))
        steps = {"number": 1, "date": timedelta(days=1)}
        bits = self.whole
        for place in range(1, len(self.points)):  # 5 and 6: whoever writes [1..5] and [6..9] counts in whole numbers
            if self.kind in steps and self.points[place] - self.points[place - 1] == steps[self.kind]:
                bits &= ~(1 << (2 * place))
        return bits

    def _within(self, bits: int) -> int:
        """Without what lies between texts: they have an order, and nobody thinks of it."""
        return bits if self.kind != "string" else bits & sum(1 << (2 * n + 1) for n in range(len(self.points)))

    def _bits(self, span: Span) -> int:
        if span.low is None and span.high is None:
            return self.whole
        first = 0 if span.low is None else self._place(span.low) + (not span.with_low)
        last = 2 * len(self.points) if span.high is None else self._place(span.high) - (not span.with_high)
        return ((1 << (last + 1)) - 1) & ~((1 << first) - 1) if last >= first else 0

    def _place(self, value: Literal) -> int:
        return 2 * self.points.index(value.value) + 1

    def example(self, bits: int) -> str:
        """One value (or what it must be) of a set of atoms; '' when any will do."""
        if bits == self.whole:
            return ""
        shown = [place for place in range(2 * len(self.points) + 1) if bits >> place & 1]
        place = next((one for one in shown if one % 2), shown[0])
        if place % 2:
            return f"= {_written(self.points[place // 2])}"
        below, above = self.points[place // 2 - 1 : place // 2], self.points[place // 2 : place // 2 + 1]
        return " ".join([*(f"> {_written(one)}" for one in below if place), *(f"< {_written(one)}" for one in above)])


def _written(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    return iso.text_of(value) if isinstance(value, timedelta) else str(value)
