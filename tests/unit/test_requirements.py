"""What the program imports is what `make run` installs."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
OURS = {"engine", "admin", "cli", "run"}


def imported() -> set[str]:
    """Top-level names of foreign modules in the program."""
    files = [ROOT / "run.py", *(path for part in ("engine", "admin", "cli") for path in (ROOT / part).rglob("*.py"))]
    found: set[str] = set()
    for path in files:
        if "node_modules" not in path.parts:
            found.update(names(ast.parse(path.read_text(encoding="utf-8"))))
    return found - OURS - sys.stdlib_module_names


def names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def installed() -> set[str]:
    """Distributions that requirements.txt brings, with what they need themselves."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    todo = [Requirement(line) for line in lines if line and not line.startswith("#")]
    found: set[str] = set()
    while todo:
        one = todo.pop()
        if (name := canonicalize_name(one.name)) in found:
            continue
        found.add(name)
        for text in needs(name):
            needed = Requirement(text)
            if needed.marker is None or any(needed.marker.evaluate({"extra": e}) for e in ("", *one.extras)):
                todo.append(needed)
    return found


def needs(name: str) -> list[str]:
    """What a distribution needs; of one that this system has no use for (a marker left it out) nothing is known."""
    try:
        return requires(name) or []
    except PackageNotFoundError:
        return []


def test_whatever_the_program_imports_is_installed_with_it() -> None:
    """markdown-it-py was there only because a tool of the developers needs it: `make test` passed, and on a fresh
    machine `make run` ended with ModuleNotFoundError."""
    brought, owners = installed(), packages_distributions()
    missing = {
        name for name in imported() if not {canonicalize_name(owner) for owner in owners.get(name, [])} & brought
    }
    assert missing == set()
