"""One trial, open: what a designer does in it, and what they see.

Owns the acts (start, complete, message, time), each of which comes to rest before it is noted as a step; what is noted
is enough to play it again as a scenario. Time stops where too much would happen on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.clock import ManualClock, in_zone
from engine.errors import InvalidValue, Said
from engine.facade import Engine
from engine.records import Instance, WorkItem
from engine.store import attachments
from engine.trials import recording

ROUNDS = 200  # ticks at one instant
FIRINGS = 500  # timers on the way to a moment
MOST_STEPS = 300
FULL = Said("这次试运行的步骤太多了，请重新开始", "this trial has too many steps: begin again")
Row = dict[str, Any]


@dataclass(slots=True)
class Kept:
    """What is kept of a trial besides its database. `begun`, `now`: naive UTC; `digest`: of the working copy as tried;
    `cases`: name -> case; `told`: login -> how many notices were seen."""

    mark: str
    pack: str
    by: str
    digest: str
    begun: datetime
    now: datetime
    units: list[Row]
    people: list[Row]
    processes: list[str]
    steps: list[Row] = field(default_factory=list)
    cases: dict[str, str] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)


class Trial:
    """A trial between opening and closing; `engine` is the scratch engine, for every read."""

    def __init__(self, engine: Engine, clock: ManualClock, kept: Kept) -> None:
        self.engine, self.clock, self.kept = engine, clock, kept

    # ---- acts

    def start(self, process: str, data: Mapping[str, Any], *, by: str) -> Instance:
        """Start a case of the working copy. Raises what the engine refuses."""
        self._room()
        case = self.engine.start(process, data, by=by)
        name = f"case-{len(self.kept.cases) + 1}"
        self.kept.cases[name] = str(case.id)
        self._did({"start": process, "by": by, "as": name, "with": _written(data)})
        return self.engine.instance(case.id)

    def complete(self, item: WorkItem, data: Mapping[str, Any], *, by: str) -> None:
        """Complete a task as somebody. Raises what the engine refuses."""
        self._room()
        self.engine.complete(item.id, data, by=by)
        step = {"complete": item.node_id, "process": item.process_key, "by": by, "with": _written(data)}
        case = self.named(item.instance_id)
        self._did({**step, "case": case} if case else step)

    def message(self, name: str, key: str, data: Mapping[str, Any]) -> None:
        """Publish a message."""
        self._room()
        self.engine.publish_message(name, data, key=key or None)
        self._did({"message": name, **({"key": key} if key else {}), "with": _written(data)})

    def wait(self, length: timedelta) -> bool:
        """Let time pass; False when it stopped on the way because too much happened."""
        return self.until(self.clock.now() + length)

    def next(self) -> bool:
        """To the next timer. False when there is none."""
        due = self.engine.next_due()
        return due is not None and self.until(max(due, self.clock.now()))

    def until(self, moment: datetime) -> bool:
        """To a moment (naive UTC), each timer at its own time. InvalidValue for one that is past."""
        self._room()
        if moment < self.clock.now():
            raise InvalidValue(reason=Said("时间只能往后走", "time only goes on"))
        arrived = self._go(moment)
        self._did({"until": in_zone(self.clock.now(), self.engine.settings.timezone)})
        return arrived

    def _go(self, moment: datetime) -> bool:
        for _ in range(FIRINGS):
            due = self.engine.next_due()
            if due is None or due > moment:
                self.clock.set(max(moment, self.clock.now()))
                return True
            self.clock.set(max(due, self.clock.now()))
            self._settle()
        return False

    def _settle(self) -> None:
        """Tick until nothing is left to do at this instant."""
        for _ in range(ROUNDS):
            if not self.engine.run_due():
                return

    def _room(self) -> None:
        if len(self.kept.steps) >= MOST_STEPS:
            raise InvalidValue(reason=FULL)

    # ---- what is noted

    def _did(self, step: Row) -> None:
        self._settle()
        self.kept.now = self.clock.now()
        self.kept.steps.append({**step, "expect": self._seen()})

    def _seen(self) -> Row:
        """What the step is to expect when it is played again."""
        seen: Row = {"open": sorted(item.node_id for item in self.engine.work_items(limit=10_000))}
        told = {person["login"]: len(self.engine.notices(person["login"])) for person in self.kept.people}
        fresh = {login: count for login, count in told.items() if count != self.kept.told.get(login, 0)}
        self.kept.told |= fresh
        if fresh:
            seen["notices"] = fresh
        if incidents := len(self.engine.incidents()):
            seen["incidents"] = incidents
        return seen

    def scenario(self, title: str) -> bytes:
        """The run so far as a scenario's file, with how its first case stands now."""
        steps = [dict(step) for step in self.kept.steps]
        if steps and self.kept.cases:
            name, case = next(iter(self.kept.cases.items()))
            status = self.engine.instance(int(case)).status
            steps[-1]["expect"] = {**steps[-1]["expect"], "case": name, "status": status}
        zone = self.engine.settings.timezone
        return recording.scenario(title, self.kept.begun, zone, (self.kept.units, self.kept.people), steps)

    # ---- what is seen

    def named(self, instance: int) -> str:
        """The name of the case that an instance belongs to; '' for one that the clock or a message started."""
        these = (str(instance), str(self.engine.instance(instance).root_id))
        return next((name for name, case in self.kept.cases.items() if case in these), "")

    def name_of(self, login: str) -> str:
        """A sample person's name."""
        return next((str(one.get("name", login)) for one in self.kept.people if one["login"] == login), login)

    def may_take(self, item: WorkItem) -> list[str]:
        """Who may do a task: who has it, else its candidates, else (nobody is meant) everybody."""
        if item.assignee:
            return [item.assignee]
        return list(item.candidates) or [str(one["login"]) for one in self.kept.people]


def _written(data: Mapping[str, Any]) -> Row:
    """What a form said, without what was left empty and without uploads."""
    return {
        name: value for name, value in data.items() if value not in (None, "", [], {}) and not attachments.named(value)
    }
