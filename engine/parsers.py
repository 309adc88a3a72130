"""What parsers say of a file or an expression that they cannot read, in both languages.

Owns the common sentences of libxml2, of Python's JSON, TOML and text readers, of feelin and of Monty's Python, with the
places that they name. What is not among them is shown as it is, said to be the parser's own words. Parses nothing.
"""

from __future__ import annotations

import re

from engine.errors import Said

# how a parser names a place: `core` is what is left of its sentence, the groups fill the Chinese
_PLACES = (
    (r"(?P<core>.*), line (\d+), column (\d+)(?: \(<string>, line \d+\))?", "第 {} 行第 {} 列"),
    (r"(?P<core>.*): line (\d+) column (\d+) \(char \d+\)", "第 {} 行第 {} 列"),
    (r"(?P<core>.*) \(at line (\d+), column (\d+)\)", "第 {} 行第 {} 列"),
    (r"(?P<core>.*) \(at end of document\)", "文件末尾"),
    (r"(?P<core>.*) \(character (\d+)\)", "第 {} 个字符"),
    (r"line (\d+): \w+: (?P<core>.*)", "第 {} 行"),
)
_XML = (
    (r"Document is empty", "文件是空的"),
    (r"Premature end of data in tag (\S+) line (\d+)", "文件没有写完：第 {1} 行的 {0} 没有结束"),
    (r"Opening and ending tag mismatch: (\S+) line (\d+) and (\S+)", "第 {1} 行的 {0} 被写成以 {2} 结束"),
    (r"Specification mandates value for attribute (\S+)", "属性 {} 没有值"),
    (r"AttValue: \" or ' expected", "属性的值要写在引号里"),
    (r"attributes construct error", "属性的写法不对"),
    (r"Start tag expected, '<' not found", "不是 XML，开头应为 <"),
    (r"Extra content at the end of the document", "最外层元素结束之后还有内容"),
    (r"Entity '(\S+)' not defined", "没有定义实体 {}"),
    (r"xmlParseEntityRef: no name", "& 应写成 &amp;"),
    (r"EntityRef: expecting ';'", "& 应写成 &amp;"),
    (r"Attribute (\S+) redefined", "属性 {} 写了两次"),
    (r"Namespace prefix (\S+) on (\S+) is not defined", "{1} 的前缀 {0} 没有声明"),
    (r"Namespace prefix (\S+) for (\S+) on (\S+) is not defined", "{2} 的属性 {1} 的前缀 {0} 没有声明"),
    (r"PCDATA invalid Char value (\d+)", "有 XML 不允许的字符（编码 {}）"),
    (r"Invalid bytes in character encoding", "文字编码不对"),
    (r"Input is not proper UTF-8, indicate encoding !.*", "文字编码不是 UTF-8"),
    (r"Unescaped '<' not allowed in attributes values", "属性的值里 < 应写成 &lt;"),
    (r"Unsupported encoding:? (\S+)", "不认识编码 {}"),
    (r"CData section not finished.*", "CDATA 没有结束"),
    (r"Comment not terminated.*", "注释没有结束"),
    (r"Double hyphen within comment.*", "注释里不能有 --"),
    (r"Couldn't find end of Start Tag (\S+)(?: line (\d+))?", "{0} 的开始标签没有写完"),
    (r"StartTag: invalid element name", "元素名称的写法不对"),
    (r"Sequence '\]\]>' not allowed in content", "文字里不能有 ]]>"),
    (r"XML declaration allowed only at the start of the document", "XML 声明只能在文件开头"),
    (r"Excessive depth in document.*", "嵌套太深"),
)
_JSON = (
    (r"Expecting value", "缺少一个值"),
    (r"Expecting property name enclosed in double quotes", "应为写在双引号里的名称"),
    (r"Expecting '(.)' delimiter", "缺少 {}"),
    (r"Illegal trailing comma before end of (?:object|array)", "最后一项之后多了一个逗号"),
    (r"Extra data", "结束之后还有内容"),
    (r"Unterminated string starting at", "从这里开始的字符串没有结束"),
    (r"Invalid control character at", "字符串里有换行等控制字符"),
    (r"Invalid \\(?:escape|uXXXX escape)(?:: .*)?", "反斜杠的写法不对"),
    (r"Unexpected UTF-8 BOM \(decode using utf-8-sig\)", "文件开头有字节顺序标记（BOM）"),
    (r"(\S+) is no JSON", "JSON 里不能写 {}"),
    (r"maximum recursion depth exceeded.*", "嵌套太深"),
    (r"'(\S+)' codec can't (?:de|en)code (?:byte|character|bytes|characters) .*", "文字不是有效的 {}"),
    (r"unknown encoding: (\S+)", "不认识编码 {}"),
)
_TOML = (
    (r"Expected '=' after a key in a key/value pair", "名称之后缺少 ="),
    (r"Expected newline or end of document after a statement", "一行里只能写一项"),
    (r"Expected ']' at the end of a table declaration", "表头缺少 ]"),
    (r"Expected ']]' at the end of an array declaration", "表头缺少 ]]"),
    (r"Expected ['\"](.+)['\"]", "缺少 {}"),
    (r"Unescaped '\\' in a string", "字符串里的反斜杠应写成 \\\\"),
    (r"Cannot declare \((.*?),?\) twice", "{} 写了两次"),
    (r"Cannot overwrite a value", "同一个名称写了两次"),
    (r"Cannot mutate immutable namespace .*", "同一个名称写了两次"),
    (r"Invalid value", "值的写法不对"),
    (r"Invalid statement", "这一行的写法不对"),
    (r"Invalid date or datetime", "日期的写法不对"),
    (r"Unclosed inline table", "缺少 }}"),
    (r"Unclosed array", "缺少 ]"),
    (r"Unterminated string", "字符串没有结束"),
    (r"Illegal character (.+)", "有不允许的字符 {}"),
)
_FEEL = (
    (r"unexpected end", "没有写完"),
    (r"unexpected (.+)", "看不懂“{}”"),
    (r"longer than (\d+) characters", "超过 {} 个字符"),
    (r"nested too deeply", "嵌套太深"),
    (r"it took longer than (\S+) s", "超过 {} 秒没有算完"),
    (r"its result is too large", "结果太大"),
)
_PYTHON = (
    (r"Expected an expression", "这里缺少一个表达式"),
    (r"Expected a parameter or the end of the parameter list", "参数表没有写完"),
    (r"Expected `(.+?)`, found (.+)", "应为 {0}，却是 {1}"),
    (r"Expected an indented block after `(\w+)`.*", "{} 之后的一行要缩进"),
    (r"Expected an indented block after .*", "这一行要缩进"),
    (r"Expected `except` or `finally` after `try` block", "try 之后缺少 except 或 finally"),
    (r"Expected a statement", "这里缺少一个语句"),
    (r"unexpected EOF while parsing", "没有写完"),
    (r"Unexpected indentation", "多了缩进"),
    (r"unindent does not match any outer indentation level", "缩进和前面的行对不上"),
    (r"missing closing quote in string literal", "字符串缺少引号"),
    (r"Invalid assignment target", "等号左边不能赋值"),
    (r"Got unexpected token (.+)", "看不懂“{}”"),
    (r"Simple statements must be separated by newlines or semicolons", "一行里只能写一个语句"),
)


def _compiled(*families: tuple[tuple[str, str], ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.DOTALL), zh) for family in families for pattern, zh in family)


_WHERE = _compiled(_PLACES)
_SENTENCES = _compiled(_XML, _JSON, _TOML, _PYTHON, _FEEL)
_STRING = re.compile(r" \(<string>, line \d+\)\Z")  # lxml's name of what is no file


def said(problem: object) -> Said:
    """A parser's message (its exception or text) as people read it, its place last."""
    english = _STRING.sub("", str(problem))
    for pattern, place in _WHERE:
        if found := pattern.fullmatch(english):
            numbers = [text for index, text in enumerate(found.groups(), 1) if index != pattern.groupindex["core"]]
            return Said(f"{_chinese(found['core'])}（{place.format(*numbers)}）", english)
    return Said(_chinese(english), english)


def _chinese(core: str) -> str:
    for pattern, zh in _SENTENCES:
        if found := pattern.fullmatch(core):
            return zh.format(*found.groups())
    return f"详情：{core}"
