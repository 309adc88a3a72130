"""`where` of a register read: as SQL over the indexed values, and as a test on a row in memory.

Owns the small filter language: {"field": value | [values] | {OPERATOR: v}} with the operators = != < <= > >=, contains
(part of a text) and missing (true or false). Only indexed fields and the row's own columns can be asked: a filter that
would read every row is refused by name.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from peewee import Asc, Desc, Expression, Field

from engine.errors import InvalidValue
from engine.registers import cells
from engine.registers.schema import SORTED, RegisterSchema
from engine.store.models import RegisterRow, RegisterValue

Where = Mapping[str, Any]
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_WORDS = frozenset((*OPERATORS, "=", "!=", "contains", "missing"))


def tests(schema: RegisterSchema, key: str, asked: Any) -> list[tuple[str, Any]]:
    """One filter as (operator, value) pairs. Raises InvalidValue for a field or operator that cannot be asked."""
    if key not in schema.indexed and key not in SORTED and key not in ("id", *schema.search):
        raise InvalidValue(reason=f"{schema.name}.{key} is not indexed, so it cannot be filtered by")
    if not isinstance(asked, Mapping):
        return [("in", list(asked))] if isinstance(asked, list | tuple | set | frozenset) else [("=", asked)]
    if unknown := set(asked) - _WORDS:
        raise InvalidValue(reason=f"{schema.name}.{key}: unknown operator {sorted(unknown)[0]}")
    return list(asked.items())


def conditions(schema: RegisterSchema, where: Where) -> list[Expression]:
    """The SQL conditions on RegisterRow, to be and-ed."""
    found = [RegisterRow.register == schema.name]
    for key, asked in where.items():
        for word, value in tests(schema, key, asked):
            found.append(_column(key, word, value) if key not in schema.by_key else _indexed(schema, key, word, value))
    return found


def _column(key: str, word: str, value: Any) -> Expression:
    column: Field = getattr(RegisterRow, key)
    if key in ("id", "instance"):  # ids travel as text: they are longer than a FEEL number
        value = [row_id(v) for v in value] if word == "in" else value if word == "missing" else row_id(value)
    if word == "missing":
        return column.is_null(bool(value))
    if word == "in":
        return column.in_([_moment(v) for v in value])
    if word in ("=", "!="):
        return column == _moment(value) if word == "=" else column != _moment(value)
    if word == "contains":
        return column.contains(str(value))
    return OPERATORS[word](column, _moment(value))


def row_id(value: Any) -> int:
    """An id from its text; what can be none (letters, more than 63 bits) is 0, which no row has."""
    text = str(value)
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else 0
    return number if number < 2**63 else 0


def _moment(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    return value


def _indexed(schema: RegisterSchema, key: str, word: str, value: Any) -> Expression:
    if word in ("=", "!=") and value is None:
        word, value = "missing", word == "="
    if word == "missing":
        return RegisterRow.id.not_in(holders(schema, key)) if value else RegisterRow.id.in_(holders(schema, key))
    if word == "!=":
        return RegisterRow.id.not_in(holders(schema, key, _compare(schema, key, "=", value)))
    return RegisterRow.id.in_(holders(schema, key, _compare(schema, key, word, value)))


def holders(schema: RegisterSchema, key: str, *conditions: Expression) -> Any:
    """The select of row ids that have such a value in a field."""
    select = RegisterValue.select(RegisterValue.row)
    return select.where(RegisterValue.register == schema.name, RegisterValue.field == key, *conditions)


def _compare(schema: RegisterSchema, key: str, word: str, value: Any) -> Expression:
    column, form = _form(schema, key)
    if word == "in":
        return column.in_([form(v) for v in value])
    if word == "contains":
        if column is RegisterValue.number:
            raise InvalidValue(reason=f"{schema.name}.{key} is a number: contains does not apply")
        return RegisterValue.text.contains(str(value))
    return column == form(value) if word == "=" else OPERATORS[word](column, form(value))


def _form(schema: RegisterSchema, key: str) -> tuple[Field, Callable[[Any], Any]]:
    if schema.by_key[key].type == "number":
        return RegisterValue.number, cells.index_number
    return RegisterValue.text, cells.index_text


def matches(schema: RegisterSchema, where: Where, row: Mapping[str, Any]) -> bool:
    """Whether a row in memory would be found: the same language, for rows a command has not committed yet."""
    return all(
        _holds(schema, key, word, value, row)
        for key, asked in where.items()
        for word, value in tests(schema, key, asked)
    )


def _holds(schema: RegisterSchema, key: str, word: str, value: Any, row: Mapping[str, Any]) -> bool:
    number = key in schema.by_key and schema.by_key[key].type == "number"
    form: Callable[[Any], Any] = cells.index_number if number else cells.index_text
    raw = row.get(key)
    held = [form(v) for v in (raw if isinstance(raw, list) else [raw]) if cells.index_text(v) is not None]
    if word in ("=", "!=") and value is None:
        word, value = "missing", word == "="
    if word == "missing":
        return bool(value) != bool(held)
    if word == "in":
        return any(h in [form(v) for v in value] for h in held)
    if word == "!=":
        return form(value) not in held
    if word == "contains":
        return any(str(value).casefold() in str(h).casefold() for h in held)
    return form(value) in held if word == "=" else any(OPERATORS[word](h, form(value)) for h in held)


def part_asked(schema: RegisterSchema, where: Where) -> str | None:
    """The one partition that a filter stays in, None when it may touch all."""
    if not schema.part:
        return ""
    asked = where.get(schema.part)
    return cells.index_text(asked) if isinstance(asked, str | int | date) else None


def searched(schema: RegisterSchema, text: str) -> Expression:
    """Rows in which a word occurs in a searched field (never a private one)."""
    select = RegisterValue.select(RegisterValue.row).where(
        RegisterValue.register == schema.name,
        RegisterValue.field.in_(schema.search),
        RegisterValue.text.contains(text),
    )
    return RegisterRow.id.in_(select)


def _checked_order(schema: RegisterSchema, key: str) -> str:
    if key in SORTED or key == "id":
        return key
    if key not in schema.indexed or schema.by_key[key].type == "list":
        raise InvalidValue(reason=f"{schema.name}.{key} is not indexed, so it cannot be sorted by")
    return key


def ordering(schema: RegisterSchema, order: str) -> Sequence[Any]:
    """The order-by of `key` or `-key`, rows without a value last, then by id."""
    down, key = order.startswith("-"), _checked_order(schema, order.lstrip("-"))
    if key not in schema.by_key:
        column: Any = getattr(RegisterRow, key)
    else:
        value = RegisterValue.alias()
        wanted = value.number if schema.by_key[key].type == "number" else value.text
        column = value.select(wanted).where(value.row == RegisterRow.id, value.field == key).limit(1)
    return (Desc(column, nulls="last") if down else Asc(column, nulls="last"), RegisterRow.id.desc())
