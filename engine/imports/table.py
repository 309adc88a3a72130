"""A table in a file: CSV (UTF-8, UTF-16 or GBK; comma, semicolon or tab) or xlsx, read line by line in bounded memory.

Owns encodings, separators, sizes and line numbers. Whatever makes the rest of the file doubtful (a broken encoding, a
field that never ends) refuses the whole file with InvalidFile, before anything is made of it. Knows no case.
"""

from __future__ import annotations

import codecs
import csv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TextIO

from engine.errors import InvalidFile, Said

LARGEST_FIELD = 1_000_000  # characters
LARGEST_LINE = 4_000_000
LARGEST_SHEET = 1_000_000_000  # bytes of an unpacked xlsx
MOST_COLUMNS = 500
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """One row. `number`: the line of the file it starts at, from 1, the header included; `cells`: header -> text (xlsx:
    also dates); `trouble`: why it is no proper row, '' when it is."""

    number: int
    cells: dict[str, Any]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A readable table; `lines()` can be called again and again."""

    path: Path
    columns: tuple[str, ...]
    encoding: str  # '' for xlsx
    separator: str = ","

    def lines(self) -> Iterator[Line]:
        """All rows in order; empty ones are left out. InvalidFile when the file cannot be read on."""
        return _csv_lines(self) if self.encoding else _xlsx_lines(self.path, self.columns)


def open_table(path: str | Path) -> Table:
    """Find out what a file is and read its header. InvalidFile."""
    path = Path(path)
    if not path.is_file():
        raise InvalidFile(name=str(path), reason=Said("没有这个文件", "there is no such file"))
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return Table(path, _header(path, _xlsx_header(path)), "")
    encoding = _encoding(path)
    with _text(path, encoding) as stream:
        first = _line(path, stream, 1)
    separator = max(",;\t", key=first.count)
    header = next(_reader(path, iter([first]), separator), (1, []))[1]
    return Table(path, _header(path, header), encoding, separator)


def _header(path: Path, cells: list[Any]) -> tuple[str, ...]:
    names = [str(cell).strip() if cell is not None else "" for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names or not all(names):
        raise InvalidFile(
            name=path.name, reason=Said("第一行没有写全列名", "its first line does not name every column")
        )
    if len(names) > MOST_COLUMNS:
        raise InvalidFile(
            name=path.name, reason=Said(f"列数超过 {MOST_COLUMNS}", f"it has more than {MOST_COLUMNS} columns")
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidFile(
            name=path.name,
            reason=Said(f"这些列名重复：{'、'.join(twice)}", f"these columns appear twice: {', '.join(twice)}"),
        )
    return tuple(names)


def _row(columns: tuple[str, ...], number: int, cells: list[Any]) -> Line | None:
    if not any(cell not in (None, "") for cell in cells):
        return None
    extra = [cell for cell in cells[len(columns) :] if cell not in (None, "")]
    short = len(cells) < len(columns)
    trouble = ""
    if extra or short:
        trouble = f"{len(cells)} cells for {len(columns)} columns"
    padded = [*cells, *[""] * (len(columns) - len(cells))]
    return Line(number, dict(zip(columns, padded, strict=False)), trouble)


def _neither(troubles: list[str]) -> Said:
    utf8, gbk = troubles
    zh = f"既不是 UTF-8（{utf8}）也不是 GBK（{gbk}）。请另存为其中一种编码"
    return Said(zh, f"it is neither UTF-8 ({utf8}) nor GBK ({gbk})")


def _too_long(number: int) -> Said:
    most = f"{LARGEST_LINE:,}"
    return Said(f"第 {number} 行超过 {most} 个字符", f"line {number} is longer than {most} characters")


# ---- CSV -----------------------------------------------------------------------------------------------------------


def _encoding(path: Path) -> str:
    """UTF-8 or UTF-16 by its mark, UTF-8 when the whole file is, else GB 18030 (which contains GBK and GB 2312)."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    troubles = []
    for encoding in ("utf-8-sig", "gb18030"):
        trouble = _undecodable(path, encoding)
        if not trouble:
            return encoding
        troubles.append(trouble)
    raise InvalidFile(name=path.name, reason=_neither(troubles))


