"""What is in a set of files, and what is wrong with it, all files together.

Owns the kinds of files (by extension; .json by folder or content) and the catalogue they are checked against: the
keys in the files themselves, and those already deployed. Each kind's own lint lives with that kind.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from engine import bpmn, dmn, forms, pages, registers
from engine.bpmn.model import Catalogue
from engine.errors import InvalidFile, LinliError
from engine.packs import schemas as json_schemas
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

    def take(self, findings: Iterable[Finding], pieces: Iterable[Piece]) -> None:
        """What one file gives."""
        self.findings.extend(findings)
        self.pieces.extend(pieces)

    @property
    def deployable(self) -> bool:
        """Whether no finding is an error."""
        return not any(finding.severity == "error" for finding in self.findings)


def examine(files: Mapping[str, bytes], known: Catalogue = NOTHING, schemas: Schemas = None) -> Examination:
    """Read and check files together. `known`: keys that exist besides those in them (None = don't check that kind);
    `schemas`: registers deployed already, by name (None = don't check what pages say of registers)."""
    found = Examination()
    files, kinds, told = _as_ours(files)
    found.findings.extend(told)
    for name, content in files.items():
        if kinds[name] != "page":
            found.take(*_checked(kinds[name], name, content))
    here = _schemas(schemas, found.pieces)
    for name, content in files.items():
        if kinds[name] == "page":  # pages speak of registers
            found.take(*_sound("page", name, content, pages.lint(content, name, here)))
    found.findings.extend(_twice(found.pieces))
    found.findings.extend(_unknown_roles(found.pieces, known.roles))
    diagrams = {name: content for name, content in files.items() if kinds[name] == "process"}
    if diagrams:
        found.findings.extend(bpmn.lint(diagrams, _catalogue(known, found.pieces)))
    return found


def pieces(files: Mapping[str, bytes]) -> list[Piece]:
    """The definitions in files as far as these can be read; what is wrong with the others is `examine`'s to say."""
    found: list[Piece] = []
    files, kinds, _ = _as_ours(files)
    for name, content in files.items():
        kind = kinds[name]
        try:
            found.extend((_sound(kind, name, content, []) if kind == "page" else _checked(kind, name, content))[1])
        except LinliError:
            continue
    return found


def _as_ours(files: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, str], list[Finding]]:
    """Files with JSON schemas as the forms they become (their UI schemas go into these), and the kind of each."""
    made, told = json_schemas.forms(files)
    ours = {name: made.get(name, content) for name, content in files.items() if made.get(name) != b""}
    kinds = {name: "form" if name in made else kind_of(name, content) for name, content in ours.items()}
    return ours, kinds, told


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


@lru_cache(maxsize=1024)  # by the very bytes: of the files of a pack that is being edited, one changes at a time
def _checked(kind: str, name: str, content: bytes) -> tuple[tuple[Finding, ...], tuple[Piece, ...]]:
    """What is wrong in a file that is checked alone (diagrams are checked later, all together), and its definitions."""
    return _sound(kind, name, content, _LINT[kind](content, name)) if kind else ((_unknown(name),), ())


def _sound(
    kind: str, name: str, content: bytes, problems: list[Finding]
) -> tuple[tuple[Finding, ...], tuple[Piece, ...]]:
    """A file's findings, and its definitions unless one of these is an error."""
    if any(problem.severity == "error" for problem in problems):
        return tuple(problems), ()
    try:
        return tuple(problems), tuple(_PIECES[kind](name, content))
    except LinliError as problem:
        if kind != "process":  # an unreadable diagram is reported by its own lint
            raise
        return (*problems, _unreadable(name, problem)), ()


def _processes(name: str, content: bytes) -> Iterator[Piece]:
    reading = bpmn.read(content, name)
    for info in bpmn.describe_root(reading.root):
        yield Piece("process", info.key, info.name or info.key, info.name_en, name, content)
    for key, form in reading.forms.items():
        file = f"{name.removesuffix('.bpmn')}.{key}.form"
        written = json.dumps(form, ensure_ascii=False, indent=1).encode()
        yield Piece("form", key, form["properties"].get("title") or key, "", file, written)


def _made_forms(content: bytes, name: str) -> list[Finding]:
    """What is wrong with forms made of a diagram's fields; diagrams themselves are checked later, all together."""
    try:
        made = bpmn.read(content, name).forms
    except InvalidFile:
        return []  # an unreadable diagram is reported by its own lint
    found = []
    for key, form in made.items():
        wrong = (f for f in forms.lint(json.dumps(form).encode(), name) if f.severity == "error")
        found += [replace(finding, element=key.partition(".")[2], line=1) for finding in wrong]
    return found


def _decisions(name: str, content: bytes) -> Iterator[Piece]:
    model = dmn.parse(content)
    names = {key: one.name for key, one in model.decisions.items()}
    names |= {key: one.name for key, one in model.services.items()}
    for key, said in names.items():
        yield Piece("decision", key, said or key, "", name, content)


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
    "process": _made_forms,
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
    offered = {piece.key: _offered(piece.content) for piece in pieces if piece.kind == "form"}
    return replace(known, choices={**known.choices, **offered})


@lru_cache(maxsize=1024)
def _offered(content: bytes) -> dict[str, tuple[Any, ...]]:
    """What the fields of a form can answer, where it is one of a few."""
    found: dict[str, tuple[Any, ...]] = {}
    for one in forms.parse(content).fields:
        if one.type == "checkbox":
            found[one.key] = (True, False)
        elif one.type in ("select", "radio") and one.options and not (one.options_key or one.options_expression):
            found[one.key] = tuple(option.value for option in one.options)
    return found


def _twice(pieces: Iterable[Piece]) -> Iterator[Finding]:
    seen: dict[tuple[str, str], str] = {}
    for piece in pieces:
        other = seen.setdefault((piece.kind, piece.key), piece.file)
        if other != piece.file:
            zh = f"“{piece.key}”在文件 {other} 中已经定义过，请换一个标识。"
            en = f"“{piece.key}” is already defined in the file {other}; choose another id."
            yield Finding(piece.file, 1, piece.key, "error", "defined-twice", zh, en)


def _unknown_roles(pieces: Iterable[Piece], roles: frozenset[str] | None) -> Iterator[Finding]:
    """Columns that are kept for a role which nobody defines would be seen, or changed, by nobody."""
    for piece in pieces if roles is not None else ():
        if piece.kind != "register":
            continue
        for column in registers.parse(piece.content, piece.file).fields:
            for role in sorted({*column.readers, *column.writers} - (roles or set())):
                zh = f"字段“{column.key}”限定的岗位“{role}”不存在。"
                en = f"The field “{column.key}” is kept for the role “{role}”, which does not exist."
                yield Finding(piece.file, 1, column.key, "error", "unknown-role", zh, en)


def _unknown(name: str) -> Finding:
    zh = f"不认识的文件“{name}”。可发布 .bpmn、.dmn、.form，以及 registers/ 和 pages/ 中的 .json。"
    en = f"“{name}” is no file that can be deployed: .bpmn, .dmn, .form, and .json in registers/ or pages/."
    return Finding(name, 1, "", "error", "unknown-file", zh, en)


def _unreadable(name: str, problem: LinliError) -> Finding:
    return Finding(name, 1, "", "error", "unreadable", problem.text("zh"), problem.text("en"))
