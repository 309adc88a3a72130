"""A worker process: it does what people, ticks and imports do, one thing after the other, until it is killed.

Each act goes down in its diary before and after, so that the ledger knows what must be there. Runs in a child that
was forked from a parent which never evaluated anything (engine/expressions/forks.py).
"""

from __future__ import annotations

import io
import itertools
import os
import random
import secrets
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from engine import Engine, imports
from engine.clock import Clock
from engine.errors import LinliError
from engine.settings import Settings
from engine.store import Moved
from engine.store.points import Point, watch
from tests.faults import town
from tests.faults.diary import Diary, Line

YEARS = timedelta(days=3650)
ENOUGH = 40  # running cases: with more the hands finish some before they start others
FAVOURED = {
    "MESSAGE": "publish",
    "MESSAGES": "tick",
    "LOOKS": "tick",
    "TIMER": "tick",
    "TIMERS": "tick",
    "JOB": "tick",
    "DUE": "tick",
    "LETTER": "send",
    "FILE": "upload",
    "IMPORT": "bring",
    "KEY": "complete",
}  # what passes through a point oftenest, by the point's first word


class Planted(RuntimeError):
    """A failure in a place where the product has none of its own."""


def die_at(point: Point, number: int, told: Callable[[str], None]) -> None:
    """Let this process be killed when it passes through a point for the n-th time. What a sound engine seldom does, a
    timer that fails or a command that has to start over, is planted on the way there."""
    left = itertools.count(number - 1, -1)
    before: list[Point] = []

    def pass_by(here: Point) -> None:
        if here is point and next(left) <= 0:
            told(point.name)
            os.kill(os.getpid(), signal.SIGKILL)
        first = here is Point.PLANNED and Point.PLANNED not in before[-3:]
        if first and point is Point.TIMER_FAILED and before[-1:] == [Point.TIMERS_TAKEN]:
            raise Planted("a timer that fails")
        before.append(here)
        if first and point is Point.LOCK_HELD:
            raise Moved

    watch(pass_by)


class Hand:
    """One worker: its name is its login."""

    def __init__(self, engine: Engine, folder: Path, login: str) -> None:
        self.engine, self.folder, self.login = engine, folder, login
        self.diary = Diary(folder / f"{login}.diary")
        self.acts: dict[str, Callable[[], None]] = {
            "start": self.start,
            "claim": self.claim,
            "complete": self.complete,
            "publish": self.publish,
            "tick": self.tick,
            "send": self.send,
            "reserve": self.reserve,
            "comment": self.comment,
            "upload": self.upload,
            "bring": self.bring,
        }

    def work(self, favour: str = "") -> None:
        """Do things at random for ever; `favour`: one of them every second time."""
        self.again()
        weights = {"start": 3, "claim": 3, "complete": 6, "publish": 3, "tick": 5, "send": 1, "reserve": 2}
        names = list(self.acts)
        odds = [weights.get(name, 1) for name in names]
        while True:
            name = favour if favour and random.random() < 0.5 else random.choices(names, odds)[0]
            self.acts[name]()

    def again(self) -> None:
        """Do again what a predecessor may or may not have done; only what has a key can be."""
        want = self.diary.open_want()
        if want is None:
            return
        repeat = {"start": self._start, "complete": self._complete, "publish": self._publish, "claim": self._claim}
        if want.act in repeat:
            repeat[want.act](want.ref, want.data)
        else:
            self.diary.write("no", want.act, want.ref, "died")

    def _do(self, act: str, ref: str, data: Any, do: Callable[[], Any]) -> Any:
        """Note it, do it, note the answer. A refusal is an answer too."""
        self.diary.write("want", act, ref, data)
        try:
            answer = do()
        except LinliError as refused:
            self.diary.write("no", act, ref, type(refused).__name__)
            return None
        self.diary.write("got", act, ref, answer)
        return answer

    # ---- what people do

    def start(self) -> None:
        if not self._busy():
            ref = f"{self.login}-{secrets.token_hex(6)}"
            self._start(ref, None)
            if random.random() < 0.5:
                self._publish(ref, None)
        else:
            self.complete()

    def _busy(self) -> bool:
        return self.engine.instances(process=town.PROCESS, status="running", limit=1).total >= ENOUGH

    def _start(self, ref: str, data: None) -> None:
        self._do("start", ref, data, lambda: self.engine.start(town.PROCESS, {"ref": ref}, by=self.login, key=ref).id)

    def _open(self, **which: Any) -> list[int]:
        return [item.id for item in self.engine.work_items(status="open", limit=20, **which)]

    def claim(self) -> None:
        if items := self._open(candidate=self.login):
            self._claim(str(random.choice(items[:4])), None)

    def _claim(self, ref: str, data: None) -> None:
        self._do("claim", ref, data, lambda: self.engine.claim(int(ref), by=self.login).assignee)

    def complete(self) -> None:
        if items := self._open(assignee=self.login) or self._open(candidate=self.login):
            self._complete(str(random.choice(items[:4])), random.randrange(1, 1000))

    def _complete(self, ref: str, data: int) -> None:
        form, key = {"amount": data}, f"{self.login}-{data}"
        self._do("complete", ref, data, lambda: self.engine.complete(int(ref), form, by=self.login, key=key).id)

    def publish(self) -> None:
        cases = self.engine.instances(process=town.PROCESS, status="running", limit=30).rows
        if cases and (ref := random.choice(cases).business_key):
            self._publish(ref, None)

    def _publish(self, ref: str, data: None) -> None:
        self._do("publish", ref, data, lambda: self.engine.publish_message("keyed", {}, key=ref, ttl=YEARS, dedupe=ref))

    def reserve(self) -> None:
        places = self.engine.register("places")
        self._do("reserve", "hall", None, lambda: places.reserve("hall", by=self.login) and None)

    def comment(self) -> None:
        cases = self.engine.instances(process=town.PROCESS, limit=5).rows
        if cases:
            case, text = random.choice(cases).id, secrets.token_hex(6)
            self._do("comment", text, case, lambda: self.engine.comment(case, text, by=self.login))

    def upload(self) -> None:
        content = io.BytesIO(secrets.token_bytes(100))
        self._do("upload", "file", None, lambda: self.engine.attach("a.bin", "image/png", content, by=self.login))
        self.engine.files.sweep()

    # ---- what the machine does

    def tick(self) -> None:
        self.engine.run_due(limit=10)

    def send(self) -> None:
        self.engine.send(limit=5)

    def bring(self) -> None:
        """Import a file; a predecessor's first, if it was killed over it: some of its rows are in already."""
        path = self.folder / f"{self.login}.csv"
        if self._busy() and not path.exists():
            return
        if not path.exists():
            refs = [f"{self.login}-row-{secrets.token_hex(6)}" for _ in range(3)]
            for ref in refs:
                self.diary.write("got", "row", ref)
            draft = path.with_suffix(".draft")
            draft.write_text("\n".join(["ref", *refs]) + "\n")
            draft.rename(path)
        mapping = imports.read_mapping(self.folder / "map.toml")
        imports.load(self.engine, imports.open_table(path), mapping, town.PROCESS, by=town.CHIEF)
        path.unlink()


def unfinished(line: Line) -> bool:
    """Whether a `no` leaves open if the thing was done."""
    return line.kind == "no" and line.data == "died"


def engine_of(folder: Path, url: str, clock: Clock) -> Engine:
    """An engine of this process on the town's database."""
    settings = Settings(
        database=url, data=str(folder / "var"), secret_key="test" * 12, demo=False, upload_hours=1, tick=0.2
    )
    return Engine(url, clock, settings)
