"""A pack's scenarios: given people, when steps, then expectations, run on the real engine with a clock that they move.

`files` reads scenarios/*.toml, `play` runs one on a scratch engine, `rehearsal` runs all of a working copy before it is
published. Knows no process, role or register by name.
"""

from engine.scenarios.files import Scenario, of_pack, parse, read
from engine.scenarios.play import Outcome, run
from engine.scenarios.rehearsal import Coverage, Rehearsal, Verdict, check, rehearse

__all__ = [
    "Coverage",
    "Outcome",
    "Rehearsal",
    "Scenario",
    "Verdict",
    "check",
    "of_pack",
    "parse",
    "read",
    "rehearse",
    "run",
]
