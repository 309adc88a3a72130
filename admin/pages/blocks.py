"""A section ready to draw: its lines, groups, board columns, days, figures, and the buttons of each row.

Owns the shape that the templates read. Rows come from `lists`, words from `show`, buttons from `deeds`; nothing here
asks who may see what.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from admin.pages import asking, deeds, figures, show
from admin.pages.asking import Row
from admin.pages.figures import Figure, Standing
from admin.pages.lists import MOST, Filter, Rows, month
from admin.widgets import current, privacy
from engine.jsonfile import Label
from engine.pages import Action, Column, Details, Page, Section
from engine.records import Page as Slice
from engine.registers import Register

BOARD_ROWS = 30  # cards in a board's column
DETAIL_ROWS = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """A heading and a value."""

    label: str
    html: Markup


@dataclass(frozen=True, slots=True)
class Button:
    """An action of a row: a link when `url` is set and it opens or asks something, else a form that posts there."""

    label: str
    name: str
    url: str
    posts: bool
    style: str
    confirm: str


@dataclass(slots=True)
class Hanging:
    """Rows of another register that hang on a row."""

    title: str
    columns: list[show.Shown]
    lines: list[Line]
    inline: bool
    total: int


@dataclass(slots=True)
class Line:
    """A row ready to draw."""

    id: str
    title: str
    cells: list[Cell]
    buttons: list[Button]
    tags: list[Markup] = field(default_factory=list)
    taken: int | None = None
    limit: int | None = None
    hanging: list[Hanging] = field(default_factory=list)
    key: tuple[Any, ...] = ()

    @property
    def left(self) -> int | None:
        """Places left."""
        return None if self.limit is None or self.taken is None else max(0, self.limit - self.taken)


@dataclass(slots=True)
class Bunch:
    """Lines under one heading: a group, a board's column, a day."""

    title: str
    lines: list[Line]
    total: int = 0
    day: date | None = None
    outside: bool = False  # a day of the neighbouring month


@dataclass(slots=True)
class Block:
    """A section ready to draw."""

    section: Section
    title: str
    hint: str
    empty: str
    columns: list[show.Shown] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    bunches: list[Bunch] = field(default_factory=list)
    slice: Slice[Row] | None = None
    filters: list[Filter] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    standings: list[Standing] = field(default_factory=list)
    formulas: list[tuple[str, str]] = field(default_factory=list)
    selecting: list[Button] = field(default_factory=list)
    top: list[Button] = field(default_factory=list)
    month: str = ""
    earlier: str = ""
    later: str = ""
    filtered: bool = False


