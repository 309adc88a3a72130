"""Old finished cases leave in whole families, into an archive that proves itself; what runs or is held stays."""

from __future__ import annotations

import gzip
import io
import json
import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.commands import retain
from engine.store import models, retention
from engine.store.retention import TRACES
from tests.diagrams import call, catch, diagram, process, user
from tests.engine.helpers import at_once, deploy, item, sound

PLAIN = diagram("s -> u -> e", user("u", users="li,wang"))
CALLING = diagram(
    "s -> c -> u -> e", call("c", "child"), user("u"), key="parent", more=process("s2 -> t2 -> e2", key="child")
)
TABLES = ("instance", "work_item", "journal", "chain", "incident", "candidate", "watcher")


def count(engine: Engine, table: str) -> int:
    """Rows of a table, without the record of administrative acts: that is the journal of case 0."""
    but = " where instance <> 0" if table in ("journal", "chain") else ""
    with engine.store.connected():
        return int(engine.store.sql(f"select count(*) from {table}{but}").fetchone()[0])


def finished(engine: Engine, variables: dict | None = None) -> int:
    case = engine.start("p", variables or {}, by="li").id
    engine.complete(item(engine, case).id, {}, by="li")
    return case


def test_old_finished_cases_leave_with_all_their_rows_and_can_be_proved(
    engine: Engine, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retain, "BATCH", 4)
    deploy(engine, PLAIN)
    old = [finished(engine, {"n": n, "text": "老"}) for n in range(10)]
    running = engine.start("p", {}, by="li").id
    clock.advance(days=400)
    young = finished(engine)
    batches: list[int] = []
    done = engine.retain(days=365, progress=batches.append)
    assert done is not None and done.cases == 10 and batches == [4, 8, 10] and done.kept == []
    assert sorted(case.id for case in engine.instances().rows) == sorted([running, young])
    assert count(engine, "chain") == 2 and count(engine, "work_item") == 2
    assert done.archive is not None and Engine.prove_archive(done.archive) == (10, [])
    with gzip.open(done.archive, "rt") as lines:
        kept = [json.loads(line) for line in lines]
    assert [rows["instance"][0]["id"] for rows in kept] == old
    assert ["completed" in [line["event"] for line in rows["journal"]] for rows in kept] == [True] * 10
    assert [rows["instance"][0]["variables"]["n"] for rows in kept] == list(range(10))
    sound(engine)
    engine.complete(item(engine, running).id, {}, by="li")
    again = engine.retain(days=365)
    assert again is not None and again.cases == 0 and again.archive is None


def test_notices_and_drafts_of_a_case_go_with_it(engine: Engine, clock: ManualClock) -> None:
    """They stayed, with titles of cases that nobody could open any more."""
    deploy(engine, PLAIN)
    old = engine.start("p", {}, by="li").id
    engine.save_draft(f"item:{item(engine, old).id}", "li", {"half": "filled"})
    engine.comment(old, "请看", by="li", to=["wang"])
    engine.complete(item(engine, old).id, {}, by="wang")
    clock.advance(days=400)
    young = engine.start("p", {}, by="li").id
    engine.save_draft(f"item:{item(engine, young).id}", "li", {"half": "filled"})
    engine.comment(young, "请看", by="li", to=["wang"])
    before = [notice.link for notice in engine.notices("wang")]
    assert engine.retain(days=365).cases == 1
    left = [notice.link for notice in engine.notices("wang")]
    assert any(f"/{old}/" in link for link in before) and not any(f"/{old}/" in link for link in left)
    assert any(f"/{young}/" in link for link in left) and count(engine, "draft") == 1


def test_notices_that_were_there_before_learn_their_case_from_their_link(engine: Engine) -> None:
    deploy(engine, PLAIN)
    case = engine.start("p", {}, by="li").id
    engine.comment(case, "请看", by="li", to=["wang"])
    notice, links = (
        models.Notice,
        ("/people/li/", f"/case/{case}/#remarks", f"/task/{item(engine, case).id}/", "/case/x/"),
    )
    with engine.store.transaction():
        for number, link in enumerate(links):
            row = {
                "id": number,
                "key": link,
                "person": "x",
                "subject": "",
                "link": link,
                "created_at": engine.clock.now(),
            }
            engine.store.run(notice.insert(row))
        import_module("engine.store.migrations.0018_notices_of_cases").fill(engine.store.db)
    rows = engine.store.rows(notice.select().where(notice.person == "x").order_by(notice.id))
    assert [row["instance"] or None for row in rows] == [None, case, case, None]


