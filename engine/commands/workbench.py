"""Working copies of packs: one each, shared by all designers, every file with its revision.

Owns who overwrites whom (nobody: a save names the revision it began with), what a working copy begins with, and what
may be in it. Publishes nothing (`publishing`); lets nothing be lost without saying so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import packs
from engine.clock import in_zone
from engine.commands import history
from engine.commands.context import Context
from engine.errors import ChangedMeanwhile, InvalidFile, InvalidValue, NotFound, PackExists, Said
from engine.expressions import values
from engine.store import house, persons, shelf
from engine.store.models import Definition, Pack
from engine.store.shelf import Kept

SETTINGS_FILE = "pack.toml"


def ensure(context: Context, pack: str) -> None:
    """The pack has a working copy: one that is installed without is given its newest version's files. NotFound."""
    store, now = context.store, context.clock.now()
    if shelf.has_workspace(store, pack):
        return
    with store.transaction():
        shelf.lock(store)
        if shelf.has_workspace(store, pack):
            return
        number = history.newest(store, pack) or _first(context, pack)
        row = shelf.published(store, pack)[pack]
        shelf.make_workspace(store, pack, row["made_by"], now)
        shelf.put(store, pack, shelf.manifest(store, pack, number), row["made_by"], row["made_at"])


def _first(context: Context, pack: str) -> int:
    """A version of what was installed before there were versions. NotFound."""
    store = context.store
    row = store.row(Pack.select().where(Pack.name == pack))
    if row is None:
        raise NotFound(what="流程包", id=pack)
    settings = values.loads(row["settings"])
    query = Definition.select(Definition.file, Definition.content, Definition.deployed_by)
    found = store.rows(query.where(Definition.pack == pack, Definition.latest))
    files = {one["file"]: bytes(one["content"]) for one in found} | _aside(settings)
    by = found[0]["deployed_by"] if found else ""
    return history.add(store, history.Release(pack, files, history.FOLDER), "published", by, row["deployed_at"])


def _aside(settings: dict[str, Any]) -> dict[str, bytes]:
    """pack.toml and the other files that are not deployed: from the folder while that is still the same pack."""
    folder = packs.folder_of(settings)
    plain = {key: value for key, value in settings.items() if key != "folder"}
    if folder is not None and (folder / SETTINGS_FILE).is_file():
        pack = packs.read(folder)
        if pack.settings == plain:
            return pack.aside
    return {SETTINGS_FILE: packs.written(plain)}


def files(context: Context, pack: str, version: int | None = None) -> dict[str, bytes]:
    """Path -> bytes of the working copy, or of a version. NotFound."""
    return shelf.contents(context.store, manifest(context, pack, version))


def manifest(context: Context, pack: str, version: int | None = None) -> dict[str, str]:
    """Path -> digest of the working copy, or of a version. NotFound."""
    ensure(context, pack)
    if version is None:
        return {path: one.digest for path, one in shelf.files(context.store, pack).items() if one.digest}
    found = shelf.manifest(context.store, pack, version)
    if not found:
        raise NotFound(what="版本", id=f"{pack} {version}")
    return found


# ---- one file


def save(context: Context, pack: str, path: str, content: bytes, *, revision: int, by: str) -> int:
    """Keep a file; its new revision. `revision`: the one that was read, 0 for a new file. What is there already, byte
    for byte, is no change. ChangedMeanwhile, InvalidFile, NotFound."""
    packs.check_path(path)
    packs.check_size(path, len(content))
    ensure(context, pack)
    with context.store.transaction():
        shelf.lock(context.store)
        held = shelf.files(context.store, pack)
        before = held.get(path)
        if before is not None and before.digest == shelf.digest(content):
            return before.revision
        _check_revision(context, path, before, revision)
        if before is None and len(held) >= packs.MOST_FILES:
            most = packs.MOST_FILES
            raise InvalidFile(name=path, reason=Said(f"文件超过 {most} 个", f"the pack has more than {most} files"))
        return put(context, pack, {path: content}, by)


def remove(context: Context, pack: str, path: str, *, revision: int, by: str) -> None:
    """Take a file out of the working copy. ChangedMeanwhile, InvalidFile for pack.toml, NotFound."""
    if path == SETTINGS_FILE:
        raise InvalidFile(name=path, reason=Said("流程包不能没有它", "no pack is without it"))
    ensure(context, pack)
    with context.store.transaction():
        shelf.lock(context.store)
        before = shelf.files(context.store, pack).get(path)
        if before is None or not before.digest:
            raise NotFound(what="文件", id=path)
        _check_revision(context, path, before, revision)
        shelf.put(context.store, pack, {path: ""}, by, context.clock.now())


