"""From DMN's XML to the plain JSON that the walker evaluates.

Owns the shapes below. What the file holds and the walker could not honour is kept as a note in `Model.refused`, for the
lint to report.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from lxml import etree

from engine.dmn.elements import (
    ASIDE,
    NAMES,
    TYPES,
    every,
    expression,
    expressions,
    first,
    href,
    id_of,
    local,
    name_of,
    requires,
    root_of,
    variable_name,
    variable_type,
)

Json = dict[str, Any]
_AGGREGATIONS = {"SUM", "MIN", "MAX", "COUNT"}
_EXTERNAL = re.compile(r"\bfunction\s*\([^()]*\)\s*external\b")
_HITS = {"UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER"}


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of a file."""

    id: str
    name: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Service:
    """A decision service: ids of what it is given (input data, decisions) and of the decisions it answers with."""

    id: str
    name: str
    line: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


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
    services: dict[str, Service] = field(default_factory=dict)

    def reached(self, node: str) -> list[str]:
        """The nodes that deciding `node` looks at, each after what it requires; of a service no further than its
        inputs, which are not among them."""
        service, found = self.services.get(node), list[str]()
        seen = set(service.inputs if service else ())
        waiting = [(each, False) for each in reversed(service.outputs if service else (node,))]
        while waiting:
            each, done = waiting.pop()
            if done:
                found.append(each)
            elif each not in seen:
                seen.add(each)
                waiting += [(each, True), *((one, False) for one in reversed(self.requires.get(each, ())))]
        return found


def parse(content: bytes) -> Model:
    """Read a file. Raises InvalidFile when it is not a DMN file, or larger than any."""
    return _Reader(root_of(content)).model()


