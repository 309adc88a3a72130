"""DMN's XML: read safely (no entities, no network, bounded size and depth), asked by local names, so that every version
from 1.1 on reads alike.

Owns the names of all elements that some version has. What they mean is `reading`'s.
"""

from __future__ import annotations

from lxml import etree

from engine import parsers
from engine.errors import InvalidFile, Said

LARGEST = 5_000_000  # bytes
DEEPEST = 120  # elements within elements
MOST = 200_000  # elements

EXPRESSIONS = {"literalExpression", "decisionTable", "context", "list", "relation", "functionDefinition", "invocation"}
EXPRESSIONS |= {"conditional", "filter", "for", "every", "some"}
ABOUT = {
    "allowedAnswers",
    "authorityRequirement",
    "description",
    "extensionElements",
    "question",
    "typeRef",
    "variable",
}
ABOUT |= {"decisionMaker", "decisionOwner", "impactedPerformanceIndicator", "supportedObjective", "usingProcess"}
ABOUT |= {"binding", "column", "contextEntry", "formalParameter", "parameter", "row", "usingTask"}
ABOUT |= {"informationRequirement", "knowledgeRequirement"}

ASIDE = {"extensionElements", "DMNDI"}  # others' settings and the drawing: kept in the file, no part of the logic
NAMES = {
    *EXPRESSIONS,
    *ABOUT,
    "import",
    "itemDefinition",
    "itemComponent",
    "functionItem",
    "parameters",
    "allowedValues",
}
NAMES |= {"typeConstraint", "inputData", "decision", "businessKnowledgeModel", "decisionService", "encapsulatedLogic"}
NAMES |= {"knowledgeSource", "elementCollection", "businessContextElement", "performanceIndicator", "organizationUnit"}
NAMES |= {
    "association",
    "textAnnotation",
    "artifact",
    "group",
    "sourceRef",
    "targetRef",
    "drgElement",
    "text",
    "importedValues",
}
NAMES |= {"importedElement", "requiredInput", "requiredDecision", "requiredKnowledge", "requiredAuthority"}
NAMES |= {"outputDecision", "encapsulatedDecision", "inputDecision", "type", "owner", "locationURI", "annotation"}
NAMES |= {"input", "inputExpression", "inputValues", "output", "outputValues", "defaultOutputEntry", "rule"}
NAMES |= {"inputEntry", "outputEntry", "annotationEntry", "in", "match", "return", "satisfies", "if", "then", "else"}
NAMES |= {"impactingDecision", "decisionMade", "decisionOwned", "calledFunction", "expression"}

TYPES = {
    "number",
    "string",
    "boolean",
    "date",
    "time",
    "date and time",
    "dateTime",
    "context",
    "list",
    "function",
    "Any",
    "any",
}
TYPES |= {
    "days and time duration",
    "dayTimeDuration",
    "years and months duration",
    "yearMonthDuration",
    "Null",
    "range",
}
TYPES |= {"integer", "long", "double"}  # Camunda 7's numbers


def root_of(content: bytes) -> etree._Element:
    """The file as an XML tree, safely read. InvalidFile as `parse`."""
    if len(content) > LARGEST:
        raise InvalidFile(name="dmn", reason=Said(f"文件大于 {LARGEST} 字节", f"larger than {LARGEST} bytes"))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise InvalidFile(name="dmn", reason=parsers.said(problem)) from problem
    if root.getroottree().docinfo.doctype:
        raise InvalidFile(name="dmn", reason=Said("不允许 DOCTYPE", "a document type is not allowed"))
    if name_of(root) != "definitions" or "/DMN/" not in (etree.QName(root).namespace or ""):
        raise InvalidFile(name="dmn", reason=Said("不是 DMN 文件", "not a DMN file"))
    _bounded(root)
    return root


def _bounded(root: etree._Element) -> None:
    depth = 0
    for count, (event, _) in enumerate(etree.iterwalk(root, events=("start", "end"))):
        depth += 1 if event == "start" else -1
        if depth > DEEPEST or count > 2 * MOST:
            raise InvalidFile(name="dmn", reason=Said("嵌套过深或元素过多", "nested too deeply or too many elements"))


def name_of(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def id_of(element: etree._Element) -> str:
    """Its id; its name where a file of an early version has none."""
    return element.get("id") or element.get("name", "")


def every(element: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in element if name_of(child) == name]


def first(element: etree._Element, name: str) -> etree._Element | None:
    return next((child for child in element if name_of(child) == name), None)


def expressions(element: etree._Element) -> list[etree._Element]:
    return [child for child in element if name_of(child) and name_of(child) not in ABOUT]


def expression(element: etree._Element) -> etree._Element | None:
    return next(iter(expressions(element)), None)


def variable_name(element: etree._Element) -> str:
    variable = first(element, "variable")
    return (variable.get("name") if variable is not None else None) or element.get("name", "")


def variable_type(element: etree._Element) -> str:
    variable = first(element, "variable")
    return local(variable.get("typeRef")) if variable is not None else ""


def requires(element: etree._Element) -> list[str]:
    wanted = ("requiredInput", "requiredDecision", "requiredKnowledge")
    holders = every(element, "informationRequirement") + every(element, "knowledgeRequirement")
    return [href(each) for holder in holders for each in holder if name_of(each) in wanted]


def href(element: etree._Element) -> str:
    return element.get("href", "").rpartition("#")[2]


def local(name: str | None) -> str:
    """A type's name without its prefix (`feel:number`)."""
    return (name or "").rpartition(":")[2].strip()
