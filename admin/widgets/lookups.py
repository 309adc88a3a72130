"""People and units to choose from: the choices of a form's `person` and `unit` fields, and the search behind an input.

Owns which of them a reader is offered. Row scope is the engine's (`people.rows(by=...)`); a visitor is offered
units only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from markupsafe import Markup

from admin import i18n
from admin.widgets import current, names
from engine.records import Unit

FOUND = 12
INDENT = "\u3000"  # an ideographic space a level: a native select keeps it


def people(text: str) -> list[tuple[str, str]]:
    """(login, name and where) of people that match and that this person may read; none for a visitor."""
    who = current.me()
    if not who.approved or not text.strip():
        return []
    found = current.engine().people.rows(by=who.login, text=text.strip(), status="active", limit=FOUND)
    return [(p.login, " · ".join(part for part in (p.name, names.unit(p.home_unit)) if part)) for p in found.rows]


def called(typed: str) -> str:
    """The login of whoever a login, a mobile number or a name stands for; '' when nobody, or several, are called so."""
    people, text = current.engine().people, typed.strip()
    found = people.find(text)
    if found is None:
        named = [p for p in people.rows(text=text, status="active", limit=FOUND).rows if p.name == text]
        found = named[0] if len(named) == 1 else None
    return found.login if found else ""


def units(kind: str = "", top: str = "") -> list[tuple[str, str]]:
    """(code, name) of units in the order of the tree, indented by level. `kind`: only these (a, b), without indent."""
    found: list[Unit] = current.engine().people.tree(top)
    kinds = [part.strip() for part in kind.split(",") if part.strip()]
    if kinds:
        return [(u.code, names.pick(u.name, u.name_en)) for u in found if u.kind in kinds]
    english, levels = i18n.locale() == "en", [unit.path.count("/") for unit in found]
    base, placed = min(levels, default=0), zip(found, levels, strict=True)
    return [(u.code, INDENT * (level - base) + ((english and u.name_en) or u.name)) for u, level in placed]


def options(choices: Sequence[tuple[str, str]], chosen: str = "") -> Markup:
    """The <option>s of a long list, a town's units: drawn once for the same choices."""
    drawn = _options(tuple(choices))
    mark = Markup('value="{}"').format(chosen)
    return Markup(drawn.replace(f"{mark}>", f"{mark} selected>", 1)) if chosen else drawn  # both parts are escaped


@lru_cache(maxsize=32)
def _options(choices: tuple[tuple[str, str], ...]) -> Markup:
    return Markup("").join(Markup('<option value="{}">{}</option>').format(*one) for one in choices)


def divisions(top: str = "") -> list[tuple[str, str]]:
    """(12-digit division code, name and code) of every place that a unit stands for, in the order of the tree; `top`: a
    unit or a division code to stay below."""
    named = {u.division: u for u in reversed(current.engine().people.tree("")) if u.division}
    start = named[top].code if top in named else top
    found = {u.division: names.pick(u.name, u.name_en) for u in current.engine().people.tree(start) if u.division}
    return [(code, f"{name} {code}") for code, name in found.items()]