class _Reader:
    """Reads one file; gathers what is refused and every FEEL text on the way."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.refused: list[Refusal] = []
        self.texts: list[Text] = []
        self.services: dict[str, Service] = {}
        self.owner = ""
        self._strangers(root)
        self._language(root)
        self._unknown_types(root)

    def model(self) -> Model:
        nodes = {node["id"]: node for element in self.root for node in self._node(element)}
        types = {each.get("name", ""): self._type(each) for each in every(self.root, "itemDefinition")}
        for each in every(self.root, "import"):
            self._refuse(each, "import", each.get("name") or each.get("namespace") or "")
        source = orjson.dumps({"nodes": nodes, "types": types})
        decisions = {
            id_of(each): Decision(id_of(each), each.get("name", ""), each.sourceline or 0)
            for each in every(self.root, "decision")
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
            services=self.services,
            invocables={node["name"]: node["id"] for node in nodes.values() if node["kind"] in ("bkm", "service")},
        )

    # nodes of the graph

    def _node(self, element: etree._Element) -> Iterator[Json]:
        reader = {
            "inputData": self._input,
            "decision": self._decision,
            "businessKnowledgeModel": self._knowledge,
            "decisionService": self._service,
        }.get(name_of(element))
        if reader is not None:
            self.owner = id_of(element)
            yield {"id": self.owner, "name": variable_name(element), "type": variable_type(element), **reader(element)}

    def _input(self, element: etree._Element) -> Json:
        return {"kind": "input"}

    def _decision(self, element: etree._Element) -> Json:
        return {"kind": "decision", "requires": requires(element), "logic": self._logic(expression(element))}

    def _knowledge(self, element: etree._Element) -> Json:
        logic = first(element, "encapsulatedLogic")
        function = self._function(logic) if logic is not None else {"parameters": [], "body": None, "type": ""}
        return {
            "kind": "bkm",
            "requires": requires(element),
            "parameters": function["parameters"],
            "logic": function["body"],
            "type": function["type"],
        }

    def _service(self, element: etree._Element) -> Json:
        inputs = [href(each) for name in ("inputData", "inputDecision") for each in every(element, name)]
        outputs = [href(each) for each in every(element, "outputDecision")]
        said = element.get("name", ""), element.sourceline or 0
        self.services[self.owner] = Service(self.owner, *said, tuple(inputs), tuple(outputs))
        return {"kind": "service", "inputs": inputs, "outputs": outputs}

    # boxed expressions

    def _logic(self, element: etree._Element | None) -> Json | None:
        if element is None:
            return None
        reader = _EXPRESSIONS.get(name_of(element))
        if reader is None:
            if name_of(element) in NAMES:  # else it is a stranger, and refused as such
                self._refuse(element, "expression", name_of(element))
            return None
        return reader(self, element)

    def _literal(self, element: etree._Element) -> Json:
        return {"is": "literal", "text": self._text(element), "type": local(element.get("typeRef"))}

    def _context(self, element: etree._Element) -> Json:
        entries = []
        for each in every(element, "contextEntry"):
            variable = first(each, "variable")
            name, kind = (
                (variable.get("name", ""), local(variable.get("typeRef"))) if variable is not None else ("", "")
            )
            entries.append({"name": name, "type": kind, "logic": self._logic(expression(each))})
        return {"is": "context", "entries": entries}

    def _list(self, element: etree._Element) -> Json:
        return {"is": "list", "items": [self._logic(each) for each in expressions(element)]}

    def _relation(self, element: etree._Element) -> Json:
        columns = [each.get("name", "") for each in every(element, "column")]
        rows = [[self._logic(cell) for cell in expressions(row)] for row in every(element, "row")]
        if any(len(row) != len(columns) for row in rows):
            self._refuse(element, "relation", "")
        return {"is": "relation", "columns": columns, "rows": rows}

    def _function(self, element: etree._Element) -> Json:
        kind = element.get("kind", "FEEL")
        if kind != "FEEL":
            self._refuse(element, "function-kind", kind)
        parameters = [
            {"name": each.get("name", ""), "type": local(each.get("typeRef"))}
            for each in every(element, "formalParameter")
        ]
        return {
            "is": "function",
            "parameters": parameters,
            "body": self._logic(expression(element)) if kind == "FEEL" else None,
            "type": local(element.get("typeRef")),
        }

    def _invocation(self, element: etree._Element) -> Json:
        bindings = []
        for each in every(element, "binding"):
            parameter = first(each, "parameter")
            name = parameter.get("name", "") if parameter is not None else ""
            bindings.append({"name": name, "logic": self._logic(expression(each))})
        return {"is": "invocation", "target": self._logic(expression(element)), "bindings": bindings}

    def _conditional(self, element: etree._Element) -> Json:
        parts = {"condition": "if", "then": "then", "otherwise": "else"}
        return {"is": "conditional"} | {ours: self._inside(element, theirs) for ours, theirs in parts.items()}

    def _filter(self, element: etree._Element) -> Json:
        return {"is": "filter", "source": self._inside(element, "in"), "match": self._inside(element, "match")}

    def _iterator(self, element: etree._Element) -> Json:
        way = name_of(element)
        body = self._inside(element, "return" if way == "for" else "satisfies")
        variable = element.get("iteratorVariable", "item")
        return {"is": "iterator", "way": way, "variable": variable, "source": self._inside(element, "in"), "body": body}

    def _inside(self, element: etree._Element, name: str) -> Json | None:
        holder = first(element, name)
        return self._logic(expression(holder)) if holder is not None else None

    def _table(self, element: etree._Element) -> Json:
        hit = element.get("hitPolicy", "UNIQUE")
        if hit not in _HITS:
            self._refuse(element, "hit-policy", hit)
        aggregation = element.get("aggregation", "")
        if aggregation and (aggregation not in _AGGREGATIONS or hit != "COLLECT"):
            self._refuse(element, "aggregation", aggregation)
        inputs = [self._table_input(each) for each in every(element, "input")]
        outputs = [self._table_output(each) for each in every(element, "output")]
        rules = [self._rule(each, len(inputs), len(outputs)) for each in every(element, "rule")]
        if aggregation not in ("", "COUNT") and len(outputs) > 1:
            self._refuse(element, "aggregation-outputs", aggregation)
        return {
            "is": "table",
            "line": element.sourceline or 0,
            "hit": hit,
            "aggregation": aggregation,
            "inputs": inputs,
            "outputs": outputs,
            "rules": rules,
        }

    def _table_input(self, element: etree._Element) -> Json:
        holder = first(element, "inputExpression")
        return {
            "text": self._text(holder) if holder is not None else "",
            "allowed": self._text(first(element, "inputValues"), unary=True),
            "type": local(holder.get("typeRef")) if holder is not None else "",
            "label": element.get("label", ""),
        }

    def _table_output(self, element: etree._Element) -> Json:
        return {
            "name": element.get("name", ""),
            "allowed": self._text(first(element, "outputValues"), unary=True),
            "fallback": self._text(first(element, "defaultOutputEntry")),
            "type": local(element.get("typeRef")),
            "label": element.get("label", ""),
        }

    def _rule(self, element: etree._Element, inputs: int, outputs: int) -> Json:
        tests = [self._text(each, unary=True) for each in every(element, "inputEntry")]
        results = [self._text(each) for each in every(element, "outputEntry")]
        if len(tests) != inputs or len(results) != outputs:
            self._refuse(element, "rule", "")
        return {"id": element.get("id", ""), "line": element.sourceline or 0, "tests": tests, "outputs": results}

    # types

    def _type(self, element: etree._Element) -> Json:
        components = [{"name": each.get("name", ""), **self._type(each)} for each in every(element, "itemComponent")]
        base = first(element, "typeRef")
        return {
            "list": element.get("isCollection") == "true",
            "callable": first(element, "functionItem") is not None,
            "components": components or None,
            "base": local(base.text if base is not None else element.get("typeRef")),
            "allowed": self._text(first(element, "allowedValues"), unary=True),
            "constraint": self._text(first(element, "typeConstraint"), unary=True),  # of the value as a whole (DMN 1.5)
        }

    # notes

    def _strangers(self, element: etree._Element) -> None:
        """Elements of DMN's namespace that no version has: nothing in a file is passed over in silence."""
        for child in element:
            if name_of(child) in ASIDE or not isinstance(child.tag, str):
                continue
            if etree.QName(child).namespace != etree.QName(self.root).namespace or name_of(child) not in NAMES:
                self._refuse(child, "element", name_of(child))
            else:
                self._strangers(child)

    def _unknown_types(self, root: etree._Element) -> None:
        """Types that neither FEEL nor the file has."""
        known = TYPES | {each.get("name", "") for each in every(root, "itemDefinition")}
        imported = tuple(f"{each.get('name')}." for each in every(root, "import"))  # refused as imports
        for element in root.iter("{*}*"):
            name = element.text if name_of(element) == "typeRef" else element.get("typeRef")
            if local(name) and local(name) not in known and not local(name).startswith(imported):
                self._refuse(element, "unknown-type", local(name))

    def _language(self, element: etree._Element) -> None:
        language = element.get("expressionLanguage", "")
        if language and "feel" not in language.lower():
            self._refuse(element, "language", language)

    def _text(self, element: etree._Element | None, *, unary: bool = False) -> str:
        """The FEEL text inside an element, noted for the lint."""
        holder = first(element, "text") if element is not None else None
        text = "".join(holder.itertext()).strip() if holder is not None else ""
        if element is not None:
            self._language(element)
        if _EXTERNAL.search(text):
            self._refuse(holder, "function-kind", "external")  # type: ignore[arg-type]
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
