"""Cases into the engine: each row once, however often the file is imported.

Owns the order (the whole file is read before the first case is started, so that a broken one changes nothing), the
counts, and the file of rejected rows beside the input. A case is started by one command: it is there, or it is not.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from engine.errors import LinliError, NotFound
from engine.facade import Engine
from engine.imports.mapping import REPORT, Mapping, Record, Rejected
from engine.imports.table import Line, Table
from engine.store.points import Point, pass_through

Progress = Callable[[int, int], None]
"""Called with (rows done, rows in all)."""


@dataclass(slots=True)
class Report:
    """What came of each row: `rows` = started + known + closed + over + rejected."""

    rows: int = 0
    started: int = 0
    known: int = 0  # imported before
    closed: int = 0  # imported before, and now told that they were closed outside
    over: int = 0  # closed outside before they ever came: nothing to do here
    rejected: int = 0
    incidents: int = 0  # of the started: waiting for an operator
    rejects: Path | None = None


@dataclass(slots=True)
class Rejects:
    """FILE.rejected.csv: line, reason and the row itself, to be mended and imported again. Made with the first row."""

    table: Table
    locale: str
    count: int = 0
    path: Path | None = None
    _stream: TextIO | None = field(default=None, repr=False)
    _writer: Any = field(default=None, repr=False)

    def __enter__(self) -> Rejects:
        beside(self.table.path).unlink(missing_ok=True)  # of an earlier run
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream:
            self._stream.close()

    def add(self, line: Line, problem: LinliError) -> None:
        """Note a rejected row."""
        self.count += 1
        if self._writer is None:
            self.path = beside(self.table.path)
            self._stream = self.path.open("w", encoding="utf-8-sig", newline="")
            self._writer = csv.writer(self._stream)
            self._writer.writerow([*REPORT, *(c for c in self.table.columns if c not in REPORT)])
        cells = [line.cells.get(c, "") for c in self.table.columns if c not in REPORT]
        self._writer.writerow([line.number, problem.text(self.locale), *cells])


def beside(path: Path) -> Path:
    """Where the rejected rows of a file go: beside it, or in the working folder when that one is read-only."""
    name = f"{path.name}.rejected.csv"
    try:
        probe = path.with_name(f".{name}.probe")
        probe.touch()
        probe.unlink()
    except OSError:
        return Path.cwd() / name
    return path.with_name(name)


def records(table: Table, mapping: Mapping, rejects: Rejects) -> Iterator[tuple[Line, Record]]:
    """The rows of a table and their cases; rows that make none, and the second row with an id, go to the rejects."""
    seen: dict[str, int] = {}
    for line in table.lines():
        try:
            record = mapping.record(line)
            first = seen.setdefault(record.id, line.number)
            if first != line.number:
                zh = f"来源编号 {record.id} 与第 {first} 行重复"
                raise Rejected(mapping.id, f"the source id {record.id} is that of line {first} too", zh)
        except LinliError as problem:
            rejects.add(line, problem)
        else:
            yield line, record


def measure(table: Table, mapping: Mapping) -> int:
    """Read the file to its end and check its columns; the number of rows. InvalidFile, before anything is changed."""
    mapping.check(table)
    return sum(1 for _ in table.lines())


def load(
    engine: Engine,
    table: Table,
    mapping: Mapping,
    process: str,
    *,
    by: str,
    locale: str = "zh",
    progress: Progress = lambda done, total: None,
) -> Report:
    """Start a case for each row that is open and new; tell cases imported before that they were closed outside.

    Raises InvalidFile, NotFound (no such process), UnknownPerson, Forbidden before anything is changed.
    """
    report = Report(rows=measure(table, mapping))
    check(engine, process, by)
    with Rejects(table, locale) as rejects:
        for line, record in records(table, mapping, rejects):
            try:
                _take(engine, process, mapping, record, by, report)
            except LinliError as problem:
                rejects.add(line, problem)
            pass_through(Point.IMPORT_ROW)
            progress(report.started + report.known + report.closed + report.over + rejects.count, report.rows)
    report.rejected, report.rejects = rejects.count, rejects.path
    progress(report.rows, report.rows)
    return report


def check(engine: Engine, process: str, by: str) -> None:
    """Raise NotFound or UnknownPerson for what would make every row fail."""
    if not engine.definitions(kind="process", key=process):
        raise NotFound(what="流程", id=process)
    engine.people.require(by)


def _take(engine: Engine, process: str, mapping: Mapping, record: Record, by: str, report: Report) -> None:
    known = engine.instances(process=process, business_key=record.id, limit=1).rows
    if known and record.closed and mapping.close_message and known[0].status == "running":
        tell_closed(engine, process, mapping, record, by)
        report.closed += 1
    elif known:
        report.known += 1
    elif record.closed:
        report.over += 1
    else:
        instance = start(engine, process, record, by)
        report.started += 1
        report.incidents += bool(instance.incidents)


def start(engine: Engine, process: str, record: Record, by: str) -> Any:
    """Start the case of a record, once."""
    key = f"import:{process}:{record.id}"
    return engine.start(process, record.variables, by=by, business_key=record.id, key=key)


def tell_closed(engine: Engine, process: str, mapping: Mapping, record: Record, by: str) -> None:
    """Publish, once, that a record's case was closed outside."""
    dedupe = f"import:{process}:{record.id}:closed"
    engine.publish_message(mapping.close_message, {}, key=record.id, by=by, dedupe=dedupe)
