"""A pack's scenarios: given people, when steps, then expectations, run on the real engine with a clock that they move.

Owns the TOML of scenarios/*.toml (contracts.md) and its runner. Every scenario gets a scratch engine with the same
definitions; nothing of it reaches the engine it was asked of. Knows no process, role or register by name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from engine import calendars
from engine.clock import ManualClock, as_utc, in_zone
from engine.errors import InvalidFile, LinliError
from engine.expressions import feel
from engine.facade import Engine
from engine.playback import run_until
from engine.records import WorkItem

ROUNDS = 1000  # ticks at one instant before a scenario is said to run in circles
_ACTIONS = ("start", "complete", "claim", "message", "signal", "wait", "until", "insert", "find")
_KEYS = frozenset(
    (*_ACTIONS, "by", "with", "key", "case", "as", "where", "process", "times", "refused", "note", "expect")
)
_HEAD = frozenset(("title", "start", "units", "people", "step"))


@dataclass(frozen=True, slots=True)
class Scenario:
    """One file. `start`: naive UTC. `steps`: as written, checked for unknown keys."""

    file: str
    title: str
    start: datetime
    units: tuple[Mapping[str, Any], ...]
    people: tuple[Mapping[str, Any], ...]
    steps: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a scenario. `problems`: one sentence for each expectation that did not hold; empty = it passed."""

    scenario: Scenario
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether everything came as expected."""
        return not self.problems


def read(path: Path) -> Scenario:
    """A scenario file. InvalidFile when it is no TOML, lacks a title or start, or has a key nobody knows."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise InvalidFile(name=path.name, reason=str(problem)) from problem
    steps = raw.get("step", [])
    unknown = (set(raw) - _HEAD) | {key for step in steps for key in set(step) - _KEYS}
    if unknown:
        raise InvalidFile(name=path.name, reason=f"unknown: {', '.join(sorted(unknown))}")
    for number, step in enumerate(steps, 1):
        if sum(action in step for action in _ACTIONS) > 1:
            raise InvalidFile(name=path.name, reason=f"step {number} does more than one thing")
    start = raw.get("start")
    start = datetime.fromisoformat(start) if isinstance(start, str) else start
    if not raw.get("title") or not isinstance(start, datetime) or start.tzinfo is None:
        raise InvalidFile(name=path.name, reason="it needs a title and a start with an offset")
    groups = (tuple(raw.get("units", ())), tuple(raw.get("people", ())), tuple(steps))
    return Scenario(path.name, raw["title"], as_utc(start), *groups)


def of_pack(folder: Path) -> list[Scenario]:
    """The scenarios of a pack's folder, by file name."""
    return [read(path) for path in sorted((folder / "scenarios").glob("*.toml"))]


def run(engine: Engine, scenario: Scenario) -> Outcome:
    """Play a scenario on a scratch engine with this engine's definitions. Raises nothing for what it got wrong."""
    clock = ManualClock(scenario.start)
    scratch = engine.scratch(clock)
    try:
        return Outcome(scenario, tuple(_Play(scratch, clock, scenario).all()))
    finally:
        scratch.close()


