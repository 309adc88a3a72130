"""Cases from files: each row once, nothing half-imported, every refusal with its line; and a file played back on its
own times gives the verdicts that the city recorded."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from bench.replay import differences, read, shifted, write
from engine import Engine, imports
from engine.clock import ManualClock
from engine.errors import InvalidFile, LinliError, NotFound
from engine.imports import Mapping, Report
from engine.store import models

DATA = Path(__file__).parents[1] / "data"
BOSTON = Path(__file__).parents[2] / "workflows/community/maps/boston-311.toml"
HEADER = "编号,内容,时限,办结\n"
MAP = """
process = "order"
id = "编号"
close = "办结"
close_message = "closed"
[variables]
source_id = "编号"
content = { column = "内容", required = true }
target_at = { column = "时限", type = "datetime", required = true }
"""
ORDER = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
             targetNamespace="t">
  <message id="m" name="MESSAGE">
    <extensionElements><zeebe:subscription correlationKey="=source_id"/></extensionElements>
  </message>
  <process id="PROCESS" isExecutable="true">
    <startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="handle-imported"/>
    <userTask id="handle-imported"><extensionElements><zeebe:userTask/></extensionElements></userTask>
    <sequenceFlow id="f2" sourceRef="handle-imported" targetRef="end"/>
    <endEvent id="end"/>
    <boundaryEvent id="target-passed" attachedToRef="handle-imported" cancelActivity="false">
      <timerEventDefinition><timeDate>=target_at</timeDate></timerEventDefinition>
    </boundaryEvent>
    <sequenceFlow id="f3" sourceRef="target-passed" targetRef="escalated"/>
    <endEvent id="escalated"/>
    <boundaryEvent id="closed" attachedToRef="handle-imported">
      <messageEventDefinition messageRef="m"/>
    </boundaryEvent>
    <sequenceFlow id="f4" sourceRef="closed" targetRef="closed-end"/>
    <endEvent id="closed-end"/>
  </process>
</definitions>
"""


def order(process: str = "order", message: str = "closed") -> dict[str, bytes]:
    return {"order.bpmn": ORDER.replace("PROCESS", process).replace("MESSAGE", message).encode()}


@pytest.fixture
def mapping(tmp_path: Path) -> Mapping:
    path = tmp_path / "map.toml"
    path.write_text(MAP, "utf-8")
    return imports.read_mapping(path)


@pytest.fixture
def bring(engine: Engine, mapping: Mapping, tmp_path: Path) -> Callable[..., Report]:
    """Imports rows of a file made of the text given."""
    engine.deploy(order(), by="admin")

    def run(text: str, by: str = "admin", process: str = "order", header: str = HEADER) -> Report:
        path = tmp_path / "cases.csv"
        path.write_text(header + text, "gbk")
        return imports.load(engine, imports.open_table(path), mapping, process, by=by)

    return run


def counts(report: Report) -> tuple[int, ...]:
    return report.started, report.known, report.closed, report.over, report.rejected


