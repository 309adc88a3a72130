"""The diagram editor's condition helper (admin/frontend/src/condition.js): it writes FEEL that means what was chosen.

It reads back what it wrote. The module is pure, so it runs in V8 here; FEEL runs in the engine's own.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_mini_racer import MiniRacer

from engine.expressions import feel

SOURCE = Path(__file__).parents[2] / "admin/frontend/src/condition.js"
NOW = datetime(2026, 11, 23, 1)
Model = dict[str, Any]


@pytest.fixture(scope="module")
def script() -> MiniRacer:
    """The module, its exports as globals."""
    racer = MiniRacer()
    racer.eval(SOURCE.read_text("utf-8").replace("export ", ""))
    return racer


def write(script: MiniRacer, model: Model) -> str:
    return str(script.eval(f"write({json.dumps(model)})"))


def read(script: MiniRacer, text: str) -> Model | None:
    found = script.eval(f"JSON.stringify(read({json.dumps(text)}))")
    model: Model | None = json.loads(str(found))
    return model


def holds(text: str, **variables: Any) -> bool:
    return feel.test(text, variables, now=NOW, zone=ZoneInfo("Asia/Shanghai"))


def row(field: str, op: str, value: Any = None) -> Model:
    return {"field": field, "op": op} | ({} if value is None else {"value": value})


MEANINGS = [  # (row, FEEL, a value for which it holds, one for which it does not)
    (row("a", "eq", "居民"), 'a = "居民"', "居民", "党员"),
    (row("a", "eq", 'say "hi"\\\n'), 'a = "say \\"hi\\"\\\\\\n"', 'say "hi"\\\n', "x"),
    (row("a", "ne", 0), "a != 0", 1, 0),
    (row("a", "gt", 100), "a > 100", 101, 100),
    (row("a", "ge", -1.5), "a >= -1.5", -1.5, -2),
    (row("a", "lt", 3), "a < 3", 2, 3),
    (row("a", "le", 3), "a <= 3", 3, 4),
    (row("a", "between", [1, 5]), "a in [1..5]", 5, 6),
    (row("a", "one_of", ["甲", "乙"]), 'list contains(["甲", "乙"], a)', "乙", "丙"),
    (row("a", "contains", "灯"), 'contains(a, "灯")', "路灯坏了", "井盖"),
    (row("a", "starts", "路"), 'starts with(a, "路")', "路灯", "道路"),
    (row("a", "is_true"), "a = true", True, False),
    (row("a", "is_false"), "a = false", False, True),
    (row("a", "empty"), '(a = null or a = "")', "", "x"),
    (row("a", "filled"), '(a != null and a != "")', "x", None),
    (row("a", "absent"), "a = null", None, 0),
    (row("a", "present"), "a != null", 0, None),
    (row("a", "has", "law"), 'list contains(a, "law")', ["gas", "law"], ["gas"]),
    (row("a", "lacks", "law"), 'not(list contains(a, "law"))', ["gas"], ["law"]),
    (row("a", "empty_list"), "(a = null or count(a) = 0)", [], ["x"]),
    (row("a", "filled_list"), "(a != null and count(a) > 0)", ["x"], []),
]


@pytest.mark.parametrize(("model", "text", "yes", "no"), MEANINGS)
def test_each_comparison_means_what_it_says(model: Model, text: str, yes: Any, no: Any, script: MiniRacer) -> None:
    whole = {"join": "and", "rows": [model]}
    assert write(script, whole) == text and feel.check(text) is None
    assert holds(text, a=yes) and not holds(text, a=no)
    assert read(script, f"= {text}") == whole


def test_a_date_is_compared_as_a_date(script: MiniRacer) -> None:
    text = write(script, {"join": "and", "rows": [row("due", "ge", {"date": "2026-11-22"})]})
    day = feel.evaluate('date("2026-11-23")', {}, now=NOW, zone=ZoneInfo("Asia/Shanghai"))
    assert holds(text, due=day) and read(script, text) == {
        "join": "and",
        "rows": [row("due", "ge", {"date": "2026-11-22"})],
    }


def test_rows_are_joined_by_one_word(script: MiniRacer) -> None:
    rows = [row("who.age", "ge", 60), row("urgent", "is_true")]
    for join, young in (("and", False), ("or", True)):
        text = write(script, {"join": join, "rows": rows})
        assert holds(text, who={"age": 30}, urgent=True) is young
        assert read(script, text) == {"join": join, "rows": rows}


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("agreed", row("agreed", "is_true")),
        ("not(agreed)", row("agreed", "is_false")),
        ("agreed != true", row("agreed", "is_false")),
        ('name!=""', row("name", "ne", "")),
        ("amount>=100", row("amount", "ge", 100)),
        ("amount in [1..2.5]", row("amount", "between", [1, 2.5])),
    ],
)
def test_what_people_write_by_hand_is_read_too(text: str, model: Model, script: MiniRacer) -> None:
    assert read(script, text) == {"join": "and", "rows": [model]}


@pytest.mark.parametrize(
    "text",
    [
        'a = "x" and b = 1 or c = 2',
        "count(rows) > 3",
        "a = b",
        "if a then b else c",
        "some x in a satisfies x = 1",
        "a + 1 > 2",
        "a = ",
        "a > 1 and",
        "(a = 1)",
        'a = "unclosed',
        "a ? b",
        "a[1] = 2",
        "not(a = 1)",
        "(a = null or b = 0)",
        "date(a) = 1",
        "null = a",
        "true",
    ],
)
def test_what_rows_cannot_say_is_left_alone(text: str, script: MiniRacer) -> None:
    """A helper that reads half of a condition would write the other half away."""
    assert read(script, text) is None


def test_no_condition_is_no_rows(script: MiniRacer) -> None:
    assert read(script, " = ") == {"join": "and", "rows": []} and write(script, {"join": "or", "rows": []}) == ""


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from('\n\t"\\'), max_size=12)
NUMBERS = st.integers(-(10**9), 10**9) | st.decimals(-1000, 1000, places=2, allow_nan=False).map(float)
ROWS = st.builds(
    row,
    st.sampled_from(["amount", "who.name", "单位", "_x1"]),
    st.sampled_from(["eq", "ne", "contains", "starts", "has", "lacks"]),
    TEXTS,
) | st.builds(row, st.just("amount"), st.sampled_from(["eq", "gt", "le"]), NUMBERS)


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(ROWS, min_size=1, max_size=5), join=st.sampled_from(["and", "or"]))
def test_whatever_is_written_is_read_back(rows: list[Model], join: str, script: MiniRacer) -> None:
    model = {"join": join if len(rows) > 1 else "and", "rows": rows}
    text = write(script, model)
    assert read(script, text) == model
    assert feel.check(text) is None
