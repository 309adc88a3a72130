"""From DMN's XML to the plain JSON that the walker evaluates.

Owns safe parsing (no entities, no network, bounded size and depth) and the shapes below. All versions from 1.1 on are
read by local names. What the file holds and the walker could not honour is kept as a note in `Model.refused`, for the
lint to report.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from lxml import etree

from engine.errors import InvalidFile, Said

LARGEST = 5_000_000  # bytes
DEEPEST = 120  # elements within elements
MOST = 200_000  # elements

Json = dict[str, Any]
_HITS = {"UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER"}


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of a file."""

    id: str
    name: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something the walker cannot honour."""

    element: str
    line: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Text:
    """One FEEL text of a file, for the lint."""

    element: str
    line: int
    text: str
    unary: bool


@dataclass(frozen=True)
class Model:
    """A whole file. `source` is the walker's JSON, `key` its digest."""

    id: str
    name: str
    namespace: str
    decisions: dict[str, Decision]
    source: bytes
    key: str
    refused: tuple[Refusal, ...] = ()
    texts: tuple[Text, ...] = ()
    requires: dict[str, tuple[str, ...]] = field(default_factory=dict)
    invocables: dict[str, str] = field(default_factory=dict)  # name of a knowledge model or decision service -> its id


def parse(content: bytes) -> Model:
    """Read a file. Raises InvalidFile when it is not a DMN file, or larger than any."""
    return _Reader(_root(content)).model()


def _root(content: bytes) -> etree._Element:
    if len(content) > LARGEST:
        raise InvalidFile(name="dmn", reason=Said(f"文件大于 {LARGEST} 字节", f"larger than {LARGEST} bytes"))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise InvalidFile(name="dmn", reason=Said(f"不是 XML:{problem}", f"not XML: {problem}")) from problem
    if root.getroottree().docinfo.doctype:
        raise InvalidFile(name="dmn", reason=Said("不允许 DOCTYPE", "a document type is not allowed"))
    if _name(root) != "definitions" or "/DMN/" not in (etree.QName(root).namespace or ""):
        raise InvalidFile(name="dmn", reason=Said("不是 DMN 文件", "not a DMN file"))
    _bounded(root)
    return root


def _bounded(root: etree._Element) -> None:
    depth = 0
    for count, (event, _) in enumerate(etree.iterwalk(root, events=("start", "end"))):
        depth += 1 if event == "start" else -1
        if depth > DEEPEST or count > 2 * MOST:
            raise InvalidFile(name="dmn", reason=Said("嵌套过深或元素过多", "nested too deeply or too many elements"))


