"""Boxed expressions written out as FEEL text.

Knowledge models are functions that other expressions call by name, and only FEEL itself can hold a function: so what a
model knows becomes text in front of the expression that uses it. Owns the translation; evaluates nothing.
"""

from __future__ import annotations

import json
import re

from engine.dmn.model import (
    Context,
    Decision,
    Expression,
    Function,
    Invocation,
    Listing,
    Literal,
    Model,
    Relation,
    Table,
)


class Unwritable(Exception):
    """This boxed expression has no equivalent as text (a table with a policy that collects)."""


def write(expression: Expression) -> str:
    """FEEL text with the same value. Raises Unwritable."""
    if isinstance(expression, Literal):
        return f"({expression.text})" if expression.text else "null"
    if isinstance(expression, Context):
        return _context(expression)
    if isinstance(expression, Listing):
        return "[" + ", ".join(map(write, expression.items)) + "]"
    if isinstance(expression, Relation):
        rows = ({name: write(cell) for name, cell in zip(expression.columns, r, strict=False)} for r in expression.rows)
        return "[" + ", ".join(_braces(row) for row in rows) + "]"
    if isinstance(expression, Function):
        return f"function({', '.join(expression.parameters)}) {write(expression.body)}"
    if isinstance(expression, Invocation):
        bound = ", ".join(f"{b.name}: {write(b.value)}" for b in expression.bindings)
        return f"{expression.function.text}({bound})"
    return _table(expression)


def _braces(parts: dict[str, str]) -> str:
    return "{" + ", ".join(f"{json.dumps(name, ensure_ascii=False)}: {text}" for name, text in parts.items()) + "}"


def _context(context: Context) -> str:
    named = {entry.name: write(entry.value) for entry in context.entries if entry.name}
    result = [entry for entry in context.entries if not entry.name]
    if not result:
        return _braces(named)
    return _braces({**named, "__result": write(result[0].value)}) + ".__result"


def _table(table: Table) -> str:
    """Rules one after the other: right for tables that give the first, the only or any one of equal answers."""
    if table.policy not in ("UNIQUE", "FIRST", "ANY"):
        raise Unwritable(table.policy)
    text = _answer(table, tuple(o.default or "null" for o in table.outputs))
    for rule in reversed(table.rules):
        tests = [
            _test(i.text, test) for i, test in zip(table.inputs, rule.tests, strict=False) if test not in ("", "-")
        ]
        text = f"if {' and '.join(tests) or 'true'} then {_answer(table, rule.outputs)} else {text}"
    return f"({text})"


def _test(value: str, test: str) -> str:
    inner = re.fullmatch(r"not\s*\((.*)\)", test, re.DOTALL)
    return f"not(({value}) in ({inner[1]}))" if inner else f"(({value}) in ({test}))"


def _answer(table: Table, cells: tuple[str, ...]) -> str:
    if len(table.outputs) == 1:
        return f"({cells[0]})"
    return _braces({o.name: cell for o, cell in zip(table.outputs, cells, strict=False)})


def known(model: Model, decision: Decision, seen: frozenset[str] = frozenset()) -> dict[str, str]:
    """Name -> function text of all knowledge models that a decision may call, those they call first."""
    found: dict[str, str] = {}
    for key in decision.knows:
        model_of = model.knowledge.get(key)
        if model_of is None or model_of.logic is None or key in seen:
            continue
        found.update(known(model, model_of, seen | {key}))
        found[model_of.name] = write(model_of.logic)
    return found


def knowing(functions: dict[str, str], text: str) -> str:
    """The expression with the functions it may call in front of it."""
    return _braces({**functions, "__value": f"({text})"}) + ".__value" if functions else text
