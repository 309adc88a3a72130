"""Where packs lie in the database: working copies, versions, and the bytes of both, once each.

Owns the SQL of `workspace`, `pack_file`, `pack_version`, `pack_version_file` and `pack_blob`. Whoever writes takes
`lock` first: writers then come one after another, so that bytes which nobody names any more can go. Decides nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.store.database import Store
from engine.store.models import PackFile, PackVersion, PackVersionFile, Workspace
from engine.store.statements import inserts, update

_LOCK = 7305441  # PostgreSQL's advisory lock of everybody who writes packs; SQLite has one writer anyway
_UNUSED = (
    "delete from pack_blob where digest = ? and not exists (select 1 from pack_file where digest = pack_blob.digest) "
    "and not exists (select 1 from pack_version_file where digest = pack_blob.digest)"
)
_AT_ONCE = 500  # digests in one question
_SIZES = "select digest, length(content) from pack_blob where digest in ({marks})"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of a working copy. `digest` '': removed."""

    path: str
    revision: int
    digest: str
    changed_by: str
    changed_at: datetime


def lock(store: Store) -> None:
    """Inside a transaction: no other writer of packs until it ends."""
    if store.postgres:
        store.sql("select pg_advisory_xact_lock(?)", (_LOCK,))


def digest(content: bytes) -> str:
    """By what bytes are known."""
    return hashlib.sha256(content).hexdigest()


# ---- bytes


def keep(store: Store, contents: Iterable[bytes]) -> None:
    """Put bytes on the shelf, those that are not there yet."""
    for content in contents:
        statement = "insert into pack_blob (digest, content) values (?, ?) on conflict (digest) do nothing"
        store.sql(statement, (digest(content), content))


def content(store: Store, key: str) -> bytes:
    """Bytes by their digest. KeyError when they are not on the shelf."""
    found = store.sql("select content from pack_blob where digest = ?", (key,)).fetchone()
    if found is None:
        raise KeyError(key)
    return bytes(found[0])


def contents(store: Store, manifest: Mapping[str, str]) -> dict[str, bytes]:
    """Path -> bytes of a manifest (path -> digest). KeyError when some are not on the shelf."""
    keys = sorted(set(manifest.values()))
    found: dict[str, bytes] = {}
    for start in range(0, len(keys), _AT_ONCE):
        part = keys[start : start + _AT_ONCE]
        statement = f"select digest, content from pack_blob where digest in ({', '.join('?' * len(part))})"
        found |= {key: bytes(content) for key, content in store.sql(statement, part).fetchall()}
    return {path: found[key] for path, key in manifest.items()}


def sizes(store: Store, keys: Sequence[str]) -> dict[str, int]:
    """Digest -> size in bytes."""
    marks = ", ".join("?" * len(keys))
    return dict(store.sql(_SIZES.format(marks=marks), keys).fetchall()) if keys else {}


def drop_unused(store: Store, keys: Iterable[str]) -> None:
    """Take bytes off the shelf that neither a working copy nor a version names any more."""
    for key in keys:
        store.sql(_UNUSED, (key,))


# ---- working copies


def workspaces(store: Store) -> list[str]:
    """The packs that have a working copy."""
    return [row["pack"] for row in store.rows(Workspace.select(Workspace.pack).order_by(Workspace.pack))]


def has_workspace(store: Store, pack: str) -> bool:
    """Whether a pack has a working copy."""
    return store.sql("select 1 from workspace where pack = ?", (pack,)).fetchone() is not None


def make_workspace(store: Store, pack: str, by: str, at: datetime) -> None:
    """An empty working copy."""
    for statement, bound in inserts(Workspace, [{"pack": pack, "made_by": by, "made_at": at}]):
        store.sql(statement, bound)


def files(store: Store, pack: str) -> dict[str, Kept]:
    """Every file of a working copy by path, also those that were removed."""
    query = PackFile.select(*(getattr(PackFile, name) for name in Kept.__slots__)).order_by(PackFile.path)
    return {row["path"]: Kept(**row) for row in store.rows(query.where(PackFile.pack == pack))}


def put(store: Store, pack: str, changed: Mapping[str, str], by: str, at: datetime) -> int:
    """Set files of a working copy (path -> digest, '' = removed); their new revision."""
    before = files(store, pack)
    store.sql("update workspace set revision = revision + 1 where pack = ?", (pack,))
    revision = int(store.sql("select revision from workspace where pack = ?", (pack,)).fetchone()[0])
    rows = {
        path: {"revision": revision, "digest": key, "changed_by": by, "changed_at": at} for path, key in changed.items()
    }
    for path in rows.keys() & before.keys():
        store.sql(*update(PackFile, rows[path], {"pack": pack, "path": path}))
    fresh = [{"pack": pack, "path": path, **row} for path, row in rows.items() if path not in before]
    for statement, bound in inserts(PackFile, fresh):
        store.sql(statement, bound)
    drop_unused(store, {before[path].digest for path in changed if path in before} - {""})
    return revision


def drop_workspace(store: Store, pack: str) -> None:
    """Take a working copy away, with the bytes that only it names."""
    keys = {one.digest for one in files(store, pack).values()} - {""}
    for table in ("pack_file", "workspace"):
        store.sql(f"delete from {table} where pack = ?", (pack,))
    drop_unused(store, keys)


# ---- versions


def versions(store: Store, pack: str) -> list[dict[str, Any]]:
    """Rows of a pack's versions, the newest first."""
    return store.rows(PackVersion.select().where(PackVersion.pack == pack).order_by(PackVersion.number.desc()))


def published(store: Store, pack: str = "") -> dict[str, dict[str, Any]]:
    """The newest published version of each pack (or of one)."""
    query = PackVersion.select().where(PackVersion.status == "published").order_by(PackVersion.number)
    return {row["pack"]: row for row in store.rows(query.where(PackVersion.pack == pack) if pack else query)}


def proposed(store: Store) -> dict[str, int]:
    """Pack -> the version of it that waits for a second person."""
    query = PackVersion.select(PackVersion.pack, PackVersion.number).where(PackVersion.status == "proposed")
    return {row["pack"]: row["number"] for row in store.rows(query)}


def manifest(store: Store, pack: str, number: int) -> dict[str, str]:
    """Path -> digest of a version; {} for one that is not there."""
    query = PackVersionFile.select(PackVersionFile.path, PackVersionFile.digest).order_by(PackVersionFile.path)
    mine = (PackVersionFile.pack == pack) & (PackVersionFile.number == number)
    return {row["path"]: row["digest"] for row in store.rows(query.where(mine))}


def add_version(store: Store, row: Mapping[str, Any], manifest: Mapping[str, str]) -> None:
    """A version with its files."""
    mine = [{"pack": row["pack"], "number": row["number"], "path": path, "digest": manifest[path]} for path in manifest]
    for model, rows in ((PackVersion, [row]), (PackVersionFile, mine)):
        for statement, bound in inserts(model, rows):
            store.sql(statement, bound)


def answer_version(store: Store, pack: str, number: int, status: str, by: str, at: datetime, answer: str) -> None:
    """A version that waited was approved (`published`) or refused."""
    row = {"status": status, "approved_by": by, "approved_at": at, "answer": answer}
    store.sql(*update(PackVersion, row, {"pack": pack, "number": number}))
