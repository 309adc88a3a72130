"""`make bench`: the workloads of the engine, each beside its floor and its peer; a table and bench/out/bench.json.

Owns the order, the table and the file. Nothing here decides whether tests pass: speed is never a timed test.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import clients, desk, flows, growth, shares, table, timers, web
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
    options.add_argument("--profile", action="store_true", help="print where the time goes, instead of keeping figures")
    options.add_argument("--table", action="store_true", help="write the last whole run's table into the README")
    given = options.parse_args()
    if given.table:
        table.publish(json.loads((OUT / "bench.json").read_text(encoding="utf-8")))
    elif given.profile:
        with shares.profiling() as profile:
            run(given)
            print(*shares.report(shares.collected(profile)), sep="\n")
    else:
        on = table.machine()
        keep(on, run(given), given)
    return 0


def run(given: argparse.Namespace) -> list[Line]:
    """The lines asked for, on a database server of this run's own."""
    with tempfile.TemporaryDirectory(prefix="linli-bench-") as folder:
        if given.no_postgres:
            return measure(Run(Path(folder), None, given.quick), given.only)
        with running(safe=True) as server:
            return measure(Run(Path(folder), server, given.quick), given.only)


def measure(run: Run, only: list[str]) -> list[Line]:
    """The lines of the workloads, printed as they come."""
    print(table.described(table.machine()), table.HEAD, sep="\n", flush=True)
    lines: list[Line] = []
    for name in only or WORKLOADS:
        for workload in WORKLOADS[name]:
            for line in workload(run):
                print(table.row(line), flush=True)
                lines.append(line)
    return lines


def keep(on: dict[str, Any], lines: list[Line], given: argparse.Namespace) -> None:
    """Write the figures to a file: bench.json of a whole run, which is what `--table` shows."""
    OUT.mkdir(exist_ok=True)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    found = {"at": at, "machine": on, "quick": given.quick, "lines": [line.plain() for line in lines]}
    path = OUT / ("quick.json" if given.quick else "part.json" if given.only or given.no_postgres else "bench.json")
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"written to {path}")


if __name__ == "__main__":
    sys.exit(main())
