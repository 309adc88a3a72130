"""What is asked again and again of people and units, remembered until they change, or the day does.

Owns the memory and when it ends; the answers of the assignment rules are the directory's, the tree is the units'. The
stamp (`store.persons.stamp`) is read before what is remembered under it (by a command in the same statement as its
task), so a change that is committed by then is never missed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import date
from typing import Any, TypeVar

from engine.people.rules import Directory
from engine.people.units import Units
from engine.records import Unit
from engine.store import persons
from engine.store.database import Store

Answer = TypeVar("Answer")
MOST = 5_000  # answers; then it begins anew
LONGEST = 500  # logins or units of an answer worth keeping


class Remembered:
    """A directory whose answers of one stamp and day are kept. Thread-safe: an answer may be asked for twice."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._of: tuple[int, date] | None = None
        self._known: dict[Hashable, Any] = {}

    def at(self, stamp: int, today: date) -> Remembered:
        """This, after what is of another stamp or day was forgotten."""
        if self._of != (stamp, today):
            self._known, self._of = {}, (stamp, today)
        return self

    def holders(self, role: str, units: Iterable[str] | None = None) -> dict[str, list[str]]:
        """See `rules.Directory`."""
        if units is None:
            return self._directory.holders(role)
        places = tuple(units)
        return self._recall((role, places), lambda: self._directory.holders(role, places), _many)

    def line(self, unit: str) -> list[str]:
        """See `rules.Directory`."""
        return self._recall(unit, lambda: self._directory.line(unit), len)

    def skilled(self, skill: str, unit: str | None) -> list[str]:
        """See `rules.Directory`; not remembered."""
        return self._directory.skilled(skill, unit)

    def active(self, logins: Iterable[str]) -> set[str]:
        """See `rules.Directory`; not remembered."""
        return self._directory.active(logins)

    def _recall(self, key: Hashable, ask: Callable[[], Answer], size: Callable[[Answer], int]) -> Answer:
        known = self._known
        if key in known:
            found: Answer = known[key]
            return found
        answer = ask()
        if size(answer) <= LONGEST:
            if len(known) >= MOST:
                known.clear()
            known[key] = answer
        return answer


class KeptTree:
    """All units that are valid today. A page that offers a town's units would read a thousand rows each time."""

    def __init__(self, store: Store, units: Units) -> None:
        self._store, self._units = store, units
        self._kept: tuple[tuple[int, date], tuple[Unit, ...]] | None = None

    def whole(self, today: date) -> list[Unit]:
        """See `Units.tree`. Within a transaction nothing is kept: it may never be committed."""
        if self._store.db.in_transaction():
            return self._units.tree(on=today)
        at, kept = (persons.stamp(self._store), today), self._kept
        if kept is None or kept[0] != at:
            kept = self._kept = (at, tuple(self._units.tree(on=today)))
        return list(kept[1])


def _many(holders: dict[str, list[str]]) -> int:
    return sum(map(len, holders.values()))
