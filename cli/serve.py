"""`serve`: the web face and the scheduler, in gunicorn, until SIGTERM.

Owns the start: the port is free, the database is there (a new one gets the demo), one banner; and the life of a worker:
an engine, an application and a tick of its own, made after the fork and closed at the end. The parent process never
opens V8 or a connection that a child would inherit.
"""

from __future__ import annotations

import argparse
import errno
import gc
import logging
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from admin.app import create_app
from cli.console import say
from cli.database import DEMO_PASSWORD
from cli.folders import bring_up_to_date
from engine import Engine
from engine.clock import Clock, ShiftedClock, SystemClock
from engine.errors import InvalidSetting
from engine.settings import Settings, database_file

GRACE = 15  # seconds that requests and the tick get to finish


def add(commands: Any) -> None:
    """Put the command on the command line."""
    serve = commands.add_parser("serve", help="serve the web face and run the scheduler (default) (启动)")
    serve.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until stopped."""
    settings = Settings.from_environment()
    refuse_taken_port(settings)
    demo = prepare(settings)
    banner(settings, demo)
    Server(replace(settings, demo=demo)).run()
    return 0


def refuse_taken_port(settings: Settings) -> None:
    """Say so at once when the port is taken, instead of trying for seconds."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as problem:
            taken = problem.errno == errno.EADDRINUSE
            hint = "it is taken: stop the other program, or set another one" if taken else str(problem)
            raise InvalidSetting(name="LINLI_PORT", reason=f"{settings.host}:{settings.port}: {hint}") from problem


def prepare(settings: Settings) -> bool:
    """Bring the tables up to date; fill a new database. Whether what it holds is the demo."""
    signal.signal(
        signal.SIGTERM, lambda number, frame: sys.exit(128 + number)
    )  # ends the filling too; gunicorn has its own
    file = database_file(settings.database)
    if file is not None and not file.exists():
        fill_file(settings, file)
    engine = Engine(settings.database, settings=settings)
    engine.migrate()
    fresh, demo = engine.people.empty(), engine.people.has_samples()
    if not fresh:
        bring_up_to_date(engine, settings)
    engine.close()
    if fresh:
        fill(settings.database, settings)
        demo = settings.demo
    return demo and settings.demo


def fill_file(settings: Settings, file: Path) -> None:
    """Fill a new SQLite database beside its place and move it there whole: a start that is broken off leaves none."""
    draft = file.with_name(f"{file.name}.new")
    sweep(draft)
    fill(f"sqlite:///{draft}", settings)
    os.replace(draft, file)
    sweep(draft)


def sweep(draft: Path) -> None:
    """Remove a draft and the lock and log files beside it."""
    for leftover in draft.parent.glob(f"{draft.name}*"):
        leftover.unlink()


def fill(url: str, settings: Settings) -> None:
    """Run `init` in a process of its own: this one forks, and must not have started V8."""
    entry = Path(__file__).parents[1] / "run.py"
    environment = {**os.environ, "LINLI_DATABASE": url, "LINLI_DATA": str(settings.folder)}
    if subprocess.run([sys.executable, str(entry), "init"], env=environment).returncode:
        raise InvalidSetting(name="LINLI_DATABASE", reason=f"{settings.database} could not be filled; see above")


def banner(settings: Settings, demo: bool) -> None:
    """Where it is, and how to get in."""
    address = settings.address or f"http://{settings.host}:{settings.port}"
    print(f"\n  邻里 Linli   {address}\n", flush=True)
    if demo:
        say(
            f"  演示：在登录页点任一岗位即可进入；示例人员的密码都是 {DEMO_PASSWORD}。居民入口：{address}/portal/",
            f"  Demo: press a role on the sign-in page; every sample person's password is {DEMO_PASSWORD}. "
            f"Residents: {address}/portal/",
        )
    say("  按 Ctrl+C 停止。\n", "  Ctrl+C stops it.\n")


class DemoClock(ShiftedClock):
    """The demo's movable clock. Its offset outlives a restart: timers that fired must not lie in the future again."""

    def __init__(self, path: Path) -> None:
        super().__init__(timedelta(seconds=float(path.read_text())) if path.exists() else timedelta())
        self._path = path

    def advance(self, by: timedelta) -> Any:
        """Move on, and remember it."""
        now = super().advance(by)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(str(self.offset.total_seconds()))
        return now


def clock_of(settings: Settings) -> Clock:
    """The machine's clock; in the demo one that can be moved on."""
    return DemoClock(settings.folder / "demo-clock") if settings.demo else SystemClock()


class Server(BaseApplication):
    """Gunicorn, started from code."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.engine: Engine | None = None
        super().__init__()

    def load_config(self) -> None:
        settings = self.settings
        wanted = {
            "bind": f"{settings.host}:{settings.port}",
            "workers": settings.workers,
            "threads": settings.threads,
            "worker_class": "gthread",
            "timeout": 120,
            "keepalive": 20,  # a browser's next request finds its connection open
            "graceful_timeout": GRACE,
            "loglevel": "warning",
            "proc_name": "linli",
            "control_socket_disable": True,
            "post_worker_init": self._started,
            "worker_exit": self._ended,
        }
        for name, value in wanted.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application of one worker, over an engine of its own."""
        self.engine = Engine(self.settings.database, clock=clock_of(self.settings), settings=self.settings)
        return create_app(self.engine)

    def _started(self, worker: Any) -> None:
        gc.collect()
        gc.freeze()  # what is loaded stays for good: a collection in the middle of a request need not look at it
        if self.settings.scheduler and self.engine is not None:
            logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a long tick delays the next: no news
            self.engine.start_scheduler()

    def _ended(self, server: Any, worker: Any) -> None:
        if self.engine is not None:
            self.engine.close()
