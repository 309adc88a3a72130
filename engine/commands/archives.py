"""One person's data in the archives that `retain` wrote: told, counted, or taken away.

Owns reading an archive and writing it anew beside the old one, which it replaces in one step; a family that says
nothing of them is copied as it is. Each changed journal gets its line `redacted`: the archive proves itself as before.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from engine import bpmn
from engine.commands.erasing import Erasing
from engine.expressions import values
from engine.store import journal
from engine.store.retention import Rows

TABLES = ("work_item", "incident")  # beside cases, journals and uploads


def walk(folder: Path | None, erasing: Erasing) -> None:
    """Go through every archive of a folder; with `write` those that hold something are written anew."""
    for archive in sorted(folder.glob("cases-*.jsonl.gz")) if folder is not None and folder.is_dir() else ():
        changed = sum(_changed(erasing, line) is not None for line in _lines(archive))
        erasing.counts["archived"] += changed
        if changed and erasing.write:
            _rewrite(archive, erasing)


def _lines(archive: Path) -> Iterator[str]:
    with gzip.open(archive, "rt", encoding="utf-8") as lines:
        yield from lines


def _rewrite(archive: Path, erasing: Erasing) -> None:
    draft, files = archive.with_name(f"{archive.name}.part"), archive.parent / "files"
    gone: list[str] = []
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
        with gzip.open(raw, "wt", encoding="utf-8") as out:
            for line in _lines(archive):
                fresh = _changed(erasing, line)
                gone += _uploads(erasing, json.loads(line)) if fresh is not None else []
                out.write(line if fresh is None else fresh)
        raw.flush()
        os.fsync(raw.fileno())
    os.replace(draft, archive)
    for upload in gone:
        (files / upload).unlink(missing_ok=True)


def _changed(erasing: Erasing, line: str) -> str | None:
    """A family's line without the person; None when it says nothing of them."""
    login = erasing.subject.login
    if not (erasing.subject.held(line) or (login and f'"{login}"' in line)):
        return None
    rows: Rows = json.loads(line)
    before = json.dumps(rows)
    files = _uploads(erasing, rows)
    erasing.uploads |= frozenset(files)
    rows["attachment"] = [row for row in rows["attachment"] if row["id"] not in files]
    for case in rows["instance"]:
        _case(erasing, rows, case)
    for table in TABLES:
        rows[table] = [_row(erasing, row) for row in rows[table]]
    return None if json.dumps(rows) == before else json.dumps(rows, ensure_ascii=False) + "\n"


def _uploads(erasing: Erasing, rows: Rows) -> list[str]:
    """Files of theirs: uploaded by them, or by a visitor to a case that names them."""
    visited = {case["id"] for case in rows["instance"] if not case["started_by"] and _names(erasing, case)}
    return [
        row["id"]
        for row in rows["attachment"]
        if (row["uploaded_by"] and row["uploaded_by"] == erasing.subject.login)
        or (not row["uploaded_by"] and row["instance"] in visited)
    ]


def _names(erasing: Erasing, case: dict[str, Any]) -> bool:
    return erasing.subject.held(json.dumps(case["variables"], ensure_ascii=False))


def _case(erasing: Erasing, rows: Rows, case: dict[str, Any]) -> None:
    """One case of a family and its journal, changed in place."""
    redaction, login = erasing.redaction(case["definition"]), erasing.subject.login
    hands = {row["ended_by"] for row in rows["work_item"] if row["instance"] == case["id"]} | {case["started_by"]}
    mine = bool(login) and login in hands
    state = bpmn.rewritten(base64.b64decode(case["state"]), lambda value: redaction.value(value, mine=mine))
    case["state"], case["variables"] = base64.b64encode(state).decode(), _variables(state)
    case["title"] = erasing.titled(case["title"], bool(redaction.taken))
    case |= {name: _word(erasing, case[name]) for name in ("started_by", "business_key")}
    for row in rows["work_item"]:
        if row["instance"] == case["id"]:
            row["title"] = erasing.titled(row["title"], bool(redaction.taken))
    _journal(erasing, rows, case["id"], redaction)
    if redaction.taken:
        erasing.told["archived"].append(
            {"case": str(case["id"]), "values": [[key, values.plain(value)] for key, value in redaction.taken]}
        )


def _variables(state: bytes) -> Any:
    return json.loads(journal.text(bpmn.variables(state)))


def _word(erasing: Erasing, text: str | None) -> str | None:
    return text and erasing.subject.word(text)


def _journal(erasing: Erasing, rows: Rows, case: int, redaction: Any) -> None:
    lines = [row for row in rows["journal"] if row["instance"] == case]
    timed = [row | {"at": datetime.fromisoformat(row["at"])} for row in lines]
    fresh = {row["seq"]: row | {"salt": ""} for row in erasing.lines(timed, redaction)}
    if not fresh:
        return
    head = next(row for row in rows["chain"] if row["instance"] == case)
    line = journal.sealing(list(fresh.values()), erasing.line)
    (added,) = journal.chained(case, [line], (head["seq"], head["head"]))
    head |= {"seq": added["seq"], "head": added["link"]}
    kept = [fresh.get(row["seq"], row) for row in timed] + [added]
    others = [row for row in rows["journal"] if row["instance"] != case]
    rows["journal"] = others + [row | {"at": row["at"].isoformat()} for row in kept]


def _row(erasing: Erasing, row: dict[str, Any]) -> dict[str, Any]:
    return {name: erasing.column(one) if isinstance(one, str) else one for name, one in row.items()}
