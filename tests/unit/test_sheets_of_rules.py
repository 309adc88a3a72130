"""Decision tables as spreadsheets: what plain cells mean, what each problem's cell is called, there and back; and what
a decision asks of whoever tries it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine import dmn
from engine.dmn import sheet
from engine.errors import NotFound

COMMUNITY = Path(__file__).parents[2] / "workflows/community/decisions"
NOW, ZONE = datetime(2026, 11, 23, 1), ZoneInfo("Asia/Shanghai")
FEE = [
    ["命中策略", "首个"],
    ["类别", "输入", "输入", "输出", "输出", "备注"],
    ["名称", "类别", "老人", "收费", "依据", "说明"],
    ["变量", "kind", "elder", "fee", "why", ""],
    ["类型", "文字", "是否", "数字", "文字", ""],
    ["1", "礼堂、院子", "是", "0", "老人免费", "民政口径"],
    ["2", "礼堂", "", "50", '"按次"', ""],
    ["3", "", "", "=", "", ""],
]


def rows(cells: list[list[str]]) -> list[tuple[int, list[str]]]:
    """Lines as a workbook gives them: all equally wide, numbered."""
    width = max(map(len, cells))
    return [(number, [*line, *[""] * (width - len(line))]) for number, line in enumerate(cells, 1)]


def empty(decision: str = "fee") -> bytes:
    """A file whose only decision has no logic yet."""
    space = "https://www.omg.org/spec/DMN/20191111/MODEL/"
    return (
        f'<definitions xmlns="{space}" id="d" name="d" namespace="n"><decision id="{decision}"/></definitions>'.encode()
    )


def test_plain_cells_become_feel_and_the_table_decides() -> None:
    table = sheet.read(rows([*FEE[:7], ["3", "", "", "100", "其余", ""]]))
    assert not table.troubles and table.hit == "FIRST"
    assert table.rules[0] == ['"礼堂", "院子"', "true", "0", '"老人免费"', "民政口径"]
    assert table.rules[1][:4] == ['"礼堂"', "-", "50", '"按次"']
    content = sheet.put(empty(), "fee", table)
    assert not dmn.lint(content, "fee.dmn")
    model = dmn.parse(content)
    found = dmn.evaluate(model, "fee", {"kind": "院子", "elder": True}, now=NOW, zone=ZONE)
    assert found.value == {"fee": 0, "why": "老人免费"} and [f.number for f in found.fired] == [1]
    assert dmn.evaluate(model, "fee", {"kind": "x", "elder": False}, now=NOW, zone=ZONE).value["fee"] == 100


@pytest.mark.parametrize(
    ("row", "column", "cell", "words"),
    [
        (0, 1, "随便", ("B1", "命中策略")),
        (1, 2, "条件", ("C2", "输入、输出")),
        (1, 2, "", ("C2", "没有写类别")),
        (3, 1, "", ("B4", "变量名")),
        (3, 1, "a +", ("B4", "不是变量名")),
        (3, 4, "fee", ("D4", "写了两次")),
        (4, 1, "图片", ("B5", "类型")),
        (5, 3, "1 +", ("D6", "看不懂")),
        (5, 2, "> ", ("C6", "看不懂")),
    ],
)
def test_a_problem_names_its_cell(row: int, column: int, cell: str, words: tuple[str, str]) -> None:
    cells = [[*line, *[""] * (6 - len(line))] for line in FEE[:7]]
    cells[row][column] = cell
    found = [(t.cell, t.text.zh) for t in sheet.read(rows(cells)).troubles]
    assert any(place == words[0] and words[1] in text for place, text in found), found


@pytest.mark.parametrize(("gone", "said"), [(1, "类别"), (3, "变量")])
def test_a_sheet_without_its_heads_says_which(gone: int, said: str) -> None:
    (trouble,) = sheet.read(rows([line for at, line in enumerate(FEE[:7]) if at != gone])).troubles
    assert trouble.cell == "A1" and said in trouble.text.zh and trouble.text.en


def test_a_sheet_without_rules_or_without_an_output_is_refused() -> None:
    assert "没有规则" in sheet.read(rows(FEE[:5])).troubles[0].text.zh
    cells = [[cell for at, cell in enumerate(line) if at < 3] for line in FEE[:7]]
    assert any("输出" in t.text.zh for t in sheet.read(rows(cells)).troubles)


@pytest.mark.parametrize("file", sorted(COMMUNITY.glob("*.dmn")), ids=lambda path: path.stem)
def test_every_table_of_the_community_pack_comes_back_from_a_sheet_as_it_was(file: Path) -> None:
    content = file.read_bytes()
    for decision in dmn.parse(content).decisions:
        try:
            table = sheet.table_of(content, decision)
        except NotFound:
            continue
        again = sheet.read(rows(sheet.lines(table)))
        assert (again.hit, again.columns, again.rules, again.troubles) == (table.hit, table.columns, table.rules, [])
        assert sheet.table_of(sheet.put(content, decision, again), decision) == table
        assert not [f for f in dmn.lint(sheet.put(content, decision, again), "x") if f.severity == "error"]


def test_a_decision_asks_for_its_columns_with_type_and_the_words_of_its_rules() -> None:
    content = (COMMUNITY / "triage.dmn").read_bytes()
    first, *_rest, last = dmn.asked(dmn.parse(content), content, "triage")
    assert (first.name, first.type, last.name, last.type) == ("category", "string", "reopened", "number")
    assert {"policy", "safety"} <= set(first.choices) and "大类" in first.label


def test_a_graph_asks_for_what_nothing_in_it_computes() -> None:
    """Inputs of the decisions required are asked, their results are not; paths stay paths."""
    content = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
      <inputData id="i1" name="person"><variable name="person"/></inputData>
      <decision id="base" name="base"><literalExpression><text>rate * 2</text></literalExpression></decision>
      <decision id="top" name="top"><informationRequirement><requiredDecision href="#base"/></informationRequirement>
       <decisionTable><input><inputExpression typeRef="number"><text>base</text></inputExpression></input>
        <input label="Age"><inputExpression typeRef="number"><text>person.age</text></inputExpression></input>
        <output name="o"/></decisionTable></decision></definitions>"""
    assert [(a.name, a.type) for a in dmn.asked(dmn.parse(content), content, "top")] == [
        ("person.age", "number"),
        ("rate", ""),
    ]
