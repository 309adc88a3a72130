"""The rule for run-times that do not survive a fork: V8 and Monty both hang or crash in a child that inherited them.

Owns nothing but the memory of where one was started. A new instance in the child is no way out: their threads are
global to the process. So the child is refused at once, with a sentence that says what to do.
"""

from __future__ import annotations

import os


class ForkedTooLate(RuntimeError):
    """This process was forked after FEEL or a script had run in its parent. Fork first, evaluate afterwards."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class Birthplace:
    """Where a run-time was started: in no process yet, or in one."""

    def __init__(self) -> None:
        self._process: int | None = None

    def enter(self) -> None:
        """Call before each use. Raises ForkedTooLate in any process but the first."""
        if self._process is None:
            self._process = os.getpid()
        elif self._process != os.getpid():
            raise ForkedTooLate
