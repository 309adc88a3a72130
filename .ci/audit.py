"""Known weaknesses of what Linli depends on: asks PyPI's and npm's advisory services.

    python .ci/audit.py [--strict] [-- arguments of pip-audit]

Ends with 1 when a weakness is known. Where a service cannot be asked (no network, a mirror without advisories) it says
NOT ASKED and ends with 0, so that CI is not red for the network's sake; with --strict that ends with 2. It changes
nothing.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LOCKED = ("admin/frontend", "engine/expressions/feelin")  # folders with a package-lock.json
SECONDS = 180  # for one service


@dataclass(frozen=True)
class Answer:
    """What one service said. `unasked`: why it, or how much of it, could not be asked."""

    service: str
    weaknesses: tuple[str, ...] = ()
    unasked: str = ""
    asked: int = 0


Run = Callable[[list[str], Path], str]


def run(command: list[str], folder: Path) -> str:
    """What a command prints; '' when it is not there or does not end. Its exit code says nothing here: both services
    end with an error when they have found something."""
    if shutil.which(command[0]) is None:
        return ""
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS).stdout
    except subprocess.TimeoutExpired:
        return ""


def parsed(text: str) -> dict[str, Any] | None:
    """The JSON of an answer; None when it is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def python(more: list[str], run: Run = run) -> Answer:
    """Of the installed Python packages."""
    command = [
        str(Path(sys.executable).with_name("pip-audit")),
        "--local",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    found = parsed(run([*command, *more], ROOT))
    if found is None:
        return Answer("PyPI", unasked="pip-audit gave no answer")
    packages = found.get("dependencies", [])
    asked = [one for one in packages if "skip_reason" not in one]
    weaknesses = tuple(
        f"{one['name']} {one['version']}: {weakness['id']}, mended in {_mended(weakness)}"
        for one in asked
        for weakness in one["vulns"]
    )
    unasked = f"{len(packages) - len(asked)} of {len(packages)} packages" if len(asked) < len(packages) else ""
    return Answer("PyPI", weaknesses, unasked, len(asked))


def _mended(weakness: dict[str, Any]) -> str:
    return ", ".join(weakness["fix_versions"]) or "nothing yet"


def browser(folder: str, run: Run = run) -> Answer:
    """Of the packages bundled for the browser or for V8, by their lock file."""
    service = f"npm, {folder}"
    found = parsed(run(["npm", "audit", "--json", "--omit=dev", "--package-lock-only"], ROOT / folder))
    if found is None or "vulnerabilities" not in found:
        return Answer(service, unasked="npm audit gave no answer")
    weaknesses = tuple(f"{name}: {one['severity']}" for name, one in sorted(found["vulnerabilities"].items()))
    return Answer(service, weaknesses, asked=1)


def report(answers: list[Answer], strict: bool) -> int:
    """Print what was said; the exit code."""
    for one in answers:
        for weakness in one.weaknesses:
            print(f"WEAK       {one.service}: {weakness}")
        if one.unasked:
            print(f"NOT ASKED  {one.service}: {one.unasked}")
        elif not one.weaknesses:
            print(f"nothing known  {one.service}")
    if any(one.weaknesses for one in answers):
        return 1
    return 2 if strict and any(one.unasked for one in answers) else 0


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--strict", action="store_true", help="end with 2 where a service could not be asked")
    asked.add_argument("more", nargs="*", help="for pip-audit, for example --ignore-vuln ID")
    options = asked.parse_args()
    return report([python(options.more), *(browser(folder) for folder in LOCKED)], options.strict)


if __name__ == "__main__":
    sys.exit(main())
