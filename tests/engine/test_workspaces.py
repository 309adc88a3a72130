"""Working copies of packs: nothing overwritten, versions, two persons, roll back, zips of strangers."""

from __future__ import annotations

import io
import stat
import tomllib
import zipfile
from pathlib import Path

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.errors import (
    ChangedMeanwhile,
    DeploymentRefused,
    Forbidden,
    InvalidFile,
    InvalidValue,
    NotFound,
    NothingToPublish,
    NotProposed,
    OwnProposal,
    PackExists,
)
from engine.records import Finding
from tests.diagrams import diagram, service

ONE, TWO = diagram("s -> u1 -> e"), diagram("s -> u1 -> u2 -> e")
PROCESS = "processes/p.bpmn"
COMMUNITY = Path(__file__).parents[2] / "workflows/community"


def made(engine: Engine, name: str = "demo", **settings: object) -> None:
    """A pack with one process, not published yet."""
    engine.new_pack(name, "示例", by="wang")
    engine.save_pack_file(name, PROCESS, ONE, revision=0, by="wang")
    for key, value in settings.items():
        toml(engine, f"{key} = {str(value).lower()}\n", name)


def toml(engine: Engine, line: str, name: str = "demo", by: str = "wang") -> None:
    content, revision = engine.pack_file(name, "pack.toml")
    engine.save_pack_file(name, "pack.toml", line.encode() + content, revision=revision, by=by)


def states(engine: Engine, name: str = "demo") -> dict[str, str]:
    return {one.path: one.state for one in engine.pack_files(name)}


def folder(place: Path, process: bytes = ONE, **files: bytes) -> Path:
    """A pack's folder; `scenarios__a_toml` is scenarios/a.toml."""
    (place / "processes").mkdir(parents=True, exist_ok=True)
    (place / "pack.toml").write_text('name = "demo"\nversion = "1"\n[title]\nzh = "示例"\n', "utf-8")
    (place / PROCESS).write_bytes(process)
    for name, content in files.items():
        path = place / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return place


