"""What designers see of packs: working copies, files, versions.

Owns these reads. A working copy exists already (`commands.workbench.ensure`) when one of its reads is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import packs
from engine.errors import InvalidFile, NotFound
from engine.records import PackFile, PackVersion, Workspace
from engine.store import Store, shelf


class Workbench:
    """Reads of packs."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def workspaces(self) -> list[Workspace]:
        """Every working copy, by title."""
        newest = shelf.published(self._store)
        waiting = shelf.proposed(self._store)
        found = [self._workspace(pack, newest.get(pack), waiting) for pack in shelf.workspaces(self._store)]
        return sorted(found, key=lambda one: (one.title, one.pack))

    def workspace(self, pack: str) -> Workspace:
        """One of them."""
        return self._workspace(pack, shelf.published(self._store, pack).get(pack), shelf.proposed(self._store))

    def _workspace(self, pack: str, newest: Mapping[str, Any] | None, waiting: Mapping[str, int]) -> Workspace:
        held = shelf.files(self._store, pack)
        before = shelf.manifest(self._store, pack, newest["number"]) if newest else {}
        changed = [one for path, one in held.items() if one.digest != before.get(path, "")]
        last = max(changed, key=lambda one: one.revision, default=None)
        title = self._title(pack, held["pack.toml"].digest)
        return Workspace(
            pack=pack,
            title=title.get("zh") or pack,
            title_en=title.get("en", ""),
            version=newest["number"] if newest else 0,
            changed=len(changed),
            changed_by=last.changed_by if last else "",
            changed_at=last.changed_at if last else None,
            proposed=waiting.get(pack, 0),
            published_by=(newest["approved_by"] or newest["made_by"]) if newest else "",
            published_at=(newest["approved_at"] or newest["made_at"]) if newest else None,
        )

    def _title(self, pack: str, key: str) -> dict[str, str]:
        """{zh, en} of a pack.toml, as far as it can be read while somebody edits it."""
        try:
            settings = packs.settings_of({"pack.toml": shelf.content(self._store, key)})
        except InvalidFile:
            return {"zh": pack}
        return {name: str(text) for name, text in settings.get("title", {}).items()}

    def files(self, pack: str, version: int | None = None) -> list[PackFile]:
        """The files of a working copy (or a version) by path. NotFound."""
        newest = shelf.published(self._store, pack).get(pack)
        before = shelf.manifest(self._store, pack, newest["number"]) if newest else {}
        if version is not None:
            return self._of_version(pack, version, before)
        held = [one for one in shelf.files(self._store, pack).values() if one.digest]
        sizes = shelf.sizes(self._store, sorted({one.digest for one in held}))
        return [
            PackFile(
                path=one.path,
                revision=one.revision,
                size=sizes[one.digest],
                changed_by=one.changed_by,
                changed_at=one.changed_at,
                state=_state(one.path, one.digest, before),
            )
            for one in held
        ]

    def _of_version(self, pack: str, number: int, newest: Mapping[str, str]) -> list[PackFile]:
        version = next((one for one in self.versions(pack) if one.number == number), None)
        if version is None:
            raise NotFound(what="版本", id=f"{pack} {number}")
        manifest = shelf.manifest(self._store, pack, number)
        sizes = shelf.sizes(self._store, sorted(set(manifest.values())))
        return [
            PackFile(path, 0, sizes[key], version.by, version.at, _state(path, key, newest))
            for path, key in manifest.items()
        ]

    def file(self, pack: str, path: str, version: int | None = None) -> tuple[bytes, int]:
        """A file's bytes and revision (0 in a version). NotFound."""
        if version is None:
            held = shelf.files(self._store, pack).get(path)
            key, revision = (held.digest, held.revision) if held else ("", 0)
        else:
            key, revision = shelf.manifest(self._store, pack, version).get(path, ""), 0
        if not key:
            raise NotFound(what="文件", id=path)
        return shelf.content(self._store, key), revision

    def versions(self, pack: str) -> list[PackVersion]:
        """A pack's versions, the newest first."""
        names = {"made_by": "by", "made_at": "at"}
        rows = shelf.versions(self._store, pack)
        return [PackVersion(**{names.get(name, name): value for name, value in row.items()}) for row in rows]


def _state(path: str, key: str, newest: Mapping[str, str]) -> str:
    if path not in newest:
        return "new"
    return "same" if newest[path] == key else "changed"
