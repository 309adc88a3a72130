"""Whether a typed value satisfies its field: required, lengths, ranges, patterns, choices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from engine.forms import kinds
from engine.forms.kinds import Wrong
from engine.forms.model import CHOICES, SEVERAL, Field
from engine.forms.options import Evaluate, match, options

Scope = dict[str, Any]
_OF_TEXTS = {"min_length", "max_length", "validation_type", "pattern"}
_FORMATS: dict[str, Callable[[str], bool]] = {"email": kinds.email, "phone": kinds.phone}


def satisfied(field: Field, value: Any, scope: Scope, evaluate: Evaluate) -> Any:
    """The value, choices looked up. Raises Wrong with the first rule it breaks."""
    if value is None or value == [] or value is False:
        if _rule(field, "required", scope, evaluate) is True:
            raise Wrong("unchecked" if field.type == "checkbox" else "required")
        return value
    if field.type in CHOICES | SEVERAL and _has_options(field):
        value = _chosen(field, value, options(field, scope, evaluate))
    elif field.type in SEVERAL:
        _names(value)
    _limits(field, value, scope, evaluate)
    return value


def _has_options(field: Field) -> bool:
    """People, units and stars are choices that the page finds."""
    listed = field.options or field.options_key or field.options_expression
    return bool(listed) or field.widget not in ("person", "unit", "division", "rating")


def _chosen(field: Field, value: Any, choices: tuple[Any, ...]) -> Any:
    found = [match(each, choices) for each in (value if field.type in SEVERAL else [value])]
    if None in found:
        raise Wrong("option")
    values = [each.value for each in found if each is not None]
    return values if field.type in SEVERAL else values[0]


def _names(value: list[Any]) -> None:
    if not all(isinstance(each, str) and len(each) <= kinds.NAME for each in value):
        raise Wrong("option")


def _limits(field: Field, value: Any, scope: Scope, evaluate: Evaluate) -> None:
    if isinstance(value, str) and not field.files and field.type not in CHOICES:
        if not _OF_TEXTS & field.rules.keys():
            return
        for code, fails in _text_rules(field, value, scope, evaluate):
            if fails:
                raise Wrong(code[0], **code[1])
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        _range(field, value, scope, evaluate)
    elif isinstance(value, date) and field.rules.get("future") is True:
        today = evaluate("today()", {})
        if (evaluate("date(moment)", {"moment": value}) if isinstance(value, datetime) else value) < today:
            raise Wrong("past")


def _text_rules(
    field: Field, value: str, scope: Scope, evaluate: Evaluate
) -> Iterator[tuple[tuple[str, dict[str, Any]], bool]]:
    least, most = (_rule(field, name, scope, evaluate) for name in ("min_length", "max_length"))
    if isinstance(least, (int, float)):
        yield ("min_length", {"limit": least}), len(value) < least
    if isinstance(most, (int, float)):
        yield ("max_length", {"limit": most}), len(value) > most
    form = field.rules.get("validation_type")
    if isinstance(form, str) and form in _FORMATS:
        yield (form, {}), not _FORMATS[form](value)
    pattern = field.rules.get("pattern")
    if isinstance(pattern, str):
        yield ("pattern", _own_words(field)), not _matches(value, pattern, evaluate)


def _matches(value: str, pattern: str, evaluate: Evaluate) -> bool:
    """The browser's regular expressions, in V8, where a slow one is stopped; Python's have no limit."""
    return evaluate("matches(value, pattern)", {"value": value, "pattern": pattern}) is True


def _own_words(field: Field) -> dict[str, Any]:
    chinese = field.properties.get("pattern_message") or field.rules.get("pattern_message")
    words = {"message": chinese, "message_en": field.properties.get("pattern_message_en")}
    return {name: text for name, text in words.items() if text}


def _range(field: Field, value: float, scope: Scope, evaluate: Evaluate) -> None:
    least, most = (_rule(field, name, scope, evaluate) for name in ("min", "max"))
    if isinstance(least, (int, float)) and value < least:
        raise Wrong("min", limit=least)
    if isinstance(most, (int, float)) and value > most:
        raise Wrong("max", limit=most)


def _rule(field: Field, name: str, scope: Scope, evaluate: Evaluate) -> Any:
    """A rule's value: as written, computed when it is FEEL, a number when it is a numeral."""
    value = field.rules.get(name)
    if value is None:
        return None
    if isinstance(value, str) and value.startswith("="):
        return evaluate(value[1:].strip(), scope)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return value
