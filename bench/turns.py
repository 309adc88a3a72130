"""Measuring in turns: a repeat of ours, of the floor, of the peer, then the next; and the line that comes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bench.floor import Floor, listening
from bench.kit import Line, Run, Taken, cpu_ms, rate, timed, timed_apart
from engine import Engine

Works = list[Callable[[], Any]]
Piece = TypeVar("Piece")


@dataclass(slots=True)
class Turns:
    """What the repeats took."""

    ours: list[Taken] = field(default_factory=list)
    floor: list[Taken] = field(default_factory=list)
    raw: list[Taken] = field(default_factory=list)
    statements: float = 0

    def line(self, work: str, what: str, target: str = "", floor_part: float = 0, raw_times: float = 0) -> Line:
        """A line of rates. Reached when ours is at least that part of the floor and that many times the peer."""
        ours, floor = rate(self.ours), rate(self.floor)
        raw = rate(self.raw) if self.raw else None
        reached = ours >= floor_part * floor and (raw is None or ours >= raw_times * raw) if target else None
        more = {"cpu_ms": cpu_ms(self.ours), "floor_cpu_ms": cpu_ms(self.floor), "statements": self.statements}
        more |= {"of_floor": ours / floor} | ({"times_raw": ours / raw, "raw_cpu_ms": cpu_ms(self.raw)} if raw else {})
        return Line(work, what, "per s", ours, floor, raw, target, reached, more)


def measured(run: Run, engine: Engine, ours: Sequence[Works], raw: Sequence[Works] = ()) -> Turns:
    """Each repeat of `ours`, then what it wrote by the bare driver on a copy, then the same repeat of `raw`."""
    found, floor = Turns(), Floor(run.copy(engine))
    statements = 0
    for number, works in enumerate(ours):
        with listening(engine) as recorder:
            found.ours.append(timed([recorder.marked(work) for work in works]))
        statements += recorder.statements
        found.floor.append(timed_apart(floor.works(recorder.commands)))
        if raw:
            found.raw.append(timed_apart(raw[number]))
    found.statements = statements / sum(map(len, ours))
    floor.close()
    return found


def chunks(pieces: Sequence[Piece], repeats: int) -> list[list[Piece]]:
    """As many equal parts as there are repeats."""
    size = len(pieces) // repeats
    return [list(pieces[start : start + size]) for start in range(0, size * repeats, size)]
