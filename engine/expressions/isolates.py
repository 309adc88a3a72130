"""The embedded V8: one isolate a thread, made when first needed, thrown away after a timeout or when its memory is
spent.

Owns the lifetime and the limits of isolates and the scripts loaded into them. It knows nothing of FEEL. V8 started
before a fork hangs or crashes in the child, a new isolate there too, so the child is refused.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
import weakref
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
from py_mini_racer import JSEvalException, JSTimeoutException, MiniRacer

from engine.expressions.forks import Birthplace

SECONDS = 2.0  # one call; a slow machine needs some 2 ms for the usual ones
MEMORY = 96_000_000  # bytes of one isolate's heap
RESULT = 4_000_000  # characters of one result
_LOADING_SECONDS = 30.0

_local = threading.local()
_racers: weakref.WeakSet[MiniRacer] = weakref.WeakSet()
_v8 = Birthplace()


class Exhausted(Exception):
    """A computation took too long or too much memory; the text says which."""


@dataclass(frozen=True)
class Script:
    """A JavaScript file that calls need; read once, loaded once into each isolate that runs such a call."""

    path: Path

    @cached_property
    def source(self) -> str:
        return self.path.read_text(encoding="utf-8")


@dataclass
class _Isolate:
    racer: MiniRacer
    loaded: set[Path] = field(default_factory=set)


def call(function: str, arguments: Iterable[Any], *, needs: tuple[Script, ...], seconds: float = SECONDS) -> str:
    """Call a JavaScript function that gives text. `arguments`: plain JSON values. Raises Exhausted."""
    isolate = _isolate()
    _load(isolate, needs)
    source = f"{function}({','.join(orjson.dumps(argument).decode() for argument in arguments)})"
    try:
        result = isolate.racer.eval(source, timeout_sec=seconds)
    except JSTimeoutException as problem:
        _discard()
        raise Exhausted(f"it took longer than {seconds:g} s") from problem
    except JSEvalException as problem:
        _discard()
        raise Exhausted(_reason(problem)) from problem
    if not isinstance(result, str) or len(result) > RESULT:
        raise Exhausted("its result is too large")
    return result


def _reason(problem: JSEvalException) -> str:
    text = str(problem).strip()
    return (
        "it took too much memory" if "memory" in text or "OOM" in type(problem).__name__ else text.splitlines()[0][:200]
    )


def _isolate() -> _Isolate:
    """This thread's isolate in this process."""
    _v8.enter()
    isolate: _Isolate | None = getattr(_local, "isolate", None)
    if isolate is None:
        isolate = _local.isolate = _Isolate(_racer())
        isolate.racer.set_hard_memory_limit(MEMORY)
        _racers.add(isolate.racer)
    return isolate


def _racer() -> MiniRacer:
    """A new isolate. Made in a thread of its own when this one runs an asyncio loop: it would take that loop for its
    own and then refuse every time limit (a test that drives a browser has such a loop, an async server has too)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return MiniRacer()
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(MiniRacer).result()


def _load(isolate: _Isolate, needs: tuple[Script, ...]) -> None:
    for script in needs:
        if script.path not in isolate.loaded:
            isolate.racer.eval(script.source + "\n;0", timeout_sec=_LOADING_SECONDS)
            isolate.loaded.add(script.path)


def _discard() -> None:
    """Drop this thread's isolate: what a stopped computation left behind is not to be trusted."""
    isolate: _Isolate = _local.isolate
    del _local.isolate
    with suppress(JSEvalException):  # waits for the stopped computation to report, into a loop that close() ends
        isolate.racer.eval("0", timeout_sec=SECONDS)
    isolate.racer.close()


@atexit.register
def _close_all() -> None:
    """Left to the interpreter's own shutdown, closing waits for ever for an event loop whose thread is frozen."""
    for racer in list(_racers):
        racer.close()
