"""What was told to people, what is on its way, and forms half filled in.

Owns reads of notices, outbox and drafts, and the three marks that need no command: read, called, draft kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.clock import Clock
from engine.errors import NotFound
from engine.expressions import values
from engine.records import Letter, Notice, Page
from engine.store import Store, models, text
from engine.store.paging import counted, reach, sliced
from engine.store.prepared import Mark, Prepared

UNREAD_MOST = 100  # the bell shows no larger number


class Letters:
    """Notices, outbox and drafts."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        kept = (models.Draft.login == Mark("login")) & (models.Draft.subject == Mark("subject"))
        self._draft = Prepared(store, models.Draft.select(models.Draft.data).where(kept))
        self._keep = Prepared(store, _kept())
        unread = (models.Notice.person == Mark("login")) & models.Notice.read_at.is_null()
        self._unread = Prepared(store, counted(models.Notice.select(models.Notice.id).where(unread), UNREAD_MOST))

    def notices(self, login: str, unread: bool = False, limit: int = 100) -> list[Notice]:
        """Somebody's notices, newest first."""
        query = (
            models.Notice.select().where(models.Notice.person == login).order_by(models.Notice.id.desc()).limit(limit)
        )
        query = query.where(models.Notice.read_at.is_null()) if unread else query
        names = Notice.__dataclass_fields__
        return [Notice(**{name: row[name] for name in names}) for row in self._store.rows(query)]

    def unread(self, login: str) -> int:
        """How many of somebody's notices are unread, UNREAD_MOST at most."""
        return int(self._unread.value(login=login))

    def mark_read(self, ids: Iterable[int], by: str) -> int:
        """Mark one's own notices as read; how many were unread."""
        mine = (models.Notice.id.in_(list(ids))) & (models.Notice.person == by) & models.Notice.read_at.is_null()
        with self._store.transaction():
            return self._store.run(models.Notice.update(read_at=self._clock.now()).where(mine))

    def outbox(self, status: str | None = None, limit: int = 200) -> list[Letter]:
        """Letters on their way, newest first."""
        query = models.Outbox.select().order_by(models.Outbox.id.desc()).limit(limit)
        query = query if status is None else query.where(models.Outbox.status == status)
        return [_letter(row) for row in self._store.rows(query)]

    def outbox_page(self, status: str, limit: int, offset: int) -> Page[Letter]:
        """A slice of `outbox`."""
        query = models.Outbox.select().where(models.Outbox.status == status).order_by(models.Outbox.id.desc())
        rows = [_letter(row) for row in self._store.rows(query.limit(limit).offset(offset))]
        return sliced(rows, self.count_outbox(status, reach(limit, offset) + 1), limit, offset)

    def count_outbox(self, status: str, most: int) -> int:
        """How many letters have a status, `most` at most."""
        ids = models.Outbox.select(models.Outbox.id).where(models.Outbox.status == status)
        return int(self._store.value(counted(ids, most)))

    def mark_called(self, letter: int, by: str) -> None:
        """Somebody on the phone list was called. NotFound when the row does not wait for a call."""
        wanted = (models.Outbox.id == letter) & (models.Outbox.status == "to-call")
        with self._store.transaction():
            done = {"status": "called", "done_at": self._clock.now(), "error": f"by {by}"}
            if not self._store.run(models.Outbox.update(done).where(wanted)):
                raise NotFound(what="待电话通知", id=letter)

    def save_draft(self, subject: str, login: str, data: dict[str, Any]) -> None:
        """Keep a form half filled in. `subject`: 'item:ID' or 'start:PROCESS'."""
        with self._store.transaction():
            self._keep.run(login=login, subject=subject, data=text(data), saved_at=self._clock.now())

    def draft(self, subject: str, login: str) -> dict[str, Any] | None:
        """What was kept, or None."""
        found = self._draft.value(login=login, subject=subject)
        return None if found is None else values.loads(found)

    def drop_draft(self, subject: str, login: str) -> None:
        """Forget it."""
        with self._store.transaction():
            wanted = (models.Draft.login == login) & (models.Draft.subject == subject)
            self._store.run(models.Draft.delete().where(wanted))


def _kept() -> Any:
    row = {name: Mark(name) for name in ("login", "subject", "data", "saved_at")}
    return models.Draft.insert(row).on_conflict(
        conflict_target=(models.Draft.login, models.Draft.subject),
        preserve=(models.Draft.data, models.Draft.saved_at),
    )


def _letter(row: dict[str, Any]) -> Letter:
    names = [name for name in Letter.__dataclass_fields__ if name != "instance_id"]
    return Letter(**{name: row[name] for name in names}, instance_id=row["instance"])
