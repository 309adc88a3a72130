"""What FEEL's operators do with Python values: three-valued, exactly as in V8 (feelin/calculate.js, ranges.js).

Values of which V8 has to say what comes out (times, durations, a date among instants, lists) raise `Unsure`: the caller
asks it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from engine.expressions.syntax import single_words
from engine.expressions.values import LARGEST

_PLACES = 23  # powers of ten that a float holds exactly
_POWERS = [10**place for place in range(_PLACES)]
_SMALLEST = 1e-6  # JavaScript writes what is smaller with an exponent
_ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_SUMS = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_KINDS = {
    type(None): "nil",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    date: "date",
    datetime: "instant",
}


class Unsure(Exception):
    """Values of which V8 has to say what comes out."""


def _kind(value: Any) -> str:
    """The kind of a value; Unsure for those that only V8 handles."""
    kind = _KINDS.get(type(value))
    if kind is None:
        raise Unsure
    return kind


def _comparable(value: Any, kind: str) -> Any:
    """What orders like the value does in JavaScript: text by UTF-16 units, instants by the millisecond."""
    if kind == "string" and not value.isascii():
        return value.encode("utf-16-be", "surrogatepass")
    if kind == "instant":
        return value.astimezone(UTC).replace(microsecond=value.microsecond // 1000 * 1000)
    return value


def _pair(left: Any, right: Any, kind: str) -> tuple[Any, Any]:
    if kind == "string" and left.isascii() != right.isascii():
        return left.encode("utf-16-be", "surrogatepass"), right.encode("utf-16-be", "surrogatepass")
    return _comparable(left, kind), _comparable(right, kind)


def equals(left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return left is right
    kinds = _kind(left), _kind(right)
    if kinds[0] == kinds[1]:
        first, second = _pair(left, right, kinds[0])
        return bool(first == second)
    if set(kinds) == {"date", "instant"}:
        raise Unsure
    return None


def ordered(sign: str, left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    kind, other = _kind(left), _kind(right)
    if {kind, other} == {"date", "instant"}:
        raise Unsure
    if kind != other or kind == "boolean":
        return None
    return bool(_ORDER[sign](*_pair(left, right, kind)))


def truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def both(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return True if left and right else None


def either(left: bool | None, right: bool | None) -> bool | None:
    if left or right:
        return True
    return False if left is False and right is False else None


def calculated(sign: str, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    kinds = _kind(left), _kind(right)
    if "date" in kinds or "instant" in kinds:
        raise Unsure
    if kinds == ("string", "string"):
        return left + right if sign == "+" else None
    return _number(sign, left, right) if kinds == ("number", "number") else None


def _number(sign: str, left: float, right: float) -> int | float | None:
    if sign == "/" and right == 0:
        return None
    result = None
    if type(left) is float or type(right) is float or sign == "/":
        result = _decimally(sign, left, right)
    if result is None:
        result = left / right if sign == "/" else _SUMS[sign](left, right)
    if not math.isfinite(result) or abs(result) > LARGEST:
        raise Unsure
    return int(result) if isinstance(result, float) and result.is_integer() else result


def _decimally(sign: str, left: float, right: float) -> float | None:
    """Numbers of a few digits are calculated as whole numbers of their smallest digit: 0.1 + 0.2 is 0.3. None: they
    have too many."""
    one, other = _scaled(left), _scaled(right)
    if one is None or other is None:
        return None
    if sign == "*":
        product, places = one[0] * other[0], one[1] + other[1]
        return product / _POWERS[places] if abs(product) < LARGEST and places < _PLACES else None
    places = max(one[1], other[1])
    x, y = one[0] * _POWERS[places - one[1]], other[0] * _POWERS[places - other[1]]
    if abs(x) >= LARGEST or abs(y) >= LARGEST:
        return None
    if sign == "/":
        return x / y
    result = int(_SUMS[sign](x, y))
    return result / _POWERS[places] if abs(result) < LARGEST else None


def _scaled(number: float) -> tuple[int, int] | None:
    """A whole number and how many of its digits are after the point."""
    if number == int(number):
        return (int(number), 0) if abs(number) < LARGEST else None
    if abs(number) < _SMALLEST:
        return None
    text = repr(number)
    whole, _, rest = (format(Decimal(text), "f") if "e" in text else text).partition(".")
    joined = int(whole + rest)
    return (joined, len(rest)) if len(rest) < _PLACES and abs(joined) < LARGEST else None


@dataclass(frozen=True, slots=True)
class _Range:
    """`[start..end]`; an end that is null says nothing."""

    start: Any
    end: Any
    with_start: bool
    with_end: bool

    def __call__(self, value: Any) -> bool | None:
        above = ordered(">=" if self.with_start else ">", value, self.start)
        return both(above, ordered("<=" if self.with_end else "<", value, self.end))


def between(start: Any, end: Any, with_start: bool, with_end: bool) -> Callable[[Any], bool | None]:
    kinds = {_kind(part) for part in (start, end) if part is not None}
    if len(kinds) != 1 or kinds == {"boolean"}:
        return lambda value: None
    return _Range(start, end, with_start, with_end)


def _property(target: Any, name: str) -> Any:
    if type(target) is dict:
        if not single_words(target):
            raise Unsure
        return target.get(name)
    if target is None or type(target) in (bool, int, float, str):
        return None
    raise Unsure


def path(target: Any, name: str) -> Any:
    return [_property(part, name) for part in target] if type(target) is list else _property(target, name)


def passes(test: Any, value: Any) -> bool | None:
    """A test is a range, a comparison or a value to equal."""
    return test(value) if callable(test) else equals(test, value)


def any_passes(tests: list[Any], value: Any) -> bool:
    return any(passes(test, value) is True for test in tests)


def _among(value: Any, items: list[Any]) -> bool:
    return any(equals(item, value) is True for item in items)


def cell_passes(test: Any, value: Any) -> bool:
    if type(test) is list:
        return _among(value, test)
    return test if isinstance(test, bool) else passes(test, value) is True


def against(relation: Callable[[Any, Any], bool | None], right: Any) -> Callable[[Any], bool | None]:
    """A comparison waiting for its left side."""
    return lambda left: relation(left, right)
