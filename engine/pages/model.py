"""What a page is: sections, columns, cards, actions, measures. Plain data; knows neither JSON nor rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.jsonfile import NO_TEXT, Label

LAYOUTS = ("table", "cards", "board", "calendar", "stats", "league", "paste")
MENUS = ("desk", "start", "registers", "insight", "studio", "system", "none")
FORMATS: tuple[str, ...] = (
    "text",
    "long",
    "datetime",
    "date",
    "choice",
    "person",
    "unit",
    "tags",
    "progress",
    "number",
    "percent",
)
FORMATS += ("boolean", "files", "due")
KINDS = ("start", "message", "open", "copy", "code", "urge", "complete", "update")
PLACES = ("row", "selection", "page")
QUERIES = ("items", "overdue_by_unit", "people")  # what the product itself can list
SCOPES = ("unit", "line", "all")
WHO = ("login", "employer", "home_unit", "units")


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from: a register with a filter (values may be FEEL, `=...`), or one of QUERIES."""

    register: str = ""
    query: str = ""
    where: Mapping[str, Any] = field(default_factory=dict)
    order: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One thing shown of a row. `value`: FEEL over row and me instead of a field; '' format: by the field's type."""

    key: str
    label: Label = NO_TEXT
    format: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """How a row looks as a card: field keys."""

    title: str
    lines: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    taken: str = ""
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do with a row, a selection of rows, or the page. FEEL sees row, rows, me, now, today."""

    name: str
    kind: str
    label: Label
    on: str = "row"
    when: str = ""
    confirm: Label = NO_TEXT
    style: str = ""
    process: str = ""
    message: str = ""
    key: str = ""
    form: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)  # `with` in the file
    to: str = ""
    text: Label = NO_TEXT
    link: str = ""
    value: str = ""
    case: str = ""
    node: str = ""
    done: Label = NO_TEXT


@dataclass(frozen=True, slots=True)
class Details:
    """Rows of another register that hang on a row: their field -> this row's field."""

    register: str
    by: Mapping[str, str]
    title: Label = NO_TEXT
    columns: tuple[Column, ...] = ()
    actions: tuple[Action, ...] = ()
    where: Mapping[str, Any] = field(default_factory=dict)
    order: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure: a count or sum over a register, or a formula over the measures before it (always shown with it)."""

    key: str
    label: Label
    register: str = ""
    where: Mapping[str, Any] = field(default_factory=dict)
    sum: str = ""
    formula: str = ""
    format: str = "number"
    hint: Label = NO_TEXT
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Like rows together: by a field, else by equal values of `similar` (all must be filled)."""

    by: str = ""
    similar: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paste:
    """Chat lines to cases: each line starts `process`; `text` holds the line, `name` its sender, `fields` are asked for
    each; labels and choices come from `register`."""

    process: str
    register: str
    text: str
    fields: tuple[str, ...]
    name: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """One list (or set of figures) of a page."""

    key: str
    title: Label = NO_TEXT
    layout: str = "table"
    source: Source = Source()
    scope: str = "unit"
    mine: tuple[str, str] | None = None  # (field, one of WHO)
    columns: tuple[Column, ...] = ()
    card: Card | None = None
    board: str = ""
    calendar: tuple[str, str] = ("", "")
    filters: tuple[str, ...] = ()
    search: bool = False
    group: Group | None = None
    details: tuple[Details, ...] = ()
    actions: tuple[Action, ...] = ()
    measures: tuple[Measure, ...] = ()
    league: str = ""  # the field whose values are the league's lines
    paste: Paste | None = None
    empty: Label = NO_TEXT
    hint: Label = NO_TEXT
    limit: int = 24
    export: bool = True

    def action(self, name: str) -> Action | None:
        """The action of a name."""
        return next((a for a in self.actions if a.name == name), None)


@dataclass(frozen=True, slots=True)
class Page:
    """A screen."""

    name: str
    title: Label
    sections: tuple[Section, ...]
    intro: Label = NO_TEXT
    menu: str = "desk"
    order: int = 50
    icon: str = "layout-list"
    public: bool = False

    def section(self, key: str) -> Section | None:
        """The section of a key."""
        return next((s for s in self.sections if s.key == key), None)
