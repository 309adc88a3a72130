"""Who is to be let in: the oracle of the permission matrix, written from the documentation and not from the code.

A rule answers for somebody asked about and a place, by what the packs' files give them at `a`. It knows units and
permissions and nothing of the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from tests.security.world import ADMIN, LINES, PENDING, PLACES, ROOT, VISITOR


class Holding(Protocol):
    """Where it stands what each person holds at `a`."""

    @property
    def permissions(self) -> Mapping[str, frozenset[str]]:
        """By person."""
        ...


@dataclass(frozen=True)
class Asked:
    """Somebody reaches for something at a place."""

    town: Holding
    who: str
    place: str

    def holds(self, permission: str) -> bool:
        """Whether any of their permissions covers this one."""
        return any(_covers(one, permission) for one in self.town.permissions[self.who])

    def holds_here(self, permission: str) -> bool:
        """Whether it holds at the place: their post's unit is the place's, or above it."""
        return self.holds(permission) and (self.who == ROOT or "a" in LINES[PLACES[self.place]])


Rule = Callable[[Asked], bool]


def _covers(held: str, asked: str) -> bool:
    if held in (ADMIN, asked):
        return True
    parts, wanted = held.split(":"), asked.split(":")
    return "*" in held and len(parts) == len(wanted) and all(a in ("*", b) for a, b in zip(parts, wanted, strict=True))


def everybody(asked: Asked) -> bool:
    """Also without signing in."""
    return True


def never(asked: Asked) -> bool:
    """Nobody of those asked about."""
    return False


def signed_in(asked: Asked) -> bool:
    """Signed in, approved or not."""
    return asked.who != VISITOR


def member(asked: Asked) -> bool:
    """Signed in and approved."""
    return asked.who not in (VISITOR, PENDING)


def pending(asked: Asked) -> bool:
    """Signed in and still waiting."""
    return asked.who == PENDING


def has(permission: str) -> Rule:
    """Holds it at any unit."""
    return lambda asked: asked.holds(permission)


def here(permission: str) -> Rule:
    """Holds it at the thing's unit or above."""
    return lambda asked: asked.holds_here(permission)


def top(permission: str) -> Rule:
    """Holds it everywhere: only the administrator at the top does, the other posts are at `a`."""
    return lambda asked: asked.who == ROOT and asked.holds(permission)


def role(*names: str) -> Rule:
    """Holds a post with one of these roles, or is an administrator."""
    return lambda asked: asked.who in names or asked.holds(ADMIN)


def candidate(asked: Asked) -> bool:
    """The errand is for grid workers at its unit or the nearest above it."""
    return asked.who == "grid_worker" and asked.place in ("own", "below")


def either(*rules: Rule) -> Rule:
    """One of them is enough."""
    return lambda asked: any(rule(asked) for rule in rules)


def both(*rules: Rule) -> Rule:
    """All of them are needed."""
    return lambda asked: all(rule(asked) for rule in rules)


sees_case = either(candidate, here("operate"), here("oversee"))
handles = either(candidate, here("operate"))
