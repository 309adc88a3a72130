"""Python expressions of SpiffWorkflow diagrams written as FEEL.

Owns what each Python operator and built-in is in FEEL. Statements stay Python: the sandbox runs them as they are. What
has no equal raises Untranslatable.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from engine import parsers
from engine.bpmn.dialects.in_feel import literal
from engine.bpmn.dialects.speech import DEEPEST, LONGEST, Untranslatable
from engine.expressions import feel

_COMPARES: dict[type[ast.cmpop], str] = {
    ast.Eq: "{} = {}",
    ast.NotEq: "{} != {}",
    ast.Lt: "{} < {}",
    ast.LtE: "{} <= {}",
    ast.Gt: "{} > {}",
    ast.GtE: "{} >= {}",
    ast.Is: "{} = {}",
    ast.IsNot: "{} != {}",
}
_SUMS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
_FUNCTIONS = {
    "str": "string({})",
    "int": "floor(number({}))",
    "float": "number({})",
    "abs": "abs({})",
    "sum": "sum({})",
    "min": "min({})",
    "max": "max({})",
    "any": "any({})",
    "all": "all({})",
    "list": "{}",
    "bool": "({} = true)",
    "len": "(if {0} instance of string then string length({0}) else count({0}))",
}
_METHODS = {
    ("lower", 0): "lower case({0})",
    ("upper", 0): "upper case({0})",
    ("strip", 0): "trim({0})",
    ("startswith", 1): "starts with({0}, {1})",
    ("endswith", 1): "ends with({0}, {1})",
    ("get", 1): "get value({0}, {1})",
    ("split", 1): "split({0}, {1})",
    ("get", 2): "(if get value({0}, {1}) = null then {2} else get value({0}, {1}))",
}
_SPANS = {"days": "P{}D", "hours": "PT{}H", "minutes": "PT{}M", "seconds": "PT{}S", "weeks": "P{}W"}
_NOW = ("datetime.now", "datetime.datetime.now", "datetime.utcnow", "datetime.datetime.utcnow")


def expression(text: str) -> str:
    """A Python expression as `=FEEL`. Raises Untranslatable."""
    if len(text) > LONGEST:
        raise Untranslatable(f"超过 {LONGEST} 个字符", f"longer than {LONGEST} characters")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        raise Untranslatable(
            f"不是 Python 表达式：{parsers.said(problem).zh}", f"no Python expression: {problem}"
        ) from problem
    written = _write(tree.body, 0)
    problem_text = feel.check(written)
    if problem_text:
        raise Untranslatable(
            f"译成的“{written[:60]}”不是 FEEL：{problem_text.zh}", f"“{written[:60]}” would be no FEEL: {problem_text}"
        )
    return "=" + written


def _write(node: ast.expr, depth: int) -> str:
    writer = _WRITERS.get(type(node))
    if depth > DEEPEST:
        raise Untranslatable("嵌套太深", "nested too deep")
    if writer is None:
        kind = type(node).__name__
        raise Untranslatable(f"FEEL 没有与 Python 的 {kind} 对应的写法", f"FEEL has nothing like Python's {kind}")
    written = writer(node, depth + 1)
    if len(written) > LONGEST:
        raise Untranslatable("译文太长", "the translation grows too long")
    return written


def _constant(node: ast.Constant, depth: int) -> str:
    if not isinstance(node.value, (str, int, float, bool, type(None))):
        raise Untranslatable("这种常量无法翻译", "a constant of this kind cannot be translated")
    return literal(node.value)


def _bool(node: ast.BoolOp, depth: int) -> str:
    sign = " and " if isinstance(node.op, ast.And) else " or "
    return "(" + sign.join(_write(part, depth) for part in node.values) + ")"


def _unary(node: ast.UnaryOp, depth: int) -> str:
    written = _write(node.operand, depth)
    return f"not({written})" if isinstance(node.op, ast.Not) else f"-({written})"


def _binary(node: ast.BinOp, depth: int) -> str:
    left, right = _write(node.left, depth), _write(node.right, depth)
    if isinstance(node.op, ast.Mod):
        return f"modulo({left}, {right})"
    if isinstance(node.op, ast.FloorDiv):
        return f"floor({left} / {right})"
    sign = _SUMS.get(type(node.op))
    if sign is None:
        raise Untranslatable("位运算无法翻译", "operations on bits cannot be translated")
    return f"({left} {sign} {right})"


def _compare(node: ast.Compare, depth: int) -> str:
    parts, left = [], node.left
    for op, right in zip(node.ops, node.comparators, strict=True):
        parts.append(_pair(op, left, right, depth))
        left = right
    return parts[0] if len(parts) == 1 else "(" + " and ".join(parts) + ")"


def _pair(op: ast.cmpop, left: ast.expr, right: ast.expr, depth: int) -> str:
    one, two = _write(left, depth), _write(right, depth)
    if isinstance(op, (ast.In, ast.NotIn)):
        listed = isinstance(right, (ast.List, ast.Tuple))
        inside = f"list contains({two}, {one})"
        if not listed:
            inside = f"(if {two} instance of string then contains({two}, {one}) else {inside})"
        return inside if isinstance(op, ast.In) else f"not({inside})"
    return _COMPARES[type(op)].format(one, two)


def _name(node: ast.Name, depth: int) -> str:
    return node.id


def _attribute(node: ast.Attribute, depth: int) -> str:
    return f"{_write(node.value, depth)}.{node.attr}"


def _subscript(node: ast.Subscript, depth: int) -> str:
    of, key = _write(node.value, depth), node.slice
    if isinstance(key, ast.Constant) and isinstance(key.value, int):
        return f"{of}[{key.value + 1}]"
    if isinstance(key, ast.UnaryOp) and isinstance(key.op, ast.USub):
        return f"{of}[{_write(key, depth)}]"
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return f"get value({of}, {literal(key.value)})"
    raise Untranslatable("下标必须是数字或文字", "a subscript must be a number or a text")


def _list(node: ast.List | ast.Tuple, depth: int) -> str:
    return "[" + ", ".join(_write(part, depth) for part in node.elts) + "]"


def _dict(node: ast.Dict, depth: int) -> str:
    pairs = []
    for key, value in zip(node.keys, node.values, strict=True):
        if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
            raise Untranslatable("字典的键必须是文字", "a key of a dict must be plain text")
        pairs.append(f"{literal(key.value)}: {_write(value, depth)}")
    return "{" + ", ".join(pairs) + "}"


def _choice(node: ast.IfExp, depth: int) -> str:
    parts = (_write(part, depth) for part in (node.test, node.body, node.orelse))
    return "(if {} then {} else {})".format(*parts)


def _text(node: ast.JoinedStr, depth: int) -> str:
    parts = [
        f"string({_write(part.value, depth)})" if isinstance(part, ast.FormattedValue) else _write(part, depth)
        for part in node.values
    ]
    return "(" + " + ".join(parts) + ")" if parts else '""'


def _every(node: ast.ListComp | ast.GeneratorExp, depth: int) -> str:
    if len(node.generators) != 1 or not isinstance(node.generators[0].target, ast.Name):
        raise Untranslatable("只支持一层循环的推导式", "only comprehensions with one plain loop are understood")
    loop = node.generators[0]
    name, over = node.generators[0].target.id, _write(loop.iter, depth)
    if loop.ifs:
        raise Untranslatable("推导式不能带条件", "a comprehension with a condition is not understood")
    return f"(for {name} in {over} return {_write(node.elt, depth)})"


def _call(node: ast.Call, depth: int) -> str:
    written = [_write(part, depth) for part in node.args]
    path = ast.unparse(node.func)
    if path in _NOW:
        return "now()"
    if path in ("timedelta", "datetime.timedelta"):
        return _span(node)
    if isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS and written and not node.keywords:
        pattern = _FUNCTIONS[node.func.id]
        return pattern.format(", ".join(written))
    if isinstance(node.func, ast.Attribute):
        method = _METHODS.get((node.func.attr, len(written)))
        if method is not None:
            return method.format(_write(node.func.value, depth), *written)
    raise Untranslatable(f"没有“{path[:40]}”这个函数", f"there is no function “{path[:40]}” here")


def _span(node: ast.Call) -> str:
    parts = []
    for word in node.keywords:
        value = word.value
        if word.arg not in _SPANS or not (isinstance(value, ast.Constant) and isinstance(value.value, int)):
            raise Untranslatable("timedelta 只能用整数", "a timedelta must be of whole numbers")
        parts.append(f'duration("{_SPANS[word.arg].format(value.value)}")')
    if not parts:
        raise Untranslatable("timedelta 缺少长度", "a timedelta without a length")
    return "(" + " + ".join(parts) + ")" if len(parts) > 1 else parts[0]


_WRITERS: dict[type, Callable[..., str]] = {
    ast.Constant: _constant,
    ast.BoolOp: _bool,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.Compare: _compare,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.List: _list,
    ast.Tuple: _list,
    ast.Dict: _dict,
    ast.IfExp: _choice,
    ast.JoinedStr: _text,
    ast.ListComp: _every,
    ast.GeneratorExp: _every,
    ast.Call: _call,
}
