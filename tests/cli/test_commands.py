"""The command line: its words, its exit codes, and refusals in the operator's language."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from cli import main, parser
from cli.console import Bar, locale

ROOT = Path(__file__).parents[2]
COMMANDS = ("serve", "init", "deploy", "doctor", "backup", "restore", "retain", "import", "import cases")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parser().parse_args([*command.split(), "--help"])
    assert caught.value.code == 0
    assert "usage: run.py" in capsys.readouterr().out


def test_run_py_lists_its_commands() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "run.py"), "--help"], capture_output=True, text=True, check=True)
    assert all(command.split()[0] in done.stdout for command in COMMANDS)


def test_a_misspelt_setting_stops_the_program_by_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LINLI_PROT", "8000")
    monkeypatch.setenv("LINLI_LOCALE", "en")
    assert main(["doctor"]) == 1
    assert "LINLI_PROT" in capsys.readouterr().err
    monkeypatch.setenv("LINLI_LOCALE", "zh")
    assert main(["doctor"]) == 1
    assert "设置 LINLI_PROT 有误" in capsys.readouterr().err


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LINLI_DATABASE", f"sqlite:///{tmp_path}/linli.db")
    monkeypatch.setenv("LINLI_LOCALE", "en")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_deploy_publishes_a_pack_and_a_second_time_changes_nothing(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deploy", "community"]) == 0
    first = capsys.readouterr().out
    assert "process work-order v1 new version" in first
    assert main(["deploy", str(ROOT / "workflows/community")]) == 0
    assert "new version" not in capsys.readouterr().out
    assert main(["doctor"]) == 0
    assert "The database is whole." in capsys.readouterr().out


def test_a_pack_that_cannot_be_read_is_refused(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deploy", "nowhere"]) == 1
    assert "pack.toml" in capsys.readouterr().err


DIALECTS = ROOT / "tests/data/dialects"


def test_a_dry_run_tells_what_would_run_what_was_translated_and_what_not(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(DIALECTS / name) for name in ("purchase.camunda7.bpmn", "purchase-level.dmn")]
    assert main(["deploy", "--dry-run", *files]) == 0
    out = capsys.readouterr().out
    assert "would publish: process purchase, process delivery, form purchase.asked (made of its fields)" in out
    assert "line 62 order [note] Translated from Camunda 7" in out and "topic place-order" in out
    assert "line 84 book [warning]" in out and "org.example.BookDelegate" in out
    assert "It can be published. Nothing was changed." in out and not (database / "linli.db").exists()
    monkeypatch.setenv("LINLI_LOCALE", "zh")
    assert main(["deploy", "--dry-run", *files]) == 0
    told = capsys.readouterr().out
    assert "将发布：流程 purchase" in told and "第 84 行 book [警告]" in told and "没有改变任何东西" in told


def test_a_dry_run_of_what_is_refused_says_why_and_ends_with_one(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = (DIALECTS / "repair.activiti.bpmn").read_text().replace("${cost gt 100}", "${prices.of(cost)}")
    (database / "broken.bpmn").write_text(broken)
    assert main(["deploy", "--dry-run", "broken.bpmn"]) == 1
    out = capsys.readouterr().out
    assert "dear [error]" in out and "prices.of(cost)" in out and "Write it in FEEL" in out
    assert "would publish" not in out and "cannot be published" in out
    assert main(["deploy", "broken.bpmn"]) == 1
    assert main(["deploy", "--dry-run", "nowhere.bpmn", "nowhere.dmn"]) == 1


def test_files_are_published_together_and_what_is_left_to_do_is_said(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deploy", str(DIALECTS / "repair.activiti.bpmn")]) == 0
    out = capsys.readouterr().out
    assert "process repair v1 new version" in out and "form repair.look v1 new version" in out
    assert "remind [warning]" in out and "Translated from" not in out
    assert main(["deploy", "--dry-run", str(ROOT / "workflows/community")]) == 0
    assert "process work-order" in capsys.readouterr().out


def test_doctor_prints_no_secret(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LINLI_SMTP_PASSWORD", "geheim")
    main(["deploy", "community"])
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "geheim" not in out and "LINLI_SMTP_PASSWORD=***" in out


class TestImport:
    HEADER = "工单编号,受理时间,办结时限,办结时间,诉求内容,事发地点,来电人,联系电话,区划代码,紧急程度,序号,备注\n"

    def run(self, database: Path, rows: str, *more: str) -> int:
        (database / "hotline.csv").write_text(self.HEADER + rows, "gbk")
        mapping = str(ROOT / "workflows/community/maps/hotline-12345.toml")
        return main(["import", "cases", "hotline.csv", "--process", "work-order", "--map", mapping, *more])

    def test_a_hotlines_export_becomes_cases_once(self, database: Path, capsys: pytest.CaptureFixture[str]) -> None:
        main(["deploy", "community"])
        rows = "A1,2026-11-20 09:00,2030-11-20 09:00,,路灯不亮,一街,何,1,440604010001,紧急,1,\n"
        bad = "A2,2026-11-20 09:00,2030-02-30 09:00,,井盖松动,二街,何,1,440604010001,一般,2,\n"
        assert self.run(database, rows + bad) == 1
        captured = capsys.readouterr()
        assert "2 rows: 1 started, 0 imported before" in captured.out and "1 rejected; 0 wait" in captured.out
        assert "2/2" in captured.err
        report = (database / "hotline.csv.rejected.csv").read_text("utf-8-sig")
        assert report.splitlines()[1].startswith("3,办结时限")
        assert self.run(database, rows) == 0
        assert "0 started, 1 imported before" in capsys.readouterr().out

    def test_a_replay_refuses_a_database_in_use(self, database: Path, capsys: pytest.CaptureFixture[str]) -> None:
        main(["deploy", "community"])
        rows = "A1,2026-11-20 09:00,2030-11-20 09:00,,路灯不亮,一街,何,1,440604010001,紧急,1,\n"
        self.run(database, rows)
        assert self.run(database, rows, "--replay") == 1
        assert "without cases" in capsys.readouterr().err

    def test_a_replay_writes_its_verdicts(self, database: Path, capsys: pytest.CaptureFixture[str]) -> None:
        rows = (
            "A1,2026-01-20 09:00,2026-01-22 09:00,2026-01-21 09:00,路灯不亮,一街,何,1,440604010001,紧急,1,\n"
            "A2,2026-01-20 09:00,2026-01-22 09:00,2026-01-23 09:00,井盖松动,二街,何,1,440604010001,一般,2,\n"
        )
        assert self.run(database, rows, "--replay", "--verdicts", "out.csv") == 0
        assert "1 escalations; 1 in time, 1 overdue" in capsys.readouterr().out
        assert (database / "out.csv").read_text().splitlines() == [
            "id,verdict,escalated,closed",
            "A1,ontime,,2026-01-21T01:00:00",
            "A2,overdue,2026-01-22T01:00:00,2026-01-23T01:00:00",
        ]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8", "LINLI_LOCALE": "zh"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US"}, "en"),
    ],
)
def test_the_operators_language(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str) -> None:
    for name in ("LINLI_LOCALE", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert locale() == expected


def test_the_bar_prints_a_line_for_each_tenth_where_there_is_no_terminal() -> None:
    out = io.StringIO()
    bar = Bar(stream=out)
    for done in range(1, 101):
        bar(done, 100)
    lines = out.getvalue().splitlines()
    assert len(lines) == 11
    assert lines[-1].startswith("[##############################] 100/100")
