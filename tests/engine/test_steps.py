"""Forms, decisions, registers and notices as steps of a case: checked on the server, bound to versions, one commit."""

from __future__ import annotations

import json

import pytest

from engine import Engine
from engine.errors import InvalidForm
from tests.diagrams import ROUTE, diagram, rule, service, start, user
from tests.engine.helpers import deploy, events, item, open_nodes, sound


def form(key: str = "reply", *more: dict, **field: object) -> bytes:
    text = {"type": "textfield", "key": "answer", "label": "答复", "validate": {"required": True}, **field}
    return json.dumps({"id": key, "type": "default", "schemaVersion": 16, "components": [text, *more]}).encode()


REGISTER = json.dumps(
    {
        "name": "claims",
        "title": {"zh": "认领", "en": "Claims"},
        "key": ["code"],
        "scope": "all",
        "fields": [
            {"key": "code", "type": "text", "label": {"zh": "编号", "en": "Code"}, "required": True},
            {"key": "who", "type": "text", "label": {"zh": "谁", "en": "Who"}},
        ],
    }
).encode()


def test_a_task_with_a_form_takes_only_what_the_form_lets_through(engine: Engine) -> None:
    deploy(engine, diagram("s -> u -> v -> e", user("u", form="reply"), user("v")), reply_form=form())
    case = engine.start("p", {}, by="zhang")
    task = item(engine, case.id)
    assert task.form == "reply" and engine.form_of(task) is not None
    engine.save_draft(f"item:{task.id}", "li", {"answer": ""})
    before = engine.journal(case.id)
    with pytest.raises(InvalidForm) as caught:
        engine.complete(task.id, {"answer": ""}, by="li")
    assert set(caught.value.errors) == {"answer"}
    assert engine.journal(case.id) == before and engine.draft(f"item:{task.id}", "li") == {"answer": ""}
    engine.complete(task.id, {"answer": "已答复", "admin": True}, by="li")
    assert engine.instance(case.id).variables == {"answer": "已答复"}
    assert engine.draft(f"item:{task.id}", "li") is None


def test_a_running_case_keeps_the_form_it_was_deployed_with(engine: Engine) -> None:
    process = diagram("s -> u -> e", user("u", form="reply"))
    deploy(engine, process, reply_form=form())
    old = engine.start("p", {}, by="zhang")
    deployed = engine.deploy({"0.bpmn": process, "reply.form": form(validate={"required": False})}, by="admin")
    assert {(d.kind, d.version, d.fresh) for d in deployed} == {("process", 2, True), ("form", 2, True)}
    new = engine.start("p", {}, by="zhang")
    with pytest.raises(InvalidForm):
        engine.complete(item(engine, old.id).id, {}, by="li")
    assert engine.complete(item(engine, new.id).id, {}, by="li").status == "completed"


def test_a_start_form_is_found(engine: Engine) -> None:
    begin = start("s").replace(
        "></startEvent>",
        '><extensionElements><zeebe:formDefinition formId="reply"/></extensionElements></startEvent>',
    )
    deploy(engine, diagram("s -> u -> e", begin), diagram("s -> u -> e", key="plain"), reply_form=form())
    found = engine.start_form("p")
    assert found is not None and found.id == "reply" and engine.start_form("plain") is None


def test_a_decision_chooses_and_can_be_asked_alone(engine: Engine) -> None:
    process = diagram(
        's -> r -> X; X -> u if way = "now"; X -> v default; u -> e; v -> e', rule("r", "route", "way"), user("v")
    )
    deploy(engine, process, route_dmn=ROUTE)
    assert open_nodes(engine, engine.start("p", {"kind": "urgent"}, by="zhang").id) == ["u"]
    assert open_nodes(engine, engine.start("p", {"kind": "plain"}, by="zhang").id) == ["v"]
    assert engine.decide("route", {"kind": "urgent"}) == "now"


def test_each_decision_of_a_case_is_kept_with_its_version_and_the_rules_that_fired(engine: Engine) -> None:
    process = diagram("s -> r -> u -> e", rule("r", "route", "way"))
    deploy(engine, process, route_dmn=ROUTE)
    case = engine.start("p", {"kind": "urgent"}, by="zhang")
    [line] = [entry for entry in engine.journal(case.id) if entry.event == "decided"]
    assert line.node_id == "r"
    assert {key: line.data[key] for key in ("decision", "version", "value")} == {
        "decision": "route",
        "version": 1,
        "value": "now",
    }
    assert [(decision, number) for decision, _, number in line.data["rules"]] == [("route", 1)]
    assert ("r", "decided") not in engine.trace(case.id), "the trace is what the diagram went through"
    ruling = engine.ruling("route", {"kind": "urgent"})
    assert (ruling.value, ruling.version, [fired.number for fired in ruling.fired]) == ("now", 1, [1])
    sound(engine)


def test_a_decision_that_is_not_there_is_an_incident(engine: Engine) -> None:
    deploy(engine, diagram("s -> r -> u -> e", rule("r", "route", "way")), route_dmn=ROUTE)
    engine.store.sql("delete from definition where kind = 'decision'")
    case = engine.start("p", {}, by="zhang")
    assert [i.kind for i in case.incidents] == ["decision"]


