"""The server of `run.py serve` with a profile of its requests: `python -m bench.served FILE`.

Owns nothing but the profile; it is written when the worker ends.
"""

from __future__ import annotations

import cProfile
import sys
import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from cli.serve import Server
from engine.settings import Settings


class Watched(Server):
    """One request at a time is profiled; the others wait for it."""

    def __init__(self, settings: Settings, file: str) -> None:
        self._file, self._turn = file, threading.Lock()
        self._profile = cProfile.Profile()
        super().__init__(settings)

    def load(self) -> Any:
        answer = super().load()

        def profiled(environ: Any, start_response: Any) -> Iterable[bytes]:
            with self._turn:
                self._profile.enable()
                try:
                    found: Iterable[bytes] = answer(environ, start_response)
                    return found
                finally:
                    self._profile.disable()

        return profiled

    def _ended(self, server: Any, worker: Any) -> None:
        self._profile.dump_stats(self._file)
        super()._ended(server, worker)


if __name__ == "__main__":
    Watched(replace(Settings.from_environment(), demo=False), sys.argv[1]).run()
