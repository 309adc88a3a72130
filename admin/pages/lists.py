"""The rows of a section, as the person asking may see them: source, scope, mine, filters, search, slices.

Owns the way from a section and the address (?q=, ?page=, ?f.<section>.<field>=) to rows. Every action fetches its rows
through here again, so nothing outside the list can be acted on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from flask import request
from flask_babel import gettext as _

from admin.pages import asking, show
from admin.pages.asking import Row
from admin.widgets import current, names, tables
from engine.errors import InvalidValue, NotFound
from engine.pages import Column, Page, Section
from engine.records import Page as Slice
from engine.records import Person, WorkItem
from engine.registers import Register, RegisterSchema

MOST = 500  # rows of a layout that shows everything at once (groups, boards, a month)
OPTIONS = 200  # values offered by a filter


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice above a list."""

    name: str  # of the address's argument
    label: str
    options: list[tuple[str, str]]
    chosen: str


class Rows:
    """One section's rows for this request."""

    def __init__(self, page: Page, section: Section) -> None:
        self.page, self.section = page, section
        self.register: Register | None = None
        if section.source.register:
            self.register = asking.register(section.source.register)
        self.scope = asking.scope(page, section)

    @property
    def schema(self) -> RegisterSchema | None:
        """The register's schema; None for a query."""
        return self.register.schema if self.register else None

    def columns(self) -> list[show.Shown]:
        """What a table shows."""
        known = {} if self.register else known_columns(self.section.source.query)
        chosen = self.section.columns
        if not chosen:
            keys = self.register.schema.list if self.register else tuple(known)
            chosen = tuple(Column(key) for key in keys)
        return [show.column(one, self.schema, known) for one in chosen if one.key not in self.hidden]

    @cached_property
    def hidden(self) -> frozenset[str]:
        """Columns that the reader sees nowhere."""
        return self.register.sight(current.me().login).hidden() if self.register else frozenset()

    # ---- what is asked

    @property
    def slice(self) -> tables.Slice:
        """The part of the list that the address asks for (?page= is the page's: sections share it)."""
        return tables.asked(self.section.limit)

    @property
    def text(self) -> str:
        """The search word, when the section can be searched."""
        return self.slice.text if self.section.search else ""

    def where(self) -> dict[str, Any]:
        """The section's own filter, whose rows they are, and what the reader chose; all of it holds."""
        fixed = asking.values(self.section.source.where, asking.context())
        if (narrowed := asking.mine(self.section)) and set(narrowed) & set(fixed):
            raise InvalidValue(reason=f"{self.page.name}: `mine` and `where` both name {set(narrowed) & set(fixed)}")
        open_ones = [f for f in self.section.filters if f not in fixed and f not in self.hidden]
        chosen = {f: v for f in open_ones if (v := self._chosen(f))}
        return {**fixed, **chosen, **narrowed}

    def _chosen(self, field: str) -> str:
        return request.args.get(f"f.{self.section.key}.{field}", "")[:200]

    def filters(self) -> list[Filter]:
        """The choices above the list, values that occur, in the order of the field's options."""
        found = []
        for field in self.section.filters if self.register else ():
            if field in self.hidden:
                continue
            column = show.column(Column(field), self.schema)
            options = [(v, show.text(column, v)) for v in self._values(field)]
            found.append(Filter(f"f.{self.section.key}.{field}", column.label, options, self._chosen(field)))
        return found

    def _values(self, field: str) -> list[str]:
        assert self.register is not None
        options = self.register.schema.by_key[field].options
        if options:
            return [option.value for option in options]
        narrowed = {**asking.values(self.section.source.where, asking.context()), **asking.mine(self.section)}
        return sorted(self.register.groups(field, narrowed, current.me().login, self.scope))[:OPTIONS]

    # ---- rows

    def all(self, more: Mapping[str, Any] | None = None, limit: int = MOST) -> list[Row]:
        """Up to `limit` rows."""
        if self.register is None:
            return self._queried(limit, 0).rows[:limit]  # type: ignore[return-value]
        where = {**self.where(), **(more or {})}
        order = self.section.source.order
        return self.register.rows(where, current.me().login, order, limit, 0, self.text, self.scope)

    def count(self, more: Mapping[str, Any] | None = None) -> int:
        """How many rows there are in all."""
        if self.register is None:
            return self._queried(1, 0).total
        return self.register.count({**self.where(), **(more or {})}, current.me().login, self.text, self.scope)

    def part(self) -> Slice[Row]:
        """The slice that the address asks for."""
        asked = self.slice
        if self.register is None:
            return self._queried(asked.size, asked.offset)
        where, order = self.where(), self.section.source.order
        by = current.me().login
        return self.register.page(where, by, order, asked.size, asked.offset, self.text, self.scope)

    def one(self, row_id: str) -> Row:
        """A row of this list by its id; NotFound for any other."""
        if self.register is None and not self.section.source.query:  # figures and leagues have no rows
            found = None
        elif self.register is None:
            found = next((row for row in self._queried(MOST, 0).rows if row["id"] == row_id), None)
        else:
            where = {**self.where(), "id": row_id} if row_id.isdigit() else {"id": "0"}
            found = next(iter(self.register.rows(where, current.me().login, scope=self.scope, limit=1)), None)
        if found is None:
            raise NotFound(what=_("记录"), id=row_id)
        return found

    def _queried(self, limit: int, offset: int) -> Slice[Row]:
        return _QUERIES[self.section.source.query](self, limit, offset)


