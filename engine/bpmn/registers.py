"""Data stores: what an element reads of a register before its inputs and writes into one after its outputs.

Owns the two calls of inline services by which that is done (`register.find`, `register.put`), so that rows land in the
command's own commit. Must not know what a register is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.bpmn.settings import Mapping as Line
from engine.bpmn.settings import Rows
from engine.bpmn.star import Star
from engine.bpmn.tokens import Token
from engine.errors import InvalidValue, Said

MOST = 1_000  # rows, as many as `register.find` gives


def read(star: Star, token: Token, rows: Rows, variables: Mapping[str, Any]) -> list[Any]:
    """The rows that an association reads. InvalidValue when they are too many to be all."""
    where = star.world.evaluate(rows.where.removeprefix("=").strip(), variables) if rows.where else None
    found = star.world.call("register.find", {"register": rows.register, "where": where}, {}, _about(token))
    if len(found) >= MOST:
        zh = f"台账“{rows.register}”的记录太多（{MOST} 条以上），请用属性 where 限定。"
        raise InvalidValue(reason=Said(zh, f"{rows.register} has {MOST} rows or more: narrow them by property where"))
    return list(found)


def write(star: Star, token: Token, lines: Sequence[Line], variables: Mapping[str, Any]) -> None:
    """Each value is a row, or a list of rows. InvalidValue for anything else."""
    for line in lines:
        value = star.world.evaluate(line.source.removeprefix("=").strip(), variables)
        rows = value if isinstance(value, list) else [value]
        if not all(isinstance(row, dict) for row in rows):
            zh = f"写入台账“{line.target}”的值应是一条记录（context）或记录的列表。"
            raise InvalidValue(reason=Said(zh, f"what is written to {line.target} must be a context or a list of them"))
        for row in rows:
            star.world.call("register.put", {"register": line.target, "row": row}, {}, _about(token))


def _about(token: Token) -> dict[str, Any]:
    spec = token.task_spec
    return {"token": str(token.id), "node": spec.bpmn_id, "properties": spec.settings.properties}
