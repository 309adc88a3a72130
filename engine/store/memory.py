"""What one web request looks up more than once: remembered for that request and no longer.

Owns the rule by which it is forgotten: when the request ends, and when its thread begins to write. So a reader may be
late by one request, never by more, and never sees the state before its own write. Nothing outside a request remembers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Found = TypeVar("Found")


class Memory(threading.local):
    """Of each thread its own."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] | None = None

    @contextmanager
    def request(self) -> Iterator[None]:
        """Within this, `recall` looks each thing up once."""
        self._known = {}
        try:
            yield
        finally:
            self._known = None

    def recall(self, key: Hashable, look: Callable[[], Found]) -> Found:
        """What `look` finds: once in a request, every time outside of one."""
        if self._known is None:
            return look()
        if key not in self._known:
            self._known[key] = look()
        found: Found = self._known[key]
        return found

    def forget(self) -> None:
        """This thread begins to write (inside of a transaction nothing is remembered)."""
        if self._known:
            self._known = {}
