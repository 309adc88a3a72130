"""DMN XML to a model.

Owns reading: namespaces of every version, bounded size and depth, no entities. Must not evaluate anything. What it
cannot read raises InvalidFile with the line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from engine.dmn.model import (
    Context,
    Decision,
    Entry,
    Expression,
    Function,
    Input,
    Invocation,
    Listing,
    Literal,
    Model,
    Output,
    Relation,
    Rule,
    Table,
)
from engine.errors import InvalidFile

LARGEST = 10_000_000  # bytes of a file
NAMESPACES = (
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",  # 1.1
    "http://www.omg.org/spec/DMN/20180521/MODEL/",  # 1.2
    "https://www.omg.org/spec/DMN/20191111/MODEL/",  # 1.3
    "https://www.omg.org/spec/DMN/20211108/MODEL/",  # 1.4
    "https://www.omg.org/spec/DMN/20230324/MODEL/",  # 1.5
)


def read(content: bytes, file: str = "") -> Any:
    """The root element. Raises InvalidFile for what is no DMN file."""
    if len(content) > LARGEST:
        raise InvalidFile(name=file, reason=f"larger than {LARGEST} bytes")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as problem:
        raise InvalidFile(name=file, reason=str(problem)) from problem
    if root.getroottree().docinfo.doctype:
        raise InvalidFile(name=file, reason="a DOCTYPE is not allowed")
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in NAMESPACES:
        raise InvalidFile(name=file, reason="not a DMN file (1.1 to 1.5)")
    return root


def parse(content: bytes, file: str = "") -> Model:
    """The model of a file. Raises InvalidFile."""
    root = read(content, file)
    decisions = [_decision(n, file) for n in _all(root, "decision")]
    knowledge = [_knowledge(n, file) for n in _all(root, "businessKnowledgeModel")]
    inputs = {n.get("id", ""): _variable(n) for n in _all(root, "inputData")}
    return Model(root.get("name", ""), {d.id: d for d in decisions}, {k.id: k for k in knowledge}, inputs)


def local(node: Any) -> str:
    """An element's name without its namespace; '' for comments."""
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def _all(node: Any, name: str) -> list[Any]:
    return [child for child in node if local(child) == name]


def _one(node: Any, name: str) -> Any:
    return next(iter(_all(node, name)), None)


def _text(node: Any, name: str = "text") -> str:
    part = _one(node, name) if node is not None else None
    return "".join(part.itertext()).strip() if part is not None else ""


def _variable(node: Any) -> str:
    variable = _one(node, "variable")
    name = variable.get("name") if variable is not None else None
    return " ".join((name or node.get("name") or node.get("id") or "").split())


def _decision(node: Any, file: str) -> Decision:
    needs = [_reference(r, "requiredDecision") for r in _all(node, "informationRequirement")]
    inputs = [_reference(r, "requiredInput") for r in _all(node, "informationRequirement")]
    return Decision(
        id=node.get("id") or node.get("name", ""),
        name=_variable(node),
        logic=_logic(node, file),
        needs=tuple(filter(None, needs)),
        knows=_knows(node),
        inputs=tuple(filter(None, inputs)),
        line=node.sourceline or 0,
    )


def _knowledge(node: Any, file: str) -> Decision:
    logic = _one(node, "encapsulatedLogic")
    function = _function(logic, file) if logic is not None else None
    return Decision(node.get("id", ""), _variable(node), function, knows=_knows(node), line=node.sourceline or 0)


def _knows(node: Any) -> tuple[str, ...]:
    found = (_reference(r, "requiredKnowledge") for r in _all(node, "knowledgeRequirement"))
    return tuple(filter(None, found))


def _reference(node: Any, name: str) -> str:
    part = _one(node, name)
    return (part.get("href") or "").rpartition("#")[2] if part is not None else ""


# ---- expressions


def _logic(node: Any, file: str) -> Expression | None:
    """The one expression among an element's children, None when it has none."""
    found = [child for child in node if local(child) in _READERS]
    return _expression(found[0], file) if found else None


def _expression(node: Any, file: str) -> Expression:
    return _READERS[local(node)](node, file)


def _needed(node: Any, file: str) -> Expression:
    logic = _logic(node, file)
    if logic is None:
        raise InvalidFile(name=file, reason=f"line {node.sourceline}: {local(node)} has no expression")
    return logic


def _literal(node: Any, file: str) -> Literal:
    language = node.get("expressionLanguage", "")
    if language and "feel" not in language.lower() and "FEEL" not in language:
        raise InvalidFile(name=file, reason=f"line {node.sourceline}: expression language {language} is not FEEL")
    return Literal(_text(node))


def _context(node: Any, file: str) -> Context:
    entries = []
    for part in _all(node, "contextEntry"):
        name = _variable(part) if _one(part, "variable") is not None else ""
        entries.append(Entry(name, _needed(part, file)))
    return Context(tuple(entries))


def _list(node: Any, file: str) -> Listing:
    return Listing(tuple(_expression(child, file) for child in node if local(child) in _READERS))


def _relation(node: Any, file: str) -> Relation:
    rows = (tuple(_expression(c, file) for c in row if local(c) in _READERS) for row in _all(node, "row"))
    return Relation(tuple(c.get("name", "") for c in _all(node, "column")), tuple(rows))


def _function(node: Any, file: str) -> Function:
    if node.get("kind", "FEEL") != "FEEL":
        raise InvalidFile(name=file, reason=f"line {node.sourceline}: a function of kind {node.get('kind')} cannot run")
    names = tuple(" ".join(p.get("name", "").split()) for p in _all(node, "formalParameter"))
    return Function(names, _needed(node, file))


def _invocation(node: Any, file: str) -> Invocation:
    bindings = []
    for part in _all(node, "binding"):
        parameter = _one(part, "parameter")
        bindings.append(Entry(parameter.get("name", "") if parameter is not None else "", _needed(part, file)))
    return Invocation(_literal(_one(node, "literalExpression"), file), tuple(bindings))


def _table(node: Any, file: str) -> Table:
    return Table(
        policy=node.get("hitPolicy", "UNIQUE"),
        aggregation=node.get("aggregation", ""),
        inputs=tuple(_input(n) for n in _all(node, "input")),
        outputs=tuple(_output(n) for n in _all(node, "output")),
        rules=tuple(_rule(n) for n in _all(node, "rule")),
    )


def _input(node: Any) -> Input:
    return Input(node.get("label", ""), _text(_one(node, "inputExpression")), _text(_one(node, "inputValues")))


def _output(node: Any) -> Output:
    default = _text(_one(node, "defaultOutputEntry"))
    return Output(node.get("name") or "", _text(_one(node, "outputValues")), default)


def _rule(node: Any) -> Rule:
    return Rule(
        id=node.get("id", ""),
        tests=tuple(_text(n) for n in _all(node, "inputEntry")),
        outputs=tuple(_text(n) for n in _all(node, "outputEntry")),
        note=" / ".join(_text(n) for n in _all(node, "annotationEntry")),
    )


_READERS: dict[str, Callable[[Any, str], Expression]] = {
    "literalExpression": _literal,
    "context": _context,
    "list": _list,
    "relation": _relation,
    "functionDefinition": _function,
    "invocation": _invocation,
    "decisionTable": _table,
}
