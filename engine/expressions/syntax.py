"""The syntax trees of FEEL, from feelin's own parser, and the names an expression needs.

Owns parsing (asked of V8 once a text, kept in a bounded cache) and the rules of scope: what `for`, `some`, a
function, a context or a filter binds. It evaluates nothing. A name of several words is known to feelin only from the
variables present, so a tree made here, without variables, holds for variables whose names are single words;
`single_words` tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import orjson

from engine import parsers
from engine.errors import ExpressionFailed, Said
from engine.expressions import isolates

FEELIN = isolates.Script(Path(__file__).with_name("feelin") / "feel.js")
LONGEST = 20_000  # characters of one expression
_KEYWORDS = {"and", "between", "else", "every", "external", "false", "for", "function", "if", "in", "instance", "null"}
_KEYWORDS |= {"of", "or", "return", "satisfies", "some", "then", "true", "__proto__"}


@dataclass(frozen=True, slots=True)
class Node:
    """One node of feelin's tree. `text` is there for leaves and literals only."""

    name: str
    text: str
    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """The free variables of an expression."""

    needed: frozenset[str]  # without them a condition means nothing
    optional: frozenset[str]  # compared with null, or inside a filter, where they may be properties

    @property
    def all(self) -> frozenset[str]:
        return self.needed | self.optional


def parse(text: str, *, unary: bool = False) -> Node:
    """The tree of an expression, or of a decision table's cell. Raises ExpressionFailed on a syntax error."""
    if len(text) > LONGEST:
        raise failed(text, parsers.said(f"longer than {LONGEST} characters"))
    return _parse(text, unary)


@lru_cache(maxsize=1024)
def _parse(text: str, unary: bool) -> Node:
    try:
        answer = orjson.loads(isolates.call("feel.tree", (text, unary), needs=(FEELIN,)))
    except isolates.Exhausted as problem:
        raise failed(text, parsers.said(problem)) from problem
    if "error" in answer:
        place = f" ({_place(answer)})" if answer.get("where") else ""
        raise failed(text, parsers.said(f"{answer['error']}{place}"))
    return _node(answer["value"])


def failed(text: str, reason: str | Said) -> ExpressionFailed:
    """The error for an expression, its text shortened."""
    return ExpressionFailed(expression=shortened(text), reason=reason)


def shortened(text: str) -> str:
    """An expression as an error shows it."""
    return text if len(text) <= 200 else text[:199] + "…"


def _place(answer: dict[str, Any]) -> str:
    return f"character {answer['where']['from'] + 1}"


def _node(raw: list[Any]) -> Node:
    name, text, children = raw
    return Node(name, text, tuple(_node(child) for child in children))


@cache
def builtins() -> frozenset[str]:
    """The names of FEEL's built-in functions."""
    return frozenset(orjson.loads(isolates.call("feel.builtins", (), needs=(FEELIN,))))


def single_words(keys: Iterable[str]) -> bool:
    """Whether none of the names can change how an expression is read."""
    return all(key.isidentifier() and key not in _KEYWORDS for key in keys)


def names(tree: Node) -> Names:
    """The free variables of a tree, built-in functions left out."""
    needed: set[str] = set()
    optional: set[str] = set()
    for name, null_tested in _free(tree, frozenset(builtins()), soft=False):
        (optional if null_tested else needed).add(name)
    return Names(frozenset(needed - optional), frozenset(optional))


def variable(node: Node) -> str:
    """The name that a VariableName or Name node stands for."""
    return " ".join(child.text for child in node.children) or node.text


def _free(node: Node, bound: frozenset[str], soft: bool) -> Iterator[tuple[str, bool]]:
    """Each free name with whether it may be missing."""
    if node.name == "VariableName":
        if variable(node) not in bound:
            yield variable(node), soft
        return
    for child, names_here, soft_here in _parts(node, bound, soft):
        yield from _free(child, names_here, soft_here)


def _parts(node: Node, bound: frozenset[str], soft: bool) -> Iterator[tuple[Node, frozenset[str], bool]]:
    """The children that hold expressions, each with the names bound there."""
    match node.name:
        case "PathExpression":
            yield node.children[0], bound, soft
        case "FilterExpression":
            yield node.children[0], bound, soft
            yield node.children[2], bound | {"item"}, True
        case "Comparison" if _null_test(node):
            yield from ((child, bound, True) for child in node.children)
        case "ForExpression" | "QuantifiedExpression":
            yield from _iteration(node, bound, soft)
        case "FunctionDefinition":
            parameters = {variable(part.children[0].children[0]) for part in node.children[2].children}
            yield node.children[-1], bound | parameters, soft
        case "Context":
            for entry in node.children[1:-1]:
                yield entry.children[1], bound, soft
                bound |= {_key(entry.children[0])}
        case "Type" | "ParameterName":
            return
        case _:
            yield from ((child, bound, soft) for child in node.children)


def _null_test(node: Node) -> bool:
    left, operator, right = node.children[0], node.children[1], node.children[2]
    return operator.text in ("=", "!=") and "null" in (left.name, right.name)


def _iteration(node: Node, bound: frozenset[str], soft: bool) -> Iterator[tuple[Node, frozenset[str], bool]]:
    """`for a in x, b in a return ...`: each list sees the names before it, the body sees all and `partial`."""
    for each in node.children[1].children:
        yield each.children[2], bound, soft
        bound |= {variable(each.children[0])}
    yield node.children[-1], bound | {"partial"}, soft


def _key(node: Node) -> str:
    inner = node.children[0]
    return inner.text[1:-1] if inner.name == "StringLiteral" else variable(inner)
