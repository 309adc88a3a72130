"""The plain part of FEEL as Python closures: literals, names, paths, comparison, and/or/not, arithmetic, if, in, lists,
contexts.

A hop into V8 costs a hundred times what these cost. They say exactly what feelin says, nulls included, or they do not
answer: a form that is not in the list is `Uncompilable`, and values for which feelin has rules of its own (mixed
types, durations, text among numbers) raise `Unsure` at run time, upon which the caller asks V8. A differential test
holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from engine.expressions import logic
from engine.expressions.logic import Unsure
from engine.expressions.syntax import Node, single_words, variable
from engine.expressions.values import LARGEST

Scope = dict[str, Any]
Closure = Callable[[Scope], Any]

_NUMBER = re.compile(r"-?\d*\.?\d+")


class Uncompilable(Exception):
    """A form of expression that is left to V8."""


def compile_expression(tree: Node, builtins: frozenset[str]) -> Closure:
    """A function from variables to the value. Raises Uncompilable; the function may raise Unsure."""
    return _Compiler(builtins).of(tree)


def compile_unary(tree: Node, builtins: frozenset[str]) -> Callable[[Scope], bool]:
    """A function from variables, with the tested value under `?`, to whether a cell matches."""
    return _Compiler(builtins).unary(tree)


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
        return lambda scope: logic.path(target(scope), name)

    def conjunction(self, node: Node) -> Closure:
        left, right = self.of(node.children[0]), self.of(node.children[2])
        return lambda scope: logic.both(logic.truth(left(scope)), logic.truth(right(scope)))

    def disjunction(self, node: Node) -> Closure:
        left, right = self.of(node.children[0]), self.of(node.children[2])
        return lambda scope: logic.either(logic.truth(left(scope)), logic.truth(right(scope)))

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
        return lambda scope: chosen(scope) if condition(scope) is True else otherwise(scope)

    def arithmetic(self, node: Node) -> Closure:
        if len(node.children) == 2:
            sign, left, right = node.children[0].text, (lambda scope: 0), self.of(node.children[1])
        else:
            left, sign, right = self.of(node.children[0]), node.children[1].text, self.of(node.children[2])
        if sign not in "+-*/":
            raise Uncompilable(sign)
        return lambda scope: logic.calculated(sign, left(scope), right(scope))

    def comparison(self, node: Node) -> Closure:
        left, sign = self.of(node.children[0]), node.children[1]
        if sign.name == "in":
            return self.membership(left, node)
        if sign.name == "between":
            return self.between(left, node)
        right = self.of(node.children[2])
        if sign.text == "=":
            return lambda scope: logic.equals(left(scope), right(scope))
        if sign.text == "!=":
            return lambda scope: not logic.equals(left(scope), right(scope))
        return lambda scope: logic.ordered(sign.text, left(scope), right(scope))

    def between(self, value: Closure, node: Node) -> Closure:
        low, high = self.of(node.children[2]), self.of(node.children[4])

        def inside(scope: Scope) -> bool | None:
            start, end, tested = low(scope), high(scope), value(scope)
            return None if start is None or end is None else logic.between(start, end, True, True)(tested)

        return inside

    def membership(self, value: Closure, node: Node) -> Closure:
        if node.children[2].name == "(":
            tests = [self.positive(each) for each in node.children[3].children]
            return lambda scope: logic.any_passes([test(scope) for test in tests], value(scope))
        single = self.positive(node.children[2])

        def found(scope: Scope) -> bool | None:
            tested, made = value(scope), single(scope)  # both, for both may be unsure
            if made is None:
                return None
            return logic.any_passes(made, tested) if type(made) is list else logic.passes(made, tested)

        return found

    def positive(self, node: Node) -> Closure:
        inner = node.children[0]
        made = self.of(inner)
        if _always_boolean(inner):
            return lambda scope: made(scope) is scope["?"] if "?" in scope else made(scope)

        def compared(scope: Scope) -> Any:
            found = made(scope)
            if type(found) is not bool or type(scope.get("?")) is not bool:
                return found
            if inner.name not in ("VariableName", "PathExpression"):  # a verdict or a value: only V8 knows
                raise Unsure
            return found is scope["?"]

        return compared

    def simple_test(self, node: Node) -> Closure:
        if len(node.children) == 1:
            return self.of(node.children[0])
        sign, right = node.children[0].text, self.of(node.children[1])
        if sign == "=":
            return lambda scope: logic.against(logic.equals, right(scope))
        if sign == "!=":
            return lambda scope: logic.against(lambda a, b: not logic.equals(a, b), right(scope))
        return lambda scope: logic.against(lambda a, b: logic.ordered(sign, a, b), right(scope))

    def interval(self, node: Node) -> Closure:
        opening, low, high, closing = node.children
        start, end = self.of(low), self.of(high)

        def made(scope: Scope) -> Any:
            left, right = start(scope), end(scope)
            return logic.between(left, right, opening.text == "[", closing.text == "]")

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
            made = [test(scope) for test in tests]
            return any(logic.cell_passes(test, scope["?"]) for test in made) is not negative

        return matches


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
