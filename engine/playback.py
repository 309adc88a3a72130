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
    last: tuple[int, datetime, int] | None = None
    while waiting := engine.timers(limit=1):
        timer = waiting[0]
        if timer.due_at > moment or (timer.due_at == moment and not inclusive):
            break
        seen = (timer.id, timer.due_at, timer.occurrence)
        if seen == last:
            raise Stuck(f"timer {timer.id} at {timer.node_id or timer.rule}, due {timer.due_at}")
        last = seen
        clock.set(max(timer.due_at, clock.now()))
        engine.run_due()
    clock.set(max(moment, clock.now()))
