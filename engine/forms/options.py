"""The choices of a field as they stand: written in the form, taken from a variable, or computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.forms import places
from engine.forms.model import Field, Option, option

Evaluate = Callable[[str, dict[str, Any]], Any]
MOST = 5_000


def options(field: Field, scope: dict[str, Any], evaluate: Evaluate) -> tuple[Option, ...]:
    """Its choices over the variables in `scope`. ExpressionFailed."""
    if field.options_expression:
        found = evaluate(field.options_expression, scope)
    elif field.options_key:
        found = places.get(scope, field.options_key)
    else:
        return field.options
    made = [option(each) for each in found[:MOST]] if isinstance(found, list) else []
    return tuple(each for each in made if each is not None)


def match(posted: Any, choices: tuple[Option, ...]) -> Option | None:
    """The choice that a posted value means: the value itself, or its text."""
    for each in choices:
        if type(posted) is type(each.value) and posted == each.value:
            return each
    text = posted if isinstance(posted, str) else None
    return next((each for each in choices if text is not None and text == _posted(each.value)), None)


def _posted(value: Any) -> str:
    """A value as a page posts it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
