"""Choices: an exclusive or inclusive gateway without a default has a way out for every value that can come.

Owns the analysis of conditions over one variable whose values are known: numbers compared with numbers, a truth value,
the options of a form's field. Each condition is evaluated for a value of each kind; one for which none holds is told.
Where the values are not known, or several variables meet, nothing is claimed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from engine.bpmn.lint.document import Document, name_of
from engine.bpmn.model import Catalogue
from engine.bpmn.xml import Element, local, text
from engine.errors import ExpressionFailed
from engine.expressions import feel

MOST = 40  # ways out of a gateway that is looked through
_NUMBER = re.compile(r"(?<![\w.\"])-?\d+(?:\.\d+)?(?![\w.\"])")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_PLAIN = re.compile(r'[\w\s.<>=!()\-,\[\]"]+')  # no calls, paths or arithmetic that would make other values
_CALLS = re.compile(r"\b(?!(?:not|and|or|in)\b)\w+\s*\(")
_NOW, _ZONE = datetime(2000, 1, 1), ZoneInfo("UTC")
_BRINGERS = ("serviceTask", "receiveTask", "sendTask", "businessRuleTask")


def check(document: Document, catalogue: Catalogue) -> None:
    """Everything of this module."""
    offered = _offered(document, catalogue)
    for node in document.nodes:
        flows = document.outgoing(node)
        asks = local(node) in ("exclusiveGateway", "inclusiveGateway") and not node.get("default")
        if asks and 1 < len(flows) <= MOST:
            _way_out(document, node, [text(flow, "conditionExpression") for flow in flows], offered)


def _offered(document: Document, catalogue: Catalogue) -> dict[str, tuple[Any, ...]]:
    """Variables that only forms of this file fill, with the values that these offer."""
    found: dict[str, set[Any]] = {}
    for node in document.nodes:
        for key, values in catalogue.choices.get(document.settings(node).form, {}).items():
            found.setdefault(key, set()).update(values)
    written = _written(document)
    if "" in written:
        return {}
    return {key: tuple(sorted(values, key=str)) for key, values in found.items() if key not in written}


def _written(document: Document) -> set[str]:
    """Names that something else than a form may set; '' among them when something sets names that nobody can know."""
    names: set[str] = set()
    for node in document.nodes:
        s = document.settings(node)
        names |= {line.target.partition(".")[0] for line in s.outputs} | ({s.result} if s.result else set())
        names |= set(re.findall(r"\w+", s.python))
        open_ended = local(node) in _BRINGERS or (local(node) == "callActivity" and s.propagate)
        if open_ended and not (s.outputs or s.result):
            names.add("")
    return names


def _way_out(document: Document, node: Element, conditions: list[str], offered: dict[str, tuple[Any, ...]]) -> None:
    conditions = [written.removeprefix("=").strip() for written in conditions]
    name = _only_name(conditions)
    if name is None or not all(conditions):
        return
    for value in _values(name, conditions, offered):
        if not any(_holds(condition, name, value) for condition in conditions):
            shown = f'"{value}"' if isinstance(value, str) else str(value).lower()
            document.error(
                node,
                "no-way-out",
                f"{name} = {shown} 时，网关“{name_of(node)}”没有出口，流程会停在这里。请补上条件，或设默认流。",
                f"When {name} = {shown}, no flow leads out of “{name_of(node)}”: the case stops there. Complete the "
                "conditions, or make a flow the default.",
            )
            return


def _only_name(conditions: Iterable[str]) -> str | None:
    """The one variable of plain comparisons, None when they are anything else."""
    names: set[str] = set()
    for condition in conditions:
        bare = _TEXT.sub('""', condition)
        if not _PLAIN.fullmatch(bare) or _CALLS.search(bare):
            return None
        try:
            names |= feel.names(condition)
        except ExpressionFailed:
            return None
    return names.pop() if len(names) == 1 else None


def _values(name: str, conditions: list[str], offered: dict[str, tuple[Any, ...]]) -> list[Any]:
    """A value of each kind that can come; none when that is not known."""
    if name in offered:
        return list(offered[name])
    together = " ; ".join(conditions)
    texts = bool(_TEXT.search(together))
    plain = _TEXT.sub("", together)
    if texts or "null" in plain or "[" in plain or "." in re.sub(r"\d\.\d", "", plain):
        return []
    numbers = sorted({float(one) for one in _NUMBER.findall(plain)})
    if numbers:
        between = [(a + b) / 2 for a, b in pairwise(numbers)]
        return [_tidy(one) for one in (numbers[0] - 1, *numbers, *between, numbers[-1] + 1)]
    return [True, False] if re.fullmatch(rf"(?:\b(?:{name}|not|and|or|true|false)\b|[\s()=!;])+", plain) else []


def _tidy(number: float) -> int | float:
    return int(number) if number == int(number) else number


def _holds(condition: str, name: str, value: Any) -> bool:
    try:
        return feel.test(condition, {name: value}, now=_NOW, zone=_ZONE)
    except ExpressionFailed:
        return True  # it fails in its own way, which is told elsewhere
