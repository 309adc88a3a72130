"""A form drawn from a register and a register drawn from a form; and the form fields that came with the form editor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine import forms, registers
from engine.errors import InvalidForm
from tests.unit.test_forms import evaluate

COMMUNITY = Path(__file__).parents[2] / "workflows/community"


def errors(findings: list[Any]) -> list[str]:
    """What would refuse a deployment."""
    return [f"{f.element}: {f.message_en}" for f in findings if f.severity == "error"]


@pytest.mark.parametrize("file", sorted(COMMUNITY.glob("registers/*.json")), ids=lambda path: path.stem)
def test_every_register_of_the_pack_gives_a_form_that_could_be_deployed(file: Path) -> None:
    schema = registers.parse(file.read_bytes(), file.name)
    raw = registers.form_of(schema)
    assert not errors(forms.lint(json.dumps(raw).encode(), "made.form"))
    asked = {field.key: field for field in forms.parse(raw).fields}
    wanted = {f.key: f for f in schema.fields if f.type != "json" and not f.read_only}
    assert set(asked) == set(wanted) - ({schema.quota.taken} if schema.quota else set())
    for key, field in asked.items():
        assert field.label == wanted[key].label.zh and field.label_en == wanted[key].label.en
        assert [o.value for o in field.options] == [o.value for o in wanted[key].options if field.options]


@pytest.mark.parametrize("file", sorted(COMMUNITY.glob("forms/*.form")), ids=lambda path: path.stem)
def test_every_form_of_the_pack_gives_a_register_that_could_be_deployed(file: Path) -> None:
    form = forms.parse(file.read_bytes())
    asked = [f for f in form.walk() if f.key and f.type in forms.model.INPUTS | {"dynamiclist", "expression"}]
    if not asked:
        return
    raw = registers.register_of(form, "made")
    assert not errors(registers.lint(json.dumps(raw).encode(), "made.json"))
    top = {f.key for f in form.fields if f.type != "group"} - {""}
    assert len(raw["fields"]) >= len({f.key for f in asked} & top)


def test_keys_that_no_register_takes_are_spelt_anew_and_personal_numbers_are_masked() -> None:
    form = forms.parse(
        {
            "id": "ask",
            "properties": {"title": "登记", "title_en": "Register"},
            "components": [
                {"type": "textfield", "key": "家庭住址", "label": "家庭住址"},
                {"type": "textfield", "key": "createdAt", "label": "时间"},
                {"type": "textfield", "key": "unit", "label": "社区", "properties": {"widget": "unit"}},
                {"type": "textfield", "key": "card", "label": "身份证", "properties": {"widget": "idcard"}},
                {"type": "number", "key": "stars", "label": "评分", "properties": {"widget": "rating"}},
                {"type": "group", "components": [{"type": "checkbox", "key": "agreed", "label": "同意"}]},
                {"type": "text", "text": "说明"},
            ],
        }
    )
    made = registers.register_of(form, "people_asked")
    assert [(f["key"], f["type"]) for f in made["fields"]] == [
        ("field", "text"),
        ("created_at_2", "text"),
        ("unit", "unit"),
        ("card", "text"),
        ("stars", "number"),
        ("agreed", "boolean"),
    ]
    assert made["scope"] == "unit" and made["title"] == {"zh": "登记", "en": "Register"}
    assert made["fields"][3]["private"] is True
    assert made["fields"][4] | {"min": 1, "max": 5, "whole": True} == made["fields"][4]


def one(component: dict[str, Any], value: Any) -> Any:
    """The checked value of a form of one field."""
    form = forms.parse({"id": "f", "components": [{"key": "a", "label": "A", **component}]})
    return forms.check(form, {"a": value}, context={}, evaluate=evaluate)["a"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("440604010001", "440604010001"),
        ("44", "440000000000"),
        ("4406", "440600000000"),
        ("４４０６０４", "440604000000"),
    ],
)
def test_a_division_code_is_filled_up_to_twelve_digits(typed: str, kept: str) -> None:
    assert one({"type": "textfield", "properties": {"widget": "division"}}, typed) == kept


@pytest.mark.parametrize("typed", ["4", "440", "44060401000", "4406040100011", "佛山", "04", "44060x"])
def test_what_is_no_division_code_is_refused(typed: str) -> None:
    with pytest.raises(InvalidForm) as refused:
        one({"type": "textfield", "properties": {"widget": "division"}}, typed)
    assert "区划" in refused.value.errors["a"].text("zh")


def test_the_form_editors_own_words_for_a_pattern_and_its_prefix_are_read() -> None:
    """form-js writes them in places of its own; they were dropped without a word."""
    field = {"type": "textfield", "validate": {"pattern": "^[A-Z]+$", "patternErrorMessage": "只用大写字母"}}
    with pytest.raises(InvalidForm) as refused:
        one(field, "abc")
    assert refused.value.errors["a"].text("zh") == "只用大写字母"
    raw = {"type": "number", "key": "n", "appearance": {"prefixAdorner": "¥", "suffixAdorner": "元"}}
    (read,) = forms.parse({"id": "f", "components": [raw]}).fields
    assert (read.properties["prefix"], read.properties["suffix"]) == ("¥", "元")
