"""Packs in the browser: who may, making one by its Chinese name, files, two designers on one draft, zips, versions."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from admin.studio.keys import proposed
from engine import Engine
from tests.admin.conftest import Visitor, text
from tests.diagrams import diagram

Visit = Callable[..., Visitor]
ONE, TWO = diagram("s -> u1 -> e", key="zfwwdy"), diagram("s -> u1 -> u2 -> e", key="zfwwdy")
PROCESS = "processes/zflc.bpmn"


@pytest.fixture
def designer(visit: Visit, engine: Engine) -> Visitor:
    """A designer with a pack of one diagram that is not published."""
    engine.people.put(login="second", name="设计员乙", posts=[("design", "")])
    visitor = visit("drawer")
    visitor.post("/packs/new", {"title": "走访慰问"})
    visitor.post("/packs/zfww/add", {"kind": "processes", "title": "走访流程"})
    return visitor


def file(visitor: Visitor, path: str = PROCESS) -> dict[str, object]:
    answer = visitor.client.get(f"/packs/zfww/file/{path}", headers={"Accept": "application/json"})
    return dict(answer.get_json())


@pytest.mark.parametrize(
    ("title", "key"),
    [("走访慰问", "zfww"), ("Home visits", "home-visits"), ("12345 工单", "pack-12345gd"), ("《》", "pack"),
     ("诉求", "sq-2")],
)  # fmt: skip
def test_a_key_is_proposed_from_a_chinese_name(title: str, key: str) -> None:
    assert proposed(title, {"sq"}, "pack") == key


def test_only_designers_see_packs(visit: Visit, designer: Visitor) -> None:
    assert "走访慰问" in text(designer.get("/packs/"))
    for path in ("/packs/", "/packs/zfww/", f"/packs/zfww/edit/{PROCESS}", "/packs/zfww/zip", "/packs/zfww/versions/"):
        assert visit("li").get(path).status_code == 403
        assert visit().get(path).status_code == 302


def test_every_kind_of_file_begins_without_an_error(designer: Visitor, engine: Engine) -> None:
    for kind in ("forms", "decisions", "registers", "pages", "scenarios"):
        answer = designer.post("/packs/zfww/add", {"kind": kind, "title": "走访流程", "register": "zflc"})
        assert answer.status_code == 302, text(answer)
        assert designer.get(answer.headers["Location"]).status_code == 200
    assert engine.lint_pack("zfww") == []
    assert {"forms/zflc.form", "registers/zflc.json"} <= {one.path for one in engine.pack_files("zfww")}
    page = text(designer.get("/packs/zfww/"))
    assert page.count("走访流程") >= 5 and "检查通过" in page


def test_what_cannot_be_made_is_said_on_the_page(designer: Visitor) -> None:
    assert "请先新建台账" in text(designer.post("/packs/zfww/add", {"kind": "pages", "title": "页"}))
    assert designer.post("/packs/zfww/add", {"kind": "forms", "title": " "}).status_code == 400
    assert designer.post("/packs/zfww/add", {"kind": "seeds", "title": "x"}).status_code == 404
    taken = designer.post("/packs/new", {"title": "走访", "key": "zfww"})
    assert taken.status_code == 409 and "zfww" in text(taken) and 'value="走访"' in text(taken)
    assert designer.post("/packs/new", {"title": ""}).status_code == 400


def test_an_editor_saves_with_its_revision_and_the_second_designer_is_told(visit: Visit, designer: Visitor) -> None:
    opened = file(designer)
    page = text(designer.get(f"/packs/zfww/edit/{PROCESS}"))
    assert f'data-revision="{opened["revision"]}"' in page and "走访慰问" in page
    saved = designer.send(f"/packs/zfww/file/{PROCESS}", {"content": ONE.decode(), "revision": opened["revision"]})
    assert saved.get_json() == {"revision": file(designer)["revision"]}
    other = visit("second")
    stale = other.send(f"/packs/zfww/file/{PROCESS}", {"content": TWO.decode(), "revision": opened["revision"]})
    assert stale.status_code == 409
    assert (stale.get_json()["who"], stale.get_json()["error"]) == ("设计员", "ChangedMeanwhile")
    assert file(designer)["content"] == ONE.decode()
    assert "设计员" in text(other.get("/packs/"))


@pytest.mark.parametrize(
    "body", [[], {}, {"content": 3, "revision": 1}, {"content": "x"}, {"content": "\ud800", "revision": 1}]
)
def test_a_save_that_is_none_is_refused(designer: Visitor, body: object) -> None:
    assert designer.send(f"/packs/zfww/file/{PROCESS}", body).status_code == 400  # type: ignore[arg-type]


def test_findings_of_what_is_not_saved_yet_and_names(designer: Visitor) -> None:
    answer = designer.send("/packs/zfww/lint", {"path": PROCESS, "content": "<broken"})
    assert {one["file"] for one in answer.get_json()["findings"] if one["severity"] == "error"} == {PROCESS}
    assert designer.client.get("/packs/zfww/lint").get_json() == {"findings": []}
    assert "zflc" in [one["id"] for one in designer.client.get("/packs/zfww/names").get_json()["processes"]]


def test_a_zip_goes_out_and_comes_back(designer: Visitor, engine: Engine) -> None:
    content = designer.get("/packs/zfww/zip").get_data()
    assert sorted(zipfile.ZipFile(io.BytesIO(content)).namelist()) == ["pack.toml", PROCESS]

    def send(data: bytes, **more: str) -> tuple[int, str]:
        sent = {"file": (io.BytesIO(data), "a.zip"), **more}
        answer = designer.post("/packs/import", sent, content_type="multipart/form-data")
        return answer.status_code, text(answer)

    status, page = send(content)
    assert status == 409 and "替换同名流程包的工作稿" in page
    assert send(content, replace="yes")[0] == 302
    designer.post("/packs/zfww/drop")
    assert send(content)[0] == 302 and engine.workspace("zfww").title == "走访慰问"
    status, page = send(b"not a zip")
    assert status == 400 and "不是完整的 zip 文件" in page
    assert designer.post("/packs/import", {}).status_code == 400


def test_files_are_removed_and_differences_told(designer: Visitor, engine: Engine) -> None:
    engine.publish_pack("zfww", "先用起来", by="drawer")
    designer.post("/packs/zfww/add", {"kind": "forms", "title": "走访记录"})
    designer.send(f"/packs/zfww/file/{PROCESS}", {"content": TWO.decode(), "revision": file(designer)["revision"]})
    page = text(designer.get("/packs/zfww/differences?from=1"))
    assert "新增用户任务“u2”" in page and "走访记录" in page and "data-differ" in page
    assert "工作稿" in page and 'data-before="/packs/zfww/content/processes/zflc.bpmn?version=1"' in page
    revision = file(designer, "forms/zfjl.form")["revision"]
    designer.post("/packs/zfww/remove", {"path": "forms/zfjl.form", "revision": revision})
    assert "走访记录" not in text(designer.get("/packs/zfww/differences?from=1"))
    xml = designer.get(f"/packs/zfww/content/{PROCESS}?version=1")
    assert xml.mimetype == "application/xml" and "sandbox" in xml.headers["Content-Security-Policy"]


def test_a_second_designer_approves_on_the_versions_page(visit: Visit, designer: Visitor, engine: Engine) -> None:
    content, revision = engine.pack_file("zfww", "pack.toml")
    engine.save_pack_file("zfww", "pack.toml", b"approval = true\n" + content, revision=revision, by="drawer")
    engine.publish_pack("zfww", "请看", by="drawer")
    mine = text(designer.get("/packs/zfww/versions/"))
    assert "须由另一位设计员通过" in mine and "通过并发布" not in mine
    assert designer.post("/packs/zfww/versions/1/approve").status_code == 403
    other = visit("second")
    assert "通过并发布" in text(other.get("/packs/zfww/versions/")) and "请看" in text(
        other.get("/packs/zfww/versions/")
    )
    assert other.post("/packs/zfww/versions/1/approve", {"answer": "可以"}).status_code == 302
    assert "可以" in text(other.get("/packs/zfww/versions/")) and engine.definitions()[0].pack == "zfww"
    engine.save_pack_file("zfww", "README.md", b"x", revision=0, by="drawer")
    designer.post("/packs/zfww/versions/1/restore")
    assert engine.workspace("zfww").changed == 0


def test_a_definition_of_a_pack_is_edited_in_its_working_copy(designer: Visitor, engine: Engine) -> None:
    engine.publish_pack("zfww", "", by="drawer")
    definition = engine.definitions()[0].id
    assert designer.get(f"/studio/{definition}").headers["Location"] == f"/packs/zfww/edit/{PROCESS}"
    designer.post("/packs/zfww/remove", {"path": PROCESS, "revision": file(designer)["revision"]})
    assert designer.get(f"/studio/{definition}").headers["Location"] == "/packs/zfww/"


def test_settings_are_forms_that_leave_the_rest_of_the_text(designer: Visitor, engine: Engine) -> None:
    content, revision = engine.pack_file("zfww", "pack.toml")
    revision = engine.save_pack_file("zfww", "pack.toml", content + b"# kept\n", revision=revision, by="drawer")
    sent = {"title": "走访", "title_en": "Visits", "approval": "yes", "revision": revision}
    assert designer.post("/packs/zfww/settings", sent).status_code == 302

    def post(path: str, **more: object) -> int:
        _, now = engine.pack_file("zfww", "pack.toml")
        return designer.post(f"/packs/zfww/settings/{path}", {"revision": now, **more}).status_code

    assert post("roles/new", title="走访员", permission=["desk", "page:*"]) == 302
    assert post("calendars/new", title="晚班", days0=["1", "2", "3"], from0="18:00", to0="21:00", holidays="yes") == 302
    settings = engine.pack_contents("zfww").settings
    assert (settings["title"], settings["approval"]) == ({"zh": "走访", "en": "Visits"}, True)
    assert settings["roles"] == {"zfy": {"title": {"zh": "走访员", "en": "走访员"}, "permissions": ["desk", "page:*"]}}
    assert settings["calendars"]["wb"]["hours"] == [["1-3", "18:00", "21:00"]]
    assert b"# kept" in engine.pack_file("zfww", "pack.toml")[0] and engine.lint_pack("zfww") == []
    page = text(designer.get("/packs/zfww/settings"))
    assert "走访员" in page and "晚班" in page and "1-3 18:00–21:00" in page.replace("周 ", "")
    assert 'value="page:*" checked' in text(designer.get("/packs/zfww/settings/role/zfy"))
    assert 'value="21:00"' in text(designer.get("/packs/zfww/settings/calendar/wb"))
    assert post("roles/zfy/remove") == 302 and "roles" not in engine.pack_contents("zfww").settings


def test_settings_that_are_wrong_or_too_late_keep_what_was_typed(designer: Visitor, engine: Engine) -> None:
    _, revision = engine.pack_file("zfww", "pack.toml")
    for path, sent in (
        ("settings", {"title": ""}),
        ("settings/roles/new", {"title": " "}),
        ("settings/calendars/new", {"title": "夜", "from0": "20:00"}),
        ("settings/calendars/new", {"title": "夜", "days0": ["1"], "from0": "21:00", "to0": "20:00"}),
    ):
        assert designer.post(f"/packs/zfww/{path}", {"revision": revision, **sent}).status_code == 400
    late = designer.post("/packs/zfww/settings/roles/new", {"title": "走访员", "revision": revision - 1})
    assert late.status_code == 409 and 'value="走访员"' in text(late) and "晚于您打开它的时候" in text(late)
    engine.save_pack_file("zfww", "pack.toml", b"name = ", revision=revision, by="drawer")
    assert designer.get("/packs/zfww/settings").headers["Location"] == "/packs/zfww/edit/pack.toml"
