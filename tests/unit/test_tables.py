"""Files that operators really have: encodings, separators, sizes; and those that must be refused whole."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import openpyxl
import pytest

from engine.errors import InvalidFile
from engine.imports import open_table
from engine.imports.table import LARGEST_FIELD, LARGEST_LINE

HEADER = "编号,内容\n"


def write(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def rows(path: Path) -> list[tuple[int, list[object]]]:
    return [(line.number, list(line.cells.values())) for line in open_table(path).lines()]


class TestCsv:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
    def test_encodings_are_found_out(self, tmp_path: Path, encoding: str) -> None:
        path = write(tmp_path / "a.csv", HEADER + "1,路灯不亮\n", encoding)
        assert open_table(path).columns == ("编号", "内容")
        assert rows(path) == [(2, ["1", "路灯不亮"])]

    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    def test_separators_are_found_out(self, tmp_path: Path, separator: str) -> None:
        path = write(tmp_path / "a.csv", f"编号{separator}内容\n1{separator}路灯\n")
        assert rows(path) == [(2, ["1", "路灯"])]

    def test_line_numbers_are_those_of_the_file(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", HEADER + '1,"两\n行"\n\n2,"a,""b"""\r\n')
        assert rows(path) == [(2, ["1", "两\n行"]), (5, ["2", 'a,"b"'])]

    def test_a_row_with_too_many_or_too_few_cells_is_marked(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", HEADER + "1,a,b\n2\n3,c,\n")
        assert [bool(line.trouble) for line in open_table(path).lines()] == [True, True, False]

    def test_lines_can_be_read_twice(self, tmp_path: Path) -> None:
        table = open_table(write(tmp_path / "a.csv", HEADER + "1,a\n"))
        assert list(table.lines()) == list(table.lines())

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            ("", "does not name every column"),
            ("a,,b\n", "does not name every column"),
            ("a,b,a\n", "twice: a"),
            (HEADER + '1,"never closed\n', "line 2"),
            (HEADER + '1,"a"b\n', "line 2"),
            (HEADER.encode() + b"1,\xff\xff\n", "neither UTF-8 (line 2) nor GBK (line 2)"),
            (",".join(f"c{n}" for n in range(600)), "more than 500 columns"),
        ],
    )
    def test_a_broken_file_is_refused_whole(self, tmp_path: Path, content: str | bytes, reason: str) -> None:
        path = write(tmp_path / "a.csv", content)
        with pytest.raises(InvalidFile) as caught:
            list(open_table(path).lines())
        assert reason in caught.value.text("en")
        assert re.search(r"[一-鿿]", str(caught.value.details["reason"].zh))

    def test_a_long_field_is_refused_with_its_line(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", f"{HEADER}1,a\n2,{'x' * (LARGEST_FIELD + 1)}\n")
        with pytest.raises(InvalidFile, match="line 3 has a field of more than 1,000,000 characters"):
            rows(path)

    def test_a_field_of_a_hundred_megabytes_is_not_read_into_memory(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        with path.open("w") as out:
            out.write('a,b\n1,"')
            for _ in range(100):
                out.write("x" * 1_000_000)
        with pytest.raises(InvalidFile, match=f"longer than {LARGEST_LINE:,}"):
            rows(path)

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidFile, match="no such file"):
            open_table(tmp_path / "none.csv")


class TestXlsx:
    def test_cells_keep_dates_and_ids_keep_their_digits(self, tmp_path: Path) -> None:
        book = openpyxl.Workbook()
        when = dt.datetime(2026, 11, 23, 9, 30)
        for row in (["编号", "时间", "内容"], [101000295613, when, "路灯"], [None, None, None], [2.5, None, "x"]):
            book.active.append(row)
        book.save(tmp_path / "a.xlsx")
        assert rows(tmp_path / "a.xlsx") == [(2, ["101000295613", when, "路灯"]), (4, ["2.5", None, "x"])]

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"a,b\n1,2\n"])
    def test_what_is_no_workbook_is_refused(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(InvalidFile, match="not an xlsx file"):
            open_table(write(tmp_path / "a.xlsx", content))
