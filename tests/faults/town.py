"""The pack that is run while processes are killed: one process with every kind of thing that can be lost or doubled.

Each case has a task with a form, a score written in the task's commit, a job, a message, a timer, a reserved place, a
called case and a notice, side by side, so that commands of one case collide. Owns the files and the people.
"""

from __future__ import annotations

import json
from pathlib import Path

from engine import Engine
from tests.diagrams import boundary, call, catch, diagram, service, user

PROCESS, PLACES = "round", 100_000
HANDS = ("hand0", "hand1", "hand2", "hand3")
VISITOR, PASSWORD, CHIEF, EFFECTS = "visitor", "a long password", "chief", "LINLI_TEST_EFFECTS"

_FLOWS = """
s -> A; J -> tell -> e
A -> u -> score -> J
A -> j -> J
A -> m -> J
A -> t -> turn -> J
A -> r -> J
A -> c -> J
late -> e2
"""


def _round() -> bytes:
    row = {"register": "scores", "row.ref": "=ref"}
    return diagram(
        _FLOWS,
        '<startEvent id="s"><extensionElements><zeebe:formDefinition formId="begin"/></extensionElements></startEvent>',
        '<parallelGateway id="J"/>',
        user("u", groups="clerk", form="report", due="PT4M", props={"remind": "PT0S, R/PT10M", "calendar": "natural"}),
        boundary("late", "u", "duration", "PT3M", cut=False),
        service("score", "register.insert", inputs={**row, "row.what": "task", "row.amount": "=amount"}),
        service("j", "town.effect", retries="60", inputs={"ref": "=ref"}),
        catch("m", "keyed"),
        catch("t", "duration", value="PT3M"),
        service("turn", "register.insert", inputs={**row, "row.what": "timer", "row.amount": "=1"}),
        service("r", "register.reserve", inputs={"register": "places", "key": "hall"}),
        call("c", "child", inputs={"ref": "=ref"}, propagate=False),
        service("tell", "notice", inputs={"to": CHIEF, "subject": "=ref"}),
        key=PROCESS,
        properties={"title": "=ref", "public_key": "=ref", "starters": "clerk", "unit": '="t1"'},
    ).replace(b'correlationKey="=key"', b'correlationKey="=ref"')


def _child() -> bytes:
    row = {"register": "scores", "row.ref": "=ref", "row.what": "child", "row.amount": "=1"}
    return diagram(
        "s -> w -> score -> e",
        catch("w", "duration", value="PT1M"),
        service("score", "register.insert", inputs=row),
        key="child",
    )


def _register(name: str, fields: list[tuple[str, str]], **more: object) -> bytes:
    made = [{"key": key, "type": kind, "label": {"zh": key, "en": key}} for key, kind in fields]
    return json.dumps(
        {"name": name, "title": {"zh": name, "en": name}, "fields": made, "scope": "all", **more}
    ).encode()


def _form(key: str, kind: str, field: str) -> bytes:
    part = {"type": kind, "key": field, "id": field, "label": field, "validate": {"required": True}}
    return json.dumps({"type": "default", "id": key, "schemaVersion": 18, "components": [part]}).encode()


SETTINGS = """
name = "town"
version = "1"
title = { zh = "town", en = "town" }
[roles.clerk]
title = { zh = "clerk", en = "clerk" }
permissions = ["desk", "start"]
"""
SERVICES = f'''
"""The job of the round: its effect is a line in a file. One in five calls fails."""

import os, random


def effect(inputs):
    """Append the case's ref to the file."""
    if random.random() < 0.2:
        raise RuntimeError("not now")
    out = os.open(os.environ["{EFFECTS}"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(out, (inputs["ref"] + "\\n").encode())
    os.close(out)
    return {{}}
'''
MAP = f"""
process = "{PROCESS}"
id = "ref"
[variables]
ref = "ref"
"""


def write(folder: Path) -> None:
    """The pack as a folder, and the map of its imports."""
    files = {
        "pack/pack.toml": SETTINGS.encode(),
        "pack/services.py": SERVICES.encode(),
        "pack/processes/round.bpmn": _round(),
        "pack/processes/child.bpmn": _child(),
        "pack/forms/begin.form": _form("begin", "textfield", "ref"),
        "pack/forms/report.form": _form("report", "number", "amount"),
        "pack/registers/scores.json": _register(
            "scores", [("ref", "text"), ("what", "text"), ("amount", "number")], indexes=["ref"], append_only=True
        ),
        "pack/registers/places.json": _register(
            "places",
            [("code", "text"), ("places", "number"), ("taken", "number")],
            key=["code"],
            quota={"taken": "taken", "limit": "places"},
        ),
        "map.toml": MAP.encode(),
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def settle_in(engine: Engine, folder: Path, password: str) -> None:
    """Tables, people, pack, places. What is there already stays: the process that does this is killed too."""
    engine.migrate()
    engine.people.put_unit("t1", name="t1", zone="Asia/Shanghai")
    engine.people.put(CHIEF, name=CHIEF, email="chief@example.org", posts=[("admin", "")])
    for login in (*HANDS, VISITOR):
        mail = f"{login}@example.org"
        engine.people.put(login, name=login, email=mail, posts=[("clerk", "t1")], password=password)
    engine.deploy_pack(folder / "pack", by=CHIEF)
    places = engine.register("places")
    if places.get("hall") is None:
        places.upsert({"code": "hall", "places": PLACES, "taken": 0}, by=CHIEF)
