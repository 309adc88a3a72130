"""Uploaded files: random names, sizes bounded, nothing left of a refused one."""

from __future__ import annotations

import io

import pytest

from engine import Engine
from engine.errors import InvalidFile, NotFound


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
