"""A case at a glance: where it stands, who has it and until when, what is late, what may come next, its steps.

Owns gathering these for the case's page, its print and its PDF; decides nothing, changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from admin.desk import story
from admin.widgets import current, dates, names
from engine.records import Instance, WorkItem


@dataclass(frozen=True, slots=True)
class Step:
    """One task of the case. `late`: how much later than its deadline, in words; '' in time or without one."""

    name: str
    who: str
    begun: datetime
    ended: datetime | None  # None: under way
    took: str
    due: datetime | None
    late: str
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Glance:
    """The whole. `ahead`: names of steps that may come next."""

    steps: list[Step]
    ahead: list[str]
    took: str  # from the start until now, or the end
    late: int  # steps under way whose time is up

    @property
    def was_late(self) -> int:
        """Finished steps that were late."""
        return sum(1 for step in self.steps if step.ended and step.late and not step.cancelled)


def glance(case: Instance) -> Glance:
    """What a leader sees first."""
    engine = current.engine()
    items = engine.work_items(instance=case.id, status=None, order="created_at")
    names.people(login for item in items for login in (item.assignee, item.ended_by, *item.candidates) if login)
    steps = [_step(item) for item in items]
    ahead = engine.steps_ahead(case.id) if case.status == "running" else []
    took = dates.span(((case.ended_at or current.now()) - case.started_at).total_seconds())
    late = sum(1 for step in steps if step.ended is None and step.late)
    return Glance(steps, [names.pick(node.name, node.name_en) or node.id for node in ahead], took, late)


def _step(item: WorkItem) -> Step:
    until = item.ended_at or current.now()
    counted = item.ended_at or item.stopped_at or current.now()  # a clock that stands still gets no later
    late = (counted - item.due_at).total_seconds() if item.due_at else 0
    return Step(
        name=story.node_name(item),
        who=_who(item),
        begun=item.created_at,
        ended=item.ended_at,
        took=dates.span((until - item.created_at).total_seconds()),
        due=item.due_at,
        late=dates.span(late) if late > 0 else "",
        cancelled=item.status == "cancelled",
    )


def _who(item: WorkItem) -> str:
    if item.status == "completed":
        return names.person(item.ended_by)
    return names.person(item.assignee) if item.assignee else ""
