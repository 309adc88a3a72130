"""Deployed versions as the commands need them: parsed once per version and kept; `latest` asked of the database each
time.

Owns the caches of compiled processes, forms and decisions and the rule of binding: without `latest` or a version tag, a
process uses what was deployed with it or last before it. Writes nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine import bpmn, dmn, forms
from engine.bpmn.model import TAGGED, ProcessInfo
from engine.commands.tags import tag_of
from engine.errors import NotFound
from engine.store import Store, loads
from engine.store.models import Definition

KINDS = {"process": "流程", "form": "表单", "decision": "决策", "register": "台账", "page": "页面"}


@dataclass(frozen=True, slots=True)
class Version:
    """What identifies a deployed version."""

    id: int
    key: str
    kind: str
    version: int
    name: str
    name_en: str
    deployment: int


class Definitions:
    """Versions by id and key. Thread-safe; a version never changes, so what is parsed stays."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, Any], Any] = {}

    def process(self, definition: int) -> bpmn.Process:
        """The compiled process of a version."""
        return self._keep("process", definition, lambda: self._compile(definition))

    def info(self, definition: int) -> ProcessInfo:
        """What the diagram of a version says."""
        return self.process(definition).info

    def form(self, definition: int) -> forms.Form:
        """The form of a version."""
        return self._keep("form", definition, lambda: forms.parse(self.content(definition)))

    def decision(self, definition: int) -> dmn.Model:
        """The decision model of a version."""
        return self._keep("decision", definition, lambda: dmn.parse(self.content(definition)))

    def version(self, definition: int) -> Version:
        """The version with this id. NotFound."""
        return self._keep("version", definition, lambda: self._version(definition))

    def content(self, definition: int) -> bytes:
        """The bytes as uploaded. NotFound."""
        found = self._store.value(Definition.select(Definition.content).where(Definition.id == definition))
        if found is None:
            raise NotFound(what="定义", id=definition)
        return bytes(found)

    def latest(self, kind: str, key: str) -> Version | None:
        """The newest version of a key."""
        row = loads.latest(self._store, kind, key)
        return Version(*row) if row else None

    def numbered(self, kind: str, key: str, version: int) -> Version:
        """Version n of a key. NotFound."""
        found = self._one(_version_query(kind, key).where(Definition.version == version))
        if found is None:
            raise NotFound(what=KINDS.get(kind, kind), id=f"{key} v{version}")
        return found

    def bound(self, kind: str, key: str, binding: str, process: Version) -> Version | None:
        """The version that a process means by a key: `latest`; `versionTag:TAG`, the newest that has the tag; or
        (`deployment`) the one deployed with the process or last before it, one deployed later when there was none."""
        if binding == "latest":
            return self.latest(kind, key)
        if binding.startswith(TAGGED):
            return self.tagged(kind, key, binding.removeprefix(TAGGED))
        return self._keep("bound", (kind, key, process.id), lambda: self._bound(kind, key, process))

    def tagged(self, kind: str, key: str, tag: str) -> Version | None:
        """The newest version of a key that its designer gave this tag."""
        versions = self._store.rows(_version_query(kind, key).order_by(Definition.version.desc()))
        found = (row for row in versions if self._tag(kind, key, row["id"]) == tag)
        return next((Version(**row) for row in found), None)

    def _tag(self, kind: str, key: str, definition: int) -> str:
        return self._keep("tag", definition, lambda: tag_of(kind, key, self.content(definition)))

    def _bound(self, kind: str, key: str, process: Version) -> Version | None:
        before = _version_query(kind, key).where(Definition.deployment <= process.deployment)
        found = self._one(before.order_by(Definition.version.desc()))
        return found or self._one(_version_query(kind, key).order_by(Definition.version))

    def _version(self, definition: int) -> Version:
        found = self._one(Definition.select(*_VERSION).where(Definition.id == definition))
        if found is None:
            raise NotFound(what="定义", id=definition)
        return found

    def _one(self, query: Any) -> Version | None:
        row = self._store.row(query.limit(1))
        return Version(**row) if row else None

    def _compile(self, definition: int) -> bpmn.Process:
        return bpmn.compile(self.content(definition), self.version(definition).key)

    def _keep(self, kind: str, key: Any, make: Callable[[], Any]) -> Any:
        kept = self._kept.get((kind, key))
        if kept is None:
            made = make()  # two threads may both make it: harmless, the first one kept is used by all
            with self._lock:
                kept = self._kept.setdefault((kind, key), made) if made is not None else None
        return kept


_VERSION = (
    Definition.id,
    Definition.key,
    Definition.kind,
    Definition.version,
    Definition.name,
    Definition.name_en,
    Definition.deployment,
)


def _version_query(kind: str, key: str) -> Any:
    return Definition.select(*_VERSION).where(Definition.kind == kind, Definition.key == key)
