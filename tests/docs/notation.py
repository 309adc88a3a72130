"""The page of constructs and its pictures: what runs, each with its diagram and what comes of it, from the tests.

Owns docs/designer/notation.md and docs/pictures/notation. `python -m tests.docs.reference` writes both.
"""

from __future__ import annotations

from pathlib import Path

from tests.docs.drawing import svg
from tests.engine.bpmn.constructs import ALL, SECTIONS
from tests.engine.bpmn.constructs.construct import Construct

DOCS = Path(__file__).parents[2] / "docs"
PAGE, PICTURES = DOCS / "designer" / "notation.md", DOCS / "pictures" / "notation"
HEAD = """<!-- Written by `python -m tests.docs.reference`; do not edit. -->

# 记号：每种画法与执行结果 The notation, construct by construct

每一行都是一个测试：图、发生的事（脚本）和执行轨迹；测试在每两步之间保存并重新读入，并在每个时刻把令牌移出、移入。
没有列出的画法在发布时被拒绝，并说明文件、行、图元和改法。

Each row is a test: a diagram, what happens to it and the trace that comes of it, with a save and a load between every
two steps, and tokens moved out and in at every moment. What is not here is refused at deployment.

轨迹 trace: `x` 完成 completed · `x!` 捕获 caught · `x^` 抛出 thrown · `-x` 取消 cancelled · `x?` 异常 incident
"""


def page() -> str:
    """The page."""
    lines = [HEAD]
    for heading, constructs in SECTIONS.items():
        lines += [f"## {heading}\n", "| | |", "| --- | --- |", *map(_row, constructs), ""]
    return "\n".join(lines)


def _row(one: Construct) -> str:
    script = "<br>".join(f"`{line}`" for line in one.script)
    happens = f"<br>{script}" if script else ""
    told = f"**{one.zh}**<br>{one.en}{happens}<br>→ `{one.trace}`"
    return f"| ![{one.en}](../pictures/notation/{one.id}.svg) | {told} |"


def pictures() -> dict[Path, str]:
    """Every construct's picture."""
    return {PICTURES / f"{one.id}.svg": svg(one.content) for one in ALL}
