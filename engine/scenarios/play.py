"""Playing a scenario: given people, when steps, then expectations, on the real engine with a clock that the steps move.

Owns one play, on a scratch engine of its own; nothing of it reaches the engine it was asked of. A problem is a sentence
in both languages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine import calendars
from engine.clock import ManualClock, as_utc, in_zone
from engine.errors import InvalidFile, LinliError, Said
from engine.expressions import feel
from engine.facade import Engine
from engine.playback import Stuck, run_until
from engine.records import WorkItem
from engine.scenarios.expecting import CHECKS
from engine.scenarios.files import ACTIONS, Scenario

ROUNDS = 1000  # ticks at one instant before a scenario is said to run in circles
Visited = tuple[str, str]  # process, element


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a scenario. `problems`: one sentence for each expectation that did not hold; empty = it passed.
    `visited`: the elements that its cases went through, as far as it came."""

    scenario: Scenario
    problems: tuple[Said, ...]
    visited: frozenset[Visited] = frozenset()

    @property
    def passed(self) -> bool:
        """Whether everything came as expected."""
        return not self.problems


def run(engine: Engine, scenario: Scenario) -> Outcome:
    """Play a scenario on a scratch engine with this engine's definitions. Raises nothing for what it got wrong."""
    clock = ManualClock(scenario.start)
    scratch = engine.scratch(clock)
    try:
        problems = tuple(_Play(scratch, clock, scenario).all())
        return Outcome(scenario, problems, visited(scratch))
    finally:
        scratch.close()


def visited(engine: Engine) -> frozenset[Visited]:
    """Every element that the cases of an engine went through."""
    found: set[Visited] = set()
    offset, more = 0, True
    while more:
        page = engine.instances(status=None, limit=500, offset=offset)
        for case in page.rows:
            found |= {(case.process_key, node) for node, _ in engine.trace(case.id) if node}
        offset, more = offset + 500, len(page.rows) == 500
    return frozenset(found)


@dataclass(slots=True)
class _Play:
    """A scenario being played: its named cases and register rows. `last`: the case started last."""

    engine: Engine
    clock: ManualClock
    scenario: Scenario
    cases: dict[str, int] = field(default_factory=dict)
    rows: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    last: int = 0

    def all(self) -> Iterable[Said]:
        """Play every step, then look the database over; the problems. The first step that fails ends the play: what
        follows would only mislead."""
        problem = self.refused(self.people)
        if problem is not None:
            yield _labelled("人员与单位", "people and units", problem)
            return
        for number, step in enumerate(self.scenario.steps, 1):
            zh, en = (f"（{step['note']}）", f" ({step['note']})") if "note" in step else ("", "")
            found = [_labelled(f"第 {number} 步{zh}", f"step {number}{en}", said) for said in self.step(step)]
            yield from found
            if found:
                return
        for one in self.engine.doctor():
            yield Said(f"检查数据：{one.text}", f"doctor: {one.code} in case {one.instance}: {one.text}")

    def step(self, step: Mapping[str, Any]) -> list[Said]:
        """Do a step and look at what it expects."""
        problem = self.refused(lambda: self.act(step))
        if problem is not None:
            return [] if step.get("refused") == problem.code else [_told(problem)]
        if "refused" in step:
            wanted = step["refused"]
            return [Said(f"应当被拒绝（{wanted}），却办成了", f"expected the refusal {wanted}, but it was done")]
        found: list[Said] = []
        problem = self.refused(lambda: found.extend(self.check(step.get("expect", {}))))
        return found if problem is None else [_told(problem)]

    def refused(self, act: Callable[[], None]) -> LinliError | None:
        """Why something could not be done; also when the file says it in a way that nothing can be made of."""
        try:
            act()
        except LinliError as problem:
            return problem
        except (TypeError, KeyError, ValueError, AttributeError, Stuck) as problem:
            wrong = Said(f"写法不对（{problem}）", f"it is not written as it should be ({problem})")
            return InvalidFile(name=self.scenario.file, reason=wrong)
        return None

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
        for action in ACTIONS:
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
            no_row = Said(f"台账 {step['find']} 里没有这样的行", f"no such row in {step['find']}")
            raise InvalidFile(name=self.scenario.file, reason=no_row)
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
        rest = Said("流程停不下来", "the engine does not come to rest")
        raise InvalidFile(name=self.scenario.file, reason=rest)

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
            there = self.open_nodes()
            no_task = Said(f"“{node}”没有待办任务，现有：{there}", f"no open task at {node}; open: {there}")
            raise InvalidFile(name=self.scenario.file, reason=no_task)
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

    def check(self, expect: Mapping[str, Any]) -> Iterable[Said]:
        """One sentence for each thing that is not as expected. Incidents are never expected unless said so."""
        for name, wanted in {"incidents": 0, **expect}.items():
            check = CHECKS.get(name)
            if check is None:
                unknown = Said(f"不认识的期望“{name}”", f"unknown expectation {name}")
                raise InvalidFile(name=self.scenario.file, reason=unknown)
            yield from check(self, wanted, self.cases.get(str(expect.get("case")), self.last))

    def open_nodes(self) -> list[str]:
        return sorted(item.node_id for item in self.engine.work_items(status="open", limit=10_000))


def _labelled(zh: str, en: str, problem: Said | LinliError) -> Said:
    said = problem if isinstance(problem, Said) else _told(problem)
    return Said(f"{zh}：{said.zh}", f"{en}: {said.en}")


def _told(problem: LinliError) -> Said:
    return Said(problem.text("zh"), f"{problem.code}: {problem.text('en')}")