class TestSaving:
    def test_every_save_has_a_revision_of_its_own(self, engine: Engine, clock: ManualClock) -> None:
        made(engine)
        content, revision = engine.pack_file("demo", PROCESS)
        clock.advance(minutes=5)
        newer = engine.save_pack_file("demo", PROCESS, TWO, revision=revision, by="li")
        assert content == ONE and newer > revision
        assert engine.pack_file("demo", PROCESS) == (TWO, newer)
        [file] = [one for one in engine.pack_files("demo") if one.path == PROCESS]
        assert (file.changed_by, file.changed_at, file.size, file.state) == ("li", clock.now(), len(TWO), "new")

    def test_the_second_of_two_designers_is_told_who_and_when(self, engine: Engine, clock: ManualClock) -> None:
        made(engine)
        engine.people.put(login="wang", name="王设计", posts=[("design", "")])
        engine.people.put(login="li", name="李设计", posts=[("design", "")])
        _, revision = engine.pack_file("demo", PROCESS)
        engine.save_pack_file("demo", PROCESS, TWO, revision=revision, by="wang")
        with pytest.raises(ChangedMeanwhile) as told:
            engine.save_pack_file("demo", PROCESS, ONE + b" ", revision=revision, by="li")
        assert told.value.when == clock.now() and "王设计 在 2026-11-23 09:00" in told.value.text("zh")
        assert engine.pack_file("demo", PROCESS)[0] == TWO

    def test_sending_the_same_bytes_again_after_a_lost_answer_is_no_conflict(self, engine: Engine) -> None:
        made(engine)
        _, revision = engine.pack_file("demo", PROCESS)
        saved = engine.save_pack_file("demo", PROCESS, TWO, revision=revision, by="wang")
        assert engine.save_pack_file("demo", PROCESS, TWO, revision=revision, by="wang") == saved

    def test_a_new_file_does_not_overwrite_one_that_somebody_made_meanwhile(self, engine: Engine) -> None:
        made(engine)
        with pytest.raises(ChangedMeanwhile):
            engine.save_pack_file("demo", PROCESS, TWO, revision=0, by="li")

    def test_saving_what_was_removed_meanwhile_is_told(self, engine: Engine) -> None:
        made(engine)
        _, revision = engine.pack_file("demo", PROCESS)
        engine.remove_pack_file("demo", PROCESS, revision=revision, by="wang")
        with pytest.raises(ChangedMeanwhile):
            engine.save_pack_file("demo", PROCESS, TWO, revision=revision, by="li")
        with pytest.raises(NotFound):
            engine.pack_file("demo", PROCESS)
        assert engine.save_pack_file("demo", PROCESS, TWO, revision=0, by="li") > revision

    @pytest.mark.parametrize(
        "path",
        [
            "../pack.toml", "processes/../pack.toml", "/etc/passwd", "processes//a.bpmn", "processes/a.txt", "a.bpmn",
            "processes/.bpmn", "processes/a/b.bpmn", "services.py", "processes\\a.bpmn", "processes/a\n.bpmn", "",
        ],
    )  # fmt: skip
    def test_a_path_with_no_place_in_a_pack_is_refused(self, engine: Engine, path: str) -> None:
        made(engine)
        with pytest.raises(InvalidFile):
            engine.save_pack_file("demo", path, b"x", revision=0, by="wang")

    def test_what_is_too_large_is_refused(self, engine: Engine) -> None:
        made(engine)
        with pytest.raises(InvalidFile, match="5 MB"):
            engine.save_pack_file("demo", "README.md", b"x" * (5 * 1024 * 1024 + 1), revision=0, by="wang")

    def test_bytes_that_nobody_names_any_more_are_gone(self, engine: Engine) -> None:
        """An editor saves every few seconds: each save would stay in the database for ever."""
        made(engine)
        for number in range(20):
            _, revision = engine.pack_file("demo", PROCESS)
            engine.save_pack_file("demo", PROCESS, ONE + b" " * number, revision=revision, by="wang")
        assert engine.store.sql("select count(*) from pack_blob").fetchone()[0] == 2

    def test_only_designers_change_packs(self, engine: Engine) -> None:
        made(engine)
        engine.people.put(login="li", name="李", posts=[("desk", "")])
        for act in (
            lambda: engine.workspaces("li"),
            lambda: engine.new_pack("other", "别的", by="li"),
            lambda: engine.save_pack_file("demo", PROCESS, TWO, revision=1, by="li"),
            lambda: engine.publish_pack("demo", "", by="li"),
            lambda: engine.import_pack(engine.export_pack("demo"), by="li"),
        ):
            with pytest.raises(Forbidden):
                act()


