"""Rows that belong to nothing: found by the doctor, removed when an operator says so.

Owns the conditions, each written once for finding and removing. Journal lines are found and never removed: what is
left of a case is evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.store.database import Store


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of one table that should not be there. `number`: the column they are told by; `instance`: the case they
    name, if any; `said`: what is wrong, `{}` is the number."""

    table: str
    where: str
    said: str
    number: str = "id"
    instance: str = "0"
    removable: bool = True


_NO_CASE = "instance is not null and instance <> 0 and instance not in (select id from instance)"  # 0: store.house
_NOT_OPEN = "not in (select id from work_item where status = 'open')"
_OF_CASES = ("work_item", "timer", "subscription", "job", "incident")

KINDS = (
    *(Kind(table, _NO_CASE, f"{table} {{}} belongs to no case", instance="instance") for table in _OF_CASES),
    Kind("journal", _NO_CASE, "journal line {} belongs to no case", "seq", "instance", removable=False),
    Kind("chain", _NO_CASE, "the chain of {} belongs to no case", "instance", "instance", removable=False),
    Kind(
        "candidate",
        f"work_item {_NOT_OPEN}",
        "candidates wait for work item {}, which is not open",
        "work_item",
    ),
    Kind(
        "watcher",
        "work_item not in (select id from work_item)",
        "somebody watches work item {}, which is not there",
        "work_item",
    ),
    Kind(
        "timer",
        f"work_item is not null and work_item {_NOT_OPEN}",
        "timer {} reminds of a work item that is not open",
        instance="coalesce(instance, 0)",
    ),
    *(
        Kind(
            table,
            "definition is not null and definition not in (select id from definition)",
            f"{table} {{}} starts a process that is not there",
        )
        for table in ("timer", "subscription")
    ),
)


def find(store: Store) -> Iterator[tuple[int, str]]:
    """Every row that belongs to nothing: the case it names (0 = none) and what to say."""
    for kind in KINDS:
        columns = f"distinct {kind.instance}, {kind.number}"
        for instance, number in store.sql(f"select {columns} from {kind.table} where {kind.where}").fetchall():
            yield instance, kind.said.format(number)


def remove(store: Store) -> list[str]:
    """Remove those that may go; what was removed."""
    removed = []
    with store.transaction():
        for kind in KINDS:
            if kind.removable:
                count = store.sql(f"delete from {kind.table} where {kind.where}").rowcount
                removed += [f"{kind.table}: {count} removed"] if count else []
    return removed
