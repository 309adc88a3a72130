"""Evaluate a decision: one hop into V8 for the whole graph, results and fired rules back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.dmn.reading import Model
from engine.errors import DecisionFailed, Said
from engine.expressions import feel, isolates, values
from engine.expressions.syntax import FEELIN

WALKER = isolates.Script(Path(__file__).with_name("walker.js"))
TYPES = isolates.Script(Path(__file__).with_name("types.js"))
_NEEDS = (FEELIN, TYPES, WALKER)
MOST_RULES = 200  # of one evaluation that a journal line names
LONGEST_VALUE = 4_000  # bytes of a value in a journal line


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
    version: int = 0  # of the deployed decision; 0: nobody said

    def told(self) -> dict[str, Any]:
        """What a case's journal keeps of it. A value too long for a line is left out; the variables have it."""
        data: dict[str, Any] = {"rules": [[each.decision, each.rule, each.number] for each in self.fired[:MOST_RULES]]}
        if len(self.fired) > MOST_RULES:
            data["more"] = len(self.fired) - MOST_RULES
        if len(values.dumps(self.value)) <= LONGEST_VALUE:
            data["value"] = self.value
        return data


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
        raise DecisionFailed(decision=decision, reason=_reason(answer))
    return Result(answer["value"], tuple(Fired(*each) for each in answer["fired"]))


def _reason(answer: dict[str, Any]) -> Said | str:
    """The walker's refusals in words; what FEEL itself says, as it says it."""
    words = _REASONS.get(answer["error"])
    return Said(*(text.format(*answer["details"]) for text in words)) if words else str(answer["error"])


_REASONS = {
    "missing": ("所需的“{}”不在文件中", "it requires {}, which is not in the file"),
    "circle": ("它依赖自己：{}", "it requires itself: {}"),
    "no-function": ("“{}”不是函数", "{} is not a function"),
    "no-parameter": ("函数“{}”没有参数“{}”", "the function {} has no parameter {}"),
    "no-condition": ("条件既不是真也不是假", "the condition of an if is neither true nor false"),
    "not-allowed": ("{} 的值 {} 不在允许值 {} 之内", "{} is {}, which is not among {}"),
    "overlap": ("规则 {} 同时命中，而这张表只允许一条", "rules {} match at once in a table where only one may"),
    "disagree": (
        "命中的规则结论不同，而这张表要求一致",
        "matching rules say different things in a table where they must agree",
    ),
    "no-decision": ("文件里没有这个决策", "there is no such decision in the file"),
}
