"""Reading JUEL, Groovy and JavaScript into the nodes of `speech`: tokens, then recursive descent.

Owns the grammar: `expression`, `template` (text with `${...}` in it) and `statements`. It runs nothing; what it does
not know is Untranslatable with the text that it stumbled over.
"""

from __future__ import annotations

import re

from engine.bpmn.dialects.speech import (
    DEEPEST,
    LONGEST,
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

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\f]+|//[^\n]*|/\*.*?\*/)
      | (?P<line>\n)
      | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[lLfFdDgG]?)
      | (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)
      | (?P<name>[^\W\d][\w$]*)
      | (?P<op>===|!==|==~|\?\.|\?:|<<|==|!=|<=|>=|&&|\|\||\+\+|--|\+=|-=|\*=|/=|->|=>|[-+*/%<>=!?:.,;()\[\]{}&|])""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = {
    "and": "and",
    "or": "or",
    "not": "not",
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "div": "/",
    "mod": "%",
    "empty": "empty",
}
_SIGNS = {"&&": "and", "||": "or", "===": "==", "!==": "!=", "!": "not"}
_BINDS = {"or": 1, "and": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "in": 4, "+": 5, "-": 5}
_BINDS |= {"*": 6, "/": 6, "%": 6}
_VALUES = {"true": True, "false": False, "null": None, "undefined": None}
_DECLARES = ("def", "var", "let", "const")
_TYPES = ("String", "int", "Integer", "long", "Long", "double", "Double", "boolean", "Boolean", "BigDecimal", "Object")
_COMMANDS = ("print", "println")  # Groovy calls them without brackets
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def expression(text: str, *, words: bool = False) -> Node:
    """One expression; `words`: JUEL's `and`, `eq`, `empty` ... are operators. Raises Untranslatable."""
    reader = _Reader(text, words)
    with bounded():
        found = reader.choice()
    if reader.kind != "end":
        raise reader.strange()
    return found


def template(text: str) -> Node:
    """Text with `${...}` or `#{...}` in it; a single one is that expression. Raises Untranslatable."""
    parts: list[Node] = []
    rest = text
    while rest:
        starts = [place for mark in ("${", "#{") if (place := rest.find(mark)) >= 0]
        first = min(starts, default=len(rest))
        if first:
            parts.append(Literal(rest[:first]))
        if first < len(rest):
            end = _closing(rest, first + 2)
            parts.append(expression(rest[first + 2 : end], words=True))
            first = end + 1
        rest = rest[first:]
    return parts[0] if len(parts) == 1 else Joined(tuple(parts))


def statements(text: str) -> tuple[Statement, ...]:
    """A small Groovy or JavaScript script. Raises Untranslatable."""
    with bounded():
        return _Reader(text, False).block("end")


def _closing(text: str, start: int) -> int:
    depth, quote = 0, ""
    for place in range(start, len(text)):
        sign = text[place]
        if quote:
            quote = "" if sign == quote and text[place - 1] != "\\" else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "{":
            depth += 1
        elif sign == "}":
            if not depth:
                return place
            depth -= 1
    raise Untranslatable("缺少“}”", "a “}” is missing")


