"""The journal: append-only lines, hash-chained per case.

A line's `digest` is over its salt and its stored bytes; its `link` is over the previous link, the line's plain
columns and the digest. So one line's payload can be erased (data and salt gone, digest kept) and the chain still
holds. The head of a chain is a row of its own, apart from the case's guard: a comment moves it without fighting a
completion. Only `append` and `erase` write here.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.expressions import values
from engine.store.database import Store
from engine.store.models import Chain, Journal
from engine.store.points import Point, pass_through
from engine.store.statements import inserts

Head = tuple[int, str]  # number and link of a chain's last line
SALT = 8  # random bytes of a line's salt, stored as hexadecimal text
START: Head = (0, "")  # before the first line: there is no row yet


@dataclass(slots=True)
class Line:
    """A line to be written: what happened, where in the diagram, by whom."""

    event: str
    node: str
    actor: str
    at: datetime
    data: dict[str, Any]


def append(store: Store, instance: int, lines: Sequence[Line]) -> None:
    """Add lines to a case's chain. Inside the caller's transaction; locks the chain's head."""
    if not lines:
        return
    rows: list[dict[str, Any]] = []
    moved = 0
    while not moved:  # again only when somebody began the chain just now
        head = _locked(store, instance)
        rows = chained(instance, lines, head)
        moved = store.sql(*advance(instance, head, rows[-1])).rowcount
    pass_through(Point.HEAD_MOVED)
    for statement, bound in inserts(Journal, rows):
        store.sql(statement, bound)


def chained(instance: int, lines: Sequence[Line], head: Head) -> list[dict[str, Any]]:
    """The rows of lines that follow a head."""
    seq, before = head
    salts = secrets.token_hex(SALT * len(lines))
    rows = []
    for number, line in enumerate(lines):
        row = _row(instance, seq + 1 + number, line, salts[2 * SALT * number : 2 * SALT * (number + 1)])
        row["link"] = before = link(before, row)
        rows.append(row)
    return rows


def _locked(store: Store, instance: int) -> Head:
    lock = " for update" if store.postgres else ""
    found = store.sql(f"select seq, head from chain where instance = ?{lock}", (instance,)).fetchone()
    return found or START


def advance(instance: int, head: Head, last: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
    """The statement that moves the head to the last line; it changes no row when the head is somewhere else."""
    if head == START:
        statement = "insert into chain (instance, seq, head) values (?, ?, ?) on conflict do nothing"
        return statement, (instance, last["seq"], last["link"])
    statement = "update chain set seq = ?, head = ? where instance = ? and seq = ? and head = ?"
    return statement, (last["seq"], last["link"], instance, *head)


def _row(instance: int, seq: int, line: Line, salt: str) -> dict[str, Any]:
    data = text(line.data)
    return {
        "instance": instance,
        "seq": seq,
        "at": line.at,
        "actor": line.actor,
        "node_id": line.node,
        "event": line.event,
        "data": data,
        "salt": salt,
        "digest": digest(salt, data),
    }


def text(value: Any) -> str:
    """Tagged JSON as the columns keep it."""
    return values.dumps(value).decode()


def digest(salt: str, data: str) -> str:
    """Hex digest of a line's payload as stored."""
    return hashlib.sha256(f"{salt}\n{data}".encode()).hexdigest()


def link(previous: str, row: dict[str, Any]) -> str:
    """Hex digest that ties a line to all before it."""
    said = f"{row['at'].isoformat()}\n{row['actor']}\n{row['node_id']}\n{row['event']}\n{row['digest']}"
    return hashlib.sha256(f"{previous}\n{row['instance']}\n{row['seq']}\n{said}".encode()).hexdigest()


def erase(store: Store, instance: int, seq: int) -> bool:
    """Take one line's payload away for good; its digest and place in the chain stay. False when there is no such
    line."""
    with store.transaction():
        done = store.sql("update journal set data = null, salt = '' where instance = ? and seq = ?", (instance, seq))
        return bool(done.rowcount)


def broken(store: Store, instance: int) -> list[str]:
    """What is wrong with a case's chain: empty when every line and the head hold."""
    rows = store.rows(Journal.select().where(Journal.instance == instance).order_by(Journal.seq))
    head = store.row(Chain.select().where(Chain.instance == instance))
    return broken_lines(rows, head)


def broken_lines(rows: Sequence[dict[str, Any]], head: Mapping[str, Any] | None) -> list[str]:
    """The same of lines at hand (all columns, by number) and the row of their chain's head, None when there is none."""
    head = head or {"seq": 0, "head": ""}
    problems, previous = [], ""
    for expected, row in enumerate(rows, 1):
        problems += _line_problems(row, expected, previous)
        previous = row["link"]
    if (len(rows), previous) != (head["seq"], head["head"]):
        problems.append(
            f"the chain's head says {head['seq']} lines, the journal has {len(rows)}, or their links differ"
        )
    return problems


def _line_problems(row: dict[str, Any], expected: int, previous: str) -> list[str]:
    problems = []
    if row["seq"] != expected:
        problems.append(f"line {expected} is missing")
    if row["data"] is not None and digest(row["salt"], row["data"]) != row["digest"]:
        problems.append(f"line {row['seq']}: its payload was changed")
    if link(previous, row) != row["link"]:
        problems.append(f"line {row['seq']}: its link does not follow")
    return problems
