"""Packs as designers edit them in the browser: working copies, versions, publishing. Each method one line to its
command or read; the permission `design` is asked here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from engine import packs
from engine.commands import history, publishing, workbench
from engine.commands.context import Context
from engine.commands.publishing import Check
from engine.facade.reads import held
from engine.packs import FileDifference, PackFiles, Piece
from engine.queries import Workbench
from engine.records import Finding, PackFile, PackVersion, Workspace
from engine.store import Store, persons


class Studio:
    """Mixed into Engine. `name`: a pack; `path`: of a file inside it (processes/a.bpmn); `version`: a number, None =
    the working copy. Errors: engine.errors."""

    store: Store
    publish_checks: list[Check]  # asked of a working copy before it is published
    _context: Context
    _bench: Workbench
    _must: Callable[[str, str], None]

    # ---- packs

    @held
    def workspaces(self, by: str) -> list[Workspace]:
        """Every pack, by title. Forbidden without the permission `design`."""
        self._must(by, "design")
        for name, _settings in persons.packs(self.store):
            workbench.ensure(self._context, name)
        return self._bench.workspaces()

    @held
    def workspace(self, name: str) -> Workspace:
        """One pack. NotFound."""
        workbench.ensure(self._context, name)
        return self._bench.workspace(name)

    @held
    def new_pack(self, name: str, title: str, *, title_en: str = "", by: str) -> Workspace:
        """A pack with a pack.toml and nothing else. PackExists, InvalidFile for a bad name, InvalidValue, Forbidden."""
        self._must(by, "design")
        workbench.new(self._context, name, title, title_en=title_en, by=by)
        return self._bench.workspace(name)

    @held
    def copy_pack(self, source: str, name: str, title: str, *, by: str) -> Workspace:
        """A pack with the files of another's working copy. As `new_pack`, and NotFound."""
        self._must(by, "design")
        workbench.copy(self._context, source, name, title, by=by)
        return self._bench.workspace(name)

    @held
    def import_pack(self, content: bytes, *, by: str, replace: bool = False) -> Workspace:
        """A pack from a zip. `replace`: one of its name that is there gets the zip's files as its working copy.
        PackExists, InvalidFile with what is wrong with the zip, Forbidden."""
        self._must(by, "design")
        return self._bench.workspace(workbench.bring(self._context, content, by=by, replace=replace))

    @held
    def export_pack(self, name: str, version: int | None = None) -> bytes:
        """A pack as a zip with the layout of its folder in workflows/. NotFound."""
        return packs.pack_zip(workbench.files(self._context, name, version))

    @held
    def folder_standing(self, path: str | Path) -> str:
        """How a pack's folder stands to what is installed: new | same | changed | kept (something was published in the
        browser since: deploying would replace it). InvalidFile."""
        pack = packs.read(path)
        return history.standing(self.store, history.Release(pack.name, pack.whole, history.FOLDER))

    @held
    def drop_pack(self, name: str, *, by: str) -> None:
        """Take away a pack that was never published. NotFound, InvalidValue, Forbidden."""
        self._must(by, "design")
        workbench.drop(self._context, name, by=by)

    # ---- files

    @held
    def pack_files(self, name: str, version: int | None = None) -> list[PackFile]:
        """The files by path. NotFound."""
        workbench.ensure(self._context, name)
        return self._bench.files(name, version)

    @held
    def pack_file(self, name: str, path: str, version: int | None = None) -> tuple[bytes, int]:
        """A file's bytes and its revision (0 in a version). NotFound."""
        workbench.ensure(self._context, name)
        return self._bench.file(name, path, version)

    @held
    def save_pack_file(self, name: str, path: str, content: bytes, *, revision: int, by: str) -> int:
        """Keep a file in the working copy; its new revision. `revision`: the one that was read, 0 makes a new file.
        ChangedMeanwhile, InvalidFile for a path or size that no pack has, NotFound, Forbidden."""
        self._must(by, "design")
        return workbench.save(self._context, name, path, content, revision=revision, by=by)

    @held
    def remove_pack_file(self, name: str, path: str, *, revision: int, by: str) -> None:
        """Take a file out of the working copy. ChangedMeanwhile, InvalidFile for pack.toml, NotFound, Forbidden."""
        self._must(by, "design")
        workbench.remove(self._context, name, path, revision=revision, by=by)

    @held
    def pack_contents(self, name: str, version: int | None = None) -> PackFiles:
        """The whole of it, checked as when a folder is read. InvalidFile for a broken pack.toml, NotFound."""
        return publishing.pack_of(self._context, name, version)

    @held
    def lint_pack(self, name: str, changed: Mapping[str, bytes] | None = None) -> list[Finding]:
        """What is wrong with the working copy, together with what is deployed; `changed`: with these files (path ->
        bytes) in place of those that are kept. NotFound."""
        return publishing.lint(self._context, name, changed=changed)

    @held
    def pack_pieces(self, name: str, version: int | None = None) -> list[Piece]:
        """The processes, decisions, forms, registers and pages in its files, as far as these can be read. NotFound."""
        return packs.pieces(workbench.files(self._context, name, version))

    # ---- versions

    @held
    def pack_versions(self, name: str) -> list[PackVersion]:
        """The newest first. NotFound."""
        workbench.ensure(self._context, name)
        return self._bench.versions(name)

    @held
    def pack_differences(self, name: str, since: int | None, until: int | None = None) -> list[FileDifference]:
        """What differs from one version to another, file by file, in words; None = the working copy. NotFound."""
        return packs.compare(*(workbench.files(self._context, name, one) for one in (since, until)))

    @held
    def publish_pack(self, name: str, note: str, *, by: str) -> PackVersion:
        """The working copy becomes the next version: published, or `proposed` where pack.toml says `approval = true`.
        DeploymentRefused with all findings, NothingToPublish, NotFound, Forbidden."""
        self._must(by, "design")
        number = publishing.publish(self._context, name, note, by=by, checks=self.publish_checks)
        return self._version(name, number)

    @held
    def approve_pack(self, name: str, number: int, *, by: str, answer: str = "") -> PackVersion:
        """Publish what another designer proposed. NotProposed, OwnProposal, DeploymentRefused, NotFound, Forbidden."""
        self._must(by, "design")
        publishing.approve(self._context, name, number, by=by, answer=answer)
        return self._version(name, number)

    @held
    def refuse_pack(self, name: str, number: int, *, by: str, answer: str = "") -> PackVersion:
        """Say no to a proposal, or take one's own back. NotProposed, NotFound, Forbidden."""
        self._must(by, "design")
        publishing.refuse(self._context, name, number, by=by, answer=answer)
        return self._version(name, number)

    @held
    def restore_pack(self, name: str, number: int, *, by: str) -> None:
        """Make the working copy what a version was; publishing it then rolls back. NotFound, Forbidden."""
        self._must(by, "design")
        workbench.restore(self._context, name, number, by=by)

    def _version(self, name: str, number: int) -> PackVersion:
        return next(one for one in self._bench.versions(name) if one.number == number)
