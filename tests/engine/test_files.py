"""Uploaded files: random names, sizes bounded, nothing left of a refused one."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.errors import InvalidFile, InvalidValue, NotFound
from tests.diagrams import diagram, user
from tests.engine import helpers


def test_a_file_comes_back_under_its_name_from_a_path_nobody_chose(engine: Engine) -> None:
    key = engine.attach("../../照片 1.jpg", "image/jpeg", io.BytesIO(b"\xff\xd8data"), by="li", field="photo")
    record, path = engine.attachment(key)
    assert (record.name, record.mime, record.size, record.field, record.uploaded_by) == (
        "照片 1.jpg",
        "image/jpeg",
        6,
        "photo",
        "li",
    )
    assert path.read_bytes() == b"\xff\xd8data" and path.parent == engine.settings.files and path.name == key


def test_two_files_of_one_name_are_two_files(engine: Engine) -> None:
    keys = [engine.attach("a.txt", "text/plain", io.BytesIO(text)) for text in (b"1", b"2")]
    assert [engine.attachment(key)[1].read_bytes() for key in keys] == [b"1", b"2"]


def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(engine: Engine) -> None:
    engine.files._limit = 10
    with pytest.raises(InvalidFile):
        engine.attach("big.bin", "application/octet-stream", io.BytesIO(b"x" * 11))
    assert list(engine.settings.files.iterdir()) == []


def test_a_path_is_no_key(engine: Engine) -> None:
    for key in ("../linli.db", "nothing", ""):
        with pytest.raises(NotFound):
            engine.attachment(key)


# ---- whose a file is

ONE_TASK = diagram("s -> u1 -> e", user("u1"), key="one")
ORPHANED = timedelta(hours=25)
SHELF = {
    "name": "shelf",
    "title": {"zh": "架子", "en": "Shelf"},
    "scope": "all",
    "fields": [
        {"key": "code", "type": "text", "label": {"zh": "编号", "en": "Code"}, "required": True},
        {"key": "photo", "type": "file", "label": {"zh": "照片", "en": "Photo"}},
    ],
    "key": ["code"],
}


def upload(engine: Engine, by: str = "") -> str:
    return engine.attach("a.txt", "text/plain", io.BytesIO(b"1"), by=by)


def holder(engine: Engine, key: str) -> int | None:
    return engine.attachment(key)[0].instance_id


def test_an_upload_belongs_to_the_case_that_is_started_or_completed_with_it(engine: Engine) -> None:
    """`attachment.instance` was never set: whoever may see a case could not open its photos without a sealed link, and
    nothing told a photo of a case from one that was thrown away."""
    helpers.deploy(engine, ONE_TASK)
    first, second, deep = upload(engine), upload(engine, "li"), upload(engine, "li")
    case = engine.start("one", {"photo": first}, by="zhang")
    assert holder(engine, first) == case.id and holder(engine, second) is None
    engine.complete(helpers.item(engine, case.id).id, {"photos": [second], "rows": [{"photo": deep}]}, by="li")
    assert holder(engine, second) == holder(engine, deep) == case.id
    helpers.sound(engine)


def test_nobody_makes_a_file_of_another_case_or_person_their_cases_own(engine: Engine) -> None:
    helpers.deploy(engine, ONE_TASK)
    theirs, private = upload(engine), upload(engine, "wang")
    case = engine.start("one", {"photo": theirs}, by="zhang")
    with pytest.raises(InvalidValue):
        engine.start("one", {"other": private}, by="li")
    engine.start("one", {"photo": theirs}, by="li")
    assert holder(engine, theirs) == case.id and holder(engine, private) is None


def test_a_refused_completion_binds_nothing(engine: Engine) -> None:
    helpers.deploy(engine, ONE_TASK)
    case = engine.start("one", {}, by="zhang")
    item, photo = helpers.item(engine, case.id), upload(engine, "li")
    engine.suspend(case.id, by="zhang")
    with pytest.raises(Exception, match="suspended"):
        engine.complete(item.id, {"photo": photo}, by="li")
    assert holder(engine, photo) is None


def test_uploads_that_nothing_holds_are_deleted_after_a_day(engine: Engine, clock: ManualClock) -> None:
    """They stayed for ever: a visitor's 60 uploads an hour of 20 MB each would have filled the disk."""
    helpers.deploy(engine, ONE_TASK)
    engine.deploy({"shelf.json": json.dumps(SHELF).encode()}, by="admin")
    orphan, of_case, of_row, of_draft = (upload(engine, "li") for _ in range(4))
    engine.start("one", {"photo": of_case}, by="li")
    engine.register("shelf").insert({"code": "1", "photo": of_row})
    engine.save_draft("item:1", "li", {"photo": of_draft})
    assert engine.files.sweep() == 0
    clock.advance(ORPHANED)
    path = engine.attachment(orphan)[1]
    assert engine.files.sweep() == 1 and not path.exists()
    with pytest.raises(NotFound):
        engine.attachment(orphan)
    for kept in (of_case, of_row, of_draft):
        assert engine.attachment(kept)[1].exists()
    engine.drop_draft("item:1", "li")
    clock.advance(ORPHANED)
    assert engine.files.sweep() == 1
    assert {of_case, of_row} == {path.name for path in engine.settings.files.iterdir()}


def test_a_sweep_is_bounded_and_deletes_nothing_twice(engine: Engine, clock: ManualClock) -> None:
    for _ in range(5):
        upload(engine)
    clock.advance(ORPHANED)
    assert [engine.files.sweep(limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_the_tick_sweeps(engine: Engine) -> None:
    engine.start_scheduler()
    assert engine._scheduler is not None and engine.files.sweep in engine._scheduler._tasks
    engine.stop_scheduler()
