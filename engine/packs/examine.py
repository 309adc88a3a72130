"""What is in a set of files, and what is wrong with it, all files together.

Owns the kinds of files (by extension; .json by folder or content) and the catalogue they are checked against: the
keys in the files themselves, and those already deployed. Each kind's own lint lives with that kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from engine import bpmn, dmn, forms, pages, registers
from engine.bpmn.model import Catalogue
from engine.errors import LinliError
from engine.records import Finding
from engine.registers import RegisterSchema

NOTHING = Catalogue()
Schemas = Mapping[str, RegisterSchema] | None


@dataclass(frozen=True, slots=True)
class Piece:
    """One definition in a file: several processes or decisions of one file share its bytes."""

    kind: str  # process | decision | form | register | page
    key: str
    name: str
    name_en: str
    file: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Examination:
    """The definitions found, and the findings; deployable when none of these is an error."""

    pieces: list[Piece] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def deployable(self) -> bool:
        """Whether no finding is an error."""
        return not any(finding.severity == "error" for finding in self.findings)


def examine(files: Mapping[str, bytes], known: Catalogue = NOTHING, schemas: Schemas = None) -> Examination:
    """Read and check files together. `known`: keys that exist besides those in them (None = don't check that kind);
    `schemas`: registers deployed already, by name (None = don't check what pages say of registers)."""
    found = Examination()
    kinds = {name: kind_of(name, content) for name, content in files.items()}
    for name, content in sorted(files.items(), key=lambda item: kinds[item[0]] == "page"):
        _read(kinds[name], name, content, found, _schemas(schemas, found.pieces))
    found.findings.extend(_twice(found.pieces))
    diagrams = {name: content for name, content in files.items() if kinds[name] == "process"}
    if diagrams:
        found.findings.extend(bpmn.lint(diagrams, _catalogue(known, found.pieces)))
    return found


def _schemas(known: Schemas, pieces: Iterable[Piece]) -> Schemas:
    """Register schemas that a page may name: those deployed, and those read before it."""
    if known is None:
        return None
    here = (registers.parse(piece.content, piece.file) for piece in pieces if piece.kind == "register")
    return {**known, **{schema.name: schema for schema in here}}


def kind_of(name: str, content: bytes) -> str:
    """The kind of a file; '' when it is none of ours."""
    path = PurePosixPath(name)
    by_suffix = {".bpmn": "process", ".dmn": "decision", ".form": "form"}
    if path.suffix != ".json":
        return by_suffix.get(path.suffix, "")
    by_folder = {"registers": "register", "pages": "page"}
    return by_folder.get(path.parent.name) or ("register" if b'"fields"' in content else "page")


def _read(kind: str, name: str, content: bytes, found: Examination, schemas: Schemas) -> None:
    """Gather a file's definitions, and (diagrams are checked later, all together) what is wrong in it."""
    if not kind:
        found.findings.append(_unknown(name))
        return
    problems = pages.lint(content, name, schemas) if kind == "page" else _LINT[kind](content, name)
    found.findings.extend(problems)
    if any(problem.severity == "error" for problem in problems):
        return
    try:
        found.pieces.extend(_PIECES[kind](name, content))
    except LinliError as problem:
        if kind != "process":  # an unreadable diagram is reported by its own lint
            raise
        found.findings.append(_unreadable(name, problem))


def _processes(name: str, content: bytes) -> Iterator[Piece]:
    for info in bpmn.describe(content):
        yield Piece("process", info.key, info.name or info.key, info.name_en, name, content)


def _decisions(name: str, content: bytes) -> Iterator[Piece]:
    for key, decision in dmn.parse(content).decisions.items():
        yield Piece("decision", key, decision.name or key, "", name, content)


def _form(name: str, content: bytes) -> Iterator[Piece]:
    form = forms.parse(content)
    properties = form.raw.get("properties") or {}
    yield Piece("form", form.id, properties.get("title") or form.id, properties.get("title_en", ""), name, content)


def _register(name: str, content: bytes) -> Iterator[Piece]:
    schema = registers.parse(content, name)
    yield Piece("register", schema.name, schema.title.zh, schema.title.en, name, content)


def _page(name: str, content: bytes) -> Iterator[Piece]:
    page = pages.parse(content, name)
    yield Piece("page", page.name, page.title.zh, page.title.en, name, content)


_LINT: dict[str, Callable[[bytes, str], list[Finding]]] = {
    "process": lambda content, name: [],  # diagrams are checked all together
    "decision": dmn.lint,
    "form": forms.lint,
    "register": registers.lint,
}
_PIECES: dict[str, Callable[[str, bytes], Iterable[Piece]]] = {
    "process": _processes,
    "decision": _decisions,
    "form": _form,
    "register": _register,
    "page": _page,
}


def _catalogue(known: Catalogue, pieces: Iterable[Piece]) -> Catalogue:
    """Known keys and those in the files; a kind that is not to be checked stays so."""
    for kind, name in (
        ("form", "forms"),
        ("decision", "decisions"),
        ("process", "processes"),
        ("register", "registers"),
    ):
        before = getattr(known, name)
        if before is not None:
            here = frozenset(piece.key for piece in pieces if piece.kind == kind)
            known = replace(known, **{name: before | here})
    return known


def _twice(pieces: Iterable[Piece]) -> Iterator[Finding]:
    seen: dict[tuple[str, str], str] = {}
    for piece in pieces:
        other = seen.setdefault((piece.kind, piece.key), piece.file)
        if other != piece.file:
            zh = f"“{piece.key}”在文件 {other} 中已经定义过,请换一个标识。"
            en = f"“{piece.key}” is already defined in the file {other}; choose another id."
            yield Finding(piece.file, 1, piece.key, "error", "defined-twice", zh, en)


def _unknown(name: str) -> Finding:
    zh = f"不认识的文件“{name}”。可发布 .bpmn、.dmn、.form,以及 registers/ 和 pages/ 中的 .json。"
    en = f"“{name}” is no file that can be deployed: .bpmn, .dmn, .form, and .json in registers/ or pages/."
    return Finding(name, 1, "", "error", "unknown-file", zh, en)


def _unreadable(name: str, problem: LinliError) -> Finding:
    return Finding(name, 1, "", "error", "unreadable", problem.text("zh"), problem.text("en"))
