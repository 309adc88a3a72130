"""`make bench`: the workloads of the engine, each beside its floor and its peer; a table and bench/out/bench.json.

Owns the order, the table and the file. Nothing here decides whether tests pass: speed is never a timed test.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import clients, desk, flows, growth, timers, web
from bench.kit import Line, Run
from tests.postgres import running

OUT = Path(__file__).parent / "out"
WORKLOADS: dict[str, tuple[Callable[[Run], Iterator[Line]], ...]] = {
    "W1": (flows.w1,),
    "W2": (flows.w2, clients.w2_clients),
    "W3": (flows.w3,),
    "W4": (timers.w4,),
    "W5": (growth.w5,),
    "W6": (growth.w6,),
    "W7": (web.w7,),
    "W8": (desk.w8,),
    "W9": (timers.w9,),
    "W10": (growth.w10,),
    "W11": (growth.w11,),
    "W12": (clients.w12,),
    "SU": (web.su,),
}


def main() -> int:
    """Run the workloads asked for; always 0: a slow machine is no failure."""
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("only", nargs="*", choices=[[], *WORKLOADS], help="workloads, all when none is named")
    options.add_argument("--quick", action="store_true", help="a small run, to see that everything works")
    options.add_argument("--no-postgres", action="store_true", help="SQLite only")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="linli-bench-") as folder:
        if given.no_postgres:
            lines = measure(Run(Path(folder), None, given.quick), given.only)
        else:
            with running(safe=True) as server:
                lines = measure(Run(Path(folder), server, given.quick), given.only)
    keep(lines, given.quick)
    return 0


def measure(run: Run, only: list[str]) -> list[Line]:
    """The lines of the workloads, printed as they come."""
    print(machine(), HEAD, sep="\n", flush=True)
    lines: list[Line] = []
    for name in only or WORKLOADS:
        for workload in WORKLOADS[name]:
            for line in workload(run):
                print(row(line), flush=True)
                lines.append(line)
    return lines


COLUMNS = "{:<4} {:<58} {:>5} {:>9} {:>9} {:>9} {:>7} {:>6}  {}"
HEAD = COLUMNS.format("", "work", "", "Linli", "floor", "raw", "cpu ms", "stmts", "reach")


def row(line: Line) -> str:
    """One line of the table."""
    mark = {True: "yes", False: "NO", None: ""}[line.reached]
    shown = [figure(line.ours), figure(line.floor), figure(line.raw)]
    cost = [figure(line.more.get("cpu_ms")), figure(line.more.get("statements"))]
    return COLUMNS.format(line.work, line.what, line.unit, *shown, *cost, f"{line.target} {mark}".strip())


def figure(value: Any) -> str:
    """A number as the table shows it; what is no number is in the file only."""
    if not isinstance(value, (int, float)):
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def machine() -> str:
    """What it ran on."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load}"


def keep(lines: list[Line], quick: bool) -> None:
    """Write the figures to a file."""
    OUT.mkdir(exist_ok=True)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    found = {"at": at, "machine": machine(), "quick": quick, "lines": [line.plain() for line in lines]}
    path = OUT / ("quick.json" if quick else "bench.json")
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"written to {path}")


if __name__ == "__main__":
    sys.exit(main())
