"""What the lint says of a table's rules: only what is so. A brute-force reading of small tables is the oracle."""

from __future__ import annotations

import itertools
import random
import time
from zoneinfo import ZoneInfo

import pytest

from engine import dmn
from engine.dmn.cells import Atoms, cell
from engine.errors import DecisionFailed
from tests.unit.test_dmn import HEAD, NOW, decision, table, text

ZONE = ZoneInfo("Asia/Shanghai")
CELLS = [
    "-",
    "1",
    "< 3",
    "<= 3",
    "> 2",
    ">= 2",
    "[1..3]",
    "(1..3)",
    "]1..3]",
    "not(2)",
    "1, 4",
    "[5..4]",
    "not(< 2, > 3)",
]
TRIED = [number / 2 for number in range(-2, 14)]


def findings(*elements):
    content = (HEAD + "".join(elements) + "</definitions>").encode()
    return [each for each in dmn.lint(content, "a.dmn") if each.code.startswith("dmn-")]


def codes(*elements):
    return [(each.code, each.element) for each in findings(*elements)]


def typed(kind, name="x"):
    return f'<inputData id="i{name}" name="{name}"><variable name="{name}" typeRef="{kind}"/></inputData>'


def hits(rules, policy="UNIQUE", allowed="", kind="number", outputs=("",), fallback=""):
    """A table over `x`, with what is declared of x."""
    made = table(rules, policy, outputs=outputs, fallback=fallback)
    if allowed:
        made = made.replace("</inputExpression>", f"</inputExpression><inputValues>{text(allowed)}</inputValues>")
    return typed(kind), decision(made)


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        (hits([("< 3", "1"), (">= 3", "2")]), []),
        (hits([("<= 3", "1"), (">= 3", "2")]), [("dmn-overlap", "r2")]),
        (hits([("<= 3", "1"), (">= 3", "1")], "ANY"), []),
        (hits([("<= 3", "1"), (">= 3", "2")], "ANY"), [("dmn-overlap", "r2")]),
        (hits([("<= 3", "1"), (">= 3", "2")], "FIRST"), []),
        (hits([("<= 3", "1"), (">= 3", "2")], "COLLECT"), []),
        (hits([("< 3", "1"), ("> 3", "2")]), [("dmn-gap", "d")]),
        (hits([("< 3", "1"), ("> 3", "2")], fallback="0"), []),
        (hits([("< 3", "1"), ("> 3", "2")], "COLLECT"), []),
        (hits([("< 3", "1"), ("f(?)", "2")]), []),
        (hits([("<= 3", "1"), (">= 4", "2")]), []),  # whole numbers
        (hits([("-", "1"), ("3", "2")], "FIRST"), [("dmn-unreachable", "r2")]),
        (hits([("< 3", "1"), (">= 3", "2"), ("[1..5]", "3")], "FIRST"), [("dmn-unreachable", "r3")]),
        (hits([("[5..4]", "1"), ("-", "2")], "FIRST"), [("dmn-never", "r1")]),
        (hits([("true", "1")], kind="boolean"), [("dmn-gap", "d")]),
        (hits([("true", "1"), ("false", "2")], kind="boolean"), []),
        (hits([('"a"', "1"), ('"b"', "2")], kind="string"), []),
        (hits([('"a"', "1"), ('"b"', "2")], kind="string", allowed='"a", "b", "c"'), [("dmn-gap", "d")]),
        (hits([('"a"', "1"), ('not("a")', "2")], kind="string"), []),
        (hits([('"a"', "1"), ('"z"', "2"), ("-", "3")], "FIRST", '"a", "b"', "string"), [("dmn-value", "r2")]),
        (hits([('"a"', "1"), ("-", "3")], "FIRST"), [("dmn-type", "r1")]),
        (hits([('< date("2026-01-01")', "1"), ('>= @"2026-01-01"', "2")], kind="date"), []),
        (hits([('<= date("2026-01-01")', "1"), ('>= @"2026-01-01"', "2")], kind="date"), [("dmn-overlap", "r2")]),
        (hits([('< duration("PT60M")', "1"), ('>= @"PT1H"', "2")], kind="dayTimeDuration"), []),
    ],
)  # fmt: skip
def test_each_mistake_is_found_at_its_rule_and_nothing_else_is(elements, expected):
    assert codes(*elements) == expected


