"""Where trials are kept: one folder for each designer and pack below `trials/` of the data folder.

Owns making, opening, ending and clearing them away: a bounded number, age and size. A trial is opened by one request at
a time; its clock and steps are written back when it closes, whatever happened in between.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.clock import ManualClock
from engine.errors import InvalidValue, NotFound, Said
from engine.expressions import values
from engine.facade import Engine
from engine.packs import PackFiles
from engine.trials.cast import cast
from engine.trials.trial import Kept, Trial

MOST = 40  # trials of one installation; the one left alone longest goes first
AGE = 3 * 24 * 3600  # seconds that a trial may lie untouched
LARGEST = 64 * 1024 * 1024  # bytes of one trial
OPEN = 4  # engines kept open in one process
NOTES, DATABASE = "trial.json", "linli.db"
TOO_LARGE = Said("这次试运行的数据太大了，请重新开始", "this trial's data have grown too large: begin again")


class Trials:
    """The trials of one installation. Thread-safe, and safe between processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        engine.beside.append(self.close)
        self._lock = threading.Lock()
        self._open: OrderedDict[str, tuple[str, Engine, ManualClock]] = OrderedDict()
        self._busy: set[str] = set()  # trials that a request works on: their engines stay open

    @property
    def _root(self) -> Path:
        return Path(self._engine.settings.data) / "trials"

    def _folder(self, pack: str, by: str) -> Path:
        return self._root / hashlib.sha256(f"{pack}\n{by}".encode()).hexdigest()[:24]

    # ---- life

    def begin(self, pack: str, by: str, start: datetime) -> None:
        """A fresh trial of the working copy, in place of the one before. `start`: naive UTC. DeploymentRefused with all
        findings, NotFound, InvalidFile."""
        contents = self._engine.pack_contents(pack)
        self.clear()
        with self._alone(pack, by) as folder:
            self._drop(folder)
            folder.mkdir(parents=True)
            clock = ManualClock(start)
            try:
                stage = self._engine.stage(contents, clock, folder)
            except Exception:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            kept = _prepared(stage, contents, by, start)
            _write(folder, kept)
            self._put(folder, kept.mark, stage, clock)

    @contextmanager
    def open(self, pack: str, by: str) -> Iterator[Trial]:
        """A designer's trial of a pack, alone. NotFound when there is none."""
        with self._alone(pack, by) as folder:
            kept = _read(folder)
            if kept is None:
                raise NotFound(what="试运行", id=pack)
            if (folder / DATABASE).stat().st_size > LARGEST:
                raise InvalidValue(reason=TOO_LARGE)
            engine, clock = self._engine_of(folder, kept)
            clock.set(kept.now)
            try:
                with engine.store.connected():
                    yield Trial(engine, clock, kept)
            finally:
                kept.now = clock.now()
                _write(folder, kept)

    def exists(self, pack: str, by: str) -> bool:
        """Whether there is one."""
        return (self._folder(pack, by) / NOTES).is_file()

    def end(self, pack: str, by: str) -> None:
        """It is over; nothing stays of it."""
        with self._alone(pack, by) as folder:
            self._drop(folder)

    def clear(self) -> int:
        """Take away trials that were left alone for days, and those above the number; how many."""
        found = sorted(self._root.glob(f"*/{NOTES}"), key=lambda path: path.stat().st_mtime)
        old = [path for path in found if time.time() - path.stat().st_mtime > AGE]
        gone = old + [path for path in found if path not in old][: max(0, len(found) - len(old) - MOST + 1)]
        for path in gone:
            self._drop(path.parent)
        return len(gone)

    def close(self) -> None:
        """Let go of every database."""
        with self._lock:
            for _, engine, _ in self._open.values():
                engine.close()
            self._open.clear()

    # ---- shared

    @contextmanager
    def _alone(self, pack: str, by: str) -> Iterator[Path]:
        """One request at a time works on a trial, in whatever process."""
        folder = self._folder(pack, by)
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / f"{folder.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._busy.add(folder.name)
            try:
                yield folder
            finally:
                self._busy.discard(folder.name)

    def _engine_of(self, folder: Path, kept: Kept) -> tuple[Engine, ManualClock]:
        with self._lock:
            known = self._open.get(folder.name)
            if known is not None and known[0] == kept.mark:
                self._open.move_to_end(folder.name)
                return known[1], known[2]
        clock = ManualClock(kept.now)
        engine = self._engine.resumed(clock, folder)
        self._put(folder, kept.mark, engine, clock)
        return engine, clock

    def _put(self, folder: Path, mark: str, engine: Engine, clock: ManualClock) -> None:
        with self._lock:
            old = self._open.pop(folder.name, None)
            self._open[folder.name] = (mark, engine, clock)
            idle = [name for name in self._open if name not in self._busy][: max(0, len(self._open) - OPEN)]
            over = [self._open.pop(name) for name in idle]
        for _, one, _ in [*([old] if old else []), *over]:
            one.close()

    def _drop(self, folder: Path) -> None:
        with self._lock:
            known = self._open.pop(folder.name, None)
        if known is not None:
            known[1].close()
        shutil.rmtree(folder, ignore_errors=True)


def digest_of(pack: PackFiles) -> str:
    """What a trial was begun with."""
    parts = sorted((path, hashlib.sha256(content).hexdigest()) for path, content in pack.whole.items())
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _prepared(stage: Engine, pack: PackFiles, by: str, start: datetime) -> Kept:
    """People on the stage, and the notes of a trial that begins."""
    mine = [one for one in stage.definitions(kind="process") if one.pack == pack.name and one.file in pack.files]
    spoken = {r.key for one in mine for r in stage.process_info(one.id).references if r.kind == "role"}
    plain = [role.partition("@")[0] for role in sorted(spoken) if not role.startswith("=")]
    units, people = cast(pack, stage.people.roles(), [*sorted(pack.roles), *plain])
    for unit in units:
        stage.people.put_unit(**unit)
    for person in people:
        stage.people.put(**{**person, "posts": [tuple(post) for post in person.get("posts", ())]})
    processes = [one.key for one in mine]
    mark = secrets.token_hex(8)
    return Kept(mark, pack.name, by, digest_of(pack), start, start, units, people, processes)


def _write(folder: Path, kept: Kept) -> None:
    known: dict[str, Any] = asdict(kept) | {"begun": kept.begun.isoformat(), "now": kept.now.isoformat()}
    fresh = folder / f"{NOTES}.new"
    fresh.write_bytes(values.dumps(known))
    os.replace(fresh, folder / NOTES)


def _read(folder: Path) -> Kept | None:
    path = folder / NOTES
    if not path.is_file():
        return None
    known = values.loads(path.read_bytes())
    moments = {name: datetime.fromisoformat(known[name]) for name in ("begun", "now")}
    return Kept(**{**known, **moments})
