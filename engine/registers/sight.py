"""Which columns of a row somebody sees, sees masked, or may change.

Owns masking (`private`: everybody but those with `register:NAME:private` and whom the row is of) and columns that only
some roles see (`readers`) or change (`writers`): a hidden column is left out of the row, not blanked. Which rows
somebody sees at all is `table`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from engine.errors import Forbidden
from engine.registers.cells import nothing
from engine.registers.reading import Row
from engine.registers.schema import Field, RegisterSchema


class Rights(Protocol):
    """What one person may do (people.Rights)."""

    def may(self, permission: str, unit: str | None = None) -> bool:
        """Whether a permission is held, at a unit when one is given."""
        ...

    def serves_as(self, roles: tuple[str, ...], unit: str | None = None) -> bool:
        """Whether one of the roles is held, at a unit when one is given."""
        ...


class Sight:
    """What one person sees of one register; asked of row after row. Without rights: the system, which sees all."""

    def __init__(self, schema: RegisterSchema, login: str, rights: Rights | None) -> None:
        self._schema, self._login, self._rights = schema, login, rights
        self._full: dict[str | None, bool] = {}
        self._hidden: dict[str | None, frozenset[str]] = {}

    def __call__(self, row: Row) -> Row:
        """The row as it is shown: hidden columns left out, private ones masked."""
        hidden = self.hidden(row.get("unit"))
        masked_ones = frozenset() if self.full(row) else self._schema.private
        if not hidden and not masked_ones:
            return row
        shown = {key: value for key, value in row.items() if key not in hidden}
        return {key: masked(value) if key in masked_ones else value for key, value in shown.items()}

    def full(self, row: Mapping[str, Any]) -> bool:
        """Whether private columns of a row are shown as they are."""
        if self._rights is None or not self._schema.private or self._is_own(row):
            return True
        unit = row.get("unit")
        if unit not in self._full:
            self._full[unit] = self._rights.may(f"register:{self._schema.name}:private", unit)
        return self._full[unit]

    def hidden(self, unit: str | None = None) -> frozenset[str]:
        """Columns that are not shown at a unit; None: that are shown nowhere."""
        if self._rights is None or not self._schema.guarded:
            return frozenset()
        if unit not in self._hidden:
            guarded = [self._schema.by_key[key] for key in self._schema.guarded]
            self._hidden[unit] = frozenset(f.key for f in guarded if not self._serves(f.readers, unit))
        return self._hidden[unit]

    def locked(self, unit: str | None = None) -> frozenset[str]:
        """Columns that cannot be changed at a unit (None: anywhere): hidden ones among them."""
        if self._rights is None or not self._schema.guarded:
            return frozenset()
        guarded = [self._schema.by_key[key] for key in self._schema.guarded]
        return self.hidden(unit) | {f.key for f in guarded if not self._serves(f.writers, unit)}

    def refuse(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Forbidden when a row's change ({} before: a new row) touches a column that is locked where it stands, or
        stood."""
        places = {row.get("unit") for row in (before, after) if row}
        locked = frozenset[str]().union(*(self.locked(place) for place in places))
        for key in sorted(locked & after.keys()):
            if after[key] != _unchanged(self._schema.by_key[key], before):
                raise Forbidden(who=self._login, action=f"register:{self._schema.name}:write ({key})")

    def _serves(self, roles: tuple[str, ...], unit: str | None) -> bool:
        assert self._rights is not None
        return not roles or self._rights.serves_as(roles, unit) or self._rights.may("admin", unit)

    def _is_own(self, row: Mapping[str, Any]) -> bool:
        return any(row.get(field) == self._login for field in self._schema.own)


def _unchanged(field: Field, before: Mapping[str, Any]) -> Any:
    """A field's value where nobody touched it."""
    if before:
        return before.get(field.key)
    return nothing(field) if field.default is None else field.default


def masked(value: Any) -> Any:
    """A private value as others see it: a telephone number keeps its head and tail, all else its first character."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, list):
        return [masked(item) for item in value]
    text = str(value)
    if len(text) >= 7 and text.lstrip("+").replace("-", "").replace(" ", "").isdigit():
        return f"{text[:3]}****{text[-2:]}"
    return f"{text[:1]}**" if len(text) > 1 else "*"