class _Reader:
    """Reads one file; gathers what is refused and every FEEL text on the way."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.refused: list[Refusal] = []
        self.texts: list[Text] = []
        self.owner = ""

    def model(self) -> Model:
        nodes = {node["id"]: node for element in self.root for node in self._node(element)}
        types = {each.get("name", ""): self._type(each) for each in _all(self.root, "itemDefinition")}
        for each in _all(self.root, "import"):
            self._refuse(each, "import", each.get("name") or each.get("namespace") or "")
        source = orjson.dumps({"nodes": nodes, "types": types})
        decisions = {
            _id(each): Decision(_id(each), each.get("name", ""), each.sourceline or 0)
            for each in _all(self.root, "decision")
        }
        return Model(
            id=self.root.get("id", ""),
            name=self.root.get("name", ""),
            namespace=self.root.get("namespace", ""),
            decisions=decisions,
            source=source,
            key=hashlib.sha256(source).hexdigest(),
            refused=tuple(self.refused),
            texts=tuple(self.texts),
            requires={node["id"]: tuple(node.get("requires", ())) for node in nodes.values()},
            invocables={node["name"]: node["id"] for node in nodes.values() if node["kind"] in ("bkm", "service")},
        )

    # nodes of the graph

    def _node(self, element: etree._Element) -> Iterator[Json]:
        reader = {
            "inputData": self._input,
            "decision": self._decision,
            "businessKnowledgeModel": self._knowledge,
            "decisionService": self._service,
        }.get(_name(element))
        if reader is not None:
            self.owner = _id(element)
            yield {"id": self.owner, "name": _variable(element), "type": _variable_type(element), **reader(element)}

    def _input(self, element: etree._Element) -> Json:
        return {"kind": "input"}

    def _decision(self, element: etree._Element) -> Json:
        return {"kind": "decision", "requires": _requires(element), "logic": self._logic(_expression(element))}

    def _knowledge(self, element: etree._Element) -> Json:
        logic = _child(element, "encapsulatedLogic")
        function = self._function(logic) if logic is not None else {"parameters": [], "body": None, "type": ""}
        return {
            "kind": "bkm",
            "requires": _requires(element),
            "parameters": function["parameters"],
            "logic": function["body"],
            "type": function["type"],
        }

    def _service(self, element: etree._Element) -> Json:
        inputs = [_href(each) for name in ("inputData", "inputDecision") for each in _all(element, name)]
        outputs = [_href(each) for each in _all(element, "outputDecision")]
        return {"kind": "service", "inputs": inputs, "outputs": outputs}

    # boxed expressions

    def _logic(self, element: etree._Element | None) -> Json | None:
        if element is None:
            return None
        reader = _EXPRESSIONS.get(_name(element))
        if reader is None:
            self._refuse(element, "expression", _name(element))
            return None
        return reader(self, element)

    def _literal(self, element: etree._Element) -> Json:
        language = element.get("expressionLanguage", "")
        if language and "feel" not in language.lower():
            self._refuse(element, "language", language)
        return {"is": "literal", "text": self._text(element), "type": _local(element.get("typeRef"))}

    def _context(self, element: etree._Element) -> Json:
        entries = []
        for each in _all(element, "contextEntry"):
            variable = _child(each, "variable")
            name, kind = (
                (variable.get("name", ""), _local(variable.get("typeRef"))) if variable is not None else ("", "")
            )
            entries.append({"name": name, "type": kind, "logic": self._logic(_expression(each))})
        return {"is": "context", "entries": entries}

    def _list(self, element: etree._Element) -> Json:
        return {"is": "list", "items": [self._logic(each) for each in _expressions(element)]}

    def _relation(self, element: etree._Element) -> Json:
        columns = [each.get("name", "") for each in _all(element, "column")]
        rows = [[self._logic(cell) for cell in _expressions(row)] for row in _all(element, "row")]
        if any(len(row) != len(columns) for row in rows):
            self._refuse(element, "relation", "")
        return {"is": "relation", "columns": columns, "rows": rows}

    def _function(self, element: etree._Element) -> Json:
        kind = element.get("kind", "FEEL")
        if kind != "FEEL":
            self._refuse(element, "function-kind", kind)
        parameters = [
            {"name": each.get("name", ""), "type": _local(each.get("typeRef"))}
            for each in _all(element, "formalParameter")
        ]
        return {
            "is": "function",
            "parameters": parameters,
            "body": self._logic(_expression(element)) if kind == "FEEL" else None,
            "type": _local(element.get("typeRef")),
        }

    def _invocation(self, element: etree._Element) -> Json:
        bindings = []
        for each in _all(element, "binding"):
            parameter = _child(each, "parameter")
            name = parameter.get("name", "") if parameter is not None else ""
            bindings.append({"name": name, "logic": self._logic(_expression(each))})
        return {"is": "invocation", "target": self._logic(_expression(element)), "bindings": bindings}

    def _conditional(self, element: etree._Element) -> Json:
        parts = {"condition": "if", "then": "then", "otherwise": "else"}
        return {"is": "conditional"} | {ours: self._inside(element, theirs) for ours, theirs in parts.items()}

    def _filter(self, element: etree._Element) -> Json:
        return {"is": "filter", "source": self._inside(element, "in"), "match": self._inside(element, "match")}

    def _iterator(self, element: etree._Element) -> Json:
        way = _name(element)
        body = self._inside(element, "return" if way == "for" else "satisfies")
        variable = element.get("iteratorVariable", "item")
        return {"is": "iterator", "way": way, "variable": variable, "source": self._inside(element, "in"), "body": body}

    def _inside(self, element: etree._Element, name: str) -> Json | None:
        holder = _child(element, name)
        return self._logic(_expression(holder)) if holder is not None else None

    def _table(self, element: etree._Element) -> Json:
        hit = element.get("hitPolicy", "UNIQUE")
        if hit not in _HITS:
            self._refuse(element, "hit-policy", hit)
        inputs = [self._table_input(each) for each in _all(element, "input")]
        outputs = [self._table_output(each) for each in _all(element, "output")]
        rules = [self._rule(each, len(inputs), len(outputs)) for each in _all(element, "rule")]
        return {
            "is": "table",
            "hit": hit,
            "aggregation": element.get("aggregation", ""),
            "inputs": inputs,
            "outputs": outputs,
            "rules": rules,
        }

    def _table_input(self, element: etree._Element) -> Json:
        expression = _child(element, "inputExpression")
        return {
            "text": self._text(expression) if expression is not None else "",
            "allowed": self._text(_child(element, "inputValues"), unary=True),
        }

    def _table_output(self, element: etree._Element) -> Json:
        return {
            "name": element.get("name", ""),
            "allowed": self._text(_child(element, "outputValues"), unary=True),
            "fallback": self._text(_child(element, "defaultOutputEntry")),
        }

    def _rule(self, element: etree._Element, inputs: int, outputs: int) -> Json:
        tests = [self._text(each, unary=True) for each in _all(element, "inputEntry")]
        results = [self._text(each) for each in _all(element, "outputEntry")]
        if len(tests) != inputs or len(results) != outputs:
            self._refuse(element, "rule", "")
        return {"id": element.get("id", ""), "tests": tests, "outputs": results}

    # types

    def _type(self, element: etree._Element) -> Json:
        components = [{"name": each.get("name", ""), **self._type(each)} for each in _all(element, "itemComponent")]
        allowed = _child(element, "allowedValues")
        base = _child(element, "typeRef")
        return {
            "list": element.get("isCollection") == "true",
            "callable": _child(element, "functionItem") is not None,
            "components": components or None,
            "base": _local(base.text if base is not None else element.get("typeRef")),
            "allowed": self._text(allowed, unary=True) if allowed is not None else "",
        }

    # notes

    def _text(self, element: etree._Element | None, *, unary: bool = False) -> str:
        """The FEEL text inside an element, noted for the lint."""
        holder = _child(element, "text") if element is not None else None
        text = "".join(holder.itertext()).strip() if holder is not None else ""
        if text and not (unary and text == "-"):
            self.texts.append(Text(self.owner, holder.sourceline or 0, text, unary))  # type: ignore[union-attr]
        return text

    def _refuse(self, element: etree._Element, code: str, detail: str) -> None:
        self.refused.append(Refusal(element.get("id") or self.owner, element.sourceline or 0, code, detail))


_EXPRESSIONS: dict[str, Callable[[_Reader, etree._Element], Json]] = {
    "literalExpression": _Reader._literal,
    "decisionTable": _Reader._table,
    "context": _Reader._context,
    "list": _Reader._list,
    "relation": _Reader._relation,
    "functionDefinition": _Reader._function,
    "invocation": _Reader._invocation,
    "conditional": _Reader._conditional,
    "filter": _Reader._filter,
    "for": _Reader._iterator,
    "every": _Reader._iterator,
    "some": _Reader._iterator,
}
_ABOUT = {
    "allowedAnswers",
    "authorityRequirement",
    "description",
    "extensionElements",
    "question",
    "typeRef",
    "variable",
}
_ABOUT |= {"decisionMaker", "decisionOwner", "impactedPerformanceIndicator", "supportedObjective", "usingProcess"}
_ABOUT |= {"binding", "column", "contextEntry", "formalParameter", "parameter", "row", "usingTask"}
_ABOUT |= {"informationRequirement", "knowledgeRequirement"}


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _id(element: etree._Element) -> str:
    """Its id; its name where a file of an early version has none."""
    return element.get("id") or element.get("name", "")


def _all(element: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in element if _name(child) == name]


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return next((child for child in element if _name(child) == name), None)


def _expressions(element: etree._Element) -> list[etree._Element]:
    return [child for child in element if _name(child) and _name(child) not in _ABOUT]


def _expression(element: etree._Element) -> etree._Element | None:
    return next(iter(_expressions(element)), None)


def _variable(element: etree._Element) -> str:
    variable = _child(element, "variable")
    return (variable.get("name") if variable is not None else None) or element.get("name", "")


def _variable_type(element: etree._Element) -> str:
    variable = _child(element, "variable")
    return _local(variable.get("typeRef")) if variable is not None else ""


def _requires(element: etree._Element) -> list[str]:
    wanted = ("requiredInput", "requiredDecision", "requiredKnowledge")
    holders = _all(element, "informationRequirement") + _all(element, "knowledgeRequirement")
    return [_href(each) for holder in holders for each in holder if _name(each) in wanted]


def _href(element: etree._Element) -> str:
    return element.get("href", "").rpartition("#")[2]


def _local(name: str | None) -> str:
    """A type's name without its prefix (`feel:number`)."""
    return (name or "").rpartition(":")[2].strip()
