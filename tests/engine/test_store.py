"""What the storage promises: one opener of transactions, whole commits, guards, ids, migrations, the journal's
chain."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from peewee import IntegrityError

from engine.clock import SystemClock
from engine.errors import InsideTransaction, InvalidSetting
from engine.store import Moved, Store, Writes, commit, journal, new_id, open_store
from engine.store.locks import attempts, exclusive
from engine.store.models import TABLES, Chain, Instance, Journal
from tests.postgres import Server

NOW = datetime(2026, 11, 23, 1, 0)


def case_row(instance: int, guard: int = 1) -> dict:
    return {
        "id": instance, "definition": 1, "process_key": "p", "version": 1, "status": "running", "started_by": "zhang",
        "started_at": NOW, "root": instance, "guard": guard, "state": b"\x00\xff",
    }  # fmt: skip


def add_case(store: Store, instance: int, guard: int = 1) -> None:
    writes = Writes()
    writes.insert(Instance, case_row(instance, guard))
    commit(store, writes)


def line(event: str, **data: object) -> journal.Line:
    return journal.Line(event, "node", "zhang", NOW, data)


def shape(store: Store) -> dict[str, tuple]:
    return {m._meta.table_name: table_shape(store, m._meta.table_name) for m in TABLES}


def table_shape(store: Store, table: str) -> tuple:
    """Columns and indexes; a primary key of several columns is an index of its own on some databases only."""
    columns = store.db.get_columns(table)
    key = {c.name for c in columns if c.primary_key}
    indexes = [i for i in store.db.get_indexes(table) if set(i.columns) != key]
    return (
        sorted((c.name, c.data_type, c.null, c.primary_key) for c in columns),
        sorted((tuple(i.columns), i.unique, (i.sql or "").lower().partition(" where ")[2]) for i in indexes),
    )


def test_the_migrations_in_order_give_the_schema_of_the_models(store: Store, request, tmp_path: Path) -> None:
    if store.postgres:
        server = request.getfixturevalue("postgres")
        name = server.database("template1")
        fresh = open_store(server.url(name))
    else:
        fresh = open_store(f"sqlite:///{tmp_path}/fresh.db")
    fresh.create_from_models()
    assert shape(store) == shape(fresh)
    fresh.close()


def test_migrating_twice_and_at_once_applies_each_migration_once(request, store_url: str, tmp_path: Path) -> None:
    if store_url.startswith("sqlite"):
        url = f"sqlite:///{tmp_path}/empty.db"
    else:
        server = request.getfixturevalue("postgres")
        url = server.url(server.database("template1"))

    def migrate(_: int) -> list[str]:
        store = open_store(url)
        try:
            return store.migrate()
        finally:
            store.close()

    with ThreadPoolExecutor(4) as pool:
        applied = [name for names in pool.map(migrate, range(4)) for name in names]
    assert applied and len(applied) == len(set(applied))


def test_a_transaction_inside_another_is_refused(store: Store) -> None:
    with store.transaction(), pytest.raises(InsideTransaction), store.transaction():
        pass
    with store.db.atomic(), pytest.raises(InsideTransaction):
        store.refuse_inside()


def test_a_stale_guard_writes_nothing_at_all(store: Store) -> None:
    add_case(store, 7, guard=5)
    writes = Writes()
    writes.guard(7, 4, {"status": "completed"})
    writes.insert(Instance, case_row(8))
    writes.line(7, line("completed"))
    with pytest.raises(Moved):
        commit(store, writes)
    assert [r["status"] for r in store.rows(Instance.select())] == ["running"]
    assert store.rows(Journal.select()) == store.rows(Chain.select()) == []


def test_a_commit_draws_a_new_guard_so_the_old_one_works_once(store: Store) -> None:
    add_case(store, 7, guard=5)
    writes = Writes()
    writes.guard(7, 5, {"title": "first"})
    commit(store, writes)
    with pytest.raises(Moved):
        commit(store, writes)
    assert store.value(Instance.select(Instance.guard)) != 5


def test_of_many_commits_on_one_guard_exactly_one_lands(open_database: Callable[[], Store]) -> None:
    add_case(open_database(), 7, guard=5)
    barrier, stores = threading.Barrier(6), [open_database() for _ in range(6)]

    def attempt(store: Store) -> bool:
        writes = Writes()
        writes.guard(7, 5, {"status": "completed"})
        writes.line(7, line("completed"))
        barrier.wait()
        try:
            commit(store, writes)
        except Moved:
            return False
        finally:
            store.db.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, stores)) == 1
    assert len(stores[0].rows(Journal.select())) == 1


def test_a_check_that_fails_under_the_lock_rolls_everything_back(store: Store) -> None:
    add_case(store, 7)
    writes = Writes()
    writes.guard(7, 1, {"status": "completed"})
    writes.check(lambda _: False)
    with pytest.raises(Moved):
        commit(store, writes)
    assert store.value(Instance.select(Instance.status)) == "running"


def test_bytes_and_instants_come_back_as_they_went_in(store: Store) -> None:
    add_case(store, 7)
    row = store.row(Instance.select())
    assert row is not None
    assert (bytes(row["state"]), row["started_at"], row["suspended"]) == (b"\x00\xff", NOW, False)


def test_thousands_of_rows_go_in_at_once(store: Store) -> None:
    writes = Writes()
    for n in range(1, 4001):
        writes.insert(Instance, case_row(n))
    commit(store, writes)
    assert Instance.select().bind(store.db).count() == 4000


def test_ids_grow_fit_in_63_bits_and_never_repeat() -> None:
    with ThreadPoolExecutor(4) as pool:
        batches = list(pool.map(lambda _: [new_id() for _ in range(2000)], range(4)))
    ids = [i for batch in batches for i in batch]
    assert len(set(ids)) == len(ids) and max(ids) < 2**63
    assert all(batch == sorted(batch) for batch in batches)


def test_the_chain_holds_over_appends_and_shows_any_tampering(store: Store) -> None:
    with store.transaction():
        journal.append(store, 7, [line("entered"), line("completed", ok=True)])
    with store.transaction():
        journal.append(store, 7, [line("comment", text="好的")])
    assert journal.broken(store, 7) == []
    for change in (
        "update journal set actor = 'li' where seq = 2",
        "update journal set data = '{}' where seq = 2",
        "delete from journal where seq = 2",
        "delete from journal where seq = 3",
        "update chain set seq = 9",
    ):
        with pytest.raises(Undo), store.transaction():
            store.sql(change)
            assert journal.broken(store, 7), change
            raise Undo
    assert journal.broken(store, 7) == []


class Undo(Exception):
    """Rolls a planted fault back."""


def test_what_a_line_says_can_be_erased_and_the_chain_still_holds(store: Store) -> None:
    with store.transaction():
        journal.append(store, 7, [line("completed", name="王小明"), line("comment")])
    (first, _) = store.rows(Journal.select().order_by(Journal.seq))
    with store.transaction():
        journal.replace(store, 7, [first | {"actor": "gone-1", "data": '{"name":"已删除"}'}], line("asked"))
    assert journal.broken(store, 7) == []
    rows = store.rows(Journal.select().order_by(Journal.seq))
    assert [(row["actor"], row["data"], row["salt"] == "") for row in rows[:2]] == [
        ("gone-1", '{"name":"已删除"}', True),
        ("zhang", "{}", False),
    ]
    assert (rows[2]["event"], rows[0]["link"]) == ("redacted", first["link"])


@pytest.mark.parametrize("change", ["actor = 'li'", 'data = \'{"name":"李"}\'', "data = null", "at = '2026-01-01'"])
def test_an_erased_line_that_somebody_changes_afterwards_is_found(store: Store, change: str) -> None:
    with store.transaction():
        journal.append(store, 7, [line("completed", name="王小明"), line("comment")])
    (first, _) = store.rows(Journal.select().order_by(Journal.seq))
    with store.transaction():
        journal.replace(store, 7, [first | {"actor": "gone-1", "data": "{}"}], line("asked"))
        store.sql(f"update journal set {change} where seq = 1")
    assert journal.broken(store, 7)


def test_a_payload_that_is_taken_away_without_a_word_is_found(store: Store) -> None:
    """The doctor took a line without payload for one that was erased: whoever emptied it left no trace."""
    with store.transaction():
        journal.append(store, 7, [line("completed", name="王小明"), line("comment")])
        store.sql("update journal set data = null, salt = '' where seq = 1")
    assert journal.broken(store, 7)


def test_a_chain_of_the_first_kind_is_proved_as_it_was_written_and_goes_on(store: Store) -> None:
    """Links of journals begun before were over who and where in plain; the numbers are theirs."""
    digest = hashlib.sha256(b"00\n{}").hexdigest()
    link = hashlib.sha256(f"\n7\n1\n{NOW.isoformat()}\nzhang\nnode\nentered\n{digest}".encode()).hexdigest()
    row = {"instance": 7, "seq": 1, "at": NOW, "actor": "zhang", "node_id": "node", "event": "entered"}
    with store.transaction():
        store.run(Journal.insert(**row, data="{}", salt="00", digest=digest, link=link))
        store.run(Chain.insert(instance=7, seq=1, head=link))
        journal.append(store, 7, [line("comment")])
    assert journal.broken(store, 7) == []
    with store.transaction():
        store.sql("update journal set actor = 'li' where seq = 1")
    assert journal.broken(store, 7)


def test_a_named_lock_lets_one_in_at_a_time(open_database: Callable[[], Store]) -> None:
    inside, most, guard = 0, 0, threading.Lock()

    def work(store: Store) -> None:
        nonlocal inside, most
        with exclusive(store, "case-7"):
            with guard:
                inside += 1
                most = max(most, inside)
            with guard:
                inside -= 1

    stores = [open_database() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, stores * 5))
    assert most == 1


HOLDER = """
import sys
from engine.store import open_store
from engine.store.locks import attempts
with attempts(open_store(sys.argv[1]), ["case-7", "case-8"]) as mine:
    print(mine, flush=True)
    sys.stdin.read()
