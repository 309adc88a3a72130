"""Many at once: of five hundred who claim one task one gets it, of five hundred who want ten places ten, ticks of
several processes do each thing once, a form posted twice counts once."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from admin.app import create_app
from engine import Engine
from engine.clock import ManualClock, SystemClock
from engine.settings import Settings
from tests.admin.conftest import Visitor, text
from tests.diagrams import catch, diagram, service, user
from tests.engine.helpers import at_once, deploy, item, open_nodes, sound
from tests.faults import crowd
from tests.faults.web import KEY

CROWD, PLACES = 500, 10
REGISTER = {
    "name": "places",
    "title": {"zh": "名额", "en": "Places"},
    "scope": "all",
    "fields": [
        {"key": "code", "type": "text", "label": {"zh": "编号", "en": "Code"}},
        {"key": "places", "type": "number", "label": {"zh": "名额", "en": "Places"}},
        {"key": "taken", "type": "number", "label": {"zh": "已占", "en": "Taken"}},
    ],
    "key": ["code"],
    "quota": {"taken": "taken", "limit": "places"},
}
ASKING = diagram(
    "s -> r -> u -> e",
    service("r", "register.reserve", inputs={"register": "places", "key": "hall"}, headers={"resultVariable": "got"}),
)


def dealt(wanted: list) -> list[list]:
    """Among the processes."""
    return [wanted[n :: crowd.PROCESSES] for n in range(crowd.PROCESSES)]


def test_of_five_hundred_who_claim_one_task_one_gets_it(engine: Engine, store_url: str) -> None:
    deploy(engine, diagram("s -> u -> e", user("u", groups="clerk")))
    task = item(engine, engine.start("p", {}, by="zhang").id)
    logins = [f"hand{n}" for n in range(CROWD)]
    outcomes = crowd.everybody(store_url, crowd.claim, dealt([(task.id, login) for login in logins]))
    assert outcomes == {"yes": 1, "AlreadyClaimed": CROWD - 1}
    winner = engine.work_item(task.id).assignee
    claimed = [entry.actor for entry in engine.journal(task.instance_id) if entry.event == "claimed"]
    assert winner in logins and claimed == [winner]
    sound(engine)


def test_of_five_hundred_who_want_ten_places_ten_get_one(engine: Engine, store_url: str) -> None:
    deploy(engine, ASKING, places_json=json.dumps(REGISTER).encode())
    engine.register("places").insert({"code": "hall", "places": PLACES, "taken": 0})
    engine.register("places").insert({"code": "yard", "places": PLACES, "taken": 0})
    at_the_desk = [("yard", f"hand{n}") for n in range(CROWD)]
    outcomes = crowd.everybody(store_url, crowd.reserve, dealt(at_the_desk))
    assert outcomes == {"yes": PLACES, "QuotaFull": CROWD - PLACES}
    outcomes = crowd.everybody(store_url, crowd.ask_for_a_place, dealt([f"hand{n}" for n in range(CROWD // 10)]))
    assert outcomes == {"yes": CROWD // 10}
    got = Counter(engine.instance(case.id).variables["got"] for case in engine.instances(limit=CROWD).rows)
    assert got == {True: PLACES, False: CROWD // 10 - PLACES}
    assert [row["taken"] for row in engine.register("places").rows()] == [PLACES, PLACES]
    sound(engine)


def test_ticks_of_several_processes_do_each_thing_once(store_url: str, tmp_path: Path) -> None:
    """One case with twelve timers that fall due at one moment, four processes that all look."""
    waits = "; ".join(f"A -> t{n} -> u{n} -> e{n}" for n in range(12))
    clock = ManualClock(SystemClock().now())
    clock.advance(hours=-2)
    with Engine(store_url, clock, Settings(data=str(tmp_path))) as engine:
        deploy(engine, diagram(f"s -> A; {waits}", *(catch(f"t{n}", "duration", value="PT1H") for n in range(12))))
        case = engine.start("p", {}, by="zhang").id
        assert crowd.everybody(store_url, crowd.tick, [[1, 2, 3]] * crowd.PROCESSES)["yes"] == 12
        engine.run_due()
        caught = Counter(node for node, event in engine.trace(case) if event == "caught")
        assert caught == {f"t{n}": 1 for n in range(12)} and len(open_nodes(engine, case)) == 12
        sound(engine)


def form(key: str) -> bytes:
    field = {"type": "textfield", "key": "what", "id": "what", "label": "what"}
    return json.dumps({"type": "default", "id": key, "schemaVersion": 18, "components": [field]}).encode()


@pytest.fixture
def people(engine: Engine) -> Engine:
    """A clerk, and a process whose start and task have a form."""
    engine.people.put_unit("t1", name="t1")
    engine.people.put("admin", name="admin", posts=[("admin", "")])
    engine.people.put("li", name="li", posts=[("desk", "t1"), ("start", "t1")])
    begins = '<startEvent id="s"><extensionElements><zeebe:formDefinition formId="f"/></extensionElements></startEvent>'
    deploy(engine, diagram("s -> u -> v -> e", begins, user("u", form="f", users="li"), user("v")), f_form=form("f"))
    return engine


def test_the_same_form_posted_twice_at_once_counts_once(people: Engine) -> None:
    """An impatient finger, or a browser that repeats the request: both answers lead on, one case and one step."""
    app = create_app(people)
    windows = [Visitor(app).enter("li") for _ in range(2)]

    def post_twice(path: str) -> None:
        pages = [text(window.get(path)) for window in windows]
        found = KEY.search(pages[0])
        assert found
        data = {"_key": found[1], "what": "lamp"}
        answers = at_once([lambda window=window: window.post(path, data) for window in windows])
        assert [answer.status_code for answer in answers] == [302, 302]

    post_twice("/start/p/")
    (case,) = people.instances(process="p").rows
    post_twice(f"/task/{item(people, case.id).id}/")
    assert open_nodes(people, case.id) == ["v"]
    assert [event for node, event in people.trace(case.id) if node == "u"] == ["entered", "completed"]
    sound(people)
