"""A pack as a mapping of paths to bytes, wherever they came from: a folder, a working copy, a zip.

Owns which paths may be in a pack, the check of pack.toml, and what of a pack is deployed. A file where none is expected
is named, not dropped. Reads no disk.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from engine import parsers, telling
from engine.errors import InvalidFile, Said
from engine.records import Finding

FOLDERS = {
    "processes": ".bpmn",
    "decisions": ".dmn",
    "forms": ".form",
    "registers": ".json",
    "pages": ".json",
    "reports": ".json",
}
TOLD = {"scenarios": (".toml",), "seeds": (".toml", ".md"), "maps": (".toml", ".md")}  # read by others, not deployed
SETTINGS_FILE, READ_ME, TRUSTED = "pack.toml", "README.md", "services.py"
SETTINGS = ("name", "version", "title", "roles", "calendars", "public", "skills", "notices", "approval")
LARGEST = 5 * 1024 * 1024  # bytes of one file
_NAMELESS = Said(
    "需要 name（小写字母、数字、连字符）和 version", "it needs a name (small letters, digits, hyphens) and a version"
)
_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}\Z")
_FILE = re.compile(r"(?!\.)[^\x00-\x1f\x7f/\\:*?\"<>|]{1,100}\Z")
_PERMISSION = re.compile(
    r"(?:desk|start|oversee|head|operate|design|admin|people:(?:read|write|private)|page:[\w*-]+|register:[\w*-]+:\w+)\Z"
)
_TRUSTED = Said(
    "services.py 是受信任的程序代码，不能在浏览器中编辑或导入；请交管理员放入 workflows/ 后用 run.py deploy 发布",
    "services.py is trusted code: it is neither edited nor imported in the browser; have an administrator put it into "
    "workflows/ and deploy it with run.py",
)


@dataclass(frozen=True, slots=True)
class PackFiles:
    """A pack. `files`: path inside the pack -> bytes, those that are deployed; `aside`: the others (pack.toml,
    scenarios, ...); `folder`: where it lies on disk, None when nowhere."""

    name: str
    version: str
    settings: dict[str, Any]
    files: dict[str, bytes]
    folder: Path | None = None
    findings: tuple[Finding, ...] = ()
    aside: dict[str, bytes] = field(default_factory=dict)

    @property
    def roles(self) -> frozenset[str]:
        """Keys of the roles it defines."""
        return frozenset(self.settings.get("roles", {}))

    @property
    def calendars(self) -> frozenset[str]:
        """Names of the calendars it defines."""
        return frozenset(self.settings.get("calendars", {}))

    @property
    def whole(self) -> dict[str, bytes]:
        """Every file, deployed or not."""
        return {**self.files, **self.aside}


def assemble(files: Mapping[str, bytes], folder: Path | None = None, origin: str = SETTINGS_FILE) -> PackFiles:
    """A pack of its files, checked. `origin`: what pack.toml is called in a refusal. InvalidFile when there is no
    readable pack.toml, or a file is too large."""
    settings = settings_of(files, origin)
    for path, content in files.items():
        check_size(path, len(content))
    deployed = {path: files[path] for path in sorted(files) if is_deployed(path)}
    aside = {path: files[path] for path in sorted(files) if place(path) and path not in deployed}
    strays = (stray(path) for path in sorted(files) if not place(path))
    findings = (*_check(settings), *_wrong_notices(settings), *strays)
    return PackFiles(settings["name"], str(settings["version"]), settings, deployed, folder, findings, aside)


def place(path: str) -> str:
    """The folder that a path is in, or `pack.toml` or `README.md` itself; '' when it has no place in a pack."""
    parts = PurePosixPath(path).parts
    if path in (SETTINGS_FILE, READ_ME):
        return path
    if len(parts) != 2 or "/".join(parts) != path or not _FILE.match(parts[1]):
        return ""
    folder, name = parts
    suffixes = (FOLDERS[folder],) if folder in FOLDERS else TOLD.get(folder, ())
    return folder if name.endswith(suffixes) and PurePosixPath(name).suffix in suffixes else ""


def is_deployed(path: str) -> bool:
    """Whether what is in this place is deployed."""
    return place(path) in FOLDERS


def check_path(path: str) -> None:
    """InvalidFile unless a file of this path may be edited in a pack."""
    if path.rpartition("/")[2] == TRUSTED:
        raise InvalidFile(name=path, reason=_TRUSTED)
    if not place(path):
        raise InvalidFile(name=path[:200], reason=Said("流程包中没有这种文件的位置", "a pack has no place for it"))


def check_size(path: str, size: int) -> None:
    """InvalidFile for a file that is too large."""
    if size > LARGEST:
        most = LARGEST // 1024 // 1024
        raise InvalidFile(name=path, reason=Said(f"大于 {most} MB", f"it is larger than {most} MB"))


def check_name(name: str) -> None:
    """InvalidFile for what no pack may be called."""
    if not _NAME.match(name):
        zh = f"流程包标识“{name[:60]}”应以小写字母开头，只含小写字母、数字和连字符"
        en = f"the key {name[:60]!r} should begin with a small letter and hold small letters, digits and hyphens"
        raise InvalidFile(name=SETTINGS_FILE, reason=Said(zh, en))


def settings_of(files: Mapping[str, bytes], origin: str = SETTINGS_FILE) -> dict[str, Any]:
    """pack.toml as a dict. InvalidFile."""
    if SETTINGS_FILE not in files:
        raise InvalidFile(name=origin, reason=Said("没有这个文件", "there is no such file"))
    try:
        settings = tomllib.loads(files[SETTINGS_FILE].decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise InvalidFile(name=origin, reason=parsers.said(problem)) from problem
    if not _NAME.match(str(settings.get("name", ""))) or not settings.get("version"):
        raise InvalidFile(name=origin, reason=_NAMELESS)
    if shapeless := _shapeless(settings):
        reason = Said(f"“{shapeless}”的写法不对", f"“{shapeless}” is not written as it should be")
        raise InvalidFile(name=origin, reason=reason)
    return settings


def _shapeless(settings: Mapping[str, Any]) -> str:
    """The first setting that is no table where one is read, '' when all are."""
    for key in ("title", "roles", "calendars", "public", "skills", "notices"):
        if not isinstance(settings.get(key, {}), dict):
            return key
    for key in ("roles", "calendars", "notices"):
        for name, one in settings.get(key, {}).items():
            if not isinstance(one, dict) or not isinstance(one.get("permissions", []), list):
                return f"{key}.{name}"
            if not isinstance(one.get("title", {}), dict | str):
                return f"{key}.{name}.title"
    return ""


def stray(name: str) -> Finding:
    """A file (or folder) that has no place in a pack."""
    zh = f"流程包中不应有“{name}”，它不会被发布。请移走，或改成应有的扩展名。"
    en = f"“{name}” has no place in a pack and is not deployed. Move it away, or give it the extension it should have."
    return Finding(name, 1, "", "warning", "stray-file", zh, en)


def _check(settings: Mapping[str, Any]) -> Iterator[Finding]:
    for key in settings:
        if key not in SETTINGS:
            yield _wrong(key, "unknown-key", f"pack.toml 没有“{key}”这项设置。", f"pack.toml has no setting “{key}”.")
    if not isinstance(settings.get("approval", False), bool):
        zh, en = "approval（两人审批）只能是 true 或 false。", "approval (by a second person) is true or false."
        yield _wrong("approval", "bad-approval", zh, en)
    for key, role in settings.get("roles", {}).items():
        for permission in role.get("permissions", ()):
            if not _PERMISSION.match(permission):
                zh, en = (
                    f"岗位“{key}”的权限“{permission}”不存在。",
                    f"Role “{key}”: there is no permission “{permission}”.",
                )
                yield _wrong(key, "unknown-permission", zh, en)


def _wrong_notices(settings: Mapping[str, Any]) -> Iterator[Finding]:
    for kind, written in settings.get("notices", {}).items():
        for zh, en in telling.faults(kind, written):
            yield _wrong(f"notices.{kind}", "bad-notice", zh, en)


def _wrong(element: str, code: str, zh: str, en: str) -> Finding:
    return Finding(SETTINGS_FILE, 1, element, "error", code, zh, en)
