"""`erase` and `personal-data`: one person's data taken away, or told in a file.

Owns the words and figures an operator sees. Both take a sign-in name, or the number or address of somebody without a
record. Either may run while the program serves.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from cli.console import say
from engine import Engine
from engine.errors import InvalidSetting, Said
from engine.records import Erasure
from engine.settings import Settings

WHY = Said("请用 --reason 写明原因", "say why: --reason TEXT")


def add(commands: Any) -> None:
    """Put the commands on the command line."""
    erase = commands.add_parser("erase", help="take one person's data away, everywhere (删除个人信息)")
    erase.add_argument("person", metavar="PERSON", help="sign-in name, or a number or address of somebody without one")
    erase.add_argument("--reason", metavar="TEXT", default="", help="why; it is kept on record")
    erase.add_argument("--preview", action="store_true", help="only say what would go and what stays")
    erase.set_defaults(run=run_erase)
    told = commands.add_parser("personal-data", help="all there is on one person, as JSON (导出个人信息)")
    told.add_argument("person", metavar="PERSON", help="as for erase")
    told.add_argument("file", metavar="FILE", type=Path, help="where to; only its owner may read it")
    told.set_defaults(run=run_told)


def run_erase(options: argparse.Namespace) -> int:
    """Say what goes (or would) and what stays."""
    if not (options.preview or options.reason.strip()):
        raise InvalidSetting(name="--reason", reason=WHY)
    engine = _opened()
    if options.preview:
        _tell(engine.erasure_preview(options.person, by=""), "将抹去", "would go")
    else:
        _tell(engine.erase_person(options.person, by="", reason=options.reason.strip()), "已抹去", "gone")
    engine.close()
    return 0


def _tell(report: Erasure, zh: str, en: str) -> None:
    for place, count in report.erased.items():
        say(f"{zh} {place}：{count}", f"{en}: {place} {count}")
    for kept in report.kept:
        count = f"{kept.count} " if kept.count else ""
        say(f"保留：{count}{kept.zh}", f"kept: {count}{kept.en}")
    if report.erased:
        say(f"代号：{report.alias}", f"alias: {report.alias}")


def run_told(options: argparse.Namespace) -> int:
    """Write the file."""
    engine = _opened()
    told = engine.personal_data(options.person, by="")
    engine.close()
    with os.fdopen(os.open(options.file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(told, out, ensure_ascii=False, indent=2, default=str)
    say(f"已写入 {options.file}", f"It is in {options.file}")
    return 0


def _opened() -> Engine:
    settings = Settings.from_environment()
    engine = Engine(settings.database, settings=settings)
    engine.migrate()
    return engine
