"""What a designer is told before publishing: how processes begin and when next, what a new schema does to rows.

Only looks; the acts are `deploy` and the working copies'.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine import packs
from engine.bpmn.timing import timed
from engine.commands import deploy, starts
from engine.commands.context import Context
from engine.commands.starts import SHOWN, Moment, Way
from engine.packs import Examination, kind_of
from engine.registers import Registers, RowReport, parse


class Design:
    """Mixed into Engine."""

    _context: Context
    _registers: Registers

    def starts(self, process: str | None = None) -> list[Way]:
        """How each process deployed begins, or one: by whom, by which message, and the next ten times of a
        timetable."""
        with self._context.store.connected():
            return starts.deployed(self._context, process)

    def starts_drawn(self, content: bytes) -> list[Way]:
        """The same of a diagram that is not deployed, as if it were now. InvalidFile."""
        with self._context.store.connected():
            return starts.drawn(self._context, content)

    def with_timetable(self, content: bytes, node: str, line: str, calendar: str = "") -> bytes:
        """A diagram whose timer start event goes by another timetable. InvalidValue for what no timer takes, NotFound,
        InvalidFile."""
        self.upcoming(line, "cycle", calendar)
        return timed(content, node, line, calendar)

    def row_changes(self, files: Mapping[str, bytes]) -> list[RowReport]:
        """What deploying these registers (path -> bytes, other files are passed over) would do to the rows of those
        that are deployed already; nothing is changed. DeploymentRefused for a schema with errors."""
        with self._context.store.connected():
            wanted = sorted((path, content) for path, content in files.items() if kind_of(path, content) == "register")
            found = [self._registers.trial(parse(content, path)) for path, content in wanted]
            return [report for report in found if report is not None]

    def examine(self, files: Mapping[str, bytes]) -> Examination:
        """What deploying files together would publish, and all that is to be said of them; nothing is changed."""
        with self._context.store.connected():
            return deploy.lint(self._context, files)

    def examine_pack(self, path: str | Path) -> Examination:
        """The same for a pack's folder. InvalidFile."""
        pack = packs.read(path)
        with self._context.store.connected():
            return deploy.lint(self._context, pack.files, pack)

    def upcoming(
        self, expression: str, kind: str = "cycle", calendar: str = "", count: int = SHOWN
    ) -> tuple[Moment, ...]:
        """The next moments of a timer (`kind`: date | duration | cycle) from now. InvalidValue when it cannot be
        read."""
        with self._context.store.connected():
            return starts.upcoming(self._context, expression, kind, calendar, count)
