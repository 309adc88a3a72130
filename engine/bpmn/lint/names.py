"""Names outside the file: forms, decisions, processes, services, registers and roles must be known.

Owns the comparison with a `Catalogue`; a kind that the catalogue does not give is not checked. A name that is FEEL is
known only when it runs, so it is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.bpmn.describe import describe_root
from engine.bpmn.lint.document import Document, name_of
from engine.bpmn.model import Catalogue
from engine.bpmn.xml import Element

_ZH = {
    "form": "表单",
    "decision": "决策",
    "process": "流程",
    "service": "服务类型",
    "register": "台账",
    "role": "角色",
    "calendar": "日历",
}
_ABOVE = ("superior", "head")  # words of an escalation step
_SAID = ("foreign-code", "script-as-job")
_LITERAL = re.compile(r'=\s*"([^"]*)"\s*')


def check(documents: list[Document], catalogue: Catalogue) -> None:
    """Everything of this module; processes of the files themselves count as known."""
    own = {info.key for document in documents for info in describe_root(document.root)}
    known = {
        "form": catalogue.forms,
        "decision": catalogue.decisions,
        "process": None if catalogue.processes is None else catalogue.processes | own,
        "service": catalogue.services,
        "register": catalogue.registers,
        "role": catalogue.roles,
        "calendar": catalogue.calendars,
    }
    _double(documents)
    for document in documents:
        for node, kind, name in _names(document):
            keys = known[kind]
            if keys is not None and name and not _has(keys, name):
                if kind != "service" or node.get("id") not in document.jobs:
                    _unknown(document, node, kind, name)
                else:
                    _to_provide(document, node, name)


def _has(keys: frozenset[str], name: str) -> bool:
    return name in keys or any(k.endswith(".*") and name.startswith(k[:-1]) for k in keys)


def _unknown(document: Document, node: Element, kind: str, name: str) -> None:
    document.error(
        node,
        f"unknown-{kind}",
        f"“{name_of(node)}”用到的{_ZH[kind]}“{name}”不存在。请先发布它，或改正名称。",
        f"“{name_of(node)}” uses the {kind} “{name}”, which does not exist. Publish it first, or correct the name.",
    )


def _to_provide(document: Document, node: Element, name: str) -> None:
    if any(f.element == node.get("id") and f.code in _SAID for f in document.findings):
        return  # the translation has said so
    document.warn(
        node,
        "job-to-provide",
        f"“{name_of(node)}”的作业类型“{name}”还没有人提供：到这一步会成为异常，提供后可以重试。",
        f"Nobody provides the job type “{name}” of “{name_of(node)}” yet: the step becomes an incident, to be retried "
        "once somebody does.",
    )


def _double(documents: list[Document]) -> None:
    seen: dict[str, str] = {}
    for document in documents:
        for process in document.processes:
            key = process.get("id") or ""
            if key in seen and seen[key] != document.file:
                document.error(
                    process,
                    "double-process",
                    f"流程“{key}”已在 {seen[key]} 中定义。",
                    f"The process “{key}” is defined in {seen[key]} as well.",
                )
            seen.setdefault(key, document.file)


def _names(document: Document) -> Iterator[tuple[Element, str, str]]:
    """(element, kind, name) of every name that is written out."""
    for info in describe_root(document.root):
        for reference in info.references:
            node = document.by_id.get(reference.node)
            name = literal(reference.key)
            if node is not None and reference.kind != "register" and name:
                yield node, reference.kind, name
        for start in info.starts:
            if start.form and literal(start.form):
                yield document.by_id[start.node], "form", literal(start.form)
        for name in _roles(info.properties.get("starters", ""), (*_ANYBODY, "public")):
            yield document.by_id[info.key], "role", name
    for node in document.nodes:
        yield from _of_node(document, node)


_ANYBODY = ("*", "initiator")


def _of_node(document: Document, node: Element) -> Iterator[tuple[Element, str, str]]:
    settings = document.settings(node)
    for name in (*(row.register for row in settings.reads), *(line.target for line in settings.writes)):
        yield node, "register", name
    if settings.service.startswith("register."):
        for line in settings.inputs:
            if line.target == "register" and literal(line.source):
                yield node, "register", literal(line.source)
    yield node, "calendar", settings.properties.get("calendar", "")
    for name in _roles(literal(settings.candidate_groups), _ANYBODY):
        yield node, "role", name
    for step in settings.properties.get("escalate", "").split(","):
        for name in _roles(step.strip().partition(" ")[2], (*_ANYBODY, *_ABOVE)):
            yield node, "role", name


def literal(written: str) -> str:
    """The text of a setting that is not FEEL, or is a FEEL text literal; '' for any other FEEL."""
    if not written.startswith("="):
        return written
    match = _LITERAL.fullmatch(written)
    return match[1] if match else ""


def _roles(rules: str, besides: tuple[str, ...]) -> Iterator[str]:
    """Role names in assignment rules: `role`, `role@unit`; not `login:`, `skill:` and the words of the language."""
    for rule in (part.strip() for part in rules.split(",")):
        if rule and rule not in besides and not rule.startswith(("login:", "skill:", "office:", "head@")):
            yield rule.partition("@")[0]