class Builder:
    """Makes blocks of one page for one request. `public`: only what changes nothing is offered."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base

    def block(self, section: Section) -> Block:
        """The section, drawn as its layout says."""
        hint, empty = asking.said(section.hint), asking.said(section.empty) or _("这里还没有内容")
        block = Block(section, asking.said(section.title), hint, empty)
        if section.layout in ("stats", "league", "paste"):
            _FIGURES[section.layout](self, block)
            return block
        rows = Rows(self.page, section)
        block.columns, block.filters = rows.columns(), rows.filters()
        block.filtered = bool(rows.text or any(one.chosen for one in block.filters))
        _FILL.get(section.layout, Builder.listed)(self, block, rows)
        block.selecting = self._buttons(section, "selection", rows.register)
        block.top = self._buttons(section, "page", rows.register)
        return block

    # ---- layouts

    def listed(self, block: Block, rows: Rows) -> None:
        """A table or cards, a slice at a time; in groups when the section says so."""
        if block.section.group:
            self.grouped(block, rows)
            return
        block.slice = rows.part()
        block.lines = [self.line(rows, row, block.columns) for row in block.slice.rows]

    def grouped(self, block: Block, rows: Rows) -> None:
        """Like rows together, the biggest group first, single rows last."""
        group = block.section.group
        assert group is not None
        found: dict[tuple[Any, ...], list[Row]] = {}
        for row in rows.all():
            found.setdefault(_alike(row, group.by, group.similar), []).append(row)
        keys = [show.column(Column(key), rows.schema) for key in ((group.by,) if group.by else ()) + group.similar]
        single: list[Row] = []
        for key, alike in sorted(found.items(), key=lambda item: -len(item[1])):
            if len(alike) < 2:
                single += alike
                continue
            title = " · ".join(text for k in keys if k.key in key[0] and (text := show.text(k, alike[0].get(k.key))))
            block.bunches.append(Bunch(title, [self.line(rows, row, block.columns) for row in alike], len(alike)))
        if single:
            title = _("其他") if block.bunches else ""
            block.bunches.append(Bunch(title, [self.line(rows, r, block.columns) for r in single], len(single)))

    def board(self, block: Block, rows: Rows) -> None:
        """A column for each option of the field, with the number of rows in it."""
        by = block.section.board
        assert rows.register is not None
        heading = show.column(Column(by), rows.schema)
        counts = rows.register.groups(by, rows.where(), current.me().login, rows.scope, rows.text)
        options = [o.value for o in rows.register.schema.by_key[by].options] or sorted(counts)
        for value in options:
            if counts.get(value):
                found = rows.all({by: value}, BOARD_ROWS)
                lines = [self.line(rows, row, block.columns) for row in found]
                block.bunches.append(Bunch(show.text(heading, value), lines, counts[value]))

    def calendar(self, block: Block, rows: Rows) -> None:
        """A month, whole weeks."""
        first, after = month()
        start = block.section.calendar[0]
        found = rows.all({start: {">=": first, "<": after}}, MOST)
        by_day: dict[date, list[Line]] = {}
        for row in sorted((r for r in found if r.get(start)), key=lambda r: r[start]):
            by_day.setdefault(_day(row[start]), []).append(self.line(rows, row, block.columns))
        day = first.date() - timedelta(days=first.weekday())
        while day < after.date():
            for _n in range(7):
                lines = by_day.get(day, [])
                block.bunches.append(Bunch(str(day.day), lines, len(lines), day, day.month != first.month))
                day += timedelta(days=1)
        block.lines = [line for lines in by_day.values() for line in lines]
        block.month = first.strftime("%Y-%m")
        block.earlier = (first - timedelta(days=1)).strftime("%Y-%m")
        block.later = after.strftime("%Y-%m")

    def stats(self, block: Block) -> None:
        """Figures in a row."""
        block.figures = figures.figures(self.page, block.section)

    def league(self, block: Block) -> None:
        """A league table with its formulas below."""
        block.standings = figures.league(self.page, block.section)
        block.columns = [show.Shown(block.section.league, _("单位"), "unit")]
        block.columns += [show.Shown(m.key, asking.said(m.label), m.format) for m in block.section.measures]
        block.formulas = figures.formulas(block.section)

    def paste(self, block: Block) -> None:
        """The box is the template's."""

    # ---- rows

    def line(self, rows: Rows, row: Row, columns: list[show.Shown], hanging: bool = True) -> Line:
        """One row: its cells (or its card), its buttons, and what hangs on it inline."""
        section, card = rows.section, rows.section.card
        shown = columns
        if card and section.layout != "table":
            shown = [show.column(Column(key), rows.schema) for key in card.lines]
        buttons = [self._button(section, a, row, rows.register) for a in deeds.offered(section.actions, row)]
        carded = card is not None and section.layout != "table"
        cells = _cells([c for c in shown if not carded or c.of(row) not in (None, "", [])], row)
        if rows.register:
            privacy.shown(rows.register, row, [c.key for c in shown])
        line = Line(row["id"], self._title(rows, row), cells, [b for b in buttons if b.url])
        if card:
            line.tags = [show.html(c, row[c.key]) for c in _tagged(card.tags, rows) if row.get(c.key)]
            line.taken, line.limit = (row.get(card.taken) or 0 if card.taken else None), row.get(card.limit)
        if hanging:
            line.hanging = [self.hanging(section, n, row) for n, one in enumerate(section.details) if one.inline]
        return line

    def _title(self, rows: Rows, row: Row) -> str:
        if rows.section.card:
            return str(row.get(rows.section.card.title) or row["id"])
        return rows.schema.title_of(row) if rows.schema else str(row.get("title") or row.get("name") or row["id"])

    def hanging(self, section: Section, number: int, row: Row) -> Hanging:
        """The rows of another register that hang on a row."""
        details = section.details[number]
        register = asking.register(details.register)
        where = hang_where(details, row)
        found = register.rows(where, current.me().login, details.order, DETAIL_ROWS, scope=asking.hanging(register))
        columns = [show.column(one, register.schema) for one in details.columns]
        hidden = register.sight(current.me().login).hidden()
        columns = [c for c in columns or show.columns(register.schema.list, register.schema) if c.key not in hidden]
        lines = []
        for one in found:
            place = f"&detail={number}&under={row['id']}"
            buttons = [self._button(section, a, one, register, place) for a in deeds.offered(details.actions, one)]
            title = register.schema.title_of(one)
            privacy.shown(register, one, [c.key for c in columns])
            lines.append(Line(one["id"], title, _cells(columns, one), [b for b in buttons if b.url]))
        title = asking.said(details.title) or asking.said(register.schema.title)
        total = register.count(where, current.me().login, scope=asking.hanging(register))
        return Hanging(title, columns, lines, details.inline, total)

    # ---- buttons

    def _button(self, section: Section, action: Action, row: Row, register: Register | None, more: str = "") -> Button:
        url = f"{self.base}do/{section.key}/{action.name}?row={row['id']}{more}"
        if action.kind == "open":
            url = deeds.link(action, row, register)
        return _made(action, url)

    def _buttons(self, section: Section, on: str, register: Register | None) -> list[Button]:
        wanted = [a for a in section.actions if a.on == on and (on != "page" or asking.holds(a.when, asking.context()))]
        made = []
        for action in wanted:
            url = f"{self.base}do/{section.key}/{action.name}"
            if action.kind == "open":
                url = deeds.link(action, {}, register)
            made.append(_made(action, url))
        return [button for button in made if button.url]


