"""Operations on a task beside the table of tests/engine/operations: rights, settings, bounds, meeting each other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.errors import CannotMove, CannotRefuse, DeploymentRefused, Forbidden, InvalidValue, NotOffered, TooLate
from tests.diagrams import boundary, call, diagram, end, feel, many, process, start, sub, user
from tests.engine.helpers import at_once, events, item, open_nodes, sound
from tests.engine.operations.play import populate


@pytest.fixture
def town(engine: Engine) -> Engine:
    """Li and the others at a grid, a chief above."""
    populate(engine)
    return engine


def deploy(engine: Engine, content: bytes) -> None:
    engine.deploy({"p.bpmn": content}, by="")


def begin(engine: Engine, content: bytes, **variables: object) -> int:
    """Deploy, and start a case as zhao."""
    deploy(engine, content)
    return engine.start("p", {"unit": "grid", **variables}, by="zhao").id


# ---- what the diagram offers ---------------------------------------------------------------------------------------


def test_what_the_diagram_does_not_offer_is_refused_except_to_operators(town: Engine) -> None:
    case = begin(town, diagram("s -> u -> e", user("u", assignee="li", props={"operations": "transfer, urge"})))
    task = item(town, case)
    for act in (
        lambda: town.delegate(task.id, "qian", by="li"),
        lambda: town.add_signer(task.id, "qian", by="li"),
        lambda: town.return_to(task.id, "start", by="li"),
        lambda: town.refuse(task.id, by="li"),
        lambda: town.copy_to(task.id, ["qian"], by="li"),
    ):
        with pytest.raises(NotOffered):
            act()
    town.delegate(task.id, "qian", by="chief")
    assert item(town, case).assignee == "qian"


def test_a_refusal_needs_to_know_which_answer_is_no(town: Engine) -> None:
    case = begin(town, diagram("s -> u -> e", user("u", assignee="li")))
    with pytest.raises(CannotRefuse):
        town.refuse(item(town, case).id, by="li")


@pytest.mark.parametrize(
    "props",
    [
        {"operations": "transfer, teleport"},
        {"signing": "all"},
        {"delegated": "perhaps"},
        {"timeout": "P1D dance"},
        {"timeout": "P1D transfer"},
        {"refuse": "not a name"},
        {"after_return": "never"},
    ],
    ids=lambda props: next(iter(props.values())),
)
def test_settings_that_mean_nothing_are_refused_at_deployment(town: Engine, props: dict[str, str]) -> None:
    with pytest.raises(DeploymentRefused):
        deploy(town, diagram("s -> u -> e", user("u", assignee="li", due="P1D", props=props)))


@pytest.mark.parametrize("signing", ["everyone", "0%", "120%", "3/0", "> 50", "2"])
def test_a_share_that_is_none_is_refused_at_deployment(town: Engine, signing: str) -> None:
    with pytest.raises(DeploymentRefused):
        deploy(town, diagram("s -> u -> e", user("u", many("list"), props={"signing": signing})))


def test_a_task_that_is_somebodys_by_name_is_not_given_back_to_nobody(town: Engine) -> None:
    """Given back, it was open to everybody with a desk at the unit, and on nobody's list."""
    case = begin(town, diagram("s -> u -> e", user("u", assignee="li")))
    with pytest.raises(NotOffered):
        town.unclaim(item(town, case).id, by="li")
    town.transfer(item(town, case).id, "qian", by="li")
    with pytest.raises(NotOffered):
        town.unclaim(item(town, case).id, by="qian")


# ---- back ----------------------------------------------------------------------------------------------------------


def test_nothing_can_be_returned_from_the_first_step(town: Engine) -> None:
    case = begin(town, diagram("s -> u -> e", user("u", assignee="li")))
    for target in ("start", "previous"):
        with pytest.raises(CannotMove, match="no step before"):
            town.return_to(item(town, case).id, target, by="li")


