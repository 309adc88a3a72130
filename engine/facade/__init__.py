"""The façade: the engine as everybody above it sees it (design.md section 10, docs/developer/contracts.md).

Owns nothing but the wiring and the names. `acts` changes things, `reads` looks, `studio` keeps packs for
designers; all hand out plain records.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import ClassVar

from engine.clock import Clock, SystemClock
from engine.commands import deadlines, deploy, handlers, messages, publishing, scanning
from engine.commands.context import Context
from engine.commands.definitions import Definitions
from engine.commands.deploy import copy_definitions
from engine.commands.files import Files
from engine.commands.times import Times
from engine.facade.acts import Acts
from engine.facade.design import Design
from engine.facade.desk import Desk
from engine.facade.reads import Reads
from engine.facade.studio import Studio
from engine.outbox import Outbox
from engine.packs import PackFiles
from engine.people import People
from engine.queries import Cases, DefinitionList, Items, Letters, Lists, Workbench
from engine.records import Finding
from engine.registers import Registers
from engine.scheduler import Scheduler, Task
from engine.settings import Settings
from engine.store import Store, backup, open_store
from engine.store.due import next_timer

__all__ = ["Engine"]


class Engine(Acts, Design, Desk, Reads, Studio):
    """A workflow engine on one database. Make one per process and share it between threads; `close` it at the end."""

    rehearsals: ClassVar[list[Callable[[Engine, str], Iterable[Finding]]]] = []  # of a working copy, from floors above

    def __init__(self, url: str, clock: Clock | None = None, settings: Settings | None = None) -> None:
        """`url`: sqlite:///file or postgresql://...; nothing is opened before the first use. InvalidSetting."""
        self.settings = replace(settings, database=url) if settings else Settings(database=url)
        self.clock: Clock = clock or SystemClock()
        self.store: Store = open_store(url)
        zone = self.settings.timezone
        tries, minutes = self.settings.lock_tries, self.settings.lock_minutes
        self.people = People(self.store, self.clock, zone, tries=tries, minutes=minutes)
        self._registers = Registers(self.store, self.clock, self.people, zone)
        self._definitions = Definitions(self.store)
        self._context = self._wired(Times(self.store, zone, self.clock))
        self._outbox = Outbox(self.store, self.clock, self.settings, self._phone)
        trial = timedelta(hours=self.settings.upload_hours)
        scan = scanning.by_command(self.settings.scan)
        self.files = Files(self.settings.files, self.store, self.clock, self.settings.upload_limit << 20, trial, scan)
        self._items = Items(self.store, self.people, self.clock)
        self._cases = Cases(self.store, self.people)
        self._deployed = DefinitionList(self.store, self.people)
        self._letters = Letters(self.store, self.clock)
        self._lists = Lists(self.store, self.clock)
        self._bench = Workbench(self.store)
        self.publish_checks: list[publishing.Check] = [partial(check, self) for check in self.rehearsals]
        self._scheduler: Scheduler | None = None
        self._scratch: Path | None = None
        self.beside: list[Callable[[], None]] = []  # what is let go of with it

    def _wired(self, times: Times) -> Context:
        context = Context(
            store=self.store,
            clock=self.clock,
            settings=self.settings,
            people=self.people,
            registers=self._registers,
            definitions=self._definitions,
            times=times,
            handlers=handlers.Handlers(self.store, self.clock),
        )
        context.settle = partial(messages.settle, context)
        context.recount = deadlines.Recount()
        return context

    def _phone(self, login: str) -> str:
        found = self.people.records([login]).get(login)
        return found.mobile if found else ""

    # ---- life

    def migrate(self) -> list[str]:
        """Create or upgrade the tables; the names of the migrations applied now. Safe in several processes at once."""
        return self.store.migrate()

    @staticmethod
    def restore(settings: Settings, source: Path, force: bool = False) -> str:
        """Put a backup where the settings say, in one transaction; when it was made (naive UTC, ISO). Migrate and
        prove it afterwards. InvalidFile, WouldOverwrite, ProgramFailed."""
        return backup.restore(settings, source, force)

    def start_scheduler(self) -> None:
        """Tick in a background thread (every `settings.tick` seconds) until `close`. Only where requests are served."""
        if self._scheduler is None:
            tasks, settings = [self.run_due, self.send, self.files.sweep, self.read_cases], self.settings
            retaining = [self.retain] if settings.retain_days or settings.trace_days else []
            nightly: list[Task] = [self.remind_of_certificates, *retaining]
            self._scheduler = Scheduler(tasks, settings.tick, nightly, settings.zone, self._soon)
            self._scheduler.start()

    def _soon(self) -> float | None:
        now = self.clock.now()
        with self.store.connected():
            due = next_timer(self.store, now)
        return None if due is None else (due - now).total_seconds()

    def stop_scheduler(self) -> None:
        """Stop ticking, after the tick that runs now."""
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            scheduler.stop()

    def close(self) -> None:
        """Stop ticking and let go of the database."""
        self.stop_scheduler()
        for let_go in self.beside:
            let_go()
        self.store.close()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def scratch(self, clock: Clock, folder: Path | None = None) -> Engine:
        """An engine on a database of its own with the same latest definitions, packs and calendars, and nothing else.
        Nothing leaves it: letters stay in its outbox, web services are not called. `folder`: where it is kept; None = a
        temporary one that goes when the engine is closed."""
        kept = folder or Path(tempfile.mkdtemp(prefix="linli-scratch-"))
        engine = self.resumed(clock, kept)
        engine._scratch = None if folder else kept
        engine.migrate()
        copy_definitions(self._context, engine._context)
        return engine

    def resumed(self, clock: Clock, folder: Path) -> Engine:
        """The scratch engine that was made in a folder, as it was left."""
        settings = replace(self.settings, data=str(folder / "var"))
        engine = Engine(f"sqlite:///{folder}/linli.db", clock, settings)
        engine._context.handlers.put("http", handlers.held)
        return engine

    def stage(self, pack: PackFiles, clock: Clock, folder: Path | None = None) -> Engine:
        """A scratch engine on which a pack is deployed beside all else: a working copy to be tried. DeploymentRefused
        with all findings."""
        engine = self.scratch(clock, folder)
        try:
            deploy.deploy(engine._context, pack.files, by="", pack=pack)
        except Exception:
            engine.close()
            raise
        return engine
