"""What parsers say is read in Chinese: findings were Chinese sentences that ended in libxml2's or feelin's English."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from engine import dmn, forms, parsers
from engine.bpmn import xml
from engine.errors import InvalidFile, LinliError
from engine.expressions import feel, scripts
from engine.jsonfile import JsonFile

HAN = re.compile(r"[\u4e00-\u9fff]")
UNSAID = "详情"


def raised(read: Callable[[Any], Any], text: Any) -> Exception:
    with pytest.raises((ValueError, etree.XMLSyntaxError, LinliError)) as refused:
        read(text)
    return refused.value


XML = ("", "<a>", "<a><b></a>", "<a b></a>", "<a b=c/>", "a", "<a/>x", "<a>&x;</a>", "<a>&</a>", "<a b='1' b='2'/>")
XML += ("<x:a/>", "<a x:b='1'/>", "<a>\x01</a>", "<a b='<'/>", "<a", "<1/>", " <?xml version='1.0'?><a/>", "<a></b>")
JSON = ("", "{'a':1}", '{"a" 1}', '{"a":1,}', "[1 2]", '{"a":1}x', '"abc', '{"a":"\n"}', '{"a":"\\x"}', "nul", "[1,")
TOML = ("a", "a=", "a=1 b=2", "[a", "a='", "[a]\n[a]", "a=1\na=2", "a=2026-13-01", "a=[1,", "=1", "a={b=1", 'a="\n"')
FEEL = ("a +", "1 2", "(a", "if a then", '"abc', "a..b", "'x'", "a && b", "x > 3)", "", "(" * 3000, "a" * 20_001)
PYTHON = ("x = ", "def f(:\n pass", "if x\n y=1", "x = (1", "  y=1", "x = 'a", "1 = x", "x = 1$", "try:\n pass")


@pytest.mark.parametrize("text", XML)
def test_broken_xml(text: str) -> None:
    said = parsers.said(raised(lambda one: etree.fromstring(one.encode()), text))
    assert HAN.search(said.zh) and UNSAID not in said.zh and re.search(r"第 1 行第 \d+ 列", said.zh)
    assert not HAN.search(said.en) and "<string>" not in said.en


@pytest.mark.parametrize(("read", "texts"), [(json.loads, JSON), (tomllib.loads, TOML)], ids=["json", "toml"])
def test_broken_json_and_toml(read: Callable[[str], Any], texts: tuple[str, ...]) -> None:
    for text in texts:
        said = parsers.said(raised(read, text))
        assert UNSAID not in said.zh and re.search(r"第 \d+ 行第 \d+ 列|文件末尾", said.zh), (text, said.zh)
        assert not HAN.search(said.en)


@pytest.mark.parametrize(("check", "texts"), [(feel.check, FEEL), (scripts.check, PYTHON)], ids=["feel", "python"])
def test_broken_expressions_and_scripts(check: Callable[[str], Any], texts: tuple[str, ...]) -> None:
    for text in texts:
        said = check(text)
        assert said and HAN.search(said.zh) and UNSAID not in said.zh and not HAN.search(said.en), (text, said)


def test_the_place_and_what_stands_there_are_told() -> None:
    assert parsers.said("unexpected && b (character 3)").zh == "看不懂“&& b”（第 3 个字符）"
    assert parsers.said("Opening and ending tag mismatch: b line 1 and a, line 2, column 11 (<string>, line 2)").zh == (
        "第 1 行的 b 被写成以 a 结束（第 2 行第 11 列）"
    )
    assert parsers.said("Expecting ',' delimiter: line 3 column 8 (char 70)").zh == "缺少 ,（第 3 行第 8 列）"
    assert parsers.said("unexpected EOF while parsing").zh == "没有写完"


def test_what_nobody_translated_is_shown_as_the_parser_s_own_words() -> None:
    said = parsers.said("xmlSomethingNew: odd, line 4, column 2 (<string>, line 4)")
    assert said.zh == "详情：xmlSomethingNew: odd（第 4 行第 2 列）"
    assert said.en == "xmlSomethingNew: odd, line 4, column 2"


def test_files_are_refused_in_the_reader_s_language() -> None:
    for read, content in ((xml.parse, b"<a>"), (dmn.parse, b"<a>"), (forms.parse, b"{")):
        refused = raised(read, content)
        assert isinstance(refused, InvalidFile)
        assert "第 1 行第" in refused.text("zh") and "line 1" in refused.text("en")
    finding = JsonFile(b"{\n 1", "registers/a.json").findings[0]
    assert finding.line == 2 and "第 2 行第" in finding.message and "line 2" in finding.message_en
    failed = raised(lambda one: feel.evaluate(one, {}, now=None, zone=None), "a +")  # type: ignore[arg-type]
    assert "没有写完" in str(failed.text("zh"))
