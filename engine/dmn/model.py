"""What a DMN file says, as plain data: decisions, their logic and what they need.

Owns the shapes only. DMN 1.1 to 1.5 differ in namespaces and small things that `parsing` levels out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Literal:
    """A FEEL expression."""

    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A named part of a context; name '' is the context's result."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Context:
    """Boxed context: entries in order, each sees the ones before it."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Boxed list."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """Boxed relation: a list of contexts with the same names."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Expression, ...], ...]


@dataclass(frozen=True, slots=True)
class Function:
    """Boxed function definition (FEEL bodies only)."""

    parameters: tuple[str, ...]
    body: Expression


@dataclass(frozen=True, slots=True)
class Invocation:
    """Boxed invocation: a function with its parameters bound by name."""

    function: Literal
    bindings: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Input:
    """A column that is tested. `values`: allowed values as a unary test, '' for any."""

    label: str
    text: str
    values: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """A column that is given. `values`: allowed values in the order of their priority."""

    name: str
    values: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: one cell for each input, one for each output."""

    id: str
    tests: tuple[str, ...]
    outputs: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table. `policy`: UNIQUE FIRST PRIORITY ANY COLLECT, RULE ORDER or OUTPUT ORDER; `aggregation`: '' or
    SUM MIN MAX COUNT."""

    policy: str
    aggregation: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]


Expression = Literal | Context | Listing | Relation | Function | Invocation | Table


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision or a business knowledge model (then `logic` is a Function)."""

    id: str
    name: str
    logic: Expression | None
    needs: tuple[str, ...] = ()  # ids of decisions
    knows: tuple[str, ...] = ()  # ids of business knowledge models
    inputs: tuple[str, ...] = ()  # ids of input data
    line: int = 0


@dataclass(frozen=True, slots=True)
class Model:
    """A file. Keys are ids."""

    name: str
    decisions: dict[str, Decision]
    knowledge: dict[str, Decision]
    inputs: dict[str, str]  # id -> name of input data

    def find(self, decision: str) -> Decision | None:
        """A decision by id, else by name."""
        by_name = (d for d in self.decisions.values() if d.name == decision)
        return self.decisions.get(decision) or next(by_name, None)


@dataclass(frozen=True, slots=True)
class Fired:
    """Rules of a decision's table that matched: places from 1 and ids."""

    decision: str
    rules: tuple[int, ...]
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What a decision gave, and the rules that fired on the way, required decisions first."""

    value: Any
    fired: tuple[Fired, ...] = field(default_factory=tuple)
