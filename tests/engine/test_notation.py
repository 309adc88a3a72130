"""What a diagram says to the whole engine: escalations to a caller, version tags, starts of every kind, pools, data
stores. What one case does alone is in tests/engine/bpmn."""

from __future__ import annotations

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.errors import DeploymentRefused
from tests.diagrams import boundary, call, catch, diagram, element, end, event, start, throw, user
from tests.engine.bpmn.constructs import pools
from tests.engine.helpers import deploy, item, open_nodes, sound

REGISTER = (
    b'{"name": "lamps", "title": {"zh": "L", "en": "L"}, "scope": "all", "key": ["code"], '
    b'"indexes": ["status"], "fields": ['
    b'{"key": "code", "type": "text", "label": {"zh": "c", "en": "c"}},'
    b'{"key": "status", "type": "text", "label": {"zh": "s", "en": "s"}}]}'
)


@pytest.mark.parametrize("cut", [True, False])
def test_an_escalation_of_a_called_process_reaches_its_caller(engine: Engine, cut: bool) -> None:
    """It was caught by nobody: the boundary event on the call activity never fired."""
    caller = diagram(
        "s -> c -> e; b -> u9 -> e9", call("c", "child"), boundary("b", "c", "escalation", cut=cut), key="up"
    )
    deploy(engine, caller, diagram("s -> h -> u1 -> e", throw("h", "escalation"), key="child"))
    case = engine.start("up", {}, by="zhang")
    [child] = engine.children(case.id)
    assert open_nodes(engine, case.id) == ["u9"]
    assert engine.instance(child.id).status == ("cancelled" if cut else "running")
    sound(engine)
    for one in engine.work_items():
        engine.complete(one.id, {}, by="li")
    assert engine.instance(case.id).status == "completed"
    sound(engine)


def test_an_escalation_in_the_last_step_is_heard_before_the_call_is_answered(engine: Engine) -> None:
    caller = diagram("s -> c -> u1 -> e; b -> u9 -> e9", call("c", "child"), boundary("b", "c", "escalation"), key="up")
    deploy(engine, caller, diagram("s -> e", end("e", "escalation"), key="child"))
    case = engine.start("up", {}, by="zhang")
    assert open_nodes(engine, case.id) == ["u9"] and not engine.incidents()
    sound(engine)


def tagged(tag: str, flows: str) -> bytes:
    content = diagram(flows, key="child")
    box = f'<extensionElements><zeebe:versionTag value="{tag}"/></extensionElements>'
    return content.replace(b'isExecutable="true">', f'isExecutable="true">{box}'.encode(), 1)


def bound_to(tag: str) -> bytes:
    return diagram(
        "s -> c -> e",
        call("c", "child").replace("processId", f'bindingType="versionTag" versionTag="{tag}" processId'),
        key="up",
    )


def test_a_version_tag_binds_to_the_newest_version_that_has_it(engine: Engine) -> None:
    """It was read as `deployment`: the version deployed with the caller was called, whatever its tag."""
    deploy(engine, tagged("old", "s -> u1 -> e"))
    deploy(engine, tagged("new", "s -> u2 -> e"))
    deploy(engine, bound_to("old"))
    case = engine.start("up", {}, by="zhang")
    assert open_nodes(engine, engine.children(case.id)[0].id) == ["u1"]
    deploy(engine, tagged("old", "s -> u3 -> e"))
    again = engine.start("up", {}, by="zhang")
    assert open_nodes(engine, engine.children(again.id)[0].id) == ["u3"]
    with pytest.raises(DeploymentRefused) as refused:
        deploy(engine, bound_to("never"))
    assert [one.code for one in refused.value.findings if one.severity == "error"] == ["unknown-version-tag"]


def test_a_process_begins_by_any_of_several_events_or_by_all_of_them(engine: Engine) -> None:
    any_of = element("startEvent", "s", event("message") + event("signal"))
    all_of = element("startEvent", "s", event("message", "msg2") + event("signal2"), parallelMultiple="true")
    deploy(
        engine,
        diagram("s -> u1 -> e", any_of, key="any"),
        diagram("s -> u2 -> e", all_of, key="all", top='<message id="msg2" name="msg2"/>'),
    )
    engine.publish_message("msg", {"x": 1})
    engine.broadcast_signal("sig", {"x": 2})
    assert sorted(case.variables["x"] for case in map(engine.instance, cases(engine, "any"))) == [1, 2]
    engine.publish_message("msg2", {"a": 1})
    [case] = cases(engine, "all")
    assert open_nodes(engine, case) == []
    engine.publish_message("msg2", {"a": 2})
    assert len(cases(engine, "all")) == 2, "a message that has come is not awaited again"
    engine.broadcast_signal("sig2", {"b": 3})
    assert open_nodes(engine, case) == ["u2"] and engine.instance(case).variables == {"a": 1, "b": 3}
    sound(engine)