def test_a_return_goes_to_steps_that_lead_here_not_to_a_neighbour(town: Engine) -> None:
    """The latest step that anybody did is not always the previous one: a parallel branch may have been quicker."""
    content = diagram(
        "s -> u1 -> A1; A1 -> u -> A2; A1 -> v -> A2; A2 -> e",
        *(user(node, assignee=who) for node, who in (("u1", "zhao"), ("u", "li"), ("v", "wang"))),
    )
    case = begin(town, content)
    town.complete(item(town, case, "u1").id, {}, by="zhao")
    town.complete(item(town, case, "v").id, {}, by="wang")
    assert [place.node for place in town.earlier_steps(item(town, case).id)] == ["u1"]
    town.return_to(item(town, case).id, "previous", by="li")
    town.complete(item(town, case, "u1").id, {}, by="zhao")
    assert open_nodes(town, case) == ["u", "v"], "what the branch had done is done again"
    sound(town)


def test_a_step_done_again_may_be_given_up_and_the_waiting_task_goes_on(town: Engine) -> None:
    """The token of the step done again was moved away: the task that waited for it waited for ever."""
    content = diagram(
        "s -> u1 -> u2 -> u -> e", *(user(f"u{n}", assignee="zhao") for n in ("1", "2")), user("u", assignee="li")
    )
    case = begin(town, content)
    for node in ("u1", "u2"):
        town.complete(item(town, case, node).id, {}, by="zhao")
    task = item(town, case, "u")
    town.return_to(task.id, "u2", by="li", then="back")
    assert town.work_item(task.id).held
    town.return_to(item(town, case, "u2").id, "u1", by="zhao")
    assert open_nodes(town, case) == ["u1"], "u2 took what it leads to with it"
    sound(town)


def test_a_boundary_timer_takes_the_step_done_again_with_the_task(town: Engine, clock: ManualClock) -> None:
    content = diagram(
        "s -> u1 -> u -> e; b -> u9 -> e",
        user("u1", assignee="zhao"),
        user("u", assignee="li"),
        user("u9", assignee="wang"),
        boundary("b", "u", "duration", "PT1H"),
    )
    case = begin(town, content)
    town.complete(item(town, case, "u1").id, {}, by="zhao")
    town.return_to(item(town, case, "u").id, "u1", by="li", then="back")
    clock.advance(hours=2)
    town.run_due()
    assert open_nodes(town, case) == ["u9"]
    sound(town)


def test_a_withdrawal_is_no_way_round_what_the_completion_has_ended(town: Engine) -> None:
    content = diagram(
        "s -> A; A -> u -> t; t -> X; X -> ee; A -> v -> e2",
        user("u", assignee="li"),
        user("v", assignee="wang"),
        end("ee", "terminate"),
    )
    case = begin(town, content)
    task = item(town, case, "u")
    town.complete(task.id, {}, by="li")
    with pytest.raises(TooLate):
        town.withdraw(task.id, by="li")


def test_two_who_withdraw_and_complete_at_once_do_not_both_win(town: Engine) -> None:
    case = begin(town, diagram("s -> u -> u2 -> e", user("u", assignee="li"), user("u2", assignee="wang")))
    task = item(town, case)
    town.complete(task.id, {}, by="li")
    following = item(town, case, "u2").id
    results = at_once([lambda: town.withdraw(task.id, by="li"), lambda: town.complete(following, {}, by="wang")])
    assert sum(isinstance(one, Exception) for one in results) == 1, results
    sound(town)


# ---- signers -------------------------------------------------------------------------------------------------------


def test_signers_may_ask_others_and_all_are_heard(town: Engine) -> None:
    case = begin(town, diagram("s -> u -> e", user("u", assignee="li")))
    town.add_signer(item(town, case).id, ["qian", "wang"], by="li", when="after")
    town.complete(item(town, case).id, {"note": "一"}, by="li")
    first = next(one for one in town.work_items(instance=case) if one.assignee == "qian")
    town.add_signer(first.id, "sun", by="qian", when="before")
    held = town.work_item(first.id)
    assert held.held and sorted(one.assignee for one in town.work_items(instance=case)) == ["qian", "sun", "wang"]
    for login in ("sun", "qian", "wang"):
        mine = next(one for one in town.work_items(instance=case) if one.assignee == login)
        town.complete(mine.id, {"note": login}, by=login)
    done = town.instance(case)
    assert (done.status, done.variables["note"]) == ("completed", "一"), "signers do not overwrite the task's answer"
    assert [opinion["by"] for opinion in done.variables["opinions"]] == ["sun", "qian", "wang"]
    sound(town)


