"""FEEL: conditions, timers, assignments, mappings and the cells of decision tables.

Owns what an expression means here: `now` and the zone are given, values keep their types, a condition over a variable
that is not there is an error and not a silent no, a function that does not exist is an error and not null. The plain
part runs in Python (`closures`), all else in V8 (`isolates`) by feelin, the implementation that the browser uses.
Decimals are kept as long as they are only passed on; V8 calculates with them as floats. It never runs Python code
that somebody typed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from engine.errors import ExpressionFailed, Said, UnknownVariable
from engine.expressions import isolates, syntax, values
from engine.expressions.closures import Closure, Uncompilable, compile_expression, compile_unary
from engine.expressions.logic import Unsure

Variables = dict[str, Any]
Zone = ZoneInfo | Callable[[], ZoneInfo]  # a function is asked only when V8 is: to know a unit's zone costs a read
_EPOCH = datetime(1970, 1, 1)
_FATAL = ("NO_FUNCTION_FOUND", "FUNCTION_INVOCATION_FAILURE")  # warnings of feelin that are a designer's mistake


def evaluate(expression: str, variables: Variables, *, now: datetime, zone: Zone) -> Any:
    """The value of an expression. `now`: naive UTC. A missing variable is null. Raises ExpressionFailed."""
    if syntax.single_words(variables):
        prepared = _prepared(expression, False)
        if prepared.closure is not None:
            try:
                return prepared.closure(variables)
            except Unsure:
                pass  # V8 decides
        variables = _only(variables, prepared.names.all)
    return _ask("feel.evaluate", expression, variables, now, zone)


def test(expression: str, variables: Variables, *, now: datetime, zone: Zone) -> bool:
    """Whether a condition holds; null is no. A missing name raises UnknownVariable unless it is compared with null."""
    if syntax.single_words(variables):
        needed = _prepared(expression, False).names.needed
        if not needed <= variables.keys():
            missing = ", ".join(sorted(needed - variables.keys()))
            raise UnknownVariable(expression=syntax.shortened(expression), names=missing)
    return evaluate(expression, variables, now=now, zone=zone) is True


def unary(tests: str, value: Any, variables: Variables, *, now: datetime, zone: Zone) -> bool:
    """Whether a value passes a decision table's cell (`> 3, [10..20]`). Raises ExpressionFailed."""
    scope = {**variables, "?": value}
    if syntax.single_words(variables):
        prepared = _prepared(tests, True)
        if prepared.closure is not None:
            try:
                return prepared.closure(scope) is True
            except Unsure:
                pass  # V8 decides
        scope = _only(scope, prepared.names.all | {"?"})
    return _ask("feel.unary", tests, scope, now, zone) is True


def check(expression: str, *, unary: bool = False) -> Said | None:
    """What is wrong with the syntax of an expression (or of a decision table's cell), None when nothing is."""
    try:
        syntax.parse(expression, unary=unary)
    except ExpressionFailed as problem:
        reason: Said = problem.details["reason"]
        return reason
    return None


def names(expression: str) -> set[str]:
    """The free variables of an expression. Raises ExpressionFailed on a syntax error."""
    return set(_prepared(expression, False).names.all)


def milliseconds(now: datetime) -> int:
    """A naive UTC instant as JavaScript counts it."""
    return round((now - _EPOCH).total_seconds() * 1000)


@dataclass(frozen=True, slots=True)
class _Prepared:
    names: syntax.Names
    closure: Closure | None  # None: all of it is for V8


@lru_cache(maxsize=4096)
def _prepared(text: str, unary: bool) -> _Prepared:
    tree = syntax.parse(text, unary=unary)
    try:
        closure = (compile_unary if unary else compile_expression)(tree, syntax.builtins())
    except Uncompilable:
        closure = None
    return _Prepared(syntax.names(tree), closure)


def _only(variables: Variables, wanted: frozenset[str]) -> Variables:
    """What the expression looks at: the rest of a large case need not cross."""
    return {name: value for name, value in variables.items() if name in wanted}


def _ask(function: str, expression: str, variables: Variables, now: datetime, zone: Zone) -> Any:
    context = values.dumps(variables).decode()
    zone = zone if isinstance(zone, ZoneInfo) else zone()
    try:
        raw = isolates.call(function, (milliseconds(now), zone.key, expression, context), needs=(syntax.FEELIN,))
    except isolates.Exhausted as problem:
        raise syntax.failed(expression, str(problem)) from problem
    answer = values.loads(raw)
    if "error" in answer:
        raise syntax.failed(expression, answer["error"])
    for kind, message in answer["warnings"]:
        if kind in _FATAL:
            raise syntax.failed(expression, message)
    return answer["value"]
