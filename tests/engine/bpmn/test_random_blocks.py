"""Random block-structured diagrams with boundary events, event subprocesses, throws, compensation and multi-instance,
run with random events against a recursive interpreter of the blocks, which knows no tokens and no graph.

A diagram is nested tuples: ("U", id, borders, undo?) user task; ("M", id, sequential, n, borders) repeated user task;
("P", id, blocks) parallel; ("S", blocks) sequence; ("T", id, kind) throw; ("E", id) error end;
("B", id, body, borders, event subprocesses) subprocess; ("L", id, rounds) standard loop; ("H", id, sequential, tasks)
ad-hoc subprocess; ("G", id, [(catch, kind, task)]) event-based gateway; ("N", id, behaviour, n) multi-instance that
throws escalations; ("C", id, need, tasks) complex gateway, n of m. A border is (id, kind, interrupting, task behind).
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.diagrams import boundary, catch, diagram, element, end, event, loop, many, script, sub, throw, undo, user
from tests.engine.bpmn.cases import Case

Block = tuple[Any, ...]
Done = Callable[[], None]
TIMER = {"duration": "PT1H"}
RAISED = '<escalationEventDefinition id="raised" escalationRef="esc"/>'
LAST = (
    "<complexBehaviorDefinition><condition>=numberOfActiveInstances = 0</condition><event>"
    '<escalationEventDefinition escalationRef="esc"/></event></complexBehaviorDefinition>'
)


class Maker:
    """A random diagram."""

    def __init__(self, r: random.Random) -> None:
        self.r, self.n = r, 0

    def id(self, letter: str) -> str:
        self.n += 1
        return f"{letter}{self.n}"

    def borders(self, kinds: str) -> list[tuple[str, str, bool, str]]:
        chosen = [kind for kind in kinds.split() if self.r.random() < 0.25]
        return [(self.id("b"), k, k == "error" or self.r.random() < 0.5, self.id("uX")) for k in chosen]

    def subs(self) -> list[tuple[str, str, bool, str]]:
        chosen = [k for k in ["duration", "message", "signal", "error", "escalation"] if self.r.random() < 0.12]
        return [(self.id("V"), k, k == "error" or self.r.random() < 0.4, self.id("uW")) for k in chosen]

    def user(self) -> Block:
        return ("U", self.id("u"), self.borders("duration message signal"), self.r.random() < 0.4)

    def block(self, depth: int, errors: bool) -> Block:
        luck = self.r.random()
        if depth == 0 or luck < 0.22:
            return self.user()
        if luck < 0.3:
            return self.small()
        if luck < 0.4:
            return ("M", self.id("uM"), self.r.random() < 0.5, self.r.randint(1, 3), self.borders("duration signal"))
        if luck < 0.55:
            return ("P", self.id("P"), [self.block(depth - 1, errors) for _ in range(2)])
        if luck < 0.7:
            thrown = ("T", self.id("T"), self.r.choice(["signal", "escalation", "compensate"]))
            return ("S", [self.user(), thrown, self.block(depth - 1, errors)])
        if luck < 0.8:
            return ("S", [self.block(depth - 1, errors), self.block(depth - 1, errors)])
        return self.sub(depth, errors)

    def small(self) -> Block:
        """A block of user tasks only."""
        kind, tasks = self.r.choice("LHGNC"), [self.id("uT") for _ in range(self.r.randint(2, 3))]
        if kind == "L":
            return ("L", self.id("uL"), self.r.randint(1, 3))
        if kind == "H":
            return ("H", self.id("H"), self.r.random() < 0.5, tasks)
        if kind == "G":
            return ("G", self.id("E"), [(self.id("m"), k, self.id("uE")) for k in ("message", "signal", "duration")])
        if kind == "N":
            return ("N", self.id("uN"), self.r.choice(["None", "One", "Complex"]), self.r.randint(1, 3))
        return ("C", self.id("C"), self.r.randint(1, len(tasks)), tasks)

    def sub(self, depth: int, errors: bool) -> Block:
        borders, subs = self.borders("duration message signal error escalation"), self.subs()
        errors = errors or any(kind == "error" for _, kind, _, _ in borders + subs)
        body = [self.user(), self.block(depth - 1, errors)]
        if errors and self.r.random() < 0.4:
            body += [self.user(), ("E", self.id("E"))]
        return ("B", self.id("B"), ("S", body), borders, subs)


class Drawing:
    """Blocks as elements and flows of one scope."""

    def __init__(self) -> None:
        self.nodes: list[str] = []
        self.flows: list[str] = []

    def draw(self, block: Block) -> tuple[str, str]:
        """(first id, last id, '' when it ends)."""
        return getattr(self, f"_{block[0]}")(*block[1:])

    def whole(self, body: Block, subs: list[Any], name: str) -> tuple[str, list[str]]:
        first, last = self.draw(body)
        self.flows.append(f"s{name} -> {first}" + (f"; {last} -> e{name}" if last else ""))
        for id, kind, cut, task in subs:
            begin = element("startEvent", f"s{id}", event(kind, TIMER.get(kind, "")), isInterrupting=str(cut).lower())
            self.nodes.append(sub(id, f"s{id} -> {task} -> e{id}", begin, triggeredByEvent="true"))
        return ";".join(self.flows), self.nodes

    def _U(self, id: str, borders: list[Any], undone: bool) -> tuple[str, str]:
        self.nodes.append(user(id))
        if undone:
            self.nodes += [script(f"H{id}", isForCompensation="true"), undo(f"c{id}", id, f"H{id}")]
        return self._hosted(id, borders)

    def _M(self, id: str, sequential: bool, count: int, borders: list[Any]) -> tuple[str, str]:
        self.nodes.append(user(id, many(times=str(count), sequential=sequential)))
        return self._hosted(id, borders)

    def _L(self, id: str, rounds: int) -> tuple[str, str]:
        self.nodes.append(user(id, loop("true", rounds)))
        return id, id

    def _H(self, id: str, sequential: bool, tasks: list[str]) -> tuple[str, str]:
        ordering = "Sequential" if sequential else "Parallel"
        self.nodes.append(sub(id, "; ".join(tasks), tag="adHocSubProcess", ordering=ordering))
        return id, id

    def _G(self, id: str, events: list[Any]) -> tuple[str, str]:
        for name, kind, task in events:
            self.nodes.append(catch(name, kind, value=TIMER.get(kind, "")))
            self.flows.append(f"{id} -> {name} -> {task} -> X{id}")
        return id, f"X{id}"

    def _N(self, id: str, behavior: str, count: int) -> tuple[str, str]:
        named = {"None": ' noneBehaviorEventRef="raised"', "One": ' oneBehaviorEventRef="raised"'}.get(behavior, "")
        many_ = many(times=str(count)).replace(" isSequential", f' behavior="{behavior}"{named} isSequential')
        self.nodes.append(user(id, many_.replace("</multi", f"{LAST if behavior == 'Complex' else ''}</multi")))
        return id, id

    def _C(self, id: str, need: int, tasks: list[str]) -> tuple[str, str]:
        condition = f"<activationCondition>=activationCount >= {need}</activationCondition>"
        self.nodes.append(element("complexGateway", id, condition))
        self.flows += [f"A{id} -> {task} -> {id}" for task in tasks]
        return f"A{id}", id

    def _T(self, id: str, kind: str) -> tuple[str, str]:
        self.nodes.append(throw(id, kind))
        return id, id

    def _E(self, id: str) -> tuple[str, str]:
        self.nodes.append(end(id, "error"))
        return id, ""

    def _S(self, blocks: list[Block]) -> tuple[str, str]:
        ends = [self.draw(block) for block in blocks]
        self.flows += [f"{a[1]} -> {b[0]}" for a, b in itertools.pairwise(ends)]
        return ends[0][0], ends[-1][1]

    def _P(self, id: str, blocks: list[Block]) -> tuple[str, str]:
        split, joined = f"A{id}", f"AJ{id}"
        for block in blocks:
            first, last = self.draw(block)
            self.flows.append(f"{split} -> {first}; {last} -> {joined}")
        return split, joined

    def _B(self, id: str, body: Block, borders: list[Any], subs: list[Any]) -> tuple[str, str]:
        flows, nodes = Drawing().whole(body, subs, id)
        self.nodes.append(sub(id, flows, *nodes))
        return self._hosted(id, borders)

    def _hosted(self, id: str, borders: list[Any]) -> tuple[str, str]:
        merge = f"X{id}"
        self.flows.append(f"{id} -> {merge}")
        for border, kind, cut, task in borders:
            self.nodes.append(boundary(border, id, kind, TIMER.get(kind, ""), cut))
            self.flows.append(f"{border} -> {task}; {task} -> " + (merge if cut else f"e{task}"))
        return id, merge


# ---- the interpreter -------------------------------------------------------------------------------------------------


class Nothing:
    """What has already happened."""

    def cancel(self) -> None:
        pass


class Scope:
    """A process or subprocess: what runs in it, what can be undone, who listens."""

    def __init__(
        self, sim: Sim, body: Block, subs: list[Any], level: int, up: Scope | None, owner: Done, host: Any
    ) -> None:
        self.sim, self.level, self.up, self.owner, self.host = sim, level, up, owner, host
        self.runs: list[list[Any]] = []
        self.undo: list[Any] = []
        self.dead = False
        sim.n += 1
        self.n = sim.n
        for _, kind, cut, task in subs:
            sim.listen(self, kind, cut, lambda cut=cut, task=task: self.event(cut, task), self)
        self.begin(lambda done: sim.run(body, self, done))

    def begin(self, start: Callable[[Done], Any]) -> None:
        slot: list[Any] = [None]
        self.runs.append(slot)

        def done() -> None:
            self.runs[:] = [other for other in self.runs if other is not slot]
            if not self.runs and not self.dead:
                self.dead = True
                self.sim.unlisten(self)
                self.owner()

        slot[0] = start(done) or Nothing()

    def event(self, cut: bool, task: str) -> None:
        if cut:
            self.stop(False)
        self.begin(lambda done: Task(self.sim, task, done))

    def stop(self, dead: bool = True) -> None:
        for slot in list(self.runs):
            if slot[0]:
                slot[0].cancel()
        self.runs, self.dead = [], dead
        self.sim.unlisten(self)

    cancel = stop


class Task:
    """An open user task."""

    def __init__(self, sim: Sim, name: str, done: Done) -> None:
        self.sim, self.name, self.done = sim, name, done
        sim.open.append(self)

    def finish(self) -> None:
        self.sim.open.remove(self)
        self.done()

    def cancel(self) -> None:
        if self in self.sim.open:
            self.sim.open.remove(self)


class Group:
    """Several things at once."""

    def __init__(self) -> None:
        self.all: list[Any] = []

    def cancel(self) -> None:
        for one in self.all:
            one.cancel()


class Waiting:
    """What listens as long as nothing has happened."""

    def __init__(self, sim: Sim, owner: Any) -> None:
        self.sim, self.owner = sim, owner

    def cancel(self) -> None:
        self.sim.unlisten(self.owner)


class Host:
    """An activity with borders."""

    at: Any = None

    def __init__(
        self, sim: Sim, borders: list[Any], scope: Scope, done: Done, make: Callable[[Host, Done], Any]
    ) -> None:
        self.sim, self.scope, self.done = sim, scope, done
        for _, kind, cut, task in borders:
            sim.listen(scope, kind, cut, lambda cut=cut, task=task: self.hit(cut, task), self)
        self.at = make(self, self.end)

    def end(self) -> None:
        self.sim.unlisten(self)
        self.done()

    def hit(self, cut: bool, task: str) -> None:
        if not cut:
            self.scope.begin(lambda done: Task(self.sim, task, done))
            return
        self.sim.unlisten(self)
        self.at.cancel()
        self.at = Task(self.sim, task, self.done)

    def cancel(self) -> None:
        self.sim.unlisten(self)
        self.at.cancel()


class Sim:
    """The whole case."""

    def __init__(self, body: Block, subs: list[Any]) -> None:
        self.open: list[Task] = []
        self.listeners: list[dict[str, Any]] = []
        self.now = self.n = 0
        self.undone: list[str] = []
        self.ended = self.stopped = False
        self.thrower: Scope | None = None
        Scope(self, body, subs, 0, None, self.end, None)

    def end(self) -> None:
        self.ended = True

    # ---- listening

    def listen(self, scope: Scope, kind: str, cut: bool, act: Done, owner: Any) -> None:
        self.n += 1
        listener = {"scope": scope, "kind": kind, "cut": cut, "act": act, "owner": owner, "n": self.n}
        self.listeners.append({**listener, "due": self.now + 60})

    def unlisten(self, owner: Any) -> None:
        self.listeners = [one for one in self.listeners if one["owner"] is not owner]

    def ordered(self, kind: str) -> list[dict[str, Any]]:
        found = [one for one in self.listeners if one["kind"] == kind]
        return sorted(found, key=lambda one: (one["scope"].level, one["scope"].n, one["n"]))

    def fire(self, listener: dict[str, Any]) -> None:
        if listener["cut"] and self.thrower is not None:
            scope: Scope | None = self.thrower
            while scope is not None:
                if scope is listener["owner"] or (scope.host is not None and scope.host is listener["owner"]):
                    self.stopped = True  # a thrower that is interrupted by what it threw does not go on
                scope = scope.up
        listener["act"]()
        if not listener["cut"] and listener["kind"] == "duration":
            self.listeners = [one for one in self.listeners if one is not listener]

    def _all(self, listeners: list[dict[str, Any]]) -> None:
        for listener in listeners:
            if any(one is listener for one in self.listeners):
                self.fire(listener)

    # ---- events

    def signal(self) -> None:
        self._all(self.ordered("signal"))

    def message(self) -> None:
        self.fire(self.ordered("message")[0])

    def wait(self, minutes: int) -> None:
        self.now += minutes
        self._all([one for one in self.ordered("duration") if one["due"] <= self.now])

    def climb(self, kind: str, scope: Scope | None) -> None:
        while scope is not None:
            own = [x for x in self.listeners if x["kind"] == kind and scope.host and x["owner"] is scope.host]
            found = [x for x in self.listeners if x["kind"] == kind and x["owner"] is scope] or own
            if found:
                self.fire(found[0])
                return
            scope = scope.up

    # ---- blocks

    def run(self, block: Block, scope: Scope, done: Done) -> Any:
        return getattr(self, f"_{block[0]}")(scope, done, *block[1:])

    def _U(self, scope: Scope, done: Done, id: str, borders: list[Any], undone: bool) -> Any:
        def make(host: Host, end: Done) -> Task:
            def ended() -> None:
                if undone:
                    scope.undo.append(f"H{id}")
                end()

            return Task(self, id, ended)

        return Host(self, borders, scope, done, make)

    def _M(self, scope: Scope, done: Done, id: str, sequential: bool, count: int, borders: list[Any]) -> Any:
        group, left = Group(), [count]

        def make(host: Host, end: Done) -> Group:
            def one() -> None:
                left[0] -= 1
                if not left[0]:
                    end()
                elif sequential:
                    group.all = [Task(self, id, one)]

            group.all = [Task(self, id, one) for _ in range(1 if sequential else count)]
            return group

        return Host(self, borders, scope, done, make)

    def _L(self, scope: Scope, done: Done, id: str, rounds: int) -> Any:
        return self._line([id] * rounds, done)

    def _H(self, scope: Scope, done: Done, id: str, sequential: bool, tasks: list[str]) -> Any:
        return self._line(tasks, done) if sequential else self._all_of(tasks, done)

    def _line(self, tasks: list[str], done: Done) -> Group:
        """One task after the other."""
        group, left = Group(), list(tasks)

        def one() -> None:
            if not left:
                done()
            else:
                group.all = [Task(self, left.pop(0), one)]

        one()
        return group

    def _all_of(self, tasks: list[str], done: Done, each: Callable[[int], bool] = lambda left: True) -> Group:
        """All tasks at once; `each` may say that nothing goes on."""
        group, left = Group(), [len(tasks)]

        def one() -> None:
            left[0] -= 1
            if each(left[0]) and not left[0]:
                done()

        group.all = [Task(self, task, one) for task in tasks]
        return group

    def _G(self, scope: Scope, done: Done, id: str, events: list[Any]) -> Any:
        group = Group()

        def caught(task: str) -> None:
            self.unlisten(group)
            group.all = [Task(self, task, done)]

        group.all = [Waiting(self, group)]
        for _, kind, task in events:
            self.listen(scope, kind, False, lambda task=task: caught(task), group)
        return group

    def _N(self, scope: Scope, done: Done, id: str, behavior: str, count: int) -> Any:
        def each(left: int) -> bool:
            if behavior == "None" or left == (count - 1 if behavior == "One" else 0):
                self.thrower, self.stopped = scope, False
                self.climb("escalation", scope)
                self.thrower = None
                return not self.stopped
            return True

        return self._all_of([id] * count, done, each)

    def _C(self, scope: Scope, done: Done, id: str, need: int, tasks: list[str]) -> Any:
        """The rest runs on in the scope: what arrives later is swallowed."""
        arrived = [0]

        def one(gone: Done) -> None:
            arrived[0] += 1
            if arrived[0] == need:
                done()
            gone()

        for task in tasks:
            scope.begin(lambda gone, task=task: Task(self, task, lambda: one(gone)))
        return Nothing()

    def _T(self, scope: Scope, done: Done, id: str, kind: str) -> Any:
        self.thrower, self.stopped = scope, False
        if kind == "signal":
            self.signal()
        elif kind == "escalation":
            self.climb("escalation", scope)
        else:
            self._flat(scope.undo)
            scope.undo.clear()
        self.thrower = None
        if not self.stopped:
            done()
        return Nothing()

    def _flat(self, kept: list[Any]) -> None:
        for one in reversed(kept):
            if isinstance(one, list):
                self._flat(one)
            else:
                self.undone.append(one)

    def _E(self, scope: Scope, done: Done, id: str) -> Any:
        self.climb("error", scope)
        return Nothing()

    def _S(self, scope: Scope, done: Done, blocks: list[Block]) -> Any:
        group = Group()
        turn = [0]

        def next_one(i: int) -> None:
            if i == len(blocks):
                done()
                return
            turn[0] = i
            running = self.run(blocks[i], scope, lambda: next_one(i + 1))
            if turn[0] == i:
                group.all = [running]

        next_one(0)
        return group

    def _P(self, scope: Scope, done: Done, id: str, blocks: list[Block]) -> Any:
        group, left = Group(), [len(blocks)]

        def one() -> None:
            left[0] -= 1
            if not left[0]:
                done()

        group.all = [self.run(block, scope, one) for block in blocks]
        return group

    def _B(self, scope: Scope, done: Done, id: str, body: Block, borders: list[Any], subs: list[Any]) -> Any:
        def make(host: Host, end: Done) -> Scope:
            inner: list[Scope] = []

            def closed() -> None:
                if inner[0].undo:
                    scope.undo.append(inner[0].undo)
                end()

            made = Scope.__new__(Scope)
            inner.append(made)
            made.__init__(self, body, subs, scope.level + 1, scope, closed, host)  # type: ignore[misc]
            return made

        return Host(self, borders, scope, done, make)


# ---- both together ---------------------------------------------------------------------------------------------------


def begin(seed: int) -> tuple[Case, Sim, random.Random]:
    r = random.Random(seed)
    maker = Maker(r)
    subs = maker.subs()
    middle = maker.sub(3, False) if r.random() < 0.7 else maker.block(3, False)
    body = [maker.user(), middle, maker.block(2, False)]
    if r.random() < 0.5:
        body.append(("T", maker.id("T"), "compensate"))
    flows, nodes = Drawing().whole(("S", body), subs, "p")
    return Case(diagram(flows, *nodes, top=RAISED), twice=seed % 3 == 0), Sim(("S", body), subs), r


def happen(case: Case, sim: Sim, r: random.Random) -> None:
    """One random event, told to both."""
    luck = r.random()
    names = sorted(task.name for task in sim.open)
    listening = sim.ordered("message")
    if luck < 0.1:
        sim.signal()
        case.signal()
    elif luck < 0.2:
        # which of two subscriptions of one level gets the message is a rule of the commands, not one to test here
        if listening and [one["scope"].level for one in listening].count(listening[0]["scope"].level) == 1:
            sim.message()
            case.message()
    elif luck < 0.3:
        minutes = r.choice((20, 61))
        sim.wait(minutes)
        case.hours(minutes / 60)
    elif names:
        name = r.choice(names)
        next(task for task in sim.open if task.name == name).finish()
        case.do(name)


def compare(case: Case, sim: Sim) -> None:
    assert case.open.split() == sorted(task.name for task in sim.open)
    assert [node for node in case.ran().split() if node.startswith("Hu")] == sim.undone
    assert case.done == sim.ended and not case.troubles


@pytest.mark.parametrize("part", range(10))
def test_random_diagrams_with_random_events(part: int) -> None:
    for seed in range(part * 25, part * 25 + 25):
        case, sim, r = begin(seed)
        for _ in range(40):
            if sim.ended:
                break
            happen(case, sim, r)
            compare(case, sim)
