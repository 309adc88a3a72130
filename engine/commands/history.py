"""Versions of packs: one for each act of publishing, from a folder or from the browser.

Owns their numbers, and what a published version does to the working copy beside it: files that no designer has touched
follow it, the others stay as they are. Runs inside the transaction of the publication; deploys nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.store import Store, shelf
from engine.store.models import Definition, Pack

FOLDER, STUDIO = "folder", "studio"


@dataclass(frozen=True, slots=True)
class Release:
    """What becomes a version. `files`: all of the pack, also what is not deployed; `proposal`: the number of the
    version that waited for this and is approved now, 0 = it makes one; `answer`: the approver's words."""

    pack: str
    files: Mapping[str, bytes]
    source: str = STUDIO
    note: str = ""
    proposal: int = 0
    answer: str = ""


def manifest_of(files: Mapping[str, bytes]) -> dict[str, str]:
    """Path -> digest."""
    return {path: shelf.digest(content) for path, content in files.items()}


def newest(store: Store, pack: str) -> int:
    """The number last published, 0 = never."""
    row = shelf.published(store, pack).get(pack)
    return row["number"] if row else 0


def is_newest(store: Store, release: Release) -> bool:
    """Whether the newest published version has these very files."""
    number = newest(store, release.pack)
    return bool(number) and shelf.manifest(store, release.pack, number) == manifest_of(release.files)


def standing(store: Store, release: Release) -> str:
    """How a folder stands to what is installed: `new` (the pack is not installed), `same` (some version is this very
    folder), `changed` (nothing was published in the browser since a folder was), `kept` (something was: it stays)."""
    if store.row(Pack.select(Pack.name).where(Pack.name == release.pack)) is None:
        return "new"
    wanted = manifest_of(release.files)
    known = [row["number"] for row in shelf.versions(store, release.pack)]
    if any(shelf.manifest(store, release.pack, number) == wanted for number in known):
        return "same"
    newest = shelf.published(store, release.pack).get(release.pack)
    apart = newest is not None and newest["source"] != FOLDER
    return "kept" if apart or published_apart(store, release.pack) else "changed"


def published_apart(store: Store, pack: str) -> bool:
    """Whether a definition of the pack was replaced by one that was published alone."""
    mine = Definition.select(Definition.kind, Definition.key).where(Definition.pack == pack)
    alone = Definition.select(Definition.kind, Definition.key).where(Definition.latest, Definition.pack == "")
    keys, others = ({(row["kind"], row["key"]) for row in store.rows(query)} for query in (mine, alone))
    return bool(keys & others)


def land(store: Store, release: Release, by: str, at: datetime) -> int:
    """Inside the publication's transaction: its version is published; the number."""
    shelf.lock(store)
    base = newest(store, release.pack)
    before, after = shelf.manifest(store, release.pack, base), manifest_of(release.files)
    if release.proposal:
        shelf.answer_version(store, release.pack, release.proposal, "published", by, at, release.answer)
        number = release.proposal
    elif base and before == after:
        return base
    else:
        number = add(store, release, "published", by, at)
    _follow(store, release.pack, before, after, by, at)
    return number


def remember(store: Store, release: Release, by: str, at: datetime) -> None:
    """What stands deployed is a version too: of a database that is older than versions, or with other files beside."""
    if not is_newest(store, release):
        with store.transaction():
            land(store, release, by, at)


def add(store: Store, release: Release, status: str, by: str, at: datetime) -> int:
    """Inside a transaction: the next version; its number."""
    shelf.keep(store, release.files.values())
    rows = shelf.versions(store, release.pack)
    number = rows[0]["number"] + 1 if rows else 1
    row = {"pack": release.pack, "number": number, "status": status, "source": release.source, "note": release.note}
    shelf.add_version(store, {**row, "made_by": by, "made_at": at}, manifest_of(release.files))
    return number


def _follow(
    store: Store, pack: str, before: Mapping[str, str], after: Mapping[str, str], by: str, at: datetime
) -> None:
    """Files of the working copy that are as the version before had them become as this one has them."""
    if not shelf.has_workspace(store, pack):
        return
    held = {path: one.digest for path, one in shelf.files(store, pack).items()}
    changed = {path: after.get(path, "") for path in {**before, **after} if before.get(path, "") != after.get(path, "")}
    follows = {path: key for path, key in changed.items() if held.get(path, "") == before.get(path, "") != key}
    if follows:
        shelf.put(store, pack, follows, by, at)
