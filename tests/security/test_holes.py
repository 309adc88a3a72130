"""What the permission matrix found, one test each, so that none comes back."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask

from admin.app import create_app
from engine import Engine
from engine.clock import ManualClock
from engine.errors import Forbidden, InvalidValue, NotFound
from engine.settings import Settings
from tests.admin.conftest import Visitor, populate, text
from tests.admin.test_pages import fill
from tests.conftest import MONDAY_0900_SHANGHAI
from tests.diagrams import diagram, service, user

PNG = b"\x89PNG\r\n\x1a\n"
ERRAND = diagram("s -> u1 -> e", user("u1", groups="desk"), key="errand", properties={"unit": "=unit", "starters": "*"})
TOLD = diagram(
    "s -> t1 -> e",
    service("t1", "notice", inputs={"to": '="boss"', "about": '="li"', "subject": '="{about}未到"'}),
    key="told",
)


@pytest.fixture
def engine(store_url: str, tmp_path: Path) -> Iterator[Engine]:
    """People of two communities, a register, a small errand."""
    settings = Settings(database=store_url, data=str(tmp_path), secret_key="test" * 12, demo=False)
    made = Engine(store_url, ManualClock(MONDAY_0900_SHANGHAI), settings)
    made.migrate()
    populate(made)
    made.deploy({"errand.bpmn": ERRAND, "told.bpmn": TOLD}, by="boss")
    fill(made, tmp_path / "pack")
    yield made
    made.close()


@pytest.fixture
def visit(engine: Engine) -> Callable[[str], Visitor]:
    """A browser of somebody's."""
    app: Flask = create_app(engine)
    return lambda login: Visitor(app).enter(login)


def upload(engine: Engine, by: str) -> str:
    return engine.attach("p.png", "image/png", io.BytesIO(PNG), by=by)


def test_a_case_does_not_hand_out_a_file_that_its_author_could_not_open(engine: Engine) -> None:
    """Whoever named any file's id in a form was given a sealed address for it by the case's page."""
    foreign = upload(engine, "boss")
    with pytest.raises(InvalidValue):
        engine.start("errand", {"unit": "t1", "photo": foreign}, by="li")
    item = engine.work_items(instance=engine.start("errand", {"unit": "t1"}, by="li").id)[0]
    with pytest.raises(InvalidValue):
        engine.complete(item.id, {"photo": foreign}, by="li")
    engine.complete(item.id, {"photo": upload(engine, "li")}, by="li")


def test_a_file_of_a_case_may_be_named_by_whoever_sees_that_case(engine: Engine) -> None:
    """A photo goes on from one case to the next, a called case names its caller's."""
    photo = upload(engine, "li")
    engine.start("errand", {"unit": "t1", "photo": photo}, by="li")
    engine.start("errand", {"unit": "t1", "photo": photo}, by="li")
    with pytest.raises(InvalidValue):
        engine.start("errand", {"unit": "t2", "photo": photo}, by="west")


def test_a_register_row_does_not_take_a_file_of_somebody_else(engine: Engine) -> None:
    register = engine.register("needs")
    row = {"code": "N9", "what": "x", "unit": "t1", "place": upload(engine, "boss")}
    with pytest.raises(InvalidValue):
        register.insert(row, by="clerk")
    register.insert({**row, "place": upload(engine, "clerk")}, by="clerk")


def test_a_visitor_is_not_the_assignee_of_every_free_task(engine: Engine) -> None:
    """A free task's assignee is '', and so is a visitor's login: asked for by '' every case with a free task was
    theirs."""
    engine.people.put("other", name="别人", posts=[("desk", "t2")])
    case = engine.start("errand", {"unit": "t1"}, by="li")
    item = engine.work_items(instance=case.id)[0]
    assert item.assignee == ""
    assert not engine.sees(case.id, "")
    assert engine.work_items(by="") == [] and engine.instances(by="").total == 0
    with pytest.raises(NotFound):
        engine.instance(case.id, by="")
    with pytest.raises(NotFound):
        engine.work_item(item.id, by="")


def test_nobody_remarks_on_a_case_that_they_may_not_see(engine: Engine) -> None:
    case = engine.start("errand", {"unit": "t1"}, by="boss")
    with pytest.raises(NotFound):
        engine.comment(case.id, "我来看看", by="west")


@pytest.mark.parametrize("call", ["insert", "update", "upsert", "delete", "reserve"])
def test_a_register_asks_for_itself_who_may_write(call: str, engine: Engine) -> None:
    register = engine.register("needs")
    row = {"code": "N1", "what": "x", "unit": "t1"}
    given = {"insert": [{**row, "code": "N9"}], "update": ["N1", {"what": "y"}], "upsert": [row]}.get(call, ["N1"])
    before = register.rows(order="code")
    with pytest.raises(Forbidden):
        getattr(register, call)(*given, by="west")
    assert register.rows(order="code") == before


def test_who_only_reads_people_cannot_move_a_post_in_time(engine: Engine, visit: Callable[[str], Visitor]) -> None:
    """Giving a post that is held already compared role and unit alone: a reader of people could end anybody's by a day
    in the past."""
    engine.people.put("reader", name="读者", posts=[("people:read", "t1")])
    engine.people.put("clerk", home_unit="t1")
    past = {"role": "clerk", "unit": "t1", "until": (date(2026, 11, 23) - timedelta(days=3)).isoformat()}
    answer = visit("reader").post("/people/clerk/post", past)
    assert answer.status_code == 403
    assert visit("reader").post("/people/clerk/post/end", {"role": "clerk", "unit": "t1"}).status_code == 403
    assert [post.role for post in engine.people.posts("clerk")] == ["clerk"]


def test_a_page_offers_to_open_only_the_cases_one_may_see(engine: Engine, visit: Callable[[str], Visitor]) -> None:
    """A designer saw 查看 beside every demand and was told that there is no such page."""
    case = engine.start("errand", {"unit": "t1"}, by="boss")
    page = {
        "name": "columns",
        "title": {"zh": "案件", "en": "Cases"},
        "source": {"register": "needs", "order": "code"},
        "columns": ["code"],
        "actions": [
            {
                "name": "case",
                "label": {"zh": "查看", "en": "View"},
                "kind": "open",
                "to": "case",
                "case": "=row.tags[1]",
            }
        ],
    }
    engine.deploy({"pages/columns.json": json.dumps(page).encode()}, by="boss")
    engine.register("needs").update("N1", {"tags": [str(case.id)]})
    engine.people.put("looker", name="看的人", posts=[("clerk", "t1")])
    engine.people.put("overseer", name="督办", posts=[("clerk", "t1"), ("oversee", "t1")])
    link = f'href="/case/{case.id}/"'
    there = text(visit("looker").get("/p/columns/"))
    assert "N1" in there and link not in there
    assert link in text(visit("overseer").get("/p/columns/"))


def test_a_notice_names_the_person_it_is_about(engine: Engine) -> None:
    """The organiser read a login in the notice of somebody who did not come."""
    engine.start("told", {}, by="boss")
    assert [notice.subject for notice in engine.notices("boss")] == ["李网格未到"]
