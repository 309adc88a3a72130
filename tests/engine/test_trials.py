"""Trying a working copy: a scratch engine with a clock that is moved, sample people, the run as a scenario, and what of
the diagram no scenario visits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest

from engine import Engine, scenarios
from engine.clock import ManualClock
from engine.errors import DeploymentRefused, InvalidValue, LinliError, NotFound
from engine.trials import Trial, Trials, shelf
from engine.trials import trial as acting
from tests.diagrams import diagram, service, user

FIELD = '{"type":"textfield","key":"what","label":"x","validate":{"required":true}}'
FORM = f'{{"type":"default","id":"ask","components":[{FIELD}]}}'.encode()
LATE = {"calendar": "natural", "remind": "-PT1H", "escalate": "PT0S head"}
TOML = b"""name = "small"
version = "1.0.0"
[title]
zh = "\xe5\xb0\x8f"
[roles.clerk]
title = { zh = "\xe7\xaa\x97\xe5\x8f\xa3" }
permissions = ["desk"]
"""
DRAWN = diagram(
    "s -> u1 -> X; X -> u2 if =what = \"more\"; X -> call default; u2 -> e; call -> e",
    user("u1", form="ask", groups="clerk", due="PT8H", props=LATE),
    user("u2", groups="clerk"),
    service("call", "http", inputs={"url": '="http://nowhere.invalid/"'}),
)  # fmt: skip


@pytest.fixture
def packed(engine: Engine) -> Engine:
    """A designer's pack with one process, never published."""
    engine.new_pack("small", "小", by="")
    revision = engine.pack_file("small", "pack.toml")[1]
    engine.save_pack_file("small", "pack.toml", TOML, revision=revision, by="")
    engine.save_pack_file("small", "forms/ask.form", FORM, revision=0, by="")
    engine.save_pack_file("small", "processes/p.bpmn", DRAWN, revision=0, by="")
    return engine


@pytest.fixture
def trials(packed: Engine) -> Iterator[Trials]:
    kept = Trials(packed)
    yield kept
    kept.close()


@pytest.fixture
def begun(trials: Trials, clock: ManualClock) -> Trials:
    trials.begin("small", "drawer", clock.now())
    return trials


def played(trial: Trial, what: str = "less") -> None:
    trial.start("p", {}, by="clerk-1")
    trial.wait(timedelta(hours=8))
    (item,) = trial.engine.work_items()
    trial.complete(item, {"what": what}, by=trial.may_take(item)[0])


def test_a_working_copy_is_tried_by_sample_people_and_nothing_leaves(begun: Trials, packed: Engine) -> None:
    with begun.open("small", "drawer") as trial:
        assert [one["name"] for one in trial.kept.people] == ["窗口甲", "窗口乙", "单位负责人", "上级管理员"]
        played(trial)
        assert len(trial.engine.notices("head")) == 1, "the escalation"
        assert len(trial.engine.notices("clerk-2")) == 1, "the reminder"
        assert trial.engine.instances(status=None).rows[0].status == "completed", "no web service was called"
    assert packed.instances(status=None).total == 0 and packed.people.empty() and packed.definitions() == []
    assert packed.outbox() == []


def test_a_trial_is_found_again_as_it_was_left_also_by_another_process(begun: Trials, packed: Engine) -> None:
    with begun.open("small", "drawer") as trial:
        trial.start("p", {}, by="clerk-1")
        assert trial.next() and trial.clock.now() > trial.kept.begun
        moment = trial.clock.now()
    other = Trials(packed)
    with other.open("small", "drawer") as trial:
        assert trial.clock.now() == moment and len(trial.engine.work_items()) == 1
        trial.wait(timedelta(hours=1))
    other.close()
    with begun.open("small", "drawer") as trial:
        assert trial.clock.now() == moment + timedelta(hours=1)
        with pytest.raises(InvalidValue):
            trial.until(moment)
    with pytest.raises(NotFound), begun.open("small", "somebody else"):
        pass


