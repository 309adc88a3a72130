"""Decisions: every hit policy, boxed expressions, graphs, types, and files that cannot be trusted."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine import dmn
from engine.errors import DecisionFailed, InvalidFile

NOW = datetime(2026, 11, 21, 22, 30)
HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="defs" name="n" namespace="ns">'


def model(*elements):
    return dmn.parse((HEAD + "".join(elements) + "</definitions>").encode())


def decide(spec, decision="d", **variables):
    return dmn.evaluate(spec, decision, variables, now=NOW, zone=ZoneInfo("Asia/Shanghai"))


def text(content):
    return f"<text><![CDATA[{content}]]></text>"


def literal(content):
    return f"<literalExpression>{text(content)}</literalExpression>"


def decision(logic, key="d", requires="", kind=""):
    return f'<decision id="{key}" name="{key}"><variable name="{key}" typeRef="{kind}"/>{requires}{logic}</decision>'


def needs(key, kind="Decision"):
    holder = "knowledge" if kind == "Knowledge" else "information"
    return f'<{holder}Requirement><required{kind} href="#{key}"/></{holder}Requirement>'


def table(rules, policy="UNIQUE", inputs=("x",), outputs=("",), extra="", allowed="", fallback=""):
    """`rules`: (tests..., outputs...) as FEEL texts."""
    columns = "".join(f"<input><inputExpression>{text(each)}</inputExpression></input>" for each in inputs)
    limits = f"<outputValues>{text(allowed)}</outputValues>" if allowed else ""
    limits += f"<defaultOutputEntry>{text(fallback)}</defaultOutputEntry>" if fallback else ""
    columns += "".join(f'<output name="{each}">{limits}</output>' for each in outputs)
    for number, rule in enumerate(rules, 1):
        tests, results = rule[: len(inputs)], rule[len(inputs) :]
        cells = "".join(f"<inputEntry>{text(each)}</inputEntry>" for each in tests)
        cells += "".join(f"<outputEntry>{text(each)}</outputEntry>" for each in results)
        columns += f'<rule id="r{number}">{cells}</rule>'
    return f'<decisionTable hitPolicy="{policy}" {extra}>{columns}</decisionTable>'


OVERLAPPING = [("> 1", '"a"'), ("> 2", '"b"'), ("> 3", '"a"')]
LENGTHS = [("> 1", '@"P1D"'), ("> 2", '@"P2D"')]
SCORES = [("> 1", "10"), ("> 2", "5"), ("> 3", "20")]


@pytest.mark.parametrize(
    ("policy", "extra", "rules", "x", "expected", "fired"),
    [
        ("UNIQUE", "", [("< 2", '"low"'), (">= 2", '"high"')], 3, "high", [2]),
        ("UNIQUE", "", [("< 2", '"low"')], 3, None, []),
        ("FIRST", "", OVERLAPPING, 3, "a", [1]),
        ("ANY", "", [("> 1", '"a"'), ("> 3", '"a"')], 4, "a", [1]),
        ("PRIORITY", "", OVERLAPPING, 4, "b", [2]),
        ("RULE ORDER", "", OVERLAPPING, 4, ["a", "b", "a"], [1, 2, 3]),
        ("OUTPUT ORDER", "", OVERLAPPING, 4, ["b", "a", "a"], [2, 1, 3]),
        ("COLLECT", "", OVERLAPPING, 3, ["a", "b"], [1, 2]),
        ("COLLECT", "", OVERLAPPING, 0, [], []),
        ("COLLECT", 'aggregation="SUM"', SCORES, 4, 35, [1, 2, 3]),
        ("COLLECT", 'aggregation="MIN"', SCORES, 4, 5, [1, 2, 3]),
        ("COLLECT", 'aggregation="MAX"', SCORES, 3, 10, [1, 2]),
        ("COLLECT", 'aggregation="COUNT"', SCORES, 3, 2, [1, 2]),
        ("COLLECT", 'aggregation="COUNT"', SCORES, 0, 0, []),
        ("COLLECT", 'aggregation="SUM"', SCORES, 0, None, []),
        ("COLLECT", 'aggregation="SUM"', [("> 1", "0.1"), ("> 2", "0.2")], 3, 0.3, [1, 2]),
        ("COLLECT", 'aggregation="SUM"', LENGTHS, 3, timedelta(days=3), [1, 2]),
        ("COLLECT", 'aggregation="MAX"', LENGTHS, 3, timedelta(days=2), [1, 2]),
        ("COLLECT", 'aggregation="MIN"', OVERLAPPING, 4, "a", [1, 2, 3]),
    ],
)
def test_hit_policies(policy, extra, rules, x, expected, fired):
    allowed = '"b", "a"' if "ORDER" in policy or policy == "PRIORITY" else ""
    found = decide(model(decision(table(rules, policy, extra=extra, allowed=allowed))), x=x)
    assert found.value == expected
    assert [(each.decision, each.rule, each.number) for each in found.fired] == [("d", f"r{n}", n) for n in fired]


def test_two_rules_of_a_unique_table_that_match_are_an_error_and_not_null():
    with pytest.raises(DecisionFailed, match="rules 1, 2"):
        decide(model(decision(table(OVERLAPPING))), x=3)
    with pytest.raises(DecisionFailed, match="agree"):
        decide(model(decision(table(OVERLAPPING, "ANY"))), x=3)


def test_several_outputs_make_a_context_and_defaults_fill_in():
    rules = [("> 1", "[1..3]", '"grid"', "2")]
    spec = model(decision(table(rules, inputs=("x", "y"), outputs=("role", "days"), fallback='"none"')))
    assert decide(spec, x=2, y=2).value == {"role": "grid", "days": 2}
    assert decide(spec, x=2, y=9).value == {"role": "none", "days": "none"}


def test_a_graph_is_decided_in_one_call_and_each_part_once():
    spec = model(
        '<inputData id="i" name="hours"><variable name="hours" typeRef="number"/></inputData>',
        decision(literal("hours * 2"), "points", needs("i", "Input"), "number"),
        decision(table([("> 5", '"gold"'), ("-", '"tin"')], "FIRST", ("points",)), "medal", needs("points")),
        decision(literal('medal + "/" + string(points)'), "d", needs("medal") + needs("points")),
    )
    found = decide(spec, hours=3)
    assert found.value == "gold/6"
    assert [each.decision for each in found.fired] == ["medal"]
    assert decide(spec, "points", hours=3).value == 6


def test_dates_are_compared_as_dates_even_when_given_as_text():
    spec = model(
        '<inputData id="i" name="born"><variable name="born" typeRef="date"/></inputData>',
        decision(
            table([('< date("2000-01-01")', '"old"'), ("-", '"young"')], "FIRST", ("born",)), "d", needs("i", "Input")
        ),
    )
    assert decide(spec, born=date(1999, 1, 1)).value == "old"
    assert decide(spec, born="1999-01-01").value == "old"
    assert decide(model(decision(literal("today()")))).value == date(2026, 11, 22)


BKM = (
    '<businessKnowledgeModel id="k" name="double it"><encapsulatedLogic><formalParameter name="n" typeRef="number"/>'
    + literal("n * 2")
    + "</encapsulatedLogic></businessKnowledgeModel>"
)
ENTRY = '<contextEntry><variable name="{}"/>{}</contextEntry>'


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (literal("double it(x) + 1"), 7),
        (
            f'<invocation>{literal("double it")}<binding><parameter name="n"/>'
            f"{literal('x + 1')}</binding></invocation>",
            8,
        ),
        (
            "<context>" + ENTRY.format("a", literal("x")) + ENTRY.format("b", literal("a + 1")) + "</context>",
            {"a": 3, "b": 4},
        ),
        (
            "<context>"
            + ENTRY.format("a", literal("x"))
            + f"<contextEntry>{literal('a * 5')}</contextEntry></context>",
            15,
        ),
        (f"<list>{literal('x')}{literal('x + 1')}</list>", [3, 4]),
        (
            f'<relation><column name="a"/><column name="b"/><row>{literal("x")}{literal("2")}</row></relation>',
            [{"a": 3, "b": 2}],
        ),
        (
            f"<conditional><if>{literal('x > 2')}</if><then>{literal('1')}</then>"
            f"<else>{literal('2')}</else></conditional>",
            1,
        ),
        (f"<filter><in>{literal('[1, 2, 3, 4]')}</in><match>{literal('item > x')}</match></filter>", [4]),
        (f'<for iteratorVariable="i"><in>{literal("[1..3]")}</in><return>{literal("i * x")}</return></for>', [3, 6, 9]),
        (f'<for iteratorVariable="i"><in>{literal("[1, 2]")}</in><return>{literal("i * x")}</return></for>', [3, 6]),
        (
            f'<every iteratorVariable="i"><in>{literal("[1, 2]")}</in>'
            f"<satisfies>{literal('i < x')}</satisfies></every>",
            True,
        ),
        (
            f'<some iteratorVariable="i"><in>{literal("[1, 2]")}</in><satisfies>{literal("i > x")}</satisfies></some>',
            False,
        ),
    ],
)
def test_boxed_expressions(logic, expected):
    spec = model(BKM, decision(logic, requires=needs("k", "Knowledge")))
    assert decide(spec, x=3).value == expected


def test_functions_defined_in_a_context_and_decision_services_are_called():
    function = f'<functionDefinition><formalParameter name="n"/>{literal("n + x")}</functionDefinition>'
    boxed = "<context>" + ENTRY.format("f", function) + f"<contextEntry>{literal('f(10)')}</contextEntry></context>"
    assert decide(model(decision(boxed)), x=3).value == 13
    service = '<decisionService id="s" name="s"><outputDecision href="#p"/><inputData href="#i"/></decisionService>'
    spec = model(
        '<inputData id="i" name="n"><variable name="n" typeRef="number"/></inputData>',
        decision(literal("n * 3"), "p", needs("i", "Input")),
        service,
        decision(literal("s(4) + 1"), "d", needs("s", "Knowledge")),
    )
    assert decide(spec).value == 13
    assert decide(spec, "s", n=2).value == 6


SERVICE = (
    '<inputData id="i" name="born"><variable name="born" typeRef="date"/></inputData>',
    decision(literal('if born.year < 1961 then "old" else "young"'), "grouped", needs("i", "Input")),
    decision(literal('grouped + " " + street'), "told", needs("grouped", "Decision")),
    '<decisionService id="of-birth"><outputDecision href="#told"/><inputData href="#i"/></decisionService>',
    '<decisionService id="of-group"><outputDecision href="#told"/><inputDecision href="#grouped"/></decisionService>',
    '<decisionService id="both"><outputDecision href="#told"/><outputDecision href="#grouped"/>'
    '<inputData href="#i"/></decisionService>',
)


def test_a_decision_service_is_decided_and_asks_by_itself():
    """It could be called in FEEL only. An input that is a decision is given, not computed; a date may come as text."""
    spec = model(*SERVICE)
    assert decide(spec, "of-birth", born="1956-03-01", street="A").value == "old A"
    assert decide(spec, "of-group", grouped="young", born="1956-03-01", street="B").value == "young B"
    assert decide(spec, "both", born=date(1990, 1, 1), street="C").value == {"told": "young C", "grouped": "young"}
    content = (HEAD + "".join(SERVICE) + "</definitions>").encode()
    assert {(one.name, one.type) for one in dmn.asked(spec, content, "of-birth")} == {("born", "date"), ("street", "")}
    assert {one.name for one in dmn.asked(spec, content, "of-group")} == {"grouped", "street"}


def test_a_decision_service_that_names_nothing_is_found():
    content = (HEAD + decision(literal("1")) + '<decisionService id="s"/></definitions>').encode()
    assert [(one.element, one.code) for one in dmn.lint(content, "a.dmn")] == [("s", "dmn-no-output")]
    service = '<decisionService id="s"><outputDecision href="#x"/></decisionService>'
    content = (HEAD + decision(literal("1")) + service + "</definitions>").encode()
    assert [(one.element, one.code) for one in dmn.lint(content, "a.dmn")] == [("s", "dmn-missing")]


def test_a_value_that_is_not_of_its_type_is_null():
    """DMN 10.3.2.9.4."""
    assert decide(model(decision(literal('"text"'), kind="number"))).value is None
    assert decide(model(decision(literal("[5]"), kind="number"))).value == 5


def test_a_date_where_a_date_and_time_is_declared_is_its_local_midnight():
    found = decide(model(decision(literal('date("2026-11-22")'), kind="dateTime"))).value
    assert found == datetime(2026, 11, 22, tzinfo=ZoneInfo("Asia/Shanghai"))


ITEMS = (
    '<itemDefinition name="tGrade"><typeRef>string</typeRef><allowedValues><text>"A", "B"</text></allowedValues>'
    "</itemDefinition>"
    '<itemDefinition name="tGrades" isCollection="true"><typeRef>tGrade</typeRef></itemDefinition>'
    '<itemDefinition name="tFew" isCollection="true"><typeRef>number</typeRef>'
    "<typeConstraint><text>count(?) &lt; 3</text></typeConstraint></itemDefinition>"
    '<itemDefinition name="tPerson"><itemComponent name="name"><typeRef>string</typeRef></itemComponent>'
    '<itemComponent name="grade"><typeRef>tGrade</typeRef></itemComponent></itemDefinition>'
)


@pytest.mark.parametrize(
    ("kind", "logic", "expected"),
    [
        ("tGrade", '"A"', "A"),
        ("tGrade", '"C"', None),
        ("tGrades", '["A", "B"]', ["A", "B"]),
        ("tGrades", '["A", "C"]', None),
        ("tGrades", '"A"', ["A"]),
        ("tFew", "[1, 2]", [1, 2]),
        ("tFew", "[1, 2, 3]", None),
        ("tPerson", '{name: "Li", grade: "B"}', {"name": "Li", "grade": "B"}),
        ("tPerson", '{name: "Li", grade: "Z"}', None),
        ("tPerson", '{name: "Li"}', None),
        ("", '"C" instance of tGrade', True),  # allowed values are no part of it
        ("", "1 instance of tGrade", False),
        ("long", "3", 3),
    ],
)
def test_item_definitions_with_their_allowed_values_are_held(kind, logic, expected):
    assert decide(model(ITEMS, decision(literal(logic), kind=kind))).value == expected


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",  # 1.1
        "http://www.omg.org/spec/DMN/20180521/MODEL/",  # 1.2
        "https://www.omg.org/spec/DMN/20191111/MODEL/",  # 1.3
        "https://www.omg.org/spec/DMN/20211108/MODEL/",  # 1.4
        "https://www.omg.org/spec/DMN/20230324/MODEL/",  # 1.5
    ],
)
def test_files_of_every_version_are_read(namespace):
    """As modelers of those years wrote them: prefixed type names, a language by its address, drawing and extensions."""
    content = f"""<?xml version="1.0" encoding="UTF-8"?>
