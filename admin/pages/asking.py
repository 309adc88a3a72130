"""Who asks for a page, which units it opens to them, and FEEL over rows for them.

Owns the scope of a page's rows and the names its expressions see: row, rows, me, now, today.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from flask import g

from admin.widgets import current, feel
from engine.errors import Forbidden, NotFound
from engine.jsonfile import Label
from engine.pages import Page, Section
from engine.registers import Register

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Everywhere:
    """A scope without a limit: public pages, and sections that say so."""

    def where(self, column: Any) -> None:
        """Nothing to test."""

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Line:
    """Units of a scope and all units above them: what a higher unit publishes is for everybody below."""

    inner: Any
    codes: tuple[str, ...]

    def where(self, column: Any) -> Any:
        """SQL test of a unit column."""
        test = self.inner.where(column)
        return None if test is None else test | column.in_(self.codes)

    def __bool__(self) -> bool:
        return bool(self.inner)


def page(name: str) -> Page:
    """The page, when this person may see it; NotFound else (it says nothing about what exists)."""
    found = current.engine().page(name)
    if not found.public and not current.may(permission(name)):
        if not current.me().approved:
            raise NotFound(what="页面", id=name)
        raise Forbidden(who=current.me().name, action=permission(name))
    return found


def register(name: str) -> Register:
    """A register; in a preview as its draft says. NotFound."""
    return current.engine().register(name, g.get("draft_registers", {}).get(name))


def permission(name: str) -> str:
    """What a role needs to see a page."""
    return f"page:{name}"


def scope(one: Page, section: Section) -> Any:
    """The units whose rows a section shows to the person asking."""
    if "draft_registers" in g:
        return _previewed(section)
    if one.public or section.scope == "all":
        return Everywhere()
    people, who = current.engine().people, current.me()
    held = people.visible_units(who.login, permission(one.name))
    if section.scope == "unit":
        return held
    above = {code for unit in (*who.units, who.home_unit) if unit for code in people.line(unit)}
    return Line(held, tuple(sorted({*above, ""})))


def hanging(register: Register) -> Any:
    """The same for rows that hang on one that is shown: they come along."""
    return _readable([f"register:{register.schema.name}:read"]) if "draft_registers" in g else Everywhere()


def _previewed(section: Section) -> Any:
    """A page that is only drawn opens nothing: its designer sees what they may read without it."""
    listed = {section.source.register, *(measure.register for measure in section.measures)} - {""}
    asked = {"items": "oversee", "overdue_by_unit": "oversee", "people": "people:read"}
    return _readable([f"register:{name}:read" for name in sorted(listed)] or [asked.get(section.source.query, "admin")])


def _readable(permissions: list[str]) -> Any:
    """The units where all of them are held, as far as one look tells: those of the first, if none is missing."""
    held = [current.engine().people.visible_units(current.me().login, one) for one in permissions]
    return held[0] if all(held) else next(one for one in held if not one)


def context(row: Row | None = None, rows: list[Row] | None = None) -> dict[str, Any]:
    """What an expression of a page sees."""
    moment = current.now().replace(tzinfo=UTC)
    seen: dict[str, Any] = {"me": me(), "now": moment, "today": moment.astimezone(current.zone()).date()}
    if row is not None:
        seen["row"] = row
    if rows is not None:
        seen["rows"] = rows
    return seen


def me() -> dict[str, Any]:
    """The `me` of expressions; made once a request."""
    if "linli_feel_me" not in g:
        g.linli_feel_me = current.me().as_feel()
    return dict(g.linli_feel_me)


def value(given: Any, seen: Mapping[str, Any]) -> Any:
    """A setting that may be FEEL (`=...`), alone or inside a dict or list."""
    if isinstance(given, str) and given.startswith("="):
        return feel.evaluate(given[1:].strip(), seen)
    if isinstance(given, dict):
        return {key: value(part, seen) for key, part in given.items()}
    if isinstance(given, list):
        return [value(part, seen) for part in given]
    return given


def values(given: Mapping[str, Any], seen: Mapping[str, Any]) -> dict[str, Any]:
    """All settings of a `with` or `where`."""
    return {key: value(part, seen) for key, part in given.items()}


def holds(condition: str, seen: Mapping[str, Any]) -> bool:
    """Whether a condition is true; an empty one is."""
    return not condition or feel.evaluate(condition, seen) is True


def said(text: Label) -> str:
    """A label in the reader's language."""
    return text.text(current.me().locale)


def mine(section: Section) -> dict[str, Any]:
    """The filter of `mine`: rows whose field names the person, or their unit."""
    if section.mine is None:
        return {}
    field, what = section.mine
    wanted = me()[what]
    return {field: wanted or []}  # who has no unit has no rows
