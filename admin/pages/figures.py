"""Figures of a page: counts, sums and formulas over registers, alone (stats) or line by line (a league table).

Owns the arithmetic's way to the screen: a formula is always shown beside its result. Counting is the database's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from admin.pages import asking, show
from admin.widgets import feel
from engine.pages import Measure, Page, Section


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure ready to show. `formula`: the measures' titles in place of their keys."""

    label: str
    value: Markup
    formula: str
    hint: str
    colour: str


def figures(page: Page, section: Section) -> list[Figure]:
    """The figures of a stats section."""
    scope = asking.scope(page, section)
    found: dict[str, Any] = {}
    for measure in section.measures:
        found[measure.key] = _value(measure, found) if measure.formula else _counted(page, measure, scope)
    return [
        Figure(
            asking.said(m.label),
            show.html(_shown(m), found[m.key]),
            _formula(m, section),
            asking.said(m.hint),
            m.colour,
        )
        for m in section.measures
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """A league line: whose it is and its figures in the order of the measures."""

    name: str
    cells: list[Markup]


def league(page: Page, section: Section) -> list[Standing]:
    """One line for each value of the league's field, best first by the last measure."""
    scope, groups = asking.scope(page, section), {}
    for measure in section.measures:
        if not measure.formula:
            groups[measure.key] = _grouped(page, measure, section.league, scope)
    names = sorted({name for counts in groups.values() for name in counts})
    lines = [(name, _line(section, groups, name)) for name in names]
    last = section.measures[-1].key
    lines.sort(key=lambda line: (line[1][last] is not None, line[1][last] or 0), reverse=True)
    heading = show.Shown(section.league, "", "unit")
    return [
        Standing(show.text(heading, name), [show.html(_shown(m), found[m.key]) for m in section.measures])
        for name, found in lines
    ]


def formulas(section: Section) -> list[tuple[str, str]]:
    """(title, formula in words) of every formula of a section."""
    return [(asking.said(m.label), _formula(m, section)) for m in section.measures if m.formula]


def _line(section: Section, groups: Mapping[str, Mapping[str, int]], name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for measure in section.measures:
        found[measure.key] = _value(measure, found) if measure.formula else groups[measure.key].get(name, 0)
    return found


def _value(measure: Measure, found: Mapping[str, Any]) -> Any:
    """A formula over the figures before it; null (a dash) when it divides by nothing."""
    return feel.evaluate(measure.formula, {**asking.context(), **found})


def _counted(page: Page, measure: Measure, scope: Any) -> float:
    register = asking.register(measure.register)
    where = asking.values(measure.where, asking.context())
    if measure.sum:
        return register.total(measure.sum, where, scope=scope)
    return register.count(where, scope=scope)


def _grouped(page: Page, measure: Measure, field: str, scope: Any) -> dict[str, int]:
    where = asking.values(measure.where, asking.context())
    return asking.register(measure.register).groups(field, where, scope=scope)


def _shown(measure: Measure) -> show.Shown:
    return show.Shown(measure.key, asking.said(measure.label), measure.format)


def _formula(measure: Measure, section: Section) -> str:
    """The formula with titles for keys, as a person checks it."""
    titles = {other.key: asking.said(other.label) for other in section.measures}
    text = re.sub(r"[^\W\d]\w*", lambda name: titles.get(name[0], name[0]), measure.formula)
    return text.replace("*", "×").replace("/", "÷").replace(" - ", " − ")
