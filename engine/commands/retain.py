"""Finished cases leave after their time, into an archive that proves itself or for good; and traces are swept.

Owns the archive's format: gzipped JSON lines, one family of cases a line, each batch a gzip member of its own that is
on the disk before its cases leave the database. A death in between leaves a family in both, never in neither. A case
whose journal is broken stays: it is evidence.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import logging
import os
import secrets
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from engine import bpmn
from engine.clock import SystemClock
from engine.commands.context import Context
from engine.commands.files import SMALL
from engine.errors import InvalidFile
from engine.store import journal, retention, text
from engine.store.locks import attempts
from engine.store.retention import Rows

log = logging.getLogger(__name__)
BATCH = 50  # families of one transaction
NEAR = timedelta(hours=1)


@dataclass(slots=True)
class Retained:
    """What a run did. `kept`: outermost cases that stay because their journal is broken."""

    cases: int = 0
    archive: Path | None = None
    kept: list[int] = field(default_factory=list)
    traces: dict[str, int] = field(default_factory=dict)


def retain(
    context: Context,
    folder: Path,
    *,
    days: int,
    trace_days: int,
    archive: Path | None,
    progress: Callable[[int], None] = lambda done: None,
) -> Retained | None:
    """Let cases go that ended more than `days` ago (0: none) and traces older than `trace_days` (0: none), in bounded
    steps while others work. `folder`: of the uploads; `archive`: where the cases are kept, None = nowhere. None when
    another process is at it."""
    context.store.refuse_inside()
    with context.store.connected(), attempts(context.store, ["retain"]) as mine:
        if not mine:
            return None
        done, now = Retained(), context.clock.now()
        if days:
            _cases(context, done, now - timedelta(days=days), Place(folder, archive, now), progress)
        if trace_days:
            done.traces = {
                table: _purge(context, table, now - timedelta(days=trace_days)) for table in retention.TRACES
            }
        return done


def _purge(context: Context, table: str, before: datetime) -> int:
    total = 0
    while gone := retention.purge(context.store, table, before):
        total += gone
    return total


# ---- cases ---------------------------------------------------------------------------------------------------------


class Place:
    """Where a run puts what it takes out: one file, begun with the first case, and a folder for uploads."""

    def __init__(self, uploads: Path, archive: Path | None, now: datetime) -> None:
        self._uploads, self._archive = uploads, archive
        self._name = f"cases-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}.jsonl.gz"
        self.file: Path | None = None

    def keep(self, families: list[Rows]) -> None:
        """Add a batch; it is on the disk when this returns."""
        if self._archive is None:
            return
        self._archive.mkdir(parents=True, exist_ok=True)
        self.file = self._archive / self._name
        lines = "".join(json.dumps(rows, ensure_ascii=False, default=_plain) + "\n" for rows in families)
        with os.fdopen(os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as out:
            out.write(gzip.compress(lines.encode()))
            out.flush()
            os.fsync(out.fileno())

        for rows in families:
            for upload in rows["attachment"]:
                self._copy(self._uploads / upload["id"], self._archive / "files" / upload["id"])

    def _copy(self, upload: Path, target: Path) -> None:
        if upload.is_file() and not target.exists():
            target.parent.mkdir(exist_ok=True)
            draft = target.with_name(f"{target.name}.part")
            shutil.copyfile(upload, draft)
            os.replace(draft, target)

    def forget(self, upload: str) -> None:
        """The bytes of an upload whose case has gone."""
        for name in (upload, f"{upload}{SMALL}"):
            (self._uploads / name).unlink(missing_ok=True)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else base64.b64encode(bytes(value)).decode()


def _cases(context: Context, done: Retained, before: datetime, place: Place, progress: Callable[[int], None]) -> None:
    store, last = context.store, 0
    named: set[str] | None = None
    below = _drawn_before(context, before)
    while roots := retention.families(store, before, last, BATCH, below):
        last = roots[-1]
        families = [rows for root in roots if _whole(rows := retention.family(store, root), done)]
        if named is None and any(rows["attachment"] for rows in families):
            named = retention.named_in_registers(store)
        for rows in families:
            for case in rows["instance"]:
                case["variables"] = json.loads(text(bpmn.variables(bytes(case["state"]))))
            rows["attachment"] = [file for file in rows["attachment"] if file["id"] not in (named or ())]
        place.keep(families)
        gone, files = retention.remove(store, families)
        for upload in files:
            place.forget(upload)
        done.cases += len(gone)
        progress(done.cases)
    done.archive = place.file


def _drawn_before(context: Context, before: datetime) -> int | None:
    """No case that ended before a moment has an id drawn after it: what need not be read. Ids follow the machine's
    time, so this holds for an engine that does too."""
    if abs(context.clock.now() - SystemClock().now()) > NEAR:
        return None
    return int((before - datetime(1970, 1, 1)).total_seconds() * 1000) << 22


def _whole(rows: Rows, done: Retained) -> bool:
    problems = list(_broken(rows))
    if problems:
        root = rows["instance"][0]["root"]
        log.error("case %s stays, its journal is broken: %s", root, "; ".join(problems))
        done.kept.append(root)
    return not problems


def _broken(rows: Rows) -> Iterator[str]:
    lines = defaultdict(list)
    for line in rows["journal"]:
        lines[line["instance"]].append(line)
    heads = {head["instance"]: head for head in rows["chain"]}
    for case in rows["instance"]:
        for problem in journal.broken_lines(lines[case["id"]], heads.get(case["id"])):
            yield f"case {case['id']}: {problem}"


# ---- proof ---------------------------------------------------------------------------------------------------------


def prove(archive: Path) -> tuple[int, list[str]]:
    """Read an archive and prove every journal in it, and that its uploads are beside it: how many outermost cases it
    holds, and what is wrong. InvalidFile."""
    cases, problems = 0, []
    try:
        with gzip.open(archive, "rt", encoding="utf-8") as lines:
            for line in lines:
                rows = json.loads(line)
                cases += 1
                problems += [*_broken(_typed(rows)), *_lost(rows, archive.parent / "files")]
    except EOFError:
        problems.append("the file ends in the middle of a batch; the cases of that batch never left the database")
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise InvalidFile(name=str(archive), reason=str(problem)) from problem
    return cases, problems


def _typed(rows: Rows) -> Rows:
    for line in rows["journal"]:
        line["at"] = datetime.fromisoformat(line["at"])
    return rows


def _lost(rows: Rows, folder: Path) -> Iterator[str]:
    for file in rows["attachment"]:
        path = folder / file["id"]
        if not path.is_file():
            yield f"the upload {file['id']} ({file['name']}) is not in {folder}"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != file["digest"]:
            yield f"the upload {file['id']} ({file['name']}) was changed"
