"""The journal: append-only lines, hash-chained per case.

A line's `digest` is over its salt, who, where and its stored bytes; its `link` is over the previous link, the line's
number, time, event and digest. What a line says of a person can be taken away or put under a pseudonym (`replace`):
the salt goes, the digest stays, so every link still holds and nobody finds the old words by trying. A line `redacted`
is added to the same chain and seals the lines as they stand now. Lines of chains begun before (links over who and where
in plain) are proved as they were written. The head of a chain is a row of its own, apart from the case's guard: a
comment moves it without fighting a completion. Only `append` and `replace` write here.
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
ERASED = "redacted"  # the event of a line that seals others
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
    """The rows of lines that follow a head. One loop over plain values: a command writes as many lines as it takes
    steps."""
    seq, before = head
    salts = secrets.token_hex(SALT * len(lines))
    rows = []
    at, moment = None, ""
    for number, line in enumerate(lines):
        if line.at is not at:  # nearly always all lines are of one moment
            at, moment = line.at, line.at.isoformat()
        seq += 1
        salt = salts[2 * SALT * number : 2 * SALT * (number + 1)]
        data = text(line.data)
        said = digest(salt, line.actor, line.node, data)
        before = _tied(before, instance, seq, moment, line.event, said)
        row = {
            "instance": instance,
            "seq": seq,
            "at": at,
            "actor": line.actor,
            "node_id": line.node,
            "event": line.event,
            "data": data,
            "salt": salt,
            "digest": said,
            "link": before,
        }
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


def text(value: Any) -> str:
    """Tagged JSON as the columns keep it."""
    return values.dumps(value).decode()


def digest(salt: str, actor: str, node: str, data: str) -> str:
    """Hex digest of what a line says of people, as stored."""
    return hashlib.sha256(f"{salt}\n{actor}\n{node}\n{data}".encode()).hexdigest()


def link(previous: str, row: Mapping[str, Any]) -> str:
    """Hex digest that ties a line to all before it."""
    return _tied(previous, row["instance"], row["seq"], row["at"].isoformat(), row["event"], row["digest"])


def _tied(previous: str, instance: int, seq: int, moment: str, event: str, said: str) -> str:
    return hashlib.sha256(f"2\n{previous}\n{instance}\n{seq}\n{moment}\n{event}\n{said}".encode()).hexdigest()


def _first_digest(row: Mapping[str, Any]) -> str:
    """As lines were digested in the first kind of chain."""
    return hashlib.sha256(f"{row['salt']}\n{row['data']}".encode()).hexdigest()


def _first_link(previous: str, row: Mapping[str, Any]) -> str:
    said = f"{row['at'].isoformat()}\n{row['actor']}\n{row['node_id']}\n{row['event']}\n{row['digest']}"
    return hashlib.sha256(f"{previous}\n{row['instance']}\n{row['seq']}\n{said}".encode()).hexdigest()


# ---- erasing -------------------------------------------------------------------------------------------------------


def hold(store: Store, instance: int) -> None:
    """Lock a chain: nobody adds a line until the caller's transaction ends."""
    _locked(store, instance)


def replace(store: Store, instance: int, rows: Sequence[Mapping[str, Any]], line: Line) -> None:
    """Lines of one chain become what `rows` say (actor, node_id, data; None = nothing), for good, and `line`, which
    tells of it, seals them. Inside the caller's transaction."""
    for row in rows:
        store.sql(
            "update journal set actor = ?, node_id = ?, data = ?, salt = '' where instance = ? and seq = ?",
            (row["actor"], row["node_id"], row["data"], instance, row["seq"]),
        )
    append(store, instance, [sealing(rows, line)])


def sealing(rows: Sequence[Mapping[str, Any]], line: Line) -> Line:
    """The line with the seals of the lines that it tells of."""
    seals = {str(row["seq"]): seal(row) for row in rows}
    return Line(ERASED, line.node, line.actor, line.at, {**line.data, "seals": seals})


def seal(row: Mapping[str, Any]) -> str:
    """Hex digest of an erased line as it stands: what of it is left can be proved too."""
    said = "\n".join(str(row[name] or "") for name in ("actor", "node_id", "event", "data", "digest", "link"))
    return hashlib.sha256(f"{row['instance']}\n{row['seq']}\n{row['at'].isoformat()}\n{said}".encode()).hexdigest()


# ---- proof ---------------------------------------------------------------------------------------------------------


def broken(store: Store, instance: int) -> list[str]:
    """What is wrong with a case's chain: empty when every line and the head hold."""
    rows = store.rows(Journal.select().where(Journal.instance == instance).order_by(Journal.seq))
    head = store.row(Chain.select().where(Chain.instance == instance))
    return broken_lines(rows, head)


def broken_lines(rows: Sequence[dict[str, Any]], head: Mapping[str, Any] | None) -> list[str]:
    """The same of lines at hand (all columns, by number) and the row of their chain's head, None when there is none."""
    head = head or {"seq": 0, "head": ""}
    problems, previous, seals = [], "", _seals(rows)
    for expected, row in enumerate(rows, 1):
        problems += _line_problems(row, expected, previous, seals.get(row["seq"]) == seal(row))
        previous = row["link"]
    if (len(rows), previous) != (head["seq"], head["head"]):
        problems.append(
            f"the chain's head says {head['seq']} lines, the journal has {len(rows)}, or their links differ"
        )
    return problems


def _seals(rows: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """The last seal of each line. A line that seals others counts when it is whole itself, or sealed by a later one."""
    seals: dict[int, str] = {}
    for row in reversed(rows):
        if row["event"] == ERASED and (_whole(row) or seals.get(row["seq"]) == seal(row)):
            lines = values.loads(row["data"]).get("seals", {})
            seals = {int(number): one for number, one in lines.items()} | seals
    return seals


def _whole(row: Mapping[str, Any]) -> bool:
    return row["data"] is not None and row["digest"] == digest(row["salt"], row["actor"], row["node_id"], row["data"])


def _line_problems(row: dict[str, Any], expected: int, previous: str, sealed: bool) -> list[str]:
    problems = []
    first = _first_link(previous, row) == row["link"]  # as chains were made before; an erased payload was None there
    if row["seq"] != expected:
        problems.append(f"line {expected} is missing")
    payload = _whole(row) or (first and (row["data"] is None or _first_digest(row) == row["digest"]))
    if not payload and not sealed:
        problems.append(f"line {row['seq']}: what it says was changed or taken away, and no line tells of it")
    if not first and not sealed and link(previous, row) != row["link"]:
        problems.append(f"line {row['seq']}: its link does not follow")
    return problems
