"""Publishing: all or nothing, versions, what a running case is bound to."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.errors import DeploymentRefused, InvalidFile, NotFound
from tests.diagrams import diagram, service, start, user
from tests.engine.helpers import deploy, item, open_nodes

ONE, TWO = diagram("s -> u1 -> e"), diagram("s -> u1 -> u2 -> e")


def test_unchanged_bytes_keep_their_version(engine: Engine) -> None:
    first = engine.deploy({"a.bpmn": ONE}, by="admin")
    again = engine.deploy({"a.bpmn": ONE}, by="admin")
    changed = engine.deploy({"a.bpmn": TWO}, by="admin")
    assert [(d.key, d.version, d.kind, d.fresh) for d in first + again + changed] == [
        ("p", 1, "process", True),
        ("p", 1, "process", False),
        ("p", 2, "process", True),
    ]
    assert engine.content(changed[0].id) == TWO and engine.content(first[0].id) == ONE
    assert [d.version for d in engine.definitions("process", "p", latest=False)] == [2, 1]


def test_a_running_case_keeps_the_version_it_started_on(engine: Engine) -> None:
    deploy(engine, ONE)
    case = engine.start("p", {}, by="zhang")
    deploy(engine, TWO)
    assert engine.complete(item(engine, case.id).id, {}, by="li").status == "completed"
    newer = engine.start("p", {}, by="zhang")
    assert newer.version == 2 and engine.complete(item(engine, newer.id).id, {}, by="li").status == "running"


def test_a_refused_deployment_changes_nothing_and_names_the_place(engine: Engine) -> None:
    broken = diagram("s -> u1 -> X; X -> e if (((; X -> u1 default")
    with pytest.raises(DeploymentRefused) as caught:
        engine.deploy({"good.bpmn": ONE, "bad.bpmn": broken.replace(b'id="p"', b'id="q"')}, by="admin")
    wrong = [f for f in caught.value.findings if f.severity == "error"]
    assert wrong and wrong[0].file == "bad.bpmn" and wrong[0].line > 1
    assert engine.definitions() == []
    assert [f.code for f in engine.lint({"good.bpmn": ONE}) if f.severity == "error"] == []


def test_start_events_of_an_old_version_no_longer_listen(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, diagram("s -> u1 -> e", start("s", "message")))
    deploy(engine, TWO)
    engine.publish_message("msg", {})
    engine.run_due()
    assert engine.instances().total == 0


def test_titles_and_units_come_from_the_diagram(engine: Engine) -> None:
    properties = {"title": 'what + " at " + place', "unit": "where"}
    deploy(engine, diagram("s -> u1 -> u2 -> e", user("u1"), name="诉求", properties=properties))
    case = engine.start("p", {"what": "路灯", "place": "东门", "where": "440604010001"}, by="zhang")
    assert (case.title, case.unit) == ("路灯 at 东门", "440604010001")
    task = item(engine, case.id)
    assert (task.title, task.unit, task.process_name) == ("路灯 at 东门", "440604010001", "诉求")
    engine.complete(task.id, {"place": "西门"}, by="li")
    assert engine.instance(case.id).title == item(engine, case.id).title == "路灯 at 西门"


def test_a_case_without_a_title_bears_the_name_of_its_process(engine: Engine) -> None:
    deploy(engine, diagram("s -> u1 -> e", name="诉求", properties={"title": "missing"}))
    assert engine.start("p", {}, by="zhang").title == "诉求"


def test_a_scratch_engine_has_the_definitions_and_nothing_else(engine: Engine, clock: ManualClock) -> None:
    deploy(engine, ONE)
    deploy(engine, diagram("s -> v -> e", user("v"), key="q"))
    engine.start("p", {}, by="zhang")
    other = ManualClock(clock.now())
    with engine.scratch(other) as scratch:
        assert [d.key for d in scratch.definitions()] == ["p", "q"] and scratch.instances().total == 0
        case = scratch.start("q", {}, by="anybody")
        assert open_nodes(scratch, case.id) == ["v"]
    assert engine.instances().total == 1


def test_what_is_not_deployed_is_not_found(engine: Engine) -> None:
    for ask in (engine.content, engine.process_info, engine.definition, engine.instance, engine.work_item):
        with pytest.raises(NotFound):
            ask(5)


PACK = """name = "tiny"
version = "1.0"
title = {zh = "小", en = "Tiny"}
[roles.clerk]
title = {zh = "办事员", en = "Clerk"}
permissions = ["desk", "start"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pack on disk: one process whose job is a function of its services.py."""
    pack = tmp_path / "tiny"
    (pack / "processes").mkdir(parents=True)
    (pack / "pack.toml").write_text(PACK)
    (pack / "services.py").write_text(
        'def double(inputs):\n    """Twice x."""\n    return {"twice": inputs["x"] * 2}\n'
    )
    job = service("j", "tiny.double", inputs={"x": "=x"})
    (pack / "processes" / "a.bpmn").write_bytes(diagram("s -> j -> u -> e", job, user("u", groups="clerk")))
    return pack


def test_a_pack_brings_its_roles_and_services(engine: Engine, folder: Path) -> None:
    assert [(d.key, d.version) for d in engine.deploy_pack(folder, by="admin")] == [("p", 1)]
    engine.people.put("li", name="李", posts=[("clerk", "")])
    assert engine.may("li", "desk") and not engine.may("li", "operate")
    case = engine.start("p", {"x": 21}, by="li")
    engine.run_due()
    assert engine.instance(case.id).variables["twice"] == 42 and item(engine, case.id).candidates == ("li",)


def test_a_pack_deployed_again_is_not_even_read_twice(
    engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.deploy_pack(folder, by="admin")
    monkeypatch.setattr("engine.packs.examine", lambda *args: pytest.fail("linted again"))
    assert [(d.version, d.fresh) for d in engine.deploy_pack(folder, by="admin")] == [(1, False)]
    monkeypatch.undo()
    (folder / "pack.toml").write_text(PACK.replace('"start"]', '"start", "operate"]'))
    engine.deploy_pack(folder, by="admin")
    assert engine.packs()["tiny"]["roles"]["clerk"]["permissions"][-1] == "operate"
    (folder / "processes" / "a.bpmn").write_bytes(TWO)
    assert [(d.version, d.fresh) for d in engine.deploy_pack(folder, by="admin")] == [(2, True)]


def test_a_pack_whose_services_fail_to_load_is_refused(engine: Engine, folder: Path) -> None:
    (folder / "services.py").write_text("import nothing_like_this")
    with pytest.raises(InvalidFile):
        engine.deploy_pack(folder, by="admin")
    assert engine.definitions() == [] and engine.packs() == {}
