"""A year's holiday notice as text: the State Council's own sentences, or one line for each day.

Owns the reading. `一、元旦：1月1日（周五）至3日（周日）放假，共3天。1月4日（周一）上班。` or
`2027-01-01~2027-01-03 休 元旦`, `2027-01-04，班`. What cannot be read is named, never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from engine.records import Holiday

LONGEST = 31  # days of one span
_ONE = r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\([^)]*\))?"
_OFF = re.compile(rf"{_ONE}(?:\s*(?:至|-|—|~)\s*{_ONE})?[^。;日]*?放假")
_DAY = re.compile(_ONE)
_LINE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\s*(?:~|至|/)\s*(\d{4}-\d{2}-\d{2}))?[\s,;]+(\S+?)(?:[\s,;]+(.*))?\Z")
CLOSED = ("休", "放假", "休息", "off", "closed", "holiday")
OPEN = ("班", "上班", "补班", "调休上班", "work", "open", "workday")
_NUMBER = re.compile(r"^\s*[一二三四五六七八九十]+、\s*")


@dataclass(frozen=True, slots=True)
class Reading:
    """Days found, in order, each once; and lines that say nothing this reads."""

    days: tuple[Holiday, ...]
    strange: tuple[str, ...]


def read(text: str, year: int, calendar: str = "") -> Reading:
    """The days of a notice. `year`: of dates without one."""
    found: dict[date, Holiday] = {}
    strange = []
    text = unicodedata.normalize("NFKC", text)  # notices are printed with full-width marks
    for line in filter(None, (part.strip() for part in text.splitlines())):
        try:
            days = list(_line(line, year, calendar))
        except ValueError:
            days = []
        if not days:
            strange.append(line[:80])
        found |= {one.day: one for one in days}
    return Reading(tuple(found[day] for day in sorted(found)), tuple(strange))


def _line(line: str, year: int, calendar: str) -> Iterator[Holiday]:
    if plain := _LINE.match(line):
        first, last, word, note = plain.groups()
        if word.lower() not in CLOSED + OPEN:
            return
        for day in _span(date.fromisoformat(first), date.fromisoformat(last or first)):
            yield Holiday(day, word.lower() in OPEN, (note or "").strip()[:100], calendar)
        return
    yield from _sentences(line, year, calendar)


def _sentences(line: str, year: int, calendar: str) -> Iterator[Holiday]:
    """`元旦:…放假…。…上班。`; a day without a month has that of the day before it."""
    title, colon, rest = _NUMBER.sub("", line).partition(":")
    name, said = (title.strip()[:100], rest) if colon and len(title) < 20 else ("", line)
    for sentence in re.split(r"[。;]", said):
        if off := _OFF.search(sentence):
            first = _date(off.groups()[:3], year, None)
            last = _date(off.groups()[3:], year, first) if off[6] else first
            yield from (Holiday(day, False, name, calendar) for day in _span(first, last))
        elif "上班" in sentence:
            before: date | None = None
            for part in _DAY.finditer(sentence):
                before = _date(part.groups(), year, before)
                yield Holiday(before, True, name, calendar)


def _date(parts: tuple[str | None, ...], year: int, before: date | None) -> date:
    written, month, day = parts
    if month is None and before is None:
        raise ValueError("a day without a month")
    if written is None and before is not None and month is not None and int(month) < before.month:
        year = before.year + 1  # from December into January
    elif written is None and before is not None:
        year = before.year
    return date(int(written or year), int(month) if month else before.month if before else 0, int(day or 0))


def _span(first: date, last: date) -> list[date]:
    length = (last - first).days
    if not 0 <= length <= LONGEST:
        raise ValueError("a span that runs backwards or is too long")
    return [first + timedelta(days=number) for number in range(length + 1)]
