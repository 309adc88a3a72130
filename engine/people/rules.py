"""Assignment rules: from what a diagram says ("role@up", "skill:x@CODE") to the logins it means today.

Owns the grammar of docs/developer/contracts.md and nothing else; asks the directory for holders. Only active people on
days their post covers are ever found: somebody pending or gone is nobody. Resolving and explaining are one: an `Answer`
says whom a rule means and where it looked; `people.reasons` only adds who was passed over there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

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


class Pick(NamedTuple):
    """Somebody a rule means; `unit`: where their post (or the skill's search) is, '' when it is of no unit."""

    login: str
    unit: str = ""


class Answer(NamedTuple):
    """What one rule means. `kind`: role | skill | logins; `name`: the role or skill; `looked`: the units asked, nearest
    first ('' = everywhere; None = all units); `logins`: those named; `at`: the unit that had holders, when only one
    counts."""

    rule: str
    kind: str
    picks: list[Pick]
    name: str = ""
    looked: list[str] | None = None
    logins: tuple[str, ...] = ()
    at: str | None = None


def resolve(rules: Iterable[str], case: Case, directory: Directory) -> list[str]:
    """Logins for all rules together: each once, in the order of the rules, then of the logins."""
    found: dict[str, None] = {}
    for rule in rules:
        found.update(dict.fromkeys(pick.login for pick in answer(rule, case, directory).picks))
    return list(found)


def answer(rule: str, case: Case, directory: Directory) -> Answer:
    """Whom one rule means and where it looked. InvalidValue."""
    rule = rule.strip()
    if rule == "initiator":
        return _people(rule, [case.initiator], directory)
    kind, colon, rest = rule.partition(":")
    if colon and kind in _KINDS:
        return _KINDS[kind](rule, rest, case, directory)
    role, at, place = rule.partition("@")
    if not role or (at and not place):
        raise InvalidValue(reason=f"the assignment rule {rule!r} names no {'place' if role else 'role'}")
    return _holders(rule, role, place, case, directory)


def _holders(rule: str, role: str, place: str, case: Case, directory: Directory) -> Answer:
    if place == "*" or (not place and not case.unit):
        held = directory.holders(role)
        picks = [Pick(login, unit) for login, unit in sorted({o: u for u, some in held.items() for o in some}.items())]
        return Answer(rule, "role", picks, role)
    step = _UP.match(place)
    if place and not step:
        return Answer(rule, "role", _at(directory.holders(role, [place]), place), role, [place], at=place)
    above = directory.line(case.unit)[1:] if step and case.unit else directory.line(case.unit) if case.unit else []
    looked = [*above, ""]
    held = directory.holders(role, looked)
    unit = _nearest(held, looked, int(step.group(1) or 1) if step else 1)
    return Answer(rule, "role", _at(held, unit), role, looked, at=unit)


def _nearest(holders: Mapping[str, list[str]], line: list[str], level: int) -> str | None:
    """The nearest unit that has any; for level 2 the next one above it that has, or the highest there is."""
    staffed = [unit for unit in line if holders.get(unit)]
    return staffed[min(level, len(staffed)) - 1] if staffed else None


def _at(holders: Mapping[str, list[str]], unit: str | None) -> list[Pick]:
    return [] if unit is None else [Pick(login, unit) for login in holders.get(unit, ())]


def _login(rule: str, rest: str, case: Case, directory: Directory) -> Answer:
    return _people(rule, [rest], directory)


def _field(rule: str, rest: str, case: Case, directory: Directory) -> Answer:
    """The login, or logins, that a form field holds."""
    value = case.variables.get(rest)
    return _people(rule, value if isinstance(value, (list, tuple)) else [value], directory)


def _chain(rule: str, rest: str, case: Case, directory: Directory) -> Answer:
    """`chain:ROLE`: the holders at the case's unit, then those at each unit above, upwards; `@3`: three levels at most.
    Of a level with several holders the first by login signs."""
    role, at, most = rest.partition("@")
    if not role or (at and not most.isdigit()):
        raise InvalidValue(reason=f"the assignment rule {rule!r} is not like chain:ROLE or chain:ROLE@3")
    looked = [*(directory.line(case.unit) if case.unit else []), ""]
    held = directory.holders(role, looked)
    levels = {sorted(held[unit])[0]: unit for unit in reversed(looked) if held.get(unit)}
    picks = [Pick(login, unit) for login, unit in reversed(levels.items())]
    return Answer(rule, "role", picks[: int(most)] if most else picks, role, looked)


def _skill(rule: str, rest: str, case: Case, directory: Directory) -> Answer:
    name, at, place = rest.partition("@")
    if not name or (at and not place):
        raise InvalidValue(reason=f"the assignment rule 'skill:{rest}' names no {'place' if name else 'skill'}")
    unit = place if at else case.unit
    where = None if unit in ("*", "") else unit
    picks = [Pick(login, where or "") for login in directory.skilled(name, where)]
    return Answer(rule, "skill", picks, name, None if where is None else [where])


def _people(rule: str, logins: Iterable[Any], directory: Directory) -> Answer:
    named = tuple(login for login in logins if isinstance(login, str) and login)
    alive = directory.active(named)
    return Answer(rule, "logins", [Pick(login) for login in named if login in alive], logins=named)


_KINDS: dict[str, Callable[[str, str, Case, Directory], Answer]] = {
    "login": _login,
    "field": _field,
    "skill": _skill,
    "chain": _chain,
}
