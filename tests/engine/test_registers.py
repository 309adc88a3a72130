"""Registers on both databases: quotas, scopes, masks, filters, partitions, and what a command's batch promises."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.clock import ManualClock
from engine.errors import AppendOnly, Conflict, DuplicateKey, InvalidForm, InvalidValue, LinliError, NotFound, QuotaFull
from engine.people import People
from engine.registers import Batch, Register, Registers, lint
from engine.registers.filters import matches
from engine.store import Store
from engine.store.models import Definition, Pack
from engine.store.writer import Moved

PROJECTS: dict[str, Any] = {
    "name": "projects",
    "title": {"zh": "项目", "en": "Projects"},
    "fields": [
        {"key": "code", "type": "text", "label": {"zh": "编号", "en": "Code"}, "required": True},
        {"key": "title", "type": "text", "label": {"zh": "名称", "en": "Title"}},
        {"key": "unit", "type": "unit", "label": {"zh": "社区", "en": "Community"}},
        {"key": "places", "type": "number", "label": {"zh": "名额", "en": "Places"}, "whole": True, "min": 0},
        {"key": "taken", "type": "number", "label": {"zh": "已占", "en": "Taken"}, "whole": True, "default": 0},
        {"key": "skills", "type": "list", "label": {"zh": "技能", "en": "Skills"}},
        {"key": "starts_at", "type": "datetime", "label": {"zh": "开始", "en": "Starts"}},
        {"key": "day", "type": "date", "label": {"zh": "日期", "en": "Day"}},
        {"key": "open", "type": "boolean", "label": {"zh": "开放", "en": "Open"}},
        {"key": "phone", "type": "text", "label": {"zh": "电话", "en": "Phone"}, "private": True},
        {"key": "lead", "type": "person", "label": {"zh": "牵头人", "en": "Lead"}},
        {
            "key": "status",
            "type": "choice",
            "label": {"zh": "状态", "en": "Status"},
            "options": [
                {"value": "draft", "label": {"zh": "草稿", "en": "Draft"}},
                {"value": "open", "label": {"zh": "开放", "en": "Open"}},
            ],
        },
    ],
    "key": ["code"],
    "indexes": ["status", "unit", "skills", "starts_at", "day", "open"],
    "search": ["code", "title"],
    "part": "unit",
    "own": ["lead"],
    "quota": {"taken": "taken", "limit": "places"},
}
LEDGER: dict[str, Any] = {
    "name": "ledger",
    "title": {"zh": "流水", "en": "Ledger"},
    "fields": [
        {"key": "person", "type": "text", "label": {"zh": "人", "en": "Person"}, "required": True},
        {"key": "points", "type": "number", "label": {"zh": "积分", "en": "Points"}, "required": True},
    ],
    "indexes": ["person", "points"],
    "part": "person",
    "append_only": True,
    "scope": "all",
}


def put_schema(store: Store, raw: dict[str, Any], version: int = 1) -> None:
    """What a deployment does for a register."""
    old = (Definition.kind == "register") & (Definition.key == raw["name"])
    store.run(Definition.update(latest=False).where(old))
    row = {
        "id": store.new_id(),
        "deployment": 1,
        "kind": "register",
        "key": raw["name"],
        "version": version,
        "file": f"{raw['name']}.json",
        "digest": "",
        "content": json.dumps(raw, ensure_ascii=False).encode(),
        "deployed_by": "admin",
        "deployed_at": datetime(2026, 11, 23),
    }
    store.run(Definition.insert(row))


@pytest.fixture
def people(store: Store, clock: ManualClock) -> People:
    return People(store, clock)


@pytest.fixture
def registers(store: Store, clock: ManualClock, people: People) -> Registers:
    put_schema(store, PROJECTS)
    put_schema(store, LEDGER)
    return Registers(store, clock, people)


@pytest.fixture
def projects(registers: Registers) -> Register:
    return registers.register("projects")


def towns(store: Store, people: People) -> None:
    """Two communities under a subdistrict; 王 reads one, 街道 all, 组 sees telephone numbers in one."""
    roles = {
        "reader": {"permissions": ["register:projects:read"]},
        "keeper": {"permissions": ["register:projects:read", "register:projects:private"]},
    }
    settings = json.dumps({"roles": roles}, ensure_ascii=False)
    row = {"name": "p", "version": "1", "settings": settings, "deployed_at": datetime(2026, 11, 23)}
    store.run(Pack.insert(row))
    people.put_unit("town", name="街道")
    people.put_unit("east", name="东社区", parent="town")
    people.put_unit("west", name="西社区", parent="town")
    people.put("wang", posts=[("reader", "east")])
    people.put("jie", posts=[("reader", "town")])
    people.put("zu", posts=[("keeper", "east")])
    people.put("nobody")


def together(count: int, act: Callable[[], Any]) -> Counter[str]:
    """Run an act in many threads at once; how often each outcome came."""
    seen: list[str] = []
    ready = threading.Barrier(count)

    def one() -> None:
        ready.wait()
        try:
            act()
            outcome = "done"
        except LinliError as refusal:
            outcome = refusal.code
        seen.append(outcome)

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(seen)


# ---- quotas


def test_500_reservations_of_10_places_give_10(registers: Registers, projects: Register) -> None:
    """Row revisions sold 11 of 10 places in a prototype; the count moves by one conditional update alone."""
    projects.insert({"code": "P1", "unit": "east", "places": 10})

    def ten() -> Counter[str]:
        return together(50, lambda: registers.register("projects").reserve("P1"))

    seen = sum((ten() for _ in range(10)), Counter())
    assert seen == {"done": 10, "QuotaFull": 490}
    assert projects.must("P1")["taken"] == 10


def test_reservations_that_meet_at_once_all_find_their_place(projects: Register) -> None:
    projects.insert({"code": "P1", "unit": "east", "places": 30})
    assert together(30, lambda: projects.reserve("P1")) == {"done": 30}
    assert projects.must("P1")["taken"] == 30


def test_a_released_place_can_be_taken_again_and_none_is_given_back_twice(projects: Register) -> None:
    projects.insert({"code": "P1", "places": 1})
    projects.reserve("P1")
    with pytest.raises(QuotaFull):
        projects.reserve("P1")
    projects.release("P1")
    projects.reserve("P1")
    projects.release("P1")
    with pytest.raises(InvalidValue):
        projects.release("P1")


def test_a_row_without_a_limit_never_fills(projects: Register) -> None:
    projects.insert({"code": "P1"})
    for _ in range(5):
        projects.reserve("P1")
    assert projects.must("P1")["taken"] == 5


def test_a_limit_cannot_fall_below_what_is_taken(projects: Register) -> None:
    projects.insert({"code": "P1", "places": 3})
    projects.reserve("P1", count=2)
    with pytest.raises(InvalidForm):
        projects.update("P1", {"places": 1})
    projects.update("P1", {"places": 2})
    with pytest.raises(QuotaFull):
        projects.reserve("P1")


def test_lowering_the_limit_while_people_reserve_never_oversells(projects: Register) -> None:
    projects.insert({"code": "P1", "places": 20})
    turn = iter(range(40))

    def act() -> None:
        if next(turn) % 2:
            projects.reserve("P1")
        else:
            projects.update("P1", {"places": 5})

    together(40, act)
    row = projects.must("P1")
    assert row["taken"] <= row["places"]


def test_a_form_cannot_write_the_count(projects: Register) -> None:
    projects.insert({"code": "P1", "places": 3})
    with pytest.raises(InvalidValue):
        projects.update("P1", {"taken": 2})


# ---- rows


def test_a_row_comes_back_typed(projects: Register) -> None:
    start = datetime(2026, 11, 24, 1, tzinfo=UTC)
    given = {"code": "P1", "starts_at": start, "day": "2026-11-24", "open": "是", "skills": ["电工"], "places": "3"}
    projects.insert(given)
    row = projects.must("P1")
    assert (row["starts_at"], row["day"], row["open"], row["places"]) == (start, date(2026, 11, 24), True, 3)
    assert row["skills"] == ["电工"]
    assert isinstance(row["id"], str)
    assert projects.must(row["id"])["code"] == "P1"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "code"),
        ({"code": "A", "places": "many"}, "places"),
        ({"code": "A", "places": 1.5}, "places"),
        ({"code": "A", "places": -1}, "places"),
        ({"code": "A", "day": "2026-02-30"}, "day"),
        ({"code": "A", "status": "gone"}, "status"),
        ({"code": "A", "open": "maybe"}, "open"),
        ({"code": "A", "skills": "x"}, "skills"),
        ({"code": "A", "title": "\0"}, "title"),
        ({"code": "A", "starts_at": "yesterday"}, "starts_at"),
        ({"code": "A", "colour": "red"}, "colour"),
    ],
)
def test_a_wrong_value_is_refused_by_field_in_both_languages(
    projects: Register, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidForm) as refused:
        projects.insert(given)
    problem = refused.value.errors[field]
    assert list(refused.value.errors) == [field]
    assert problem.text("zh") != problem.text("en")
    assert projects.count() == 0


def test_a_key_is_there_once_however_many_insert_it(projects: Register) -> None:
    seen = together(8, lambda: projects.insert({"code": "P1"}))
    assert seen == {"done": 1, "DuplicateKey": 7}
    projects.insert({"code": "P2"})
    with pytest.raises(DuplicateKey):
        projects.update("P2", {"code": "P1"})


def test_a_stale_revision_is_refused(projects: Register) -> None:
    row = projects.insert({"code": "P1", "title": "a"})
    projects.update("P1", {"title": "b"}, revision=row["revision"])
    with pytest.raises(Conflict):
        projects.update("P1", {"title": "c"}, revision=row["revision"])
    assert projects.must("P1")["title"] == "b"


def test_append_only_refuses_update_and_delete(registers: Registers) -> None:
    ledger = registers.register("ledger")
    row = ledger.insert({"person": "li", "points": 2})
    with pytest.raises(AppendOnly):
        ledger.update(row["id"], {"points": 99})
    with pytest.raises(AppendOnly):
        ledger.delete(row["id"])
    assert ledger.total("points", {"person": "li"}) == 2


def test_insert_many_is_all_or_nothing(projects: Register) -> None:
    with pytest.raises(InvalidForm):
        projects.insert_many([{"code": "A"}, {"code": "B", "places": "x"}])
    assert projects.count() == 0
    assert projects.insert_many([{"code": "A"}, {"code": "B"}]) == 2


def test_upsert_makes_then_changes(projects: Register) -> None:
    projects.upsert({"code": "P1", "title": "a"})
    projects.upsert({"code": "P1", "title": "b"})
    assert [row["title"] for row in projects.rows()] == ["b"]


def test_delete_takes_the_index_lines_too(projects: Register) -> None:
    projects.insert({"code": "P1", "skills": ["x"]})
    projects.delete("P1")
    assert projects.rows({"skills": "x"}) == []
    assert projects.groups("skills") == {}
    with pytest.raises(NotFound):
        projects.delete("P1")


# ---- reads


@pytest.fixture
def five(projects: Register) -> Register:
    projects.insert_many(
        [
            {
                "code": "A",
                "status": "open",
                "places": 5,
                "skills": ["电工", "医护"],
                "title": "楼道 100% 清扫",
                "day": "2026-01-02",
            },
            {"code": "B", "status": "draft", "places": 7, "skills": ["电工"], "open": True},
            {"code": "C", "status": "open", "starts_at": "2026-11-24T09:00:00+08:00"},
            {"code": "D", "status": "open", "places": 1, "title": "护学岗"},
            {"code": "E", "places": 9, "open": False, "day": "2026-03-01"},
        ]
    )
    return projects


@pytest.mark.parametrize(
    ("where", "codes"),
    [
        ({"status": "open"}, "ACD"),
        ({"status": ["open", "draft"]}, "ABCD"),
        ({"status": {"!=": "open"}}, "BE"),
        ({"status": {"missing": True}}, "E"),
        ({"status": None}, "E"),
        ({"skills": "电工"}, "AB"),
        ({"skills": {"missing": False}}, "AB"),
        ({"places": {">": 1, "<=": 7}}, "AB"),
        ({"places": {">=": 9}}, "E"),
        ({"open": False}, "E"),
        ({"day": {"<": date(2026, 2, 1)}}, "A"),
        ({"starts_at": {">": datetime(2026, 11, 24, 0, tzinfo=UTC)}}, "C"),
        ({"code": {"contains": "a"}}, "A"),
        ({"title": {"contains": "100%"}}, "A"),
        ({"title": {"contains": "1_0"}}, ""),
        ({"status": "open", "skills": "医护"}, "A"),
    ],
)
def test_filters_find_the_same_in_sql_and_in_memory(five: Register, where: dict[str, Any], codes: str) -> None:
    found = {row["code"] for row in five.rows(where)}
    assert found == set(codes)
    assert found == {row["code"] for row in five.rows() if matches(five.schema, where, row)}
    assert five.count(where) == len(codes)


def test_a_filter_that_would_read_every_row_is_refused(five: Register) -> None:
    for where in ({"phone": "1"}, {"colour": "red"}, {"status": {"like": "x"}}):
        with pytest.raises(InvalidValue):
            five.rows(where)


def test_order_puts_rows_without_a_value_last(five: Register) -> None:
    assert [row["code"] for row in five.rows(order="places")][:4] == ["D", "A", "B", "E"]
    assert [row["code"] for row in five.rows(order="-places")] == ["E", "B", "A", "D", "C"]
    assert [row["code"] for row in five.rows(order="code", limit=2, offset=1)] == ["B", "C"]


def test_search_never_looks_into_private_fields(five: Register) -> None:
    five.update("A", {"phone": "13800001111"})
    assert [row["code"] for row in five.rows(text="清扫")] == ["A"]
    assert five.rows(text="13800001111") == []


def test_groups_and_totals_are_counted_by_the_database(five: Register) -> None:
    assert five.groups("status") == {"open": 3, "draft": 1}
    assert five.groups("skills", {"status": "open"}) == {"电工": 1, "医护": 1}
    assert five.total("places") == 22


# ---- who sees what


def test_rows_outside_ones_units_do_not_exist_for_a_reader(store: Store, people: People, projects: Register) -> None:
    towns(store, people)
    projects.insert({"code": "E", "unit": "east"})
    west = projects.insert({"code": "W", "unit": "west", "lead": "wang"})
    projects.insert({"code": "W2", "unit": "west"})
    assert {row["code"] for row in projects.rows(by="wang")} == {"E", "W"}  # W is led by wang
    assert {row["code"] for row in projects.rows(by="jie")} == {"E", "W", "W2"}
    assert projects.rows(by="nobody") == []
    assert projects.get("W2", by="wang") is None
    assert projects.get(west["id"], by="zu") is None
    assert projects.count(by="wang") == 2
    assert projects.groups("unit", by="zu") == {"east": 1}
    assert [row["code"] for row in projects.each(by="zu")] == ["E"]


def test_private_fields_are_masked_unless_the_role_may_see_them(
    store: Store, people: People, projects: Register
) -> None:
    towns(store, people)
    projects.insert({"code": "E", "unit": "east", "phone": "13800001111"})
    assert projects.must("E", by="wang")["phone"] == "138****11"
    assert projects.must("E", by="zu")["phone"] == "13800001111"
    projects.update("E", {"lead": "wang"})
    assert projects.must("E", by="wang")["phone"] == "13800001111"


def test_a_unit_or_person_that_does_not_exist_is_refused_once_there_are_some(
    store: Store, people: People, projects: Register
) -> None:
    projects.insert({"code": "A", "unit": "anything", "lead": "anyone"})
    towns(store, people)
    with pytest.raises(InvalidForm) as refused:
        projects.insert({"code": "B", "unit": "nowhere", "lead": "noone"})
    assert set(refused.value.errors) == {"unit", "lead"}


# ---- batches: what a command relies on


def land(store: Store, batch: Batch) -> None:
    with store.transaction():
        batch.land(store)


def test_a_batch_sees_its_own_changes_and_writes_nothing_before_it_lands(
    store: Store, clock: ManualClock, registers: Registers, five: Register
) -> None:
    batch = registers.batch(clock.now(), "li", instance=7)
    batch.call("register.insert", {"register": "projects", "row": {"code": "F", "status": "open", "places": 3}})
    batch.call("register.update", {"register": "projects", "key": "A", "values": {"status": "draft"}})
    batch.call("register.delete", {"register": "projects", "key": "D"})
    found = batch.call("register.find", {"register": "projects", "where": {"status": "open"}, "order": "code"})
    assert [row["code"] for row in found] == ["C", "F"]
    assert batch.call("register.count", {"register": "projects", "where": {"status": "open"}}) == 2
    assert batch.call("register.reserve", {"register": "projects", "key": "F"}) is True
    assert batch.call("register.get", {"register": "projects", "key": "F"})["taken"] == 1
    assert batch.call("register.get", {"register": "projects", "key": "D"}) is None
    assert five.count({"status": "open"}) == 3
    land(store, batch)
    assert {row["code"] for row in five.rows({"status": "open"})} == {"C", "F"}
    assert (five.must("F")["taken"], five.must("F")["instance"]) == (1, None)


def test_a_full_quota_is_an_answer_for_a_diagram_not_a_fault(
    clock: ManualClock, registers: Registers, projects: Register
) -> None:
    projects.insert({"code": "P1", "places": 0})
    batch = registers.batch(clock.now())
    assert batch.call("register.reserve", {"register": "projects", "key": "P1"}) is False
    assert batch.empty


def test_a_batch_that_read_a_part_does_not_land_after_somebody_wrote_there(
    store: Store, clock: ManualClock, registers: Registers, projects: Register
) -> None:
    batch = registers.batch(clock.now())
    assert batch.find("projects", {"unit": "east"}) == []
    batch.insert("projects", {"code": "MINE", "unit": "east"})
    projects.insert({"code": "THEIRS", "unit": "east"})
    with pytest.raises(Moved):
        land(store, batch)
    assert [row["code"] for row in projects.rows()] == ["THEIRS"]


def test_a_write_in_another_part_disturbs_nobody(
    store: Store, clock: ManualClock, registers: Registers, projects: Register
) -> None:
    batch = registers.batch(clock.now())
    batch.find("projects", {"unit": "east"})
    batch.insert("projects", {"code": "MINE", "unit": "east"})
    projects.insert({"code": "THEIRS", "unit": "west"})
    land(store, batch)
    assert projects.count() == 2


def test_a_batch_that_read_the_whole_register_notices_a_new_part(
    store: Store, clock: ManualClock, registers: Registers, projects: Register
) -> None:
    batch = registers.batch(clock.now())
    assert batch.count("projects", {"status": "open"}) == 0
    batch.insert("projects", {"code": "MINE", "unit": "east"})
    projects.insert({"code": "THEIRS", "unit": "west", "status": "open"})
    with pytest.raises(Moved):
        land(store, batch)


def test_a_batch_that_read_a_row_does_not_land_after_it_changed_but_does_after_a_reservation(
    store: Store, clock: ManualClock, registers: Registers, projects: Register
) -> None:
    projects.insert({"code": "P1", "unit": "east", "places": 5})

    def reading() -> Batch:
        batch = registers.batch(clock.now())
        assert batch.get("projects", "P1") is not None
        batch.insert("ledger", {"person": "li", "points": 1})
        return batch

    batch = reading()
    projects.reserve("P1")
    land(store, batch)
    batch = reading()
    projects.update("P1", {"title": "new"})
    with pytest.raises(Moved):
        land(store, batch)


def test_crossing_writers_neither_deadlock_nor_lose_a_change(registers: Registers, projects: Register) -> None:
    """Two commands that read each other's rows and write both, from both ends, at once."""
    projects.insert({"code": "A", "unit": "east", "places": 0})
    projects.insert({"code": "B", "unit": "west", "places": 0})
    turn = iter(range(1000))

    def swap() -> None:
        first, second = ("A", "B") if next(turn) % 2 else ("B", "A")

        def plan(batch: Batch) -> None:
            for code in (first, second):
                row = batch.get("projects", code) or {}
                batch.update("projects", code, {"places": row["places"] + 1})

        projects.change(plan)

    seen: Counter[str] = Counter()
    for _ in range(4):
        seen += together(6, swap)
    assert set(seen) <= {"done", "Conflict"}
    assert seen["done"] > 0
    totals = (projects.must("A")["places"], projects.must("B")["places"])
    assert totals == (seen["done"], seen["done"])


