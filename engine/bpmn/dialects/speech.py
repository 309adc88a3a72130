"""Expressions and small scripts of other engines as a tree: JUEL, Groovy and JavaScript share one grammar here.

Owns the plain nodes, the bounds on their length and depth, and Untranslatable, which says why something has no equal:
a guess would run something else than what was drawn. `speech_reader` reads text into nodes, `in_feel` and `in_python`
write them down again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from engine.errors import Said

LONGEST = 20_000  # characters
DEEPEST = 60  # brackets in brackets


class Untranslatable(ValueError):
    """Text that cannot be said in FEEL or Python; `said` is why, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.said = Said(zh, en)


@contextmanager
def bounded() -> Iterator[None]:
    """What recurses over somebody's text: a chain of thousands of signs is as deep as one of brackets."""
    try:
        yield
    except RecursionError as problem:
        raise Untranslatable("嵌套太深", "nested too deep") from problem


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    id: str


@dataclass(frozen=True, slots=True)
class Member:
    of: Node
    name: str


@dataclass(frozen=True, slots=True)
class Index:
    of: Node
    key: Node


@dataclass(frozen=True, slots=True)
class Call:
    """`of` None: a plain function; `new X(...)` is a function named `new X`."""

    of: Node | None
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Unary:
    op: str  # not | - | empty
    of: Node


@dataclass(frozen=True, slots=True)
class Binary:
    op: str  # or and == != < <= > >= + - * / % in
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Choice:
    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Items:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    parts: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """Text with expressions in it."""

    parts: tuple[Node, ...]


Node: TypeAlias = (
    Literal | Name | Member | Index | Call | Unary | Binary | Choice | Items | Pairs | Joined
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Assign:
    target: Node  # Name, Member or Index
    value: Node
    local: bool = False  # declared with def, var, let, const or a type


@dataclass(frozen=True, slots=True)
class If:
    condition: Node
    yes: tuple[Statement, ...]
    no: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Each:
    name: str
    over: Node
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Do:
    """An expression as a statement; `gives`: it was returned."""

    value: Node
    gives: bool = False


Statement: TypeAlias = Assign | If | Each | Do
