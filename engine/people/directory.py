"""Reads of people: who they are, where they hold posts, what they can do, when they are free.

Owns the way rows of person, post, skill and free_time become records, in few statements however many people. Every
method takes `today`, the local day that posts and certificates are held against. Changes nothing; decides nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from peewee import Expression, ModelSelect

from engine.errors import NotFound
from engine.expressions import values
from engine.people.units import valid
from engine.records import Free, Page, Person, Post, SignIn, Skill
from engine.store import models, persons
from engine.store.database import Store
from engine.store.paging import counted, reach, sliced

CHUNK = 400  # rows or keys a statement: SQLite binds at most 32,766 values
EXPIRING = 2_000  # certificates of one list
_MOBILE = re.compile(r"\+?\d{3,20}\Z")

Row = dict[str, Any]


class Directory:
    """Who is registered."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._somebody = False  # people leave, their rows stay: once true, always true

    def empty(self) -> bool:
        """Whether nobody was ever put."""
        self._somebody = self._somebody or persons.somebody(self._store)
        return not self._somebody

    def is_active(self, login: str) -> bool:
        """Whether one login is an active person (asked in every command)."""
        return persons.is_active(self._store, login)

    def get(self, login: str, today: date) -> Person:
        """The person, with today's posts. NotFound."""
        found = self.records([login], today)
        if not found:
            raise NotFound(what="人员", id=login)
        return found[0]

    def sign_in(self, login: str, today: date) -> SignIn | None:
        """What a request asks of the person signed in, or None."""
        rows = persons.sign_in(self._store, login, today)
        if not rows:
            return None
        posts = tuple(Post(*row[11:]) for row in rows if row[11] is not None)
        return SignIn(*(*rows[0][:11], posts))

    def names(self, logins: Iterable[str]) -> dict[str, str]:
        """Names by login; unknown ones are left out."""
        unique = list(dict.fromkeys(logins))
        return {login: name for some in chunks(unique) for login, name in persons.names(self._store, some).items()}

    def find(self, text: str, today: date) -> Person | None:
        """The person of a login, or of a mobile number (spaces and +86 forgiven), or None."""
        logins = models.Person.select(models.Person.login)
        login = self._store.value(logins.where(models.Person.login == text.strip()))
        if login is None and (number := mobile(text)):
            here = (models.Person.mobile == number) & (models.Person.status != "left")
            login = self._store.value(logins.where(here))
        return self.get(login, today) if login is not None else None

    def records(self, logins: Sequence[str], today: date) -> list[Person]:
        """Full records in the order asked; unknown logins are left out."""
        rows = {row["login"]: row for row in rows_of(self._store, models.Person, "login", logins)}
        posts = self._by_person(models.Post, logins, valid(models.Post, "since", "until", today))
        skills = self._by_person(models.Skill, logins)
        free = self._by_person(models.FreeTime, logins)
        return [_record(rows[one], posts[one], skills[one], free[one]) for one in logins if one in rows]

    def page(self, test: Expression | None, limit: int, offset: int, today: date) -> Page[Person]:
        """People for whom a SQL test holds, by login; counted as far as `paging.reach`."""
        query, ids = models.Person.select(models.Person.login), models.Person.select(models.Person.id)
        if test is not None:
            query, ids = query.where(test), ids.where(test)
        rows = self._store.rows(query.order_by(models.Person.login).limit(limit).offset(offset))
        found = int(self._store.value(counted(ids, reach(limit, offset) + 1)))
        return sliced(self.records([row["login"] for row in rows], today), found, limit, offset)

    def posts(self, login: str, today: date | None) -> list[Post]:
        """Posts of a person on a day, or (None) all there ever were, oldest first."""
        if today is not None:
            return [Post(*row) for row in persons.posts(self._store, login, today)]
        query = models.Post.select().where(models.Post.person == login).order_by(models.Post.id)
        return [post(row) for row in self._store.rows(query)]

    def active(self, logins: Iterable[str]) -> set[str]:
        """Those of the logins who are active people."""
        unique = list(dict.fromkeys(logins))
        return {login for some in chunks(unique) for login in persons.active(self._store, some)}

    def holders(self, role: str, units: Iterable[str] | None, today: date) -> dict[str, list[str]]:
        """Active holders of a role by unit, logins sorted; at some units or (None) anywhere."""
        found: dict[str, set[str]] = defaultdict(set)
        for unit, login in persons.holders(self._store, role, None if units is None else list(units), today):
            found[unit].add(login)
        return {unit: sorted(logins) for unit, logins in found.items()}

    def skilled(self, skill: str, home: Expression | None, today: date) -> list[str]:
        """Active people with an unexpired skill, sorted; `home`: a SQL test on the person, None = anywhere."""
        unexpired = models.Skill.expires.is_null() | (models.Skill.expires >= today)
        query = _of_active(models.Skill, models.Skill.person).where((models.Skill.name == skill) & unexpired)
        query = query if home is None else query.where(home)
        return sorted({row["person"] for row in self._store.rows(query)})

    def expiring(self, last: date, since: date | None, home: Expression | None) -> list[tuple[str, Skill]]:
        """(login, skill) of active people whose certificate ends by a day, and not before `since`; next first. `home`:
        a SQL test on the person."""
        query = _of_active(models.Skill, models.Skill).where(models.Skill.expires <= last)
        query = query if since is None else query.where(models.Skill.expires >= since)
        query = query if home is None else query.where(home)
        rows = self._store.rows(query.order_by(models.Skill.expires, models.Skill.person).limit(EXPIRING))
        return [(row["person"], Skill(row["name"], row["certificate"], row["expires"])) for row in rows]

    def _by_person(self, model: Any, logins: Sequence[str], test: Expression | None = None) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in rows_of(self._store, model, "person", logins, test):
            found[row["person"]].append(row)
        return found


