"""Taking a migration back, as long as nothing has happened in the case since: the rows of before, as they were.

Owns the table `migration` (one row a case, of its last migration) and the rule: the case's last journal line is the
migration itself. Whatever somebody or the clock did since stays; then the way back is another migration.
"""

from __future__ import annotations

from engine.commands.case import Case
from engine.commands.context import Context
from engine.commands.runner import perform
from engine.commands.work import Work
from engine.errors import CannotMove, Forbidden, NotOpen, Said
from engine.store import loads, standing
from engine.store.models import Candidate, Incident, Job, Migration, Subscription, Timer, WorkItem

NOTHING = Said("这个事项没有可以撤销的迁移", "there is no migration of this case to take back")
SINCE = Said("迁移之后事项里已有新的动作", "something has happened in the case since")
_TASK = (
    *("node_id", "name", "name_en", "form", "form_definition", "settings", "assignee", "groups", "priority"),
    *("due_at", "due_flag", "clock", "stopped_at"),
)


def snapshot(work: Work, case: Case) -> str:
    """What the case is now, for the way back."""
    row = case.row
    kept = {"definition": row.definition, "version": row.version, "title": row.title, "unit": row.unit}
    return standing.packed(kept, row.state, standing.standing(work.context.store, row.id))


def keep(work: Work, case: Case, saved: str | None) -> None:
    """Remember the way back; None: there is none, the case went on by itself."""
    work.writes.delete(Migration, {"instance": [case.row.id]})
    if saved is not None:
        row = {"instance": case.row.id, "saved": saved, "made_by": work.actor, "made_at": work.now}
        work.writes.insert(Migration, row)


def undoable(context: Context, instances: list[int]) -> set[int]:
    """Those of the cases whose last migration can be taken back."""
    return standing.last(context.store, instances)


def undo(context: Context, instance: int, *, by: str) -> int:
    """Take a case's last migration back; the version it is on then. CannotMove when there is none or something has
    happened since, NotOpen, NotFound, Forbidden."""
    if by:
        context.people.require(by)

    def plan(work: Work) -> int:
        case = _migrated(work, instance, by)
        saved = standing.saved(context.store, instance)
        if saved is None:
            raise CannotMove(reason=NOTHING)
        if not standing.last(context.store, [instance]):
            raise CannotMove(reason=SINCE)
        _restore(work, case, saved)
        return case.row.version

    version: int = perform(context, by, plan, root=loads.root(context.store, instance), command="undo migration")
    return version


def _migrated(work: Work, instance: int, by: str) -> Case:
    case = work.case(instance)
    if case.row.status != "running":
        raise NotOpen(state=case.row.status)
    may, unit = work.context.people.may, case.row.unit or None
    if by and not (may(by, "operate", unit) or may(by, "design", unit)):
        raise Forbidden(who=by, action="migrate")
    return case


def _restore(work: Work, case: Case, saved: str) -> None:
    writes, instance = work.writes, case.row.id
    columns, state, rows = standing.unpacked(saved)
    data = {"from": case.row.version, "to": columns["version"]}
    for name, value in columns.items():
        setattr(case.row, name, value)
    writes.guard(instance, case.guard, {**columns, "state": state})
    _forget(work, instance)
    for item in rows["work_item"]:
        writes.update(WorkItem, {name: item[name] for name in _TASK}, {"id": item["id"], "status": "open"}, must=True)
    named = {"title": case.row.title, "unit": case.row.unit}
    writes.update(WorkItem, named, {"instance": instance, "status": "open"})
    for model in (Job, Incident):
        for row in rows[model._meta.table_name]:
            writes.update(model, {"node_id": row["node_id"]}, {"id": row["id"]})
    for kept in (Timer, Subscription, Candidate):
        for row in rows[kept._meta.table_name]:
            writes.insert(kept, row)
    writes.delete(Migration, {"instance": [instance]})
    work.line(case, "migration-undone", "", data)


def _forget(work: Work, instance: int) -> None:
    """Rows that are put back whole."""
    now = standing.standing(work.context.store, instance)
    for model in (Timer, Subscription):
        ids = [row["id"] for row in now[model._meta.table_name]]
        if ids:
            work.writes.delete(model, {"id": ids})
    items = [row["id"] for row in now["work_item"]]
    if items:
        work.writes.delete(Candidate, {"work_item": items})