<dmn:definitions xmlns:dmn="{namespace}" xmlns:feel="http://www.omg.org/spec/FEEL/20140401" id="loan" name="贷款"
    namespace="http://example.org/loan" xmlns:camunda="http://camunda.org/schema/1.0/dmn" xmlns="http://example.org/loan"
    expressionLanguage="http://www.omg.org/spec/FEEL/20140401" typeLanguage="http://www.omg.org/spec/FEEL/20140401">
  <dmn:extensionElements><camunda:anything><camunda:deep/></camunda:anything></dmn:extensionElements>
  <dmn:itemDefinition name="tRisk" label="risk"><dmn:typeRef>feel:string</dmn:typeRef>
    <dmn:allowedValues><dmn:text>"low", "high"</dmn:text></dmn:allowedValues></dmn:itemDefinition>
  <dmn:inputData id="in" name="credit score"><dmn:variable name="credit score" typeRef="feel:number"/></dmn:inputData>
  <dmn:knowledgeSource id="law" name="Law"><dmn:type>regulation</dmn:type></dmn:knowledgeSource>
  <dmn:decision id="risk" name="risk">
    <dmn:question>How risky?</dmn:question><dmn:allowedAnswers>low, high</dmn:allowedAnswers>
    <dmn:variable name="risk" typeRef="tRisk"/>
    <dmn:informationRequirement><dmn:requiredInput href="#in"/></dmn:informationRequirement>
    <dmn:authorityRequirement><dmn:requiredAuthority href="#law"/></dmn:authorityRequirement>
    <dmn:decisionTable id="t" hitPolicy="UNIQUE" preferredOrientation="Rule-as-Row" outputLabel="risk">
      <dmn:input id="c" label="score" camunda:inputVariable="score">
        <dmn:inputExpression typeRef="feel:number"><dmn:text>credit score</dmn:text></dmn:inputExpression></dmn:input>
      <dmn:output id="o" name="risk" typeRef="tRisk">
        <dmn:outputValues><dmn:text>"low", "high"</dmn:text></dmn:outputValues>
      </dmn:output>
      <dmn:rule id="r1"><dmn:description>bad</dmn:description>
        <dmn:inputEntry><dmn:text><![CDATA[< 600]]></dmn:text></dmn:inputEntry>
        <dmn:outputEntry><dmn:text>"high"</dmn:text></dmn:outputEntry></dmn:rule>
      <dmn:rule id="r2"><dmn:inputEntry><dmn:text>&gt;= 600</dmn:text></dmn:inputEntry>
        <dmn:outputEntry><dmn:text>"low"</dmn:text></dmn:outputEntry></dmn:rule>
    </dmn:decisionTable>
  </dmn:decision>
  <dmn:textAnnotation id="note"><dmn:text>2016</dmn:text></dmn:textAnnotation>
  <dmn:association id="a"><dmn:sourceRef href="#risk"/><dmn:targetRef href="#note"/></dmn:association>
