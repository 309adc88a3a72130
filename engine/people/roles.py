"""Who may do what: permissions of roles, roles of posts, posts at units.

Owns the rule "a role's permissions hold at the post's unit and below it" and the predicate that limits rows to what a
person may see. Roles come from the installed packs; a post may also name a permission of the product itself
(`admin`, `design`, `operate`), which works before any pack is installed. Knows no screen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from peewee import Expression, Field

from engine import records
from engine.expressions import values
from engine.people.units import codes_below
from engine.store import persons
from engine.store.database import Store

ADMIN = "admin"
EDITED = "role:"  # see persons.roles
BUILT_IN = (
    ADMIN,
    "design",
    "operate",
    "oversee",
    "head",
    "people:read",
    "people:write",
    "people:private",
    "desk",
    "start",
)


def installed(store: Store) -> dict[str, records.Role]:
    """Every role the installed packs define, by key. Of two packs that define one key, permissions add up."""
    return dict(_of_packs(tuple(persons.roles(store))))


@lru_cache(maxsize=16)  # by the very texts of the packs
def _of_packs(packs: tuple[tuple[str, str], ...]) -> dict[str, records.Role]:
    found: dict[str, records.Role] = {}
    for pack, settings in packs:
        if pack.startswith(EDITED):
            key = pack.removeprefix(EDITED)
            found[key] = _edited(key, values.loads(settings), found.get(key))
            continue
        for key, role in values.loads(settings).get("roles", {}).items():
            title = role.get("title", {})
            before = found[key].permissions if key in found else ()
            found[key] = records.Role(
                key=key,
                title=title.get("zh", key),
                title_en=title.get("en", ""),
                permissions=tuple(dict.fromkeys((*before, *role.get("permissions", ())))),
                pack=pack,
            )
    return found


def _edited(key: str, settings: dict[str, Any], before: records.Role | None) -> records.Role:
    """A role as an administrator changed it; `pack` says whose it was."""
    title = settings.get("title", {})
    return records.Role(
        key=key,
        title=title.get("zh", key),
        title_en=title.get("en", ""),
        permissions=tuple(settings.get("permissions", ())),
        pack=before.pack if before else "",
        edited=True,
        delivered=before.permissions if before else (),
    )


def granted(role: str, roles: dict[str, records.Role]) -> tuple[str, ...]:
    """What a role permits; a role that no pack defines permits itself when it is a permission of the product."""
    if role in roles:
        return roles[role].permissions
    return (role,) if role in BUILT_IN else ()


def matches(pattern: str, permission: str) -> bool:
    """Whether a granted permission covers one that is asked for: `admin` covers all, `register:*:read` any register."""
    if pattern in (ADMIN, permission):
        return True
    if "*" not in pattern:
        return False
    mine, asked = pattern.split(":"), permission.split(":")
    return len(mine) == len(asked) and all(a in ("*", b) for a, b in zip(mine, asked, strict=True))


@dataclass(frozen=True, slots=True)
class Scope:
    """The units whose rows somebody may see: everywhere, or at and below some units."""

    everywhere: bool = False
    codes: tuple[str, ...] = ()  # as posts name them
    paths: tuple[str, ...] = ()  # of those that are in the tree

    def where(self, column: Field) -> Expression | None:
        """SQL test for a column that holds a unit code; None when there is nothing to test."""
        if self.everywhere:
            return None
        test = column.in_(list(self.codes))
        if self.paths:
            test = test | column.in_(codes_below(self.paths))
        return test

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.codes)


@dataclass(frozen=True, slots=True)
class Rights:
    """What one person may do now; read once, asked often (a page asks dozens of times)."""

    login: str
    posts: tuple[records.Post, ...]
    permissions: dict[str, tuple[str, ...]]  # role -> granted
    line: Callable[[str], list[str]] = field(compare=False, repr=False)
    open: bool = False  # nobody is registered yet: everything is allowed
    _places: dict[str, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)  # as asked so far

    def may(self, permission: str, unit: str | None = None) -> bool:
        """Whether some post permits it, at `unit` when one is given."""
        if self.open:
            return True
        places = self.places(permission)
        if unit is None or "" in places:
            return bool(places)
        return not places.isdisjoint(self.line(unit)) if places else False

    def serves_as(self, roles: tuple[str, ...], unit: str | None = None) -> bool:
        """Whether some post is in one of the roles, at `unit` or above it when one is given."""
        if self.open:
            return True
        places = {post.unit for post in self.posts if post.role in roles}
        if unit is None or "" in places:
            return bool(places)
        return not places.isdisjoint(self.line(unit)) if places else False

    def places(self, permission: str) -> frozenset[str]:
        """Units (codes; '' = everywhere) of the posts that permit it."""
        if permission not in self._places:
            self._places[permission] = frozenset(
                post.unit
                for post in self.posts
                if any(matches(pattern, permission) for pattern in self.permissions.get(post.role, ()))
            )
        return self._places[permission]

    @property
    def units(self) -> tuple[str, ...]:
        """Units of all posts, in the order of the posts."""
        return tuple(dict.fromkeys(post.unit for post in self.posts if post.unit))

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles of all posts."""
        return tuple(dict.fromkeys(post.role for post in self.posts))
