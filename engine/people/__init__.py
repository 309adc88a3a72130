"""Who may and who should: people, units, roles, posts, skills.

Owns the class `People`, the one face of this package: other parts ask it and never read these tables. Its pieces:
`units` (the tree), `directory` (reads of people), `substitutes` (who acts for whom), `changes` (writes), `roles`
(permissions), `rules` (whom a task is for). Knows no screen, no process and no role by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from peewee import Expression

from engine.clock import Clock, in_zone
from engine.errors import AlreadyRegistered, Forbidden, InvalidValue, NotFound, UnknownPerson
from engine.people import changes, importing, reasons, roles, rules
from engine.people.directory import Directory, mobile
from engine.people.edited import EditedRoles
from engine.people.reasons import Reason
from engine.people.remembered import KeptTree, Remembered
from engine.people.roles import Rights, Scope
from engine.people.signins import SignIns
from engine.people.substitutes import BACKWARDS, Substitutes
from engine.people.units import Units, codes_below, valid
from engine.records import Page, Person, Post, Role, SignIn, Skill, Unit
from engine.store import house, models
from engine.store.database import Store

__all__ = ["People", "Reason", "Rights", "Scope"]


class People:
    """People and units of one installation. Days (posts, certificates) are those of the zone."""

    def __init__(
        self, store: Store, clock: Clock, zone: ZoneInfo | None = None, *, tries: int = 6, minutes: int = 15
    ) -> None:
        """`tries` wrong ones within `minutes` lock a sign-in for as long."""
        self._store = store
        self._clock = clock
        self._zone = zone or ZoneInfo("Asia/Shanghai")
        self._directory = Directory(store)
        self._remembered = Remembered(self)
        self.units = Units(store, self.today, clock.now)
        self._tree = KeptTree(store, self.units)
        self.substitutes = Substitutes(store, self)
        self.signins = SignIns(store, clock.now, tries, minutes)
        self.edited = EditedRoles(store, self, clock.now)

    def now(self) -> datetime:
        """The instant, naive UTC."""
        return self._clock.now()

    def today(self) -> date:
        """The local day."""
        return in_zone(self._clock.now(), self._zone).date()

    # ---- people

    def put(self, login: str, *, by: str = "", **given: Any) -> Person:
        """Make or change a person; what is not given stays.

        Given: name, mobile, email, status (pending | active | left), home_unit, employer, branch (unit codes), channels
        (Apprise or mailto: addresses, in order), locale, sample, password (a hash), active, fields (dict), posts
        [(role, unit code[, since, until])], skills [name or (name, certificate, expires)], free [(weekday, from, to)].
        Posts, skills and free times given replace those there are; a post no longer named ends yesterday. `by`: who
        does it, kept in the house's journal (whether they may is the screen's question); '' is the system.
        """
        changes.put(self._store, [{"login": login, **given}], self._clock.now(), self.today(), by=by)
        return self.get(login)

    def put_many(self, people: Iterable[Mapping[str, Any]]) -> int:
        """Many people in one transaction: dicts of `login` and what `put` takes. All or none; how many."""
        rows = list(people)
        changes.put(self._store, rows, self._clock.now(), self.today())
        return len(rows)

    def get(self, login: str) -> Person:
        """The person; NotFound."""
        return self._directory.get(login, self.today())

    def find(self, text: str) -> Person | None:
        """The person of a login or mobile number, or None."""
        return self._directory.find(text, self.today())

    def sign_in(self, login: str) -> SignIn | None:
        """The person signed in under a login, or None; one look, once a request."""
        return self._store.recall(("sign_in", login), lambda: self._directory.sign_in(login, self.today()))

    def names(self, logins: Iterable[str]) -> dict[str, str]:
        """Names of many people by login, one look for all; unknown ones are left out."""
        return self._directory.names(logins)

    def by_uniquifier(self, token: str) -> Person | None:
        """The person of a sign-in token (Flask-Security's fs_uniquifier), or None."""
        login = self._store.value(models.Person.select(models.Person.login).where(models.Person.fs_uniquifier == token))
        return self.get(login) if login is not None else None

    def records(self, logins: Sequence[str]) -> dict[str, Person]:
        """Many people at once, by login; unknown ones are left out."""
        unique = list(dict.fromkeys(logins))
        return {person.login: person for person in self._directory.records(unique, self.today())}

    def rows(
        self,
        by: str | None = None,
        *,
        unit: str = "",
        role: str = "",
        status: str = "",
        employer: str = "",
        skill: str = "",
        text: str = "",
        limit: int = 50,
        offset: int = 0,
    ) -> Page[Person]:
        """A page of people by login. `by`: only those this person may read (permission `people:read` at their home or
        employer, or oneself); `unit`: at home at or below it; `text`: in name, login, mobile."""
        tests = [self._readable(by), self._at_home(unit) if unit else None, *self._filters(status, employer, text)]
        if role:
            holding = (models.Post.role == role) & valid(models.Post, "since", "until", self.today())
            tests.append(models.Person.login.in_(models.Post.select(models.Post.person).where(holding)))
        if skill:
            tests.append(
                models.Person.login.in_(models.Skill.select(models.Skill.person).where(models.Skill.name == skill))
            )
        return self._directory.page(_all_of(tests), limit, offset, self.today())

    def posts(self, login: str, *, history: bool = False) -> list[Post]:
        """Today's posts; with `history` all there ever were."""
        return self._directory.posts(login, None if history else self.today())

    def appoint(self, login: str, post: Post | tuple[Any, ...], *, by: str = "") -> Person:
        """Give a person one more post, or move the days of the one they hold; their other posts stay as they are, those
        that begin later too. NotFound, InvalidValue."""
        self.get(login)
        wanted = changes.checked({"login": login, "posts": [post]})["posts"][0]
        if wanted.since and wanted.until and wanted.until < wanted.since:
            raise InvalidValue(reason=BACKWARDS)
        with self._store.transaction():
            changes.appoint_inside(self._store, login, wanted, self.today())
            self._noted("appointed", login, wanted.role, wanted.unit, by)
        return self.get(login)

    def dismiss(self, login: str, role: str, unit: str, *, by: str = "") -> Person:
        """End one post, with yesterday; one that has not begun is forgotten. NotFound."""
        with self._store.transaction():
            if not changes.dismiss_inside(self._store, login, role, unit, self.today()):
                raise NotFound(what="岗位", id=role)
            self._noted("dismissed", login, role, unit, by)
        return self.get(login)

    def _noted(self, event: str, login: str, role: str, unit: str, by: str) -> None:
        if by:
            house.note(self._store, event, login, by, self.now(), {"role": role, "unit": unit})

    def succeed(self, leaver: str, to: str) -> int:
        """All posts of a person go to another today; how many. NotFound."""
        self.get(leaver), self.get(to)
        with self._store.transaction():
            return changes.succeed_inside(self._store, leaver, to, self.today())

    def empty(self) -> bool:
        """Whether nobody is registered: then every login is allowed, and nothing is resolved."""
        return self._directory.empty()

    def has_samples(self) -> bool:
        """Whether some people are marked as samples: then this is a demo."""
        return (
            self._store.value(models.Person.select(models.Person.id).where(models.Person.sample).limit(1)) is not None
        )

    def require(self, login: str) -> None:
        """Raise UnknownPerson unless the login is an active person, or nobody is registered yet."""
        if not self._directory.is_active(login) and not self.empty():
            raise UnknownPerson(login=login)

    # ---- registration

    def register(self, number: str, *, name: str, home_unit: str, **given: Any) -> Person:
        """Somebody registers by mobile number (their login): `pending` until approved. AlreadyRegistered."""
        login = mobile(number) or number
        known = self.find(login)
        if known is not None and known.status != "left":
            raise AlreadyRegistered(what=login)
        return self.put(login, mobile=login, name=name, home_unit=home_unit, status="pending", **given)

    def approve(self, login: str, by: str, posts: Sequence[Any] = ()) -> Person:
        """Accept somebody pending, with posts. Needs `people:write` at their home unit. Forbidden, NotFound."""
        person = self._pending(login, by)
        return self.put(login, by=by, status="active", posts=[*person.posts, *posts])

    def reject(self, login: str, by: str) -> Person:
        """Refuse somebody pending. Needs `people:write` at their home unit."""
        self._pending(login, by)
        return self.put(login, by=by, status="left")

    def _pending(self, login: str, by: str) -> Person:
        person = self.get(login)
        if person.status != "pending":
            raise NotFound(what="待审核人员", id=login)
        if not self.may(by, "people:write", person.home_unit):
            raise Forbidden(who=by, action="people:write")
        return person

    # ---- units

    def put_unit(self, code: str, **given: Any) -> Unit:
        """Make or change a unit; see `Units.put`."""
        return self.units.put(code, **given)

    def end_unit(self, code: str, last: date, *, by: str = "", below: bool = False) -> list[str]:
        """End a unit with a day, and the posts at it; see `Units.end`."""
        return self.units.end(code, last, by=by, below=below)

    def unit(self, code: str) -> Unit:
        """The unit; NotFound."""
        return self.units.get(code)

    def tree(self, top: str = "", kind: str = "") -> list[Unit]:
        """Today's units at or below `top` ('' = all), parents first."""
        return self._store.recall(("tree", top, kind), lambda: self._today_tree(top, kind))

    def _today_tree(self, top: str, kind: str) -> list[Unit]:
        return self.units.tree(top, kind, self.today()) if top or kind else self._tree.whole(self.today())

    def line(self, unit: str) -> list[str]:
        """The unit and those above it, nearest first."""
        return self.units.line(unit, self.today())

    def units_of(self, login: str) -> list[str]:
        """Units where the person holds posts today, each once."""
        return list(dict.fromkeys(post.unit for post in self.posts(login) if post.unit))

    # ---- tables

    def preview(
        self, tables: Mapping[str, importing.Table], by: str, fit: importing.Fit | None = None
    ) -> importing.Preview:
        """What tables of units, people and posts ({"units" | "people" | "posts": [(line, {column: text})]}) would
        change if `by` applied them; `fit` refuses further lines. Changes nothing."""
        return importing.preview(self, self._store, tables, by, fit)

    def apply(self, plan: importing.Preview, by: str) -> int:
        """Write a preview in one transaction, all or nothing; how many lines changed something. InvalidValue."""
        return importing.apply(self, self._store, plan, by)

    # ---- permissions

    def roles(self) -> dict[str, Role]:
        """Roles that the installed packs define, by key."""
        return self._store.recall("roles", lambda: roles.installed(self._store))

    def rights(self, login: str) -> Rights:
        """All that a person may do, to be asked often within one request."""
        return self._store.recall(("rights", login), lambda: self._rights(login))

    def _rights(self, login: str) -> Rights:
        person = self.sign_in(login)
        active = person is not None and person.status == "active"
        posts = person.posts if person is not None and active else ()
        known = self.roles() if posts else {}
        permissions = {post.role: roles.granted(post.role, known) for post in posts}
        return Rights(login, posts, permissions, self._recalled_line, open=not active and self.empty())

    def _recalled_line(self, unit: str) -> list[str]:
        return self._store.recall(("line", unit), lambda: self.line(unit))

    def may(self, login: str, permission: str, unit: str | None = None) -> bool:
        """Whether a person may do something, at a unit when one is given. True while nobody is registered."""
        return self.rights(login).may(permission, unit)

    def may_everywhere(self, login: str, permission: str) -> bool:
        """Whether a post permits something at the top of the tree: at '' or at every top unit that has units below."""
        rights = self.rights(login)
        if rights.may(permission, "") or not rights.may(permission):
            return rights.may(permission, "")
        tree = self.tree()
        parents = {unit.parent for unit in tree}
        tops = [unit.code for unit in tree if not unit.parent and unit.code in parents]
        return bool(tops) and all(rights.may(permission, top) for top in tops)

    def visible_units(self, login: str, *permissions: str) -> Scope:
        """The units whose rows any of the permissions opens to a person; queries make SQL of it by `.where(column)`."""
        return self._store.recall(("visible", login, permissions), lambda: self._visible_units(login, permissions))

    def _visible_units(self, login: str, permissions: Sequence[str]) -> Scope:
        rights = self.rights(login)
        places = {place for permission in permissions for place in rights.places(permission)}
        if rights.open or "" in places:
            return Scope(everywhere=True)
        return Scope(codes=tuple(sorted(places)), paths=tuple(self.units.paths(places)))

    # ---- who a task is for

    def resolve(
        self,
        wanted: Iterable[str],
        unit: str = "",
        initiator: str = "",
        variables: Mapping[str, Any] | None = None,
        stamp: int | None = None,
    ) -> list[str]:
        """Logins that assignment rules mean today for a case at a unit; [] while nobody is registered. `stamp`: as read
        by the command (`store.persons.stamp`); with it what did not change since is not looked up again.
        InvalidValue."""
        if self.empty():
            return []
        directory = self if stamp is None else self._remembered.at(stamp, self.today())
        return rules.resolve(wanted, rules.Case(unit, initiator, variables or {}), directory)

    def explain(
        self,
        wanted: Iterable[str],
        unit: str = "",
        initiator: str = "",
        variables: Mapping[str, Any] | None = None,
    ) -> tuple[list[Reason], list[Reason]]:
        """Whom the rules mean today and by which one, as `resolve`; and who was passed over, and why. InvalidValue."""
        case = rules.Case(unit, initiator, variables or {})
        answers = [rules.answer(rule, case, self) for rule in wanted]
        others: dict[str, Reason] = {}
        for one in answers:
            home = self._at_home(one.looked[0]) if one.kind == "skill" and one.looked else None
            for reason in reasons.passed_over(self._store, one, home, self.today()):
                others.setdefault(reason.login, reason)
        picked = reasons.chosen(answers)
        meant = {reason.login for reason in picked}
        return picked, [reason for login, reason in others.items() if login not in meant]

    def holders(self, role: str, units: Iterable[str] | None = None) -> dict[str, list[str]]:
        """Active holders of a role by unit, at some units or (None) anywhere."""
        return self._directory.holders(role, units, self.today())

    def skilled(self, skill: str, unit: str | None = None) -> list[str]:
        """Active people with an unexpired skill, at home at or below a unit, or (None) anywhere."""
        return self._directory.skilled(skill, self._at_home(unit) if unit else None, self.today())

    def expiring(self, within: int, *, by: str | None = None, since: date | None = None) -> list[tuple[str, Skill]]:
        """(login, skill) of active people whose certificate has expired (no earlier than `since`) or will within some
        days, next first; `by`: of people this person may read."""
        last = self.today() + timedelta(days=within)
        return self._directory.expiring(last, since, self._readable(by))

    def active(self, logins: Iterable[str]) -> set[str]:
        """Those of the logins who are active people."""
        return self._directory.active(logins)

    def permitted(self, permission: str, unit: str = "") -> list[str]:
        """Active people whose posts permit something at a unit ('' = anywhere), nearest posts first."""
        places = [*self.line(unit), ""] if unit else None
        found = [self.holders(key, places) for key in self._permitting(permission)]
        order = places or sorted({place for holders in found for place in holders})
        return list(dict.fromkeys(login for place in order for holders in found for login in holders.get(place, ())))

    def permitted_at(self, permission: str, units: Iterable[str]) -> dict[str, list[str]]:
        """Active people whose posts at each of the units name a permission; units without any are left out. Whoever
        may do everything (`admin`, `*`) is not meant."""
        found: dict[str, dict[str, None]] = {}
        known, places = self.roles(), list(units)
        keys = [key for key, role in known.items() if permission in role.permissions]
        keys += [permission] if permission in roles.BUILT_IN and permission not in known else []
        for key in keys:
            for unit, logins in self.holders(key, places).items():
                found.setdefault(unit, {}).update(dict.fromkeys(logins))
        return {unit: list(logins) for unit, logins in found.items()}

    def at(self, unit: str) -> list[str]:
        """Active people with a post at exactly this unit."""
        holding = (models.Post.unit == unit) & valid(models.Post, "since", "until", self.today())
        query = models.Post.select(models.Post.person).where(holding).order_by(models.Post.id)
        found = list(dict.fromkeys(row["person"] for row in self._store.rows(query)))
        alive = self.active(found)
        return [login for login in found if login in alive]

    def _permitting(self, permission: str) -> list[str]:
        """The roles whose posts permit something."""
        known = self.roles()
        keys = {one for one, role in known.items() if any(roles.matches(p, permission) for p in role.permissions)}
        return sorted(keys | {one for one in roles.BUILT_IN if one not in known and roles.matches(one, permission)})

    def superiors(self, login: str) -> list[str]:
        """Who may operate on what the person does: holders of `operate` above their posts, nearest first."""
        above = dict.fromkeys(unit for place in self.units_of(login) for unit in self.line(place)[1:2])
        found = dict.fromkeys(one for unit in above for one in self.permitted("operate", unit))
        return [one for one in found if one != login]

    # ---- SQL tests

    def _at_home(self, unit: str) -> Expression:
        test = models.Person.home_unit == unit
        paths = self.units.paths([unit])
        return test | models.Person.home_unit.in_(codes_below(paths)) if paths else test

    def _readable(self, by: str | None) -> Expression | None:
        if by is None:
            return None
        scope = self.visible_units(by, "people:read")
        home, employer = scope.where(models.Person.home_unit), scope.where(models.Person.employer)
        if home is None or employer is None:
            return None
        return home | employer | (models.Person.login == by)

    def _filters(self, status: str, employer: str, text: str) -> list[Expression | None]:
        like = (
            models.Person.name.contains(text) | models.Person.login.contains(text) | models.Person.mobile.contains(text)
        )
        return [
            models.Person.status == status if status else None,
            models.Person.employer == employer if employer else None,
            like if text else None,
        ]


def _all_of(tests: Iterable[Expression | None]) -> Expression | None:
    whole: Expression | None = None
    for test in tests:
        if test is not None:
            whole = test if whole is None else whole & test
    return whole
