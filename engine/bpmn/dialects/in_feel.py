"""Expressions of other engines written as FEEL.

Owns what each operator and method of JUEL, Groovy and JavaScript is in FEEL. What has no equal there (a Java bean, a
class) raises Untranslatable, and whatever comes out is FEEL that feelin can read: it is checked before it is handed on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.bpmn.dialects.speech import (
    LONGEST,
    Binary,
    Call,
    Choice,
    Index,
    Items,
    Joined,
    Literal,
    Member,
    Name,
    Node,
    Pairs,
    Unary,
    Untranslatable,
    bounded,
)
from engine.bpmn.dialects.speech_reader import expression, template
from engine.expressions import feel

MANY: Mapping[str, str] = {
    "nrOfInstances": "numberOfInstances",
    "nrOfCompletedInstances": "numberOfCompletedInstances",
    "nrOfActiveInstances": "numberOfActiveInstances",
    "loopCounter": "loopCounter - 1",  # theirs begins at 0
}
_CASE = {
    "getProcessInstanceId": "case.id",
    "processInstanceId": "case.id",
    "getId": "case.id",
    "id": "case.id",
    "getProcessDefinitionKey": "case.process",
}
_EXECUTION = ("execution", "task", "delegateTask")
_UNITS = {"Days": "P{}D", "Hours": "PT{}H", "Minutes": "PT{}M", "Seconds": "PT{}S", "Weeks": "P{}W"}
_UNITS |= {"Months": "P{}M", "Years": "P{}Y"}
_LEVEL = {"or": 1, "and": 2, "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "in": 3}
_LEVEL |= {"+": 4, "-": 4, "*": 5, "/": 5}


@dataclass(frozen=True)
class Writer:
    """Writes nodes as FEEL. `names`: variables that are called otherwise here."""

    names: Mapping[str, str] = field(default_factory=lambda: MANY)

    def write(self, node: Node) -> str:
        """FEEL without '='. Raises Untranslatable."""
        with bounded():
            written = self._of(node, 0)
        problem = feel.check(written)
        if problem:
            raise Untranslatable(
                f"译成的“{written[:60]}”不是 FEEL：{problem.zh}", f"“{written[:60]}” would be no FEEL: {problem}"
            )
        return written

    def _of(self, node: Node, level: int) -> str:
        """What stands twice in the FEEL doubles it at each level: too long is said at once."""
        written = self._written(node, level)
        if len(written) > LONGEST:
            raise Untranslatable("译文太长", "the translation grows too long")
        return written

    def _written(self, node: Node, level: int) -> str:
        match node:
            case Literal(value):
                return literal(value)
            case Name(id):
                found = self._name(id)
                return f"({found})" if " - " in found and level else found
            case Member(of, name):
                return self._member(of, name)
            case Index(of, key):
                return self._index(of, key)
            case Unary(op, of):
                return self._unary(op, of)
            case Binary(op, left, right):
                return self._binary(op, left, right, level)
            case Choice(condition, yes, no):
                written = f"if {self._of(condition, 0)} then {self._of(yes, 1)} else {self._of(no, 1)}"
                return f"({written})" if level else written
            case Items(parts):
                return f"[{', '.join(self._of(part, 0) for part in parts)}]"
            case Pairs(pairs):
                return "{" + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {self._of(v, 0)}" for k, v in pairs) + "}"
            case Joined(parts):
                written = " + ".join(self._as_text(part) for part in parts)
                return f"({written})" if level else written or '""'
            case Call(of, name, arguments):
                return self._call(of, name, arguments)

    def _name(self, id: str) -> str:
        if "$" in id:
            raise Untranslatable(f"变量名“{id}”在 FEEL 中不能用", f"“{id}” is no variable name in FEEL")
        return self.names.get(id, id)

    def _as_text(self, part: Node) -> str:
        if isinstance(part, Literal) and isinstance(part.value, str):
            return literal(part.value)
        return f"string({self._of(part, 0)})"

    def _member(self, of: Node, name: str) -> str:
        if isinstance(of, Name) and of.id in _EXECUTION:
            return self._execution(name, ())
        if name in ("length", "size"):
            return self._size(of)
        return f"{self._of(of, 9)}.{name}"

    def _index(self, of: Node, key: Node) -> str:
        inner = self._of(of, 9)
        if isinstance(key, Literal) and isinstance(key.value, int):
            return f"{inner}[{key.value + 1}]"
        if isinstance(key, Literal):
            return f"get value({inner}, {literal(key.value)})"
        written = self._of(key, 0)
        return (
            f"(if {self._of(key, 4)} instance of number then {inner}[{self._of(key, 4)} + 1] "
            f"else get value({inner}, {written}))"
        )

    def _unary(self, op: str, of: Node) -> str:
        if op == "not":
            return f"not({self._of(of, 0)})"
        if op == "-":
            return f"-{self._of(of, 9)}"
        return self._empty(of)

    def _empty(self, of: Node) -> str:
        it = self._of(of, 4)
        return (
            f"(if {it} = null then true else if {it} instance of string then {it} = "
            f'"" else if {it} instance of list<Any> then count({it}) = 0 else false)'
        )

    def _binary(self, op: str, left: Node, right: Node, level: int) -> str:
        if op == "%":
            return f"modulo({self._of(left, 0)}, {self._of(right, 0)})"
        if op == "in":
            return f"list contains({self._of(right, 0)}, {self._of(left, 0)})"
        if op == "+" and (_textual(left) or _textual(right)):
            written = f"{self._text_or(left)} + {self._text_or(right)}"
            return f"({written})" if level > 4 else written
        own = _LEVEL[op]
        sign = {"==": "="}.get(op, op)
        tight = own + 1 if own >= 3 else own
        written = f"{self._of(left, tight if own == 3 else own)} {sign} {self._of(right, tight)}"
        return f"({written})" if level > own else written

    def _text_or(self, node: Node) -> str:
        return self._of(node, 4) if _textual(node) else f"string({self._of(node, 0)})"

    # ---- functions and methods

    def _call(self, of: Node | None, name: str, arguments: tuple[Node, ...]) -> str:
        if of is None:
            return self._function(name, arguments)
        if isinstance(of, Name) and of.id in _EXECUTION:
            return self._execution(name, arguments)
        if name.startswith(("plus", "minus")) and name.removeprefix("plus").removeprefix("minus") in _UNITS:
            return self._later(of, name, arguments)
        method = _METHODS.get((name, len(arguments)))
        if method is None:
            raise Untranslatable(
                f"“{name}()”是 Java 代码，FEEL 里没有", f"“{name}()” is Java code that FEEL does not have"
            )
        return method(self, of, arguments)

    def _function(self, name: str, arguments: tuple[Node, ...]) -> str:
        if name in ("now", "dateTime", "currentDate", "new Date", "new DateTime") and not arguments:
            return "now()"
        known = {"math:abs": "abs", "math:floor": "floor", "math:ceil": "ceiling", "string": "string"}
        if name in known:
            return f"{known[name]}({', '.join(self._of(a, 0) for a in arguments)})"
        short = name.partition(":")[2] if name.startswith(("var:", "vars:", "variables:")) else ""
        if short and arguments:
            return self._variable_function(short, arguments)
        raise Untranslatable(f"没有“{name}”这个函数", f"there is no function “{name}” here")

    def _variable_function(self, name: str, arguments: tuple[Node, ...]) -> str:
        """Flowable's `var:eq(name, value)` and the like: null-safe comparisons with a variable."""
        first, *rest = arguments
        named = Name(str(first.value)) if isinstance(first, Literal) else first
        op = {"eq": "==", "equals": "==", "ne": "!=", "notEquals": "!=", "lt": "<", "gt": ">", "lte": "<=", "gte": ">="}
        if name in op and len(rest) == 1:
            compared = self._binary(op[name], named, rest[0], 0)
            return f"({self._of(named, 4)} != null and {compared})" if name not in ("ne", "notEquals") else compared
        if name == "get":
            return self._of(named, 9)
        if name == "getOrDefault" and len(rest) == 1:
            it = self._of(named, 4)
            return f"(if {it} = null then {self._of(rest[0], 1)} else {it})"
        if name == "exists":
            return f"{self._of(named, 4)} != null"
        if name == "empty":
            return self._empty(named)
        if name == "notEmpty":
            return f"not({self._empty(named)})"
        raise Untranslatable(f"没有“{name}”这个函数", f"there is no function “{name}” here")

    def _execution(self, name: str, arguments: tuple[Node, ...]) -> str:
        first = arguments[0] if arguments else None
        if name in ("getVariable", "getVariableLocal") and isinstance(first, Literal):
            return self._name(str(first.value))
        if name in ("hasVariable", "hasVariableLocal") and isinstance(first, Literal):
            return f"({self._name(str(first.value))} != null)"
        if name in _CASE and not arguments:
            return _CASE[name]
        raise Untranslatable(f"“execution.{name}”在这里没有对应", f"“execution.{name}” has no equal here")

    def _later(self, of: Node, name: str, arguments: tuple[Node, ...]) -> str:
        sign = "+" if name.startswith("plus") else "-"
        pattern = _UNITS[name.removeprefix("plus").removeprefix("minus")]
        (count,) = arguments or (Literal(0),)
        if isinstance(count, Literal):
            length = f'duration("{pattern.format(count.value)}")'
        else:
            before, _, after = pattern.partition("{}")
            length = f'duration("{before}" + string({self._of(count, 0)}) + "{after}")'
        return f"({self._of(of, 4)} {sign} {length})"

    def _size(self, of: Node) -> str:
        it = self._of(of, 4)
        return f"(if {it} instance of string then string length({it}) else count({it}))"


