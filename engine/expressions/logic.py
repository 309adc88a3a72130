"""What FEEL's operators do with Python values: three-valued, and exactly as feelin does.

Values for which feelin has rules of its own (mixed types, durations, text among numbers, lists) raise `Unsure`: the
caller asks V8.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from engine.expressions.syntax import single_words
from engine.expressions.values import LARGEST

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
    """feelin's type of a value; Unsure for the types that only V8 handles."""
    kind = _KINDS.get(type(value))
    if kind is None or (
        kind in ("date", "instant") and 1899 <= value.year <= 1901
    ):  # feelin holds a time as 1900-01-01
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
    if right is None:
        return None
    kind = _kind(right)
    if kind == "boolean":
        raise Unsure
    if left is None:
        return None
    if _kind(left) != kind:
        raise Unsure
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
    if sign == "/":
        if right == 0:
            return None
        result: int | float = left / right
    else:
        result = _SUMS[sign](left, right)
    if not math.isfinite(result) or abs(result) > LARGEST:
        raise Unsure
    return int(result) if isinstance(result, float) and result.is_integer() else result


@dataclass(frozen=True, slots=True)
class _Range:
    """`[start..end]`; either end may be null, which leaves it open."""

    start: Any
    end: Any
    with_start: bool
    with_end: bool

    def __call__(self, value: Any) -> bool | None:
        if (self.start is None and self.end is None) or value is None:
            return None
        low, high = (self.start, self.with_start), (self.end, self.with_end)
        if self.start is not None and self.end is not None and self.start > self.end:
            low, high = high, low
        tests = (ordered(">=" if low[1] else ">", value, low[0]), ordered("<=" if high[1] else "<", value, high[0]))
        return all(test is not False for test in tests)


def between(start: Any, end: Any, with_start: bool, with_end: bool) -> _Range:
    kinds = {_kind(part) for part in (start, end) if part is not None}
    if not kinds <= {"number"} and not kinds <= {"date"} and not kinds <= {"instant"}:
        raise Unsure
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


def fails(condition: Any) -> bool:
    """Whether an `if` goes on to its else; feelin takes any other value, 0 too, for true."""
    return condition is None or condition is False


def _passes(test: Any, value: Any) -> bool | None:
    """feelin's compareValue: a test is a range, a comparison or a value to equal."""
    return test(value) if callable(test) else equals(test, value)


def any_passes(tests: list[Any], value: Any) -> bool:
    return any(_passes(test, value) is True for test in tests)


def _among(value: Any, items: list[Any]) -> bool:
    """JavaScript's includes: the same type and the same value, or for dates the same object, which only V8 knows."""
    if {_kind(part) for part in (value, *items)} & {"date", "instant"}:
        raise Unsure
    return any(_kind(item) == _kind(value) and item == value for item in items)


def cell_passes(test: Any, value: Any) -> bool:
    if type(test) is list:
        return _among(value, test)
    return test if isinstance(test, bool) else _passes(test, value) is True


def against(relation: Callable[[Any, Any], bool | None], right: Any) -> Callable[[Any], bool | None]:
    """A comparison waiting for its left side; feelin refuses some right sides at once, so V8 is asked of those."""
    if type(right) is bool:
        raise Unsure
    return lambda left: relation(left, right)