def cases(engine: Engine, process_key: str) -> list[int]:
    return sorted(case.id for case in engine.instances(process=process_key).rows)


def test_a_conditional_start_is_asked_every_minute_and_begins_once(engine: Engine, clock: ManualClock) -> None:
    when = start("s", "condition", 'now() >= date and time("2026-11-23T02:00:00Z")')
    deploy(engine, diagram("s -> u1 -> e", when))
    engine.run_due()
    assert cases(engine, "p") == []
    clock.advance(hours=1)
    engine.run_due()
    clock.advance(minutes=5)
    engine.run_due()
    assert len(cases(engine, "p")) == 1
    sound(engine)


def test_an_instantiating_gateway_begins_by_each_of_its_events(engine: Engine, clock: ManualClock) -> None:
    gateway = element("eventBasedGateway", "E", instantiate="true")
    receive = element("receiveTask", "v", messageRef="msg")
    deploy(engine, diagram("E -> v -> u1 -> e; E -> g -> u2 -> e", gateway, receive, catch("g", "signal")))
    engine.publish_message("msg", {"x": 1})
    engine.broadcast_signal("sig", {})
    assert [open_nodes(engine, case) for case in cases(engine, "p")] == [["u1"], ["u2"]]
    sound(engine)


def test_pools_of_one_file_talk(engine: Engine) -> None:
    talk = next(one for one in pools.ALL if one.id == "correlation-standard")
    deploy(engine, talk.content)
    case = engine.start("p", {"mine": "A7"}, by="zhang")
    other = engine.start("p", {"mine": "B8"}, by="zhang")
    [first, second] = cases(engine, "q")
    assert engine.instance(second).variables["order"] == "B8"
    engine.complete(item(engine, second).id, {}, by="li")
    assert (engine.instance(case.id).status, engine.instance(other.id).status) == ("running", "completed")
    engine.complete(item(engine, first).id, {}, by="li")
    assert engine.instance(case.id).status == "completed"
    sound(engine)


def test_a_data_store_is_a_register(engine: Engine) -> None:
    """Lines to a register were drawn and did nothing."""
    store = '<dataStoreReference id="ds" name="lamps"/>'
    writes = '<dataOutputAssociation id="a1"><targetRef>ds</targetRef><transformation>={code: code, status: "broken"}'
    reads = '<property id="pb" name="broken"/><dataInputAssociation id="a2"><sourceRef>ds</sourceRef>'
    reads += "<targetRef>pb</targetRef>"
    content = diagram(
        "s -> u1 -> u2 -> e",
        user("u1", f"{writes}</transformation></dataOutputAssociation>"),
        user("u2", f"{reads}</dataInputAssociation>", outputs={"many": "=count(broken)"}),
        store,
    )
    deploy(engine, content, lamps_json=REGISTER)
    case = engine.start("p", {}, by="zhang")
    engine.complete(item(engine, case.id).id, {"code": "7"}, by="li")
    assert [(row["code"], row["status"]) for row in engine.register("lamps").rows()] == [("7", "broken")]
    engine.complete(item(engine, case.id).id, {}, by="li")
    assert engine.instance(case.id).variables["many"] == 1
    sound(engine)
    with pytest.raises(DeploymentRefused) as refused:
        deploy(engine, content.replace(b'name="lamps"', b'name="lanterns"'))
    assert "unknown-register" in {one.code for one in refused.value.findings}


def test_a_timer_of_a_parallel_multiple_event_that_has_come_does_not_come_again(
    engine: Engine, clock: ManualClock
) -> None:
    """Its row stayed due: every tick fired it again, and after some attempts the case stopped as an incident."""
    both = element(
        "intermediateCatchEvent", "c1", event("message") + event("duration", "PT1H"), parallelMultiple="true"
    )
    deploy(engine, diagram("s -> c1 -> u1 -> e", both))
    case = engine.start("p", {}, by="zhang")
    for _ in range(30):
        clock.advance(hours=1)
        engine.run_due()
    assert not engine.incidents() and open_nodes(engine, case.id) == []
    engine.publish_message("msg", {})
    assert open_nodes(engine, case.id) == ["u1"]
    sound(engine)
