"""`make faults`: processes killed at random and at every named point, on SQLite and PostgreSQL.

    python -m tests.faults --kills 500 --seed 1 --only sqlite

Owns the order and the table. Exit code 1 when anything was lost, doubled or broken.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from engine.store.points import Point
from tests.faults.siege import Report, Siege
from tests.postgres import running


def main() -> int:
    """Run the sieges asked for."""
    options = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    options.add_argument("--kills", type=int, default=500, help="on each database")
    options.add_argument("--seed", type=int, default=1, help="of the plan of deaths")
    options.add_argument("--only", choices=["sqlite", "postgres"], help="one database")
    options.add_argument("--url", help="a database that is there and empty, instead of those")
    options.add_argument("--no-web", action="store_true", help="engine processes only")
    options.add_argument("--plant", action="append", default=[], metavar="SQL", help="spoil it: it has to be noticed")
    options.add_argument("--json", help="write the reports there too")
    given = options.parse_args()
    reports = [siege(given, url) for url in ([given.url] if given.url else [])] or both(given)
    if given.json:
        Path(given.json).write_text(json.dumps([vars(report) for report in reports]))
    print(table(reports), flush=True)
    return 1 if any(report.problems for report in reports) else 0


def both(given: argparse.Namespace) -> list[Report]:
    """A siege on each kind of database that is asked for."""
    reports = []
    if given.only != "postgres":
        with tempfile.TemporaryDirectory(prefix="linli-faults-") as folder:
            reports.append(siege(given, f"sqlite:///{folder}/linli.db"))
    if given.only != "sqlite":
        with running() as server:
            server.command("create database faults")
            reports.append(siege(given, server.url("faults")))
    return reports


def siege(given: argparse.Namespace, url: str) -> Report:
    """One siege in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="linli-siege-") as folder:
        return Siege(Path(folder), url, given.seed, not given.no_web, given.plant).run(given.kills)


def table(reports: list[Report]) -> str:
    """The reports side by side."""
    lines = [row("", [report.database for report in reports])]
    lines.append(row("killed", [report.kills for report in reports]))
    lines.append(row("seconds", [round(report.seconds) for report in reports]))
    names = sorted({name for report in reports for name in report.deaths if name.startswith("random")})
    places = [*names, *(point.name for point in Point)]
    lines += [row(f"  {name}", [deaths(report, name) for report in reports]) for name in places]
    lines += [row(name, [report.found.get(name, "") for report in reports]) for name in reports[0].found]
    lines.append(row("problems", [len(report.problems) for report in reports]))
    lines += [f"{report.database}: {problem}" for report in reports for problem in report.problems]
    return "\n".join(lines)


def deaths(report: Report, name: str) -> str:
    """How often somebody died there; in brackets how often nobody came by in time."""
    missed = f" ({report.missed[name]})" if report.missed[name] else ""
    return f"{report.deaths[name]}{missed}"


def row(name: str, cells: list[object]) -> str:
    """A line of the table."""
    return f"{name:<24}" + "".join(f"{cell!s:>16}" for cell in cells)


if __name__ == "__main__":
    sys.exit(main())
