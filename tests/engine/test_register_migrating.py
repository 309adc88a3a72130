"""A live register gets another schema: its rows follow in the publishing commit, or it is said which cannot and why."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from engine import Engine
from engine.errors import DeploymentRefused
from engine.registers import Batch, Register, RowReport
from engine.store.writer import Moved

Field = dict[str, Any]


def field(key: str, type: str = "text", zh: str = "", **more: Any) -> Field:
    return {"key": key, "type": type, "label": {"zh": zh or key, "en": key.title()}, **more}


BASE: list[Field] = [field("code"), field("name"), field("size"), field("kind"), field("unit", "unit")]


def schema(fields: list[Field], **settings: Any) -> dict[str, bytes]:
    title = {"zh": "物品", "en": "Things"}
    whole = {"name": "things", "title": title, "scope": "all", "key": ["code"], "fields": fields, **settings}
    return {"registers/things.json": json.dumps(whole, ensure_ascii=False).encode()}


def without(*keys: str) -> list[Field]:
    return [one for one in BASE if one["key"] not in keys]


@pytest.fixture
def things(engine: Engine) -> Register:
    engine.deploy(schema(BASE, indexes=["size"], row_title="name"), by="")
    register = engine.register("things")
    register.insert({"code": "A", "name": "Ladder", "size": "12", "kind": "工具"}, by="")
    register.insert({"code": "B", "name": "Rope", "size": "7.5", "kind": "tool"}, by="")
    register.insert({"code": "C", "name": "Tent"}, by="")
    return register


def publish(engine: Engine, files: dict[str, bytes]) -> Register:
    """Deploy; the dry run before must have said the same, and changed nothing."""
    before = engine.register("things").rows(order="code")
    (told,) = engine.row_changes(files)
    assert told.possible and engine.register("things").rows(order="code") == before
    engine.deploy(files, by="")
    return engine.register("things")


def refused(engine: Engine, files: dict[str, bytes]) -> RowReport:
    """The dry run's report of a schema that cannot be; deploying it is refused with the same words, and all stays."""
    before = engine.register("things").rows(order="code")
    (told,) = engine.row_changes(files)
    with pytest.raises(DeploymentRefused) as refusal:
        engine.deploy(files, by="")
    assert [one.message for one in refusal.value.findings] == [
        one.message for one in told.effects if one.severity != "note"
    ]
    assert engine.register("things").rows(order="code") == before
    assert len(engine.definitions("register", "things", latest=False)) == 1
    return told


def said(report: RowReport) -> list[tuple[str, str, int]]:
    return [(effect.code, effect.field, effect.count) for effect in report.effects]


def test_a_renamed_field_keeps_its_values_and_renamed_back_too(engine: Engine, things: Register) -> None:
    renamed = schema([*without("name"), field("title", was="name")], indexes=["title"], row_title="title")
    assert said(engine.row_changes(renamed)[0]) == [("renamed", "title", 3)]
    after = publish(engine, renamed)
    assert [row["title"] for row in after.rows(order="code")] == ["Ladder", "Rope", "Tent"]
    assert [row["code"] for row in after.rows({"title": "Rope"})] == ["B"]
    assert engine.row_changes(renamed)[0].effects == ()  # done once
    back = publish(engine, schema(BASE, indexes=["size"], row_title="name"))
    assert [row["name"] for row in back.rows(order="code")] == ["Ladder", "Rope", "Tent"]


def test_a_new_field_takes_its_default_in_the_rows_there_are(engine: Engine, things: Register) -> None:
    files = schema(
        [*BASE, field("state", default="ok", required=True), field("since", "date", default="2026-01-02")],
        indexes=["state"],
    )
    assert said(engine.row_changes(files)[0]) == [("filled", "since", 3), ("filled", "state", 3)]
    after = publish(engine, files)
    assert after.groups("state") == {"ok": 3}
    assert {row["since"] for row in after.rows()} == {date(2026, 1, 2)}


def test_values_turn_into_the_new_type_where_they_can(engine: Engine, things: Register) -> None:
    options = [{"value": "tool", "label": {"zh": "工具", "en": "Tool"}}]
    files = schema([*without("size", "kind"), field("size", "number"), field("kind", "choice", options=options)])
    assert said(engine.row_changes(files)[0]) == [("converted", "kind", 2), ("converted", "size", 2)]
    after = publish(engine, files)
    assert [row["size"] for row in after.rows(order="code")] == [12, pytest.approx(7.5), None]
    assert [row["kind"] for row in after.rows(order="code")] == [
        "tool",
        "tool",
        None,
    ]  # by value or by what it is called


def test_a_value_that_does_not_convert_is_named_with_its_row(engine: Engine, things: Register) -> None:
    things.update("C", {"size": "ca. 3"}, by="")
    report = refused(engine, schema([*without("size"), field("size", "number", "尺寸")]))
    wrong = report.effects[0]
    assert (wrong.code, wrong.count, wrong.rows) == ("unreadable", 1, ("Tent",))
    assert wrong.message == "“尺寸”不能由文本改为数字：1 行的值无法转换：Tent“ca. 3”。请先改正这些行。"
    assert "the values of 1 row do not convert: Tent“ca. 3”" in wrong.message_en


