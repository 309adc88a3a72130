"""What a designer set on one element, whatever dialect it was written in.

Owns the plain shape only: the strings are as written (FEEL with its leading '=', or a literal). A dialect fills it, the
nodes read it. Must not know XML.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Mapping:
    """One line of an input or output mapping: `target` may be a path (`a.b`)."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a register that an element reads into a name of its input mapping. `where`: FEEL, '' for all."""

    register: str
    target: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Repetition:
    """A multi-instance over a collection, or a number of times; results in input order."""

    sequential: bool = False
    collection: str = ""
    cardinality: str = ""
    element: str = ""
    output_collection: str = ""
    output_element: str = ""
    until: str = ""  # completion condition
    behavior: str = "All"  # All | None | One | Complex: which completions throw the event


@dataclass(frozen=True, slots=True)
class Loop:
    """A standard loop: rounds go on while the condition holds, at most `maximum` of them."""

    condition: str = ""
    maximum: int | None = None
    test_before: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one element; an empty string is 'not set'."""

    properties: dict[str, str] = field(default_factory=dict)
    inputs: tuple[Mapping, ...] = ()
    outputs: tuple[Mapping, ...] = ()
    reads: tuple[Rows, ...] = ()  # before the inputs
    writes: tuple[Mapping, ...] = ()  # values of the element into registers (`target`), after the outputs
    headers: dict[str, str] = field(default_factory=dict)
    form: str = ""
    form_binding: str = "deployment"
    assignee: str = ""
    candidate_users: str = ""
    candidate_groups: str = ""
    due_date: str = ""
    priority: str = ""
    service: str = ""  # job or inline type
    retries: str = ""
    script: str = ""  # FEEL
    python: str = ""
    decision: str = ""
    decision_binding: str = "deployment"
    result: str = ""  # result variable of a script, decision or service
    called: str = ""
    called_binding: str = "deployment"
    propagate: bool = True  # a called process hands all its variables back
    correlation: str = ""  # of a message
    repetition: Repetition | None = None
    loop: Loop | None = None


NOTHING = Settings()
