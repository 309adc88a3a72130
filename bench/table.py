"""The table: as it is printed, and as the README shows it, with the machine it was measured on.

Owns words and columns; knows no workload.
"""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.kit import Line

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- bench: written by `python -m bench --table` -->", "<!-- bench: end -->"
COLUMNS = "{:<4} {:<66} {:>6} {:>9} {:>9} {:>9} {:>7} {:>6}  {}"
HEAD = COLUMNS.format("", "work", "", "Linli", "floor", "raw", "cpu ms", "stmts", "reach")
REACHED = {True: "yes", False: "NO", None: ""}


def row(line: Line) -> str:
    """One line as it is printed."""
    shown = [figure(line.ours), figure(line.floor), figure(line.raw)]
    cost = [figure(line.more.get("cpu_ms")), figure(line.more.get("statements"))]
    reach = f"{line.target} {REACHED[line.reached]}".strip()
    return COLUMNS.format(line.work, line.what, line.unit, *shown, *cost, reach)


def figure(value: Any) -> str:
    """A number as the table shows it; what is no number is in the file only."""
    if not isinstance(value, (int, float)):
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def machine() -> dict[str, Any]:
    """What it runs on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "spiffworkflow": version("SpiffWorkflow"),
        "load": [round(one, 1) for one in os.getloadavg()],
    }


def _processor() -> str:
    """The processor's name as Linux tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", cpuinfo.read_text()) if cpuinfo.exists() else None
    return " ".join(found[1].split()) if found else platform.machine()


def described(found: dict[str, Any]) -> str:
    """A machine in a sentence."""
    return (
        "{processor}, {cores} cores, {memory_gb} GB; {system}; Python {python}, SQLite {sqlite}, SpiffWorkflow "
        "{spiffworkflow}; load at the start {load[0]}"
    ).format(**found)


def publish(found: dict[str, Any]) -> None:
    """Write the figures of a whole run into the README, between its marks."""
    text = README.read_text(encoding="utf-8")
    before, mark, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not mark or not end:
        raise SystemExit(f"{README} has no place for the table: {BEGIN} ... {END}")
    README.write_text(f"{before}{BEGIN}\n{markdown(found)}\n{END}{after}", encoding="utf-8")


def markdown(found: dict[str, Any]) -> str:
    """The table of a run."""
    head = ["| | work | Linli | floor | raw Spiff | reach | |", "|---|---|---|---|---|---|---|"]
    rows = [_cells(line) for line in found["lines"]]
    told = f"Measured {found['at'][:10]} on {described(found['machine'])}."
    return "\n".join([*head, *rows, "", told])


def _cells(line: dict[str, Any]) -> str:
    ours = f"{figure(line['ours'])} {line['unit']}"
    reached = {True: "yes", False: "**no**", None: ""}[line["reached"]]
    cells = (line["work"], line["what"], ours, figure(line["floor"]), figure(line["raw"]), line["target"], reached)
    return "| " + " | ".join(cells) + " |"
