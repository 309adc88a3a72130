"""The generated page of operations: the table of the conformance suite, as designers read it.

Owns the layout only: rows, columns and refusals are those that tests/engine/operations plays.
"""

from __future__ import annotations

from pathlib import Path

from tests.engine.operations.shapes import SHAPES
from tests.engine.operations.table import OPERATIONS, Operation, Refusal

PAGE = Path(__file__).parents[2] / "docs" / "designer" / "operations.md"
HEAD = """<!-- Written by `python -m tests.docs.reference`; do not edit. -->

# 任务操作 Operations on a task

每一行是一种操作，每一列是任务在流程图中的一种位置。✓ 可用；数字表示在那里没有意义，会被拒绝，表下写明系统说的话。
每个格子都在两种数据库上由 `tests/engine/operations` 演练：操作之后令牌、任务、定时器、日志一致，事项能办到结束。
怎样设置见 [diagrams.md](diagrams.md#operations-on-a-task)。

Rows are operations, columns are where the task stands. ✓ works; a number is a refusal whose words stand below. Each
cell is played on both databases: afterwards tokens, tasks, timers and journal agree, and the case can go on to its end.
"""


def page() -> str:
    """The page."""
    notes: dict[tuple[str, str], int] = {}
    rows = [_row(operation, notes) for operation in OPERATIONS]
    columns = [f"{shape.zh}<br>{shape.en}" for shape in SHAPES]
    head = ("操作", "operation", "设置 setting", *columns)
    lines = [HEAD, _line(*head), _line(*["---"] * len(head)), *rows, ""]
    lines += [f"{number}. {zh}<br>{en}" for (zh, en), number in notes.items()]
    return "\n".join(lines) + "\n"


def _row(operation: Operation, notes: dict[tuple[str, str], int]) -> str:
    cells = [_cell(operation.refused.get(shape.key), notes) for shape in SHAPES]
    return _line(operation.zh, operation.en, f"`{operation.setting}`" if operation.setting else "", *cells)


def _cell(refusal: Refusal | None, notes: dict[tuple[str, str], int]) -> str:
    if refusal is None:
        return "✓"
    words = (refusal.words.zh, refusal.words.en)
    return str(notes.setdefault(words, len(notes) + 1))


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
