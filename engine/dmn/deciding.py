"""Evaluate a decision: one hop into V8 for the whole graph, results and fired rules back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.dmn.reading import Model
from engine.errors import DecisionFailed
from engine.expressions import feel, isolates, values
from engine.expressions.syntax import FEELIN

WALKER = isolates.Script(Path(__file__).with_name("walker.js"))
_NEEDS = (FEELIN, WALKER)


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule of a decision table that gave the answer, or a part of it."""

    decision: str
    rule: str  # its id
    number: int  # its place in the table, 1 the first


@dataclass(frozen=True, slots=True)
class Result:
    """A decision's value, and the rules that fired for it in the order of evaluation."""

    value: Any
    fired: tuple[Fired, ...] = ()


def evaluate(model: Model, decision: str, variables: dict[str, Any], *, now: datetime, zone: ZoneInfo) -> Result:
    """Decide. `decision`: the id of a decision, knowledge model or service. `now`: naive UTC. Raises DecisionFailed."""
    data = values.dumps(variables).decode()
    call = (feel.milliseconds(now), zone.key, model.key, decision, data)
    try:
        raw = isolates.call("dmn.decide", call, needs=_NEEDS)
        if raw == "unknown":
            isolates.call("dmn.learn", (model.key, values.loads(model.source)), needs=_NEEDS)
            raw = isolates.call("dmn.decide", call, needs=_NEEDS)
    except isolates.Exhausted as problem:
        raise DecisionFailed(decision=decision, reason=str(problem)) from problem
    answer = values.loads(raw)
    if "error" in answer:
        raise DecisionFailed(decision=decision, reason=answer["error"])
    return Result(answer["value"], tuple(Fired(*each) for each in answer["fired"]))
