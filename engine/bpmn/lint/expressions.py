"""Expressions and scripts: each can be read.

Owns where FEEL may stand in a diagram. A syntax error here would be an incident of every case that comes by.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.lint.document import Document, name_of
from engine.bpmn.lint.spelling import PROPERTIES
from engine.bpmn.settings import Settings
from engine.bpmn.xml import Element, child, definitions, local, tag, text
from engine.expressions import feel, scripts

_EITHER = ["assignee", "candidate_users", "candidate_groups", "due_date", "priority", "service", "retries", "form"]
_EITHER += ["decision", "called"]
_ALWAYS = ("script",)


def check(document: Document) -> None:
    """Everything of this module."""
    for node in document.nodes:
        for where, written in _of_node(document, node):
            _feel(document, node, where, written)
        python = document.settings(node).python
        if python and not document.settings(node).script:
            _python(document, node, python)
    for scope in document.scopes:
        for flow in document.flows(scope):
            _feel(document, flow, "conditionExpression", text(flow, "conditionExpression"))
    for process in document.processes:
        for where, written in _texts(document.settings(process)):
            _feel(document, process, where, written)
    for message in document.root.iter(tag("message")):
        _feel(document, message, "correlationKey", document.settings(message).correlation)


def _of_node(document: Document, node: Element) -> Iterator[tuple[str, str]]:
    yield from _texts(document.settings(node))
    yield "activationCondition", text(node, "activationCondition")
    for rule in node.iter(tag("complexBehaviorDefinition")):
        yield "complexBehaviorDefinition", text(rule, "condition")
    if local(node) == "adHocSubProcess":
        yield "completionCondition", text(node, "completionCondition")
    for definition in definitions(node):
        yield "condition", text(definition, "condition")
        for timer in ("timeDate", "timeDuration", "timeCycle"):
            written = text(definition, timer) if child(definition, timer) is not None else ""
            yield timer, written if written.startswith("=") else ""


def _texts(s: Settings) -> Iterator[tuple[str, str]]:
    """(where, FEEL) of all settings that are FEEL."""
    for name in _EITHER:
        written = getattr(s, name)
        yield name, written if written.startswith("=") else ""
    for name in _ALWAYS:
        yield name, getattr(s, name)
    for line in (*s.inputs, *s.outputs):
        yield f"{line.target} ←", line.source if line.source.startswith("=") else ""
    for row in s.reads:
        yield f"{row.register} where", row.where
    for line in s.writes:
        yield f"{line.target} ←", line.source
    for name in PROPERTIES:
        written = s.properties.get(name, "")
        yield name, written if written.startswith("=") else ""
    if s.repetition is not None:
        rule = s.repetition
        yield from (("inputCollection", rule.collection), ("loopCardinality", rule.cardinality))
        yield from (("outputElement", rule.output_element), ("completionCondition", rule.until))
    if s.loop is not None:
        yield "loopCondition", s.loop.condition


def _feel(document: Document, node: Element, where: str, written: str) -> None:
    if not written:
        return
    problem = feel.check(written.removeprefix("=").strip())
    if problem:
        document.error(
            node,
            "bad-feel",
            f"“{name_of(node)}”的 {where} 有语法错误：{problem.zh}。表达式：{written[:80]}",
            f"{where} of “{name_of(node)}” has a syntax error: {problem}. Expression: {written[:80]}",
        )


def _python(document: Document, node: Element, script: str) -> None:
    problem = scripts.check(script)
    if problem:
        document.error(
            node,
            "bad-script",
            f"“{name_of(node)}”的脚本有错误：{problem.zh}",
            f"The script of “{name_of(node)}” has an error: {problem}",
        )
