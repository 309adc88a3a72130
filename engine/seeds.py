"""A pack's demo: units, people, register rows and cases at different stages, from workflows/NAME/seeds/*.toml.

Owns the format of such files. Everything is made by ordinary façade calls on a clock that starts some days ago and is
moved to the present, so that histories, reminders and escalations are real. Texts that start with '=' are FEEL, read at
the time of their step. Runs only when asked, on a database without people.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from engine import parsers
from engine.calendars import iso
from engine.clock import ManualClock
from engine.errors import InvalidFile, NotFound
from engine.expressions import feel
from engine.facade import Engine
from engine.playback import run_until
from engine.records import WorkItem

TABLES = ("unit", "person", "row", "step")
ACTS = ("start", "complete", "claim", "message", "comment")
STEP = frozenset(("at", "case", "by", "with", "key", "node", "register", *ACTS))


@dataclass(slots=True)
class Demo:
    """What the files say, in the order of file names."""

    units: list[dict[str, Any]] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)


def read(folder: str | Path) -> Demo:
    """Read the seeds of a pack's folder; empty when it has none. InvalidFile."""
    demo = Demo()
    for path in sorted((Path(folder) / "seeds").glob("*.toml")):
        try:
            tables = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            raise InvalidFile(name=path.name, reason=parsers.said(problem)) from problem
        unknown = sorted(set(tables) - set(TABLES))
        if unknown:
            raise InvalidFile(name=path.name, reason=f"unknown tables: {', '.join(unknown)}")
        demo.units += tables.get("unit", [])
        demo.people += tables.get("person", [])
        demo.rows += tables.get("row", [])
        demo.steps += [_checked(path, step) for step in tables.get("step", [])]
    return demo


def _checked(path: Path, step: dict[str, Any]) -> dict[str, Any]:
    unknown, acts = sorted(set(step) - STEP), [act for act in ACTS if act in step]
    if unknown or len(acts) != 1:
        reason = f"the step {step} needs exactly one of {', '.join(ACTS)}"
        raise InvalidFile(name=path.name, reason=f"{reason}; unknown: {', '.join(unknown)}" if unknown else reason)
    return step


def seed(engine: Engine, clock: ManualClock, demo: Demo, *, password: str = "") -> dict[str, int]:
    """Make it all, ending at the instant the clock shows now; how many of each. `password`: the samples' hash.

    People are marked as samples. Raises whatever a command raises: seeds are part of the pack and have to be right.
    """
    present = clock.now()
    story = _Story(engine, clock, present)
    steps = sorted(demo.steps, key=story.instant)
    if steps:
        clock.set(story.instant(steps[0]))
    engine.people.units.put_many(demo.units)
    engine.people.put_many({**person, "sample": True, "password": password} for person in demo.people)
    story.rows(demo.rows)
    for step in steps:
        story.tell(step)
    run_until(engine, clock, present)
    return {
        "units": len(demo.units),
        "people": len(demo.people),
        "rows": len(demo.rows),
        "cases": sum("start" in step for step in demo.steps),
    }


class _Story:
    """The steps of the demo, told one after the other. A case is named by its step's `case`."""

    def __init__(self, engine: Engine, clock: ManualClock, present: datetime) -> None:
        self._engine, self._clock, self._present = engine, clock, present
        self._cases: dict[str, int] = {}

    def instant(self, step: Mapping[str, Any]) -> datetime:
        """When a step happens: `at` is an ISO duration before ('-P2DT3H') the present; without it, now."""
        if "at" not in step:
            return self._present
        return self._present + iso.period(step["at"]).delta

    def rows(self, rows: list[dict[str, Any]]) -> None:
        """Insert register rows; `register` and `by` beside the row's fields."""
        for row in rows:
            fields = {name: value for name, value in row.items() if name not in ("register", "by")}
            self._engine.register(row["register"]).insert(self._values(fields), by=row.get("by", ""))

    def tell(self, step: Mapping[str, Any]) -> None:
        """Do one step at its time."""
        run_until(self._engine, self._clock, self.instant(step))
        act = next(name for name in ACTS if name in step)
        getattr(self, f"_{act}")(step, self._values(step.get("with", {})), step.get("by", ""))
        self._engine.run_due()

    def _start(self, step: Mapping[str, Any], given: dict[str, Any], by: str) -> None:
        self._cases[step["case"]] = self._engine.start(step["start"], given, by=by).id

    def _complete(self, step: Mapping[str, Any], given: dict[str, Any], by: str) -> None:
        self._engine.complete(self._item(step, "complete").id, given, by=by)

    def _claim(self, step: Mapping[str, Any], given: dict[str, Any], by: str) -> None:
        self._engine.claim(self._item(step, "claim").id, by=by)

    def _message(self, step: Mapping[str, Any], given: dict[str, Any], by: str) -> None:
        key = self._values({"key": step.get("key")})["key"]
        self._engine.publish_message(step["message"], given, key=key, by=by)

    def _comment(self, step: Mapping[str, Any], given: dict[str, Any], by: str) -> None:
        self._engine.comment(self._cases[step["case"]], step["comment"], by=by)

    def _item(self, step: Mapping[str, Any], act: str) -> WorkItem:
        """The open task of a node in the step's case or the cases it called."""
        for instance in self._family(self._cases[step["case"]]):
            for item in self._engine.work_items(instance=instance, status="open"):
                if item.node_id == step[act]:
                    return item
        raise NotFound(what="待办任务", id=f"{step['case']}/{step[act]}")

    def _family(self, instance: int) -> Iterator[int]:
        yield instance
        for child in self._engine.children(instance):
            yield from self._family(child.id)

    def _values(self, given: Any) -> Any:
        """Values with FEEL texts evaluated at the clock's time; `cases` gives the variables of the cases so far."""
        if isinstance(given, dict):
            return {name: self._values(value) for name, value in given.items()}
        if isinstance(given, list):
            return [self._values(value) for value in given]
        if not (isinstance(given, str) and given.startswith("=")):
            return given
        known = {name: self._engine.instance(case).variables for name, case in self._cases.items()}
        zone = self._engine.settings.timezone
        return feel.evaluate(given[1:], {"cases": known}, now=self._clock.now(), zone=zone)
