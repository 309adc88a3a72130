"""Registers and pages as forms, roles beside them, previews, and how processes begin: what designers' browsers ask."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from admin.studio import page_design, register_design, rights, trees
from engine import Engine, pages
from engine.errors import InvalidFile, InvalidValue
from engine.registers import parse
from tests.admin.conftest import Visitor, text
from tests.diagrams import diagram, start, user

Visit = Callable[..., Visitor]
TREES: dict[str, Any] = {
    "name": "trees",
    "title": {"zh": "古树", "en": "Trees"},
    "scope": "all",
    "fields": [
        {"key": "code", "type": "text", "label": {"zh": "编号", "en": "Code"}, "required": True},
        {"key": "kind", "type": "text", "label": {"zh": "树种", "en": "Kind"}},
        {"key": "age", "type": "number", "label": {"zh": "树龄", "en": "Age"}},
    ],
    "key": ["code"],
    "indexes": ["kind", "age"],
    "search": ["kind"],
    "list": ["code", "kind", "age"],
    "row_title": "kind",
    "quota": {"taken": "age", "limit": "age"},
}
PAGE: dict[str, Any] = {
    "name": "grove",
    "title": {"zh": "树林", "en": "Grove"},
    "sections": [{"key": "all", "layout": "table", "source": {"register": "trees"}, "columns": ["kind"]}],
}
WEEKLY = diagram("t -> u -> e", start("t", "cycle", "R/P7D"), user("u"), key="weekly", name="每周巡查")


def dumped(raw: dict[str, Any]) -> bytes:
    return json.dumps(raw, ensure_ascii=False).encode()


def copied(raw: dict[str, Any]) -> dict[str, Any]:
    return json.loads(dumped(raw))


@pytest.fixture
def drawer(engine: Engine, visit: Visit) -> Visitor:
    """A designer at a pack with two roles, a register, a page and a process."""
    engine.new_pack("park", "公园", by="drawer")
    toml, revision = engine.pack_file("park", "pack.toml")
    roles = (
        '\n# who works here\n[roles.keeper]\ntitle = { zh = "园丁", en = "Keeper" }\npermissions = ["desk"]  # little\n'
    )
    engine.save_pack_file("park", "pack.toml", toml + roles.encode(), revision=revision, by="drawer")
    for path, content in (
        ("registers/trees.json", dumped({k: v for k, v in TREES.items() if k != "quota"})),
        ("pages/grove.json", dumped(PAGE)),
        ("processes/weekly.bpmn", WEEKLY),
    ):
        engine.save_pack_file("park", path, content, revision=0, by="drawer")
    return visit("drawer")


def drawn(drawer: Visitor, path: str, raw: dict[str, Any], act: str = "", *args: Any) -> tuple[dict[str, Any], str]:
    body = {"content": json.dumps(raw), "act": act, "args": list(args)}
    answer = drawer.send(f"/packs/park/design/{path}", body)
    assert answer.status_code == 200, text(answer)
    return json.loads(answer.json["content"]), answer.json["html"]


# ---- documents


def test_a_renamed_field_is_renamed_wherever_it_is_named() -> None:
    raw = copied(TREES)
    register_design.name_field(raw, 1, "species", live=True)
    assert raw["fields"][1]["was"] == "kind" and raw["row_title"] == "species" and raw["search"] == ["species"]
    assert raw["indexes"] == ["species", "age"] and raw["list"] == ["code", "species", "age"]
    register_design.name_field(raw, 1, "kind", live=True)
    assert raw == TREES  # back again is as if nothing had been


def test_a_field_that_goes_is_named_nowhere() -> None:
    raw = copied(TREES)
    register_design.drop_field(raw, 2)
    assert "age" not in json.dumps(raw)


def test_another_type_takes_along_only_what_fits_it() -> None:
    raw = copied(TREES)
    raw["fields"][1] |= {"pattern": "^a", "multiline": True}
    register_design.set_type(raw, 1, "choice")
    field = raw["fields"][1]
    assert "pattern" not in field and field["options"] and raw["search"] == []
    register_design.set_type(raw, 1, "json")
    assert "options" not in field and raw["indexes"] == ["age"]


def test_what_no_form_asks_is_refused_and_changes_nothing() -> None:
    for act, args in (("drop", ["fields.9"]), ("no_such", []), ("move", ["fields.x", 1]), ("drop_field", [9])):
        raw = copied(TREES)
        with pytest.raises(InvalidValue):
            trees.apply(raw, register_design.ACTS, act, args)
    with pytest.raises(InvalidFile):
        register_design.check({"fields": [1]})


@pytest.mark.parametrize("layout", ["table", "cards", "board", "calendar", "stats"])
def test_every_layout_chosen_has_what_it_needs(engine: Engine, layout: str) -> None:
    schema = copied(TREES)
    schema["fields"].append({"key": "day", "type": "date", "label": {"zh": "日", "en": "Day"}})
    schema["indexes"].append("day")
    schemas, raw = {"trees": parse(dumped(schema))}, copied(PAGE)
    trees.apply(raw, page_design.acts(schemas), "set_layout", [0, layout])
    found = engine.lint({"registers/trees.json": dumped(schema), "pages/grove.json": dumped(raw)})
    assert [one.message for one in found if one.severity == "error"] == []


def test_another_source_forgets_the_fields_of_the_one_before() -> None:
    schemas, raw = {"trees": parse(dumped(TREES))}, copied(PAGE)
    trees.apply(raw, page_design.acts(schemas), "set_source", [0, "query:items"])
    assert raw["sections"][0]["source"] == {"query": "items"} and "columns" not in raw["sections"][0]


def test_a_permission_is_changed_and_nothing_else_of_the_file() -> None:
    roles = '[roles."a.b"]\npermissions = []\n[roles.x] # this\ntitle = {zh = "甲"}\npermissions = [\n  "desk",\n]\n'
    toml = 'name = "p" # mine\n' + roles + '\n[title]\nzh = "t"\n'
    on = rights.grant(toml, "x", "page:y", True)
    assert tomllib.loads(on)["roles"]["x"]["permissions"] == ["desk", "page:y"] and "# mine" in on and "# this" in on
    off = rights.grant(on, "x", "page:y", False)
    assert tomllib.loads(off) == tomllib.loads(toml)
    with pytest.raises(InvalidFile):
        rights.grant(toml, "nobody", "page:y", True)
    inline = 'roles = { x = { permissions = ["desk"] } }\n'
    with pytest.raises(InvalidFile):  # a shape that is not edited line by line is left alone
        rights.grant(inline, "x", "page:y", True)


def test_a_wider_permission_is_shown_and_not_taken_away() -> None:
    settings = {"roles": {"x": {"permissions": ["register:*:read"]}, "y": {"permissions": []}}}
    assert [line[3:] for line in rights.granted(settings, "register:a:read")] == [(True, True), (False, False)]


# ---- as the browser asks


def test_both_designers_draw_every_file_of_a_pack_as_it_is(engine: Engine, drawer: Visitor) -> None:
    """What the form does not know stays: drawing a file changes nothing in it (a page of one section, written at the
    top, gets its section)."""
    for path in sorted((Path(__file__).parents[2] / "workflows/community").glob("*/*.json")):
        name, raw = f"{path.parent.name}/{path.name}", json.loads(path.read_text("utf-8"))
        after, html = drawn(drawer, name, raw)
        meant = pages.parse if path.parent.name == "pages" and "sections" not in raw else json.loads
        assert meant(dumped(after)) == meant(dumped(raw)) and f"<code>{raw['name']}</code>" in html


def test_a_published_register_says_what_a_change_does_to_its_rows(engine: Engine, drawer: Visitor) -> None:
    engine.publish_pack("park", "first", by="drawer")
    engine.register("trees").insert({"code": "T1", "kind": "樟", "age": 300}, by="")
    raw = {k: v for k, v in copied(TREES).items() if k != "quota"}
    raw, html = drawn(drawer, "registers/trees.json", raw, "name_field", 1, "species")
    assert raw["fields"][1]["was"] == "kind" and "原名 kind" in html
    told = text(drawer.send("/packs/park/rows/registers/trees.json", {"content": json.dumps(raw)}))
    assert "1 条记录中有 1 条随之更新" in told and "由 kind 改名为 species" in told
    revision = engine.pack_file("park", "registers/trees.json")[1]
    engine.save_pack_file("park", "registers/trees.json", dumped(raw), revision=revision, by="drawer")
    assert "由 kind 改名为 species" in text(drawer.get("/packs/park/publish"))
    raw["fields"][0]["type"] = "number"
    assert "T1" in text(drawer.send("/packs/park/rows/registers/trees.json", {"content": json.dumps(raw)}))


def test_a_role_gets_its_permission_in_the_working_copy(engine: Engine, drawer: Visitor) -> None:
    asked = {"role": "keeper", "permission": "register:trees:read", "on": True}
    assert drawer.send("/packs/park/rights", asked).json == {"on": True}
    kept = engine.pack_file("park", "pack.toml")[0].decode()
    assert tomllib.loads(kept)["roles"]["keeper"]["permissions"] == ["desk", "register:trees:read"]
    assert "# who works here" in kept
    assert drawer.send("/packs/park/rights", asked | {"permission": "admin"}).status_code == 400
    assert drawer.send("/packs/park/rights", asked | {"role": "king"}).status_code == 400


def test_the_preview_is_the_page_and_acts_on_nothing(engine: Engine, drawer: Visitor, visit: Visit) -> None:
    engine.publish_pack("park", "first", by="drawer")
    engine.register("trees").insert({"code": "T1", "kind": "老樟树", "age": 300}, by="")
    draft = copied(PAGE)
    draft["sections"][0] |= {"layout": "cards", "scope": "all", "card": {"title": "kind"}}
    answer = drawer.post("/packs/park/preview/pages/grove.json", {"content": json.dumps(draft)})
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"] and "inert" in text(answer)
    assert "lp-cards" not in text(answer) and "老樟树" not in text(answer)  # drawing a page opens no register
    boss = visit("boss")
    boss.get("/packs/park")
    shown = text(boss.post("/packs/park/preview/pages/grove.json", {"content": json.dumps(draft)}))
    assert "老樟树" in shown and "lp-cards" in shown
    draft["sections"][0]["layout"] = "spiral"
    assert "spiral" in text(drawer.post("/packs/park/preview/pages/grove.json", {"content": json.dumps(draft)}))


def test_the_page_of_starts_sets_a_timetable_in_the_working_copy(engine: Engine, drawer: Visitor) -> None:
    page = text(drawer.get("/packs/park/starts"))
    assert "每周巡查" in page and "R/P7D" in page and page.count("<li>20") == 10
    revision = engine.pack_file("park", "processes/weekly.bpmn")[1]
    form = {"path": "processes/weekly.bpmn", "revision": revision, "node": "t", "line": "0 0 9 1W * *"}
    drawer.post("/packs/park/starts", form | {"calendar": "working"})
    page = text(drawer.get("/packs/park/starts"))
    assert "每月第一个工作日 09:00" in page and "2026-12-01 09:00" in page and "放假安排还没有录入" in page
    again = drawer.post("/packs/park/starts", form | {"line": "0 0 9 * * SAT"}, follow_redirects=True)
    assert "改过" in text(again)  # somebody was faster: nothing is overwritten
    assert "每月第一个工作日" in text(drawer.get("/packs/park/starts"))


def test_the_helper_reads_a_line_back_and_writes_from_choices(drawer: Visitor) -> None:
    page = text(drawer.get("/starts/helper?line=0+0+9+*+*+SAT"))
    assert "每周六 09:00" in page and "2026-11-28 09:00" in page
    page = text(drawer.get("/starts/helper?every=quarter&day=1W&at=08:30", headers={"HX-Request": "true"}))
    assert 'data-line="0 30 8 1W 1,4,7,10 *"' in page and 'data-calendar="working"' in page and "<html" not in page
    assert "不在这些选择里" in text(drawer.get("/starts/helper?line=PT15M"))
    assert drawer.get("/starts/helper?every=never").status_code == 400
