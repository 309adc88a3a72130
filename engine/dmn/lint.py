"""What is wrong with a DMN file before it decides anything: what cannot be honoured, and FEEL that does not parse."""

from __future__ import annotations

from collections.abc import Iterator

from engine.dmn import rules
from engine.dmn.reading import Model, Service, parse
from engine.dmn.tables import input_types, tables
from engine.errors import InvalidFile, Said
from engine.expressions import feel
from engine.records import Finding

_REFUSALS = {
    "element": (
        "不认识的元素“{}”，请删去或改用标准的写法",
        "The element {} is not known: delete it, or use what the standard has",
    ),
    "unknown-type": (
        "类型“{}”既不是 FEEL 的，也没有在文件中定义：请改正名称，或加上定义",
        "The type {} is neither FEEL's nor defined in the file: correct the name, or define it",
    ),
    "aggregation": (
        "聚合“{}”无效：只有 COLLECT 表可以用 SUM、MIN、MAX、COUNT",
        "The aggregation {} means nothing: a COLLECT table may have SUM, MIN, MAX or COUNT",
    ),
    "aggregation-outputs": (
        "聚合“{}”只能用于一列输出：请拆成几张表",
        "The aggregation {} takes one output column: make a table of each",
    ),
    "import": ("不支持导入文件“{}”，请都放进同一文件", "Imports ({}) are not supported: put all into one file"),
    "expression": ("不支持的表达式“{}”", "Expressions of kind {} are not supported"),
    "language": ("不支持表达式语言“{}”，请改用 FEEL", "The expression language {} is not supported: use FEEL"),
    "relation": ("关系表的某一行与列数不符", "A row of the relation does not have one cell a column"),
    "function-kind": ("不支持 {} 函数，请改用 FEEL", "Functions of kind {} are not supported: use FEEL"),
    "hit-policy": ("没有命中策略“{}”", "There is no hit policy {}"),
    "rule": ("规则的单元格数与表头不符", "The rule does not have one cell a column"),
}  # fmt: skip


def lint(content: bytes, file: str) -> list[Finding]:
    """Findings of one file, in its order."""
    try:
        model = parse(content)
    except InvalidFile as problem:
        reason = problem.details["reason"]
        chinese, english = (reason.zh, reason.en) if isinstance(reason, Said) else (str(reason), str(reason))
        return [Finding(file, 1, "", "error", "not-dmn", f"不是 DMN 文件：{chinese}", f"Not a DMN file: {english}")]
    found = [*_refused(model, file), *_graph(model, file), *_texts(model, file), *_rules(model, file)]
    return sorted(found, key=lambda finding: finding.line)


def _refused(model: Model, file: str) -> Iterator[Finding]:
    for each in model.refused:
        chinese, english = (text.format(each.detail) for text in _REFUSALS[each.code])
        yield Finding(file, each.line, each.element, "error", f"dmn-{each.code}", chinese, english)


def _graph(model: Model, file: str) -> Iterator[Finding]:
    if not model.decisions:
        yield Finding(file, 1, model.id, "error", "no-decision", "文件中没有决策", "There is no decision in the file")
    for node, required in model.requires.items():
        line = model.decisions[node].line if node in model.decisions else 1
        for each in required:
            if each not in model.requires:
                chinese, english = f"所需的“{each}”不在文件中", f"It requires {each}, which is not in the file"
                yield Finding(file, line, node, "error", "dmn-missing", chinese, english)
        if _reaches(model, node, node):
            yield Finding(file, line, node, "error", "dmn-circle", "决策直接或间接地依赖自己", "It requires itself")
    for service in model.services.values():
        yield from _service(model, service, file)


def _service(model: Model, service: Service, file: str) -> Iterator[Finding]:
    for each in (*service.inputs, *service.outputs):
        if each not in model.requires:
            zh, en = f"决策服务所说的“{each}”不在文件中", f"The decision service names {each}, which is not in the file"
            yield Finding(file, service.line, service.id, "error", "dmn-missing", zh, en)
    if not service.outputs:
        zh, en = "决策服务没有输出决策", "The decision service has no output decision"
        yield Finding(file, service.line, service.id, "error", "dmn-no-output", zh, en)


def _rules(model: Model, file: str) -> Iterator[Finding]:
    types = input_types(model)
    for table in tables(model):
        yield from rules.findings(table, types, file)


def _reaches(model: Model, start: str, goal: str) -> bool:
    waiting, seen = list(model.requires.get(start, ())), set()
    while waiting:
        node = waiting.pop()
        if node == goal:
            return True
        if node not in seen:
            seen.add(node)
            waiting += model.requires.get(node, ())
    return False


def _texts(model: Model, file: str) -> Iterator[Finding]:
    """FEEL that does not parse; only a warning where there are spaces: names of several words are known at run time."""
    for each in model.texts:
        reason = feel.check(each.text, unary=each.unary)
        if reason:
            severity = "warning" if " " in each.text.strip() else "error"
            yield Finding(
                file, each.line, each.element, severity, "bad-expression", f"表达式“{each.text}”有误：{reason.zh}",
                f"The expression '{each.text}' is wrong: {reason}",
            )  # fmt: skip