Method = Callable[[Writer, Node, tuple[Node, ...]], str]


def _simple(pattern: str) -> Method:
    """A method whose FEEL is a pattern over the object {0} and its arguments."""
    return lambda w, of, arguments: pattern.format(*(w._of(part, 9) for part in (of, *arguments)))


def _same(w: Writer, of: Node, arguments: tuple[Node, ...]) -> str:
    return w._of(of, 9)


def _get(w: Writer, of: Node, arguments: tuple[Node, ...]) -> str:
    return w._index(of, arguments[0])


_METHODS: dict[tuple[str, int], Method] = {
    ("equals", 1): _simple("({0} = {1})"),
    ("equalsIgnoreCase", 1): _simple("(lower case({0}) = lower case({1}))"),
    ("contains", 1): _simple("(if {0} instance of string then contains({0}, {1}) else list contains({0}, {1}))"),
    ("includes", 1): _simple("(if {0} instance of string then contains({0}, {1}) else list contains({0}, {1}))"),
    ("containsKey", 1): _simple("(get value({0}, {1}) != null)"),
    ("startsWith", 1): _simple("starts with({0}, {1})"),
    ("endsWith", 1): _simple("ends with({0}, {1})"),
    ("matches", 1): _simple('matches({0}, "^(?:" + {1} + ")$")'),
    ("toLowerCase", 0): _simple("lower case({0})"),
    ("toUpperCase", 0): _simple("upper case({0})"),
    ("toString", 0): _simple("string({0})"),
    ("substring", 1): _simple("substring({0}, {1} + 1)"),
    ("substring", 2): _simple("substring({0}, {1} + 1, {2} - {1})"),
    ("replace", 2): _simple("replace({0}, {1}, {2})"),
    ("indexOf", 1): _simple("(index of({0}, {1})[1] - 1)"),
    ("size", 0): lambda w, of, _: w._size(of),
    ("length", 0): lambda w, of, _: w._size(of),
    ("isEmpty", 0): lambda w, of, _: w._empty(of),
    ("get", 1): _get,
    ("getSingleEntry", 0): _simple("get entries({0}[1])[1].value"),
    ("getSingleResult", 0): _simple("{0}[1]"),
    ("getFirstResult", 0): _simple("{0}[1]"),
    ("getResultList", 0): _same,
    ("collectEntries", 1): lambda w, of, arguments: w._member(of, str(getattr(arguments[0], "value", ""))),
    **{(name, 0): _same for name in ("toDate", "intValue", "longValue", "doubleValue", "booleanValue", "trim")},
}


def _textual(node: Node) -> bool:
    match node:
        case Literal(value):
            return isinstance(value, str)
        case Joined():
            return True
        case Binary("+", left, right):
            return _textual(left) or _textual(right)
        case Call(_, name, _):
            return name in ("toString", "toUpperCase", "toLowerCase", "substring")
        case _:
            return False


def literal(value: str | int | float | bool | None) -> str:
    """A value as FEEL writes it."""
    return json.dumps(value, ensure_ascii=False)


def juel(text: str, names: Mapping[str, str] = MANY) -> str:
    """Text that may hold `${...}`: `=FEEL` where it does, else the text itself. Raises Untranslatable."""
    if "${" not in text and "#{" not in text:
        return text.strip()
    return "=" + Writer(names).write(template(text.strip()))


def condition(text: str, names: Mapping[str, str] = MANY) -> str:
    """A condition as `=FEEL`; one without `${}` is read as the expression itself. Raises Untranslatable."""
    if "${" in text or "#{" in text:
        return juel(text, names)
    return "=" + Writer(names).write(expression(text, words=True))


def code(text: str) -> str:
    """One Groovy or JavaScript expression as `=FEEL`. Raises Untranslatable."""
    return "=" + Writer({}).write(expression(text.strip().rstrip(";")))
