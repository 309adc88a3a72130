"""Version tags: the name that a designer gives one version of a process, decision or form.

Owns where each kind of file says it (as Camunda 8 does). A definition without one has the tag ''.
"""

from __future__ import annotations

import json

from engine import bpmn
from engine.bpmn.xml import ZEEBE, parse, tag


def tag_of(kind: str, key: str, content: bytes) -> str:
    """The tag of a deployed definition."""
    if kind == "process":
        return next((info.version_tag for info in bpmn.describe(content) if info.key == key), "")
    if kind == "decision":
        return _decision(key, content)
    if kind == "form":
        return str(json.loads(content).get("versionTag") or "")
    return ""


def _decision(key: str, content: bytes) -> str:
    for node in parse(content, key).iter("{*}decision"):
        if node.get("id") == key:
            return next((one.get("value") or "" for one in node.iter(tag("versionTag", ZEEBE))), "")
    return ""
