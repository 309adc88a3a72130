"""The tagged codec: what goes in comes out the same, or is refused by name."""

from __future__ import annotations

import enum
import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InvalidValue
from engine.expressions import values
from engine.expressions.values import Months

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-3, minutes=-30))])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-values.LARGEST, values.LARGEST)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
    | st.dates()
    | st.times()
    | st.datetimes(timezones=ZONES)
    | st.timedeltas(timedelta(days=-100_000), timedelta(days=100_000))
    | st.integers(-9_999_999_999, 9_999_999_999).map(Months)
)
KEYS = st.sampled_from(["$date", "$plain", "$x", "$", "社区", "a"]) | st.text("ab$", max_size=3)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=20
)


@settings(max_examples=400, deadline=None)
@given(VALUES)
def test_every_value_comes_back_the_same_with_its_type(value):
    back = values.loads(values.dumps(value))
    assert back == value
    assert repr(back) == repr(value) or _same_instants(back, value)
    values.check(value)


def _same_instants(back, value):
    """`datetime.timezone.utc` prints differently from `+00:00`; everything else must print the same."""
    return "datetime" in repr(value) and repr(back) == repr(values.loads(values.dumps(back)))


def test_the_tags_are_the_documented_ones():
    value = {
        "d": date(2026, 11, 21),
        "t": time(10, 30),
        "at": datetime(2026, 11, 21, 10, tzinfo=timezone(timedelta(hours=8))),
        "p": timedelta(minutes=-15),
        "m": Months(14),
        "fen": Decimal("1.10"),
    }
    assert values.dumps(value).decode() == (
        '{"d":{"$date":"2026-11-21"},"t":{"$time":"10:30:00"},"at":{"$datetime":"2026-11-21T10:00:00+08:00"},'
        '"p":{"$duration":"-PT15M"},"m":{"$months":"P1Y2M"},"fen":{"$decimal":"1.10"}}'
    )


class Colour(enum.StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    "bad",
    [
        2**53 + 1,
        -(2**53) - 1,
        2**70,
        float("nan"),
        float("inf"),
        Decimal("nan"),
        Decimal("-inf"),
        datetime(2026, 11, 21, 10),
        {1: 2},
        {"a": {None: 1}},
        {1, 2},
        b"x",
        object(),
        "\ud800",
        Months(2**60),
    ],
)
def test_what_cannot_be_kept_is_refused_by_both_and_the_place_is_named(bad):
    for wrong in (bad, [bad], {"row": [0, {"x": bad}]}):
        with pytest.raises(InvalidValue):
            values.dumps(wrong)
        with pytest.raises(InvalidValue):
            values.check(wrong)
    with pytest.raises(InvalidValue, match=r"row\.1\.x"):
        values.check({"row": [0, {"x": bad}]})


@pytest.mark.parametrize("quiet", [uuid.UUID(int=1), Colour.RED])
def test_types_that_orjson_writes_as_text_without_asking_are_refused_at_the_door(quiet):
    with pytest.raises(InvalidValue):
        values.check({"x": quiet})


def test_a_value_nested_too_deep_or_in_itself_is_refused_not_a_crash():
    deep: list = []
    for _ in range(10_000):
        deep = [deep]
    ring: dict = {}
    ring["me"] = ring
    for wrong in (deep, ring):
        with pytest.raises(InvalidValue):
            values.dumps(wrong)
        with pytest.raises(InvalidValue):
            values.check(wrong)


@pytest.mark.parametrize(
    "raw", ["", "{", b"\xff", '{"$date": "tomorrow"}', '{"$date": 5}', '{"$nobody": 1}', '{"$decimal": "x"}', "NaN"]
)
def test_text_that_is_not_ours_is_refused(raw):
    with pytest.raises(InvalidValue):
        values.loads(raw)


def test_plain_is_for_screens_and_has_no_tags():
    value = {
        "d": date(2026, 11, 21),
        "rows": [{"p": timedelta(hours=2), "m": Months(1), "fen": Decimal("1.10")}],
        "n": 1,
    }
    assert values.plain(value) == {"d": "2026-11-21", "rows": [{"p": "PT2H", "m": "P1M", "fen": "1.10"}], "n": 1}


def test_tuples_are_kept_as_lists():
    assert values.loads(values.dumps({"t": (1, (2,))})) == {"t": [1, [2]]}


def test_the_largest_whole_number_is_kept():
    assert values.loads(values.dumps([2**53, -(2**53)])) == [2**53, -(2**53)]
