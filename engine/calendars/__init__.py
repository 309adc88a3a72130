"""Working time: ISO durations counted on service hours, weekends, holidays and make-up days. Pure: no clock, no
database.

`iso` reads durations and repetitions, `cron` timetables, `days` says when a day is worked, `working` adds and
measures, `cycles` counts firings of either.
"""

from engine.calendars.cycles import Cycle, firing, first, following, is_cycle
from engine.calendars.cycles import parse as cycle
from engine.calendars.days import Rules, hours, known_years
from engine.calendars.iso import Months, Period, Repeat, instant, period, repeat
from engine.calendars.working import add, between, is_open, natural

__all__ = [
    "Cycle",
    "Months",
    "Period",
    "Repeat",
    "Rules",
    "add",
    "between",
    "cycle",
    "firing",
    "first",
    "following",
    "hours",
    "instant",
    "is_cycle",
    "is_open",
    "known_years",
    "natural",
    "period",
    "repeat",
]