@dataclass(slots=True)
class _Play:
    """A scenario being played: its named cases and register rows. `last`: the case started last."""

    engine: Engine
    clock: ManualClock
    scenario: Scenario
    cases: dict[str, int] = field(default_factory=dict)
    rows: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    last: int = 0

    def all(self) -> Iterable[str]:
        """Play every step, then look the database over; the problems. The first step that fails ends the play: what
        follows would only mislead."""
        self.people()
        for number, step in enumerate(self.scenario.steps, 1):
            label = f"step {number}{' (' + step['note'] + ')' if 'note' in step else ''}"
            try:
                self.act(step)
            except LinliError as problem:
                if step.get("refused") == problem.code:
                    continue
                yield f"{label}: {problem.code}: {problem.text('zh')}"
                return
            if "refused" in step:
                yield f"{label}: expected the refusal {step['refused']}, but it was done"
                return
            found = [f"{label}: {text}" for text in self.check(step.get("expect", {}))]
            yield from found
            if found:
                return
        yield from (f"doctor: {one.code} in case {one.instance}: {one.text}" for one in self.engine.doctor())

    def people(self) -> None:
        for unit in self.scenario.units:
            self.engine.people.put_unit(**unit)
        for person in self.scenario.people:
            posts = [tuple(post) for post in person.get("posts", ())]
            skills = [one if isinstance(one, str) else tuple(one) for one in person.get("skills", ())]
            self.engine.people.put(**{**person, "posts": posts, "skills": skills})

    # ---- when

    def act(self, step: Mapping[str, Any]) -> None:
        """Do one step, then let the engine settle at this instant."""
        for action in _ACTIONS:
            if action in step:
                getattr(self, f"do_{action}")(step)
        self.settle()

    def do_start(self, step: Mapping[str, Any]) -> None:
        case = self.engine.start(step["start"], self.value(step.get("with", {})), by=step.get("by", ""))
        self.last = case.id
        self.cases[step.get("as", step["start"])] = case.id

    def do_complete(self, step: Mapping[str, Any]) -> None:
        for _ in range(int(step.get("times", 1))):
            item = self.item(step["complete"], step)
            self.engine.complete(item.id, self.value(step.get("with", {})), by=self.who(item, step))
            self.settle()

    def do_claim(self, step: Mapping[str, Any]) -> None:
        item = self.item(step["claim"], step)
        self.engine.claim(item.id, by=self.who(item, step))

    def do_message(self, step: Mapping[str, Any]) -> None:
        key = self.value(step["key"]) if "key" in step else None
        self.engine.publish_message(step["message"], self.value(step.get("with", {})), key=key)

    def do_signal(self, step: Mapping[str, Any]) -> None:
        self.engine.broadcast_signal(step["signal"], self.value(step.get("with", {})))

    def do_insert(self, step: Mapping[str, Any]) -> None:
        self.engine.register(step["insert"]).insert(self.value(step.get("with", {})), by=step.get("by", ""))

    def do_find(self, step: Mapping[str, Any]) -> None:
        """Remember the newest row of a register by a name, so that later steps can speak of it."""
        rows = list(self.engine.register(step["find"]).rows(where=self.value(step.get("where", {}))))
        if not rows:
            raise InvalidFile(name=self.scenario.file, reason=f"no such row in {step['find']}")
        self.rows[step.get("as", step["find"])] = rows[0]

    def do_wait(self, step: Mapping[str, Any]) -> None:
        """A length of natural time."""
        plain = calendars.Rules(zone=self.engine.settings.timezone)
        run_until(self.engine, self.clock, calendars.add(plain, self.clock.now(), step["wait"])[0])

    def do_until(self, step: Mapping[str, Any]) -> None:
        """To an instant, with an offset."""
        moment = step["until"]
        run_until(self.engine, self.clock, datetime.fromisoformat(moment) if isinstance(moment, str) else moment)

    def settle(self) -> None:
        """Tick until nothing is left to do at this instant."""
        for _ in range(ROUNDS):
            if not self.engine.run_due():
                return
        raise InvalidFile(name=self.scenario.file, reason="the engine does not come to rest")

    # ---- what a step refers to

    def item(self, node: str, step: Mapping[str, Any]) -> WorkItem:
        """The oldest open work item meant: at the node, of the named case and its children, process and person."""
        return min(self.items(node, step), key=lambda item: (item.created_at, item.id))

    def items(self, node: str, step: Mapping[str, Any]) -> list[WorkItem]:
        root = self.cases[step["case"]] if "case" in step else None
        found = [
            item
            for item in self.engine.work_items(status="open", limit=10_000)
            if item.node_id == node
            and step.get("process", item.process_key) == item.process_key
            and (root is None or root in (item.instance_id, self.engine.instance(item.instance_id).root_id))
        ]
        mine = [item for item in found if step.get("by") in (item.assignee, *item.candidates)]
        if not (mine or found):
            raise InvalidFile(name=self.scenario.file, reason=f"no open task at {node}; open: {self.open_nodes()}")
        return mine or found

    def who(self, item: WorkItem, step: Mapping[str, Any]) -> str:
        return str(step.get("by", item.assignee or next(iter(item.candidates), "")))

    def value(self, written: Any) -> Any:
        """A value as written; text that begins with '=' is FEEL over the named cases (their variables, and
        `case.id`) and the named rows."""
        if isinstance(written, str) and written.startswith("="):
            cases = {name.replace("-", "_"): self.variables(case) for name, case in self.cases.items()}
            return feel.evaluate(
                written[1:], {**cases, **self.rows}, now=self.clock.now(), zone=self.engine.settings.timezone
            )
        if isinstance(written, Mapping):
            return {key: self.value(one) for key, one in written.items()}
        if isinstance(written, list):
            return [self.value(one) for one in written]
        if isinstance(written, datetime) and written.tzinfo is None:
            return in_zone(as_utc(written.replace(tzinfo=self.engine.settings.timezone)), self.engine.settings.timezone)
        return written

    def variables(self, case: int) -> dict[str, Any]:
        return {**self.engine.instance(case).variables, "case": {"id": str(case)}}

    # ---- then

    def check(self, expect: Mapping[str, Any]) -> Iterable[str]:
        """One sentence for each thing that is not as expected. Incidents are never expected unless said so."""
        for name, wanted in {"incidents": 0, **expect}.items():
            check = _CHECKS.get(name)
            if check is None:
                raise InvalidFile(name=self.scenario.file, reason=f"unknown expectation {name}")
            if name not in ("case",):
                yield from check(self, wanted, self.cases.get(str(expect.get("case")), self.last))

    def open_nodes(self) -> list[str]:
        return sorted(item.node_id for item in self.engine.work_items(status="open", limit=10_000))


