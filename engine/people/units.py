"""The organisation tree: units with codes, effective-dated, any number of levels.

Owns rows of `unit` and questions about above and below. A unit's `path` ('/top/.../code/') makes a subtree one prefix
and the line upwards one read. Levels and kinds are data. A code that was never put is a unit without relatives, so
that posts may name it before the tree is entered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from peewee import Expression, Field, ModelSelect, Value, fn

from engine import records
from engine.errors import InvalidValue, NotFound, Said
from engine.expressions import values
from engine.people import past
from engine.store import house, models, persons
from engine.store.database import Store

STILL_BELOW = Said("它下面还有单位，请先移走，或一并结束", "there are units below it; move them, or end them too")
NOT_YET = Said("变更日期不能在今天之后", "a change cannot begin after today")
FIELDS = ("name", "name_en", "kind", "division", "zone", "calendar", "valid_from", "valid_to")


def path_of(parent_path: str, code: str) -> str:
    """A unit's path under its parent's ('' at the top)."""
    return f"{parent_path or '/'}{code}/"


def below(column: Field, paths: Iterable[str]) -> Expression:
    """SQL test that a path column starts with one of the paths. (SUBSTR: LIKE ignores case on SQLite, and a range
    follows the database's collation on PostgreSQL.)"""
    return reduce(or_, (fn.SUBSTR(column, 1, len(path)) == path for path in paths))


class Units:
    """Reads and writes of the tree."""

    def __init__(self, store: Store, today: Callable[[], date], now: Callable[[], datetime]) -> None:
        self._store = store
        self._today = today
        self._now = now

    def put(
        self,
        code: str,
        *,
        parent: str | None = None,
        by: str = "",
        since: date | None = None,
        correction: bool = False,
        **given: Any,
    ) -> records.Unit:
        """Make or change a unit; what is not given stays. A new parent moves the whole subtree.

        Given: name, name_en, kind, division, zone, calendar, valid_from, valid_to (dates), fields (dict). What it was
        until the day before `since` (today unless said, never later) stays known; a `correction` was always so.
        Raises InvalidValue for a bad code or a unit under itself, NotFound for an unknown parent.
        """
        _check_code(code)
        changes = _columns(given)
        if since is not None and since > self._today():
            raise InvalidValue(reason=NOT_YET)
        with self._store.transaction():
            self.put_inside(code, parent, changes, by=by, since=since, correction=correction)
        return self.get(code)

    def end(self, code: str, last: date, *, by: str = "", below: bool = False) -> list[str]:
        """A unit ends with a day, and the posts at it; the codes that ended. With units below it that go on it is
        refused, unless they end too (`below`). NotFound, InvalidValue."""
        self.get(code)
        under = [one for one in self.tree(code) if one.valid_to is None or one.valid_to > last]
        if not below and any(one.code != code for one in under):
            raise InvalidValue(reason=STILL_BELOW)
        codes = [one.code for one in under]
        with self._store.transaction():
            for one in codes:
                self.put_inside(one, None, {"valid_to": last}, by=by)
            unended = models.Post.until.is_null() | (models.Post.until > last)
            for some in codes:
                self._store.run(models.Post.update(until=last).where((models.Post.unit == some) & unended))
        return codes

    def put_many(self, rows: Iterable[Mapping[str, Any]]) -> int:
        """Many units, parents first, in one transaction: dicts of `code` and what `put` takes. All or none."""
        wanted = [dict(row) for row in rows]
        with self._store.transaction():
            for given in wanted:
                code, parent = given.pop("code", ""), given.pop("parent", None)
                _check_code(code)
                self.put_inside(code, parent, _columns(given))
        return len(wanted)

    def put_inside(
        self,
        code: str,
        parent: str | None,
        changes: dict[str, Any],
        *,
        by: str = "",
        since: date | None = None,
        correction: bool = False,
    ) -> None:
        """`put` within a transaction that is already open; with `by` a line of the house's journal."""
        persons.changed(self._store)
        if by:
            said = {key: str(value) for key, value in changes.items() if value and key != "fields"}
            house.note(self._store, "unit-changed", code, by, self._now(), said | {"parent": parent or ""})
        row = self._row(code)
        above = (row["parent"] if row else "") if parent is None else parent
        changes = changes | {"parent": above, "path": self._path_under(above, code)}
        if row is None:
            fresh = {"id": self._store.new_id(), "code": code, "name": code, **changes}
            self._store.run(models.Unit.insert(fresh))
            return
        if not correction:
            past.keep(self._store, row, changes, since or self._today(), by, self._now())
        self._store.run(models.Unit.update(changes).where(models.Unit.code == code))
        self._move_below(row["path"], changes["path"])

    def get(self, code: str) -> records.Unit:
        """The unit; NotFound when it was never put."""
        unit = self.find(code)
        if unit is None:
            raise NotFound(what="单位", id=code)
        return unit

    def find(self, code: str) -> records.Unit | None:
        """The unit, or None."""
        row = self._row(code)
        return record(row) if row else None

    def names(self, codes: Iterable[str]) -> dict[str, records.Unit]:
        """Many units at once, by code."""
        rows = self._store.rows(models.Unit.select().where(models.Unit.code.in_(list(set(codes)))))
        return {row["code"]: record(row) for row in rows}

    def tree(self, top: str = "", kind: str = "", on: date | None = None) -> list[records.Unit]:
        """All units at or below `top` ('' = all), parents first, siblings by code; `on`: only those valid that day."""
        query = models.Unit.select()
        if top:
            query = query.where(below(models.Unit.path, [self._path(top)]))
        if kind:
            query = query.where(models.Unit.kind == kind)
        if on:
            query = query.where(valid(models.Unit, "valid_from", "valid_to", on))
        return sorted(map(record, self._store.rows(query)), key=lambda unit: unit.path)

    def on(self, day: date) -> list[records.Unit]:
        """The tree as it stood on a day, parents first, siblings by code; paths are of that day."""
        then = {unit.code: unit for unit in self.tree()}
        for code, was in past.on(self._store, day).items():
            if code in then:
                then[code] = replace(then[code], **{name: getattr(was, name) for name in past.KEPT})
        alive = {code: unit for code, unit in then.items() if _holds(unit, day)}
        placed = [replace(unit, path=_path_in(then, code)) for code, unit in alive.items()]
        return sorted(placed, key=lambda unit: unit.path)

    def changes(self, code: str) -> list[records.UnitChange]:
        """What a unit was before each of its changes, the latest first."""
        return past.changes(self._store, code)

    def line(self, code: str, on: date) -> list[str]:
        """The unit and those above it, nearest first; units not valid that day are left out."""
        return persons.line(self._store, code, on) if code else []

    def paths(self, codes: Iterable[str]) -> list[str]:
        """Paths of the units that exist among the codes."""
        query = models.Unit.select(models.Unit.path).where(models.Unit.code.in_(list(set(codes))))
        return [row["path"] for row in self._store.rows(query)]

    def _row(self, code: str) -> dict[str, Any] | None:
        return self._store.row(models.Unit.select().where(models.Unit.code == code))

    def _path(self, code: str) -> str:
        """Path of a unit; of an unknown code, a path of its own."""
        row = self._row(code)
        return row["path"] if row else path_of("", code)

    def _path_under(self, parent: str, code: str) -> str:
        if not parent:
            return path_of("", code)
        above = self.get(parent)
        if f"/{code}/" in above.path:
            raise InvalidValue(reason=f"the unit {code} cannot be under itself ({above.path})")
        return path_of(above.path, code)

    def _move_below(self, old: str, new: str) -> None:
        if old == new:
            return
        rest = fn.SUBSTR(models.Unit.path, len(old) + 1)
        moved = below(models.Unit.path, [old])
        self._store.run(models.Unit.update(path=Value(new).concat(rest)).where(moved))


def _holds(unit: records.Unit, day: date) -> bool:
    return (unit.valid_from is None or unit.valid_from <= day) and (unit.valid_to is None or unit.valid_to >= day)


def _path_in(units: Mapping[str, records.Unit], code: str) -> str:
    """A unit's path by the parents of one day."""
    line = [code]
    while (above := units[line[-1]].parent) and above in units and above not in line:
        line.append(above)
    return "/" + "".join(f"{one}/" for one in reversed(line))


def codes_below(paths: Iterable[str]) -> ModelSelect[Any]:
    """A subquery: the codes of all units at or below the paths."""
    return models.Unit.select(models.Unit.code).where(below(models.Unit.path, paths))


def valid(model: Any, since: str, until: str, on: date) -> Expression:
    """SQL test that a day lies within a row's two dates, both included, NULL open."""
    first, last = getattr(model, since), getattr(model, until)
    return (first.is_null() | (first <= on)) & (last.is_null() | (last >= on))


def record(row: Mapping[str, Any]) -> records.Unit:
    """The plain row of a unit."""
    kept = {name: row[name] for name in ("code", "parent", "path", *FIELDS)}
    return records.Unit(fields=values.loads(row["fields"]), **kept)


def _columns(given: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(given) - set(FIELDS) - {"fields"}
    if unknown:
        raise InvalidValue(reason=f"a unit has no {', '.join(sorted(unknown))}")
    columns = dict(given)
    if "fields" in columns:
        columns["fields"] = values.dumps(columns["fields"]).decode()
    return columns


def _check_code(code: str) -> None:
    if not code or "/" in code or "@" in code or code != code.strip():
        raise InvalidValue(reason=f"{code!r} is not a unit code")
