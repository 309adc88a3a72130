"""Reading a file as the engine means it: what BPMN says in many ways is said in the one way that the rest knows.

Owns `read`: the tree of a file after rewrites that change no meaning, one small module each. What cannot be resolved is
left as it is: lint refuses it. The upload stays as it is; every caller gets a tree of its own. Must not judge.
"""

from __future__ import annotations

from engine.bpmn.rewriting import conversations, data, references, tasks
from engine.bpmn.xml import Element, parse


def read(content: bytes, name: str = "") -> Element:
    """The root of a file. Raises InvalidFile."""
    return rewritten(parse(content, name))


def rewritten(root: Element) -> Element:
    """The same for a parsed file, changed in place."""
    for rewrite in (references.rewrite, tasks.rewrite, conversations.rewrite, data.rewrite):
        rewrite(root)
    return root
