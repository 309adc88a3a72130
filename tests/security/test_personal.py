"""Personal data: masked, looked at on record, exported, erased with every chain still whole; roles on record."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from admin.app import create_app
from engine import Engine
from engine.clock import ManualClock
from engine.errors import Forbidden, InvalidValue
from engine.settings import Settings
from tests.admin.conftest import Visitor, populate, text
from tests.admin.test_pages import fill, ids
from tests.conftest import MONDAY_0900_SHANGHAI
from tests.diagrams import diagram, user

MOBILE = "13800000001"
ERRAND = diagram("s -> u1 -> e", user("u1", groups="desk"), key="errand", properties={"unit": "=unit", "starters": "*"})


@pytest.fixture
def engine(store_url: str, tmp_path: Path) -> Iterator[Engine]:
    """li is at home at t1; staff look after people there, reader only reads them."""
    settings = Settings(database=store_url, data=str(tmp_path), secret_key="test" * 12, demo=False)
    made = Engine(store_url, ManualClock(MONDAY_0900_SHANGHAI), settings)
    made.migrate()
    populate(made)
    made.deploy({"errand.bpmn": ERRAND}, by="boss")
    fill(made, tmp_path / "pack")
    made.people.put("li", home_unit="t1", email="li@example.cn")
    made.people.put("reader", name="读者", posts=[("people:read", "t1")])
    yield made
    made.close()


@pytest.fixture
def visit(engine: Engine) -> Callable[[str], Visitor]:
    """A browser of somebody's."""
    app = create_app(engine)
    return lambda login: Visitor(app).enter(login)


def looked(engine: Engine) -> list[tuple[str, str]]:
    return [(deed.actor, deed.subject) for deed in engine.deeds(event="looked").rows]


def test_a_page_shows_head_and_tail_of_a_number_until_somebody_asks_and_that_is_on_record(
    engine: Engine, visit: Callable[[str], Visitor]
) -> None:
    staff = visit("staff")
    page = text(staff.get("/people/li/"))
    assert MOBILE not in page and "138****01" in page and "li@example.cn" not in page
    assert looked(engine) == []
    assert MOBILE in text(staff.post("/people/li/full"))
    assert looked(engine) == [("staff", "li")]
    assert "看完整信息" in text(visit("boss").get("/audit/?event=looked&subject=li"))


def test_who_only_reads_people_is_never_shown_a_number(engine: Engine, visit: Callable[[str], Visitor]) -> None:
    reader = visit("reader")
    assert MOBILE not in text(reader.get("/people/li/")) and MOBILE not in text(reader.get("/people/?q=li"))
    assert reader.post("/people/li/full").status_code == 403 and looked(engine) == []


def test_private_fields_in_full_are_on_record_masked_ones_are_not(
    engine: Engine, visit: Callable[[str], Visitor]
) -> None:
    row = ids(engine)["N1"]
    clerk, keeper = visit("clerk"), visit("keeper")
    for address in ("/p/pool/", f"/registers/needs/row/{row}", "/registers/needs/", "/registers/needs/export.csv"):
        assert "13812345678" not in text(clerk.get(address)), address
    assert looked(engine) == []
    for number, address in enumerate(
        ("/p/pool/", f"/registers/needs/row/{row}", "/registers/needs/", "/registers/needs/export.csv"), 1
    ):
        assert "13812345678" in text(keeper.get(address)), address
        assert looked(engine) == [("keeper", "needs")] * number, address
    assert row in engine.deeds(event="looked", limit=1).rows[0].data["rows"]


def test_one_downloads_what_there_is_on_oneself(engine: Engine, visit: Callable[[str], Visitor]) -> None:
    engine.start("errand", {"unit": "t1"}, by="li")
    data = json.loads(text(visit("li").get("/account/data.json")))
    assert data["person"]["mobile"] == MOBILE and len(data["cases"]) == 1
    assert "password" not in json.dumps(data)
    with pytest.raises(Forbidden):
        engine.personal_data("li", by="reader")


