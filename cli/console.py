"""What an operator reads in the terminal: one language, a progress bar, errors on the other stream.

Owns the choice of language (LINLI_LOCALE, else that of the terminal) and the shape of the bar. Knows no command.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, field
from typing import TextIO

WIDTH = 30


def locale() -> str:
    """`zh` or `en`: LINLI_LOCALE, else the terminal's language when it is Chinese or English, else Chinese."""
    chosen = os.environ.get("LINLI_LOCALE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "en" if chosen.startswith("en") else "zh"


class Say:
    """Prints a text in the operator's language."""

    def __call__(self, zh: str, en: str) -> None:
        print(zh if locale() == "zh" else en, flush=True)

    def error(self, zh: str, en: str) -> None:
        """To the error stream."""
        print(f"错误：{zh}" if locale() == "zh" else f"Error: {en}", file=sys.stderr, flush=True)


say = Say()


@dataclass
class Bar:
    """A progress bar on the error stream; on something that is no terminal, a line for each tenth."""

    stream: TextIO = field(default_factory=lambda: sys.stderr)
    started: float = field(default_factory=time.monotonic)
    drawn: float = 0.0
    tenth: int = -1

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        now, live = time.monotonic(), self.stream.isatty()
        tenth = done * 10 // max(total, 1)
        if done < total and (now - self.drawn < 0.1 if live else tenth == self.tenth):
            return
        self.drawn, self.tenth = now, tenth
        filled = done * WIDTH // max(total, 1)
        rate = done / max(now - self.started, 1e-9)
        text = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {done:,}/{total:,}  {rate:,.0f}/s"
        end = ("\n" if done >= total else "") if live else "\n"
        print(f"\r{text}" if live else text, end=end, file=self.stream, flush=True)