</dmn:definitions>""".encode()
    assert dmn.lint(content, "loan.dmn") == []
    spec = dmn.parse(content)
    assert [decide(spec, "risk", **{"credit score": score}).value for score in (599, 600)] == ["high", "low"]


def test_an_input_that_is_not_allowed_fails_loudly():
    allowed = "<inputValues>" + text('"a"') + "</inputValues>"
    column = f"<input><inputExpression>{text('x')}</inputExpression>{allowed}</input>"
    spec = model(decision(f"<decisionTable>{column}<output/></decisionTable>"))
    with pytest.raises(DecisionFailed, match="not among"):
        decide(spec, x="b")


def test_a_decision_that_requires_itself_or_is_not_there_fails():
    circle = model(decision(literal("b"), "a", needs("b")), decision(literal("a"), "b", needs("a")))
    with pytest.raises(DecisionFailed, match="requires itself"):
        decide(circle, "a")
    with pytest.raises(DecisionFailed, match="no such decision"):
        decide(circle, "nobody")
    with pytest.raises(DecisionFailed, match="not in the file"):
        decide(model(decision(literal("1"), requires=needs("gone"))))


def test_a_decision_that_never_ends_is_stopped():
    """By whichever limit it meets first: a fast machine fills the memory before the time is up."""
    started = time.perf_counter()
    with pytest.raises(DecisionFailed, match=r"longer than|too much memory"):
        decide(model(decision(literal("some x in 1..100000000 satisfies x < 0"))))
    assert time.perf_counter() - started < 10


def test_many_models_share_the_walkers_memory():
    specs = [model(decision(literal(f"{n} + 1"))) for n in range(80)]
    assert [decide(spec).value for spec in specs] == list(range(1, 81))
    assert decide(specs[0]).value == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<definitions/>",
        b"<html/>",
        b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><definitions/>',
        b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + HEAD.encode() + b"&b;</definitions>",
        HEAD.encode(),
        HEAD.encode() + b"<a>" * 200 + b"</a>" * 200 + b"</definitions>",
        HEAD.encode() + b"<a/>" * 250_000 + b"</definitions>",
        b" " * 6_000_000,
    ],
)
def test_what_is_no_decision_file_or_a_trap_is_refused(content):
    with pytest.raises(InvalidFile):
        dmn.parse(content)
    assert [finding.code for finding in dmn.lint(content, "a.dmn")] == ["not-dmn"]


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ((decision(literal("1+")),), "bad-expression"),
        ((decision(table([("> ", "1")])),), "bad-expression"),
        ((decision(table([("-", "1", "2")])),), "dmn-rule"),
        ((decision(table([], "MOST")),), "dmn-hit-policy"),
        ((decision("<graphicTable/>"),), "dmn-element"),
        ((decision("<rule/>"),), "dmn-expression"),
        ((decision(literal("1"), kind="tNobody"),), "dmn-unknown-type"),
        (
            ('<itemDefinition name="a"><typeRef>b</typeRef></itemDefinition>', decision(literal("1"))),
            "dmn-unknown-type",
        ),
        (("<decisionTree/>", decision(literal("1"))), "dmn-element"),
        ((decision('<context><x:thing xmlns:x="urn:x"/></context>'),), "dmn-element"),
        ((decision(table([], extra='aggregation="SUM"')),), "dmn-aggregation"),
        ((decision(table([], "COLLECT", extra='aggregation="MEAN"')),), "dmn-aggregation"),
        ((decision(table([], "COLLECT", outputs=("a", "b"), extra='aggregation="SUM"')),), "dmn-aggregation-outputs"),
        ((decision(literal('function(x) external {java: {class: "java.lang.Math"}}')),), "dmn-function-kind"),
        (
            (decision('<literalExpression expressionLanguage="juel"><text>a</text></literalExpression>'),),
            "dmn-language",
        ),
        ((decision(literal("1"), requires=needs("gone")),), "dmn-missing"),
        ((decision(literal("1"), requires=needs("d")),), "dmn-circle"),
        (('<import name="other" namespace="o" importType="x"/>', decision(literal("1"))), "dmn-import"),
        ((), "no-decision"),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_the_lint(elements, code):
    found = dmn.lint((HEAD + "".join(elements) + "</definitions>").encode(), "a.dmn")
    assert [(finding.code, finding.severity) for finding in found] == [(code, "error")]


def test_a_sound_file_has_no_findings():
    assert dmn.lint((HEAD + decision(table(OVERLAPPING, "COLLECT")) + "</definitions>").encode(), "a.dmn") == []
