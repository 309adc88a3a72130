"""Time moved by hand: everything due on the way happens at its own time, in order.

Owns `run_until`, for replays, demo seeds and scenarios: anything that drives an engine with a ManualClock. Never used
with the machine's clock.
"""

from __future__ import annotations

from datetime import datetime

from engine.clock import ManualClock, as_utc
from engine.facade import Engine


class Stuck(RuntimeError):
    """A due timer neither fired nor moved: time cannot go on."""


def run_until(engine: Engine, clock: ManualClock, moment: datetime, *, inclusive: bool = True) -> None:
    """Move the clock forward to a moment (aware or naive UTC), firing each timer at its due time.

    `inclusive=False` leaves timers due at that very moment for later. Raises Stuck rather than run for ever.
    """
    moment = as_utc(moment)
    while (due := engine.next_due()) is not None and (due < moment or (inclusive and due == moment)):
        clock.set(max(due, clock.now()))
        if not engine.run_due() and engine.next_due() == due:
            raise Stuck(f"a timer due {due} neither fired nor moved")
    clock.set(max(moment, clock.now()))