CLAIM = service("r", "register.insert", inputs={"register": "claims", "row": "={code: code, who: who}"})


def test_a_register_row_lands_with_its_case_and_knows_it(engine: Engine) -> None:
    deploy(engine, diagram("s -> u -> r -> v -> e", CLAIM, user("v")), claims_json=REGISTER)
    case = engine.start("p", {"code": "A1", "who": "li"}, by="zhang")
    assert engine.register("claims").rows() == []
    engine.complete(item(engine, case.id).id, {}, by="li")
    [row] = engine.register("claims").rows()
    assert (row["code"], row["who"], row["instance"], row["created_by"]) == ("A1", "li", str(case.id), "li")
    sound(engine)


def test_a_row_that_is_refused_is_an_incident_and_leaves_nothing(engine: Engine) -> None:
    deploy(engine, diagram("s -> r -> v -> e", CLAIM, user("v")), claims_json=REGISTER)
    engine.start("p", {"code": "A1", "who": "li"}, by="zhang")
    second = engine.start("p", {"code": "A1", "who": "wang"}, by="zhang")
    assert len(second.incidents) == 1 and len(engine.register("claims").rows()) == 1
    [incident] = second.incidents
    engine.set_variables(second.id, {"row": {"code": "A2"}}, by="zhang", token=incident.token)
    assert engine.retry(incident.id, by="zhang")
    assert sorted(row["code"] for row in engine.register("claims").rows()) == ["A1", "A2"]


def test_a_notice_tells_people_once_per_case(engine: Engine) -> None:
    told = service("n", "notice", inputs={"to": '=["li", null, "wang"]', "subject": '="新诉求：" + what'})
    deploy(engine, diagram("s -> n -> u -> e", told))
    case = engine.start("p", {"what": "路灯"}, by="zhang")
    assert [n.subject for n in engine.notices("li")] == [n.subject for n in engine.notices("wang")] == ["新诉求：路灯"]
    assert engine.notices("li")[0].link == f"/case/{case.id}/" and "notified" in events(engine, case.id)


def test_each_is_told_in_their_own_language(engine: Engine) -> None:
    """Notices and reminders were Chinese only: whoever works in English read nothing else under the bell."""
    wanted = {"to": '=["li", "smith"]', "subject": '="新诉求"', "subject_en": '="New demand"', "body": '="路灯"'}
    deploy(engine, diagram("s -> n -> u -> e", service("n", "notice", inputs=wanted), user("u", groups="clerk")))
    for login, locale in (("li", ""), ("smith", "en-GB")):
        engine.people.put(login, name=login, locale=locale, posts=[("clerk", "t")])
    case = engine.start("p", {"unit": "t"}, by="")
    engine.urge(item(engine, case.id).id, by="li")
    assert [n.subject for n in engine.notices("li")][-1] == "新诉求"
    assert [n.subject for n in engine.notices("smith")][-1] == "New demand"
    urged = engine.notices("smith")[0]
    assert urged.subject.startswith("Urged: ") and urged.body == "li urges this task."
    assert engine.notices("li")[0].body == "li 催办此任务。"


def test_codes_are_short_readable_and_not_guessed(engine: Engine) -> None:
    made = service(
        "c", "code.new", inputs={"prefix": '="SW-"'}, outputs={"code": "=result"}, headers={"resultVariable": "result"}
    )
    digits = service("pin", "code.new", inputs={"digits": "=6"}, headers={"resultVariable": "pin"})
    deploy(engine, diagram("s -> c -> pin -> u -> e", made, digits))
    cases = [engine.start("p", {}, by="zhang").variables for _ in range(20)]
    assert len({case["code"] for case in cases}) == 20
    assert all(case["code"].startswith("SW-") and len(case["code"]) == 11 for case in cases)
    assert all(len(case["pin"]) == 6 and case["pin"].isdigit() for case in cases)


def test_people_register_through_a_process_once(engine: Engine) -> None:
    person = '={mobile: "138 0000 0001", name: "王", home_unit: "t1", skills: [{name: "电工"}],'
    person += ' posts: [{role: "member", unit: "t1"}]}'
    join = service("j", "people.put", inputs={"person": person}, headers={"resultVariable": "login"})
    look = service("f", "people.find", inputs={"mobile": '="13800000001"'}, headers={"resultVariable": "found"})
    deploy(engine, diagram("s -> j -> u -> f -> v -> e", join, look, user("v")))
    engine.people.put("li", name="李", posts=[("operate", "")])
    first, second = (engine.start("p", {}, by="") for _ in range(2))
    assert first.variables["login"] == second.variables["login"] == "13800000001"
    engine.complete(item(engine, first.id).id, {}, by="li")
    [found] = engine.instance(first.id).variables["found"]
    assert (found["name"], found["skills"], found["units"]) == ("王", ["电工"], ["t1"])


def test_an_expression_knows_its_case(engine: Engine) -> None:
    deploy(engine, diagram("s -> u -> e", user("u", assignee="=case.started_by"), properties={"title": "case.process"}))
    case = engine.start("p", {}, by="zhang")
    assert item(engine, case.id).assignee == "zhang" and case.title == "p" and "case" not in case.variables
