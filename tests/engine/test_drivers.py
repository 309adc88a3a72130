"""The short way of a statement to the driver: marks, percent signs, several sets of values."""

from __future__ import annotations

from engine.store import Store


def test_a_percent_sign_and_many_values_reach_the_server_as_they_are(store: Store) -> None:
    """Statements get PostgreSQL's own marks from us, not from psycopg: a doubled percent sign is one sign, and marks
    keep their order however many there are."""
    with store.connected():
        for count in (3, 3000):
            rows = ", ".join(["(cast(? as integer))"] * count)
            assert [row[0] for row in store.sql(f"values {rows}", list(range(count))).fetchall()] == list(range(count))
        sign = "%%" if store.postgres else "%"
        assert store.sql(f"select 'a{sign}' || cast(? as text)", ("b",)).fetchone() == ("a%b",)


def test_several_sets_of_values_count_together(store: Store) -> None:
    insert = "insert into stamp (name, value) values (?, ?)"
    found: list[int] = []
    statements = [(insert, [("a", 1), ("b", 2), ("c", 3)]), ("delete from stamp where value > ?", [(1,)])]
    store.together(statements, found.extend)
    assert found == [3, 2]
