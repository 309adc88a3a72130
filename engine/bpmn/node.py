"""Node: what every flow node does beyond SpiffWorkflow's spec class; mixed in before each of them.

Owns the hooks that the star calls, the order of a token's stages (open, work, map, choose) and the choice of flows.
A token works once: what fails afterwards is tried again without working again. Must not know a particular element.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin

from engine.bpmn import aside, compensation, scopes
from engine.bpmn.model import Wait
from engine.bpmn.settings import NOTHING, Settings
from engine.bpmn.star import Star
from engine.bpmn.tokens import Token
from engine.errors import NoFlowChosen


class Flow(NamedTuple):
    """A sequence flow out of a node. `condition`: FEEL without '=', '' for none."""

    id: str
    target: str
    condition: str
    default: bool


class Node(BpmnSpecMixin):
    """Hooks with their plain answers."""

    counts = False  # arrivals are counted before a token enters
    patient = False  # as a join it waits for what may still come: decided after the others
    races = False  # its targets race: the first that is caught cancels the rest
    handler = ""  # node that compensates it
    undoes = False  # it compensates another: no flow leads to it
    hidden = False  # invented by the parser: never in the journal
    place = ""  # its name in the graph: a multi-instance child stands where its body does
    inner = ""  # spec of the scope it opens
    is_transaction = False
    served = False  # STARTED means: somebody outside completes it
    event: Any = None  # whose definitions a token of it listens for: its own, or of the start of an event subprocess
    start_quantity = completion_quantity = 1

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.settings: Settings = NOTHING
        self.flows: list[Flow] = []
        self.by_id: dict[str, Flow] = {}
        self.incoming: list[str] = []
        self.boundary: list[str] = []
        self.type = ""

    # ---- stages ----------------------------------------------------------------------------------------------------

    def open(self, star: Star, token: Token) -> None:
        """The token has entered. May raise: then nothing of it stays."""
        star.schedule(token)

    def begun(self) -> dict[str, Any]:
        """What a token carries that is put here without an event: at the start of a scope, or by a move."""
        return {"fired": 1}

    def caught(self, part: int | None) -> dict[str, Any]:
        """What a token carries that is put here because its event has happened (`part`: only that definition)."""
        return {"fired": 1}

    def waits(self, star: Star, token: Token) -> list[Wait]:
        """What the token waits for outside."""
        return []

    def work(self, star: Star, token: Token) -> bool:
        """Do it. False: the token stays until somebody finishes or removes it."""
        return True

    def leave(self, star: Star, token: Token) -> None:
        """Map results and choose flows. May raise: a retry maps and chooses again, and does not work again."""
        scopes.map_outputs(star, token)
        body = star.find(token.own["mi"]) if "mi" in token.own else None
        if body is not None:
            body.task_spec.child_leaves(star, body, token)
            return
        token.own.pop("local", None)
        if "for" not in token.own and "back" not in token.own:
            out = token.own["out"] = self.choose(star, token)
            if len(out) * self.completion_quantity > 1:
                star.room(len(out) * self.completion_quantity)
        host = token.workflow.host
        if host is not None:
            host.task_spec.inner_leaves(star, token)

    def _run_hook(self, my_task: Any) -> bool | None:
        """SpiffWorkflow's `Task.run` comes in here. None: not done yet."""
        star = my_task.workflow.top_workflow
        if not my_task.own.get("ran"):
            if not self.work(star, my_task):
                return None
            my_task.own["ran"] = 1
        if self.lingers(star, my_task):
            return None
        self.leave(star, my_task)
        return True

    def lingers(self, star: Star, token: Token) -> bool:
        """The work is done: whether the token has to wait for others before it leaves."""
        return False

    def _on_complete_hook(self, my_task: Any) -> None:
        """Stock: moves data between tasks."""

    # ---- flows -----------------------------------------------------------------------------------------------------

    def flow(self, flow_id: str) -> Flow:
        return self.by_id[flow_id]

    def choose(self, star: Star, token: Token) -> list[str]:
        """Implicit split: plain flows always, conditional ones when true, the default when no conditional one was."""
        if len(self.flows) == 1 and not self.flows[0].condition and not self.flows[0].default:
            return [self.flows[0].id]  # nearly every node
        plain = [f.id for f in self.flows if not f.condition and not f.default]
        true = [f.id for f in self.flows if f.condition and not f.default and self.holds(star, token, f)]
        return self.some(plain + true if true else plain + self.default())

    def default(self) -> list[str]:
        return [f.id for f in self.flows if f.default]

    def holds(self, star: Star, token: Token, flow: Flow, **more: Any) -> bool:
        return star.world.test(flow.condition, {**scopes.seen(token), **more})

    def some(self, chosen: list[str]) -> list[str]:
        if self.flows and not chosen:
            raise NoFlowChosen(node=self.bpmn_name or self.bpmn_id)
        return chosen

    # ---- arrivals (start quantity; joins override) -----------------------------------------------------------------

    def may_enter(self, star: Star, scope: Any, arrived: dict[str, int]) -> bool:
        return sum(arrived.values()) >= self.start_quantity

    def consume(self, scope: Any, arrived: dict[str, int]) -> dict[str, Any]:
        """Take the arrivals that make one token; what the token carries."""
        for _ in range(self.start_quantity):
            take(arrived, [next(iter(arrived))])
        return {}

    def subscribe(self, star: Star, token: Token) -> None:
        """The token begins to listen. May raise: then it is an incident of its own."""
        raise NotImplementedError(self.name)

    # ---- what others tell it ---------------------------------------------------------------------------------------

    def record(self, star: Star, token: Token) -> None:
        """The token is done: note what compensation needs."""

    def handled(self, star: Star, token: Token) -> None:
        """A compensation handler that works for this token is done."""
        compensation.go_on(star, token)

    def signer_gone(self, star: Star, token: Token) -> None:
        """Somebody who was asked beside this token has answered, or is asked no longer."""
        aside.go_on(star, token)

    def inner_leaves(self, star: Star, token: Token) -> None:
        """A token inside its scope is about to leave. May raise: that token's incident."""

    def inner_done(self, star: Star, scope: Any, token: Token) -> None:
        """A token inside its scope is done."""

    def first(self, names: list[str]) -> tuple[list[str], list[str]]:
        """(starts to open now, those for later) of its scope."""
        return names, []


def take(arrived: dict[str, int], flows: Iterable[str]) -> None:
    """Take one token from each of the flows."""
    for flow in flows:
        arrived[flow] -= 1
        if not arrived[flow]:
            del arrived[flow]
