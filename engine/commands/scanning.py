"""Looking for viruses in what people upload, by whatever the operator has for it.

Owns the two ways in: a command line (`LINLI_SCAN`, the file's path is put at its end; it ends with 0 for a clean file,
1 for one that is not, as clamdscan does) and any callable set as `engine.files.scan`. A scanner that cannot answer
refuses the file: nothing comes in unlooked at.
"""

from __future__ import annotations

import logging
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

from engine.errors import Said

log = logging.getLogger(__name__)
Scan = Callable[[Path], Said | None]  # None: clean; else why the file is refused
SECONDS = 60

FOUND = Said("病毒检查没有通过", "the virus scanner refused it")
UNSURE = Said("病毒检查暂时不能用，请稍后再传", "the virus scanner does not answer; try again later")


def by_command(line: str) -> Scan | None:
    """A scan that runs a command; None for no command."""
    words = shlex.split(line)
    return (lambda path: _run(words, path)) if words else None


def _run(words: list[str], path: Path) -> Said | None:
    try:
        ended = subprocess.run([*words, str(path)], capture_output=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as problem:
        log.error("the virus scanner failed: %s", problem)
        return UNSURE
    if ended.returncode not in (0, 1):
        log.error("the virus scanner ended with %s: %s", ended.returncode, ended.stderr.decode(errors="replace")[:500])
        return UNSURE
    return FOUND if ended.returncode else None
