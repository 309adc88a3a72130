"""Files on their way in and out of the web face: what is accepted, by content, and how they are served.

Owns the sniffing of types, the size limits and the response headers. Storage under random names is `engine.attach`'s;
who may see a file is asked by the view that serves it. A name or a `Content-Type` sent by a browser is never believed.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import zipfile
from pathlib import Path
from typing import IO, Any

from flask import Response, current_app, send_file, session, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from admin import i18n
from admin.widgets import current
from engine import errors
from engine.records import Attachment

IMAGES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
KEPT = 30  # uploads a visitor may look at again: a session cookie holds 4 KB
_HEAD = 8192
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (4, b"ftyp", "video/mp4"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"#!AMR", "audio/amr"),
)
_OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


def sniff(stream: IO[bytes]) -> str:
    """The type of a file by its content, '' when it is none that Linli takes. The stream is left at its start."""
    stream.seek(0)
    head = stream.read(_HEAD)
    stream.seek(0)
    for offset, magic, mime in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return mime
    if head.startswith(b"PK\x03\x04"):
        return _zipped(stream)
    return "text/plain" if head and _is_text(head) else ""


def _zipped(stream: IO[bytes]) -> str:
    try:
        with zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError):
        return ""
    finally:
        stream.seek(0)
    return next(
        (mime for folder, mime in _OFFICE.items() if any(n.startswith(folder) for n in names)), "application/zip"
    )


def _is_text(head: bytes) -> bool:
    """Text in UTF-8 or GBK; a multi-byte character may be cut at the end."""
    if b"\x00" in head:
        return False
    return any(_decodes(head[: len(head) - cut], encoding) for encoding in ("utf-8", "gbk") for cut in range(4))


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


class Refused(Exception):
    """A file that is not taken; `words` say why in the reader's language."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__(words)


def accept(engine: Any, upload: FileStorage, *, by: str, field: str, images_only: bool = False) -> str:
    """Store one posted file and return its attachment id. Refused when empty, too big or of a type not taken."""
    name = _file_name(upload.filename or "")
    size, limit = upload.stream.seek(0, io.SEEK_END), engine.settings.upload_limit
    if not size:
        raise Refused(_("文件“%(name)s”是空的。", name=name))
    if size > limit << 20:
        raise Refused(_("文件“%(name)s”超过 %(limit)s MB，请压缩后再传。", name=name, limit=limit))
    mime = sniff(upload.stream)
    if images_only and not mime.startswith("image/"):
        raise Refused(_("“%(name)s”不是照片。", name=name))
    if not mime:
        raise Refused(_("不能接收“%(name)s”这种文件。可以上传照片、PDF、Office 文档或文本。", name=name))
    try:
        return str(engine.attach(name, mime, upload.stream, by=by, field=field))
    except errors.InvalidFile as error:  # the virus scanner's answer, or a size that only reading shows
        raise Refused(error.text(i18n.locale())) from error


def _file_name(name: str) -> str:
    """The last part of what the browser called it, without control characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:120] or "file"


def send(record: Any, path: str | Path, *, small: bool = False) -> Response:
    """An attachment as a download, a picture in place; never anything a browser would run."""
    inline = record.mime in IMAGES
    answer = send_file(
        path,
        mimetype="image/jpeg" if small else record.mime if inline else "application/octet-stream",
        as_attachment=not inline,
        download_name=record.name,
        max_age=3600,
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


def address(record: Attachment, *, small: bool = False) -> str:
    """The file's address for this reader. A page that may show a file to somebody hands out the right to fetch it: the
    address is sealed for their login (a visitor's for all visitors), so a link passed on opens nothing. Only what a
    case or a register row holds is handed out: an upload that nothing has yet is its maker's alone."""
    who = current.me().login
    more: dict[str, Any] = {"size": "small"} if small else {}
    if not record.held and record.uploaded_by != who:
        return url_for("files.index", attachment_id=record.id, **more)
    return url_for("files.index", attachment_id=record.id, seal=_seal(record.id), **more)


def sealed(attachment_id: str, seal: str) -> bool:
    """Whether a page gave this reader this file."""
    return hmac.compare_digest(_seal(attachment_id), seal)


def _seal(attachment_id: str) -> str:
    key = str(current_app.config["SECRET_KEY"]).encode()
    text = f"file\n{attachment_id}\n{current.me().login}".encode()
    return hmac.new(key, text, hashlib.sha256).hexdigest()[:32]


def mine() -> list[str]:
    """Ids of what this browser uploaded without signing in; kept in its signed session."""
    return list(session.get("uploads", []))


def remember(attachment_id: str) -> None:
    """Let this browser see its own upload again."""
    session["uploads"] = [*mine(), attachment_id][-KEPT:]
