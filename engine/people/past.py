"""What the organisation looked like: units as they were before they changed.

Owns the table `unit_past`: a row says what a unit was up to and including a day, and who changed it then. Of several
changes of one day the first tells how the day before ended; the others stay as a record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from engine import records
from engine.store import models
from engine.store.database import Store

Past = models.UnitPast
KEPT = ("name", "name_en", "kind", "parent", "division", "valid_from", "valid_to")


def keep(store: Store, row: Mapping[str, Any], changes: Mapping[str, Any], since: date, by: str, at: datetime) -> None:
    """Remember a unit's row before a change that holds from a day on, within the caller's transaction; nothing when
    nothing that is remembered changes."""
    if all(changes.get(name, row[name]) == row[name] for name in KEPT):
        return
    last = since - timedelta(days=1)
    made = {"id": store.new_id(), "code": row["code"], "until": last, "changed_by": by, "changed_at": at}
    store.run(Past.insert({**made, **{name: row[name] for name in KEPT}}))


def changes(store: Store, code: str) -> list[records.UnitChange]:
    """What a unit was before each of its changes, the latest first."""
    query = Past.select().where(Past.code == code).order_by(Past.until.desc(), Past.id.desc())
    return [_change(row) for row in store.rows(query)]


def on(store: Store, day: date) -> dict[str, records.UnitChange]:
    """Units that were something else on a day, by code: the first row that still held then."""
    found: dict[str, records.UnitChange] = {}
    for row in store.rows(Past.select().where(Past.until >= day).order_by(Past.until, Past.id)):
        found.setdefault(row["code"], _change(row))
    return found


def _change(row: Mapping[str, Any]) -> records.UnitChange:
    columns = ("code", *KEPT, "until", "changed_by", "changed_at")
    return records.UnitChange(**{name: row[name] for name in columns})
