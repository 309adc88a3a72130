"""FEEL as the engine gives it: typed values, a given now and zone, errors instead of silent nulls, bounds."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime, timedelta, timezone
from datetime import time as clock
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.errors import ExpressionFailed, UnknownVariable
from engine.expressions import feel, isolates, syntax
from engine.expressions.values import Months

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 22, 30)  # 06:30 on the 22nd in Shanghai
EAST = timezone(timedelta(hours=8))


def value(expression, **variables):
    return feel.evaluate(expression, variables, now=NOW, zone=SHANGHAI)


def holds(expression, **variables):
    return feel.test(expression, variables, now=NOW, zone=SHANGHAI)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("7 / 2", 3.5),
        ("6 / 2", 3),
        ("1 / 0", None),
        ('"a" + "b"', "ab"),
        ("if 1 > 2 then 1 else null", None),
        ("[1, 2, 3][item > 1]", [2, 3]),
        ("sum([1, 2, 3])", 6),
        ("{a: 1, b: a + 1}", {"a": 1, "b": 2}),
        ('date("2026-11-21")', date(2026, 11, 21)),
        ('time("10:30:00")', clock(10, 30)),
        ('duration("PT15M")', timedelta(minutes=15)),
        ('duration("-PT1.5S")', timedelta(seconds=-1.5)),
        ('duration("P1Y2M")', Months(14)),
        ('{"$date": 1}', {"$date": 1}),
        ("for i in 1..3 return i * i", [1, 4, 9]),
        ("some x in [1, 2] satisfies x > 1", True),
        ("5 instance of number", True),
        ('duration("P200D") = duration("P201D")', False),
        ("2 ** 3", 8),
    ],
)
def test_expressions_have_the_value_the_standard_says(expression, expected):
    found = value(expression)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    "given",
    [
        date(2026, 11, 21),
        clock(10, 30, 15),
        datetime(2026, 11, 21, 10, tzinfo=SHANGHAI),
        datetime(2026, 11, 21, 0, 0, tzinfo=UTC),
        timedelta(days=2, hours=3),
        timedelta(),
        Months(-14),
        {"$plain": 1, "a": [date(2026, 1, 1)]},
        {"$date": "not a tag"},
        2**53,
        '全角“引号” \\ " \u2028',
        None,
    ],
)
def test_values_cross_into_v8_and_back_unchanged(given):
    assert value("flatten([x])[1]" if not isinstance(given, list) else "x", x=given) == given


def test_a_decimal_is_kept_when_it_is_only_passed_on():
    assert value("{price: fen}", fen=Decimal("1.10")) == {"price": Decimal("1.10")}
    assert value("fen * 2", fen=Decimal("1.10")) == 2.2


def test_now_and_today_are_the_given_moment_in_the_given_zone():
    """In UTC it is still yesterday in Shanghai until eight in the morning."""
    assert value("now()") == NOW.replace(tzinfo=UTC)
    assert value("today()") == date(2026, 11, 22)
    assert value("date(now())") == date(2026, 11, 22)
    assert value("now().hour") == 6
    assert value('date and time("2026-11-22T06:30:00")') == NOW.replace(tzinfo=UTC)
    assert value('now() = date and time("2026-11-22T06:30:00+08:00")') is True
    assert feel.evaluate("today()", {}, now=NOW, zone=ZoneInfo("UTC")) == date(2026, 11, 21)


def test_a_date_among_instants_is_its_local_midnight():
    """In UTC, `due > today()` was wrong by eight hours in Shanghai."""
    just_after, just_before = (datetime(2026, 11, day, hour, 30, tzinfo=EAST) for day, hour in ((22, 0), (21, 23)))
    assert holds("due > today()", due=just_after)
    assert not holds("due > today()", due=just_before)
    assert value("now() - today()") == timedelta(hours=6, minutes=30)


def test_a_condition_over_a_variable_that_is_not_there_fails_unless_it_is_compared_with_null():
    with pytest.raises(UnknownVariable, match="amount"):
        holds("amount > 3")
    with pytest.raises(UnknownVariable, match="amount") as raised:
        holds("ok and (amount > 3 or false)", ok=True)
    assert "amount" in raised.value.text("zh")
    assert holds("amount = null or amount > 3")
    assert not holds("amount != null and amount > 3")
    assert not holds("amount > 3", amount=None)
    assert holds("count(rows[hours > 2]) = 1", rows=[{"hours": 3}, {"hours": 1}])
    assert holds("some r in rows satisfies r > 2", rows=[3])
    assert not holds("form.missing > 3", form={})


def test_a_function_that_does_not_exist_is_an_error_and_not_null():
    with pytest.raises(ExpressionFailed):
        value("lenght(x)", x="a")
    with pytest.raises(ExpressionFailed):
        value('string length("a", "b")')


def test_null_is_no():
    assert holds("null") is False
    assert holds('"yes"') is False


@pytest.mark.parametrize("wrong", ["1 +", "", "if x then", "(1", "[1..", '"abc', "1 2", "😀 +"])
def test_syntax_errors_are_found_with_their_place(wrong):
    assert feel.check(wrong)
    with pytest.raises(ExpressionFailed):
        value(wrong)


def test_good_syntax_has_nothing_wrong():
    assert feel.check('数量 > 3 and string length(name) > 1 and date("2026-01-01") < today()') is None
    assert feel.check("> 3, [1..2]", unary=True) is None
    assert feel.check("> 3, [1..2]") is not None


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a.b + c", {"a", "c"}),
        ("for x in rows, y in x.parts return x + y + z", {"rows", "z"}),
        ("function(p) p + q", {"q"}),
        ("{a: 1, b: a + c}", {"c"}),
        ("string length(name) > count(rows)", {"name", "rows"}),
        ("rows[hours > least].hours", {"rows", "hours", "least"}),
        ("x = null", {"x"}),
        ("x instance of number", {"x"}),
        ("f(p: q)", {"f", "q"}),
        ("today() > d", {"d"}),
        ("数量 > 3", {"数量"}),
    ],
)
def test_the_free_names_of_an_expression(expression, expected):
    assert feel.names(expression) == expected


@pytest.mark.parametrize(
    ("tests", "tested", "expected"),
    [
        ("-", 1, True),
        ("> 3", 5, True),
        ("[1..5], 9", 9, True),
        ("not(1, 2)", 3, True),
        ('"a", "b"', "c", False),
        ("> least", 5, True),
        ("true", True, True),
        ("false", None, False),
        ("null", None, True),
        ('> date("2026-01-01")', date(2026, 11, 21), True),
        ('contains(?, "漏水")', "楼上漏水", True),
        ("? > 3 and ? < 6", 5, True),
    ],
)
def test_a_cell_of_a_decision_table(tests, tested, expected):
    assert feel.unary(tests, tested, {"least": 4}, now=NOW, zone=SHANGHAI) is expected


def test_names_of_several_words_are_known_from_the_variables():
    assert feel.evaluate("first name + 1", {"first name": 1}, now=NOW, zone=SHANGHAI) == 2
    assert feel.test("联系电话-备用 = 1", {"联系电话-备用": 1}, now=NOW, zone=SHANGHAI)


@pytest.mark.parametrize(
    "hostile",
    [
        "some x in 1..100000000 satisfies x < 0",
        'for i in 1..3000000 return "aaaaaaaaaaaaaaaaaaaa" + string(i)',
        'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a+)+$")',
        "{f: function(x) f(x)}.f(1)",
        "(" * 2000 + "1" + ")" * 2000,
        "[" * 500 + "]" * 500,
        "x" * 30_000,
        "now().constructor.constructor",
    ],
)
def test_a_hostile_expression_ends_and_the_next_one_works(hostile, monkeypatch):
    monkeypatch.setattr(isolates, "call", _hurried(isolates.call))
    started = time.perf_counter()
    try:
        assert value(hostile) is None
    except ExpressionFailed as problem:
        assert problem.details["reason"]
    assert time.perf_counter() - started < 10
    assert value("string length(x)", x="ab") == 2


def _hurried(call):
    return lambda function, arguments, *, needs: call(function, arguments, needs=needs, seconds=0.4)


def test_v8_has_no_way_out():
    """The isolate is bare: no timers that outlive a call matter, no process, no file, no network."""
    for name in ("process", "require", "fetch", "XMLHttpRequest", "Deno", "console"):
        kind = isolates.call("((name) => typeof globalThis[name])", (name,), needs=(syntax.FEELIN,))
        assert kind == "undefined" or name == "console"


def test_each_thread_has_its_own_isolate_and_a_slow_one_does_not_hold_up_others():
    slow = threading.Thread(target=_never_ends)
    slow.start()
    started = time.perf_counter()
    assert value("string length(x)", x="abc") == 3
    assert time.perf_counter() - started < 1.5
    slow.join()


def _never_ends():
    with pytest.raises(ExpressionFailed):
        value("some x in 1..50000000 satisfies x < 0")


def test_a_large_case_crosses_only_as_far_as_it_is_looked_at():
    large = {f"row{n}": {"text": "x" * 100} for n in range(20_000)}
    assert value("string length(a)", a="ab", **large) == 2
