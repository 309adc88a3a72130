"""Whose an uploaded file is: of the case or register row that names it, and of nobody when nothing ever did.

Owns the SQL of `attachment` beyond storing a file. An upload is on trial for a while (`expires_at`); whatever lands
in a case or a register keeps it for good (`expires_at` is NULL then). Bytes are `commands.files`'.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

from engine.store.database import Store

_ID = re.compile(r"[A-Za-z0-9_-]{32}")  # secrets.token_urlsafe(24)
_QUOTED = re.compile(r'"([A-Za-z0-9_-]{32})"')
_STEP = 500  # ids in one statement


def named(value: Any) -> set[str]:
    """Texts anywhere in a value that can be the id of an upload."""
    found: set[str] = set()
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if len(one) == 32 and _ID.fullmatch(one):
                found.add(one)
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list | tuple):
            waiting.extend(one)
    return found


def named_in(json: str) -> set[str]:
    """The same in JSON text."""
    return set(_QUOTED.findall(json))


def keep(store: Store, ids: Collection[str]) -> None:
    """Something names these uploads: they stay. Runs in the transaction that is open."""
    for part in _parts(ids):
        store.sql(f"update attachment set expires_at = null where id in ({_marks(part)})", part)


def bind(store: Store, instance: int, ids: Collection[str], by: str) -> None:
    """Keep these uploads, and those made by `by` or by a visitor belong to the case from now on. A file that is
    another case's stays there, whoever names it. Runs in the transaction that is open."""
    keep(store, ids)
    for part in _parts(ids):
        store.sql(
            "update attachment set instance = ? where instance is null and uploaded_by in (?, '') "
            f"and id in ({_marks(part)})",
            [instance, by, *part],
        )


def foreign(store: Store, ids: Collection[str], by: str, root: int | None = None) -> list[tuple[str, int | None]]:
    """(id, the case it belongs to or None) of those of the uploads that are neither `by`'s own nor of the cases of
    `root`. What a visitor uploaded is any visitor's until a case has it: its name cannot be guessed."""
    found: list[tuple[str, int | None]] = []
    for part in _parts(ids):
        rows = store.sql(
            "select id, instance from attachment where not (uploaded_by = ? and uploaded_by <> '') "
            "and not (uploaded_by = '' and instance is null) and (instance is null "
            "or instance not in (select id from instance where root = ?)) "
            f"and id in ({_marks(part)})",
            [by, root or 0, *part],
        )
        found += [(key, instance) for key, instance in rows.fetchall()]
    return found


def expired(store: Store, now: datetime, limit: int) -> list[str]:
    """Uploads whose trial is over, the oldest first."""
    found = store.sql("select id from attachment where expires_at <= ? order by expires_at limit ?", (now, limit))
    return [row[0] for row in found.fetchall()]


def drop(store: Store, upload: str, now: datetime, later: datetime) -> bool:
    """Forget an upload; True when its bytes may go. One that a draft names gets time until `later`."""
    with store.transaction():
        drafted = store.sql("select 1 from draft where data like ? limit 1", (f'%"{upload}"%',)).fetchone()
        if drafted is not None:
            store.sql("update attachment set expires_at = ? where id = ? and expires_at <= ?", (later, upload, now))
            return False
        gone = store.sql("delete from attachment where id = ? and expires_at <= ?", (upload, now))
        return bool(gone.rowcount == 1)


def _parts(ids: Collection[str]) -> list[list[str]]:
    ordered = sorted(ids)  # one order for everybody: two commands that name the same files never deadlock
    return [ordered[start : start + _STEP] for start in range(0, len(ordered), _STEP)]


def _marks(part: list[str]) -> str:
    return ", ".join("?" * len(part))
