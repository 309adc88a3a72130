"""One command, one commit; guarded; once: the promises of design section 2 that a single case can break."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from engine import Engine
from engine.commands import runner
from engine.errors import (
    AlreadyClaimed,
    Conflict,
    Forbidden,
    InsideTransaction,
    InvalidValue,
    NotFound,
    NotOpen,
    UnknownPerson,
)
from engine.store import Moved, Store, loads, models
from tests.diagrams import diagram, many, script, user
from tests.engine.helpers import at_once, deploy, events, item, open_nodes, sound

LOOP = diagram("s -> u1 -> X; X -> u2 if ok; X -> u1 default; u2 -> e", user("u1", groups="clerk"))
Engines = Callable[[], Engine]


def test_a_case_runs_from_start_to_end(engine: Engine) -> None:
    deploy(engine, LOOP)
    case = engine.start("p", {"x": 1}, by="zhang", business_key="B-1")
    assert (case.status, case.variables, case.business_key, case.started_by) == ("running", {"x": 1}, "B-1", "zhang")
    engine.complete(item(engine, case.id).id, {"ok": False}, by="li")
    assert open_nodes(engine, case.id) == ["u1"]
    engine.complete(item(engine, case.id).id, {"ok": True}, by="li")
    done = engine.complete(item(engine, case.id).id, {}, by="wang")
    assert (done.status, done.variables) == ("completed", {"x": 1, "ok": True})
    assert done.ended_at == engine.clock.now()
    assert [node for node, event in engine.trace(case.id) if event == "entered"] == [
        "s",
        "u1",
        "X",
        "u1",
        "X",
        "u2",
        "e",
    ]
    assert engine.work_items(instance=case.id) == []
    sound(engine)


def test_a_finished_task_cannot_be_completed_again(engine: Engine) -> None:
    deploy(engine, LOOP)
    case = engine.start("p", {}, by="zhang")
    task = item(engine, case.id)
    engine.complete(task.id, {"ok": True}, by="li")
    before = engine.journal(case.id)
    with pytest.raises(NotOpen):
        engine.complete(task.id, {"ok": True}, by="li")
    assert engine.journal(case.id) == before


def test_the_same_key_starts_and_completes_once_and_answers_the_same(engine: Engine) -> None:
    deploy(engine, LOOP)
    first, second = (engine.start("p", {}, by="zhang", key="k1") for _ in range(2))
    assert first.id == second.id and engine.instances().total == 1
    task = item(engine, first.id)
    answers = [engine.complete(task.id, {"ok": True}, by="li", key="k1").id for _ in range(3)]
    assert answers == [first.id] * 3 and open_nodes(engine, first.id) == ["u2"]


def test_one_key_used_by_many_at_once_starts_one_case(open_engine: Engines) -> None:
    engines = [open_engine() for _ in range(5)]
    deploy(engines[0], LOOP)
    cases = at_once([lambda one=one: one.start("p", {}, by="zhang", key="k").id for one in engines])
    assert len(set(cases)) == 1 and isinstance(cases[0], int)
    assert engines[0].instances().total == 1


def test_two_engines_complete_the_same_task_at_once_and_one_wins(open_engine: Engines) -> None:
    engines = [open_engine(), open_engine()]
    deploy(engines[0], LOOP)
    for _ in range(5):
        case = engines[0].start("p", {}, by="zhang")
        task = item(engines[0], case.id)
        works = [lambda one=one, t=task.id: one.complete(t, {"ok": True}, by="li") for one in engines]
        results = at_once(works)
        assert sorted(type(r).__name__ for r in results) == ["Instance", "NotOpen"]
        assert events(engines[0], case.id).count("completed") == 3  # s, u1 and X, once each
    sound(engines[0])


def test_everybody_who_signs_at_once_is_served(open_engine: Engines) -> None:
    """Design section 2: optimistic retries alone starve somebody; the queue in front of the case serves all."""
    engines = [open_engine(), open_engine()]
    deploy(engines[0], diagram("s -> u -> u2 -> e", user("u", many(times="24"))))
    case = engines[0].start("p", {}, by="zhang")
    tasks = engines[0].work_items(instance=case.id)
    works = [
        lambda n=n, task=task: engines[n % 2].complete(task.id, {}, by=f"p{n}").status for n, task in enumerate(tasks)
    ]
    assert at_once(works) == ["running"] * 24
    assert open_nodes(engines[0], case.id) == ["u2"]
    sound(engines[0])


def test_a_commit_that_keeps_losing_ends_in_a_clear_conflict(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(engine, LOOP)
    case = engine.start("p", {}, by="zhang")
    task = item(engine, case.id)
    tried = []

    def lose(store: object, writes: object) -> None:
        tried.append(1)
        raise Moved

    monkeypatch.setattr("engine.store.commit", lose)
    with pytest.raises(Conflict) as caught:
        engine.complete(task.id, {"ok": True}, by="li")
    assert caught.value.details["attempts"] == len(tried) == runner.ATTEMPTS
    monkeypatch.undo()
    assert engine.complete(task.id, {"ok": True}, by="li").status == "running"


def test_a_command_inside_somebodys_transaction_is_refused(engine: Engine) -> None:
    """A caller's rollback would leave the caller believing in a commit that never was (prototypes/semantics/aba.py)."""
    deploy(engine, LOOP)
    with engine.store.transaction(), pytest.raises(InsideTransaction):
        engine.start("p", {}, by="zhang")
    assert engine.instances().total == 0


