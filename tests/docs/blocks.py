"""The marked code blocks of docs/: what stands behind three backticks says what the tests do with a block.

Owns the marks and the reading of pages; running the blocks is `test_examples`' matter. Marks: `xml element`,
`xml process`, `xml decision`, `json form|register|page`, `json answers FORM`, `feel`, `feel DECISION`, `python script`,
`python services`, `toml pack|scenario|seeds|map`, `sh`. A block without a mark is only shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_BLOCK = re.compile(r"^```(?P<mark>[^\n`]+)\n(?P<text>.*?)^```$", re.M | re.S)
_SPAN = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """One code block. `line`: of its first line of text."""

    page: str
    line: int
    mark: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line} {self.mark}"


def pages() -> list[Path]:
    """Every page that people read."""
    others = [ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("workflows/*/README.md")]
    return [*others, *sorted(DOCS.rglob("*.md"))]


def blocks(path: Path) -> list[Block]:
    """The code blocks of a page."""
    text = path.read_text("utf-8")
    name = str(path.relative_to(ROOT))
    return [
        Block(name, text.count("\n", 0, found.start("text")) + 1, found["mark"].strip(), found["text"])
        for found in _BLOCK.finditer(text)
    ]


def marked(mark: str) -> list[Block]:
    """The blocks of all pages whose mark begins with these words."""
    return [one for path in pages() for one in blocks(path) if one.mark == mark or one.mark.startswith(f"{mark} ")]


def words(*paths: Path) -> set[str]:
    """Everything that these pages name in backticks outside code blocks: `register.find`, `--by`, `P1D`."""
    found: set[str] = set()
    for path in paths:
        for span in _SPAN.findall(_BLOCK.sub("", path.read_text("utf-8"))):
            found |= {span, *re.findall(r"[\w.*-]+", span)}
    return found