def test_nothing_of_a_running_family_goes(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, CALLING)
    parent = engine.start("parent", {}, by="li").id
    [child] = engine.children(parent)
    assert child.status == "completed"
    clock.advance(days=400)
    done = engine.retain(days=30)
    assert done is not None and done.cases == 0 and engine.instances().total == 2
    engine.complete(item(engine, parent).id, {}, by="li")
    clock.advance(days=31)
    done = engine.retain(days=30, archive=False)
    assert done is not None and done.cases == 1 and done.archive is None and engine.instances().total == 0
    assert {table: count(engine, table) for table in TABLES} == dict.fromkeys(TABLES, 0)
    sound(engine)


def test_uploads_go_with_their_case_unless_a_register_names_them(
    engine: Engine, clock: ManualClock, tmp_path: Path
) -> None:
    deploy(engine, PLAIN)
    files = tmp_path / "var/files"
    going, held = (engine.attach(f"{n}.jpg", "image/jpeg", io.BytesIO(b"light"), by="li") for n in "ab")
    finished(engine, {"photos": [going, held]})
    row = {"id": 5, "register": "held", "data": json.dumps({"photo": held}), "created_at": clock.now()}
    engine.store.run(models.RegisterRow.insert(row | {"updated_at": clock.now()}))
    clock.advance(days=40)
    done = engine.retain(days=30)
    assert done is not None and done.cases == 1 and done.archive is not None
    assert {path.name for path in files.iterdir()} == {held}
    assert {path.name for path in (done.archive.parent / "files").iterdir()} == {going}
    assert Engine.prove_archive(done.archive) == (1, [])
    (done.archive.parent / "files" / going).write_bytes(b"dark!")
    assert "was changed" in Engine.prove_archive(done.archive)[1][0]
    assert count(engine, "register_row") == 1
    sound(engine)


