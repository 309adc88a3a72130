"""BPMN's own data: properties, data objects, data inputs and outputs, data stores, and the associations between them.

Owns what each is here (BPMN 2.0.2, chapter 10.4): a property or data object is a variable of what holds it, a data
input a local variable, a data store a register. An association becomes a line of the element's input or output mapping;
one that is only drawn moves nothing, for an element sees the variables of its scope. Lines are put behind those that
the designer wrote. Must not judge: lint does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.xml import SCOPES, ZEEBE, Element, child, flow_nodes, ids, local, ref, scopes, tag, text

OURS = "urn:linli:data"  # namespace of the lines that read and write registers: only this module makes them
PLACEHOLDER = "__targetRef_placeholder"  # bpmn-js draws an association into an activity to such a property
_INPUTS, _OUTPUTS = "dataInputAssociation", "dataOutputAssociation"


@dataclass(slots=True)
class Lines:
    """What an element reads, maps and writes: (source, target) each; of `reads` (register, target, where), of `writes`
    (register, source)."""

    inputs: list[tuple[str, str]] = field(default_factory=list)
    outputs: list[tuple[str, str]] = field(default_factory=list)
    reads: list[tuple[str, str, str]] = field(default_factory=list)
    writes: list[tuple[str, str]] = field(default_factory=list)


def rewrite(root: Element) -> None:
    """Put the lines into every element that has data of its own."""
    if not any(True for _ in root.iter(tag(_INPUTS), tag(_OUTPUTS), tag("property"), tag("ioSpecification"))):
        return
    known = ids(root)
    for scope in scopes(root):
        for node in flow_nodes(scope):
            lines = of(node, known)
            _collections(node, lines, known)
            _put(node, lines)


def of(node: Element, known: dict[str, Element]) -> Lines:
    """The lines of one element."""
    lines = Lines()
    if local(node) not in SCOPES:  # there they are variables of the scope: `declared`
        lines.inputs += [("=null", name(one)) for one in node.findall(tag("property")) if not placeholder(one)]
    for line in node.findall(tag(_INPUTS)):
        _input(line, lines, known)
    for line in node.findall(tag(_OUTPUTS)):
        _output(line, lines, known)
    return lines


def _input(line: Element, lines: Lines, known: dict[str, Element]) -> None:
    source, target = ends(line, known)
    into = name(target) if target is not None and not placeholder(target) else ""
    store = source is not None and local(source) == "dataStoreReference"
    said = formulas(line) or ([(f"={name(source)}", into)] if source is not None and into else [])
    said = [(formula, to or into or (name(source) if source is not None else "")) for formula, to in said]
    if store and said:
        lines.reads.append((register(source, known), name(source), where(line)))
    lines.inputs += said


def _output(line: Element, lines: Lines, known: dict[str, Element]) -> None:
    source, target = ends(line, known)
    if target is None:
        return
    into = name(target)
    said = formulas(line) or ([(f"={name(source)}", into)] if source is not None else [])
    said = [(formula, to or into) for formula, to in said]
    if local(target) == "dataStoreReference":
        lines.writes += [(register(target, known), formula) for formula, _ in said]
    else:
        lines.outputs += said


def ends(line: Element, known: dict[str, Element]) -> tuple[Element | None, Element | None]:
    """(source, target) of an association, None for one that it does not have."""
    return known.get(ref(text(line, "sourceRef"))), known.get(ref(text(line, "targetRef")))


def formulas(line: Element) -> list[tuple[str, str]]:
    """(FEEL with its '=', target path or '') of an association: its transformation, then its assignments."""
    pairs = [(text(line, "transformation"), "")] if text(line, "transformation") else []
    pairs += [(text(one, "from"), text(one, "to")) for one in line.findall(tag("assignment"))]
    return [(_feel(source), target.lstrip("=").strip()) for source, target in pairs]


def where(line: Element) -> str:
    """FEEL: which rows of a register are read (property `where` of the association)."""
    found = (one.get("value") or "" for one in line.iter(tag("property", ZEEBE)) if one.get("name") == "where")
    return next(found, "")


def name(node: Element) -> str:
    """The variable that an element with data is; a reference has its object's name."""
    if local(node) == "dataObjectReference" and not node.get("name"):
        held = ids(node.getroottree().getroot()).get(ref(node.get("dataObjectRef")))
        return name(held) if held is not None else node.get("id") or ""
    return (node.get("name") or node.get("id") or "").strip()