def test_a_signer_returns_the_task_and_not_only_their_own_signature(town: Engine) -> None:
    case = begin(town, diagram("s -> u1 -> u -> e", user("u1", assignee="zhao"), user("u", assignee="li")))
    town.complete(item(town, case).id, {}, by="zhao")
    town.add_signer(item(town, case).id, "qian", by="li", when="before")
    theirs = next(one for one in town.work_items(instance=case) if one.assignee == "qian")
    town.return_to(theirs.id, "previous", by="qian")
    assert open_nodes(town, case) == ["u1"]
    sound(town)


def test_nobody_left_to_sign_is_an_incident_and_never_a_pass(town: Engine) -> None:
    task = user(
        "u", '<multiInstanceLoopCharacteristics isSequential="false"/>', props={"signers": "nosuch", "signing": "all"}
    )
    case = begin(town, diagram("s -> u -> e", task))
    assert [one.kind for one in town.instance(case).incidents] == ["value"]


def test_a_second_round_counts_afresh(town: Engine) -> None:
    content = diagram(
        "s -> u -> X; X -> e if passed; X -> u default",
        user("u", many("list", item="signer"), assignee="=signer", props={"signing": "all"}),
    )
    case = begin(town, content, list=["li", "wang"])
    town.complete(
        next(one for one in town.work_items(instance=case) if one.assignee == "li").id, {"agreed": False}, by="li"
    )
    assert sorted(one.assignee for one in town.work_items(instance=case)) == ["li", "wang"]
    for login in ("li", "wang"):
        mine = next(one for one in town.work_items(instance=case) if one.assignee == login)
        town.complete(mine.id, {"agreed": True}, by=login)
    assert town.instance(case).status == "completed" and events(town, case).count("counted") == 2


# ---- substitutes and policies --------------------------------------------------------------------------------------


def test_a_substitute_acts_only_on_those_days_and_in_that_process(town: Engine, clock: ManualClock) -> None:
    case = begin(town, diagram("s -> u -> e", user("u", assignee="li")))
    task, today = item(town, case), town.people.today()
    tomorrow = today + timedelta(days=1)
    town.put_substitute("li", "qian", by="li", since=tomorrow, until=tomorrow, process="p")
    town.put_substitute("li", "wang", by="li", since=today, until=tomorrow, process="another")
    assert town.work_items(standing_in="qian") == [] and town.work_items(standing_in="wang") == []
    clock.advance(days=1)
    assert [one.id for one in town.work_items(standing_in="qian")] == [task.id]
    clock.advance(days=1)
    assert town.work_items(standing_in="qian") == []


def test_who_stands_in_for_nobody_is_told_so_without_a_look_at_the_tasks(town: Engine) -> None:
    """Two hundred people at their desks waited five seconds for each page: the count of the tab for absent colleagues
    joined tasks with substitutes, and PostgreSQL's plan for anybody read all that was open in the town."""
    begin(town, diagram("s -> u -> e", user("u", assignee="li")))
    asked: list[str] = []
    town.store.db.query_hooks.append(lambda event: asked.append(event.sql))  # type: ignore[attr-defined]
    assert town.count_items(standing_in="qian") == 0 and town.work_items(standing_in="qian") == []
    town.work_items(by="qian")
    town.store.db.query_hooks.clear()  # type: ignore[attr-defined]
    assert [sql for sql in asked if "substitute" in sql]
    assert not [sql for sql in asked if "substitute" in sql and "work_item" in sql]


