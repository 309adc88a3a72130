"""The page that tries decisions: inputs by type, the result, the rules that fired, mistakes in what was typed; and what
a case's timeline says of its decisions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine import Engine
from tests.admin.conftest import Visitor, text
from tests.diagrams import ROUTE, diagram, rule, user

Visit = Callable[..., Visitor]
TYPED = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="d" name="d" namespace="n">
<itemDefinition name="tAge"><typeRef>number</typeRef></itemDefinition>
<inputData id="a" name="age"><variable name="age" typeRef="tAge"/></inputData>
<inputData id="b" name="born"><variable name="born" typeRef="date"/></inputData>
<inputData id="c" name="alone"><variable name="alone" typeRef="boolean"/></inputData>
<inputData id="e" name="things"><variable name="things"/></inputData>
<decision id="care" name="照护等级"><variable name="care"/>
<informationRequirement><requiredInput href="#a"/></informationRequirement>
<informationRequirement><requiredInput href="#b"/></informationRequirement>
<informationRequirement><requiredInput href="#c"/></informationRequirement>
<informationRequirement><requiredInput href="#e"/></informationRequirement>
<literalExpression><text>
string(age + 1) + string(born.year) + string(alone) + string(count(things))</text></literalExpression>
</decision>
<decisionService id="care-service" name="照护服务"><outputDecision href="#care"/>
<inputData href="#a"/><inputData href="#b"/><inputData href="#c"/><inputData href="#e"/>
</decisionService></definitions>""".encode()


@pytest.fixture(autouse=True)
def _decisions(engine: Engine) -> None:
    engine.deploy({"route.dmn": ROUTE, "care.dmn": TYPED}, by="boss")


def post(visitor: Visitor, key: str, **inputs: str) -> str:
    visitor.get(f"/decisions/{key}")
    return text(visitor.post(f"/decisions/{key}", {f"input:{name}": value for name, value in inputs.items()}))


def test_only_designers_try_decisions(visit: Visit) -> None:
    assert visit("li").get("/decisions/").status_code == 403
    page = text(visit("drawer").get("/decisions/"))
    assert "照护等级" in page and "/decisions/route" in page
    assert visit("drawer").get("/decisions/nobody").status_code == 404


def test_the_rule_that_fired_is_marked_and_the_others_are_not(visit: Visit, engine: Engine) -> None:
    page = post(visit("drawer"), "route", kind="urgent")
    assert "&#34;now&#34;" in page and page.count("data-fired") == 1
    assert page.index("data-fired") < page.index("&#34;urgent&#34;</code>") < page.index("&#34;later&#34;")
    assert not engine.instances().rows, "a trial leaves nothing"


def test_inputs_are_asked_by_their_type(visit: Visit) -> None:
    page = text(visit("drawer").get("/decisions/care"))
    assert 'type="number"' in page and 'type="date"' in page and '<option value="true">' in page
    said = post(visit("drawer"), "care", age="69", born="1956-03-01", alone="true", things='["a", "b"]')
    assert "&#34;701956true2&#34;" in said


def test_a_decision_service_is_decided_by_its_id(visit: Visit, engine: Engine) -> None:
    """Façade and page knew decisions only: a service could be called in FEEL and by nobody else."""
    assert "照护服务" in text(visit("drawer").get("/decisions/"))
    page = text(visit("drawer").get("/decisions/care-service"))
    assert 'name="input:age"' in page and 'type="date"' in page
    said = post(visit("drawer"), "care-service", age="69", born="1956-03-01", alone="true", things='["a", "b"]')
    assert "&#34;701956true2&#34;" in said
    given = {"age": 69, "born": "1956-03-01", "alone": True, "things": []}
    assert engine.decide("care-service", given) == "701956true0"
    engine.deploy({"ask.bpmn": diagram("s -> r1 -> e", rule("r1", "care-service", "level"))}, by="boss")
    case = engine.start("p", given, by="boss")
    assert engine.instance(case.id).variables["level"] == "701956true0"


def test_what_is_of_another_type_is_said_at_its_field_and_nothing_is_decided(visit: Visit) -> None:
    page = post(visit("drawer"), "care", age="old", born="1956-13-01", alone="true", things="no such")
    assert page.count("invalid-feedback") == 3 and 'id="outcome"' not in page
    assert "不是日期" in page and 'value="old"' in page


def test_a_decision_that_fails_says_why(visit: Visit, engine: Engine) -> None:
    both = ROUTE.replace(b'"FIRST"', b'"UNIQUE"').replace(b'id="route"', b'id="twice"')
    engine.deploy({"twice.dmn": both}, by="boss")
    page = post(visit("drawer"), "twice", kind="urgent")
    assert "text-danger" in page and "规则 1, 2 同时命中" in page


def test_an_operator_reads_on_the_case_which_rules_fired(visit: Visit, engine: Engine) -> None:
    engine.deploy(
        {"p.bpmn": diagram("s -> r -> u -> e", rule("r", "route", "way"), user("u", assignee="li"))}, by="boss"
    )
    case = engine.start("p", {"kind": "urgent"}, by="boss")
    line = "route：规则 1 → &#34;now&#34;"
    assert line in text(visit("boss").get(f"/case/{case.id}/"))
    assert line not in text(visit("li").get(f"/case/{case.id}/"))
