"""Publishing definitions: check all files together, then one transaction makes the versions.

Owns versions (unchanged bytes keep theirs, unless something the process uses changed with it), the `latest` mark,
the rows of message, signal and timer start events, and the pack's settings. A refused deployment changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from engine import bpmn, packs
from engine.bpmn.model import TAGGED, Catalogue, ProcessInfo, Reference, StartInfo
from engine.commands import history, services
from engine.commands.context import Context
from engine.commands.history import Release
from engine.commands.tags import tag_of
from engine.commands.timers import start_settings
from engine.commands.world import Asking, World
from engine.errors import DeploymentRefused
from engine.packs import Examination, PackFiles, Piece
from engine.records import Deployed, Finding
from engine.store import house, new_id, text
from engine.store.due import AT_ONCE
from engine.store.models import CalendarDay, CalendarYear, Definition, Deployment, Pack, Subscription, Timer
from engine.store.statements import inserts

ASKED_EVERY = "R/PT1M"  # how often a conditional start event is asked


def deploy(
    context: Context,
    files: Mapping[str, bytes],
    *,
    by: str,
    pack: PackFiles | None = None,
    release: Release | None = None,
) -> list[Deployed]:
    """Publish files together; one entry for each definition in them. `release`: the version of the pack that this is.
    Raises DeploymentRefused with all findings, UnknownPerson, InsideTransaction."""
    context.store.refuse_inside()
    with context.store.connected():
        if by:
            context.people.require(by)
        examined = lint(context, files, pack)
        if not examined.deployable:
            raise DeploymentRefused(examined.findings)
        return _Publication(context, by, pack, release).run(examined.pieces)


def deploy_pack(context: Context, path: str | Path, *, by: str) -> list[Deployed]:
    """Publish a pack's folder in one transaction, with its roles, calendars and services."""
    pack = packs.read(path)
    packs.services(pack.folder, pack.name)  # a services.py that cannot be loaded refuses the deployment
    release = Release(pack.name, pack.whole, history.FOLDER)
    standing = _as_it_stands(context, pack)
    if not standing:
        return deploy(context, pack.files, by=by, pack=pack, release=release)
    history.remember(context.store, release, by, context.clock.now())
    return standing


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
    return text({"folder": str(pack.folder.resolve()) if pack.folder else "", **pack.settings})


def lint(context: Context, files: Mapping[str, bytes], pack: PackFiles | None = None) -> Examination:
    """What is in the files and what is wrong with them, seen together with what is deployed."""
    own = _own(context, pack)
    schemas = {one.name: one for one in context.registers.schemas() if ("register", one.name) not in own}
    examined = packs.examine(files, catalogue(context, pack), schemas)
    examined.findings.extend(_untagged(context, examined.pieces))
    if pack is not None:
        examined.findings.extend(pack.findings)
    return examined


def _untagged(context: Context, pieces: Iterable[Piece]) -> Iterator[Finding]:
    """Bindings to a version tag that nothing has: neither what is published now nor what was."""
    pieces = list(pieces)
    files = {piece.key: piece.file for piece in pieces if piece.kind == "process"}
    for process, info in _infos(pieces).items():
        for used in _uses(info):
            if used.binding.startswith(TAGGED) and not used.key.startswith("="):
                tag = used.binding.removeprefix(TAGGED)
                if not _has_tag(context, pieces, used, tag):
                    zh = f"“{used.key}”没有版本标签为“{tag}”的版本。请先发布带该标签的版本，或改变绑定方式。"
                    en = f"“{used.key}” has no version tagged “{tag}”. Publish one first, or bind it another way."
                    yield Finding(files[process], 1, used.node, "error", "unknown-version-tag", zh, en)


def _has_tag(context: Context, pieces: Iterable[Piece], used: Reference, tag: str) -> bool:
    here = (p for p in pieces if (p.kind, p.key) == (used.kind, used.key))
    if any(tag_of(piece.kind, piece.key, piece.content) == tag for piece in here):
        return True
    return context.definitions.tagged(used.kind, used.key, tag) is not None


def catalogue(context: Context, pack: PackFiles | None) -> Catalogue:
    """The keys that a diagram may name. Roles are checked only where packs define them."""
    known: dict[str, set[str]] = {"form": set(), "decision": set(), "process": set(), "register": set()}
    own = _own(context, pack)
    rows = context.store.rows(Definition.select(Definition.kind, Definition.key).where(Definition.latest))
    for kind, key in {(row["kind"], row["key"]) for row in rows} - own:
        known.setdefault(kind, set()).add(key)
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


def _own(context: Context, pack: PackFiles | None) -> set[tuple[str, str]]:
    """(kind, key) of a pack's definitions as they are deployed: they count no more than its new files say."""
    if pack is None:
        return set()
    query = Definition.select(Definition.kind, Definition.key).where(Definition.latest, Definition.pack == pack.name)
    return {(row["kind"], row["key"]) for row in context.store.rows(query)}


def _functions(pack: PackFiles | None) -> Iterable[str]:
    return packs.services(pack.folder, pack.name) if pack else ()


