"""Moving running cases to a new version: what tasks, deadlines, reminders, timers and messages become, many cases at
once, and the way back."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.commands import migrate as command
from engine.errors import CannotMove, Forbidden
from tests.diagrams import boundary, catch, diagram, event_sub, user
from tests.engine.helpers import deploy, events, item, open_nodes, sound

NINE = datetime(2026, 11, 23, 1, 0)  # Monday 09:00 in Shanghai
HOUR = timedelta(hours=1)
FORM = b'{"type":"default","id":"f","components":[{"type":"textfield","key":"%s","label":"x"}]}'


def task(due: str = "PT8H", remind: str = "-PT1H", **more: Any) -> bytes:
    props = {"calendar": "natural", "remind": remind, **more.pop("props", {})}
    return diagram("s -> u1 -> e", user("u1", due=due, props=props, **more))


def started(engine: Engine, *versions: bytes, **files: bytes) -> int:
    """A case on the first version, with the others published after it."""
    deploy(engine, versions[0], **files)
    case = engine.start("p", {}, by="zhang").id
    for version in versions[1:]:
        deploy(engine, version, **files)
    return case


def rules(engine: Engine, case: int) -> list[tuple[str, datetime]]:
    return sorted((timer.rule, timer.due_at) for timer in engine.timers(case))


def test_a_deadline_that_changed_is_counted_from_when_the_task_opened(engine: Engine, clock: ManualClock) -> None:
    case = started(engine, task(), task(due="PT4H"))
    clock.set(NINE + HOUR)
    report = engine.migrate_instance(case, 2, dry_run=True)
    (told,) = [fate for fate in report.fates if fate.what == "task"]
    assert (told.fate, told.due, told.due_then) == ("restarted", NINE + 8 * HOUR, NINE + 4 * HOUR)
    assert told.why is not None and "期限" in told.why.zh
    assert item(engine, case).due_at == NINE + 8 * HOUR, "a dry run changes nothing"
    engine.migrate_instance(case, 2)
    assert item(engine, case).due_at == NINE + 4 * HOUR
    assert rules(engine, case) == [("-PT1H", NINE + 3 * HOUR)]
    sound(engine)


def test_a_deadline_that_did_not_change_keeps_its_stops_and_moved_timers(engine: Engine, clock: ManualClock) -> None:
    case = started(engine, task(), task(props={"summary": "=1"}))
    engine.suspend(case, by="zhang")
    clock.set(NINE + 2 * HOUR)
    engine.resume(case, by="zhang")
    (timer,) = engine.timers(case)
    engine.move_timer(timer.id, NINE + 5 * HOUR, by="zhang")
    engine.migrate_instance(case, 2)
    assert item(engine, case).due_at == NINE + 10 * HOUR
    assert rules(engine, case) == [("-PT1H", NINE + 5 * HOUR)]
    assert item(engine, case).properties["summary"] == "=1", "the settings of the new version hold"


def test_reminders_are_added_moved_and_dropped_and_none_is_told_twice(engine: Engine, clock: ManualClock) -> None:
    case = started(engine, task(remind="-PT6H, -PT1H"), task(remind="-PT6H, -PT2H", props={"escalate": "PT0S head"}))
    clock.set(NINE + 2 * HOUR)
    assert engine.run_due() == 1, "the first reminder was told under the old version"
    report = engine.migrate_instance(case, 2)
    assert rules(engine, case) == [("-PT2H", NINE + 6 * HOUR), ("PT0S head", NINE + 8 * HOUR)]
    assert sorted((f.fate, f.rule) for f in report.fates if f.what == "timer") == [
        ("added", "-PT2H"),
        ("added", "PT0S head"),
        ("removed", "-PT1H"),
    ]
    assert events(engine, case).count("reminded") == 1
    sound(engine)


def test_a_deadline_may_come_and_go(engine: Engine) -> None:
    case = started(engine, diagram("s -> u1 -> e"), task(), diagram("s -> u1 -> e", user("u1")))
    engine.migrate_instance(case, 2)
    assert item(engine, case).due_at == NINE + 8 * HOUR and rules(engine, case) == [("-PT1H", NINE + 7 * HOUR)]
    engine.migrate_instance(case, 3)
    assert item(engine, case).due_at is None and rules(engine, case) == []
    sound(engine)


def test_an_open_task_gets_the_new_form_and_its_handler_keeps_it(engine: Engine) -> None:
    """A case that moved kept the form of its old version: what the designer had just added was never asked."""
    deploy(engine, task(form="f", users="li, wang"), f_form=FORM % b"a")
    case = engine.start("p", {}, by="zhang").id
    engine.claim(item(engine, case).id, by="li")
    deploy(engine, task(form="f", users="zhao"), f_form=FORM % b"b")
    report = engine.migrate_instance(case, 2)
    moved = item(engine, case)
    form = engine.form_of(moved)
    assert moved.assignee == "li" and form is not None and [field.key for field in form.fields] == ["b"]
    assert "表单换成新版本" in next(fate.why.zh for fate in report.fates if fate.what == "task" and fate.why)


def test_a_task_that_nobody_has_is_offered_to_whom_the_new_version_means(engine: Engine) -> None:
    case = started(engine, task(users="li, wang"), task(users="zhao"))
    engine.migrate_instance(case, 2)
    assert item(engine, case).candidates == ("zhao",)


def test_boundary_events_that_are_new_are_armed_and_those_gone_fall_silent(engine: Engine, clock: ManualClock) -> None:
    """They were refused: whoever added a time limit could not bring it to the cases that needed it."""
    plain = diagram("s -> u1 -> e")
    limits = diagram(
        "s -> u1 -> e; b -> u2 -> e",
        boundary("b", "u1", "duration", "PT2H"),
        event_sub("ES", "message", "sES -> u3 -> e3", cut=False),
    )
    case = started(engine, plain, limits, plain)
    report = engine.migrate_instance(case, 2)
    assert report.possible and ("b", "added") in [(fate.target, fate.fate) for fate in report.fates]
    engine.publish_message("msg", {})
    assert open_nodes(engine, case) == ["u1", "u3"]
    clock.set(NINE + 2 * HOUR)
    engine.run_due()
    assert open_nodes(engine, case) == ["u2", "u3"]
    sound(engine)
    other = engine.start("p", {}, by="zhang").id
    engine.migrate_instance(other, 2)
    engine.migrate_instance(other, 3)
    assert engine.timers(other) == []
    sound(engine)


def test_a_timer_that_changed_counts_from_its_beginning_and_fires_at_once_when_that_is_past(
    engine: Engine, clock: ManualClock
) -> None:
    def limit(hours: int) -> bytes:
        return diagram("s -> u1 -> e; b -> u2 -> e", boundary("b", "u1", "duration", f"PT{hours}H"))

    case = started(engine, limit(8), limit(4), limit(2))
    clock.set(NINE + 3 * HOUR)
    report = engine.migrate_instance(case, 2)
    (timer,) = [fate for fate in report.fates if fate.what == "timer"]
    assert (timer.fate, timer.due, timer.due_then) == ("restarted", NINE + 8 * HOUR, NINE + 4 * HOUR)
    assert [one.due_at for one in engine.timers(case)] == [NINE + 4 * HOUR]
    report = engine.migrate_instance(case, 3)
    assert "立即触发" in next(fate.why.zh for fate in report.fates if fate.what == "timer" and fate.why)
    engine.run_due()
    assert open_nodes(engine, case) == ["u2"]


def test_a_message_that_is_called_otherwise_is_waited_for_under_its_new_name(engine: Engine) -> None:
    case = started(
        engine, diagram("s -> c -> u1 -> e", catch("c", "signal")), diagram("s -> c -> u1 -> e", catch("c", "signal2"))
    )
    engine.migrate_instance(case, 2)
    engine.broadcast_signal("sig")
    assert open_nodes(engine, case) == []
    engine.broadcast_signal("sig2")
    assert open_nodes(engine, case) == ["u1"]
    sound(engine)


def test_what_cannot_be_computed_keeps_the_case_where_it_is(engine: Engine) -> None:
    broken = diagram("s -> u1 -> e; b -> e", boundary("b", "u1", "duration", "=nobody_knows"))
    case = started(engine, task(), broken)
    report = engine.migrate_instance(case, 2, dry_run=True)
    assert not report.possible and all(problem.zh and problem.en for problem in report.problems)
    with pytest.raises(CannotMove):
        engine.migrate_instance(case, 2)
    assert engine.instance(case).version == 1 and engine.incidents() == []
    sound(engine)


# ---- many, and back ------------------------------------------------------------------------------------------------


def test_a_poisoned_case_does_not_stop_the_others(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(engine, task())
    cases = [engine.start("p", {}, by="zhang").id for _ in range(5)]
    deploy(engine, task(due="PT2H"))
    plain = command.migrate

    def poisoned(context: Any, instance: int, *more: Any, **named: Any) -> Any:
        if instance == cases[1]:
            raise RuntimeError("poison")
        return plain(context, instance, *more, **named)

    monkeypatch.setattr(command, "migrate", poisoned)
    engine.cancel(cases[3], by="zhang")
    outcomes = engine.migrate_instances([*cases, 999], 2, by="zhang")
    assert [outcome.problem is None for outcome in outcomes] == [True, False, True, False, True, False]
    assert all(outcome.problem.zh for outcome in outcomes if outcome.problem)
    assert [engine.instance(case).version for case in cases] == [2, 1, 2, 1, 2]
    (deed,) = engine.deeds(case=0, event="migrated").rows
    assert (deed.actor, deed.data["moved"], len(deed.data["stayed"])) == ("zhang", 3, 3)
    sound(engine)


def test_the_plan_of_a_draft_names_what_must_be_mapped_and_guesses_by_name(engine: Engine) -> None:
    deploy(engine, diagram("s -> u1 -> e", user("u1", name="受理")))
    cases = [engine.start("p", {}, by="zhang").id for _ in range(3)]
    draft = diagram("s -> u7 -> u8 -> e", user("u7", name="受理"), user("u8", name="复核"))
    plan = engine.migration_plan("p", draft)
    assert [report.instance for report in plan.reports] == cases and all(report.possible for report in plan.reports)
    assert [(gap.node, gap.chosen, gap.choices) for gap in plan.gaps] == [
        ("u1", "u7", (("u7", "受理"), ("u8", "复核")))
    ]
    assert engine.migration_plan("p", draft, {"u1": "u8"}).mapping == {"u1": "u8"}
    other = engine.migration_plan("p", diagram("s -> w1 -> e", user("w1", name="别的")))
    assert not any(report.possible for report in other.reports)
    deploy(engine, draft)
    first = engine.migration_plan("p", 2, limit=2)
    assert first.more and len(engine.migration_plan("p", 2, after=first.reports[-1].instance).reports) == 1
    engine.migrate_instances(cases, 2, plan.mapping, by="")
    assert engine.migration_plan("p", 2).reports == ()


def rows(engine: Engine, case: int) -> Any:
    found = engine.work_items(instance=case)
    tasks = [(one.id, one.node_id, one.name, one.assignee, one.due_at, one.form, one.properties) for one in found]
    timers = sorted((one.id, one.node_id, one.kind, one.rule, one.due_at) for one in engine.timers(case))
    return engine.instance(case).version, tasks, timers, sorted(one.node for one in engine.tokens(case))


def test_a_migration_is_taken_back_whole_while_nothing_has_happened(engine: Engine, clock: ManualClock) -> None:
    old = diagram(
        "s -> u1 -> e; b -> e", user("u1", due="PT8H", props={"remind": "-PT1H"}, users="li, wang"),
        boundary("b", "u1", "duration", "PT9H"),
    )  # fmt: skip
    new = diagram("s -> u5 -> u2 -> e; b2 -> e", user("u5", due="PT4H", users="zhao"), boundary("b2", "u5", "message"))
    case = started(engine, old, new)
    before = rows(engine, case)
    engine.migrate_instance(case, 2, {"u1": "u5"})
    assert rows(engine, case) != before and engine.undoable([case]) == {case}
    clock.set(NINE + HOUR)
    assert engine.undo_migration(case, by="zhang") == 1
    assert rows(engine, case) == before and events(engine, case)[-1] == "migration-undone"
    assert item(engine, case).candidates == ("li", "wang")
    sound(engine)
    with pytest.raises(CannotMove):
        engine.undo_migration(case, by="zhang")
    engine.complete(item(engine, case).id, {}, by="li")
    assert engine.instance(case).status == "completed"


def test_a_migration_is_not_taken_back_once_something_has_happened(engine: Engine) -> None:
    case = started(engine, task(users="li"), task(due="PT2H", users="li"))
    engine.migrate_instance(case, 2)
    engine.claim(item(engine, case).id, by="li")
    assert engine.undoable([case]) == set()
    with pytest.raises(CannotMove):
        engine.undo_migration(case, by="zhang")
    assert engine.instance(case).version == 2


def test_who_designs_or_operates_may_migrate_and_nobody_else(engine: Engine) -> None:
    case = started(engine, task(), task(due="PT2H"))
    engine.people.put(login="root", posts=[("admin", "")])
    engine.people.put(login="drawer", posts=[("design", "")])
    engine.people.put(login="clerk", posts=[("desk", "")])
    with pytest.raises(Forbidden):
        engine.migrate_instance(case, 2, by="clerk")
    engine.migrate_instance(case, 2, by="drawer")
    with pytest.raises(Forbidden):
        engine.undo_migration(case, by="clerk")
    engine.undo_migration(case, by="root")


def test_random_versions_there_and_back_leave_every_case_sound(engine: Engine, clock: ManualClock) -> None:
    """Tasks, limits, reminders and messages come and go at random; the doctor is asked after every step."""
    chance = random.Random(20261122)

    def version() -> bytes:
        parts = [
            user(
                name,
                due=chance.choice(["", "PT5H", "PT9H"]),
                users=chance.choice(["li", "wang, li"]),
                props={
                    "remind": chance.choice(["-PT1H", "-PT2H, R/PT1H"]),
                    "escalate": chance.choice(["", "PT0S head"]),
                },
            )
            for name in ("u1", "u2")
        ]
        more = ""
        for name, on in (("b1", "u1"), ("b2", "u2")):
            kind = chance.choice(["", "duration", "message", "signal"])
            if kind:
                value = chance.choice(["PT3H", "PT6H"]) if kind == "duration" else ""
                parts.append(boundary(name, on, kind, value, cut=chance.random() < 0.5))
                more += f"; {name} -> e{name}"
        if chance.random() < 0.4:
            parts.append(event_sub("ES", "signal2", "sES -> u3 -> e3", cut=chance.random() < 0.5))
        return diagram(f"s -> A; A -> u1 -> A2; A -> u2 -> A2; A2 -> u9 -> e{more}", *parts)

    deploy(engine, version())
    cases = [engine.start("p", {}, by="zhang").id for _ in range(3)]
    number = 1
    for round_ in range(6):
        deploy(engine, version())
        number = engine.definitions(kind="process", key="p")[0].version
        for case in cases:
            before = rows(engine, case)
            if engine.instance(case).status != "running" or engine.instance(case).version == number:
                continue
            if not engine.migrate_instance(case, number, dry_run=True).possible:
                with pytest.raises(CannotMove):
                    engine.migrate_instance(case, number)
                assert rows(engine, case) == before
                continue
            engine.migrate_instance(case, number)
            if chance.random() < 0.5 and engine.undoable([case]):
                engine.undo_migration(case, by="")
                assert rows(engine, case) == before, round_
        sound(engine)
        clock.advance(hours=chance.choice([1, 2]))
        engine.run_due()
        if chance.random() < 0.3:
            engine.broadcast_signal(chance.choice(["sig", "sig2"]))
        sound(engine)
