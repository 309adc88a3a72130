"""The doctor finds what is planted, and says nothing of a sound database."""

from __future__ import annotations

import pytest

from engine import Engine
from engine.store import journal
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
    last = ward.journal(case)[-1].seq
    assert journal.erase(ward.store, case, last)
    assert ward.journal(case)[-1].data == {"erased": True} and ward.doctor() == []


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