def _undecodable(path: Path, encoding: str) -> str:
    """Where the file stops being of an encoding; '' when it never does."""
    decoder, line = codecs.getincrementaldecoder(encoding)("strict"), 1
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            try:
                decoder.decode(block)
            except UnicodeDecodeError as problem:
                before = problem.object[: problem.start].count(b"\n")
                return f"line {line + before}"
            line += block.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return f"line {line}"
    return ""


def _text(path: Path, encoding: str) -> TextIO:
    return path.open(encoding=encoding, newline="")


def _line(path: Path, stream: TextIO, number: int) -> str:
    """The next physical line. A longer one than any real export has is a quote that never closes."""
    try:
        line = stream.readline(LARGEST_LINE + 1)
    except UnicodeError as problem:
        raise InvalidFile(
            name=path.name, reason=Said(f"第 {number} 行：{problem}", f"line {number}: {problem}")
        ) from problem
    if len(line) > LARGEST_LINE:
        raise InvalidFile(name=path.name, reason=_too_long(number))
    return line


def _physical_lines(path: Path, stream: TextIO) -> Iterator[str]:
    number = 1
    while line := _line(path, stream, number):
        yield line
        number += 1


def _reader(path: Path, lines: Iterator[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line they start at."""
    csv.field_size_limit(LARGEST_FIELD)  # of the whole process; nothing else here reads CSV
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        start = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise InvalidFile(name=path.name, reason=_csv_trouble(start, problem)) from problem
        yield start, row


def _csv_trouble(start: int, problem: csv.Error) -> Said:
    if "field larger" in str(problem):
        most = f"{LARGEST_FIELD:,}"
        en = f"the row at line {start} has a field of more than {most} characters"
        return Said(f"从第 {start} 行开始的记录有超过 {most} 个字符的栏目", en)
    return Said(f"从第 {start} 行开始的记录：{problem}", f"the row at line {start}: {problem}")


def _csv_lines(table: Table) -> Iterator[Line]:
    with _text(table.path, table.encoding) as stream:
        rows = _reader(table.path, _physical_lines(table.path, stream), table.separator)
        next(rows, None)
        for number, cells in rows:
            line = _row(table.columns, number, cells)
            if line:
                yield line


# ---- xlsx ----------------------------------------------------------------------------------------------------------


def _xlsx_header(path: Path) -> list[Any]:
    for _number, cells in _xlsx_rows(path):
        return cells
    return []


def _xlsx_lines(path: Path, columns: tuple[str, ...]) -> Iterator[Line]:
    for number, cells in _xlsx_rows(path):
        if number == 1:
            continue
        line = _row(columns, number, [*cells, *[None] * (len(columns) - len(cells))])
        if line:
            yield line


def _xlsx_rows(path: Path) -> Iterator[tuple[int, list[Any]]]:
    """Rows of the first sheet: values, not formulas."""
    import openpyxl  # here, not above: every start of the program would pay for its 180 modules
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        _refuse_bomb(path)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as problem:
        raise InvalidFile(
            name=path.name, reason=Said(f"不是 xlsx 文件（{problem}）", f"it is not an xlsx file ({problem})")
        ) from problem
    try:
        for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), 1):
            yield number, [_cell(cell) for cell in cells]
    finally:
        book.close()


def _refuse_bomb(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        size = sum(item.file_size for item in archive.infolist())
    if size > LARGEST_SHEET:
        raise InvalidFile(
            name=path.name, reason=Said(f"解压后有 {size:,} 字节，过大", f"unpacked it would be {size:,} bytes")
        )


def _cell(value: Any) -> Any:
    """A cell as text where it is one: an id typed as a number keeps no '.0'."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if value is None or isinstance(value, (bool, datetime, date, time)):
        return value
    return str(value)
