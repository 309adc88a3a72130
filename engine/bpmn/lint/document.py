"""One file under lint: its tree, its elements by id, and the findings so far.

Owns look-ups that several checks share, and the making of findings. Must not judge anything itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from engine.bpmn.describe import executable
from engine.bpmn.dialects import zeebe
from engine.bpmn.settings import Settings
from engine.bpmn.xml import DRAWN, Element, definitions, flow_nodes, ids, local, ref, scopes, tag
from engine.records import Finding


class Document:
    """A parsed file. `scopes`: the executable processes and all subprocesses in them."""

    def __init__(
        self, file: str, root: Element, jobs: frozenset[str] = frozenset(), findings: Iterable[Finding] = ()
    ) -> None:
        self.file, self.root = file, root
        self.jobs = jobs  # elements whose job type may be provided later
        self.findings: list[Finding] = list(findings)
        self._seen: set[tuple[str, str, str]] = set()
        self._settings: dict[Element, Settings] = {}
        self.processes = [node for node in root.findall(tag("process")) if executable(node)]
        self.scopes = [scope for process in self.processes for scope in scopes(process)]

    @cached_property
    def by_id(self) -> dict[str, Element]:
        """Every BPMN element that has an id; the first, should an id be double."""
        return ids(self.root)

    @cached_property
    def nodes(self) -> list[Element]:
        """The flow nodes of all scopes."""
        return [node for scope in self.scopes for node in flow_nodes(scope)]

    @cached_property
    def events(self) -> list[tuple[Element, list[Element]]]:
        """(event node, its definitions, references resolved), receive and send tasks not included."""
        return [(node, self.definitions(node)) for node in self.nodes if local(node).endswith("Event")]

    @cached_property
    def hosts(self) -> dict[str, list[str]]:
        """Activities with boundary events, and these."""
        found: dict[str, list[str]] = {}
        for node in self.nodes:
            if local(node) == "boundaryEvent":
                found.setdefault(ref(node.get("attachedToRef")), []).append(node.get("id") or "")
        return found

    def drawn(self, node: Element) -> bool:
        """Whether it was drawn in while reading, and is not in the file."""
        return DRAWN in node.attrib

    @cached_property
    def undone_by(self) -> dict[str, str]:
        """Where associations lead from each element; the first, should there be several."""
        found: dict[str, str] = {}
        for line in self.root.iter("{*}association"):
            found.setdefault(ref(line.get("sourceRef")), ref(line.get("targetRef")))
        return found

    @cached_property
    def handlers(self) -> set[str]:
        """Activities that compensation boundary events point to."""
        lines = self.root.iter(tag("association"))
        undo = {n.get("id") for n, found in self.events if any(local(d) == "compensateEventDefinition" for d in found)}
        return {ref(line.get("targetRef")) for line in lines if ref(line.get("sourceRef")) in undo}

    def definitions(self, node: Element) -> list[Element]:
        """An event's definitions; an eventDefinitionRef is followed."""
        named = (self.by_id.get(ref(r.text)) for r in node.findall(tag("eventDefinitionRef")))
        return definitions(node) + [found for found in named if found is not None]

    def settings(self, node: Element) -> Settings:
        """Read once: every check asks for them. The tree is not changed any more."""
        found = self._settings.get(node)
        if found is None:
            found = self._settings[node] = zeebe.settings(node)
        return found

    def flows(self, scope: Element) -> list[Element]:
        return scope.findall(tag("sequenceFlow"))

    def outgoing(self, node: Element) -> list[Element]:
        """Flows out of a node, in the order of the file."""
        return self._ends.get(("sourceRef", node.get("id") or ""), [])

    def incoming(self, node: Element) -> list[Element]:
        return self._ends.get(("targetRef", node.get("id") or ""), [])

    @cached_property
    def _ends(self) -> dict[tuple[str, str], list[Element]]:
        found: dict[tuple[str, str], list[Element]] = {}
        for scope in self.scopes:
            for flow in self.flows(scope):
                for end in ("sourceRef", "targetRef"):
                    found.setdefault((end, ref(flow.get(end))), []).append(flow)
        return found

    # ---- findings --------------------------------------------------------------------------------------------------

    def error(self, node: Element, code: str, zh: str, en: str) -> None:
        """What refuses the deployment."""
        self._add(node, "error", code, zh, en)

    def warn(self, node: Element, code: str, zh: str, en: str) -> None:
        """What a designer should look at."""
        self._add(node, "warning", code, zh, en)

    def note(self, node: Element, code: str, zh: str, en: str) -> None:
        """What a designer may like to know."""
        self._add(node, "info", code, zh, en)

    def _add(self, node: Element, severity: str, code: str, zh: str, en: str) -> None:
        node = self.by_id.get(node.get(DRAWN) or "", node)
        owner: Element | None = node
        while owner is not None and not owner.get("id"):
            owner = owner.getparent()
        element = "" if owner is None else owner.get("id") or ""
        if (element, code, zh) not in self._seen:
            self._seen.add((element, code, zh))
            self.findings.append(Finding(self.file, _line(node), element, severity, code, zh, en))


def _line(node: Element) -> int:
    """Where it stands in the file; what was drawn in while reading stands where it belongs to."""
    at: Element | None = node
    while at is not None and not at.sourceline:
        at = at.getparent()
    return 1 if at is None else at.sourceline


def name_of(node: Element) -> str:
    """How a message calls an element: its name and id, else its id."""
    name, id_ = (node.get("name") or "").strip(), node.get("id") or ""
    return f"{name} ({id_})" if name else id_
