"""The BPMN interpreter: the only door to SpiffWorkflow, and pure (design section 3).

A caller compiles a process once per version, keeps the state as bytes, and advances it by one event at a time:
`advance(process, state, event, world) -> Changes`. Shapes are in `model`; lint refuses what cannot be honoured.
"""

from engine.bpmn.ahead import ahead
from engine.bpmn.describe import describe, describe_root
from engine.bpmn.lint import lint
from engine.bpmn.process import Process, compile
from engine.bpmn.reading import Reading, read
from engine.bpmn.state import rewritten, tokens, variables
from engine.bpmn.steps import LIMIT, advance
from engine.bpmn.views import addressed, leads, sound, waiting

begin = advance  # the same, for a reader: begin(process, None, Begin(...), world)

__all__ = [
    "LIMIT",
    "Process",
    "Reading",
    "addressed",
    "advance",
    "ahead",
    "begin",
    "compile",
    "describe",
    "describe_root",
    "leads",
    "lint",
    "read",
    "rewritten",
    "sound",
    "tokens",
    "variables",
    "waiting",
]