def test_what_is_erased_is_gone_and_every_chain_still_holds(engine: Engine, visit: Callable[[str], Visitor]) -> None:
    case = engine.start("errand", {"unit": "t1"}, by="boss")
    engine.comment(case.id, f"请打 {MOBILE} 找他", by="boss")
    engine.comment(case.id, "与他无关", by="boss")
    register = engine.register("needs")
    register.update("N1", {"phone": MOBILE, "what": f"找 {MOBILE}"})
    boss = visit("boss")
    page = text(boss.get("/people/li/erase"))
    assert "操作记录的行" in page and "此前的备份" in page and engine.people.get("li").mobile == MOBILE
    assert boss.post("/people/li/erase", {"reason": "本人要求", "name": "别人"}).status_code == 422
    assert engine.people.get("li").mobile == MOBILE
    assert boss.post("/people/li/erase", {"reason": "本人要求", "name": "李网格"}).status_code == 302
    person, row = engine.people.get("li"), register.must("N1")
    assert (person.name, person.mobile, person.email, person.status) == ("已删除", "", "", "left")
    assert MOBILE not in json.dumps(row, default=str) and register.must("N2")["phone"] == "13812345678"
    told = [entry.data for entry in engine.journal(case.id) if entry.event == "comment"]
    assert told == [{"text": "已删除"}, {"text": "与他无关"}]
    assert engine.doctor() == [] and engine.house_sound() == []
    assert [deed.subject for deed in engine.deeds(event="erased").rows] == ["li"]


def test_only_an_administrator_erases_and_not_themselves(engine: Engine) -> None:
    with pytest.raises(Forbidden):
        engine.erase_person("li", by="staff")
    with pytest.raises(InvalidValue):
        engine.erase_person("boss", by="boss")


# ---- roles, and the record itself


def test_a_role_changed_in_the_browser_holds_at_once_survives_its_pack_and_is_on_record(
    engine: Engine, visit: Callable[[str], Visitor], tmp_path: Path
) -> None:
    boss, clerk = visit("boss"), visit("clerk")
    assert clerk.get("/p/pool/").status_code == 200
    assert boss.get("/roles/").status_code == boss.get("/roles/clerk/").status_code == 200
    boss.post("/roles/clerk/", {"title": "办事员", "permission": ["page:mine"]})
    assert clerk.get("/p/pool/").status_code == 403
    (deed,) = engine.deeds(event="role-changed").rows
    assert deed.actor == "boss" and deed.data["permissions"] == ["page:mine"] and "page:pool" in deed.data["before"]
    toml = tmp_path / "pack" / "pack.toml"
    toml.write_text(toml.read_text("utf-8").replace('version = "1"', 'version = "2"'), "utf-8")
    engine.deploy_pack(tmp_path / "pack", by="boss")
    assert clerk.get("/p/pool/").status_code == 403
    boss.post("/roles/clerk/reset")
    assert clerk.get("/p/pool/").status_code == 200


def test_nobody_changes_away_the_last_administrator(engine: Engine) -> None:
    engine.people.edited.put("chief", "总管", "", ["admin"], by="boss")
    engine.people.put("boss", posts=[("chief", "")])
    with pytest.raises(InvalidValue):
        engine.people.edited.put("chief", "总管", "", ["desk"], by="boss")
    assert engine.people.may("boss", "admin", "")


@pytest.mark.parametrize("permission", ["everything", "register:needs:burn", "page:", "people:*"])
def test_a_permission_that_does_not_exist_is_refused(permission: str, engine: Engine) -> None:
    with pytest.raises(InvalidValue):
        engine.people.edited.put("helper", "帮手", "", [permission], by="boss")


def test_a_line_of_the_record_that_somebody_changed_is_found(engine: Engine, visit: Callable[[str], Visitor]) -> None:
    engine.people.put("li", name="新名", by="boss")
    boss = visit("boss")
    assert "记录链完整" in text(boss.post("/audit/prove"))
    with engine.store.transaction():
        engine.store.sql("update journal set actor = 'li' where instance = 0 and event = 'person-changed'")
    assert "记录链有问题" in text(boss.post("/audit/prove"))
    assert {problem.code for problem in engine.doctor()} == {"journal"}
