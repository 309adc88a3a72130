"""`make audit`: a known weakness is red, a service that cannot be asked is said and is not; nothing is asked here."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).parents[2] / ".ci/audit.py"


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("linli_audit", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["linli_audit"] = module
    spec.loader.exec_module(module)
    return module


CLEAN = {"name": "flask", "version": "3.1.3", "vulns": []}
WEAK = {"name": "werkzeug", "version": "3.1.0", "vulns": [{"id": "CVE-2026-27199", "fix_versions": ["3.1.6"]}]}
SKIPPED = {"name": "peewee", "version": "4.5.3", "skip_reason": "not found on PyPI"}


def answering(*packages: dict) -> object:
    return lambda command, folder: json.dumps({"dependencies": list(packages)})


def test_a_known_weakness_is_red_and_says_where_it_is_mended(audit: ModuleType, capsys: pytest.CaptureFixture) -> None:
    assert audit.report([audit.python([], answering(CLEAN, WEAK, SKIPPED))], strict=False) == 1
    assert "werkzeug 3.1.0: CVE-2026-27199, mended in 3.1.6" in capsys.readouterr().out


def test_what_could_not_be_asked_is_said_and_not_taken_for_clean(
    audit: ModuleType, capsys: pytest.CaptureFixture
) -> None:
    """A mirror without advisories answered "not found" for every package, and pip-audit ended as if all were well."""
    answer = audit.python([], answering(CLEAN, SKIPPED))
    assert (audit.report([answer], strict=False), audit.report([answer], strict=True)) == (0, 2)
    assert "NOT ASKED  PyPI: 1 of 2 packages" in capsys.readouterr().out
    silent = audit.python([], lambda command, folder: "")
    refused = audit.browser("admin/frontend", lambda command, folder: '{"error": {"code": "E405"}}')
    assert silent.unasked and refused.unasked
    assert audit.report([silent, refused], strict=False) == 0


def test_nothing_known_is_green(audit: ModuleType) -> None:
    answers = [
        audit.python([], answering(CLEAN)),
        audit.browser("x", lambda command, folder: '{"vulnerabilities": {}}'),
    ]
    assert audit.report(answers, strict=True) == 0


def test_the_lock_files_that_are_asked_are_all_there_are(audit: ModuleType) -> None:
    root = FILE.parents[1]
    found = {str(each.parent.relative_to(root)) for each in root.glob("*/**/package-lock.json")}
    assert {each for each in found if "node_modules" not in each} == set(audit.LOCKED)
