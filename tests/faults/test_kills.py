"""Processes killed at random moments and at named points: nothing is lost, nothing happens twice. `make faults` does
the same with a thousand kills."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import Server

ROOT = Path(__file__).parents[2]


def siege(url: str, folder: Path, *options: str) -> tuple[dict[str, Any], str]:
    """A siege in a program of its own (this process may have started V8, whose children hang); report and table."""
    report = folder / "report.json"
    command = [sys.executable, "-m", "tests.faults", "--url", url, "--json", str(report), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert report.exists(), done.stderr[-3000:]
    found = json.loads(report.read_text())[0]
    assert done.returncode == bool(found["problems"])
    return found, done.stdout


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/linli.db"
        return
    server: Server = request.getfixturevalue("postgres")
    server.command("create database siege")
    yield server.url("siege")
    server.command("drop database siege with (force)")


def test_nothing_is_lost_or_doubled_when_processes_are_killed(empty_url: str, tmp_path: Path) -> None:
    report, table = siege(empty_url, tmp_path, "--kills", "25", "--seed", "5")
    assert report["problems"] == [], table
    assert sum(report["deaths"].values()) >= 25 and report["found"]["cases"] > 5, table


PLANTS = {
    "delete from register_row where id = (select min(id) from register_row where register = 'scores')": "score",
    "update notice set subject = 'y' where id = (select min(id) from notice where person = 'chief')": "one notice",
    "delete from delivery where id = (select min(id) from delivery)": "without one delivery",
    "update work_item set status = 'open' where id = (select min(id) from work_item)": "not done",
    "update instance set business_key = 'x' where id = (select min(id) from instance where parent is null)": "nobody",
    "insert into journal (instance, seq, at, actor, node_id, event, data, salt, digest, link) "
    "select instance, 1000, at, 'x', node_id, 'claimed', '{\"item\": \"1\"}', '', '', '' from journal limit 1": "claim",
    "delete from journal where seq = 2": "run.py doctor",
}


def test_the_accounts_notice_what_is_lost(tmp_path: Path) -> None:
    planted = [word for statement in PLANTS for word in ("--plant", statement)]
    url = f"sqlite:///{tmp_path}/linli.db"
    report, _ = siege(url, tmp_path, "--kills", "8", "--no-web", *planted)
    unseen = [word for word in PLANTS.values() if not any(word in problem for problem in report["problems"])]
    assert unseen == [], report["problems"]
