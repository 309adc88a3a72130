"""What differs between two states of a pack, in words."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from engine.errors import InvalidFile
from engine.packs.differences import FileDifference, compare
from engine.packs.rekeying import rekeyed
from engine.packs.settings_text import with_setting, with_table
from engine.packs.starters import renamed
from engine.packs.trees import tree
from tests.diagrams import diagram, user

COMMUNITY = Path(__file__).parents[2] / "workflows/community"
FILES = {
    str(path.relative_to(COMMUNITY)): path.read_bytes()
    for path in COMMUNITY.rglob("*")
    if path.is_file() and path.suffix not in (".pyc", ".py")
}


def differ(path: str, before: bytes, after: bytes) -> FileDifference:
    [found] = compare({path: before, "same.md": b"x"}, {path: after, "same.md": b"x"})
    return found


def told(path: str, before: bytes, after: bytes, locale: str = "zh") -> list[str]:
    return [change.text(locale) for change in differ(path, before, after).changes]


def form(*components: dict[str, object], title: str = "走访") -> bytes:
    raw = {"type": "default", "id": "visit", "properties": {"title": title}, "components": list(components)}
    return json.dumps(raw, ensure_ascii=False).encode()


def field(key: str, label: str, **more: object) -> dict[str, object]:
    return {"key": key, "type": "textfield", "id": f"f_{key}", "label": label, "layout": {"row": key}, **more}


@pytest.mark.parametrize("path", FILES)
def test_every_file_of_the_packs_can_be_compared(path: str) -> None:
    assert tree(path, FILES[path]).kind
    assert compare({path: FILES[path]}, {path: FILES[path]}) == []


def test_files_that_came_and_went() -> None:
    found = compare({"forms/a.form": b"1", "forms/b.form": b"2"}, {"forms/b.form": b"2", "forms/c.form": b"3"})
    assert [(one.path, one.state) for one in found] == [("forms/a.form", "removed"), ("forms/c.form", "added")]


def test_a_forms_fields_in_both_languages() -> None:
    before = form(field("phone", "电话", validate={"required": True, "maxLength": 11}), field("note", "备注"))
    after = form(field("name", "姓名"), field("phone", "手机号", validate={"required": False, "maxLength": 11}))
    assert set(told("forms/visit.form", before, after)) == {
        "删除字段“备注”",
        "新增字段“姓名”",
        "字段“手机号” · 标签：电话 → 手机号",
        "字段“手机号” · 必填：是 → 否",
    }
    assert set(told("forms/visit.form", before, after, "en")) == {
        "field “备注” removed",
        "field “姓名” added",
        "field “手机号” · label: 电话 → 手机号",
        "field “手机号” · required: yes → no",
    }


def test_order_is_told_and_layout_alone_is_not() -> None:
    one, two = field("a", "甲"), field("b", "乙")
    assert told("forms/visit.form", form(one, two), form(two, one)) == ["顺序 有改动"]
    moved = {**one, "layout": {"row": "elsewhere"}}
    found = differ("forms/visit.form", form(one, two), form(moved, two))
    assert (found.state, found.changes, found.readable) == ("changed", (), True)


def test_a_rule_of_a_decision_table_is_told_by_its_columns() -> None:
    before = FILES["decisions/deadline.dmn"]
    assert b'"PT2H"' in before
    after = before.replace(b'"PT2H"', b'"PT1H"', 1)
    assert told("decisions/deadline.dmn", before, after) == [
        '决策“工单时限” › 规则 1 · 办理时限 Handle within："PT2H" → "PT1H"'
    ]


def test_permissions_of_a_role_are_told_as_what_left_and_what_came() -> None:
    pack = 'name = "x"\nversion = "1"\n[roles.clerk]\ntitle = {zh = "窗口", en = "Desk"}\npermissions = %s\n'
    before, after = (pack % one for one in ('["desk", "start"]', '["desk", "page:a"]'))
    assert told("pack.toml", before.encode(), after.encode()) == ["岗位“窗口” · 权限：去掉 start，增加 page:a"]
    assert told("pack.toml", before.encode(), after.encode(), "en") == [
        "role “窗口” · permissions: without start, with page:a"
    ]


def test_registers_and_pages_are_told_by_their_parts() -> None:
    register = FILES["registers/demands.json"]
    assert told("registers/demands.json", register, register.replace(b'"required": true', b'"required": false', 1)) == [
        "字段“编号” · 必填：是 → 否"
    ]
    page = FILES["pages/square.json"]
    [change] = told("pages/square.json", page, page.replace(b'"cards"', b'"table"', 1))
    assert change.endswith("版式：cards → table")


def test_an_elements_settings_are_told_with_its_id() -> None:
    before = diagram("s -> u1 -> e", user("u1", groups="clerk", due="P3D"))
    after = diagram("s -> u1 -> u2 -> e", user("u1", groups="chief", due="P5D"), user("u2"))
    found = {(one.text(), one.element) for one in differ("processes/p.bpmn", before, after).changes}
    assert ("用户任务“u1” · 候选岗位：clerk → chief", "u1") in found
    assert ("用户任务“u1” · 期限：P3D → P5D", "u1") in found
    assert ("新增用户任务“u2”", "u2") in found


def test_a_text_is_told_line_by_line() -> None:
    before, after = b"one\ntwo\nthree\n", b"one\n2\nthree\nfour\n"
    assert told("README.md", before, after) == ["第 2 行：two → 2", "第 4 行：（空） → four"]


@pytest.mark.parametrize(
    ("path", "content"),
    [("forms/a.form", b"{"), ("forms/a.form", b"[1]"), ("processes/a.bpmn", b"<a"), ("decisions/a.dmn", b""),
     ("pack.toml", b"a = "), ("registers/a.json", b'"x"'), ("pages/a.json", b"\xff")],
)  # fmt: skip
def test_a_broken_file_is_said_to_be_so(path: str, content: bytes) -> None:
    with pytest.raises(InvalidFile):
        tree(path, content)
    assert differ(path, FILES.get(path, b"?"), content).readable is False


class TestCopies:
    def test_only_names_of_definitions_are_rewritten(self) -> None:
        keys = {("process", "demand"): "new-demand", ("form", "demand"): "new-demand-form", ("register", "a"): "new_a"}
        diagram_ = (
            b'<process id="demand"><x formId="demand" name="demand"/><input source="a" target="register"/></process>'
        )
        assert rekeyed("processes/p.bpmn", diagram_, keys) == (
            b'<process id="new-demand"><x formId="new-demand-form" name="demand"/>'
            b'<input source="new_a" target="register"/></process>'
        )
        scenario = b'start = "demand"\nnote = "demand"\n'
        assert rekeyed("scenarios/s.toml", scenario, keys) == b'start = "new-demand"\nnote = "demand"\n'
        assert rekeyed("forms/f.form", b"{", keys) == b"{"

    def test_comments_of_a_copied_pack_toml_stay(self) -> None:
        text = renamed(FILES["pack.toml"], "second", "第二个").decode()
        assert "# ---- 岗位" in text and 'name = "second"' in text and "[public]" not in text
        odd = b'name = "a"\nversion = "1"\ntitle.zh = "x"\ntags = [\n[1]\n]\n'
        assert b'"second"' in renamed(odd, "second", "第二个")


class TestSettings:
    def test_a_change_of_one_table_leaves_every_other_line(self) -> None:
        before = FILES["pack.toml"]
        role = {"title": {"zh": "领导", "en": "Leader"}, "permissions": ["desk"]}
        after = with_table(before, ("roles", "leader"), role)
        assert tomllib.loads(after.decode())["roles"]["leader"] == role
        assert len(set(before.splitlines()) - set(after.splitlines())) == 2
        assert with_table(with_table(before, ("roles", "x"), role), ("roles", "x"), None).split() == before.split()
        assert set(with_setting(before, "approval", True).splitlines()) - set(before.splitlines()) == {
            b"approval = true"
        }

    @pytest.mark.parametrize("odd", [b"roles = { a = { permissions = [] } }\n", b"[roles]\na.permissions = []\n"])
    def test_what_is_written_in_another_way_is_written_anew(self, odd: bytes) -> None:
        after = with_table(b'name = "x"\nversion = "1"\n' + odd, ("roles", "b"), {"permissions": ["desk"]})
        assert tomllib.loads(after.decode())["roles"] == {"a": {"permissions": []}, "b": {"permissions": ["desk"]}}
