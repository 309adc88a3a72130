"""The tick: a background thread that does what is due and sends what is to go out.

The only importer of APScheduler, which gives the thread and its rhythm and nothing else: due times are rows, the job
store is memory. Starts in the serving worker, never at import; any number of processes may run one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from apscheduler.schedulers.background import BackgroundScheduler

log = logging.getLogger(__name__)
Task = Callable[[], object]


class Scheduler:
    """Runs tasks one after the other every `seconds`, and others once a night. A tick that takes longer delays the
    next, it never overlaps; what the night does holds up no tick."""

    HOUR = 3  # of the night, in the installation's zone

    def __init__(
        self, tasks: Sequence[Task], seconds: float, nightly: Sequence[Task] = (), zone: str = "Asia/Shanghai"
    ) -> None:
        self._tasks, self._nightly = tuple(tasks), tuple(nightly)
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler = BackgroundScheduler(timezone="UTC", daemon=True, job_defaults=defaults)
        self._scheduler.add_job(self.tick, "interval", seconds=seconds, id="tick")
        if nightly:
            self._scheduler.add_job(self.night, "cron", hour=self.HOUR, timezone=zone, id="night")

    def tick(self) -> None:
        """All tasks once; one that fails is logged and does not stop the others or the next tick."""
        _run(self._tasks)

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
