"""What is wrong with the rules of a decision table, as far as its cells tell without evaluating anything.

Owns the findings: two rules of a UNIQUE table that match at once (of an ANY table, and say different things), a rule
that can never be reached, a cell that nothing passes, inputs that no rule covers, and values of a wrong type or not
among those allowed. Warnings all: a designer may know more of the inputs than the table says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.dmn.cells import Atoms, Cell, cell, literal, parts
from engine.dmn.tables import Column, Table
from engine.records import Finding

MOST = 20  # findings of one kind and table
LARGEST = 300  # rules of a table that are compared with each other
PIECES = 3_000  # pieces that a table's inputs may fall into before gaps are given up
KINDS = {"dateTime": "", "dayTimeDuration": "duration", "days and time duration": "duration"}
ONE_HIT = ("UNIQUE", "ANY", "FIRST", "PRIORITY")
KNOWN = ("string", "number", "boolean", "date", "duration")

Box = tuple[int, ...]  # one set of atoms a column


@dataclass(frozen=True, slots=True)
class _Space:
    """A table's columns cut into atoms. `boxes`: what each rule lets through, None where a cell is unknown."""

    table: Table
    columns: tuple[Atoms, ...]
    boxes: tuple[tuple[int | None, ...], ...]

    def whole(self, box: tuple[int | None, ...]) -> Box:
        """An unknown cell taken for everything."""
        return tuple(atoms.whole if bits is None else bits for atoms, bits in zip(self.columns, box, strict=True))

    def example(self, box: Box) -> list[str]:
        """One set of inputs inside a box, each in words."""
        return [
            f"{column.text} {words}"
            for column, atoms, bits in zip(self.table.inputs, self.columns, box, strict=True)
            if (words := atoms.example(bits))
        ]


def findings(table: Table, types: dict[str, str], file: str) -> Iterator[Finding]:
    """Of one table. `types`: input expression -> its FEEL type where it is known."""
    if any(len(r.tests) != len(table.inputs) or len(r.outputs) != len(table.outputs) for r in table.rules):
        return  # refused already
    yield from _values(table, types, file)
    if len(table.rules) <= LARGEST:
        space = _space(table, types)
        yield from _never(space, file)
        yield from _together(space, file)
        yield from _unreached(space, file)
        yield from _uncovered(space, file)


def _space(table: Table, types: dict[str, str]) -> _Space:
    cells = [[cell(rule.tests[place]) for rule in table.rules] for place in range(len(table.inputs))]
    columns = tuple(
        Atoms(cells[place], _kind(column, types), _allowed(column)) for place, column in enumerate(table.inputs)
    )
    boxes = tuple(
        tuple(_bits(columns[place], cells[place][number]) for place in range(len(columns)))
        for number in range(len(table.rules))
    )
    return _Space(table, columns, boxes)


def _bits(atoms: Atoms, one: Cell | None) -> int | None:
    literals = list(one.literals()) if one is not None else []
    return None if one is None or any(each.kind != atoms.kind for each in literals) else atoms.mask(one)


def _kind(column: Column, types: dict[str, str]) -> str:
    name = column.type or types.get(column.text, "")
    return KINDS.get(name, name)


def _allowed(column: Column) -> Cell | None:
    return cell(column.allowed) if column.allowed else None


def _warning(table: Table, number: int, file: str, code: str, zh: str, en: str) -> Finding:
    rule = table.rules[number] if table.rules else None
    line, element = (rule.line, rule.id or table.node) if rule else (table.line, table.node)
    return Finding(file, line, element, "warning", code, zh, en)


# ---- values


def _values(table: Table, types: dict[str, str], file: str) -> Iterator[Finding]:
    for number, rule in enumerate(table.rules):
        for column, text in zip(table.inputs, rule.tests, strict=True):
            found = cell(text)
            for one in sorted({(each.kind, str(each.value)) for each in found.literals()} if found else ()):
                yield from _typed(table, number, column, one, _kind(column, types), file)
            yield from _listed(table, number, column, parts(text) if text not in ("", "-") else [], file)
        for column, text in zip(table.outputs, rule.outputs, strict=True):
            if value := literal(text):
                yield from _typed(table, number, column, (value.kind, str(value.value)), _kind(column, {}), file)
                yield from _listed(table, number, column, [text], file)


def _typed(
    table: Table, number: int, column: Column, value: tuple[str, str], kind: str, file: str
) -> Iterator[Finding]:
    if kind in KNOWN and value[0] != kind:
        yield _warning(
            table, number, file, "dmn-type",
            f"规则 {number + 1} 在“{column.label or column.text}”列写的 {value[1]} 是 {value[0]}，该列是 {kind}："
            "永远不会相等，请改值或改列的类型",
            f"Rule {number + 1} has {value[1]}, a {value[0]}, in column {column.label or column.text}, which is of "
            f"type {kind}: they never match; change the value or the column's type",
        )  # fmt: skip


