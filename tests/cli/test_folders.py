"""What a start does with folders that changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import folders
from engine import Engine
from engine.settings import Settings
from tests.diagrams import diagram

ONE, TWO, THREE = diagram("s -> u1 -> e"), diagram("s -> u1 -> u2 -> e"), diagram("s -> u7 -> e")
PROCESS = "processes/p.bpmn"


def put(folder: Path, content: bytes) -> None:
    (folder / "processes").mkdir(parents=True, exist_ok=True)
    (folder / "pack.toml").write_text('name = "demo"\nversion = "1"\n', "utf-8")
    (folder / PROCESS).write_bytes(content)


def test_a_start_deploys_what_is_new_and_tells_of_what_it_keeps(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """`serve` deployed nothing after the first start, so an upgrade of the program left the packs as they were;
    deploying everything instead would replace what designers have published."""
    place = tmp_path / "demo"
    (tmp_path / "linli.db").write_bytes(sqlite_template.read_bytes())
    settings = Settings(database=f"sqlite:///{tmp_path}/linli.db", data=str(tmp_path / "var"))
    monkeypatch.setattr(folders, "pack_folders", lambda: [place])
    put(place, ONE)
    with Engine(settings.database, settings=settings) as engine:
        folders.bring_up_to_date(engine, settings)
        assert engine.content(engine.definitions()[0].id) == ONE
        _, revision = engine.pack_file("demo", PROCESS)
        engine.save_pack_file("demo", PROCESS, TWO, revision=revision, by="")
        engine.publish_pack("demo", "", by="")
        folders.bring_up_to_date(engine, settings)
        put(place, THREE)
        capfd.readouterr()
        folders.bring_up_to_date(engine, settings)
        assert engine.content(engine.definitions()[0].id) == TWO
        assert "run.py deploy demo" in capfd.readouterr().out
        (place / "pack.toml").write_text("name = ", "utf-8")
        folders.bring_up_to_date(engine, settings)
        assert "pack.toml" in capfd.readouterr().out
