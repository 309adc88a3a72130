"""A deadline's clock: what it was given, when it stood still, and therefore when it is due.

Owns `Clock`, the text that work items (`clock`) and event timers (`settings.clock`) keep of it, and the arithmetic of
standing still: a deadline moves by the working time that its case was suspended, on its own calendar. A deadline is
always counted again from what it was given, so a changed calendar needs nothing but another count. Pure: whoever
changes rows is `deadlines`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from engine import calendars
from engine.bpmn.model import Due
from engine.calendars import Rules
from engine.expressions import values
from engine.records import Reading

Stop = tuple[datetime, datetime | None]  # from, until (None: it still stands)


class Falls(NamedTuple):
    """When a deadline falls, and why that may not be trusted ('' = it may)."""

    at: datetime
    flag: str


@dataclass(frozen=True, slots=True)
class Clock:
    """`calendar`: as the diagram names it; `length`: an ISO duration counted from `start` on that calendar, '' when the
    deadline is a moment (`fixed`). `left_out`: reminders whose time was past when the task opened."""

    calendar: str
    start: datetime
    length: str = ""
    fixed: datetime | None = None
    stops: tuple[Stop, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def since(self) -> datetime | None:
        """Since when it stands still; None: it runs."""
        return self.stops[-1][0] if self.stops and self.stops[-1][1] is None else None

    def stopped(self, at: datetime) -> Clock:
        """It stands still from now on."""
        return self if self.since else replace(self, stops=(*self.stops, (at, None)))

    def resumed(self, at: datetime) -> Clock:
        """It runs again."""
        since = self.since
        return self if since is None else replace(self, stops=(*self.stops[:-1], (since, at)))

    def falls(self, rules: Rules) -> Falls:
        """When it is due, the times it stood still (and ended standing) added."""
        at, flag = self.given(rules)
        stood = self.stood(rules)
        if not stood:
            return Falls(at, flag)
        moved, more = calendars.add(rules, at, stood)
        return Falls(moved, flag or more)

    def given(self, rules: Rules) -> Falls:
        """When it would be due had it never stood still."""
        if self.length:
            return Falls(*calendars.add(rules, self.start, self.length))
        assert self.fixed is not None
        return Falls(self.fixed, distrust(rules, self.fixed))

    def stood(self, rules: Rules, now: datetime | None = None) -> timedelta:
        """How long it stood still, in the time that counts on its calendar; with `now` the present stop too."""
        ends = ((since, until or now) for since, until in self.stops)
        return sum((calendars.between(rules, since, end)[0] for since, end in ends if end), timedelta())

    def read(self, rules: Rules, now: datetime, due: datetime, flag: str) -> Reading:
        """What it shows at a moment. `due`: as the row has it."""
        at = self.since or now
        budget = calendars.between(rules, self.start, self.given(rules).at)[0]
        stopped = self.stood(rules, now)
        used = calendars.between(rules, self.start, at)[0] - self.stood(rules)
        left = calendars.between(rules, at, due)[0]
        return Reading(self.calendar, rules.natural, budget, used, stopped, left, due, self.since, flag)


def distrust(rules: Rules, moment: datetime) -> str:
    """Why a moment cannot be trusted: it lies in a year whose notice is not known. '' when it can."""
    year = moment.replace(tzinfo=UTC).astimezone(rules.zone).year
    return "" if rules.knows(year) else f"no-calendar:{year}"


def begun(due: Due, calendar: str, now: datetime) -> Clock:
    """The clock of a deadline or timer that begins now."""
    return Clock(calendar, now, due.length, None if due.length else due.at)


def saved(clock: Clock) -> dict[str, Any]:
    """What a row keeps of it."""
    moments = [[since.isoformat(), until.isoformat() if until else None] for since, until in clock.stops]
    known: dict[str, Any] = {"calendar": clock.calendar, "start": clock.start.isoformat()}
    known |= {"length": clock.length} if clock.length else {}
    known |= {"fixed": clock.fixed.isoformat()} if clock.fixed else {}
    known |= {"stops": moments} if moments else {}
    return known | ({"left_out": list(clock.left_out)} if clock.left_out else {})


def loaded(kept: dict[str, Any]) -> Clock:
    """A clock of what a row kept."""
    stops = tuple((_moment(since), _moment(until) if until else None) for since, until in kept.get("stops", ()))
    fixed = _moment(kept["fixed"]) if "fixed" in kept else None
    left_out = tuple(kept.get("left_out", ()))
    return Clock(kept["calendar"], _moment(kept["start"]), kept.get("length", ""), fixed, stops, left_out)


def of_item(item: dict[str, Any]) -> Clock | None:
    """The clock of a work item's row; None without a deadline. A row from before there were clocks has the deadline
    that it was given, as a moment."""
    if item["due_at"] is None:
        return None
    if item["clock"]:
        return loaded(values.loads(item["clock"]))
    settings = values.loads(item["settings"]) if isinstance(item["settings"], str) else item["settings"]
    calendar = settings.get("properties", {}).get("calendar", "")
    return Clock(calendar, item["created_at"], fixed=item["due_at"])


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written)
