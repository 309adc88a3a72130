"""Publishing a working copy: the checks, the two-person option, the version.

Owns who may publish what: a copy with an error is refused, a pack with `approval = true` waits for a second designer,
who approves the very files that were proposed. Deploying is `deploy`'s, versions' numbers are `history`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine import packs
from engine.commands import deploy, history, workbench
from engine.commands.context import Context
from engine.commands.history import Release
from engine.errors import DeploymentRefused, InvalidFile, NotFound, NothingToPublish, NotProposed, OwnProposal
from engine.expressions import values
from engine.packs import PackFiles, Piece
from engine.records import Finding
from engine.store import house, shelf
from engine.store.models import Definition, Pack

Check = Callable[[str], Iterable[Finding]]
"""A further check of a working copy by its pack's name; an error among its findings refuses the publication."""


def pack_of(
    context: Context, name: str, version: int | None = None, changed: Mapping[str, bytes] | None = None
) -> PackFiles:
    """The working copy or a version as a pack, with the services of the folder it was installed from. `changed`: files
    in place of those. InvalidFile when its pack.toml is not readable, NotFound."""
    files = {**workbench.files(context, name, version), **(changed or {})}
    found = packs.assemble(files, packs.folder_of(_installed(context, name)))
    return replace(found, findings=(*found.findings, *_misnamed(found, name)))


def _installed(context: Context, name: str) -> dict[str, Any]:
    """The settings of the pack as it is installed; {} when it is not."""
    found = context.store.value(Pack.select(Pack.settings).where(Pack.name == name))
    return dict(values.loads(found)) if found else {}


def lint(
    context: Context, name: str, version: int | None = None, changed: Mapping[str, bytes] | None = None
) -> list[Finding]:
    """What is wrong with a working copy (or a version), together with what is deployed. NotFound."""
    try:
        pack = pack_of(context, name, version, changed)
    except InvalidFile as problem:
        unreadable = Finding("pack.toml", 1, "", "error", "unreadable", problem.text("zh"), problem.text("en"))
        files = {**workbench.files(context, name, version), **(changed or {})}
        deployed = {path: content for path, content in files.items() if packs.is_deployed(path)}
        return [unreadable, *deploy.lint(context, deployed).findings]
    return _findings(context, pack)


def _findings(context: Context, pack: PackFiles) -> list[Finding]:
    examined = deploy.lint(context, pack.files, pack)
    others = (*_taken(context, pack.name, examined.pieces), *_apart(context, pack.name, examined.pieces))
    return [*examined.findings, *others]


def _misnamed(pack: PackFiles, name: str) -> Iterator[Finding]:
    if pack.name != name:
        zh = f"name 应为“{name}”：流程包的标识不能改。要换标识，请复制流程包。"
        en = f"name should be “{name}”: a pack's key stays. Copy the pack to have it under another key."
        yield Finding("pack.toml", 1, "name", "error", "misnamed", zh, en)


def _taken(context: Context, name: str, pieces: Iterable[Piece]) -> Iterator[Finding]:
    """Definitions whose keys belong to another pack: publishing would take them from it."""
    query = Definition.select(Definition.kind, Definition.key, Definition.pack)
    others = query.where(Definition.latest, Definition.pack.not_in(["", name]))
    owners = {(row["kind"], row["key"]): row["pack"] for row in context.store.rows(others)}
    for piece in pieces:
        if owner := owners.get((piece.kind, piece.key)):
            zh = f"标识“{piece.key}”已属于流程包 {owner}，请换一个标识。"
            en = f"“{piece.key}” belongs to the pack {owner} already; choose another id."
            yield Finding(piece.file, 1, piece.key, "error", "of-another-pack", zh, en)