def test_what_not_everybody_sees_is_not_in_the_report(engine: Engine) -> None:
    """The report is a designer's, who need not be one of those who see the column."""
    engine.deploy(schema([field("code"), field("phone", private=True)], row_title="phone"), by="")
    engine.register("things").insert({"code": "A", "phone": "secret"}, by="")
    report = refused(engine, schema([field("code"), field("phone", "number", private=True)], row_title="phone"))
    assert "secret" not in str(report)


@pytest.mark.parametrize(
    ("fields", "settings", "expected"),
    [
        ([*without("size"), field("size", required=True)], {}, [("required", "size", 1)]),
        ([*BASE, field("state", required=True)], {}, [("required", "state", 3)]),
        (BASE, {"key": ["kind"]}, [("no-key", "kind", 1)]),
        ([*BASE, field("lot", default="1")], {"key": ["lot"]}, [("same-key", "lot", 2), ("filled", "lot", 3)]),
        (
            [*BASE, field("taken", "number", default=3), field("places", "number", default=2)],
            {"quota": {"taken": "taken", "limit": "places"}},
            [("too-many", "taken", 3), ("filled", "places", 3), ("filled", "taken", 3)],
        ),
    ],
)
def test_what_cannot_be_is_refused_with_how_many_rows(
    engine: Engine, things: Register, fields: list[Field], settings: Any, expected: Any
) -> None:
    assert said(refused(engine, schema(fields, **settings))) == expected


def test_a_new_key_is_the_rows_key_and_unique(engine: Engine, things: Register) -> None:
    after = publish(engine, schema(BASE, key=["name"]))
    assert after.must("Rope")["code"] == "B" and after.get("B") is None
    assert after.upsert({"name": "Rope", "size": "9"}, by="")["code"] == "B"


def test_two_rows_may_exchange_their_keys(engine: Engine, things: Register) -> None:
    """Key A becomes B and B becomes A: while it happens, neither may meet the other."""
    things.update("A", {"size": "B"}, by="")
    things.update("B", {"size": "A"}, by="")
    things.update("C", {"size": "C"}, by="")
    after = publish(engine, schema(BASE, key=["size"]))
    assert (after.must("A")["name"], after.must("B")["name"]) == ("Rope", "Ladder")


def test_looser_and_stricter_rules_and_what_is_taken_away_are_told(engine: Engine, things: Register) -> None:
    files = schema([*without("kind", "size"), field("size", pattern="^[0-9]+$")])
    assert said(engine.row_changes(files)[0]) == [("removed", "kind", 2), ("stricter", "size", 1)]
    after = publish(engine, files)
    assert after.must("B")["size"] == "7.5" and "kind" not in after.must("B")
    back = publish(engine, schema(BASE))  # nobody changed the rows meanwhile: nothing is lost
    assert back.must("B")["kind"] == "tool"


def test_a_label_touches_no_row(engine: Engine, things: Register) -> None:
    revisions = [row["revision"] for row in things.rows()]
    files = schema([*without("name"), field("name", zh="名字")], indexes=["size"], row_title="name")
    assert engine.row_changes(files)[0].changed == 0
    assert [row["revision"] for row in publish(engine, files).rows()] == revisions


def test_places_taken_survive_a_new_name_of_the_count(engine: Engine) -> None:
    """The count of a quota lives in its index line alone: renamed, it was 0 again."""

    def places(count: str, **more: Any) -> dict[str, bytes]:
        fields = [field("code"), field("places", "number"), field(count, "number", default=0, **more)]
        return schema(fields, quota={"taken": count, "limit": "places"})

    engine.deploy(places("taken"), by="")
    engine.register("things").insert({"code": "A", "places": 3}, by="")
    engine.register("things").reserve("A", by="", count=2)
    after = publish(engine, places("booked", was="taken"))
    assert after.must("A")["booked"] == 2
    assert after.reserve("A", by="")["booked"] == 3


def test_an_index_is_there_at_once(engine: Engine, things: Register) -> None:
    after = publish(engine, schema(BASE, indexes=["kind"]))
    assert [row["code"] for row in after.rows({"kind": "tool"})] == ["B"]


def test_a_row_planned_for_the_old_schema_does_not_land_behind_the_new_one(engine: Engine, things: Register) -> None:
    """A case that was computing while a designer published would leave a row of the old shape behind; it plans again
    with the new one."""
    plans = [engine._registers.batch(engine.clock.now()) for _ in range(2)]
    plans[0].insert("things", {"code": "D", "name": "Saw"})
    plans[1].update("things", "A", {"name": "Long ladder"})
    publish(engine, schema([*without("name"), field("title", was="name")]))

    def land(batch: Batch) -> None:
        with engine.store.transaction():
            batch.land(engine.store)

    for batch in plans:
        with pytest.raises(Moved):
            land(batch)
    assert [row["title"] for row in engine.register("things").rows(order="code")] == ["Ladder", "Rope", "Tent"]


def test_many_rows_follow_in_chunks(engine: Engine, things: Register) -> None:
    things.insert_many(({"code": f"n{n}", "name": f"N{n}", "size": str(n)} for n in range(1100)), by="")
    after = publish(engine, schema([*without("size"), field("size", "number")], indexes=["size"]))
    assert after.count({"size": {">=": 1000}}) == 100 and after.total("size") == sum(range(1100)) + 19.5