def test_what_is_refused_is_no_step_and_the_clock_is_kept(begun: Trials) -> None:
    with begun.open("small", "drawer") as trial:
        trial.start("p", {}, by="clerk-1")
        (item,) = trial.engine.work_items()
        with pytest.raises(LinliError):
            trial.complete(item, {}, by="clerk-1")
        assert len(trial.kept.steps) == 1


def test_a_run_becomes_a_scenario_that_passes_and_guards_what_is_published(begun: Trials, packed: Engine) -> None:
    with begun.open("small", "drawer") as trial:
        played(trial, '=1 "quoted" \\')
        content = trial.scenario("办完一件")
    packed.save_pack_file("small", "scenarios/1.toml", content, revision=0, by="")
    rehearsal = scenarios.rehearse(packed, packed.pack_contents("small"))
    assert [(one.title, one.problems) for one in rehearsal.verdicts] == [("办完一件", ())]
    (coverage,) = rehearsal.coverage
    assert [node.id for node in coverage.missed] == ["u2"]
    assert packed.publish_pack("small", "", by="").number == 1
    slower = DRAWN.replace(b"-PT1H", b"-PT30M").replace(b'value="PT0S head"', b'value="PT2H head"')
    revision = packed.pack_file("small", "processes/p.bpmn")[1]
    packed.save_pack_file("small", "processes/p.bpmn", slower, revision=revision, by="")
    with pytest.raises(DeploymentRefused) as refused:
        packed.publish_pack("small", "", by="")
    (finding,) = refused.value.findings
    assert finding.code == "scenario-failed" and "head 的通知数" in finding.text("zh")
    assert "notices of head" in finding.text("en")


def test_a_scenario_that_cannot_be_read_or_makes_no_sense_is_a_failure_in_words(packed: Engine) -> None:
    for number, text in enumerate(
        [
            "not toml",
            'title = "x"\nstart = 2026-11-23T09:00:00+08:00\nunits = [{ colour = "red" }]',
            'title = "x"\nstart = 2026-11-23T09:00:00+08:00\n[[step]]\nwait = "a while"',
            'title = "x"\nstart = 2026-11-23T09:00:00+08:00\n[[step]]\nstart = "nowhere"',
        ]
    ):
        packed.save_pack_file("small", f"scenarios/{number}.toml", text.encode(), revision=0, by="")
    verdicts = scenarios.rehearse(packed, packed.pack_contents("small")).verdicts
    assert len(verdicts) == 4 and all(len(one.problems) == 1 and one.problems[0].zh for one in verdicts)


def test_time_stops_where_too_much_happens_on_the_way(
    packed: Engine, trials: Trials, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting, "FIRINGS", 20)
    busy = diagram(
        "s -> u1 -> e", user("u1", groups="clerk", due="PT1M", props={"calendar": "natural", "remind": "PT0S, R/PT1M"})
    )
    packed.save_pack_file(
        "small", "processes/p.bpmn", busy, revision=packed.pack_file("small", "processes/p.bpmn")[1], by=""
    )
    trials.begin("small", "drawer", clock.now())
    with trials.open("small", "drawer") as trial:
        trial.start("p", {}, by="clerk-1")
        assert not trial.wait(timedelta(days=3))
        assert trial.clock.now() < clock.now() + timedelta(days=1)


def test_trials_are_bounded_in_number_and_age(
    begun: Trials, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "MOST", 2)
    begun.begin("small", "second", clock.now())
    begun.begin("small", "third", clock.now())
    assert [begun.exists("small", who) for who in ("drawer", "second", "third")] == [False, True, True]
    notes = begun._folder("small", "second") / shelf.NOTES
    os.utime(notes, (1, 1))
    assert begun.clear() == 1 and not begun.exists("small", "second")
    begun.end("small", "third")
    assert not begun.exists("small", "third")


def test_a_broken_working_copy_leaves_no_trial(packed: Engine, trials: Trials, clock: ManualClock) -> None:
    packed.save_pack_file("small", "processes/q.bpmn", b"<broken", revision=0, by="")
    with pytest.raises(DeploymentRefused):
        trials.begin("small", "drawer", clock.now())
    assert not trials.exists("small", "drawer")
