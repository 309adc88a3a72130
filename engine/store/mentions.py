"""Where texts stand in the database: any table, any column of text or bytes, whatever tables there are one day.

Owns the SQL of looking through and writing back. Which tables have a rule of their own is the caller's business, and
what becomes of a text is a function that the caller passes in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from peewee import SQL, BlobField, CompositeKey, Expression, Field, Model, NodeList, TextField, Value, fn

from engine.store.database import Store

Row = dict[str, Any]


def columns(model: type[Model]) -> list[Field]:
    """Columns in which a text can stand."""
    return [one for one in model._meta.sorted_fields if isinstance(one, TextField | BlobField)]


def holding(store: Store, fields: Sequence[Field], texts: Sequence[str]) -> Expression | None:
    """The test that one of the texts stands in one of the columns; None when there is nothing to look for."""
    found: Expression | None = None
    for field in fields:
        for text in texts:
            test = _inside(store, field, text)
            found = test if found is None else found | test
    return found


def _inside(store: Store, field: Field, text: str) -> Expression:
    if not isinstance(field, BlobField):
        return (fn.STRPOS if store.postgres else fn.INSTR)(field, text) > 0
    if store.postgres:
        return fn.POSITION(NodeList((Value(text.encode(), converter=False), SQL("in"), field))) > 0
    return fn.INSTR(field, Value(text.encode(), converter=False)) > 0


def rows(store: Store, model: type[Model], texts: Sequence[str], fields: Sequence[Field] = ()) -> list[Row]:
    """Rows of a table in which one of the texts stands (in `fields`, else anywhere), whole."""
    test = holding(store, fields or columns(model), texts)
    return [] if test is None else store.rows(model.select().where(test))


def count(store: Store, model: type[Model], texts: Sequence[str]) -> int:
    """How many rows hold one of the texts."""
    test = holding(store, columns(model), texts)
    return 0 if test is None else int(store.value(model.select(fn.COUNT(1)).where(test)))


def changed(model: type[Model], row: Row, fresh: Callable[[str], str]) -> Row:
    """What of a row becomes something else."""
    texts = {one.name: row[one.name] for one in model._meta.sorted_fields if isinstance(one, TextField)}
    made = {name: fresh(text) for name, text in texts.items() if isinstance(text, str)}
    return {name: text for name, text in made.items() if text != row[name]}


def write(store: Store, model: type[Model], row: Row, values: Row) -> None:
    """Save what has changed of a row that was read. Inside the caller's transaction."""
    key: Any = model._meta.primary_key
    names = key.field_names if isinstance(key, CompositeKey) else (key.column_name,)
    here = [getattr(model, name) == row[name] for name in names]
    store.run(model.update(values).where(*here))
