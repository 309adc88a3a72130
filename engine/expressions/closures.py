"""The plain part of FEEL as Python closures: literals, names, paths, comparison, and/or/not, arithmetic, if, in, lists,
contexts.

A hop into V8 costs a hundred times what these cost. They say exactly what feelin says, nulls included, or they do not
answer: a form that is not in the list is `Uncompilable`, and values for which feelin has rules of its own (mixed
types, durations, text among numbers) raise `Unsure` at run time, upon which the caller asks V8. A differential test
holds the two together.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from engine.expressions.syntax import Node, single_words, variable
from engine.expressions.values import LARGEST

Scope = dict[str, Any]
Closure = Callable[[Scope], Any]
Test = Callable[[Any], "bool | None"]

_NUMBER = re.compile(r"-?\d*\.?\d+")
_ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_KINDS = {
    type(None): "nil",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    date: "date",
    datetime: "instant",
}


class Uncompilable(Exception):
    """A form of expression that is left to V8."""


class Unsure(Exception):
    """Values of which V8 has to say what comes out."""


def compile_expression(tree: Node, builtins: frozenset[str]) -> Closure:
    """A function from variables to the value. Raises Uncompilable; the function may raise Unsure."""
    return _Compiler(builtins).of(tree)


def compile_unary(tree: Node, builtins: frozenset[str]) -> Callable[[Scope], bool]:
    """A function from variables, with the tested value under `?`, to whether a cell matches."""
    return _Compiler(builtins).unary(tree)


# values


def _kind(value: Any) -> str:
    """feelin's type of a value; Unsure for the types that only V8 handles."""
    kind = _KINDS.get(type(value))
    if kind is None or (
        kind in ("date", "instant") and 1899 <= value.year <= 1901
    ):  # feelin holds a time as 1900-01-01
        raise Unsure
    return kind


