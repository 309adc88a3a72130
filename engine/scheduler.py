"""The tick: a background thread that does what is due and sends what is to go out.

The only importer of APScheduler, which gives the thread and its rhythm and nothing else: due times are rows, the job
store is memory. Starts in the serving worker, never at import; any number of processes may run one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

log = logging.getLogger(__name__)
Task = Callable[[], object]


class Scheduler:
    """Runs tasks one after the other every `seconds`, sooner when something falls due before that, and others once a
    night. A tick that takes longer delays the next, it never overlaps; what the night does holds up no tick."""

    HOUR = 3  # of the night, in the installation's zone

    def __init__(
        self,
        tasks: Sequence[Task],
        seconds: float,
        nightly: Sequence[Task] = (),
        zone: str = "Asia/Shanghai",
        soon: Callable[[], float | None] = lambda: None,
    ) -> None:
        """`soon`: seconds until the next thing is due, None when nothing is."""
        self._tasks, self._nightly = tuple(tasks), tuple(nightly)
        self._seconds, self._soon = seconds, soon
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler = BackgroundScheduler(timezone="UTC", daemon=True, job_defaults=defaults)
        self._scheduler.add_job(self.tick, "interval", seconds=seconds, id="tick")
        if nightly:
            self._scheduler.add_job(self.night, "cron", hour=self.HOUR, timezone=zone, id="night")

    def tick(self) -> None:
        """All tasks once; one that fails is logged and does not stop the others or the next tick."""
        _run((*self._tasks, self._hurry))

    def _hurry(self) -> None:
        """A timer is not late by the rest of a tick's pause: the next tick comes when it is due."""
        wait = self._soon()
        if wait is not None and 0 < wait < self._seconds and self._scheduler.running:
            self._scheduler.modify_job("tick", next_run_time=datetime.now(UTC) + timedelta(seconds=wait))

    def night(self) -> None:
        """The same of what is done once a night."""
        _run(self._nightly)

    def start(self) -> None:
        """Begin ticking in a thread of its own."""
        self._scheduler.start()

    def stop(self, wait: bool = True) -> None:
        """Stop ticking; with `wait` after the tick that runs now."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=wait)


def _run(tasks: Sequence[Task]) -> None:
    for task in tasks:
        try:
            task()
        except Exception:
            log.exception("%s failed", getattr(task, "__qualname__", task))
