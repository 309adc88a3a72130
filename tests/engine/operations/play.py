"""One cell of the suite being played: a case brought to its task, words for acting on it, and what must hold after.

Owns the cast (li has the task, zhao started the case and did the steps before, qian is asked in, chief may operate) and
`settle`: after an operation everything is sound, then the case is played to its end.
"""

from __future__ import annotations

from typing import Any

from engine import Engine
from engine.clock import ManualClock
from engine.errors import LinliError
from engine.records import Entry, WorkItem
from tests.engine.operations.shapes import SIGNERS, Shape, Task

CAST = ("zhao", "li", "wang", "sun", "ma", "deng", "qian")
REASON = "材料不全"


def populate(engine: Engine) -> None:
    """Two units, the cast at the lower one, a chief at each."""
    engine.people.put_unit("street", name="街道")
    engine.people.put_unit("grid", name="网格", parent="street")
    for login in CAST:
        engine.people.put(login, name=login, home_unit="grid", posts=[("desk", "grid"), ("start", "grid")])
    engine.people.put("xu", name="xu", home_unit="grid", posts=[("desk", "grid"), ("leader", "grid")])
    posts = [("operate", "street"), ("people:write", "street"), ("leader", "street")]
    engine.people.put("chief", name="chief", home_unit="street", posts=posts)


class Play:
    """A case at the task `u`."""

    def __init__(self, engine: Engine, clock: ManualClock, shape: Shape, key: str, task: Task) -> None:
        self.engine, self.clock, self.shape, self.key, self.task = engine, clock, shape, key, task
        self.several = shape.several or task.several
        self.case = 0

    def deploy(self) -> None:
        """Publish the cell's diagram."""
        self.engine.deploy(self.shape.files(self.key, self.task), by="")

    def begin(self, **variables: Any) -> Play:
        """Start the case and do the steps before."""
        self.deploy()
        data = {"unit": "grid", "signers": list(SIGNERS), **variables}
        self.case = self.engine.start(self.key, data, by="zhao").id
        for node in ("u1", "u2"):
            self.clock.advance(minutes=1)
            self.engine.complete(self.at(node)[0].id, {}, by="zhao")
        self.clock.advance(minutes=1)
        return self

    # ---- looking

    @property
    def family(self) -> list[int]:
        """The case and those it called."""
        return [self.case, *(child.id for child in self.engine.children(self.case))]

    def open(self) -> list[WorkItem]:
        return [item for case in self.family for item in self.engine.work_items(instance=case)]

    def at(self, node: str) -> list[WorkItem]:
        """Open tasks at an element."""
        return [item for item in self.open() if item.node_id == node]

    def nodes(self) -> list[str]:
        return sorted({item.node_id for item in self.open()})

    def who(self, node: str = "u") -> list[str]:
        """Who has the tasks at an element."""
        return sorted(item.assignee for item in self.at(node))

    def of(self, login: str, node: str = "u") -> WorkItem:
        """Somebody's one task at an element."""
        [found] = [item for item in self.at(node) if item.assignee == login]
        return found

    def lines(self, event: str) -> list[Entry]:
        return [entry for case in self.family for entry in self.engine.journal(case) if entry.event == event]

    def said(self, event: str, actor: str, **data: Any) -> None:
        """The last line of this kind says who did it, when, and these details."""
        line = self.lines(event)[-1]
        assert line.actor == actor and line.at == self.clock.now(), line
        assert {name: line.data.get(name) for name in data} == data, line

    def told(self, login: str, word: str) -> None:
        """The newest notice of somebody begins with this."""
        assert self.engine.notices(login)[0].subject.startswith(f"【{word}】"), self.engine.notices(login)[0]

    def value(self, name: str) -> Any:
        """A variable of the case, or of the one it called."""
        found = [self.engine.instance(case).variables for case in reversed(self.family)]
        return next((seen[name] for seen in found if name in seen), None)

    # ---- acting

    def do(self, login: str, node: str = "u", **data: Any) -> None:
        """Somebody completes their task."""
        self.clock.advance(minutes=1)
        self.engine.complete(self.of(login, node).id, data, by=login)

    def refused(self, kind: type[LinliError], act: Any) -> str:
        """The act is refused, and says so; nothing is written."""
        before = [len(self.engine.journal(case)) for case in self.family]
        try:
            act()
        except kind as problem:
            assert [len(self.engine.journal(case)) for case in self.family] == before
            assert problem.text("en") and problem.text("zh") != problem.text("en")
            return problem.text("zh")
        raise AssertionError(f"not refused: {kind.__name__}")

    def all_sign(self, agreed: bool = True) -> None:
        """Whoever has a task at `u` does it."""
        while waiting := [item for item in self.at("u") if not item.held]:
            self.clock.advance(minutes=1)
            item = waiting[0]
            by = item.assignee or item.candidates[0]
            self.engine.complete(item.id, {"agreed": agreed}, by=by)
            if item.assignee and by != item.assignee:
                return

    def sound(self) -> None:
        """Tokens, rows and journal agree; timers hang on open tasks, each with its own."""
        assert self.engine.doctor(self.case) == []
        for case in self.family:
            items = {item.id for item in self.engine.work_items(instance=case)}
            timers = self.engine.timers(instance=case)
            assert all(timer.work_item_id in items for timer in timers if timer.work_item_id), timers
            if self.shape.key == "timers":
                reminded = {timer.work_item_id for timer in timers if timer.kind == "reminder"}
                assert {item.id for item in self.at("u") if item.due_at > self.clock.now()} <= reminded

    def settle(self) -> None:
        """Everything is sound now, and still when the case has been played to its end."""
        self.sound()
        for _ in range(40):
            waiting = [item for item in self.open() if not item.held]
            if not waiting:
                break
            item = waiting[0]
            by = item.assignee or item.candidates[0]
            self.clock.advance(minutes=1)
            self.engine.complete(item.id, {"agreed": True}, by=by)
        assert self.engine.instance(self.case).status == "completed", self.nodes()
        assert self.engine.doctor(self.case) == [] and self.engine.timers(instance=self.case) == []
