"""What a decision wants to know, for whoever tries it out: names with their types and the values its rules speak of.

Owns reading that from a file, drafts included. Decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lxml import etree

from engine.dmn.elements import root_of
from engine.dmn.reading import Model
from engine.dmn.tables import declared
from engine.expressions import feel

MOST_CHOICES = 40
_PATH = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_SPOKEN = {
    "date and time": "dateTime",
    "days and time duration": "dayTimeDuration",
    "years and months duration": "yearMonthDuration",
    "integer": "number",
    "long": "number",
    "double": "number",
}
_TYPES = {"string", "boolean", "number", "date", "time", "dateTime", "dayTimeDuration", "yearMonthDuration"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One input: a variable, or a path into one (`person.age`). `type`: a FEEL type's name, '' when nobody says.
    `choices`: texts that the rules compare it with."""

    name: str
    label: str
    type: str
    choices: tuple[str, ...] = ()


def asked(model: Model, content: bytes, decision: str) -> list[Asked]:
    """The inputs of a decision and of all it requires, or of a decision service, in the file's order. `content`: what
    `model` was read of."""
    root = root_of(content)
    wanted = set(model.reached(decision))
    given = set(model.services[decision].inputs) if decision in model.services else set[str]()
    nodes = {_id(each): each for each in root if _id(each) in wanted | given}
    data = {key for key, each in nodes.items() if key in given or _kind(each) == "inputData"}
    computed = {name for key, each in nodes.items() if key not in data for name in _names(each)}
    found: dict[str, Asked] = {}
    for one in (one for key, each in nodes.items() for one in ([_of_data(each)] if key in data else _of_table(each))):
        if one.name.partition(".")[0] not in computed:
            found.setdefault(one.name, one)
    known = {name.partition(".")[0] for name in found} | computed
    for name in sorted(_free(model, wanted) - known):
        found[name] = Asked(name, name, "")
    types = declared(model)
    return [_declared(one, *types.get(one.name, ("", ""))) for one in found.values()]


def _declared(one: Asked, kind: str, allowed: str) -> Asked:
    """With what a type of the file says of it."""
    choices = one.choices or tuple(_STRING.findall(allowed))[:MOST_CHOICES]
    return replace(one, type=one.type or _type(kind), choices=choices)


def _of_table(element: etree._Element) -> Iterator[Asked]:
    """The columns of a decision table that look at a variable or a path into one."""
    for table in element.iterfind("{*}decisionTable"):
        for column, head in enumerate(table.iterfind("{*}input")):
            expression = head.find("{*}inputExpression")
            text = (expression.findtext("{*}text") or "").strip() if expression is not None else ""
            if expression is not None and _PATH.fullmatch(text):
                kind = _type(expression.get("typeRef"))
                yield Asked(text, head.get("label") or text, kind, _choices(table, head, column))


def _choices(table: etree._Element, head: etree._Element, column: int) -> tuple[str, ...]:
    texts = [head.findtext("{*}inputValues/{*}text") or ""]
    for rule in table.iterfind("{*}rule"):
        entries = rule.findall("{*}inputEntry")
        texts.append((entries[column].findtext("{*}text") or "") if column < len(entries) else "")
    return tuple(dict.fromkeys(word for text in texts for word in _STRING.findall(text)))[:MOST_CHOICES]


def _of_data(element: etree._Element) -> Asked:
    """Input data of the graph, or a decision that a service is given: its variable."""
    variable = element.find("{*}variable")
    name = (variable.get("name") if variable is not None else None) or element.get("name", "")
    return Asked(name, element.get("name", name), _type(variable.get("typeRef") if variable is not None else ""))


def _names(element: etree._Element) -> set[str]:
    """What a decision or a model is called in expressions."""
    return {element.get("name", ""), *(each.get("name", "") for each in element.iterfind("{*}variable"))}


def _free(model: Model, wanted: set[str]) -> set[str]:
    names: set[str] = set()
    for text in model.texts:
        if text.element in wanted and feel.check(text.text, unary=text.unary) is None and not text.unary:
            names |= feel.names(text.text)
    return names


def _type(name: str | None) -> str:
    found = (name or "").rpartition(":")[2].strip()
    found = _SPOKEN.get(found, found)
    return found if found in _TYPES else ""


def _kind(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _id(element: etree._Element) -> str:
    return (element.get("id") or element.get("name", "")) if _kind(element) else ""