def _apart(context: Context, name: str, pieces: Iterable[Piece]) -> Iterator[Finding]:
    """Definitions of the pack that were published alone since: publishing the pack replaces those."""
    columns = (Definition.kind, Definition.key, Definition.version, Definition.digest)
    alone = context.store.rows(Definition.select(*columns).where(Definition.latest, Definition.pack == ""))
    found = {(row["kind"], row["key"]): row for row in alone}
    for piece in pieces:
        row = found.get((piece.kind, piece.key))
        if row is not None and row["digest"] != shelf.digest(piece.content):
            zh = f"“{piece.key}”单独发布过第 {row['version']} 版，与工作稿不同；发布流程包会用工作稿替换它。"
            en = f"“{piece.key}” was published alone as version {row['version']}; publishing the pack replaces that."
            yield Finding(piece.file, 1, piece.key, "warning", "published-apart", zh, en)


# ---- acts


def publish(context: Context, name: str, note: str, *, by: str, checks: Iterable[Check] = ()) -> int:
    """Publish the working copy, or propose it where a second person has to approve; the version's number.
    DeploymentRefused with all findings, NothingToPublish, NotFound."""
    pack = _sound(context, name, None)
    release = Release(name, pack.whole, note=note.strip())
    if history.is_newest(context.store, release) and not history.published_apart(context.store, name):
        raise NothingToPublish(name=name)
    further = [finding for check in checks for finding in check(name)]
    if any(finding.severity == "error" for finding in further):
        raise DeploymentRefused(further)
    if _needs_approval(context, pack):
        return _propose(context, release, by)
    deploy.deploy(context, pack.files, by=by, pack=pack, release=release)
    return history.newest(context.store, name)


def _sound(context: Context, name: str, version: int | None) -> PackFiles:
    """A working copy or version without an error. DeploymentRefused."""
    findings = lint(context, name, version)
    if any(finding.severity == "error" for finding in findings):
        raise DeploymentRefused(findings)
    return pack_of(context, name, version)


def _needs_approval(context: Context, pack: PackFiles) -> bool:
    """Nobody switches the option off alone: what is installed counts as well."""
    return bool(pack.settings.get("approval") or _installed(context, pack.name).get("approval"))


def _propose(context: Context, release: Release, by: str) -> int:
    """A version that waits; one that waited before is replaced by it."""
    store, now = context.store, context.clock.now()
    with store.transaction():
        shelf.lock(store)
        for row in shelf.versions(store, release.pack):
            if row["status"] == "proposed":
                shelf.answer_version(store, release.pack, row["number"], "refused", by, now, "")
        number = history.add(store, release, "proposed", by, now)
        _note(context, "pack-proposed", release.pack, by, number, release.note)
    return number


def approve(context: Context, name: str, number: int, *, by: str, answer: str = "") -> None:
    """Publish what another designer proposed. NotProposed, OwnProposal, DeploymentRefused when it does not fit what is
    deployed by now, NotFound."""
    row = _waiting(context, name, number)
    if history.newest(context.store, name) > number:
        raise NotProposed(number=number, state="older")
    if row["made_by"] == by:
        raise OwnProposal(number=number)
    pack = _sound(context, name, number)
    release = Release(name, pack.whole, note=row["note"], proposal=number, answer=answer.strip())
    deploy.deploy(context, pack.files, by=by, pack=pack, release=release)


def refuse(context: Context, name: str, number: int, *, by: str, answer: str = "") -> None:
    """Say no to a proposal, or take one's own back; the working copy stays as it is. NotProposed, NotFound."""
    _waiting(context, name, number)
    with context.store.transaction():
        shelf.lock(context.store)
        _waiting(context, name, number)
        shelf.answer_version(context.store, name, number, "refused", by, context.clock.now(), answer.strip())
        _note(context, "pack-refused", name, by, number, answer)


def _waiting(context: Context, name: str, number: int) -> dict[str, Any]:
    for row in shelf.versions(context.store, name):
        if row["number"] == number:
            if row["status"] != "proposed":
                raise NotProposed(number=number, state=row["status"])
            return row
    raise NotFound(what="版本", id=f"{name} {number}")


def _note(context: Context, event: str, pack: str, by: str, number: int, words: str) -> None:
    if by:
        house.note(context.store, event, pack, by, context.clock.now(), {"version": number, "note": words})
