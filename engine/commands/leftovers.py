"""Bytes in the uploads folder that no row knows: a process died between writing a file and its row, or the other way.

Owns finding and removing them; young ones may be an upload that goes on right now. Files that a row misses are
`files.lost`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from engine.store import Store, models

YOUNG = timedelta(days=1)
STEP = 500  # names in one look


def find(folder: Path, store: Store, now: datetime) -> Iterator[Path]:
    """Files older than a day that belong to no upload. `now`: naive UTC."""
    old = (path for path in sorted(folder.glob("*")) if path.is_file() and _age(path, now) > YOUNG)
    while some := list(islice(old, STEP)):
        asked = models.Attachment.id.in_([_upload(path) for path in some])
        known = {row["id"] for row in store.rows(models.Attachment.select(models.Attachment.id).where(asked))}
        yield from (path for path in some if _upload(path) not in known)


def _upload(path: Path) -> str:
    """The upload that a file belongs to: `ID`, `ID.part` while it is written, `ID.small` a picture of it."""
    return path.name.partition(".")[0]


def _age(path: Path, now: datetime) -> timedelta:
    return now - datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)


def remove(folder: Path, store: Store, now: datetime) -> list[str]:
    """Remove them; what was removed."""
    removed = []
    for path in find(folder, store, now):
        path.unlink(missing_ok=True)
        removed.append(f"the file {path.name} removed")
    return removed
