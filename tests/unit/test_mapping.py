"""Mappings: columns become typed variables; a row that cannot be trusted is rejected with its column and reason."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.errors import InvalidFile
from engine.imports import Line, Mapping, Rejected, Table, read_mapping
from engine.imports.mapping import REPORT

TEXT = """
process = "work-order"
zone = "America/New_York"
id = "id"
open = "opened"
close = "closed"
ignore = ["noise"]
[variables]
title = { column = "title", required = true }
place = "place"
cost = { column = "cost", type = "number" }
people = { column = "people", type = "integer" }
urgent = { column = "urgent", type = "boolean" }
day = { column = "day", type = "date" }
opened_at = { column = "opened", type = "datetime" }
tags = { column = "tags", type = "list" }
level = { column = "level", values = { "高" = 3, "低" = 1 } }
kind = { column = "level", values = { "高" = "urgent" }, otherwise = "normal" }
imported = { value = true }
"""
GOOD = {
    "id": " 7 ",
    "title": "路灯",
    "place": "",
    "cost": "1,234.50",
    "people": "12",
    "urgent": "是",
    "day": "2026-02-28",
    "opened": "2026-07-01 01:32:33",
    "closed": "",
    "tags": "a; b;",
    "level": "高",
    "noise": "x",
}


@pytest.fixture
def mapping(tmp_path: Path) -> Mapping:
    return written(tmp_path, TEXT)


def written(folder: Path, text: str) -> Mapping:
    path = folder / "map.toml"
    path.write_text(text, "utf-8")
    return read_mapping(path)


def test_a_row_becomes_typed_variables(mapping: Mapping) -> None:
    record = mapping.record(Line(2, GOOD))
    assert (record.id, record.line, record.opened, record.closed) == ("7", 2, datetime(2026, 7, 1, 5, 32, 33), None)
    opened = record.variables.pop("opened_at")
    assert opened.astimezone(UTC) == datetime(2026, 7, 1, 5, 32, 33, tzinfo=UTC)
    assert record.variables == {
        "title": "路灯",
        "place": None,
        "cost": Decimal("1234.50"),
        "people": 12,
        "urgent": True,
        "day": date(2026, 2, 28),
        "tags": ["a", "b"],
        "level": 3,
        "kind": "urgent",
        "imported": True,
    }


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("id", "", "no source id"),
        ("id", "x" * 201, "too long"),
        ("title", "", "empty"),
        ("title", "a\x00b", "NUL"),
        ("cost", "much", "not a number"),
        ("cost", "NaN", "too large"),
        ("cost", "1e99", "too large"),
        ("people", "1.5", "not a whole number"),
        ("urgent", "perhaps", "neither yes nor no"),
        ("day", "2026-02-30", "not a date"),
        ("opened", "2026-13-01 00:00:00", "not a date and time"),
        ("opened", "yesterday", "not a date and time"),
        ("opened", "2026-03-08 02:30:00", "does not exist in the zone America/New_York"),
        ("closed", "2026-02-30 00:00:00", "not a date and time"),
        ("level", "中", "none of"),
    ],
)
def test_a_bad_cell_rejects_its_row(mapping: Mapping, column: str, cell: str, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        mapping.record(Line(2, {**GOOD, column: cell}))
    assert caught.value.details["column"] == column
    assert reason in caught.value.text("en")
    assert caught.value.text("zh") != caught.value.text("en")


def test_a_row_of_the_wrong_width_is_rejected(mapping: Mapping) -> None:
    with pytest.raises(Rejected, match="3 cells for 2 columns"):
        mapping.record(Line(2, GOOD, "3 cells for 2 columns"))


def test_an_hour_that_the_clocks_repeat_means_the_first_and_keeps_the_order(mapping: Mapping) -> None:
    opened = [
        mapping.record(Line(2, {**GOOD, "opened": f"2026-11-01 {t}"})).opened
        for t in ("00:59:00", "01:30:00", "02:00:00")
    ]
    assert opened == [datetime(2026, 11, 1, 4, 59), datetime(2026, 11, 1, 5, 30), datetime(2026, 11, 1, 7, 0)]


def test_dates_of_a_workbook_need_no_format(mapping: Mapping) -> None:
    cells: dict[str, Any] = {
        **GOOD,
        "opened": datetime(2026, 7, 1, 1, 32, 33),
        "day": datetime(2026, 2, 28, 9),
        "urgent": True,
    }
    record = mapping.record(Line(2, cells))
    assert (record.opened, record.variables["day"], record.variables["urgent"]) == (
        datetime(2026, 7, 1, 5, 32, 33),
        date(2026, 2, 28),
        True,
    )


class TestColumns:
    def table(self, *columns: str) -> Table:
        return Table(Path("x.csv"), columns, "utf-8")

    def test_all_known(self, mapping: Mapping) -> None:
        mapping.check(self.table(*GOOD))
        mapping.check(self.table(*(c for c in GOOD if c != "noise"), *REPORT))

    def test_an_unknown_column_is_refused(self, mapping: Mapping) -> None:
        with pytest.raises(InvalidFile, match="unknown columns: extra"):
            mapping.check(self.table(*GOOD, "extra"))

    def test_a_missing_column_is_refused(self, mapping: Mapping) -> None:
        with pytest.raises(InvalidFile, match="missing: level"):
            mapping.check(self.table(*(c for c in GOOD if c != "level")))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "id = ",
        'id = "x"',
        'id = "x"\nzone = "Mars/Base"\n[variables]\n',
        'id = "x"\nspeed = 3\n[variables]\n',
        'id = "x"\n[variables]\na = { column = "a", type = "blob" }\n',
        'id = "x"\n[variables]\na = { type = "text" }\n',
        'id = "x"\n[variables]\na = { column = "a", colour = "red" }\n',
    ],
)
def test_a_bad_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidFile):
        written(tmp_path, text)


def test_the_mappings_that_ship_can_be_read() -> None:
    maps = sorted((Path(__file__).parents[2] / "workflows").glob("*/maps/*.toml"))
    assert len(maps) >= 2
    for path in maps:
        assert read_mapping(path).process
