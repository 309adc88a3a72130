"""The floors of the house hold, and the contracts that say so can fail: each is shown a planted violation."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("cli", "admin", "engine")
PLANTS = {
    "faces": ("engine/people/rules.py", "import admin.app"),
    "floors": ("engine/errors.py", "import engine.people.rules"),
    "face-floors": ("admin/desk/__init__.py", "import admin.portal"),
    "cycles": ("engine/people/units.py", "import engine.people.changes"),
    "no-web": ("engine/people/rules.py", "import flask"),
    "no-tables": ("admin/app.py", "import engine.store.models"),
    "spiff": ("engine/people/rules.py", "import SpiffWorkflow.task"),
    "scheduler": ("engine/people/rules.py", "import apscheduler.schedulers.background"),
    "sandboxes": ("engine/people/rules.py", "import py_mini_racer"),
    "senders": ("engine/people/rules.py", "import smtplib"),
}


def lint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as m; m()",
        "--no-cache",
        *arguments,
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the packages and contracts, to spoil."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package,
            tmp_path / package,
            ignore=lambda folder, names: [
                n for n in names if n in ("node_modules", "static", "__pycache__", "frontend")
            ],
        )
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def contracts() -> list[str]:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    return [name.removeprefix("importlinter:contract:") for name in parser.sections() if ":contract:" in name]


def test_every_contract_holds() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


def test_every_contract_has_a_planted_violation() -> None:
    assert sorted(PLANTS) == sorted(contracts())


@pytest.mark.parametrize("contract", PLANTS)
def test_a_planted_violation_is_found(house: Path, contract: str) -> None:
    file, line = PLANTS[contract]
    path = house / file
    path.write_text(f"{path.read_text()}\n{line}\n")
    result = lint(house, "--contract", contract)
    assert result.returncode == 1, result.stdout
    assert "BROKEN" in result.stdout


def test_a_module_without_a_floor_is_found(house: Path) -> None:
    (house / "engine" / "utilities.py").write_text('"""Somewhere to put things."""\n')
    result = lint(house, "--contract", "floors")
    assert result.returncode == 1, result.stdout
    assert "utilities" in result.stdout