# ---- schemas


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "Bad Name"}, "bad-name"),
        ({"colour": 1}, "unknown-key"),
        ({"fields": []}, "no-fields"),
        ({"key": ["gone"]}, "unknown-field"),
        ({"indexes": ["gone"]}, "unknown-field"),
        ({"search": ["phone"]}, "not-searchable"),
        ({"quota": {"taken": "title", "limit": "places"}}, "quota-type"),
        ({"scope": "galaxy"}, "bad-scope"),
        ({"fields": [{"key": "a", "type": "colour", "label": {"zh": "甲", "en": "A"}}]}, "bad-type"),
        ({"fields": [{"key": "a", "type": "choice", "label": {"zh": "甲", "en": "A"}}]}, "no-options"),
        ({"fields": [{"key": "id", "type": "text", "label": {"zh": "甲", "en": "A"}}]}, "reserved-key"),
        ({"fields": [{"key": "a", "type": "text", "label": {"zh": "甲", "en": "A"}, "pattern": "("}]}, "bad-pattern"),
    ],
)
def test_the_lint_names_what_is_wrong(change: dict[str, Any], code: str) -> None:
    content = json.dumps(PROJECTS | change, ensure_ascii=False, indent=1).encode()
    found = lint(content, "projects.json")
    assert code in {finding.code for finding in found}
    assert all(finding.message and finding.message_en for finding in found)


def test_the_lint_gives_the_line_of_a_broken_file() -> None:
    found = lint(b'{\n "name": "x",\n oops\n}', "x.json")
    assert [(f.code, f.line) for f in found] == [("not-json", 3)]
    assert lint(json.dumps(PROJECTS, ensure_ascii=False).encode(), "p.json") == []
