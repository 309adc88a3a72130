"""The disk is full: a clear refusal, nothing changed, and everything goes on when there is room again."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from admin.app import create_app
from engine import Engine
from engine.clock import ManualClock
from engine.errors import StorageFull
from engine.settings import Settings
from tests.admin.conftest import Visitor, text
from tests.diagrams import boundary, diagram, user
from tests.engine.helpers import deploy, item, open_nodes, sound
from tests.faults.disks import Mounted, Paged, mountable, mounted
from tests.postgres import Server

LARGE = {"text": "字" * 200_000}
FLOW = diagram(
    "s -> u -> v -> e; b -> w -> e2", user("u"), user("v"), user("w"), boundary("b", "u", "duration", "PT1H", cut=False)
)
Disk = Mounted | Paged


@pytest.fixture(params=["pages", *(["sqlite", "postgres"] if mountable() else [])])
def small(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[tuple[Engine, Disk]]:
    """An engine on a database with a disk of its own."""
    folder = Path(f"/tmp/linli-disk-{tmp_path.name[-12:]}")
    if request.param == "pages":
        yield from opened(f"sqlite:///{tmp_path}/linli.db", clock, Paged(), tmp_path)
        return
    with mounted(folder, "24m"):
        if request.param == "sqlite":
            yield from opened(f"sqlite:///{folder}/linli.db", clock, Mounted(folder), tmp_path)
        else:
            yield from on_postgres(request.getfixturevalue("postgres"), folder, clock, tmp_path)
    folder.rmdir()


def on_postgres(server: Server, folder: Path, clock: ManualClock, data: Path) -> Iterator[tuple[Engine, Disk]]:
    """A database in a tablespace on the small disk."""
    space = folder / "space"
    space.mkdir()
    shutil.chown(space, "postgres", "postgres")
    folder.chmod(0o755)
    server.command(f"create tablespace small location '{space}'")
    server.command("create database small tablespace small")
    yield from opened(server.url("small"), clock, Mounted(folder), data)
    server.command("drop database small with (force)")
    server.command("drop tablespace small")


def opened(url: str, clock: ManualClock, disk: Disk, data: Path) -> Iterator[tuple[Engine, Disk]]:
    with Engine(url, clock, Settings(data=str(data / "var"))) as engine:
        engine.migrate()
        yield engine, disk


def counts(engine: Engine) -> list[Any]:
    with engine.store.connected():
        tables = ("instance", "work_item", "journal", "timer", "applied", "notice")
        return [engine.store.sql(f"select count(*) from {table}").fetchone()[0] for table in tables]


def test_a_full_disk_is_said_changes_nothing_and_passes(
    small: tuple[Engine, Disk], clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    engine, disk = small
    deploy(engine, FLOW)
    case = engine.start("p", {}, by="zhang").id
    task = item(engine, case, "u").id
    before = counts(engine)
    disk.fill(engine)
    for _ in range(2):
        with pytest.raises(StorageFull) as refused:
            for _ in range(40):  # a page that is half empty takes a little more
                engine.start("p", LARGE, by="zhang")
        assert "磁盘" in refused.value.text("zh") and "disk" in refused.value.text("en")
    with pytest.raises(StorageFull):
        engine.complete(task, LARGE, by="li")
    assert open_nodes(engine, case) == ["u"] and engine.work_item(task).status == "open"
    clock.advance(hours=2)
    with suppress(StorageFull):
        engine.run_due()
    disk.free(engine)
    assert counts(engine)[1] >= before[1] and engine.doctor() == []
    engine.run_due()
    assert open_nodes(engine, case) == ["u", "w"]
    assert engine.complete(task, LARGE, by="li").variables["text"] == LARGE["text"]
    sound(engine)


def test_a_person_reads_that_the_disk_is_full_and_can_go_on_later(
    small: tuple[Engine, Disk], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    engine, disk = small
    engine.people.put("admin", name="admin", posts=[("admin", "")])
    deploy(engine, FLOW)
    visitor = Visitor(create_app(engine)).enter("admin")
    visitor.get("/start/p/")
    disk.fill(engine)
    answers = [visitor.post("/start/p/", {"_key": f"impatient-{n}"}) for n in range(60)]
    refused = next(answer for answer in answers if answer.status_code != 302)
    assert refused.status_code in (200, 507) and "磁盘" in text(refused)
    disk.free(engine)
    assert visitor.post("/start/p/", {"_key": "impatient-again"}).status_code == 302
    sound(engine)
