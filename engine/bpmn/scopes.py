"""Variables: which scopes a token sees, reading, writing, input and output mappings (design section 3).

A scope is the process, a subprocess, a multi-instance child or a task with a mapping; a write goes to the nearest
scope that has the name, else to the process. Values are never changed in place, and what foreign code gets or gives is
copied: so nothing nested is ever shared, and nothing is copied at a plain step. Must not know what a node does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.bpmn import registers
from engine.bpmn.settings import Mapping as Line
from engine.bpmn.star import Star
from engine.bpmn.tokens import Token


def layers(token: Token) -> Iterator[tuple[dict[str, Any], bool]]:
    """(variables, read-only) from the inside out; the process scope comes last."""
    at: Token | None = token
    while at is not None:
        own, scope = at.own, at.workflow
        for name in ("local", "vars"):
            if name in own:
                yield own[name], False
        if "snap" in own:
            yield own["snap"], True
        yield scope.vars, False
        if scope.snap:
            yield scope.snap, True
        at = scope.host


def seen(token: Token) -> dict[str, Any]:
    """All variables a token sees, as one flat dict (its values are the scopes' own: read them only)."""
    if token.workflow.host is None and not token.own.keys() & {"local", "vars", "snap"}:
        return dict(token.workflow.vars)
    found: dict[str, Any] = {}
    for variables, _ in reversed(list(layers(token))):
        found.update(variables)
    return found


def write(token: Token, values: Mapping[str, Any], skip_local: bool = False) -> None:
    """Each name to the nearest scope that has it, else to the process. A snapshot shows its handler's own writes."""
    for name, value in values.items():
        target = None
        for variables, frozen in layers(token):
            if skip_local and variables is token.own.get("local"):
                continue
            if not frozen:
                target = variables
            elif name in variables:
                variables[name] = value
                continue
            if not frozen and name in variables:
                break
        assert target is not None
        target[name] = value


def copied(value: Any) -> Any:
    """A copy that shares no list or dict with the value."""
    kind = type(value)
    if kind is dict:
        return {key: copied(part) for key, part in value.items()}
    if kind is list or kind is tuple:
        return [copied(part) for part in value]
    return value


def value_of(star: Star, token: Token, text: str, variables: dict[str, Any] | None = None) -> Any:
    """Value of a setting: FEEL when it starts with '=', else the text itself."""
    if not text.startswith("="):
        return text
    return star.world.evaluate(text[1:].strip(), seen(token) if variables is None else variables)


def expression(text: str) -> str:
    """A condition's FEEL without its leading '='."""
    text = text.strip()
    return text[1:].strip() if text.startswith("=") else text


def map_inputs(star: Star, token: Token) -> None:
    """Fill the token's local scope; a line sees the lines before it."""
    settings = token.task_spec.settings
    if settings.inputs:
        known = seen(token)
        if settings.reads:
            known |= {rows.target: registers.read(star, token, rows, known) for rows in settings.reads}
        token.own["local"] = mapped(star, settings.inputs, known)


def map_outputs(star: Star, token: Token) -> None:
    """Write the output mapping's results to the scopes around the token. Once only."""
    settings = token.task_spec.settings
    if settings.outputs and not token.own.get("mapped"):
        write(token, mapped(star, settings.outputs, seen(token)), skip_local=True)
        token.own["mapped"] = 1
    if settings.writes and not token.own.get("written"):
        registers.write(star, token, settings.writes, seen(token))
        token.own["written"] = 1


def mapped(star: Star, lines: tuple[Line, ...], variables: dict[str, Any]) -> dict[str, Any]:
    """The targets of a mapping with their values. A target path `a.b` changes a copy of `a`."""
    result: dict[str, Any] = {}
    for line in lines:
        text = line.source
        value = star.world.evaluate(text[1:].strip(), variables) if text.startswith("=") else text
        first, *rest = line.target.split(".")
        result[first] = _placed(result.get(first, variables.get(first)), rest, value) if rest else value
        variables = {**variables, first: result[first]}
    return result


def _placed(old: Any, path: list[str], value: Any) -> Any:
    """A copy of `old` with `value` at the path; dicts are made where the path needs them."""
    if not path:
        return value
    base = dict(old) if isinstance(old, dict) else {}
    base[path[0]] = _placed(base.get(path[0]), path[1:], value)
    return base


def accept(token: Token, values: Mapping[str, Any]) -> None:
    """Results or a payload from outside: seen by the output mapping if there is one, else written to the scopes."""
    if token.task_spec.settings.outputs:
        token.own.setdefault("local", {}).update(copied(dict(values)))
    else:
        write(token, copied(dict(values)))
