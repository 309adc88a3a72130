"""What is deployed now: ids of the newest versions. Owns that one read; contents are read and cached by whoever needs
them, by id, since a version never changes."""

from __future__ import annotations

from engine.store.database import Store


def latest(store: Store, kind: str) -> dict[str, int]:
    """Key -> id of the newest version of every definition of a kind; one look for all, once in a web request."""
    statement = "select key, id from definition where kind = ? and latest = ?"
    return store.recall(("latest", kind), lambda: dict(store.sql(statement, (kind, True)).fetchall()))
