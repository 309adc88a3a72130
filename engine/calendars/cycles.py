"""Repetitions: the moment of the n-th firing, always counted from the first anchor or read off the timetable.

After an outage "Saturday 09:00" is Saturday 09:00 again: firings that were missed are passed over (the one that is
due fires once), and their numbers are used up.
"""

from __future__ import annotations

from datetime import datetime

from engine.calendars import cron, iso
from engine.calendars.cron import Timetable
from engine.calendars.days import Rules
from engine.calendars.iso import Repeat, TooFar
from engine.calendars.working import add

Cycle = Repeat | Timetable


def parse(text: str) -> Cycle:
    """Read an ISO repetition or a timetable. ValueError says what is wrong with it."""
    return cron.parse(text) if cron.is_timetable(text) else iso.repeat(text)


def is_cycle(text: str) -> bool:
    """Whether a text is meant as a repetition, right or wrong, and not as an instant or a duration."""
    return text.startswith("R") or cron.is_timetable(text)


def first(rules: Rules, cycle: Cycle, activated: datetime) -> tuple[datetime, str] | None:
    """The moment of the first firing and its flag; None for a cycle of none."""
    return cycle.after(rules, activated) if isinstance(cycle, Timetable) else firing(rules, cycle, activated, 1)


def firing(rules: Rules, cycle: Repeat, activated: datetime, number: int) -> tuple[datetime, str] | None:
    """The moment of firing `number` (1 is the first) and its flag; None when the cycle has fewer.

    With a start in the cycle the first firing is at the start, without one it is one length after `activated`.
    """
    if cycle.count is not None and number > cycle.count:
        return None
    if cycle.start is None:
        return add(rules, activated, cycle.every.times(number))
    return add(rules, cycle.start, cycle.every.times(number - 1))


def following(
    rules: Rules, cycle: Cycle, activated: datetime, fired: int, now: datetime
) -> tuple[int, datetime, str] | None:
    """The next firing after number `fired` (0: none yet) that is still ahead of `now`: its number, moment and flag.

    None when the cycle is over. The first firing is given even when its moment has passed: missed, it fires once.
    """
    if isinstance(cycle, Timetable):
        return (fired + 1, *cycle.after(rules, now if fired else activated))
    low = high = fired + 1
    if fired:  # double the distance until a firing is ahead, then halve the gap
        while _passed(rules, cycle, activated, high, now):
            low, high = high + 1, fired + 2 * (high - fired)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if _passed(rules, cycle, activated, middle, now) else (low, middle)
    found = firing(rules, cycle, activated, low)
    return (low, *found) if found else None


def _passed(rules: Rules, cycle: Repeat, activated: datetime, number: int, now: datetime) -> bool:
    try:
        found = firing(rules, cycle, activated, number)
    except TooFar:
        return False
    return found is not None and found[0] <= now
