"""Random unstructured graphs (all gateways, completion quantities, cycles) against an independent token game.

The game knows only flows with token counts and decides an inclusive join straight from the definition: it enumerates,
for every token elsewhere, the flows on paths from it that avoid the gateway. It shares no code with the engine, which
is saved and loaded between every two steps; both take the same random step; tokens, arrivals and the end must agree.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import bpmn
from engine.bpmn import state as codec
from engine.bpmn import steps
from engine.bpmn.model import Begin
from engine.bpmn.tokens import ERROR, READY
from tests.diagrams import diagram, element
from tests.engine.bpmn.cases import World

Graph = list[tuple[str, str]]
MANY = 2  # tokens that a node of kind k lets out


def make(r: random.Random) -> Graph:
    """Flows between s, 4-9 nodes and e; the first letter is the kind, the digit decides a complex gateway's need."""
    nodes = [r.choice("XAOOCttk") + str(i) for i in range(r.randint(4, 9))]
    flows = [("s", nodes[0])]
    for i, node in enumerate(nodes):
        for _ in range(r.choice([1, 1, 2, 2, 3]) if node[0] not in "tk" else 1):
            back = r.random() < 0.15
            flows.append((node, r.choice(nodes[: i + 1] if back else [*nodes[i + 1 :], "e"])))
    seen, todo = {"s"}, ["s"]
    while todo:
        at = todo.pop()
        fresh = {b for a, b in flows if a == at} - seen
        seen |= fresh
        todo += fresh
    return [flow for flow in flows if flow[0] in seen]


def need(node: str) -> int:
    return int(node[1:]) % 3 + 1


class Game:
    """`on`: flow -> tokens; `inside`: nodes that have consumed and not yet produced; `used`: by complex gateways."""

    def __init__(self, flows: Graph) -> None:
        self.flows = flows
        self.on: dict[int, int] = {}
        self.inside = ["s"]
        self.used: dict[str, set[int]] = {}

    def into(self, node: str) -> list[int]:
        return [i for i, (_, b) in enumerate(self.flows) if b == node]

    def out(self, node: str) -> list[int]:
        return [i for i, (a, _) in enumerate(self.flows) if a == node]

    def onward(self, first: list[int], gate: str) -> set[int]:
        seen, todo = set(first), list(first)
        while todo:
            node = self.flows[todo.pop()][1]
            fresh = [i for i in self.out(node) if i not in seen] if node != gate else []
            seen |= set(fresh)
            todo += fresh
        return seen

    def quiet(self, node: str, full: set[int]) -> bool:
        """No token elsewhere can still reach an empty flow into the node."""
        into = self.into(node)
        empty = set(into) - full
        starts = [[i] for i, n in self.on.items() if n and i not in into] + [
            self.out(w.strip("-")) for w in self.inside
        ]
        return not any(self.onward(first, node) & empty for first in starts)

    def takes(self, node: str) -> list[int] | None:
        """Flows to take one token each from, [] or None when the node may not be entered."""
        into = self.into(node)
        full = [i for i in into if self.on.get(i)]
        if node[0] == "A":
            return into if len(full) == len(into) else None
        if node[0] == "C" and len(into) > 1:
            if node in self.used:
                ready = self.quiet(node, set(full) | self.used[node])
                return [i for i in full if i not in self.used[node]] if ready else None
            return full if full and sum(self.on[i] for i in full) >= need(node) else None
        if node[0] == "O" and len(into) > 1:
            return full if full and self.quiet(node, set(full)) else None
        return full[:1] or None

    def settle(self) -> None:
        while True:
            waiting = {b for i, (_, b) in enumerate(self.flows) if self.on.get(i)} | set(self.used)
            for node in sorted(waiting, key=lambda n: (n[0] in "OC", n)):
                taken = self.takes(node)
                if taken is not None:
                    self.enter(node, taken)
                    break
            else:
                return

    def enter(self, node: str, taken: list[int]) -> None:
        for i in taken:
            self.on[i] -= 1
        if node[0] == "C" and len(self.into(node)) > 1:
            if node in self.used:
                del self.used[node]
                node = "-" + node  # reset: its token produces nothing
            else:
                self.used[node] = set(taken)
        self.inside.append(node)

    def leave(self, node: str, chosen: list[int]) -> None:
        self.inside.remove(node)
        for i in chosen:
            self.on[i] = self.on.get(i, 0) + (MANY if node[0] == "k" else 1)
        self.settle()


