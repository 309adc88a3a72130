"""Small disks that fill up: a tmpfs of some megabytes with a filler in it, or (where this user may mount nothing) a
SQLite file that may have no more pages."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine import Engine

FILLER = "filler"


class Mounted:
    """A disk of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, engine: Engine) -> None:
        """Leave no byte."""
        out = os.open(self.folder / FILLER, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            for size in (1 << 16, 1 << 12, 1):
                self._until_full(out, bytes(size))
        finally:
            os.close(out)

    @staticmethod
    def _until_full(out: int, block: bytes) -> None:
        try:
            while os.write(out, block) == len(block):
                pass
        except OSError:
            return

    def free(self, engine: Engine) -> None:
        """Take the filler away."""
        (self.folder / FILLER).unlink()


class Paged:
    """A SQLite file that cannot grow: the present connection is told so."""

    def fill(self, engine: Engine) -> None:
        """Not a page more than there are."""
        with engine.store.connected():
            engine.store.db.execute_sql("pragma max_page_count = 1")

    def free(self, engine: Engine) -> None:
        """As many as it likes."""
        with engine.store.connected():
            engine.store.db.execute_sql("pragma max_page_count = 1073741823")


def mountable() -> bool:
    """Whether this user may mount a tmpfs."""
    if os.geteuid() != 0:
        return False
    with mounted(Path("/tmp/linli-mount-probe"), "1m") as worked:
        return worked


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[bool]:
    """A tmpfs at a folder; False when the system refuses it (a container without the right to mount)."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    done = subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0
    try:
        yield done
    finally:
        if done:
            subprocess.run(["umount", "-l", str(folder)], check=True)
