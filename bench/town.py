"""A town of 74,000 people with a million finished tasks behind it, made by the database itself.

Owns rows written past the engine, quickly and all alike, for measuring reads only: no journal, no state worth loading.
Ids count from 1, so that what is newer has the larger one, as with real ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import AutoField

from bench.kit import PERSON, ROLE, UNIT
from engine import Engine
from engine.store import search
from engine.store.models import TABLES

NOW = datetime(2026, 11, 21, 1, 0)
HERS = 50  # every so many-th finished task was hers who is measured, every so many-th case too
UNITS = 1_500
CANDIDATES = 3  # people that a free task is offered to
DEFAULTS = {
    table._meta.table_name: {
        f.column_name: f.default for f in table._meta.sorted_fields if not isinstance(f, AutoField)
    }
    for table in TABLES
}


@dataclass(frozen=True, slots=True)
class Town:
    """How much of everything."""

    people: int = 74_000
    finished: int = 1_000_000
    open: int = 20_000


class Builder:
    """Fills an engine's database."""

    def __init__(self, engine: Engine, town: Town) -> None:
        self._store, self._town = engine.store, town
        self._definition = engine.definitions(kind="process", key="p")[0]

    def build(self) -> None:
        """All of it, in one transaction, and the statistics that planners use."""
        town = self._town
        with self._store.transaction():
            self._units()
            self._people()
            self._cases(town.finished // 2, town.open)
            self._items(1, town.finished, town.finished // 2, "completed")
            self._items(town.finished + 1, town.open, town.open, "open")
            self._candidates()
            self._texts()
        with self._store.connected():
            self._store.sql("vacuum analyze" if self._store.postgres else "analyze")

    def _units(self) -> None:
        text = "'unit-' || n"
        self.fill("unit", UNITS, {"id": "n", "code": text, "name": "'单位' || n", "path": "'/unit-' || n || '/'"})

    def _people(self) -> None:
        self.fill(
            "person",
            self._town.people,
            {
                "id": "n",
                "login": "'p' || n",
                "name": "'居民' || n",
                "mobile": "'1' || (3000000000 + n)",
                "home_unit": f"'unit-' || (1 + {_rest('n', UNITS)})",
                "fs_uniquifier": "'u' || n",
                "created_at": _instant(NOW),
            },
        )
        post = {"person": "'p' || n", "role": _text(ROLE), "unit": f"'unit-' || (1 + {_rest('n', UNITS)})"}
        self.fill("post", self._town.people // 10, post)

    def _cases(self, finished: int, running: int) -> None:
        self.fill(
            "instance",
            finished + running,
            {
                "id": "n",
                "definition": str(self._definition.id),
                "process_key": "'p'",
                "version": str(self._definition.version),
                "status": f"case when n <= {finished} then 'completed' else 'running' end",
                "title": "'第' || n || '号事项：楼道照明报修'",
                "unit": self._where(),
                "started_by": self._who(),
                "started_at": self._when(),
                "root": "n",
                "guard": "n",
                "state": "x''" if not self._store.postgres else "''::bytea",
            },
        )

    def _items(self, first: int, count: int, cases: int, status: str) -> None:
        case = f"{_rest('n - 1', cases)} + {1 if status == 'completed' else self._town.finished // 2 + 1}"
        ended = {"ended_at": self._when(), "ended_by": self._who(), "assignee": self._who()}
        waits = {"assignee": f"case when {_rest('n', 2)} = 0 then '' else {self._who()} end", "due_at": self._when()}
        self.fill(
            "work_item",
            count,
            {
                "id": "n",
                "instance": case,
                "token": "'1'",
                "node_id": "'u1'",
                "name": "'现场核实'",
                "process_key": "'p'",
                "title": "'第' || n || '号事项：楼道照明报修'",
                "unit": self._where(),
                "status": _text(status),
                "created_at": self._when(),
                **(ended if status == "completed" else waits),
            },
            first,
        )

    def _candidates(self) -> None:
        first, town = self._town.finished + 1, self._town
        for number in range(CANDIDATES):
            whom = f"'p' || (1 + {_rest(f'n * 7 + {number * 13}', town.people)})"
            whom = f"case when {_rest('n', HERS)} = 0 then {_text(PERSON)} else {whom} end" if number == 0 else whom
            self.fill("candidate", town.open, {"work_item": "n", "login": whom}, first, f"{_rest('n', 2)} = 0")

    def _texts(self) -> None:
        """What the search knows of the cases, as the tick would have read it: none of them waits to be read."""
        cases, named = self._town.finished // 2 + self._town.open, "'第' || n || '号事项'"
        self.fill("case_text", cases, {"instance": "n", "body": f"{named} || ' 楼道照明报修'"})
        longest = len(f"第{cases}号事项")
        pairs = [f"case when length({named}) > {at} then substr({named}, {at}, 2) end" for at in range(1, longest)]
        pairs += [_text(pair) for pair in sorted(search.grams("楼道照明报修"))]
        if self._store.postgres:
            columns = {"instance": "n", "grams": f"array_remove(array[{', '.join(pairs)}], null)"}
        else:
            columns = {"rowid": "n", "grams": " || ' ' || ".join(f"coalesce({pair}, '')" for pair in pairs)}
        self.fill("case_grams", cases, columns)
        self._store.sql("delete from search_due")

    def _who(self) -> str:
        others = f"'p' || (1 + {_rest('n', self._town.people)})"
        return f"case when {_rest('n', HERS)} = 1 then {_text(PERSON)} else {others} end"

    def _where(self) -> str:
        return f"case when {_rest('n', HERS)} = 1 then {_text(UNIT)} else 'unit-' || (1 + {_rest('n', UNITS)}) end"

    def _when(self) -> str:
        """Within the last three years, in no order."""
        minutes = _rest("n * 7919", 1_576_800)
        start = NOW - timedelta(days=1095)
        if self._store.postgres:
            return f"{self.instant(start)} + ({minutes}) * interval '1 minute'"
        return f"datetime({_instant(start)}, '+' || ({minutes}) || ' minutes')"

    def instant(self, value: datetime) -> str:
        """SQL of a time where the column does not tell that it is one."""
        return _instant(value) + ("::timestamp" if self._store.postgres else "")

    def fill(self, table: str, count: int, columns: dict[str, str], first: int = 1, test: str = "1 = 1") -> None:
        """Rows `n` from `first`; `columns`: SQL of each in terms of n; others take the model's default."""
        rest = {name: _value(value) for name, value in DEFAULTS.get(table, {}).items() if name not in columns}
        whole = rest | columns
        names, made = ", ".join(f'"{name}"' for name in whole), ", ".join(whole.values())
        last = first + count - 1
        numbers = f"select cast({first} as bigint) as n union all select n + 1 from numbers where n < {last}"
        self._store.sql(
            f"insert into {table} ({names}) with recursive numbers as ({numbers}) "
            f"select {made} from numbers where {test}"
        )


def _rest(number: str, by: int) -> str:
    """SQL of a division's rest (`%` is psycopg's own mark)."""
    return f"(({number}) - {by} * (({number}) / {by}))"


def _text(value: str) -> str:
    return f"'{value}'"


def _instant(value: datetime) -> str:
    return _text(str(value))


def _value(value: Any) -> str:
    """SQL of a model's default."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else _text(str(value))
