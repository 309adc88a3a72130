"""A file played back: the clock follows the file's own times, and shows what the engine would have done with them.

Owns the order of events. At one instant a case opens before it closes, and both come before a timer that is due then: a
case closed at its target time was in time. Verdicts are read from the journal afterwards, from nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.clock import ManualClock
from engine.facade import Engine
from engine.imports.load import Progress, start, tell_closed
from engine.imports.mapping import Mapping, Record
from engine.playback import run_until
from engine.records import Entry

OPEN, CLOSE = 0, 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the journal says of one case. Instants are naive UTC."""

    id: str
    instance: int
    escalated: tuple[datetime, ...]  # when the target timer fired
    closed: datetime | None

    @property
    def verdict(self) -> str:
        """`overdue` when the target timer fired before the case was closed, or it is open still; `ontime`; `open`."""
        if self.escalated and (self.closed is None or self.escalated[0] <= self.closed):
            return "overdue"
        return "ontime" if self.closed else "open"


def replay(
    engine: Engine,
    clock: ManualClock,
    records: Sequence[Record],
    mapping: Mapping,
    process: str,
    *,
    by: str,
    progress: Progress = lambda done, total: None,
) -> dict[str, int]:
    """Play records back on an engine that uses `clock`; source id -> instance id. Ends when nothing more can happen: at
    the last opening, closing, or target of a case that was not closed by then.

    Raises playback.Stuck, and whatever a command raises: a replay is for records that are known to be good.
    """
    instances: dict[str, int] = {}
    events = sorted(_events(records), key=lambda event: (event[0], event[1]))
    for done, (at, kind, record) in enumerate(events, 1):
        run_until(engine, clock, at, inclusive=False)
        if kind == OPEN:
            instances[record.id] = start(engine, process, record, by).id
        else:
            tell_closed(engine, process, mapping, record, by)
        progress(done, len(events))
    run_until(engine, clock, max((one for record in records for one in _instants(record)), default=clock.now()))
    return instances


def outcomes(engine: Engine, instances: dict[str, int], mapping: Mapping) -> Iterator[Outcome]:
    """The verdict on each case, from its journal alone."""
    for source, instance in instances.items():
        yield _outcome(source, instance, engine.journal(instance), mapping)


def _outcome(source: str, instance: int, journal: Iterable[Entry], mapping: Mapping) -> Outcome:
    escalated, closed = [], None
    for entry in journal:
        if entry.node_id == mapping.timer and entry.event == "caught":
            escalated.append(entry.at)
        elif entry.node_id == mapping.task and entry.event in ("completed", "cancelled"):
            closed = entry.at
    return Outcome(source, instance, tuple(escalated), closed)


def _events(records: Iterable[Record]) -> Iterator[tuple[datetime, int, Record]]:
    for record in records:
        if record.opened is None:
            raise ValueError(f"line {record.line}: a replay needs to know when the case was opened")
        yield record.opened, OPEN, record
        if record.closed is not None:
            yield max(record.closed, record.opened), CLOSE, record


def _instants(record: Record) -> list[datetime]:
    """When something can happen to a case. A target after the closing is none: 2059 is a real one."""
    closed = record.closed
    target = record.target if record.target and (closed is None or record.target <= closed) else None
    return [one for one in (record.opened, target, closed) if one is not None]
