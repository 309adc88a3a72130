"""Writes of people: make, change, many at once.

Owns the checks on what is given and the rule that posts are ended, not deleted, so that who held what stays known.
Password hashes are stored, never made, here. One call, one transaction: all of it or nothing.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from engine import records
from engine.errors import AlreadyRegistered, InvalidValue, Said
from engine.expressions import values
from engine.people.directory import Row, chunks, mobile, rows_of
from engine.store import house, models, persons
from engine.store.database import Store

STATUSES = ("pending", "active", "left")
TEXTS = ("name", "mobile", "email", "status", "home_unit", "employer", "branch", "locale", "telling", "password")
FLAGS = ("sample", "active")
LISTS = ("posts", "skills", "free")
_LOGIN = re.compile(r"[^\s/@:,]{1,64}\Z")
_BLANK: Row = {
    **dict.fromkeys(TEXTS, ""),
    "status": "active",
    "sample": False,
    "active": True,
    "channels": "[]",
    "fields": "{}",
}


def put(store: Store, people: Sequence[Mapping[str, Any]], now: datetime, today: date, by: str = "") -> None:
    """Make or change people in one transaction; what is not given stays. With `by` each is a line of the house's
    journal. InvalidValue, AlreadyRegistered."""
    wanted = {row["login"]: row for row in map(checked, people)}
    with store.transaction():
        put_inside(store, list(wanted.values()), now, today)
        for login, row in wanted.items() if by else ():
            house.note(store, "person-changed", login, by, now, _told(row))


def _told(row: Row) -> dict[str, Any]:
    """What the journal says of a change: which fields, and of status, units and posts what they are now. No number,
    address or password: a line is kept when the person has asked to be forgotten."""
    data: dict[str, Any] = {"fields": sorted(set(row) - {"login"})}
    data |= {name: row[name] for name in ("status", "home_unit", "employer") if row.get(name)}
    if "posts" in row:
        data["posts"] = [f"{post.role}@{post.unit}" for post in row["posts"]]
    return data


def put_inside(store: Store, people: Sequence[Row], now: datetime, today: date) -> None:
    """The same inside a command's commit, for people already `checked`."""
    for some in chunks(list(people)):
        _put_some(store, some, now, today)


def checked(given: Mapping[str, Any]) -> Row:
    """A person's data with posts, skills and free times as records; None values are left out. Raises InvalidValue."""
    row = {name: value for name, value in given.items() if value is not None}
    unknown = set(row) - {"login", "channels", "fields", *TEXTS, *FLAGS, *LISTS}
    if unknown:
        raise InvalidValue(
            reason=Said(f"人员没有字段 {'、'.join(sorted(unknown))}", f"a person has no {', '.join(sorted(unknown))}")
        )
    for name in ("login", *TEXTS):
        if not isinstance(row.get(name, ""), str) or "\0" in row.get(name, ""):
            raise InvalidValue(
                reason=Said(f"{name} 不是文字：{row[name]!r:.40}", f"{name} is not text: {row[name]!r:.40}")
            )
    if not _LOGIN.match(row.get("login", "")):
        raise InvalidValue(
            reason=Said(
                f"{row.get('login', '')!r:.80} 不能作为登录名", f"{row.get('login', '')!r:.80} is not a sign-in name"
            )
        )
    if row.get("status", "active") not in STATUSES:
        raise InvalidValue(
            reason=Said(
                f"状态 {row['status']!r} 应为 {'、'.join(STATUSES)} 之一",
                f"the status {row['status']!r} is none of {', '.join(STATUSES)}",
            )
        )
    if row.get("mobile"):
        row["mobile"] = mobile(row["mobile"]) or _refuse(
            Said(f"{row['mobile']!r:.40} 不是手机号", f"{row['mobile']!r:.40} is not a mobile number")
        )
    for name, shape in (("posts", records.Post), ("skills", records.Skill), ("free", records.Free)):
        if name in row:
            if not isinstance(row[name], list | tuple):
                raise InvalidValue(reason=Said(f"{name} 应为列表", f"{name} must be a list"))
            row[name] = [_sensible(_shaped(shape, item)) for item in row[name]]
    return row


def _sensible(item: Any) -> Any:
    """The record with its days as dates, when its fields are what they are to be."""
    if isinstance(item, records.Free):
        limits = ((item.weekday, 1, 7), (item.start, 0, 1440), (item.end, 0, 1440))
        whole = all(type(value) is int and low <= value <= high for value, low, high in limits)
    else:
        named, other = (item.role, item.unit) if isinstance(item, records.Post) else (item.name, item.certificate)
        whole = isinstance(named, str) and bool(named) and isinstance(other, str)
    if not whole:
        kind = type(item).__name__.lower()
        raise InvalidValue(reason=Said(f"不是有效的{_KINDS[kind]}：{item!r:.120}", f"{item!r:.120} is no {kind}"))
    days = {name: _day(getattr(item, name)) for name in ("since", "until", "expires") if hasattr(item, name)}
    return replace(item, **days) if days else item


_KINDS = {"post": "任职", "skill": "特长", "free": "空闲时间"}


def _day(value: Any) -> date | None:
    if value is None or type(value) is date:
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as problem:
        raise InvalidValue(reason=Said(f"{value!r:.40} 不是日期", f"{value!r:.40} is not a date")) from problem


def _shaped(shape: Any, item: Any) -> Any:
    """A record from itself, a dict, a tuple, or (a skill) a bare name."""
    if isinstance(item, shape):
        return item
    if isinstance(item, str):
        return shape(item)
    try:
        return shape(**item) if isinstance(item, Mapping) else shape(*item)
    except TypeError as problem:
        raise InvalidValue(reason=f"{item!r} is no {shape.__name__.lower()}: {problem}") from problem