def rows_of(store: Store, model: Any, column: str, keys: Sequence[str], test: Expression | None = None) -> list[Row]:
    """Rows whose column holds one of the keys, by id, in as many statements as the database's limits ask for."""
    found: list[Row] = []
    for some in chunks(keys):
        query = model.select().where(getattr(model, column).in_(some)).order_by(model.id)
        found += store.rows(query if test is None else query.where(test))
    return found


def chunks(items: Sequence[Any]) -> Iterator[list[Any]]:
    """Pieces of a sequence, CHUNK long at most."""
    for start in range(0, len(items), CHUNK):
        yield list(items[start : start + CHUNK])


def mobile(text: str) -> str:
    """A mobile number without spaces, hyphens and +86; '' when it is none."""
    number = re.sub(r"[\s-]", "", text).removeprefix("+86")
    return number if _MOBILE.match(number) else ""


def post(row: Row) -> Post:
    """The plain row of a post."""
    return Post(row["role"], row["unit"], row["since"], row["until"])


def _of_active(model: Any, *columns: Any) -> ModelSelect:
    """Rows that hang on active people."""
    return (
        model.select(*columns)
        .join(models.Person, on=(models.Person.login == model.person))
        .where(models.Person.status == "active")
    )


def _record(row: Row, posts: list[Row], skills: list[Row], free: list[Row]) -> Person:
    kept = {name: row[name] for name in _KEPT}
    return Person(
        **kept,
        channels=tuple(values.loads(row["channels"])),
        fields=values.loads(row["fields"]),
        posts=tuple(post(one) for one in posts),
        skills=tuple(Skill(one["name"], one["certificate"], one["expires"]) for one in skills),
        free=tuple(Free(one["weekday"], one["start"], one["end"]) for one in free),
    )


_KEPT = (
    *("id", "login", "name", "mobile", "email", "status", "home_unit", "employer", "branch", "locale", "sample"),
    *("telling", "password", "fs_uniquifier", "active"),
)
