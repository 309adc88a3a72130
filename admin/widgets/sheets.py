"""Rows out to xlsx and csv, and in from them: what a spreadsheet program opens is data, never a formula.

Owns the two file formats. Cells that a spreadsheet would run (`= + - @`, tab, return in front) are written as text;
numbers stay numbers. Reading gives plain texts by heading; what they mean is the caller's business.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from flask import Response

from engine.errors import InvalidFile

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 20_000
MOST_COLUMNS = 200
LONGEST_CELL = 32_000  # characters; Excel's own limit is 32,767
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")
_CONTROL = {n: None for n in range(32) if n not in (9, 10, 13)}  # characters that XML cannot hold


def safe(value: Any) -> Any:
    """A cell's value: texts that a spreadsheet would take for a formula get an apostrophe in front."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = str(value).translate(_CONTROL)[:LONGEST_CELL]
    return f"'{text}" if text.startswith(_RUNS) else text


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with a byte order mark: Excel reads Chinese only so."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([safe(one) for one in headings])
    writer.writerows([safe(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


Sheet = tuple[str, Sequence[str], Iterable[Sequence[Any]]]  # title, headings, rows


def xlsx_bytes(title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A workbook of one sheet, bold headings that stay in sight. Written row by row."""
    return book_bytes([(title, headings, rows)])


def book_bytes(sheets: Iterable[Sheet]) -> bytes:
    """A workbook of several such sheets."""
    from openpyxl import Workbook  # here, not above: every start of the program would pay for its 180 modules

    book = Workbook(write_only=True)
    for title, headings, rows in sheets:
        _fill(book.create_sheet("".join(c for c in title if c not in "[]:*?/\\")[:31] or "Linli"), headings, rows)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Any, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    sheet.freeze_panes = "A2"
    cells = []
    for heading in headings:
        cell = WriteOnlyCell(sheet, value=safe(heading))
        cell.font = Font(bold=True)
        cells.append(cell)
    sheet.append(cells)
    for row in rows:
        sheet.append([safe(value) for value in row])


def download(name: str, kind: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """The rows as a file to save; `kind`: xlsx or csv."""
    body = xlsx_bytes(name, headings, rows) if kind == "xlsx" else csv_bytes(headings, rows)
    return saved(body, name, kind)


def saved(body: bytes, name: str, kind: str = "xlsx") -> Response:
    """A file to save."""
    answer = Response(body, mimetype=XLSX if kind == "xlsx" else "text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.{kind}")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def read(name: str, content: bytes) -> tuple[list[str], list[list[str]]]:
    """(headings, rows of texts) of an xlsx (its first sheet) or csv file (UTF-8 or GBK). InvalidFile."""
    table = _xlsx(name, content) if content.startswith(b"PK") else _csv(name, content)
    lines = [line for _number, line in _filled(table)]
    if not lines:
        raise InvalidFile(name=name, reason="没有内容 / it is empty")
    if len(lines) - 1 > MOST_ROWS:
        raise InvalidFile(name=name, reason=f"超过 {MOST_ROWS} 行 / more than {MOST_ROWS} rows")
    headings = [cell.strip() for cell in lines[0]]
    return headings, [_wide(line, len(headings)) for line in lines[1:]]


def read_book(name: str, content: bytes) -> dict[str, list[tuple[int, list[str]]]]:
    """The lines of every sheet of a workbook by its title: (line as the spreadsheet counts, texts), the headings
    first, empty lines left out. InvalidFile."""
    found = {}
    for sheet in _book(name, content).worksheets:
        lines = list(_filled(_lines(sheet)))
        if len(lines) - 1 > MOST_ROWS:
            raise InvalidFile(name=name, reason=f"超过 {MOST_ROWS} 行 / more than {MOST_ROWS} rows")
        width = len(lines[0][1]) if lines else 0
        found[sheet.title] = [(number, _wide(line, width)) for number, line in lines]
    return found


def _filled(table: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    return ((number, line) for number, line in enumerate(table, 1) if any(cell.strip() for cell in line))


def _wide(line: list[str], width: int) -> list[str]:
    return [*line, *[""] * (width - len(line))][:width]


def _xlsx(name: str, content: bytes) -> Iterator[list[str]]:
    sheet = _book(name, content).active
    if not hasattr(sheet, "iter_rows"):
        raise InvalidFile(name=name, reason="没有工作表 / it has no worksheet")
    return _lines(sheet)


def _book(name: str, content: bytes) -> Any:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        return load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as problem:
        raise InvalidFile(name=name, reason=f"不是有效的 xlsx / not a valid xlsx ({problem})") from problem


def _lines(sheet: Any) -> Iterator[list[str]]:
    for line in sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS):
        yield [_text(cell) for cell in line]


def _text(cell: Any) -> str:
    """A cell as text: whole numbers without `.0`, dates as ISO."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes") if cell.time() != time() else cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).removeprefix("'")


def _csv(name: str, content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError as problem:
            raise InvalidFile(name=name, reason="编码不是 UTF-8 或 GBK / neither UTF-8 nor GBK") from problem
    if "\0" in text:
        raise InvalidFile(name=name, reason="不是文本文件 / not a text file")
    try:
        return iter([[cell.removeprefix("'") for cell in line] for line in csv.reader(io.StringIO(text, newline=""))])
    except csv.Error as problem:
        raise InvalidFile(name=name, reason=str(problem)) from problem
