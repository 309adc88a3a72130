"""What a case says, gathered for the search: title, number, process, answers, remarks.

Owns what is read; where it is kept is `store.search`'s. Runs in the tick, a few cases a transaction: a command notes
only that its case is to be read, so that nobody who hands in a form waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine import bpmn
from engine.commands.context import Context
from engine.expressions import values
from engine.store import attachments, loads, search
from engine.store.models import Definition, Journal

BATCH = 25
ENOUGH = 40  # batches of one tick


def read_cases(context: Context) -> int:
    """Read the cases that wait for it, up to a thousand; how many were read."""
    context.store.refuse_inside()
    done = 0
    for _ in range(ENOUGH):
        some = _batch(context)
        done += some
        if some < BATCH:
            break
    return done


def _batch(context: Context) -> int:
    store = context.store
    if not store.sql("select 1 from search_due limit 1").fetchone():
        return 0  # the usual tick writes nothing
    with store.transaction():
        ids = search.due(store, BATCH)
        for instance in ids:
            row = loads.case(store, instance)
            if row is not None:
                search.keep(store, instance, " ".join(_said(context, row)))
    return len(ids)


def _said(context: Context, row: loads.CaseRow) -> Iterator[str]:
    yield row.title
    yield row.business_key or ""
    names = Definition.select(Definition.name, Definition.name_en).where(Definition.id == row.definition)
    yield from (context.store.row(names) or {}).values()
    remarks = Journal.select(Journal.data).where(Journal.instance == row.id, Journal.event == "comment")
    for remark in context.store.rows(remarks):
        if remark["data"] is not None:  # None: erased
            yield str(values.loads(remark["data"]).get("text", ""))
    yield from _texts(bpmn.variables(row.state))


def _texts(value: Any) -> Iterator[str]:
    """Texts anywhere in a value, names of uploads aside."""
    if isinstance(value, str):
        if not attachments.named(value):
            yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
