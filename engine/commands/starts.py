"""How each process begins: by a form and by whom, by a timetable and when next, by a message or a signal.

Owns that reading, of what is deployed and of a diagram that is only drawn. The moments are counted by the very
functions that fire them. Starts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine import bpmn
from engine.bpmn.model import Due, ProcessInfo, StartInfo
from engine.commands import times
from engine.commands.context import Context
from engine.commands.timers import begun
from engine.commands.world import Asking, World
from engine.errors import ExpressionFailed, InvalidValue, LinliError
from engine.expressions import values
from engine.store.models import Definition, Timer

SHOWN = 10  # moments told of a timetable


@dataclass(frozen=True, slots=True)
class Moment:
    """When a case will start (naive UTC). `flag`: '' or `no-calendar:2027`, a year whose days nobody entered."""

    at: datetime
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """One way into a process. `kind`: plain | timer | message | signal | condition; `ref`: a message's or signal's;
    `starters`: roles, `*` (anybody signed in) or `public`, none = who has the permission; `next`: moments to come;
    `trouble`: why they cannot be told."""

    process: str
    name: str
    name_en: str
    node: str
    node_name: str
    node_name_en: str
    kind: str
    ref: str = ""
    form: str = ""
    starters: tuple[str, ...] = ()
    expression: str = ""
    timer: str = ""
    calendar: str = ""
    definition: int | None = None
    next: tuple[Moment, ...] = ()
    trouble: LinliError | None = None
    part: int = 0  # which of the start event's definitions


def deployed(context: Context, process: str | None = None) -> list[Way]:
    """The ways into the newest version of every process, or of one, by name."""
    query = Definition.select(Definition.id).where(Definition.kind == "process", Definition.latest)
    if process is not None:
        query = query.where(Definition.key == process)
    rows = context.store.rows(query.order_by(Definition.key))
    waiting = _waiting(context)
    found: list[Way] = []
    for row in rows:
        for way in _ways(context.definitions.info(row["id"])):
            due = waiting.get((row["id"], way.node, way.part)) if way.kind == "timer" else None
            # a timer that fired for the last time leaves no row: nothing is to come
            known = replace(way, definition=row["id"], next=_moments(context, due, way.calendar) if due else ())
            found.append(known)
    return found


def drawn(context: Context, content: bytes) -> list[Way]:
    """The ways into the processes of a diagram, as if it were deployed now. InvalidFile."""
    return [_foretold(context, way) for info in bpmn.describe(content) for way in _ways(info)]


def upcoming(context: Context, expression: str, kind: str, calendar: str, count: int = SHOWN) -> tuple[Moment, ...]:
    """The next moments of a timer, from now. InvalidValue when it cannot be read."""
    try:
        first = World(context, Asking(context.clock.now(), 0)).begins(expression, kind, calendar)
    except ExpressionFailed as problem:
        raise InvalidValue(reason=str(problem.details["reason"])) from problem
    return _moments(context, first, calendar, count)


def _ways(info: ProcessInfo) -> Iterator[Way]:
    starters = tuple(part.strip() for part in info.properties.get("starters", "").split(",") if part.strip())
    for start in info.starts:
        yield _way(info, start, starters if start.kind == "plain" else ())


def _way(info: ProcessInfo, start: StartInfo, starters: tuple[str, ...]) -> Way:
    node = info.nodes.get(start.node)
    return Way(
        process=info.key,
        name=info.name or info.key,
        name_en=info.name_en,
        node=start.node,
        node_name=node.name if node else "",
        node_name_en=node.name_en if node else "",
        kind=start.kind,
        ref=start.ref,
        form=start.form,
        starters=starters,
        expression=start.expression,
        timer=start.timer,
        calendar=start.calendar,
        part=start.part,
    )


def _foretold(context: Context, way: Way) -> Way:
    if way.kind != "timer":
        return way
    try:
        return replace(way, next=upcoming(context, way.expression, way.timer, way.calendar))
    except LinliError as problem:
        return replace(way, trouble=problem)


def _waiting(context: Context) -> dict[tuple[int, str, int], Due]:
    """The next firing of each timer start that is deployed."""
    columns = (Timer.definition, Timer.node_id, Timer.due_at, Timer.settings)
    rows: list[dict[str, Any]] = context.store.rows(Timer.select(*columns).where(Timer.kind == "start"))
    return {
        (row["definition"], row["node_id"], values.loads(row["settings"]).get("part", 0)): begun(row) for row in rows
    }


def _moments(context: Context, first: Due, calendar: str, count: int = SHOWN) -> tuple[Moment, ...]:
    rules = context.times.rules(calendar or times.NATURAL)
    return tuple(Moment(due.at, due.flag) for due in times.upcoming(rules, first, context.clock.now(), count))
