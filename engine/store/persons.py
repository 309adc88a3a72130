"""What commands ask of people and units: plain SQL, written once.

Owns the reads on the hot path (is somebody active, who holds a role, which units are above); screens read through
`people.directory`. Days are local days, compared with both ends included, NULL open. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from engine.store.database import Store

_LINE = (
    "with recursive up (code, parent, valid_from, valid_to, steps) as ("
    "select code, parent, valid_from, valid_to, 0 from unit where code = ? union all "
    "select u.code, u.parent, u.valid_from, u.valid_to, up.steps + 1 from unit u join up on u.code = up.parent "
    "where up.steps < 100) select code, (valid_from is null or valid_from <= ?) "
    "and (valid_to is null or valid_to >= ?) from up order by steps"
)
_HOLDERS = (
    "select p.unit, p.person from post p join person on person.login = p.person where person.status = 'active' "
    "and p.role = ?{units} and (p.since is null or p.since <= ?) and (p.until is null or p.until >= ?)"
)
_POSTS = (
    "select role, unit, since, until from post where person = ? "
    "and (since is null or since <= ?) and (until is null or until >= ?) order by id"
)


_SIGN_IN = (
    "select p.login, p.name, p.mobile, p.email, p.status, p.home_unit, p.employer, p.locale, p.password, "
    "p.fs_uniquifier, p.active, o.role, o.unit, o.since, o.until from person p left join post o on o.person = p.login "
    "and (o.since is null or o.since <= ?) and (o.until is null or o.until >= ?) where p.login = ? order by o.id"
)

STAMP = "(select value from stamp where name = 'people')"  # a column for a statement that reads something else
_CHANGED = (
    "insert into stamp (name, value) values ('people', 1) on conflict (name) do update set value = stamp.value + 1"
)


def changed(store: Store) -> None:
    """People or units change in this transaction: what is remembered of them is over when it commits."""
    store.sql(_CHANGED)


def stamp(store: Store) -> int:
    """How often people and units have changed."""
    return store.sql(f"select {STAMP}").fetchone()[0] or 0


def somebody(store: Store) -> bool:
    """Whether anybody is registered."""
    return store.sql("select 1 from person limit 1").fetchone() is not None


def is_active(store: Store, login: str) -> bool:
    """Whether a login is an active person."""
    return store.sql("select 1 from person where login = ? and status = 'active'", (login,)).fetchone() is not None


def active(store: Store, logins: Sequence[str]) -> set[str]:
    """Those of at most some hundred logins who are active people."""
    marks = ", ".join("?" * len(logins))
    rows = store.sql(f"select login from person where login in ({marks}) and status = 'active'", logins)
    return {row[0] for row in rows.fetchall()}


def line(store: Store, unit: str, on: date) -> list[str]:
    """A unit and those above it, nearest first, without those not valid that day; a code that was never put stands
    alone."""
    rows = store.sql(_LINE, (unit, on, on)).fetchall()
    return [code for code, valid in rows if valid] if rows else [unit]


def holders(store: Store, role: str, units: Sequence[str] | None, on: date) -> list[tuple[str, str]]:
    """(unit, login) of the active holders of a role on a day, at some units or (None) anywhere."""
    some = "" if units is None else f" and p.unit in ({', '.join('?' * len(units))})"
    return store.sql(_HOLDERS.format(units=some), [role, *(units or ()), on, on]).fetchall()


def posts(store: Store, login: str, on: date) -> list[tuple[str, str, date | None, date | None]]:
    """(role, unit, since, until) of a person's posts on a day, oldest first."""
    rows = store.sql(_POSTS, (login, on, on)).fetchall()
    return rows if store.postgres else [(role, unit, _day(since), _day(until)) for role, unit, since, until in rows]


def sign_in(store: Store, login: str, on: date) -> list[tuple[Any, ...]]:
    """A person as signing in sees them (login, name, mobile, email, status, home_unit, employer, locale, password,
    fs_uniquifier, active) beside each of their posts on a day (role, unit, since, until), all None for none at all."""
    rows = store.sql(_SIGN_IN, (on, on, login)).fetchall()
    return rows if store.postgres else [(*row[:10], bool(row[10]), *row[11:13], *map(_day, row[13:])) for row in rows]


def names(store: Store, logins: Sequence[str]) -> dict[str, str]:
    """Names of at most some hundred logins; unknown ones are left out."""
    marks = ", ".join("?" * len(logins))
    return dict(store.sql(f"select login, name from person where login in ({marks})", logins).fetchall())


def roles(store: Store) -> list[tuple[str, str]]:
    """(name, settings as stored) of the installed packs, and of the roles that an administrator changed, whose names
    begin with `role:`; those come last, so that they win."""
    edited = "select 'role:' || key, settings, 1 from role"
    rows = store.sql(f"select name, settings, 0 as edited from pack union all {edited} order by 3, 1").fetchall()
    return [(name, settings) for name, settings, _edited in rows]


def packs(store: Store) -> list[tuple[str, str]]:
    """(name, settings as stored) of the installed packs, by name."""
    return [tuple(row) for row in store.sql("select name, settings from pack order by name").fetchall()]


def place(store: Store, unit: str) -> tuple[str, str] | None:
    """(zone, calendar) of a unit, None when it was never put."""
    return store.sql("select zone, calendar from unit where code = ?", (unit,)).fetchone()


def _day(text: Any) -> date | None:
    return None if text is None else date.fromisoformat(text)