class TestPacks:
    def test_a_new_pack_has_settings_and_nothing_else(self, engine: Engine) -> None:
        space = engine.new_pack("visits", '走访"一件事"', title_en="Visits", by="wang")
        assert (space.title, space.title_en, space.version, space.changed) == ('走访"一件事"', "Visits", 0, 1)
        assert list(states(engine, "visits")) == ["pack.toml"] and engine.lint_pack("visits") == []
        assert [one.pack for one in engine.workspaces("wang")] == ["visits"]

    @pytest.mark.parametrize("name", ["Visits", "走访", "../x", "", "9x", "a" * 64])
    def test_a_bad_key_is_refused(self, engine: Engine, name: str) -> None:
        with pytest.raises(InvalidFile):
            engine.new_pack(name, "走访", by="wang")

    def test_a_key_that_is_taken_or_a_missing_title_is_refused(self, engine: Engine, tmp_path: Path) -> None:
        engine.deploy_pack(folder(tmp_path), by="wang")
        with pytest.raises(PackExists):
            engine.new_pack("demo", "示例", by="wang")
        with pytest.raises(InvalidValue):
            engine.new_pack("other", " ", by="wang")

    def test_a_copy_has_its_own_name_and_ids_and_takes_nothing_from_the_first(self, engine: Engine) -> None:
        engine.deploy_pack(COMMUNITY, by="")
        assert engine.copy_pack("community", "second", "第二个", by="li").title == "第二个"
        settings = tomllib.loads(engine.pack_file("second", "pack.toml")[0].decode())
        assert (settings["name"], "public" in settings) == ("second", False)
        assert "register:second_demands:read" in settings["roles"]["grid_worker"]["permissions"]
        first, second = ({(one.kind, one.key) for one in engine.pack_pieces(name)} for name in ("community", "second"))
        assert len(first) == len(second) and not first & second
        assert [f for f in engine.lint_pack("second") if f.severity == "error"] == []

    def test_a_definition_of_another_pack_is_not_taken_from_it(self, engine: Engine) -> None:
        made(engine)
        engine.publish_pack("demo", "第一版", by="wang")
        made(engine, "second")
        assert [f.code for f in engine.lint_pack("second") if f.severity == "error"] == ["of-another-pack"]

    def test_a_pack_that_was_never_published_can_be_dropped(self, engine: Engine) -> None:
        made(engine)
        engine.drop_pack("demo", by="wang")
        assert engine.workspaces("wang") == []
        assert engine.store.sql("select count(*) from pack_blob").fetchone()[0] == 0
        made(engine)
        engine.publish_pack("demo", "", by="wang")
        with pytest.raises(InvalidValue):
            engine.drop_pack("demo", by="wang")

    def test_no_pack_of_that_name(self, engine: Engine) -> None:
        for act in (engine.pack_files, engine.lint_pack, engine.pack_versions, engine.export_pack, engine.workspace):
            with pytest.raises(NotFound):
                act("nothing")


