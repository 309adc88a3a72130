"""The house's own journal: what administrators did to people, roles, settings and definitions, and who looked at whose
full data.

Owns the one chain that is of no case (its number is 0), so that these lines are hashed, proved and erased as a case's
are. Written inside the transaction of what it tells, whenever there is one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.expressions import values
from engine.records import Deed, Page
from engine.store import journal, models
from engine.store.database import Store

HOUSE = 0
Row = models.Journal


def note(store: Store, event: str, subject: str, by: str, at: datetime, data: dict[str, Any]) -> None:
    """Add a line: `subject` is the person, role, definition ... that it is about. Inside the caller's transaction."""
    journal.append(store, HOUSE, [journal.Line(event, subject, by, at, data)])


def deeds(
    store: Store,
    *,
    actor: str = "",
    event: str = "",
    subject: str = "",
    case: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Page[Deed]:
    """Who did what, the newest first: lines of the house's journal, and with `case` None also what people did in
    cases."""
    tests = [Row.actor != ""]
    tests += [column == wanted for column, wanted in ((Row.actor, actor), (Row.node_id, subject)) if wanted]
    tests += [Row.instance == case] if case is not None else []
    tests += [Row.event.startswith(event)] if event else []
    tests += [Row.at >= since] if since else []
    tests += [Row.at < until] if until else []
    rows = store.rows(
        Row.select().where(*tests).order_by(Row.at.desc(), Row.instance, Row.seq.desc()).limit(limit + 1).offset(offset)
    )
    more = len(rows) > limit
    found = tuple(_deed(row) for row in rows[:limit])
    return Page(found, offset + len(found) + more, offset, limit)


def _deed(row: dict[str, Any]) -> Deed:
    data = {"erased": True} if row["data"] is None else values.loads(row["data"])
    return Deed(row["at"], row["actor"], row["event"], row["node_id"], row["instance"], data)