def test_a_death_between_archive_and_removal_loses_nothing(
    engine: Engine, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(engine, PLAIN)
    monkeypatch.setattr(retain, "BATCH", 2)
    old = [finished(engine) for _ in range(5)]
    clock.advance(days=40)
    original, calls = retention.remove, []

    def dies(*args: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return original(*args)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(retention, "remove", dies)
        with pytest.raises(KeyboardInterrupt):
            engine.retain(days=30)
    assert engine.instances().total == 3
    done = engine.retain(days=30)
    assert done is not None and done.cases == 3 and done.archive is not None
    found = []
    for archive in done.archive.parent.glob("*.gz"):
        with gzip.open(archive, "rt") as lines:
            found += [json.loads(line)["instance"][0]["id"] for line in lines]
    assert set(found) == set(old) and len(found) == 7  # two are in both files
    sound(engine)


def test_a_case_whose_journal_was_changed_stays_as_evidence(
    engine: Engine, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    deploy(engine, PLAIN)
    good, bad = finished(engine), finished(engine)
    engine.store.run(models.Journal.update(actor="somebody else").where(models.Journal.instance == bad))
    clock.advance(days=40)
    with caplog.at_level(logging.CRITICAL, "engine.commands.retain"):
        done = engine.retain(days=30)
    assert done is not None and (done.cases, done.kept) == (1, [bad])
    assert [case.id for case in engine.instances().rows] == [bad] and good


def test_a_changed_archive_does_not_prove(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, PLAIN)
    finished(engine, {"amount": 3})
    clock.advance(days=40)
    done = engine.retain(days=30)
    assert done is not None and done.archive is not None
    with gzip.open(done.archive, "rt") as lines:
        [line] = lines
    rows = json.loads(line)
    rows["journal"][0]["data"] = rows["journal"][0]["data"][:-1] + " }"
    with gzip.open(done.archive, "wt") as out:
        out.write(json.dumps(rows) + "\n")
    assert "what it says was changed" in Engine.prove_archive(done.archive)[1][0]
    whole = done.archive.read_bytes()
    done.archive.write_bytes(whole + gzip.compress(line.encode())[:-9])
    assert "ends in the middle" in Engine.prove_archive(done.archive)[1][-1]


def test_a_remark_made_while_its_case_is_being_archived_keeps_the_case(
    engine: Engine, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(engine, PLAIN)
    case, other = finished(engine), finished(engine)
    clock.advance(days=40)
    original = retention.remove

    def late(*args: object) -> object:
        engine.comment(case, "等等", by="li")
        return original(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(retention, "remove", late)
    done = engine.retain(days=30)
    assert done is not None and done.cases == 1
    assert [row.id for row in engine.instances().rows] == [case] and other
    sound(engine)


def test_people_go_on_while_old_cases_leave(
    open_engine: Callable[[], Engine], clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper, worker = open_engine(), open_engine()
    monkeypatch.setattr(retain, "BATCH", 3)
    deploy(keeper, PLAIN)
    for _ in range(30):
        finished(keeper)
    clock.advance(days=40)
    stop, done = threading.Event(), list[int]()

    def work() -> None:
        while not stop.is_set():
            done.append(finished(worker))

    thread = threading.Thread(target=work)
    thread.start()
    results = at_once([lambda: keeper.retain(days=30), lambda: open_engine().retain(days=30)])
    stop.set()
    thread.join()
    assert sum(result.cases for result in results if result is not None) == 30
    assert keeper.instances(limit=1000).total == len(done)
    sound(keeper)


def test_traces_go_after_their_time_and_what_is_alive_stays(engine: Engine, clock: ManualClock) -> None:
    waits = diagram("s -> m -> e", catch("m", "keyed"), key="waits")
    deploy(engine, PLAIN, waits)
    engine.start("waits", {"key": "a"}, by="li")
    engine.start("p", {}, by="li", key="once")
    engine.publish_message("keyed", {}, key="a", ttl=timedelta(days=1))
    engine.publish_message("keyed", {}, key="b", ttl=timedelta(days=400))
    sent = {"channel": "email", "created_at": clock.now(), "due_at": clock.now()}
    for n, status in enumerate(("sent", "called", "failed", "waiting", "to-call")):
        engine.store.run(models.Outbox.insert(id=n, key=str(n), status=status, **sent))
    clock.advance(days=40)
    engine.run_due()
    done = engine.retain(trace_days=30)
    assert done is not None and done.traces == {"applied": 1, "message": 1, "outbox": 2}
    assert tuple(done.traces) == TRACES
    assert count(engine, "message") == 1 and count(engine, "delivery") == 0 and count(engine, "applied") == 0
    assert sorted(letter.status for letter in engine.outbox()) == ["failed", "to-call", "waiting"]
    sound(engine)


def test_the_night_does_it_when_the_setting_is_on(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, PLAIN)
    finished(engine)
    clock.advance(days=40)
    engine.start_scheduler()
    assert engine._scheduler is not None and engine.retain not in engine._scheduler._nightly
    engine.stop_scheduler()
    object.__setattr__(engine.settings, "retain_days", 30)
    engine.start_scheduler()
    assert engine.retain in engine._scheduler._nightly
    job = engine._scheduler._scheduler.get_job("night")
    assert "hour='3'" in str(job.trigger) and str(job.trigger.timezone) == "Asia/Shanghai"
    job.func()
    engine.stop_scheduler()
    assert engine.instances().total == 0


def test_each_step_finds_its_index(engine: Engine, clock: ManualClock) -> None:
    """A million cases: no step of it may read a table of finished work from end to end."""
    deploy(engine, PLAIN)
    for _ in range(3):
        finished(engine)
    clock.advance(days=40)
    seen: dict[str, tuple] = {}
    listen = lambda event: seen.__setitem__(event.sql, tuple(event.params or ()))
    engine.store.db.query_hooks.append(listen)
    engine.retain(days=30, trace_days=30)
    engine.store.db.query_hooks.remove(listen)
    with engine.store.connected():
        for statement, values in seen.items():
            if not statement.lower().startswith(("select", "delete", "update")) or "pg_" in statement:
                continue
            if engine.store.postgres:
                engine.store.sql("set enable_seqscan = off")
            word = "explain" if engine.store.postgres else "explain query plan"
            plan = engine.store.db.execute_sql(f"{word} {statement}", values).fetchall()
            lines = "\n".join(str(row[-1]) for row in plan)
            assert "Seq Scan" not in lines and "SCAN" not in lines.replace("SCAN CONSTANT", ""), (statement, lines)
