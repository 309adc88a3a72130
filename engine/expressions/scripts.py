"""Scripts of diagrams: Python in the Monty sandbox, a fresh session each, with limits on time, memory and recursion.

Owns what a script sees and gives: every variable as a name, `bpmn_error(code, message)`, a clock that stands at the
command's now, a random generator seeded by the command, so that a retry computes the same. There is no file, network
or process in there. Names that are new or changed come back; those that begin with `_`, functions and modules stay
inside. Worker processes are made when first needed, by the process that needs them: a pool inherited through a fork
would corrupt its parent's.
"""

from __future__ import annotations

import atexit
import keyword
import threading
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_monty import (
    Monty,
    MontyCrashedError,
    MontyError,
    MontyRuntimeError,
    MontySession,
    MontySyntaxError,
    ResourceLimits,
)

from engine import parsers
from engine.calendars.days import SHANGHAI
from engine.errors import BpmnError, InvalidValue, Said, ScriptFailed
from engine.expressions import values
from engine.expressions.forks import Birthplace
from engine.expressions.values import Months

LONGEST = 100_000  # characters of a script
_LIMITS: ResourceLimits = {
    "max_feed_duration_secs": 1.0,
    "max_memory": 64_000_000,
    "max_recursion_depth": 200,
    "max_suspensions": 100,
}
_WORKERS = 4
_QUEUE_SECONDS = 30.0
_BEFORE = "__type = type\n__names = locals\n__text = str"  # a variable may be called `type`
_INSIDE = ("builtin_function_or_method", "coroutine", "function", "module", "type")
_AFTER = (
    "{__k: __v for __k, __v in __names().items()"
    f" if __k[:1] != '_' and __text(__type(__v)) not in {tuple(f'<class {kind!r}>' for kind in _INSIDE)!r}}}"
)


def run(
    script: str, variables: dict[str, Any], *, now: datetime, seed: int, zone: ZoneInfo = SHANGHAI
) -> dict[str, Any]:
    """The names that a script made or changed. `now`: naive UTC; the script's clock shows it in `zone`.

    A date and time without a zone comes back in `zone`. Raises BpmnError after `bpmn_error`, else ScriptFailed.
    """
    given = {name: _inside(value) for name, value in variables.items() if _nameable(name)}
    found = _Run(now.replace(tzinfo=UTC).astimezone(zone), seed, zone).names(script, given)
    try:
        return {name: value for name, value in _outside(found, zone).items() if _changed(name, value, given)}
    except InvalidValue as problem:
        raise ScriptFailed(reason=problem.details["reason"]) from problem


def check(script: str) -> Said | None:
    """What is wrong with a script's syntax, None when nothing is. Nothing of it is run."""
    if len(script) > LONGEST:
        return parsers.said(f"longer than {LONGEST} characters")
    try:
        with _pool().checkout(limits=_LIMITS) as session:
            session.feed_run(f"raise SystemExit\n{script}")  # the whole text is parsed before its first line runs
    except MontySyntaxError as problem:
        return parsers.said(_where(problem, first_line=2))
    except MontyRuntimeError:
        return None
    except MontyCrashedError as problem:
        return parsers.said(problem)
    raise AssertionError("a script ran past its first line")


class _Run:
    """One script in one session."""

    def __init__(self, now: datetime, seed: int, zone: ZoneInfo) -> None:
        self.policy: Any = {"datetime": now, "timezone": zone.key, "sleep": "zero", "random_start": {"seed": seed}}
        self.error: BpmnError | None = None

    def names(self, script: str, given: dict[str, Any]) -> dict[str, Any]:
        """Every name that the script leaves behind, values as Monty gives them."""
        if len(script) > LONGEST:
            raise ScriptFailed(reason=f"longer than {LONGEST} characters")
        try:
            with _pool().checkout(limits=_LIMITS, os_policy=self.policy) as session:  # type: ignore[arg-type]
                return self._fed(session, script, given)
        except TimeoutError as problem:
            raise ScriptFailed(reason=f"no free worker within {_QUEUE_SECONDS:g} s") from problem
        except MontyError as problem:
            if self.error is not None and _THROWN in str(problem):
                raise self.error from problem
            raise ScriptFailed(reason=_where(problem)) from problem

    def _fed(self, session: MontySession, script: str, given: dict[str, Any]) -> dict[str, Any]:
        session.feed_run(_BEFORE)
        session.feed_run(
            script, inputs=given, external_lookup={"bpmn_error": self._throw}, print_callback=lambda stream, text: None
        )
        found: dict[str, Any] = session.feed_run(_AFTER)
        return found

    def _throw(self, code: str, message: str = "") -> None:
        """`bpmn_error` inside the sandbox; a script may catch it like any exception."""
        self.error = BpmnError(error_code=str(code)[:200], reason=str(message)[:2000])
        raise RuntimeError(_THROWN)


_THROWN = "a business error was thrown"


def _nameable(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)


def _inside(value: Any) -> Any:
    """Monty knows every type of value but Months, which are text in a script."""
    kind = type(value)
    if kind is dict:
        return {key: _inside(part) for key, part in value.items()}
    if kind is list or kind is tuple:
        return [_inside(part) for part in value]
    return str(value) if kind is Months else value


def _outside(value: Any, zone: ZoneInfo) -> Any:
    kind = type(value)
    if kind is dict:
        return {key: _outside(part, zone) for key, part in value.items()}
    if kind is list or kind is tuple:
        return [_outside(part, zone) for part in value]
    if kind is datetime and value.tzinfo is None:
        return value.replace(tzinfo=zone)
    return value


def _changed(name: str, value: Any, given: dict[str, Any]) -> bool:
    """Whether the value differs, type included. Raises InvalidValue, naming the place, for what a case cannot hold."""
    values.check({name: value})
    return name not in given or values.dumps(value) != values.dumps(given[name])


def _where(problem: MontyError, first_line: int = 1) -> str:
    """The error in one line, with the script's line number."""
    if not isinstance(problem, (MontySyntaxError, MontyRuntimeError)):
        return str(problem)[:500]
    frames = problem.traceback()
    line = f"line {frames[-1].line - first_line + 1}: " if frames else ""
    return line + problem.display("type-msg")[:500]


_lock = threading.Lock()
_monty = Birthplace()
_started: list[Monty] = []


def _pool() -> Monty:
    """The process's pool of workers, started when first needed. Raises ForkedTooLate in a child of its process."""
    with _lock:
        _monty.enter()
        if not _started:
            pool = Monty(max_processes=_WORKERS, checkout_timeout=_QUEUE_SECONDS)
            _started.append(pool.__enter__())
            atexit.register(pool.__exit__, None, None, None)
        return _started[0]
