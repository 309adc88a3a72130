"""The state of a case as bytes: versioned compact tagged JSON of live tokens, arrivals and variables; no history.

Owns the codec and what can be read of a state without its process. A version, once written, can always be read
(tests keep old states). Shape: {"v": 1, "n": last token number, "s": status, "c": called?, "e": error code?,
"scopes": [{"h": host token, "vars", "arr", ..., "t": [[number, node, state, own], ...]}, ...] outermost first}.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.bpmn.model import TokenView, World
from engine.bpmn.process import Process
from engine.bpmn.star import Star
from engine.bpmn.tokens import ERROR, READY, STARTED, WAITING, Token
from engine.errors import InvalidValue, NotFound, Said
from engine.expressions import values

VERSION = 1
_LETTER = {READY: "r", WAITING: "w", STARTED: "s", ERROR: "e"}
_STATE = {letter: state for state, letter in _LETTER.items()}
_WORD = {"r": "ready", "w": "waiting", "s": "started", "e": "error"}
_FIELDS = {"arr": "arrivals", "used": "consumed", "rec": "records", "todo": "todo", "off": "off", "snap": "snap"}
CHILD = " [child]"  # as `parsing` names a repeated activity's own spec


def dump(star: Star) -> bytes:
    """The state after a command."""
    saved: dict[str, Any] = {"v": VERSION, "n": star.sequence, "s": star.status}
    if star.called:
        saved["c"] = 1
    if star.error_code:
        saved["e"] = star.error_code
    saved["scopes"] = [_scope(scope) for scope in star.scopes]
    return values.dumps(saved)


def _scope(scope: Any) -> dict[str, Any]:
    saved: dict[str, Any] = {"h": scope.host.id if scope.host is not None else 0, "vars": scope.vars}
    for key, name in _FIELDS.items():
        value = getattr(scope, name)
        if value:
            saved[key] = value
    saved["t"] = [_token(token) for token in scope.tasks.values()]
    return saved


def _token(token: Token) -> list[Any]:
    return [token.id, token.task_spec.name, _LETTER[token.state], token.own]


def load(process: Process, state: bytes, world: World) -> Star:
    """The star of a state. Raises InvalidValue for a version this program does not know."""
    saved = read(state)
    star = Star(process.spec, process.specs, world, saved["n"])
    star.status, star.called, star.error_code = saved["s"], bool(saved.get("c")), saved.get("e", "")
    for one in saved["scopes"]:
        host = star.index.get(one["h"])
        scope: Any = star if host is None else star.create_subprocess(host, host.task_spec.inner)
        scope.vars = one["vars"]
        for key, name in _FIELDS.items():
            if key in one:
                setattr(scope, name, one[key])
        for number, name, letter, own in one["t"]:
            token = Token(scope, scope.spec.task_specs[name], _STATE[letter], number, own)
            scope.tasks[number] = star.index[number] = token
            if letter == "r" and ("ran" in own or not token.task_spec.manual):
                star.schedule(token)
            if "was" in own:
                star.conditional.add(number)
            star.hangs = star.hangs or "side" in own or "back" in own
    return star


def read(state: bytes) -> dict[str, Any]:
    """The saved structure itself. Raises InvalidValue for a version this program does not know."""
    saved = values.loads(state)
    if not isinstance(saved, dict) or saved.get("v") != VERSION:
        version = saved.get("v") if isinstance(saved, dict) else None
        raise InvalidValue(reason=Said(f"流程状态已损坏或版本不符（{version}）", f"state version {version}"))
    return saved


def tokens(state: bytes) -> list[TokenView]:
    """Every live token of a state that stands at an element of the diagram."""
    return [
        TokenView(
            token=str(number),
            node=name.removesuffix(CHILD),
            scope=str(scope["h"]) if scope["h"] else "",
            status=_WORD[letter],
            listener=bool(own.get("listens")),
            child=own.get("i"),
            body=str(own.get("mi", "")),
            side=str(own.get("side", "")),
            before=str(own.get("before", "")),
        )
        for scope in read(state)["scopes"]
        for number, name, letter, own in scope["t"]
        if not name.startswith("(")
    ]


def variables(state: bytes, token: str | None = None) -> dict[str, Any]:
    """The process's variables, or all that a token sees. Raises NotFound."""
    saved = read(state)["scopes"]
    if token is None:
        return saved[0]["vars"]
    wanted: int = int(token)
    found: list[dict[str, Any]] = []
    while wanted:
        scope, own = _holder(saved, wanted)
        found += [own[key] for key in ("local", "vars", "snap") if key in own]
        found += [scope["vars"], scope.get("snap", {})]
        wanted = scope["h"]
    seen: dict[str, Any] = {}
    for layer in reversed(found):
        seen.update(layer)
    return seen


def rewritten(state: bytes, fresh: Callable[[Any], Any]) -> bytes:
    """The state with other values: `fresh` is given each scope's variables, and then all the rest that a scope holds
    (local variables, copies, records). Its tokens must stay as they are."""
    saved = read(state)
    for scope in saved["scopes"]:
        scope["vars"] = fresh(scope["vars"])
        scope |= {key: fresh(value) for key, value in scope.items() if key not in ("h", "vars")}
    return values.dumps(saved)


def _holder(scopes: list[dict[str, Any]], number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    for scope in scopes:
        for one, _, _, own in scope["t"]:
            if one == number:
                return scope, own
    raise NotFound(what="token", id=number)