class _Publication:
    """One act of publishing."""

    def __init__(
        self, context: Context, by: str, pack: PackFiles | None = None, release: Release | None = None
    ) -> None:
        self.context = context
        self.store = context.store
        self.by, self.pack, self.release = by, pack, release
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
            self._withdraw(pieces)
            self._turn_rows([p for p in pieces if (p.kind, p.key) in fresh], before)
            if self.pack is not None:
                self._remember_pack()
            if self.release is not None:
                history.land(self.store, self.release, self.by, self.now)
        return deployed

    def _latest(self, piece: Piece) -> dict[str, Any] | None:
        columns = (Definition.id, Definition.version, Definition.digest, Definition.latest)
        query = Definition.select(*columns).where(Definition.kind == piece.kind, Definition.key == piece.key)
        return self.store.row(query.order_by(Definition.version.desc()))

    def _fresh(self, pieces: Iterable[Piece], before: Mapping[tuple[str, str], Any]) -> set[tuple[str, str]]:
        """Keys that get a new version: those whose bytes changed, and processes that use one of those from this same
        publication (`deployment` binding means what was deployed with them)."""
        fresh = {(p.kind, p.key) for p in pieces if _changed(p, before[p.kind, p.key])}
        while True:
            pulled = {
                ("process", key)
                for key, info in self.infos.items()
                if any((r.kind, r.key) in fresh and r.binding == "deployment" for r in _uses(info))
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

    def _withdraw(self, pieces: Iterable[Piece]) -> None:
        """What the pack no longer holds is not found by name any more; running cases go on with what they began with.
        DeploymentRefused for a register that has rows."""
        if self.pack is None:
            return
        for kind, key in sorted(_own(self.context, self.pack) - {(piece.kind, piece.key) for piece in pieces}):
            if kind == "register" and self.context.registers.register(key).count():
                raise DeploymentRefused([_inhabited(key)])
            where = (Definition.kind == kind, Definition.key == key, Definition.latest)
            before = self.store.value(Definition.select(Definition.id).where(*where))
            self.store.sql("update definition set latest = ? where id = ?", (False, before))
            self._silence(before)

    def _turn_rows(self, fresh: Iterable[Piece], before: Mapping[tuple[str, str], Any]) -> None:
        """The rows of a register follow its new schema in this commit. DeploymentRefused when one of them cannot."""
        found: list[Finding] = []
        for piece in sorted(fresh, key=lambda piece: piece.key):  # registers are locked in this order
            known = before[piece.kind, piece.key]
            if piece.kind == "register" and known is not None:
                report = self.context.registers.migrate(known["id"], piece.key)
                found += report.findings(piece.file) if not report.possible else ()
        if found:
            raise DeploymentRefused(found)

    def _remember_pack(self) -> None:
        assert self.pack is not None
        self.store.sql("delete from pack where name = ?", (self.pack.name,))
        row = {"name": self.pack.name, "version": self.pack.version, "settings": _settings(self.pack)}
        self._insert(Pack, {**row, "deployed_at": self.now})

    # ---- start events

    def _starts(self, definition: int, before: int | None, info: ProcessInfo) -> None:
        """Only the newest version listens for messages, signals and timers."""
        if before is not None:
            self._silence(before)
        for start in info.starts:
            if start.kind in ("message", "signal"):
                row = {"id": new_id(), "definition": definition, "node_id": start.node, "kind": start.kind}
                self._insert(Subscription, {**row, "name": start.ref, "part": start.part, "look_at": AT_ONCE})
            elif start.kind in ("timer", "condition"):
                self._start_timer(definition, start)

    def _silence(self, definition: int) -> None:
        """A version listens no more."""
        self.store.sql("delete from subscription where definition = ?", (definition,))
        self.store.sql("delete from timer where definition = ?", (definition,))

    def _start_timer(self, definition: int, start: StartInfo) -> None:
        world = World(self.context, Asking(self.now, 0))
        asked = {"condition": start.expression.removeprefix("=").strip()} if start.kind == "condition" else {}
        rule = (ASKED_EVERY, "cycle") if asked else (start.expression, start.timer)
        due = world.begins(*rule, start.calendar)
        more = {"part": start.part, **asked}
        row = {"id": new_id(), "definition": definition, "node_id": start.node, "kind": "start", "due_at": due.at}
        self._insert(Timer, {**row, "settings": start_settings(due, start.calendar, **more)})

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
    return before is None or not before["latest"] or before["digest"] != _digest(piece)


def _inhabited(register: str) -> Finding:
    zh = f"台账“{register}”还有记录，不能从流程包中删除。请先导出并删除记录，或保留这个台账。"
    en = f"The register “{register}” has rows and cannot be taken out. Export and delete them first, or keep it."
    return Finding(f"registers/{register}.json", 1, register, "error", "register-has-rows", zh, en)


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
    publication = _Publication(target, "")
    with target.store.transaction():
        for model, rows in copied.items():
            for statement, bound in inserts(model, rows):
                target.store.sql(statement, bound)
        for row in copied[Definition]:
            if row["kind"] == "process":
                publication._starts(row["id"], None, target.definitions.info(row["id"]))
