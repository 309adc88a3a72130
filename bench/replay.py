"""`make replay`: a city's hotline export through the engine, compared with what the city recorded.

Owns the comparison and nothing of the engine: it runs `run.py import cases --replay` as an operator would, on SQLite
and PostgreSQL, the column of verdicts removed before; reads the verdicts that the command wrote from the journal; and
computes the expected ones apart, from the file's own columns. Then again with every target moved at random.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.postgres import running

ROOT = Path(__file__).parents[1]
MAP = ROOT / "workflows/community/maps/boston-311.toml"
ZONE = ZoneInfo("America/New_York")
FORMAT = "%Y-%m-%d %H:%M:%S"
TIMES = ("open_dt", "target_dt", "closed_dt")
KINDS = ("sqlite", "postgresql")
CITY = {"ONTIME": "ontime", "OVERDUE": "overdue"}

Row = dict[str, str]


def main() -> int:
    """Run all four replays; 1 when a figure is wrong."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("file", type=Path)
    options.add_argument("--seed", type=int, default=20110701, help="of the random shifts")
    options.add_argument("--rows", type=int, default=0, help="only so many rows")
    options.add_argument("--only", choices=KINDS, help="one kind of database")
    given = options.parse_args()
    rows = read(given.file)[: given.rows or None]
    wrong: list[str] = []
    for name, some, recorded in (("as recorded", rows, True), ("targets shifted", shifted(rows, given.seed), False)):
        for kind in KINDS if given.only is None else (given.only,):
            print(f"\n{kind}, {name}: {len(some):,} cases", flush=True)
            began = time.monotonic()
            found = list(differences(some, replayed(some, kind), recorded))
            print(f"{time.monotonic() - began:.0f} s with start and reading; {len(found)} differences", flush=True)
            wrong += found
    for line in wrong[:20]:
        print(line)
    print(f"\n{'WRONG' if wrong else 'RIGHT'}: {len(wrong)} differences")
    return 1 if wrong else 0


def read(path: Path) -> list[Row]:
    """The export's rows."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def shifted(rows: list[Row], seed: int) -> list[Row]:
    """Every target moved by up to thirty days either way, some onto the very second of the closing."""
    chance = random.Random(seed)
    made = []
    for row in rows:
        target = datetime.strptime(row["target_dt"], FORMAT) + timedelta(seconds=chance.randint(-2_592_000, 2_592_000))
        if row["closed_dt"] and chance.random() < 0.02:
            target = datetime.strptime(row["closed_dt"], FORMAT)
        made.append({**row, "target_dt": existing(target).strftime(FORMAT)})
    return made


def existing(local: datetime) -> datetime:
    """A local time moved out of the hour that the clocks skip in spring."""
    return local.replace(tzinfo=ZONE).astimezone(UTC).astimezone(ZONE).replace(tzinfo=None)


# ---- the engine's side ---------------------------------------------------------------------------------------------


def replayed(rows: list[Row], kind: str) -> dict[str, Row]:
    """Run the import on a fresh database; source id -> what the journal says."""
    with tempfile.TemporaryDirectory(prefix="linli-replay-") as name, database(kind, Path(name)) as url:
        folder = Path(name)
        file, verdicts = folder / "hotline.csv", folder / "verdicts.csv"
        write(file, rows)
        command = [sys.executable, str(ROOT / "run.py"), "import", "cases", str(file), "--process", "work-order"]
        command += ["--map", str(MAP), "--replay", "--verdicts", str(verdicts)]
        environment = {**os.environ, "LINLI_DATABASE": url, "LINLI_DATA": str(folder / "var")}
        subprocess.run(command, check=True, env=environment, cwd=folder)
        return {row["id"]: row for row in read(verdicts)}


def write(path: Path, rows: list[Row]) -> None:
    """The export without the city's verdicts."""
    columns = [name for name in rows[0] if name != "ontime"]
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.DictWriter(stream, columns, extrasaction="ignore")
        out.writeheader()
        out.writerows(rows)


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The address of a new, empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'replay.db'}"
        return
    with running() as server:
        server.command("create database replay")
        yield server.url("replay")


# ---- the other side: expected, from the file alone -----------------------------------------------------------------


def differences(rows: list[Row], found: dict[str, Row], recorded: bool) -> Iterator[str]:
    """What does not agree, one line each, and the figures on the way."""
    if len(found) != len(rows):
        yield f"{len(rows)} cases in, {len(found)} accounted for"
    counts: Counter[str] = Counter()
    for row in rows:
        got = found.get(row["case_enquiry_id"])
        if got is None:
            yield f"{row['case_enquiry_id']}: not accounted for"
            continue
        counts["escalated" if got["escalated"] else "without"] += 1
        expected = escalation(row)
        if got["escalated"] != expected:
            yield f"{got['id']}: escalated at {got['escalated'] or 'no time'}, expected {expected or 'none'}"
        if got["closed"] != closing(row):
            yield f"{got['id']}: closed {got['closed']}, expected {closing(row)}"
        city = CITY.get(row["ontime"])
        if recorded and row["closed_dt"] and city:
            counts["verdicts"] += 1
            if got["verdict"] != city:
                yield f"{got['id']}: verdict {got['verdict']}, the city's {city}"
    print(", ".join(f"{number:,} {what}" for what, number in sorted(counts.items())), flush=True)


def escalation(row: Row) -> str:
    """When the target timer must have fired, once: at the target, or at the opening if that was later; '' never."""
    opened, target, closed = (utc(row[name]) for name in TIMES)
    assert opened and target
    if closed is not None and closed <= target:
        return ""
    return max(target, opened).isoformat()


def closing(row: Row) -> str:
    """When the case must have been closed; '' never."""
    closed = utc(row["closed_dt"])
    return closed.isoformat() if closed else ""


def utc(text: str) -> datetime | None:
    """Naive UTC of a time in the export."""
    if not text:
        return None
    return datetime.strptime(text, FORMAT).replace(tzinfo=ZONE).astimezone(UTC).replace(tzinfo=None)


if __name__ == "__main__":
    sys.exit(main())
