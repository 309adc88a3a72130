"""A pack as a folder: workflows/NAME/pack.toml and the files beside it.

Owns reading it from disk; what may be in it is `contents`'. A file where none is expected is named, not dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.packs.contents import (
    FOLDERS,
    READ_ME,
    SETTINGS_FILE,
    TOLD,
    TRUSTED,
    PackFiles,
    assemble,
    check_size,
    place,
    stray,
)
from engine.records import Finding

_BESIDE = (SETTINGS_FILE, READ_ME, TRUSTED, "__pycache__", *TOLD)


def read(path: str | Path) -> PackFiles:
    """Read a pack's folder. InvalidFile when there is no readable pack.toml, or a file is too large."""
    folder = Path(path)
    files = {name: _content(folder / name) for name in sorted(_names(folder))}
    pack = assemble(files, folder, str(folder / SETTINGS_FILE))
    return replace(pack, findings=(*pack.findings, *_strays(folder)))


def folder_of(settings: Mapping[str, Any]) -> Path | None:
    """Where an installed pack (its settings as kept) was deployed from; None when it was made in the browser."""
    return Path(settings["folder"]) if settings.get("folder") else None


def _content(path: Path) -> bytes:
    check_size(str(path), path.stat().st_size)
    return path.read_bytes()


def _names(folder: Path) -> Iterator[str]:
    yield from (name for name in (SETTINGS_FILE, READ_ME) if (folder / name).is_file())
    for name in (*FOLDERS, *TOLD):
        for path in (folder / name).glob("*"):
            if path.is_file() and place(f"{name}/{path.name}"):
                yield f"{name}/{path.name}"


def _strays(folder: Path) -> Iterator[Finding]:
    for path in sorted(folder.iterdir()):
        if path.name in _BESIDE or path.name.startswith("."):
            continue
        if path.is_file() or path.name not in FOLDERS:
            yield stray(path.name)
            continue
        inside = [p for p in path.iterdir() if not place(f"{path.name}/{p.name}") and not p.name.startswith(".")]
        yield from (stray(f"{path.name}/{one.name}") for one in sorted(inside))
