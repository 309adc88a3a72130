"""Working time: ISO durations counted on service hours, weekends, holidays and make-up days. Pure: no clock, no
database.

`iso` reads durations and repetitions, `days` says when a day is worked, `working` adds and measures, `cycles` counts
firings.
"""

from engine.calendars.cycles import firing, following
from engine.calendars.days import Rules, hours, known_years
from engine.calendars.iso import Months, Period, Repeat, instant, period, repeat
from engine.calendars.working import add, between, is_open, natural

__all__ = [
    "Months",
    "Period",
    "Repeat",
    "Rules",
    "add",
    "between",
    "firing",
    "following",
    "hours",
    "instant",
    "is_open",
    "known_years",
    "natural",
    "period",
    "repeat",
]
