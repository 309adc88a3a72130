"""Slices of long lists, counted only as far as anybody looks.

Owns the bound: counting a million rows costs more than showing twenty-five, on every page view. A Page with `more` set
has further rows than its `total`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from peewee import Select, fn

from engine.records import Page

Row = TypeVar("Row")
COUNTED = 1000  # rows that are counted at least, before "1000+" is said
AHEAD = 10  # slices beyond the one shown that the count reaches


def reach(limit: int, offset: int) -> int:
    """How far to count for the slice at an offset."""
    return max(COUNTED, offset + AHEAD * limit)


def counted(query: Any, most: Any) -> Any:
    """A select of ids as the count of its rows; it stops at `most` (None: never)."""
    some = query if most is None else query.limit(most)
    return Select((some,), (fn.COUNT(some.c.id),))


def sliced(rows: Sequence[Row], found: int, limit: int, offset: int) -> Page[Row]:
    """The page of these rows; `found`: of how many, counted up to one beyond `reach`."""
    most = reach(limit, offset)
    return Page(tuple(rows), min(found, most), offset, limit, found > most)