class TestLoad:
    def test_each_row_becomes_one_case_however_often_it_comes(
        self, engine: Engine, bring: Callable[..., Report]
    ) -> None:
        text = "a,路灯,2026-11-30 09:00,\nb,井盖,2026-11-30 09:00,\n"
        assert counts(bring(text)) == (2, 0, 0, 0, 0)
        assert counts(bring(text + "c,树枝,2026-11-30 09:00,\n")) == (1, 2, 0, 0, 0)
        assert sorted(case.business_key for case in engine.instances().rows) == ["a", "b", "c"]
        assert engine.instances(business_key="a").rows[0].status == "running"

    def test_values_arrive_typed(self, engine: Engine, bring: Callable[..., Report]) -> None:
        bring("a,路灯,2026-11-30 09:00,\n")
        variables = engine.instance(engine.instances().rows[0].id).variables
        assert (variables["content"], variables["target_at"].isoformat()) == ("路灯", "2026-11-30T09:00:00+08:00")

    def test_a_case_closed_outside_is_closed_by_the_next_export_once(
        self, engine: Engine, bring: Callable[..., Report]
    ) -> None:
        bring("a,路灯,2026-11-30 09:00,\n")
        assert counts(bring("a,路灯,2026-11-30 09:00,2026-11-23 08:00\n")) == (0, 0, 1, 0, 0)
        assert engine.instances(business_key="a").rows[0].status == "completed"
        assert counts(bring("a,路灯,2026-11-30 09:00,2026-11-23 08:00\n")) == (0, 1, 0, 0, 0)

    def test_a_row_closed_before_it_came_starts_nothing(self, engine: Engine, bring: Callable[..., Report]) -> None:
        assert counts(bring("a,路灯,2026-11-30 09:00,2026-11-23 08:00\n")) == (0, 0, 0, 1, 0)
        assert engine.instances().total == 0

    def test_rejected_rows_are_reported_with_line_and_reason_and_can_be_mended(
        self, engine: Engine, bring: Callable[..., Report], mapping: Mapping
    ) -> None:
        text = (
            "a,路灯,2026-02-30 09:00,\nb,井盖,2026-11-30 09:00,\n,无编号,2026-11-30 09:00,\n"
            "b,又一次,2026-11-30 09:00,\nc,,2026-11-30 09:00,\n"
        )
        report = bring(text)
        assert counts(report) == (1, 0, 0, 0, 4)
        assert report.rejects is not None
        with report.rejects.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert [row["linli_line"] for row in rows] == ["2", "4", "5", "6"]
        assert [row["linli_reason"].split(":")[0] for row in rows] == ["时限", "编号", "编号", "内容"]
        assert "第 3 行" in rows[2]["linli_reason"]
        mended = report.rejects.read_text("utf-8-sig").replace("2026-02-30", "2026-03-01")
        report.rejects.write_text(mended, "utf-8")
        again = imports.load(engine, imports.open_table(report.rejects), mapping, "order", by="admin")
        assert (again.started, again.rejected) == (1, 2)  # a is in, b is known, the other two are as they were
        assert again.known == 1

    def test_a_clean_file_leaves_no_report_of_an_earlier_one(self, bring: Callable[..., Report]) -> None:
        first = bring("a,路灯,never,\n")
        assert first.rejects is not None and first.rejects.exists()
        assert bring("a,路灯,2026-11-30 09:00,\n").rejects is None
        assert not first.rejects.exists()

    @pytest.mark.parametrize(
        ("text", "header"),
        [
            ('a,路灯,2026-11-30 09:00,\nb,"never closed', HEADER),
            ("a,路灯,2026-11-30 09:00,\n" + "b," + "x" * 1_000_001 + ",2026-11-30 09:00,\n", HEADER),
            ("a,路灯,2026-11-30 09:00,,x\n", "编号,内容,时限,办结,新列\n"),
            ("a,路灯,2026-11-30 09:00\n", "编号,内容,时限\n"),
        ],
    )
    def test_a_file_refused_whole_starts_nothing(
        self, engine: Engine, bring: Callable[..., Report], text: str, header: str
    ) -> None:
        with pytest.raises(InvalidFile):
            bring(text, header=header)
        assert engine.instances().total == 0

    def test_an_unknown_process_or_person_is_refused_before_the_first_row(
        self, engine: Engine, bring: Callable[..., Report]
    ) -> None:
        with pytest.raises(NotFound):
            bring("a,路灯,2026-11-30 09:00,\n", process="nothing")
        engine.people.put("li")
        with pytest.raises(LinliError):
            bring("a,路灯,2026-11-30 09:00,\n", by="nobody")
        assert engine.instances().total == 0

    def test_a_case_whose_start_fails_is_rejected_and_leaves_no_trace(
        self, engine: Engine, bring: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        started = engine.start

        def start(process: str, variables: dict[str, object], **more: object) -> object:
            if variables["source_id"] == "b":
                variables = {**variables, "content": object()}
            return started(process, variables, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(engine, "start", start)
        assert counts(bring("a,一,2026-11-30 09:00,\nb,二,2026-11-30 09:00,\nc,三,2026-11-30 09:00,\n")) == (
            2,
            0,
            0,
            0,
            1,
        )
        assert sorted(case.business_key for case in engine.instances().rows) == ["a", "c"]
        assert (
            engine.store.value(models.WorkItem.select(models.WorkItem.id).where(models.WorkItem.title == "b")) is None
        )
        assert engine.doctor() == []


class TestReplay:
    def outcomes(
        self, engine: Engine, clock: ManualClock, file: Path, mapping: Mapping, process: str
    ) -> dict[str, dict[str, str]]:
        table = imports.open_table(file)
        assert imports.measure(table, mapping) > 0
        with imports.Rejects(table, "en") as rejects:
            records = [record for _line, record in imports.records(table, mapping, rejects)]
        assert rejects.count == 0
        clock.set(min(record.opened for record in records if record.opened))
        engine.deploy(order(process, mapping.close_message), by="admin")
        instances = imports.replay(engine, clock, records, mapping, process, by="admin")
        return {
            one.id: {
                "id": one.id,
                "verdict": one.verdict,
                "escalated": " ".join(at.isoformat() for at in one.escalated),
                "closed": one.closed.isoformat() if one.closed else "",
            }
            for one in imports.outcomes(engine, instances, mapping)
        }

    @pytest.mark.parametrize("moved", [False, True])
    def test_a_citys_cases_get_the_verdicts_it_recorded(
        self, engine: Engine, clock: ManualClock, tmp_path: Path, moved: bool
    ) -> None:
        rows = read(DATA / "hotline_sample.csv")
        rows = shifted(rows, 3) if moved else rows
        write(tmp_path / "sample.csv", rows)
        assert "ontime" not in (tmp_path / "sample.csv").read_text().splitlines()[0]
        found = self.outcomes(engine, clock, tmp_path / "sample.csv", imports.read_mapping(BOSTON), "work-order")
        assert list(differences(rows, found, not moved)) == []

    def test_a_case_closed_at_its_target_is_in_time(self, engine: Engine, clock: ManualClock, tmp_path: Path) -> None:
        path = tmp_path / "map.toml"
        names = 'open = "收到"\ntarget = "时限"\ntimer = "target-passed"\ntask = "handle-imported"'
        path.write_text(f"{names}\n{MAP}", "utf-8")
        rows = [
            "a,x,2026-11-24 09:00:00,2026-11-24 09:00:00,2026-11-23 09:00:00",
            "b,x,2026-11-24 09:00:00,2026-11-24 09:00:01,2026-11-23 09:00:00",
            "c,x,2026-11-24 09:00:00,,2026-11-23 09:00:00",
            "d,x,2026-11-20 09:00:00,2026-11-23 09:00:00,2026-11-23 09:00:00",
            "e,x,2026-11-20 09:00:00,,2026-11-23 09:00:00",
        ]
        (tmp_path / "a.csv").write_text("编号,内容,时限,办结,收到\n" + "\n".join(rows), "utf-8")
        found = self.outcomes(engine, clock, tmp_path / "a.csv", imports.read_mapping(path), "order")
        assert {key: (one["verdict"], one["escalated"]) for key, one in found.items()} == {
            "a": ("ontime", ""),
            "b": ("overdue", "2026-11-24T01:00:00"),
            "c": ("overdue", "2026-11-24T01:00:00"),
            "d": ("overdue", "2026-11-23T01:00:00"),  # late before it came
            "e": ("overdue", "2026-11-23T01:00:00"),
        }
        assert clock.now() == datetime(2026, 11, 24, 1, 0, 1)
