"""A decision table as a spreadsheet's cells, and back: for people who keep their rules in a workbook.

Owns the layout (column A says what a row is: hit policy, kind, label, variable, type, then one rule a row), what a
plain cell means in FEEL, and the problems, each with its cell's name. Cells come and go as texts: the workbook's file
is somebody else's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lxml import etree

from engine.dmn.elements import root_of
from engine.errors import NotFound, Said
from engine.expressions import feel

HITS = {
    "UNIQUE": ("唯一", "只中一条"),
    "FIRST": ("首个", "第一条"),
    "PRIORITY": ("优先",),
    "ANY": ("任意",),
    "RULE ORDER": ("按规则顺序",),
    "OUTPUT ORDER": ("按输出顺序",),
    "COLLECT": ("收集", "全部"),
    "COLLECT SUM": ("求和",),
    "COLLECT MIN": ("最小",),
    "COLLECT MAX": ("最大",),
    "COLLECT COUNT": ("计数",),
}
ROWS = {
    "hit": ("命中策略", "hit policy"),
    "kind": ("类别", "kind"),
    "label": ("名称", "label"),
    "name": ("变量", "variable"),
    "type": ("类型", "type"),
}
KINDS = {"input": ("输入", "input"), "output": ("输出", "output"), "note": ("备注", "说明", "note")}
TYPES = {"string": ("文字", "text"), "boolean": ("是否",), "number": ("数字",), "date": ("日期",), "": ("任意", "any")}
MOST_RULES, MOST_COLUMNS = 2_000, 60
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PLAIN = re.compile(r"[^\"'?()\[\]<>=,\uff0c、;\uff1b{}]+")
_YES, _NO = ("是", "对", "true", "yes", "√"), ("否", "不", "false", "no", "×")


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `name`: an input's expression, an output's name. `kind`: input, output or note."""

    kind: str
    label: str
    name: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a cell (`C7`), in both languages."""

    cell: str
    text: Said


@dataclass(slots=True)
class Table:
    """A decision table; `rules` hold FEEL (notes: plain text), one text a column."""

    hit: str = "UNIQUE"
    columns: list[Column] = field(default_factory=list)
    rules: list[list[str]] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)


# ---- cells -> table ------------------------------------------------------------------------------------------------


def read(lines: Iterable[tuple[int, Sequence[str]]]) -> Table:
    """The table in (row number from 1, cells); a table with `troubles` must not be used."""
    rows = [(number, [_clean(cell) for cell in cells]) for number, cells in lines]
    return _Sheet([row for row in rows if any(row[1])]).table()


class _Sheet:
    """One sheet being read."""

    def __init__(self, rows: list[tuple[int, list[str]]]) -> None:
        self.found = Table()
        heads = {name: self._head(rows, words) for name, words in ROWS.items()}
        self.heads = {name: row for name, row in heads.items() if row is not None}
        used = {row[0] for row in self.heads.values()}
        self.rules = [row for row in rows if row[0] not in used]

    @staticmethod
    def _head(rows: list[tuple[int, list[str]]], words: tuple[str, ...]) -> tuple[int, list[str]] | None:
        return next((row for row in rows if row[1][0].lower().rstrip(":") in words), None)

    def _wrong(self, column: int, row: int, chinese: str, english: str) -> None:
        self.found.troubles.append(Trouble(f"{letters(column)}{row}", Said(chinese, english)))

    def table(self) -> Table:
        for name in ("kind", "name"):
            if name not in self.heads:
                word = ROWS[name][0]
                self._wrong(0, 1, f"A 列没有写“{word}”的一行", f"Column A has no row called “{word}”")
        if self.found.troubles:
            return self.found
        self._hit()
        self._columns()
        self._rules()
        return self.found

    def _hit(self) -> None:
        row, cells = self.heads.get("hit", (1, ["", ""]))
        said = (cells[1] if len(cells) > 1 else "").upper() or "UNIQUE"
        known = next((hit for hit, words in HITS.items() if said == hit or said in words), None)
        if known is None:
            zh = "、".join(f"{hit}（{words[0]}）" for hit, words in HITS.items())
            en = f"There is no hit policy “{said}”; known: {', '.join(HITS)}"
            self._wrong(1, row, f"没有命中策略“{said}”，可用：{zh}", en)
        else:
            self.found.hit = known

    def _columns(self) -> None:
        number, kinds = self.heads["kind"]
        for column in range(1, len(kinds)):
            if kinds[column]:
                self.found.columns.append(self._column(column, number, kinds[column]))
            elif any(len(cells) > column and cells[column] for _row, cells in self.rules):
                self._wrong(column, number, "这一列没有写类别", "This column has no kind")
        for kind, words in (("input", "输入"), ("output", "输出")):
            if not any(one.kind == kind for one in self.found.columns):
                self._wrong(0, number, f"至少要有一列“{words}”", f"There must be at least one {kind}")
        if len(self.found.columns) > MOST_COLUMNS:
            self._wrong(MOST_COLUMNS, number, f"超过 {MOST_COLUMNS} 列", f"More than {MOST_COLUMNS} columns")
        self.places = [column for column in range(1, len(kinds)) if kinds[column]]
        self._named_twice()

    def _column(self, column: int, row: int, said: str) -> Column:
        kind = _known(KINDS, said)
        if kind is None:
            self._wrong(column, row, f"“{said}”应为 输入、输出 或 备注", f"“{said}” must be input, output or note")
        label, name = self._cell("label", column), self._cell("name", column)
        at = self.heads["name"][0]
        if kind in ("input", "output") and not name:
            self._wrong(column, at, "没有写变量名", "No variable is named")
        elif kind == "input" and (reason := feel.check(name)):
            self._wrong(
                column, at, f"“{name}”不是变量名或公式：{reason.zh}", f"“{name}” is no variable or expression: {reason}"
            )
        typed = self._cell("type", column)
        known = _known(TYPES, typed) if typed else ""
        if known is None:
            words = "、".join(words[0] for words in TYPES.values())
            known_en = f"There is no type “{typed}”; known: {', '.join(TYPES)}"
            self._wrong(column, self.heads["type"][0], f"没有类型“{typed}”，可用：{words}", known_en)
        return Column(kind or "note", label or name, name, known or "")

    def _cell(self, head: str, column: int) -> str:
        cells = self.heads[head][1] if head in self.heads else []
        return cells[column] if column < len(cells) else ""

    def _named_twice(self) -> None:
        names = [one.name for one in self.found.columns if one.kind == "output"]
        for place, one in zip(self.places, self.found.columns, strict=True):
            if one.kind == "output" and names.count(one.name) > 1:
                row = self.heads["name"][0]
                self._wrong(place, row, f"输出“{one.name}”写了两次", f"The output “{one.name}” is there twice")

    def _rules(self) -> None:
        if not self.rules:
            self._wrong(0, max(row for row, _cells in self.heads.values()) + 1, "没有规则", "There are no rules")
        if len(self.rules) > MOST_RULES:
            self._wrong(0, self.rules[MOST_RULES][0], f"超过 {MOST_RULES} 条规则", f"More than {MOST_RULES} rules")
            return
        for row, cells in self.rules:
            self.found.rules.append([self._entry(row, at, cells) for at in range(len(self.places))])

    def _entry(self, row: int, at: int, cells: list[str]) -> str:
        column, place = self.found.columns[at], self.places[at]
        text = cells[place] if place < len(cells) else ""
        if column.kind == "note":
            return text
        written = _feel(text, column)
        reason = feel.check(written, unary=column.kind == "input") if written not in ("", "-") else None
        if reason:
            self._wrong(place, row, f"“{text}”看不懂：{reason.zh}", f"“{text}” cannot be read: {reason}")
        return written


def _feel(text: str, column: Column) -> str:
    """A cell as FEEL: what is FEEL already stays; plain words of a text column get their quotes."""
    if not text or text == "-":
        return "-" if column.kind == "input" else ""
    if column.type == "boolean" and text.lower() in _YES + _NO:
        return "true" if text.lower() in _YES else "false"
    if column.type == "date" and _DAY.fullmatch(text):
        return f'date("{text}")'
    if column.type == "number":
        return unicodedata.normalize("NFKC", text)
    if column.type != "string" or '"' in text or text == "null":
        return text
    if column.kind == "output":
        return _quoted(text)
    parts = [part.strip() for part in re.split(r"[,\uff0c、;\uff1b]", text)]
    return ", ".join(map(_quoted, parts)) if all(_PLAIN.fullmatch(part) for part in parts) else text


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _clean(cell: str) -> str:
    return cell.replace("“", '"').replace("”", '"').strip()


def _known(words: dict[str, tuple[str, ...]], said: str) -> str | None:
    return next((key for key, known in words.items() if said.lower() in (key.lower(), *known)), None)


def letters(column: int) -> str:
    """A column's name in a spreadsheet: 0 A, 25 Z, 26 AA."""
    return (letters(column // 26 - 1) if column >= 26 else "") + chr(ord("A") + column % 26)


# ---- table -> cells ------------------------------------------------------------------------------------------------


def lines(table: Table) -> list[list[str]]:
    """The rows to write: what `read` takes, in Chinese."""
    columns = table.columns
    heads = [
        [ROWS["hit"][0], table.hit],
        [ROWS["kind"][0], *(KINDS[one.kind][0] for one in columns)],
        [ROWS["label"][0], *(one.label for one in columns)],
        [ROWS["name"][0], *(one.name for one in columns)],
        [ROWS["type"][0], *(TYPES.get(one.type, TYPES[""])[0] for one in columns)],
    ]
    rules = [
        [str(number), *("" if text == "-" else text for text in rule)] for number, rule in enumerate(table.rules, 1)
    ]
    return heads + rules


# ---- table <-> DMN -------------------------------------------------------------------------------------------------


def table_of(content: bytes, decision: str) -> Table:
    """The table of a decision. NotFound when it has none; InvalidFile."""
    element = _decision(root_of(content), decision).find("{*}decisionTable")
    if element is None:
        raise NotFound(what=Said("决策表", "decision table"), id=decision)
    hit = " ".join(filter(None, (element.get("hitPolicy", "UNIQUE"), element.get("aggregation"))))
    columns = [_input(each) for each in element.iterfind("{*}input")]
    columns += [_output(each) for each in element.iterfind("{*}output")]
    columns += [Column("note", each.get("name", "")) for each in element.iterfind("{*}annotation")]
    if columns[-1].kind != "note" and element.find("{*}rule/{*}description") is not None:
        columns.append(Column("note", KINDS["note"][0]))  # where dmn-js keeps a rule's note
    return Table(hit, columns, [_rule(each, len(columns)) for each in element.iterfind("{*}rule")])


def _input(element: etree._Element) -> Column:
    expression = element.find("{*}inputExpression")
    name = (expression.findtext("{*}text") or "").strip() if expression is not None else ""
    return Column("input", element.get("label") or name, name, _type(expression))


def _output(element: etree._Element) -> Column:
    name = element.get("name", "")
    return Column("output", element.get("label") or name, name, _type(element))


def _type(element: etree._Element | None) -> str:
    found = (element.get("typeRef", "") if element is not None else "").rpartition(":")[2]
    return found if found in TYPES else ""


def _rule(element: etree._Element, width: int) -> list[str]:
    kinds = (
        "inputEntry",
        "outputEntry",
        "annotationEntry" if element.find("{*}annotationEntry") is not None else "description",
    )
    texts = [
        (e.findtext("{*}text") or e.text or "").strip() for kind in kinds for e in element.iterfind(f"{{*}}{kind}")
    ]
    return [*texts, *[""] * (width - len(texts))][:width]


def put(content: bytes, decision: str, table: Table) -> bytes:
    """The file with this table in place of the decision's logic; everything else stays as it was. NotFound."""
    root = root_of(content)
    owner = _decision(root, decision)
    for old in [e for e in owner if etree.QName(e).localname in _LOGIC]:
        owner.remove(old)
    owner.append(_Writer(root, decision).element(table))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


_LOGIC = {"decisionTable", "literalExpression", "context", "list", "relation", "functionDefinition", "invocation"}
_LOGIC |= {"conditional", "filter", "for", "every", "some"}


class _Writer:
    """Makes the XML of one table; ids begin with the decision's and stay the same from import to import."""

    def __init__(self, root: etree._Element, decision: str) -> None:
        self.space = etree.QName(root).namespace
        self.taken = {each.get("id") for each in root.iter() if isinstance(each.tag, str)}
        self.prefix = re.sub(r"[^\w.-]", "_", decision)

    def element(self, table: Table) -> etree._Element:
        hit, _, aggregation = table.hit.partition(" ") if table.hit.startswith("COLLECT") else (table.hit, "", "")
        given = {"hitPolicy": hit} | ({"aggregation": aggregation} if aggregation else {})
        made = self._made("decisionTable", "table", **given)
        order = sorted(range(len(table.columns)), key=lambda n: list(KINDS).index(table.columns[n].kind))
        for number, at in enumerate(order, 1):
            made.append(self._head(table.columns[at], number))
        for number, rule in enumerate(table.rules, 1):
            made.append(self._rule([(table.columns[at].kind, rule[at]) for at in order], number))
        return made

    def _head(self, column: Column, number: int) -> etree._Element:
        if column.kind == "note":
            return self._made("annotation", "", name=column.label)
        typed = {"typeRef": column.type} if column.type else {}
        if column.kind == "output":
            return self._made("output", f"out{number}", label=column.label, name=column.name, **typed)
        made = self._made("input", f"in{number}", label=column.label)
        made.append(self._made("inputExpression", f"ie{number}", column.name, **typed))
        return made

    def _rule(self, entries: list[tuple[str, str]], number: int) -> etree._Element:
        made = self._made("rule", f"r{number}")
        tags = {"input": "inputEntry", "output": "outputEntry", "note": "annotationEntry"}
        for at, (kind, text) in enumerate(entries, 1):
            made.append(self._made(tags[kind], "" if kind == "note" else f"r{number}c{at}", text))
        return made

    def _made(self, tag: str, id_: str, text: str | None = None, **given: str) -> etree._Element:
        made = etree.Element(f"{{{self.space}}}{tag}", {"id": self._free(id_)} if id_ else {}, None)
        for key, value in given.items():
            made.set(key, value)
        if text is not None:
            etree.SubElement(made, f"{{{self.space}}}text").text = text
        return made

    def _free(self, name: str) -> str:
        found, number = f"{self.prefix}-{name}", 1
        while found in self.taken:
            number += 1
            found = f"{self.prefix}-{name}-{number}"
        self.taken.add(found)
        return found


def _decision(root: etree._Element, decision: str) -> etree._Element:
    for each in root.iterfind("{*}decision"):
        if (each.get("id") or each.get("name")) == decision:
            return each
    raise NotFound(what=Said("决策", "decision"), id=decision)
