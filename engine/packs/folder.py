"""A pack as a folder: workflows/NAME/pack.toml and the files beside it.

Owns which files belong to a pack and the check of pack.toml. A file where none is expected is named, not dropped.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import telling
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
ASIDE = ("scenarios", "seeds", "maps", "__pycache__")  # read by others, not deployed
BESIDE = ("pack.toml", "services.py", "README.md")
SETTINGS = ("name", "version", "title", "roles", "calendars", "public", "skills", "notices")
LARGEST = 5 * 1024 * 1024  # bytes of one file
_NAMELESS = Said(
    "需要 name(小写字母、数字、连字符)和 version", "it needs a name (small letters, digits, hyphens) and a version"
)
_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}\Z")
_PERMISSION = re.compile(
    r"(?:desk|start|oversee|head|operate|design|admin|people:(?:read|write|private)|page:[\w*-]+|register:[\w*-]+:\w+)\Z"
)


@dataclass(frozen=True, slots=True)
class PackFiles:
    """A pack read from disk. `files`: path inside the pack -> bytes, those that are deployed."""

    name: str
    version: str
    settings: dict[str, Any]
    files: dict[str, bytes]
    folder: Path
    findings: tuple[Finding, ...] = field(default=())

    @property
    def roles(self) -> frozenset[str]:
        """Keys of the roles it defines."""
        return frozenset(self.settings.get("roles", {}))

    @property
    def calendars(self) -> frozenset[str]:
        """Names of the calendars it defines."""
        return frozenset(self.settings.get("calendars", {}))


def read(path: str | Path) -> PackFiles:
    """Read a pack's folder. InvalidFile when there is no readable pack.toml, or a file is too large."""
    folder = Path(path)
    settings = _settings(folder / "pack.toml")
    files = {name: _content(folder / name) for name in sorted(_names(folder))}
    findings = [*_check(settings), *_wrong_notices(settings), *_strays(folder)]
    return PackFiles(settings["name"], str(settings["version"]), settings, files, folder, tuple(findings))


def _settings(path: Path) -> dict[str, Any]:
    try:
        settings = tomllib.loads(_content(path).decode("utf-8"))
    except FileNotFoundError as problem:
        raise InvalidFile(name=str(path), reason=Said("没有这个文件", "there is no such file")) from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise InvalidFile(name=str(path), reason=str(problem)) from problem
    if not _NAME.match(str(settings.get("name", ""))) or not settings.get("version"):
        raise InvalidFile(name=str(path), reason=_NAMELESS)
    return settings


def _content(path: Path) -> bytes:
    if path.stat().st_size > LARGEST:
        raise InvalidFile(
            name=str(path),
            reason=Said(f"大于 {LARGEST // 1024 // 1024} MB", f"it is larger than {LARGEST // 1024 // 1024} MB"),
        )
    return path.read_bytes()


def _names(folder: Path) -> Iterator[str]:
    for name, suffix in FOLDERS.items():
        for path in (folder / name).glob(f"*{suffix}"):
            yield f"{name}/{path.name}"


def _strays(folder: Path) -> Iterator[Finding]:
    for path in sorted(folder.iterdir()):
        if path.name in BESIDE or path.name in ASIDE or path.name.startswith("."):
            continue
        if path.is_file() or path.name not in FOLDERS:
            yield _stray(path.name)
            continue
        strays = [p for p in path.iterdir() if p.suffix != FOLDERS[path.name] and not p.name.startswith(".")]
        yield from (_stray(f"{path.name}/{one.name}") for one in sorted(strays))


def _stray(name: str) -> Finding:
    zh = f"流程包中不应有“{name}”,它不会被发布。请移走,或改成应有的扩展名。"
    en = f"“{name}” has no place in a pack and is not deployed. Move it away, or give it the extension it should have."
    return Finding(name, 1, "", "warning", "stray-file", zh, en)


def _check(settings: Mapping[str, Any]) -> Iterator[Finding]:
    for key in settings:
        if key not in SETTINGS:
            yield _wrong(key, "unknown-key", f"pack.toml 没有“{key}”这项设置。", f"pack.toml has no setting “{key}”.")
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
    return Finding("pack.toml", 1, element, "error", code, zh, en)
