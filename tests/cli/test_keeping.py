"""A backup taken while others write is one moment's whole state and comes back proved; nothing is overwritten."""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from cli import main
from engine import Engine
from engine.clock import ShiftedClock
from engine.settings import Settings
from engine.store import models
from tests.diagrams import diagram, user
from tests.engine.helpers import deploy, item, open_nodes

TWO_STEPS = diagram("s -> u1 -> u2 -> e", user("u1"), user("u2"))


@pytest.fixture
def installed(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An installation with a case and an uploaded file that the case names."""
    monkeypatch.setenv("LINLI_DATABASE", store_url)
    monkeypatch.setenv("LINLI_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("LINLI_LOCALE", "en")
    with Engine(store_url, settings=Settings.from_environment()) as engine:
        deploy(engine, TWO_STEPS)
        engine.settings.secret()
        photo = engine.attach("照片.jpg", "image/jpeg", io.BytesIO(b"light"), by="li")
        engine.start("p", {"photo": photo}, by="li")
        yield engine


@contextmanager
def writing(engine: Engine) -> Iterator[list[int]]:
    """Somebody goes on working all the while; the cases they completed a step of, in order."""
    stop, done = threading.Event(), list[int]()

    def work() -> None:
        while not stop.is_set():
            case = engine.start("p", {"n": len(done)}, by="wang").id
            engine.complete(item(engine, case).id, {}, by="wang")
            done.append(case)
        engine.store.close() if not engine.store.postgres else None

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield done
    finally:
        stop.set()
        thread.join()


def wait_for(holds: Callable[[], bool]) -> None:
    pause = threading.Event()
    while not holds():
        pause.wait(0.01)


def test_a_backup_under_load_comes_back_whole_and_goes_on(
    installed: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, files = tmp_path / "out/b.tar.gz", tmp_path / "var/files"
    with writing(installed) as done:
        wait_for(lambda: len(done) > 10)
        assert main(["backup", str(file)]) == 0
        during = len(done)
        wait_for(lambda: len(done) > during + 5)
    assert file.stat().st_mode & 0o077 == 0
    at_the_end = installed.instances().total
    installed.comment(installed.instances(limit=1).rows[0].id, "后来", by="li")
    kept = {path.name for path in files.iterdir()}
    shutil.rmtree(files)
    installed.store.close()

    assert main(["restore", str(file)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert installed.instances().total == at_the_end and not files.exists()

    assert main(["restore", str(file), "--force"]) == 0
    assert "Proved by the doctor: the database is whole." in capsys.readouterr().out
    assert {path.name for path in files.iterdir()} == kept
    back = installed.instances().total
    assert 11 <= back < at_the_end
    for case in done[: back - 2]:
        assert open_nodes(installed, case) == ["u2"]
    case = done[0]
    installed.complete(item(installed, case).id, {}, by="wang")
    assert installed.instance(case).status == "completed" and installed.doctor() == []


def test_a_restore_lands_while_somebody_works_and_breaks_nothing(installed: Engine, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    assert main(["backup", str(file)]) == 0
    before = installed.instances().total
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading, "excepthook", lambda problem: None)  # what they were at is gone
        with writing(installed) as done:
            wait_for(lambda: len(done) > 5)
            assert main(["restore", str(file), "--force"]) == 0
    with Engine(installed.store.url, settings=installed.settings) as restarted:
        assert before <= restarted.instances().total
        assert restarted.doctor() == []
        assert not set(done[:5]) & {case.id for case in restarted.instances(limit=1000).rows}


def test_a_backup_is_not_overwritten_unasked(installed: Engine, tmp_path: Path, capsys) -> None:
    file = tmp_path / "b.tar.gz"
    file.write_text("dear")
    assert main(["backup", str(file)]) == 1 and file.read_text() == "dear"
    assert "is there already" in capsys.readouterr().err
    assert main(["backup", str(file), "--force"]) == 0 and file.read_bytes()[:2] == b"\x1f\x8b"
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".linli-")] == []


@pytest.mark.parametrize("what", ["text", "half", "other", "damaged"])
def test_what_is_no_whole_backup_changes_nothing(installed: Engine, tmp_path: Path, what: str, capsys) -> None:
    file = tmp_path / "b.tar.gz"
    assert main(["backup", str(file)]) == 0
    spoil(file, what, "sqlite" if installed.store.postgres else "postgresql")
    assert main(["restore", str(file), "--force"]) == 1
    err = capsys.readouterr().err
    assert "Error: " in err
    assert installed.instances().total == 1 and installed.doctor() == []


def spoil(file: Path, what: str, other: str) -> None:
    if what == "text":
        file.write_text("no backup")
    elif what == "half":
        os.truncate(file, file.stat().st_size // 2)
    else:
        with tarfile.open(file) as archive:
            members = {m.name: archive.extractfile(m).read() for m in archive.getmembers()}  # type: ignore[union-attr]
        if what == "other":
            members["linli.json"] = json.dumps({**json.loads(members["linli.json"]), "database": other}).encode()
        else:
            members["database"] = members["database"][:5000] + b"\0" * 20_000
        with tarfile.open(file, "w:gz") as archive:
            for name, content in members.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))


def test_the_doctor_misses_an_uploaded_file_that_a_case_counts_on(installed: Engine, tmp_path: Path) -> None:
    row = installed.store.row(models.Attachment.select())
    assert row is not None and installed.doctor() == []
    (tmp_path / "var/files" / row["id"]).write_bytes(b"lig")
    [finding] = installed.doctor()
    assert (finding.code, finding.instance) == ("file", row["instance"]) and "3 bytes instead of 5" in finding.text
    (tmp_path / "var/files" / row["id"]).unlink()
    [finding] = installed.doctor()
    assert "is not there" in finding.text


def test_retain_says_what_left_and_where_and_proves_it(
    installed: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    [case] = installed.instances().rows
    for _ in range(2):
        installed.complete(item(installed, case.id).id, {}, by="li")
    assert main(["retain"]) == 1 and "LINLI_RETAIN_DAYS" in capsys.readouterr().err
    assert main(["retain", "--days", "30", "--trace-days", "30"]) == 0
    out = capsys.readouterr().out
    assert "0 finished cases have left" in out and "swept 0 rows of message" in out
    later = ShiftedClock(timedelta(days=40))
    monkeypatch.setattr("cli.keeping.Engine", partial(Engine, clock=later))
    assert main(["retain", "--days", "30"]) == 0
    out = capsys.readouterr().out
    assert "1 finished cases have left" in out
    archive = out.split("-> ")[1].splitlines()[0]
    monkeypatch.undo()
    assert main(["retain", "--prove", archive]) == 0
    assert main(["retain", "--prove", str(Path(archive).parents[1] / "secret.key")]) == 1
    assert installed.doctor() == []


def test_a_person_is_told_and_erased_by_command(
    installed: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = installed.start("p", {"phone": "13812340000"}, by="wang")
    installed.people.put("wang", name="王", mobile="13812340000")
    out = tmp_path / "wang.json"
    assert main(["personal-data", "wang", str(out)]) == 0
    told = json.loads(out.read_text("utf-8"))
    assert told["in_cases"][0]["values"] == [["phone", "13812340000"]] and out.stat().st_mode & 0o077 == 0
    assert main(["erase", "wang"]) == 1
    assert main(["erase", "wang", "--preview"]) == 0
    assert "would go: cases 1" in capsys.readouterr().out and installed.people.get("wang").name == "王"
    assert main(["erase", "wang", "--reason", "asked"]) == 0
    said = capsys.readouterr().out
    assert "gone: cases 1" in said and "kept: backups made before" in said and "alias: wang" in said
    assert "13812340000" not in str(installed.instance(case.id).variables) and installed.doctor() == []
