"""What BPMN says in many ways is said in the one way that the rest of the engine knows, while a file is read.

Owns `rewritten`: the tree of a file after rewrites that change no meaning, one small module each. What cannot be
resolved is left as it is: lint refuses it. The upload stays as it is. Must not judge.
"""

from __future__ import annotations

from engine.bpmn.rewriting import conversations, data, references, tasks
from engine.bpmn.xml import Element


def rewritten(root: Element) -> Element:
    """The root of a file, changed in place."""
    for rewrite in (references.rewrite, tasks.rewrite, conversations.rewrite, data.rewrite):
        rewrite(root)
    return root
