"""One foreign file being rewritten in the native dialect: what is taken out of it, put into it and said about it.

Owns the moves that every dialect makes on the parsed copy: a foreign setting is taken (and so removed), a native one is
put, and the finding that tells of it is kept. What nobody takes stays where it is, and the lint refuses it by name: so
nothing is dropped silently. Native settings that are there already win. Must not know any dialect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from engine.bpmn.dialects.speech import Untranslatable
from engine.bpmn.xml import BPMN, ZEEBE, Element, child, flow_nodes, local, scopes, tag
from engine.records import Finding


class Draft:
    """A tree of its own; `spaces`: the namespaces of the dialect that is being translated."""

    def __init__(self, root: Element, file: str, spaces: tuple[str, ...], tool: str) -> None:
        self.root, self.file, self.spaces, self.tool = root, file, spaces, tool
        self.findings: list[Finding] = []
        self.forms: dict[str, dict[str, Any]] = {}  # form id -> form-js JSON made here
        self.jobs: set[str] = set()  # elements whose job type somebody has to provide
        self._done: dict[str, tuple[Element, list[str]]] = {}

    # ---- what is there

    @property
    def processes(self) -> list[Element]:
        return list(self.root.findall(tag("process")))

    def nodes(self) -> Iterator[Element]:
        """Every flow node of every process; a list is made first, so that nodes may be added."""
        found = [node for process in self.processes for scope in scopes(process) for node in flow_nodes(scope)]
        return iter(found)

    def attr(self, node: Element, *names: str) -> str:
        """Take the first of these attributes that is set; '' when none is."""
        found = ""
        for name in names:
            for space in self.spaces:
                value = node.attrib.pop(f"{{{space}}}{name}", None)
                if value is not None:
                    found = found or value.strip()
        return found

    def peek(self, node: Element, name: str) -> str:
        """An attribute that is left where it is."""
        return next((value for space in self.spaces if (value := node.get(f"{{{space}}}{name}"))), "")

    def boxes(self, node: Element, name: str) -> list[Element]:
        """Take the extension elements of that local name."""
        box = child(node, "extensionElements")
        if box is None:
            return []
        found = [one for one in box if self.own(one) == name]
        for one in found:
            box.remove(one)
        return found

    def own(self, item: Element) -> str:
        """Local name of an element of this dialect, '' for any other."""
        name = item.tag
        if not isinstance(name, str) or not name.startswith("{"):
            return ""
        space, _, short = name[1:].partition("}")
        return short if space in self.spaces else ""

    def children(self, box: Element, name: str) -> list[Element]:
        """Children of a box of this dialect by local name."""
        return [one for one in box if self.own(one) == name]

    # ---- what is put

    def zeebe(self, node: Element, name: str, **attributes: str) -> Element:
        """The native extension element of that name, made when it is not there; set attributes are left."""
        box = child(node, "extensionElements")
        if box is None:
            box = etree.Element(tag("extensionElements"))
            node.insert(1 if child(node, "documentation") is not None else 0, box)
        found = child(box, name, ZEEBE)
        if found is None:
            found = etree.SubElement(box, tag(name, ZEEBE))
        for key, value in attributes.items():
            if value and not found.get(key):
                found.set(key, value)
        return found

    def property(self, node: Element, name: str, value: str) -> None:
        """A free setting, unless it is set already."""
        box = self.zeebe(node, "properties")
        if all(one.get("name") != name for one in box):
            etree.SubElement(box, tag("property", ZEEBE), {"name": name, "value": value})

    def map(self, node: Element, way: str, source: str, target: str) -> None:
        """A line of the input or output mapping (`way`: input | output)."""
        etree.SubElement(self.zeebe(node, "ioMapping"), tag(way, ZEEBE), {"source": source, "target": target})

    def header(self, node: Element, key: str, value: str) -> None:
        """A header of the job."""
        etree.SubElement(self.zeebe(node, "taskHeaders"), tag("header", ZEEBE), {"key": key, "value": value})

    def turn(self, node: Element, name: str) -> None:
        """Make it another kind of BPMN element."""
        node.tag = tag(name)

    # ---- what is said

    def done(self, node: Element, *what: str) -> None:
        """Settings of this element that were translated."""
        owner = self._owner(node)
        key = owner.get("id") or str(id(owner))
        listed = self._done.setdefault(key, (owner, []))[1]
        listed += [one for one in what if one not in listed]

    def info(self, node: Element, code: str, zh: str, en: str) -> None:
        """Nothing is lost by it, but it should be known."""
        self._say(node, "info", code, zh, en)

    def warn(self, node: Element, code: str, zh: str, en: str) -> None:
        """Somebody has to see to it."""
        self._say(node, "warning", code, zh, en)

    def error(self, node: Element, code: str, zh: str, en: str) -> None:
        """It would run as something else: the deployment is refused."""
        self._say(node, "error", code, zh, en)

    def attempt(self, node: Element, what: str, text: str, translate: Callable[[str], str]) -> str:
        """The translation of an expression; '' and an error that names it when it has none."""
        try:
            found = translate(text)
        except Untranslatable as problem:
            zh, en = f"“{called(node)}”的 {what} 无法翻译：", f"{what} of “{called(node)}” cannot be translated: "
            advice = "请改写为 FEEL。", "Write it in FEEL."
            said = problem.said
            self.error(
                node,
                "not-translated",
                f"{zh}{said.zh}。原文：{text[:80]}。{advice[0]}",
                f"{en}{said.en}. It says: {text[:80]}. {advice[1]}",
            )
            return ""
        if found != text:
            self.done(node, f"{what} {text[:60]} → {found[:80]}")
        return found

    def told(self) -> list[Finding]:
        """All findings, what was translated of each element among them."""
        for node, what in self._done.values():
            zh, en = (mark.join(" ".join(one.split()) for one in what) for mark in ("；", "; "))
            zh = f"已翻译“{called(node)}”的 {self.tool} 设置：{zh}"
            self._say(node, "info", "translated", zh, f"Translated from {self.tool} at “{called(node)}”: {en}")
        self._done.clear()
        return self.findings

    def _say(self, node: Element, severity: str, code: str, zh: str, en: str) -> None:
        owner = self._owner(node)
        line = node.sourceline or owner.sourceline or 1
        self.findings.append(Finding(self.file, line, owner.get("id") or "", severity, code, zh, en))

    def _owner(self, node: Element) -> Element:
        """The element itself, or the one around it that has an id."""
        owner = node
        while not owner.get("id") and owner.getparent() is not None:
            owner = owner.getparent()
        return owner


def called(node: Element) -> str:
    """How a finding calls an element: its name and id."""
    name, id_ = (node.get("name") or "").strip(), node.get("id") or local(node) or "?"
    return f"{name} ({id_})" if name else id_


def bpmn_texts(node: Element, *names: str) -> Iterator[Element]:
    """BPMN elements of these names anywhere below, with text in them."""
    for one in list(node.iter(*(f"{{{BPMN}}}{name}" for name in names))):
        if (one.text or "").strip():
            yield one
