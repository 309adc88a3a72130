"""The doctor finds what is planted, and says nothing of a sound database."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.doctor import REPAIRS
from engine.store import journal, models
from tests.diagrams import boundary, call, catch, diagram, service, user
from tests.engine.helpers import deploy


@pytest.fixture
def ward(engine: Engine) -> Engine:
    """An engine with one of everything that waits."""
    deploy(
        engine,
        diagram(
            "s -> A; A -> u -> e; A -> m -> e; A -> j -> e; A -> c -> e",
            user("u", users="li", due="PT2H", props={"remind": "PT0S"}),
            catch("m", "keyed"),
            service("j", "http"),
            call("c", "child"),
            boundary("b", "u", "duration", "PT1H"),
        ).replace(b"</process>", b'<sequenceFlow id="b-e" sourceRef="b" targetRef="e"/></process>'),
        diagram("s -> u1 -> e", key="child"),
    )
    engine.start("p", {"key": "k"}, by="zhang")
    return engine


FAULTS = {
    "update journal set actor = 'mallory' where seq = 2": "journal",
    "update journal set data = '{}' where seq = 3": "journal",
    "delete from journal where seq = 2": "journal",
    "update chain set seq = seq + 1": "journal",
    "delete from timer where kind = 'event'": "missing",
    "delete from work_item where node_id = 'u'": "missing",
    "delete from subscription": "missing",
    "delete from job": "missing",
    "update work_item set status = 'completed' where node_id = 'u'": "missing",
    "update timer set token = '77' where kind = 'event'": "stray",
    "update subscription set token = '77'": "stray",
    "update job set instance = 5": "orphan",
    "insert into candidate (work_item, login) values (5, 'li')": "orphan",
    "update timer set work_item = 5 where kind = 'reminder'": "orphan",
    "insert into watcher (work_item, login, reason) values (5, 'li', 'copy')": "orphan",
    "insert into chain (instance, seq, head) values (5, 1, 'x')": "orphan",
    "update job set token = '77'": "stray",
    "update work_item set token = '77' where node_id = 'u'": "stray",
    "update instance set parent_token = '77' where parent is not null": "stray",
    "update instance set status = 'cancelled' where parent is not null": "missing",
}


def test_a_sound_database_has_nothing_to_report(ward: Engine) -> None:
    assert ward.doctor() == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(ward: Engine, fault: str) -> None:
    with ward.store.transaction():
        ward.store.sql(fault)
    assert FAULTS[fault] in {problem.code for problem in ward.doctor()}


def test_an_erased_payload_is_no_fault_and_is_shown_as_erased(ward: Engine) -> None:
    case = ward.instances(process="p").rows[0].id
    ward.comment(case, "含个人信息", by="li")
    last = ward.store.rows(
        models.Journal.select().where(models.Journal.instance == case).order_by(models.Journal.seq.desc()).limit(1)
    )[0]
    with ward.store.transaction():
        journal.replace(ward.store, case, [last | {"data": None}], journal.Line("", "", "boss", last["at"], {}))
    assert ward.journal(case)[-2].data == {"erased": True} and ward.doctor() == []


def test_a_finished_case_leaves_no_row_that_waits(ward: Engine) -> None:
    case = ward.instances(process="p").rows[0].id
    ward.cancel(case, by="zhang")
    counts = {table: ward.store.sql(f"select count(*) from {table}").fetchone()[0] for table in ("timer", "job")}
    counts |= {t: ward.store.sql(f"select count(*) from {t}").fetchone()[0] for t in ("candidate", "subscription")}
    assert set(counts.values()) == {0} and ward.work_items() == [] and ward.doctor() == []


DAMAGE = [b"", b"\xff\x00", b"[]", b"null", b'{"v":99}', b'{"v":1}', b'{"v":1,"n":1,"s":"running","scopes":[1]}']


@pytest.mark.parametrize("bytes_", DAMAGE, ids=repr)
def test_damaged_bytes_are_a_finding_and_the_others_go_on(ward: Engine, bytes_: bytes) -> None:
    """The doctor died of the first state that it could not read and proved nothing about the rest; so did a case's
    page."""
    damaged = ward.instances(process="p").rows[0].id
    ward.start("child", {}, by="zhang")
    with ward.store.transaction():
        ward.store.sql("update instance set state = ? where id = ?", (bytes_, damaged))
    found = ward.doctor()
    assert {(problem.instance, problem.code) for problem in found} == {(damaged, "state")}
    ward.run_due()
    assert ward.journal(damaged)
    healthy = ward.start("child", {}, by="zhang")
    assert ward.complete(ward.work_items(instance=healthy.id)[0].id, {}, by="li").status == "completed"


def test_a_damaged_journal_is_a_finding(ward: Engine) -> None:
    with ward.store.transaction():
        ward.store.sql("update journal set data = '{'")
    assert {problem.code for problem in ward.doctor()} == {"journal"}


# ---- repairs -------------------------------------------------------------------------------------------------------

_COLUMNS = "instance, token, node_id, type, inputs, headers, attempts, retries, due_at, status, error"
TWICE = f"insert into job (id, key, {_COLUMNS}) select id + 1, 'k', {_COLUMNS} from job"
REPAIRED = {
    "delete from timer where kind = 'event'": ("missing", 1),
    "delete from work_item where node_id = 'u'; delete from candidate; delete from timer where kind = 'reminder'": (
        "missing",
        1,
    ),
    "delete from subscription": ("missing", 1),
    "delete from job": ("missing", 1),
    "update subscription set token = '77'": ("stray missing", 2),
    "update work_item set token = '77' where node_id = 'u'": ("stray missing", 2),
    TWICE: ("double", 1),
    "insert into candidate (work_item, login) values (5, 'li')": ("orphan", 1),
    "insert into watcher (work_item, login, reason) values (5, 'li', 'copy')": ("orphan", 1),
    "update timer set work_item = 5 where kind = 'reminder'": ("orphan", 1),
}


@pytest.mark.parametrize("fault", REPAIRED, ids=lambda fault: fault[:60])
def test_a_fault_is_repaired_when_it_is_asked_for_by_name(ward: Engine, fault: str) -> None:
    checks, steps = REPAIRED[fault]
    plant(ward, fault)
    found = ward.doctor()
    others = set(REPAIRS) - set(checks.split())
    assert found and ward.repair(others) == [] and ward.doctor() == found
    done = ward.repair(checks.split(), by="zhang")
    assert len(done) == steps and ward.doctor() == []
    case = ward.instances(process="p").rows[0].id
    said = [entry for entry in ward.journal(case) if entry.event == "repaired"]
    assert [entry.actor for entry in said] == ([] if checks == "orphan" else ["zhang"])


def plant(engine: Engine, statements: str) -> None:
    with engine.store.transaction():
        for statement in statements.split("; "):
            engine.store.sql(statement)


def test_what_was_made_again_works(ward: Engine) -> None:
    """A task, its reminder and candidates, a timer, a subscription and a job whose rows were all lost."""
    plant(ward, "delete from work_item where node_id = 'u'; delete from timer; delete from candidate")
    plant(ward, "delete from subscription; delete from job")
    case = ward.instances(process="p").rows[0].id
    assert len(ward.repair(["missing"])) == 4
    (task,) = ward.work_items(instance=case)
    assert task.candidates == ("li",) and task.due_at is not None
    assert {timer.kind for timer in ward.timers(instance=case)} == {"event", "reminder"}
    ward.publish_message("keyed", {}, key="k")
    ward.complete(task.id, {}, by="li")
    assert [e.node_id for e in ward.journal(case) if e.event in ("caught", "completed")].count("m") >= 1
    assert ward.doctor() == []


def test_a_called_case_that_is_gone_becomes_an_incident(ward: Engine) -> None:
    plant(ward, "update instance set status = 'cancelled' where parent is not null")
    assert [line.split(": ")[1][:5] for line in ward.repair(["missing"])] == ["token"]
    (incident,) = ward.incidents()
    assert incident.node_id == "c" and "missing" not in {problem.code for problem in ward.doctor()}
    ward.retry(incident.id, by="zhang")
    assert ward.instances(process="child", status="running").total == 1


def test_of_a_task_that_is_there_twice_the_one_that_somebody_has_stays(ward: Engine) -> None:
    columns = [field.column_name for field in models.WorkItem._meta.sorted_fields if field.name != "id"]
    names = ", ".join(columns)
    plant(ward, f"insert into work_item (id, {names}) select id + 1, {names} from work_item where node_id = 'u'")
    first, second = ward.work_items(instance=ward.instances(process="p").rows[0].id)
    plant(ward, f"update work_item set assignee = 'li' where id = {max(first.id, second.id)}")
    ward.repair(["double"])
    assert [item.id for item in ward.work_items(assignee="li")] == [max(first.id, second.id)]
    assert ward.doctor() == []


def test_a_journal_and_a_state_are_never_repaired(ward: Engine) -> None:
    plant(
        ward, "update journal set actor = 'x' where seq = 2; insert into chain (instance, seq, head) values (5, 1, '')"
    )
    with ward.store.transaction():
        ward.store.sql("update instance set state = ? where parent is null", (b"",))
    before = ward.doctor()
    assert {problem.code for problem in before} == {"journal", "state", "orphan"}
    ward.repair(REPAIRS)
    assert ward.doctor() == before


def test_bytes_that_no_upload_knows_are_found_and_removed_when_they_are_old(ward: Engine, clock: ManualClock) -> None:
    """A process that died between the bytes and their row left them in the folder for ever."""
    kept = ward.attach("a.txt", "text/plain", io.BytesIO(b"kept"), by="li")
    ward.save_draft("item:1", "li", {"photo": kept})
    folder = ward.settings.files
    made = datetime.fromtimestamp((folder / kept).stat().st_mtime, UTC).replace(tzinfo=None)
    for name in ("x" * 32, "y" * 32 + ".part"):
        (folder / name).write_bytes(b"lost")
    clock.set(made + timedelta(hours=23))
    assert ward.doctor() == [] and ward.repair(["orphan"]) == []
    clock.set(made + timedelta(hours=25))
    assert [problem.code for problem in ward.doctor()] == ["orphan", "orphan"]
    assert len(ward.repair(["orphan"])) == 2 and ward.doctor() == []
    assert [path.name for path in folder.iterdir()] == [kept]
