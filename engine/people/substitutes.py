"""Standing substitutes: who acts for whom, from one day to another, for one process or all.

Owns the table `substitute`. A substitution changes no task: while it holds, both see the tasks and the first who acts
has acted. One without an end is a successor's: what still comes for a person who left goes to them. Rows are ended,
never deleted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from peewee import Expression

from engine.errors import Forbidden, InvalidValue, NotFound, NotOpen, Said
from engine.records import Substitution
from engine.store import models, persons
from engine.store.database import Store
from engine.store.prepared import Mark, Prepared

if TYPE_CHECKING:
    from engine.people import People

Row = models.Substitute
ITSELF = Said("不能由自己代理自己", "nobody stands in for themselves")
BACKWARDS = Said("结束日期早于开始日期", "it ends before it begins")


class Substitutes:
    """Reads and writes of substitutions. Days are the installation's."""

    def __init__(self, store: Store, people: People) -> None:
        self._store = store
        self._people = people
        acting = (Row.substitute == Mark("login")) & holding(Mark("today"))
        self._acting = Prepared(store, Row.select(Row.person, Row.process).where(acting).order_by(Row.id))

    def put(
        self,
        person: str,
        substitute: str,
        *,
        by: str,
        at: datetime,
        since: date | None = None,
        until: date | None = None,
        process: str = "",
        reason: str = "",
    ) -> Substitution:
        """Let somebody stand in for a person. One's own, else `people:write` at their home. Forbidden, UnknownPerson,
        InvalidValue."""
        self._may_change(person, by)
        self._people.require(substitute)
        if person == substitute:
            raise InvalidValue(reason=ITSELF)
        if since and until and until < since:
            raise InvalidValue(reason=BACKWARDS)
        row: dict[str, Any] = {
            "id": self._store.new_id(),
            "person": person,
            "substitute": substitute,
            "process": process,
        }
        row |= {"since": since, "until": until, "reason": reason, "created_by": by, "created_at": at}
        with self._store.transaction():
            self._store.run(Row.insert(row))
            persons.changed(self._store)
        return self.get(row["id"])

    def end(self, substitution: int, *, by: str, at: datetime) -> None:
        """It is over now. NotFound, NotOpen, Forbidden."""
        known = self.get(substitution)
        if known.ended_at is not None:
            raise NotOpen(state="completed")
        self._may_change(known.person, by)
        with self._store.transaction():
            self._store.run(Row.update(ended_by=by, ended_at=at).where(Row.id == substitution))
            persons.changed(self._store)

    def get(self, substitution: int) -> Substitution:
        """One of them. NotFound."""
        found = self._store.rows(Row.select().where(Row.id == substitution))
        if not found:
            raise NotFound(what="代理", id=substitution)
        return Substitution(**found[0])

    def rows(self, login: str) -> list[Substitution]:
        """Those of a person, and those in which they stand in: not ended, whether begun or not; next first."""
        mine = (Row.person == login) | (Row.substitute == login)
        still = Row.ended_at.is_null() & (Row.until.is_null() | (Row.until >= self._people.today()))
        query = Row.select().where(mine & still).order_by(Row.since.asc(nulls="first"), Row.id)
        return [Substitution(**row) for row in self._store.rows(query)]

    # ---- what commands and lists ask

    def of(self, logins: Iterable[str], process: str) -> list[str]:
        """Active people who stand in for any of these today in a process."""
        wanted = list(logins)
        if not wanted:
            return []
        query = Row.select(Row.substitute).where(
            Row.person.in_(wanted) & holding(self._people.today()) & self._covers(process)
        )
        found = dict.fromkeys(row["substitute"] for row in self._store.rows(query.order_by(Row.id)))
        active = self._people.active(found)
        return [login for login in found if login in active]

    def standing(self, logins: Iterable[str], process: str) -> dict[str, list[str]]:
        """Who stands in today for each of these in a process; those for whom nobody does are left out."""
        wanted = list(logins)
        if not wanted:
            return {}
        query = Row.select(Row.person, Row.substitute).where(
            Row.person.in_(wanted) & holding(self._people.today()) & self._covers(process)
        )
        rows = self._store.rows(query.order_by(Row.id))
        active = self._people.active({row["substitute"] for row in rows})
        found: dict[str, list[str]] = {}
        for row in rows:
            if row["substitute"] in active and row["substitute"] not in found.setdefault(row["person"], []):
                found[row["person"]].append(row["substitute"])
        return {login: some for login, some in found.items() if some}

    def represented(self, login: str) -> dict[str, frozenset[str]]:
        """For whom somebody acts today, and in which processes ('' among them: in all)."""
        return self._store.recall(("represented", login), lambda: self._represented(login))

    def _represented(self, login: str) -> dict[str, frozenset[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for row in self._acting.rows(login=login, today=self._people.today()):
            found[row["person"]].add(row["process"])
        return {person: frozenset(processes) for person, processes in found.items()}

    def stands_in(self, login: str, persons: Iterable[str], process: str) -> str:
        """For whom of these a person stands in today in a process; '' for nobody."""
        query = Row.select(Row.person).where(
            (Row.substitute == login)
            & Row.person.in_(list(persons))
            & holding(self._people.today())
            & self._covers(process)
        )
        found = self._store.rows(query.order_by(Row.id).limit(1))
        return found[0]["person"] if found else ""

    @staticmethod
    def _covers(process: str) -> Expression:
        return Row.process.in_(["", process])

    def _may_change(self, person: str, by: str) -> None:
        if not by or by == person:
            return
        homes: Mapping[str, Any] = self._people.records([person])
        home = homes[person].home_unit if person in homes else ""
        if not self._people.may(by, "people:write", home or None):
            raise Forbidden(who=by, action="people:write")


def holding(day: Any) -> Expression:
    """The test of a row that holds on a day (a date, or a mark for one)."""
    begun = Row.since.is_null() | (Row.since <= day)
    return Row.ended_at.is_null() & begun & (Row.until.is_null() | (Row.until >= day))
