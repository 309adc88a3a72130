"""Assignment rules: from what a diagram says ("role@up", "skill:x@CODE") to the logins it means today.

Owns the grammar of docs/developer/contracts.md and nothing else; asks the directory for holders. Only active people on
days their post covers are ever found: somebody pending or gone is nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from engine.errors import InvalidValue

_UP = re.compile(r"up([2-9]?)\Z")


class Directory(Protocol):
    """What the rules ask of people."""

    def holders(self, role: str, units: Iterable[str] | None = None) -> dict[str, list[str]]:
        """Active holders of a role by unit, at some units or (None) anywhere."""
        ...

    def skilled(self, skill: str, unit: str | None) -> list[str]:
        """Active people with an unexpired skill whose home is at or below a unit, or (None) anywhere."""
        ...

    def active(self, logins: Iterable[str]) -> set[str]:
        """Those of the logins who are active people."""
        ...

    def line(self, unit: str) -> list[str]:
        """The unit and those above it, nearest first."""
        ...


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule may refer to."""

    unit: str
    initiator: str
    variables: Mapping[str, Any]


def resolve(rules: Iterable[str], case: Case, directory: Directory) -> list[str]:
    """Logins for all rules together: each once, in the order of the rules, then of the logins."""
    found: dict[str, None] = {}
    for rule in rules:
        found.update(dict.fromkeys(_one(rule.strip(), case, directory)))
    return list(found)


def _one(rule: str, case: Case, directory: Directory) -> list[str]:
    if rule == "initiator":
        return _people([case.initiator], directory)
    kind, colon, rest = rule.partition(":")
    if colon and kind in _KINDS:
        return _KINDS[kind](rest, case, directory)
    role, at, place = rule.partition("@")
    if not role or (at and not place):
        raise InvalidValue(reason=f"the assignment rule {rule!r} names no {'place' if role else 'role'}")
    return _holders(role, place, case, directory)


def _holders(role: str, place: str, case: Case, directory: Directory) -> list[str]:
    if place == "*" or (not place and not case.unit):
        return _all(directory.holders(role))
    step = _UP.match(place)
    if place and not step:
        return directory.holders(role, [place]).get(place, [])
    above = directory.line(case.unit)[1:] if step and case.unit else directory.line(case.unit) if case.unit else []
    levels = int(step.group(1) or 1) if step else 1
    return _nearest(directory.holders(role, [*above, ""]), [*above, ""], levels)


def _nearest(holders: Mapping[str, list[str]], line: list[str], level: int) -> list[str]:
    """Holders at the nearest unit that has any; for level 2 at the next one above it, or at the highest there is."""
    staffed = [unit for unit in line if holders.get(unit)]
    return holders[staffed[min(level, len(staffed)) - 1]] if staffed else []


def _login(rest: str, case: Case, directory: Directory) -> list[str]:
    return _people([rest], directory)


def _field(rest: str, case: Case, directory: Directory) -> list[str]:
    """The login, or logins, that a form field holds."""
    value = case.variables.get(rest)
    return _people(value if isinstance(value, (list, tuple)) else [value], directory)


def _skill(rest: str, case: Case, directory: Directory) -> list[str]:
    name, at, place = rest.partition("@")
    if not name or (at and not place):
        raise InvalidValue(reason=f"the assignment rule 'skill:{rest}' names no {'place' if name else 'skill'}")
    unit = place if at else case.unit
    return directory.skilled(name, None if unit in ("*", "") else unit)


def _people(logins: Iterable[Any], directory: Directory) -> list[str]:
    named = [login for login in logins if isinstance(login, str) and login]
    alive = directory.active(named)
    return [login for login in named if login in alive]


def _all(holders: Mapping[str, list[str]]) -> list[str]:
    return sorted({login for logins in holders.values() for login in logins})


_KINDS: dict[str, Callable[[str, Case, Directory], list[str]]] = {"login": _login, "field": _field, "skill": _skill}
