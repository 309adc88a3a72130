"""Decision tables, boxed expressions and the findings a designer gets; the kit's cases are in test_dmn_kit.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine import dmn
from engine.errors import DecisionFailed, InvalidFile, NotFound

WHEN: dict[str, Any] = {"now": datetime(2026, 11, 23, 1), "zone": ZoneInfo("Asia/Shanghai")}
HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x">'


def table(policy: str, rules: list[tuple[str, str]], values: str = "", default: str = "") -> bytes:
    escape = lambda text: text.replace("<", "&lt;").replace(">", "&gt;")
    rows = "".join(
        f'<rule id="r{n}"><inputEntry><text>{escape(test)}</text></inputEntry>'
        f"<outputEntry><text>{escape(answer)}</text></outputEntry></rule>"
        for n, (test, answer) in enumerate(rules, 1)
    )
    allowed = f"<outputValues><text>{values}</text></outputValues>" if values else ""
    otherwise = f"<defaultOutputEntry><text>{default}</text></defaultOutputEntry>" if default else ""
    return (
        f'{HEAD}<decision id="level" name="level"><decisionTable {policy}><input><inputExpression><text>hours</text>'
        f'</inputExpression></input><output name="level">{allowed}{otherwise}</output>{rows}</decisionTable>'
        "</decision></definitions>"
    ).encode()


def decide(content: bytes, **variables: Any) -> Any:
    return dmn.evaluate(dmn.parse(content), "level", variables, **WHEN)


@pytest.mark.parametrize(
    ("policy", "hours", "wanted", "fired"),
    [
        ('hitPolicy="FIRST"', 30, '"a"', (1,)),
        ('hitPolicy="RULE ORDER"', 30, '["a", "b"]', (1, 2)),
        ('hitPolicy="OUTPUT ORDER"', 30, '["b", "a"]', (1, 2)),
        ('hitPolicy="PRIORITY"', 30, '"b"', (1, 2)),
        ('hitPolicy="COLLECT" aggregation="COUNT"', 30, "2", (1, 2)),
        ('hitPolicy="COLLECT"', 1, "[]", ()),
        ('hitPolicy="COLLECT" aggregation="COUNT"', 1, "0", ()),
        ('hitPolicy="UNIQUE"', 15, '"a"', (1,)),
        ('hitPolicy="UNIQUE"', 1, "null", ()),
    ],
)
def test_each_hit_policy_gives_what_the_standard_says(policy: str, hours: int, wanted: str, fired: Any) -> None:
    content = table(policy, [("> 10", '"a"'), ("> 20", '"b"')], values='"b","a"')
    result = decide(content, hours=hours)
    assert str(result.value).replace("'", '"').replace("None", "null") == wanted.strip('"')
    assert result.fired[0].rules == fired


def test_a_unique_table_with_two_matching_rules_names_both() -> None:
    with pytest.raises(DecisionFailed, match="1, 2"):
        decide(table('hitPolicy="UNIQUE"', [("> 10", "1"), ("> 20", "2")]), hours=30)


def test_an_any_table_agrees_or_fails() -> None:
    assert decide(table('hitPolicy="ANY"', [("> 10", "1"), ("> 20", "1")]), hours=30).value == 1
    with pytest.raises(DecisionFailed, match="disagree"):
        decide(table('hitPolicy="ANY"', [("> 10", "1"), ("> 20", "2")]), hours=30)


def test_the_default_answers_when_no_rule_does() -> None:
    assert decide(table('hitPolicy="FIRST"', [("> 10", "1")], default="7"), hours=3).value == 7


def test_a_decision_uses_the_results_of_those_it_requires_and_keeps_their_rules() -> None:
    content = table('hitPolicy="FIRST"', [("> 10", '"senior"')]).replace(
        b"</definitions>",
        b'<decision id="pay" name="pay"><informationRequirement><requiredDecision href="#level"/>'
        b'</informationRequirement><literalExpression><text>if level = "senior" then 2 * hours else hours</text>'
        b"</literalExpression></decision></definitions>",
    )
    result = dmn.evaluate(dmn.parse(content), "pay", {"hours": 11}, **WHEN)
    assert result.value == 22
    assert result.fired[0].decision == "level"


def test_decisions_that_need_each_other_are_refused_and_never_loop() -> None:
    def ring(one: str, other: str) -> str:
        return (
            f'<decision id="{one}" name="{one}"><informationRequirement><requiredDecision href="#{other}"/>'
            f"</informationRequirement><literalExpression><text>1</text></literalExpression></decision>"
        )

    content = f"{HEAD}{ring('level', 'b')}{ring('b', 'level')}</definitions>".encode()
    assert {f.code for f in dmn.lint(content, "a.dmn")} == {"dmn-circle"}
    with pytest.raises(DecisionFailed, match="needs itself"):
        decide(content)


def test_a_finding_names_the_rule_and_says_what_to_do() -> None:
    (finding,) = dmn.lint(table('hitPolicy="FIRST"', [("> ", '"a"')]), "t.dmn")
    assert (finding.file, finding.element, finding.code, finding.severity) == ("t.dmn", "r1", "dmn-feel", "error")
    assert "双引号" in finding.message and "double quotes" in finding.message_en


@pytest.mark.parametrize(
    "content",
    [b"", b"<x/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + HEAD.encode() + b"</definitions>", HEAD.encode()],
)
def test_what_is_no_dmn_file_is_one_clear_finding(content: bytes) -> None:
    with pytest.raises(InvalidFile):
        dmn.parse(content)
    assert [f.code for f in dmn.lint(content, "bad.dmn")] == ["dmn-unreadable"]


def test_an_unknown_decision_is_not_found() -> None:
    with pytest.raises(NotFound):
        dmn.evaluate(dmn.parse(table('hitPolicy="FIRST"', [("-", "1")])), "nothing", {}, **WHEN)


def test_a_cell_sees_typed_dates() -> None:
    content = table('hitPolicy="FIRST"', [('> date("2026-11-01")', '"late"'), ("-", '"early"')])
    assert decide(content, hours=datetime(2026, 11, 5).date()).value == "late"
    assert decide(content, hours=datetime(2026, 10, 5).date()).value == "early"
