"""Places where a death could lose or double something, by name.

`pass_through(Point.X)` does nothing until a hook is installed, and nothing in the product installs one: the worker of
`tests/faults` does, to end its own process there (docs/developer/faults.md). Owns the list; knows nothing of tables.
A new write that leaves the process, or spans more than one transaction, gets its point here.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum


class Point(Enum):
    """Each says what is done by then, and what is not."""

    # every transaction (store.database)
    BEGIN = "a transaction is about to begin"
    STATEMENT = "a statement of a commit is done, the next is not"
    WRITTEN = "every statement of a transaction is done, it is not committed"
    COMMITTED = "a transaction is committed, who asked for it does not know yet"

    # what a commit writes when it has to look in between (store.writer, store.journal, registers.changes)
    CASES_GUARDED = "the cases of a commit are saved under their guards, no other row is written"
    ROWS_WRITTEN = "work items, timers, keys and notices of a commit are written, its journal is not"
    HEAD_MOVED = "the head of a journal chain has moved, its lines are not written"
    REGISTER_HELD = "the parts of the registers that a commit needs are locked, no row is changed"
    REGISTER_CHANGED = "one change of a register is written, the next is not"

    # every command (commands.runner)
    PLANNED = "a command (or several of the tick together) has computed everything, its commit has not begun"
    KEY_KEPT = "a command is committed with its idempotency key, nobody has its answer"
    LANDED = "a command is committed, what it published is not delivered"
    SETTLED = "what a command published is delivered, nobody has its answer"

    # the tick (commands.sweep and what it calls, outbox)
    DUE_FOUND = "the tick knows what is due and has done none of it"
    LOOKS_TAKEN = "messages and subscriptions that are to be looked at are taken, nobody has looked"
    MESSAGE_FOUND = "a message and who waits for it are found, it is not delivered"
    MESSAGES_DELIVERED = "messages are delivered, that they were looked at is not written down"
    TIMERS_TAKEN = "due timers are taken, none has fired"
    TIMERS_FIRED = "some timers have fired, the others have not"
    TIMER_FAILED = "a timer has failed, that is not written down"
    JOB_TAKEN = "a job is taken, its handler has not run"
    JOB_HANDLED = "a job's handler has had its effect, the case does not know"
    JOB_FAILED = "a job's handler has failed, that is not written down"
    LETTERS_TAKEN = "letters are claimed by a sender, none is sent"
    LETTER_SENT = "a letter is sent, it is not marked so"

    # aside (store.locks, store.database, commands.files, imports)
    LOCK_HELD = "a command that met a conflict holds the lock of its case and has not begun again"
    MIGRATING = "the lock for migrations is held, the next migration is not applied"
    FILE_WRITTEN = "the bytes of an upload are in their folder, its row is not"
    FILE_FORGOTTEN = "the row of an upload is gone, its bytes are not"
    IMPORT_ROW = "a row of an import is a case, the next is not"


_hook: Callable[[Point], None] | None = None


def pass_through(point: Point) -> None:
    """Tell whoever watches that the process is here; nobody does outside tests."""
    if _hook is not None:
        _hook(point)


def watch(hook: Callable[[Point], None] | None) -> None:
    """Have a function called at every point of this process from now on; None ends it. For tests/faults only."""
    global _hook
    _hook = hook