class TestPublishing:
    def test_publishing_deploys_the_working_copy_and_makes_a_version(self, engine: Engine, clock: ManualClock) -> None:
        made(engine)
        version = engine.publish_pack("demo", "先用起来", by="wang")
        assert (version.number, version.status, version.by, version.note) == (1, "published", "wang", "先用起来")
        assert [(d.key, d.version, d.pack) for d in engine.definitions()] == [("p", 1, "demo")]
        assert set(states(engine).values()) == {"same"} and engine.workspace("demo").changed == 0
        case = engine.start("p", {}, by="zhang")
        _, revision = engine.pack_file("demo", PROCESS)
        engine.save_pack_file("demo", PROCESS, TWO, revision=revision, by="li")
        assert states(engine)[PROCESS] == "changed" and engine.instance(case.id).version == 1
        assert engine.publish_pack("demo", "加一步", by="li").number == 2
        assert engine.start("p", {}, by="zhang").version == 2
        assert [one.number for one in engine.pack_versions("demo")] == [2, 1]
        assert engine.pack_file("demo", PROCESS, version=1) == (ONE, 0)
        assert [deed.event for deed in engine.deeds(event="deployed").rows] == ["deployed", "deployed"]

    def test_a_broken_working_copy_is_kept_and_not_published(self, engine: Engine) -> None:
        made(engine)
        engine.save_pack_file("demo", "forms/a.form", b"{", revision=0, by="wang")
        assert [f.file for f in engine.lint_pack("demo") if f.severity == "error"] == ["forms/a.form"]
        with pytest.raises(DeploymentRefused):
            engine.publish_pack("demo", "", by="wang")
        assert engine.definitions() == [] and engine.pack_versions("demo") == []

    @pytest.mark.parametrize(
        "content",
        [b"name = ", b"", b"\xff", b'name = "demo"\nversion = "1"\nroles = 3', b'name = "other"\nversion = "1"'],
    )
    def test_a_broken_pack_toml_is_a_finding(self, engine: Engine, content: bytes) -> None:
        made(engine)
        _, revision = engine.pack_file("demo", "pack.toml")
        engine.save_pack_file("demo", "pack.toml", content, revision=revision, by="wang")
        findings = engine.lint_pack("demo")
        assert [f.file for f in findings if f.severity == "error"] == ["pack.toml"]
        assert engine.workspace("demo").title
        with pytest.raises(DeploymentRefused):
            engine.publish_pack("demo", "", by="wang")

    def test_what_was_published_alone_meanwhile_is_told(self, engine: Engine) -> None:
        made(engine)
        engine.publish_pack("demo", "", by="wang")
        engine.deploy({"p.bpmn": TWO}, by="li")
        assert [(f.code, f.severity) for f in engine.lint_pack("demo")] == [("published-apart", "warning")]

    def test_nothing_changed_is_nothing_to_publish(self, engine: Engine) -> None:
        made(engine)
        engine.publish_pack("demo", "", by="wang")
        with pytest.raises(NothingToPublish):
            engine.publish_pack("demo", "", by="wang")

    def test_a_further_check_can_stop_it(self, engine: Engine) -> None:
        made(engine)
        engine.publish_checks.append(lambda name: [Finding(f"{name}.toml", 1, "", "error", "scenario", "没走通", "no")])
        with pytest.raises(DeploymentRefused, match=r"demo\.toml"):
            engine.publish_pack("demo", "", by="wang")
        assert engine.pack_versions("demo") == []

    def test_what_was_taken_out_is_no_longer_started_and_comes_back(self, engine: Engine) -> None:
        made(engine)
        engine.save_pack_file("demo", "processes/q.bpmn", diagram("s -> u1 -> e", key="q"), revision=0, by="wang")
        engine.publish_pack("demo", "", by="wang")
        case = engine.start("q", {}, by="zhang")
        _, revision = engine.pack_file("demo", "processes/q.bpmn")
        engine.remove_pack_file("demo", "processes/q.bpmn", revision=revision, by="wang")
        assert engine.workspace("demo").changed == 1
        engine.publish_pack("demo", "不要 q", by="wang")
        assert [d.key for d in engine.definitions()] == ["p"]
        with pytest.raises(NotFound):
            engine.start("q", {}, by="zhang")
        assert engine.instance(case.id).status == "running"
        engine.restore_pack("demo", 1, by="wang")
        engine.publish_pack("demo", "还是要", by="wang")
        assert engine.start("q", {}, by="zhang").version == 2

    def test_roll_back_is_restoring_and_publishing(self, engine: Engine) -> None:
        made(engine)
        engine.publish_pack("demo", "", by="wang")
        _, revision = engine.pack_file("demo", PROCESS)
        engine.save_pack_file("demo", PROCESS, TWO, revision=revision, by="wang")
        engine.publish_pack("demo", "", by="wang")
        engine.restore_pack("demo", 1, by="li")
        assert engine.pack_file("demo", PROCESS)[0] == ONE and engine.workspace("demo").changed_by == "li"
        assert engine.publish_pack("demo", "退回第一版", by="li").number == 3
        assert engine.content(engine.definitions()[0].id) == ONE
        with pytest.raises(NotFound):
            engine.restore_pack("demo", 9, by="li")


