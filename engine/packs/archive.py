"""A pack as a zip: the layout of its folder in workflows/, with pack.toml at the top.

Owns reading what strangers send (a bomb, a path outside, a link, names in GBK, a zip cut short) and writing the same
bytes for the same files. Every file that has no place in a pack refuses the zip and is named.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from engine.errors import InvalidFile, Said
from engine.packs.contents import LARGEST, SETTINGS_FILE, TRUSTED, check_path, check_size, place

MOST_FILES = 2000
MOST_BYTES = 64 * 1024 * 1024  # of all files unpacked
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files give the same zip
_UTF8 = 0x800  # flag of an entry whose name is UTF-8
_LITTER = (
    "__MACOSX",
    "__pycache__",
    ".git",
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
)  # what file managers leave behind
_NAME = "zip"


def pack_zip(files: Mapping[str, bytes]) -> bytes:
    """The files as a zip; equal files give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files, key=lambda path: (path.count("/"), path)):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[path])
    return buffer.getvalue()


def unpack_zip(content: bytes) -> dict[str, bytes]:
    """Path -> bytes of a pack's zip; one folder around everything is taken off. InvalidFile with what is wrong."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _top(dict(_read(archive)))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as problem:
        reason = Said(f"不是完整的 zip 文件（{problem}）", f"it is no whole zip file ({problem})")
        raise InvalidFile(name=_NAME, reason=reason) from problem


def _read(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_FILES:
        raise _refused(_NAME, f"文件超过 {MOST_FILES} 个", f"it holds more than {MOST_FILES} files")
    seen: set[str] = set()
    left = MOST_BYTES
    for entry in entries:
        path = _path(entry)
        if not path:
            continue
        if path.lower() in seen:
            raise _refused(path, "同名文件出现两次", "it is in the zip twice")
        seen.add(path.lower())
        content = _content(archive, entry, path)
        left -= len(content)
        if left < 0:
            most = MOST_BYTES // 1024 // 1024
            raise _refused(_NAME, f"解压后大于 {most} MB", f"unpacked it is larger than {most} MB")
        yield path, content


def _path(entry: zipfile.ZipInfo) -> str:
    """Where an entry belongs; '' for litter. InvalidFile for what leads outside or is no plain file."""
    name = _name(entry).replace("\\", "/")
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or ":" in name:
        raise _refused(name, "路径指向压缩包之外", "its path leads outside the zip")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise _refused(name, "是符号链接", "it is a symbolic link")
    if entry.flag_bits & 1:
        raise _refused(name, "已加密，请去掉密码后重新打包", "it is encrypted: pack it again without a password")
    if any(part in _LITTER or part.startswith("._") for part in parts):
        return ""
    return "/".join(parts)


def _name(entry: zipfile.ZipInfo) -> str:
    """An entry's name: UTF-8, or what Chinese Windows writes (GBK), which zipfile reads as code page 437."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str) -> bytes:
    """An entry unpacked, never more of it than a file may hold: what the zip says of its size is not believed."""
    with archive.open(entry) as stream:
        content = stream.read(LARGEST + 1)
    check_size(path, len(content))
    return content


def _top(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files as seen from the folder that holds pack.toml; every one has a place there."""
    roots = sorted((path for path in files if path.rpartition("/")[2] == SETTINGS_FILE), key=len)
    if not roots:
        raise _refused(_NAME, f"里面没有 {SETTINGS_FILE}", f"there is no {SETTINGS_FILE} in it")
    root = roots[0].removesuffix(SETTINGS_FILE)
    strays = [path for path in sorted(files) if not path.startswith(root) or not place(path.removeprefix(root))]
    for path in strays:
        if path.rpartition("/")[2] == TRUSTED:
            check_path(path)  # refuses in its own words
    if strays:
        zh, en = "、".join(strays[:5]), ", ".join(strays[:5])
        raise _refused(_NAME, f"里面有流程包不应有的文件：{zh}", f"it holds files that have no place in a pack: {en}")
    return {path.removeprefix(root): content for path, content in files.items()}


def _refused(name: str, zh: str, en: str) -> InvalidFile:
    return InvalidFile(name=name[:200], reason=Said(zh, en))
