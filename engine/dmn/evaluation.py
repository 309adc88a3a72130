"""Running a decision: required decisions first, then its logic, with FEEL for every text.

Owns the order and what each expression sees. Time and zone come in; nothing is written. A decision needs no case: it is
the same alone, in a diagram and in a try-out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.dmn import tables, words
from engine.dmn.model import Context, Decision, Expression, Fired, Function, Invocation, Listing, Model, Result, Table
from engine.errors import DecisionFailed, ExpressionFailed, NotFound
from engine.expressions import feel

DEEPEST = 50  # decisions that need each other, contexts in contexts


def evaluate(model: Model, decision: str, variables: dict[str, Any], *, now: datetime, zone: ZoneInfo) -> Result:
    """The value of a decision (by id or name) and the rules that fired. `now`: naive UTC. Raises NotFound,
    DecisionFailed."""
    found = model.find(decision)
    if found is None:
        raise NotFound(what="decision", id=decision)
    run = _Run(model, now, zone, dict(variables), {}, [])
    return Result(run.decision(found, ()), tuple(run.fired))


@dataclass(slots=True)
class _Run:
    model: Model
    now: datetime
    zone: ZoneInfo
    variables: dict[str, Any]  # what was given
    done: dict[str, Any]  # decision id -> value
    fired: list[Fired]

    def decision(self, decision: Decision, path: tuple[str, ...]) -> Any:
        """A decision's value, computed once."""
        if decision.id in path or len(path) > DEEPEST:
            raise DecisionFailed(decision=decision.id, reason=f"it needs itself: {' > '.join((*path, decision.id))}")
        if decision.id not in self.done:
            seen = {**self.variables, **self._required(decision, (*path, decision.id))}
            self.done[decision.id] = self._logic(decision, seen)
        return self.done[decision.id]

    def _required(self, decision: Decision, path: tuple[str, ...]) -> dict[str, Any]:
        """Results of the decisions it needs, by name and by id."""
        seen: dict[str, Any] = {}
        for key in decision.needs:
            needed = self.model.decisions.get(key)
            if needed is None:
                raise DecisionFailed(decision=decision.id, reason=f"the required decision {key} is not in the file")
            seen[needed.name] = seen[needed.id] = self.decision(needed, path)
        return seen

    def _logic(self, decision: Decision, seen: dict[str, Any]) -> Any:
        if decision.logic is None:
            raise DecisionFailed(decision=decision.id, reason="it has no logic")
        try:
            functions = words.known(self.model, decision)
            return _Scope(self, decision, functions, seen).value_of(decision.logic)
        except ExpressionFailed as problem:
            raise DecisionFailed(decision=decision.id, reason=str(problem)) from problem
        except words.Unwritable as problem:
            raise DecisionFailed(decision=decision.id, reason=f"a function with a {problem} table") from problem


@dataclass(slots=True)
class _Scope:
    """What one expression sees."""

    run: _Run
    decision: Decision
    functions: dict[str, str]  # knowledge models it may call, as FEEL
    seen: dict[str, Any]

    def within(self, names: dict[str, Any]) -> _Scope:
        return _Scope(self.run, self.decision, self.functions, {**self.seen, **names})

    def value(self, text: str) -> Any:
        """Of a FEEL expression; an empty one is null."""
        if not text:
            return None
        used = {name: function for name, function in self.functions.items() if self._calls(text)}
        return feel.evaluate(words.knowing(used, text), self.seen, now=self.run.now, zone=self.run.zone)

    def _calls(self, text: str) -> bool:
        return any(name in text for name in self.functions)

    def passes(self, tests: str, value: Any) -> bool:
        return feel.unary(tests, value, self.seen, now=self.run.now, zone=self.run.zone)

    def value_of(self, expression: Expression) -> Any:
        """Boxed expressions part by part, so that tables keep their fired rules; what holds functions is one text."""
        if isinstance(expression, Table):
            return self._table(expression)
        if isinstance(expression, Invocation):
            return self._invocation(expression)
        if isinstance(expression, Context) and not any(isinstance(e.value, Function) for e in expression.entries):
            return self._context(expression)
        if isinstance(expression, Listing):
            return [self.value_of(item) for item in expression.items]
        return self.value(words.write(expression))

    def _table(self, table: Table) -> Any:
        value, hits = tables.decide(table, self, self.decision.id)
        places = tuple(place + 1 for place in hits)
        self.run.fired.append(Fired(self.decision.id, places, tuple(table.rules[place].id for place in hits)))
        return value

    def _context(self, context: Context) -> Any:
        names: dict[str, Any] = {}
        for entry in context.entries:
            value = self.within(names).value_of(entry.value)
            if not entry.name:
                return value
            names[entry.name] = value
        return names

    def _invocation(self, invocation: Invocation) -> Any:
        """A knowledge model called by a box runs here, so that its table's rules are kept."""
        name = invocation.function.text
        models = (k for k in self.run.model.knowledge.values() if k.name == name and isinstance(k.logic, Function))
        found = next(models, None)
        if found is None or not isinstance(found.logic, Function):
            return self.value(words.write(invocation))
        given = {b.name: self.value_of(b.value) for b in invocation.bindings}
        bound = {parameter: given.get(parameter) for parameter in found.logic.parameters}
        functions = words.known(self.run.model, found)
        return _Scope(self.run, self.decision, functions, bound).value_of(found.logic.body)