def test_a_commit_that_fails_halfway_leaves_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(engine, LOOP)
    case = engine.start("p", {}, by="zhang")
    task = item(engine, case.id)
    before = {model: engine.store.rows(model.select()) for model in models.TABLES}

    original = engine.store.sql

    def full(statement: str, values: Sequence[Any] = ()) -> Any:
        if 'insert into "journal"' in statement:
            raise RuntimeError("the disk is full")
        return original(statement, values)

    monkeypatch.setattr(engine.store, "sql", full)
    with pytest.raises(RuntimeError):
        engine.complete(task.id, {"ok": True}, by="li")
    monkeypatch.undo()
    assert {model: engine.store.rows(model.select()) for model in models.TABLES} == before
    engine.complete(task.id, {"ok": True}, by="li")
    sound(engine)


def test_a_running_case_survives_a_restart(open_engine: Engines) -> None:
    first = open_engine()
    deploy(first, LOOP)
    case = first.start("p", {"x": [1, {"y": "中"}]}, by="zhang")
    first.complete(item(first, case.id).id, {"ok": False}, by="li")
    first.close()
    second = open_engine()
    assert second.instance(case.id).variables == {"x": [1, {"y": "中"}], "ok": False}
    second.complete(item(second, case.id).id, {"ok": True}, by="li")
    assert second.complete(item(second, case.id).id, {}, by="li").status == "completed"
    sound(second)


def test_a_script_that_fails_in_start_leaves_a_running_case_with_an_incident(engine: Engine) -> None:
    deploy(engine, diagram("s -> t1 -> e", script("t1", "y = x / 0")))
    case = engine.start("p", {"x": 1}, by="zhang")
    assert case.status == "running" and [i.kind for i in case.incidents] == ["script"]
    assert [i.instance_id for i in engine.incidents()] == [case.id]
    sound(engine)


def test_an_unknown_process_and_a_wrong_value_are_refused(engine: Engine) -> None:
    deploy(engine, LOOP)
    with pytest.raises(NotFound):
        engine.start("nowhere", {}, by="zhang")
    with pytest.raises(InvalidValue):
        engine.start("p", {"id_card": 440604199001011234 * 10}, by="zhang")
    with pytest.raises(NotFound):
        engine.complete(99, {}, by="li")
    assert engine.instances().total == 0


# ---- who may what --------------------------------------------------------------------------------------------------


def test_of_two_who_claim_at_once_one_is_told_who_was_first(open_engine: Engines) -> None:
    engines = [open_engine(), open_engine()]
    deploy(engines[0], LOOP)
    case = engines[0].start("p", {}, by="zhang")
    task = item(engines[0], case.id)
    results = at_once([lambda n=n: engines[n].claim(task.id, by=f"li{n}") for n in (0, 1)])
    owner = engines[0].work_item(task.id).assignee
    refused = [r for r in results if isinstance(r, AlreadyClaimed)]
    assert len(refused) == 1 and refused[0].details["owner"] == owner
    assert events(engines[0], case.id).count("claimed") == 1


def test_a_claimed_task_is_its_owners_until_given_back(engine: Engine) -> None:
    deploy(engine, LOOP)
    task = item(engine, engine.start("p", {}, by="zhang").id)
    assert engine.claim(task.id, by="li").assignee == "li"
    for by_wang in (lambda: engine.claim(task.id, by="wang"), lambda: engine.complete(task.id, {}, by="wang")):
        with pytest.raises(AlreadyClaimed):
            by_wang()
    engine.unclaim(task.id, by="li")
    assert engine.claim(task.id, by="wang").assignee == "wang"
    assert engine.transfer(task.id, "zhao", by="wang", reason="休假").assignee == "zhao"
    assert engine.complete(task.id, {"ok": True}, by="zhao").status == "running"


def test_a_comment_does_not_disturb_a_completion(engine: Engine) -> None:
    deploy(engine, LOOP)
    case = engine.start("p", {}, by="zhang")
    guard = models.Instance.select(models.Instance.guard).where(models.Instance.id == case.id)
    before = engine.store.value(guard)
    engine.comment(case.id, "请尽快", by="wang")
    assert engine.store.value(guard) == before
    last = engine.journal(case.id)[-1]
    assert (last.event, last.actor, last.data) == ("comment", "wang", {"text": "请尽快"})
    sound(engine)


