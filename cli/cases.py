"""`import cases`: a hotline's export becomes cases, or is played back on its own times.

Owns the words and figures an operator sees. What a row becomes is the mapping's, what a case becomes the engine's.
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path
from typing import Any

from cli.console import Bar, locale, say
from engine import Engine, imports
from engine.clock import ManualClock
from engine.errors import InvalidFile, InvalidSetting
from engine.settings import Settings

BY = "import"  # who starts the cases while nobody is registered


def add(commands: Any) -> None:
    """Put the command on the command line."""
    outer = commands.add_parser("import", help="bring cases in from a CSV or xlsx file (导入)")
    kinds = outer.add_subparsers(title="what", metavar="WHAT", required=True)
    cases = kinds.add_parser("cases", help="each row becomes a case, once")
    cases.add_argument("file", metavar="FILE", type=Path, help="CSV (UTF-8 or GBK) or xlsx")
    cases.add_argument("--process", metavar="KEY", help="process to start (default: the mapping's)")
    cases.add_argument("--map", metavar="MAPPING.toml", type=Path, required=True, help="which column is which variable")
    cases.add_argument("--by", metavar="LOGIN", default=BY, help="who starts the cases: a registered person")
    cases.add_argument(
        "--replay", action="store_true", help="the clock follows the file; needs a database without cases"
    )
    cases.add_argument(
        "--verdicts", metavar="OUT.csv", type=Path, help="with --replay: what the journal says of each case"
    )
    cases.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Import or play back; 1 when a row was rejected."""
    settings = Settings.from_environment()
    table, mapping = imports.open_table(options.file), imports.read_mapping(options.map)
    process = options.process or mapping.process
    if not process:
        raise InvalidFile(name=str(options.map), reason="it names no process; give one with --process")
    act = play if options.replay else bring
    return act(settings, options, table, mapping, process)


def bring(
    settings: Settings, options: argparse.Namespace, table: imports.Table, mapping: imports.Mapping, process: str
) -> int:
    """Import into the installation's database, with its own clock."""
    engine = Engine(settings.database, settings=settings)
    engine.migrate()
    began = time.monotonic()
    report = imports.load(engine, table, mapping, process, by=options.by, locale=locale(), progress=Bar())
    engine.close()
    rate = report.rows / max(time.monotonic() - began, 1e-9)
    say(
        f"共 {report.rows} 行：新建 {report.started}，早已导入 {report.known}，补结案 {report.closed}，"
        f"来时已结案 {report.over}，拒绝 {report.rejected}；其中 {report.incidents} 件有异常待处理。{rate:,.0f} 行/秒",
        f"{report.rows} rows: {report.started} started, {report.known} imported before, {report.closed} now closed, "
        f"{report.over} closed before they came, {report.rejected} rejected; {report.incidents} wait for an operator. "
        f"{rate:,.0f} rows/s",
    )
    say_rejects(report.rejects)
    return 1 if report.rejected else 0


def play(
    settings: Settings, options: argparse.Namespace, table: imports.Table, mapping: imports.Mapping, process: str
) -> int:
    """Play the file back on a database without cases, publishing the mapping's pack first when there is none."""
    total = imports.measure(table, mapping)
    with imports.Rejects(table, locale()) as rejects:
        records = [record for _line, record in imports.records(table, mapping, rejects)]
    if not records:
        raise InvalidFile(name=table.path.name, reason="it has no row that makes a case")
    clock = ManualClock(min(r.opened for r in records if r.opened is not None))
    engine = Engine(settings.database, clock=clock, settings=settings)
    _ready(engine, options)
    began = time.monotonic()
    instances = imports.replay(engine, clock, records, mapping, process, by=options.by, progress=Bar())
    seconds = time.monotonic() - began
    outcomes = list(imports.outcomes(engine, instances, mapping))
    engine.close()
    if options.verdicts:
        write_verdicts(options.verdicts, outcomes)
    counts = {verdict: sum(o.verdict == verdict for o in outcomes) for verdict in ("ontime", "overdue", "open")}
    fired = sum(len(o.escalated) for o in outcomes)
    say(
        f"共 {total} 行，{len(outcomes)} 件，拒绝 {rejects.count}；超时上报 {fired} 次；按期 {counts['ontime']}，"
        f"超期 {counts['overdue']}，未到期 {counts['open']}。{len(outcomes) / seconds:,.0f} 件/秒",
        f"{total} rows, {len(outcomes)} cases, {rejects.count} rejected; {fired} escalations; "
        f"{counts['ontime']} in time, {counts['overdue']} overdue, {counts['open']} open. "
        f"{len(outcomes) / seconds:,.0f} cases/s",
    )
    say_rejects(rejects.path)
    return 1 if rejects.count else 0


def _ready(engine: Engine, options: argparse.Namespace) -> None:
    """Refuse a database in use: a replay's clock stands in the past."""
    engine.migrate()
    if engine.instances(limit=1).total or not engine.people.empty():
        raise InvalidSetting(name="LINLI_DATABASE", reason="a replay needs a database without cases and people")
    pack = options.map.resolve().parents[1]
    if not engine.definitions(kind="process") and (pack / "pack.toml").is_file():
        engine.deploy_pack(pack, by=options.by)


def write_verdicts(path: Path, outcomes: list[imports.Outcome]) -> None:
    """One line a case: source id, verdict, when the target timer fired, when it was closed (naive UTC)."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(["id", "verdict", "escalated", "closed"])
        for one in outcomes:
            fired = " ".join(at.isoformat() for at in one.escalated)
            out.writerow([one.id, one.verdict, fired, one.closed.isoformat() if one.closed else ""])


def say_rejects(path: Path | None) -> None:
    """Where the rejected rows are."""
    if path is not None:
        say(f"被拒绝的行及原因：{path}", f"Rejected rows and why: {path}")