class _Reader:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str, words: bool) -> None:
        if len(text) > LONGEST:
            raise Untranslatable(f"超过 {LONGEST} 个字符", f"longer than {LONGEST} characters")
        self.words, self.place, self.depth = words, 0, 0
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise Untranslatable(f"看不懂“{text[at : at + 20]}”", f"“{text[at : at + 20]}” cannot be read")
            at = match.end()
            kind = match.lastgroup or ""
            if kind not in ("space", "line") or (kind == "line" and not words):
                self.tokens.append((kind, match[0]))
        self.tokens.append(("end", ""))

    # ---- tokens

    @property
    def next(self) -> int:
        """The place of the next token; line ends matter only between statements."""
        place = self.place
        while self.tokens[place][0] == "line":
            place += 1
        return place

    @property
    def kind(self) -> str:
        return self.tokens[self.next][0]

    @property
    def text(self) -> str:
        return self.tokens[self.next][1]

    def after(self) -> str:
        """The token after the next one."""
        return self.tokens[self.next + 1][1] if self.kind != "end" else ""

    def on_this_line(self) -> bool:
        return self.tokens[self.place][0] != "line"

    def take(self) -> str:
        text, self.place = self.text, self.next + 1
        return text

    def eat(self, *texts: str) -> bool:
        if self.kind in ("op", "name") and self.text in texts:
            self.take()
            return True
        return False

    def need(self, text: str) -> None:
        if not self.eat(text):
            raise self.strange()

    def word(self) -> str:
        if self.kind != "name":
            raise self.strange()
        return self.take()

    def strange(self) -> Untranslatable:
        found = self.text[:40]
        if not found:
            return Untranslatable("表达式不完整", "it ends too early")
        return Untranslatable(f"看不懂“{found}”", f"“{found}” is not understood")

    # ---- expressions

    def choice(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Untranslatable("嵌套太深", "nested too deep")
        condition = self.binary(1)
        if self.eat("?:"):
            found: Node = Choice(condition, condition, self.choice())
        elif self.eat("?"):
            yes = self.choice()
            self.need(":")
            found = Choice(condition, yes, self.choice())
        else:
            found = condition
        self.depth -= 1
        return found

    def _operator(self) -> str:
        if not self.words and not self.on_this_line():
            return ""  # a statement ends with its line
        kind, text = self.kind, self.text
        if kind == "op":
            return _SIGNS.get(text, text)
        if kind == "name":
            return _WORDS.get(text, "") if self.words else "in" if text == "in" else ""
        return ""

    def binary(self, least: int) -> Node:
        left = self.unary()
        while (op := self._operator()) in _BINDS and _BINDS[op] >= least:
            self.take()
            left = Binary(op, left, self.binary(_BINDS[op] + 1))
        return left

    def unary(self) -> Node:
        if self.eat("!") or (self.words and self.eat("not")):
            return Unary("not", self.unary())
        if self.eat("-"):
            return Unary("-", self.unary())
        if self.words and self.eat("empty"):
            return Unary("empty", self.unary())
        return self.path(self.atom())

    def path(self, of: Node) -> Node:
        while self.words or self.on_this_line():
            if self.eat(".", "?."):
                name = self.word()
                of = Call(of, name, self.arguments()) if self.text == "(" else Member(of, name)
            elif self.text == "[" and self.kind == "op":
                self.take()
                of = Index(of, self.choice())
                self.need("]")
            elif not self.words and self.kind == "name" and self.text == "as":
                self.take()
                self.word()
            else:
                break
        return of

    def arguments(self) -> tuple[Node, ...]:
        self.need("(")
        found: list[Node] = []
        while not self.eat(")"):
            found.append(self.choice())
            if self.text != ")":
                self.need(",")
        return tuple(found)

    def atom(self) -> Node:
        kind = self.kind
        if kind == "number":
            return _number(self.take())
        if kind == "text":
            return _text(self.take())
        if self.eat("("):
            inner = self.choice()
            self.need(")")
            return inner
        if self.eat("["):
            return self._list()
        if kind == "op" and self.text == "{":
            self.take()
            return Pairs(self._pairs("}"))
        if kind == "name":
            return self._named()
        raise self.strange()

    def _named(self) -> Node:
        name = self.take()
        if name in _VALUES:
            return Literal(_VALUES[name])
        if name == "new":
            made = self.word()
            while self.eat("."):
                made = self.word()
            return Call(None, f"new {made}", self.arguments())
        if self.words and self.text == ":" and self._prefixed():
            self.take()
            name = f"{name}:{self.word()}"
        if self.text == "(" and (self.words or self.on_this_line()):
            return Call(None, name, self.arguments())
        return Name(name)

    def _prefixed(self) -> bool:
        """`fn:name(` is a function; in `a ? b : c` the sign belongs to the choice."""
        after = self.tokens[self.next + 1 : self.next + 3]
        return len(after) == 2 and after[0][0] == "name" and after[1][1] == "("

    def _list(self) -> Node:
        if self.eat(":"):
            self.need("]")
            return Pairs(())
        if self.kind in ("name", "text") and self.after() == ":":
            return Pairs(self._pairs("]"))
        found: list[Node] = []
        while not self.eat("]"):
            found.append(self.choice())
            if self.text != "]":
                self.need(",")
        return Items(tuple(found))

    def _pairs(self, end: str) -> tuple[tuple[str, Node], ...]:
        found: list[tuple[str, Node]] = []
        while not self.eat(end):
            key = _text(self.take()) if self.kind == "text" else Literal(self.word())
            if not isinstance(key, Literal):
                raise Untranslatable("映射的键必须是文字", "a key of a map must be plain text")
            self.need(":")
            found.append((str(key.value), self.choice()))
            if self.text != end:
                self.need(",")
        return tuple(found)

    # ---- statements

    def block(self, end: str) -> tuple[Statement, ...]:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Untranslatable("嵌套太深", "nested too deep")
        found: list[Statement] = []
        while True:
            while self.eat(";"):
                pass
            if (end == "end" and self.kind == "end") or (end == "}" and self.eat("}")):
                self.depth -= 1
                return tuple(found)
            found.append(self.statement())
            if self.on_this_line() and self.text not in (";", "}", "") and self.tokens[self.place - 1][1] != "}":
                raise self.strange()

    def statement(self) -> Statement:
        if self.eat("import"):
            raise Untranslatable("脚本引用了 Java 类", "the script imports Java classes")
        if self.eat("if"):
            return self._if()
        if self.eat("for"):
            return self._for()
        if self.eat("return"):
            ends = not self.on_this_line() or self.text in (";", "}", "")
            return Do(Literal(None) if ends else self.choice(), gives=True)
        if self.eat("throw"):
            return Do(self.choice())
        if self.text in _COMMANDS and self.after() != "(":
            return Do(Call(None, self.take(), (self.choice(),)))
        return self._simple()

    def _if(self) -> If:
        self.need("(")
        condition = self.choice()
        self.need(")")
        yes = self._branch()
        while self.text == ";" and self.after() == "else":
            self.take()
        return If(condition, yes, self._branch() if self.eat("else") else ())

    def _branch(self) -> tuple[Statement, ...]:
        return self.block("}") if self.eat("{") else (self.statement(),)

    def _for(self) -> Each:
        self.need("(")
        self.eat(*_DECLARES, *_TYPES)
        name = self.word()
        if not self.eat("in", "of", ":"):
            raise Untranslatable("只支持逐项循环（for … in …）", "only loops over a list (for … in …) are understood")
        over = self.choice()
        self.need(")")
        return Each(name, over, self._branch())

    def _simple(self) -> Statement:
        local = self.kind == "name" and (self.text in _DECLARES or self._typed())
        if local:
            self.take()
        target = self.unary() if local else self.choice()
        for sign in ("+=", "-=", "*=", "/="):
            if self.eat(sign):
                return Assign(target, Binary(sign[0], target, self.choice()))
        if self.eat("="):
            if not isinstance(target, (Name, Member, Index)):
                raise Untranslatable("等号左边不是变量", "what is left of “=” is no variable")
            return Assign(target, self.choice(), local)
        for sign in ("++", "--"):
            if self.eat(sign):
                return Assign(target, Binary(sign[0], target, Literal(1)))
        if self.eat("<<"):
            return Do(Call(target, "add", (self.choice(),)))
        return Assign(target, Literal(None), True) if local else Do(target)

    def _typed(self) -> bool:
        return self.text in _TYPES and self.after().isidentifier()


def _number(text: str) -> Literal:
    plain = text.rstrip("lLfFdDgG")
    return Literal(int(plain) if plain.isdigit() else float(plain))


def _text(quoted: str) -> Node:
    """A text literal; Groovy's "${x}" and JavaScript's `${x}` have expressions in them."""
    inner = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), quoted[1:-1], flags=re.DOTALL)
    if quoted[0] in '"`' and "${" in inner:
        found = template(inner)
        return found if isinstance(found, Joined) else Joined((found,))
    return Literal(inner)
