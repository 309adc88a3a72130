"""Decision tables: which rules match, and what the hit policy makes of them (DMN 1.5, 8.2.10).

Owns matching and the seven policies with the four aggregators. Cells are asked of `ask`, so it knows no FEEL.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from engine.dmn.model import Rule, Table
from engine.errors import DecisionFailed


class Ask(Protocol):
    """How a table's cells get their values."""

    def value(self, text: str) -> Any:
        """Of an expression."""
        ...

    def passes(self, tests: str, value: Any) -> bool:
        """Whether a value passes a cell's tests."""
        ...


def decide(table: Table, ask: Ask, decision: str) -> tuple[Any, tuple[int, ...]]:
    """(value, places of the rules that fired from 0). Raises DecisionFailed where the policy is broken."""
    values = [ask.value(column.text) for column in table.inputs]
    _allowed(table, values, ask, decision)
    hits = [place for place, rule in enumerate(table.rules) if _matches(rule, values, ask)]
    if table.policy == "FIRST":
        hits = hits[:1]
    if not hits:
        return _nothing(table, ask), ()
    answers = [[ask.value(cell) for cell in table.rules[place].outputs] for place in hits]
    return _policy(table.policy)(table, answers, hits, ask, decision), tuple(hits)


def _allowed(table: Table, values: list[Any], ask: Ask, decision: str) -> None:
    for column, value in zip(table.inputs, values, strict=True):
        if column.values and value is not None and not ask.passes(column.values, value):
            raise DecisionFailed(decision=decision, reason=f"{column.text}: {value!r:.80} is not among its values")


def _matches(rule: Rule, values: list[Any], ask: Ask) -> bool:
    return all(test in ("", "-") or ask.passes(test, value) for test, value in zip(rule.tests, values, strict=False))


def _nothing(table: Table, ask: Ask) -> Any:
    """No rule matched: the defaults, null without any; a collecting table gives the empty list, or 0 when it counts."""
    if any(column.default for column in table.outputs):
        return _row(table, [ask.value(c.default) if c.default else None for c in table.outputs])
    if table.policy == "COLLECT" and table.aggregation == "COUNT":
        return 0
    return [] if table.policy in ("COLLECT", "RULE ORDER", "OUTPUT ORDER") and not table.aggregation else None


def _row(table: Table, cells: list[Any]) -> Any:
    if len(table.outputs) == 1:
        return cells[0]
    return {column.name: cell for column, cell in zip(table.outputs, cells, strict=False)}


Answers = list[list[Any]]


def _only(table: Table, answers: Answers, hits: list[int], ask: Ask, decision: str) -> Any:
    if len(hits) > 1:
        raise DecisionFailed(decision=decision, reason=f"rules {_places(hits)} match, only one may")
    return _row(table, answers[0])


def _same(table: Table, answers: Answers, hits: list[int], ask: Ask, decision: str) -> Any:
    if any(answer != answers[0] for answer in answers):
        raise DecisionFailed(decision=decision, reason=f"rules {_places(hits)} match and disagree")
    return _row(table, answers[0])


def _first(table: Table, answers: Answers, hits: list[int], ask: Ask, decision: str) -> Any:
    return _row(table, answers[0])


def _best(table: Table, answers: Answers, hits: list[int], ask: Ask, decision: str) -> Any:
    return _row(table, _by_priority(table, answers, ask)[0])


def _rows(table: Table, answers: Answers, hits: list[int], ask: Ask, decision: str) -> Any:
    return [_row(table, answer) for answer in answers]


def _ordered(table: Table, answers: Answers, hits: list[int], ask: Ask, decision: str) -> Any:
    return [_row(table, answer) for answer in _by_priority(table, answers, ask)]


def _by_priority(table: Table, answers: Answers, ask: Ask) -> Answers:
    """Answers in the order of their columns' listed values; values not listed come last."""
    orders = [ask.value(f"[{column.values}]") if column.values else [] for column in table.outputs]

    def rank(answer: list[Any]) -> list[int]:
        return [o.index(v) if v in o else len(o) for o, v in zip(orders, answer, strict=False)]

    return sorted(answers, key=rank)


def _collect(table: Table, answers: Answers, hits: list[int], ask: Ask, decision: str) -> Any:
    if not table.aggregation:
        return _rows(table, answers, hits, ask, decision)
    cells = [answer[0] for answer in answers if answer[0] is not None]
    try:
        return _AGGREGATORS[table.aggregation](cells)
    except (TypeError, ValueError, KeyError) as problem:
        raise DecisionFailed(decision=decision, reason=f"{table.aggregation} of {cells!r:.80}") from problem


_AGGREGATORS: dict[str, Callable[[list[Any]], Any]] = {"SUM": sum, "MIN": min, "MAX": max, "COUNT": len}

_POLICIES: dict[str, Callable[[Table, Answers, list[int], Ask, str], Any]] = {
    "UNIQUE": _only,
    "FIRST": _first,
    "ANY": _same,
    "PRIORITY": _best,
    "COLLECT": _collect,
    "RULE ORDER": _rows,
    "OUTPUT ORDER": _ordered,
}
POLICIES = tuple(_POLICIES)
AGGREGATORS = tuple(_AGGREGATORS)


def _policy(name: str) -> Callable[[Table, Answers, list[int], Ask, str], Any]:
    return _POLICIES[name]


def _places(hits: list[int]) -> str:
    return ", ".join(str(place + 1) for place in hits)
