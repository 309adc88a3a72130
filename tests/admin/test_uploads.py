"""Files are taken by what they contain, never by what a browser says they are."""

from __future__ import annotations

import io
import zipfile

import pytest

from admin.widgets import uploads

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def office(folder: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(f"{folder}document.xml", "<x/>")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0 jpeg", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7", "application/pdf"),
        (office("word/"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("民情日记".encode(), "text/plain"),
        ("民情日记".encode("gbk"), "text/plain"),
        (b"<html><script>alert(1)</script>", "text/plain"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "text/plain"),
        (b"MZ\x90\x00\x03\x00", ""),
        (b"", ""),
    ],
)
def test_type_comes_from_the_content(content: bytes, mime: str) -> None:
    stream = io.BytesIO(content)
    assert uploads.sniff(stream) == mime
    assert stream.tell() == 0


def test_a_character_cut_at_the_end_of_the_sniffed_part_is_still_text() -> None:
    assert uploads.sniff(io.BytesIO(b"x" + "字".encode() * 5000)) == "text/plain"
