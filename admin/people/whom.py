"""`/whom/`: who would get a task now, and why: of a step of a process, or of a rule written down.

Owns this page. The answer is the engine's (`engine.whom`), by the same rules and policies as for a task that opens.
"""

from __future__ import annotations

import json
from typing import Any

from flask import request
from flask_admin import expose
from flask_babel import gettext as _

from admin.widgets import current, lookups, names
from admin.widgets.view import View
from engine.errors import InvalidValue, LinliError

TASKS = ("userTask", "manualTask")
SIGNIFICANT = 4_000  # characters of variables


class WhomView(View):
    """Who gets this?"""

    duty = "studio"
    icon = "user-question"
    order = 60

    def is_accessible(self) -> bool:
        return current.may("people:read") or current.may("design")

    @expose("/")
    def index(self) -> Any:
        """?step=PROCESS|NODE or ?rules=a,b; ?unit= ?initiator= ?values= (JSON): the question, and its answer."""
        asked = {name: request.args.get(name, "").strip() for name in ("step", "rules", "unit", "initiator", "values")}
        answer, trouble = None, ""
        if asked["step"] or asked["rules"]:
            try:
                answer = self._answer(asked)
            except LinliError as problem:
                trouble = problem.text(current.me().locale)
        found = (
            {}
            if answer is None
            else current.engine().people.records([login for login in (answer.assignee, *answer.logins) if login])
        )
        return self.render(
            "people/whom.html",
            asked=asked,
            answer=answer,
            trouble=trouble,
            found=found,
            steps=_steps(),
            units=lookups.units(),
        ), 422 if trouble else 200

    def _answer(self, asked: dict[str, str]) -> Any:
        process, _bar, node = asked["step"].partition("|")
        rules = tuple(part.strip() for part in asked["rules"].split(",") if part.strip())
        initiator = lookups.called(asked["initiator"]) if asked["initiator"] else ""
        if asked["initiator"] and not initiator:
            raise InvalidValue(reason=_("找不到这个人，或有几个人同名"))
        return current.engine().whom(
            process,
            node,
            rules=rules,
            unit=asked["unit"],
            initiator=initiator,
            variables=_values(asked["values"]),
            by=current.me().login,
        )


def _values(text: str) -> dict[str, Any]:
    """The case's values as JSON; nothing is none. InvalidValue."""
    try:
        found = json.loads(text[:SIGNIFICANT] or "{}")
    except ValueError as problem:
        raise InvalidValue(reason=_('数据应为 JSON，如 {"amount": 3}')) from problem
    if not isinstance(found, dict):
        raise InvalidValue(reason=_('数据应为 JSON，如 {"amount": 3}'))
    return found


def _steps() -> list[tuple[str, list[tuple[str, str]]]]:
    """(process, [(value, step)]) of the tasks for people of every deployed process."""
    engine, found = current.engine(), []
    for one in engine.definitions("process"):
        nodes = [node for node in engine.process_info(one.id).nodes.values() if node.type in TASKS]
        steps = [(f"{one.key}|{node.id}", names.pick(node.name, node.name_en) or node.id) for node in nodes]
        if steps:
            found.append((names.pick(one.name, one.name_en) or one.key, steps))
    return sorted(found)