def test_logins_are_free_until_people_are_registered(engine: Engine) -> None:
    deploy(engine, LOOP)
    engine.start("p", {}, by="anybody")
    engine.people.put("li", name="李", posts=[("clerk", ""), ("start", "")])
    with pytest.raises(UnknownPerson):
        engine.start("p", {}, by="anybody")
    case = engine.start("p", {}, by="li")
    assert item(engine, case.id).candidates == ("li",)
    with pytest.raises(UnknownPerson):
        engine.complete(item(engine, case.id).id, {}, by="anybody")


def test_only_candidates_and_operators_complete_a_task(engine: Engine) -> None:
    deploy(engine, LOOP)
    engine.people.put_unit("t", name="街道")
    engine.people.put_unit("t1", name="社区", parent="t")
    engine.people.put_unit("t2", name="社区", parent="t")
    posts = {"li": ("clerk", "t1"), "far": ("clerk", "t2"), "boss": ("operate", "t"), "other": ("operate", "t2")}
    for login, post in posts.items():
        engine.people.put(login, name=login, posts=[post])
    case = engine.start("p", {"unit": "t1"}, by="")
    assert case.unit == "t1"
    task = item(engine, case.id)
    assert task.candidates == ("li",)
    for login in ("far", "other"):
        with pytest.raises(Forbidden):
            engine.complete(task.id, {}, by=login)
    engine.complete(task.id, {"ok": False}, by="li")
    engine.complete(item(engine, case.id).id, {"ok": True}, by="boss")
    assert engine.work_items(by="li", status=None, ended_by="li") and not engine.work_items(by="far", status=None)
    with pytest.raises(NotFound):
        engine.instance(case.id, by="far")
    assert engine.instance(case.id, by="boss").id == engine.instance(case.id, by="li").id == case.id


def test_who_may_start_is_what_the_process_says(engine: Engine) -> None:
    deploy(
        engine,
        diagram("s -> u1 -> e", key="ours", properties={"starters": "clerk"}),
        diagram("s -> u1 -> e", key="all", properties={"starters": "*"}),
        diagram("s -> u1 -> e", key="residents", properties={"starters": "public, clerk"}),
    )
    engine.people.put("li", name="李", posts=[("clerk", "")])
    engine.people.put("wang", name="王")
    assert [d.key for d in engine.startable("li")] == ["all", "ours", "residents"]
    assert [d.key for d in engine.startable("wang")] == ["all", "residents"]
    assert [d.key for d in engine.startable(None)] == ["residents"]
    with pytest.raises(Forbidden):
        engine.start("ours", {}, by="wang")
    assert engine.start("ours", {}, by="li").status == "running"
    assert engine.start("residents", {}, by="").status == "running"


def test_nobody_found_falls_to_the_operators_of_the_unit_and_is_written_down(engine: Engine) -> None:
    plain = diagram("s -> u1 -> e", user("u1", groups="ghost"), key="plain")
    rule = diagram("s -> u1 -> e", user("u1", groups="ghost", props={"nobody": "clerk"}), key="rule")
    loud = diagram("s -> u1 -> e", user("u1", groups="ghost", props={"nobody": "incident"}), key="loud")
    deploy(engine, plain, rule, loud)
    engine.people.put("boss", name="头", posts=[("operate", "")])
    engine.people.put("li", name="李", posts=[("clerk", "")])
    cases = {key: engine.start(key, {}, by="") for key in ("plain", "rule", "loud")}
    found = {key: item(engine, case.id).candidates for key, case in cases.items()}
    assert found == {"plain": ("boss",), "rule": ("li",), "loud": ("boss",)}
    assert all("nobody" in events(engine, case.id) for case in cases.values())
    assert [i.kind for i in engine.incidents()] == ["assignment"]
    engine.resolve(engine.incidents()[0].id, by="boss")
    assert engine.incidents() == []


def test_a_form_posted_twice_at_once_is_answered_twice_and_counts_once(
    engine: Engine, open_engine: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second post asked for its key before the first had landed, and found the task completed after it: it was
    refused, though its own completion had been done."""
    deploy(engine, diagram("s -> u -> v -> e", user("v")))
    case = engine.start("p", {}, by="zhang").id
    task, other = item(engine, case).id, open_engine()
    ask, asked = loads.answer, []

    def slow(store: Store, key: str) -> str | None:
        found = ask(store, key)
        if not asked:
            asked.append(found)
            other.complete(task, {}, by="li", key="one form")
        return found

    monkeypatch.setattr(loads, "answer", slow)
    assert engine.complete(task, {}, by="li", key="one form").id == case and asked == [None]
    assert engine.trace(case).count(("u", "completed")) == 1
    with pytest.raises(NotOpen):
        engine.complete(task, {}, by="li", key="another form")
