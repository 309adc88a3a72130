"""Columns of a register that only some roles see or change: they are in no answer, no filter, no order and no file."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from engine import Engine
from engine.errors import DeploymentRefused, Forbidden
from engine.registers import Register, lint
from engine.store.models import Pack

HOMES: dict[str, Any] = {
    "name": "homes",
    "title": {"zh": "住户", "en": "Homes"},
    "fields": [
        {"key": "door", "type": "text", "label": {"zh": "门牌", "en": "Door"}, "required": True},
        {"key": "unit", "type": "unit", "label": {"zh": "社区", "en": "Community"}},
        {"key": "income", "type": "number", "label": {"zh": "收入", "en": "Income"}, "readers": ["officer"]},
        {
            "key": "grade",
            "type": "text",
            "label": {"zh": "等级", "en": "Grade"},
            "writers": ["officer"],
            "default": "B",
        },
        {"key": "note", "type": "text", "label": {"zh": "备注", "en": "Note"}},
    ],
    "key": ["door"],
    "indexes": ["income", "grade"],
}


def file_of(schema: dict[str, Any]) -> dict[str, bytes]:
    return {f"registers/{schema['name']}.json": json.dumps(schema).encode()}


@pytest.fixture
def homes(engine: Engine) -> Register:
    """An officer of the east, a clerk of the town; a home in the east, one in the west."""
    everything = ["register:homes:read", "register:homes:write"]
    roles = {"officer": {"permissions": everything}, "clerk": {"permissions": everything}}
    row = {"name": "p", "version": "1", "settings": json.dumps({"roles": roles}), "deployed_at": datetime(2026, 11, 23)}
    engine.store.run(Pack.insert(row))
    engine.deploy(file_of(HOMES), by="")
    for code, parent in (("town", ""), ("east", "town"), ("west", "town")):
        engine.people.put_unit(code, parent=parent, name=code)
    engine.people.put("ou", posts=[("officer", "east"), ("clerk", "west")])
    engine.people.put("ke", posts=[("clerk", "town")])
    engine.people.put("root", posts=[("admin", "")])
    register = engine.register("homes")
    register.insert_many(
        [{"door": "E1", "unit": "east", "income": 10}, {"door": "W1", "unit": "west", "income": 20}], by=""
    )
    return register


def test_a_hidden_column_is_in_no_answer(homes: Register) -> None:
    assert all("income" not in row for row in homes.rows(by="ke"))
    assert all("income" not in row for row in homes.each(by="ke"))
    assert "income" not in homes.must("E1", by="ke") and homes.must("E1")["income"] == 10
    assert "income" not in homes.page(by="ke").rows[0]
    assert "income" not in homes.update("E1", {"note": "x"}, by="ke")
    assert homes.must("E1")["income"] == 10  # what one does not see, one does not erase
    assert homes.must("E1", by="root")["income"] == 10


def test_it_is_shown_where_the_role_is_held_and_only_there(homes: Register) -> None:
    assert {row["door"]: row.get("income") for row in homes.rows(by="ou")} == {"E1": 10, "W1": None}
    assert homes.sight("ou").hidden() == frozenset() and homes.sight("ou").hidden("west") == {"income"}


def test_no_filter_group_or_order_tells_it(homes: Register) -> None:
    with pytest.raises(Forbidden):
        homes.refuse_private("ke", ["income"])
    with pytest.raises(Forbidden):
        homes.groups("income", by="ke")
    assert homes.groups("grade", by="ke") == {"B": 2}


def test_who_may_not_change_a_column_changes_the_rest(homes: Register) -> None:
    assert homes.update("E1", {"note": "seen", "grade": "B"}, by="ke")["note"] == "seen"  # the same is no change
    for change in ({"grade": "A"}, {"income": 1}):
        with pytest.raises(Forbidden):
            homes.update("E1", change, by="ke")
    assert homes.update("E1", {"grade": "A", "income": 1}, by="ou")["grade"] == "A"
    with pytest.raises(Forbidden):
        homes.update("W1", {"grade": "A"}, by="ou")


def test_a_new_row_carries_a_locked_column_only_as_its_default(homes: Register) -> None:
    assert homes.insert({"door": "E2", "unit": "east"}, by="ke")["grade"] == "B"
    for change in ({"grade": "A"}, {"income": 3}):
        with pytest.raises(Forbidden):
            homes.insert({"door": "E3", "unit": "east", **change}, by="ke")
    with pytest.raises(Forbidden):
        homes.upsert({"door": "E1", "unit": "east", "grade": "C"}, by="ke")
    assert homes.insert({"door": "E3", "unit": "east", "grade": "A"}, by="ou")["grade"] == "A"


def test_moving_a_row_to_another_unit_opens_no_column(homes: Register) -> None:
    """Officer in the east, clerk in the west: a row of the west taken east with a new grade was changed in the west."""
    with pytest.raises(Forbidden):
        homes.update("W1", {"unit": "east", "grade": "A"}, by="ou")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"search": ["secret"]}, "not-searchable"),
        ({"row_title": "secret"}, "hidden-title"),
        ({"fields": [{"key": "a", "type": "text", "label": {"zh": "甲", "en": "A"}, "readers": "clerk"}]}, "bad-roles"),
        (
            {"fields": [{"key": "unit", "type": "unit", "label": {"zh": "甲", "en": "A"}, "readers": ["c"]}]},
            "hidden-unit",
        ),
    ],
)
def test_a_column_that_would_show_elsewhere_cannot_be_hidden(change: dict[str, Any], code: str) -> None:
    secret = {"key": "secret", "type": "text", "label": {"zh": "密", "en": "Secret"}, "readers": ["officer"]}
    schema = {**HOMES, "fields": [*HOMES["fields"], secret], **change}
    assert code in [finding.code for finding in lint(json.dumps(schema).encode(), "registers/homes.json")]


def test_a_role_that_nobody_defines_is_refused(engine: Engine, homes: Register) -> None:
    fields = [field | {"readers": ["ofice"]} if field["key"] == "note" else field for field in HOMES["fields"]]
    with pytest.raises(DeploymentRefused) as refusal:
        engine.deploy(file_of(HOMES | {"fields": fields}), by="")
    assert [(one.code, one.element) for one in refusal.value.findings if one.severity == "error"] == [
        ("unknown-role", "note")
    ]