class TestTwoPersons:
    def test_a_second_designer_approves_the_very_files_proposed(self, engine: Engine) -> None:
        made(engine, approval=True)
        version = engine.publish_pack("demo", "请看", by="wang")
        assert (version.status, engine.definitions(), engine.workspace("demo").proposed) == ("proposed", [], 1)
        _, revision = engine.pack_file("demo", PROCESS)
        engine.save_pack_file("demo", PROCESS, TWO, revision=revision, by="wang")
        with pytest.raises(OwnProposal):
            engine.approve_pack("demo", 1, by="wang")
        approved = engine.approve_pack("demo", 1, by="li", answer="可以")
        assert (approved.status, approved.by, approved.approved_by, approved.answer) == (
            "published",
            "wang",
            "li",
            "可以",
        )
        assert engine.content(engine.definitions()[0].id) == ONE
        assert engine.pack_file("demo", PROCESS)[0] == TWO and states(engine)[PROCESS] == "changed"
        with pytest.raises(NotProposed):
            engine.approve_pack("demo", 1, by="li")

    def test_a_refused_proposal_leaves_everything_as_it_was(self, engine: Engine) -> None:
        made(engine, approval=True)
        engine.publish_pack("demo", "请看", by="wang")
        refused = engine.refuse_pack("demo", 1, by="li", answer="先改表单")
        assert (refused.status, refused.answer, engine.definitions()) == ("refused", "先改表单", [])
        with pytest.raises(NotProposed):
            engine.approve_pack("demo", 1, by="zhao")
        assert engine.publish_pack("demo", "改好了", by="wang").number == 2

    def test_a_newer_proposal_takes_the_place_of_the_one_before(self, engine: Engine) -> None:
        made(engine, approval=True)
        engine.publish_pack("demo", "", by="wang")
        engine.publish_pack("demo", "再看", by="wang")
        assert [(one.number, one.status) for one in engine.pack_versions("demo")] == [(2, "proposed"), (1, "refused")]

    def test_a_proposal_older_than_what_was_deployed_since_is_not_approved(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        made(engine, approval=True)
        engine.publish_pack("demo", "", by="wang")
        engine.deploy_pack(folder(tmp_path, TWO), by="")
        with pytest.raises(NotProposed):
            engine.approve_pack("demo", 1, by="li")
        assert engine.content(engine.definitions()[0].id) == TWO

    def test_nobody_switches_the_option_off_alone(self, engine: Engine) -> None:
        made(engine, approval=True)
        engine.publish_pack("demo", "", by="wang")
        engine.approve_pack("demo", 1, by="li")
        content, revision = engine.pack_file("demo", "pack.toml")
        alone = content.replace(b"approval = true", b"approval = false")
        engine.save_pack_file("demo", "pack.toml", alone, revision=revision, by="wang")
        assert engine.publish_pack("demo", "", by="wang").status == "proposed"


class TestFolders:
    def test_a_pack_from_a_folder_has_a_version_and_a_working_copy(self, engine: Engine, tmp_path: Path) -> None:
        place = folder(tmp_path, scenarios__a_toml=b'title = "a"', services_py=b"def f(inputs):\n    return {}\n")
        engine.deploy_pack(place, by="")
        assert [(one.number, one.source) for one in engine.pack_versions("demo")] == [(1, "folder")]
        assert set(states(engine)) == {"pack.toml", PROCESS, "scenarios/a.toml"}
        engine.deploy_pack(place, by="")
        assert len(engine.pack_versions("demo")) == 1

    def test_publishing_in_the_browser_keeps_the_services_of_the_folder(self, engine: Engine, tmp_path: Path) -> None:
        engine.deploy_pack(folder(tmp_path, services_py=b"def f(inputs):\n    return {}\n"), by="")
        calls = diagram("s -> x -> e", service("x", "demo.f"))
        _, revision = engine.pack_file("demo", PROCESS)
        engine.save_pack_file("demo", PROCESS, calls, revision=revision, by="wang")
        engine.publish_pack("demo", "", by="wang")
        assert "demo.f" in engine._context.handlers.names()

    def test_a_newer_folder_leaves_what_designers_changed(self, engine: Engine, tmp_path: Path) -> None:
        place = folder(tmp_path, README_md=b"one")
        engine.deploy_pack(place, by="")
        _, revision = engine.pack_file("demo", PROCESS)
        engine.save_pack_file("demo", PROCESS, TWO, revision=revision, by="wang")
        engine.deploy_pack(folder(tmp_path, diagram("s -> u7 -> e"), README_md=b"two"), by="")
        assert engine.pack_file("demo", "README.md")[0] == b"two" and engine.pack_file("demo", PROCESS)[0] == TWO

    def test_a_pack_installed_before_there_were_versions_gets_its_first(self, engine: Engine, tmp_path: Path) -> None:
        engine.deploy_pack(folder(tmp_path / "a", scenarios__a_toml=b'title = "a"'), by="wang")
        for table in ("pack_version", "pack_version_file", "pack_blob"):
            engine.store.sql(f"delete from {table}")
        assert set(states(engine).values()) == {"same"} and "scenarios/a.toml" in states(engine)
        assert [(one.number, one.by) for one in engine.pack_versions("demo")] == [(1, "wang")]

    def test_a_start_does_not_replace_what_was_published_in_the_browser(self, engine: Engine, tmp_path: Path) -> None:
        place = folder(tmp_path)
        assert engine.folder_standing(place) == "new"
        engine.deploy_pack(place, by="")
        assert engine.folder_standing(place) == "same"
        newer = folder(tmp_path, diagram("s -> u7 -> e"))
        assert engine.folder_standing(newer) == "changed"
        _, revision = engine.pack_file("demo", PROCESS)
        engine.save_pack_file("demo", PROCESS, TWO, revision=revision, by="wang")
        assert engine.folder_standing(newer) == "changed"  # a draft is nobody's version yet
        engine.publish_pack("demo", "", by="wang")
        assert engine.folder_standing(newer) == "kept" and engine.folder_standing(folder(tmp_path)) == "same"

    def test_nor_what_was_published_alone(self, engine: Engine, tmp_path: Path) -> None:
        engine.deploy_pack(folder(tmp_path), by="")
        engine.deploy({"p.bpmn": TWO}, by="wang")
        assert engine.folder_standing(folder(tmp_path, diagram("s -> u7 -> e"))) == "kept"

    def test_a_pack_from_before_versions_whose_folder_is_gone_has_its_settings(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        place = folder(tmp_path / "a")
        extra = '[roles.x]\ntitle = {zh = "甲", en = "A"}\npermissions = ["desk"]\n'
        extra += '[calendars."a b"]\nhours = [["1-5", "08:30", "12:00"]]\n'
        (place / "pack.toml").write_text(f"{(place / 'pack.toml').read_text('utf-8')}{extra}", "utf-8")
        engine.deploy_pack(place, by="wang")
        before = tomllib.loads((place / "pack.toml").read_text("utf-8"))
        (place / "pack.toml").unlink()
        for table in ("pack_version", "pack_version_file", "pack_blob"):
            engine.store.sql(f"delete from {table}")
        assert tomllib.loads(engine.pack_file("demo", "pack.toml")[0].decode()) == before
        assert engine.lint_pack("demo") == []


def zipped(files: dict[str, bytes], **flags: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return buffer.getvalue()


SETTINGS = 'name = "demo"\nversion = "1"\n[title]\nzh = "示例"\n'.encode()


class TestZips:
    def test_what_is_exported_is_imported_again(self, engine: Engine) -> None:
        made(engine)
        content = engine.export_pack("demo")
        assert content == engine.export_pack("demo")
        assert sorted(zipfile.ZipFile(io.BytesIO(content)).namelist()) == ["pack.toml", PROCESS]
        with pytest.raises(PackExists):
            engine.import_pack(content, by="li")
        engine.drop_pack("demo", by="wang")
        assert engine.import_pack(content, by="li").changed == 2
        assert engine.pack_file("demo", PROCESS)[0] == ONE

    def test_the_export_of_a_folder_is_that_folder(self, engine: Engine) -> None:
        engine.deploy_pack(COMMUNITY, by="")
        with zipfile.ZipFile(io.BytesIO(engine.export_pack("community"))) as archive:
            for name in archive.namelist():
                assert archive.read(name) == (COMMUNITY / name).read_bytes()
            on_disk = {
                str(p.relative_to(COMMUNITY)) for p in COMMUNITY.rglob("*") if p.is_file() and p.suffix != ".pyc"
            }
            assert set(archive.namelist()) == on_disk - {"services.py"}
        assert engine.lint_pack("community") == [f for f in engine.lint_pack("community") if f.severity != "error"]

    def test_an_import_may_replace_a_working_copy(self, engine: Engine) -> None:
        made(engine)
        engine.publish_pack("demo", "", by="wang")
        engine.save_pack_file("demo", "README.md", b"x", revision=0, by="wang")
        engine.import_pack(zipped({"demo/pack.toml": SETTINGS, f"demo/{PROCESS}": TWO}), by="li", replace=True)
        assert states(engine) == {"pack.toml": "changed", PROCESS: "changed"}

    def test_a_folder_around_and_what_file_managers_leave_is_taken_off(self, engine: Engine) -> None:
        litter = {"__MACOSX/demo/._pack.toml": b"x", "demo/.DS_Store": b"x", "demo/forms/": b""}
        engine.import_pack(zipped({"demo/pack.toml": SETTINGS, **litter}), by="wang")
        assert list(states(engine)) == ["pack.toml"]

    def test_names_as_chinese_windows_writes_them(self, engine: Engine) -> None:
        path = "processes/诉求.bpmn"
        content = zipped({"pack.toml": SETTINGS, "processes/XXXX.bpmn": ONE})
        engine.import_pack(content.replace(b"XXXX.bpmn", "诉求.bpmn".encode("gbk")), by="wang")
        assert path in states(engine)

    @pytest.mark.parametrize(
        ("files", "words"),
        [
            ({"pack.toml": SETTINGS, "../x.bpmn": b""}, "outside"),
            ({"pack.toml": SETTINGS, "/x.bpmn": b""}, "outside"),
            ({"pack.toml": SETTINGS, "C:/x.bpmn": b""}, "outside"),
            ({"pack.toml": SETTINGS, "processes\\..\\..\\x.bpmn": b""}, "outside"),
            ({"pack.toml": SETTINGS, "services.py": b"import os"}, "trusted code"),
            ({"pack.toml": SETTINGS, "notes.txt": b""}, "notes.txt"),
            ({"pack.toml": SETTINGS, "forms/A.form": b"1", "forms/a.form": b"2"}, "twice"),
            ({"processes/a.bpmn": ONE}, "no pack.toml"),
            ({"pack.toml": b"name = 3"}, "needs a name"),
            ({"pack.toml": SETTINGS, "README.md": b"0" * (6 * 1024 * 1024)}, "5 MB"),
            ({"pack.toml": SETTINGS, **{f"forms/{n}.form": b"0" * 5_000_000 for n in range(14)}}, "64 MB"),
            ({"pack.toml": SETTINGS, **{f"forms/{n}.form": b"" for n in range(2001)}}, "2000"),
        ],
        ids=["up", "root", "drive", "backslash", "services", "stray", "twice", "none", "name", "bomb", "bombs", "many"],
    )  # fmt: skip
    def test_a_zip_that_is_no_pack_is_refused_in_clear_words(
        self, open_engine, files: dict[str, bytes], words: str
    ) -> None:
        engine = open_engine()
        with pytest.raises(InvalidFile, match=words):
            engine.import_pack(zipped(files), by="wang")
        assert engine.workspaces("wang") == []

    def test_links_passwords_and_broken_zips_are_refused(self, engine: Engine) -> None:
        link = zipfile.ZipInfo("processes/a.bpmn")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("pack.toml", SETTINGS)
            archive.writestr(link, "/etc/passwd")
        whole = zipped({"pack.toml": SETTINGS})
        locked = bytearray(whole)
        locked[6] |= 1
        locked[whole.rindex(b"PK\x01\x02") + 8] |= 1
        damaged = bytearray(zipped({"pack.toml": SETTINGS * 50}))
        damaged[60] ^= 0xFF
        for content, words in (
            (buffer.getvalue(), "symbolic link"),
            (bytes(locked), "encrypted"),
            (whole[:-30], "no whole zip"),
            (b"no zip at all", "no whole zip"),
            (bytes(damaged), "no whole zip"),
            (b"", "no whole zip"),
        ):
            with pytest.raises(InvalidFile, match=words):
                engine.import_pack(content, by="wang")
