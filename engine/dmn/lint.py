"""What is wrong with a DMN file, place by place, before it can be deployed.

Owns the findings: syntax of every cell, policies, shapes of tables, references. Codes are stable.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.dmn.model import (
    Context,
    Decision,
    Expression,
    Function,
    Invocation,
    Listing,
    Literal,
    Model,
    Relation,
    Table,
)
from engine.dmn.parsing import parse
from engine.dmn.tables import AGGREGATORS, POLICIES
from engine.errors import InvalidFile
from engine.expressions import feel
from engine.records import Finding

Problem = tuple[str, str, str, str]  # code, element, Chinese, English


def lint(content: bytes, file: str) -> list[Finding]:
    """All findings of a file; a file that cannot be read gives one."""
    try:
        model = parse(content, file)
    except InvalidFile as problem:
        return [Finding(file, 1, "", "error", "dmn-unreadable", problem.text("zh"), problem.text("en"))]
    if not model.decisions:
        zh, en = "文件里没有决策。请至少画一个决策。", "The file has no decision. Draw at least one."
        return [Finding(file, 1, "", "error", "dmn-empty", zh, en)]
    return [
        Finding(file, decision.line, element or decision.id, "error", code, zh, en)
        for decision in (*model.decisions.values(), *model.knowledge.values())
        for code, element, zh, en in _decision(model, decision)
    ]


def _decision(model: Model, decision: Decision) -> Iterator[Problem]:
    if decision.logic is None:
        yield (
            "dmn-no-logic",
            "",
            "这个决策没有内容,请填写决策表或表达式。",
            "It has no logic: fill in a table or an expression.",
        )
    else:
        yield from _expression(decision.logic)
    for key in decision.needs:
        if key not in model.decisions:
            yield _dangling(key)
    for key in decision.knows:
        if key not in model.knowledge:
            yield _dangling(key)
    if _circular(model, decision):
        zh, en = "决策互相依赖成环,请去掉一条依赖。", "Decisions need each other in a circle: remove one requirement."
        yield "dmn-circle", "", zh, en


def _dangling(key: str) -> Problem:
    zh = f"依赖的“{key}”不在这个文件里(决策服务尚不支持)。请改正引用。"
    return (
        "dmn-reference",
        "",
        zh,
        f"What it requires, {key}, is not in this file (decision services are not supported).",
    )


def _circular(model: Model, decision: Decision) -> bool:
    todo, seen = list(decision.needs), set()
    while todo:
        key = todo.pop()
        if key == decision.id:
            return True
        if key not in seen and key in model.decisions:
            seen.add(key)
            todo += model.decisions[key].needs
    return False


def _expression(expression: Expression) -> Iterator[Problem]:
    if isinstance(expression, Literal):
        yield from _text(expression.text, "")
    elif isinstance(expression, Table):
        yield from _table(expression)
    elif isinstance(expression, Function):
        yield from _expression(expression.body)
    else:
        for part in _parts(expression):
            yield from _expression(part)


def _parts(expression: Context | Listing | Relation | Invocation) -> list[Expression]:
    if isinstance(expression, Context):
        return [entry.value for entry in expression.entries]
    if isinstance(expression, Listing):
        return list(expression.items)
    if isinstance(expression, Relation):
        return [cell for row in expression.rows for cell in row]
    return [binding.value for binding in expression.bindings]


def _text(text: str, element: str, unary: bool = False) -> Iterator[Problem]:
    if text in ("", "-"):
        return
    reason = feel.check(text, unary=unary)
    if reason is not None:
        zh = f"FEEL 表达式“{text:.60}”有语法错误:{reason}。文字要加英文双引号。"
        yield "dmn-feel", element, zh, f"“{text:.60}” is not FEEL: {reason}. Text needs double quotes."


def _table(table: Table) -> Iterator[Problem]:
    if table.policy not in POLICIES:
        yield "dmn-policy", "", f"不认识的命中策略 {table.policy}。", f"Unknown hit policy {table.policy}."
    if table.aggregation and (table.policy != "COLLECT" or table.aggregation not in AGGREGATORS):
        zh, en = f"汇总方式 {table.aggregation} 只能用于 COLLECT。", f"{table.aggregation} goes with COLLECT only."
        yield "dmn-aggregation", "", zh, en
    if not table.outputs:
        yield "dmn-no-output", "", "决策表没有输出列,请加一列。", "The table has no output column: add one."
    for column in table.inputs:
        yield from _text(column.text, "")
        yield from _text(column.values, "", unary=True)
    for rule in table.rules:
        if len(rule.tests) != len(table.inputs) or len(rule.outputs) != len(table.outputs):
            yield "dmn-cells", rule.id, "这一行的格数与列数不符。", "This rule has not one cell for each column."
        for test in rule.tests:
            yield from _text(test, rule.id, unary=True)
        for cell in rule.outputs:
            yield from _text(cell, rule.id)
