"""Reads: filters, order, slices, what somebody may see, and no query a row."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.errors import Forbidden, NotFound
from tests.diagrams import diagram, user
from tests.engine.helpers import deploy, item

WORK = diagram(
    "s -> u1 -> u2 -> e",
    user("u1", groups="clerk", due="=due", priority="=weight"),
    name="诉求",
    properties={"title": "title"},
)


@pytest.fixture
def town(engine: Engine) -> Engine:
    """Two communities under a street, a clerk in each, a chief above, an outsider."""
    deploy(engine, WORK)
    engine.people.put_unit("t", name="街道")
    for code in ("t1", "t2"):
        engine.people.put_unit(code, name="社区", parent="t")
        engine.people.put(f"clerk-{code}", name="办事员", posts=[("clerk", code)])
    engine.people.put("chief", name="主任", posts=[("operate", "t")])
    engine.people.put("out", name="外人", posts=[("clerk", "elsewhere")])
    return engine


def begin(engine: Engine, title: str, unit: str = "t1", hours: int = 1, weight: int = 50) -> int:
    due = (engine.clock.now() + timedelta(hours=hours)).isoformat() + "Z"
    variables = {"title": title, "unit": unit, "due": due, "weight": weight}
    return engine.start("p", variables, by="", business_key=f"K-{title}").id


def titles(engine: Engine, **wanted: object) -> list[str]:
    return [one.title for one in engine.work_items(**wanted)]


def test_the_desk_lists_what_one_has_and_what_one_may_take(town: Engine) -> None:
    begin(town, "灯", "t1"), begin(town, "路", "t1"), begin(town, "水", "t2")
    assert sorted(titles(town, candidate="clerk-t1")) == ["灯", "路"]
    town.claim(next(i.id for i in town.work_items(candidate="clerk-t1") if i.title == "灯"), by="clerk-t1")
    assert titles(town, candidate="clerk-t1") == ["路"] and titles(town, assignee="clerk-t1") == ["灯"]
    assert (town.count_items(candidate="clerk-t1"), town.count_items(assignee="clerk-t1")) == (1, 1)
    assert town.count_items() == 3


def test_order_slices_and_filters(town: Engine, clock: ManualClock) -> None:
    begin(town, "晚", hours=5, weight=90), begin(town, "早", hours=1, weight=10), begin(town, "中", "t2", 3)
    assert titles(town) == titles(town, order="due_at") == ["早", "中", "晚"]
    assert titles(town, order="-due_at") == ["晚", "中", "早"]
    assert titles(town, order="-priority") == ["晚", "中", "早"] == titles(town, order="priority")[::-1]
    assert titles(town, order="-created_at") == ["中", "早", "晚"] == titles(town, order="created_at")[::-1]
    assert titles(town, limit=1, offset=1) == ["中"]
    assert titles(town, unit="t") == ["早", "中", "晚"] and titles(town, unit="t2") == ["中"]
    assert titles(town, text="早") == ["早"] and titles(town, process="q") == []
    clock.advance(hours=2)
    assert titles(town, overdue=True) == ["早"] and town.count_items(overdue=True) == 1


def test_one_sees_ones_own_and_the_units_one_operates(town: Engine) -> None:
    east, west = begin(town, "东", "t1"), begin(town, "西", "t2")
    seen = {who: sorted(titles(town, by=who)) for who in ("clerk-t1", "clerk-t2", "chief", "out")}
    assert seen == {"clerk-t1": ["东"], "clerk-t2": ["西"], "chief": ["东", "西"], "out": []}
    cases = {who: {c.id for c in town.instances(by=who).rows} for who in seen}
    assert cases == {"clerk-t1": {east}, "clerk-t2": {west}, "chief": {east, west}, "out": set()}
    with pytest.raises(NotFound):
        town.work_item(item(town, east).id, by="out")
    task = item(town, east)
    town.complete(task.id, {}, by="clerk-t1")
    assert titles(town, by="clerk-t1", ended_by="clerk-t1", status=None) == ["东"]
    assert town.instance(east, by="clerk-t1").id == east
    assert town.copy_to(item(town, east).id, ["out"], by="chief") == 1
    assert titles(town, by="out") == ["东"] and town.instance(east, by="out").id == east


def test_who_oversees_a_unit_sees_its_cases_and_urges_but_changes_nothing(town: Engine) -> None:
    """A secretary told of a late question, and the subdistrict on its board, opened the case and read 404: only those
    who had a task of it, or could operate the engine, were let in."""
    town.people.put("secretary", name="书记", posts=[("oversee", "t1")])
    east, west = begin(town, "东", "t1"), begin(town, "西", "t2")
    assert titles(town, by="secretary") == ["东"]
    assert town.instance(east, by="secretary").id == east
    with pytest.raises(NotFound):
        town.instance(west, by="secretary")
    task = item(town, east)
    assert town.urge(task.id, by="secretary") == 1
    with pytest.raises(Forbidden):
        town.complete(task.id, {}, by="secretary")
    with pytest.raises(Forbidden):
        town.cancel(east, by="secretary")
    assert town.incidents(by="secretary") == []


def test_cases_are_found_by_key_title_unit_and_status(town: Engine) -> None:
    first, second = begin(town, "路灯不亮"), begin(town, "井盖", "t2")
    town.cancel(second, by="chief")
    assert [c.id for c in town.instances(text="路灯").rows] == [first]
    assert [c.id for c in town.instances(business_key="K-井盖").rows] == [second]
    assert [c.id for c in town.instances(unit="t1").rows] == [first]
    assert [c.id for c in town.instances(status="cancelled").rows] == [second]
    town.suspend(first, by="chief")
    assert [c.id for c in town.instances(status="suspended").rows] == [first]
    page = town.instances(limit=1, offset=1)
    assert (len(page.rows), page.total, page.offset) == (1, 2, 1)


def test_a_task_shows_what_it_sees(town: Engine) -> None:
    case = begin(town, "灯")
    task = town.work_item(item(town, case).id)
    assert task.variables["title"] == "灯" and task.process_name == "诉求" and task.groups == ("clerk",)
    assert task.candidates == ("clerk-t1",)
    town.complete(task.id, {"answer": 42}, by="clerk-t1")
    assert town.work_item(task.id).variables["answer"] == 42


def test_lists_cost_the_same_number_of_queries_however_long(town: Engine) -> None:
    counts = []
    for size in (2, 12):
        for number in range(size):
            begin(town, f"件{size}-{number}")
        ran: list[str] = []
        hook = lambda event, ran=ran: ran.append(event.sql)
        town.store.db.query_hooks.append(hook)
        town.work_items(by="chief")
        town.instances(by="chief")
        town.incidents(by="chief")
        town.store.db.query_hooks.remove(hook)
        counts.append(len(ran))
    assert counts[0] == counts[1] <= 20


def test_the_desk_finds_its_index(town: Engine) -> None:
    """A million finished items must not be read to list the open ones of one person."""
    plans = {
        "select id from work_item where assignee = 'li' and status = 'open'": "work_item",
        "select work_item from candidate where login = 'li'": "candidate",
        "select id from timer where due_at <= '2026-11-23'": "timer",
        "select id from work_item where instance = 5 and status = 'open'": "work_item",
        "select id from instance where business_key = 'x'": "instance",
    }
    with town.store.transaction():
        if town.store.postgres:
            town.store.sql("set local enable_seqscan = off")
        for statement in plans:
            word = "explain " if town.store.postgres else "explain query plan "
            plan = " ".join(str(row[-1]) for row in town.store.sql(word + statement).fetchall())
            assert "index" in plan.lower(), (statement, plan)


def test_notices_drafts_and_letters(town: Engine, clock: ManualClock) -> None:
    task = item(town, begin(town, "灯"))
    town.urge(task.id, by="chief", text="请尽快")
    [notice] = town.notices("clerk-t1", unread=True)
    assert "催办" in notice.subject and notice.body == "请尽快" and notice.link == f"/task/{task.id}/"
    assert town.mark_read([notice.id], by="out") == 0 and town.mark_read([notice.id], by="clerk-t1") == 1
    assert town.notices("clerk-t1", unread=True) == [] and len(town.notices("clerk-t1")) == 1
    [letter] = town.outbox(status="to-call")
    assert letter.person == "clerk-t1"
    town.mark_called(letter.id, by="chief")
    assert town.outbox(status="to-call") == []
    with pytest.raises(NotFound):
        town.mark_called(letter.id, by="chief")
    subject = f"item:{task.id}"
    for text in ("一", "二"):
        town.save_draft(subject, "clerk-t1", {"text": text})
    assert town.draft(subject, "clerk-t1") == {"text": "二"} and town.draft(subject, "chief") is None
    town.complete(task.id, {}, by="clerk-t1")
    assert town.draft(subject, "clerk-t1") is None
    town.save_draft("start:p", "chief", {"text": "三"})
    town.drop_draft("start:p", "chief")
    assert town.draft("start:p", "chief") is None
