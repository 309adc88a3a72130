"""A file's bytes as the engine means them: parsed, out of its tool's dialect, in the one way that the rest knows.

Owns the order of these steps; the door for whoever describes, compiles or lints a file. The upload stays as it is:
every caller gets a tree of its own.
"""

from __future__ import annotations

from engine.bpmn import dialects
from engine.bpmn.dialects import Reading
from engine.bpmn.rewriting import rewritten
from engine.bpmn.xml import parse


def read(content: bytes, name: str = "") -> Reading:
    """Raises InvalidFile."""
    reading = dialects.translate(parse(content, name), name)
    rewritten(reading.root)
    return reading