def test_a_finding_says_in_both_languages_what_happens_and_what_to_do():
    [found] = findings(*hits([("<= 3", "1"), (">= 3", "2")]))
    assert found.severity == "warning" and found.line == 1
    assert "规则 1 与规则 2 会同时命中（例如 x = 3）" in found.message and "改用 FIRST" in found.message
    assert "Rules 1 and 2 match at once (for example x = 3)" in found.message_en


def test_two_columns_are_looked_at_together():
    rules = [("< 3", "true", "1"), (">= 3", "true", "2"), ("-", "false", "3")]
    two = [typed("number"), typed("boolean", "y")]
    assert codes(*two, decision(table(rules, inputs=("x", "y")))) == []
    [gap] = findings(*two, decision(table(rules[1:], inputs=("x", "y"))))
    assert (gap.code, "x < 3、y = true" in gap.message) == ("dmn-gap", True)


@pytest.mark.parametrize("seed", range(3))
def test_random_tables_are_said_to_overlap_or_miss_exactly_where_they_do(seed):
    """The oracle decides each of many numbers with the real engine."""
    rng = random.Random(seed)
    for _ in range(6):
        cells = [rng.choice(CELLS) for _ in range(rng.choice([2, 3]))]
        rules = [(each, str(number)) for number, each in enumerate(cells)]
        said = {each.code for each in findings(*hits(rules))}
        model = dmn.parse((HEAD + "".join(hits(rules)) + "</definitions>").encode())
        outcomes = [_hits(model, number) for number in TRIED]
        assert ("dmn-overlap" in said) == any(outcome is None for outcome in outcomes), cells
        if None not in outcomes:
            missed = [number for number, outcome in zip(TRIED, outcomes, strict=True) if outcome == ()]
            assert bool(missed) or "dmn-gap" not in said, cells
            assert not any(number % 1 == 0 for number in missed) or "dmn-gap" in said, cells


def _hits(model, number):
    """Which rules fired; None when several may not."""
    try:
        return dmn.evaluate(model, "d", {"x": number}, now=NOW, zone=ZONE).fired
    except DecisionFailed:
        return None


def test_a_large_table_is_looked_at_in_no_time_and_a_hopeless_one_is_given_up():
    rules = [(f"[{n}..{n + 1})", str(n)) for n in range(250)]
    rng, names = random.Random(1), "abcde"
    many = [(*rng.choices(CELLS, k=len(names)), str(n)) for n in range(120)]
    started = time.perf_counter()
    assert codes(*hits(rules)) == [("dmn-gap", "d")]
    found = findings(*(typed("number", name) for name in names), decision(table(many, inputs=tuple(names))))
    assert sum(each.code == "dmn-overlap" for each in found) <= 20
    assert time.perf_counter() - started < 10


def test_every_pair_of_cells_is_judged_as_the_engine_does():
    """`]1..3]`, `not(...)`, reversed ranges: what a cell lets through is the engine's own reading (a third of them)."""
    read = [cell(each) for each in CELLS]
    atoms = Atoms(read)
    for one, other in list(itertools.combinations(range(len(CELLS)), 2))[::3]:
        rules = [(CELLS[one], "1"), (CELLS[other], "1")]
        model = dmn.parse((HEAD + "".join(hits(rules)) + "</definitions>").encode())
        both = any(_hits(model, number) is None for number in (0, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5))
        assert both == bool(atoms.mask(read[one]) & atoms.mask(read[other])), rules