def test_substitutes_are_ones_own_to_set(town: Engine) -> None:
    with pytest.raises(Forbidden):
        town.put_substitute("li", "qian", by="wang")
    with pytest.raises(InvalidValue):
        town.put_substitute("li", "li", by="li")
    with pytest.raises(InvalidValue):
        today = town.people.today()
        town.put_substitute("li", "qian", by="li", since=today, until=today - timedelta(days=1))
    town.put_substitute("li", "qian", by="chief")


def test_a_circle_of_skipped_tasks_stops_at_one(town: Engine) -> None:
    """Each was passed in the same command as the last: the case ran for ever."""
    content = diagram(
        "s -> u -> X; X -> e if done = true; X -> u default", user("u", groups="nosuch", props={"nobody": "skip"})
    )
    case = begin(town, content, done=False)
    assert open_nodes(town, case) == ["u"]
    sound(town)


def test_a_time_out_completes_with_the_answer_that_the_diagram_gives(town: Engine, clock: ManualClock) -> None:
    props = {"timeout": "PT1H complete", "timeout_data": '={note: "逾期视为同意", amount: amount + 1}'}
    case = begin(town, diagram("s -> u -> e", user("u", assignee="li", due="PT1H", props=props)), amount=1)
    clock.advance(hours=3)
    town.run_due()
    done = town.instance(case)
    assert (done.status, done.variables["note"], done.variables["amount"]) == ("completed", "逾期视为同意", 2)


def test_a_time_out_waits_for_signers_who_are_asked_first(town: Engine, clock: ManualClock) -> None:
    props = {"timeout": "PT0S agree", "refuse": "agreed"}
    case = begin(town, diagram("s -> u -> e", user("u", assignee="li", due="PT1H", props=props)))
    town.add_signer(item(town, case).id, "qian", by="li", when="before")
    clock.advance(minutes=90)
    town.run_due()
    assert town.instance(case).variables["opinions"] == [{"agreed": True, "by": "qian"}], "the signer was late too"
    assert [one.assignee for one in town.work_items(instance=case)] == ["li"], "and li is not passed over with them"
    clock.advance(hours=2)
    town.run_due()
    assert town.instance(case).status == "completed"
    sound(town)


def test_a_case_that_called_another_waits_while_its_task_is_returned_outside(town: Engine) -> None:
    called = process("sc -> u -> ec", start("sc"), user("u", assignee="li"), end("ec"), key="child")
    content = diagram("s -> u1 -> c -> e", user("u1", assignee="zhao"), call("c", "child"), more=called)
    case = begin(town, content)
    town.complete(item(town, case).id, {}, by="zhao")
    child = town.children(case)[0].id
    town.return_to(item(town, child).id, "start", by="li", reason="材料不全")
    assert open_nodes(town, case) == ["u1"] and town.instance(child).status == "cancelled"
    assert "returned" in events(town, case) and "returned" in events(town, child)
    sound(town)


def test_variables_of_a_subprocess_survive_a_return_that_comes_back(town: Engine) -> None:
    inner = sub(
        "SP", "si -> t -> u -> ei", start("si"), feel("t", "=41 + 1", "inside"), user("u", assignee="li"), end("ei")
    )
    case = begin(town, diagram("s -> u1 -> SP -> e", user("u1", assignee="zhao"), inner))
    town.complete(item(town, case).id, {}, by="zhao")
    task = item(town, case, "u")
    town.return_to(task.id, "u1", by="li", then="back")
    town.complete(item(town, case, "u1").id, {}, by="zhao")
    assert town.work_item(task.id).variables["inside"] == 42 and not town.work_item(task.id).held
    sound(town)


def test_the_doctor_sees_a_task_that_is_held_for_nobody(town: Engine) -> None:
    case = begin(town, diagram("s -> u -> e", user("u", assignee="li")))
    task = item(town, case)
    with town.store.transaction():
        town.store.sql("update work_item set held = ? where id = ?", (True, task.id))
    assert [problem.code for problem in town.doctor()] == ["held"]
    town.repair(["held"], by="")
    sound(town)
