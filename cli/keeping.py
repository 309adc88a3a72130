"""`backup`, `restore`, `retain`: what keeps an installation safe and small.

Owns the words and figures an operator sees. Each may run while the program serves.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from cli.console import say
from engine import Engine
from engine.settings import Settings


def add(commands: Any) -> None:
    """Put the commands on the command line."""
    backup = commands.add_parser("backup", help="everything in one file, while it runs (备份)")
    backup.add_argument("file", metavar="FILE", type=Path, help="where to: a .tar.gz; it holds secrets")
    backup.set_defaults(run=run_backup)
    restore = commands.add_parser("restore", help="put a backup back and prove it (恢复)")
    restore.add_argument("file", metavar="FILE", type=Path, help="a file that `backup` wrote")
    restore.set_defaults(run=run_restore)
    for one in (backup, restore):
        one.add_argument("--force", action="store_true", help="overwrite what is there")


def run_backup(options: argparse.Namespace) -> int:
    """Write the backup; say how large it is."""
    settings = Settings.from_environment()
    engine = Engine(settings.database, settings=settings)
    size = engine.backup(options.file, options.force)
    engine.close()
    say(
        f"已备份到 {options.file}({size:,} 字节)。其中有密钥和个人信息,请妥善保管。",
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
    say(f"已恢复 {made}(UTC)的备份。", f"The backup of {made} (UTC) is back.")
    for finding in findings:
        print(finding)
    if findings:
        say(f"体检发现 {len(findings)} 个问题。", f"The doctor finds {len(findings)} things wrong.")
    else:
        say("体检通过:数据库完好。", "Proved by the doctor: the database is whole.")
    say("请重启正在运行的 serve。", "Restart every serve that runs.")
    return 1 if findings else 0