"""


def test_a_lock_goes_with_its_holder_at_once_and_no_clock_ends_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite a lock was a row with an end: a killed holder kept everybody waiting for ten seconds, and a clock that
    jumped an hour ended it while its holder was alive."""
    command = [sys.executable, "-c", HOLDER, store.url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout and holder.stdout.readline() == "['case-7', 'case-8']\n"
        later = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=1)
        monkeypatch.setattr(SystemClock, "now", lambda clock: later)
        with attempts(store, ["case-7", "case-9"]) as mine:
            assert mine == ["case-9"]
        holder.kill()
    with exclusive(store, "case-7"), attempts(store, ["case-7"]) as mine:
        assert mine == ([] if not store.postgres else ["case-7"])  # PostgreSQL's are the session's own


def test_only_sqlite_files_and_postgresql_open() -> None:
    for url in ("linli.db", "mysql://x/y", "sqlite:///", "sqlite:///:memory:"):
        with pytest.raises(InvalidSetting):
            open_store(url)


def test_a_password_with_signs_survives_the_url() -> None:
    store = open_store("postgresql://city:p%40ss%2Fword@db.example/linli")
    assert store.db.connect_params["password"] == "p@ss/word"


def test_a_connection_that_the_server_ended_is_not_used_again(postgres: Server, postgres_template: str) -> None:
    """The pool no longer asks the server at every checkout; a restart must still not fail the next command."""
    name = postgres.lend(postgres_template)
    store = open_store(postgres.url(name))
    with store.connected():
        first = store.sql("select pg_backend_pid()").fetchone()[0]
    with store.connected():
        assert store.sql("select pg_backend_pid()").fetchone()[0] == first
    postgres.command(f"select pg_terminate_backend({first}, 5000)")
    with store.connected():
        assert store.sql("select pg_backend_pid()").fetchone()[0] != first
    store.close()
    postgres.give_back(name)


def test_statements_that_travel_together_and_fail_leave_a_clean_connection(store: Store) -> None:
    """Two processes used one idempotency key at once: the loser's pipeline broke on the duplicate, its connection
    stayed in the aborted transaction, and the retry died of that instead of finding the answer."""
    insert = "insert into applied (key, command, result, at) values (?, ?, ?, ?)"
    rows = [(insert, [(f"k{n}", "c", "r", datetime(2026, 1, 1))]) for n in range(6)]
    store.together(rows[:1], lambda counts: None)
    with store.connected():
        for _ in range(8):  # psycopg prepares a statement at its fifth use
            with pytest.raises(IntegrityError):
                store.together([*rows[1:4], rows[0], *rows[4:]], lambda counts: None)
            assert store.sql("select count(*) from applied").fetchone() == (1,)
