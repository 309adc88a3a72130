"""FEEL as the standard has it, where feelin 6.1 said something else: one line a mend.

The kit asks the rest (test_dmn_kit.py).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from datetime import time as clock
from zoneinfo import ZoneInfo

import pytest

from engine.errors import ExpressionFailed
from engine.expressions import feel, isolates
from engine.expressions.values import Months

NOW = datetime(2026, 11, 21, 22, 30)
ZONE = ZoneInfo("Asia/Shanghai")


def value(expression, **variables):
    """What V8 says: the closures are held to it elsewhere."""
    return feel._ask("feel.evaluate", expression, variables, NOW, ZONE)


@pytest.mark.parametrize(
    ("expression", "expected", "was"),
    [
        ("0.1 + 0.2", 0.3, "0.30000000000000004"),
        ("19.9 * 3", 59.7, "59.699999999999996"),
        ("sum([0.1, 0.2, 0.3])", 0.6, "0.6000000000000001"),
        ("0.3 / 0.1", 3, "2.9999999999999996"),
        ("round half up(1.005, 2)", 1.01, "1"),
        ("decimal(2.675, 2)", 2.68, "2.67"),
        ("median([10, 9, 2])", 9, "10: sorted as text"),
        ('min("b", "a")', "a", "null: numbers only"),
        ('max([date("2026-01-01"), date("2026-02-01")])', date(2026, 2, 1), "null"),
        ('"5" < 6', None, "true: text became a number"),
        ("if 0 then 1 else 2", 2, "1: 0 was true"),
        ("null in [1..10]", None, "false"),
        ("5 in [1..null]", None, "true: null was an open end"),
        ("0 in [1..null]", False, "false"),
        ("5 in [10..1]", False, "true: turned round"),
        ("[true, false, null][item = false]", [False], "[]: false was dropped"),
        ("[{ok: true}, {ok: false}][item.ok]", [{"ok": True}], "[]: asked once for all"),
        ("sort([3, 1, 2, 1], function(a, b) a < b)", [1, 1, 2, 3], "no order for equals"),
        ("some x in [1, null] satisfies x > 3", None, "false"),
        ("every x in [1, null] satisfies x > 0", None, "false"),
        ('for d in @"2026-02-27"..@"2026-03-01" return d.day', [27, 28, 1], "an error"),
        ("for i in 2.5..4 return i", [2.5, 3.5], "it never ended"),
        ("for x in 5 return x", [5], "null"),
        ('@"PT90M" * 2', timedelta(hours=3), "null"),
        ('-@"P1Y"', Months(-12), "null"),
        ('@"P1D" / @"PT6H"', 4, "null"),
        ('duration("PT0.4S") = duration("PT0S")', False, "true: compared by whole seconds"),
        ('duration("P1Y") = duration("P365D")', None, "true"),
        ('duration("P1Y2D")', None, "a duration of neither kind"),
        ('duration("P1Y").days', None, "0"),
        ('duration("P14M").years', 1, "0"),
        ('date("1900-01-01")', date(1900, 1, 1), "a time: feelin kept times there"),
        ('date and time("2026-01-01T00:00:00Z") instance of date', False, "true: midnight in UTC"),
        ("date(2026, 13, 1)", None, "2027-01-01"),
        ('time(11, 59, 45, duration("PT2H"))', clock(11, 59, 45, tzinfo=timezone(timedelta(hours=2))), "an error"),
        ("time(24, 0, 0)", None, "00:00"),
        ('time("10:00:00+05:00").time offset', timedelta(hours=5), "null"),
        ('date and time("2026-11-22T10:00:00@Asia/Tokyo").timezone', "Asia/Tokyo", "null"),
        ('string(duration("-P1Y2M"))', "-P1Y2M", "P-1Y-2M"),
        ("string([1..3])", "[1..3]", "<range>"),
        ("string(1/3*0.000001)", "0.0000003333333333333333", "with an exponent"),
        ('list contains([date("2026-01-01")], date("2026-01-01"))', True, "false: another object"),
        ("flatten([[1, [2]], 3])", [1, 2, 3], "a stack as deep as the list is long"),
        ("remove([1, 2, 3], -1)", [1, 2], "the wrong item"),
        ("sublist([1, 2, 3], 0)", None, "[3]"),
        ("list replace([1, 2], 3, 9)", None, "[1, 2, 9]"),
        ('matches("x", "[A-Z-[OI]]", "i")', True, "null"),
        ('matches("hello world", "hello\\\\ sworld", "x")', True, "an error"),
        ("overlaps before([1..5], [3..8])", True, "an error"),
        ("during(5, [1..10])", True, "an error"),
        ("2 in range(\"[1..3]\")", True, "no such function"),
        ("(< 10) = (null..10)", False, "true"),
        ("[1..3] instance of range<number>", True, "a syntax error"),
        ("{f: function(a: number) a, r: f(\"2\")}.r", None, "2"),
        ('years and months duration(date("2017-12-31"), date("2017-02-28"))', Months(-10), "P-10M"),
        ("is(@\"P0Y\", @\"P0D\")", False, "true"),
        ("now().zoneName", None, "all that the library keeps"),
    ],
)  # fmt: skip
def test_the_standard_is_kept_where_feelin_was_not(expression, expected, was):
    found = value(expression)
    assert found == expected, f"once: {was}"
    assert isinstance(found, bool) == isinstance(expected, bool)


def test_a_cell_of_a_boolean_column_that_names_a_variable_is_compared():
    """`flag` in a column over a boolean took the variable for a verdict: true always matched."""
    for tested, flag in ((True, True), (True, False), (False, True), (False, False)):
        assert feel.unary("flag", tested, {"flag": flag}, now=NOW, zone=ZONE) is (tested == flag)
        assert feel._ask("feel.unary", "flag", {"?": tested, "flag": flag}, NOW, ZONE) is (tested == flag)
    assert feel.unary("? = flag or flag", True, {"flag": True}, now=NOW, zone=ZONE) is True


def test_times_cross_with_their_offset_and_instants_are_kept():
    for given in (
        clock(10, 30),
        clock(10, 30, tzinfo=UTC),
        clock(1, 2, 3, 500_000, tzinfo=timezone(timedelta(hours=-3))),
    ):
        assert value("[x][1]", x=given) == given and value("[x][1]", x=given).utcoffset() == given.utcoffset()
    noon = datetime(2026, 11, 22, 12, tzinfo=timezone(timedelta(hours=9)))
    assert value('x + duration("PT1H")', x=noon) == noon + timedelta(hours=1)


@pytest.mark.parametrize(
    "hostile",
    [
        "for i in 1..1000000000 return i",
        "round up(1, -6111)",
        'range("[range(\\"[1..2]\\")..2]")',
        "decimal(0.1, 6176)",
        "flatten([for i in 1..300000 return [i]])[1] = 0",
    ],
)
def test_what_is_ours_ends_as_well(hostile, monkeypatch):
    call = isolates.call
    monkeypatch.setattr(isolates, "call", lambda name, given, *, needs: call(name, given, needs=needs, seconds=0.4))
    try:
        assert value(hostile) in (None, False, 0.1)
    except ExpressionFailed as problem:
        assert problem.details["reason"]
