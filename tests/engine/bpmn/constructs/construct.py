"""What a construct is: names, diagram, script and trace. Shared by all sections; imports none of them.

A script's lines: `do u1 x=1` completes the oldest task, job or call at u1 · `message msg@KEY x=1`, `signal sig` are
delivered · `hours 2` moves the clock · `set x=5` is an operator's change · `fail t1 E1` a job's business error. Values
are JSON. A trace (traces.toml, by id) has what was completed in order; `x!` x caught its event, `x^` it threw, `-x` it
was cancelled, `x?` it became an incident.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TRACES: dict[str, str] = tomllib.loads((Path(__file__).parent / "traces.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Construct:
    """`id`: its picture's name. `begin`: (node, definition) when an event starts it. `rows`: registers before;
    `after`: registers in the end. `ends`: whether the case is over then. `still`: variables that it must have then."""

    id: str
    zh: str
    en: str
    content: bytes
    script: tuple[str, ...]
    variables: dict[str, Any] = field(default_factory=dict)
    begin: tuple[str, int] | None = None
    key: str = "p"
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    after: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    still: dict[str, Any] = field(default_factory=dict)
    ends: bool = True

    @property
    def trace(self) -> str:
        """What must come of the script."""
        return TRACES[self.id]


def construct(id: str, zh: str, en: str, content: bytes, script: str, **more: Any) -> Construct:
    """`script`: lines parted by semicolons."""
    lines = tuple(line.strip() for line in script.split(";") if line.strip())
    return Construct(id, zh, en, content, lines, **more)
