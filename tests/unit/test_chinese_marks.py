"""A Chinese sentence of the product has full-width marks, also where its parts meet.

The story: the texts were once written with half-width commas, colons and brackets, and mended by looking for a mark
between two characters. `f"{what} · {setting}:{value}"` and `f"({example})"` have none beside their marks, so "必填:是"
and "(例如 x = 3),UNIQUE" stayed. What stands in braces is read as a character here.
"""

from __future__ import annotations

import ast
import html
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HAN = re.compile("[\u4e00-\u9fff]")
FILLED = "\ue000"  # stands for what is filled in
_FIELD = re.compile(r"%\(\w+\)[sd]|%[sd]|\$\{[^{}]*\}|\{\{|\}\}|\{\w*\}")
_NEAR = f"[\u4e00-\u9fff\u3001\u3002\u201c\u201d\u2026\uff08\uff09\uff0c\uff1a\uff1b\uff1f{FILLED}]"
_WRONG = re.compile(rf"{_NEAR}[,;:?!()]|[,;:?!()]{_NEAR}")
# What is written as it is typed elsewhere: a prefix of XML, a call without arguments, an English text with its gloss.
_CODE = re.compile(r"\bzeebe:|\(\)|^[A-Z]?[a-z][\w ,;:/()'-]* \([\u4e00-\u9fff]+\)$")
_DATA = re.compile(r"[\u4e00-\u9fff\u201d][,:;?!(]|[,:;?!)][\u4e00-\u9fff\u201c]")
_JS_TEXT = re.compile(r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`""")


def half_width(sentence: str) -> list[str]:
    """The half-width marks of a Chinese sentence with their neighbours; of a text in both languages (`中文 / English`)
    only the Chinese half is judged."""
    if "\\" in sentence:  # a pattern that reads what people type
        return []
    filled = _CODE.sub("", _FIELD.sub(FILLED, sentence))
    return [found for half in filled.split(" / ") if HAN.search(half) for found in _WRONG.findall(half)]


def chinese(source: str) -> Iterator[tuple[int, str]]:
    """(line, text) of every literal of a Python file that is Chinese: it has a Han character, or it is the first of
    the two languages of a `Said`. Docstrings are for the reader of the code."""
    if not HAN.search(source):
        return
    kinds = (ast.Constant, ast.JoinedStr, ast.Call, ast.Expr)
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)]
    aside = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    aside |= {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        text = _text(node)
        if text is not None and id(node) not in aside and HAN.search(text):
            yield node.lineno, text
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Said" and node.args:
            yield node.lineno, f"句{_text(node.args[0]) or ''}"


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else FILLED for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _sources() -> Iterator[tuple[str, str]]:
    for part in ("engine", "admin", "cli", "workflows"):
        for path in (ROOT / part).rglob("*.py"):
            if "node_modules" not in path.parts:
                yield from (
                    (f"{path.relative_to(ROOT)}:{line}", text) for line, text in chinese(path.read_text("utf-8"))
                )
    for path in (ROOT / "admin" / "translations").glob("*.toml"):
        yield from ((path.name, f"句 {text}") for text in tomllib.loads(path.read_text("utf-8")))
    for path in (ROOT / "admin" / "frontend" / "src").glob("*.js"):
        texts = (text[1:-1] for text in _JS_TEXT.findall(path.read_text("utf-8")))
        yield from ((path.name, text.replace("\\n", " ")) for text in texts if HAN.search(text))


@pytest.mark.parametrize(
    "source",
    [
        'f"{what}:{value} 是"',
        'f"会同时命中{at},UNIQUE 表会报错"',
        'f"不是 XML:{problem}"',
        'f"不在允许值({known})之内"',
        '"“%(step)s”有 %(n)d 项;请看"',
        'Said(f"{where}:{reason}", f"{where}: {reason}", "是")',
    ],
)
def test_a_half_width_mark_beside_what_is_filled_in_is_found(source: str) -> None:
    [(_line, text)] = [one for one in chinese(f"text = {source}") if half_width(one[1])]
    assert half_width(text)


@pytest.mark.parametrize(
    "source",
    [
        '"English (f"',
        'f"时间写成 09:30，例如 [1, 2]"',
        'f"没有变量\uff08{names}\uff09。请只用 now()、today()。"',
        '"bring cases in (导入)"',
        'f"不是 xlsx / not a valid xlsx ({problem})"',
        'Said(f"{where}\uff1a{reason}", f"{where}: {reason}")',
    ],
)
def test_english_code_and_times_keep_theirs(source: str) -> None:
    assert not [text for _line, text in chinese(f"text = {source}") if half_width(text)]


def test_no_chinese_sentence_of_the_product_has_half_width_marks() -> None:
    wrong = [f"{where}: {text!r}" for where, text in _sources() if half_width(text)]
    assert not wrong, "\n".join(wrong)


def test_neither_has_a_text_of_a_pack() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in (ROOT / "workflows").rglob("*.*")
        if path.suffix in (".toml", ".json", ".form", ".bpmn", ".dmn")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if _DATA.search(html.unescape(line))
    ]
    assert not wrong, "\n".join(wrong)