# ---- queries: what the product itself can list


def _items(rows: Rows, limit: int, offset: int) -> Slice[Row]:
    """Open tasks at the units of the page. where: overdue, process, unit, assignee."""
    engine, asked = current.engine(), rows.where()
    given = {key: asked[key] for key in ("overdue", "process", "unit", "assignee") if asked.get(key) is not None}
    given |= {"status": "open", "text": rows.text, "scope": rows.scope}
    order = rows.section.source.order or "due_at"
    found = engine.item_page(**given, order=order, limit=limit, offset=offset)
    return Slice(tuple(item_row(i) for i in found.rows), found.total, offset, limit, found.more)


def item_row(item: WorkItem) -> Row:
    """A task as a row."""
    due = item.due_at.replace(tzinfo=UTC) if item.due_at else None
    return {
        "id": str(item.id),
        "name": names.pick(item.name, item.name_en),
        "title": item.title,
        "unit": item.unit,
        "assignee": item.assignee,
        "process": item.process_key,
        "due_at": due,
        "overdue": due is not None and due < current.now().replace(tzinfo=UTC),
        "case": str(item.instance_id),
        "created_at": item.created_at.replace(tzinfo=UTC),
    }


def _overdue_by_unit(rows: Rows, limit: int, offset: int) -> Slice[Row]:
    """A line for each unit with open tasks: how many are open and late, the oldest late one; the worst first."""
    found = [load for load in current.engine().items_by_unit(scope=rows.scope) if load.unit]
    found.sort(key=lambda load: (-load.overdue, -load.open, load.unit))
    lines: list[Row] = [
        {"id": f.unit, "unit": f.unit, "open": f.open, "overdue": f.overdue, "oldest": f.oldest and _aware(f.oldest)}
        for f in found
    ]
    return Slice(tuple(lines[offset : offset + limit]), len(lines), offset, limit)


def _people(rows: Rows, limit: int, offset: int) -> Slice[Row]:
    """Active people. where: employer | unit | role | skill (one value, or the first of several)."""
    asked = {key: _first(v) for key, v in rows.where().items() if key in ("employer", "unit", "role", "skill")}
    if not asked or not all(asked.values()):
        return Slice((), 0, offset, limit)
    page = current.engine().people.rows(**asked, status="active", text=rows.text, limit=limit, offset=offset)
    return Slice(tuple(person_row(p) for p in page.rows), page.total, offset, limit, page.more)


def person_row(person: Person) -> Row:
    """A person as a row: no telephone number, the page says who may see whom and no more."""
    return {
        "id": person.login,
        "login": person.login,
        "name": person.name,
        "home_unit": person.home_unit,
        "employer": person.employer,
        "skills": [names.skill(skill.name) for skill in person.skills],
    }


_QUERIES: dict[str, Callable[[Rows, int, int], Slice[Row]]] = {
    "items": _items,
    "overdue_by_unit": _overdue_by_unit,
    "people": _people,
}


def known_columns(query: str) -> dict[str, tuple[str, str]]:
    """Columns of a query: key -> (heading, format)."""
    return {
        "items": {
            "title": (_("案件"), "text"),
            "name": (_("任务"), "text"),
            "unit": (_("单位"), "unit"),
            "assignee": (_("办理人"), "person"),
            "due_at": (_("期限"), "due"),
        },
        "overdue_by_unit": {
            "unit": (_("单位"), "unit"),
            "overdue": (_("超期"), "number"),
            "open": (_("在办"), "number"),
            "oldest": (_("最早超期"), "due"),
        },
        "people": {
            "name": (_("姓名"), "text"),
            "home_unit": (_("报到社区"), "unit"),
            "skills": (_("特长"), "tags"),
        },
    }[query]


def _first(value: Any) -> Any:
    return (value[0] if value else None) if isinstance(value, list) else value


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


# ---- a month


def month() -> tuple[datetime, datetime]:
    """The month that ?month=2026-11 asks for (this one else): its first and the next's first moment, aware."""
    asked = request.args.get("month", "")
    try:
        first = datetime.strptime(asked, "%Y-%m").replace(tzinfo=current.zone())
    except ValueError:
        here = current.now().replace(tzinfo=UTC).astimezone(current.zone())
        first = here.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first, (first + timedelta(days=32)).replace(day=1)
