"""What a web request remembers: once looked up in a request, never beyond it, never across a write."""

from __future__ import annotations

from engine.store import Store
from engine.store.models import Unit
from engine.store.prepared import Mark, Prepared


def test_a_request_looks_once_and_the_next_one_again(store: Store) -> None:
    looks: list[int] = []

    def look() -> int:
        looks.append(1)
        return len(looks)

    assert (store.recall("a", look), store.recall("a", look)) == (1, 2)
    with store.memory.request():
        assert (store.recall("a", look), store.recall("a", look), store.recall("b", look)) == (3, 3, 4)
    with store.memory.request():
        assert store.recall("a", look) == 5


def test_every_way_of_writing_makes_a_request_forget(store: Store) -> None:
    """A commit in one statement, or one that travels as a pipeline, opens no transaction of the usual kind."""
    found = iter(range(10))

    def look() -> int:
        return next(found)

    statement = ("update unit set name = ? where code = ?", ["x", "none"])
    with store.memory.request():
        assert store.recall("a", look) == 0
        with store.transaction():
            assert (store.recall("a", look), store.recall("a", look)) == (1, 2)
        assert store.recall("a", look) == 3
        store.together([(statement[0], [statement[1]])], lambda counts: None)
        assert store.recall("a", look) == 4
        if store.postgres:
            store.as_one([(*statement, None)])
            assert store.recall("a", look) == 5


def test_a_prepared_query_gives_typed_rows_for_each_value(store: Store) -> None:
    rows = [{"id": n, "code": f"u{n}", "name": f"单位{n}", "path": f"/u{n}/"} for n in (1, 2)]
    with store.transaction():
        store.run(Unit.insert_many(rows))
    query = Prepared(store, Unit.select(Unit.name.alias("called"), Unit.valid_from).where(Unit.code == Mark("code")))
    with store.connected():
        assert query.rows(code="u2") == [{"called": "单位2", "valid_from": None}]
        assert (query.value(code="u1"), query.value(code="u3")) == ("单位1", None)
