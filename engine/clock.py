"""The only source of time.

Instants inside the engine are naive datetimes in UTC (design section 7); people see the unit's zone. Nothing else in
the project calls `datetime.now` or `time.time` for business time.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Anything that tells the time."""

    def now(self) -> datetime:
        """The present instant, naive UTC, microseconds."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC).replace(tzinfo=None)


class ManualClock:
    """A clock that a test, a scenario or a replay moves. Thread-safe."""

    def __init__(self, start: datetime) -> None:
        """`start`: naive UTC, or aware in any zone."""
        self._now = as_utc(start)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def advance(self, by: timedelta | None = None, **parts: float) -> datetime:
        """Move on by a timedelta or by `hours=2, minutes=5`; returns the new instant."""
        with self._lock:
            self._now += by if by is not None else timedelta(**parts)
            return self._now

    def set(self, to: datetime) -> None:
        """Jump to an instant, forward or back."""
        with self._lock:
            self._now = as_utc(to)


class ShiftedClock:
    """The machine's clock plus an offset that can grow: the demo's button that moves time."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> datetime:
        return SystemClock().now() + self.offset

    def advance(self, by: timedelta) -> datetime:
        """Add to the offset; returns the new instant."""
        self.offset += by
        return self.now()


def as_utc(moment: datetime) -> datetime:
    """Naive UTC of an aware datetime; a naive one is UTC already."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    """Aware local time of a naive UTC instant."""
    return moment.replace(tzinfo=UTC).astimezone(zone)


def not_before(begun: datetime, ended: datetime | None) -> datetime | None:
    """When something ended that began then: a clock that was set back in between makes no duration negative."""
    return None if ended is None else max(begun, ended)
