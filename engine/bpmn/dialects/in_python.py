"""Small Groovy and JavaScript scripts written as the sandbox's Python.

Owns what each statement and method is in Python. A declared variable (`def`, `var`, `let`) gets a leading underscore
and so stays inside; `execution.setVariable` and plain assignments make variables of the case. Java classes and beans
raise Untranslatable.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.bpmn.dialects.speech import (
    Assign,
    Binary,
    Call,
    Choice,
    Do,
    Each,
    If,
    Index,
    Items,
    Joined,
    Literal,
    Member,
    Name,
    Node,
    Pairs,
    Statement,
    Unary,
    Untranslatable,
    bounded,
)
from engine.bpmn.dialects.speech_reader import statements

_METHODS = {
    ("toUpperCase", 0): "{0}.upper()",
    ("toLowerCase", 0): "{0}.lower()",
    ("trim", 0): "{0}.strip()",
    ("size", 0): "len({0})",
    ("length", 0): "len({0})",
    ("isEmpty", 0): "(len({0}) == 0)",
    ("equals", 1): "({0} == {1})",
    ("contains", 1): "({1} in {0})",
    ("includes", 1): "({1} in {0})",
    ("containsKey", 1): "({1} in {0})",
    ("startsWith", 1): "{0}.startswith({1})",
    ("endsWith", 1): "{0}.endswith({1})",
    ("substring", 1): "{0}[{1}:]",
    ("substring", 2): "{0}[{1}:{2}]",
    ("replace", 2): "{0}.replace({1}, {2})",
    ("split", 1): "{0}.split({1})",
    ("join", 1): "{1}.join({0})",
    ("add", 1): "{0}.append({1})",
    ("push", 1): "{0}.append({1})",
    ("get", 1): "{0}[{1}]",
    ("toString", 0): "str({0})",
    ("toInteger", 0): "int({0})",
    ("intValue", 0): "int({0})",
    ("doubleValue", 0): "float({0})",
    ("sum", 0): "sum({0})",
    ("max", 0): "max({0})",
    ("min", 0): "min({0})",
    ("keySet", 0): "list({0}.keys())",
    ("values", 0): "list({0}.values())",
    ("remove", 1): "{0}.remove({1})",
}
_FUNCTIONS = {
    "parseInt": "int",
    "parseFloat": "float",
    "Number": "float",
    "String": "str",
    "new ArrayList": "list",
    "new HashMap": "dict",
    "new LinkedHashMap": "dict",
}
_MATH = {"abs": "abs", "max": "max", "min": "min", "round": "round"}
_PRINTS = ("print", "println")
_CONSOLE = {"console": ("log", "info", "warn", "error"), "out": ("print", "println"), "System": ("out",)}
_ERRORS = ("new BpmnError",)
_EXECUTION = ("execution", "task")


def script(text: str, result: str = "") -> str:
    """Python for a script. `result`: the variable that gets the value of its last expression, or what it returns.
    Raises Untranslatable."""
    with bounded():
        return _Writer(result).write(statements(text))


@dataclass
class _Writer:
    result: str
    locals: set[str] = field(default_factory=set)

    def write(self, body: tuple[Statement, ...]) -> str:
        lines = list(self._block(body, 0, last=True))
        return "\n".join(lines) or "pass"

    def _block(self, body: tuple[Statement, ...], depth: int, last: bool) -> Iterator[str]:
        for place, one in enumerate(body):
            ends = last and place == len(body) - 1
            if isinstance(one, Do) and one.gives and not ends:
                raise Untranslatable("脚本中途 return", "the script returns before its end")
            yield from self._statement(one, depth, ends)

    def _statement(self, one: Statement, depth: int, last: bool) -> Iterator[str]:
        space = "    " * depth
        match one:
            case Assign(target, value, local):
                if local and isinstance(target, Name):
                    self.locals.add(target.id)
                yield f"{space}{self._of(target)} = {self._of(value)}"
                if last and self.result:
                    yield f"{space}{_global(self.result)} = {self._of(target)}"
            case If(condition, yes, no):
                yield f"{space}if {self._of(condition)}:"
                yield from self._body(yes, depth + 1, last)
                if no:
                    yield f"{space}else:"
                    yield from self._body(no, depth + 1, last)
            case Each(name, over, body):
                self.locals.add(name)
                yield f"{space}for _{name} in {self._of(over)}:"
                yield from self._body(body, depth + 1, False)
            case Do(value, _):
                yield f"{space}{self._effect(value, last)}"

    def _body(self, body: tuple[Statement, ...], depth: int, last: bool) -> Iterator[str]:
        yield from self._block(body, depth, last)
        if not body:
            yield "    " * depth + "pass"

    def _effect(self, value: Node, last: bool) -> str:
        """A call that does something, or the script's value."""
        match value:
            case Call(Name(id), "setVariable" | "setVariableLocal", (Literal(name), given)) if id in _EXECUTION:
                return f"{_global(str(name))} = {self._of(given)}"
            case Call(Name(id), "removeVariable", (Literal(name),)) if id in _EXECUTION:
                return f"{_global(str(name))} = None"
            case Call(None, name, _) if name in _PRINTS:
                return "pass"
            case Call(Name(id) | Member(_, id), name, _) if name in _CONSOLE.get(id, ()):
                return "pass"
            case Call(None, name, arguments) if name in _ERRORS:
                return f"bpmn_error({', '.join(self._of(each) for each in arguments)})"
            case Call(of, "put", (key, given)) if of is not None:
                return f"{self._of(of)}[{self._of(key)}] = {self._of(given)}"
        written = self._of(value)
        return f"{_global(self.result)} = {written}" if last and self.result else written

    def _variable(self, name: str) -> str:
        return f"_{_global(name)}" if name in self.locals else _global(name)

    # ---- expressions

    def _of(self, node: Node) -> str:
        match node:
            case Literal(value):
                return repr(value)
            case Name(id):
                return self._variable(id)
            case Member(of, name):
                return self._member(of, name)
            case Index(of, key):
                return f"{self._of(of)}[{self._of(key)}]"
            case Unary(op, of):
                return f"(not {self._of(of)})" if op == "not" else f"(-{self._of(of)})"
            case Binary(op, left, right):
                return self._binary(op, left, right)
            case Choice(condition, yes, no):
                return f"({self._of(yes)} if {self._of(condition)} else {self._of(no)})"
            case Items(parts):
                return f"[{', '.join(map(self._of, parts))}]"
            case Pairs(pairs):
                return "{" + ", ".join(f"{key!r}: {self._of(value)}" for key, value in pairs) + "}"
            case Joined(parts):
                return "(" + " + ".join(self._as_text(part) for part in parts) + ")"
            case Call(of, name, arguments):
                return self._call(of, name, arguments)

    def _binary(self, op: str, left: Node, right: Node) -> str:
        if op == "+" and (_textual(left) or _textual(right)):
            return f"({self._as_text(left)} + {self._as_text(right)})"
        if op in ("==", "!=") and Literal(None) in (left, right):
            op = {"==": "is", "!=": "is not"}[op]
        return f"({self._of(left)} {op} {self._of(right)})"

    def _as_text(self, node: Node) -> str:
        return self._of(node) if _textual(node) else f"str({self._of(node)})"

    def _member(self, of: Node, name: str) -> str:
        if isinstance(of, Name) and of.id in _EXECUTION:
            raise Untranslatable(f"“execution.{name}”在这里没有对应", f"“execution.{name}” has no equal here")
        if name in ("length", "size"):
            return f"len({self._of(of)})"
        return f"{self._of(of)}[{name!r}]"

    def _call(self, of: Node | None, name: str, arguments: tuple[Node, ...]) -> str:
        written = [self._of(each) for each in arguments]
        match of:
            case None if name in _FUNCTIONS:
                return f"{_FUNCTIONS[name]}({', '.join(written)})"
            case Name(id) if id in _EXECUTION:
                return self._execution(name, arguments)
            case Name("Math") if name in _MATH:
                return f"{_MATH[name]}({', '.join(written)})"
        pattern = _METHODS.get((name, len(arguments)))
        if of is None or pattern is None:
            raise Untranslatable(
                f"“{name}()”是 Java 或 JavaScript 的代码，无法翻译", f"“{name}()” cannot be translated"
            )
        return pattern.format(self._of(of), *written)

    def _execution(self, name: str, arguments: tuple[Node, ...]) -> str:
        first = arguments[0] if arguments else None
        if name in ("getVariable", "getVariableLocal") and isinstance(first, Literal):
            return _global(str(first.value))
        raise Untranslatable(f"“execution.{name}”在这里没有对应", f"“execution.{name}” has no equal here")


def _global(name: str) -> str:
    """A variable of the case, as Python may call it."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise Untranslatable(f"“{name}”在 Python 中不能用作变量名", f"“{name}” is no variable name in Python")
    return name


def _textual(node: Node) -> bool:
    match node:
        case Literal(value):
            return isinstance(value, str)
        case Joined():
            return True
        case Binary("+", left, right):
            return _textual(left) or _textual(right)
        case Call(_, "toString", ()):
            return True
        case _:
            return False