def _refuse(reason: Said) -> str:
    raise InvalidValue(reason=reason)


def _put_some(store: Store, people: list[Row], now: datetime, today: date) -> None:
    persons.changed(store)
    known = {row["login"] for row in rows_of(store, models.Person, "login", [row["login"] for row in people])}
    _refuse_taken_mobiles(store, people)
    fresh = [_fresh(store, row, now) for row in people if row["login"] not in known]
    if fresh:
        store.run(models.Person.insert_many(fresh))
    for row in people:
        columns = _columns(row)
        if columns and row["login"] in known:
            store.run(models.Person.update(columns).where(models.Person.login == row["login"]))
    _put_posts(store, people, today)
    _replace(store, models.Skill, "skills", people)
    _replace(store, models.FreeTime, "free", people)


def _fresh(store: Store, row: Row, now: datetime) -> Row:
    made = {"id": store.new_id(), "created_at": now, "fs_uniquifier": secrets.token_hex(16)}
    return {**_BLANK, "login": row["login"], "name": row["login"], **made, **_columns(row)}


def _columns(row: Row) -> Row:
    columns = {name: row[name] for name in (*TEXTS, *FLAGS) if name in row}
    for name in ("channels", "fields"):
        if name in row:
            columns[name] = values.dumps(row[name]).decode()
    return columns


def _refuse_taken_mobiles(store: Store, people: list[Row]) -> None:
    """One mobile number is one person, it is what they sign in with (people who left do not count)."""
    owners: dict[str, str] = {}
    for row in people:
        number = row.get("mobile")
        if number and owners.setdefault(number, row["login"]) != row["login"]:
            raise AlreadyRegistered(what=number)
    for other in rows_of(store, models.Person, "mobile", list(owners), models.Person.status != "left"):
        if owners[other["mobile"]] != other["login"]:
            raise AlreadyRegistered(what=other["mobile"])


def _put_posts(store: Store, people: list[Row], today: date) -> None:
    """Open the posts that are new, end those no longer named, leave the rest with their dates."""
    wanted = {row["login"]: list(row["posts"]) for row in people if "posts" in row}
    unended = models.Post.until.is_null() | (models.Post.until >= today)
    for held in rows_of(store, models.Post, "person", list(wanted), unended):
        _keep_or_end(store, held, wanted[held["person"]], today)
    fresh = [_post_row(login, post) for login, posts in wanted.items() for post in posts]
    for some in chunks(fresh):
        store.run(models.Post.insert_many(some))


def _keep_or_end(store: Store, held: Row, wanted: list[records.Post], today: date) -> None:
    """Match one post held with one still wanted (and take it out of `wanted`), or end it yesterday."""
    this = models.Post.id == held["id"]
    same = next((post for post in wanted if (post.role, post.unit) == (held["role"], held["unit"])), None)
    if same is not None:
        wanted.remove(same)
        if same.since or same.until:
            store.run(models.Post.update(since=same.since, until=same.until).where(this))
    elif held["since"] is not None and held["since"] >= today:
        store.run(models.Post.delete().where(this))  # never took effect
    else:
        store.run(models.Post.update(until=today - timedelta(days=1)).where(this))


def appoint_inside(store: Store, login: str, post: records.Post, today: date) -> None:
    """Give one post, or move the days of the one held; other posts stay. Within a transaction."""
    persons.changed(store)
    held = _unended(store, login, post.role, post.unit, today)
    if held is None:
        store.run(models.Post.insert(_post_row(login, post)))
    else:
        days = {"since": post.since or held["since"], "until": post.until}
        store.run(models.Post.update(days).where(models.Post.id == held["id"]))


def dismiss_inside(store: Store, login: str, role: str, unit: str, today: date) -> bool:
    """End one post with yesterday, or forget one that has not begun; whether there was one. Within a transaction."""
    persons.changed(store)
    held = _unended(store, login, role, unit, today)
    if held is not None:
        _keep_or_end(store, held, [], today)
    return held is not None


def succeed_inside(store: Store, leaver: str, to: str, today: date) -> int:
    """Posts that have not ended go from one person to another today; how many. Within a transaction."""
    persons.changed(store)
    unended = models.Post.until.is_null() | (models.Post.until >= today)
    held = rows_of(store, models.Post, "person", [leaver], unended)
    for row in held:
        since = max(row["since"] or today, today)
        appoint_inside(store, to, records.Post(row["role"], row["unit"], since, row["until"]), today)
        _keep_or_end(store, row, [], today)
    return len(held)


def _unended(store: Store, login: str, role: str, unit: str, today: date) -> Row | None:
    mine = (models.Post.person == login) & (models.Post.role == role) & (models.Post.unit == unit)
    unended = models.Post.until.is_null() | (models.Post.until >= today)
    return store.row(models.Post.select().where(mine & unended).order_by(models.Post.id).limit(1))


def _post_row(login: str, post: records.Post) -> Row:
    return {"person": login, "role": post.role, "unit": post.unit, "since": post.since, "until": post.until}


def _replace(store: Store, model: Any, name: str, people: Iterable[Row]) -> None:
    changed = {row["login"]: row[name] for row in people if name in row}
    if not changed:
        return
    store.run(model.delete().where(model.person.in_(list(changed))))
    columns = records.Skill.__slots__ if model is models.Skill else records.Free.__slots__
    fresh = [
        {"person": one, **{c: getattr(item, c) for c in columns}} for one, items in changed.items() for item in items
    ]
    for some in chunks(fresh):
        store.run(model.insert_many(some))
