"""Databases made by earlier versions of the program: brought up to date, proved, and every case in them carried to its
end. How they were made: tests/data/old/make.py."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.commands import retain
from engine.settings import Settings
from tests.engine.helpers import events, item, open_nodes, sound

OLD = Path(__file__).parents[1] / "data/old"
FILES = sorted(OLD.glob("*.db.gz"))
MADE_AT = datetime(2026, 11, 23, 1, 0)
LARGEST = 300_000  # bytes


@pytest.fixture(params=FILES, ids=lambda path: path.name.partition(".")[0])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An old database under today's program, one hour later."""
    (tmp_path / "old.db").write_bytes(gzip.decompress(request.param.read_bytes()))
    engine = Engine(f"sqlite:///{tmp_path}/old.db", ManualClock(MADE_AT), Settings(data=str(tmp_path / "var")))
    engine._context.handlers.put("mark", lambda inputs, headers, key: {"done": True})
    assert engine.migrate() != []
    yield engine
    engine.close()


def case(engine: Engine, process: str, code: str | None = None) -> int:
    [found] = [row for row in engine.instances(process=process).rows if code in (None, row.business_key)]
    return found.id


def finish(engine: Engine, instance: int, by: str = "li") -> str:
    """Complete task after task; the case's status then."""
    for _ in range(20):
        for one in engine.work_items(instance=instance):
            engine.complete(one.id, {"ok": True, "note": "好", "fine": False}, by=one.assignee or by)
        if not engine.work_items(instance=instance):
            break
    return engine.instance(instance).status


def test_the_files_are_small_and_of_every_schema_that_was_used() -> None:
    assert [path.name[:4] for path in FILES] == ["0001", "0002"]
    assert all(path.stat().st_size < LARGEST for path in FILES)


def test_an_old_database_is_whole_after_the_upgrade(old: Engine) -> None:
    sound(old)
    assert old.migrate() == []
    assert old.instances().total == 17


def test_ended_cases_tell_their_story_and_can_be_archived(old: Engine) -> None:
    ended = case(old, "review", "C1")
    assert old.instance(ended).status == "completed" and old.instance(ended).variables["note"] == "好"
    assert events(old, ended)[-1] == "completed"
    old.clock.advance(days=400)  # type: ignore[attr-defined]
    done = old.retain(days=365)
    assert done is not None and done.cases == 2 and done.archive is not None
    assert retain.prove(done.archive) == (2, [])
    sound(old)


def test_tasks_of_then_are_done_today(old: Engine) -> None:
    waits = case(old, "review", "C3")
    task = item(old, waits)
    assert (task.assignee, old.draft(f"item:{task.id}", "wang")) == ("wang", {"note": "写了一半"})
    assert finish(old, waits) == "completed"
    assert finish(old, case(old, "review", "C4")) == "completed"
    asleep = case(old, "review", "C5")
    assert old.instance(asleep).suspended
    old.resume(asleep, by="chief")
    assert finish(old, asleep) == "completed"
    split = case(old, "split")
    assert finish(old, split) == "completed" and old.instance(split).variables["a"] == 1
    assert finish(old, case(old, "signers")) == "completed"
    assert finish(old, case(old, "scripted")) == "completed"
    sound(old)


def test_timers_reminders_and_escalations_of_then_fall_due(old: Engine) -> None:
    old.clock.advance(hours=3)  # type: ignore[attr-defined]
    old.run_due()
    timed = case(old, "timed")
    assert "told" in open_nodes(old, timed)
    assert any("催办" in notice.subject for notice in old.notices("wang"))
    old.clock.advance(days=1)  # type: ignore[attr-defined]
    old.run_due()
    reminded = events(old, case(old, "review", "C3"))
    assert "reminded" in reminded and "escalated" in reminded
    old.clock.advance(days=1)  # type: ignore[attr-defined]
    old.run_due()
    assert "late" in open_nodes(old, timed)
    assert finish(old, timed) == "completed"
    old.clock.set(datetime(2026, 11, 28, 1, 0))  # type: ignore[attr-defined]
    old.run_due()
    assert old.instances(process="weekly").total == 1
    sound(old)


def test_messages_signals_jobs_and_calls_of_then_arrive(old: Engine) -> None:
    waits = case(old, "waits")
    old.publish_message("keyed", {"n": 1}, key="a")
    assert finish(old, waits) == "completed"
    late = old.start("waits", {"key": "later"}, by="li").id
    assert old.instance(late).variables["from"] == "then"  # published then, read today
    storm, listening = case(old, "storm"), case(old, "listening")
    old.broadcast_signal("sig", {})
    old.publish_message("msg", {})
    assert open_nodes(old, storm) == ["u", "w"] and open_nodes(old, listening) == ["heard", "u"]
    assert finish(old, storm) == finish(old, listening) == "completed"
    old.clock.advance(minutes=10)  # type: ignore[attr-defined]
    old.run_due()
    working = case(old, "working")
    assert finish(old, working) == "completed" and old.instance(working).variables["marked"] is True
    calling = case(old, "calling")
    [child] = old.children(calling)
    assert finish(old, child.id) == "completed" and finish(old, calling) == "completed"
    undone = case(old, "undone")
    finish(old, undone)
    assert ("h", "completed") in old.trace(undone) and old.instance(undone).status == "completed"
    sound(old)


def test_an_incident_of_then_is_mended_today(old: Engine) -> None:
    [incident] = old.incidents()
    old.set_variables(incident.instance_id, {"zero": 2}, by="chief")
    assert old.retry(incident.id, by="chief")
    assert finish(old, incident.instance_id) == "completed"
    old.clock.advance(days=2)  # type: ignore[attr-defined]
    old.run_due()
    assert MADE_AT + timedelta(days=2) == old.clock.now()
    sound(old)