def choice(seed: int, node: str, visit: int, out: list[int]) -> list[int]:
    """The same decision for both sides: by node and how often it was left."""
    r = random.Random(f"{seed}/{node}/{visit}")
    if node[0] == "X":
        return [r.choice(out)]
    if node[0] == "O" and len(out) > 1:
        return [i for i in out if r.random() < 0.5] or [out[-1]]
    return [] if node[0] == "-" else out


class Choosing(World):
    """Conditions are `pick = FLOW`: asked of the same decision function."""

    def __init__(self, seed: int, game: Game) -> None:
        super().__init__()
        self.seed, self.game, self.visits = seed, game, dict[str, int]()

    def test(self, expression: str, variables: Mapping[str, Any]) -> bool:
        picked = re.fullmatch(r"pick = (\d+)", expression)
        if picked is None:
            return super().test(expression, variables)
        flow = int(picked[1])
        node = self.game.flows[flow][0]
        return flow in choice(self.seed, node, self.visits.get(node, 0) + 1, self.game.out(node))


def content(flows: Graph) -> bytes:
    nodes = {node for flow in flows for node in flow}
    complex_ones = [
        element("complexGateway", n, f"<activationCondition>=activationCount >= {need(n)}</activationCondition>")
        for n in sorted(nodes)
        if n[0] == "C"
    ]
    complex_ones += [element("task", n, completionQuantity=str(MANY)) for n in sorted(nodes) if n[0] == "k"]
    outs = {node: sum(a == node for a, _ in flows) for node in nodes}
    arrows = [
        f'<sequenceFlow id="f{i}" sourceRef="{a}" targetRef="{b}">'
        + (f"<conditionExpression>=pick = {i}</conditionExpression>" if a[0] in "XO" and outs[a] > 1 else "")
        + "</sequenceFlow>"
        for i, (a, b) in enumerate(flows)
    ]
    return diagram(";".join(sorted(nodes)), *complex_ones, *arrows)


def play(seed: int, limit: int = 40) -> tuple[int, str]:
    """One random graph in one random order of steps: (steps, how it ended)."""
    r = random.Random(seed)
    flows = make(r)
    game = Game(flows)
    world = Choosing(seed, game)
    process = bpmn.compile(content(flows), "p")
    star = steps.apply(process, None, Begin(), world)
    for step in range(limit):
        star = codec.load(process, codec.dump(star), world)
        ready = {
            t.id: "-" * bool(t.own.get("reset")) + t.task_spec.name for t in star.index.values() if t.state == READY
        }
        assert sorted(ready.values()) == sorted(game.inside), (seed, step, flows)
        arrived = {f: n for a in star.arrivals.values() for f, n in a.items()}
        assert arrived == {f"f{i}": n for i, n in game.on.items() if n}, (seed, step, flows)
        if not ready:
            break
        number = r.choice(sorted(ready))
        node = ready[number]
        star.agenda = [(0, number)]
        steps.proceed(star)
        world.visits[node] = world.visits.get(node, 0) + 1
        game.leave(node, choice(seed, node, world.visits[node], game.out(node)))
    else:
        return limit, "cut off"
    changes = steps.conclude(star)
    stuck = any(game.on.values())
    assert (changes.status == "completed") is not stuck, (seed, flows)
    assert bool(changes.troubles) is stuck and bpmn.sound(process, changes.state) == []
    assert stuck or not any(t.state == ERROR for t in star.index.values())
    return step, "stuck" if stuck else "completed"


def test_every_state_equals_the_token_game() -> None:
    ended = [play(seed) for seed in range(400)]
    kinds = {how: sum(how == e for _, e in ended) for how in ("completed", "stuck", "cut off")}
    assert min(kinds.values()) > 10, f"the graphs must end in every way, or they test little: {kinds}"


@settings(max_examples=100, deadline=None, derandomize=False, database=None)
@given(st.integers(min_value=10_000, max_value=10**9))
def test_and_graphs_never_seen_before(seed: int) -> None:
    play(seed)
