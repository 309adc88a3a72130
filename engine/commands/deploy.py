"""Publishing definitions: check all files together, then one transaction makes the versions.

Owns versions (unchanged bytes keep theirs, unless something the process uses changed with it), the `latest` mark,
the rows of message, signal and timer start events, and the pack's settings. A refused deployment changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from engine import bpmn, packs
from engine.bpmn.model import Catalogue, ProcessInfo, Reference, StartInfo
from engine.commands import services
from engine.commands.context import Context
from engine.commands.timers import start_settings
from engine.commands.world import Asking, World
from engine.errors import DeploymentRefused
from engine.packs import Examination, PackFiles, Piece
from engine.records import Deployed
from engine.store import house, new_id, text
from engine.store.due import AT_ONCE
from engine.store.models import CalendarDay, CalendarYear, Definition, Deployment, Pack, Subscription, Timer
from engine.store.statements import inserts


def deploy(context: Context, files: Mapping[str, bytes], *, by: str, pack: PackFiles | None = None) -> list[Deployed]:
    """Publish files together; one entry for each definition in them. Raises DeploymentRefused with all findings,
    UnknownPerson, InsideTransaction."""
    context.store.refuse_inside()
    with context.store.connected():
        if by:
            context.people.require(by)
        examined = lint(context, files, pack)
        if not examined.deployable:
            raise DeploymentRefused(examined.findings)
        return _Publication(context, by, pack).run(examined.pieces)


def deploy_pack(context: Context, path: str | Path, *, by: str) -> list[Deployed]:
    """Publish a pack's folder in one transaction, with its roles, calendars and services."""
    pack = packs.read(path)
    packs.services(pack.folder, pack.name)  # a services.py that cannot be loaded refuses the deployment
    return _as_it_stands(context, pack) or deploy(context, pack.files, by=by, pack=pack)


def _as_it_stands(context: Context, pack: PackFiles) -> list[Deployed]:
    """The definitions of a pack that is deployed already, byte for byte (a restart must not lint it again), else []."""
    store = context.store
    with store.connected():
        installed = store.row(Pack.select(Pack.settings).where(Pack.name == pack.name))
        if installed is None or installed["settings"] != _settings(pack):
            return []
        names = ("id", "key", "kind", "version", "file", "digest")
        query = Definition.select(*(getattr(Definition, name) for name in names))
        rows = store.rows(query.where(Definition.pack == pack.name, Definition.latest))
    held = {row["file"]: row["digest"] for row in rows}
    if any(held.get(name) != hashlib.sha256(content).hexdigest() for name, content in pack.files.items()):
        return []
    return [Deployed(row["key"], row["version"], row["kind"], row["id"], fresh=False) for row in rows]


def _settings(pack: PackFiles) -> str:
    """What the table `pack` keeps of pack.toml."""
    return text({"folder": str(pack.folder.resolve()), **pack.settings})


def lint(context: Context, files: Mapping[str, bytes], pack: PackFiles | None = None) -> Examination:
    """What is in the files and what is wrong with them, seen together with what is deployed."""
    schemas = {schema.name: schema for schema in context.registers.schemas()}
    examined = packs.examine(files, catalogue(context, pack), schemas)
    if pack is not None:
        examined.findings.extend(pack.findings)
    return examined


def catalogue(context: Context, pack: PackFiles | None) -> Catalogue:
    """The keys that a diagram may name. Roles are checked only where packs define them."""
    known: dict[str, set[str]] = {"form": set(), "decision": set(), "process": set(), "register": set()}
    rows = context.store.rows(Definition.select(Definition.kind, Definition.key).where(Definition.latest))
    for row in rows:
        known.setdefault(row["kind"], set()).add(row["key"])
    roles = {*context.people.roles(), *(pack.roles if pack else ())}
    return Catalogue(
        forms=frozenset(known["form"]),
        decisions=frozenset(known["decision"]),
        processes=frozenset(known["process"]),
        registers=frozenset(known["register"]),
        roles=frozenset(roles) if roles else None,
        services=frozenset({*context.handlers.names(), *services.names(), *_functions(pack)}),
        calendars=context.times.names() | (pack.calendars if pack else frozenset()),
    )


def _functions(pack: PackFiles | None) -> Iterable[str]:
    return packs.services(pack.folder, pack.name) if pack else ()