def _same(what: str, wanted: Any, found: Any) -> Iterable[str]:
    if wanted != found:
        yield f"{what}: expected {wanted!r}, found {found!r}"


def _open(play: _Play, wanted: list[str], case: int) -> Iterable[str]:
    yield from _same("open tasks", sorted(wanted), play.open_nodes())


def _has_open(play: _Play, wanted: list[str], case: int) -> Iterable[str]:
    missing = sorted(set(wanted) - set(play.open_nodes()))
    if missing:
        yield f"open tasks: {missing} are missing, found {play.open_nodes()}"


def _status(play: _Play, wanted: str, case: int) -> Iterable[str]:
    yield from _same("status", wanted, play.engine.instance(case).status)


def _variables(play: _Play, wanted: Mapping[str, Any], case: int) -> Iterable[str]:
    variables = play.engine.instance(case).variables
    for name, value in wanted.items():
        yield from _same(f"variable {name}", play.value(value), variables.get(name))


def _notices(play: _Play, wanted: Mapping[str, int], case: int) -> Iterable[str]:
    for login, count in wanted.items():
        yield from _same(f"notices of {login}", count, len(play.engine.notices(login)))


def _told(play: _Play, wanted: Mapping[str, str], case: int) -> Iterable[str]:
    for login, part in wanted.items():
        subjects = [notice.subject for notice in play.engine.notices(login)]
        if not any(part in subject for subject in subjects):
            yield f"notices of {login}: none says {part!r}: {subjects}"


def _trace(play: _Play, wanted: list[str], case: int) -> Iterable[str]:
    trace = {f"{line.node_id} {line.event}" for line in play.engine.journal(case)}
    yield from (f"trace: no {line!r}" for line in wanted if line not in trace)


def _never(play: _Play, wanted: list[str], case: int) -> Iterable[str]:
    trace = {f"{line.node_id} {line.event}" for line in play.engine.journal(case)}
    yield from (f"trace: {line!r} should not be there" for line in wanted if line in trace)


def _registers(play: _Play, wanted: Mapping[str, Mapping[str, Any]], case: int) -> Iterable[str]:
    """Per register: `count`, `where` (a filter), and `has` (values of the newest row found)."""
    for name, asked in wanted.items():
        rows = list(play.engine.register(name).rows(where=play.value(asked.get("where", {}))))
        if "count" in asked:
            yield from _same(f"rows of {name}", asked["count"], len(rows))
        for key, value in asked.get("has", {}).items():
            yield from _same(f"{name}.{key}", play.value(value), rows[0].get(key) if rows else "no row")


def _incidents(play: _Play, wanted: int, case: int) -> Iterable[str]:
    found = play.engine.incidents()
    if len(found) != wanted:
        texts = [f"{one.process_key}/{one.node_id}: {one.message}" for one in found]
        yield f"incidents: expected {wanted}, found {len(found)}: {'; '.join(texts)}"


def _nothing(play: _Play, wanted: Any, case: int) -> Iterable[str]:
    return ()


_CHECKS: dict[str, Callable[[_Play, Any, int], Iterable[str]]] = {
    "case": _nothing,
    "open": _open,
    "has_open": _has_open,
    "status": _status,
    "variables": _variables,
    "notices": _notices,
    "told": _told,
    "trace_has": _trace,
    "trace_has_not": _never,
    "register": _registers,
    "incidents": _incidents,
}