def hang_where(details: Details, row: Row) -> dict[str, Any]:
    """The filter that ties rows to the one they hang on."""
    tied = {field: row.get(mine) for field, mine in details.by.items()}
    return {**asking.values(details.where, asking.context(row=row)), **tied}


def _made(action: Action, url: str) -> Button:
    posts = not deeds.asks(action) and action.kind != "open"
    return Button(asking.said(action.label), action.name, url, posts, action.style, _said(action.confirm))


def _said(text: Label) -> str:
    return asking.said(text) if text else ""


def _cells(columns: Iterable[show.Shown], row: Row) -> list[Cell]:
    return [Cell(column.label, show.html(column, column.of(row))) for column in columns]


def _tagged(keys: Iterable[str], rows: Rows) -> list[show.Shown]:
    return [show.column(Column(key), rows.schema) for key in keys]


def _alike(row: Row, by: str, similar: tuple[str, ...]) -> tuple[Any, ...]:
    """What makes rows alike: the same theme, else all of the similar fields filled and equal; else each for itself."""
    if by and row.get(by):
        return ((by,), str(row[by]))
    values = tuple(str(row.get(key) or "").strip() for key in similar)
    if similar and all(values):
        return (similar, *values)
    return ((), row["id"])


def _day(moment: Any) -> date:
    return moment.astimezone(current.zone()).date() if isinstance(moment, datetime) else moment


_FILL = {"board": Builder.board, "calendar": Builder.calendar}
_FIGURES = {"stats": Builder.stats, "league": Builder.league, "paste": Builder.paste}
