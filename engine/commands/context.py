"""What every command needs at hand, and the queue in front of each case.

Owns no rule: it holds the store, the clock, people, registers, definitions and the handlers of jobs, and the mutexes
that make commands of one process wait for each other instead of colliding.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine.clock import Clock
from engine.commands.definitions import Definitions
from engine.commands.handlers import Handlers
from engine.commands.times import Times
from engine.people import People
from engine.registers import Registers
from engine.settings import Settings
from engine.store import Store


class Turns:
    """One mutex per case, alive as long as somebody holds or awaits it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mutexes: weakref.WeakValueDictionary[int, Queue] = weakref.WeakValueDictionary()

    @contextmanager
    def take(self, case: int | None) -> Iterator[Queue]:
        """Wait for this process's other commands on the case; None waits for nobody."""
        if case is None:
            yield Queue()
            return
        with self._lock:
            queue = self._mutexes.get(case)
            if queue is None:
                queue = self._mutexes[case] = Queue()
        with queue.lock:
            yield queue


class Queue:
    """This process's commands on one case, while there are any; a lock that can be held weakly. `crowded`: one of them
    met another process there, so that those behind it had better queue between processes at once."""

    __slots__ = ("__weakref__", "crowded", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.crowded = False


def _uncounted(context: Context) -> int:
    """Until the engine is wired (`commands.deadlines.Recount`), no deadline is counted again."""
    return 0


def _unsettled(messages: Sequence[int], subscriptions: Sequence[int]) -> None:
    """Until the engine is wired (`commands.messages.settle`), deliveries are the tick's."""


class Roots:
    """Which outermost case a work item belongs to, of those met lately. Thread-safe."""

    KEPT = 20_000

    def __init__(self) -> None:
        self._known: dict[int, int] = {}

    def get(self, item: int) -> int | None:
        return self._known.get(item)

    def put(self, item: int, root: int) -> None:
        if len(self._known) >= self.KEPT:
            self._known = {}
        self._known[item] = root


@dataclass(slots=True)
class Context:
    """The engine as commands see it."""

    store: Store
    clock: Clock
    settings: Settings
    people: People
    registers: Registers
    definitions: Definitions
    times: Times
    handlers: Handlers
    settle: Callable[[Sequence[int], Sequence[int]], None] = _unsettled  # delivers messages after a commit
    recount: Callable[[Context], int] = _uncounted  # counts deadlines again when a calendar has changed
    turns: Turns = field(default_factory=Turns)
    roots: Roots = field(default_factory=Roots)
