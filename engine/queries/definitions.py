"""What is deployed: versions, contents, pages, packs.

Owns plain reads of `definition` and `pack`. Compiled processes are the commands'.
"""

from __future__ import annotations

from typing import Any

from engine.errors import NotFound
from engine.expressions import values
from engine.pages import Page
from engine.pages import parse as parse_page
from engine.people import People
from engine.records import Definition
from engine.store import Store, models, persons
from engine.store.deployed import latest
from engine.store.prepared import Mark, Prepared

Row = models.Definition
_PLAIN = (Row.id, Row.key, Row.kind, Row.version, Row.name, Row.file, Row.pack, Row.deployed_at, Row.deployed_by)


class DefinitionList:
    """Reads of definitions."""

    def __init__(self, store: Store, people: People) -> None:
        self._store = store
        self._people = people
        self._pages: dict[int, Page] = {}
        self._of_kind = Prepared(store, _ordered().where(Row.kind == Mark("kind"), Row.latest))

    def find(self, kind: str | None = None, key: str | None = None, latest: bool = True) -> list[Definition]:
        """Definitions by kind and key, newest version first within a key; `latest`: only the newest of each."""
        if latest and kind is not None and key is None:
            return [Definition(**row) for row in self._of_kind.rows(kind=kind)]
        query = _ordered()
        for column, wanted in ((Row.kind, kind), (Row.key, key)):
            query = query if wanted is None else query.where(column == wanted)
        query = query.where(Row.latest) if latest else query
        return [Definition(**row) for row in self._store.rows(query)]

    def get(self, definition: int) -> Definition:
        """One version. NotFound."""
        row = self._store.row(Row.select(*_PLAIN, Row.name_en).where(Row.id == definition))
        if row is None:
            raise NotFound(what="定义", id=definition)
        return Definition(**row)

    def content(self, definition: int) -> bytes:
        """The bytes as uploaded. NotFound."""
        found = self._store.value(Row.select(Row.content).where(Row.id == definition))
        if found is None:
            raise NotFound(what="定义", id=definition)
        return bytes(found)

    def pages(self, by: str | None = None) -> list[Page]:
        """Latest pages in menu order; `by`: those open to this person ('' = a resident: the public ones)."""
        found = [self._page(one) for one in latest(self._store, "page").values()]
        found.sort(key=lambda page: (page.menu, page.order, page.name))
        if by is None:
            return found
        may = self._people.rights(by).may if by else lambda permission: False
        return [page for page in found if page.public or may(f"page:{page.name}")]

    def page(self, name: str) -> Page:
        """The latest page of a name. NotFound."""
        found = latest(self._store, "page").get(name)
        if found is None:
            raise NotFound(what="页面", id=name)
        return self._page(found)

    def _page(self, definition: int) -> Page:
        if definition not in self._pages:  # a version never changes
            self._pages[definition] = parse_page(self.content(definition))
        return self._pages[definition]

    def packs(self) -> dict[str, dict[str, Any]]:
        """Installed packs: name -> pack.toml, with `folder` where it was deployed from."""
        return {name: values.loads(settings) for name, settings in persons.packs(self._store)}

    def entrances(self) -> dict[str, Any]:
        """`[public]` of the installed packs, merged: submit, join, track."""
        merged: dict[str, Any] = {}
        for settings in self.packs().values():
            merged |= settings.get("public", {})
        return merged


def _ordered() -> Any:
    return Row.select(*_PLAIN, Row.name_en).order_by(Row.kind, Row.key, Row.version.desc())
