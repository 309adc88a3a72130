"""What a step of a case may ask of the outside, for one command: `bpmn.model.World`.

Owns nothing but the wiring to expressions, decisions, calendars, registers and inline services. `now` and the seed
are the command's, so a retry computes the same; register reads are recorded and their writes gathered for the
command's one commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine import calendars, dmn
from engine.bpmn.model import Due, Variables
from engine.commands import services, times
from engine.commands.context import Context
from engine.errors import DecisionFailed, ExpressionFailed, Said
from engine.expressions import feel, scripts

if TYPE_CHECKING:
    from engine.commands.case import Case
    from engine.commands.work import Work


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, when. `seed`: of this command's chance."""

    now: datetime
    seed: int
    unit: str = ""


class World:
    """The outside as one case sees it in one command. Without a case (start timers, previews) it only computes."""

    def __init__(self, context: Context, asking: Asking, work: Work | None = None, case: Case | None = None) -> None:
        self.context = context
        self.now = asking.now
        self.seed = asking.seed
        self.unit = asking.unit
        self.work = work
        self.case = case

    @cached_property
    def zone(self) -> ZoneInfo:
        """The unit's zone."""
        return self.context.times.zone(self.unit)

    def _zone(self) -> ZoneInfo:
        return self.zone

    @cached_property
    def about(self) -> dict[str, Any]:
        """What expressions see as `case`."""
        row = self.case.row if self.case else None
        known = {"id": str(row.id), "process": row.process_key, "started_by": row.started_by} if row else {}
        return {**known, "unit": self.unit}

    def seen(self, variables: Variables) -> dict[str, Any]:
        """The variables with `case` beside them."""
        return {"case": self.about, **variables}

    # ---- expressions

    def evaluate(self, expression: str, variables: Variables) -> Any:
        """Value of a FEEL expression. ExpressionFailed."""
        return feel.evaluate(expression, self.seen(variables), now=self.now, zone=self._zone)

    def test(self, expression: str, variables: Variables) -> bool:
        """Truth of a FEEL condition. ExpressionFailed, for an unknown variable too unless it is tested for null."""
        return feel.test(expression, self.seen(variables), now=self.now, zone=self._zone)

    def text(self, expression: str, variables: Variables) -> str:
        """Text of a FEEL expression that only names something; '' when it is empty, null or fails (a title that
        cannot be made must not stop a case)."""
        if not expression:
            return ""
        try:
            value = self.evaluate(expression.removeprefix("="), variables)
        except ExpressionFailed:
            return ""
        return "" if value is None else str(value)

    def run_script(self, script: str, variables: Variables) -> dict[str, Any]:
        """Run Python in the sandbox; the names it set or changed. ScriptFailed, BpmnError."""
        return scripts.run(script, dict(variables), now=self.now, seed=self.seed)

    def decide(self, decision: str, binding: str, variables: Variables, shape: str = "") -> dmn.Result:
        """Result of a decision of the version that the case's process is bound to, with its rules that fired;
        `shape`: of `dmn.shaped`. DecisionFailed."""
        definitions = self.context.definitions
        if self.case is None:
            version = definitions.latest("decision", decision)
        else:
            process = definitions.version(self.case.row.definition)
            version = definitions.bound("decision", decision, binding, process)
        if version is None:
            raise DecisionFailed(
                decision=decision, reason=Said("没有发布这个决策", "no decision with this id is deployed")
            )
        model = definitions.decision(version.id)
        found = dmn.evaluate(model, decision, self.seen(variables), now=self.now, zone=self.zone)
        value = dmn.shaped(model, decision, found.value, shape) if shape else found.value
        return replace(found, version=version.version, value=value)

    # ---- time

    def due(self, expression: str, kind: str, calendar: str, variables: Variables) -> Due | None:
        """When a timer or deadline falls; see `times.due`. Timers run on natural time unless a calendar is named."""
        rules = self.rules(calendar if calendar or kind == "deadline" else times.NATURAL)
        given: Any = expression
        if expression.startswith("="):
            given = self.evaluate(expression[1:], variables)
        return times.due(rules, given, kind, self.now, expression)

    def begins(self, expression: str, kind: str, calendar: str) -> Due:
        """When a timer start event next falls: a process owes nothing for the time before it was deployed."""
        first = self.due(expression, kind, calendar, {})
        assert first is not None  # only deadlines may be none
        past = first.every and first.at <= self.now
        return (self.again(first, calendar) or first) if past else first

    def again(self, due: Due, calendar: str) -> Due | None:
        """The firing after this one, None when none is left."""
        return times.again(self.rules(calendar or times.NATURAL), due, self.now)

    def after(self, start: datetime, length: str, calendar: str) -> datetime:
        """An ISO duration after (or before) an instant on a task's calendar. ExpressionFailed."""
        try:
            return calendars.add(self.rules(calendar), start, length)[0]
        except ValueError as problem:
            raise ExpressionFailed(expression=length, reason=str(problem)) from problem

    def repetition(self, anchor: datetime, every: str, occurrence: int, calendar: str) -> tuple[int, datetime]:
        """The first repetition after number `occurrence` that is still ahead, counted from the anchor: number and
        moment."""
        cycle = calendars.repeat(f"R/{every}")
        found = calendars.following(self.rules(calendar), cycle, anchor, occurrence, self.now)
        assert found is not None  # it repeats without end
        return found[0], found[1]

    def rules(self, calendar: str) -> calendars.Rules:
        return self.context.times.rules(calendar, self.unit)

    # ---- services

    def inline(self, service: str) -> bool:
        """Whether a service runs inside the command."""
        return services.is_inline(service)

    def call(self, service: str, inputs: Variables, headers: Mapping[str, str], context: Mapping[str, Any]) -> Any:
        """Run an inline service; its writes are gathered. BpmnError, and the errors of registers and people."""
        assert self.work is not None and self.case is not None
        return services.call(services.Call(self.work, self.case, self, context), service, inputs)
