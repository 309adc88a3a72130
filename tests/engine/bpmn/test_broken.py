"""Diagrams broken by one edit: each is refused with a finding that a designer can act on, or runs; none makes lint, the
parser or the first command fail in any other way."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from lxml import etree

from engine import bpmn
from engine.bpmn.model import Begin
from engine.errors import LinliError
from tests.engine.bpmn.constructs import ALL
from tests.engine.bpmn.constructs.construct import Construct
from tests.engine.bpmn.constructs.play import Play

Edit = tuple[str, int, str]


def elements(root: etree._Element) -> list[etree._Element]:
    return [node for node in root.iter() if node is not root and isinstance(node.tag, str)]


def edits(content: bytes) -> Iterator[Edit]:
    """Every way to take something out of a file, to leave it empty or to point it nowhere."""
    for place, node in enumerate(elements(etree.fromstring(content))):
        yield "drop", place, ""
        for name in node.attrib:
            if name != "id":
                yield "unset", place, str(name)
            if str(name).endswith("Ref") or name == "default":
                yield "nowhere", place, str(name)
        if (node.text or "").strip():
            yield "empty", place, ""


def edited(content: bytes, edit: Edit) -> bytes:
    root = etree.fromstring(content)
    how, place, name = edit
    node = elements(root)[place]
    if how == "drop":
        node.getparent().remove(node)
    elif how == "unset":
        del node.attrib[name]
    elif how == "nowhere":
        node.set(name, "nowhere")
    else:
        node.text = ""
    return etree.tostring(root)


def judge(construct: Construct, content: bytes, edit: Edit) -> bool:
    """Whether the file is refused. What is not must compile and begin."""
    errors = [one for one in bpmn.lint({"a.bpmn": content}) if one.severity == "error"]
    for one in errors:
        assert one.file == "a.bpmn" and one.line > 0 and one.code, edit
        assert len(one.message) > 5 and len(one.message_en) > 10 and one.message != one.message_en, edit
    keys = [info.key for info in bpmn.describe(content)] if not errors else []
    for key in keys:
        bpmn.compile(content, key)
    if construct.key in keys:
        begin(construct, content)
    return bool(errors)


def begin(construct: Construct, content: bytes) -> None:
    play = Play(construct)
    play.rows.setdefault("lamps", [])
    node, part = construct.begin or (None, 0)
    process = bpmn.compile(content, construct.key)
    try:
        changes = bpmn.advance(process, None, Begin(construct.variables, node, False, part), play.world)
    except LinliError as refusal:
        assert refusal.text("zh") != refusal.text("en")
    else:
        assert bpmn.sound(process, changes.state) == []


@pytest.mark.parametrize("part", range(4))
def test_a_broken_diagram_is_refused_or_runs(part: int) -> None:
    r = random.Random(part)
    refused = 0
    for construct in ALL[part::4]:
        for edit in r.sample(sorted(edits(construct.content)), 3):
            refused += judge(construct, edited(construct.content, edit), edit)
    assert refused > 40, "the edits must break diagrams, or this tests little"