def _check_revision(context: Context, path: str, held: Kept | None, revision: int) -> None:
    """ChangedMeanwhile unless the file is as whoever saves it last saw it."""
    if held is None and not revision:
        return
    if held is not None and (revision == held.revision or (not held.digest and not revision)):
        return
    if held is None:
        raise NotFound(what="文件", id=path)
    who = persons.names(context.store, [held.changed_by]).get(held.changed_by, held.changed_by)
    at = in_zone(held.changed_at, context.settings.timezone).strftime("%Y-%m-%d %H:%M")
    raise ChangedMeanwhile(path, who or "系统", held.changed_at, at)


def put(context: Context, pack: str, changed: Mapping[str, bytes], by: str) -> int:
    """Inside a transaction: set files; their revision."""
    shelf.keep(context.store, changed.values())
    return shelf.put(context.store, pack, history.manifest_of(changed), by, context.clock.now())


# ---- whole packs


def new(context: Context, name: str, title: str, *, title_en: str = "", by: str) -> None:
    """A working copy with a pack.toml and nothing else. PackExists, InvalidFile, InvalidValue without a title."""
    if not title.strip():
        raise InvalidValue(reason=Said("请填写流程包名称", "the pack needs a title"))
    settings = packs.new_settings(name, title.strip(), title_en.strip())
    _begin(context, name, {SETTINGS_FILE: settings}, "pack-new", by)


def copy(context: Context, source: str, name: str, title: str, *, by: str) -> None:
    """A pack with the files of another's working copy, under ids of its own. NotFound, PackExists, InvalidFile,
    InvalidValue."""
    if not title.strip():
        raise InvalidValue(reason=Said("请填写流程包名称", "the pack needs a title"))
    held = files(context, source)
    packs.settings_of(held)
    held[SETTINGS_FILE] = packs.renamed(held[SETTINGS_FILE], name, title.strip())
    keys = packs.new_keys(name, packs.pieces(held))
    begun = {path: packs.rekeyed(path, content, keys) for path, content in held.items()}
    _begin(context, name, begun, "pack-new", by, {"copied_from": source})


def bring(context: Context, content: bytes, *, by: str, replace: bool = False) -> str:
    """A pack from a zip; its name. `replace`: a pack of this name that is there gets these files as its working copy.
    PackExists, InvalidFile."""
    brought = packs.unpack_zip(content)
    name = str(packs.settings_of(brought)["name"])
    if replace and _exists(context, name):
        ensure(context, name)
        _exchange(context, name, history.manifest_of(brought), brought, by, "pack-imported", {})
    else:
        _begin(context, name, brought, "pack-imported", by)
    return name


def restore(context: Context, pack: str, number: int, *, by: str) -> None:
    """Make the working copy what a version was. NotFound."""
    wanted = manifest(context, pack, number)
    _exchange(context, pack, wanted, {}, by, "pack-restored", {"version": number})


def drop(context: Context, pack: str, *, by: str) -> None:
    """Take away a pack that was never published. NotFound, InvalidValue when it was."""
    store = context.store
    with store.transaction():
        shelf.lock(store)
        if not shelf.has_workspace(store, pack):
            raise NotFound(what="流程包", id=pack)
        if shelf.versions(store, pack):
            zh, en = "已提交或发布过的流程包不能删除", "a pack that was proposed or published cannot be deleted"
            raise InvalidValue(reason=Said(zh, en))
        shelf.drop_workspace(store, pack)
        _note(context, "pack-dropped", pack, by, {})


def _begin(
    context: Context, name: str, begun: Mapping[str, bytes], event: str, by: str, data: Mapping[str, Any] | None = None
) -> None:
    packs.check_name(name)
    if by:
        context.people.require(by)
    store = context.store
    with store.transaction():
        shelf.lock(store)
        if _exists(context, name):
            raise PackExists(name=name)
        shelf.make_workspace(store, name, by, context.clock.now())
        put(context, name, begun, by)
        _note(context, event, name, by, dict(data or {}))


def _exists(context: Context, name: str) -> bool:
    installed = context.store.row(Pack.select(Pack.name).where(Pack.name == name))
    return installed is not None or shelf.has_workspace(context.store, name)


def _exchange(
    context: Context,
    pack: str,
    wanted: Mapping[str, str],
    fresh: Mapping[str, bytes],
    by: str,
    event: str,
    data: dict[str, Any],
) -> None:
    """The working copy has these files (path -> digest) and no others; `fresh`: bytes that may be new."""
    store = context.store
    with store.transaction():
        shelf.lock(store)
        held = {path: one.digest for path, one in shelf.files(store, pack).items()}
        changed = {
            path: wanted.get(path, "") for path in {**held, **wanted} if held.get(path, "") != wanted.get(path, "")
        }
        shelf.keep(store, (fresh[path] for path in changed if path in fresh))
        shelf.put(store, pack, changed, by, context.clock.now())
        _note(context, event, pack, by, data)


def _note(context: Context, event: str, pack: str, by: str, data: dict[str, Any]) -> None:
    if by:
        house.note(context.store, event, pack, by, context.clock.now(), data)