def _listed(table: Table, number: int, column: Column, texts: list[str], file: str) -> Iterator[Finding]:
    """Literals that are not among a list of allowed literals."""
    allowed = [literal(part) for part in parts(column.allowed)] if column.allowed else [None]
    if None in allowed:
        return
    for text in texts:
        value = literal(text)
        if value is not None and value not in allowed:
            yield _warning(
                table, number, file, "dmn-value",
                f"规则 {number + 1} 在“{column.label or column.text}”列的 {text} 不在允许值（{column.allowed}）之内："
                "请改值，或把它加进允许值",
                f"Rule {number + 1} has {text} in column {column.label or column.text}, which is not among the allowed "
                f"values ({column.allowed}): change it, or allow it",
            )  # fmt: skip


# ---- rules beside each other


def _never(space: _Space, file: str) -> Iterator[Finding]:
    for number, box in enumerate(space.boxes):
        if 0 in box:
            text = space.table.rules[number].tests[box.index(0)]
            yield _warning(
                space.table, number, file, "dmn-never",
                f"规则 {number + 1} 的条件“{text}”没有任何值能通过：请改条件",
                f"No value passes the condition '{text}' of rule {number + 1}: change it",
            )  # fmt: skip


def _together(space: _Space, file: str) -> Iterator[Finding]:
    """Rules that match at once where only one may, or where they must agree."""
    table, found = space.table, 0
    if table.hit not in ("UNIQUE", "ANY"):
        return
    for later, box in enumerate(space.boxes):
        for earlier in range(later):
            common = _common(space.boxes[earlier], box)
            agree = table.hit == "ANY" and table.rules[earlier].outputs == table.rules[later].outputs
            if common is None or agree or found >= MOST:
                continue
            found += 1
            yield _overlap(space, earlier, later, common, file)


def _overlap(space: _Space, earlier: int, later: int, common: Box, file: str) -> Finding:
    zh, en = f"规则 {earlier + 1} 与规则 {later + 1} ", f"Rules {earlier + 1} and {later + 1}"
    example = space.example(common)
    at, at_en = (f"（例如 {'、'.join(example)}）", f" (for example {', '.join(example)})") if example else ("", "")
    if space.table.hit == "ANY":
        zh += f"会同时命中{at}而结论不同：请让结论一致，或改条件"
        en += f" match at once{at_en} and say different things: make them agree, or change a condition"
    else:
        zh += f"会同时命中{at}，UNIQUE 表会报错：请改其中一条的条件，或改用 FIRST"
        en += f" match at once{at_en}, which fails in a UNIQUE table: change a condition, or use FIRST"
    return _warning(space.table, later, file, "dmn-overlap", zh, en)


def _common(one: tuple[int | None, ...], other: tuple[int | None, ...]) -> Box | None:
    """What two rules both let through; None when that is nothing, or cannot be told."""
    bits = [0 if a is None or b is None else a & b for a, b in zip(one, other, strict=True)]
    return None if 0 in bits else tuple(bits)


def _unreached(space: _Space, file: str) -> Iterator[Finding]:
    """Rules of a FIRST table that those above leave nothing."""
    if space.table.hit != "FIRST":
        return
    for number, box in enumerate(space.boxes):
        above = [space.whole(one) for one in space.boxes[:number] if None not in one]
        if 0 not in box and _rest([space.whole(box)], above) == []:
            yield _warning(
                space.table, number, file, "dmn-unreachable",
                f"规则 {number + 1} 永远轮不到：上面的规则已经包括了它的全部情况，请删去、上移或改条件",
                f"Rule {number + 1} is never reached: the rules above it take all its cases; delete it, move it up or "
                "change a condition",
            )  # fmt: skip


def _uncovered(space: _Space, file: str) -> Iterator[Finding]:
    """Inputs that no rule covers, where every cell is known and the table gives one answer without a default."""
    table = space.table
    if table.hit not in ONE_HIT or table.fallback or any(None in box for box in space.boxes) or not table.rules:
        return
    left = _rest([tuple(atoms.known for atoms in space.columns)], [space.whole(box) for box in space.boxes])
    if left:
        zh, en = (mark.join(space.example(left[0])) for mark in ("、", ", "))
        yield Finding(
            file, table.line, table.node, "warning", "dmn-gap",
            f"有的输入没有规则管（例如 {zh}），结论会是空值：请补一条规则，或设默认输出",
            f"No rule covers some inputs (for example {en}), the result is null: add a rule or a default output",
        )  # fmt: skip


def _rest(pieces: list[Box], taken: list[Box]) -> list[Box] | None:
    """What is left of some pieces when boxes are taken away; None when it falls into too many."""
    for box in taken:
        pieces = [rest for piece in pieces for rest in _without(piece, box)]
        if len(pieces) > PIECES:
            return None
    return pieces


def _without(piece: Box, box: Box) -> Iterator[Box]:
    if any(not a & b for a, b in zip(piece, box, strict=True)):
        yield piece
        return
    for place, (a, b) in enumerate(zip(piece, box, strict=True)):
        if outside := a & ~b:
            kept = tuple(x & y for x, y in zip(piece[:place], box[:place], strict=True))
            yield (*kept, outside, *piece[place + 1 :])
