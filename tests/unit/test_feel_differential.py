"""The Python closures say what feelin says: random expressions over random values, nulls and mixed types included."""

from __future__ import annotations

import math
import random
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from engine.errors import ExpressionFailed
from engine.expressions import feel, logic, syntax
from engine.expressions.logic import Unsure

NOW = datetime(2026, 11, 21, 22, 30)
ZONE = ZoneInfo("Asia/Shanghai")
EAST = timezone(timedelta(hours=8))
LITERALS = [
    "null",
    "true",
    "false",
    "0",
    "1",
    "-2",
    "2.5",
    "0.1",
    '"a"',
    '"b"',
    '"社区"',
    '""',
    '"😀"',
    '"\uff5e"',
    "3",
]
VALUES = [None, True, False, 0, 1, -2, 2.5, 0.1, 3.0, 2**53, "a", "b", "社区", "", "5", "😀", "\uff5e"]
DATES = [date(2026, 11, 21), date(2026, 11, 22), date(9999, 12, 31)]
INSTANTS = [
    datetime(2026, 11, 22, 6, 30, tzinfo=EAST),
    datetime(2026, 11, 21, 22, 30, tzinfo=UTC),
    datetime(2026, 11, 21, 16, 0, tzinfo=UTC),
    datetime(2026, 11, 22, 0, 0, 0, 1, tzinfo=ZONE),
    datetime(2026, 11, 22, 6, 30, 0, 999_999, tzinfo=EAST),
]
OTHERS = [[], [1], [1, 2, None], ["a"], [{"k": 1}, {"k": "a"}], {}, {"k": 1}, {"k": {"k": 2}}, timedelta(days=1)]
NAMES = ["x", "y", "z", "count", "missing"]


def value(rng):
    return rng.choice(rng.choices([VALUES, DATES, INSTANTS, OTHERS], [6, 2, 2, 2])[0])


def expression(rng, depth):
    """A random expression; every form that the closures know, and one that they leave to V8."""
    if depth <= 0 or rng.random() < 0.15:
        return rng.choice([rng.choice(LITERALS), rng.choice(NAMES), rng.choice(NAMES) + ".k", "x.k.k"])
    a, b, c = (expression(rng, depth - rng.choice([1, 2])) for _ in range(3))
    return rng.choice(
        [
            f"{a} {rng.choice(['=', '!=', '<', '<=', '>', '>='])} {b}",
            f"({a}) {rng.choice(['=', '!=', '<', '<=', '>', '>='])} ({b})",
            f"({a}) {rng.choice(['and', 'or'])} ({b})",
            f"not({a})",
            f"({a}) {rng.choice('+-*/')} ({b})",
            f"-({a})",
            f"if {a} then {b} else {c}",
            f"({a}) in ({unary(rng, depth - 1)})",
            f"({a}) in [{b}, {c}]",
            f"({a}) in {interval(rng)}",
            f"({a}) between {b} and {c}",
            f"[{a}, {b}]",
            f"{{k: {a}, m: k, count: {b}}}",
            f"({a}).k",
            f"count([{a}, {b}])",
        ]
    )


def interval(rng):
    start, end = rng.choice(["1", "x", "null"]), rng.choice(["3", "y", "z"])
    return f"{rng.choice('[(]')}{start}..{end}{rng.choice('[)[')}"


def unary(rng, depth):
    def one():
        a = expression(rng, min(depth, 1))
        return rng.choice(
            [
                rng.choice(LITERALS),
                f"{rng.choice(['<', '<=', '>', '>=', '=', '!='])} {rng.choice(LITERALS)}",
                f"({a})",
                rng.choice(NAMES),
                f"[{rng.choice(['-2', '1', 'x'])}..{rng.choice(['3', 'y'])}]",
                f"if {a} then true else false",
            ]
        )

    return ", ".join(one() for _ in range(rng.choice([1, 1, 2, 3])))


def same(left, right):
    """Equal in value and in kind; 3 and 3.0 are one number, and V8 calculates in milliseconds."""
    if isinstance(left, bool) or isinstance(right, bool) or left is None or right is None:
        return left is right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left == right or math.isclose(left, right, rel_tol=1e-15)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, datetime) and isinstance(right, datetime):
        return abs(left - right) < timedelta(milliseconds=1)
    return type(left) is type(right) and left == right


def outcome(compute):
    try:
        return compute()
    except ExpressionFailed:
        return ExpressionFailed


@pytest.mark.parametrize("seed", range(8))
def test_closures_and_feelin_agree_on_random_expressions(seed):
    rng = random.Random(seed)
    compared = 0
    for _ in range(220):
        text = expression(rng, 3)
        variables = {name: value(rng) for name in NAMES[: rng.choice([3, 3, 4])]}
        compared += agree(text, variables, unary=False)
    assert compared > 40, "the closures answered too rarely to prove anything"


@pytest.mark.parametrize("seed", range(4))
def test_closures_and_feelin_agree_on_random_cells(seed):
    rng = random.Random(1000 + seed)
    compared = 0
    for _ in range(150):
        cell = unary(rng, 2)
        text = rng.choice([cell, cell, f"not({cell})", "-"])
        variables = {"?": value(rng)} | {name: value(rng) for name in NAMES[:3]}
        compared += agree(text, variables, unary=True)
    assert compared > 30


def agree(text, variables, *, unary):
    """1 when the closures answered, and their answer is V8's; 0 when they left it to V8."""
    prepared = outcome(lambda: feel._prepared(text, unary))
    if prepared is ExpressionFailed or prepared.closure is None:
        return 0
    try:
        mine = prepared.closure(variables)
    except Unsure:
        return 0
    function = "feel.unary" if unary else "feel.evaluate"
    theirs = outcome(lambda: feel._ask(function, text, variables, NOW, ZONE))
    assert same(mine, theirs), f"{text!r} over {variables}: closures {mine!r}, feelin {theirs!r}"
    return 1


def test_numbers_are_calculated_to_the_same_digit():
    """Decimals are done with whole numbers on both sides (logic.py, calculate.js): not even the last bit may differ."""
    rng = random.Random(7)
    digits = [lambda: round(rng.uniform(-1000, 1000), rng.randrange(5)), lambda: rng.randrange(-50, 50)]
    digits += [lambda: rng.uniform(-1, 1), lambda: rng.choice([1e-5, 3e-7, 0.1, 2**52 + 0.5, 2**53 - 1, 123456.789])]
    for _ in range(150):
        a, b, sign = rng.choice(digits)(), rng.choice(digits)(), rng.choice("+-*/")
        try:
            mine = logic.calculated(sign, a, b)
        except Unsure:
            continue
        assert mine == feel._ask("feel.evaluate", f"a {sign} b", {"a": a, "b": b}, NOW, ZONE), (a, sign, b)
    assert logic.calculated("+", 0.1, 0.2) == 0.3
    assert logic.calculated("*", 19.9, 3) == 59.7


def test_a_tree_made_without_variables_is_not_used_when_names_have_several_words():
    assert not syntax.single_words({"first name": 1})
    assert feel.evaluate("a-b", {"a": 5, "b": 3, "a-b": 1}, now=NOW, zone=ZONE) == 1
    assert feel.evaluate("x.a-b", {"x": {"a": 5, "a-b": 1}, "b": 3}, now=NOW, zone=ZONE) == 1