def _comparable(value: Any, kind: str) -> Any:
    """What orders like the value does in JavaScript: text by UTF-16 units, instants by the millisecond."""
    if kind == "string" and not value.isascii():
        return value.encode("utf-16-be", "surrogatepass")
    if kind == "instant":
        return value.astimezone(UTC).replace(microsecond=value.microsecond // 1000 * 1000)
    return value


def _pair(left: Any, right: Any, kind: str) -> tuple[Any, Any]:
    if kind == "string" and left.isascii() != right.isascii():
        return left.encode("utf-16-be", "surrogatepass"), right.encode("utf-16-be", "surrogatepass")
    return _comparable(left, kind), _comparable(right, kind)


def _equals(left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return left is right
    kinds = _kind(left), _kind(right)
    if kinds[0] == kinds[1]:
        first, second = _pair(left, right, kinds[0])
        return bool(first == second)
    if set(kinds) == {"date", "instant"}:
        raise Unsure
    return None


def _ordered(sign: str, left: Any, right: Any) -> bool | None:
    if right is None:
        return None
    kind = _kind(right)
    if kind == "boolean":
        raise Unsure
    if left is None:
        return None
    if _kind(left) != kind:
        raise Unsure
    return bool(_ORDER[sign](*_pair(left, right, kind)))


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _and(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return True if left and right else None


def _or(left: bool | None, right: bool | None) -> bool | None:
    if left or right:
        return True
    return False if left is False and right is False else None


def _calculated(sign: str, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    kinds = _kind(left), _kind(right)
    if "date" in kinds or "instant" in kinds:
        raise Unsure
    if kinds == ("string", "string"):
        return left + right if sign == "+" else None
    return _number(sign, left, right) if kinds == ("number", "number") else None


def _number(sign: str, left: float, right: float) -> int | float | None:
    if sign == "/":
        if right == 0:
            return None
        result: int | float = left / right
    else:
        result = {"+": operator.add, "-": operator.sub, "*": operator.mul}[sign](left, right)
    if not math.isfinite(result) or abs(result) > LARGEST:
        raise Unsure
    return int(result) if isinstance(result, float) and result.is_integer() else result


@dataclass(frozen=True, slots=True)
class _Range:
    """`[start..end]`; either end may be null, which leaves it open."""

    start: Any
    end: Any
    with_start: bool
    with_end: bool

    def __call__(self, value: Any) -> bool | None:
        if (self.start is None and self.end is None) or value is None:
            return None
        low, high = (self.start, self.with_start), (self.end, self.with_end)
        if self.start is not None and self.end is not None and self.start > self.end:
            low, high = high, low
        tests = (_ordered(">=" if low[1] else ">", value, low[0]), _ordered("<=" if high[1] else "<", value, high[0]))
        return all(test is not False for test in tests)


def _range(start: Any, end: Any, with_start: bool, with_end: bool) -> _Range:
    kinds = {_kind(part) for part in (start, end) if part is not None}
    if not kinds <= {"number"} and not kinds <= {"date"} and not kinds <= {"instant"}:
        raise Unsure
    return _Range(start, end, with_start, with_end)


def _property(target: Any, name: str) -> Any:
    if type(target) is dict:
        if not single_words(target):
            raise Unsure
        return target.get(name)
    if target is None or type(target) in (bool, int, float, str):
        return None
    raise Unsure


def _path(target: Any, name: str) -> Any:
    return [_property(part, name) for part in target] if type(target) is list else _property(target, name)


def _fails(condition: Any) -> bool:
    """Whether an `if` goes on to its else; feelin takes any other value, 0 too, for true."""
    return condition is None or condition is False


def _passes(test: Any, value: Any) -> bool | None:
    """feelin's compareValue: a test is a range, a comparison or a value to equal."""
    return test(value) if callable(test) else _equals(test, value)


def _any(tests: list[Any], value: Any) -> bool:
    return any([_passes(test, value) is True for test in tests])


def _among(value: Any, items: list[Any]) -> bool:
    """JavaScript's includes: the same type and the same value, or for dates the same object, which only V8 knows."""
    if {_kind(part) for part in (value, *items)} & {"date", "instant"}:
        raise Unsure
    return any(_kind(item) == _kind(value) and item == value for item in items)


# trees


class _Compiler:
    """One method a kind of node; each gives a closure."""

    def __init__(self, builtins: frozenset[str]) -> None:
        self.builtins = builtins

    def of(self, node: Node) -> Closure:
        method = _METHODS.get(node.name)
        if method is None:
            raise Uncompilable(node.name)
        return method(self, node)

    def wrapped(self, node: Node) -> Closure:
        return self.of(node.children[0])

    def parenthesized(self, node: Node) -> Closure:
        return self.of(node.children[1])

    def number(self, node: Node) -> Closure:
        if not _NUMBER.fullmatch(node.text):
            raise Uncompilable(node.text)
        value = float(node.text) if "." in node.text else int(node.text)
        if abs(value) > LARGEST:
            raise Uncompilable(node.text)
        return lambda scope: value

    def text(self, node: Node) -> Closure:
        if "\\" in node.text:
            raise Uncompilable(node.text)
        value = node.text[1:-1]
        return lambda scope: value

    def boolean(self, node: Node) -> Closure:
        value = node.text == "true"
        return lambda scope: value

    def null(self, node: Node) -> Closure:
        return lambda scope: None

    def tested(self, node: Node) -> Closure:
        return lambda scope: scope.get("?")

    def name(self, node: Node) -> Closure:
        name = variable(node)
        if name not in self.builtins:
            return lambda scope: scope.get(name)
        if " " in name:
            raise Uncompilable(name)

        def shadowing(scope: Scope) -> Any:
            if name not in scope:
                raise Unsure
            return scope[name]

        return shadowing

    def path(self, node: Node) -> Closure:
        target, name = self.of(node.children[0]), variable(node.children[1])
        return lambda scope: _path(target(scope), name)

    def conjunction(self, node: Node) -> Closure:
        left, right = self.of(node.children[0]), self.of(node.children[2])
        return lambda scope: _and(_truth(left(scope)), _truth(right(scope)))

    def disjunction(self, node: Node) -> Closure:
        left, right = self.of(node.children[0]), self.of(node.children[2])
        return lambda scope: _or(_truth(left(scope)), _truth(right(scope)))

    def negation(self, node: Node) -> Closure:
        function, arguments = node.children[0], node.children[2]
        if function.name != "VariableName" or variable(function) != "not" or len(arguments.children) != 1:
            raise Uncompilable(node.name)
        inner = self.of(arguments.children[0])

        def negated(scope: Scope) -> bool | None:
            if "not" in scope:
                raise Unsure
            value = inner(scope)
            return not value if isinstance(value, bool) else None

        return negated

    def choice(self, node: Node) -> Closure:
        condition, chosen, otherwise = (self.of(node.children[place]) for place in (1, 3, 5))
        return lambda scope: otherwise(scope) if _fails(condition(scope)) else chosen(scope)

    def arithmetic(self, node: Node) -> Closure:
        if len(node.children) == 2:
            sign, left, right = node.children[0].text, (lambda scope: 0), self.of(node.children[1])
        else:
            left, sign, right = self.of(node.children[0]), node.children[1].text, self.of(node.children[2])
        if sign not in "+-*/":
            raise Uncompilable(sign)
        return lambda scope: _calculated(sign, left(scope), right(scope))

    def comparison(self, node: Node) -> Closure:
        left, sign = self.of(node.children[0]), node.children[1]
        if sign.name == "in":
            return self.membership(left, node)
        if sign.name == "between":
            return self.between(left, node)
        right = self.of(node.children[2])
        if sign.text == "=":
            return lambda scope: _equals(left(scope), right(scope))
        if sign.text == "!=":
            return lambda scope: not _equals(left(scope), right(scope))
        return lambda scope: _ordered(sign.text, left(scope), right(scope))

    def between(self, value: Closure, node: Node) -> Closure:
        low, high = self.of(node.children[2]), self.of(node.children[4])

        def inside(scope: Scope) -> bool | None:
            start, end, tested = low(scope), high(scope), value(scope)
            return None if start is None or end is None else _range(start, end, True, True)(tested)

        return inside

    def membership(self, value: Closure, node: Node) -> Closure:
        if node.children[2].name == "(":
            tests = [self.positive(each) for each in node.children[3].children]
            return lambda scope: _any([test(scope) for test in tests], value(scope))
        single = self.positive(node.children[2])

        def found(scope: Scope) -> bool | None:
            made = single(scope)
            if made is None:
                return None
            return _any(made if type(made) is list else [made], value(scope))

        return found

    def positive(self, node: Node) -> Closure:
        inner = node.children[0]
        made = self.of(inner)
        if not _always_boolean(inner):
            return made

        def strict(scope: Scope) -> bool:
            if "?" not in scope:
                return bool(made(scope))
            return made(scope) is scope["?"]

        return strict

    def simple_test(self, node: Node) -> Closure:
        if len(node.children) == 1:
            return self.of(node.children[0])
        sign, right = node.children[0].text, self.of(node.children[1])
        if sign == "=":
            return lambda scope: _against(_equals, right(scope))
        if sign == "!=":
            return lambda scope: _against(lambda a, b: not _equals(a, b), right(scope))
        return lambda scope: _against(lambda a, b: _ordered(sign, a, b), right(scope))

    def interval(self, node: Node) -> Closure:
        opening, low, high, closing = node.children
        start, end = self.of(low), self.of(high)

        def made(scope: Scope) -> _Range:
            left, right = start(scope), end(scope)
            return _range(
                left, right, left is not None and opening.text == "[", right is not None and closing.text == "]"
            )

        return made

    def list_of(self, node: Node) -> Closure:
        parts = [self.of(part) for part in node.children[1:-1]]
        return lambda scope: [part(scope) for part in parts]

    def context(self, node: Node) -> Closure:
        entries = [
            (self.key(entry.children[0].children[0]), self.of(entry.children[1])) for entry in node.children[1:-1]
        ]

        def made(scope: Scope) -> dict[str, Any]:
            result: dict[str, Any] = {}
            for key, value in entries:
                result[key] = value({**scope, **result})
            return result

        return made

    def key(self, node: Node) -> str:
        key = node.text[1:-1] if node.name == "StringLiteral" else variable(node)
        if not single_words([key]):
            raise Uncompilable(key)
        return key

    def unary(self, node: Node) -> Callable[[Scope], bool]:
        negative = node.children[0].name == "not"
        holder = node.children[2] if negative else node.children[0]
        if holder.name == "Wildcard":
            return lambda scope: True
        tests = [self.positive(each) for each in holder.children]

        def matches(scope: Scope) -> bool:
            value = scope["?"]
            return any([_cell(test(scope), value) for test in tests]) is not negative  # all of them: any may be unsure

        return matches


def _cell(test: Any, value: Any) -> bool:
    if type(test) is list:
        return _among(value, test)
    return test if isinstance(test, bool) else _passes(test, value) is True


def _against(relation: Callable[[Any, Any], bool | None], right: Any) -> Test:
    """A comparison waiting for its left side; feelin refuses some right sides at once, so V8 is asked of those."""
    if type(right) is bool:
        raise Unsure
    return lambda left: relation(left, right)


def _always_boolean(node: Node) -> bool:
    """feelin's static type `boolean`."""
    if node.name == "ParenthesizedExpression":
        return _always_boolean(node.children[1])
    if node.name == "IfExpression":
        return _always_boolean(node.children[3]) and _always_boolean(node.children[5])
    return node.name == "BooleanLiteral"


_METHODS: dict[str, Callable[[_Compiler, Node], Closure]] = {
    "Expression": _Compiler.wrapped,
    "ParenthesizedExpression": _Compiler.parenthesized,
    "NumericLiteral": _Compiler.number,
    "StringLiteral": _Compiler.text,
    "BooleanLiteral": _Compiler.boolean,
    "null": _Compiler.null,
    "?": _Compiler.tested,
    "VariableName": _Compiler.name,
    "PathExpression": _Compiler.path,
    "Conjunction": _Compiler.conjunction,
    "Disjunction": _Compiler.disjunction,
    "FunctionInvocation": _Compiler.negation,
    "IfExpression": _Compiler.choice,
    "ArithmeticExpression": _Compiler.arithmetic,
    "Comparison": _Compiler.comparison,
    "SimplePositiveUnaryTest": _Compiler.simple_test,
    "Interval": _Compiler.interval,
    "List": _Compiler.list_of,
    "Context": _Compiler.context,
}
