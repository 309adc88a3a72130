"""What the load wanted and what it was told, in files that outlive the processes that write them.

A line is one write(2) in append mode: it is there whole or not at all, whoever is killed when. `want` goes down
before the act, `got` or `no` after its answer; a want without an answer is done again, with its key, by whoever
comes next. Owns the files; knows nothing of the engine.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """`kind`: want | got | no. `act`: start, claim, ... ; `ref`: of what; `data`: what it takes or was answered."""

    kind: str
    act: str
    ref: str
    data: Any = None


class Diary:
    """One writer's file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, kind: str, act: str, ref: str, data: Any = None) -> None:
        """Add a line."""
        os.write(self._file, (json.dumps([kind, act, ref, data]) + "\n").encode())

    def open_want(self) -> Line | None:
        """The last want if it had no answer: its writer died. A writer does one thing at a time."""
        last = _last_line(self.path)
        found = Line(*json.loads(last)) if last else None
        return found if found and found.kind == "want" else None


def _last_line(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - 4096, 0))
        lines = file.read().splitlines()
    return lines[-1] if lines else b""


def read(path: Path) -> list[Line]:
    """All lines of a file; none when nobody wrote one."""
    return [Line(*json.loads(line)) for line in path.read_bytes().splitlines()] if path.exists() else []
