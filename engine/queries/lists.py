"""Lists of the desk that people keep under a name.

Owns them: one row a person and name, the address's question as it stands. Nobody sees another's.
"""

from __future__ import annotations

from engine.clock import Clock
from engine.errors import InvalidValue, Said
from engine.records import SavedList
from engine.store import Store, models
from engine.store.prepared import Mark, Prepared

MOST = 30  # of one person
_TOO_MANY = Said(f"最多保存 {MOST} 个筛选", f"at most {MOST} lists can be kept")
Row = models.SavedFilter


class Lists:
    """Reads and marks of saved lists."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        named = Row.select(Row.id, Row.name, Row.query).where(Row.login == Mark("login")).order_by(Row.name)
        self._of = Prepared(store, named)

    def of(self, login: str) -> list[SavedList]:
        """Somebody's, in the order of their names."""
        return [SavedList(**row) for row in self._of.rows(login=login)]

    def keep(self, login: str, name: str, query: str) -> None:
        """Keep a question under a name; one of that name is replaced. InvalidValue when there are too many."""
        with self._store.transaction():
            kept = self._store.rows(Row.select(Row.name).where(Row.login == login))
            if len(kept) >= MOST and name not in [row["name"] for row in kept]:
                raise InvalidValue(reason=_TOO_MANY)
            row = {"login": login, "name": name, "query": query, "created_at": self._clock.now()}
            made = Row.insert(row).on_conflict(conflict_target=(Row.login, Row.name), preserve=(Row.query,))
            self._store.run(made)

    def drop(self, login: str, key: int) -> None:
        """Forget one of one's own."""
        with self._store.transaction():
            self._store.run(Row.delete().where(Row.id == key, Row.login == login))