class _Publication:
    """One act of publishing."""

    def __init__(self, context: Context, by: str, pack: PackFiles | None) -> None:
        self.context = context
        self.store = context.store
        self.by, self.pack = by, pack
        self.now = context.clock.now()
        self.deployment = new_id()
        self.infos: dict[str, ProcessInfo] = {}

    def run(self, pieces: list[Piece]) -> list[Deployed]:
        self.infos = _infos(pieces)
        with self.store.transaction():
            if self.store.postgres:
                self.store.sql("select pg_advisory_xact_lock(7305440)")  # one deployment at a time
            before = {(p.kind, p.key): self._latest(p) for p in pieces}
            fresh = self._fresh(pieces, before)
            deployed = [self._publish(p, before[p.kind, p.key], (p.kind, p.key) in fresh) for p in pieces]
            if any(one.fresh for one in deployed):
                self._deployment(deployed)
            self._reindex(fresh, before)
            if self.pack is not None:
                self._remember_pack()
        return deployed

    def _latest(self, piece: Piece) -> dict[str, Any] | None:
        columns = (Definition.id, Definition.version, Definition.digest)
        query = Definition.select(*columns).where(Definition.kind == piece.kind, Definition.key == piece.key)
        return self.store.row(query.where(Definition.latest))

    def _fresh(self, pieces: Iterable[Piece], before: Mapping[tuple[str, str], Any]) -> set[tuple[str, str]]:
        """Keys that get a new version: those whose bytes changed, and processes that use one of those from this same
        publication (`deployment` binding means what was deployed with them)."""
        fresh = {(p.kind, p.key) for p in pieces if _changed(p, before[p.kind, p.key])}
        while True:
            pulled = {
                ("process", key)
                for key, info in self.infos.items()
                if any((r.kind, r.key) in fresh and r.binding != "latest" for r in _uses(info))
            } - fresh
            if not pulled:
                return fresh
            fresh |= pulled

    def _publish(self, piece: Piece, before: dict[str, Any] | None, fresh: bool) -> Deployed:
        if before is not None and not fresh:
            return Deployed(piece.key, before["version"], piece.kind, before["id"], fresh=False)
        version = before["version"] + 1 if before else 1
        row: dict[str, Any] = {
            "id": new_id(),
            "deployment": self.deployment,
            "kind": piece.kind,
            "key": piece.key,
            "version": version,
            "name": piece.name,
            "name_en": piece.name_en,
            "file": piece.file,
            "pack": self.pack.name if self.pack else "",
            "digest": _digest(piece),
            "content": piece.content,
            "deployed_by": self.by,
            "deployed_at": self.now,
        }
        if before:
            self.store.sql("update definition set latest = ? where id = ?", (False, before["id"]))
        self._insert(Definition, row)
        if piece.kind == "process":
            self._starts(row["id"], before["id"] if before else None, self.infos[piece.key])
        return Deployed(piece.key, version, piece.kind, row["id"])

    def _deployment(self, deployed: list[Deployed]) -> None:
        pack = self.pack.name if self.pack else ""
        self._insert(Deployment, {"id": self.deployment, "pack": pack, "deployed_by": self.by, "deployed_at": self.now})
        if self.by:
            names = [f"{one.kind} {one.key} v{one.version}" for one in deployed if one.fresh]
            house.note(self.store, "deployed", pack, self.by, self.now, {"definitions": names})

    def _reindex(self, fresh: set[tuple[str, str]], before: Mapping[tuple[str, str], Any]) -> None:
        for kind, key in sorted(fresh):
            if kind == "register" and before[kind, key] is not None:
                self.context.registers.reindex(key)

    def _remember_pack(self) -> None:
        assert self.pack is not None
        self.store.sql("delete from pack where name = ?", (self.pack.name,))
        row = {"name": self.pack.name, "version": self.pack.version, "settings": _settings(self.pack)}
        self._insert(Pack, {**row, "deployed_at": self.now})

    # ---- start events

    def _starts(self, definition: int, before: int | None, info: ProcessInfo) -> None:
        """Only the newest version listens for messages, signals and timers."""
        if before is not None:
            self.store.sql("delete from subscription where definition = ?", (before,))
            self.store.sql("delete from timer where definition = ?", (before,))
        for start in info.starts:
            if start.kind in ("message", "signal"):
                row = {"id": new_id(), "definition": definition, "node_id": start.node, "kind": start.kind}
                self._insert(Subscription, {**row, "name": start.ref, "look_at": AT_ONCE})
            elif start.kind == "timer":
                self._start_timer(definition, start)

    def _start_timer(self, definition: int, start: StartInfo) -> None:
        world = World(self.context, Asking(self.now, 0))
        due = world.begins(start.expression, start.timer, start.calendar)
        row = {"id": new_id(), "definition": definition, "node_id": start.node, "kind": "start", "due_at": due.at}
        self._insert(Timer, {**row, "settings": start_settings(due, start.calendar)})

    def _insert(self, model: Any, row: dict[str, Any]) -> None:
        for statement, bound in inserts(model, [row]):
            self.store.sql(statement, bound)


def _infos(pieces: Iterable[Piece]) -> dict[str, ProcessInfo]:
    found: dict[str, ProcessInfo] = {}
    for content in {p.file: p.content for p in pieces if p.kind == "process"}.values():
        found |= {info.key: info for info in bpmn.describe(content)}
    return found


def _uses(info: ProcessInfo) -> list[Any]:
    """What a process refers to, its start forms included."""
    starts = [Reference("form", s.form, s.node, s.form_binding) for s in info.starts if s.form]
    return [*info.references, *starts]


def _changed(piece: Piece, before: dict[str, Any] | None) -> bool:
    return before is None or before["digest"] != _digest(piece)


def _digest(piece: Piece) -> str:
    return hashlib.sha256(piece.content).hexdigest()


def copy_definitions(source: Context, target: Context) -> None:
    """Put the latest definitions of one engine into another, with the packs' settings and the calendars. Their timer
    starts count from the other's clock."""
    store = source.store
    with store.connected():
        whole = (Pack, CalendarDay, CalendarYear, Deployment)
        copied: dict[Any, Any] = {model: store.rows(model.select()) for model in whole}
        copied[Definition] = store.rows(Definition.select().where(Definition.latest))
    publication = _Publication(target, "", None)
    with target.store.transaction():
        for model, rows in copied.items():
            for statement, bound in inserts(model, rows):
                target.store.sql(statement, bound)
        for row in copied[Definition]:
            if row["kind"] == "process":
                publication._starts(row["id"], None, target.definitions.info(row["id"]))
