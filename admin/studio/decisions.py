"""`/decisions/`: choose a deployed decision, fill in what it asks, see what it says and which rules fired.

Owns the list and the page of one decision. What it asks, how a text becomes a value and what is decided are the
engine's; nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin import i18n
from admin.widgets import current, rulings, tables
from admin.widgets.view import View
from engine import dmn
from engine.errors import DecisionFailed
from engine.records import Definition, Page

CONTROLS = {"number": "number", "date": "date", "time": "time", "dateTime": "datetime-local"}  # type -> of an <input>
TYPES: dict[str, Any] = {
    "string": _l("文字"),
    "number": _l("数字"),
    "boolean": _l("是或否"),
    "date": _l("年月日"),
    "time": _l("时刻"),
    "dateTime": _l("日期时间"),
    "dayTimeDuration": _l("时长，例如 P2DT3H"),
    "yearMonthDuration": _l("时长，例如 P1Y2M"),
    "": _l("FEEL 的值，例如 12、[1, 2]；文字要加引号"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a trial. `fired`: (decision, rule's place from 1)."""

    value: str = ""
    fired: frozenset[tuple[str, int]] = frozenset()
    failed: str = ""


class DecisionsView(View):
    """Decisions, tried alone."""

    duty = "studio"
    icon = "git-branch"
    order = 30
    permission = "design"

    @expose("/")
    def index(self) -> str:
        """The deployed decisions."""
        asked = tables.asked(50)
        word = asked.text.lower()
        rows = [d for d in current.engine().definitions("decision") if word in f"{d.key} {d.name} {d.pack}".lower()]
        page = Page(tuple(rows[asked.offset : asked.offset + asked.size]), len(rows), asked.offset, asked.size)
        return self.render("studio/decisions.html", page=page)

    @expose("/<path:key>", methods=("GET",))
    def decision(self, key: str) -> str:
        """One decision's inputs and tables."""
        return self._page(key, {}, {}, None)

    @expose("/<path:key>", methods=("POST",))
    def run(self, key: str) -> str:
        """What it says to the inputs posted as `input:NAME`."""
        definition, model = current.engine().decision(key)
        typed = {name.removeprefix("input:"): text for name, text in request.form.items() if name.startswith("input:")}
        asked = _asked(definition, model)
        given, problems = dmn.trial.given(asked, typed, now=current.now(), zone=current.zone())
        said = {
            name: problem.zh if i18n.locale().startswith("zh") else problem.en for name, problem in problems.items()
        }
        return self._page(key, typed, said, None if problems else _tried(key, given))

    def _page(self, key: str, typed: dict[str, str], problems: dict[str, str], outcome: Outcome | None) -> str:
        definition, model = current.engine().decision(key)
        return self.render(
            "studio/decision.html",
            definition=definition,
            asked=_asked(definition, model),
            tables=dmn.tables(model, key),
            typed=typed,
            problems=problems,
            outcome=outcome,
            controls=CONTROLS,
            types=TYPES,
        )


def _asked(definition: Definition, model: dmn.Model) -> Iterable[dmn.Asked]:
    return dmn.asked(model, current.engine().content(definition.id), definition.key)


def _tried(key: str, given: dict[str, Any]) -> Outcome:
    try:
        ruling = current.engine().ruling(key, given)
    except DecisionFailed as problem:
        return Outcome(failed=problem.text(i18n.locale()))
    fired = frozenset((rule.decision, rule.number) for rule in ruling.fired)
    return Outcome(value=rulings.text(ruling.value) if ruling.value is not None else _("空值（null）"), fired=fired)
