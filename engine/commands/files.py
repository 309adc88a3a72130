"""Uploaded files: bytes under a random name in a folder, what is known of them in the table `attachment`.

Owns storing and finding them. A name from outside never becomes a path; whoever serves a file serves it as an
attachment.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO

from engine.clock import Clock
from engine.commands.scanning import Scan
from engine.errors import InvalidFile, NotFound, Said
from engine.records import Attachment
from engine.store import Store, attachments, models
from engine.store.points import Point, pass_through
from engine.store.statements import inserts

CHUNK = 1 << 20
SMALL = ".small"  # after a photo's name: its small picture


class Files:
    """The files of one installation. `limit`: largest size in bytes; `trial`: how long a file is kept that no case,
    register row or draft names."""

    def __init__(
        self, folder: Path, store: Store, clock: Clock, limit: int, trial: timedelta, scan: Scan | None = None
    ) -> None:
        self._folder, self._store, self._clock, self._limit, self._trial = folder, store, clock, limit, trial
        self.scan = scan

    def put(
        self, name: str, mime: str, stream: IO[bytes], *, by: str, field: str = "", instance: int | None = None
    ) -> str:
        """Store a stream; the attachment's id. InvalidFile when it is too large."""
        key = secrets.token_urlsafe(24)
        self._folder.mkdir(parents=True, exist_ok=True)
        size, digest = self._write(name, self._folder / key, stream)
        row = {"id": key, "name": Path(name).name[:255] or "file", "mime": mime, "size": size, "digest": digest}
        row |= {"instance": instance, "field": field, "uploaded_by": by, "uploaded_at": self._clock.now()}
        row["expires_at"] = self._clock.now() + self._trial if instance is None else None
        pass_through(Point.FILE_WRITTEN)
        with self._store.transaction():
            for statement, bound in inserts(models.Attachment, [row]):
                self._store.sql(statement, bound)
        return key

    def _write(self, name: str, path: Path, stream: IO[bytes]) -> tuple[int, str]:
        size, digest = 0, hashlib.sha256()
        draft = path.with_name(f"{path.name}.part")
        try:
            with draft.open("wb") as out:
                while chunk := stream.read(CHUNK):
                    size += len(chunk)
                    if size > self._limit:
                        raise InvalidFile(name=name, reason=self._too_large())
                    digest.update(chunk)
                    out.write(chunk)
            if self.scan is not None and (refusal := self.scan(draft)) is not None:
                raise InvalidFile(name=name, reason=refusal)
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)
        return size, digest.hexdigest()

    def _too_large(self) -> Said:
        most = self._limit // CHUNK
        return Said(f"大于 {most} MB", f"it is larger than {most} MB")

    def get(self, key: str) -> tuple[Attachment, Path]:
        """What is known of a file, and where its bytes are. NotFound."""
        row = self._store.row(models.Attachment.select().where(models.Attachment.id == key))
        path = self._folder / key
        if row is None or not path.is_file():
            raise NotFound(what="文件", id=key)
        row["instance_id"] = row.pop("instance")
        row["held"] = row.pop("expires_at") is None
        return Attachment(**row), path

    def small(self, key: str) -> Path | None:
        """A small picture of a photo, made when it is first asked for; None when it is none. NotFound."""
        record, path = self.get(key)
        target = path.with_name(f"{key}{SMALL}")
        if target.is_file():
            return target
        from engine.commands.pictures import shrink  # an imaging library that few requests need

        return target if record.mime.startswith("image/") and shrink(path, target) else None

    def lost(self) -> Iterator[tuple[int | None, str]]:
        """Files that a case, register row or nobody yet counts on and that are not there in their whole size: the case,
        and what to say."""
        last = ""
        while True:
            kept = models.Attachment.expires_at.is_null() & (models.Attachment.id > last)
            rows = self._store.rows(models.Attachment.select().where(kept).order_by(models.Attachment.id).limit(500))
            for row in rows:
                path = self._folder / row["id"]
                size = path.stat().st_size if path.is_file() else -1
                if size != row["size"] and self._store.row(
                    models.Attachment.select().where(kept, models.Attachment.id == row["id"])
                ):
                    said = "is not there" if size < 0 else f"has {size} bytes instead of {row['size']}"
                    yield row["instance"], f"the uploaded file {row['id']} ({row['name']}) {said}"
            if not rows:
                return
            last = rows[-1]["id"]

    def sweep(self, limit: int = 50) -> int:
        """Delete uploads whose trial is over and that no draft names, at most `limit`; how many."""
        now, done = self._clock.now(), 0
        with self._store.connected():
            for key in attachments.expired(self._store, now, limit):
                if attachments.drop(self._store, key, now, now + self._trial):
                    pass_through(Point.FILE_FORGOTTEN)
                    for name in (key, f"{key}{SMALL}"):
                        (self._folder / name).unlink(missing_ok=True)
                    done += 1
        return done
