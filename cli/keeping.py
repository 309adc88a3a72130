"""`backup`, `restore`, `retain`: what keeps an installation safe and small.

Owns the words and figures an operator sees. Each may run while the program serves.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from cli.console import say
from engine import Engine
from engine.errors import InvalidSetting, Said
from engine.settings import Settings

NOTHING = Said("是 0：请设置它，或用 --days / --trace-days", "it is 0: set it, or say --days or --trace-days")


def add(commands: Any) -> None:
    """Put the commands on the command line."""
    backup = commands.add_parser("backup", help="everything in one file, while it runs (备份)")
    backup.add_argument("file", metavar="FILE", type=Path, help="where to: a .tar.gz; it holds secrets")
    backup.set_defaults(run=run_backup)
    restore = commands.add_parser("restore", help="put a backup back and prove it (恢复)")
    restore.add_argument("file", metavar="FILE", type=Path, help="a file that `backup` wrote")
    restore.set_defaults(run=run_restore)
    retain = commands.add_parser("retain", help="let old finished cases go, into an archive (归档)")
    retain.add_argument("--days", type=int, metavar="N", help="cases that ended more than N days ago")
    retain.add_argument("--trace-days", type=int, metavar="N", help="keys, messages and letters older than N days")
    retain.add_argument("--no-archive", action="store_true", help="remove the cases for good")
    retain.add_argument("--prove", type=Path, metavar="FILE", help="prove an archive instead")
    retain.set_defaults(run=run_retain)
    for one in (backup, restore):
        one.add_argument("--force", action="store_true", help="overwrite what is there")


def run_backup(options: argparse.Namespace) -> int:
    """Write the backup; say how large it is."""
    settings = Settings.from_environment()
    engine = Engine(settings.database, settings=settings)
    size = engine.backup(options.file, options.force)
    engine.close()
    say(
        f"已备份到 {options.file}（{size:,} 字节）。其中有密钥和个人信息，请妥善保管。",
        f"Everything is in {options.file} ({size:,} bytes). It holds the key and personal data: keep it safe.",
    )
    return 0


def run_restore(options: argparse.Namespace) -> int:
    """Put it back, bring the tables up to date, and prove it; 1 when the doctor finds something."""
    settings = Settings.from_environment()
    made = Engine.restore(settings, options.file, options.force)
    engine = Engine(settings.database, settings=settings)
    engine.migrate()
    findings = engine.doctor()
    engine.close()
    say(f"已恢复 {made}（UTC）的备份。", f"The backup of {made} (UTC) is back.")
    for finding in findings:
        print(finding)
    if findings:
        say(f"体检发现 {len(findings)} 个问题。", f"The doctor finds {len(findings)} things wrong.")
    else:
        say("体检通过：数据库完好。", "Proved by the doctor: the database is whole.")
    say("请重启正在运行的 serve。", "Restart every serve that runs.")
    return 1 if findings else 0


def run_retain(options: argparse.Namespace) -> int:
    """Let go what is old, as the settings or the options say; 1 when a case stays because its journal is broken."""
    if options.prove:
        return prove(options.prove)
    settings = Settings.from_environment()
    days = settings.retain_days if options.days is None else options.days
    traces = settings.trace_days if options.trace_days is None else options.trace_days
    if not (days or traces):
        raise InvalidSetting(name="LINLI_RETAIN_DAYS", reason=NOTHING)
    engine = Engine(settings.database, settings=settings)
    engine.migrate()
    done = engine.retain(days, traces, False if options.no_archive else None)
    engine.close()
    if done is None:
        say("另一个进程正在归档。", "Another process is at it.")
        return 0
    where = f" -> {done.archive}" if done.archive else ""
    say(f"移出 {done.cases} 个已结束的事项{where}", f"{done.cases} finished cases have left{where}")
    for table, number in done.traces.items():
        say(f"清理 {table}：{number} 行", f"swept {number} rows of {table}")
    for case in done.kept:
        say(f"事项 {case} 保留：日志校验不通过。", f"Case {case} stays: its journal is broken.")
    return 1 if done.kept else 0


def prove(archive: Path) -> int:
    """Say whether an archive is whole."""
    cases, problems = Engine.prove_archive(archive)
    for problem in problems:
        print(problem)
    if not problems:
        say(f"{cases} 个事项，日志全部校验通过。", f"{cases} cases, every journal proved.")
    return 1 if problems else 0
