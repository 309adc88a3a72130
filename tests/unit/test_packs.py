"""Packs as folders and files: what is in them, what is wrong with them, and what a pack's own Python may offer."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import packs
from engine.bpmn.model import Catalogue
from engine.errors import InvalidFile

COMMUNITY = Path(__file__).parents[2] / "workflows/community"
SETTINGS = 'name = "demo"\nversion = "1"\n'
REGISTER = (
    b'{"name": "things", "title": {"zh": "\xe7\x89\xa9", "en": "Things"}, "fields": [{"key": "a", "type": "text"}]}'
)
FORM = b'{"type": "default", "id": "ask", "components": [], "schemaVersion": 16}'


def pack(folder: Path, settings: str = SETTINGS, **files: bytes | str) -> Path:
    """A pack's folder; `registers__a_json` is registers/a.json."""
    (folder / "pack.toml").write_text(settings, "utf-8")
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


class TestReading:
    def test_files_of_the_known_folders_are_read(self, tmp_path: Path) -> None:
        found = packs.read(
            pack(tmp_path, registers__a_json=REGISTER, forms__b_form=FORM, scenarios__c_toml="", README_md="")
        )
        assert (found.name, found.version, sorted(found.files)) == ("demo", "1", ["forms/b.form", "registers/a.json"])
        assert found.findings == ()

    def test_a_stray_file_is_named(self, tmp_path: Path) -> None:
        found = packs.read(pack(tmp_path, forms__b_txt="", notes_txt="", attic__x_bpmn=""))
        assert [(f.file, f.severity) for f in found.findings] == [
            ("attic", "warning"),
            ("forms/b.txt", "warning"),
            ("notes.txt", "warning"),
        ]

    @pytest.mark.parametrize(
        "settings",
        ["", "name = ", 'name = "Demo"\nversion = "1"', 'name = "../x"\nversion = "1"', 'name = "demo"'],
    )
    def test_a_pack_without_name_or_version_is_refused(self, tmp_path: Path, settings: str) -> None:
        with pytest.raises(InvalidFile):
            packs.read(pack(tmp_path, settings))

    def test_a_folder_without_pack_toml_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidFile, match="no such file"):
            packs.read(tmp_path)

    @pytest.mark.parametrize(
        ("settings", "code"),
        [
            ('colour = "red"', "unknown-key"),
            ('[roles.x]\npermissions = ["fly"]', "unknown-permission"),
            ('[roles.x]\npermissions = ["register:a"]', "unknown-permission"),
        ],
    )
    def test_settings_that_mean_nothing_are_errors(self, tmp_path: Path, settings: str, code: str) -> None:
        findings = packs.read(pack(tmp_path, SETTINGS + settings)).findings
        assert [(f.code, f.severity) for f in findings] == [(code, "error")]

    def test_permissions_that_exist_are_none(self, tmp_path: Path) -> None:
        granted = '["desk", "admin", "people:read", "page:*", "register:*:read", "register:a:private"]'
        roles = f"[roles.x]\npermissions = {granted}"
        assert packs.read(pack(tmp_path, SETTINGS + roles)).findings == ()


class TestExamining:
    def test_kinds_by_extension_folder_and_content(self) -> None:
        page = b'{"name": "p", "title": {}, "source": {}}'
        kinds = [
            packs.kind_of(n, c)
            for n, c in (("registers/a.json", page), ("pages/a.json", REGISTER), ("a.json", REGISTER))
        ]
        assert kinds == ["register", "page", "register"]
        assert [packs.kind_of(n, b"") for n in ("a.bpmn", "a.dmn", "a.form", "a.exe", "a")] == [
            "process",
            "decision",
            "form",
            "",
            "",
        ]

    def test_a_file_of_no_kind_is_an_error(self) -> None:
        found = packs.examine({"a.exe": b"MZ"})
        assert [(f.code, f.severity) for f in found.findings] == [("unknown-file", "error")]
        assert not found.deployable

    def test_one_key_in_two_files_is_an_error(self) -> None:
        found = packs.examine({"a.form": FORM, "b.form": FORM})
        assert [f.code for f in found.findings if f.severity == "error"] == ["defined-twice"]
        assert "a.form" in found.findings[-1].message

    def test_a_broken_file_of_each_kind_is_reported_and_nothing_raises(self) -> None:
        names = ("a.bpmn", "a.dmn", "a.form", "registers/a.json", "pages/a.json")
        for content in (b"", b"<", b"{", b"\x00\xff", b"<a/>", b"[]", b"{}"):
            found = packs.examine(dict.fromkeys(names, content))
            refused = {f.file for f in found.findings if f.severity == "error"}
            assert refused == set(names), content

    def test_what_files_name_of_each_other_is_known(self) -> None:
        """The community pack refers to its own forms, decisions, registers and processes, and to nothing else."""
        known = packs.read(COMMUNITY)
        nothing: frozenset[str] = frozenset()
        catalogue = Catalogue(forms=nothing, decisions=nothing, processes=nothing, registers=nothing, roles=known.roles)
        found = packs.examine(known.files, catalogue, {})
        assert [f for f in (*found.findings, *known.findings) if f.severity == "error"] == []
        assert {piece.kind for piece in found.pieces} == {"process", "decision", "form", "register", "page"}

    def test_what_nobody_defines_is_missed(self) -> None:
        known = packs.read(COMMUNITY)
        files = {name: content for name, content in known.files.items() if name != "forms/work-order.form"}
        catalogue = Catalogue(forms=frozenset())
        found = packs.examine(files, catalogue)
        assert any("work-order" in f.message and f.severity == "error" for f in found.findings)


class TestServices:
    def test_public_functions_are_found_by_path(self, tmp_path: Path) -> None:
        source = "from os.path import join\ndef double(inputs): return {'x': inputs['x'] * 2}\ndef _own(inputs): ...\n"
        found = packs.services(pack(tmp_path, services_py=source), "demo")
        assert list(found) == ["demo.double"]
        assert found["demo.double"]({"x": 2}) == {"x": 4}

    def test_most_packs_have_none(self, tmp_path: Path) -> None:
        assert packs.services(tmp_path, "demo") == {}

    def test_one_that_fails_to_load_is_refused_with_its_reason(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidFile, match="ZeroDivisionError"):
            packs.services(pack(tmp_path, services_py="1 / 0"), "demo")