def placeholder(node: Element) -> bool:
    """Whether a property only gives an association somewhere to end."""
    return node.get("name") == PLACEHOLDER


def register(store: Element, known: dict[str, Element]) -> str:
    """The register that a data store reference means."""
    held = known.get(ref(store.get("dataStoreRef")))
    return store.get("name") or (held.get("name") if held is not None else "") or ref(store.get("dataStoreRef"))


def declared(scope: Element) -> list[str]:
    """Variables that a process or subprocess has from its beginning: its properties, its data inputs and outputs, and
    the data objects that something in it is associated with."""
    own = [one for one in scope if local(one) == "property" and not placeholder(one)]
    io = child(scope, "ioSpecification") if local(scope) == "process" else None
    own += [] if io is None else [one for one in io if local(one) in ("dataInput", "dataOutput")]
    objects = [one for one in scope if local(one) == "dataObjectReference"]
    if objects:
        used = _used(scope.getroottree().getroot())
        own += [one for one in objects if one.get("id") in used]
    return [found for found in dict.fromkeys(name(one) for one in own) if found.isidentifier()]


def _used(root: Element) -> set[str]:
    """Ids that any association or repetition names."""
    lines = (one for line in root.iter(tag(_INPUTS), tag(_OUTPUTS)) for one in line)
    loops = root.iter(tag("loopDataInputRef"), tag("loopDataOutputRef"))
    return {ref(text(one)) for one in [*lines, *loops] if local(one) in _NAMING}


_NAMING = ("sourceRef", "targetRef", "loopDataInputRef", "loopDataOutputRef")


# ---- repetitions ---------------------------------------------------------------------------------------------------


def _collections(node: Element, lines: Lines, known: dict[str, Element]) -> None:
    """A repetition's collection is read and its results are written around the children, not by each of them."""
    many = child(node, "multiInstanceLoopCharacteristics")
    if many is None:
        return
    into, out = child(many, "loopDataInputRef"), child(many, "loopDataOutputRef")
    found = known.get(ref(text(into)))
    if into is not None and found is not None:
        into.text = _around(lines.inputs, name(found))
    found = known.get(ref(text(out)))
    if out is not None and found is not None:
        said = f"={name(found)}"
        out.text = next((to for source, to in lines.outputs if source == said), name(found))
        lines.outputs[:] = [line for line in lines.outputs if line[0] != said]


def _around(inputs: list[tuple[str, str]], target: str) -> str:
    """The expression that a data input is filled from; its line goes."""
    found = next((source for source, to in inputs if to == target), f"={target}")
    inputs[:] = [line for line in inputs if line[1] != target]
    return found


# ---- writing -------------------------------------------------------------------------------------------------------


def _feel(written: str) -> str:
    return written if written.startswith("=") else f"={written}"


def _put(node: Element, lines: Lines) -> None:
    made = list(_elements(lines))
    if not made:
        return
    box = child(node, "extensionElements")
    if box is None:
        box = etree.Element(tag("extensionElements"))
        node.insert(0, box)
    mapping = box.find(tag("ioMapping", ZEEBE))
    if mapping is None:
        mapping = etree.SubElement(box, tag("ioMapping", ZEEBE))
    mapping.extend(made)


def _elements(lines: Lines) -> Iterator[Element]:
    for source, target in lines.inputs:
        yield etree.Element(tag("input", ZEEBE), {"source": source, "target": target})
    for source, target in lines.outputs:
        yield etree.Element(tag("output", ZEEBE), {"source": source, "target": target})
    for store, target, rows in lines.reads:
        yield etree.Element(tag("read", OURS), {"register": store, "target": target, "where": rows})
    for store, source in lines.writes:
        yield etree.Element(tag("write", OURS), {"register": store, "source": source})
