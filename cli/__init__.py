"""What `python run.py` does: one module for each command, found here and nowhere else.

Owns the command line: its words, its exit codes (0 done, 1 refused or wrong, 2 misused) and what it prints. A refusal
prints the error's own sentence in the operator's language. Holds no rule of the engine.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from cli import cases, database, deploying, keeping, personal, serve
from cli.console import say
from engine.errors import LinliError

EPILOGUE = "Settings are environment variables LINLI_*: docs/operator/settings.md. 设置用环境变量 LINLI_*。"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit code."""
    options = parser().parse_args(list(arguments if arguments is not None else sys.argv[1:]) or ["serve"])
    try:
        return options.run(options)
    except LinliError as problem:
        say.error(problem.text("zh"), problem.text("en"))
        return 1
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="run.py", description="邻里 Linli: a workflow engine for neighbourhoods.", epilog=EPILOGUE
    )
    commands = made.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in (serve, database, deploying, keeping, personal, cases):
        module.add(commands)
    return made
